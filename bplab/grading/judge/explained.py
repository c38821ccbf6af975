"""Make the questions on a student's own code again, from the submission, and mark the answers.

In the student's kernel the function's text is taken apart, and variants of it are run; the kernel
sends texts of limited length, and values. From these the questions and the right answers are worked
out here. All this is done before a hidden case has been sent to any function, so there is nothing
that a text could give away.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from nbformat import NotebookNode

from bplab.exercises import (
    EXERCISES,
    EXPLAIN,
    LETTERS,
    UNANSWERED,
    Answers,
    Code,
    Edit,
    Exercise,
    Seen,
    Sheet,
    Span,
    points_for,
    read_answers,
    sheet_of,
)
from bplab.grading.judge.oracle import Evaluation, Question, Unusable
from bplab.grading.judge.wire import MAX_LINE, Malformed, Reader, is_index
from bplab.grading.records import Record
from bplab.learner import Answer

__all__ = ["SECONDS", "Marked", "answers_in", "marked", "marked_on", "no_questions", "record_of"]

SECONDS = 20.0
"""Processor seconds for all questions on a function."""

LINES, LONG, EDITS, VALUES = 500, 4_000, 5_000, 20_000
"""Limits for one function: its lines, characters of a text, changes of its code, and values."""


@dataclass(frozen=True)
class Marked:
    """The result of the answers to the questions on one function.

    Attributes
    ----------
    sheet : Sheet
        The questions that are made from the submission.
    right : tuple of bool
        Which answers are right.
    chosen : tuple of str
        The letters that were given.
    """

    sheet: Sheet
    right: tuple[bool, ...]
    chosen: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Yield each question, and what is said to its answer, in the words of `explain`."""
        chosen = [*self.chosen, *[UNANSWERED] * len(self.right)]
        yield f'Lines are counted as in explain("{self.sheet.exercise}", counts=True).'
        for i, (item, letter, right) in enumerate(
            zip(self.sheet.items, chosen, self.right, strict=False), 1
        ):
            yield f"Question {i}: {item.question}"
            answer = f"“{item.answer.text}”: {item.answer.because}"
            if right:
                yield f"✓ {letter} is right: {answer}"
                continue
            place = LETTERS.find(letter) if len(letter) == 1 else -1
            if 0 <= place < len(item.choices):
                yield f"✗ {letter} is not so: {item.choices[place].because}"
            else:
                yield "✗ There is no answer."
            yield f"Right is {LETTERS[item.right]}, {answer}"


