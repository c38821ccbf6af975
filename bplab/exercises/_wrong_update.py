"""How an update, equation (12), is known to go wrong, and the words for it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bplab.exercises._exercise import Mistake, Subgoal

__all__ = ["UPDATE", "WRONG_UPDATES", "right_update"]


def right_update(weights, gradient, gamma):
    """Return the weights after one step: equation (12)."""
    return weights - gamma * gradient


def _but_bias(weights, gradient, gamma):
    return np.column_stack([weights[:, 0], right_update(weights, gradient, gamma)[:, 1:]])


def _cut(weights, gradient, gamma):
    return right_update(weights, gradient, gamma).astype(weights.dtype)


# --- one update done wrong: the same words wherever an update occurs ----------------------

Row = tuple[str, str, str, Callable[..., Any]]

WRONG_UPDATES: tuple[Row, ...] = (
    (
        "ascends",
        "Your step goes uphill: it makes R larger.",
        "The gradient points where R grows. Descent goes against it: subtract gamma times the "
        "gradient. If you do subtract, look for a second minus on the way.",
        lambda w, gradient, gamma: w + gamma * gradient,
    ),
    (
        "gamma-missing",
        "The learning rate is left out: your step is the whole gradient.",
        "The gradient says in which direction and how steeply, gamma says how far. Multiply the "
        "gradient by gamma before you subtract it.",
        lambda w, gradient, gamma: w - gradient,
    ),
    (
        "gamma-twice",
        "The learning rate is multiplied in twice.",
        "One factor gamma, between the gradient and the weights. With a rate of 0.01 yours "
        "would be a hundred times too slow.",
        lambda w, gradient, gamma: w - gamma**2 * gradient,
    ),
    *(
        (
            f"gamma-always-{rate}",
            f"You always use {rate} for the learning rate.",
            "Your function is given gamma: use that one, whatever it is.",
            lambda w, gradient, gamma, rate=rate: w - rate * gradient,
        )
        for rate in (0.1, 0.01)
    ),
    (
        "gamma-divides",
        "You divide the gradient by the learning rate.",
        "A larger gamma is to make a larger step: gamma multiplies the gradient.",
        lambda w, gradient, gamma: w - gradient / gamma,
    ),
    (
        "step-doubled",
        "Your step is twice as long as it should be.",
        "The 2 of the squared error is in the gradient already. The update has no factor but "
        "gamma.",
        lambda w, gradient, gamma: w - 2 * gamma * gradient,
    ),
    (
        "brackets",
        "The brackets are wrong: gamma multiplies the weights as well.",
        "gamma shortens the step, not the weights. Only the gradient is multiplied by it.",
        lambda w, gradient, gamma: gamma * (w - gradient),
    ),
    (
        "weights-scaled",
        "Your step is multiplied by the weight that takes it.",
        "The step depends on the gradient alone; a weight of 0 must be able to move. Subtract "
        "gamma times the gradient, not gamma times the gradient times the weight.",
        lambda w, gradient, gamma: w * (1 - gamma * gradient),
    ),
    (
        "sign-only",
        "Only the sign of the gradient is used: every weight moves by the same distance.",
        "The step is in proportion to the gradient: steep means far, flat means little. Leave "
        "out np.sign.",
        lambda w, gradient, gamma: w - gamma * np.sign(gradient),
    ),
    (
        "gradient-absolute",
        "The gradient has lost its sign: every weight shrinks.",
        "A negative gradient means that R falls when the weight grows; then it has to grow. "
        "Leave out abs.",
        lambda w, gradient, gamma: w - gamma * np.abs(gradient),
    ),
    (
        "normalised",
        "The gradient is divided by its own length: every step is equally long.",
        "The equation has the gradient as it is. Near the minimum it becomes small, and that is "
        "what makes the steps small there.",
        lambda w, gradient, gamma: w - gamma * gradient / np.linalg.norm(gradient),
    ),
    (
        "step-only",
        "Only the step comes back, not the weights after it.",
        "The new weights are the old ones and the step: start from the old weights.",
        lambda w, gradient, gamma: -gamma * gradient,
    ),
    (
        "gamma-times-gradient",
        "You return gamma times the gradient; the weights themselves are left out.",
        "That is what has to be subtracted from the old weights. Return what is left.",
        lambda w, gradient, gamma: gamma * gradient,
    ),
    (
        "gradient-for-weights",
        "You return the gradient in the place of the new weights.",
        "Only gamma times the gradient is subtracted from the old weights; the result has their "
        "meaning, not that of a gradient.",
        lambda w, gradient, gamma: 1.0 * gradient,
    ),
    (
        "not-updated",
        "The weights come back as they were.",
        "The step is perhaps computed and not used. Return the weights minus gamma times the "
        "gradient.",
        lambda w, gradient, gamma: w,
    ),
    (
        "bias-not-updated",
        "The bias column is not updated; only the other weights are.",
        "A bias is a weight like any other, with a gradient of its own in column 0. Update the "
        "whole matrix, without [:, 1:].",
        _but_bias,
    ),
    (
        "integers-truncated",
        "Your new weights are cut to whole numbers when the old ones are integers.",
        "copy() and zeros_like make an integer array of an integer array, and that cuts off what "
        "you store there. A plain subtraction makes a new array of floats.",
        _cut,
    ),
)


# --- equation (12) ------------------------------------------------------------------------


def _eq12(name: str, says: str, hint: str, wrong: Callable[..., Any]) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, wrong)


def _first_unit(weights, gradient, gamma):
    updated = weights * 1.0
    updated[0] = right_update(weights, gradient, gamma)[0]
    return updated


UPDATE = (
    *(_eq12(*row) for row in WRONG_UPDATES),
    _eq12(
        "summed-again",
        "The gradient is summed over its rows: every unit takes the same step.",
        "The sum over i in (12) runs over the examples, and gradient has it already. Its rows "
        "are units: use it as it is.",
        lambda w, gradient, gamma: w - gamma * gradient.sum(axis=0),
    ),
    _eq12(
        "averaged-over-rows",
        "The gradient is averaged over its rows: every unit takes the same step.",
        "The rows of the gradient are units, not examples. Use it as it is, without mean.",
        lambda w, gradient, gamma: w - gamma * gradient.mean(axis=0),
    ),
    _eq12(
        "summed-to-a-number",
        "The gradient is summed to one number: all weights take the same step.",
        "Every weight has a derivative of its own, in its own place of gradient. Use it without "
        "sum.",
        lambda w, gradient, gamma: w - gamma * gradient.sum(),
    ),
    _eq12(
        "averaged-to-a-number",
        "The gradient is averaged to one number: all weights take the same step.",
        "Every weight has a derivative of its own, in its own place of gradient. Use it without "
        "mean.",
        lambda w, gradient, gamma: w - gamma * gradient.mean(),
    ),
    _eq12(
        "divided-by-rows",
        "The gradient is divided by its number of rows.",
        "len(gradient) counts units, not examples. And the equation divides by nothing: R(θ) is "
        "a sum, and so is its gradient.",
        lambda w, gradient, gamma: w - gamma * gradient / len(gradient),
    ),
    _eq12(
        "divided-by-size",
        "The gradient is divided by its number of entries.",
        "gradient.size counts weights. The equation divides by nothing: every weight takes its "
        "whole step.",
        lambda w, gradient, gamma: w - gamma * gradient / gradient.size,
    ),
    _eq12(
        "arguments-swapped",
        "Weights and gradient have changed places: you subtract gamma times the weights.",
        "The arguments come as weights, gradient, gamma. The weights stay, the gradient is "
        "multiplied by gamma.",
        lambda w, gradient, gamma: gradient - gamma * w,
    ),
    _eq12(
        "first-row-only",
        "Only the first row is updated.",
        "Every row is a unit, and every unit learns. Look for an index 0, or for a return inside "
        "the loop.",
        _first_unit,
    ),
)
