"""The table of numbers: a learner's value at the first wrong place, and the one that is due there.

The function is run again on a visible case, and so is the program with the small change that makes
all right. The values that the line leaves behind are compared, round by round. The value that is
due is found by finite differences; if the place holds no such derivative, the answer itself is
compared with the second opinion.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from typing import Any, NamedTuple

import numpy as np

from bplab.exercises.first_wrong.differences import Difference, differences
from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.first_wrong.values import values
from bplab.exercises.judging import Here, Trial, known_answers, right_entries
from bplab.exercises.task import Case, Exercise
from bplab.learner import Kind, Place, PutIn, Step, Trace, traced

__all__ = ["Entry", "Numbers", "numbers"]

Array = np.ndarray

Rounds = tuple[tuple[str, int], ...]

ROWS = 12
"""How many entries are shown, from just before the first wrong one."""

CASES = 4
"""In how many wrong cases numbers are looked for, at most."""

NEAR = 1e-5
"""How near to a finite difference, relative to the largest entry, is what has that derivative."""

SAME = 1e-9
"""Values of two runs that are this near, relative to the largest entry, count as equal."""

FACTORS = {1.0: "{0}", -1.0: "−{0}", -0.5: "−{0} / 2", 0.5: "{0} / 2"}
"""By factor of a derivative that is still recognised: how the product is written."""


class Entry(NamedTuple):
    """One entry: its index, the learner's number, the one that is due, whether they differ."""

    at: str
    mine: float
    due: float
    differs: bool


@dataclass(frozen=True)
class Numbers:
    """A table of one visible case: a learner's value and the one that is due.

    Attributes
    ----------
    case : str
        Which case it is, in words.
    name : str
        The name of the learner's value; empty for one that is returned.
    due : str
        What it is compared with: ``"∂R/∂T, by finite differences"``.
    what : str
        The name of that: ``"the output delta"``; may be empty.
    rounds : tuple of tuple of (str, int)
        Where in its loops the line is first wrong: each variable and its value.
    when : tuple of tuple of (str, int)
        The rounds at whose end the value is looked at; empty for the end of all loops.
    shapes : tuple of tuple of int
        The learner's shape and the one that is due.
    entries : tuple of Entry
        The entries that are shown; empty if the shapes differ.
    of : int
        How many entries there are in all.
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
        The trial of a function; the wrong line is looked at only for one of this process.
    found : FirstWrong or None
    first : int
        The case that is looked at first.
    """
    wrong = [i for i in (first, *range(len(trial.cases))) if not trial.right(i)]
    rounds: Rounds = ()
    for i in list(dict.fromkeys(wrong))[:CASES]:
        case = trial.cases[i]
        if found is not None and found.proven and isinstance(trial.learner, Here):
            for at in _at_the_place(trial.exercise, trial.learner, case, found):
                rounds = rounds or at.rounds
                if (shown := _due_at(case, at, trial.exercise.rtol)) is not None:
                    return shown
        if (shown := _answer(trial, i, rounds)) is not None:
            return shown
    return None


# --- at the place ---------------------------------------------------------------------------


class _Left(NamedTuple):
    """What a line leaves behind: the name, both values, where it is first wrong, and when."""

    name: str
    mine: Array
    right: Array
    rounds: Rounds
    when: Rounds


def _at_the_place(
    exercise: Exercise[Any], learner: Here, case: Case, found: FirstWrong
) -> Iterator[_Left]:
    """Compare the line in the learner's run with the same line in a run of the right program.

    The value where it is first wrong may be part of a sum. So it is looked at again at the end of
    the innermost loop, then of the next one, and so on.
    """
    if found.mended is None and found.put_in is None:
        return
    mended = found.mended.functions() if found.mended else {}
    of = next(one for one in learner.functions() if one.__name__ == found.function)
    file = of.__code__.co_filename

    def run(function: Callable[..., Any]) -> Trace | None:
        given = case.arguments(exercise.arguments)
        return traced(function, given, exercise.forms(case), texts=mended)

    mine = run(learner.function)
    if mine and found.put_in:
        yield from _put_in(mine, file, found.put_in, values(exercise, case))
    right = run(next(iter(mended))) if mended else None
    if mine is None or right is None:
        return
    for place in _statement([*mine.steps, *right.steps], file, found):
        left = _left_behind(mine, place)
        due = _left_behind(right, place) or _before(right, place, left)
        left += _before_error(mine, due[len(left) :])
        if compared := list(_compared(left, due)):
            yield from compared
            yield from _compared(_stored(mine, place), _stored(right, place))
            return


