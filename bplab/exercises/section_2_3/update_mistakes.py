"""How an update, equation (12), is known to go wrong, and the words for it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["UPDATE", "UPDATE_PIECES", "WRONG_UPDATES", "update"]


# --- an update as a program ---------------------------------------------------------------


def update(steps, weights, gradient, gamma):
    """Equation (12), from the pieces in ``UPDATE_PIECES``."""
    new = steps.move(weights, steps.direction(gradient), steps.rate(gamma))
    return steps.store_weights(steps.which(new, weights), weights)


UPDATE_PIECES = {
    "direction": lambda gradient: gradient,
    "rate": lambda gamma: gamma,
    "move": lambda w, direction, rate: w - rate * direction,
    "which": lambda new, w: new,
    "store_weights": lambda new, w: new,
}
_EQ12 = Program(update, UPDATE_PIECES)


# --- one update done wrong: the same words wherever an update occurs ----------------------

Row = tuple[str, str, str, dict[str, Callable[..., Any]]]

WRONG_UPDATES: tuple[Row, ...] = (
    (
        "ascends",
        "Your step goes uphill: it makes R larger.",
        "The gradient points where R grows. Descent goes against it: subtract gamma times the "
        "gradient. If you do subtract, look for a second minus on the way.",
        {"move": lambda w, direction, rate: w + rate * direction},
    ),
    (
        "gamma-missing",
        "The learning rate is left out: your step is the whole gradient.",
        "The gradient says in which direction and how steeply, gamma says how far. Multiply the "
        "gradient by gamma before you subtract it.",
        {"rate": lambda gamma: 1},
    ),
    (
        "gamma-twice",
        "The learning rate is multiplied in twice.",
        "One factor gamma, between the gradient and the weights. With a rate of 0.01 yours "
        "would be a hundred times too slow.",
        {"rate": lambda gamma: gamma**2},
    ),
    *(
        (
            f"gamma-always-{rate}",
            f"You always use {rate} for the learning rate.",
            "Your function is given gamma: use that one, whatever it is.",
            {"rate": lambda gamma, rate=rate: rate},
        )
        for rate in (0.1, 0.01)
    ),
    (
        "gamma-divides",
        "You divide the gradient by the learning rate.",
        "A larger gamma is to make a larger step: gamma multiplies the gradient.",
        {"rate": lambda gamma: 1 / gamma},
    ),
    (
        "step-doubled",
        "Your step is twice as long as it should be.",
        "The 2 of the squared error is in the gradient already. The update has no factor but "
        "gamma.",
        {"direction": lambda gradient: 2 * gradient},
    ),
    (
        "brackets",
        "The brackets are wrong: gamma multiplies the weights as well.",
        "gamma shortens the step, not the weights. Only the gradient is multiplied by it.",
        {"move": lambda w, direction, rate: rate * (w - direction)},
    ),
    (
        "weights-scaled",
        "Your step is multiplied by the weight that takes it.",
        "The step depends on the gradient alone; a weight of 0 must be able to move. Subtract "
        "gamma times the gradient, not gamma times the gradient times the weight.",
        {"move": lambda w, direction, rate: w * (1 - rate * direction)},
    ),
    (
        "sign-only",
        "Only the sign of the gradient is used: every weight moves by the same distance.",
        "The step is in proportion to the gradient: steep means far, flat means little. Leave "
        "out np.sign.",
        {"direction": np.sign},
    ),
    (
        "gradient-absolute",
        "The gradient has lost its sign: every weight shrinks.",
        "A negative gradient means that R falls when the weight grows; then it has to grow. "
        "Leave out abs.",
        {"direction": np.abs},
    ),
    (
        "normalised",
        "The gradient is divided by its own length: every step is equally long.",
        "The equation has the gradient as it is. Near the minimum it becomes small, and that is "
        "what makes the steps small there.",
        {"direction": lambda gradient: gradient / np.linalg.norm(gradient)},
    ),
    (
        "step-only",
        "Only the step comes back, not the weights after it.",
        "The new weights are the old ones and the step: start from the old weights.",
        {"move": lambda w, direction, rate: -rate * direction},
    ),
    (
        "gamma-times-gradient",
        "You return gamma times the gradient; the weights themselves are left out.",
        "That is what has to be subtracted from the old weights. Return what is left.",
        {"move": lambda w, direction, rate: rate * direction},
    ),
    (
        "gradient-for-weights",
        "You return the gradient in the place of the new weights.",
        "Only gamma times the gradient is subtracted from the old weights; the result has their "
        "meaning, not that of a gradient.",
        {"move": lambda w, direction, rate: 1.0 * direction},
    ),
    (
        "not-updated",
        "The weights come back as they were.",
        "The step is perhaps computed and not used. Return the weights minus gamma times the "
        "gradient.",
        {"which": lambda new, w: w},
    ),
    (
        "bias-not-updated",
        "The bias column is not updated; only the other weights are.",
        "A bias is a weight like any other, with a gradient of its own in column 0. Update the "
        "whole matrix, without [:, 1:].",
        {"which": lambda new, w: np.column_stack([w[:, 0], new[:, 1:]])},
    ),
    (
        "integers-truncated",
        "Your new weights are cut to whole numbers when the old ones are integers.",
        "copy() and zeros_like make an integer array of an integer array, and that cuts off what "
        "you store there. A plain subtraction makes a new array of floats.",
        {"store_weights": lambda new, w: new.astype(w.dtype)},
    ),
)


# --- equation (12) ------------------------------------------------------------------------


def _eq12(name: str, says: str, hint: str, changed: dict[str, Callable[..., Any]]) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, _EQ12.with_(**changed))


UPDATE = (
    *(_eq12(*row) for row in WRONG_UPDATES),
    _eq12(
        "summed-again",
        "The gradient is summed over its rows: every unit takes the same step.",
        "The sum over i in (12) runs over the examples, and gradient has it already. Its rows "
        "are units: use it as it is.",
        {"direction": lambda gradient: gradient.sum(axis=0)},
    ),
    _eq12(
        "averaged-over-rows",
        "The gradient is averaged over its rows: every unit takes the same step.",
        "The rows of the gradient are units, not examples. Use it as it is, without mean.",
        {"direction": lambda gradient: gradient.mean(axis=0)},
    ),
    _eq12(
        "summed-to-a-number",
        "The gradient is summed to one number: all weights take the same step.",
        "Every weight has a derivative of its own, in its own place of gradient. Use it without "
        "sum.",
        {"direction": lambda gradient: gradient.sum()},
    ),
    _eq12(
        "averaged-to-a-number",
        "The gradient is averaged to one number: all weights take the same step.",
        "Every weight has a derivative of its own, in its own place of gradient. Use it without "
        "mean.",
        {"direction": lambda gradient: gradient.mean()},
    ),
    _eq12(
        "divided-by-rows",
        "The gradient is divided by its number of rows.",
        "len(gradient) counts units, not examples. And the equation divides by nothing: R(θ) is "
        "a sum, and so is its gradient.",
        {"direction": lambda gradient: gradient / len(gradient)},
    ),
    _eq12(
        "divided-by-size",
        "The gradient is divided by its number of entries.",
        "gradient.size counts weights. The equation divides by nothing: every weight takes its "
        "whole step.",
        {"direction": lambda gradient: gradient / gradient.size},
    ),
    _eq12(
        "arguments-swapped",
        "Weights and gradient have changed places: you subtract gamma times the weights.",
        "The arguments come as weights, gradient, gamma. The weights stay, the gradient is "
        "multiplied by gamma.",
        {"given": lambda w, gradient, gamma: (gradient, w, gamma)},
    ),
    _eq12(
        "first-row-only",
        "Only the first row is updated.",
        "Every row is a unit, and every unit learns. Look for an index 0, or for a return inside "
        "the loop.",
        {"which": lambda new, w: np.vstack([new[:1], w[1:]])},
    ),
)
