"""The small networks that the gallery trains, by formulas that check nothing.

A mistake may send any number through a network, also infinite ones, which the library's checked
functions refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab import layers
from bplab.activations import Activation, Output
from bplab.data import penguins
from bplab.training import initial_weights

__all__ = ["Network", "Pass"]

Weights = list[NDArray]
"""Weights of the hidden layers from the input on, then those of the output layer."""


class Pass(NamedTuple):
    """What a forward pass stores; ``Z`` begins with the inputs X, ``A`` with the first layer."""

    A: list[NDArray]
    Z: list[NDArray]
    T: NDArray
    F: NDArray


@dataclass(frozen=True, eq=False)
class Network:
    """A network on the penguins, always from the same start.

    Attributes
    ----------
    X : ndarray, shape (N, 4)
        Standardised measurements.
    Y : ndarray of int, shape (N, 3)
        Species: whole numbers, as such targets often are, so that what is cut to their type
        shows.
    start : list of ndarray
        Weights before the first update.
    sigmas : sequence of Activation
        Activation of each hidden layer.
    g : Activation or Softmax
        Output function.
    gamma : float
        Learning rate.
    """

    X: NDArray
    Y: NDArray
    start: Weights
    sigmas: Sequence[Activation]
    g: Output
    gamma: float

    @classmethod
    def of(
        cls,
        hidden: Sequence[int],
        sigmas: Sequence[Activation],
        g: Output,
        gamma: float,
        *,
        every: int = 1,
    ) -> "Network":
        """Make a network with ``hidden`` units a layer, on one bird out of ``every`` so many."""
        X, Y = (array[::every].copy() for array in _birds())
        alphas, beta = initial_weights(X.shape[1], list(hidden), Y.shape[1], seed=0)
        return cls(X, Y, [*alphas, beta], sigmas, g, gamma)

    def __str__(self) -> str:
        layers = [
            f"{len(w)} hidden units ({sigma})"
            for w, sigma in zip(self.start[:-1], self.sigmas, strict=True)
        ]
        return (
            f"{len(self.X)} penguins, {self.X.shape[1]} features, {', '.join(layers)}, "
            f"{self.Y.shape[1]} outputs ({self.g}), γ = {self.gamma:g}"
        )

    def forward(self, weights: Weights) -> Pass:
        """Forward pass of sections 1 and 3."""
        A, Z, T, F = layers.forward(self.X, weights[:-1], weights[-1], self.sigmas, self.g)
        return Pass(list(A), [self.X, *Z], T, F)

    def output(self, Z: NDArray, beta: NDArray) -> tuple[NDArray, NDArray]:
        """T and F."""
        T = layers.affine(Z, beta)
        return T, self.g(T)

    def risk(self, F: NDArray) -> float:
        """R(θ), equation (1)."""
        return float(np.square(self.Y - F).sum())

    def delta(self, T: NDArray, F: NDArray) -> NDArray:
        """Output delta."""
        return layers.output_delta(self.Y, T, F, self.g)

    def one_down(self, delta: NDArray, weights: NDArray, A: NDArray, sigma: Activation) -> NDArray:
        """Delta of the layer below, equations (16) and (17)."""
        return layers.hidden_delta(delta, weights, A, sigma)

    def gradients(self, weights: Weights, stored: Pass, delta: NDArray) -> Weights:
        """The gradient with respect to each layer, from the output delta, by back-propagation."""
        s = layers.hidden_deltas(delta, weights[1:], stored.A, self.sigmas[: len(stored.A)])
        return list(map(layers.weight_gradient, (*s, delta), stored.Z))

    def step(self, weights: Weights, gradients: Weights) -> Weights:
        """Equations (12) and (13)."""
        return [w - self.gamma * d for w, d in zip(weights, gradients, strict=True)]


@cache
def _birds() -> tuple[NDArray, NDArray]:
    """All penguins, standardised, in random order.

    The file is sorted by species: there a target shifted by one row is nearly always right.
    """
    birds = penguins()
    order = np.random.default_rng(0).permutation(len(birds.X))
    X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
    return X[order], birds.Y[order].astype(np.int64)
