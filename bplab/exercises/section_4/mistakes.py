"""The known mistakes in the six activations and their derivatives.

An elementwise activation is computed in two steps, value and slope. A mistake in the value spoils a
slope that is made from it, as it does in a learner's function.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bplab import activations
from bplab.exercises import loops
from bplab.exercises.steps import Array, Program, Steps, WrongStep
from bplab.exercises.task import Construct, Mistake, Slip, Subgoal, array_like

# --- any elementwise activation -----------------------------------------------------------


Value = Callable[..., Array]  # value(x), or value(x, alpha)
Slope = Callable[..., Array]  # slope(x, a), or slope(x, a, alpha): a is the value


def pair_mistakes(
    value: Value,
    slope: Slope,
    *,
    values: Sequence[WrongStep] = (),
    slopes: Sequence[WrongStep] = (),
    both: Sequence[WrongStep] = (),
    given: Sequence[WrongStep] = (),
    cut: Sequence[str] = (),
) -> tuple[Mistake, ...]:
    """Return the known mistakes of an activation: one of its two steps wrong, or both at once.

    Parameters
    ----------
    value, slope : callable
        The right steps, ``value(x, *alpha)`` and ``slope(x, a, *alpha)``.
    values, slopes : sequence of WrongStep
        Wrong steps in place of ``value`` or of ``slope``.
    both : sequence of WrongStep
        Wrong functions in place of the whole function.
    given : sequence of WrongStep
        Wrong changes of the arguments, before the two steps.
    cut : sequence of {"value", "slope", "both"}
        The parts that may be cut by being stored in an array of integers.
    """
    program = Program(
        _value_and_slope,
        {"value": value, "slope": slope}
        | dict.fromkeys(("store_value", "store_slope", "store_returned"), lambda array, x: array),
    )

    def named(
        steps: Sequence[WrongStep], subgoal: Subgoal, build: Callable[..., Any], part: str = ""
    ) -> list[Mistake]:
        return [
            Mistake(
                *(s.name, subgoal, s.says, s.hint, build(s.step), s.alone, s.slips),
                part=part,
                result=s.result,
                because=s.because,
            )
            for s in steps
        ]

    return (
        *named(values, Subgoal.FORWARD, lambda wrong: program.with_(value=wrong), "value"),
        *named(slopes, Subgoal.DERIVATIVE, lambda wrong: program.with_(slope=wrong)),
        *named(both, Subgoal.CODE, lambda wrong: wrong),
        *named(given, Subgoal.CODE, lambda wrong: program.with_(given=wrong)),
        *named(_cuts(cut), Subgoal.CODE, lambda stores: program.with_(**stores)),
        *named(_RETURNED, Subgoal.CODE, lambda wrong: program.with_(returned=wrong)),
    )


def _value_and_slope(steps: Steps, x: Array, *alpha: float) -> tuple[Array, Array]:
    a = steps.store_value(steps.value(x, *alpha), x)
    slope = steps.store_slope(steps.slope(x, a, *alpha), x)
    return steps.store_returned(a, x), slope


_RETURNED = (
    WrongStep(
        "order-swapped",
        "The two parts are in the wrong order.",
        "Return the value first, then its derivative.",
        lambda answer: answer[::-1],
    ),
    WrongStep(
        "slope-missing",
        "Only the value comes back: the derivative is missing.",
        "Return both, separated by a comma: the value and the derivative.",
        lambda answer: answer[0],
    ),
    WrongStep(
        "value-missing",
        "Only the derivative comes back: the value is missing.",
        "Return both, separated by a comma: the value and the derivative.",
        lambda answer: answer[1],
    ),
)


def truncated(array: Array, like: Array) -> Array:
    """Return the array as ``zeros_like(like)`` would hold it: cut if ``like`` holds integers."""
    return array.astype(like.dtype) if like.dtype.kind == "i" else array


_CUT = {
    "value": ("value is", {"store_value": truncated}),
    "slope": ("derivative is", {"store_slope": truncated}),
    "both": (
        "value and your derivative are",
        {"store_returned": truncated, "store_slope": truncated},
    ),
}


def _cuts(which: Sequence[str]) -> list[WrongStep]:
    """Return the mistakes of storing values and slopes in an array of integers."""
    return [
        WrongStep(
            f"{name}-truncated",
            f"Your {_CUT[name][0]} cut to whole numbers when x holds integers.",
            "They are no whole numbers, whatever x holds: np.zeros(x.shape) holds floats, and "
            "np.where makes an array of its own.",
            _CUT[name][1],
            slips=(array_like("x", "zeros_like({0}), empty_like({0}) or {0}.copy()"),),
        )
        for name in which
    ]


# --- sigmoid ------------------------------------------------------------------------------

_sigmoid: Value = activations.sigmoid


def _sigmoid_slope(x: Array, a: Array) -> Array:
    return a * (1 - a)


def _one_minus_square(x: Array, a: Array) -> Array:
    return 1 - a**2


SIGMOID = pair_mistakes(
    _sigmoid,
    _sigmoid_slope,
    values=(
        WrongStep(
            "plus-x",
            "The sign in the exponent is wrong: this is σ(−x).",
            "The formula has e^(−x), which vanishes for large x, so that σ goes to 1. Yours falls "
            "where σ rises: the x in the exponent needs its minus.",
            lambda x: activations.sigmoid(-x),
        ),
        WrongStep(
            "minus-in-denominator",
            "Your denominator is 1 − e^(−x); it should be 1 + e^(−x).",
            "With the minus the value is infinite at x = 0. The sigmoid is 1/2 there: try yours "
            "at 0 first.",
            lambda x: 1 / (1 - np.exp(-x)),
        ),
        WrongStep(
            "not-one-over",
            "Your value is 1 + e^(−x), not 1 divided by that.",
            "In 1 / 1 + np.exp(-x) the division comes first: put brackets around the sum.",
            lambda x: 1 + np.exp(-x),
        ),
        WrongStep(
            "double-x",
            "Your value is (1 + tanh(x)) / 2, which is σ(2x).",
            "The 2 belongs inside as well: σ(x) = (1 + tanh(x/2)) / 2.",
            lambda x: activations.sigmoid(2 * x),
        ),
        WrongStep(
            "overflow",
            "Your sigmoid is NaN for large x.",
            "np.exp(x) is infinite above 709. In 1 / (1 + np.exp(-x)) an infinite denominator does "
            "no harm: it gives 0. Or take the exponential of −|x| only, which never overflows.",
            lambda x: np.exp(x) / (1 + np.exp(x)),
            because="e^x overflows to ∞, and ∞/∞ is NaN.",
        ),
    ),
    slopes=(
        WrongStep(
            "slope-is-value",
            "You return σ itself in place of its derivative σ′.",
            "The derivative of a is a(1 − a): it needs the second factor as well.",
            lambda x, a: a,
        ),
        WrongStep(
            "a-times-1-plus-a",
            "Your derivative is a(1 + a): the sign in the bracket is wrong.",
            "σ′ = a(1 − a). It must vanish where σ is flat, at a = 0 and at a = 1.",
            lambda x, a: a * (1 + a),
        ),
        WrongStep(
            "one-minus-a",
            "Your derivative is 1 − a: the factor a is missing.",
            "σ′ = a(1 − a). Far to the left σ is flat, so σ′ must be 0 there; yours is 1.",
            lambda x, a: 1 - a,
        ),
        WrongStep(
            "sign-flipped",
            "The sign of the derivative is flipped: yours is a(a − 1).",
            "The sigmoid rises everywhere, so its derivative is never negative. The chain rule has "
            "two minus signs here: one from the power −1, one from e^(−x).",
            lambda x, a: a * (a - 1),
        ),
        WrongStep(
            "chain-lost",
            "The inner derivative is missing: you return −1/(1 + e^(−x))².",
            "σ is a power −1 of 1 + e^(−x). The chain rule multiplies by the derivative of what "
            "is inside, −e^(−x).",
            lambda x, a: -(a**2),
        ),
        WrongStep(
            "a-squared",
            "Your derivative is a², which is 1/(1 + e^(−x))²: a factor e^(−x) is missing.",
            "The chain rule multiplies by the derivative of what is inside. With the value alone: "
            "a(1 − a).",
            lambda x, a: a**2,
        ),
        WrongStep(
            "slope-value-squared",
            "Your derivative is a²(1 − a): the factor a is there twice.",
            "σ′ = a(1 − a), each factor once. In code a - a**2 is the same.",
            lambda x, a: a**2 * (1 - a),
            alone=True,
        ),
        WrongStep(
            "slope-bracket-squared",
            "Your derivative is a(1 − a)²: the second factor is there twice.",
            "σ′ = a(1 − a), each factor once. In code a - a**2 is the same.",
            lambda x, a: a * (1 - a) ** 2,
            alone=True,
        ),
        WrongStep(
            "slope-squared",
            "Your derivative is the square of the right one.",
            "σ′ = a(1 − a), without a power.",
            lambda x, a: (a * (1 - a)) ** 2,
            alone=True,
        ),
        WrongStep(
            "one-minus-x",
            "Your derivative is a(1 − x): the second factor has x in place of a.",
            "Both factors are made from the value: a(1 − a).",
            lambda x, a: a * (1 - x),
        ),
        WrongStep(
            "slope-at-value",
            "The derivative is taken at the wrong place: at a = σ(x), not at x.",
            "You put a through the sigmoid a second time. Use a itself: a(1 − a).",
            lambda x, a: activations.sigmoid.derivative(a),
        ),
        WrongStep(
            "slope-of-x",
            "Your derivative is x(1 − x): the right formula, on the wrong variable.",
            "a(1 − a) wants the value a = σ(x), not x.",
            lambda x, a: x * (1 - x),
        ),
        WrongStep(
            "slope-of-tanh",
            "Your derivative is 1 − a², which belongs to tanh.",
            "For the sigmoid it is a(1 − a).",
            _one_minus_square,
        ),
        WrongStep(
            "slope-at-zero",
            "Your derivative is 1/4 everywhere: its value at x = 0.",
            "σ′ depends on x: a(1 − a), with the a of each entry.",
            lambda x, a: np.full(x.shape, 0.25),
        ),
        WrongStep(
            "slope-overflow",
            "Your derivative is NaN far to the left.",
            "e^(−x) / (1 + e^(−x))² is right on paper, and e^(−x) is infinite below −709. In the "
            "machine use the value that you have: a(1 − a).",
            lambda x, a: np.exp(-x) / (1 + np.exp(-x)) ** 2,
            because="e^(−x) overflows to ∞, and ∞/∞ is NaN.",
        ),
    ),
    both=(
        WrongStep(
            "is-tanh",
            "This is tanh and its derivative, not the sigmoid.",
            "tanh runs from −1 to 1, the sigmoid from 0 to 1.",
            lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2),
        ),
        WrongStep(
            "is-of-minus-x",
            "This is σ(−x) and its derivative: the sign in the exponent is wrong.",
            "The formula has e^(−x), which vanishes for large x, so that σ goes to 1. With the "
            "value mended the derivative is a(1 − a).",
            lambda x: (activations.sigmoid(-x), -activations.sigmoid.derivative(-x)),
        ),
        WrongStep(
            "is-of-double-x",
            "This is σ(2x), which is (1 + tanh(x)) / 2, and its derivative.",
            "The 2 belongs inside as well: σ(x) = (1 + tanh(x/2)) / 2. With the value mended the "
            "derivative is a(1 − a).",
            lambda x: (activations.sigmoid(2 * x), 2 * activations.sigmoid.derivative(2 * x)),
        ),
    ),
    cut=("value", "slope"),
)

# --- tanh ---------------------------------------------------------------------------------

TANH = pair_mistakes(
    np.tanh,
    _one_minus_square,
    values=(
        WrongStep(
            "overflow",
            "Your tanh is NaN far from 0.",
            "np.exp(x) is infinite above 709. np.tanh knows how to avoid that; or divide both "
            "sides of the fraction by the larger exponential, and use e^(−2|x|) only.",
            lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
            because="e^x or e^(−x) overflows to ∞, and ∞/∞ is NaN.",
        ),
        WrongStep(
            "overflow-right",
            "Your tanh is NaN for large x.",
            "A fraction in e^(2x) is good for negative x, one in e^(−2x) for positive x. np.tanh "
            "is good for both.",
            lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1),
            because="e^(2x) overflows to ∞, and ∞/∞ is NaN.",
        ),
        WrongStep(
            "overflow-left",
            "Your tanh is NaN far to the left.",
            "A fraction in e^(−2x) is good for positive x, one in e^(2x) for negative x. np.tanh "
            "is good for both.",
            lambda x: (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)),
            because="e^(−2x) overflows to ∞, and ∞/∞ is NaN.",
        ),
        WrongStep(
            "upside-down",
            "The fraction is upside down.",
            "tanh is (e^x − e^(−x)) / (e^x + e^(−x)): the difference above, the sum below. At 0 it "
            "is 0; yours is infinite.",
            lambda x: (np.exp(x) + np.exp(-x)) / (np.exp(x) - np.exp(-x)),
        ),
        WrongStep(
            "minus-1-missing",
            "Your value is 2σ(2x), or 2 / (1 + e^(−2x)): the −1 is missing.",
            "tanh(x) = 2σ(2x) − 1: it is 0 at x = 0, and runs from −1 to 1.",
            lambda x: 2 * activations.sigmoid(2 * x),
        ),
        WrongStep(
            "brackets-missing",
            "Your value is e^x − e^(−x)/e^x + e^(−x): only its second term is a fraction.",
            "Difference and sum are each in brackets: (e^x − e^(−x)) / (e^x + e^(−x)). Or use "
            "np.tanh.",
            lambda x: np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x),
        ),
        WrongStep(
            "sinh",
            "This is sinh: you divide by 2 instead of by e^x + e^(−x).",
            "tanh stays between −1 and 1. Divide by the sum of the two exponentials, or use "
            "np.tanh.",
            np.sinh,
        ),
        WrongStep(
            "tan",
            "This is the tangent, of trigonometry.",
            "The hyperbolic tangent is np.tanh: it rises from −1 to 1 and has no poles.",
            np.tan,
        ),
        WrongStep(
            "half-x",
            "Your value is 2σ(x) − 1, which is tanh(x/2).",
            "The 2 is missing inside: tanh(x) = 2σ(2x) − 1.",
            lambda x: 2 * activations.sigmoid(x) - 1,
        ),
    ),
    slopes=(
        WrongStep(
            "one-minus-a",
            "Your derivative is 1 − a: the square is missing.",
            "tanh′ = 1 − a². It must vanish at both ends, at a = 1 and at a = −1; yours is 2 at "
            "a = −1.",
            lambda x, a: 1 - a,
        ),
        WrongStep(
            "one-plus-a-squared",
            "Your derivative is 1 + a²: the sign before the square is wrong.",
            "tanh′ = 1 − a². It is largest at 0, and vanishes where tanh is flat.",
            lambda x, a: 1 + a**2,
        ),
        WrongStep(
            "minus-a-squared",
            "Your derivative is −a²: the 1 is missing.",
            "tanh′ = 1 − a². At 0, where a is 0, tanh is steepest: the slope is 1 there.",
            lambda x, a: -(a**2),
        ),
        WrongStep(
            "a-squared",
            "Your derivative is a²; it is what is missing to 1.",
            "tanh′ = 1 − a².",
            lambda x, a: a**2,
        ),
        WrongStep(
            "one-plus-a",
            "Your derivative is 1 + a: the square is missing, and the sign is wrong.",
            "tanh′ = 1 − a². It must vanish at both ends, at a = 1 and at a = −1.",
            lambda x, a: 1 + a,
        ),
        WrongStep(
            "square-outside",
            "Your derivative is (1 − a)²: the square belongs to a alone.",
            "tanh′ = 1 − a², in code 1 - a**2.",
            lambda x, a: (1 - a) ** 2,
        ),
        WrongStep(
            "sign-flipped",
            "The sign of the derivative is flipped: yours is a² − 1.",
            "tanh rises everywhere, so its derivative is never negative: 1 − a².",
            lambda x, a: a**2 - 1,
        ),
        WrongStep(
            "slope-is-value",
            "You return tanh itself in place of its derivative.",
            "The derivative of a is 1 − a².",
            lambda x, a: a,
        ),
        WrongStep(
            "slope-at-value",
            "The derivative is taken at the wrong place: at a = tanh(x), not at x.",
            "You put a through tanh a second time. Use a itself: 1 − a².",
            lambda x, a: 1 - np.tanh(a) ** 2,
        ),
        WrongStep(
            "slope-of-x",
            "Your derivative is 1 − x²: the right formula, on the wrong variable.",
            "1 − a² wants the value a = tanh(x), not x.",
            lambda x, a: 1 - x**2,
        ),
        WrongStep(
            "slope-of-sigmoid",
            "Your derivative is a(1 − a), which belongs to the sigmoid.",
            "For tanh it is 1 − a².",
            _sigmoid_slope,
        ),
        WrongStep(
            "cosh-not-squared",
            "Your derivative is 1/cosh(x): the square is missing.",
            "tanh′ = 1/cosh²(x), which is the same as 1 − a².",
            lambda x, a: 1 / np.cosh(x),
        ),
        WrongStep(
            "slope-at-zero",
            "Your derivative is 1 everywhere: its value at x = 0.",
            "tanh′ depends on x: 1 − a², with the a of each entry.",
            lambda x, a: np.ones(x.shape),
        ),
    ),
    both=(
        WrongStep(
            "is-of-half-x",
            "This is tanh(x/2), which is 2σ(x) − 1, and its derivative.",
            "The 2 is missing inside: tanh(x) = 2σ(2x) − 1. With the value mended the derivative "
            "is 1 − a².",
            lambda x: (np.tanh(x / 2), (1 - np.tanh(x / 2) ** 2) / 2),
        ),
        WrongStep(
            "is-sigmoid",
            "This is the sigmoid and its derivative, not tanh.",
            "The sigmoid runs from 0 to 1, tanh from −1 to 1.",
            lambda x: (activations.sigmoid(x), activations.sigmoid.derivative(x)),
        ),
    ),
    cut=("value", "slope", "both"),
)


# --- what the ReLU and its relatives share ------------------------------------------------


KINK = (
    "At 0 there is no one derivative. The paper's convention puts 0 on the left: x ≤ 0, so the "
    "right side is x > 0, without the =."
)
FROM_VALUE = (
    "Ask x, not the value: with a negative α the value is positive on the left. Even where it "
    "works, x > 0 is what the formula says."
)

# --- ReLU ---------------------------------------------------------------------------------


def _relu_slope(x: Array, a: Array) -> Array:
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
            "max-of-columns",
            "Your value is the largest number of each column.",
            "np.maximum(x, 0) compares every entry with 0. np.max looks for the largest entry.",
            lambda x: x.max(axis=0),
            alone=True,
            slips=(Slip("np.max(x, 0), which takes 0 for an axis", "max", "amax"),),
        ),
        WrongStep(
            "max-of-all",
            "Your value is one number: the largest entry of x, or 0.",
            "np.maximum(x, 0) compares every entry with 0. np.max looks for the largest entry.",
            lambda x: np.maximum(x.max(), 0),
            alone=True,
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
            "You return ReLU itself in place of its derivative.",
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
            "a-over-x",
            "Your derivative is NaN at x = 0.",
            "The derivative is a choice between 0 and 1: ask x > 0.",
            lambda x, a: a / x,
            slips=(
                Slip("the value divided by x"),
                Slip("x divided by |x|", "abs", "absolute", "fabs"),
            ),
            because="It is 0/0 there.",
        ),
        WrongStep(
            "slope-of-leaky",
            "Your derivative is 0.01 on the left, as for a leaky ReLU; your value is 0 there.",
            "On the left ReLU is constant, so its derivative is 0. Value and derivative must "
            "belong to one function.",
            lambda x, a: np.where(x > 0, 1.0, 0.01),
        ),
        WrongStep(
            "slope-of-softplus",
            "Your derivative is the sigmoid, which belongs to the softplus.",
            "The ReLU has a corner: its derivative jumps from 0 to 1.",
            lambda x, a: activations.sigmoid(x),
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


def _leaky(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, alpha * x)


def _leaky_slope(x: Array, a: Array, alpha: float) -> Array:
    return np.where(x > 0, 1.0, alpha)


LEAKY_RELU = pair_mistakes(
    _leaky,
    _leaky_slope,
    values=(
        WrongStep(
            "value-not-leaky",
            "Your value is 0 on the left, as for the plain ReLU.",
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
        WrongStep(
            "value-alpha-everywhere",
            "Your value is αx on both sides.",
            "α belongs to x ≤ 0; for x > 0 the value is x itself.",
            lambda x, alpha: alpha * x,
        ),
        WrongStep(
            "value-plus-alpha",
            "On the left your value is x + α; it should be αx.",
            "α is a slope: multiply x by it.",
            lambda x, alpha: np.where(x > 0, x, x + alpha),
        ),
    ),
    slopes=(
        WrongStep(
            "slope-minus-alpha",
            "On the left your derivative is −α; it should be α.",
            "The derivative of αx is α, whatever the sign of x.",
            lambda x, a, alpha: np.where(x > 0, 1.0, -alpha),
        ),
        WrongStep(
            "slope-alpha-everywhere",
            "Your derivative is α on both sides.",
            "For x > 0 the value is x, and its derivative 1.",
            lambda x, a, alpha: np.full(x.shape, float(alpha)),
        ),
        WrongStep(
            "slope-x-on-right",
            "On the right your derivative is x; it should be 1.",
            "x is the value there. Its derivative is 1.",
            lambda x, a, alpha: np.where(x > 0, x, alpha),
        ),
        WrongStep(
            "slope-not-leaky",
            "Your derivative is 0 on the left, as for the plain ReLU.",
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
            "αx is the value. Its derivative is α.",
            lambda x, a, alpha: np.where(x > 0, 1.0, alpha * x),
        ),
        WrongStep(
            "slope-is-value",
            "You return the value itself in place of its derivative.",
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


# --- ELU ----------------------------------------------------------------------------------


def _elu(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def _elu_slope(x: Array, a: Array, alpha: float) -> Array:
    return np.where(x > 0, 1.0, a + alpha)


def _masked_value(x: Array, alpha: float) -> Array:
    return (x > 0) * x + (x <= 0) * alpha * (np.exp(x) - 1)


def _masked_slope(x: Array, a: Array, alpha: float) -> Array:
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
            "plus-1",
            "On the left your value is α(e^x + 1): the sign in the bracket is wrong.",
            "α(e^x − 1) is 0 at x = 0, so that both sides meet. Yours jumps there.",
            lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) + 1)),
        ),
        WrongStep(
            "minus-1-in-exponent",
            "On the left your value is αe^(x − 1): the 1 belongs outside the exponent.",
            "α(e^x − 1), in code alpha * (np.exp(x) - 1).",
            lambda x, alpha: np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0) - 1)),
        ),
        WrongStep(
            "value-minus",
            "On the left your value has the wrong sign: α(1 − e^x).",
            "With a positive α the value is negative on the left: α(e^x − 1).",
            lambda x, alpha: np.where(x > 0, x, alpha * (1 - np.exp(np.minimum(x, 0)))),
        ),
        WrongStep(
            "leaky-value",
            "On the left your value is αx, which is the leaky ReLU's.",
            "ELU bends: α(e^x − 1), which levels off at −α.",
            lambda x, alpha: np.where(x > 0, x, alpha * x),
        ),
        WrongStep(
            "mask-times-infinity",
            "Your value is NaN for large x.",
            _CHOOSE,
            _masked_value,
            because="e^x overflows to ∞, and 0 · ∞ is NaN.",
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
            "Your derivative is NaN for large x.",
            _CHOOSE,
            _masked_slope,
            because="e^x overflows to ∞, and 0 · ∞ is NaN.",
        ),
        WrongStep(
            "a-plus-1",
            "On the left your derivative is a + 1; it should be a + α.",
            "αe^x = α(e^x − 1) + α = a + α. With α = 1 nobody sees the difference.",
            lambda x, a, alpha: np.where(x > 0, 1.0, a + 1),
        ),
        WrongStep(
            "x-plus-alpha",
            "On the left your derivative is x + α; it should be a + α.",
            "αe^x = α(e^x − 1) + α = a + α, with the value a, not x.",
            lambda x, a, alpha: np.where(x > 0, 1.0, x + alpha),
        ),
        WrongStep(
            "slope-minus-1",
            "On the left your derivative is αe^x − 1: a constant has no slope.",
            "The derivative of α(e^x − 1) is αe^x.",
            lambda x, a, alpha: np.where(x > 0, 1.0, a + alpha - 1),
        ),
        WrongStep(
            "slope-times-x",
            "On the left your derivative is αx; it should be αe^x.",
            "α(e^x − 1) is no straight line: its derivative is αe^x = a + α.",
            lambda x, a, alpha: np.where(x > 0, 1.0, alpha * x),
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
            "slope-wrong-side",
            "Your derivative is 1 on the left and αe^x on the right; it is the other way round.",
            "1 for x > 0, αe^x for x ≤ 0. In np.where(condition, a, b) the first choice is for "
            "where the condition is true.",
            lambda x, a, alpha: np.where(x > 0, alpha * np.exp(x), 1.0),
            alone=True,
        ),
        WrongStep(
            "slope-by-value-wrong-side",
            "Your derivative is 1 on the left and a + α on the right; it is the other way round.",
            "1 for x > 0, a + α for x ≤ 0. In np.where(condition, a, b) the first choice is for "
            "where the condition is true.",
            lambda x, a, alpha: np.where(x > 0, a + alpha, 1.0),
            alone=True,
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
            "You return the value itself in place of its derivative.",
            "The derivative is 1 for x > 0, and a + α for x ≤ 0.",
            lambda x, a, alpha: a,
        ),
    ),
    both=(
        WrongStep(
            "alpha-in-both-exponents",
            "On the left this is e^(αx) − 1 and its derivative: α is in the exponent.",
            "α is a factor in front: α(e^x − 1), and its derivative is αe^x.",
            lambda x, alpha: (
                np.where(x > 0, x, np.exp(alpha * np.minimum(x, 0)) - 1),
                np.where(x > 0, 1.0, alpha * np.exp(alpha * np.minimum(x, 0))),
            ),
        ),
        WrongStep(
            "both-minus",
            "On the left this is α(1 − e^x) and its derivative: the sign is wrong.",
            "With a positive α the value is negative on the left, α(e^x − 1), and rises: αe^x.",
            lambda x, alpha: (
                np.where(x > 0, x, alpha * (1 - np.exp(np.minimum(x, 0)))),
                np.where(x > 0, 1.0, -alpha * np.exp(np.minimum(x, 0))),
            ),
        ),
        WrongStep(
            "minus-1-in-both-exponents",
            "On the left your value and your derivative are αe^(x − 1): the 1 belongs outside the "
            "exponent.",
            "The value is α(e^x − 1), in code alpha * (np.exp(x) - 1). Its derivative is αe^x.",
            lambda x, alpha: (
                np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0) - 1)),
                np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0) - 1)),
            ),
        ),
        WrongStep(
            "masks-times-infinity",
            "Value and derivative are NaN for large x.",
            _CHOOSE,
            lambda x, alpha: (_masked_value(x, alpha), _masked_slope(x, x, alpha)),
            because="e^x overflows to ∞, and 0 · ∞ is NaN.",
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


# --- softmax ------------------------------------------------------------------------------


_softmax: Callable[[Array], Array] = activations.softmax


def _jacobian(F: Array) -> Array:
    """F_k(1 − F_k) on the diagonal, −F_k F_l beside it: shape (N, K, K)."""
    return _with_diagonal(-_products(F), F * (1 - F))


def _products(F: Array) -> Array:
    return F[:, :, None] * F[:, None, :]


def _with_diagonal(matrices: Array, diagonal: Array) -> Array:
    return np.where(np.eye(diagonal.shape[1], dtype=bool), diagonal[:, :, None], matrices)


def _diagonal(values: Array) -> Array:
    return _with_diagonal(np.zeros((*values.shape, values.shape[1])), values)


def _exp(t: Array) -> Array:
    return np.exp(t - t.max(axis=1, keepdims=True))


# --- softmax as a program, and its pieces done wrong --------------------------------------


def _softmax_and_jacobian(steps: Steps, t: Array) -> tuple[Array, Array]:
    F = steps.store_value(steps.value(steps, steps.scores(t)), t)
    return F, steps.jacobian(t, F)


def _in_pieces(steps: Steps, t: Array) -> Array:
    e = np.exp(steps.shifted(t, steps.shift(t)))
    return steps.divide(e, steps.total(e, t))


_BOTH = Program(
    _softmax_and_jacobian,
    {
        "scores": lambda t: t,
        "value": _in_pieces,
        "shift": lambda t: t.max(axis=1, keepdims=True),
        "shifted": lambda t, shift: t - shift,
        "total": lambda e, t: e.sum(axis=1, keepdims=True),
        "divide": lambda e, total: e / total,
        "jacobian": lambda t, F: _jacobian(F),
        "store_value": lambda array, t: array,
    },
)


def _value(name: str, says: str, hint: str, **changed: Callable[..., Any]) -> Mistake:
    """Return the mistake of a wrong piece of the value, from which the Jacobian is made."""
    return Mistake(name, Subgoal.FORWARD, says, hint, _BOTH.with_(**changed))


def _whole(value: Callable[[Array], Array]) -> Callable[[Steps, Array], Array]:
    """Return a piece that computes the whole value at once, without the right one's pieces."""
    return lambda steps, t: value(t)


