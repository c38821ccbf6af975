"""The known mistakes in an update and in a pass, equations (12) and (13)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bplab.activations import Activation, Output
from bplab.exercises import loops
from bplab.exercises.steps import (
    HIDDEN_DELTA,
    OUTPUT_DELTA,
    RESIDUAL,
    RIGHT,
    SEND_BACK,
    SUBGOALS,
    WEIGHT_GRADIENT,
    Array,
    Program,
    Steps,
    WrongStep,
    each,
    fixed_given,
    fixed_output,
    residual,
    weight_gradient,
)
from bplab.exercises.task import (
    FROM_1,
    TO_N_1,
    Construct,
    Mistake,
    Slip,
    Subgoal,
    array_like,
    left_early,
)
from bplab.network import forward

# --- an update as a program ---------------------------------------------------------------


def update(steps: Steps, weights: Array, gradient: Array, gamma: float) -> Array:
    """Equation (12), from the pieces in ``UPDATE_PIECES``."""
    new = steps.move(weights, steps.direction(gradient), steps.rate(gamma))
    return steps.store_weights(steps.which(new, weights), weights)


UPDATE_PIECES: dict[str, Callable[..., Any]] = {
    "direction": lambda gradient: gradient,
    "rate": lambda gamma: gamma,
    "move": lambda w, direction, rate: w - rate * direction,
    "which": lambda new, w: new,
    "store_weights": lambda new, w: new,
}
_EQ12 = Program(update, UPDATE_PIECES)


# --- one update done wrong: the same words wherever an update occurs ----------------------

Changed = dict[str, Any]
Row = tuple[str, str, str, Changed] | tuple[str, str, str, Changed, tuple[Slip, ...]]

WRONG_UPDATES: tuple[Row, ...] = (
    (
        "ascends",
        "Your step goes uphill: it makes R larger.",
        "The gradient points where R grows. Descent goes against it: subtract gamma times the "
        "gradient.",
        {"move": lambda w, direction, rate: w + rate * direction},
        (Slip("a plus in place of the minus"), Slip("a second minus on the way")),
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
        (Slip("a second factor 2 in the gradient"), Slip("twice gamma"), Slip("the step twice")),
    ),
    (
        "brackets",
        "gamma multiplies the weights as well.",
        "gamma shortens the step, not the weights. Only the gradient is multiplied by it.",
        {"move": lambda w, direction, rate: rate * (w - direction)},
        (Slip("brackets around weights − gradient"),),
    ),
    (
        "gamma-subtracted",
        "gamma is subtracted beside the gradient; it should multiply it.",
        "Weights minus gamma times the gradient: a flat R then means no step at all.",
        {"move": lambda w, direction, rate: w - rate - direction},
    ),
    (
        "gamma-on-weights",
        "gamma multiplies the weights, not the gradient.",
        "The weights stay whole; gamma says how much of the gradient is subtracted from them.",
        {"move": lambda w, direction, rate: rate * w - direction},
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
        "The step is in proportion to the gradient: steep means far, flat means little.",
        {"direction": np.sign},
    ),
    (
        "gradient-absolute",
        "The gradient has lost its sign: every weight shrinks.",
        "A negative gradient means that R falls when the weight grows; then it has to grow. "
        "Use the gradient with its signs.",
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
        "You return the gradient in place of the new weights.",
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
        "A plain subtraction makes a new array of floats, also where the weights are integers.",
        {"store_weights": lambda new, w: new.astype(w.dtype)},
        (array_like("the weights", "copy() or zeros_like of {0}"),),
    ),
)


# --- equation (12) ------------------------------------------------------------------------


def _eq12(
    name: str,
    says: str,
    hint: str,
    changed: Changed,
    slips: tuple[Slip, ...] = (),
) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, _EQ12.with_(**changed), slips=slips)


_WRONG_UPDATE = (
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
        "Your step is divided by the number of rows of gradient.",
        "len(gradient) counts units, not examples. And the equation divides by nothing: R(θ) is "
        "a sum, and so is its gradient.",
        {"direction": lambda gradient: gradient / len(gradient)},
    ),
    _eq12(
        "divided-by-size",
        "Your step is divided by the number of entries of gradient.",
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
    replace(
        _eq12(
            "sign-flipped",
            "The sign of new_weights is flipped.",
            "The new weights are the old ones minus gamma times the gradient, with no minus before "
            "the whole.",
            {"move": lambda w, direction, rate: rate * direction - w},
        ),
        alone=True,
    ),
    _eq12(
        "first-row-only",
        "Only the first row is updated.",
        "Every row is a unit, and every unit learns.",
        {"which": lambda new, w: np.vstack([new[:1], w[1:]])},
        (Slip("an index 0"), left_early("the loop over the rows")),
    ),
)


def _left_as_it_was(which: str, slip: Slip, rows: slice, columns: slice) -> Mistake:
    def kept(new: Array, w: Array) -> Array:
        kept = np.array(new)
        kept[rows, columns] = w[rows, columns]
        return kept

    says, hint = f"The {which} is not updated.", f"Every {which.split()[1]} is, the {which} too."
    name = f"{which.replace(' ', '-')}-not-updated"
    return replace(_eq12(name, says, hint, {"which": kept}, (slip,)), alone=True)


_ALL = slice(None)
UPDATE = (
    *_WRONG_UPDATE,
    _left_as_it_was("first row", FROM_1, slice(1), _ALL),
    _left_as_it_was("last row", TO_N_1, slice(-1, None), _ALL),
    _left_as_it_was("last column", TO_N_1, _ALL, slice(-1, None)),
    *loops.arrays(_EQ12, loops.Axis("k", "output"), loops.Axis("m", "hidden unit", bias=True)),
)


# --- a pass as a program ------------------------------------------------------------------


def _pass(steps: Steps, *arguments: Any) -> tuple[Array, Array]:
    """Both updates, made by the piece ``order``; the piece ``keep`` chooses what is returned."""
    alpha, beta = arguments[2:4]
    return steps.keep(steps.order(steps, *arguments), (alpha, beta))


def _at_once(
    steps: Steps,
    X: Array,
    Y: Array,
    alpha: Array,
    beta: Array,
    sigma: Activation,
    g: Output,
    gamma: float,
) -> tuple[Array, Array]:
    """Forward pass, both gradients at the old weights, both updates."""
    by_alpha, by_beta = steps.assign(*_gradients(steps, X, Y, alpha, beta, sigma, g))
    return update(steps, alpha, by_alpha, gamma), update(steps, beta, by_beta, gamma)


def _gradients(
    steps: Steps,
    X: Array,
    Y: Array,
    alpha: Array,
    beta: Array,
    sigma: Activation,
    g: Output,
    beta_for_alpha: Array | None = None,
) -> tuple[Array, Array]:
    """Both gradients; what is sent back goes through ``beta_for_alpha``, if it is given."""
    A, Z, T, F = steps.forward(X, alpha, beta, sigma, g)
    slope_of_g, slope_of_sigma = steps.output_function(g, sigma), steps.hidden_activation(sigma, g)
    delta = steps.output_delta(residual(steps, Y, F), T, F, slope_of_g)
    back = steps.send_back(delta, beta if beta_for_alpha is None else beta_for_alpha)
    s = steps.hidden_delta(back, A, Z, slope_of_sigma)
    return weight_gradient(steps, s, X), weight_gradient(steps, delta, steps.inputs(A, Z))


_PASS = Program(
    _pass,
    {
        # for softmax as well: g knows how to send a derivative back through itself
        **vars(RIGHT),
        **UPDATE_PIECES,
        "forward": forward,
        "output_function": lambda g, sigma: g,
        "hidden_activation": lambda sigma, g: sigma,
        "inputs": lambda A, Z: Z,  # of the output layer
        "order": _at_once,
        "assign": lambda by_alpha, by_beta: (by_alpha, by_beta),
        "keep": lambda new, old: new,
    },
    (*vars(RIGHT), "forward"),
)
"""Equations (12) and (13) after a forward and a backward pass: `bplab.training.one_pass`."""


def _known(step: str, wrongs: tuple[WrongStep, ...], *names: str) -> tuple[Mistake, ...]:
    """Return mistakes of section 2.1 that occur inside a pass, with the same words as there."""
    by_name = {wrong.name: wrong for wrong in wrongs}
    return tuple(
        Mistake(
            *(name, SUBGOALS[step], wrong.says, wrong.hint, _PASS.with_(**wrong.pieces(step))),
            slips=wrong.slips,
            result=wrong.result,
        )
        for name in names
        for wrong in [by_name[name]]
    )


def _eq13(
    name: str, says: str, hint: str, changed: Changed, slips: tuple[Slip, ...] = ()
) -> Mistake:
    return Mistake(name, Subgoal.UPDATE, says, hint, _PASS.with_(**changed), slips=slips)


def _beta_first(
    steps: Steps,
    X: Array,
    Y: Array,
    alpha: Array,
    beta: Array,
    sigma: Activation,
    g: Output,
    gamma: float,
) -> tuple[Array, Array]:
    """Both gradients from the old forward pass, but with delta sent back through the new beta."""
    _, new = _at_once(steps, X, Y, alpha, beta, sigma, g, gamma)
    by_alpha, _ = _gradients(steps, X, Y, alpha, beta, sigma, g, beta_for_alpha=new)
    return update(steps, alpha, by_alpha, gamma), new


def _beta_first_and_forward(
    steps: Steps, X: Array, Y: Array, alpha: Array, beta: Array, *rest: Any
) -> tuple[Array, Array]:
    _, new = _at_once(steps, X, Y, alpha, beta, *rest)
    return _at_once(steps, X, Y, alpha, new, *rest)[0], new


def _alpha_first_and_forward(
    steps: Steps, X: Array, Y: Array, alpha: Array, beta: Array, *rest: Any
) -> tuple[Array, Array]:
    new, _ = _at_once(steps, X, Y, alpha, beta, *rest)
    return new, _at_once(steps, X, Y, new, beta, *rest)[1]


def _one_by_one(
    steps: Steps, X: Array, Y: Array, alpha: Array, beta: Array, *rest: Any
) -> tuple[Array, Array]:
    for i in range(len(X)):
        alpha, beta = _at_once(steps, X[i : i + 1], Y[i : i + 1], alpha, beta, *rest)
    return alpha, beta


def _twice(
    steps: Steps, X: Array, Y: Array, alpha: Array, beta: Array, *rest: Any
) -> tuple[Array, Array]:
    return _at_once(steps, X, Y, *_at_once(steps, X, Y, alpha, beta, *rest), *rest)


_ORDER = (
    _eq13(
        "beta-updated-too-early",
        "beta is updated before the gradient with respect to alpha is taken.",
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
    replace(
        _eq13(
            "two-passes",
            "You make two passes: the second begins at the weights that the first has left.",
            "One pass is one forward pass, one backward pass and one update.",
            {"order": _twice},
            (Slip("a loop around the whole pass", Construct.LOOP), Slip("one pass called twice")),
        ),
        alone=True,
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
        "A gradient has the shape of its weights; yours only fit where all sizes "
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

_LENGTH = (
    _eq13(
        "no-factor-2",
        "Your step is half as long as it should be.",
        "The loss of the paper is the plain square, with no 1/2 before it: its gradient has a "
        "factor 2, and the update has no factor but gamma.",
        {"factor": lambda error: error},
        (
            Slip("a residual without its factor 2"),
            Slip("half of gamma"),
            Slip("the mean of the old weights and the new"),
        ),
    ),
    _eq13(
        "averaged-over-N",
        "Your step is divided by N, the number of examples.",
        "R(θ) in equation (1) has no 1/N: its gradient is a sum over the examples, and the update "
        "has no factor but gamma.",
        {"scale": lambda gradient, delta: each(gradient, lambda a: a / len(delta))},
        (Slip("a gradient that is a mean over the examples"), Slip("gamma divided by N")),
    ),
    _eq13(
        "averaged-over-all",
        "Your step is divided by the number of all entries of delta: N·K for beta, N·M for alpha.",
        "R(θ) in equation (1) is a plain sum, and so is its gradient; the update has no factor but "
        "gamma.",
        {"scale": lambda gradient, delta: each(gradient, lambda a: a / delta.size)},
        (Slip("a gradient divided by delta.size"), Slip("gamma divided by it")),
    ),
    replace(
        _eq13(
            "multiplied-by-N",
            "Your step is multiplied by N, the number of examples.",
            "R(θ) in equation (1) is a plain sum over the examples, and so is its gradient: no "
            "factor N. The update has no factor but gamma.",
            {"scale": lambda gradient, delta: each(gradient, lambda a: a * len(delta))},
            (Slip("a gradient that is multiplied by N"), Slip("gamma times N")),
        ),
        alone=True,
    ),
)
"""Steps of a wrong length: numbers do not show whether the gradient has the factor, or gamma."""

_FIXED_FOR_G = ("sigmoid-for-g", "tanh-for-g", "relu-for-g")
_FIXED_FOR_SIGMA = (
    "sigmoid-for-sigma",
    "tanh-for-sigma",
    "assumes-relu-hidden",
    "assumes-relu-hidden-at-Z",
    "assumes-tanh-hidden",
    "assumes-sigmoid-hidden",
)

ONE_PASS = (
    *(_eq13(*wrong) for wrong in WRONG_UPDATES),
    *_ORDER,
    *_WHICH,
    *_LENGTH,
    *_known("residual", RESIDUAL, "square-lost"),
    *_known("output_delta", OUTPUT_DELTA, "no-g-prime", "cross-entropy-shortcut"),
    *_known("send_back", SEND_BACK, "bias-column-used", "weights-left-out"),
    *_known("hidden_delta", HIDDEN_DELTA, "no-sigma-prime", "sigma-prime-at-Z"),
    *_known(
        "weight_gradient",
        WEIGHT_GRADIENT,
        "last-example-only",
        "first-example-only",
    ),
    *_known("output_delta", fixed_output("g's own derivative"), *_FIXED_FOR_G),
    *_known("hidden_delta", HIDDEN_DELTA, *_FIXED_FOR_SIGMA),
    *fixed_given(
        *(_PASS, "sigma", "σ"),
        lambda fixed, X, Y, alpha, beta, sigma, *rest: (X, Y, alpha, beta, fixed, *rest),
    ),
    *fixed_given(
        *(_PASS, "g", "g"),
        lambda fixed, X, Y, alpha, beta, sigma, g, gamma: (X, Y, alpha, beta, sigma, fixed, gamma),
    ),
    Mistake(
        "sigma-for-g",
        Subgoal.OUTPUT_DELTA,
        "You take σ′ at the output, where the derivative of g is due.",
        "g belongs to T, sigma belongs to A. Let backward_output compute delta, and give it g.",
        _PASS.with_(output_function=lambda g, sigma: sigma),
    ),
    Mistake(
        "activations-swapped",
        Subgoal.HIDDEN_DELTA,
        "You take g′ in the hidden layer, where σ′ is due.",
        "g belongs to T, sigma belongs to A. Give sigma to backward_hidden.",
        _PASS.with_(hidden_activation=lambda sigma, g: g),
    ),
    Mistake(
        "activations-swapped-forward",
        Subgoal.FORWARD,
        "Your forward pass takes g in the hidden layer and σ at the output.",
        "forward wants sigma before g: forward(X, alpha, beta, sigma, g).",
        _PASS.with_(forward=lambda X, alpha, beta, sigma, g: forward(X, alpha, beta, g, sigma)),
        alone=True,
    ),
    Mistake(
        "A-for-Z",
        Subgoal.WEIGHT_GRADIENT,
        "beta's gradient is made with A, the hidden layer before its activation, instead of with "
        "Z.",
        "beta multiplies z = σ(A) in the forward pass, so its gradient holds Z. backward_output "
        "wants A before Z: backward_output(Y, A, Z, T, F, g).",
        _PASS.with_(inputs=lambda A, Z: A),
        alone=True,
    ),
    *(
        replace(mistake, alone=True)
        for mistake in loops.sums(_PASS, loops.sum_sent_back(), loops.SUM_OVER_EXAMPLES)
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
