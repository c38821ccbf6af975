"""Outcomes: what may happen to an answer when a function, or what it is given, is changed.

Each outcome is looked for in runs on several cases. The choice offered as right is true in all of
them, and the other choices are true in none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bplab.errors import listed
from bplab.exercises.explain.code import Code
from bplab.exercises.review.changes import (
    EFFECTS,
    GONE,
    STAYS,
    STAYS_ONE_IN,
    WHOLE,
    says_something,
    seen,
    seen_otherwise,
)
from bplab.exercises.review.item import Choice, same, visibly_other
from bplab.learner import Answer, Raised

__all__ = ["NOT_FINITE", "Run", "choices", "names", "said"]

Array = np.ndarray
Arrays = tuple[Array, ...]

OFFERED = 4
NOT_FINITE = "There is NaN or ∞ in it."
ALL_CHANGE, SOME_CHANGE = "Every entry changes.", "Some entries change, others stay."
NONE = "There is none:"
ELSEWHERE = "There is none: an error stops a function that is called here."


@dataclass(frozen=True)
class Run:
    """The answers to one case, without the change and with it.

    Attributes
    ----------
    before : tuple of ndarray
    after : Answer
    line : int or None
        The line in which an error stopped it, if it is a line of the function itself.
    """

    before: Arrays
    after: Answer
    line: int | None = None


def stopped(line: int) -> str:
    """Return the outcome for an error in a line of the function."""
    return f"There is none: an error in line {line} stops it."


def other_shape(shape: tuple[int, ...]) -> str:
    """Return the outcome for an answer of another shape."""
    return f"It has another shape: {shape}."


def only_changes(changed: Sequence[str], names: Sequence[str]) -> str:
    """Return the outcome for a change of some of several arrays, or of all."""
    if len(changed) == len(names):
        return f"All of it changes: {listed(names)}."
    if len(changed) == 1:
        return f"Only {changed[0]} changes."
    return f"Only {listed(changed)} change."


# --- which are true -----------------------------------------------------------------------


def names(code: Code, arrays: int) -> list[str]:
    """Return the names of an answer's arrays; ``arrays`` is how many there are."""
    parts = code.exercise.parts
    layers = arrays - sum(not part.layered for part in parts)
    found = []
    for part in parts:
        found += [f"{part.name}[{d}]" for d in range(layers)] if part.layered else [part.name]
    return found


def true_of(run: Run, names: Sequence[str]) -> list[str]:
    """Return all outcomes that are true of a run, the most telling first."""
    after = run.after
    if after.raised:
        return [ELSEWHERE if run.line is None else stopped(run.line)]
    if after.arrays is None or len(after.arrays) != len(run.before):
        return []
    pairs = list(zip(run.before, after.arrays, strict=True))
    if all(same(*pair) for pair in pairs):
        return [STAYS]
    if not all(np.isfinite(b).all() for _, b in pairs):
        return [NOT_FINITE]
    if len(pairs) > 1:
        if any(before.ndim != now.ndim for before, now in pairs):
            return []
        changed = [name for name, pair in zip(names, pairs, strict=True) if not same(*pair)]
        if not all(visibly_other(a, b) for a, b in pairs if not same(a, b)):
            return []
        return [only_changes(changed, names)]
    ((before, now),) = pairs
    return _of_one(before, now)


def _of_one(before: Array, now: Array) -> list[str]:
    """The outcomes that are true of a single array that has changed."""
    effects = [e for e in _possible(before) if same(EFFECTS[e](before, now), now)]
    if before.shape != now.shape:
        # an added row is another shape as well: both are true, so only one of them is offered
        return [other_shape(now.shape), *effects]
    if not visibly_other(before, now) or _near(before, now):
        return []
    found = [e for e in effects if says_something(e, before, now)]
    if before.ndim:
        found += [text for text, part in _PARTS.items() if _only(part, before, now)]
        changed = _changed(before, now)
        found.append(ALL_CHANGE if changed.all() else SOME_CHANGE)
    return found


