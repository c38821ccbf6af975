"""Section 1 and the error function: the two layers, and equations (1) to (3)."""

import numpy as np
from numpy.typing import ArrayLike

from bplab import losses, network
from bplab.activations import Activation, Output
from bplab.by_equation.equation_map import Matrix, Misprint, Vector, also, equation

__all__ = ["eq1", "eq2", "eq3", "hidden", "output", "with_one"]


def with_one(v: ArrayLike) -> Vector:
    """Return (1, v_1, …), the vector by which a row of weights is multiplied."""
    return np.concatenate([[1.0], v])


@equation(
    "hidden",
    network.hidden,
    paper="section 1",
    title="the hidden layer: Z from X and alpha",
    misprints=(Misprint("$Z = (Z_1, Z_1, …)$", "$Z = (Z_1, Z_2, …)$"),),
)
def hidden(x: Vector, alpha: Matrix, sigma: Activation) -> tuple[Vector, Vector]:
    r"""Hidden layer: :math:`z_{im} = σ(α_{0m} + α_m^T x_i)`.

    Parameters
    ----------
    x : (p+1,), leading 1
    alpha : (M, p+1)
    sigma : Activation

    Returns
    -------
    a : (M,)
        The arguments of σ.
    z : (M+1,), leading 1
    """
    M, p = len(alpha), len(x) - 1
    a = np.empty(M)
    for m in range(M):
        a[m] = alpha[m, 0] + sum(alpha[m, l] * x[l] for l in range(1, 1 + p))
    return a, with_one([sigma(a[m]) for m in range(M)])


@equation(
    "output",
    network.output,
    paper="section 1",
    title="the output layer: T from Z and beta, F = g(T)",
)
def output(z: Vector, beta: Matrix, g: Output) -> tuple[Vector, Vector]:
    r"""Output layer: :math:`t_{ik} = β_{0k} + β_k^T z_i` and :math:`f_k(x_i) = g_k(t_i)`.

    Parameters
    ----------
    z : (M+1,), leading 1
    beta : (K, M+1)
    g : Activation or Softmax

    Returns
    -------
    t, f : (K,)
    """
    K, M = len(beta), len(z) - 1
    t = np.empty(K)
    for k in range(K):
        t[k] = beta[k, 0] + sum(beta[k, m] * z[m] for m in range(1, 1 + M))
    return t, g(t)


@equation(
    "eq2",
    losses.loss_per_example,
    paper="equation (2)",
    title="R(i), the squared error of each example",
)
def eq2(y: Vector, f: Vector) -> float:
    r"""Equation (2): :math:`R(i) = \sum_{k=1}^K (y_{ik} - f_k(x_i))^2`.

    Parameters
    ----------
    y, f : (K,)

    Returns
    -------
    float
    """
    K = len(y)
    return sum((y[k] - f[k]) ** 2 for k in range(K))


@equation(
    "eq1",
    losses.loss,
    paper="equations (1) and (3)",
    title="R(θ), the squared error of all examples",
)
def eq1(Y: Matrix, F: Matrix) -> float:
    r"""Equation (1): :math:`R(θ) = \sum_{k=1}^K \sum_{i=1}^N (y_{ik} - f_k(x_i))^2`.

    Parameters
    ----------
    Y, F : (N, K)
        Targets and outputs of all examples.

    Returns
    -------
    float
    """
    N, K = Y.shape
    return sum(sum((Y[i, k] - F[i, k]) ** 2 for i in range(N)) for k in range(K))


@also("eq1")
def eq3(Y: Matrix, F: Matrix) -> float:
    r"""Equation (3): :math:`R(θ) = \sum_{i=1}^N R(i)`.

    Parameters
    ----------
    Y, F : (N, K)
        Targets and outputs of all examples.

    Returns
    -------
    float
    """
    N = len(Y)
    return sum(eq2(Y[i], F[i]) for i in range(N))
