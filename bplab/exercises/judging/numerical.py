"""Whether a function differentiates numerically where the formula is asked for.

Precision tells most finite differences from a formula, but not all: one of high order, a
complex step, or one that is rounded to float32 afterwards can be as exact. They have in common
that they evaluate an activation a little *beside* the points of the forward pass.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bplab.exercises.task import Case

BESIDE = 1e-2
"""A step is smaller than this."""


def differentiates_numerically(noted: Sequence[np.ndarray], case: Case) -> bool:
    """Whether any of the points where a function evaluated activations is beside the case's."""
    points = np.sort(np.concatenate([*_arrays(case.arguments(("A", "T")).values())], axis=None))
    return any(_beside(values, points) for values in noted)


def _beside(values: np.ndarray, points: np.ndarray) -> bool:
    """Whether any value is near one of the points and not at it, or is complex."""
    if np.iscomplexobj(values) and np.any(values.imag != 0):
        return True
    x = np.ravel(values.real).astype(np.float64)
    x = x[np.isfinite(x)]
    right = np.searchsorted(points, x).clip(1, len(points) - 1)
    distance = np.minimum(abs(x - points[right - 1]), abs(x - points[right]))
    rounding = (1e-5 if values.dtype == np.float32 else 1e-12) * np.maximum(1, abs(x))
    return bool(np.any((distance > rounding) & (distance < BESIDE)))


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    else:
        for item in value:
            yield from _arrays(item)
