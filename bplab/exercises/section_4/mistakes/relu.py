"""How the ReLU and the leaky ReLU are known to go wrong, and the words for it."""

import numpy as np
from numpy.typing import NDArray

from bplab import activations
from bplab.exercises.section_4.mistakes.smooth import pair_mistakes
from bplab.exercises.steps.five_steps import WrongStep

__all__ = ["FROM_VALUE", "KINK", "LEAKY_RELU", "RELU"]

KINK = (
    "At 0 there is no one derivative. The paper's convention puts 0 on the left: x ≤ 0, so the "
    "right side is x > 0, without the =."
)
FROM_VALUE = (
    "Ask x, not the value: with a negative α the value is positive on the left. Even where it "
    "works, x > 0 is what the formula says."
)

# --- ReLU ---------------------------------------------------------------------------------


def _relu_slope(x: NDArray, a: NDArray) -> NDArray:
    return np.where(x > 0, 1.0, 0.0)


RELU = pair_mistakes(
    activations.relu,
    _relu_slope,
    values=(
        WrongStep(
            "no-bend",
            "Your value is x itself: nothing is cut off on the left.",
            "ReLU is 0 for x ≤ 0. Without the bend the layer is linear.",
            lambda x: x,
        ),
        WrongStep(
            "absolute",
            "Your value is |x|.",
            "On the left ReLU is 0, not −x: np.maximum(x, 0).",
            np.abs,
        ),
        WrongStep(
            "value-wrong-side",
            "Your value keeps the negative x and cuts off the positive ones.",
            "ReLU is the larger of x and 0, not the smaller: np.maximum(x, 0).",
            lambda x: np.minimum(x, 0),
        ),
        WrongStep(
            "step",
            "Your value is 1 for x > 0: a step. It should be x there.",
            "Multiply the mask x > 0 by x. The 1 is the derivative.",
            lambda x: np.where(x > 0, 1.0, 0.0),
        ),
        WrongStep(
            "clipped-at-1",
            "Your value is clipped at 1.",
            "ReLU has no upper end: x for every x > 0.",
            lambda x: np.clip(x, 0, 1),
        ),
    ),
    slopes=(
        WrongStep(
            "one-at-kink",
            "Your derivative is 1 at x = 0, where the convention says 0.",
            KINK,
            lambda x, a: np.where(x >= 0, 1.0, 0.0),
        ),
        WrongStep(
            "half-at-kink",
            "Your derivative is 1/2 at x = 0, where the convention says 0.",
            "1/2 is what central differences see there, and np.heaviside(x, 0.5). " + KINK,
            lambda x, a: np.heaviside(x, 0.5),
        ),
        WrongStep(
            "always-one",
            "Your derivative is 1 everywhere.",
            "A mask a >= 0, taken from the value, is always true, since ReLU is never negative. "
            "Ask x > 0.",
            lambda x, a: np.ones(x.shape),
        ),
        WrongStep(
            "slope-is-value",
            "You return ReLU itself in the place of its derivative.",
            "The derivative of x is 1: the mask x > 0 alone, not multiplied by x.",
            lambda x, a: a,
        ),
        WrongStep(
            "slope-wrong-side",
            "Your derivative is 1 on the left and 0 on the right; it is the other way round.",
            "The derivative is 1 where the value is x: for x > 0.",
            lambda x, a: np.where(x > 0, 0.0, 1.0),
        ),
        WrongStep(
            "sign-of-x",
            "Your derivative is the sign of x: −1 on the left.",
            "On the left ReLU is constant, so its derivative is 0 there.",
            lambda x, a: np.sign(x),
        ),
        WrongStep(
            "sign-flipped",
            "The sign of the derivative is flipped.",
            "ReLU rises on the right: its derivative is +1 there.",
            lambda x, a: -_relu_slope(x, a),
        ),
    ),
    both=(
        WrongStep(
            "sides-swapped",
            "Left and right are swapped, in the value and in the derivative.",
            "Zero for x ≤ 0, x itself for x > 0. In np.where(condition, a, b) the first choice is "
            "for where the condition is true.",
            lambda x: (np.minimum(x, 0), np.where(x <= 0, 1.0, 0.0)),
        ),
        WrongStep(
            "leaky",
            "This is the leaky ReLU with slope 0.01 on the left.",
            "The plain ReLU is 0 there, and so is its derivative.",
            lambda x: (np.where(x > 0, x, 0.01 * x), np.where(x > 0, 1, 0.01)),
        ),
        WrongStep(
            "softplus",
            "This is the softplus log(1 + e^x), a smooth relative of the ReLU.",
            "The ReLU has a corner: exactly 0 on the left, exactly x on the right.",
            lambda x: (np.logaddexp(0, x), activations.sigmoid(x)),
        ),
    ),
)

