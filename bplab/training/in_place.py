"""Activations in place: what the fast path does with a layer's values and derivatives.

z (M, N) holds scale · x; the forward operations turn it into the activation. The backward ones
multiply d (M, N) by the derivative, which they take from the activation in z, and may destroy z.
A factor in front of x costs less on the data or the weights than on z.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from bplab import activations
from bplab.activations import Activation, Output, Softmax

__all__ = ["Operation", "Steps", "in_place", "number", "row_of", "softmax_of"]

Operation = Callable[[], object]


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
    noughts = np.zeros_like(z)  # beside one number np.maximum is not vectorised
    return Steps(
        [partial(np.maximum, z, noughts, out=z)],
        [partial(np.greater, z, number(0, z), on), partial(np.multiply, d, on, d)],
    )


def _leaky_relu(z: np.ndarray, d: np.ndarray, alpha: float) -> Steps:
    on, left = np.empty(z.shape, bool), np.empty_like(z)
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
    on, left = np.empty(z.shape, bool), np.empty_like(z)
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
    return np.empty((*z.shape[:-2], 1, z.shape[-1]), z.dtype)
