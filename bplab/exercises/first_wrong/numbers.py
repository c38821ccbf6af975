"""What a learner's function has at its first wrong place, in numbers, beside what is due there.

It is run once more on a visible case, and so is the program with the small change that makes all
right: what the line leaves behind is compared, round by round. What is due is found by finite
differences; where that place has no such name, the answer itself is shown.
"""

import ast
import io
import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import numpy as np

from bplab.exercises.first_wrong.differences import Difference, differences
from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.judging import Here, Trial, known_answers
from bplab.exercises.task import Case, Exercise
from bplab.learner import TimeIsUp, contained, is_readable, quiet, time_limit

__all__ = ["Entry", "Numbers", "numbers"]

Array = np.ndarray

Rounds = tuple[tuple[str, int], ...]

ROWS = 12
"""That many entries are shown, from just before the first wrong one."""

SECONDS = 1.0
"""For one run of the function."""

KEPT = 3_000
"""That many values of a line are kept, each of no more numbers than this."""

NEAR = 1e-5
"""So near to a finite difference, relative to the largest entry, is equal to it."""

SAME = 1e-9
"""So near two runs are the same."""

FACTORS = {1.0: "{0}", -1.0: "−{0}", -0.5: "−{0} / 2", 0.5: "{0} / 2"}
"""What a derivative may be multiplied by, and still be known; how that is written."""


class Entry(NamedTuple):
    """One number: where it stands, the learner's, what is due, and whether they differ."""

    at: str
    mine: float
    due: float
    differs: bool


@dataclass(frozen=True)
class Numbers:
    """A table of one visible case: a learner's value beside what is due.

    Attributes
    ----------
    case : str
        Which case it is, in words.
    name : str
        What the learner's value is called.
    due : str
        What it is compared with: ``"∂R/∂T, by finite differences"``.
    what : str
        What that is called: ``"the output delta"``; may be empty.
    rounds : tuple of tuple of (str, int)
        Where in its loops the line is wrong first: each variable and its value.
    when : tuple of tuple of (str, int)
        In which of these rounds the value is looked at, at their end; empty at the end of all.
    shapes : tuple of tuple of int
        The learner's shape and the one that is due.
    entries : tuple of Entry
        None if the shapes differ.
    of : int
        How many entries there are.
    """

    case: str
    name: str
    due: str
    what: str = ""
    rounds: Rounds = ()
    when: Rounds = ()
    shapes: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    entries: tuple[Entry, ...] = ()
    of: int = 0


def numbers(trial: Trial, found: FirstWrong | None, first: int = 0) -> Numbers | None:
    """Make the table; None if nothing can be compared.

    Parameters
    ----------
    trial : Trial
        Of a function of this process.
    found : FirstWrong or None
    first : int
        The case that is looked at first.
    """
    wrong = [i for i in (first, *range(len(trial.cases))) if not trial.right(i)]
    rounds: Rounds = ()
    for i in dict.fromkeys(wrong):
        case = trial.cases[i]
        if found is not None and found.proven and isinstance(trial.learner, Here):
            for at in _at_the_place(trial.exercise, trial.learner, case, found):
                rounds = rounds or at.rounds
                if (shown := _due_at(case, at)) is not None:
                    return shown
        if (shown := _answer(trial, i, rounds)) is not None:
            return shown
    return None


# --- at the place ---------------------------------------------------------------------------


class _Place(NamedTuple):
    """What a line leaves behind: under which name, where it is wrong first, and when that is."""

    name: str
    mine: Array
    right: Array
    rounds: Rounds
    when: Rounds


