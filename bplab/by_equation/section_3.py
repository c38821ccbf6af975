r"""Section 3, equations (14) to (18): D hidden layers.

In a function for layer d, ``s_above`` and ``alpha_above`` belong to layer d + 1, ``z_below`` is
:math:`z_i^{(d-1)}` with its leading 1, and ``a`` holds the arguments of :math:`σ^{(d)}`,
:math:`a_m = α_m^{(d)T} z_i^{(d-1)}`.
"""

from collections.abc import Sequence

import numpy as np

from bplab import deep, network
from bplab.activations import Activation, Output, Softmax
from bplab.by_equation.equation_map import Matrix, Misprint, Vector, also, equation
from bplab.by_equation.section_1 import hidden, output
from bplab.by_equation.section_2_1 import eq6
from bplab.by_equation.section_2_2 import eq10

__all__ = ["back_propagation", "eq14", "eq15", "eq16", "eq17", "eq18"]


@equation(
    "eq14",
    network.weight_gradient,
    paper="equation (14)",
    title="∂R/∂β from the last of D hidden layers",
    misprints=(
        Misprint(
            "$Z^{(d)}$ from $X$ and $α_m^{(d)}$ of length $p$ for every layer",
            "$Z^{(d)}$ from $Z^{(d−1)}$ and length $M_{d−1}$",
            where="section 3",
            because="the printed form holds for the first layer only",
        ),
        Misprint("$Z^{(d)} = (Z_1^{(d)}, Z_1^{(d)}, …)$", "$(Z_1^{(d)}, Z_2^{(d)}, …)$"),
    ),
)
def eq14(delta: Vector, z: Vector) -> Matrix:
    r"""Equation (14).

    .. math:: ∂R_i/∂β_{km} = δ_{ki}\, z_{im}^{(D)}

    Parameters
    ----------
    delta : (K,)
        From (6) or (10).
    z : (M_D+1,), leading 1
        :math:`z_i^{(D)}`.

    Returns
    -------
    (K, M_D+1)
    """
    K, M = len(delta), len(z) - 1
    gradient = np.empty((K, M + 1))
    for k in range(K):
        for m in range(M + 1):
            gradient[k, m] = delta[k] * z[m]
    return gradient


@equation(
    "eq15",
    deep.grad_last_hidden,
    paper="equation (15)",
    title="∂R/∂α of the last hidden layer",
)
def eq15(z_below: Vector, a: Vector, delta: Vector, beta: Matrix, sigma: Activation) -> Matrix:
    r"""Equation (15).

    .. math::
        ∂R_i/∂α_{ml}^{(D)} = \sum_{k=1}^K δ_{ki}\, β_{km}\,
        σ^{(D)\prime}(α_m^{(D)T} z_i^{(D-1)})\, z_{il}^{(D-1)}

    Parameters
    ----------
    z_below : (M_{D-1}+1,), leading 1
        :math:`z_i^{(D-1)}`; for D = 1 this is x.
    a : (M_D,)
    delta : (K,)
    beta : (K, M_D+1)
    sigma : Activation

    Returns
    -------
    (M_D, M_{D-1}+1)
    """
    K, M, inputs = len(delta), len(a), len(z_below)
    gradient = np.empty((M, inputs))
    for m in range(M):
        for l in range(inputs):
            gradient[m, l] = sum(
                delta[k] * beta[k, 1 + m] * sigma.derivative(a[m]) * z_below[l] for k in range(K)
            )
    return gradient


@equation(
    "eq16",
    deep.hidden_delta,
    network.weight_gradient,
    paper="equation (16)",
    title="s of the last hidden layer, and ∂R/∂α through it",
)
def eq16(
    z_below: Vector, a: Vector, delta: Vector, beta: Matrix, sigma: Activation
) -> tuple[Vector, Matrix]:
    r"""Equation (16).

    .. math::
        s_{mi}^{(D)} = \sum_{k=1}^K δ_{ki}\, β_{km}\,
        σ^{(D)\prime}(α_m^{(D)T} z_i^{(D-1)}), \qquad
        ∂R_i/∂α_{ml}^{(D)} = s_{mi}^{(D)} z_{il}^{(D-1)}

    Parameters
    ----------
    z_below, a, delta, beta, sigma
        As in `eq15`.

    Returns
    -------
    s : (M_D,)
    gradient : (M_D, M_{D-1}+1)
    """
    K, M, inputs = len(delta), len(a), len(z_below)
    s, gradient = np.empty(M), np.empty((M, inputs))
    for m in range(M):
        s[m] = sum(delta[k] * beta[k, 1 + m] * sigma.derivative(a[m]) for k in range(K))
        for l in range(inputs):
            gradient[m, l] = s[m] * z_below[l]
    return s, gradient


