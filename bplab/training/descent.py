r"""Gradient descent, equations (12) and (13): every weight steps against its gradient."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from bplab.activations import Activation, Output, Softmax
from bplab.arrays import as_matrix, same_rows
from bplab.deep import backward as deep_backward
from bplab.errors import InputError, called_as, check_takes
from bplab.losses import LossName, check_loss
from bplab.network import backward
from bplab.training.workspace import Workspace
from bplab.tree import Layers, described

__all__ = [
    "GradientFunction",
    "RateVerdict",
    "Training",
    "check_gamma",
    "checked_network",
    "initial_weights",
    "judge_rate",
    "jumps",
    "one_pass",
    "still_falling",
    "times",
    "train",
    "train_many",
    "update",
    "updates_with_numbers",
]

GradientFunction = Callable[..., tuple[np.ndarray, np.ndarray]]
"""``gradients(X, Y, alpha, beta, sigma, g)`` gives the gradients with respect to alpha and beta."""

TOGETHER = 2**19
"""Bytes that runs trained together may take: the second-level cache of common processors."""

AT_LEAST = 8
"""Fewer runs than this are trained one by one: training them together would gain nothing."""

JUMP = 1.01  # a rise by more than 1 % is a jump, not rounding
LEARNED = 0.1  # share of the starting loss; a training that ends below it has learned
FALLING = 0.01  # a loss that drops by more than this share in the last tenth is still falling


def initial_weights(
    p: int, M: int | Sequence[int], K: int, *, seed: int = 0
) -> tuple[np.ndarray | Sequence[np.ndarray], np.ndarray]:
    r"""Return random starting weights, with standard deviation :math:`1/\sqrt{\text{inputs}}`.

    They are normally distributed, and biases are zero. Weights must differ from unit to unit:
    hidden units that start equal get equal gradients and always stay equal.

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
    alpha : ndarray, shape (M, p+1); or list of D ndarrays if ``M`` is a sequence
    beta : ndarray, shape (K, M+1)

    Raises
    ------
    ValueError
        If a size is not a whole number of at least 1, or ``M`` is empty.
    """
    if deep := isinstance(M, (Sequence, np.ndarray)) and not isinstance(M, str):
        hidden = list(M)
    else:
        hidden = [M]
    if not hidden:
        raise InputError("M must hold the number of units of at least one hidden layer; got none")
    for name, size in [("p", p), *(("M", units) for units in hidden), ("K", K)]:
        if not isinstance(size, (int, np.integer)):
            raise InputError(f"{name} must be a whole number; got {size!r}")
        if size < 1:
            raise InputError(f"{name} must be at least 1; got {size}")
    rng = np.random.default_rng(seed)
    weights = []
    for inputs, units in pairwise([p, *hidden, K]):
        w = rng.standard_normal((units, inputs + 1)) / np.sqrt(inputs)
        w[:, 0] = 0
        weights.append(w)
    *alphas, beta = weights
    return (Layers(alphas) if deep else alphas[0]), beta


def update(
    weights: ArrayLike, gradient: ArrayLike, gamma: float, *, name: str = "the weights"
) -> np.ndarray:
    r"""Return the weights after one step of gradient descent, equations (12) and (13).

    .. math:: β^{(r+1)} = β^{(r)} - γ_r \sum_i ∂R_i/∂β

    Parameters
    ----------
    weights : array_like, shape (M, p+1) or (K, M+1)
        Not changed.
    gradient : array_like, same shape
        Gradient of R(θ), already summed over the examples. It may be infinite: the caller has to
        notice that descent diverges.
    gamma : float
        Learning rate.
    name : str
        The name of the weights in errors.

    Returns
    -------
    ndarray, same shape

    Raises
    ------
    ValueError
        If an array is not real, ``gamma`` is not a finite number, or the shapes differ: numpy
        would broadcast a wrong shape without an error.
    """
    weights = _real(name, weights)
    gradient = _real(f"the gradient with respect to {name}", gradient)
    if not _is_finite(gamma):
        raise InputError(f"gamma must be a finite number; got {gamma!r}")
    if gradient.shape != weights.shape:
        raise InputError(
            f"the gradient with respect to {name} must have the shape of {name}, {weights.shape}; "
            f"got {gradient.shape}"
        )
    return weights - float(gamma) * gradient


def _real(name: str, value: Any) -> np.ndarray:
    """Return an array of real numbers; raise ValueError if the value is not one."""
    if value is None:
        raise InputError(f"{name} must hold real numbers; got None")
    try:
        array = np.asarray(value)
    except ValueError as ragged:
        raise InputError(f"{name} must be an array; got rows of different lengths") from ragged
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must hold real numbers; got dtype {array.dtype}")
    return array


def one_pass(
    X: ArrayLike,
    Y: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
    sigma: Activation,
    g: Output,
    gamma: float,
) -> tuple[np.ndarray, np.ndarray]:
    r"""One pass of back-propagation: forward, backward, and both updates (12) and (13).

    .. math::
        β^{(r+1)} = β^{(r)} - γ_r \sum_i ∂R_i/∂β, \qquad
        α^{(r+1)} = α^{(r)} - γ_r \sum_i ∂R_i/∂α

    Both gradients are taken at the old weights, before either is updated: only together are
    they the gradient of R(θ).

    Parameters
    ----------
    X : array_like, shape (N, p)
    Y : array_like, shape (N, K)
    alpha : array_like, shape (M, p+1)
        Not changed.
    beta : array_like, shape (K, M+1)
        Not changed.
    sigma : Activation
        Activation of the hidden layer.
    g : Activation or Softmax
        Output function.
    gamma : float
        Learning rate.

    Returns
    -------
    alpha : ndarray, shape (M, p+1)
    beta : ndarray, shape (K, M+1)

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes do not fit, ``sigma`` or ``g`` is not
        an activation, or ``gamma`` is not a finite number.
    """
    by_alpha, by_beta = backward(X, Y, alpha, beta, sigma, g)
    return update(alpha, by_alpha, gamma, name="alpha"), update(beta, by_beta, gamma, name="beta")


class Network(NamedTuple):
    """Checked arguments; ``names`` are the names of the weights in errors."""

    X: np.ndarray
    Y: np.ndarray
    weights: list[np.ndarray]
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
        If an argument is not as `bplab.training.train` describes it.
    """
    X, Y = as_matrix("X", X, "(N, p)"), as_matrix("Y", Y, "(N, K)")
    same_rows("X", X, "Y", Y)
    check_loss(loss, g)
    layers: list[Any] = [alpha]
    if deep := _is_sequence_of_layers(alpha):
        layers = list(alpha)
    weights, names, shape = [], [], "(M, p+1)"
    columns = X.shape[1] + 1
    for d, layer in enumerate(layers, start=1):
        if deep:
            shape = f"(M_{d}, M_{d - 1}+1)"
        names.append(f"alpha[{d - 1}]" if deep else "alpha")
        weights.append(as_matrix(names[-1], layer, shape, columns=columns))
        columns = weights[-1].shape[0] + 1
    if not weights:
        raise InputError("alpha must hold at least one hidden layer; got none")
    weights.append(as_matrix("beta", beta, "(K, M+1)", columns=columns))
    if len(weights[-1]) != Y.shape[1]:
        raise InputError(
            f"beta must have as many rows as Y has columns, {Y.shape[1]}; "
            f"got shape {weights[-1].shape}"
        )
    sigmas = list(sigma) if isinstance(sigma, Sequence) else [sigma] * (len(weights) - 1)
    if not all(callable(s) and hasattr(s, "derivative") for s in sigmas):
        raise InputError(
            f"sigma must be an Activation, or one for each hidden layer; got {sigma!r}"
        )
    if len(sigmas) != len(weights) - 1:
        raise InputError(
            f"sigma must be one Activation, or one for each of the {len(weights) - 1} hidden "
            f"layers; got {len(sigmas)}"
        )
    if not (callable(g) and (hasattr(g, "derivative") or isinstance(g, Softmax))):
        raise InputError(f"g must be an Activation or softmax; got {g!r}")
    return Network(X, Y, weights, sigmas, g, [*names, "beta"], deep)