def _compared(left: Sequence[Step], due: Sequence[Step]) -> Iterator[_Left]:
    """Yield the first wrong value: after its round, after the loop around it, and so on."""
    both = [
        (a, a.value, b.value)
        for a, b in zip(left, due, strict=False)
        if a.value is not None and b.value is not None
    ]
    first = next((step for step, a, b in both if not _near(a, b, SAME)), None)
    if first is None:
        return
    rounds, name = _rounds(first), first.place.name
    for depth in range(len(rounds), -1, -1):
        when = rounds[:depth]
        at_the_end = [
            (a, b)
            for step, a, b in both
            if step.place.name == name and _rounds(step)[:depth] == when
        ]
        yield _Left(name, *at_the_end[-1], rounds, when)


def _stored(trace: Trace, at: Place) -> list[Step]:
    """Return the single entries that a statement stores in an array, each named with its index."""
    return [
        replace(step, place=replace(step.place, name=f"{at.name}[{_index(step.index)}]"))
        for step in trace.steps
        if step.place.kind is Kind.ENTRY
        and step.index
        and (step.place.file, step.place.line, step.place.begin) == (at.file, at.line, at.begin)
    ]


def _put_in(mine: Trace, file: str, put: PutIn, of: Mapping[str, Array]) -> Iterator[_Left]:
    """Compare the value of a name after a statement with the right value that was put there."""
    behind = [
        step.value
        for step in mine.steps
        if (step.place.file, step.place.name) == (file, put.name)
        and put.first <= step.place.line <= put.last
        and step.value is not None
    ]
    for value in behind[-1:]:
        yield _Left(put.name, value, of[put.which], (), ())


_LEFT = (Kind.ASSIGNED, Kind.ENTRY, Kind.FILLED, Kind.RETURNED)


def _statement(steps: Sequence[Step], file: str, found: FirstWrong) -> list[Place]:
    """Return the places where the statement at the first wrong place leaves a value, by name.

    A statement leaves a value if it assigns to a name, stores an entry, or returns. For one that
    does none of these, such as the head of a loop, it is the last statement in the line.
    """
    line, begin = found.line, found.begin
    every = [
        step.place
        for step in steps
        if step.place.file == file
        and step.place.line <= line <= step.place.last
        and step.place.kind in _LEFT
    ]
    around = [one for one in every if (one.line, one.begin) <= (line, begin) < (one.last, one.end)]
    at = max(((one.line, one.begin) for one in around or every), default=None)
    here = [one for one in every if (one.line, one.begin) == at]
    whole = {one.name: one for one in here if one.kind is not Kind.ENTRY}
    by_call = not any(one.kind is Kind.ENTRY for one in here) and any(
        one.kind is Kind.FILLED for one in here
    )
    return [] if by_call else list(whole.values())


def _left_behind(trace: Trace, at: Place) -> list[Step]:
    """Return the values of a name after a statement, or what it returns, each time it was run."""
    steps = [step for step in _of_name(trace, at) if step.place.line == at.line]
    here = [step for step in steps if step.place.begin == at.begin]
    return here if here or at.name else steps  # after an edit, a return may begin elsewhere


def _of_name(trace: Trace, at: Place) -> Iterator[Step]:
    """Yield the steps that give this name a value, or return."""
    for step in trace.steps:
        one = step.place
        same = (one.file, one.function, one.name) == (at.file, at.function, at.name)
        if same and one.kind in _LEFT and one.kind is not Kind.ENTRY:
            yield step


def _before(trace: Trace, at: Place, left: Sequence[Step]) -> list[Step]:
    """Return the values that a name has before a statement, for one that should not be there."""
    found = []
    for step in left:
        same = [
            one
            for one in _of_name(trace, at)
            if (one.place.line, one.place.begin) < (at.line, at.begin)
            and _rounds(one) == _rounds(step)
        ]
        found += same[-1:]
    return found if len(found) == len(left) else []


