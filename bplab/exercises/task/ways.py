"""Other ways of writing the gradients, with delta of softmax multiplied out.

f_k (d_k − Σ_l f_l d_l) needs no Jacobian, and learners write it this way. In single precision it
loses more digits than the library's own form: the bracket cancels where one output is nearly 1.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bplab import layers
from bplab.activations import Activation, Output, Softmax

__all__ = ["WAYS"]

Array = np.ndarray


def _delta(Y: Array, T: Array, F: Array, g: Output) -> Array:
    if not isinstance(g, Softmax):
        return layers.output_delta(Y, T, F, g)
    residual = -2 * (Y - F)
    delta: Array = F * (residual - (F * residual).sum(axis=1, keepdims=True))
    return delta


def grad_beta(Y: Array, A: Array, Z: Array, T: Array, F: Array, g: Output) -> Array:
    """Equation (8), shape (K, M+1)."""
    return layers.weight_gradient(_delta(Y, T, F, g), Z)


def backward_output(
    Y: Array, A: Array, Z: Array, T: Array, F: Array, g: Output
) -> tuple[Array, Array]:
    """Equation (10): delta (N, K) and the gradient (K, M+1)."""
    delta = _delta(Y, T, F, g)
    return delta, layers.weight_gradient(delta, Z)


def grad_alpha(
    X: Array,
    Y: Array,
    A: Array,
    Z: Array,
    T: Array,
    F: Array,
    beta: Array,
    sigma: Activation,
    g: Output,
) -> Array:
    """Equation (9), shape (M, p+1)."""
    return layers.weight_gradient(layers.hidden_delta(_delta(Y, T, F, g), beta, A, sigma), X)


def backward(
    X: Array,
    Y: Array,
    alphas: Sequence[Array],
    beta: Array,
    sigmas: Sequence[Activation],
    g: Output,
) -> layers.Gradients:
    """Equation (18): the gradients with respect to the alphas and to beta."""
    stored = layers.forward(X, alphas, beta, sigmas, g)
    delta = _delta(Y, stored.T, stored.F, g)
    return layers.backward(X, stored, delta, alphas, beta, sigmas)


def one_pass(
    X: Array, Y: Array, alpha: Array, beta: Array, sigma: Activation, g: Output, gamma: Any
) -> tuple[Array, Array]:
    """Equation (13): alpha and beta after one step."""
    (by_alpha,), by_beta = backward(X, Y, [alpha], beta, [sigma], g)
    return alpha - gamma * by_alpha, beta - gamma * by_beta


WAYS: dict[str, tuple[Callable[..., Any], ...]] = {
    "eq8": (grad_beta,),
    "eq9": (grad_alpha,),
    "eq10": (backward_output,),
    "eq13": (one_pass,),
    "eq18": (backward,),
}
"""The other ways of writing an exercise's reference, by the exercise's id."""
