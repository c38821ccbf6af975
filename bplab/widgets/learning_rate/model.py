"""The model of the learning-rate panel: train one network from one start with any γ."""

from collections.abc import Generator
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.activations import Activation, Output, sigmoid, tanh
from bplab.learner import Gradients
from bplab.losses import loss
from bplab.network import backward, forward
from bplab.training import GradientFunction, Training, initial_weights, train
from bplab.widgets.kit.examples import given_or_penguins
from bplab.widgets.kit.verdict import judge

SECONDS = 20  # a slower training is given up
FIRST, PIECE = 200, 0.016  # epochs of the first step of a training, and seconds of the others


class Run(NamedTuple):
    """One training with one learning rate; see `LearningRate.run`.

    ``losses`` (epochs run + 1,) holds R(θ) before the first update and after each one;
    ``accuracy`` is the share of examples whose largest output is that of their species, or, with
    one output, lies on their side of the middle of the two targets (NaN when the training
    diverged); ``norm_alpha`` and ``norm_beta`` are the Euclidean norms of the last gradients;
    ``verdict`` is a sentence for the learner.
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
    """The learner's gradient function in one training; ``norms`` are its last gradients'."""

    def __init__(self, gradients: GradientFunction):
        self.norms = (np.nan, np.nan)
        self._gradients = Gradients(gradients, one_layer=True, in_all=SECONDS, doing="the training")

    def __call__(
        self, X: NDArray, Y: NDArray, alpha: NDArray, beta: NDArray, sigma: Activation, g: Output
    ) -> tuple[NDArray, ...]:
        both = self._gradients(X, Y, (alpha, beta), (sigma,), g)
        self.norms = _norms(both)
        return both


class LearningRate:
    """Train one network from the same start with any learning rate.

    Parameters
    ----------
    gradients : callable
        ``gradients(X, Y, alpha, beta, sigma, g)`` returning the gradients of R(θ) by alpha
        and by beta: the reference, or your own.
    X : array_like, shape (N, p), optional
        Inputs, taken as they are. Without them: the penguins' four measurements, standardised.
    Y : array_like, shape (N, K), optional
        Targets: a 1 in the column of the example's species; or one column of two values, such
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
        Of the weights at the start.

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
            raise ValueError(
                "gradients must be a function gradients(X, Y, alpha, beta, sigma, g), given "
                f"without calling it; got {type(gradients).__name__}"
            )
        X, Y = given_or_penguins(X, Y)
        if Y.shape[1] == 1 and len(values := np.unique(Y)) != 2:
            raise ValueError(
                f"Y with one column must hold two values, one a species; got {len(values)}"
            )
        for name, count in {"M": M, "epochs": epochs}.items():
            if not isinstance(count, (int, np.integer)) or count < 1:
                raise ValueError(f"{name} must be a whole number of at least 1; got {count!r}")
        for name, activation, slope in (("sigma", sigma, "derivative"), ("g", g, "pull_back")):
            if not (callable(activation) and hasattr(activation, slope)):
                raise ValueError(
                    f"{name} must be an Activation such as bplab.activations.tanh; "
                    f"got {activation!r}"
                )
        X.flags.writeable = Y.flags.writeable = False  # a learner's function must not change them
        self.gradients, self.epochs = gradients, int(epochs)
        self._X, self._Y, self._sigma, self._g = X, Y, sigma, g
        self._weights = initial_weights(X.shape[1], int(M), Y.shape[1], seed=seed)
        self.start = float(loss(Y, forward(X, *self._weights, sigma, g).F))

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
            If ``gamma`` is not a positive number; or, as `LearnerError`, if the gradient
            function raises, returns something else than two fitting arrays, or is too slow.
        """
        steps = self.steps(gamma)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return done.value

    def steps(self, gamma: float) -> Generator[float, None, Run]:
        """Do what `run` does in steps of some milliseconds; yield the share done after each."""
        own = None if self.gradients is backward else _Own(self.gradients)
        weights, done, size = self._weights, 0, FIRST
        losses: list[NDArray] = []
        while True:
            start, before = perf_counter(), weights
            # the last update on its own: the gradient before it is shown
            size = min(size, max(1, self.epochs - 1 - done))
            trained = self._train(weights, gamma, size, own)
            losses.append(trained.losses[1:] if done else trained.losses)
            weights, done = trained[:2], done + size
            if trained.diverged or done == self.epochs:
                break
            yield done / self.epochs
            size = max(1, round(size * min(2.0, PIECE / (perf_counter() - start))))
        if own is None and trained.diverged:  # the last gradient was that before the loss was lost
            before = self._train(before, gamma, max(len(trained.losses) - 2, 0), None)[:2]
        return self._judged(gamma, weights, np.concatenate(losses), self._norms(before, own))

    def _judged(
        self,
        gamma: float,
        weights: tuple[NDArray, NDArray],
        losses: NDArray,
        norms: tuple[float, float],
    ) -> Run:
        verdict, accuracy = judge(losses), np.nan
        if not verdict.diverged:
            F = forward(self._X, *weights, self._sigma, self._g).F
            accuracy = float(np.mean(_species(F, self._Y) == _species(self._Y, self._Y)))
        return Run(float(gamma), losses, accuracy, *verdict, *norms)

    def _norms(self, weights: tuple[NDArray, NDArray], own: _Own | None) -> tuple[float, float]:
        """Norms of the last gradients: the learner's, or the library's at these weights."""
        if own is not None:
            return own.norms
        return _norms(backward(self._X, self._Y, *weights, self._sigma, self._g))

    def _train(
        self, weights: tuple[NDArray, NDArray], gamma: float, epochs: int, own: _Own | None
    ) -> Training:
        # with the library's gradients `train` uses a faster form of them
        options = {} if own is None else {"gradients": own}
        return train(
            *(self._X, self._Y, *weights, self._sigma, self._g),
            gamma=gamma,
            epochs=epochs,
            **options,
        )


def _norms(gradients: tuple[NDArray, ...]) -> tuple[float, ...]:
    with np.errstate(over="ignore", invalid="ignore"):
        return tuple(float(np.linalg.norm(part)) for part in gradients)


def _species(F: NDArray, Y: NDArray) -> NDArray:
    """Return the number of the species that each row of ``F`` stands for."""
    if Y.shape[1] > 1:
        return F.argmax(axis=1)
    return (F[:, 0] > (Y.min() + Y.max()) / 2).astype(int)