def _is_sequence_of_layers(
    alpha: ArrayLike | Sequence[ArrayLike],
) -> TypeGuard[Sequence[ArrayLike]]:
    if isinstance(alpha, np.ndarray):
        return alpha.ndim > 2
    return isinstance(alpha, Sequence) and (len(alpha) == 0 or np.ndim(alpha[0]) == 2)


def _is_finite(number: object) -> bool:
    return isinstance(number, (int, float, np.integer, np.floating)) and bool(np.isfinite(number))


def check_gamma(name: str, gamma: float) -> None:
    """Raise ValueError unless the learning rate is a positive number."""
    if not (_is_finite(gamma) and gamma > 0):
        raise InputError(f"{name} must be a positive number; got {gamma!r}")


def check_epochs(epochs: int) -> None:
    """Raise ValueError unless the number of updates is not negative."""
    if not isinstance(epochs, (int, np.integer)):
        raise InputError(f"epochs must be a whole number; got {epochs!r}")
    if epochs < 0:
        raise InputError(f"epochs must not be negative; got {epochs!r}")


class Training(NamedTuple):
    """The result of `train`.

    ``alpha`` (M, p+1) and ``beta`` (K, M+1) are the weights after the last update. If D hidden
    layers were given as a sequence, ``alpha`` is a tuple of their weights. ``losses``
    (epochs run + 1,) holds R(θ) before the first update and after each one.
    """

    alpha: np.ndarray | tuple[np.ndarray, ...]
    beta: np.ndarray
    losses: np.ndarray

    @property
    def diverged(self) -> bool:
        """Whether the loss stopped being a finite number, which ended the training early."""
        return not np.isfinite(self.losses[-1])


