"""Quantities of the derivation by finite differences alone, for a learner to see and compare.

No formula of a derivative is used, only the forward pass and R, or an activation's values.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from bplab import layers
from bplab.activations import Softmax
from bplab.gradcheck import numerical_gradient
from bplab.losses import loss

__all__ = ["Difference", "differences"]

Array = np.ndarray

Above = Callable[[Array, int], float]

INPUTS = "the inputs with a 1 before them"


class Difference(NamedTuple):
    """A derivative by finite differences.

    Attributes
    ----------
    words : str
        Its name: ``"the output delta"``.
    sign : str
        Its sign in the paper: ``"∂R/∂T"``.
    array : ndarray
    """

    words: str
    sign: str
    array: Array


def differences(network: Any) -> Iterator[Difference]:
    """Yield the quantities on the way through a network and back, each by finite differences.

    Parameters
    ----------
    network : NetworkCase or DeepCase
    """
    many = hasattr(network, "alphas")
    alphas = [np.asarray(w, float) for w in (network.alphas if many else [network.alpha])]
    sigmas = network.sigmas if many else [network.sigma]
    X, Y = np.asarray(network.X, float), np.asarray(network.Y, float)
    beta, g = np.asarray(network.beta, float), network.g
    A, Z, T, F = layers.forward(X, alphas, beta, sigmas, g)

    def above(z: Array, d: int, last: Array = beta) -> float:
        """Return R from the values of hidden layer d onwards."""
        return loss(Y, layers.forward(z, alphas[d + 1 :], last, sigmas[d + 1 :], g).F)

    yield Difference("the residual", "∂R/∂F", numerical_gradient(lambda f: loss(Y, f), F))
    yield Difference("the output delta", "∂R/∂T", numerical_gradient(lambda t: loss(Y, g(t)), T))
    if not isinstance(g, Softmax):
        yield Difference("g′(T)", "∂F/∂T", numerical_gradient(lambda t: float(g(t).sum()), T))
    last = len(alphas) - 1
    yield from _gradient("∂R/∂β", "beta", lambda w: above(Z[last], last, w), beta)
    yield Difference(INPUTS, "∂T/∂β", _inputs(Z[last]))
    for d in range(last + 1):
        yield from _of_layer(d, [X, *Z][d], alphas[d], A[d], sigmas[d], above, many=many)


def _of_layer(
    d: int, inputs: Array, alpha: Array, a: Array, sigma: Any, above: Above, *, many: bool
) -> Iterator[Difference]:
    of = f"^({d + 1})" if many else ""
    by_z = numerical_gradient(lambda z: above(z, d), sigma(a))
    yield Difference("what is sent back", f"∂R/∂Z{of}", by_z)
    slope = numerical_gradient(lambda a: float(sigma(a).sum()), a)
    yield Difference("σ′(A)", f"∂Z{of}/∂A{of}", slope)
    by_a = numerical_gradient(lambda a: above(sigma(a), d), a)
    yield Difference("the hidden delta", f"∂R/∂A{of}", by_a)
    name = "alphas" if many else "alpha"
    yield from _gradient(
        f"∂R/∂α{of}", name, lambda w: above(sigma(layers.affine(inputs, w)), d), alpha
    )
    yield Difference(INPUTS, f"∂A{of}/∂α{of}", _inputs(inputs))


def _gradient(
    sign: str, name: str, risk: Callable[[Array], float], weights: Array
) -> Iterator[Difference]:
    array, words = numerical_gradient(risk, weights), f"the gradient with respect to {name}"
    for part in (array, array[:, 1:], array[:, 0]):
        yield Difference(words, sign, part)


def _inputs(inputs: Array) -> Array:
    """Return the derivative of a pre-activation with respect to its weights, for each example."""
    weights = np.zeros((1, inputs.shape[1] + 1))

    def of(x: Array) -> Array:
        return np.asarray(
            numerical_gradient(lambda w: float(layers.affine(x[None], w)[0, 0]), weights)[0]
        )

    return np.array([of(x) for x in inputs])
