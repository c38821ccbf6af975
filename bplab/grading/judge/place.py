"""The line in which a student's function goes wrong, for a mistake without a name.

Small edits of its code are tried in the student's kernel, on the visible cases and on others that
everybody could draw; which of the answers are right is seen here. All marks are made by then, and
none of this changes one. Of what a kernel says only the numbers of lines are taken: what stands in
them is read from the notebook that was handed in. What its names hold on the way is compared here
with the derivation, and of those that are right the last before that line is named.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from nbformat import NotebookNode

from bplab.errors import listed
from bplab.exercises import (
    Case,
    Exercise,
    generator,
    right_answers,
    right_before,
    right_entries,
    visible_cases,
)
from bplab.grading.judge.oracle import Evaluation, Question, lines_of
from bplab.grading.judge.wire import MAX_LINE, Budget, Malformed, Reader, is_index
from bplab.learner import STEPS, Kind, Step, Trace
from bplab.learner import Place as At

__all__ = ["SECONDS", "Place", "Wrong", "place_in", "wrong_place"]

SECONDS = 1.0
"""For all that a function is asked, of a processor."""

LOOKED_AT = 40
"""Of the edits that are right in the first case, this many at most are tried on all others."""

MANY = 2
"""If edits in more lines than this would do, nothing is said."""

NUMBERS = 20_000
"""That many a value may have that is looked at."""

LONG = 120
"""Characters of a line that are shown."""

Right = Sequence[tuple[np.ndarray, ...]]


@dataclass(frozen=True, order=True)
class Place:
    """Where a function is wrong: in which function of the notebook, and in which line."""

    function: str
    line: int


@dataclass(frozen=True)
class Wrong:
    """Where a function is wrong, in one of these places, and what is right before, in words."""

    places: Sequence[Place] = ()
    right: str = ""
    right_at: Place | None = None
    right_name: str = ""


def wrong_place(exercise: Exercise[Any], evaluate: Evaluation) -> Wrong:
    """Find where one edit makes every answer right, in one of two places at most; else nothing.

    Parameters
    ----------
    exercise : Exercise
    evaluate : callable
        See `Evaluation`.

    Raises
    ------
    Malformed
        If what comes is no answer. So does whatever ``evaluate`` raises.
    """
    visible = visible_cases(exercise)
    asked = _Asked(exercise, evaluate)
    first = asked.first_wrong(visible)
    if first is None:
        return Wrong()
    others = [case for case in visible if case is not first]
    others += exercise.cases(generator(exercise, "proof"))
    found = asked.right([first], None)
    again = asked.right([first, *others], [number for number, _, _ in found][:LOOKED_AT])
    least = min((cost for _, cost, _ in again), default=0.0)
    places = sorted({place for _, cost, place in again if cost == least})
    if len(places) > MANY:
        return Wrong()
    beside = exercise.cases(generator(exercise, "beside"))
    alike = [case for case in beside if case.name == first.name and not first.special]
    try:
        return asked.right_before(places, [first, *alike[:1]])
    except Malformed:
        return Wrong(places)


class _Asked:
    """A function in a kernel, and what it answers to cases that everybody may see."""

    def __init__(self, exercise: Exercise[Any], evaluate: Evaluation):
        self._exercise, self._evaluate = exercise, evaluate
        self._budget = Budget()

    def _question(self, cases: Sequence[Case], **more: Any) -> Question:
        question = Question(self._exercise.function, 4 * SECONDS, plain=True, more=more)
        for case in cases:
            given = case.arguments(self._exercise.arguments)
            question.add("answer", given, forms=self._exercise.forms(case))
        return question

    def first_wrong(self, cases: Sequence[Case]) -> Case | None:
        """Return the smallest ordinary case with a wrong answer, or else a special one."""
        content, buffers = self._evaluate(self._question(cases))
        reader = Reader(buffers, budget=self._budget)
        outcomes = content.get("outcomes")
        if not isinstance(outcomes, list) or len(outcomes) != len(cases):
            raise Malformed("no outcomes")
        answers = [reader.answer(outcome).arrays for outcome in outcomes]
        wrong = [
            case
            for case, came, right in zip(cases, answers, self._due(cases), strict=True)
            if came is None or not self._is_right(came, right)
        ]
        return min(wrong, key=lambda case: (case.special, _size(case)), default=None)

    def right(
        self, cases: Sequence[Case], which: Sequence[int] | None
    ) -> list[tuple[int, float, Place]]:
        """Return the edits with which every answer is right: number, how large it is, its place."""
        if which == []:
            return []
        due = self._due(cases)
        shapes = [[list(array.shape) for array in right] for right in due]
        tried = {"which": which, "shapes": shapes, "seconds": SECONDS}
        content, buffers = self._evaluate(self._question(cases, tried=tried))
        reader = Reader(buffers, budget=self._budget)
        match content:
            case {"tried": {"places": list(places), "answers": list(described)}}:
                answers = [reader.array(one) for one in described]
            case _:
                raise Malformed("no edits")
        if len(answers) != len(cases) or any(len(rows) != len(places) for rows in answers):
            raise Malformed("edits without answers")
        good = np.ones(len(places), bool)
        for rows, right in zip(answers, due, strict=True):
            good &= self._rows_right(rows, right)
        numbers = range(len(places)) if which is None else which
        found = []
        for number, n in zip(numbers, range(len(places)), strict=False):
            if good[n] and (read := _place(places[n])) is not None:
                found.append((number, *read))
        return found

    def right_before(self, places: Sequence[Place], cases: Sequence[Case]) -> Wrong:
        """Say what is right before these places; the kernel may answer what it likes."""
        if len({place.function for place in places}) != 1:
            return Wrong(places)
        question = self._question(cases, stepped={"seconds": SECONDS / 2})
        content, buffers = self._evaluate(question)
        reader = Reader(buffers, budget=self._budget)
        match content:
            case {"stepped": list(found)} if len(found) == len(cases):
                traces = [[_step(one, reader) for one in _few(steps)] for steps in found]
            case _:
                raise Malformed("no steps")
        function, line = min(places).function, min(places).line
        whole = [Trace(None, steps, True) for steps in traces]
        right = right_before(self._exercise, cases, whole, function, line)
        if right is not None:
            says, at = right
            return Wrong(places, says, Place(function, at.line), at.name)
        return Wrong(places)

    def _due(self, cases: Sequence[Case]) -> Right:
        return right_answers(self._exercise, cases)

    def _is_right(self, came: Sequence[np.ndarray], right: tuple[np.ndarray, ...]) -> bool:
        return [a.shape for a in came] == [b.shape for b in right] and all(
            right_entries(a, b, self._exercise.rtol).all() for a, b in zip(came, right, strict=True)
        )

    def _rows_right(self, rows: np.ndarray, right: tuple[np.ndarray, ...]) -> np.ndarray:
        """Whether, for each edit, all that it answers is right."""
        if rows.ndim != 2 or rows.shape[1] != sum(array.size for array in right):
            raise Malformed("answers of another size")
        good = np.isfinite(rows).all(axis=1)
        for n in np.flatnonzero(good):
            at, came = 0, []
            for array in right:
                came.append(rows[n, at : at + array.size].reshape(array.shape))
                at += array.size
            good[n] = self._is_right(came, right)
        return good


def _size(case: Case) -> int:
    return math.prod(case.sizes.values())


def _place(described: Any) -> tuple[float, Place] | None:
    """Return how large an edit is, and its place; None of one in several lines."""
    match described:
        case [float(cost), str(function), [int(line)]] if (
            function.isidentifier() and len(function) <= LONG and is_index(line, MAX_LINE + 1)
        ):
            return cost, Place(function, line)
        case [float(), str(), list()]:
            return None
    raise Malformed("no place")


def _few(steps: Any) -> list[Any]:
    if not isinstance(steps, list) or len(steps) > STEPS:
        raise Malformed("no steps, or too many")
    return steps


def _step(described: Any, reader: Reader) -> Step:
    match described:
        case [str(function), str(name), int(line), int(last), int(end), bool(filled), value] if (
            max(len(function), len(name)) <= LONG
            and function.isidentifier()
            and name.isidentifier()
            and is_index(line, MAX_LINE + 1)
            and is_index(last, MAX_LINE + 1)
        ):
            kind = Kind.FILLED if filled else Kind.ASSIGNED
            at = At(function, kind, line, 0, last, max(end, 0), "", name)
            array = reader.array(value)
            if array.size > NUMBERS:
                raise Malformed("too many numbers")
            return Step(at, array.astype(float))
    raise Malformed("no step")


# --- the words ----------------------------------------------------------------------------


def place_in(notebook: NotebookNode, of: str, wrong: Wrong) -> str:
    """Say where it is, with the line as the notebook has it; nothing if it is not there.

    Parameters
    ----------
    notebook : NotebookNode
    of : str
        The function that is judged.
    wrong : Wrong
    """
    places = wrong.places
    if not places or len({place.function for place in places}) > 1:
        return ""
    function = places[0].function
    texts = [_text(notebook, place) for place in places]
    if not all(texts):
        return ""
    helper = "" if function == of else f" of {function}"
    lines = listed([str(place.line) for place in places], "or")
    shown = f": {texts[0]}" if len(texts) == 1 else "."
    says = f"With one small change in line {lines}{helper} every answer is right{shown}"
    at = wrong.right_at
    if at is not None and wrong.right_name in _text(notebook, at):
        return f"{wrong.right} {says}"
    return says


def _text(notebook: NotebookNode, place: Place) -> str:
    """Return a line of the last cell that defines a function, if it is one of its lines."""
    for cell in reversed(notebook.cells):
        if cell.cell_type == "code" and place.line in lines_of(place.function, cell.source):
            text = cell.source.split("\n")[place.line - 1].strip()
            return text if len(text) <= LONG else f"{text[:LONG]} …"
    return ""