def _at_the_place(
    exercise: Exercise[Any], learner: Here, case: Case, found: FirstWrong
) -> Iterator[_Place]:
    """Compare the line in the learner's run with the same line in that of the right program.

    What it leaves behind where it is wrong first may be the part of a sum: so it is looked at once
    more at the end of the innermost loop, and so on.
    """
    of = next((one for one in learner.functions() if one.__name__ == found.function), None)
    line = None if of is None else _Line.of(of, found.line)
    if line is None or found.mended is None:
        return
    given = list(case.arguments(exercise.arguments).values())
    mine = line.values(learner.function, given)
    right = line.values(found.mended, list(case.arguments(exercise.arguments).values()))
    both = list(zip(mine, right, strict=False))
    first = next((a for a, b in both if not _near(a.value, b.value, SAME)), None)
    if first is None:
        return
    for depth in range(len(first.rounds), -1, -1):
        when = first.rounds[:depth]
        a, b = [(a, b) for a, b in both if a.rounds[:depth] == when][-1]
        yield _Place(line.name, a.value, b.value, first.rounds, when)


class _Value(NamedTuple):
    value: Array
    rounds: Rounds


class _Line:
    """A statement that gives a name its value, or returns one."""

    def __init__(self, code: CodeType, node: ast.stmt, name: str, loops: Sequence[str]):
        self._file, self._first = code.co_filename, node.lineno
        self._last = node.end_lineno or node.lineno
        self.name, self._loops = name, loops

    @classmethod
    def of(cls, function: FunctionType, line: int) -> "_Line | None":
        code = function.__code__
        lines = linecache.getlines(code.co_filename, function.__globals__)
        try:
            tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError):
            return None
        loops, found = [], None
        for node in ast.walk(tree):
            if not isinstance(node, ast.stmt) or not _covers(node, line):
                continue
            if isinstance(node, ast.For) and node.lineno >= code.co_firstlineno:
                loops += [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return)):
                found = node
        if found is None or not (name := _name(found)):
            return None
        return cls(code, found, "" if isinstance(found, ast.Return) else name, loops)

    def values(self, function: Callable[..., Any], given: Sequence[Any]) -> list[_Value]:
        """Call a function, and return what the line leaves behind, each time that it has run."""
        kept: list[_Value] = []

        def global_look(frame: FrameType, event: str, _: object) -> Any:
            return _Frame(self, kept).look if frame.f_code.co_filename == self._file else None

        before = sys.gettrace()
        try:
            with time_limit(SECONDS), contained(), quiet(io.StringIO()):
                sys.settrace(global_look)
                try:
                    function(*given)
                finally:
                    sys.settrace(before)
        except (Exception, TimeIsUp):
            pass  # what there was until then can be compared
        return kept

    def keep(self, frame: FrameType, returned: Any, kept: list[_Value]) -> None:
        """Take down what there is now."""
        if len(kept) >= KEPT:
            return
        value = frame.f_locals.get(self.name) if self.name else returned
        array = _array(value)
        if array is not None:
            held = ((name, frame.f_locals.get(name)) for name in self._loops)
            rounds = tuple((n, int(v)) for n, v in held if isinstance(v, (int, np.integer)))
            kept.append(_Value(array, rounds))

    def has(self, line: int) -> bool:
        """Whether a line is one of it."""
        return self._first <= line <= self._last


class _Frame:
    """A call of a function, while it runs: each time that the line is left, its value is kept."""

    def __init__(self, line: _Line, kept: list[_Value]):
        self._line, self._kept, self._on = line, kept, False

    def look(self, frame: FrameType, event: str, value: Any) -> Any:
        """See `sys.settrace`."""
        if event == "line":
            here = self._line.has(frame.f_lineno)
            if self._on and self._line.name:
                self._line.keep(frame, None, self._kept)
            self._on = here
        elif event == "return" and self._on:
            self._line.keep(frame, value, self._kept)
        return self.look


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _name(node: ast.stmt) -> str:
    """The name that a statement gives its value; empty if there are several."""
    match node:
        case ast.Return():
            return "return"
        case (
            ast.Assign(targets=[target])
            | ast.AugAssign(target=target)
            | ast.AnnAssign(target=target)
        ):
            while isinstance(target, ast.Subscript):
                target = target.value
            return target.id if isinstance(target, ast.Name) else ""
    return ""