def _possible(before: Array) -> list[str]:
    """Effects to look for; those on rows and columns only where there are enough of them."""
    found = EFFECTS if before.ndim == 2 and min(before.shape) > 2 else WHOLE
    return [effect for effect in found if effect != STAYS]


_FIRST, _LAST, _ALL = slice(1), slice(-1, None), slice(None)
_PARTS: dict[str, tuple[tuple[slice, ...], bool]] = {
    "Its first column changes, no more.": ((_ALL, _FIRST), True),
    "All of it changes but its first column.": ((_ALL, _FIRST), False),
    "Its last column changes, no more.": ((_ALL, _LAST), True),
    "All of it changes but its last column.": ((_ALL, _LAST), False),
    "Its first row changes, no more.": ((_FIRST, _ALL), True),
    "All of it changes but its first row.": ((_FIRST, _ALL), False),
    "Its last row changes, no more.": ((_LAST, _ALL), True),
    "All of it changes but its last row.": ((_LAST, _ALL), False),
}
"""Outcomes on a part of a matrix: the part, and whether it is the part that changes (or stays)."""


def _only(part: tuple[tuple[slice, ...], bool], before: Array, now: Array) -> bool:
    """Whether every entry of a part changes and all others stay, or the other way round."""
    where, changes = part
    if before.ndim != 2 or min(before.shape) < 2:
        return False
    changed = _changed(before, now)
    inside = np.zeros(before.shape, bool)
    inside[where] = True
    return bool((changed == (inside == changes)).all())


def _changed(before: Array, now: Array) -> Array:
    return _apart(before, now) > 1e-9


def _near(before: Array, now: Array) -> bool:
    """Whether some entry changes by so little that it is unclear whether it changes."""
    apart = _apart(before, now)
    return bool(((apart > 1e-12) & (apart < 1e-6)).any())


def _apart(before: Array, now: Array) -> Array:
    return np.abs(now - before) / max(float(np.abs(before).max(initial=0)), 1e-300)


# --- what is offered ----------------------------------------------------------------------


def choices(
    code: Code, runs: Sequence[Run], rng: np.random.Generator, line: int | None = None
) -> tuple[Choice, list[Choice]] | None:
    """Return the right choice, and others that are true in no run.

    None if no outcome is true in all runs, if some run has further outcomes, if there are too few
    others, and at times, by chance, if the right choice would come up too often.

    Parameters
    ----------
    code : Code
    runs : sequence of Run
        One for each case.
    rng : Generator
    line : int, optional
        The line that is changed.
    """
    called = names(code, len(runs[0].before))
    true = [true_of(run, called) for run in runs]
    always = [text for text in true[0] if all(text in others for others in true)]
    if not always or not all(len(found) == len(always) for found in true):
        return None
    right = always[0]
    if rng.integers({STAYS: STAYS_ONE_IN, ALL_CHANGE: 3}.get(right, 1)):
        return None
    others = [text for text in _likely(code, runs, rng, right, line) if text not in always]
    others = list(dict.fromkeys(others))[: OFFERED - 1]
    if len(others) < OFFERED - 1:
        return None
    run = runs[0]
    return (
        Choice(right, said(run, called)),
        [Choice(text, _not_so(text, run, called)) for text in others],
    )


def _likely(
    code: Code, runs: Sequence[Run], rng: np.random.Generator, right: str, line: int | None
) -> list[str]:
    """Outcomes in the order of preference: a change or two, an error, no change."""
    lines = [i for i, text in enumerate(code.lines, 1) if i > 1 and _is_code(text)]
    errors = [stopped(lines[i]) for i in rng.permutation(len(lines))]
    errors.sort(key=lambda text: text != (stopped(line) if line else ""))
    changes = _changes(runs[0], names(code, len(runs[0].before)), right, rng)
    if right.startswith(NONE):  # another line is as likely as no error at all
        return [*changes[:1], STAYS, *errors[:1], *changes[1:]]
    return [*changes[:2], *errors[:1], STAYS, *changes[2:]]


