"""The elements of nested lists and tuples, unless these nest without an end."""

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["Endless", "leaves", "size_of"]

DEEP = 64
"""As many axes as numpy allows; a list that contains itself is nested deeper than any number."""


class Endless(ValueError):
    """A list or tuple is nested too deeply; it may contain itself."""


def leaves(value: Any, known: set[int] | None = None, deep: int = DEEP) -> Iterator[Any]:
    """Yield the elements of a list or tuple, and of those in it; for other values the value itself.

    Parameters
    ----------
    value : object
    known : set of int, optional
        If it is given, a list or tuple that stands in several places is read only once.
    deep : int
        How deeply lists and tuples may be nested.

    Raises
    ------
    Endless
        If they are nested more deeply.
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
    """Return how many numbers an array, or a nested list or tuple, holds.

    The result is infinity for more than ``most`` numbers, and for a list that contains itself.
    """
    count = 0.0
    try:
        for one in leaves(value):
            count += one.size if isinstance(one, np.ndarray) else 1
            if count > most:
                return float("inf")
    except Endless:
        return float("inf")
    return count