# --- leaky ReLU ---------------------------------------------------------------------------


def _leaky(x: NDArray, alpha: float) -> NDArray:
    return np.where(x > 0, x, alpha * x)


def _leaky_slope(x: NDArray, a: NDArray, alpha: float) -> NDArray:
    return np.where(x > 0, 1.0, alpha)


LEAKY_RELU = pair_mistakes(
    _leaky,
    _leaky_slope,
    values=(
        WrongStep(
            "value-not-leaky",
            "Your value is 0 on the left, as for the plain ReLU; only the derivative leaks.",
            "For x ≤ 0 the value is αx. Value and derivative must belong to one function.",
            lambda x, alpha: np.maximum(x, 0),
        ),
        WrongStep(
            "value-wrong-side",
            "In your value α stands on the wrong side: at the positive x.",
            "αx for x ≤ 0, x itself for x > 0.",
            lambda x, alpha: np.where(x > 0, alpha * x, x),
        ),
        WrongStep(
            "value-alpha",
            "On the left your value is α; it should be αx.",
            "α is a slope. Multiply it by x.",
            lambda x, alpha: np.where(x > 0, x, alpha),
        ),
        WrongStep(
            "value-minus",
            "On the left your value has the wrong sign: −αx.",
            "x is negative there already: the value is αx.",
            lambda x, alpha: np.where(x > 0, x, -alpha * x),
        ),
    ),
    slopes=(
        WrongStep(
            "slope-not-leaky",
            "Your derivative is 0 on the left, as for the plain ReLU; only the value leaks.",
            "The derivative of αx is α. That small slope is why the leaky ReLU was made: with 0 a "
            "unit that is off cannot come back.",
            lambda x, a, alpha: np.where(x > 0, 1.0, 0.0),
        ),
        WrongStep(
            "slope-wrong-side",
            "In your derivative α stands on the wrong side: at the positive x.",
            "1 for x > 0, α for x ≤ 0. In np.where(condition, a, b) the first choice is for where "
            "the condition is true.",
            lambda x, a, alpha: np.where(x > 0, alpha, 1.0),
        ),
        WrongStep(
            "one-at-kink",
            "Your derivative is 1 at x = 0, where the convention says α.",
            KINK,
            lambda x, a, alpha: np.where(x >= 0, 1.0, alpha),
        ),
        WrongStep(
            "half-at-kink",
            "Your derivative at x = 0 is the mean of both sides; the convention says α.",
            "The mean is what central differences see there. " + KINK,
            lambda x, a, alpha: np.where(x == 0, (1 + alpha) / 2, _leaky_slope(x, a, alpha)),
        ),
        WrongStep(
            "mask-from-value",
            "You ask whether the value is positive, where x is due.",
            FROM_VALUE,
            lambda x, a, alpha: np.where(a > 0, 1.0, alpha),
        ),
        WrongStep(
            "mask-not-negative",
            "You ask whether the value is ≥ 0, where x > 0 is due.",
            FROM_VALUE + " At x = 0, and everywhere on the left if α is 0, the value is 0.",
            lambda x, a, alpha: np.where(a >= 0, 1.0, alpha),
        ),
        WrongStep(
            "slope-times-x",
            "On the left your derivative is αx; it should be α.",
            "αx is the value. Its derivative by x is α.",
            lambda x, a, alpha: np.where(x > 0, 1.0, alpha * x),
        ),
        WrongStep(
            "slope-is-value",
            "You return the value itself in the place of its derivative.",
            "The derivative of x is 1, that of αx is α.",
            lambda x, a, alpha: a,
        ),
        WrongStep(
            "always-one",
            "Your derivative is 1 everywhere.",
            "It is 1 for x > 0 only, and α for x ≤ 0.",
            lambda x, a, alpha: np.ones(x.shape),
        ),
    ),
    both=(
        WrongStep(
            "sides-swapped",
            "α is on the wrong side, in the value and in the derivative.",
            "αx and α for x ≤ 0, x and 1 for x > 0. np.minimum(x, alpha * x) makes this mistake; "
            "np.maximum does not, as long as α ≤ 1.",
            lambda x, alpha: (np.where(x > 0, alpha * x, x), np.where(x > 0, alpha, 1.0)),
        ),
    ),
    given=(
        WrongStep(
            "alpha-fixed",
            "You always use 0.01 for α.",
            "Your function is given alpha: use that one, whatever it is.",
            lambda x, alpha: (x, 0.01),
        ),
        WrongStep(
            "no-alpha",
            "This is the plain ReLU: α is not used.",
            "For x ≤ 0 the value is αx and the derivative is α.",
            lambda x, alpha: (x, 0.0),
        ),
    ),
    cut=("value", "slope", "both"),
)
