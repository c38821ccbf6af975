"""Rows in rows: what lists and tuples hold in the end, where they have one."""

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["Endless", "leaves", "size_of"]

DEEP = 64
"""Numpy has no more axes; a list that is in itself goes deeper than any number."""


class Endless(ValueError):
    """A row is in itself."""


def leaves(value: Any, known: set[int] | None = None, deep: int = DEEP) -> Iterator[Any]:
    """Yield what is in a list or tuple, and in those in it; all else is its own only leaf.

    Parameters
    ----------
    value : object
    known : set of int, optional
        If it is given, what stands in several places is read once.
    deep : int
        How many may be nested.

    Raises
    ------
    Endless
        If more are.
    """
    if not isinstance(value, (list, tuple)):
        yield value
        return
    if not deep:
        raise Endless
    if known is None or id(value) not in known:
        for one in value:
            yield from leaves(one, known, deep - 1)
        if known is not None:
            known.add(id(value))


def size_of(value: Any, most: float) -> float:
    """Return how many numbers an array has, or a row and the rows in it; infinity for too many."""
    count = 0.0
    try:
        for one in leaves(value):
            count += one.size if isinstance(one, np.ndarray) else 1
            if count > most:
                return float("inf")
    except Endless:
        return float("inf")
    return count
