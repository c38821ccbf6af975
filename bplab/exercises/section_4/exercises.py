"""Exercises of section 4: six activation functions, each with its derivative."""

from collections.abc import Callable
from math import exp, expm1, fsum
from math import tanh as hyperbolic_tangent

import numpy as np

from bplab import activations
from bplab.exercises.section_4.cases import (
    ElementwiseCase,
    SoftmaxCase,
    kink_cases,
    relu_cases,
    smooth_cases,
    softmax_cases,
)
from bplab.exercises.section_4.mistakes import ELU, LEAKY_RELU, RELU, SIGMOID, SOFTMAX, TANH
from bplab.exercises.task import Exercise, Part

Pair = tuple[np.ndarray, np.ndarray]

# --- references ---------------------------------------------------------------------------


def sigmoid(x: np.ndarray) -> Pair:
    """Section 4, 1: value and derivative of the sigmoid, both of the shape of x."""
    return activations.sigmoid(x), activations.sigmoid.derivative(x)


def tanh(x: np.ndarray) -> Pair:
    """Section 4, 2: value and derivative of tanh, both of the shape of x."""
    return activations.tanh(x), activations.tanh.derivative(x)


def softmax(t: np.ndarray) -> Pair:
    """Section 4, 3: softmax of each row (N, K), and its Jacobian (N, K, K)."""
    return activations.softmax(t), activations.softmax.jacobian(t)


def relu(x: np.ndarray) -> Pair:
    """Section 4, 4: value and derivative of the ReLU, both of the shape of x."""
    return activations.relu(x), activations.relu.derivative(x)


def leaky_relu(x: np.ndarray, alpha: float) -> Pair:
    """Section 4, 5: value and derivative of the leaky ReLU, both of the shape of x."""
    activation = activations.leaky_relu(alpha)
    return activation(x), activation.derivative(x)


def elu(x: np.ndarray, alpha: float) -> Pair:
    """Section 4, 6: value and derivative of the ELU, both of the shape of x."""
    activation = activations.elu(alpha)
    return activation(x), activation.derivative(x)


# --- the second opinion: one number at a time, with no formula for a derivative -----------

JUDGE = "a loop in plain Python with finite differences"


def _number_by_number(
    value: Callable[..., float],
) -> Callable[[ElementwiseCase], tuple[np.ndarray, np.ndarray | None]]:
    """Return a second opinion: ``value(x)`` or ``value(x, alpha)``, and its central differences.

    On a kink, differences see both sides at once: there it has no slope, but None.
    """

    def opinion(case: ElementwiseCase) -> tuple[np.ndarray, np.ndarray | None]:
        alpha = () if case.alpha is None else (case.alpha,)

        def slope(x: float) -> float:
            h = 6e-6 * max(1.0, abs(x))
            return (value(x + h, *alpha) - value(x - h, *alpha)) / ((x + h) - (x - h))

        x = case.x.astype(float)
        values = np.vectorize(lambda x: value(x, *alpha))(x)
        return values, np.vectorize(slope)(x) if case.smooth else None

    return opinion


def _plain_sigmoid(x: float) -> float:
    return (1 + hyperbolic_tangent(x / 2)) / 2


def _plain_tanh(x: float) -> float:
    e = expm1(-2 * abs(x))
    return (e if x < 0 else -e) / (2 + e)


def _plain_leaky(x: float, alpha: float) -> float:
    return x if x > 0 else alpha * x


def _plain_elu(x: float, alpha: float) -> float:
    return x if x > 0 else alpha * expm1(x)


def _plain_softmax(t: list[float]) -> list[float]:
    # e^t_k / Σ e^t_l = 1 / Σ e^(t_l − t_k), which needs no shift; e^700 stands for ∞
    return [1 / fsum(exp(min(other - own, 700)) for other in t) for own in t]


def _softmax_opinion(case: SoftmaxCase) -> Pair:
    N, K = case.t.shape
    jacobian = np.empty((N, K, K))
    for i, row in enumerate(case.t.astype(float)):
        for l in range(K):  # noqa: E741
            above, below = row.copy(), row.copy()
            above[l] += 1e-5
            below[l] -= 1e-5
            ahead, behind = _plain_softmax(above.tolist()), _plain_softmax(below.tolist())
            difference = np.subtract(ahead, behind)
            jacobian[i, :, l] = difference / (above[l] - below[l])
    return np.array([_plain_softmax(row) for row in case.t.astype(float).tolist()]), jacobian


# --- hints --------------------------------------------------------------------------------

_SIGMOID_HINTS = (
    "Compute the value first and keep it: the derivative can be made from it alone.",
    "The value is 1 / (1 + e^(−x)), elementwise, shape of x. The derivative is the value times "
    "what is missing to 1, same shape.",
    "a = 1 / (1 + np.exp(-x))\nreturn a, a * …   (the last line of the derivation has the gap)",
)