@called_as("train(X, Y, alpha, beta, sigma, g, gamma=0.1, epochs=100)")
def train(
    X: ArrayLike,
    Y: ArrayLike,
    alpha: ArrayLike | Sequence[ArrayLike],
    beta: ArrayLike,
    sigma: Activation | Sequence[Activation],
    g: Output,
    *,
    gamma: float,
    epochs: int,
    gradients: GradientFunction = backward,
    loss: LossName = "squared",
) -> Training:
    r"""Train by gradient descent on all examples at once, equations (12) and (13).

    .. math::
        β^{(r+1)} = β^{(r)} - γ \sum_i ∂R_i/∂β, \qquad
        α^{(r+1)} = α^{(r)} - γ \sum_i ∂R_i/∂α

    All gradients are taken at the old weights. Training ends early when the loss is no
    longer finite. In place of the reference `backward` a faster form of it is used, which agrees
    with it up to rounding.

    Parameters
    ----------
    X : array_like, shape (N, p)
    Y : array_like, shape (N, K)
    alpha : array_like, shape (M, p+1), or sequence of D array_like, (M_d, M_{d-1}+1)
        Starting weights of the hidden layer, or of each of D hidden layers; not changed.
    beta : array_like, shape (K, M+1)
        Starting weights of the output layer; not changed.
    sigma : Activation, or sequence of D Activations
        Activation of all hidden layers, or one for each.
    g : Activation or Softmax
        Output function.
    gamma : float
        Learning rate, positive.
    epochs : int
        Number of updates, not negative.
    gradients : callable
        The reference, or your own ``gradients(X, Y, alpha, beta, sigma, g)``, which returns the
        gradients of R(θ) with respect to alpha and beta. If ``alpha`` is a sequence, your function
        gets a list, and returns a sequence and an array.
    loss : {"squared", "cross-entropy"}
        The loss that is minimised and that ``losses`` holds; your own ``gradients`` should be its
        gradients.

    Returns
    -------
    Training
        Its arrays are float32 if all arrays that are given are float32, else float64.

    Raises
    ------
    ValueError
        If an argument is not as described; if ``gradients`` does not return two arrays (or a
        sequence and an array) of the weights' shapes; or if it returns numbers that are not finite
        where the right gradient is finite.
    """
    __tracebackhide__ = True  # in a notebook an error of ``gradients`` shows their lines alone
    network = checked_network(X, Y, alpha, beta, sigma, g, loss)
    check_gamma("gamma", gamma)
    check_epochs(epochs)
    if not callable(gradients):
        raise InputError(
            "gradients must be a function gradients(X, Y, alpha, beta, sigma, g), given without "
            f"calling it; got {described(gradients)}"
        )
    work = Workspace(*network[:5], loss=loss)
    if gradients in (backward, deep_backward):
        epoch = work.descent(gamma)
    else:
        epoch = partial(_own_epoch, work, network, sigma, gradients, gamma, loss)
    with np.errstate(all="ignore"):
        losses = [work.forward()]
        while len(losses) <= epochs and math.isfinite(losses[-1]):
            losses.append(epoch())
    return _training(network, work.weights, np.array(losses, work.theta.dtype))


