"""Which quantity of the derivation a value equals, up to sign, simple factor, axes, or part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from bplab.exercises.quantities import Quantity

__all__ = ["Match", "Vocabulary", "is_plain"]

Array = np.ndarray

NEAR = 1e-9
"""Values this near, relative to the largest entry, are not equal by chance."""

FACTORS = (1.0, 2.0, 0.5)
"""Factors of a quantity on a right way: the 2 of a square may come late, or early."""

AXES = 4
"""A value with more axes than this is not looked at."""

TOO_MANY = 400
"""The most candidates of one norm: if there are more, such a value says nothing."""

WHOLE = 60
"""Whole numbers up to this are counts, indices, masks, or what sums begin with."""


@dataclass(frozen=True)
class Match:
    """A quantity that a value equals: which one, times which factor, and which part of it.

    Attributes
    ----------
    quantity : Quantity
    factor : float
    fixed : tuple of int or None
        For each axis of the quantity, the index that is taken; None for the whole axis.
    """

    quantity: Quantity
    factor: float
    fixed: tuple[int | None, ...]


def is_plain(value: Array) -> bool:
    """Whether a value holds only small whole numbers: then it is not a quantity."""
    return bool((value == np.rint(value)).all() and (np.abs(value) <= WHOLE).all())


class Vocabulary:
    """The quantities of one case, to be looked up by value."""

    def __init__(self, quantities: Sequence[Quantity], rate: float = 1.0):
        self._factors = sorted({factor * by for factor in FACTORS for by in (1.0, rate)})
        self._quantities = [q for q in quantities if q.array.ndim <= AXES]
        sizes, which = [], []
        self._parts: list[tuple[int, tuple[int, ...]]] = []  # quantity, axes that are fixed
        for n, quantity in enumerate(self._quantities):
            squares = quantity.array.astype(float) ** 2
            for count in range(squares.ndim + 1):
                for fixed in combinations(range(squares.ndim), count):
                    free = tuple(a for a in range(squares.ndim) if a not in fixed)
                    norms = np.sqrt(squares.sum(axis=free)).ravel()
                    sizes.append(norms)
                    at = np.empty((norms.size, 2), int)
                    at[:, 0], at[:, 1] = len(self._parts), np.arange(norms.size)
                    which.append(at)
                    self._parts.append((n, fixed))
        all_sizes = np.concatenate(sizes) if sizes else np.zeros(0)
        order = np.argsort(all_sizes, kind="stable")
        self._sizes = all_sizes[order]
        self._which = np.concatenate(which)[order] if which else np.zeros((0, 2), int)
        self._known: dict[tuple[tuple[int, ...], bytes], tuple[Match, ...]] = {}

    def matches(self, value: Array) -> tuple[Match, ...]:
        """Return the quantities that a value equals; none if it is all zeros, or not finite."""
        key = value.shape, value.tobytes()
        if key not in self._known:
            self._known[key] = tuple(self._found(np.squeeze(value)))
        return self._known[key]

    def _found(self, value: Array) -> Iterable[Match]:
        if value.ndim > AXES or not value.size or not np.isfinite(value).all():
            return
        size = float(np.sqrt((value**2).sum()))
        if size == 0:
            return
        for factor in self._factors:
            low, high = np.searchsorted(
                self._sizes, [size / factor * (1 - NEAR), size / factor * (1 + NEAR)]
            )
            if high - low > TOO_MANY:
                continue
            for part, at in self._which[low:high]:
                n, fixed = self._parts[part]
                quantity = self._quantities[n]
                shape = tuple(quantity.array.shape[a] for a in fixed)
                index = tuple(map(int, np.unravel_index(at, shape))) if fixed else ()
                taken: list[int | None] = [None] * quantity.array.ndim
                for axis, i in zip(fixed, index, strict=True):
                    taken[axis] = i
                array = quantity.array[tuple(slice(None) if i is None else i for i in taken)]
                sign = _sign(value, factor * np.squeeze(array))
                if sign:
                    yield Match(quantity, sign * factor, tuple(taken))


def _sign(value: Array, array: Array) -> int:
    """Return 1 if the arrays are equal in some order of axes, −1 if equal up to sign, else 0."""
    if sorted(value.shape) != sorted(array.shape):
        return 0
    limit = NEAR * float(np.abs(array).max(initial=0))
    for order in permutations(range(value.ndim)):
        turned = array.transpose(order)
        if turned.shape == value.shape:
            for sign in (1, -1):
                if (np.abs(value - sign * turned) <= limit).all():
                    return sign
    return 0
