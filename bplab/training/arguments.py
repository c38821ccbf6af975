"""The arguments of `bplab.training.train`: checked once, and what the training works on."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.activations import Activation, Output, Softmax
from bplab.arrays import as_matrix, same_rows
from bplab.losses import LossName, check_loss

__all__ = ["Network", "check_epochs", "check_gamma", "checked_network"]


class Network(NamedTuple):
    """Checked arguments; ``names`` are those of the weights in an error."""

    X: NDArray
    Y: NDArray
    weights: list[NDArray]
    sigmas: list[Activation]
    g: Output
    names: list[str]
    deep: bool


def checked_network(
    X: ArrayLike,
    Y: ArrayLike,
    alpha: ArrayLike | Sequence[ArrayLike],
    beta: ArrayLike,
    sigma: Activation | Sequence[Activation],
    g: Output,
    loss: LossName,
) -> Network:
    """Return the arguments as arrays that fit each other.

    Raises
    ------
    ValueError
        If one is not as `bplab.training.train` describes it.
    """
    X, Y = as_matrix("X", X, "(N, p)"), as_matrix("Y", Y, "(N, K)")
    same_rows("X", X, "Y", Y)
    check_loss(loss, g)
    deep = _is_sequence_of_layers(alpha)
    weights, names, shape = [], [], "(M, p+1)"
    columns = X.shape[1] + 1
    for d, layer in enumerate(alpha if deep else [alpha], start=1):
        if deep:
            shape = f"(M_{d}, M_{d - 1}+1)"
        names.append(f"alpha[{d - 1}]" if deep else "alpha")
        weights.append(as_matrix(names[-1], layer, shape, columns=columns))
        columns = weights[-1].shape[0] + 1
    if not weights:
        raise ValueError("alpha must hold at least one hidden layer; got none")
    weights.append(as_matrix("beta", beta, "(K, M+1)", columns=columns))
    if len(weights[-1]) != Y.shape[1]:
        raise ValueError(
            f"beta must have as many rows as Y has columns, {Y.shape[1]}; "
            f"got shape {weights[-1].shape}"
        )
    sigmas = list(sigma) if isinstance(sigma, Sequence) else [sigma] * (len(weights) - 1)
    if not all(callable(s) and hasattr(s, "derivative") for s in sigmas):
        raise ValueError(
            f"sigma must be an Activation, or one for each hidden layer; got {sigma!r}"
        )
    if len(sigmas) != len(weights) - 1:
        raise ValueError(
            f"sigma must be one Activation, or one for each of the {len(weights) - 1} hidden "
            f"layers; got {len(sigmas)}"
        )
    if not (callable(g) and (hasattr(g, "derivative") or isinstance(g, Softmax))):
        raise ValueError(f"g must be an Activation or softmax; got {g!r}")
    return Network(X, Y, weights, sigmas, g, [*names, "beta"], deep)


def _is_sequence_of_layers(alpha: ArrayLike | Sequence[ArrayLike]) -> bool:
    if isinstance(alpha, np.ndarray):
        return alpha.ndim > 2
    return isinstance(alpha, Sequence) and (len(alpha) == 0 or np.ndim(alpha[0]) == 2)


def check_gamma(name: str, gamma: float) -> None:
    """Raise ValueError unless the learning rate is a positive number."""
    if not (np.isfinite(gamma) and gamma > 0):
        raise ValueError(f"{name} must be a positive number; got {gamma!r}")


def check_epochs(epochs: int) -> None:
    """Raise ValueError unless the number of updates is not negative."""
    if epochs < 0:
        raise ValueError(f"epochs must not be negative; got {epochs!r}")
