r"""The squared error of the paper, equations (1) to (3).

It is a *sum* over outputs and examples: no 1/2, no 1/N. Every gradient in this package is
the gradient of that sum.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab._arrays import as_matrix, same_shape

__all__ = ["loss", "loss_per_example"]


def loss_per_example(Y: ArrayLike, F: ArrayLike) -> NDArray:
    r"""Squared error of each example, equation (2): :math:`R(i) = \sum_k (y_{ik} - f_k(x_i))^2`.

    Parameters
    ----------
    Y : array_like, shape (N, K)
        Targets.
    F : array_like, shape (N, K)
        Outputs of the network.

    Returns
    -------
    R : ndarray, shape (N,)
        One squared error an example.

    Raises
    ------
    ValueError
        If ``Y`` or ``F`` is not a finite matrix, or their shapes differ.
    """
    Y, F = as_matrix("Y", Y, "(N, K)"), as_matrix("F", F, "(N, K)")
    same_shape("Y", Y, "F", F)
    return np.square(Y - F).sum(axis=1)


def loss(Y: ArrayLike, F: ArrayLike) -> float:
    r"""Squared error of all examples, equations (1) and (3): :math:`R(\theta) = \sum_i R(i)`.

    Parameters
    ----------
    Y, F : array_like, shape (N, K)
        Targets and outputs.

    Returns
    -------
    R : float
        The sum over examples and outputs.

    Raises
    ------
    ValueError
        If ``Y`` or ``F`` is not a finite matrix, or their shapes differ.
    """
    return loss_per_example(Y, F).sum()