_TANH_HINTS = (
    "The fraction as printed overflows. numpy has a function of this name that does not.",
    "Value: numpy's tanh of x. Derivative: from the value alone, 1 minus its square. Both have the "
    "shape of x.",
    "a = np.tanh(x)\nreturn a, 1 - …   (the value again, and a power; not x)",
)

_SOFTMAX_HINTS = (
    "First make the exponentials safe: a shift of the whole row changes nothing. Then the shares. "
    "Then one K by K matrix an example.",
    "Shift: t minus the largest t of its row, (N, 1) with keepdims=True. Value: exponentials over "
    "their sum along axis 1. Jacobian: minus the products g_k g_l, shape (N, K, K), and on the "
    "diagonal g_k more.",
    "e = np.exp(t - t.max(axis=1, keepdims=True))\n"
    "F = e / e.sum(axis=1, keepdims=True)\n"
    "products = F[:, :, None] * F[:, None, :]   # (N, K, K): entry [i, k, l] is g_k g_l\n"
    "diagonal = F[:, :, None] * np.eye(t.shape[1])   # g_k where k = l\n"
    "The Jacobian is one of the two minus the other.",
)

_RELU_HINTS = (
    "Both are a choice between two cases, entry by entry. An if does not work on arrays; which "
    "function of numpy chooses?",
    "np.where(condition, where true, where false) gives an array of the condition's shape. At "
    "x = 0 the left case holds.",
    "value = np.where(x > 0, x, …)\nslope = np.where(x > 0, …, …)",
)

_LEAKY_HINTS = (
    "It is your ReLU with something else in place of the zeros.",
    "For x ≤ 0 the value is αx; its derivative is what multiplies x there.",
    "value = np.where(x > 0, x, …)\nslope = np.where(x > 0, 1.0, …)\nThe first gap is alpha times "
    "something.",
)

_ELU_HINTS = (
    "Write the left side for negative x only: np.where computes both sides, and e^x overflows on "
    "the right.",
    "Left: α(e^x − 1), with the exponential of min(x, 0). The derivative there is αe^x, which is "
    "the value plus α. Right: as for the ReLU.",
    "left = alpha * (np.exp(np.minimum(x, 0)) - 1)\na = np.where(x > 0, x, left)\n"
    "slope = np.where(x > 0, 1.0, …)   (what must be added to a?)",
)

_ELEMENTWISE = (Part("value", "N", "M"), Part("slope", "N", "M"))

EXERCISES = (
    Exercise(
        id="sigmoid",
        reference=sigmoid,
        parts=_ELEMENTWISE,
        points=2,
        judge=JUDGE,
        formula_wanted=True,
        second_opinion=_number_by_number(_plain_sigmoid),
        mistakes=SIGMOID,
        cases=smooth_cases,
        hints=_SIGMOID_HINTS,
    ),
    Exercise(
        id="tanh",
        reference=tanh,
        parts=_ELEMENTWISE,
        points=1,
        judge=JUDGE,
        formula_wanted=True,
        second_opinion=_number_by_number(_plain_tanh),
        mistakes=TANH,
        cases=smooth_cases,
        hints=_TANH_HINTS,
    ),
    Exercise(
        id="softmax",
        reference=softmax,
        parts=(Part("value", "N", "K"), Part("jacobian", "N", "K", "K")),
        points=4,
        judge=JUDGE,
        formula_wanted=True,
        second_opinion=_softmax_opinion,
        mistakes=SOFTMAX,
        cases=softmax_cases,
        hints=_SOFTMAX_HINTS,
    ),
    Exercise(
        id="relu",
        reference=relu,
        parts=_ELEMENTWISE,
        points=1,
        judge=JUDGE,
        formula_wanted=True,
        second_opinion=_number_by_number(lambda x: max(x, 0.0)),
        mistakes=RELU,
        cases=relu_cases,
        hints=_RELU_HINTS,
    ),
    Exercise(
        id="leaky-relu",
        reference=leaky_relu,
        parts=_ELEMENTWISE,
        points=1,
        judge=JUDGE,
        formula_wanted=True,
        second_opinion=_number_by_number(_plain_leaky),
        mistakes=LEAKY_RELU,
        cases=kink_cases,
        hints=_LEAKY_HINTS,
    ),
    Exercise(
        id="elu",
        reference=elu,
        parts=_ELEMENTWISE,
        points=2,
        judge=JUDGE,
        formula_wanted=True,
        second_opinion=_number_by_number(_plain_elu),
        mistakes=ELU,
        cases=kink_cases,
        hints=_ELU_HINTS,
    ),
)
