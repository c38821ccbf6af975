"""The model of the learning-rate panel: one network, trained from one start with any γ."""

from collections.abc import Generator
from functools import partial
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab import layers
from bplab.activations import Activation, Output, sigmoid, tanh
from bplab.data import given_or_penguins
from bplab.errors import InputError
from bplab.learner import Gradients
from bplab.losses import loss
from bplab.network import backward, forward
from bplab.training import GradientFunction, Workspace, check_gamma, initial_weights, judge_rate
from bplab.widgets.kit.panel import finished

SECONDS = 20  # a slower training is stopped
FIRST, PIECE = 200, 0.016  # epochs in the first step of a training; seconds for each later step


class Run(NamedTuple):
    """One training with one learning rate; see `LearningRate.run`.

    ``losses`` (epochs run + 1,) holds R(θ) before the first update and after each one. ``accuracy``
    is the share of examples whose largest output is that of their species; with one output, the
    share whose output is on the side of their own target. It is NaN if the training diverged.
    ``norm_alpha`` and ``norm_beta`` are the Euclidean norms of the last gradients. ``verdict`` is a
    sentence for the learner.
    """

    gamma: float
    losses: NDArray
    accuracy: float
    diverged: bool
    too_large: bool
    verdict: str
    norm_alpha: float
    norm_beta: float


class _Own:
    """Descent with the learner's gradients; ``last`` holds the gradients of the last epoch."""

    def __init__(self, gradients: GradientFunction):
        self.last: tuple[NDArray, ...] = ()
        self._gradients = Gradients(gradients, one_layer=True, in_all=SECONDS, doing="the training")

    def epoch(
        self,
        X: NDArray,
        Y: NDArray,
        work: Workspace,
        sigmas: tuple[Activation],
        g: Output,
        gamma: float,
    ) -> float:
        """Update the workspace's weights, and return R(θ)."""
        self.last = self._gradients(X, Y, work.weights, sigmas, g)
        for w, gradient in zip(work.weights, self.last, strict=True):
            w -= gamma * gradient
        return float(work.forward())


class LearningRate:
    """Train one network from the same start with any learning rate.

    Parameters
    ----------
    gradients : callable
        The reference, or your own ``gradients(X, Y, alpha, beta, sigma, g)``, which returns the
        gradients of R(θ) with respect to alpha and beta.
    X : array_like, shape (N, p), optional
        Inputs, used without scaling. The default is the penguins' four measurements, standardised.
    Y : array_like, shape (N, K), optional
        Targets: a 1 in the column of the example's species; or one column with two values, such
        as 0 and 1, one for each species.
    M : int
        Number of hidden units.
    sigma : Activation
        Activation of the hidden layer.
    g : Activation or Softmax
        Output function.
    epochs : int
        Number of updates.
    seed : int
        Seed of the starting weights.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """

    def __init__(
        self,
        gradients: GradientFunction = backward,
        X: ArrayLike | None = None,
        Y: ArrayLike | None = None,
        M: int = 6,
        sigma: Activation = tanh,
        g: Output = sigmoid,
        epochs: int = 300,
        seed: int = 0,
    ):
        if not callable(gradients):
            raise InputError(
                "gradients must be a function gradients(X, Y, alpha, beta, sigma, g), given "
                f"without calling it; got {type(gradients).__name__}"
            )
        X, Y = given_or_penguins(X, Y)
        if Y.shape[1] == 1 and len(values := np.unique(Y)) != 2:
            raise InputError(
                f"Y with one column must hold two values, one a species; got {len(values)}"
            )
        for name, count in {"M": M, "epochs": epochs}.items():
            if not isinstance(count, (int, np.integer)) or count < 1:
                raise InputError(f"{name} must be a whole number of at least 1; got {count!r}")
        for name, activation, slope in (("sigma", sigma, "derivative"), ("g", g, "pull_back")):
            if not (callable(activation) and hasattr(activation, slope)):
                raise InputError(
                    f"{name} must be an Activation such as bplab.activations.tanh; "
                    f"got {activation!r}"
                )
        X.flags.writeable = Y.flags.writeable = False  # a learner's function must not change them
        self.gradients, self.epochs = gradients, int(epochs)
        self._X, self._Y, self._sigma, self._g = X, Y, sigma, g
        start = initial_weights(X.shape[1], int(M), Y.shape[1], seed=seed)
        self._weights = [np.asarray(w) for w in start]
        alpha, beta = self._weights
        self.start = float(loss(Y, forward(X, alpha, beta, sigma, g).F))

    def run(self, gamma: float) -> Run:
        """Train from the start with the learning rate ``gamma``.

        Parameters
        ----------
        gamma : float
            Learning rate, positive.

        Returns
        -------
        Run

        Raises
        ------
        ValueError
            If ``gamma`` is not a positive number.
        LearnerError
            If the gradient function raises, is too slow, or does not return two arrays of the right
            shapes.
        """
        check_gamma("gamma", gamma)
        return finished(self.steps(gamma))

    def steps(self, gamma: float) -> Generator[float, None, Run]:
        """Do the work of `run` in short steps, and yield the share that is done after each."""
        X, Y, sigmas, g = self._X, self._Y, (self._sigma,), self._g
        work = Workspace(X, Y, self._weights, sigmas, g)
        own = None if self.gradients is backward else _Own(self.gradients)
        epoch = partial(own.epoch, X, Y, work, sigmas, g, gamma) if own else work.descent(gamma)
        before, size = work.theta.copy(), FIRST
        with np.errstate(all="ignore"):
            losses = [work.forward()]
        while (done := len(losses) - 1) < self.epochs and np.isfinite(losses[-1]):
            if done:
                yield done / self.epochs
            start = perf_counter()
            with np.errstate(all="ignore"):
                for _ in range(min(size, self.epochs - done)):
                    before[...] = work.theta
                    losses.append(epoch())
                    if not np.isfinite(losses[-1]):
                        break
            size = max(1, round(size * min(2.0, PIECE / (perf_counter() - start))))
        verdict, accuracy = judge_rate(np.array(losses)), np.nan
        with np.errstate(all="ignore"):
            if not verdict.diverged:
                F = self._passes(work)[0].F
                accuracy = float(np.mean(_species(F, Y) == _species(Y, Y)))
            work.theta[...] = before
            # gradients of the last update: `descent` keeps neither them nor all of their digits
            last = own.last if own else self._passes(work)[1]
            norms = [float(np.linalg.norm(part)) for part in last]
        return Run(float(gamma), np.array(losses), accuracy, *verdict, *norms)

    def _passes(self, work: Workspace) -> tuple[layers.Forward, tuple[NDArray, NDArray]]:
        """Return what the forward pass stores at the workspace's weights, and the gradients."""
        (alpha, beta), sigmas = work.weights, (self._sigma,)
        stored = layers.forward(self._X, (alpha,), beta, sigmas, self._g)
        delta = layers.output_delta(self._Y, stored.T, stored.F, self._g)
        by_alphas, by_beta = layers.backward(self._X, stored, delta, (alpha,), beta, sigmas)
        return stored, (by_alphas[0], by_beta)


def _species(F: NDArray, Y: NDArray) -> NDArray:
    """Return the number of the species that each row of outputs ``F`` stands for."""
    if Y.shape[1] > 1:
        return F.argmax(axis=1)
    return (F[:, 0] > (Y.min() + Y.max()) / 2).astype(int)
