r"""Derivatives of a network's own risk, far more exact than differences of any function can be.

Two things are known of a `Risk` that need not hold for other functions. One weight moves only one
pre-activation, so the layers below it need not be computed again. And a complex step of size ε
changes no real part: every activation stays on its branch, so that kinks do no harm, and nothing
is subtracted, so that nothing cancels.

Since ε² vanishes beside 1, the imaginary part that leaves an activation is the imaginary part
that enters, times :math:`\mathrm{Im}\, σ(a + iε)/ε`. This uses σ itself, never its derivative.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.deep import layers_and_activations
from bplab.layers import affine
from bplab.losses import log_softmax
from bplab.risk import Risk

EPSILON = 2.0**-40  # 1 + ε² is 1, and small slopes do not underflow
BLOCK = 2**17  # numbers in the largest array, so that it fits into a cache

EXTENDED = np.finfo(np.longdouble).eps < np.finfo(np.float64).eps / 64
"""Whether this machine has a floating-point type with more digits than float64."""


class State:
    """A network at its weights: all layers, and their slopes by complex steps.

    Parameters
    ----------
    risk : Risk
    weights : sequence of ndarray
        The weights of the hidden layers, then those of the output.
    dtype : type
        float64, or longdouble for more digits.
    sides : sequence of ndarray of bool, optional
        For each hidden layer, which units are on the right of a kink; by default, those with
        positive pre-activations.
    """

    def __init__(
        self,
        risk: Risk,
        weights: Sequence[np.ndarray],
        dtype: type[np.floating[Any]] = np.float64,
        sides: Sequence[np.ndarray] | None = None,
    ):
        D = len(weights) - 1
        _, self.sigmas = layers_and_activations(weights[:-1], risk.sigmas)
        self.g, self.loss = risk.g, risk.loss
        self.weights = [np.asarray(w, dtype=dtype) for w in weights]
        self.Y = risk.Y.astype(dtype)
        inputs = risk.X.astype(dtype)
        self.A: list[np.ndarray] = []
        self.Z: list[np.ndarray] = []
        self.slopes: list[np.ndarray] = []
        self.inputs: list[np.ndarray] = []
        for d, sigma in enumerate(self.sigmas):
            A = self._affine(d, inputs)
            if sides is not None and sigma.kink:
                nearest = np.where(sides[d], 1, -1) * np.finfo(dtype).tiny
                A = np.where((A > 0) == sides[d], A, nearest)
            self.A.append(A)
            inputs = sigma.value(A)
            self.Z.append(inputs)
            self.slopes.append(_slope(sigma, A))
        self.T = self._affine(D, inputs)
        self.F = self.g.value(self.T)
        self._output_slope = None if isinstance(self.g, Softmax) else _slope(self.g, self.T)

    @property
    def sides(self) -> list[np.ndarray]:
        """For each hidden layer, which units are on the right of 0."""
        return [A > 0 for A in self.A]

    def _affine(self, d: int, inputs: np.ndarray) -> np.ndarray:
        self.inputs.append(np.column_stack([np.ones(len(inputs), inputs.dtype), inputs]))
        return affine(inputs, self.weights[d])  # rounded as in `forward`: kinks depend on it

    def gradient(self) -> list[np.ndarray]:
        """Return ∂R/∂w for every weight, each moved by itself."""
        gradient = [np.empty(w.shape, w.dtype) for w in self.weights]
        for d, m, columns in _nodes(self.weights, len(self.Y), len(self.weights[-1])):
            gradient[d][m, columns] = self.entries(d, m, columns)
        return gradient

    def entries(self, d: int, m: int, columns: slice | np.ndarray | list[int]) -> np.ndarray:
        """Return the derivatives with respect to some weights of unit m of layer d, shape (L,).

        Weight l moves :math:`a_{im}` by iε times the layer's input. How an example's outputs react
        to the unit is computed once, and scaled by the move of each weight.
        """
        moves = self.inputs[d][:, columns].T  # (L, N)
        D = len(self.sigmas)
        if d == D:
            answer = np.zeros_like(self.T)
            answer[:, m] = 1
        else:
            answer = self.slopes[d][:, [m]] * self.weights[d + 1][:, 1 + m]
            for e in range(d + 1, D):
                answer = (answer * self.slopes[e]) @ self.weights[e + 1][:, 1:].T
        return self._loss(moves[:, :, None] * answer)

    def along(self, direction: Sequence[np.ndarray]) -> float:
        """Return the derivative along a direction in the space of all weights."""
        moved = None
        for d, v in enumerate(direction):
            there = self.inputs[d] @ v.T if v.any() else None
            if moved is not None:
                passed_on = moved @ self.weights[d][:, 1:].T
                there = passed_on if there is None else there + passed_on
            moved = there
            if there is not None and d < len(self.sigmas):
                moved = there * self.slopes[d]
        return 0.0 if moved is None else float(self._loss(moved[None])[0])

    def _loss(self, T: np.ndarray) -> np.ndarray:
        """Return the derivative of R, shape (L,), for imaginary parts of T, shape (L, N, K)."""
        if not isinstance(self.g, Softmax):
            weight = 2 * (self.F - self.Y) * self._output_slope
            return np.matmul(T.reshape(len(T), -1), weight.ravel())
        # shifting all of t changes nothing; relative to the largest one, nothing cancels
        largest = self.T.argmax(axis=1)[None, :, None]
        T = T - np.take_along_axis(T, np.broadcast_to(largest, (*T.shape[:2], 1)), axis=2)
        size = np.abs(T).max(axis=(1, 2), keepdims=True)
        size[size == 0] = 1
        moved = self.T + 1j * EPSILON * (T / size)
        if self.loss == "cross-entropy":
            out = -(self.Y * log_softmax(moved).imag)
        else:
            out = 2 * (self.F - self.Y) * self.g.value(moved).imag
        return out.sum(axis=(1, 2)) * size[:, 0, 0] / EPSILON


def central(
    risk: Risk, weights: Sequence[np.ndarray], steps: Callable[[np.ndarray], np.ndarray]
) -> list[np.ndarray]:
    """Return central differences of the risk with respect to every weight.

    Differences are taken before the sum over examples and outputs, and only what a weight moves is
    computed.

    Parameters
    ----------
    risk : Risk
    weights : sequence of ndarray
    steps : callable
        Takes an array of weights, returns the step for each of them.

    Returns
    -------
    list of ndarray
        The derivatives, in the shapes of the weights.
    """
    risk(tuple(weights))  # raises if shapes do not fit
    state = State(risk, weights)
    gradient = [np.empty(w.shape) for w in weights]
    widest = max(len(w) for w in weights)
    for d, m, columns in _nodes(weights, len(risk.Y), widest):
        h = steps(weights[d][m, columns])
        change = state.inputs[d][:, columns].T * h[:, None]
        gradient[d][m, columns] = _difference(state, d, m, change) / (2 * h)
    return gradient


def _difference(state: State, d: int, m: int, change: np.ndarray) -> np.ndarray:
    """Return R(a_m + change) - R(a_m - change), for changes of shape (L, N)."""
    ahead, behind = (_outputs(state, d, m, sign * change) for sign in (1, -1))
    if state.loss == "cross-entropy":
        return -(state.Y * (log_softmax(ahead) - log_softmax(behind))).sum(axis=(1, 2))
    ahead, behind = state.g.value(ahead), state.g.value(behind)
    return ((behind - ahead) * (2 * state.Y - ahead - behind)).sum(axis=(1, 2))


def _outputs(state: State, d: int, m: int, change: np.ndarray) -> np.ndarray:
    """Return T after unit m of layer d has moved; shape (L, N, K)."""
    D = len(state.sigmas)
    if d == D:
        T = np.repeat(state.T[None], len(change), axis=0)
        T[:, :, m] += change
        return T
    moved = state.sigmas[d].value(state.A[d][:, m] + change) - state.Z[d][:, m]
    above = state.A[d + 1] if d + 1 < D else state.T
    moved = above + moved[:, :, None] * state.weights[d + 1][:, 1 + m]
    for e in range(d + 1, D):
        w = state.weights[e + 1]
        moved = state.sigmas[e].value(moved) @ w[:, 1:].T + w[:, 0]
    return moved


def _slope(activation: Activation, A: np.ndarray) -> np.ndarray:
    return activation.value(A + 1j * EPSILON).imag / EPSILON


def _nodes(weights: Sequence[np.ndarray], N: int, width: int) -> Iterator[tuple[int, int, slice]]:
    """Yield (layer, unit, slice of its weights); N · width numbers for each weight fit a block."""
    many = max(1, BLOCK // (N * width))
    for d, w in enumerate(weights):
        for m in range(len(w)):
            for first in range(0, w.shape[1], many):
                yield d, m, slice(first, first + many)
