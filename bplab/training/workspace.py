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

Of many examples a few at a time are taken through both passes (`examples_a_block`): their arrays
are still in the cache when the backward pass wants them.

Many runs that differ in their weights only can share a workspace: every array then has the run
as a leading axis.
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
"""Bytes of a line of the cache."""

WIDE = 256
"""From this many units on, a row of ones more costs the products more than a bias on its own."""


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
        size = sum(math.prod(shape) for shape in shapes)
        if block is None:
            block = len(X) if runs else examples_a_block(weights, len(X))
        self.block = min(block, len(X))
        # before the weights lie, of one network, the differences of its outputs to Y
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
        """Both passes of a block follow each other, in `forward`; the gradients are summed."""
        part = aligned(self.theta.shape, self.theta.dtype)
        parts = _parts(part, [w.shape for w in self.weights])
        starts = range(0, len(X), _even(len(X), self.block, LINE // part.itemsize))
        risks = np.empty(len(starts), self.theta.dtype)

        def note(block: int, passes: BoundPasses) -> None:
            risks[block] = passes.risk()

        self._forward = [partial(self.gradient.fill, 0)]
        of_size: dict[int, BoundPasses] = {}  # their memory is used by one block after the other
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
        """Return R(θ) of the weights as they are: a float, or one number a run.

        It is NaN where a weight is not finite, whatever the network makes of it.
        """
        self._derived = None
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
        """Epochs that end with the next one's first derivative, which is γ · factor · difference.

        The product of differences, then weights, with these derivatives, then noughts, is a
        multiple of R(θ), and no finite number where a weight is none.
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


def _even(N: int, block: int, line: int) -> int:
    """How many of ``N`` to take at a time: as many each time, of whole lines, but for the last."""
    even = math.ceil(N / math.ceil(N / block))
    return min(block, math.ceil(even / line) * line)


def _parts(vector: np.ndarray, shapes: Sequence[tuple[int, ...]]) -> list[np.ndarray]:
    """Views of consecutive parts of a vector in these shapes."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    pieces = np.split(vector, ends[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]


# --- both passes over some examples, as operations whose arrays are bound ----------------


class BoundPasses:
    r"""Forward and backward pass over ``N`` examples, whose data `load` brings in.

    Parameters
    ----------
    N : int
        How many examples.
    weights, gradients : sequence of ndarray, shapes (…, M_1, p+1) … (…, K, M_D+1)
        Where weights are read, and where the backward pass writes the gradients.
    sigmas, g, loss
        As in `Workspace`.
    ends : two ndarrays, shape (…, K, N), optional
        For the differences of the outputs to Y, and the derivatives with respect to them.

    Attributes
    ----------
    forward, backward : list of operations
        Run `forward`, then `derivative`, then `backward`.
    risk : callable
        Returns R(θ) of these examples, after `forward`.
    derivative : callable
        ``derivative(c)`` gives the operations that begin the backward pass. With c = ``factor``
        it leads to the gradient of R(θ), with c = γ · ``factor`` to γ times the gradient.
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
        """Return the operations that bring in the examples ``X`` (p, N) and ``Y`` (K, N)."""
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
        """Add a layer to the passes; return what the next one reads, the output, and its way back.

        ``d`` is for the derivative with respect to its output; ``d_inputs`` is the layer before's.
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
        if inputs.shape[-2] == w.shape[-1]:  # under ones
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
    """The matrix product, by the call that costs least."""
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
    factor: float  # with which `derivative` gives the derivative itself
    prepare: Sequence[Operation] = ()  # when other targets have come


def _squared_error(Y: np.ndarray, F: np.ndarray, d: np.ndarray, difference: np.ndarray) -> _Loss:
    flat = difference.reshape(*d.shape[:-2], -1)
    return _Loss(
        [partial(np.subtract, F, Y, difference)],
        partial(flat.dot, flat) if flat.ndim == 1 else partial(np.einsum, "ri,ri->r", flat, flat),
        lambda factor: [partial(np.multiply, difference, factor, d)],
        factor=2.0,
    )


def _cross_entropy(Y: np.ndarray, T: np.ndarray, d: np.ndarray) -> _Loss:
    """Here the output layer has no activation: softmax is done together with the loss."""
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
    """M rows to be filled, under a row of ones."""
    rows = aligned((M + 1, N), dtype, first=N)
    rows[0] = 1
    return rows


def aligned(shape: tuple[int, ...], dtype: np.dtype, first: int = 0) -> np.ndarray:
    """Noughts that begin with a line of the cache, or whose entry number ``first`` does.

    numpy's own begin 16 bytes after one: each of its widest loads then takes two lines, and an
    operation up to twice as long.
    """
    size = math.prod(shape) * dtype.itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -(memory.__array_interface__["data"][0] + first * dtype.itemsize) % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


# --- activations in place: what is done with a layer's values and derivatives ------------
# z (M, N) holds scale · x; the forward operations turn it into the activation. The backward ones
# multiply d (M, N) by the derivative, which they take from the activation in z, and may destroy z.
# A factor in front of x costs less on the data or the weights than on z.


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
    # 2 / (1 + exp(-2x)) - 1: right to 1e-16 of 1, which is all that counts beside the row of ones
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
    noughts = aligned(z.shape, z.dtype)  # beside one number np.maximum is not vectorised
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
            # left holds 0 on the right: a + α on both sides, and there the rest of 1
            partial(np.add, left, alpha_, left),
            partial(np.multiply, on, number(1 - alpha, z), z),
            partial(np.add, left, z, left),
            partial(np.multiply, d, left, d),
        ],
    )


