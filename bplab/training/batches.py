r"""Gradient descent in batches: equations (12) and (13) after every few examples.

The paper sums every gradient over all examples before it takes one step. Here each step follows
the sum over a **batch** of examples. An **epoch** goes through all batches once.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bplab.deep import Gradients
from bplab.errors import InputError, check_takes
from bplab.training.descent import parts_of, update
from bplab.tree import Layers

__all__ = ["BatchGradients", "one_epoch"]

BatchGradients = Callable[..., tuple[Sequence[np.ndarray], np.ndarray]]
"""``gradients(X, Y, alphas, beta)`` gives the gradients with respect to the alphas and to beta."""


def one_epoch(
    X: ArrayLike,
    Y: ArrayLike,
    alphas: Sequence[ArrayLike],
    beta: ArrayLike,
    gradients: BatchGradients,
    gamma: float,
    order: ArrayLike,
    size: int,
) -> Gradients:
    """Go through all examples once, and update the weights after each batch.

    Parameters
    ----------
    X : array_like, shape (N, p)
        Inputs.
    Y : array_like, shape (N, K)
        Targets.
    alphas : sequence of D array_like, shapes (M_d, M_{d-1}+1)
        Weights of the hidden layers, bias first. Not changed.
    beta : array_like, shape (K, M_D+1)
        Weights of the output layer, bias first. Not changed.
    gradients : callable
        ``gradients(X, Y, alphas, beta)`` returns the gradients with respect to the alphas
        and to beta, summed over the examples that it is given.
    gamma : float
        Learning rate.
    order : array_like of int, shape (N,)
        The rows of X and Y in the order in which they are used, each once.
    size : int
        Number of examples in a batch; the last batch may have fewer.

    Returns
    -------
    alphas : tuple of D ndarrays, shapes (M_d, M_{d-1}+1)
    beta : ndarray, shape (K, M_D+1)

    Raises
    ------
    ValueError
        If X and Y have different numbers of rows, ``order`` does not name every row once,
        ``size`` is not a whole number of at least 1, ``gamma`` is not a finite number,
        ``gradients`` returns anything but a sequence and an array, or a gradient has another
        shape than its weights.
    """
    __tracebackhide__ = True  # in a notebook an error of ``gradients`` shows their lines alone
    X, Y, order = np.asarray(X), np.asarray(Y), np.asarray(order)
    if len(X) != len(Y):
        raise InputError(f"X and Y must have the same number N of rows; got {len(X)} and {len(Y)}")
    if order.shape != (len(X),) or not np.array_equal(np.sort(order), np.arange(len(X))):
        raise InputError(f"order must name each of the {len(X)} rows of X once")
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise InputError(f"size must be a whole number of at least 1; got {size!r}")
    weights, beta = tuple(map(np.asarray, alphas)), np.asarray(beta)
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        try:
            came = gradients(X[batch], Y[batch], Layers(weights), beta)
        except TypeError:
            check_takes("gradients", gradients, "X", "Y", "alphas", "beta")
            raise
        *by_alphas, by_beta = parts_of(came, len(weights), "alphas")
        weights = tuple(
            update(alpha, gradient, gamma, name=f"alphas[{d}]")
            for d, (alpha, gradient) in enumerate(zip(weights, by_alphas, strict=True))
        )
        beta = update(beta, by_beta, gamma, name="beta")
    return Gradients(weights, beta)