def _array(value: Any) -> Array | None:
    """A copy of numbers, as floats; None of all else."""
    if not is_readable(value):
        return None
    try:
        array = np.array(value, float)
    except (ValueError, TypeError, OverflowError):
        return None
    return array if array.size <= KEPT else None


def _near(a: Array, b: Array, rtol: float) -> bool:
    limit = rtol * float(np.abs(b).max(initial=0))
    with np.errstate(invalid="ignore"):
        return a.shape == b.shape and bool((np.abs(a - b) <= limit).all())


# --- what is due ----------------------------------------------------------------------------


def _due_at(case: Case, at: _Place) -> Numbers | None:
    """Find the derivative that is due at a place, by finite differences; None if it is none."""
    network: Any = getattr(case, "network", case)
    if not hasattr(network, "delta") or not at.right.any():
        return None
    for one in differences(network):
        for part, which in _parts(one.array, at.right):
            for factor, written in FACTORS.items():
                if _near(at.right, factor * part, NEAR):
                    return _table(case, at, one, factor * part, written.format(one.sign + which))
    return None


def _parts(array: Array, like: Array) -> Iterator[tuple[Array, str]]:
    """Yield the parts of an array that have a shape, in any order of axes; the whole first.

    With each comes which it is: ``"[0, :]"``, or nothing for the whole.
    """
    squeezed = tuple(n for n in like.shape if n > 1)
    for count in range(array.ndim + 1):
        for fixed in combinations(range(array.ndim), count):
            shape = tuple(n for a, n in enumerate(array.shape) if a not in fixed)
            if sorted(n for n in shape if n > 1) != sorted(squeezed):
                continue
            front = np.moveaxis(array, fixed, range(count))
            for index in np.ndindex(front.shape[:count]):
                part = np.squeeze(front[index])
                taken = dict(zip(fixed, index, strict=True))
                which = ", ".join(str(taken.get(axis, ":")) for axis in range(array.ndim))
                for order in permutations(range(part.ndim)):
                    turned = part.transpose(order)
                    if turned.shape == squeezed:
                        yield turned.reshape(like.shape), f"[{which}]" if taken else ""


def _table(case: Case, at: _Place, one: Difference, due: Array, written: str) -> Numbers:
    shapes = at.mine.shape, due.shape
    entries = tuple(_entries(at.mine, due, NEAR)) if at.mine.shape == due.shape else ()
    by = f"{written}, by finite differences"
    window = _window(entries)
    return Numbers(str(case), at.name, by, one.words, at.rounds, at.when, shapes, window, due.size)


def _answer(trial: Trial, i: int, rounds: Rounds) -> Numbers | None:
    """Compare the answer to a case with the second opinion, in its first part that is wrong."""
    exercise, case = trial.exercise, trial.cases[i]
    arrays = trial.came[i].arrays
    opinions = known_answers(exercise, case).second_opinion
    if arrays is None or len(arrays) != len(opinions):
        return None
    for part, came, due in zip(exercise.arrays(case), arrays, opinions, strict=True):
        if due is None:
            continue
        due = np.asarray(due, float)
        entries: tuple[Entry, ...] = ()
        if came.shape == due.shape:
            entries = tuple(_entries(np.asarray(came, float), due, NEAR))
            if not any(one.differs for one in entries):
                continue
        shapes = came.shape, due.shape
        return Numbers(
            str(case), part.name, exercise.judge, "", rounds, (), shapes, _window(entries), due.size
        )
    return None


def _entries(mine: Array, due: Array, near: float) -> Iterator[Entry]:
    limit = near * float(np.abs(due).max(initial=0))
    for index in np.ndindex(due.shape):
        a, b = float(mine[index]), float(due[index])
        at = f"[{', '.join(map(str, index))}]" if index else ""
        yield Entry(at, a, b, not abs(a - b) <= limit)


def _window(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries from just before the first that differs on, as many as are shown."""
    first = next((n for n, one in enumerate(entries) if one.differs), 0)
    begin = max(0, min(first - 2, len(entries) - ROWS))
    return tuple(entries[begin : begin + ROWS])