def train_many(
    X: ArrayLike,
    Y: ArrayLike,
    alpha: ArrayLike | Sequence[ArrayLike],
    beta: ArrayLike,
    sigma: Activation | Sequence[Activation],
    g: Output,
    *,
    gammas: Sequence[float],
    epochs: int,
    loss: LossName = "squared",
) -> list[Training]:
    """Train from one start with each of many learning rates.

    Small networks are trained together, which is several times faster than one by one, since most
    of their time is spent on calls. Larger networks, where this would not help, are trained in
    turn.

    Parameters
    ----------
    X, Y, alpha, beta, sigma, g, epochs, loss
        As for `train`.
    gammas : sequence of float
        Learning rates, positive.

    Returns
    -------
    list of Training
        For each learning rate the result that `train` gives for it, up to rounding.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """
    network = checked_network(X, Y, alpha, beta, sigma, g, loss)
    gammas = list(gammas)
    for i, gamma in enumerate(gammas):
        check_gamma(f"gammas[{i}]", gamma)
    check_epochs(epochs)
    fitting = TOGETHER // _bytes_a_run(network)
    if min(fitting, len(gammas)) < AT_LEAST:
        arguments = (X, Y, alpha, beta, sigma, g)
        return [train(*arguments, gamma=gamma, epochs=epochs, loss=loss) for gamma in gammas]
    groups = -(-len(gammas) // fitting)
    trained = []
    for group in np.array_split(np.array(gammas, float), groups):
        trained += _train_together(network, group, epochs, loss)
    return trained


def _training(network: Network, weights: Sequence[np.ndarray], losses: np.ndarray) -> Training:
    *alphas, beta = (w.copy() for w in weights)
    return Training(tuple(alphas) if network.deep else alphas[0], beta, losses)


def _own_epoch(
    work: Workspace,
    network: Network,
    sigma: Activation | Sequence[Activation],
    gradients: GradientFunction,
    gamma: float,
    loss: LossName,
) -> float:
    """Update the weights with the caller's gradients, equations (12) and (13); return R(θ)."""
    __tracebackhide__ = True
    *alphas, beta = (w.copy() for w in work.weights)
    alpha = Layers(alphas) if network.deep else alphas[0]
    try:
        came = gradients(network.X, network.Y, alpha, beta, sigma, network.g)
    except TypeError:
        check_takes("gradients", gradients, "X", "Y", "alpha", "beta", "sigma", "g")
        raise
    parts = parts_of(came, len(alphas) if network.deep else None)
    moved = [
        update(weights, part, gamma, name=name)
        for name, weights, part in zip(network.names, work.weights, parts, strict=True)
    ]
    _refuse_not_finite(work.weights, network, loss, parts)
    for weights, new in zip(work.weights, moved, strict=True):
        weights[...] = new
    return float(work.forward())


def parts_of(came: Any, depth: int | None, called: str = "alpha") -> list[Any]:
    """Return the gradients in the answer of a caller's function; that for beta comes last.

    Parameters
    ----------
    came : object
        The function's answer. It must have two parts, and the first must have ``depth`` parts if
        that is given.
    depth : int or None
        Number of hidden layers, if they come as a sequence.
    called : str
        The name of the hidden layers' weights in errors.

    Raises
    ------
    ValueError
        If the answer has another form.
    """
    must = f"gradients must return two things, the gradients with respect to {called} and beta"
    if came is None:
        raise InputError(f"{must}; got None. Has it a `return`?")
    if not isinstance(came, (tuple, list)) or len(came) != 2:
        raise InputError(f"{must}; got {described(came)}")
    by_alpha, by_beta = came
    if isinstance(by_alpha, Iterator):
        by_alpha = list(by_alpha)
    if depth is None:
        return [by_alpha, by_beta]
    if not isinstance(by_alpha, (tuple, list, np.ndarray)):
        raise InputError(
            f"the gradient with respect to {called} must be a sequence, with one for each of the "
            f"{depth} hidden layers; got {described(by_alpha)}"
        )
    if len(by_alpha) != depth:
        raise InputError(
            f"the gradient with respect to {called} must have as many parts as {called}, {depth}; "
            f"got {len(by_alpha)}"
        )
    return [*by_alpha, by_beta]


def _refuse_not_finite(
    weights: Sequence[np.ndarray], network: Network, loss: LossName, parts: Sequence[Any]
) -> None:
    """Raise ValueError if a gradient is not finite while the right one is.

    If both are not finite the training diverges, which is no error of the caller's function.
    """
    bad = [name for name, p in zip(network.names, parts, strict=True) if not np.isfinite(p).all()]
    if not bad:
        return
    *alphas, beta = weights
    try:
        right = deep_backward(
            network.X, network.Y, alphas, beta, network.sigmas, network.g, loss=loss
        )
    except ValueError:  # it overflows, too
        return
    if all(np.isfinite(w).all() for w in (*right.alphas, right.beta)):
        raise InputError(
            f"the gradient with respect to {bad[0]} holds a number that is not finite (NaN or "
            "infinite), where the right gradient is finite: look for a division by zero, or an "
            "overflow of exp"
        )


def _bytes_a_run(network: Network) -> int:
    """Return the size of the arrays that both passes use: values and derivatives of each layer."""
    units = sum(len(w) for w in network.weights)
    return 2 * units * len(network.X) * np.result_type(*network.weights).itemsize


def _train_together(
    network: Network, gammas: np.ndarray, epochs: int, loss: LossName
) -> list[Training]:
    """Train all runs in one workspace; a run that diverges is recorded and then left at rest."""
    work = Workspace(*network[:5], loss=loss, runs=len(gammas))
    epoch = work.descent(gammas)
    losses = np.empty((len(gammas), epochs + 1), work.theta.dtype)
    trained: dict[int, Training] = {}

    def take_down(run: int, r: int) -> None:
        weights = [w[run] for w in work.weights]
        trained[run] = _training(network, weights, losses[run, : r + 1].copy())

    with np.errstate(all="ignore"):
        for r in range(epochs + 1):
            losses[:, r] = epoch() if r > 0 else work.forward()
            R = losses[:, r]
            if math.isfinite(R.sum()):
                continue
            for run in np.flatnonzero(~np.isfinite(R)).tolist():
                if run not in trained:
                    take_down(run, r)
                    work.rest(run)
            if len(trained) == len(gammas):
                break
    for run in range(len(gammas)):
        if run not in trained:
            take_down(run, epochs)
    return [trained[run] for run in range(len(gammas))]


def updates_with_numbers(losses: np.ndarray) -> int | None:
    """Return after how many updates the loss is first infinite or NaN; None if it never is."""
    finite = np.isfinite(losses)
    return None if finite.all() else int(np.argmin(finite))


def jumps(losses: np.ndarray) -> np.ndarray:
    """Return the epochs, counted from 0, in which the loss jumps up."""
    return np.flatnonzero(losses[1:] > JUMP * losses[:-1])


def still_falling(losses: np.ndarray) -> bool:
    """Whether the loss has still fallen by more than 1 % in the last tenth of the epochs."""
    before = losses[-1 - max(1, (len(losses) - 1) // 10)]
    return bool(before - losses[-1] > FALLING * before)


def times(count: int, what: str) -> str:
    """Return ``"1 epoch"`` or ``"2 epochs"``."""
    return f"{count} {what}{'s' * (count != 1)}"


class RateVerdict(NamedTuple):
    """Whether the training diverged, whether γ was too large, and a sentence with numbers."""

    diverged: bool
    too_large: bool
    sentence: str


def judge_rate(losses: np.ndarray) -> RateVerdict:
    """Judge the learning rate of a training by its losses.

    Parameters
    ----------
    losses : ndarray, shape (epochs run + 1,)
        R(θ) before the first update and after each one; the last may be infinite or NaN.

    Returns
    -------
    RateVerdict
    """
    start, end, epochs = losses[0], losses[-1], len(losses) - 1
    diverged, too_large = False, True
    updates, up = updates_with_numbers(losses), jumps(losses)
    share = f"{end / start:.0%}" if start else "100%"
    if updates is not None:
        diverged = True
        said = f"diverged: after {times(updates, 'update')} the loss was no longer a finite number."
    elif end > start:
        said = (
            f"too large: the loss rises from {start:.3g} to {end:.3g}; if it also rises with the "
            "smallest γ, the gradient is wrong."
        )
    elif up.size:
        worst = up[np.argmax(losses[up + 1] - losses[up])]
        said = (
            f"too large: the loss jumps up {times(up.size, 'time')}, at worst from "
            f"{losses[worst]:.3g} to {losses[worst + 1]:.3g} in epoch {worst + 1}, and ends at "
            f"{end:.3g}."
        )
    else:
        too_large = False
        said = f"stands still: the loss stays at {end:.3g}, {share} of its start."
        if start and end <= LEARNED * start:
            said = f"learns well: the loss falls from {start:.3g} to {end:.3g} without a jump."
        elif still_falling(losses):
            said = (
                f"learns slowly: after {times(epochs, 'epoch')} the loss is still {end:.3g}, "
                f"{share} of its start, and falling."
            )
    return RateVerdict(diverged, too_large, said)
