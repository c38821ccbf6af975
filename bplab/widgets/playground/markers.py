"""The examples in the plane: a class has its colour, its solid marker and its strokes."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bplab.widgets.kit.svg import text
from bplab.widgets.playground.data import Examples
from bplab.widgets.playground.surface import COLOURS, dark

__all__ = ["DRAWN", "KINDS", "class_key", "drawn", "markers"]

DRAWN = 400  # examples
R = 4.2  # half the size of a solid marker, in pixels
SOLID = (
    f"m{-R},0a{R},{R} 0 1 0 {2 * R},0a{R},{R} 0 1 0 {-2 * R},0z",
    "m-3.8,-3.8h7.6v7.6h-7.6z",
    "m0,-4.8l4.8,8.6h-9.6z",
    "m0,-5.2l5.2,5.2l-5.2,5.2l-5.2,-5.2z",
    "m0,4.8l4.8,-8.6h-9.6z",
    "m0,-5l4.8,3.5l-1.8,5.5h-6l-1.8,-5.5z",
)
STROKES = (
    "m-4.8,0h9.6m-4.8,-4.8v9.6",
    "m-3.8,-3.8l7.6,7.6m0,-7.6l-7.6,7.6",
    "m0,0v5m0,-5l-4.3,-2.5m4.3,2.5l4.3,-2.5",
    "m0,0v-5m0,5l-4.3,2.5m4.3,-2.5l4.3,2.5",
    "m0,0h-5m5,0l2.5,-4.3m-2.5,4.3l2.5,4.3",
    "m0,0h5m-5,0l-2.5,-4.3m2.5,4.3l-2.5,4.3",
)
KINDS = len(SOLID)
"""Kinds of markers; further classes begin anew."""


def markers(x: NDArray, y: NDArray, found: Examples) -> str:
    """Return the examples at these places of a drawing, of many only some, as SVG."""
    parts = []
    for k, test, here in drawn(found):
        parts.append(_path(zip(x[here], y[here], strict=True), k, test))
    return "".join(parts)


def drawn(found: Examples) -> Iterable[tuple[int, bool, NDArray]]:
    """Give for each kind of marker, and for training and test, which examples are drawn by it."""
    index = np.arange(len(found.X))
    some = index % -(-len(index) // DRAWN) == 0
    for k in range(KINDS):
        for test in (False, True):
            here = some & (found.labels % KINDS == k) & ((index >= found.trained) == test)
            if here.any():
                yield k, test, here


def class_key(x: float, y: float, width: float, classes: Iterable[str]) -> str:
    """Return what the markers stand for, in a line that goes on below where it is full."""
    parts, across = [], x
    for k, name in list(enumerate(classes))[:KINDS]:
        needed = 36 + 6.6 * len(name)
        if across > x and across + needed > x + width:
            across, y = x, y + 15
        parts.append(_path([(across + 5, y)], k, False))
        parts.append(_path([(across + 18, y)], k, True))
        parts.append(text(across + 27, y + 4, name, font_size=12))
        across += needed + 8
    return "".join(parts)


def _path(places: Iterable[tuple[float, float]], k: int, test: bool) -> str:
    shape = (STROKES if test else SOLID)[k]
    d = "".join(f"M{x:.1f},{y:.1f}{shape}" for x, y in places)
    if test:
        return f'<path d="{d}" fill="none" stroke="{dark(k)}" stroke-width="1.8"/>'
    return f'<path d="{d}" fill="{COLOURS[k]}" stroke="white" stroke-width="0.8"/>'
