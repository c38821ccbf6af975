r"""Gradient descent, equations (12) and (13): every weight steps against its gradient."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab._arrays import as_matrix
from bplab.activations import Activation
from bplab.losses import loss
from bplab.network import backward, forward

__all__ = ["GradientFunction", "Training", "initial_weights", "train", "update"]

GradientFunction = Callable[..., tuple[NDArray, NDArray]]
"""``gradients(X, Y, alpha, beta, sigma, g)`` gives the gradients by alpha and by beta."""


def initial_weights(
    p: int, M: int | Sequence[int], K: int, *, seed: int = 0
) -> tuple[NDArray | tuple[NDArray, ...], NDArray]:
    r"""Random starting weights: normal with standard deviation :math:`1/\sqrt{\text{inputs}}`.

    They must differ from unit to unit: hidden units that start equal get equal gradients
    and stay equal for ever. Biases start at zero.

    Parameters
    ----------
    p, K : int
        Number of features and of outputs, each at least 1.
    M : int, or sequence of int
        Number of hidden units: of the hidden layer, or of each of D hidden layers.
    seed : int
        Equal seeds give equal weights.

    Returns
    -------
    alpha : ndarray, shape (M, p+1); or tuple of D ndarrays if ``M`` is a sequence
    beta : ndarray, shape (K, M+1)

    Raises
    ------
    ValueError
        If a size is below 1, or ``M`` is empty.
    """
    deep = not isinstance(M, (int, np.integer))
    hidden = list(M) if deep else [M]
    if not hidden:
        raise ValueError("M must hold the number of units of at least one hidden layer; got none")
    for name, size in [("p", p), *(("M", units) for units in hidden), ("K", K)]:
        if size < 1:
            raise ValueError(f"{name} must be at least 1; got {size}")
    rng = np.random.default_rng(seed)
    weights = []
    for inputs, units in pairwise([p, *hidden, K]):
        w = rng.standard_normal((units, inputs + 1)) / np.sqrt(inputs)
        w[:, 0] = 0
        weights.append(w)
    *alphas, beta = weights
    return (tuple(alphas) if deep else alphas[0]), beta


def update(
    weights: NDArray, gradient: ArrayLike, gamma: float, *, name: str = "the weights"
) -> NDArray:
    r"""One step of gradient descent, equations (12) and (13).

    .. math:: β^{(r+1)} = β^{(r)} - γ_r \sum_i ∂R_i/∂β

    Parameters
    ----------
    weights : ndarray, shape (M, p+1) or (K, M+1)
        Not changed.
    gradient : array_like, same shape
        Gradient of R(θ), already summed over the examples.
    gamma : float
        Learning rate.
    name : str
        What the weights are called in an error.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If the shapes differ: a wrong one would broadcast into the weights unseen.
    """
    gradient = np.asarray(gradient)
    if gradient.shape != weights.shape:
        raise ValueError(
            f"the gradient by {name} must have the shape of {name}, {weights.shape}; "
            f"got {gradient.shape}"
        )
    return weights - gamma * gradient


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
            alpha = update(alpha, by_alpha, gamma, name="alpha")
            beta = update(beta, by_beta, gamma, name="beta")
            if not (np.isfinite(alpha).all() and np.isfinite(beta).all()):
                losses.append(np.nan)
                break
            losses.append(loss(Y, forward(X, alpha, beta, sigma, g).F))
    return Training(alpha, beta, np.array(losses))
