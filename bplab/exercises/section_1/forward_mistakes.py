"""Every way in which the forward pass is known to go wrong, and the words for it."""

from collections.abc import Callable

import numpy as np

from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

# --- known mistakes of a layer: weights before, activation after --------------------------


_WRONG_AFFINE = (
    (
        "bias-missing",
        "The bias is left out.",
        "Column 0 of {weights} holds one bias a unit: add it to the weighted sum.",
        {"bias": lambda b: 0},
    ),
    (
        "bias-last",
        "You take the last column of {weights} for the bias; it is the first.",
        "The paper writes the bias with index 0, in front: {weights}[:, 0] is the bias, "
        "{weights}[:, 1:] are the weights.",
        {"columns": lambda w: (w[:, -1], w[:, :-1])},
    ),
    (
        "one-bias-for-all",
        "Every unit gets the bias of the first unit.",
        "Each row of {weights} begins with a bias of its own: add {weights}[:, 0].",
        {"bias": lambda b: b[0]},
    ),
    (
        "bias-subtracted",
        "The bias is subtracted; it is to be added.",
        "The pre-activation is bias plus weighted sum.",
        {"bias": lambda b: -b},
    ),
    (
        "weights-not-transposed",
        "{weights} is used the wrong way round.",
        "A row of {weights} is a unit. With examples as rows the weighted sum is "
        "{inputs} @ {weights}[:, 1:].T; your form only runs where both sizes are equal.",
        {"sums": lambda X, w: X @ w},
    ),
    (
        "weights-absolute",
        "The weights have lost their sign.",
        "Use {weights}[:, 1:] without abs.",
        {"sums": lambda X, w: X @ np.abs(w).T},
    ),
    (
        "weights-left-out",
        "The weights are left out: every unit gets the plain sum of its inputs.",
        "Each input is multiplied by its weight, {weights}[:, 1:], before the sum.",
        {"sums": lambda X, w: X @ np.ones_like(w).T},
    ),
    (
        "averaged-over-inputs",
        "The weighted sum is divided by the number of inputs.",
        "The equation has a plain sum: no mean.",
        {"sums": lambda X, w: X @ w.T / X.shape[1]},
    ),
    (
        "examples-reversed",
        "The examples come out in another order than they went in.",
        "Row i of the answer belongs to row i of {inputs}. Look for [::-1].",
        {"rows": lambda A: A[::-1]},
    ),
    (
        "examples-shifted",
        "The examples come out shifted by one row.",
        "Row i of the answer belongs to row i of {inputs}. Look for a roll or an index i ± 1.",
        {"rows": lambda A: np.roll(A, 1, axis=0)},
    ),
    (
        "last-example-only",
        "Every row of your answer is that of the last example.",
        "Look for a value that is overwritten in the loop over the examples.",
        {"rows": lambda A: np.repeat(A[-1:], len(A), axis=0)},
    ),
)


# --- both layers as programs --------------------------------------------------------------

_PIECES = {
    "columns": lambda w: (w[:, 0], w[:, 1:]),
    "bias": lambda b: b,
    "sums": lambda X, w: X @ w.T,
    "rows": lambda A: A,
    "store": lambda A, X: A,
    "activate": lambda A, sigma: sigma(A),
    "finish": lambda Z, alpha: Z,
}


def _affine(steps, X, w):
    bias, weights = steps.columns(w)
    return steps.rows(steps.sums(X, weights) + steps.bias(bias))


def _one_layer(steps, X, alpha, sigma):
    Z = steps.activate(steps.store(_affine(steps, X, alpha), X), sigma)
    return steps.finish(Z, alpha)


def _output_layer(steps, Z, beta, g):
    T = _affine(steps, Z, beta)
    return T, steps.activate(T, g)


_HIDDEN, _OUTPUT = Program(_one_layer, _PIECES), Program(_output_layer, _PIECES)


def _layer_mistakes(program: Program, weights: str, inputs: str) -> tuple[Mistake, ...]:
    """The mistakes of the affine step, in the letters of the layer."""
    return tuple(
        Mistake(
            name,
            Subgoal.FORWARD,
            says.format(weights=weights, inputs=inputs),
            hint.format(weights=weights, inputs=inputs),
            program.with_(**wrong),
        )
        for name, says, hint, wrong in _WRONG_AFFINE
    )


