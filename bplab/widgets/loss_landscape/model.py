"""The model of the loss landscape: the loss as a function of two weights, and descent on it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.activations import Activation, Output, sigmoid, tanh
from bplab.data import given_or_penguins
from bplab.learner import Gradients, LearnerError
from bplab.network import backward
from bplab.training import (
    GradientFunction,
    Workspace,
    checked_network,
    initial_weights,
    times,
    train,
)

__all__ = ["REACH", "LossLandscape", "Path", "Surface", "verdict"]

REACH = 6.0  # weights are drawn from −REACH to REACH
GRID = 61  # points along each axis
TOGETHER = 400  # points whose losses are computed at once
STILL = 0.005  # a last step below this share of the first one means that the path has converged
H = 1e-5  # step of the finite difference
_DOWN = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Surface(NamedTuple):
    """R over a grid: ``ticks`` (GRID,); ``R`` (GRID, GRID), a row for each second weight."""

    ticks: NDArray
    R: NDArray


class Path(NamedTuple):
    """Gradient descent on two weights.

    ``points`` (steps + 1, 2) and ``losses`` (steps + 1,) hold the weights and R before the first
    step and after each step. ``gradients`` (steps, 2) holds the derivatives from the gradient
    function, ``numerical`` (2,) central differences of R at the start.
    """

    gamma: float
    points: NDArray
    losses: NDArray
    gradients: NDArray
    numerical: NDArray


class LossLandscape:
    """A network with one hidden layer, in which two weights learn while all others stay fixed.

    Parameters
    ----------
    gradients : callable
        ``gradients(X, Y, alpha, beta, sigma, g)``; or with ``alphas`` and ``sigmas`` for one layer.
    X : array_like, shape (N, p), optional
        Inputs, used without scaling. The default is the penguins' four measurements, standardised.
    Y : array_like, shape (N, K), optional
        Targets.
    M : int
        Number of hidden units.
    sigma : Activation
    g : Activation or Softmax
    seed : int
        Seed of the random weights.
    gamma, epochs : float, int
        Learning rate and length of the training that gives the fixed weights, if they are chosen
        as trained.

    Attributes
    ----------
    names : tuple of str
        Names of all weights: ``"α₁₀"`` is the bias of hidden unit 1, ``"β₂₁"`` leads from hidden
        unit 1 to output 2.

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
        M: int = 2,
        sigma: Activation = tanh,
        g: Output = sigmoid,
        seed: int = 0,
        gamma: float = 0.005,
        epochs: int = 300,
    ):
        X, Y = (examples.astype(float) for examples in given_or_penguins(X, Y))
        self._gradients = Gradients(gradients)
        weights = initial_weights(X.shape[1], M, Y.shape[1], seed=seed)
        self._network = checked_network(X, Y, *weights, sigma, g, "squared")
        X.flags.writeable = Y.flags.writeable = False
        trained = train(X, Y, *weights, sigma, g, gamma=gamma, epochs=epochs)
        self._rest = {
            rest: np.concatenate([np.ravel(w) for w in both])
            for rest, both in (("as at random", weights), ("as trained", trained[:2]))
        }
        self._work = self._workspace()
        self.names = tuple(
            _name(letter, unit, source)
            for letter, w in zip("αβ", self._network.weights, strict=True)
            for unit in range(1, len(w) + 1)
            for source in range(w.shape[1])
        )

    def _workspace(self, runs: int | None = None) -> Workspace:
        X, Y, weights, sigmas, g, *_ = self._network
        return Workspace(X, Y, weights, sigmas, g, runs=runs)

    def theta(self, rest: str) -> NDArray:
        """Return all weights, for ``rest`` equal to ``"as trained"`` or ``"as at random"``."""
        return self._rest[rest].copy()

    def surface(self, pair: tuple[int, int], rest: str) -> Surface:
        """Return R over the grid of two weights.

        Parameters
        ----------
        pair : (int, int)
            The indices of the two weights in ``names``.
        rest : str
            The values of all other weights: see `theta`.

        Raises
        ------
        LearnerError
            If both are the same weight.
        """
        _different(pair)
        ticks = np.linspace(-REACH, REACH, GRID)
        points = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
        R = np.concatenate(
            [self._losses(part, pair, rest) for part in np.split(points, _cuts(len(points)))]
        )
        return Surface(ticks, R.reshape(GRID, GRID))

    def _losses(self, points: NDArray, pair: tuple[int, int], rest: str) -> NDArray:
        """Return R at points (n, 2), for networks that differ in two weights, in one workspace."""
        work = self._workspace(runs=len(points))
        thetas = np.tile(self.theta(rest), (len(points), 1))
        thetas[:, pair] = points
        start = 0
        for w in work.weights:
            size = w[0].size
            w[...] = thetas[:, start : start + size].reshape(w.shape)
            start += size
        with np.errstate(all="ignore"):
            return np.asarray(work.forward())

    def path(
        self, pair: tuple[int, int], rest: str, start: tuple[float, float], gamma: float, steps: int
    ) -> Path:
        """Descend from ``start`` with the gradient function; only the two weights move.

        Parameters
        ----------
        pair : (int, int)
        rest : str
        start : (float, float)
            The two weights at the start.
        gamma : float
        steps : int
            The number of steps, at most; the path ends where R is no longer finite.

        Returns
        -------
        Path

        Raises
        ------
        LearnerError
            If both are the same weight, or the learner's function fails.
        """
        _different(pair)
        work, at = self._work, list(pair)
        work.theta[...] = self.theta(rest)
        work.theta[at] = start
        gradient = self._gradient(at)
        points, gradients = [np.array(start, float)], []
        with np.errstate(all="ignore"):
            losses = [work.forward()]
            for _ in range(steps):
                gradients.append(gradient())
                work.theta[at] -= gamma * gradients[-1]
                points.append(work.theta[at].copy())
                losses.append(work.forward())
                if not np.isfinite(losses[-1]):
                    break
        numerical = self._numerical(pair, rest, start)
        return Path(gamma, np.array(points), np.array(losses), np.array(gradients), numerical)

    def _gradient(self, at: list[int]) -> Callable[[], NDArray]:
        """Return a function that gives the two derivatives at the workspace's weights."""
        work, (X, Y, _, sigmas, g, *_) = self._work, self._network

        def reference() -> NDArray:
            work.backward()
            return work.gradient[at]

        def own() -> NDArray:
            parts = self._gradients(X, Y, work.weights, sigmas, g)
            return np.concatenate([np.ravel(part) for part in parts])[at]

        return reference if self._gradients.is_reference else own

    def _numerical(self, pair: tuple[int, int], rest: str, start: tuple[float, float]) -> NDArray:
        """Return central differences of R at the start."""
        around = np.array(start) + H * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        R = self._losses(around, pair, rest)
        return np.array([R[0] - R[1], R[2] - R[3]]) / (2 * H)