@equation(
    "eq17",
    deep.hidden_deltas,
    network.weight_gradient,
    paper="equation (17)",
    title="the recursion for s, and ∂R/∂α of the layers between",
    misprints=(
        Misprint(
            "$s_{ki}^{(d+1)} = (∂R_i/∂α_{kl}^{(d+1)}) / z_{il}^{(d)}$",
            "the recursion",
            because="the quotient is 0/0 wherever a ReLU unit is off",
        ),
    ),
)
def eq17(
    z_below: Vector, a: Vector, s_above: Vector, alpha_above: Matrix, sigma: Activation
) -> tuple[Vector, Matrix]:
    r"""Equation (17), for the layers d from D - 1 down to 2.

    .. math::
        s_{mi}^{(d)} = \sum_{k=1}^{M_{d+1}} s_{ki}^{(d+1)}\, α_{km}^{(d+1)}\,
        σ^{(d)\prime}(α_m^{(d)T} z_i^{(d-1)}), \qquad
        ∂R_i/∂α_{ml}^{(d)} = s_{mi}^{(d)} z_{il}^{(d-1)}

    Parameters
    ----------
    z_below : (M_{d-1}+1,), leading 1
    a : (M_d,)
    s_above : (M_{d+1},)
    alpha_above : (M_{d+1}, M_d+1)
    sigma : Activation

    Returns
    -------
    s : (M_d,)
    gradient : (M_d, M_{d-1}+1)
    """
    units_above, M, inputs = len(s_above), len(a), len(z_below)
    s, gradient = np.empty(M), np.empty((M, inputs))
    for m in range(M):
        s[m] = sum(
            s_above[k] * alpha_above[k, 1 + m] * sigma.derivative(a[m]) for k in range(units_above)
        )
        for l in range(inputs):
            gradient[m, l] = s[m] * z_below[l]
    return s, gradient


@equation(
    "eq18",
    deep.backward,
    paper="equation (18)",
    title="∂R/∂α of the first hidden layer; the whole backward pass",
    misprints=(
        Misprint(
            "$(σ^{(1)})′$ as the activation function of the first hidden layer",
            "its derivative",
            where="the line below (18)",
        ),
    ),
)
def eq18(x: Vector, a: Vector, s_above: Vector, alpha_above: Matrix, sigma: Activation) -> Matrix:
    r"""Equation (18): the recursion arrives at the input.

    .. math::
        ∂R_i/∂α_{ml}^{(1)} = \sum_{k=1}^{M_2} s_{ki}^{(2)}\, α_{km}^{(2)}\,
        σ^{(1)\prime}(α_m^{(1)T} x_i)\, x_{il}

    Parameters
    ----------
    x : (p+1,), leading 1
    a : (M_1,)
    s_above : (M_2,)
        :math:`s_i^{(2)}`.
    alpha_above : (M_2, M_1+1)
        :math:`α^{(2)}`.
    sigma : Activation

    Returns
    -------
    (M_1, p+1)
    """
    units_above, M, p = len(s_above), len(a), len(x) - 1
    gradient = np.empty((M, p + 1))
    for m in range(M):
        for l in range(p + 1):
            gradient[m, l] = sum(
                s_above[k] * alpha_above[k, 1 + m] * sigma.derivative(a[m]) * x[l]
                for k in range(units_above)
            )
    return gradient


@also("eq18")
def back_propagation(
    x: Vector,
    y: Vector,
    alphas: Sequence[Matrix],
    beta: Matrix,
    sigmas: Sequence[Activation],
    g: Output,
) -> tuple[list[Matrix], Matrix]:
    r"""All gradients of :math:`R_i`: the forward pass, then (14), (16), (17) and (18).

    For D = 1 there is nothing between the last hidden layer and the input: (17) and (18) are not
    needed, and (16) gives the gradient with respect to :math:`α^{(1)}`.

    Parameters
    ----------
    x : (p+1,), leading 1
    y : (K,)
    alphas : sequence of D arrays (M_d, M_{d-1}+1)
    beta : (K, M_D+1)
    sigmas : sequence of D Activations
    g : Activation or Softmax

    Returns
    -------
    by_alphas : list of D arrays (M_d, M_{d-1}+1)
    by_beta : (K, M_D+1)
    """
    D = len(alphas)
    # layers are counted from 1, as in the paper; z[0] is the input
    alpha, sigma = dict(enumerate(alphas, start=1)), dict(enumerate(sigmas, start=1))
    a: dict[int, Vector] = {}
    z = {0: x}
    for d in range(1, D + 1):
        a[d], z[d] = hidden(z[d - 1], alpha[d], sigma[d])
    t, f = output(z[D], beta, g)

    if isinstance(g, Softmax):
        delta, _ = eq10(y, f, t, z[D], g)
    else:
        delta, _ = eq6(y, f, t, z[D], g)
    by_beta = eq14(delta, z[D])
    s: dict[int, Vector] = {}
    by_alpha: dict[int, Matrix] = {}
    s[D], by_alpha[D] = eq16(z[D - 1], a[D], delta, beta, sigma[D])
    for d in range(D - 1, 1, -1):
        s[d], by_alpha[d] = eq17(z[d - 1], a[d], s[d + 1], alpha[d + 1], sigma[d])
    if D > 1:
        by_alpha[1] = eq18(x, a[1], s[2], alpha[2], sigma[1])
    return [by_alpha[d] for d in range(1, D + 1)], by_beta