def _matrix(
    name: str, says: str, hint: str, jacobian: Callable[..., Array], *slips: Slip
) -> Mistake:
    """Return the mistake of a wrong Jacobian ``jacobian(t, F)`` beside the right value."""
    wrong = _BOTH.with_(jacobian=jacobian)
    return Mistake(name, Subgoal.DERIVATIVE, says, hint, wrong, slips=slips)


def _returned(name: str, says: str, hint: str, change: Callable[..., Any]) -> Mistake:
    return Mistake(name, Subgoal.CODE, says, hint, _BOTH.with_(returned=change))


_VALUES = (
    _value(
        "no-shift",
        "Your softmax is NaN where a t is above 709.8: there e^t is ∞, as where t is not shifted.",
        "Take the largest t of each row away first: the factor cancels in the fraction, and the "
        "largest exponential is then e^0 = 1.",
        shift=lambda t: 0 * t,
    ),
    _value(
        "shift-by-global-max",
        "You subtract the largest t of the whole array, not of its own row: a row far below it "
        "vanishes.",
        "Each example needs its own shift: t.max(axis=1, keepdims=True). With yours e^(t − max) is "
        "0 for a whole row, and an example's answer depends on who else is in the batch.",
        shift=lambda t: t.max(),
    ),
    _value(
        "shift-by-column-max",
        "You subtract the largest t of each column; such a shift does not cancel.",
        "Only what is the same for all outputs of an example cancels in its fraction: use axis=1, "
        "t.max(axis=1, keepdims=True).",
        shift=lambda t: t.max(axis=0),
    ),
    _value(
        "shift-by-min",
        "You subtract the smallest t of the row, not the largest: what remains is still large.",
        "Nothing may be above 0 when np.exp comes. Subtract t.max(axis=1, keepdims=True).",
        shift=lambda t: t.min(axis=1, keepdims=True),
    ),
    _value(
        "shift-by-mean",
        "You subtract the mean of the row, not its largest t: what remains can still be large.",
        "Nothing may be above 0 when np.exp comes. Subtract t.max(axis=1, keepdims=True).",
        shift=lambda t: t.mean(axis=1, keepdims=True),
    ),
    _value(
        "shift-added",
        "The largest t of the row is added, not subtracted: e^t overflows the sooner.",
        "Nothing may be above 0 when np.exp comes: t minus the row's maximum.",
        shifted=lambda t, shift: t + shift,
    ),
    _value(
        "divided-by-max-inside",
        "You divide t by the largest t of its row; the shift is a subtraction.",
        "e^(t − c) is e^t / e^c, and e^c cancels in the fraction. e^(t / c) is another number.",
        shifted=lambda t, shift: t / shift,
    ),
    _value(
        "shift-above-only",
        "The shift is in the numerator only, so it does not cancel.",
        "Compute the shifted exponentials once, and divide them by their own sum.",
        total=lambda e, t: np.exp(t).sum(axis=1, keepdims=True),
    ),
    _value(
        "t-clipped",
        "Large t are clipped, which makes different outputs equal.",
        "Clipping hides the overflow and changes the answer. Subtract the row's maximum: that "
        "changes nothing.",
        scores=lambda t: np.clip(t, -500, 500),
    ),
    _value(
        "over-examples",
        "You take the softmax down each column, over the examples; it runs over the outputs.",
        "Examples are rows. Maximum and sum are those of a row: axis=1, with keepdims=True.",
        shift=lambda t: t.max(axis=0),
        total=lambda e, t: e.sum(axis=0),
    ),
    _value(
        "over-all",
        "You take the softmax of the whole array at once; each row has one of its own.",
        "Examples are rows, and each row sums to 1: t.max and sum with axis=1 and keepdims=True.",
        shift=lambda t: t.max(),
        total=lambda e, t: e.sum(),
    ),
    _value(
        "sum-over-examples",
        "You divide by the sum over the examples; the sum is over the outputs of one example.",
        "Every row must sum to 1. Use axis=1, with keepdims=True so that the division fits.",
        total=lambda e, t: e.sum(axis=0, keepdims=True),
    ),
    _value(
        "sum-over-all",
        "You divide by the sum of the whole array.",
        "Every row must sum to 1, not all of them together: sum(axis=1, keepdims=True).",
        total=lambda e, t: e.sum(),
    ),
    _value(
        "divided-by-length",
        "You divide by the length of the row of exponentials, the root of the sum of squares.",
        "The outputs of an example are shares: divide by the plain sum.",
        total=lambda e, t: np.linalg.norm(e, axis=1, keepdims=True),
    ),
    _value(
        "averaged",
        "You divide by the mean of the exponentials: your rows sum to K.",
        "The outputs of an example are shares: they sum to 1. Divide by the sum.",
        total=lambda e, t: e.mean(axis=1, keepdims=True),
    ),
    _value(
        "not-divided",
        "The division by the sum is missing.",
        "The outputs of an example are shares: they sum to 1.",
        divide=lambda e, total: e,
    ),
    _value(
        "exp-of-minus-t",
        "The sign in the exponent is wrong: this is the softmax of −t.",
        "The largest t must get the largest share: np.exp(t − max), not np.exp(max − t).",
        scores=lambda t: -t,
    ),
    _value(
        "exp-of-shift-minus-t",
        "The sign in the exponent is wrong: e^(max − t) is largest where t is smallest.",
        "The largest t must get the largest share: np.exp(t − max), not np.exp(max − t).",
        shifted=lambda t, shift: shift - t,
    ),
    _value(
        "no-exp",
        "The exponential is missing: you divide t by its own sum.",
        "Shares of t itself can be negative, or have the sum 0 below them. It is e^t that is "
        "divided.",
        value=_whole(lambda t: t / t.sum(axis=1, keepdims=True)),
    ),
    _value(
        "log-softmax",
        "Your value is the logarithm of the softmax.",
        "The value itself is wanted: positive numbers that sum to 1 in each row.",
        value=_whole(
            lambda t: t - t.max(axis=1, keepdims=True) - np.log(_exp(t).sum(axis=1, keepdims=True))
        ),
    ),
    _value(
        "hardmax",
        "Your value is 1 at the largest t and 0 elsewhere.",
        "That is the maximum itself. Softmax is soft: the others get their share, e^t over the "
        "sum.",
        value=_whole(lambda t: (t == t.max(axis=1, keepdims=True)).astype(float)),
    ),
    _value(
        "sigmoid",
        "You use the sigmoid of each output by itself.",
        "Sigmoids do not look at each other and need not sum to 1. Divide e^(t_k) by the sum over "
        "all outputs of the example.",
        value=_whole(activations.sigmoid),
    ),
    Mistake(
        "integers-truncated",
        Subgoal.FORWARD,
        "Your value is cut to whole numbers when t holds integers.",
        "Shares are no whole numbers, whatever t holds: np.zeros(t.shape) holds floats.",
        _BOTH.with_(store_value=truncated),
        slips=(array_like("t", "zeros_like({0}), empty_like({0}) or {0}.copy()"),),
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
    *(
        replace(
            _matrix(
                f"off-diagonal-{which}-from-t",
                f"Off the diagonal the {which} factor is the input t; g = softmax(t) is due.",
                "∂g_k/∂t_l = −g_k g_l for k ≠ l: both factors are values of the softmax.",
                matrix,
            ),
            alone=True,
        )
        for which, matrix in {
            "first": lambda t, F: _with_diagonal(-t[:, :, None] * F[:, None, :], F * (1 - F)),
            "second": lambda t, F: _with_diagonal(-F[:, :, None] * t[:, None, :], F * (1 - F)),
        }.items()
    ),
    _matrix(
        "off-diagonal-one-factor",
        "Off the diagonal you have −g_k: the factor g_l is missing.",
        "∂g_k/∂t_l = −g_k g_l for k ≠ l.",
        lambda t, F: _with_diagonal(-np.repeat(F[:, :, None], F.shape[1], axis=2), F * (1 - F)),
    ),
    *(
        _matrix(
            f"off-diagonal-squares-{of}",
            f"Off the diagonal you have −g_{of}²; it should be −g_k g_l.",
            "Off the diagonal stands a product of two different shares. In numpy np.outer(g, g) "
            "has these products; g * g has squares only.",
            matrix,
        )
        for of, matrix in {
            "k": lambda t, F: _with_diagonal(-(F**2)[:, :, None] + 0 * _products(F), F * (1 - F)),
            "l": lambda t, F: _with_diagonal(-(F**2)[:, None, :] + 0 * _products(F), F * (1 - F)),
        }.items()
    ),
    _matrix(
        "diagonal-plus",
        "The diagonal of your Jacobian is g_k(1 + g_k): the sign in the bracket is wrong.",
        "For k = l the derivative is g_k(1 − g_k), like the sigmoid's. Each row sums to 0.",
        lambda t, F: _with_diagonal(-_products(F), F * (1 + F)),
    ),
    _matrix(
        "product-added",
        "Your Jacobian is diag(g) + g gᵀ: the sign between the two is wrong.",
        "The shares sum to 1, so what one gains the others lose: diag(g) − g gᵀ. Each row sums "
        "to 0.",
        lambda t, F: _diagonal(F) + _products(F),
    ),
    _matrix(
        "diagonal-subtracted",
        "Your Jacobian is −diag(g) − g gᵀ: g_k on the diagonal has the wrong sign.",
        "g_k is added on the diagonal, g_k g_l is subtracted everywhere: diag(g) − g gᵀ. Each row "
        "sums to 0.",
        lambda t, F: -_diagonal(F) - _products(F),
    ),
    _matrix(
        "diagonal-sign",
        "The diagonal of your Jacobian is −g_k(1 − g_k): the sign there is wrong.",
        "A larger t_k makes g_k larger, and the others smaller: g_k(1 − g_k) on the diagonal, "
        "−g_k g_l beside it.",
        lambda t, F: _with_diagonal(-_products(F), F * (F - 1)),
    ),
    _matrix(
        "one-minus-everywhere",
        "Off the diagonal you have g_k(1 − g_l), as on it.",
        "The 1 is there for k = l only: ∂g_k/∂t_l = g_k(δ_kl − g_l), which is −g_k g_l elsewhere.",
        lambda t, F: F[:, :, None] - _products(F),
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
        "Each row of F has a matrix of its own.",
        lambda t, F: np.repeat(_jacobian(F)[:1], len(F), axis=0),
        Slip("an index 0 that should be i"),
    ),
    _matrix(
        "last-example-only",
        "Every example gets the Jacobian of the last.",
        "Each row of F has a matrix of its own.",
        lambda t, F: np.repeat(_jacobian(F)[-1:], len(F), axis=0),
        Slip("one matrix for all examples, which a loop writes over", Construct.LOOP),
        Slip("an index −1 that should be i"),
    ),
)

_SOFTMAX_RETURNED = (
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

_SOFTMAX_LOOPS = (
    *loops.sums(
        _BOTH,
        loops.Sum(
            "l",
            "entry",
            Subgoal.FORWARD,
            lambda terms: {"total": lambda e, t: e[:, terms].sum(axis=1, keepdims=True)},
        ),
    ),
    *(
        mistake
        for part, at in (
            ("F", lambda change: {"value": _whole(lambda t: change(_softmax(t)))}),
            ("the-Jacobian", lambda change: {"jacobian": lambda t, F: change(_jacobian(F))}),
        )
        for mistake in loops.arrays(
            _BOTH,
            loops.Axis("i", "example"),
            *(loops.Axis(index, "entry") for index in ("k", "kl")[part != "F"]),
            part=part,
            at=at,
            subgoal=Subgoal.FORWARD if part == "F" else Subgoal.DERIVATIVE,
            missing=False,
        )
    ),
)

SOFTMAX = (*_VALUES, *_MATRICES, *_SOFTMAX_RETURNED, *_SOFTMAX_LOOPS)