def _before_error(trace: Trace, due: Sequence[Step]) -> list[Step]:
    """Return the value before a statement that raised, in place of the next one that is due."""
    raised = trace.answer and trace.answer.raised
    if not raised or not due or not (place := due[0].place).name:
        return []
    if raised.line not in (f"line {n}" for n in range(place.line, place.last + 1)):
        return []
    of = place.file, place.function, place.name
    before = [s for s in trace.steps if (s.place.file, s.place.function, s.place.name) == of]
    return [replace(due[0], value=step.value) for step in before[-1:]]


def _rounds(step: Step) -> Rounds:
    """Return the variables of the loops around a step, in its own function, with their values."""
    own = step.rounds[len(step.rounds) - len(step.place.loops) :]
    return tuple(one for turn in own for one in turn.variables)


def _near(a: Array, b: Array, rtol: float) -> bool:
    limit = rtol * float(np.abs(b).max(initial=0))
    with np.errstate(invalid="ignore"):
        return a.shape == b.shape and bool((np.abs(a - b) <= limit).all())


# --- what is due ----------------------------------------------------------------------------


def _due_at(case: Case, at: _Left, rtol: float) -> Numbers | None:
    """Find the derivative that is due at a place, by finite differences; None if it is none."""
    network: Any = getattr(case, "network", case)
    if not hasattr(network, "delta") or not at.right.any():
        return None
    for one in differences(network):
        for part, which in _parts(one.array, at.right):
            for factor, written in FACTORS.items():
                if _near(at.right, factor * part, NEAR):
                    by = f"{written.format(one.sign + which)}, by finite differences"
                    return _table(case, at, one, factor * part, by, rtol)
    return None


def _parts(array: Array, like: Array) -> Iterator[tuple[Array, str]]:
    """Yield the parts of an array with the shape of another, in any order of axes; the whole first.

    Each comes with its index: ``"[0, :]"``, or an empty string for the whole.
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


def _table(case: Case, at: _Left, one: Difference, due: Array, by: str, rtol: float) -> Numbers:
    shapes = at.mine.shape, due.shape
    entries: tuple[Entry, ...] = ()
    if at.mine.shape == due.shape:
        entries = tuple(_entries(at.mine, due, right_entries(at.mine, at.right, rtol)))
    window = _window(entries)
    return Numbers(str(case), at.name, by, one.words, at.rounds, at.when, shapes, window, due.size)


def _answer(trial: Trial, i: int, rounds: Rounds) -> Numbers | None:
    """Compare the answer to a case with the second opinion, in the first part that is wrong."""
    exercise, case = trial.exercise, trial.cases[i]
    arrays = trial.came[i].arrays
    opinions = known_answers(exercise, case).second_opinion
    if arrays is None or len(arrays) != len(opinions):
        return None
    parts, references = exercise.arrays(case), trial.references[i]
    for part, came, due, right in zip(parts, arrays, opinions, references, strict=True):
        if due is None:
            continue
        due = np.asarray(due, float)
        entries: tuple[Entry, ...] = ()
        if came.shape == due.shape:
            came = np.asarray(came, float)
            entries = tuple(_entries(came, due, right_entries(came, right, exercise.rtol)))
            if not any(one.differs for one in entries):
                continue
        shapes = came.shape, due.shape
        return Numbers(
            str(case), part.name, exercise.judge, "", rounds, (), shapes, _window(entries), due.size
        )
    return None


def _index(index: Sequence[int]) -> str:
    return ", ".join(map(str, index))


def _entries(mine: Array, due: Array, are_right: Array) -> Iterator[Entry]:
    """Yield the entries; which of them differ is told by the exact values, as `check` does.

    A finite difference is exact to a part of the largest entry only.
    """
    for index in np.ndindex(due.shape):
        a, b = float(mine[index]), float(due[index])
        at = f"[{_index(index)}]" if index else ""
        yield Entry(at, a, b, not are_right[index])


def _window(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries that are shown, from just before the first that differs."""
    first = next((n for n, one in enumerate(entries) if one.differs), 0)
    begin = max(0, min(first - 2, len(entries) - ROWS))
    return tuple(entries[begin : begin + ROWS])
