"""How the ELU is known to go wrong, and the words for it."""

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.section_4.mistakes.relu import FROM_VALUE, KINK
from bplab.exercises.section_4.mistakes.smooth import pair_mistakes
from bplab.exercises.steps.five_steps import WrongStep

__all__ = ["ELU"]


def _elu(x: NDArray, alpha: float) -> NDArray:
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def _elu_slope(x: NDArray, a: NDArray, alpha: float) -> NDArray:
    return np.where(x > 0, 1.0, a + alpha)


def _masked_value(x: NDArray, alpha: float) -> NDArray:
    return (x > 0) * x + (x <= 0) * alpha * (np.exp(x) - 1)


def _masked_slope(x: NDArray, a: NDArray, alpha: float) -> NDArray:
    return (x > 0) + (x <= 0) * alpha * np.exp(x)


_CHOOSE = (
    "Multiplying by a mask does not remove what is infinite. Choose with np.where, and take "
    "np.exp(np.minimum(x, 0)), which never overflows."
)

ELU = pair_mistakes(
    _elu,
    _elu_slope,
    values=(
        WrongStep(
            "minus-1-missing",
            "On the left your value is αe^x: the −1 is missing.",
            "α(e^x − 1) is 0 at x = 0, so that both sides meet. Yours jumps there.",
            lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0))),
        ),
        WrongStep(
            "alpha-inside",
            "On the left your value is αe^x − 1: the bracket is missing.",
            "α multiplies the whole bracket: α(e^x − 1).",
            lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1),
        ),
        WrongStep(
            "alpha-in-exponent",
            "On the left your value is e^(αx) − 1: α is in the exponent.",
            "α is a factor in front: α(e^x − 1).",
            lambda x, alpha: np.where(x > 0, x, np.exp(alpha * np.minimum(x, 0)) - 1),
        ),
        WrongStep(
            "value-without-alpha",
            "On the left your value is e^x − 1: α is missing.",
            "α(e^x − 1). With α = 1 nobody sees the difference, and many people test with α = 1.",
            lambda x, alpha: _elu(x, 1.0),
        ),
        WrongStep(
            "alpha-on-right",
            "Your value has α on the positive side as well.",
            "For x > 0 the value is x itself.",
            lambda x, alpha: np.where(x > 0, alpha * x, _elu(x, alpha)),
        ),
        WrongStep(
            "leaky-value",
            "On the left your value is αx, which is the leaky ReLU's.",
            "ELU bends: α(e^x − 1), which levels off at −α.",
            lambda x, alpha: np.where(x > 0, x, alpha * x),
        ),
        WrongStep(
            "mask-times-infinity",
            "Your value is NaN for large x: e^x overflows to ∞, and 0 · ∞ is no number.",
            _CHOOSE,
            _masked_value,
        ),
    ),
    slopes=(
        WrongStep(
            "slope-without-alpha",
            "On the left your derivative is e^x: α is missing.",
            "The derivative of α(e^x − 1) is αe^x, which is a + α. With α = 1 nobody sees the "
            "difference.",
            lambda x, a, alpha: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
        ),
        WrongStep(
            "slope-mask-times-infinity",
            "Your derivative is NaN for large x: e^x overflows to ∞, and 0 · ∞ is no number.",
            _CHOOSE,
            _masked_slope,
        ),
        WrongStep(
            "a-plus-1",
            "On the left your derivative is a + 1; it should be a + α.",
            "αe^x = α(e^x − 1) + α = a + α. With α = 1 nobody sees the difference.",
            lambda x, a, alpha: np.where(x > 0, 1.0, a + 1),
        ),
        WrongStep(
            "a-without-alpha",
            "On the left your derivative is the value a: the + α is missing.",
            "αe^x = α(e^x − 1) + α = a + α. A slope that is negative would mean that ELU falls.",
            lambda x, a, alpha: np.where(x > 0, 1.0, a),
        ),
        WrongStep(
            "a-minus-alpha",
            "On the left your derivative is a − α; it should be a + α.",
            "αe^x = α(e^x − 1) + α = a + α.",
            lambda x, a, alpha: np.where(x > 0, 1.0, a - alpha),
        ),
        WrongStep(
            "slope-alpha-on-right",
            "Your derivative is α on the positive side; it should be 1.",
            "For x > 0 the value is x, and its derivative is 1.",
            lambda x, a, alpha: np.where(x > 0, alpha, a + alpha),
        ),
        WrongStep(
            "slope-at-value",
            "On the left the derivative is taken at the wrong place: αe^a, not αe^x.",
            "The exponential wants x. Or use the value without any exponential: a + α.",
            lambda x, a, alpha: np.where(x > 0, 1.0, alpha * np.exp(np.minimum(a, 1))),
        ),
        WrongStep(
            "slope-of-relu",
            "Your derivative is 0 on the left, as for the ReLU.",
            "On the left ELU still rises a little: a + α.",
            lambda x, a, alpha: np.where(x > 0, 1.0, 0.0),
        ),
        WrongStep(
            "slope-of-leaky",
            "Your derivative is α on the left, as for the leaky ReLU.",
            "ELU levels off: its slope is αe^x = a + α, which is α only at x = 0.",
            lambda x, a, alpha: np.where(x > 0, 1.0, alpha),
        ),
        WrongStep(
            "one-at-kink",
            "Your derivative is 1 at x = 0, where the convention says α.",
            KINK,
            lambda x, a, alpha: np.where(x >= 0, 1.0, a + alpha),
        ),
        WrongStep(
            "half-at-kink",
            "Your derivative at x = 0 is the mean of both sides; the convention says α.",
            "The mean is what central differences see there. " + KINK,
            lambda x, a, alpha: np.where(x == 0, (1 + alpha) / 2, _elu_slope(x, a, alpha)),
        ),
        WrongStep(
            "mask-from-value",
            "You ask whether the value is positive, where x is due.",
            FROM_VALUE,
            lambda x, a, alpha: np.where(a > 0, 1.0, a + alpha),
        ),
        WrongStep(
            "mask-not-negative",
            "You ask whether the value is ≥ 0, where x > 0 is due.",
            FROM_VALUE + " At x = 0, and everywhere on the left if α is 0, the value is 0.",
            lambda x, a, alpha: np.where(a >= 0, 1.0, a + alpha),
        ),
        WrongStep(
            "always-one",
            "Your derivative is 1 everywhere.",
            "It is 1 for x > 0 only; on the left it is a + α.",
            lambda x, a, alpha: np.ones(x.shape),
        ),
        WrongStep(
            "slope-is-value",
            "You return the value itself in the place of its derivative.",
            "The derivative is 1 for x > 0, and a + α for x ≤ 0.",
            lambda x, a, alpha: a,
        ),
    ),
    both=(
        WrongStep(
            "masks-times-infinity",
            "Value and derivative are NaN for large x: e^x overflows, and 0 · ∞ is no number.",
            _CHOOSE,
            lambda x, alpha: (_masked_value(x, alpha), _masked_slope(x, x, alpha)),
        ),
    ),
    given=(
        WrongStep(
            "alpha-fixed",
            "You always use 1 for α.",
            "Your function is given alpha: use it in the value and in the derivative.",
            lambda x, alpha: (x, 1.0),
        ),
    ),
    cut=("value", "slope", "both"),
)
