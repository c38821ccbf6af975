"""The known mistakes in the forward pass and the loss, with the words for them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bplab.activations import Activation, Output, softmax
from bplab.exercises import loops
from bplab.exercises.steps import FIXED, Array, Program, Steps
from bplab.exercises.task import (
    Construct,
    Mistake,
    Slip,
    Subgoal,
    array_like,
    left_early,
    overwritten,
    sums_go_on,
)

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
        "bias-twice",
        "The bias is added twice.",
        "A column of ones before {inputs}, multiplied by the whole of {weights}, brings it in "
        "already. Then nothing is to be added.",
        {"bias": lambda b: 2 * b},
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
        "Use {weights}[:, 1:] with its signs.",
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
        "Row i of the answer belongs to row i of {inputs}.",
        {"rows": lambda A: A[::-1]},
        (Slip("[::-1] or reversed"),),
    ),
    (
        "examples-shifted",
        "The examples come out shifted by one row.",
        "Row i of the answer belongs to row i of {inputs}.",
        {"rows": lambda A: np.roll(A, 1, axis=0)},
        (Slip("a roll, or an index i ± 1"),),
    ),
    (
        "last-example-only",
        "Every row of your answer is that of the last example.",
        "Row i of the answer belongs to row i of {inputs}.",
        {"rows": lambda A: np.repeat(A[-1:], len(A), axis=0)},
        (
            Slip("one array for all examples, which a loop writes over", Construct.LOOP),
            Slip("an index −1 that should be i"),
        ),
    ),
)


# --- both layers as programs --------------------------------------------------------------

_PIECES: dict[str, Callable[..., Any]] = {
    "columns": lambda w: (w[:, 0], w[:, 1:]),
    "bias": lambda b: b,
    "sums": lambda X, w: X @ w.T,
    "rows": lambda A: A,
    "store": lambda A, X: A,
    "activate": lambda A, sigma: sigma(A),
    "finish": lambda Z, alpha: Z,
}


def _affine(steps: Steps, X: Array, w: Array) -> Array:
    bias, weights = steps.columns(w)
    return steps.rows(steps.sums(X, weights) + steps.bias(bias))


def _one_layer(steps: Steps, X: Array, alpha: Array, sigma: Activation) -> Array:
    Z = steps.activate(steps.store(_affine(steps, X, alpha), X), sigma)
    return steps.finish(Z, alpha)


def _output_layer(steps: Steps, Z: Array, beta: Array, g: Output) -> tuple[Array, Array]:
    T = _affine(steps, Z, beta)
    return T, steps.finish(steps.activate(T, g), beta)


_HIDDEN, _OUTPUT = Program(_one_layer, _PIECES), Program(_output_layer, _PIECES)


def _layer_mistakes(program: Program, weights: str, inputs: str) -> tuple[Mistake, ...]:
    """Return the mistakes of the affine step, in the letters of a layer."""
    return tuple(
        Mistake(
            name,
            Subgoal.FORWARD,
            says.format(weights=weights, inputs=inputs),
            hint.format(weights=weights, inputs=inputs),
            program.with_(**wrong),
            slips=tuple(slip for each in slips for slip in each),
        )
        for name, says, hint, wrong, *slips in _WRONG_AFFINE
    )


ALWAYS: dict[str, tuple[str, Activation | Output]] = {**FIXED, "softmax": ("softmax", softmax)}
"""Functions that a layer may apply, whatever it is given; the identity is a mistake of its own."""


def _hidden(
    name: str, says: str, hint: str, *slips: Slip, **changed: Callable[..., Any]
) -> Mistake:
    return Mistake(name, Subgoal.FORWARD, says, hint, _HIDDEN.with_(**changed), slips=slips)


_WRONG_HIDDEN = (
    *_layer_mistakes(_HIDDEN, "alpha", "X"),
    _hidden(
        "integers-truncated",
        "Your weighted sums are cut to whole numbers when X holds integers.",
        "Weighted sums are no whole numbers, whatever X holds: np.zeros((N, M)) holds floats.",
        array_like("X", "zeros_like({0}) or with {0}'s dtype"),
        store=lambda A, X: A.astype(X.dtype) if X.dtype.kind == "i" else A,
    ),
    _hidden(
        "no-sigma",
        "The activation is left out: this is A, the pre-activation.",
        "Z = σ(A): put sigma(…) around the weighted sum.",
        activate=lambda A, sigma: A,
    ),
    _hidden(
        "sigma-of-inputs",
        "You apply σ to X, before the weighted sum; it comes after it.",
        "First the weighted sum of the inputs as they are, with the bias; then σ of all that.",
        given=lambda X, alpha, sigma: (sigma(X), alpha, sigma),
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
    *(
        _hidden(
            f"assumes-{name}",
            f"You always use {says}.",
            "Your function is given sigma: apply that one, whatever it is.",
            activate=lambda A, sigma, fixed=fixed: fixed(A),
        )
        for name, (says, fixed) in ALWAYS.items()
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


def _output(
    name: str, says: str, hint: str, *slips: Slip, **changed: Callable[..., Any]
) -> Mistake:
    return Mistake(name, Subgoal.FORWARD, says, hint, _OUTPUT.with_(**changed), slips=slips)


_WRONG_OUTPUT = (
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
        "bias-after-g",
        "The bias is added after g; it belongs inside, in T.",
        "Add the bias to the weighted sum first: that is T. Then F = g(T).",
        bias=lambda b: 0 * b,
        finish=lambda F, beta: F + beta[:, 0],
    ),
    _output(
        "T-is-F",
        "Your T is g(T), the output itself: T is wanted before g.",
        "The backward pass needs T itself. Keep it, then compute F = g(T).",
        returned=lambda answer: (answer[1], answer[1]),
    ),
    _output(
        "g-prime-for-g",
        "You apply the derivative g′ instead of g.",
        "The forward pass uses g itself: g(T), not g.derivative(T).",
        activate=lambda T, g: g.derivative(T),
    ),
    *(
        _output(
            f"assumes-{name}",
            f"You always use {says} for g.",
            "Your function is given g: apply that one, whatever it is.",
            activate=lambda T, g, fixed=fixed: fixed(T),
        )
        for name, (says, fixed) in ALWAYS.items()
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


# --- a layer in loops ---------------------------------------------------------------------


def _in_loops(
    program: Program, weights: str, index: str, one: str, unit: tuple[str, str]
) -> tuple[Mistake, ...]:
    """Return the mistakes in a layer's loops.

    ``index`` and ``one`` are the index and the name of an input, ``unit`` has those of a unit.
    """
    terms = loops.Sum(
        index,
        one,
        Subgoal.FORWARD,
        lambda terms: {"sums": lambda X, w: X[:, terms] @ w[:, terms].T},
    )

    def wrong(
        name: str, says: str, hint: str, *slips: Slip, **changed: Callable[..., Any]
    ) -> Mistake:
        wrong = program.with_(**changed)
        return Mistake(name, Subgoal.FORWARD, says, hint, wrong, alone=True, slips=slips)

    column = f"Column 0 of {weights} holds the biases: input {index}, counted from 0, has its "
    column += f"weight in column {index} + 1."
    axes = loops.Axis("i", "example"), loops.Axis(*unit)
    return (
        *loops.sums(program, terms),
        *loops.until_other(program, index, Subgoal.FORWARD, terms.pieces),
        wrong(
            f"{index}-last-only-without-bias",
            f"Of the sum over {index} only the last {one} is left, and the bias is lost.",
            "The sum runs over all of them, and the bias is added to it.",
            overwritten(f"the loop over {index}"),
            sums=lambda X, w: X[:, -1:] @ w[:, -1:].T,
            bias=lambda b: 0,
        ),
        wrong(
            "bias-added-each-time",
            f"The bias is added once for each {one}.",
            "It is added to the sum once.",
            Slip(f"the bias added inside the loop over {index}", Construct.LOOP),
            columns=lambda w: (w[:, 0] * (w.shape[1] - 1), w[:, 1:]),
        ),
        wrong(
            "weights-off-by-one",
            f"The weights are one column off: you use the bias column of {weights} as a weight.",
            column,
            columns=lambda w: (w[:, 0], w[:, :-1]),
        ),
        wrong(
            "weights-off-by-one-without-bias",
            f"The bias is left out, and the weights are one column off: you use the bias column of "
            f"{weights} as a weight.",
            f"{column} The bias itself is added to the sum.",
            columns=lambda w: (np.zeros(len(w)), w[:, :-1]),
        ),
        wrong(
            "inputs-off-by-one",
            f"Inputs and weights are one column off: the bias column of {weights} meets the last "
            "input.",
            column,
            columns=lambda w: (w[:, 0], w[:, :-1]),
            sums=lambda X, w: np.roll(X, 1, axis=1) @ w.T,
        ),
        *(
            wrong(name, says, hint, *sums_go_on(index), rows=of)
            for name, says, hint, of in loops.not_reset(index, "pre-activation")
        ),
        *(
            wrong(
                f"{name}-but-bias",
                f"{says.removesuffix('.')}, but for the bias.",
                hint,
                *sums_go_on(index),
                sums=lambda X, w, of=of: of(X @ w.T),
            )
            for name, says, hint, of in loops.not_reset(index, "weighted sum")
        ),
        *loops.arrays(
            program,
            *axes,
            at=lambda change: {"rows": change},
            subgoal=Subgoal.FORWARD,
            then=" before the activation",
        ),
    )


HIDDEN = (
    *_WRONG_HIDDEN,
    *_in_loops(_HIDDEN, "alpha", "l", "input", ("m", "hidden unit")),
    *loops.arrays(
        _HIDDEN,
        loops.Axis("i", "example"),
        loops.Axis("m", "hidden unit"),
        part="Z",
        at=lambda change: {"finish": lambda Z, alpha: change(Z)},
        subgoal=Subgoal.FORWARD,
        missing=False,
    ),
)
OUTPUT = (
    *_WRONG_OUTPUT,
    *_in_loops(_OUTPUT, "beta", "m", "hidden unit", ("k", "output")),
    *loops.arrays(
        _OUTPUT,
        loops.Axis("i", "example"),
        loops.Axis("k", "output"),
        part="T-and-F",
        at=lambda change: {"returned": lambda answer: tuple(map(change, answer))},
        subgoal=Subgoal.FORWARD,
        missing=False,
    ),
    *loops.arrays(
        _OUTPUT,
        loops.Axis("i", "example"),
        loops.Axis("k", "output"),
        part="F",
        at=lambda change: {"activate": lambda T, g: change(g(T))},
        subgoal=Subgoal.FORWARD,
        missing=False,
    ),
)


# --- both losses as programs --------------------------------------------------------------


def _loss_of_each(steps: Steps, Y: Array, F: Array) -> Array:
    return steps.store(steps.root(steps.scale(steps.outputs(steps.error(Y, F)))), Y)


def _loss_of_all(steps: Steps, Y: Array, F: Array) -> Any:
    return steps.root_of_all(steps.examples(_loss_of_each(steps, Y, F)))


_PER_EXAMPLE_PIECES: dict[str, Callable[..., Any]] = {
    "error": lambda Y, F: np.square(Y - F),  # (N, K)
    "outputs": lambda errors: errors.sum(axis=1),  # (N,)
    "scale": lambda R: R,
    "root": lambda R: R,
    "store": lambda R, Y: R,
}
_EQ2 = Program(_loss_of_each, _PER_EXAMPLE_PIECES)
_EQ1 = Program(
    _loss_of_all,
    {**_PER_EXAMPLE_PIECES, "examples": lambda R: R.sum(), "root_of_all": lambda R: R},
)


Changed = dict[str, Callable[..., Any]]


def _eq2(name: str, says: str, hint: str, changed: Changed, *slips: Slip) -> Mistake:
    return Mistake(name, Subgoal.LOSS, says, hint, _EQ2.with_(**changed), slips=slips)


def _eq1(name: str, says: str, hint: str, changed: Changed, *slips: Slip) -> Mistake:
    return Mistake(name, Subgoal.LOSS, says, hint, _EQ1.with_(**changed), slips=slips)


# --- pieces done wrong --------------------------------------------------------------------


def _difference(Y: Array, F: Array) -> Array:
    return Y - F


_PER_EXAMPLE = (
    (
        "square-lost",
        "The errors are not squared.",
        "The start of section 2 prints Σ(y − f) by mistake; equation (2) has Σ(y − f)². "
        "Without the square, errors of opposite sign cancel.",
        {"error": _difference},
    ),
    (
        "absolute-error",
        "You sum absolute errors; the paper's loss squares them.",
        "Equation (2): (y − f)², not |y − f|.",
        {"error": lambda Y, F: np.abs(Y - F)},
    ),
    (
        "cross-entropy",
        "This is the cross-entropy −Σ y log f; the paper's loss is the squared error.",
        "Equation (2): (y − f)². It needs no logarithm, and allows any output, negative ones too.",
        {"error": lambda Y, F: -Y * np.log(F)},
    ),
    (
        "cross-entropy-of-two",
        "This is the cross-entropy of two classes; the paper's loss is the squared error.",
        "Equation (2): (y − f)². It needs no logarithm, and allows any output, negative ones too.",
        {"error": lambda Y, F: -Y * np.log(F) - (1 - Y) * np.log(1 - F)},
    ),
    (
        "sum-for-difference",
        "You square y + f; it should be y − f.",
        "An error is a difference: 0 where the output is the target.",
        {"error": lambda Y, F: np.square(Y + F)},
    ),
    (
        "outputs-left-out",
        "The outputs are left out: you sum the squares of the targets.",
        "Equation (2) squares the difference of target and output.",
        {"error": lambda Y, F: np.square(Y)},
    ),
    (
        "targets-left-out",
        "The targets are left out: you sum the squares of the outputs.",
        "Equation (2) squares the difference of target and output.",
        {"error": lambda Y, F: np.square(F)},
    ),
    (
        "targets-summed",
        "You sum the targets themselves.",
        "Equation (2) sums squared errors: the difference of target and output, squared.",
        {"error": lambda Y, F: Y},
    ),
    (
        "outputs-summed",
        "You sum the outputs themselves.",
        "Equation (2) sums squared errors: the difference of target and output, squared.",
        {"error": lambda Y, F: F},
    ),
    (
        "square-outside",
        "You square the sum; the paper sums the squares.",
        "Square each error first, then sum over the outputs.",
        {"error": _difference, "outputs": lambda errors: errors.sum(axis=1) ** 2},
    ),
    (
        "halved",
        "There is a factor 1/2 too many.",
        "Many texts put 1/2 in front of the square. This paper does not, and its gradients keep "
        "the 2.",
        {"scale": lambda R: R / 2},
    ),
    (
        "outputs-averaged",
        "You average over the outputs; the equation sums.",
        "Equation (2) has no 1/K: use sum, not mean.",
        {"outputs": lambda errors: errors.mean(axis=1)},
    ),
    (
        "first-output-only",
        "Only the first output counts.",
        "The sum runs over all K outputs.",
        {"outputs": lambda errors: errors[:, 0]},
    ),
    (
        "root-taken",
        "You have taken the square root.",
        "R(i) is the squared distance: no root.",
        {"root": np.sqrt},
    ),
    (
        "difference-of-squares",
        "You subtract the squares; the paper squares the difference.",
        "(y − f)² is not y² − f².",
        {"error": lambda Y, F: np.square(Y) - np.square(F)},
    ),
    (
        "examples-shifted",
        "Targets and outputs are not of the same example: one side is shifted by one row.",
        "Row i of Y belongs to row i of F.",
        {"given": lambda Y, F: (np.roll(Y, 1, axis=0), F)},
    ),
    (
        "examples-sorted",
        "Targets and outputs are not of the same example: the targets are in sorted order.",
        "Row i of Y belongs to row i of F. Sorting Y alone tears the pairs apart.",
        {"given": lambda Y, F: (np.sort(Y, axis=0), F)},
    ),
    (
        "integers-truncated",
        "Your answer is cut to whole numbers when the targets are integers.",
        "Squared errors are no whole numbers, whatever the targets are: np.zeros(…) holds floats.",
        {"store": lambda R, Y: R.astype(Y.dtype) if Y.dtype.kind == "i" else R},
        array_like("Y", "zeros_like({0}) or {0}.copy()"),
    ),
)

_WRONG_EQ2 = (
    *(_eq2(*mistake) for mistake in _PER_EXAMPLE),
    _eq2(
        "wrong-axis",
        "You sum over the examples; equation (2) sums over the outputs of one example.",
        "One number an example is wanted: sum over k, axis=1.",
        {"outputs": lambda errors: errors.sum(axis=0)},
    ),
    _eq2(
        "all-summed",
        "You sum over everything: that is R(θ), equation (1).",
        "R(i) is one number an example: sum over the outputs only, axis=1.",
        {"outputs": lambda errors: errors.sum()},
    ),
    _eq2(
        "not-summed",
        "The sum over the outputs is missing.",
        "One number an example is wanted: sum over k, axis=1.",
        {"outputs": lambda errors: errors},
    ),
    _eq2(
        "column-kept",
        "Your answer is a column, one row an example; a plain vector is wanted.",
        "The shape is (N,): one number an example, without keepdims.",
        {"outputs": lambda errors: errors.sum(axis=1, keepdims=True)},
    ),
)


_WRONG_EQ1 = (
    *(_eq1(*mistake) for mistake in _PER_EXAMPLE),
    _eq1(
        "averaged-over-N",
        "You average over the examples; equation (1) sums.",
        "R(θ) has no 1/N.",
        {"examples": lambda R: R.mean()},
    ),
    _eq1(
        "averaged-over-all",
        "This is the mean squared error; equation (1) is a sum.",
        "R(θ) has neither 1/N nor 1/K.",
        {"outputs": lambda errors: errors.mean(axis=1), "examples": lambda R: R.mean()},
    ),
    _eq1(
        "all-squared",
        "You square the sum of all errors; the paper sums the squares.",
        "Square each error first, then sum.",
        {"error": _difference, "examples": lambda R: R.sum() ** 2},
    ),
    _eq1(
        "root-of-all",
        "You have taken the square root of the sum.",
        "R(θ) is the sum of squares itself: no root.",
        {"root_of_all": np.sqrt},
    ),
    _eq1(
        "last-example-only",
        "Only the last example counts.",
        "The sum runs over all N examples.",
        {"examples": lambda R: R[-1]},
        overwritten("the loop over the examples"),
        Slip("an index −1 that should be i"),
    ),
    _eq1(
        "first-example-only",
        "Only the first example counts.",
        "The sum runs over all N examples.",
        {"examples": lambda R: R[0]},
        left_early("the loop over the examples"),
        Slip("an index 0 that should be i"),
    ),
    _eq1(
        "examples-not-summed",
        "The sum over the examples is missing: these are the R(i) of equation (2).",
        "Equation (3): R(θ) is the sum of the R(i), one number.",
        {"examples": lambda R: R},
    ),
    _eq1(
        "outputs-not-added",
        "The sum over the outputs is missing.",
        "Equation (1) sums over k and i and gives one number.",
        {"outputs": lambda errors: errors, "examples": lambda errors: errors.sum(axis=0)},
    ),
)


# --- the losses in loops ------------------------------------------------------------------

_OVER_OUTPUTS = loops.Sum(
    "k",
    "output",
    Subgoal.LOSS,
    lambda terms: {"outputs": lambda errors: errors[:, terms].sum(axis=1)},
    without=("only-first",),
)
_OVER_EXAMPLES = loops.Sum(
    "i",
    "example",
    Subgoal.LOSS,
    lambda terms: {"examples": lambda R: R[terms].sum()},
    without=("only-first", "only-last"),
)


def _running(program: Program) -> Mistake:
    name, says, hint, _ = loops.not_reset("k", "R(i)")[0]
    store = {"store": lambda R, Y: np.cumsum(R)}
    wrong = program.with_(**store)
    return Mistake(name, Subgoal.LOSS, says, hint, wrong, alone=True, slips=sums_go_on("k"))


def _cross_entropies() -> tuple[Mistake, ...]:
    """Return cross-entropies that keep zero and negative outputs out of the logarithm."""
    more = "; the paper's loss is the squared error."
    hint = (
        "Equation (2): (y − f)². It needs no logarithm, and allows any output, negative ones too."
    )

    def of_one(name: str, words: str, change: Callable[[Array], Array]) -> Mistake:
        says = f"This is the cross-entropy −Σ y log f, with f {words}{more}"
        wrong = {"error": lambda Y, F: -Y * np.log(change(F))}
        return replace(_eq1(f"cross-entropy-{name}", says, hint, wrong), alone=True)

    def of_two(name: str, words: str, change: Callable[[Array], Array]) -> Mistake:
        def error(Y: Array, F: Array) -> Array:
            return -Y * np.log(change(F)) - (1 - Y) * np.log(1 - change(F))

        says = f"This is the cross-entropy of two classes, with f {words}{more}"
        wrong = {"error": error}
        return replace(_eq1(f"cross-entropy-of-two-{name}", says, hint, wrong), alone=True)

    def cut(eps: float) -> tuple[Mistake, ...]:
        how = f"cut-at-{eps:.0e}", f"cut at {eps:.0e}", lambda F: np.clip(F, eps, 1 - eps)
        return of_one(*how), of_two(*how)

    limits = (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
    cuts = (mistake for eps in limits for mistake in cut(eps))
    return of_one("of-absolutes", "without its sign", np.abs), *cuts


def _one_term(name: str, slip: Slip, n: int) -> Mistake:
    return Mistake(
        f"{name}-term-only",
        Subgoal.LOSS,
        f"Of all squared errors only the very {name} one is left.",
        "The sum runs over all N examples, and all K outputs of each.",
        _EQ1.with_(outputs=lambda errors: errors[:, n], examples=lambda R: R[n]),
        alone=True,
        slips=(slip,),
    )


EQ2 = (
    *_WRONG_EQ2,
    *loops.sums(_EQ2, _OVER_OUTPUTS),
    *loops.until_other(_EQ2, "k", Subgoal.LOSS, _OVER_OUTPUTS.pieces),
    _running(_EQ2),
    *loops.arrays(_EQ2, loops.Axis("i", "example"), subgoal=Subgoal.LOSS),
)
EQ1 = (
    *_WRONG_EQ1,
    *_cross_entropies(),
    *loops.sums(_EQ1, _OVER_OUTPUTS, _OVER_EXAMPLES),
    *loops.until_other(_EQ1, "k", Subgoal.LOSS, _OVER_OUTPUTS.pieces),
    *loops.until_other(_EQ1, "i", Subgoal.LOSS, _OVER_EXAMPLES.pieces),
    _running(_EQ1),
    _one_term("last", overwritten("the inner loop"), -1),
    _one_term("first", left_early("the inner loop"), 0),
)
