"""The model of the learning-rate panel: train one network from one start with any γ."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.activations import Activation, sigmoid, tanh
from bplab.losses import loss
from bplab.network import Output, backward, forward
from bplab.training import GradientFunction, Training, initial_weights, train
from bplab.widgets._examples import given_or_penguins
from bplab.widgets._learner import Guarded
from bplab.widgets._verdict import judge

SECONDS = 20  # a slower training is given up


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
            If ``gamma`` is not a positive number; or, as `GradientError`, if the gradient
            function raises, returns something else than two fitting arrays, or is too slow.
        """
        train_with = self._reference if self.gradients is backward else self._learner
        trained, norms = train_with(gamma)
        verdict = judge(trained.losses)
        accuracy = np.nan
        if not verdict.diverged:
            F = forward(self._X, trained.alpha, trained.beta, self._sigma, self._g).F
            accuracy = float(np.mean(_species(F, self._Y) == _species(self._Y, self._Y)))
        return Run(float(gamma), trained.losses, accuracy, *verdict, *norms)

    def _learner(self, gamma: float) -> tuple[Training, tuple[float, float]]:
        """Train with the learner's gradients; return the norms of the last ones too."""
        gradients = Guarded(self.gradients, SECONDS)
        trained = self._train(self._weights, gamma, self.epochs, gradients=gradients)
        return trained, gradients.norms

    def _reference(self, gamma: float) -> tuple[Training, tuple[float, float]]:
        """The same with the library's gradients: `train` knows a faster form of them."""
        trained = self._train(self._weights, gamma, self.epochs - 1)
        if trained.diverged:  # the last gradients were those before the loss was lost
            before = self._train(self._weights, gamma, max(len(trained.losses) - 2, 0))
        else:
            before = trained
            trained = self._train(before[:2], gamma, 1)
            trained = trained._replace(losses=np.append(before.losses, trained.losses[1:]))
        last = backward(self._X, self._Y, *before[:2], self._sigma, self._g)
        with np.errstate(over="ignore", invalid="ignore"):
            return trained, tuple(float(np.linalg.norm(part)) for part in last)

    def _train(
        self, weights: tuple[NDArray, NDArray], gamma: float, epochs: int, **options
    ) -> Training:
        return train(
            *(self._X, self._Y, *weights, self._sigma, self._g),
            gamma=gamma,
            epochs=epochs,
            **options,
        )


def _species(F: NDArray, Y: NDArray) -> NDArray:
    """Return the number of the species that each row of ``F`` stands for."""
    if Y.shape[1] > 1:
        return F.argmax(axis=1)
    return (F[:, 0] > (Y.min() + Y.max()) / 2).astype(int)
