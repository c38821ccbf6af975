"""How an elementwise activation goes wrong, and the known mistakes of sigmoid and tanh.

Such an activation is two steps, value and slope. A mistake in the value spoils a slope that is
made from it, as it does for the learner.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bplab import activations
from bplab.exercises.steps.five_steps import WrongStep
from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["SIGMOID", "TANH", "pair_mistakes", "truncated"]

Value = Callable[..., NDArray]  # value(x), or value(x, alpha)
Slope = Callable[..., NDArray]  # slope(x, a), or slope(x, a, alpha): a is the value


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
        What may stand in the place of ``value`` or of ``slope``.
    both : sequence of WrongStep
        What may stand in the place of the learner's whole function.
    given : sequence of WrongStep
        What may become of the arguments before anything is done with them.
    cut : sequence of {"value", "slope", "both"}
        What may be stored in an array of integers.
    """
    program = Program(
        _value_and_slope,
        {"value": value, "slope": slope}
        | dict.fromkeys(("store_value", "store_slope", "store_returned"), lambda array, x: array),
    )

    def named(steps: Sequence[WrongStep], subgoal: Subgoal, build: Callable) -> list[Mistake]:
        return [Mistake(s.name, subgoal, s.says, s.hint, build(s.step)) for s in steps]

    return (
        *named(values, Subgoal.FORWARD, lambda wrong: program.with_(value=wrong)),
        *named(slopes, Subgoal.DERIVATIVE, lambda wrong: program.with_(slope=wrong)),
        *named(both, Subgoal.CODE, lambda wrong: wrong),
        *named(given, Subgoal.CODE, lambda wrong: program.with_(given=wrong)),
        *named(_cuts(cut), Subgoal.CODE, lambda stores: program.with_(**stores)),
        *named(_RETURNED, Subgoal.CODE, lambda wrong: program.with_(returned=wrong)),
    )


def _value_and_slope(steps, x: NDArray, *alpha: float) -> tuple[NDArray, NDArray]:
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


def truncated(array: NDArray, like: NDArray) -> NDArray:
    """The array as ``zeros_like(like)`` would hold it: cut to whole numbers if that has them."""
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
    """Values and slopes stored in an array of integers."""
    return [
        WrongStep(
            f"{name}-truncated",
            f"Your {_CUT[name][0]} cut to whole numbers when x holds integers.",
            "zeros_like(x), empty_like(x) and x.copy() are integer arrays when x is one, and cut "
            "off what you store there. Make the array with np.zeros(x.shape), or use np.where.",
            _CUT[name][1],
        )
        for name in which
    ]


# --- sigmoid ------------------------------------------------------------------------------

_sigmoid: Value = activations.sigmoid


def _sigmoid_slope(x: NDArray, a: NDArray) -> NDArray:
    return a * (1 - a)


def _one_minus_square(x: NDArray, a: NDArray) -> NDArray:
    return 1 - a**2


SIGMOID = pair_mistakes(
    _sigmoid,
    _sigmoid_slope,
    values=(
        WrongStep(
            "plus-x",
            "The sign in the exponent is wrong: this is σ(−x).",
            "The formula has e^(−x), which vanishes for large x, so that σ goes to 1. Yours falls "
            "where σ rises: write np.exp(-x).",
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
            "overflow",
            "Your sigmoid is NaN for large x: e^x overflows to ∞, and ∞/∞ is no number.",
            "np.exp(x) is infinite above 709. In 1 / (1 + np.exp(-x)) an infinite denominator does "
            "no harm: it gives 0. Or take the exponential of −|x| only, which never overflows.",
            lambda x: np.exp(x) / (1 + np.exp(x)),
        ),
    ),
    slopes=(
        WrongStep(
            "slope-is-value",
            "You return σ itself in the place of its derivative σ′.",
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
            "Your derivative is NaN far to the left: e^(−x) overflows to ∞, and ∞/∞ is no number.",
            "e^(−x) / (1 + e^(−x))² is right on paper. In the machine use the value that you have: "
            "a(1 − a).",
            lambda x, a: np.exp(-x) / (1 + np.exp(-x)) ** 2,
        ),
    ),
    both=(
        WrongStep(
            "is-tanh",
            "This is tanh and its derivative, not the sigmoid.",
            "tanh runs from −1 to 1, the sigmoid from 0 to 1.",
            lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2),
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
            "Your tanh is NaN far from 0: e^x or e^(−x) overflows to ∞, and ∞/∞ is no number.",
            "np.exp(x) is infinite above 709. np.tanh knows how to avoid that; or divide both "
            "sides of the fraction by the larger exponential, and use e^(−2|x|) only.",
            lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
        ),
        WrongStep(
            "overflow-right",
            "Your tanh is NaN for large x: e^(2x) overflows to ∞, and ∞/∞ is no number.",
            "This form is good for negative x, the one with e^(−2x) for positive x. np.tanh is "
            "good for both.",
            lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1),
        ),
        WrongStep(
            "overflow-left",
            "Your tanh is NaN far to the left: e^(−2x) overflows to ∞, and ∞/∞ is no number.",
            "This form is good for positive x, the one with e^(2x) for negative x. np.tanh is "
            "good for both.",
            lambda x: (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)),
        ),
        WrongStep(
            "upside-down",
            "The fraction is upside down.",
            "tanh is (e^x − e^(−x)) / (e^x + e^(−x)): the difference above, the sum below. At 0 it "
            "is 0; yours is infinite.",
            lambda x: (np.exp(x) + np.exp(-x)) / (np.exp(x) - np.exp(-x)),
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
            "This is the tangent, np.tan.",
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
            "You return tanh itself in the place of its derivative.",
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
            "is-sigmoid",
            "This is the sigmoid and its derivative, not tanh.",
            "The sigmoid runs from 0 to 1, tanh from −1 to 1.",
            lambda x: (activations.sigmoid(x), activations.sigmoid.derivative(x)),
        ),
    ),
    cut=("value", "slope", "both"),
)