def _changes(run: Run, called: list[str], right: str, rng: np.random.Generator) -> list[str]:
    """Possible changes of the answer's numbers, in random order; none of them is half true."""

    def shuffled(some: Sequence[Any]) -> list[Any]:
        return [some[i] for i in rng.permutation(len(some))]

    whole = shuffled([effect for effect in WHOLE if effect not in (STAYS, GONE)])
    if right == NOT_FINITE:  # NaN is a change, too
        return whole
    if len(run.before) > 1:
        return shuffled(
            [
                *(only_changes([name], called) for name in called),
                *(only_changes(called[:i], called) for i in range(2, len(called) + 1)),
                *(only_changes(called[i:], called) for i in range(1, len(called) - 1)),
            ]
        )
    (before,) = run.before
    now = run.after.arrays[0] if run.after.arrays else before
    shapes = [other_shape(shape) for shape in shuffled(_shapes(before)) if shape != now.shape]
    if before.shape != now.shape:
        return [*shapes[:2], *whole]
    parts = list(_PARTS) if before.ndim == 2 and min(before.shape) > 1 else []
    some = [ALL_CHANGE, SOME_CHANGE] if before.ndim else []
    first = [one[rng.integers(len(one))] for one in (parts[:2], some, whole, parts, shapes) if one]
    return [*shuffled(first), *whole]


def _shapes(array: Array) -> list[tuple[int, ...]]:
    """Shapes like an array's."""
    shape = array.shape
    found = [shape[::-1], shape[1:], shape[:-1]]
    if shape:
        found += [(*shape[:-1], shape[-1] - 1), (*shape[:-1], shape[-1] + 1)]
    return [one for one in dict.fromkeys(found) if one != shape and 0 not in one]


def _is_code(text: str) -> bool:
    return bool(text.strip()) and not text.strip().startswith(("#", '"', "'", ")", "]"))


# --- what is said -------------------------------------------------------------------------


def said(run: Run, names: Sequence[str]) -> str:
    """Return a sentence on what happened when the function ran."""
    after = run.after
    if after.raised:
        return f"{_stop(after.raised, run.line)}{_there(after.raised)}"
    if after.arrays is None:
        return "When it ran, it gave no numbers."
    rows = list(zip(names, run.before, after.arrays, strict=True))
    name, before, now = next((row for row in rows if not same(row[1], row[2])), rows[0])
    if before.shape == now.shape and not np.isfinite(now).all():
        return f"When it ran, {int((~np.isfinite(now)).sum())} of {now.size} entries were NaN or ∞."
    text = seen(before, now)
    which = f"That is in `{name}`."
    return f"{text} {which}" if len(run.before) > 1 else text


def _stop(raised: Raised, line: int | None) -> str:
    """Return which error came up: in plain words if its cause is known, else in Python's own."""
    where = "in a function that it calls" if line is None else f"in line {line}"
    if raised.cause:
        return f"When it ran, {raised.kind} came up {where}: {raised.cause.says}."
    own = raised.own_words.rstrip(".")
    return f"When it ran, Python's own words {where} were: {own}."


def _there(raised: Raised) -> str:
    """Return a sentence on the values involved in an error."""
    there = raised.there.removesuffix("?")
    return f" There, {there}." if there else ""


def _not_so(text: str, run: Run, names: Sequence[str]) -> str:
    """Return what happened when the function ran, and how that differs from a wrong choice."""
    after = run.after
    if text in EFFECTS and len(run.before) == 1 and after.arrays and text != STAYS:
        (before,), (now,) = run.before, after.arrays
        if np.isfinite(now).all() and visibly_other(EFFECTS[text](before, now), now):
            return seen_otherwise(text, before, now)
    if text.startswith(NONE) and not after.raised:
        return " ".join(["It ran to its end.", said(run, names)])
    return said(run, names)
