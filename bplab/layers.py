r"""The formulas of the forward and backward pass through D layers, in plain numpy, without checks.

`bplab.network` and `bplab.deep` check their arguments, and then compute with these functions. Call
them directly where the values are known to fit, or may be infinite. All arrays hold floats. Letters
and shapes are those of `bplab.deep`; with D = 1 it is the network of sections 1 and 2.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bplab.activations import Activation, Output, sum_of_others
from bplab.losses import LossName

__all__ = [
    "Forward",
    "Gradients",
    "affine",
    "backward",
    "forward",
    "hidden_delta",
    "hidden_deltas",
    "output_delta",
    "weight_gradient",
]


class Forward(NamedTuple):
    """Results of a forward pass: ``A, Z`` (N, M_d) for each hidden layer; ``T, F`` (N, K)."""

    A: tuple[np.ndarray, ...]
    Z: tuple[np.ndarray, ...]
    T: np.ndarray
    F: np.ndarray


class Gradients(NamedTuple):
    """Gradients of R(θ): ``alphas``, (M_d, M_{d-1}+1) for each layer; ``beta``, (K, M_D+1)."""

    alphas: tuple[np.ndarray, ...]
    beta: np.ndarray


def affine(inputs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return bias + weights · inputs for every example: (N, p) and (M, p+1) give (N, M)."""
    return inputs @ weights[:, 1:].T + weights[:, 0]


def forward(
    X: np.ndarray,
    alphas: Sequence[np.ndarray],
    beta: np.ndarray,
    sigmas: Sequence[Activation],
    g: Output,
) -> Forward:
    """Forward pass of sections 1 and 3, from the inputs to F = g(T)."""
    A, Z = [], [X]
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(affine(Z[-1], alpha))
        Z.append(sigma(A[-1]))
    T = affine(Z[-1], beta)
    return Forward(tuple(A), tuple(Z[1:]), T, g(T))


def output_delta(
    Y: np.ndarray, T: np.ndarray, F: np.ndarray, g: Output, *, loss: LossName = "squared"
) -> np.ndarray:
    r"""Output delta :math:`δ_{ki} = ∂R_i/∂t_{ik}`, shape (N, K); equations (6) and (10)."""
    if loss == "cross-entropy":
        # f Σy - y, written so that it keeps its digits where softmax saturates
        return F * sum_of_others(Y) - Y * sum_of_others(F)
    return g.pull_back(-2 * (Y - F), T)


def hidden_delta(
    delta: np.ndarray, weights: np.ndarray, A: np.ndarray, sigma: Activation
) -> np.ndarray:
    """Delta of a layer, shape (N, M_d), from the delta and the weights of the layer above.

    The bias column sends nothing back. Equations (7), (11) and (15) to (18).
    """
    return sigma.pull_back(delta @ weights[:, 1:], A)


def hidden_deltas(
    delta: np.ndarray,
    weights: Sequence[np.ndarray],
    A: Sequence[np.ndarray],
    sigmas: Sequence[Activation],
) -> tuple[np.ndarray, ...]:
    """Deltas of all hidden layers, the first layer's first; equations (16) and (17).

    ``weights`` has the weights above each hidden layer: the alphas from the second on, and beta.
    """
    s = [delta]
    for w, a, sigma in zip(weights[::-1], A[::-1], sigmas[::-1], strict=True):
        s.append(hidden_delta(s[-1], w, a, sigma))
    return tuple(s[:0:-1])


def weight_gradient(delta: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Gradient with respect to a layer's weights, bias first, from its delta and its inputs.

    Equations (4), (8), (14) and (16), summed over the examples.
    """
    return np.column_stack([delta.sum(axis=0), delta.T @ inputs])


def backward(
    X: np.ndarray,
    stored: Forward,
    delta: np.ndarray,
    alphas: Sequence[np.ndarray],
    beta: np.ndarray,
    sigmas: Sequence[Activation],
) -> Gradients:
    """All gradients, starting from the output delta; equations (14) to (18)."""
    s = hidden_deltas(delta, (*alphas[1:], beta), stored.A, sigmas)
    by_alphas = map(weight_gradient, s, (X, *stored.Z[:-1]))
    return Gradients(tuple(by_alphas), weight_gradient(delta, stored.Z[-1]))