def answers_in(notebook: NotebookNode) -> dict[str, Answers]:
    """Return the answers in a notebook, by the exercise's id; questions left open have none."""
    found = read_answers(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return {id: one for id, one in found.items() if one.given}


def marked(exercise: Exercise[Any], evaluate: Evaluation, answers: Answers) -> Marked:
    """Make the questions on a function in a kernel, and mark the answers to them.

    Parameters
    ----------
    exercise : Exercise
    evaluate : callable
        See `Evaluation`.
    answers : Answers
        The answers in the notebook.

    Raises
    ------
    Unusable
        If there are no such questions, or the answers belong to others.
    Malformed
        If a reply cannot be read. Whatever ``evaluate`` raises is passed on.
    """
    return marked_on(_CodeThere(exercise, evaluate), answers)


def marked_on(code: Code, answers: Answers) -> Marked:
    """Do the same with the code of a function.

    Raises
    ------
    Unusable
        As `marked` does.
    """
    exercise, sheet = code.exercise, sheet_of(code)
    if not sheet.items:
        raise no_questions(exercise)
    if not sheet.is_of_this_code(answers):
        raise Unusable(
            "other-code",
            f"These answers belong to other code than your {exercise.function} has now.",
            f'After a change run explain("{exercise.id}", counts=True) again, and answer the '
            "questions that it asks then.",
        )
    if answers.code != sheet.code:
        raise Unusable(
            "other-questions",
            "These answers belong to other questions than those made from your function here.",
            "Your code is the same; the line is not complete, or bplab here is another version. "
            "Ask your instructor to look at it.",
        )
    return Marked(sheet, tuple(sheet.marked(answers)), answers.letters)


def record_of(
    id: str,
    most: float,
    came: Marked | Unusable | None,
    *,
    right: bool,
    partial_credit: bool = True,
) -> Record:
    """Return the record of the questions on a function: they earn nothing unless it is right.

    Parameters
    ----------
    id : str
        The exercise's id.
    most : float
        Points that the questions can earn.
    came : Marked, Unusable or None
        The result of the answers; None if there are no answers.
    right : bool
        Whether the function is right.
    partial_credit : bool
        Whether some right answers earn some of the points.
    """
    record = Record(f"{EXPLAIN}{id}", 0.0, most, seconds=0.0)
    function = EXERCISES[id].function
    if came is None:
        says = f"There are no answers to the questions on your {function}."
        hint = (
            f'explain("{id}", counts=True) asks them, and gives the line for the answers: it '
            "begins a line of its own in a cell of the notebook."
        )
        return replace(record, mistake="not-written", says=says, hint=hint)
    if not right:
        says = f"The answers do not count, as {function} itself is not right."
        return replace(record, mistake="not-passed", says=says)
    if isinstance(came, Unusable):
        return replace(record, mistake=came.name, says=str(came), hint=came.hint)
    good, count = sum(came.right), len(came.right)
    share = good / count if partial_credit else float(good == count)
    record = replace(record, points=points_for(share, most), answers=tuple(came.lines()))
    if good == count:
        return record
    return replace(record, mistake="wrong-answers", says=f"{good} of {count} answers are right.")


def no_questions(exercise: Exercise[Any]) -> Unusable:
    """Return the error that nothing can be asked about a function."""
    return Unusable(
        "no-questions",
        f"Your {exercise.function} has nothing in it that could be asked about.",
        "Show it to your instructor, who gives these points by hand.",
    )


class _CodeThere(Code):
    """A function's code in a student's kernel."""

    def __init__(
        self,
        exercise: Exercise[Any],
        evaluate: Evaluation,
        edit: tuple[Span, str] | None = None,
        text: "_Text | None" = None,
    ):
        for name, value in (("exercise", exercise), ("_evaluate", evaluate), ("_edit", edit)):
            object.__setattr__(self, name, value)
        if text is None:
            told, _ = self._ask("text")
            if told.get("stays") is True:
                raise no_questions(exercise)
            text = _Text.read(told)
        object.__setattr__(self, "_text", text)
        object.__setattr__(self, "name", text.name)

    _evaluate: Evaluation
    _edit: tuple[Span, str] | None
    _text: "_Text"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def lines(self) -> tuple[str, ...]:
        """See `Code`."""
        return self._text.lines

    @property
    def first(self) -> int:
        """See `Code`."""
        return self._text.first

    @property
    def digest(self) -> str:
        """See `Code`."""
        return self._text.digest

    @property
    def plain(self) -> Code:
        """See `Code`; this one is plain already."""
        return self

    @property
    def only_computes(self) -> bool:
        """See `Code`."""
        return self._text.computes

    @property
    def edits(self) -> list[Edit]:
        """See `Code`."""
        return self._text.edits

    @property
    def swaps(self) -> list[Edit]:
        """See `Code`."""
        return self._text.swaps

    def with_(self, span: Span, text: str) -> Code:
        """See `Code`."""
        return _CodeThere(self.exercise, self._evaluate, (span, text), self._text)

    def answer(self, given: Mapping[str, Any]) -> Answer | None:
        """See `Code`."""
        told, reader = self._ask("answer", given)
        return self._answer(told, reader)

    def watched(self, given: Mapping[str, Any]) -> tuple[Answer | None, list[Seen]]:
        """See `Code`."""
        told, reader = self._ask("watched", given)
        values = reader.value(told.get("values"))
        if not isinstance(values, np.ndarray) or values.dtype != float or values.ndim != 1:
            raise Malformed("no values")
        return self._answer(told, reader), _seen(told.get("seen"), values)

    def _answer(self, told: Mapping[str, Any], reader: Reader) -> Answer | None:
        if told.get("answer") is None:
            return None
        answer = reader.answer(told["answer"])
        layered = [part.layered for part in self.exercise.parts]
        if answer.raised is None and len(answer.parts) == len(layered):
            for part, many in zip(answer.parts, layered, strict=True):
                if len(part) != 1 and not many:
                    raise Malformed("none or many in place of an array")
        return answer

    def _ask(
        self, what: str, given: Mapping[str, Any] | None = None
    ) -> tuple[Mapping[str, Any], Reader]:
        edit = [*self._edit[0], self._edit[1]] if self._edit else None
        about = {
            "what": what,
            "arguments": list(self.exercise.arguments),
            "forms": [list(part.form) for part in self.exercise.parts],
            "edit": edit,
        }
        name = self.exercise.function
        question = Question(name, SECONDS, plain=True, more={"explain": about})
        if given is not None:
            question.add("explain", {name: given[name] for name in self.exercise.arguments})
        content, buffers = self._evaluate(question)
        match content:
            case {"explained": dict(told)}:
                return told, Reader(buffers)
        raise Malformed("no answer about a text")


# --- what comes from a kernel ---------------------------------------------------------------


@dataclass(frozen=True)
class _Text:
    """What a kernel says of a function's text."""

    name: str
    lines: tuple[str, ...]
    first: int
    digest: str
    computes: bool
    edits: list[Edit]
    swaps: list[Edit]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "_Text":
        match told:
            case {
                "name": str(name),
                "lines": list(lines),
                "first": int(first),
                "digest": str(digest),
                "computes": bool(computes),
                "edits": list(edits),
                "swaps": list(swaps),
            } if len(lines) <= LINES and max(len(edits), len(swaps)) <= EDITS:
                return cls(
                    _line(name),
                    tuple(map(_line, lines)),
                    first,
                    _line(digest),
                    computes,
                    [_edit(one, len(lines)) for one in edits],
                    [_edit(one, len(lines)) for one in swaps],
                )
        raise Malformed("no description of a text")


def _edit(described: Any, lines: int) -> Edit:
    match described:
        case [str(name), str(says), int(line), [int(), int(), int(), int()] as span, str(by)] if (
            is_index(line, lines + 1) and len(by) <= LONG
        ):
            return Edit(_line(name), _line(says), line, Span(*span), by)
    raise Malformed("no description of a change")


def _seen(described: Any, values: np.ndarray) -> list[Seen]:
    if not isinstance(described, list) or len(described) > VALUES:
        raise Malformed("no description of values")
    found, begin = [], 0
    for one in described:
        match one:
            case [str(what), int(line), list(shape), list(rounds)] if (
                is_index(line, MAX_LINE) and len(rounds) <= 20 and len(shape) <= 20
            ):
                sides = [_whole(side) for side in shape]
                end = begin + math.prod(sides)
                if end > len(values):
                    raise Malformed("fewer values than shapes")
                turns = tuple((_line(name), _number(number)) for name, number in rounds)
                value = values[begin:end].reshape(sides)
                found.append(Seen(_line(what), line, value, turns))
                begin = end
            case _:
                raise Malformed("no description of a value")
    return found


def _whole(side: object) -> int:
    if not is_index(side, 10**6):  # type: ignore[arg-type]
        raise Malformed("an array without a shape")
    return side  # type: ignore[return-value]


def _number(number: object) -> int:
    if type(number) is not int or abs(number) > 10**9:
        raise Malformed("another thing than a round")
    return number


def _line(text: object) -> str:
    """A student's text of limited length, without anything that would move a cursor."""
    if not isinstance(text, str) or len(text) > LONG:
        raise Malformed("no text of a line")
    return "".join(c if c.isprintable() else " " for c in text)
