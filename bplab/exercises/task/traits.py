"""Traits: what is true of a case and need not be of others, and how a case gains or loses one.

A trait is a clause to follow the word "where": ``"sigma is tanh"``, ``"X holds integers"``. If all
cases in which a function is wrong share a trait, this may be chance. So a trait can be put into a
case that lacks it, and taken out of a case that has it, with all else as it was. Where that cannot
be done, nothing is said of the trait.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.activations import Activation, Softmax, sigmoid, tanh

if TYPE_CHECKING:
    from bplab.exercises.task.exercise import Case

FAR = 20.0
"""A number beyond ±20 saturates every activation that can saturate."""

KINK = "a value is on a kink"

Turn = Callable[[np.ndarray], np.ndarray]


def clauses(value: Any) -> Iterator[str]:
    """Yield the clauses that are true of one value: an array, a number or an activation."""
    match value:
        case np.ndarray():
            yield from (clause for clause, of in _OF_ARRAYS.items() if of.holds(value))
        case bool():
            return
        case int() | float():
            yield from (clause for clause, (holds, _, _) in _OF_NUMBERS.items() if holds(value))
        case Activation() | Softmax():
            yield f"is {value}"


def shared_clauses(values: dict[str, Any]) -> Iterator[str]:
    """Yield the traits of two values: arrays that are equal, activations that are the same."""
    arrays = {name: v for name, v in values.items() if isinstance(v, np.ndarray)}
    for (a, left), (b, right) in combinations(arrays.items(), 2):
        if np.array_equal(left, right):
            yield f"{a} equals {b}"
    functions = {n: str(v) for n, v in values.items() if isinstance(v, (Activation, Softmax))}
    for a, b in combinations(functions, 2):
        if functions[a] == functions[b]:
            yield f"{a} is {b}"


def put(case: "Case", trait: str, like: "Case") -> Iterator["Case | None"]:
    """Yield variants of a case with a trait that it lacks; ``like`` is a case that has it."""
    match _parsed(case, trait):
        case name, clause, None if clause in _OF_ARRAYS:
            turn = partial(_OF_ARRAYS[clause].put, getattr(like, name))
            yield case.with_array(name, turn)
        case name, clause, str(some) if clause in _OF_ARRAYS:
            of = _OF_ARRAYS[clause]
            model = next((v for v in getattr(like, name) if of.holds(v)), None)
            if model is not None:
                yield from _in_sequence(case, name, some, lambda v: of.put(model, v))
        case name, clause, None if clause in _OF_NUMBERS:
            for value in (*_OF_NUMBERS[clause][1], getattr(like, name)):
                yield case.changed(**{name: value})
        case name, clause, None:
            yield case.changed(**{name: getattr(like, name)})
        case name, clause, str(some):
            same = next(v for v in getattr(like, name) if f"is {v}" == clause)
            yield from _in_sequence(case, name, some, lambda _: same)
        case one, other:
            yield case.changed(**{one: getattr(case, other)})
            yield case.changed(**{other: getattr(case, one)})


def taken(case: "Case", trait: str, other: "Case") -> Iterator["Case | None"]:
    """Yield variants of a case without a trait that it has; ``other`` is a case without it."""
    match _parsed(case, trait):
        case name, clause, None if clause in _OF_ARRAYS:
            yield case.with_array(name, _OF_ARRAYS[clause].take)
        case name, clause, str(some) if clause in _OF_ARRAYS:
            of = _OF_ARRAYS[clause]
            which = "one of" if some == "each of" else "each of"
            yield from _in_sequence(case, name, which, lambda v: of.take(v) if of.holds(v) else v)
        case name, clause, None if clause in _OF_NUMBERS:
            for value in (*_OF_NUMBERS[clause][2], getattr(other, name)):
                yield case.changed(**{name: value})
        case name, clause, None:
            yield case.changed(**{name: getattr(other, name)})
            for value in (tanh, sigmoid):
                if f"is {value}" != clause:
                    yield case.changed(**{name: value})
        case name, clause, str(some):
            which = "one of" if some == "each of" else "each of"
            for value in (tanh, sigmoid):
                if f"is {value}" != clause:
                    yield from _in_sequence(case, name, which, partial(_other, clause, value))
        case one, two:
            for name, stays in ((one, two), (two, one)):
                for value in (tanh, sigmoid):
                    if str(value) != str(getattr(case, stays)):
                        yield case.changed(**{name: value})


def _parsed(case: "Case", trait: str) -> tuple[str, str, str | None] | tuple[str, str] | None:
    """Split a trait into a value's name, its clause, and "each of" or "one of"; or two names.

    In place of "each of" there is None if the value is not a sequence. Return None for a trait that
    only the case's own class knows how to put in or take out.
    """
    for some in ("each of", "one of"):
        if trait.startswith(f"{some} the "):
            name, _, clause = trait.removeprefix(f"{some} the ").partition(" ")
            return (name, clause, some) if isinstance(getattr(case, name, None), tuple) else None
    name, _, clause = trait.partition(" ")
    value = getattr(case, name, None)
    if isinstance(value, np.ndarray):
        return (name, clause, None) if clause in _OF_ARRAYS else None
    told = clause.removeprefix("is ")
    if isinstance(value, (Activation, Softmax)) and told != clause:
        own = isinstance(getattr(case, told, None), (Activation, Softmax))
        return (name, told) if own else (name, clause, None)
    if isinstance(value, (int, float)) and clause in _OF_NUMBERS:
        return name, clause, None
    return None


def _in_sequence(
    case: "Case", name: str, some: str, turn: Callable[[Any], Any]
) -> Iterator["Case | None"]:
    """Yield the case with every value of a sequence turned, or variants with one of them turned."""
    values = getattr(case, name)
    if some == "each of":
        yield case.changed(**{name: tuple(map(turn, values))})
        return
    for d, value in enumerate(values):
        yield case.changed(**{name: (*values[:d], turn(value), *values[d + 1 :])})


def _other(clause: str, to: Activation, value: Activation) -> Activation:
    return to if f"is {value}" == clause else value


# --- what is said of arrays ---------------------------------------------------------------


@dataclass(frozen=True)
class _OfArray:
    """A clause on arrays: whether it holds, how to put it into an array, and how to take it out.

    ``put`` takes an array of which the clause holds, and the array to change.
    """

    holds: Callable[[np.ndarray], bool]
    put: Callable[[np.ndarray, np.ndarray], np.ndarray]
    take: Turn


def _as_far(like: np.ndarray, array: np.ndarray) -> np.ndarray:
    return array * (np.abs(like).max() / (np.abs(array).max(initial=0) or 1))


def _near(array: np.ndarray) -> np.ndarray:
    return np.clip(array, -FAR / 2, FAR / 2).astype(array.dtype)


def _in_front(column: Any, array: np.ndarray) -> np.ndarray:
    """Fill the first column with a number, if the array has columns."""
    array = array.copy()
    if array.ndim == 2:
        array[:, 0] = column
    return array


def _one_zero(_: np.ndarray, array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flat[-1:] = 0
    return array


def _twice(_: np.ndarray, array: np.ndarray) -> np.ndarray:
    array = array.copy()
    if array.ndim == 2 and len(array) > 1:
        array[-1] = array[0]
    return array


def _all_other(array: np.ndarray) -> np.ndarray:
    """Move each row a little, each by a different amount."""
    if array.dtype.kind in "iu":
        return array + np.arange(len(array))[:, None]
    moved: np.ndarray = array * (1 + 0.01 * np.arange(len(array))[:, None]) + (
        1e-3 * np.arange(len(array))[:, None]
    )
    return moved


def _equal_rows(array: np.ndarray) -> bool:
    return array.ndim == 2 and len({row.tobytes() for row in array}) < len(array)


def _signs(_: np.ndarray, array: np.ndarray) -> np.ndarray:
    return np.where(array > np.median(array), 1, -1).astype(array.dtype)


_OF_ARRAYS: dict[str, _OfArray] = {
    f"has entries beyond ±{FAR:g}": _OfArray(
        lambda a: bool((np.abs(a) > FAR).any()), _as_far, _near
    ),
    "has a first column of zeros": _OfArray(
        lambda a: a.ndim == 2 and not a[:, 0].any(),
        lambda _, a: _in_front(0, a),
        partial(_in_front, 1),
    ),
    "holds a zero": _OfArray(
        lambda a: not a.all(), _one_zero, lambda array: np.where(array == 0, 1, array)
    ),
    "holds integers": _OfArray(
        lambda a: a.dtype.kind in "iu",
        lambda _, array: np.rint(array).astype(int),
        lambda a: a.astype(float),
    ),
    "has two equal rows": _OfArray(_equal_rows, _twice, _all_other),
    "holds nothing but −1 and 1": _OfArray(
        lambda a: bool(np.isin(a, (-1, 1)).all()), _signs, lambda a: np.where(a > 0, 0.9, -0.9)
    ),
    "is stored column by column (Fortran order)": _OfArray(
        lambda a: a.flags.f_contiguous and not a.flags.c_contiguous,
        lambda _, a: np.asfortranarray(a),
        np.ascontiguousarray,
    ),
}
"""The clauses on arrays."""

_OF_NUMBERS: dict[str, tuple[Callable[[Any], bool], tuple[float, ...], tuple[float, ...]]] = {
    "is 0": (lambda v: bool(v == 0), (), (0.01, -0.01)),
    "is 1": (lambda v: bool(v == 1), (), (0.95, 1.05)),
    "is negative": (lambda v: bool(v < 0), (-0.05, -1.5), (0.05,)),
    "is above 1": (lambda v: bool(v > 1), (1.05, 3.0), (0.95,)),
}
"""The clauses on numbers: whether each holds, numbers of which it holds, and near misses."""