def verdict(path: Path) -> tuple[str, str]:
    """Return a verdict on the path.

    Returns
    -------
    head, rest : str
        One of "leaves", "zigzags", "converges", "is on its way"; and a sentence with the numbers
        that show it.
    """
    points, losses = path.points, path.losses
    steps = len(points) - 1
    count = times(steps, "step")
    if not np.isfinite(losses[-1]):
        return "leaves", f"after {count} R is no longer a finite number: the step is too large."
    if np.abs(points[-1]).max() > REACH:
        out = int(np.argmax(np.abs(points).max(axis=1) > REACH))
        return (
            "leaves",
            f"in step {out} the path leaves the picture, and R ends at {losses[-1]:.4g}.",
        )
    moves = np.diff(points, axis=0)
    lengths = np.linalg.norm(moves, axis=1)
    back = (moves[1:] * moves[:-1]).sum(axis=1) < 0  # by more than a right angle
    still = lengths[-1] < STILL * max(lengths[0], 1e-3)
    turns = int(back.sum())
    if turns > steps / 3 and not still:
        return "zigzags", f"{turns} of {count} turn back by more than a right angle: R ends at " + (
            f"{losses[-1]:.4g}. A smaller γ goes straight."
        )
    if still:
        how = f", after {times(turns, 'turn')} back" if turns else ""
        return "converges", f"the last of {count} is {lengths[-1]:.2g} long{how}; R = " + (
            f"{losses[-1]:.4g}."
        )
    return "is on its way", f"after {count} R has come from {losses[0]:.4g} to {losses[-1]:.4g}."


def _name(letter: str, unit: int, source: int) -> str:
    between = "·" if max(unit, source) > 9 else ""
    return letter + f"{unit}{between}{source}".translate(_DOWN)


def _different(pair: tuple[int, int]) -> None:
    if pair[0] == pair[1]:
        raise LearnerError("choose two different weights: a plane has two axes.")


def _cuts(points: int) -> list[int]:
    return list(range(TOGETHER, points, TOGETHER))
