r"""Section 2.1, equations (4) to (7): output k depends on :math:`t_{ik}` alone."""

import numpy as np

from bplab import network
from bplab.activations import Activation
from bplab.by_equation.equation_map import Matrix, Misprint, Vector, equation

__all__ = ["eq4", "eq5", "eq6", "eq7"]


@equation(
    "eq4",
    network.grad_beta,
    paper="equation (4)",
    title="∂R/∂β for elementwise g",
    misprints=(
        Misprint(
            "$Σ_l (y_{il} − f_l)$",
            "$Σ_l (y_{il} − f_l)²$",
            where="the start of section 2",
            because="the square is lost",
        ),
        Misprint("$δg_k(t_{ik})/δβ_k$ for $g_k′$", "$∂g_k/∂t_{ik}$", where="section 2.1"),
    ),
)
def eq4(y: Vector, f: Vector, t: Vector, z: Vector, g: Activation) -> Matrix:
    r"""Equation (4).

    .. math:: ∂R_i/∂β_{km} = -2 (y_{ik} - f_k(x_i))\, g_k'(t_{ik})\, z_{im}

    Parameters
    ----------
    y, f, t : (K,)
    z : (M+1,), leading 1
    g : Activation

    Returns
    -------
    (K, M+1)
    """
    K, M = len(y), len(z) - 1
    gradient = np.empty((K, M + 1))
    for k in range(K):
        for m in range(M + 1):
            gradient[k, m] = -2 * (y[k] - f[k]) * g.derivative(t[k]) * z[m]
    return gradient


@equation(
    "eq5",
    network.grad_alpha,
    paper="equation (5)",
    title="∂R/∂α for elementwise g",
)
def eq5(
    x: Vector,
    y: Vector,
    f: Vector,
    t: Vector,
    a: Vector,
    beta: Matrix,
    sigma: Activation,
    g: Activation,
) -> Matrix:
    r"""Equation (5).

    .. math::
        ∂R_i/∂α_{ml} = -2 \sum_{k=1}^K (y_{ik} - f_k(x_i))\, g_k'(t_{ik})\, β_{km}\,
        σ'(α_m^T x_i)\, x_{il}

    Parameters
    ----------
    x : (p+1,), leading 1
    y, f, t : (K,)
    a : (M,)
    beta : (K, M+1)
    sigma, g : Activation

    Returns
    -------
    (M, p+1)
    """
    K, M, p = len(y), len(a), len(x) - 1
    gradient = np.empty((M, p + 1))
    for m in range(M):
        for l in range(p + 1):
            gradient[m, l] = -2 * sum(
                (y[k] - f[k]) * g.derivative(t[k]) * beta[k, 1 + m] * sigma.derivative(a[m]) * x[l]
                for k in range(K)
            )
    return gradient


@equation(
    "eq6",
    network.backward_output,
    paper="equation (6)",
    title="delta, and ∂R/∂β through it",
    misprints=(
        Misprint(
            "$δ_{km}$", "$δ_{ki}$", because="delta belongs to an example, not to a hidden unit"
        ),
    ),
)
def eq6(y: Vector, f: Vector, t: Vector, z: Vector, g: Activation) -> tuple[Vector, Matrix]:
    r"""Equation (6).

    .. math:: δ_{ki} = -2 (y_{ik} - f_k(x_i))\, g_k'(t_{ik}), \qquad ∂R_i/∂β_{km} = δ_{ki} z_{im}

    Parameters
    ----------
    y, f, t : (K,)
    z : (M+1,), leading 1
    g : Activation

    Returns
    -------
    delta : (K,)
    gradient : (K, M+1)
    """
    K, M = len(y), len(z) - 1
    delta, gradient = np.empty(K), np.empty((K, M + 1))
    for k in range(K):
        delta[k] = -2 * (y[k] - f[k]) * g.derivative(t[k])
        for m in range(M + 1):
            gradient[k, m] = delta[k] * z[m]
    return delta, gradient


@equation(
    "eq7",
    network.backward_hidden,
    paper="equation (7)",
    title="∂R/∂α through delta",
)
def eq7(x: Vector, a: Vector, delta: Vector, beta: Matrix, sigma: Activation) -> Matrix:
    r"""Equation (7).

    .. math:: ∂R_i/∂α_{ml} = \sum_{k=1}^K δ_{ki}\, β_{km}\, σ'(α_m^T x_i)\, x_{il}

    Parameters
    ----------
    x : (p+1,), leading 1
    a : (M,)
    delta : (K,)
    beta : (K, M+1)
    sigma : Activation

    Returns
    -------
    (M, p+1)
    """
    K, M, p = len(delta), len(a), len(x) - 1
    gradient = np.empty((M, p + 1))
    for m in range(M):
        for l in range(p + 1):
            gradient[m, l] = sum(
                delta[k] * beta[k, 1 + m] * sigma.derivative(a[m]) * x[l] for k in range(K)
            )
    return gradient
