"""How a pass, with both updates (12) and (13), is known to go wrong, and the words for it."""

from collections.abc import Callable
from typing import Any

from bplab.exercises.section_2_3.update_mistakes import UPDATE_PIECES, WRONG_UPDATES, update
from bplab.exercises.steps.delta import OUTPUT_DELTA, RESIDUAL
from bplab.exercises.steps.five_steps import RIGHT, SUBGOALS, residual, weight_gradient
from bplab.exercises.steps.program import Program
from bplab.exercises.steps.send_back import HIDDEN_DELTA, SEND_BACK
from bplab.exercises.steps.weight_gradient import WEIGHT_GRADIENT
from bplab.exercises.task.exercise import Mistake, Subgoal
from bplab.network import forward

__all__ = ["ONE_PASS"]

# --- a pass as a program ------------------------------------------------------------------


def _pass(steps, *arguments):
    """Both updates, in the order that is one of the pieces; then what is kept of them."""
    alpha, beta = arguments[2:4]
    return steps.keep(steps.order(steps, *arguments), (alpha, beta))


def _at_once(steps, X, Y, alpha, beta, sigma, g, gamma):
    """Forward pass, both gradients at the old weights, both updates."""
    by_alpha, by_beta = steps.assign(*_gradients(steps, X, Y, alpha, beta, sigma, g))
    return update(steps, alpha, by_alpha, gamma), update(steps, beta, by_beta, gamma)


def _gradients(steps, X, Y, alpha, beta, sigma, g, beta_for_alpha=None):
    """Both gradients; what is sent back goes through ``beta_for_alpha``, if it is given."""
    A, Z, T, F = steps.forward(X, alpha, beta, sigma, g)
    delta = steps.output_delta(residual(steps, Y, F), T, F, g)
    back = steps.send_back(delta, beta if beta_for_alpha is None else beta_for_alpha)
    s = steps.hidden_delta(back, A, Z, sigma)
    return weight_gradient(steps, s, X), weight_gradient(steps, delta, Z)


_PASS = Program(
    _pass,
    {
        # for softmax as well: g knows how to send a derivative back through itself
        **vars(RIGHT),
        **UPDATE_PIECES,
        "forward": forward,
        "order": _at_once,
        "assign": lambda by_alpha, by_beta: (by_alpha, by_beta),
        "keep": lambda new, old: new,
    },
    (*vars(RIGHT), "forward"),
)
"""Equations (12) and (13) after a forward and a backward pass: `bplab.training.one_pass`."""


def _known(step: str, wrongs: tuple, *names: str) -> tuple[Mistake, ...]:
    """Mistakes of section 2.1 that occur inside a pass, under the words they have there."""
    by_name = {wrong.name: wrong for wrong in wrongs}
    return tuple(
        Mistake(name, SUBGOALS[step], wrong.says, wrong.hint, _PASS.with_(**wrong.pieces(step)))
        for name in names
        for wrong in [by_name[name]]
    )


def _eq13(name: str, says: str, hint: str, changed: dict[str, Callable[..., Any]]) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, _PASS.with_(**changed))


def _beta_first(steps, X, Y, alpha, beta, sigma, g, gamma):
    """Both deltas of the old forward pass, but sent back through the new beta."""
    _, new = _at_once(steps, X, Y, alpha, beta, sigma, g, gamma)
    by_alpha, _ = _gradients(steps, X, Y, alpha, beta, sigma, g, beta_for_alpha=new)
    return update(steps, alpha, by_alpha, gamma), new


def _beta_first_and_forward(steps, X, Y, alpha, beta, *rest):
    _, new = _at_once(steps, X, Y, alpha, beta, *rest)
    return _at_once(steps, X, Y, alpha, new, *rest)[0], new


def _alpha_first_and_forward(steps, X, Y, alpha, beta, *rest):
    new, _ = _at_once(steps, X, Y, alpha, beta, *rest)
    return new, _at_once(steps, X, Y, new, beta, *rest)[1]


def _one_by_one(steps, X, Y, alpha, beta, *rest):
    for i in range(len(X)):
        alpha, beta = _at_once(steps, X[i : i + 1], Y[i : i + 1], alpha, beta, *rest)
    return alpha, beta


_ORDER = (
    _eq13(
        "beta-updated-too-early",
        "beta is updated before the gradient by alpha is taken.",
        "delta belongs to the old beta, and so does what is sent back. Compute both gradients, "
        "then update both matrices.",
        {"order": _beta_first},
    ),
    _eq13(
        "forward-with-new-beta",
        "alpha's gradient comes from a second forward pass, with beta already updated.",
        "One pass has one forward pass, at the old weights. Compute both gradients from it, then "
        "update both matrices.",
        {"order": _beta_first_and_forward},
    ),
    _eq13(
        "alpha-updated-too-early",
        "beta's gradient comes from a second forward pass, with alpha already updated.",
        "One pass has one forward pass, at the old weights. Compute both gradients from it, then "
        "update both matrices.",
        {"order": _alpha_first_and_forward},
    ),
    _eq13(
        "example-by-example",
        "You update after every single example.",
        "Equations (12) and (13) sum over all examples first, all at the same old weights, and "
        "then take one step. Yours is another method, stochastic gradient descent.",
        {"order": _one_by_one},
    ),
)

_WHICH = (
    _eq13(
        "only-beta-updated",
        "Only beta is updated: alpha comes back as it was.",
        "The hidden layer learns too, by equation (13): it needs a gradient and an update of its "
        "own.",
        {"keep": lambda new, old: (old[0], new[1])},
    ),
    _eq13(
        "only-alpha-updated",
        "Only alpha is updated: beta comes back as it was.",
        "The output layer learns too, by equation (12): it needs an update of its own.",
        {"keep": lambda new, old: (new[0], old[1])},
    ),
    _eq13(
        "alpha-ascends",
        "alpha's step goes uphill, while beta's goes downhill.",
        "Both updates have the same sign: each layer's weights minus gamma times their gradient.",
        {"keep": lambda new, old: (2 * old[0] - new[0], new[1])},
    ),
    _eq13(
        "beta-ascends",
        "beta's step goes uphill, while alpha's goes downhill.",
        "Both updates have the same sign: each layer's weights minus gamma times their gradient.",
        {"keep": lambda new, old: (new[0], 2 * old[1] - new[1])},
    ),
    _eq13(
        "gradients-swapped",
        "Each layer gets the gradient of the other.",
        "A gradient has the shape of what it differentiates by; yours only fit where all sizes "
        "are equal. Look at the order in which you unpack or pass them on.",
        {"assign": lambda by_alpha, by_beta: (by_beta, by_alpha)},
    ),
    _eq13(
        "beta-returned-first",
        "The two matrices are in the wrong order.",
        "Return alpha first, then beta: the order in which they are given.",
        {"returned": lambda new: new[::-1]},
    ),
    _eq13(
        "beta-missing",
        "Only alpha comes back: beta is missing.",
        "Return both, alpha and beta: the next pass needs both.",
        {"returned": lambda new: new[0]},
    ),
    _eq13(
        "alpha-missing",
        "Only beta comes back: alpha is missing.",
        "Return both, alpha and beta: the next pass needs both.",
        {"returned": lambda new: new[1]},
    ),
)

ONE_PASS = (
    *(_eq13(*wrong) for wrong in WRONG_UPDATES),
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
        _PASS.with_(
            output_delta=lambda D, T, F, g: (
                D * (g.derivative(T) if hasattr(g, "derivative") else F * (1 - F))
            )
        ),
    ),
)
