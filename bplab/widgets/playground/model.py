"""The network of the playground, trained step by step, with a way back to every epoch."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab import deep
from bplab.activations import (
    Activation,
    Output,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from bplab.learner import Gradients, LearnerError
from bplab.losses import loss_per_example
from bplab.training import Workspace, initial_weights
from bplab.widgets.playground.data import DataSet, Examples, classes_of, examples

__all__ = [
    "ACTIVATIONS",
    "LAST",
    "OUTPUTS",
    "STARTS",
    "ExamplePasses",
    "History",
    "Run",
    "Settings",
]

LAST = 20_000  # epochs of one run
KEPT = 2_000  # epochs whose weights are kept, at most

_ELEMENTWISE = (tanh, sigmoid, relu, leaky_relu(), elu(), identity)
ACTIVATIONS = {activation.name.partition("(")[0]: activation for activation in _ELEMENTWISE}
OUTPUTS: dict[str, Output] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softmax": softmax,
    "identity": identity,
}


def _shifted(weights: list[NDArray]) -> list[NDArray]:
    for alpha in weights[:-1]:
        alpha[:, 0] = -5
    return weights


STARTS: dict[str, Callable[[list[NDArray]], list[NDArray]]] = {
    "random": lambda weights: weights,
    "random times 30": lambda weights: [30 * w for w in weights],
    "all equal": lambda weights: [np.full_like(w, 0.5) for w in weights],
    "all zero": lambda weights: [np.zeros_like(w) for w in weights],
    "random with biases -5": _shifted,
}


@dataclass(frozen=True)
class Settings:
    """All that a run depends on, apart from γ; equal settings give the same run.

    ``features`` are the columns of X to be used, None for all; ``share`` is the share of the
    examples for training, in per cent.
    """

    data: str
    noise: float
    share: int
    seed: int
    features: tuple[int, ...] | None
    units: tuple[int, ...]
    activations: tuple[str, ...]
    output: str
    start: str


class ExamplePasses(NamedTuple):
    """The numbers of both passes for one example.

    ``A``, ``Z``, ``slopes`` and ``s`` hold a vector for each hidden layer; ``T``, ``F``, ``Y`` and
    ``delta`` are vectors of shape (K,); ``loss`` is :math:`R_i`.
    """

    x: NDArray
    A: tuple[NDArray, ...]
    Z: tuple[NDArray, ...]
    slopes: tuple[NDArray, ...]
    T: NDArray
    F: NDArray
    Y: NDArray
    loss: float
    delta: NDArray
    s: tuple[NDArray, ...]


class History:
    """Weights of past epochs: of all of them, or, once they are many, of every 2nd, 4th, 8th."""

    def __init__(self, kept: int = KEPT):
        self.stride = 1
        self._kept = kept
        self._thetas: list[NDArray] = []

    def add(self, epoch: int, theta: NDArray) -> None:
        """Keep a copy of the weights of this epoch, which must follow those added before."""
        if epoch % self.stride:
            return
        self._thetas.append(theta.copy())
        if len(self._thetas) > self._kept:
            self._thetas = self._thetas[::2]
            self.stride *= 2

    def at(self, epoch: int) -> tuple[int, NDArray]:
        """Return the last epoch up to this one whose weights are kept, and those weights."""
        index = min(epoch // self.stride, len(self._thetas) - 1)
        return index * self.stride, self._thetas[index]

    def cut(self, epoch: int) -> None:
        """Forget all epochs after this one."""
        del self._thetas[epoch // self.stride + 1 :]


class Run:
    """One training of a network, from its start to the last epoch so far.

    Parameters
    ----------
    settings : Settings
    data : DataSet
    gradients : Gradients
        The reference's gradient function or the learner's.

    Attributes
    ----------
    examples : Examples
    epoch : int
        The epoch whose weights are in place, at most ``last``.
    losses, test_losses : list of float
        R(θ) for training and for test examples, for each epoch from 0 to ``last``.
    diverged : bool
        Whether the loss was not finite after the last update. The weights before it are kept.
    agreement : float or None
        Relative difference between the learner's gradients and the reference's at the start; None
        if the run uses the reference's.
    since : int
        Epoch in which γ was last changed.

    Raises
    ------
    LearnerError
        If the settings contradict each other, or the learner's function fails.
    """

    def __init__(self, settings: Settings, data: DataSet, gradients: Gradients):
        self.settings = settings
        found = examples(
            data,
            noise=settings.noise,
            share=settings.share,
            seed=settings.seed,
            features=settings.features,
        )
        Y = found.Y
        if settings.output == "tanh" and set(np.unique(Y)) <= {0.0, 1.0}:
            Y = 2 * Y - 1  # targets at the ends of tanh's range
        if settings.output == "softmax" and Y.shape[1] == 1:
            raise LearnerError(
                "softmax of a single output is always 1: choose another output function, or give Y "
                "with a column for each class."
            )
        found.X.flags.writeable = Y.flags.writeable = False
        self.examples: Examples = found._replace(Y=Y)
        self.sigmas = [ACTIVATIONS[name] for name in settings.activations]
        self.g = OUTPUTS[settings.output]
        self._own = gradients
        self._gamma = math.nan
        self._step: Callable[[], Any]
        alphas, beta = initial_weights(
            found.X.shape[1], settings.units, Y.shape[1], seed=settings.seed
        )
        weights = STARTS[settings.start]([*alphas, beta])
        self._work = Workspace(*self.examples.training, weights, self.sigmas, self.g)
        self._test = Workspace(*self.examples.test, weights, self.sigmas, self.g)
        self._history = History()
        self.losses: list[float] = []
        self.test_losses: list[float] = []
        self.epoch, self.since, self.diverged = 0, 0, False
        self.agreement = self._agreement()
        with np.errstate(all="ignore"):
            self._note(float(self._work.forward()))

    @property
    def last(self) -> int:
        """The last epoch so far."""
        return len(self.losses) - 1

    @property
    def weights(self) -> list[NDArray]:
        """The weights in place: α⁽¹⁾ … α⁽ᴰ⁾, β."""
        return self._work.weights

    @property
    def full(self) -> bool:
        """Whether no further epoch can be trained."""
        return self.epoch == self.last and (self.diverged or self.last >= LAST)

    def go(self, epoch: int) -> None:
        """Put the weights of an epoch in place, or of the last epoch before it that was kept."""
        epoch = min(max(epoch, 0), self.last)
        if epoch != self.last:
            self.epoch, theta = self._history.at(epoch)
        else:
            self.epoch, theta = epoch, self._newest
        self._work.theta[...] = theta

    def advance(
        self, epochs: int, gamma: float, seconds: float = math.inf
    ) -> tuple[list[float], list[float]] | None:
        """Train on from the weights in place, with gradient descent, equations (12) and (13).

        Parameters
        ----------
        epochs : int
        gamma : float
        seconds : float
            After this time no further epoch is begun.

        Returns
        -------
        (list, list) or None
            If the run had gone back to an earlier epoch, and now forgets the later ones: its
            training and test losses until then, from epoch 0 on.
        """
        forgotten = None
        if self.epoch < self.last:
            forgotten = self.losses, self.test_losses
            self.losses = self.losses[: self.epoch + 1]
            self.test_losses = self.test_losses[: self.epoch + 1]
            self._history.cut(self.epoch)
            self._newest, self.diverged = self._work.theta.copy(), False
            self._gamma, self.since = math.nan, self.epoch
        if gamma != self._gamma:
            self.since, self._gamma = self.last, gamma
            own = not self._own.is_reference
            self._step = self._own_step if own else self._work.descent(gamma)
        end = perf_counter() + seconds
        with np.errstate(all="ignore"):
            self._work.forward()  # `descent` needs the forward pass of the weights in place
            for _ in range(epochs):
                if self.full:
                    break
                self._note(float(self._step()))
                if perf_counter() > end:
                    break
        return forgotten

    def _note(self, loss: float) -> None:
        """Record the losses and the weights of an epoch whose weights are in place."""
        self.losses.append(loss)
        self._test.theta[...] = self._work.theta
        self.test_losses.append(float(self._test.forward()))
        if not math.isfinite(loss):
            self.diverged = True
            self._work.theta[...] = self._newest
        self._newest = self._work.theta.copy()
        self._history.add(self.last, self._newest)
        self.epoch = self.last

    def _own_step(self) -> float:
        """Train one epoch with the learner's gradients, and return the loss after it."""
        for weights, gradient in zip(self.weights, self._own_gradients(), strict=True):
            weights -= self._gamma * gradient
        return float(self._work.forward())

    def _own_gradients(self) -> tuple[NDArray, ...]:
        X, Y = self.examples.training
        gradients = self._own(X, Y, self.weights, self.sigmas, self.g)
        known = all(np.isfinite(part).all() for part in gradients)
        if not known and all(np.isfinite(part).all() for part in self.gradients()):
            raise LearnerError(
                f"Your gradient function returns NaN or infinity in epoch {self.epoch}, where the "
                "gradient is finite: look for a division by zero, or an overflow of exp."
            )
        return gradients

    def gradients(self) -> tuple[NDArray, ...]:
        """Return the reference's gradients at the weights in place; that for beta comes last."""
        by_alphas, by_beta = deep.backward(*self.examples.training, *self._network())
        return (*by_alphas, by_beta)

    def _agreement(self) -> float | None:
        if self._own.is_reference:
            return None
        with np.errstate(all="ignore"):
            return _relative_error(self._own_gradients(), self.gradients())

    def _network(self) -> tuple:
        *alphas, beta = self.weights
        return alphas, beta, self.sigmas, self.g

    def outputs(self, X: NDArray) -> NDArray:
        """Return the outputs F (N, K) for inputs X (N, p)."""
        with np.errstate(all="ignore"):
            return deep.forward(X, *self._network()).F

    def hidden(self) -> deep.Forward:
        """Return the forward pass of the training examples."""
        with np.errstate(all="ignore"):
            return deep.forward(self.examples.training[0], *self._network())

    def accuracies(self) -> tuple[float, float]:
        """Return the shares of training and of test examples that get their right class."""
        Y, labels, n = self.examples.Y, self.examples.labels, self.examples.trained
        right = classes_of(self.outputs(self.examples.X), Y) == labels
        return float(right[:n].mean()), float(right[n:].mean())

    def passes(self, index: int) -> ExamplePasses:
        """Return the numbers of both passes for one example, from the library's functions."""
        x, Y = self.examples.X[index : index + 1], self.examples.Y[index : index + 1]
        alphas, beta, sigmas, g = self._network()
        with np.errstate(all="ignore"):
            A, Z, T, F = deep.forward(x, alphas, beta, sigmas, g)
            delta = deep.output_delta(Y, T, F, g)
            s = deep.hidden_deltas(delta, alphas, beta, A, sigmas)
            slopes = tuple(sigma.derivative(a)[0] for sigma, a in zip(sigmas, A, strict=True))
        rows = [tuple(part[0] for part in parts) for parts in (A, Z, s)]
        R = float(loss_per_example(Y, F)[0])
        return ExamplePasses(x[0], rows[0], rows[1], slopes, T[0], F[0], Y[0], R, delta[0], rows[2])


