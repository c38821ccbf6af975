r"""Gradient descent, equations (12) and (13): every weight steps against its gradient."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab._arrays import as_matrix
from bplab.activations import Activation
from bplab.losses import loss
from bplab.network import backward, forward

__all__ = ["GradientFunction", "Training", "train"]

GradientFunction = Callable[..., tuple[NDArray, NDArray]]
"""``gradients(X, Y, alpha, beta, sigma, g)`` gives the gradients by alpha and by beta."""


class Training(NamedTuple):
    """What `train` returns.

    ``alpha`` (M, p+1) and ``beta`` (K, M+1) are the weights after the last update;
    ``losses`` (epochs run + 1,) holds R(θ) before the first update and after each one.
    """

    alpha: NDArray
    beta: NDArray
    losses: NDArray

    @property
    def diverged(self) -> bool:
        """Whether the loss stopped being a finite number, which ended the training early."""
        return not np.isfinite(self.losses[-1])


def train(
    X: ArrayLike,
    Y: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
    sigma: Activation,
    g: Activation,
    *,
    gamma: float,
    epochs: int,
    gradients: GradientFunction = backward,
) -> Training:
    r"""Train by gradient descent on all examples at once, equations (12) and (13).

    .. math::
        β^{(r+1)} = β^{(r)} - γ \sum_i ∂R_i/∂β, \qquad
        α^{(r+1)} = α^{(r)} - γ \sum_i ∂R_i/∂α

    Both gradients are taken at the old weights. Training ends early when the loss is no
    longer finite.

    Parameters
    ----------
    X : array_like, shape (N, p)
    Y : array_like, shape (N, K)
    alpha : array_like, shape (M, p+1)
        Starting weights; not changed.
    beta : array_like, shape (K, M+1)
        Starting weights; not changed.
    sigma, g : Activation
    gamma : float
        Learning rate, positive.
    epochs : int
        Number of updates, not negative.
    gradients : callable
        ``gradients(X, Y, alpha, beta, sigma, g)`` returning the gradients of R(θ) by alpha
        and by beta: the reference, or your own.

    Returns
    -------
    Training

    Raises
    ------
    ValueError
        If an argument is not as described, or ``gradients`` returns other shapes than those
        of the weights.
    """
    if not (np.isfinite(gamma) and gamma > 0):
        raise ValueError(f"gamma must be a positive number; got {gamma!r}")
    if epochs < 0:
        raise ValueError(f"epochs must not be negative; got {epochs!r}")
    X = as_matrix("X", X, "(N, p)")
    alpha = as_matrix("alpha", alpha, "(M, p+1)", columns=X.shape[1] + 1).copy()
    beta = as_matrix("beta", beta, "(K, M+1)", columns=alpha.shape[0] + 1).copy()
    losses = [loss(Y, forward(X, alpha, beta, sigma, g).F)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            by_alpha, by_beta = gradients(X, Y, alpha.copy(), beta.copy(), sigma, g)
            alpha = alpha - gamma * _fitting("alpha", by_alpha, alpha)
            beta = beta - gamma * _fitting("beta", by_beta, beta)
            if not (np.isfinite(alpha).all() and np.isfinite(beta).all()):
                losses.append(np.nan)
                break
            losses.append(loss(Y, forward(X, alpha, beta, sigma, g).F))
    return Training(alpha, beta, np.array(losses))


def _fitting(name: str, gradient: ArrayLike, weights: NDArray) -> NDArray:
    """Return the gradient as an array; never let a wrong shape broadcast into the weights."""
    gradient = np.asarray(gradient)
    if gradient.shape != weights.shape:
        raise ValueError(
            f"the gradient by {name} must have the shape of {name}, {weights.shape}; "
            f"got {gradient.shape}"
        )
    return gradient
