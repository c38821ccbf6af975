"""The data and weights that every peer of the speed benchmark gets."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bplab.bench._rows import Net

Timed = tuple[Callable[[], object], float]
"""Something to call, and how many units of its task a call does."""


def problem(net: Net, dtype: str) -> tuple[NDArray, NDArray, list[NDArray]]:
    """Random inputs, targets, and weights with the bias first."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((net.N, net.sizes[0]))
    Y = rng.standard_normal((net.N, net.sizes[-1]))
    weights = [
        rng.standard_normal((units, inputs + 1)) / np.sqrt(inputs)
        for inputs, units in pairwise(net.sizes)
    ]
    X, Y, *weights = (array.astype(dtype) for array in (X, Y, *weights))
    return X, Y, weights
