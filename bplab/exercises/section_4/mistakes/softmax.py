"""How softmax and its Jacobian are known to go wrong, and the words for it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bplab import activations
from bplab.exercises.section_4.mistakes.smooth import truncated
from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["SOFTMAX"]

_softmax: Callable[[NDArray], NDArray] = activations.softmax


def _jacobian(F: NDArray) -> NDArray:
    """F_k(1 − F_k) on the diagonal, −F_k F_l beside it: shape (N, K, K)."""
    return _with_diagonal(-_products(F), F * (1 - F))


def _products(F: NDArray) -> NDArray:
    return F[:, :, None] * F[:, None, :]


def _with_diagonal(matrices: NDArray, diagonal: NDArray) -> NDArray:
    return np.where(np.eye(diagonal.shape[1], dtype=bool), diagonal[:, :, None], matrices)


def _diagonal(values: NDArray) -> NDArray:
    return _with_diagonal(np.zeros((*values.shape, values.shape[1])), values)


def _exp(t: NDArray) -> NDArray:
    return np.exp(t - t.max(axis=1, keepdims=True))


def _shares(shifted: NDArray) -> NDArray:
    e = np.exp(shifted)
    return e / e.sum(axis=1, keepdims=True)


# --- softmax as a program, and its pieces done wrong --------------------------------------


def _softmax_and_jacobian(steps, t: NDArray) -> tuple[NDArray, NDArray]:
    F = steps.store_value(steps.value(t), t)
    return F, steps.jacobian(t, F)


_BOTH = Program(
    _softmax_and_jacobian,
    {
        "value": _softmax,
        "jacobian": lambda t, F: _jacobian(F),
        "store_value": lambda array, t: array,
    },
)


def _value(name: str, says: str, hint: str, value: Callable[[NDArray], NDArray]) -> Mistake:
    """A wrong value, and the Jacobian made from it."""
    return Mistake(name, Subgoal.FORWARD, says, hint, _BOTH.with_(value=value))


def _matrix(name: str, says: str, hint: str, jacobian: Callable[..., NDArray]) -> Mistake:
    """A wrong Jacobian ``jacobian(t, F)`` beside the right value."""
    return Mistake(name, Subgoal.DERIVATIVE, says, hint, _BOTH.with_(jacobian=jacobian))


def _returned(name: str, says: str, hint: str, change: Callable) -> Mistake:
    return Mistake(name, Subgoal.CODE, says, hint, _BOTH.with_(returned=change))


_VALUES = (
    _value(
        "no-shift",
        "Your softmax is NaN for large t: e^t overflows to ∞, and ∞/∞ is no number.",
        "Take the largest t of each row away before np.exp. The factor cancels in the fraction, "
        "and the largest exponential is then e^0 = 1.",
        lambda t: np.exp(t) / np.exp(t).sum(axis=1, keepdims=True),
    ),
    _value(
        "shift-by-global-max",
        "You subtract the largest t of the whole array, not of its own row: a row far below it "
        "becomes 0/0.",
        "Each example needs its own shift: t.max(axis=1, keepdims=True). With yours an example's "
        "answer also depends on who else is in the batch.",
        lambda t: _shares(t - t.max()),
    ),
    _value(
        "shift-by-column-max",
        "You subtract the largest t of each column; such a shift does not cancel.",
        "Only what is the same for all outputs of an example cancels in its fraction: use axis=1, "
        "t.max(axis=1, keepdims=True).",
        lambda t: _shares(t - t.max(axis=0)),
    ),
    _value(
        "shift-by-min",
        "You subtract the smallest t of the row, not the largest: what remains is still large.",
        "Nothing may be above 0 when np.exp comes. Subtract t.max(axis=1, keepdims=True).",
        lambda t: _shares(t - t.min(axis=1, keepdims=True)),
    ),
    _value(
        "shift-above-only",
        "The shift is in the numerator only, so it does not cancel.",
        "Compute the shifted exponentials once, and divide them by their own sum.",
        lambda t: _exp(t) / np.exp(t).sum(axis=1, keepdims=True),
    ),
    _value(
        "t-clipped",
        "Large t are clipped, which makes different outputs equal.",
        "Clipping hides the overflow and changes the answer. Subtract the row's maximum: that "
        "changes nothing.",
        lambda t: _softmax(np.clip(t, -500, 500)),
    ),
    _value(
        "sum-over-examples",
        "You divide by the sum over the examples; the sum is over the outputs of one example.",
        "Every row must sum to 1. Use axis=1, with keepdims=True so that the division fits.",
        lambda t: _exp(t) / _exp(t).sum(axis=0, keepdims=True),
    ),
    _value(
        "sum-over-all",
        "You divide by the sum of the whole array.",
        "Every row must sum to 1, not all of them together: sum(axis=1, keepdims=True).",
        lambda t: _exp(t) / _exp(t).sum(),
    ),
    _value(
        "not-divided",
        "The division by the sum is missing.",
        "The outputs of an example are shares: they sum to 1.",
        _exp,
    ),
    _value(
        "exp-of-minus-t",
        "The sign in the exponent is wrong: this is the softmax of −t.",
        "The largest t must get the largest share: np.exp(t − max), not np.exp(max − t).",
        lambda t: _softmax(-t),
    ),
    _value(
        "log-softmax",
        "Your value is the logarithm of the softmax.",
        "The value itself is wanted: positive numbers that sum to 1 in each row.",
        lambda t: t - t.max(axis=1, keepdims=True) - np.log(_exp(t).sum(axis=1, keepdims=True)),
    ),
    _value(
        "hardmax",
        "Your value is 1 at the largest t and 0 elsewhere.",
        "That is the maximum itself. Softmax is soft: the others get their share, e^t over the "
        "sum.",
        lambda t: (t == t.max(axis=1, keepdims=True)).astype(float),
    ),
    _value(
        "sigmoid",
        "You use the sigmoid of each output by itself.",
        "Sigmoids do not look at each other and need not sum to 1. Divide e^(t_k) by the sum over "
        "all outputs of the example.",
        activations.sigmoid,
    ),
    Mistake(
        *("integers-truncated", Subgoal.FORWARD),
        "Your value is cut to whole numbers when t holds integers.",
        "zeros_like(t), empty_like(t) and t.copy() are integer arrays when t is one, and cut off "
        "what you store there. Make the array with np.zeros(t.shape).",
        _BOTH.with_(store_value=truncated),
    ),
)

_MATRICES = (
    _matrix(
        "diagonal-only",
        "Only the diagonal of the Jacobian is there: the outputs' effect on each other is missing.",
        "When t_l rises, every share g_k with k ≠ l falls: ∂g_k/∂t_l = −g_k g_l.",
        lambda t, F: _diagonal(F * (1 - F)),
    ),
    _matrix(
        "diagonal-is-F",
        "The diagonal of your Jacobian is g_k; it should be g_k(1 − g_k).",
        "For k = l the denominator moves as well. In one line: g_k(δ_kl − g_l), which on the "
        "diagonal gives g_k(1 − g_k).",
        lambda t, F: _with_diagonal(-_products(F), F),
    ),
    _matrix(
        "diagonal-is-one-minus-F",
        "The diagonal of your Jacobian is 1 − g_k: the factor g_k is missing.",
        "For k = l the derivative is g_k(1 − g_k), like the sigmoid's.",
        lambda t, F: _with_diagonal(-_products(F), 1 - F),
    ),
    _matrix(
        "diagonal-forgotten",
        "The diagonal is treated like the rest: it holds −g_k².",
        "For k = l the numerator moves too, which adds g_k: the diagonal is g_k(1 − g_k).",
        lambda t, F: -_products(F),
    ),
    _matrix(
        "off-diagonal-positive",
        "The sign off the diagonal is wrong: it should be −g_k g_l.",
        "The shares sum to 1, so what one gains the others lose. Each row of the Jacobian must "
        "sum to 0.",
        lambda t, F: _with_diagonal(_products(F), F * (1 - F)),
    ),
    _matrix(
        "off-diagonal-from-t",
        "Off the diagonal you use the input t; the output g = softmax(t) is due.",
        "∂g_k/∂t_l = −g_k g_l for k ≠ l: both factors are values of the softmax.",
        lambda t, F: _with_diagonal(-_products(t), F * (1 - F)),
    ),
    _matrix(
        "off-diagonal-one-factor",
        "Off the diagonal you have −g_k: the factor g_l is missing.",
        "∂g_k/∂t_l = −g_k g_l for k ≠ l.",
        lambda t, F: _with_diagonal(-np.repeat(F[:, :, None], F.shape[1], axis=2), F * (1 - F)),
    ),
    _matrix(
        "sign-flipped",
        "The sign of the whole Jacobian is flipped.",
        "A larger t_k makes g_k larger: the diagonal is positive.",
        lambda t, F: -_jacobian(F),
    ),
    _matrix(
        "jacobian-at-F",
        "The Jacobian is taken at the wrong place: at F, not at t.",
        "You put F through the softmax a second time. Use its entries themselves.",
        lambda t, F: _jacobian(_softmax(F)),
    ),
    _matrix(
        "diagonal-as-vector",
        "Your derivative has shape (N, K): only g_k(1 − g_k), no matrix.",
        "Every output depends on every t, so each example has a K by K matrix: shape (N, K, K).",
        lambda t, F: F * (1 - F),
    ),
    _matrix(
        "summed-over-examples",
        "Your Jacobian is summed over the examples; one matrix an example is wanted.",
        "Shape (N, K, K). No sum comes before the matrix has met its example's residual.",
        lambda t, F: _jacobian(F).sum(axis=0),
    ),
    _matrix(
        "examples-last",
        "Your Jacobian has the examples on the last axis.",
        "Examples come first everywhere in this course: shape (N, K, K).",
        lambda t, F: np.moveaxis(_jacobian(F), 0, -1),
    ),
    _matrix(
        "across-examples",
        "Your Jacobian mixes the examples: one large matrix over all of them.",
        "No example's output depends on another's t. Make a K by K matrix for each: shape "
        "(N, K, K).",
        lambda t, F: np.diag(F.ravel()) - np.outer(F, F),
    ),
    _matrix(
        "first-example-only",
        "Every example gets the Jacobian of the first.",
        "Make a matrix from each row of F: look for F[0], or for a loop that fills one array.",
        lambda t, F: np.repeat(_jacobian(F)[:1], len(F), axis=0),
    ),
)

_RETURNED = (
    _returned(
        "order-swapped",
        "The two parts are in the wrong order.",
        "Return the value first, then its Jacobian.",
        lambda answer: answer[::-1],
    ),
    _returned(
        "jacobian-missing",
        "Only the value comes back: the Jacobian is missing.",
        "Return both, separated by a comma: the value (N, K) and the Jacobian (N, K, K).",
        lambda answer: answer[0],
    ),
    _returned(
        "value-missing",
        "Only the Jacobian comes back: the value is missing.",
        "Return both, separated by a comma: the value (N, K) and the Jacobian (N, K, K).",
        lambda answer: answer[1],
    ),
)

SOFTMAX = (*_VALUES, *_MATRICES, *_RETURNED)