def _hidden(name: str, says: str, hint: str, **changed: Callable) -> Mistake:
    return Mistake(name, Subgoal.FORWARD, says, hint, _HIDDEN.with_(**changed))


HIDDEN = (
    *_layer_mistakes(_HIDDEN, "alpha", "X"),
    _hidden(
        "integers-truncated",
        "Your weighted sums are cut to whole numbers when X holds integers.",
        "zeros_like(X), or an array with X's dtype, is an integer array when X is one, and cuts "
        "off what you store there. Make the array with np.zeros((N, M)).",
        store=lambda A, X: A.astype(X.dtype) if X.dtype.kind == "i" else A,
    ),
    _hidden(
        "no-sigma",
        "The activation is left out: this is A, the pre-activation.",
        "Z = σ(A): put sigma(…) around the weighted sum.",
        activate=lambda A, sigma: A,
    ),
    _hidden(
        "sigma-twice",
        "The activation is applied twice.",
        "Z = σ(A), once.",
        activate=lambda A, sigma: sigma(sigma(A)),
    ),
    _hidden(
        "sigma-prime-for-sigma",
        "You apply the derivative σ′ instead of σ.",
        "The forward pass uses sigma itself: sigma(…), not sigma.derivative(…).",
        activate=lambda A, sigma: sigma.derivative(A),
    ),
    _hidden(
        "bias-after-sigma",
        "The bias is added after the activation; it belongs inside.",
        "Z = σ(bias + weighted sum).",
        bias=lambda b: 0,
        finish=lambda Z, alpha: Z + alpha[:, 0],
    ),
    _hidden(
        "assumes-tanh",
        "You always use tanh.",
        "Your function is given sigma: apply that one, whatever it is.",
        activate=lambda A, sigma: np.tanh(A),
    ),
    _hidden(
        "assumes-sigmoid",
        "You always use the sigmoid.",
        "Your function is given sigma: apply that one, whatever it is.",
        activate=lambda A, sigma: 0.5 * (1 + np.tanh(A / 2)),
    ),
    _hidden(
        "transposed",
        "Your Z is transposed: hidden units as rows.",
        "Examples are rows: Z has shape (N, M).",
        returned=np.transpose,
    ),
    _hidden(
        "ones-kept",
        "Your Z has an extra column of ones.",
        "The leading 1 of z_i is added when beta multiplies it. Z itself holds the M units.",
        returned=lambda Z: np.column_stack([np.ones(len(Z)), Z]),
    ),
)


def _output(name: str, says: str, hint: str, **changed: Callable) -> Mistake:
    return Mistake(name, Subgoal.FORWARD, says, hint, _OUTPUT.with_(**changed))


OUTPUT = (
    *_layer_mistakes(_OUTPUT, "beta", "Z"),
    _output(
        "no-g",
        "F is the same as T: the output function g is left out.",
        "F = g(T).",
        activate=lambda T, g: T,
    ),
    _output(
        "g-twice",
        "g is applied twice.",
        "T is the plain weighted sum, F = g(T): apply g once.",
        activate=lambda T, g: g(g(T)),
    ),
    _output(
        "T-is-F",
        "Both parts are F: T is wanted before g.",
        "The backward pass needs T itself. Keep it, then compute F = g(T).",
        returned=lambda answer: (answer[1], answer[1]),
    ),
    _output(
        "g-prime-for-g",
        "You apply the derivative g′ instead of g.",
        "The forward pass uses g itself: g(T), not g.derivative(T).",
        activate=lambda T, g: g.derivative(T),
    ),
    _output(
        "assumes-sigmoid",
        "You always use the sigmoid for g.",
        "Your function is given g: apply that one, whatever it is.",
        activate=lambda T, g: 0.5 * (1 + np.tanh(T / 2)),
    ),
    _output(
        "order-swapped",
        "The two parts are in the wrong order.",
        "Return T first, then F.",
        returned=lambda answer: answer[::-1],
    ),
    _output(
        "T-missing",
        "Only F comes back: T is missing.",
        "Return both, T and F: the backward pass needs T as well.",
        returned=lambda answer: answer[1],
    ),
    _output(
        "F-missing",
        "Only T comes back: F is missing.",
        "Return both, T and F = g(T).",
        returned=lambda answer: answer[0],
    ),
    _output(
        "transposed",
        "T and F are transposed: outputs as rows.",
        "Examples are rows: T and F have shape (N, K).",
        returned=lambda answer: tuple(part.T for part in answer),
    ),
)
