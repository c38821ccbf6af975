r"""Section 2.2, equations (8) to (11): every output depends on all of :math:`t_i`.

The paper's :math:`g_l'(β_k^T z_i)` is entry [l, k] of the Jacobian of g, which is called ``dg``
here.
"""

import numpy as np

from bplab import network
from bplab.activations import Activation, Softmax
from bplab.by_equation.equation_map import Matrix, Misprint, Vector, equation
from bplab.by_equation.section_2_1 import eq7

__all__ = ["eq8", "eq9", "eq10", "eq11"]


@equation(
    "eq8",
    network.grad_beta,
    paper="equation (8)",
    title="∂R/∂β when g_k sees all of t",
    misprints=(
        Misprint(
            "$(y_{ik} − f_k)$ inside $Σ_l$",
            "$(y_{il} − f_l)$",
            where="the last line before (8)",
            because="as printed the gradient is identically zero for softmax, "
            "whose $Σ_l ∂g_l/∂t_k$ is 0",
        ),
    ),
)
def eq8(y: Vector, f: Vector, t: Vector, z: Vector, g: Softmax) -> Matrix:
    r"""Equation (8).

    .. math:: ∂R_i/∂β_{km} = -2 \sum_{l=1}^K (y_{il} - f_l(x_i))\, g_l'(β_k^T z_i)\, z_{im}

    Parameters
    ----------
    y, f, t : (K,)
    z : (M+1,), leading 1
    g : Softmax

    Returns
    -------
    (K, M+1)
    """
    K, M = len(y), len(z) - 1
    dg = g.jacobian(t)
    gradient = np.empty((K, M + 1))
    for k in range(K):
        for m in range(M + 1):
            gradient[k, m] = -2 * sum((y[l] - f[l]) * dg[l, k] * z[m] for l in range(K))
    return gradient


@equation(
    "eq9",
    network.grad_alpha,
    paper="equation (9)",
    title="∂R/∂α when g_k sees all of t",
    misprints=(
        Misprint("$Σ_{i=1}^K$", "$Σ_{j=1}^K$", because="the inner sum is over the outputs"),
    ),
)
def eq9(
    x: Vector,
    y: Vector,
    f: Vector,
    t: Vector,
    a: Vector,
    beta: Matrix,
    sigma: Activation,
    g: Softmax,
) -> Matrix:
    r"""Equation (9).

    .. math::
        ∂R_i/∂α_{ml} = -2 \sum_{k=1}^K \sum_{j=1}^K (y_{ij} - f_j(x_i))\, g_j'(β_k^T z_i)\,
        β_{km}\, σ'(α_m^T x_i)\, x_{il}

    Parameters
    ----------
    x : (p+1,), leading 1
    y, f, t : (K,)
    a : (M,)
    beta : (K, M+1)
    sigma : Activation
    g : Softmax

    Returns
    -------
    (M, p+1)
    """
    K, M, p = len(y), len(a), len(x) - 1
    dg = g.jacobian(t)
    gradient = np.empty((M, p + 1))
    for m in range(M):
        for l in range(p + 1):
            gradient[m, l] = -2 * sum(
                (y[j] - f[j]) * dg[j, k] * beta[k, 1 + m] * sigma.derivative(a[m]) * x[l]
                for k in range(K)
                for j in range(K)
            )
    return gradient


@equation(
    "eq10",
    network.backward_output,
    paper="equation (10)",
    title="delta when g_k sees all of t, and ∂R/∂β through it",
    misprints=(
        Misprint(
            "$δ_{km}$", "$δ_{ki}$", because="delta belongs to an example, not to a hidden unit"
        ),
    ),
)
def eq10(y: Vector, f: Vector, t: Vector, z: Vector, g: Softmax) -> tuple[Vector, Matrix]:
    r"""Equation (10).

    .. math::
        δ_{ki} = -2 \sum_{l=1}^K (y_{il} - f_l(x_i))\, g_l'(β_k^T z_i), \qquad
        ∂R_i/∂β_{km} = δ_{ki} z_{im}

    Parameters
    ----------
    y, f, t : (K,)
    z : (M+1,), leading 1
    g : Softmax

    Returns
    -------
    delta : (K,)
    gradient : (K, M+1)
    """
    K, M = len(y), len(z) - 1
    dg = g.jacobian(t)
    delta, gradient = np.empty(K), np.empty((K, M + 1))
    for k in range(K):
        delta[k] = -2 * sum((y[l] - f[l]) * dg[l, k] for l in range(K))
        for m in range(M + 1):
            gradient[k, m] = delta[k] * z[m]
    return delta, gradient


@equation(
    "eq11",
    network.backward_hidden,
    paper="equation (11)",
    title="∂R/∂α through delta when g_k sees all of t",
)
def eq11(x: Vector, a: Vector, delta: Vector, beta: Matrix, sigma: Activation) -> Matrix:
    r"""Equation (11): the same as (7), only delta comes from (10).

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
    return eq7(x, a, delta, beta, sigma)
