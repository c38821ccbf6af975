r"""The squared error of the paper, equations (1) to (3), and cross-entropy as an extension.

Both are *sums* over outputs and examples: no 1/2, no 1/N. Every gradient in this package is
the gradient of such a sum.

Every function raises ValueError, and names the argument, if an array is not a finite matrix, or if
two arrays that belong together differ in shape.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from bplab.activations import Output, Softmax
from bplab.arrays import as_matrix, same_shape
from bplab.errors import InputError

__all__ = [
    "LossName",
    "cross_entropy",
    "cross_entropy_per_example",
    "loss",
    "loss_per_example",
    "residual",
]

LossName = Literal["squared", "cross-entropy"]
"""The paper's squared error, or the extension: cross-entropy with softmax."""


def loss_per_example(Y: ArrayLike, F: ArrayLike) -> np.ndarray:
    r"""Squared error of each example, equation (2): :math:`R(i) = \sum_k (y_{ik} - f_k(x_i))^2`.

    Parameters
    ----------
    Y : array_like, shape (N, K)
        Targets.
    F : array_like, shape (N, K)
        Outputs of the network; complex ones are allowed, for complex steps.

    Returns
    -------
    R : ndarray, shape (N,)
        The squared error of each example.
    """
    Y, F = _pair(Y, "F", F)
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
    """
    return loss_per_example(Y, F).sum()


def residual(Y: ArrayLike, F: ArrayLike) -> np.ndarray:
    r"""Derivative of R(i) with respect to the outputs: :math:`∂R_i/∂f_k = -2 (y_{ik} - f_k)`.

    Parameters
    ----------
    Y, F : array_like, shape (N, K)
        Targets and outputs.

    Returns
    -------
    ndarray, shape (N, K)
    """
    Y, F = _pair(Y, "F", F)
    return -2 * (Y - F)


def cross_entropy_per_example(Y: ArrayLike, T: ArrayLike) -> np.ndarray:
    r"""Cross-entropy of each example after softmax; an extension, not in the paper.

    .. math:: R(i) = -\sum_k y_{ik} \log f_k, \qquad f = \mathrm{softmax}(t_i)

    It takes T, not F: the logarithm of a softmax that has underflowed would be infinite.
    With softmax, its output delta is :math:`δ_{ki} = f_k \sum_l y_{il} - y_{ik}`, which is F - Y
    for targets that sum to 1.

    Parameters
    ----------
    Y : array_like, shape (N, K)
        Targets, usually 1 for the class of the example and 0 elsewhere.
    T : array_like, shape (N, K)
        Outputs before softmax; complex ones are allowed, for complex steps.

    Returns
    -------
    R : ndarray, shape (N,)
    """
    Y, T = _pair(Y, "T", T)
    return -(Y * log_softmax(T)).sum(axis=1)


def log_softmax(T: np.ndarray) -> np.ndarray:
    """Return the log-softmax of each row, without overflow, and exact where it is near 0.

    It is T - max - log(1 + rest), where rest is the sum of the exponentials of all but the largest.
    """
    largest = T.real.argmax(axis=-1)[..., None]
    shifted = T - np.take_along_axis(T, largest, axis=-1)
    others = np.exp(shifted)
    np.put_along_axis(others, largest, 0, axis=-1)
    return shifted - np.log1p(others.sum(axis=-1, keepdims=True))


def cross_entropy(Y: ArrayLike, T: ArrayLike) -> float:
    r"""Cross-entropy of all examples after softmax, :math:`\sum_i R(i)`; an extension.

    Parameters
    ----------
    Y, T : array_like, shape (N, K)
        Targets, and outputs before softmax; see `cross_entropy_per_example`.

    Returns
    -------
    R : float
    """
    return cross_entropy_per_example(Y, T).sum()


def check_loss(loss: str, g: Output) -> None:
    """Raise ValueError unless the loss is known and goes with the output function."""
    if loss not in ("squared", "cross-entropy"):
        raise InputError(f'loss must be "squared" or "cross-entropy"; got {loss!r}')
    if loss == "cross-entropy" and not isinstance(g, Softmax):
        raise InputError(f"cross-entropy goes with g = softmax; got g = {g!r}")


def _pair(Y: ArrayLike, name: str, other: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return targets and outputs as matrices, after a check that they have the same shape."""
    Y = as_matrix("Y", Y, "(N, K)")
    other = as_matrix(name, other, "(N, K)", allow_complex=True)
    same_shape("Y", Y, name, other)
    return Y, other
