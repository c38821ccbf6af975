r"""The fast path: forward and backward pass in one workspace, without allocating on the way.

It computes the same as `bplab.deep.backward`, and the tests compare the two; read that one
first. This one is fast for four reasons:

- *Features are rows* here: arrays are (M, N), not (N, M) as in public functions. A layer's input
  begins with a row of ones that is written once. So the product with the weights, bias first,
  needs no addition of the bias, and the product with delta also gives the gradient of the bias.
  (Very wide layers and shared workspaces have no such row, since it would cost them more.)
- Every operation writes into an array that exists already. A pass is a list of operations that is
  made once, with their arrays bound, because a small network spends most of its time on calls.
- The derivative of an activation is computed from its *value*, which the backward pass may
  overwrite: when it reaches a layer, that layer's output is no longer needed.
- All weights lie in one vector, and all gradients in another, so an update is one operation.

The third point has a price. Where a sigmoid, tanh, ELU or softmax is saturated, a term such as
1 - a has lost its digits: the derivative is only right to 1e-16 (1e-7 for float32) of its maximum,
whereas `Activation.derivative` is right to 1e-16 of its own size. This makes no difference to
descent, but it does to a gradient check, which therefore uses `bplab.deep`.

If there are many examples, blocks of them go through both passes (`examples_a_block`), so that
their arrays are still in the cache when the backward pass needs them.

Many runs that differ only in their weights can share a workspace: every array then has the runs
along its first axis.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bplab import activations
from bplab.activations import Activation, Output, Softmax, identity
from bplab.losses import LossName

__all__ = ["WIDE", "Workspace", "cache_size", "examples_a_block"]

Operation = Callable[[], object]

LINE = 64
"""Bytes in a line of the cache."""

WIDE = 256
"""From this many units on, adding the bias separately costs less than a further row of ones."""


class Workspace:
    r"""Weights, data and all arrays between them, for one network or for several equal ones.

    The arguments are not checked; callers check them, and silence numpy's warnings of overflow: an
    exp may overflow on the way to 1 / inf = 0.

    Parameters
    ----------
    X, Y : ndarray, shape (N, p) and (N, K)
        Inputs and targets; copied.
    weights : sequence of ndarray, shapes (M_1, p+1) … (M_D, M_{D-1}+1), (K, M_D+1)
        Starting weights, from the first hidden layer to the output layer; copied.
    sigmas : sequence of D Activations
        Activation of each hidden layer.
    g : Activation or Softmax
        Output function.
    loss : {"squared", "cross-entropy"}
        The paper's loss, or cross-entropy, for which ``g`` must be softmax.
    runs : int, optional
        The number of runs that it holds, all from the same start. By default there is a single run,
        and arrays have no axis of runs.
    block : int, optional
        The largest number of examples that are worked on at a time, only for a single run; by
        default the number that is fastest.

    Attributes
    ----------
    theta, gradient : ndarray, shape (number of weights of all runs,)
        All weights and, after `backward`, all derivatives of R(θ).
    weights, gradients : list of ndarray, shapes as in the argument, after the axis of runs
        The parts of ``theta`` and of ``gradient``, as views that stay valid.
    block : int
        The largest number of examples that are worked on at a time.
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
        size = sum(math.prod(shape) for shape in shapes)
        if block is None:
            block = len(X) if runs else examples_a_block(weights, len(X))
        self.block = min(block, len(X))
        # for a single network, the differences of its outputs from Y lie before the weights
        ends = Y.size if runs is None and self.block == len(X) and loss == "squared" else 0
        self._values, self._beside = (aligned((ends + size,), dtype, first=ends) for _ in range(2))
        self.theta, self.gradient = self._values[ends:], aligned((size,), dtype)
        self.weights, self.gradients = _parts(self.theta, shapes), _parts(self.gradient, shapes)
        for mine, start in zip(self.weights, weights, strict=True):
            mine[...] = start

        self._nought = partial(self.theta.dot, np.zeros_like(self.theta))
        if self.block == len(X):
            before = [a[:ends].reshape(Y.T.shape) for a in (self._values, self._beside) if ends]
            self._all_at_once(X, Y, sigmas, g, loss, *before)
        else:
            self._in_blocks(X, Y, sigmas, g, loss)
        self._with_weights = bool(ends)
        self._gradient = self._backward(number(self._factor, self.theta))
        self._derived: np.ndarray | None = None

    def _all_at_once(self, X: np.ndarray, Y: np.ndarray, *network: Any) -> None:
        passes = BoundPasses(len(X), self.weights, self.gradients, *network)
        for operation in passes.load(X.T, Y.T):
            operation()
        self._forward, self._risk = passes.forward, passes.risk
        self._output, self._factor = passes.output, passes.factor
        self._derivative, self._on_from_it = passes.derivative, passes.backward

    def _in_blocks(self, X: np.ndarray, Y: np.ndarray, *network: Any) -> None:
        """Let `forward` do both passes of each block in turn, and sum the gradients."""
        part = aligned(self.theta.shape, self.theta.dtype)
        parts = _parts(part, [w.shape for w in self.weights])
        starts = range(0, len(X), _even(len(X), self.block, LINE // part.itemsize))
        risks = np.empty(len(starts), self.theta.dtype)

        def note(block: int, passes: BoundPasses) -> None:
            risks[block] = passes.risk()

        self._forward = [partial(self.gradient.fill, 0)]
        of_size: dict[int, BoundPasses] = {}  # blocks of one size use the same memory in turn
        for block, (start, end) in enumerate(pairwise([*starts, len(X)])):
            size = end - start
            if size not in of_size:
                of_size[size] = BoundPasses(size, self.weights, parts, *network)
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
        self._derivative = lambda c: [partial(np.multiply, self.gradient, c, self.gradient)]
        self._on_from_it = []

    def _backward(self, factor: np.ndarray) -> list[Operation]:
        return [*self._derivative(factor), *self._on_from_it]

    def forward(self) -> float | np.ndarray:
        """Return R(θ) of the present weights: a float, or one number for each run.

        It is NaN if a weight is not finite, even where the outputs of the network are finite.
        """
        self._derived = None
        for operation in self._forward:
            operation()
        return self._checked_risk()

    def backward(self) -> None:
        """Fill ``gradient``, equations (14) to (18); to be called once after each `forward`."""
        for operation in self._gradient:
            operation()

    def descent(self, gamma: float | np.ndarray) -> Callable[[], float | np.ndarray]:
        """Return a function that does one epoch: (12), (13), then R(θ), which it returns.

        `forward` must be called before the first epoch.

        Parameters
        ----------
        gamma : float, or ndarray, shape (runs,)
            Learning rate, or that of each run.
        """
        rate = self._factor * np.array(gamma, self.theta.dtype)
        if rate.ndim == 1:  # written out, since numpy multiplies a broadcast piece by piece
            rate = np.broadcast_to(rate[:, None, None], self._output)
        self._rate = np.array(rate, self.theta.dtype)
        # the backward pass is linear in the first derivative: a factor γ there is γ in the gradient
        derivative = self._derivative(self._rate)
        after: list[Operation] = [
            *self._on_from_it,
            partial(np.subtract, self.theta, self.gradient, self.theta),
            *self._forward,
        ]
        if self._with_weights and np.finfo(rate.dtype).eps <= self._rate <= 1:
            return self._by_one_product(derivative, [*after, *derivative])
        operations, risk, nought = [*derivative, *after], self._risk, self._nought

        def epoch() -> float | np.ndarray:
            for operation in operations:
                operation()
            R = risk()
            return R if nought() == 0 else self._checked_risk()

        return epoch

    def _by_one_product(
        self, derivative: list[Operation], operations: list[Operation]
    ) -> Callable[[], float | np.ndarray]:
        """Return an epoch that ends with the first derivative of the next one.

        This derivative is γ · factor · difference. One product of two vectors, (differences,
        weights) and (derivatives, zeros), then gives γ · factor · R(θ). It is not finite if a
        weight is not finite.
        """
        mine, rate = self._rate, self._rate[()]
        product = partial(self._values.dot, self._beside)

        def epoch() -> float | np.ndarray:
            if self._derived is not mine:
                for operation in derivative:
                    operation()
                self._derived = mine
            for operation in operations:
                operation()
            R = product()
            return R / rate if math.isfinite(R) else self._checked_risk()

        return epoch

    def rest(self, run: int) -> None:
        """Put a run to rest: its weights become 0, and `descent` no longer changes them."""
        self._rate[run] = 0
        for w in self.weights:
            w[run] = 0

    def _checked_risk(self) -> float | np.ndarray:
        R = self._risk()
        if self._nought() == 0:  # the sum of 0 times each weight, which is 0 if all are finite
            return R
        for w in self.weights:
            R = np.where(np.isfinite(w).all(axis=(-1, -2)), R, np.nan)
        return np.asarray(R)[()]


def _even(N: int, block: int, line: int) -> int:
    """Return how many of ``N`` to take at a time: equal blocks of whole lines, except the last."""
    even = math.ceil(N / math.ceil(N / block))
    return min(block, math.ceil(even / line) * line)


def _parts(vector: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Return views of consecutive parts of a vector, in these shapes."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    pieces = np.split(vector, ends[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


# --- both passes over some examples, as operations whose arrays are bound ----------------


class BoundPasses:
    r"""Forward and backward pass over ``N`` examples, whose data are loaded by `load`.

    Parameters
    ----------
    N : int
        Number of examples.
    weights, gradients : sequence of ndarray, shapes (…, M_1, p+1) … (…, K, M_D+1)
        Arrays from which weights are read, and into which the backward pass writes the gradients.
    sigmas, g, loss
        As in `Workspace`.
    ends : two ndarrays, shape (…, K, N), optional
        Arrays for the differences of the outputs from Y, and for the derivatives of the loss with
        respect to the outputs.

    Attributes
    ----------
    forward, backward : list of operations
        To be run in this order: those of `forward`, of `derivative`, of `backward`.
    risk : callable
        Returns R(θ) of these examples, after `forward`.
    derivative : callable
        ``derivative(c)`` returns the operations that begin the backward pass. With c = ``factor``
        they lead to the gradient of R(θ), with c = γ · ``factor`` to γ times the gradient.
    factor : float
        A constant of the loss.
    output : tuple of int
        Shape of the outputs.
    """

    def __init__(
        self,
        N: int,
        weights: Sequence[np.ndarray],
        gradients: Sequence[np.ndarray],
        sigmas: Sequence[Activation],
        g: Output,
        loss: LossName,
        *ends: np.ndarray,
    ):
        dtype = weights[0].dtype
        self.forward: list[Operation] = []
        self.backward: list[Operation] = []
        self._prepare: list[Operation] = []
        inputs = _under_ones(weights[0].shape[-1] - 1, N, dtype)
        self._X, self._Y = inputs[1:], aligned((weights[-1].shape[-2], N), dtype)
        activations = [*sigmas, g if loss == "squared" else identity]
        shapes = [(*w.shape[:-1], N) for w in weights]
        difference, end = ends or (aligned(shapes[-1], dtype) for _ in range(2))
        derivatives = [*(aligned(shape, dtype) for shape in shapes[:-1]), end]
        send_back: np.ndarray | None = None
        for layer in zip(weights, gradients, derivatives, activations, strict=True):
            inputs, z, backward = self._layer(*layer, inputs, send_back)
            self.backward = backward + self.backward
            send_back = layer[2]
        if loss == "squared":
            last = _squared_error(self._Y, z, end, difference)
        else:
            last = _cross_entropy(self._Y, z, end)
        self._prepare += last.prepare
        self.forward += last.forward
        self.risk, self.derivative, self.factor = last.risk, last.derivative, last.factor
        self.output = end.shape

    def load(self, X: np.ndarray, Y: np.ndarray) -> list[Operation]:
        """Return the operations that load the examples ``X`` (p, N) and ``Y`` (K, N)."""
        copy = [partial(np.copyto, self._X, X), partial(np.copyto, self._Y, Y)]
        return [*copy, *self._prepare]

    def _layer(
        self,
        w: np.ndarray,
        gradient: np.ndarray,
        d: np.ndarray,
        activation: Output,
        inputs: np.ndarray,
        d_inputs: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray, list[Operation]]:
        """Add a layer to the passes; return the next layer's input, the output, and the way back.

        ``d`` is the array for the derivative with respect to the layer's output; ``d_inputs`` is
        that of the layer before.
        """
        if d.ndim == 2 and len(d) < WIDE:
            output = _under_ones(len(d), d.shape[-1], w.dtype)
            z = output[1:]
        else:
            output = z = aligned(d.shape, w.dtype)
        steps = in_place(activation, z, d)
        read, scaled = inputs, w
        if steps.scale != 1 and d_inputs is None:  # the data are scaled once
            read = aligned(inputs.shape, w.dtype)
            self._prepare.append(partial(np.multiply, inputs, number(steps.scale, w), read))
        elif steps.scale != 1:
            scaled = np.empty_like(w)
            self.forward.append(partial(np.multiply, w, number(steps.scale, w), scaled))
        inputs_T = inputs.swapaxes(-1, -2)
        if inputs.shape[-2] == w.shape[-1]:  # the input has a row of ones
            self.forward.append(_product(scaled, read, z))
            backward = [*steps.backward, _product(d, inputs_T, gradient)]
        else:
            ones = np.ones((inputs.shape[-1], 1), w.dtype)
            self.forward.append(_product(scaled[..., 1:], read, z))
            self.forward.append(partial(np.add, z, scaled[..., :1], z))
            backward = [
                *steps.backward,
                partial(np.matmul, d, inputs_T, gradient[..., 1:]),
                partial(np.matmul, d, ones, gradient[..., :1]),
            ]
        self.forward += steps.forward
        if d_inputs is not None:
            backward.append(_product(w[..., 1:].swapaxes(-1, -2), d, d_inputs))
        return output, z, backward


def _product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Operation:
    """Return the operation for a matrix product, with the call that costs least."""
    if out.ndim == 2:
        return partial(a.dot, b, out)
    if b.ndim == 2:  # shared by all runs: one product of all their rows
        return partial(a.reshape(-1, len(b)).dot, b, out.reshape(-1, out.shape[-1]))
    if a.shape[-1] == 1:
        return partial(np.multiply, a, b, out)
    return partial(np.matmul, a, b, out)


# --- losses: R, and the operations that write a multiple of its derivative into d ----------------


class _Loss(NamedTuple):
    forward: list[Operation]
    risk: Callable[[], float | np.ndarray]
    derivative: Callable[[np.ndarray], list[Operation]]
    factor: float  # the argument for which `derivative` gives the derivative itself
    prepare: Sequence[Operation] = ()  # to be run when new targets are loaded


def _squared_error(Y: np.ndarray, F: np.ndarray, d: np.ndarray, difference: np.ndarray) -> _Loss:
    flat = difference.reshape(*d.shape[:-2], -1)
    return _Loss(
        [partial(np.subtract, F, Y, difference)],
        partial(flat.dot, flat) if flat.ndim == 1 else partial(np.einsum, "ri,ri->r", flat, flat),
        lambda factor: [partial(np.multiply, difference, factor, d)],
        factor=2.0,
    )


def _cross_entropy(Y: np.ndarray, T: np.ndarray, d: np.ndarray) -> _Loss:
    """Return the operations of cross-entropy, with softmax: the output layer has no activation."""
    total, row = row_of(Y), row_of(T)

    def risk() -> float | np.ndarray:
        return (total * np.log(row)).sum(axis=(-1, -2)) - (Y * T).sum(axis=(-1, -2))

    def derivative(factor: np.ndarray) -> list[Operation]:
        return [
            partial(np.multiply, d, total, d),
            partial(np.subtract, d, Y, d),
            partial(np.multiply, d, factor, d),
        ]

    prepare = [partial(np.sum, Y, axis=-2, keepdims=True, out=total)]
    return _Loss(softmax_of(T, d, row), risk, derivative, factor=1.0, prepare=prepare)


def _under_ones(M: int, N: int, dtype: np.dtype) -> np.ndarray:
    """Return an array of M rows to be filled, below a row of ones."""
    rows = aligned((M + 1, N), dtype, first=N)
    rows[0] = 1
    return rows


def aligned(shape: tuple[int, ...], dtype: np.dtype, first: int = 0) -> np.ndarray:
    """Return zeros in memory where a line of the cache begins at entry number ``first``.

    numpy's own arrays begin 16 bytes after the start of a line. Each of its widest loads then reads
    two lines, and an operation takes up to twice as long.
    """
    size = math.prod(shape) * dtype.itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -(memory.__array_interface__["data"][0] + first * dtype.itemsize) % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


# --- activations in place: operations on a layer's values and derivatives ----------------
# z (M, N) holds scale · x; the forward operations turn it into the activation. The backward ones
# multiply d (M, N) by the derivative, which they compute from the activation in z; they may
# overwrite z. A factor of x is applied to the data or the weights, which costs less than to z.


class Steps(NamedTuple):
    """The operations of one layer's activation, forward and backward."""

    forward: Sequence[Operation]
    backward: Sequence[Operation]
    scale: float = 1.0


def _identity(z: np.ndarray, d: np.ndarray) -> Steps:
    return Steps([], [])


def _sigmoid(z: np.ndarray, d: np.ndarray) -> Steps:
    one = number(1, z)
    return Steps(
        [partial(np.exp, z, z), partial(np.add, z, one, z), partial(np.reciprocal, z, z)],
        [
            partial(np.multiply, d, z, d),
            partial(np.subtract, one, z, z),
            partial(np.multiply, d, z, d),
        ],
        scale=-1.0,
    )


def _tanh(z: np.ndarray, d: np.ndarray) -> Steps:
    backward = [
        partial(np.multiply, z, z, z),
        partial(np.multiply, z, d, z),
        partial(np.subtract, d, z, d),
    ]
    if z.dtype == np.float32 or _float64_tanh_is_fast():
        return Steps([partial(np.tanh, z, z)], backward)
    # 2 / (1 + exp(-2x)) - 1 has an absolute error of 1e-16, small enough next to a row of ones
    one = number(1, z)
    forward = [
        partial(np.exp, z, z),
        partial(np.add, z, one, z),
        partial(np.divide, number(2, z), z, z),
        partial(np.subtract, z, one, z),
    ]
    return Steps(forward, backward, scale=-2.0)


@cache
def _float64_tanh_is_fast() -> bool:
    """Whether numpy's float64 tanh uses AVX-512; elsewhere it takes twice as long as exp."""
    try:
        from numpy.lib.introspect import opt_func_info
    except ImportError:  # numpy 1
        return False
    found = opt_func_info(func_name="^tanh$", signature="float64")
    used = found.get("tanh", {}).get("dd", {}).get("current", "")
    return "AVX512" in used or "X86_V4" in used


def _relu(z: np.ndarray, d: np.ndarray) -> Steps:
    on = np.empty(z.shape, bool)
    noughts = aligned(z.shape, z.dtype)  # with a single number np.maximum is not vectorised
    return Steps(
        [partial(np.maximum, z, noughts, out=z)],
        [partial(np.greater, z, number(0, z), on), partial(np.multiply, d, on, d)],
    )


def _leaky_relu(z: np.ndarray, d: np.ndarray, alpha: float) -> Steps:
    on, left = np.empty(z.shape, bool), aligned(z.shape, z.dtype)
    return Steps(
        [
            partial(np.greater, z, number(0, z), on),
            partial(np.multiply, z, number(alpha, z), left),
            partial(np.maximum, z, left, out=z),  # alpha is at most 1
        ],
        [
            partial(np.multiply, on, number(1 - alpha, z), z),
            partial(np.add, z, number(alpha, z), z),
            partial(np.multiply, d, z, d),
        ],
    )


def _elu(z: np.ndarray, d: np.ndarray, alpha: float) -> Steps:
    on, left = np.empty(z.shape, bool), aligned(z.shape, z.dtype)
    zero, alpha_ = number(0, z), number(alpha, z)
    return Steps(
        [
            partial(np.greater, z, zero, on),
            partial(np.minimum, z, zero, out=left),
            partial(np.expm1, left, left),
            partial(np.multiply, left, alpha_, left),
            partial(np.maximum, z, left, out=z),  # alpha is at most 1
        ],
        [
            # left is 0 for x > 0; the derivative is left + α, and for x > 0 also 1 - α more
            partial(np.add, left, alpha_, left),
            partial(np.multiply, on, number(1 - alpha, z), z),
            partial(np.add, left, z, left),
            partial(np.multiply, d, left, d),
        ],
    )


def _softmax(z: np.ndarray, d: np.ndarray) -> Steps:
    """Return the steps of softmax; backwards z * (d - Σ d z), without forming the Jacobian."""
    row = row_of(z)
    return Steps(
        softmax_of(z, z, row),
        [
            partial(np.multiply, d, z, d),
            partial(np.sum, d, axis=-2, keepdims=True, out=row),
            partial(np.multiply, z, row, z),
            partial(np.subtract, d, z, d),
        ],
    )


def _any_activation(z: np.ndarray, d: np.ndarray, activation: Output) -> Steps:
    """Return the steps of an unknown activation, by its own functions, which do allocate."""
    x, across = np.empty_like(z), (-1, -2)

    def forward() -> None:
        x[...] = z
        z[...] = activation(x.swapaxes(*across)).swapaxes(*across)

    def backward() -> None:
        d[...] = activation.pull_back(d.swapaxes(*across), x.swapaxes(*across)).swapaxes(*across)

    return Steps([forward], [backward])


_KNOWN = (
    (activations.identity, _identity),
    (activations.sigmoid, _sigmoid),
    (activations.tanh, _tanh),
    (activations.relu, _relu),
)
_FAMILIES = {"leaky_relu": _leaky_relu, "elu": _elu}


def in_place(activation: Output, z: np.ndarray, d: np.ndarray) -> Steps:
    """Return the steps of an activation: z holds its value, d R's derivative with respect to it."""
    if isinstance(activation, Softmax):
        return _softmax(z, d)
    if isinstance(activation, Activation):
        # compared by functions: a learner's own activation may have the name of a known one
        for known, steps in _KNOWN:
            if activation.value is known.value and activation.slope is known.slope:
                return steps(z, d)
        family = activation.name.partition("(")[0]
        own = {getattr(f, "__module__", "") for f in (activation.value, activation.slope)}
        if family in _FAMILIES and own == {activations.__name__}:
            return _FAMILIES[family](z, d, float(activation.derivative(0.0)))
    return _any_activation(z, d, activation)


def softmax_of(t: np.ndarray, f: np.ndarray, row: np.ndarray) -> list[Operation]:
    """Return operations that shift t, and write the softmax of its columns into f.

    The sums of exp(t), after the shift, go into row. f may be t.
    """
    return [
        partial(np.max, t, axis=-2, keepdims=True, out=row),
        partial(np.subtract, t, row, t),
        partial(np.exp, t, f),
        partial(np.sum, f, axis=-2, keepdims=True, out=row),
        partial(np.divide, f, row, f),
    ]


def number(value: float, like: np.ndarray) -> np.ndarray:
    """Return a number as an array, since a Python number would be converted at each call."""
    return np.array(value, like.dtype)


def row_of(z: np.ndarray) -> np.ndarray:
    """Return an array with the shape of ``z``, but a single row: one number for each example."""
    return aligned((*z.shape[:-2], 1, z.shape[-1]), z.dtype)


# --- how many examples at a time ---------------------------------------------------------
# Both passes go through the arrays of each layer about ten times. If the arrays of all examples are
# larger than the cache of a core, they are fetched from further away each time. A block of examples
# whose arrays fit into the cache is worked on from the data to the gradient before the next block.
# A block costs its calls, and its products read all weights again; blocks are used if they save
# more than that.

COMMON = 2**19
"""Bytes of the second-level cache, if the system does not tell its size."""

SHARE = 0.5
"""The share of it that a block's arrays may fill: matrix products also keep data there."""

# nanoseconds, measured on machines of 2026; only their ratios matter
SAVED = 0.14  # saved for each byte that is worked on in the cache
CALLS = 6000  # cost of the calls, for each layer of a block
WEIGHTS = 0.45  # cost for each byte of weights that a block reads again, and adds to the gradient


@cache
def cache_size() -> int:
    """Return the bytes of a core's second-level cache if Linux tells them, else a common size."""
    try:
        told = Path("/sys/devices/system/cpu/cpu0/cache/index2/size").read_text().strip()
        return max(COMMON, int(told.removesuffix("K")) * 1024)
    except (OSError, ValueError):
        return COMMON


def examples_a_block(weights: Sequence[np.ndarray], N: int) -> int:
    """Return how many of ``N`` examples to work on at a time; ``N`` if all at once.

    Parameters
    ----------
    weights : sequence of ndarray, shapes (M_1, p+1) … (K, M_D+1)
        The weights of one network, from the first hidden layer to the output layer.
    N : int
        The number of examples.
    """
    units = [len(w) for w in weights]
    itemsize = np.result_type(*weights).itemsize
    # values and derivatives of each layer, and the difference of the outputs from Y
    worked_on = itemsize * (2 * sum(units) + units[-1])
    data = itemsize * (weights[0].shape[1] + units[-1])
    n = int(SHARE * cache_size() / (worked_on + data))
    saved = SAVED * worked_on * n
    costs = CALLS * len(weights) + WEIGHTS * itemsize * sum(w.size for w in weights)
    return n if n < N and saved > costs else N