def _softmax(z: np.ndarray, d: np.ndarray) -> Steps:
    """Backwards, the product of d with the Jacobian, which is never formed: z * (d - Σ d z)."""
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
    """One that this module does not know: its own functions, which do allocate."""
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
    """The steps of an activation whose value is in z, and by whose value R has derivative d."""
    if isinstance(activation, Softmax):
        return _softmax(z, d)
    if isinstance(activation, Activation):
        # by its functions: a learner's own may have the name of one of the library's
        for known, steps in _KNOWN:
            if activation.value is known.value and activation.slope is known.slope:
                return steps(z, d)
        family = activation.name.partition("(")[0]
        own = {getattr(f, "__module__", "") for f in (activation.value, activation.slope)}
        if family in _FAMILIES and own == {activations.__name__}:
            return _FAMILIES[family](z, d, float(activation.derivative(0.0)))
    return _any_activation(z, d, activation)


def softmax_of(t: np.ndarray, f: np.ndarray, row: np.ndarray) -> list[Operation]:
    """Shift t; softmax of its columns into f, which may be t; the sums of exp(t) into row."""
    return [
        partial(np.max, t, axis=-2, keepdims=True, out=row),
        partial(np.subtract, t, row, t),
        partial(np.exp, t, f),
        partial(np.sum, f, axis=-2, keepdims=True, out=row),
        partial(np.divide, f, row, f),
    ]


def number(value: float, like: np.ndarray) -> np.ndarray:
    """As an array: a Python number would be converted at each call."""
    return np.array(value, like.dtype)


def row_of(z: np.ndarray) -> np.ndarray:
    """Return an array for one number an example: ``z`` with a single row."""
    return aligned((*z.shape[:-2], 1, z.shape[-1]), z.dtype)


# --- how many examples at a time ---------------------------------------------------------
# A pass goes through the arrays of each layer about ten times. Where those of all examples are
# larger than the cache of a core, each of these times fetches them from further away; blocks of
# examples whose arrays fit are worked on from the data to the gradient before the next one comes.
# A block costs its calls, and its products read all weights again: blocks are taken if they save
# more than that.

COMMON = 2**19
"""Bytes of the second-level cache where the system does not tell them."""

SHARE = 0.5
"""How much of it a block's arrays may fill: products put parts of theirs there as well."""

# nanoseconds, measured on machines of 2026; only their proportions decide
SAVED = 0.14  # for each byte that is worked on in the cache
CALLS = 6000  # for each layer of a block
WEIGHTS = 0.45  # for each byte of weights that a block reads again, and adds to the gradient


@cache
def cache_size() -> int:
    """Return the bytes of a core's second-level cache, as Linux tells them; else a common size."""
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
        Of one network, from the input on.
    N : int
        How many examples there are.
    """
    units = [len(w) for w in weights]
    itemsize = np.result_type(*weights).itemsize
    # of each layer its values and derivatives, and the difference of the last one's to Y
    worked_on = itemsize * (2 * sum(units) + units[-1])
    data = itemsize * (weights[0].shape[1] + units[-1])
    n = int(SHARE * cache_size() / (worked_on + data))
    saved = SAVED * worked_on * n
    costs = CALLS * len(weights) + WEIGHTS * itemsize * sum(w.size for w in weights)
    return n if n < N and saved > costs else N
