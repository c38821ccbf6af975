"""Section 2.3, equations (12) and (13): every weight takes a step against its gradient."""

from collections.abc import Sequence

import numpy as np

from bplab import training
from bplab.by_equation.equation_map import Matrix, equation

__all__ = ["eq12", "eq13"]


@equation(
    "eq12",
    training.update,
    paper="equation (12)",
    title="the update of beta",
)
def eq12(beta: Matrix, gradients: Sequence[Matrix], gamma: float) -> Matrix:
    r"""Equation (12).

    .. math:: β_{km}^{(r+1)} = β_{km}^{(r)} - γ_r \sum_{i=1}^N ∂R_i/∂β_{km}

    Parameters
    ----------
    beta : (K, M+1)
    gradients : (N, K, M+1)
        :math:`∂R_i/∂β` of each example.
    gamma : float
        Learning rate.

    Returns
    -------
    (K, M+1)
    """
    N, (K, columns) = len(gradients), beta.shape
    updated = np.empty((K, columns))
    for k in range(K):
        for m in range(columns):
            updated[k, m] = beta[k, m] - gamma * sum(gradients[i][k, m] for i in range(N))
    return updated


@equation(
    "eq13",
    training.update,
    training.one_pass,
    paper="equation (13)",
    title="the update of alpha; one pass of back-propagation",
)
def eq13(alpha: Matrix, gradients: Sequence[Matrix], gamma: float) -> Matrix:
    r"""Equation (13).

    .. math:: α_{ml}^{(r+1)} = α_{ml}^{(r)} - γ_r \sum_{i=1}^N ∂R_i/∂α_{ml}

    Parameters
    ----------
    alpha : (M, p+1)
    gradients : (N, M, p+1)
        :math:`∂R_i/∂α` of each example, taken at the old beta.
    gamma : float
        Learning rate.

    Returns
    -------
    (M, p+1)
    """
    N, (M, columns) = len(gradients), alpha.shape
    updated = np.empty((M, columns))
    for m in range(M):
        for l in range(columns):
            updated[m, l] = alpha[m, l] - gamma * sum(gradients[i][m, l] for i in range(N))
    return updated
