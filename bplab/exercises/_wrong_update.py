"""How an update, and a pass with both updates, are known to go wrong, and the words for it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from bplab.exercises._exercise import Mistake, Subgoal
from bplab.exercises._steps import RIGHT, SUBGOALS
from bplab.exercises._wrong_delta import OUTPUT_DELTA, RESIDUAL
from bplab.exercises._wrong_send_back import HIDDEN_DELTA, SEND_BACK
from bplab.exercises._wrong_weight_gradient import WEIGHT_GRADIENT
from bplab.network import forward

__all__ = ["ONE_PASS", "UPDATE"]


def _update(weights, gradient, gamma):
    return weights - gamma * gradient


def _but_bias(weights, gradient, gamma):
    return np.column_stack([weights[:, 0], _update(weights, gradient, gamma)[:, 1:]])


def _cut(weights, gradient, gamma):
    return _update(weights, gradient, gamma).astype(weights.dtype)


# --- one update done wrong: the same words wherever an update occurs ----------------------

_Row = tuple[str, str, str, Callable[..., Any]]

_WRONG_UPDATE: tuple[_Row, ...] = (
    (
        "ascends",
        "Your step goes uphill: it makes R larger.",
        "The gradient points where R grows. Descent goes against it: subtract the step. If you "
        "do subtract, look for a second minus on the way.",
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
        "weights.copy() and zeros_like(weights) are integer arrays when weights is one, and cut "
        "off what you store there. A plain subtraction makes a new array of floats.",
        _cut,
    ),
)


# --- equation (12) ------------------------------------------------------------------------


def _eq12(name: str, says: str, hint: str, wrong: Callable[..., Any]) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, wrong)


def _first_unit(weights, gradient, gamma):
    updated = weights * 1.0
    updated[0] = _update(weights, gradient, gamma)[0]
    return updated


UPDATE = (
    *(_eq12(*row) for row in _WRONG_UPDATE),
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


# --- equation (13) and one pass: a chain whose steps can be done wrong --------------------

_STEPS = SimpleNamespace(
    **vars(RIGHT)
    # for softmax as well: g knows how to send a derivative back through itself
    | {"output_delta": lambda D, T, F, g: g.pull_back(D, T), "update": _update}
)


def _pass(steps, X, Y, alpha, beta, sigma, g, gamma):
    """Forward pass, both gradients at the old weights, both updates."""
    by_alpha, by_beta = _gradients(steps, X, Y, alpha, beta, sigma, g)
    return steps.update(alpha, by_alpha, gamma), steps.update(beta, by_beta, gamma)


def _gradients(steps, X, Y, alpha, beta, sigma, g, beta_for_alpha=None):
    """Both gradients; what is sent back goes through ``beta_for_alpha``, if it is given."""
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta = steps.output_delta(steps.residual(Y, F), T, F, g)
    back = steps.send_back(delta, beta if beta_for_alpha is None else beta_for_alpha)
    s = steps.hidden_delta(back, A, Z, sigma)
    return steps.weight_gradient(s, X), steps.weight_gradient(delta, Z)


def _with(**changed: Callable[..., Any]) -> Callable[..., Any]:
    steps = SimpleNamespace(**vars(_STEPS) | changed)
    return lambda *arguments: _pass(steps, *arguments)


def _known(step: str, wrongs: tuple, *names: str) -> tuple[Mistake, ...]:
    """Mistakes of section 2.1 that occur inside a pass, under the words they have there."""
    by_name = {wrong.name: wrong for wrong in wrongs}
    return tuple(
        Mistake(name, SUBGOALS[step], wrong.says, wrong.hint, _with(**{step: wrong.step}))
        for name in names
        for wrong in [by_name[name]]
    )


def _eq13(name: str, says: str, hint: str, wrong: Callable[..., Any]) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, wrong)


def _right(*arguments):
    return _pass(_STEPS, *arguments)


def _beta_first(X, Y, alpha, beta, sigma, g, gamma):
    """Both deltas of the old forward pass, but sent back through the new beta."""
    _, new = _right(X, Y, alpha, beta, sigma, g, gamma)
    by_alpha, _ = _gradients(_STEPS, X, Y, alpha, beta, sigma, g, beta_for_alpha=new)
    return _update(alpha, by_alpha, gamma), new


def _beta_first_and_forward(X, Y, alpha, beta, sigma, g, gamma):
    _, new = _right(X, Y, alpha, beta, sigma, g, gamma)
    return _right(X, Y, alpha, new, sigma, g, gamma)[0], new


def _alpha_first_and_forward(X, Y, alpha, beta, sigma, g, gamma):
    new, _ = _right(X, Y, alpha, beta, sigma, g, gamma)
    return new, _right(X, Y, new, beta, sigma, g, gamma)[1]


def _one_by_one(X, Y, alpha, beta, sigma, g, gamma):
    for i in range(len(X)):
        alpha, beta = _right(X[i : i + 1], Y[i : i + 1], alpha, beta, sigma, g, gamma)
    return alpha, beta


def _swapped(X, Y, alpha, beta, sigma, g, gamma):
    by_alpha, by_beta = _gradients(_STEPS, X, Y, alpha, beta, sigma, g)
    return _update(alpha, by_beta, gamma), _update(beta, by_alpha, gamma)


_ORDER = (
    _eq13(
        "beta-updated-too-early",
        "beta is updated before the gradient by alpha is taken.",
        "delta belongs to the old beta, and so does what is sent back. Compute both gradients, "
        "then update both matrices.",
        _beta_first,
    ),
    _eq13(
        "forward-with-new-beta",
        "alpha's gradient comes from a second forward pass, with beta already updated.",
        "One pass has one forward pass, at the old weights. Compute both gradients from it, then "
        "update both matrices.",
        _beta_first_and_forward,
    ),
    _eq13(
        "alpha-updated-too-early",
        "beta's gradient comes from a second forward pass, with alpha already updated.",
        "One pass has one forward pass, at the old weights. Compute both gradients from it, then "
        "update both matrices.",
        _alpha_first_and_forward,
    ),
    _eq13(
        "example-by-example",
        "You update after every single example.",
        "Equations (12) and (13) sum over all examples first, all at the same old weights, and "
        "then take one step. Yours is another method, stochastic gradient descent.",
        _one_by_one,
    ),
)

_WHICH = (
    _eq13(
        "only-beta-updated",
        "Only beta is updated: alpha comes back as it was.",
        "The hidden layer learns too, by equation (13): it needs a gradient and an update of its "
        "own.",
        lambda *a: (a[2], _right(*a)[1]),
    ),
    _eq13(
        "only-alpha-updated",
        "Only alpha is updated: beta comes back as it was.",
        "The output layer learns too, by equation (12): it needs an update of its own.",
        lambda *a: (_right(*a)[0], a[3]),
    ),
    _eq13(
        "gradients-swapped",
        "Each layer gets the gradient of the other.",
        "A gradient has the shape of what it differentiates by; yours only fit where all sizes "
        "are equal. Look at the order in which you unpack or pass them on.",
        _swapped,
    ),
    _eq13(
        "beta-returned-first",
        "The two matrices are in the wrong order.",
        "Return alpha first, then beta: the order in which they are given.",
        lambda *a: _right(*a)[::-1],
    ),
    _eq13(
        "beta-missing",
        "Only alpha comes back: beta is missing.",
        "Return both, alpha and beta: the next pass needs both.",
        lambda *a: _right(*a)[0],
    ),
    _eq13(
        "alpha-missing",
        "Only beta comes back: alpha is missing.",
        "Return both, alpha and beta: the next pass needs both.",
        lambda *a: _right(*a)[1],
    ),
)

ONE_PASS = (
    *(_eq13(name, says, hint, _with(update=wrong)) for name, says, hint, wrong in _WRONG_UPDATE),
    *_ORDER,
    *_WHICH,
    *_known("residual", RESIDUAL, "no-factor-2", "square-lost"),
    *_known("output_delta", OUTPUT_DELTA, "no-g-prime", "cross-entropy-shortcut"),
    *_known("send_back", SEND_BACK, "bias-column-used", "weights-left-out"),
    *_known("hidden_delta", HIDDEN_DELTA, "no-sigma-prime", "sigma-prime-at-Z"),
    *_known(
        "weight_gradient",
        WEIGHT_GRADIENT,
        *("averaged-over-N", "averaged-over-all", "last-example-only", "first-example-only"),
    ),
    Mistake(
        "softmax-diagonal",
        Subgoal.OUTPUT_DELTA,
        "Your delta takes every output for elementwise, which softmax is not.",
        "F(1 − F) is only the diagonal of softmax's Jacobian: each output looks at all of t. Let "
        "backward_output compute delta; it is right for both kinds of g.",
        _with(
            output_delta=lambda D, T, F, g: (
                D * (g.derivative(T) if hasattr(g, "derivative") else F * (1 - F))
            )
        ),
    ),
)
