"""Find the line in which a student's function goes wrong, for a mistake without a name.

Small edits of the function are tried in the student's kernel, on the visible cases and on others
that anybody could draw. If none makes the answers right, right values of the derivation are put in;
if that does not help, two edits are made together. `bplab.exercises.first_wrong.proof` works in the
same way, but looks at each answer before it chooses what to try next. Here thousands of edits are
asked for at once, and their answers are compared when they are back.

All marks have been given by then, and nothing here changes one. Of what a kernel says about places,
only line numbers are used: the text of a line is read from the notebook that was handed in. The
function's intermediate values are compared with the derivation here. If some are right, the last of
them before the wrong line is named.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from nbformat import NotebookNode

from bplab.exercises import (
    Case,
    Exercise,
    FirstWrong,
    Suspicion,
    distinct_values,
    fresh_cases,
    generator,
    is_all_that_is_wrong,
    place_words,
    right_answers,
    right_entries,
    right_so_far,
    right_values,
    suspect_elsewhere,
    visible_cases,
)
from bplab.grading.judge.oracle import Evaluation, Question, lines_of
from bplab.grading.judge.wire import MAX_LINE, Budget, Malformed, Reader, is_index
from bplab.learner import MADE_OF, STEPS, Answer, Behind, Kind, Step, Trace, when_run
from bplab.learner import Place as At

__all__ = ["SECONDS", "Patience", "place_in", "wrong_place"]

CLOCK = 4.0
"""How many seconds by the clock a kernel needs, at most, to spend one processor second."""

SECONDS = 1.0
"""Processor seconds for everything that a function is asked at once."""

LOOKED_AT = 40
"""How many of the edits that are right in the first case are tried on all others, at most."""

MANY = 2
"""If edits in more lines than this make the function right, nothing is said."""

PROMISING, IN_PAIRS = 8, 2.0
"""How many of the edits that make the most right are combined with others, and how much those
others may cost."""

AT_ONCE, STATEMENTS = 5_000, 200
"""How many edits, or pairs of them, are asked for at once, and how many statements a function may
have."""

NUMBERS = 20_000
"""How many numbers a value may have if it is to be looked at."""

AXES = 8
"""How many indices an entry may have."""

LONG = 120
"""How many characters of a line are shown."""

Right = Sequence[tuple[np.ndarray, ...]]


@dataclass
class Patience:
    """The processor seconds that are left."""

    seconds: float


def wrong_place(
    exercise: Exercise[Any], evaluate: Evaluation, patience: Patience
) -> FirstWrong | None:
    """Find one edit that makes every answer right, in one or two possible lines; else two edits.

    Parameters
    ----------
    exercise : Exercise
    evaluate : callable
        See `Evaluation`.
    patience : Patience
        The seconds that are left; those that are used are taken off.

    Returns
    -------
    FirstWrong or None
        It does not hold the text of the line, which is not known here.

    Raises
    ------
    Malformed
        If a reply is not an answer. Whatever ``evaluate`` raises is passed on.
    """
    asked = _Asked(exercise, evaluate, patience)
    first = asked.first_wrong(visible_cases(exercise))
    return None if first is None else _Search(exercise, asked, first).found()


@dataclass(frozen=True)
class _Edits:
    """Edits made together: which they are, how large, in which lines, and with what result.

    ``share`` is the part of an answer that is right, in the worst of the cases; −1 if an answer has
    no finite number. ``wrong`` are the arrays that are not right in the first case.
    """

    made: tuple[Any, ...]
    cost: float
    function: str
    lines: tuple[int, ...]
    kind: str
    share: float
    wrong: frozenset[int]

    @property
    def has_values(self) -> bool:
        return any(isinstance(one, tuple) for one in self.made)


class _Search:
    """The edits of a function in a kernel that make all its answers right."""

    def __init__(self, exercise: Exercise[Any], asked: "_Asked", first: Case):
        self._exercise, self._asked, self._first = exercise, asked, first
        others = [case for case in visible_cases(exercise) if case is not first]
        self._all = [first, *others, *fresh_cases(exercise)]
        self._edits = asked.tried([first], None)
        self._seen = asked.seen(first)
        self._better: list[_Edits] = []

    def found(self) -> FirstWrong | None:
        """Choose among the smallest edits that suffice; among pairs if no single one does."""
        found = self._alone() or self._by_value() or self._two()
        deciding = self._seen.deciding(one.kind for one in found)
        found = [one for one in found if one.lines[0] in deciding] or found
        rows = sorted({(one.function, one.lines) for one in found})
        if not 0 < len(rows) <= MANY or rows[0][0] != rows[-1][0]:
            return None
        (function, lines), of = rows[0], found[0]
        first, *_ = sorted(lines, key=lambda line: when_run(line, self._seen.order))
        return FirstWrong(
            *(first, 0, 0, "", function),
            is_helper=function != self._exercise.function,
            proven=True,
            by_value=of.has_values,
            edit=of.kind,
            edits=len(of.made),
            lines=lines,
            others=tuple(line for _, (line, *_) in rows[1:]),
            reached=self._seen.reached,
        )

    def _alone(self) -> list[_Edits]:
        """Return the smallest edits that suffice; avoid those that change what is right already."""
        found = self._confirmed(self._edits)
        right = [one for one in found if not self._is_of_what_is_right(one)] or found
        return [one for one in right if one.cost == right[0].cost]

    def _is_of_what_is_right(self, one: _Edits) -> bool:
        return self._seen.is_of_what_is_right(one.kind, one.lines[0])

    def _by_value(self) -> list[_Edits]:
        """Put right values in after statements; return the first place where that suffices."""
        values = distinct_values(right_values(self._exercise, self._first))
        names, behind = list(values), self._asked.behind
        self._asked.names = names
        at = [n for n, one in enumerate(behind) if self._may_be_first(one)]
        put_in = [[(n, v)] for n in at for v in range(len(names))][:AT_ONCE]
        all_of_it = self._asked.tried([self._first], [[], *put_in], self._seen.origins)
        if not all_of_it:
            return []
        before, *came = all_of_it
        more = (one for one in (*self._edits, *came) if one.wrong)
        self._better = [one for one in more if one.share > before.share]
        (right,) = right_answers(self._exercise, [self._first])
        found: list[tuple[list[int], _Edits]] = []
        for one in self._confirmed(came):
            ((n, v),) = one.made
            filled = behind[n].answers and not behind[n].only_made
            if not (filled and is_all_that_is_wrong(values[names[v]], right, before.wrong)):
                found.append((self._seen.when(behind[n].first, behind[n].last), one))
        return [min(found, key=lambda row: row[0])[1]] if found else []

    def _may_be_first(self, of: Behind) -> bool:
        """Whether a statement is run, and does not use anything that is wrong already."""
        is_run = bool(self._seen.when(of.first, of.last))
        return is_run and not self._seen.is_wrong_before(of.first, of.last)

    def _two(self) -> list[_Edits]:
        """Return two edits that suffice: try those first that make more right by themselves."""
        small = [one for one in self._edits if one.cost <= IN_PAIRS]
        better = sorted(self._better, key=lambda one: (-one.share, one.cost))[:PROMISING]
        rows = [
            [(a, b) for a in better for b in small if a is not b],
            [(a, b) for n, b in enumerate(small) for a in small[:n] if a.lines != b.lines],
        ]
        for row in rows:
            which = [[*a.made, *b.made] for a, b in row[:AT_ONCE]]
            came = self._asked.tried([self._first], which, self._seen.origins)
            if found := self._confirmed(came)[:1]:
                return found
        return []

    def _confirmed(self, edits: Sequence[_Edits]) -> list[_Edits]:
        """Return the edits that are right in all cases, the smallest and most suspected first."""
        first = self._seen.lines[:1]
        right = [one for one in edits if not one.wrong]
        right.sort(key=lambda one: (one.cost, one.lines[:1] != first))
        which = [list(one.made) for one in right[:LOOKED_AT]]
        again = self._asked.tried(self._all, which, self._seen.origins) if which else []
        return [one for one in again if one.share == 1 and one.lines]


class _Asked:
    """A function in a kernel, and its answers to cases that everybody may see."""

    def __init__(self, exercise: Exercise[Any], evaluate: Evaluation, patience: Patience):
        self._exercise, self._evaluate, self._patience = exercise, evaluate, patience
        self._budget = Budget()
        self.behind: Sequence[Behind] = ()
        self.names: Sequence[str] = ()

    def _ask(
        self, cases: Sequence[Case], what: str = "", values: Any = (), **more: Any
    ) -> tuple[Mapping[str, Any], Reader]:
        """Ask for answers to cases, or for ``what``; take at most half of the time that is left."""
        seconds = min(SECONDS, max(0.0, self._patience.seconds) / 2)
        if what:
            more = {what: {**more, "seconds": seconds}}
        question = Question(self._exercise.function, seconds, plain=True, more=more)
        for case in cases:
            given = case.arguments(self._exercise.arguments)
            question.add("answer", given, forms=self._exercise.forms(case))
        if values:
            more[what]["values"] = [[question.plain_value(v) for v in row] for row in values]
        spent, start = seconds, time.monotonic()
        try:
            content, buffers = self._evaluate(question)
            spent = _seconds(content.get("spent"), (time.monotonic() - start) / CLOCK)
        finally:
            self._patience.seconds -= min(seconds, spent)
        return content, Reader(buffers, budget=self._budget)

    def first_wrong(self, cases: Sequence[Case]) -> Case | None:
        """Return the smallest ordinary case with a wrong answer, or else a special one."""
        content, reader = self._ask(cases)
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

    def tried(
        self, cases: Sequence[Case], which: Sequence[Any] | None, origins: Sequence[int] = ()
    ) -> list[_Edits]:
        """Return the results of edits, given by their numbers; those that are late are missing."""
        due = self._due(cases)
        shapes = [[list(array.shape) for array in right] for right in due]
        put_in = self._values(cases) if self.names else ()
        content, reader = self._ask(
            cases, "tried", put_in, which=which, shapes=shapes, origins=list(origins)
        )
        match content:
            case {"tried": {"places": list(places), "behind": list(behind), "answers": list(told)}}:
                answers = [reader.array(one) for one in told]
            case _:
                raise Malformed("no edits")
        if len(answers) != len(cases) or any(len(rows) != len(places) for rows in answers):
            raise Malformed("edits without answers")
        if len(places) > AT_ONCE or len(behind) > STATEMENTS:
            raise Malformed("too many edits")
        self.behind = [_behind(one) for one in behind]
        wrong = [self._wrong(rows, right) for rows, right in zip(answers, due, strict=True)]
        numbers = [[n] for n in range(len(places))] if which is None else which
        found = []
        for n, (made, place) in enumerate(zip(numbers, places, strict=False)):
            shares = [share for share, _ in (rows[n] for rows in wrong)]
            made = tuple(tuple(one) if isinstance(one, tuple) else one for one in made)
            found.append(_Edits(made, *_place(place), min(shares), wrong[0][n][1]))
        return found

    def _values(self, cases: Sequence[Case]) -> list[list[np.ndarray]]:
        """The values that may be put in, for each case; an empty array where there is none."""
        found = []
        for case in cases:
            named = right_values(self._exercise, case)
            found.append([named.get(name, np.empty(0)) for name in self.names])
        return found

    def _wrong(
        self, rows: np.ndarray, right: tuple[np.ndarray, ...]
    ) -> list[tuple[float, frozenset[int]]]:
        """For each edit, which part of its answer is right, and which of the arrays are wrong."""
        if rows.ndim != 2 or rows.shape[1] != sum(array.size for array in right):
            raise Malformed("answers of another size")
        found = []
        for row in rows:
            at, shares = 0, []
            for array in right:
                came = row[at : at + array.size].reshape(array.shape)
                good = right_entries(came, array, self._exercise.rtol)
                shares.append(float(good.mean()) if array.size else 1.0)
                at += array.size
            wrong = frozenset(n for n, share in enumerate(shares) if share < 1)
            found.append((sum(shares) / len(shares) if np.isfinite(row).any() else -1.0, wrong))
        return found

    def seen(self, first: Case) -> Suspicion:
        """Compare intermediate values with the derivation; malformed ones raise no suspicion."""
        beside = self._exercise.cases(generator(self._exercise, "beside"))
        alike = [case for case in beside if case.name == first.name and not first.special]
        cases = [first, *alike[:1]]
        content, reader = self._ask(cases, "stepped")
        try:
            match content:
                case {"stepped": list(found)} if len(found) == len(cases):
                    traces = [_trace(steps, reader, self._exercise.function) for steps in found]
                case _:
                    raise Malformed("no steps")
        except Malformed:
            return Suspicion()
        return suspect_elsewhere(self._exercise, cases, traces)

    def _due(self, cases: Sequence[Case]) -> Right:
        return right_answers(self._exercise, cases)

    def _is_right(self, came: Sequence[np.ndarray], right: tuple[np.ndarray, ...]) -> bool:
        return [a.shape for a in came] == [b.shape for b in right] and all(
            right_entries(a, b, self._exercise.rtol).all() for a, b in zip(came, right, strict=True)
        )


def _seconds(told: Any, least: float) -> float:
    """The processor seconds that a kernel says it has spent, but no fewer than ``least``."""
    return max(told, least) if isinstance(told, float) else math.inf


def _size(case: Case) -> int:
    return math.prod(case.sizes.values())


def _place(described: Any) -> tuple[float, str, tuple[int, ...], str]:
    """Return how large edits are, their function and lines, and what the first one changes."""
    match described:
        case [float(cost), "", [], ""]:
            return cost, "", (), ""
        case [float(cost), str(function), list(lines), str(kind)] if (
            function.isidentifier()
            and max(len(function), len(kind)) <= LONG
            and len(lines) <= 2
            and all(is_index(line, MAX_LINE + 1) for line in lines)
        ):
            return cost, function, tuple(lines), kind
    raise Malformed("no place")


def _behind(described: Any) -> Behind:
    match described:
        case [int(first), int(last), bool(answers), bool(only_made)]:
            return Behind(first, last, answers, only_made)
    raise Malformed("no statement")


def _trace(steps: Any, reader: Reader, function: str) -> Trace:
    if not isinstance(steps, list) or len(steps) > STEPS:
        raise Malformed("no steps, or too many")
    made = [_step(one, reader, n) for n, one in enumerate(steps)]
    if sum(len(one.inputs) for one in made) > MADE_OF:
        raise Malformed("steps of too many others")
    ends = any(one.place.kind is Kind.RETURNED and one.place.function == function for one in made)
    return Trace(Answer(()) if ends else None, made, True)


def _step(described: Any, reader: Reader, before: int) -> Step:
    match described:
        case [
            str(function),
            str(kind),
            str(name),
            int(line),
            int(begin),
            int(last),
            int(end),
            str(text),
            bool(has_names),
            bool(has_parts),
            list(inputs),
            list(index),
            value,
        ] if (
            max(len(function), len(name), len(text)) <= LONG
            and kind in _KINDS
            and function.isidentifier()
            and (not name or name.isidentifier())
            and is_index(line, MAX_LINE + 1)
            and is_index(last, MAX_LINE + 1)
            and all(is_index(one, before) for one in inputs)
            and len(index) <= AXES
            and all(type(one) is int and abs(one) <= NUMBERS for one in index)
        ):
            names, parts = (name or "a",) * has_names, (0,) * has_parts
            of = Kind(kind)
            at = At(function, of, line, max(begin, 0), last, max(end, 0), text, name, names, parts)
            array = None if value is None else reader.array(value)
            if array is not None and (array.size > NUMBERS or array.dtype.kind not in "fiu"):
                raise Malformed("too many numbers")
            array = None if array is None else array.astype(float)
            return Step(at, array, (), tuple(inputs), tuple(index))
    raise Malformed("no step")


_KINDS = frozenset(map(str, Kind))


# --- the words ----------------------------------------------------------------------------


def place_in(notebook: NotebookNode, found: FirstWrong | None) -> str:
    """Say in which line the mistake is, with its text; nothing if it is not in the notebook.

    Parameters
    ----------
    notebook : NotebookNode
    found : FirstWrong or None
    """
    if found is None:
        return ""
    lines = {found.line, *found.lines, *found.others}
    texts = [_text(notebook, found.function, line) for line in lines]
    if not all(texts):
        return ""
    says = place_words(found).removesuffix(":")
    says += f": {texts[0]}" if len(texts) == 1 else "."
    for right, at in right_so_far(found):
        if at.place.name in _text(notebook, found.function, at.place.line):
            return f"{right} {says}"
    return says


def _text(notebook: NotebookNode, function: str, line: int) -> str:
    """Return a line's text, from the last cell in which it is one of the function's lines."""
    for cell in reversed(notebook.cells):
        if cell.cell_type == "code" and line in lines_of(function, cell.source):
            text = cell.source.split("\n")[line - 1].strip()
            return text if len(text) <= LONG else f"{text[:LONG]} …"
    return ""
