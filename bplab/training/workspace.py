r"""The fast path: forward and backward pass in one workspace, nothing allocated on the way.

It computes what `bplab.deep.backward` computes, and the tests compare the two; read that one
first. What makes this one fast:

- *Features are rows* in here, (M, N) in place of the public (N, M). A layer's input starts
  with a row of ones that is written once, so that the product with the weights, bias first,
  needs no addition of the bias, and the product with delta gives the bias's gradient as well
  (only very wide layers and shared workspaces do without: there the row costs more).
- Every operation writes into an array that is there already. A pass is a list of operations
  with their arrays bound, made once: a small network spends its time on calls.
- The derivative of an activation is taken from its *value*, which the backward pass may
  overwrite: when it reaches a layer, nobody needs that layer's output any more.
- All weights lie in one vector, all gradients in another: an update is one operation.

The price of the third point: where a sigmoid, tanh, ELU or softmax is saturated, 1 - a or its
like has lost its digits, and the derivative is only right to 1e-16 (1e-7 for float32) of its
maximum, where `Activation.derivative` is right to 1e-16 of itself. Descent cannot tell; a check
of a gradient can, and uses `bplab.deep`.

Of many examples a few at a time are taken through both passes (`bplab.training.blocks`): their
arrays are still in the cache when the backward pass wants them.

Many runs that differ in their weights only can share a workspace: every array then has the run
as a leading axis.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from bplab.activations import Activation, Output
from bplab.losses import LossName
from bplab.training.blocks import examples_a_block
from bplab.training.in_place import Operation, number
from bplab.training.passes import Passes

__all__ = ["Workspace"]


class Workspace:
    r"""Weights, data and everything between them, for one network or ``runs`` equal ones.

    The arguments are taken as they are; callers check them, and silence numpy's warnings of
    overflow: an exp that overflows on the way to 1 / inf = 0 is meant.

    Parameters
    ----------
    X, Y : ndarray, shape (N, p) and (N, K)
        Inputs and targets; copied.
    weights : sequence of ndarray, shapes (M_1, p+1) … (M_D, M_{D-1}+1), (K, M_D+1)
        Starting weights from the input on, the output layer's last; copied.
    sigmas : sequence of D Activations
        Activation of each hidden layer.
    g : Activation or Softmax
        Output function.
    loss : {"squared", "cross-entropy"}
        The paper's loss, or cross-entropy, for which ``g`` must be softmax.
    runs : int, optional
        How many runs it holds, all from the same start. Without it there is one, without an axis.

    block : int, optional
        At most this many examples are worked on at a time, of one run; else as many as is
        fastest.

    Attributes
    ----------
    theta, gradient : ndarray, shape (number of weights of all runs,)
        All weights and, after `backward`, all derivatives of R(θ).
    weights, gradients : list of ndarray, shapes as in the argument, after the axis of runs
        The parts of ``theta`` and of ``gradient``: views, valid as long as the workspace.
    block : int
        As in the argument; the number of examples if they are worked on all at once.
    """

    def __init__(
        self,
        X: np.ndarray,
        Y: np.ndarray,
        weights: Sequence[np.ndarray],
        sigmas: Sequence[Activation],
        g: Output,
        *,
        loss: LossName = "squared",
        runs: int | None = None,
        block: int | None = None,
    ):
        dtype = np.result_type(X, Y, *weights)
        axis = () if runs is None else (runs,)
        shapes = [axis + w.shape for w in weights]
        self.theta = np.empty(sum(math.prod(shape) for shape in shapes), dtype)
        self.gradient = np.zeros_like(self.theta)
        self.weights, self.gradients = _parts(self.theta, shapes), _parts(self.gradient, shapes)
        for mine, start in zip(self.weights, weights, strict=True):
            mine[...] = start

        self._nought = partial(self.theta.dot, np.zeros_like(self.theta))
        if block is None:
            block = len(X) if runs else examples_a_block(weights, len(X))
        self.block = min(block, len(X))
        if self.block == len(X):
            self._all_at_once(X, Y, sigmas, g, loss)
        else:
            self._in_blocks(X, Y, sigmas, g, loss)
        self._gradient = self._backward(number(self._factor, self.theta))

    def _all_at_once(self, X: np.ndarray, Y: np.ndarray, *network: Any) -> None:
        passes = Passes(len(X), self.weights, self.gradients, *network)
        for operation in passes.load(X.T, Y.T):
            operation()
        self._forward, self._risk = passes.forward, passes.risk
        self._output, self._factor = passes.output, passes.factor

        def backward(factor: np.ndarray) -> list[Operation]:
            return [*passes.derivative(factor), *passes.backward]

        self._backward = backward

    def _in_blocks(self, X: np.ndarray, Y: np.ndarray, *network: Any) -> None:
        """Both passes of a block follow each other, in `forward`; the gradients are summed."""
        part = np.empty_like(self.theta)
        parts = _parts(part, [w.shape for w in self.weights])
        cuts = np.linspace(0, len(X), math.ceil(len(X) / self.block) + 1).astype(int)
        risks = np.empty(len(cuts) - 1, self.theta.dtype)

        def note(block: int, passes: Passes) -> None:
            risks[block] = passes.risk()

        self._forward = [partial(self.gradient.fill, 0)]
        of_size: dict[int, Passes] = {}  # their memory is used by one block after the other
        for block, (start, end) in enumerate(pairwise(cuts.tolist())):
            size = end - start
            if size not in of_size:
                of_size[size] = Passes(size, self.weights, parts, *network)
            passes = of_size[size]
            data = (np.array(a[start:end].T, self.theta.dtype, order="C") for a in (X, Y))
            self._forward += [
                *passes.load(*data),
                *passes.forward,
                partial(note, block, passes),
                *passes.derivative(number(passes.factor, part)),
                *passes.backward,
                partial(np.add, self.gradient, part, self.gradient),
            ]
        self._risk, self._factor = risks.sum, 1.0

        def backward(factor: np.ndarray) -> list[Operation]:
            return [partial(np.multiply, self.gradient, factor, self.gradient)]

        self._backward = backward

    def forward(self) -> float | np.ndarray:
        """Return R(θ) of the weights as they are: a float, or one number a run.

        It is NaN where a weight is not finite, whatever the network makes of it.
        """
        for operation in self._forward:
            operation()
        return self._checked_risk()

    def backward(self) -> None:
        """Fill ``gradient``, equations (14) to (18); once after each `forward`."""
        for operation in self._gradient:
            operation()

    def descent(self, gamma: float | np.ndarray) -> Callable[[], float | np.ndarray]:
        """Return a function that does an epoch after a `forward`: (12), (13), then R(θ).

        Parameters
        ----------
        gamma : float, or ndarray, shape (runs,)
            Learning rate, or that of each run.
        """
        rate = self._factor * np.array(gamma, self.theta.dtype)
        if rate.ndim == 1:  # in full: numpy multiplies the parts of a broadcast one by one
            rate = np.broadcast_to(rate[:, None, None], self._output)
        self._rate = np.array(rate, self.theta.dtype)
        # the backward pass is linear in the first derivative: γ in there is γ in the gradient
        operations: list[Operation] = [
            *self._backward(self._rate),
            partial(np.subtract, self.theta, self.gradient, self.theta),
            *self._forward,
        ]

        def epoch() -> float | np.ndarray:
            for operation in operations:
                operation()
            return self._checked_risk()

        return epoch

    def rest(self, run: int) -> None:
        """Put this run to rest: weights of 0, which `descent` does not change any more."""
        self._rate[run] = 0
        for w in self.weights:
            w[run] = 0

    def _checked_risk(self) -> float | np.ndarray:
        R = self._risk()
        if self._nought() == 0:  # 0 times each weight: else one of them is not finite
            return R
        for w in self.weights:
            R = np.where(np.isfinite(w).all(axis=(-1, -2)), R, np.nan)
        return np.asarray(R)[()]


def _parts(vector: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Views of consecutive parts of a vector in these shapes."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    pieces = np.split(vector, ends[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]