def _relative_error(mine: Sequence[NDArray], reference: Sequence[NDArray]) -> float:
    """Return the distance of two gradients, relative to the norm of the reference's."""
    a, b = (np.concatenate([np.ravel(part) for part in parts]) for parts in (mine, reference))
    distance, size = float(np.linalg.norm(a - b)), float(np.linalg.norm(b))
    return distance / size if size else distance


def symptoms(run: Run) -> list[str]:
    """Return sentences on what keeps the network from learning, as far as its units show it."""
    found = []
    stored, layers = run.hidden(), len(run.sigmas)
    for d, (alpha, sigma, A) in enumerate(
        zip(run.weights[:-1], run.sigmas, stored.A, strict=True), start=1
    ):
        where = f" of layer {d}" if layers > 1 else ""
        M = len(alpha)
        if sigma.name == "relu" and (off := int((A <= 0).all(axis=0).sum())):
            found.append(
                f"{off} of {M} ReLU units{where} are off for every training example: there "
                "σ'(a) = 0, so s = 0, and their weights cannot change."
            )
        if sigma.name in ("sigmoid", "tanh"):
            flat = float(np.mean(sigma.derivative(A) < 0.02))
            if flat > 0.5:
                found.append(
                    f"For {flat:.0%} of examples and units{where} σ'(a) is below 0.02: the units "
                    "are saturated, and little of δ gets through."
                )
        twins = sum(np.allclose(a, b, rtol=1e-9) for a, b in itertools.combinations(alpha, 2))
        if M > 1 and twins == M * (M - 1) // 2:
            found.append(
                f"All {M} units{where} have the same weights: they get the same gradient and stay "
                "one unit for ever."
            )
    if isinstance(run.g, Activation) and run.g.name in ("sigmoid", "tanh"):
        wrong = np.abs(run.examples.training[1] - stored.F) > np.ptp(run.examples.Y) / 2
        stuck = wrong & (run.g.derivative(stored.T) < 0.02)
        if stuck.any():
            found.append(
                f"{stuck.sum()} of {wrong.size} outputs are wrong and saturated: g'(t) is below "
                "0.02, so δ is nearly 0 just where it should be large."
            )
    return found
