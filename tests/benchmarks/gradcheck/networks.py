"""Random small networks on which gradient checkers are known to go wrong.

The mix is that of practice at its worst: most networks are plain; others have a unit on a kink
or beside one, sit near the optimum, have huge residuals, or saturate; and the features of a
third of them are scaled by 1,000 up or down.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.activations import Activation, elu, identity, leaky_relu, relu, sigmoid, softmax, tanh
from bplab.deep import forward
from bplab.layers import affine
from bplab.losses import log_softmax
from bplab.risk import Risk

__all__ = ["KINDS", "Network", "random_network"]

KINDS = {"plain": 0.48, "kink": 0.23, "optimum": 0.105, "residual": 0.095, "saturated": 0.09}
"""The kinds of networks and their shares."""


class Network(NamedTuple):
    """A network with data: what kind it is, its risk, and its weights, the output's last."""

    kind: str
    risk: Risk
    weights: tuple[NDArray, ...]

    def function(self) -> Callable[[Sequence[NDArray]], float]:
        """Return R(θ) as a function of which nothing is known: plain numpy, no checks."""
        X, Y, sigmas, g, loss = (vars(self.risk)[k] for k in ("X", "Y", "sigmas", "g", "loss"))

        def R(weights: Sequence[NDArray]) -> float:
            Z = X
            for w, sigma in zip(weights, sigmas, strict=False):
                Z = sigma.value(affine(Z, w))
            T = affine(Z, weights[-1])
            if loss == "cross-entropy":
                return -(Y * log_softmax(T)).sum()
            return np.square(Y - g.value(T)).sum()

        return R

    def textbook_gradient(self) -> tuple[NDArray, ...]:
        """Return the gradient as textbooks write it: a(1 - a), 1 - a², a column of ones.

        It is as right as the library's, and rounded differently.
        """
        X, Y, sigmas, g, loss = (vars(self.risk)[k] for k in ("X", "Y", "sigmas", "g", "loss"))
        ones = np.ones((len(X), 1))
        inputs, Z = [], X
        for w, sigma in zip(self.weights, sigmas, strict=False):
            inputs.append(np.hstack([ones, Z]))
            Z = sigma.value(inputs[-1] @ w.T)
        inputs.append(np.hstack([ones, Z]))
        F = g.value(inputs[-1] @ self.weights[-1].T)
        if loss == "cross-entropy":
            delta = F * Y.sum(axis=1, keepdims=True) - Y
        elif g is softmax:
            D = -2 * (Y - F)
            delta = F * (D - (F * D).sum(axis=1, keepdims=True))
        else:
            delta = -2 * (Y - F) * _textbook_slope(g, F)
        gradient = [delta.T @ inputs[-1]]
        for d in reversed(range(len(sigmas))):
            Z = inputs[d + 1][:, 1:]
            delta = (delta @ self.weights[d + 1][:, 1:]) * _textbook_slope(sigmas[d], Z)
            gradient.append(delta.T @ inputs[d])
        return tuple(reversed(gradient))


def _textbook_slope(activation: Activation, a: NDArray) -> NDArray:
    """The derivative from the activation's own output."""
    if activation == sigmoid:
        return a * (1 - a)
    if activation == tanh:
        return 1 - a**2
    if activation.name.startswith("elu"):
        alpha = float(activation.derivative(-1e-300))  # a' = a + alpha
        return np.where(a > 0, 1, a + alpha)
    return activation.derivative(a)  # the sign of the output is that of the input


def random_network(rng: np.random.Generator) -> Network:
    """Draw a network with D = 1 to 3 hidden layers of mixed activations, and its data.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the numbers come from.
    """
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    D = int(rng.choice([1, 2, 3], p=[0.5, 0.3, 0.2]))
    N = int(rng.integers(1, 11))
    sizes = [int(n) for n in rng.integers(1, 7, D + 2)]
    g, loss = sigmoid, "squared"
    match rng.integers(5):
        case 0:
            g = tanh
        case 1:
            g = identity
        case 2:
            g = softmax
        case 3:
            g, loss = softmax, "cross-entropy"
    if g is softmax:
        sizes[-1] = max(sizes[-1], 2)
    kinked = (relu, leaky_relu(rng.uniform(0.01, 0.3)), elu(rng.uniform(0.2, 0.9)))
    choices = kinked if kind == "kink" else (sigmoid, tanh, *kinked)
    sigmas = tuple(choices[rng.integers(len(choices))] for _ in range(D))

    X = rng.standard_normal((N, sizes[0]))
    if rng.random() < 0.3:
        X *= 10.0 ** rng.choice([-3, 3], size=sizes[0])
    spread = rng.uniform(5, 30) if kind == "saturated" else 1.0
    weights = []
    for inputs, units in pairwise(sizes):
        layer = rng.standard_normal((units, inputs + 1)) * spread / np.sqrt(inputs)
        layer[:, 0] = rng.uniform(-0.8, 0.8, units)
        weights.append(layer)
    if kind == "kink":
        _put_on_kink(rng, X, weights, sigmas)
    *alphas, beta = weights
    F = forward(X, alphas, beta, sigmas, g).F
    return Network(kind, Risk(X, _targets(rng, kind, F, loss), sigmas, g, loss=loss), (*weights,))


def _put_on_kink(rng, X, weights, sigmas) -> None:
    """Move a bias so that a unit's pre-activation is 0 for an example, or nearly so."""
    d = int(rng.integers(len(sigmas)))
    unit, example = int(rng.integers(len(weights[d]))), int(rng.integers(len(X)))
    A = forward(X, weights[: d + 1], np.ones((1, len(weights[d]) + 1)), sigmas[: d + 1], identity)
    distance = 0.0 if rng.random() < 0.3 else rng.choice([-1, 1]) * 10 ** rng.uniform(-12, -3)
    weights[d][unit, 0] += distance - A.A[d][example, unit]


def _targets(rng, kind: str, F: NDArray, loss: str) -> NDArray:
    N, K = F.shape
    if kind == "optimum":
        return F * (1 + 10 ** rng.uniform(-10, -4) * rng.standard_normal((N, K)))
    if kind == "residual":
        return F + 1e3 * rng.standard_normal((N, K))
    if loss == "cross-entropy":
        return np.eye(K)[rng.integers(K, size=N)]
    return rng.uniform(0, 1, (N, K))
