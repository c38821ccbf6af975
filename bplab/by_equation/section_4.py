r"""Section 4: the activations as printed, each with its derivative, for one number.

They overflow where the printed formulas do, and a(1 - a) loses digits where a is near 1. The forms
in `bplab.activations` avoid both.
"""

from math import exp

import numpy as np

from bplab import activations
from bplab.by_equation.equation_map import Matrix, Misprint, Vector, equation

__all__ = ["elu", "leaky_relu", "relu", "sigmoid", "softmax", "tanh"]


@equation("sigmoid", activations.sigmoid, paper="section 4, 1", title="sigmoid")
def sigmoid(x: float) -> tuple[float, float]:
    r"""Sigmoid: :math:`a = 1 / (1 + e^{-x})` and :math:`a' = a (1 - a)`.

    Parameters
    ----------
    x : float

    Returns
    -------
    a, slope : float
    """
    a = 1 / (1 + exp(-x))
    return a, a * (1 - a)


@equation("tanh", activations.tanh, paper="section 4, 2", title="hyperbolic tangent")
def tanh(x: float) -> tuple[float, float]:
    r"""Hyperbolic tangent: :math:`a = (e^x - e^{-x}) / (e^x + e^{-x})`, :math:`a' = 1 - a^2`.

    Parameters
    ----------
    x : float

    Returns
    -------
    a, slope : float
    """
    a = (exp(x) - exp(-x)) / (exp(x) + exp(-x))
    return a, 1 - a**2


@equation(
    "softmax",
    activations.softmax,
    paper="section 4, 3",
    title="softmax and its Jacobian",
    misprints=(
        Misprint("$t_{ikl}$ in the denominator", "$t_{il}$"),
        Misprint("$δ_k$ for the value of softmax", "$g_k$", because="$δ_k$ has a meaning already"),
    ),
)
def softmax(t: Vector) -> tuple[Vector, Matrix]:
    r"""Softmax: :math:`g_k = e^{t_k} / \sum_l e^{t_l}`, and its Jacobian.

    .. math:: ∂g_k/∂t_l = g_k (1 - g_k) \;\text{if}\; k = l, \qquad -g_k g_l \;\text{if}\; k ≠ l

    Parameters
    ----------
    t : (K,)

    Returns
    -------
    g : (K,)
    jacobian : (K, K)
        Entry [k, l] is :math:`∂g_k/∂t_l`.
    """
    K = len(t)
    g, jacobian = np.empty(K), np.empty((K, K))
    for k in range(K):
        g[k] = exp(t[k]) / sum(exp(t[l]) for l in range(K))
    for k in range(K):
        for l in range(K):
            jacobian[k, l] = g[k] * (1 - g[k]) if k == l else -g[k] * g[l]
    return g, jacobian


@equation("relu", activations.relu, paper="section 4, 4", title="rectified linear unit (ReLU)")
def relu(x: float) -> tuple[float, float]:
    r"""ReLU: a = 0 and a' = 0 for x ≤ 0, a = x and a' = 1 for x > 0.

    Parameters
    ----------
    x : float

    Returns
    -------
    a, slope : float
    """
    return (x, 1.0) if x > 0 else (0.0, 0.0)


@equation("leaky-relu", activations.leaky_relu, paper="section 4, 5", title="leaky ReLU")
def leaky_relu(x: float, alpha: float) -> tuple[float, float]:
    r"""Leaky ReLU: a = αx and a' = α for x ≤ 0, a = x and a' = 1 for x > 0.

    Parameters
    ----------
    x : float
    alpha : float
        At most 1.

    Returns
    -------
    a, slope : float
    """
    return (x, 1.0) if x > 0 else (alpha * x, alpha)


@equation("elu", activations.elu, paper="section 4, 6", title="exponential linear unit (ELU)")
def elu(x: float, alpha: float) -> tuple[float, float]:
    r"""ELU: a = α(exp(x) - 1) and a' = a + α for x ≤ 0, a = x and a' = 1 for x > 0.

    Parameters
    ----------
    x : float
    alpha : float
        At most 1.

    Returns
    -------
    a, slope : float
    """
    if x > 0:
        return x, 1.0
    a = alpha * (exp(x) - 1)
    return a, a + alpha
