"""The data and weights that every peer of the speed benchmark gets."""

from collections.abc import Callable
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.speed.rows import Net

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


def plain_risk(np_like: ModuleType, activation: str) -> Callable:
    """R(θ) in numpy, or in a library that offers numpy's functions; no checks slow it."""
    sigma = np_like.tanh if activation == "tanh" else lambda x: np_like.maximum(x, 0)

    def risk(weights, X, Y):
        for w in weights[:-1]:
            X = sigma(X @ w[:, 1:].T + w[:, 0])
        w = weights[-1]
        return ((X @ w[:, 1:].T + w[:, 0] - Y) ** 2).sum()

    return risk
