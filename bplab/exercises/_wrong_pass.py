"""How a pass, with both updates (12) and (13), is known to go wrong, and the words for it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from bplab.exercises._exercise import Mistake, Subgoal
from bplab.exercises._steps import RIGHT, SUBGOALS
from bplab.exercises._wrong_delta import OUTPUT_DELTA, RESIDUAL
from bplab.exercises._wrong_send_back import HIDDEN_DELTA, SEND_BACK
from bplab.exercises._wrong_update import WRONG_UPDATES, right_update
from bplab.exercises._wrong_weight_gradient import WEIGHT_GRADIENT
from bplab.network import forward

__all__ = ["ONE_PASS"]

_STEPS = SimpleNamespace(
    **vars(RIGHT)
    # for softmax as well: g knows how to send a derivative back through itself
    | {"output_delta": lambda D, T, F, g: g.pull_back(D, T), "update": right_update}
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
    return right_update(alpha, by_alpha, gamma), new


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
    return right_update(alpha, by_beta, gamma), right_update(beta, by_alpha, gamma)


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
        "alpha-ascends",
        "alpha's step goes uphill, while beta's goes downhill.",
        "Both updates have the same sign: each layer's weights minus gamma times their gradient.",
        lambda *a: (2 * a[2] - _right(*a)[0], _right(*a)[1]),
    ),
    _eq13(
        "beta-ascends",
        "beta's step goes uphill, while alpha's goes downhill.",
        "Both updates have the same sign: each layer's weights minus gamma times their gradient.",
        lambda *a: (_right(*a)[0], 2 * a[3] - _right(*a)[1]),
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
    *(_eq13(name, says, hint, _with(update=wrong)) for name, says, hint, wrong in WRONG_UPDATES),
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
