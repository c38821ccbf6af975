"""A learner's function in steps, and the known mistakes in each.

A mistake puts a wrong piece of a program in place of the right one. A learner who makes two
mistakes makes them in two places of one function. So two variants combine when they change
different pieces, and the result is the function with both pieces wrong.

Every gradient of section 2.1 is a chain of some of the five steps of a backward pass, so a mistake
in a step is written once, for every equation of the section that has the step. An equation of
section 2.2 has the same chain as its counterpart in section 2.1. Only the step that takes delta
through the output function differs, and it has mistakes of its own.

The later sections choose which mistakes they take. Equation (13) takes two or more of each step, by
name. Section 3 takes a mistake in sending back only if `section_3/mistakes.py` has words for it in
many layers, and one in the output delta of (18) only if it is listed there as valid for any g. If
you add a mistake to a step, decide for each section: tests/exercises/test_steps.py names those that
are left out.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from bplab.activations import (
    Activation,
    Output,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from bplab.exercises.task import (
    Mistake,
    Slip,
    Subgoal,
    array_like,
    left_early,
    overwritten,
)

# --- a function in pieces -----------------------------------------------------------------


GIVEN, RETURNED = "given", "returned"
"""The two pieces that every program has: they change the arguments, and the answer."""

Array = np.ndarray
Piece = Callable[..., Any]
Steps = SimpleNamespace
"""The pieces of a program as attributes, by name: a chain calls them."""


@dataclass(frozen=True, eq=False)
class Program:
    """A function in pieces.

    Attributes
    ----------
    chain : callable
        ``chain(pieces, *arguments)`` computes the answer with the functions in ``pieces``.
    right : mapping of str to callable
        The right pieces, by name.
    pure : collection of str
        The names of pieces that depend only on their arguments, and change none of them.
    """

    chain: Callable[..., Any]
    right: Mapping[str, Piece]
    pure: Collection[str] = ()

    def with_(self, **changed: Piece) -> "Variant":
        """Return the function with these pieces in place of the right ones.

        Besides the pieces in ``right`` there are ``given``, which takes the arguments and returns
        the ones to use instead, and ``returned``, which takes the answer and returns another.

        Raises
        ------
        ValueError
            If there is no such piece.
        """
        if unknown := changed.keys() - self.right.keys() - {GIVEN, RETURNED}:
            raise ValueError(f"no piece {unknown}; there are: {', '.join(self.right)}")
        return Variant(self, changed)


class Memory:
    """The answers of pure pieces: many variants of a program call them with the same arguments."""

    def __init__(self) -> None:
        self._pieces: dict[Piece, Piece] = {}
        self._right: dict[Program, dict[str, Piece]] = {}

    def right(self, program: Program) -> dict[str, Piece]:
        """Return the right pieces of a program; the pure ones remember their answers."""
        if program not in self._right:
            self._right[program] = self.all(program, program.right)
        return self._right[program]

    def all(self, program: Program, pieces: Mapping[str, Piece]) -> dict[str, Piece]:
        """Return pieces of a program; the pure ones remember their answers."""
        return {name: self.of(by) if name in program.pure else by for name, by in pieces.items()}

    def of(self, piece: Piece) -> Piece:
        """Return the piece in a form that remembers its answers."""
        if piece not in self._pieces:
            self._pieces[piece] = self._remembering(piece)
        return self._pieces[piece]

    @staticmethod
    def _remembering(piece: Piece) -> Piece:
        answers: dict[tuple[int, ...], tuple[Any, ...]] = {}

        def remembering(*arguments: Any) -> Any:
            key = tuple(map(id, arguments))
            known = answers.get(key)
            if known is None:
                # the arguments are kept, so that no other object gets their id
                known = answers[key] = piece(*arguments), arguments
            return known[0]

        return remembering


class Variant:
    """A function made from a program by changing some of its pieces.

    Parameters
    ----------
    program : Program
    changed : mapping of str to callable
    """

    def __init__(self, program: Program, changed: Mapping[str, Piece]) -> None:
        self.program, self.changed = program, dict(changed)
        # without the two that change what comes in and what goes out
        self.inner = {n: by for n, by in self.changed.items() if n not in (GIVEN, RETURNED)}
        self._pieces = SimpleNamespace(**{**program.right, **self.inner})

    def __call__(self, *arguments: Any) -> Any:
        """Answer as the learner's function would."""
        return self._answer(self._pieces, self.changed.get(GIVEN), arguments)

    def remembering(self, memory: Memory, *arguments: Any) -> Any:
        """Answer likewise, but take from ``memory`` what a pure piece has answered before.

        The arguments must be the same objects whenever this memory is used.
        """
        right, wrong = memory.right(self.program), memory.all(self.program, self.inner)
        pieces = SimpleNamespace(**{**right, **wrong})
        given = self.changed.get(GIVEN)
        return self._answer(pieces, given and memory.of(given), arguments)

    def _answer(self, pieces: SimpleNamespace, given: Piece | None, arguments: Any) -> Any:
        answer = self.program.chain(pieces, *(given(*arguments) if given else arguments))
        return self.changed[RETURNED](answer) if RETURNED in self.changed else answer


def one_piece(function: Piece) -> Variant:
    """Return a wrong function as one piece: then only what comes in or goes out can change too."""
    program = Program(lambda pieces, *arguments: pieces.whole(*arguments), {"whole": function})
    return program.with_(whole=function)


def both(first: Piece, second: Piece) -> Variant | None:
    """Return the function in which both mistakes are made, as in a learner's code.

    Where both change what goes out, ``first`` changes it first; likewise for what comes in.

    Returns
    -------
    Variant or None
        None if the mistakes exclude each other: one piece cannot be wrong in two ways.
    """
    a, b = (f if isinstance(f, Variant) else one_piece(f) for f in (first, second))
    if a.inner and b.inner and (a.program is not b.program or a.inner.keys() & b.inner.keys()):
        return None
    changed = {**a.changed, **b.changed}
    if GIVEN in a.changed and GIVEN in b.changed:
        changed[GIVEN] = lambda *given: b.changed[GIVEN](*a.changed[GIVEN](*given))
    if RETURNED in a.changed and RETURNED in b.changed:
        changed[RETURNED] = lambda answer: b.changed[RETURNED](a.changed[RETURNED](answer))
    return Variant((a if a.inner else b).program, changed)


MINUS = "Your answer is minus the right one."
"""The effect on the whole answer of a flipped sign and nothing else."""

# --- the five steps -----------------------------------------------------------------------


RIGHT = SimpleNamespace(
    # residual
    targets=lambda Y: Y,
    error=lambda Y, F: Y - F,
    factor=lambda error: 2 * error,
    sign=lambda error: -error,
    store_residual=lambda D, Y: D,
    # output delta, send back, hidden delta
    output_delta=lambda D, T, F, g: g.pull_back(D, T),
    send_back=lambda delta, beta: delta @ beta[:, 1:],
    hidden_delta=lambda back, A, Z, sigma: back * sigma.derivative(A),
    # weight gradient
    examples=lambda delta, inputs: (delta, inputs),
    bias=lambda delta: delta.sum(axis=0),
    weights=lambda delta, inputs: delta.T @ inputs,
    stack=lambda bias, weights: np.column_stack([bias, weights]),
    scale=lambda gradient, delta: gradient,
    turn=lambda gradient: gradient,
)
"""The five steps. Two of them consist of several pieces, so that more than one can be wrong."""


def residual(steps: Steps, Y: Array, F: Array) -> Array:
    """Return −2(Y − F), the derivative of the loss with respect to the outputs, shape (N, K)."""
    error = steps.error(steps.targets(Y), F)
    return steps.store_residual(steps.sign(steps.factor(error)), Y)


def weight_gradient(steps: Steps, delta: Array, inputs: Array) -> Array:
    """Return bias column and weights: the sums over the examples, shape (K, M+1)."""
    of, by = steps.examples(delta, inputs)
    gradient = steps.stack(steps.bias(of), steps.weights(of, by))
    return steps.turn(steps.scale(gradient, delta))


def no_bias_apart(weights: Callable[..., Array]) -> dict[str, Callable[..., Any]]:
    """Return the pieces of a weight gradient that ``weights(delta, inputs)`` makes in one go."""
    return {
        "bias": lambda delta: None,
        "weights": weights,
        "stack": lambda bias, weights: weights,
    }


SUBGOALS = {
    "residual": Subgoal.RESIDUAL,
    "output_delta": Subgoal.OUTPUT_DELTA,
    "weight_gradient": Subgoal.WEIGHT_GRADIENT,
    "send_back": Subgoal.SEND_BACK,
    "hidden_delta": Subgoal.HIDDEN_DELTA,
}


@dataclass(frozen=True)
class WrongStep:
    """A wrong step of the chain, or a wrong piece of one, with the words that name it.

    ``step`` is what replaces the whole step, or a mapping of pieces of it. The other attributes are
    those of `Mistake`.
    """

    name: str
    says: str
    hint: str
    step: Callable[..., Any] | Mapping[str, Callable[..., Any]]
    alone: bool = False
    slips: tuple[Slip, ...] = ()
    result: str = ""
    because: str = ""
    either_sign: bool = False

    def pieces(self, step: str) -> Mapping[str, Callable[..., Any]]:
        """Return the wrong pieces by the names of the program's: a whole step, or parts of it."""
        return self.step if isinstance(self.step, Mapping) else {step: self.step}


def averaged_somewhere(mistakes: Iterable[Mistake], where: str) -> tuple[Mistake, ...]:
    """Return the mistakes, without blaming a step for the 1/K of a mean over the outputs.

    Where delta is neither given nor returned, 1/K may come from delta as well as from Σ_k.
    """
    return tuple(
        replace(mistake, subgoal=Subgoal.CODE, hint=f"There is no 1/K in {where}.")
        if mistake.name == "outputs-averaged"
        else mistake
        for mistake in mistakes
    )


def wrong_variants(
    program: Program, steps: Mapping[str, tuple[WrongStep, ...]]
) -> tuple[Mistake, ...]:
    """Return every known mistake of a program in which one of the five steps is done wrong.

    Parameters
    ----------
    program : Program
        Its pieces include the steps.
    steps : mapping of str to tuple of WrongStep
        The steps that occur in the program, each with the ways in which it goes wrong.
    """
    return tuple(
        Mistake(
            *(wrong.name, SUBGOALS[step], wrong.says, wrong.hint),
            program.with_(**wrong.pieces(step)),
            wrong.alone,
            wrong.slips,
            result=wrong.result,
            because=wrong.because,
            either_sign=wrong.either_sign,
        )
        for step, wrongs in steps.items()
        for wrong in wrongs
    )


# --- the gradients of sections 2.1 and 2.2 ------------------------------------------------
# Besides the five steps, they have pieces for the array in which delta is stored, and for the
# activations of the two layers.


_STEPS = vars(RIGHT) | {
    "store_delta": lambda delta, Y: delta,
    "hidden_activation": lambda sigma, g: sigma,
    "output_function": lambda g, sigma: g,
}


def _delta(steps: Steps, Y: Array, T: Array, F: Array, g: Output) -> Array:
    return steps.store_delta(steps.output_delta(residual(steps, Y, F), T, F, g), Y)


def _grad_beta(steps: Steps, Y: Array, A: Array, Z: Array, T: Array, F: Array, g: Output) -> Any:
    return weight_gradient(steps, _delta(steps, Y, T, F, g), Z)


def _grad_alpha(
    steps: Steps,
    X: Array,
    Y: Array,
    A: Array,
    Z: Array,
    T: Array,
    F: Array,
    beta: Array,
    sigma: Activation,
    g: Output,
) -> Any:
    sigma, g = steps.hidden_activation(sigma, g), steps.output_function(g, sigma)
    return _grad_alpha_through_delta(steps, X, A, Z, _delta(steps, Y, T, F, g), beta, sigma)


def _output_delta_and_grad_beta(
    steps: Steps, Y: Array, A: Array, Z: Array, T: Array, F: Array, g: Output
) -> tuple[Array, ...]:
    delta = _delta(steps, Y, T, F, g)
    gradient = weight_gradient(steps, delta, Z)
    return (delta, *gradient) if isinstance(gradient, tuple) else (delta, gradient)


def _grad_alpha_through_delta(
    steps: Steps, X: Array, A: Array, Z: Array, delta: Array, beta: Array, sigma: Activation
) -> Any:
    s = steps.hidden_delta(steps.send_back(delta, beta), A, Z, sigma)
    return weight_gradient(steps, s, X)


GRAD_BETA = Program(_grad_beta, _STEPS, _STEPS)
"""Equations (4) and (8)."""

GRAD_ALPHA = Program(_grad_alpha, _STEPS, _STEPS)
"""Equations (5) and (9)."""

OUTPUT_DELTA_AND_GRAD_BETA = Program(_output_delta_and_grad_beta, _STEPS, _STEPS)
"""Equations (6) and (10)."""

GRAD_ALPHA_THROUGH_DELTA = Program(_grad_alpha_through_delta, _STEPS, _STEPS)
"""Equations (7) and (11)."""


# --- an activation of the learner's own choice in place of the one that is given ----------
# The half-worked cells of the notebooks know their activations, and a name from there also works in
# any other cell: tanh.derivative(A) where the function is given sigma.


FIXED: dict[str, tuple[str, Activation]] = {
    "sigmoid": ("the sigmoid", sigmoid),
    "tanh": ("tanh", tanh),
    "relu": ("ReLU", relu),
    "leaky-relu": ("the leaky ReLU", leaky_relu()),
    "elu": ("ELU", elu()),
}
"""Elementwise activations that a learner may use in place of the one that is given."""

_HALF_WORKED = ("sigmoid", "tanh")
"""The activations of the half-worked cells. Only their slopes are tried at the wrong place."""

_USUAL = (*_HALF_WORKED, "relu")
"""The activations that are also looked for together with other mistakes."""


def _fixed(
    given: str, right: str, at: str, after: str, times: Callable[..., Any], without: str = ""
) -> tuple[WrongStep, ...]:
    """Return the wrong steps that use the slope, or the value, of a fixed activation.

    ``given`` is the learner's name for the activation that is given, and ``right`` the code of its
    derivative. ``at`` and ``after`` are the letters of its argument and of its value.
    ``times(slope, letter)`` makes a step from a function and the letter of its argument.
    """
    letter = {"g": "g", "sigma": "σ"}[given]
    any_other = f"{letter} is given, and may be any other: use {right}."
    wrong = [
        WrongStep(
            f"{name}-for-{given}",
            f"You take the derivative of {says} at {at}, whatever {letter} is.",
            f"A worked example knows its activation. {any_other}",
            times(activation.derivative, at),
            alone=name not in _USUAL,
        )
        for name, (says, activation) in FIXED.items()
        if name != without
    ]
    for name in _HALF_WORKED:
        says, activation = FIXED[name]
        wrong += [
            WrongStep(
                f"{name}-for-{given}-at-{after}",
                f"You take the derivative of {says} at {after}, whatever {letter} is.",
                f"A slope is wanted where the activation was applied, at {at}. {any_other}",
                times(activation.derivative, after),
                alone=True,
            ),
            WrongStep(
                f"{name}-itself-for-{given}",
                f"You multiply by {says} of {at}, whatever {letter} is.",
                f"The chain rule wants a derivative. {any_other}",
                times(activation, at),
                alone=True,
            ),
        ]
    return tuple(wrong)


def fixed_output(right: str) -> tuple[WrongStep, ...]:
    """Return the wrong output deltas with a fixed elementwise g; ``right`` is the code to use."""

    def times(slope: Callable[[Array], Array], letter: str) -> Callable[..., Array]:
        return lambda D, T, F, g: D * slope(T if letter == "T" else F)

    return _fixed("g", right, "T", "F", times)


def _fixed_hidden() -> tuple[WrongStep, ...]:
    """Hidden deltas with a fixed σ, without ReLU: its slope is a mask, which is named elsewhere."""

    def times(slope: Callable[[Array], Array], letter: str) -> Callable[..., Array]:
        return lambda back, A, Z, sigma: back * slope(A if letter == "A" else Z)

    return _fixed("sigma", "{slope}", "A", "Z", times, without="relu")


def fixed_given(
    program: Program, given: str, letter: str, put: Callable[..., tuple[Any, ...]]
) -> tuple[Mistake, ...]:
    """Return the mistakes that use a fixed activation throughout, forwards and backwards.

    ``given`` is the learner's name for the activation that is given, and ``letter`` its letter.
    ``put(activation, *arguments)`` returns the arguments with the fixed activation in its place.
    """
    choices: dict[str, tuple[str, Activation | Output]] = {
        "identity": ("the identity", identity),
        **FIXED,
        "softmax": ("softmax", softmax),
    }
    return tuple(
        Mistake(
            f"always-{name}-for-{given}",
            Subgoal.FORWARD,
            f"You always use {says} for {letter}, forwards and backwards.",
            f"Your function is given {given}: use what is given, in both passes.",
            program.with_(given=partial(put, activation)),
            alone=name not in _USUAL,
        )
        for name, (says, activation) in choices.items()
    )


# --- residual and output delta ------------------------------------------------------------


SIGN = "sign-flipped"

RESIDUAL = (
    WrongStep(
        "no-factor-2",
        "The factor 2 is missing.",
        "The loss of the paper is the plain square, with no 1/2 before it, so its derivative with "
        "respect to f is −2(y − f). Put the 2 back.",
        {"factor": lambda error: error},
    ),
    WrongStep(
        SIGN,
        "The sign is flipped.",
        "R falls when f comes nearer to y: the derivative of (y − f)² with respect to f is "
        "−2(y − f). Descent with your sign would climb.",
        {"sign": lambda error: error},
        result=MINUS,
    ),
    WrongStep(
        "square-lost",
        "The square of the error is lost before the derivative is taken.",
        "You have the derivative of Σ(y − f), the misprint at the start of section 2. The loss "
        "is Σ(y − f)²: the error y − f itself must stay in the gradient.",
        {"error": lambda Y, F: np.ones_like(F), "factor": lambda error: error},
    ),
    WrongStep(
        "square-kept",
        "The error is still squared.",
        "The derivative of a square has the error itself: −2(y − f), without a power.",
        {"error": lambda Y, F: (Y - F) ** 2},
        either_sign=True,
    ),
    WrongStep(
        "sum-for-difference",
        "You add targets and outputs; their difference is due.",
        "The residual is −2(y − f): it is 0 where the output is the target.",
        {"error": lambda Y, F: Y + F},
        either_sign=True,
    ),
    WrongStep(
        "residual-absolute",
        "The error has lost its sign: you use |y − f|.",
        "Outputs that are too high and outputs that are too low must pull in opposite "
        "directions. Use y − f with its sign.",
        {"error": lambda Y, F: np.abs(Y - F)},
        slips=(Slip("abs, or a root of a square"),),
        either_sign=True,
    ),
    WrongStep(
        "examples-shifted",
        "Targets and outputs are not of the same example: one side is shifted by one row.",
        "Row i of Y belongs to row i of F.",
        {"targets": lambda Y: np.roll(Y, 1, axis=0)},
        slips=(Slip("a roll, a slice, or an index i − 1 or i + 1 on one side only"),),
    ),
    WrongStep(
        "examples-reversed",
        "Targets and outputs are not of the same example: one side is in reverse order.",
        "Row i of Y belongs to row i of F.",
        {"targets": lambda Y: Y[::-1]},
        slips=(Slip("[::-1] or reversed on one side only"),),
    ),
    WrongStep(
        "examples-sorted",
        "Targets and outputs are not of the same example: the targets are in sorted order.",
        "Row i of Y belongs to row i of F. Sorting Y alone tears the pairs apart.",
        {"targets": lambda Y: np.sort(Y, axis=0)},
    ),
    WrongStep(
        "integers-truncated",
        "Your residual is cut to whole numbers when the targets are integers.",
        "Residuals are no whole numbers, whatever the targets are: −2 * (Y − F) is an array of "
        "floats, and so is np.zeros(Y.shape).",
        {"store_residual": lambda D, Y: D.astype(Y.dtype) if Y.dtype.kind == "i" else D},
        slips=(array_like("Y", "zeros_like({0}) or {0}.copy()"),),
    ),
)

_SHIFTED = (Slip("a roll, or an index that is one less or one more, where −1 is the last one"),)

_OF_OTHERS = (
    *(
        (f"first-{unit}", f"the first {unit} is used for all", of, (Slip("an index 0 or [:1]"),))
        for unit, of in (("example", lambda a: a[:1]), ("output", lambda a: a[:, :1]))
    ),
    *(
        (f"{unit}-before", f"the {unit} before is used", roll, _SHIFTED)
        for unit, roll in (
            ("example", lambda a: np.roll(a, 1, axis=0)),
            ("output", lambda a: np.roll(a, 1, axis=1)),
        )
    ),
)
"""The wrong examples or outputs at which g′ may be taken, in place of each one's own."""

_OUTPUT_DELTA = (
    WrongStep(
        "no-g-prime",
        "The output's derivative g′ is left out: you use the residual where delta is due.",
        "The loss sees T only through f = g(T), so the chain rule multiplies the residual by "
        "g′(T). Without it the gradient is right only for g = identity.",
        lambda D, T, F, g: D,
    ),
    WrongStep(
        "cross-entropy-shortcut",
        "Your delta is F − Y: the factor 2 and g′ are both missing.",
        "F − Y is the delta of cross-entropy, where g′ cancels. The loss here is the squared "
        "error: delta = −2(Y − F) g′(T).",
        lambda D, T, F, g: D / 2,
    ),
    WrongStep(
        "g-prime-at-F",
        "g′ is taken at the wrong place: at F, the output, instead of T.",
        "F is already g(T). The derivative of g is wanted at the pre-activation T: {slope}.",
        lambda D, T, F, g: D * g.derivative(F),
    ),
    WrongStep(
        "g-for-g-prime",
        "You multiply by g instead of by its derivative g′.",
        "The chain rule wants {slope}, not F = g(T).",
        lambda D, T, F, g: D * F,
    ),
    WrongStep(
        "g-prime-twice",
        "g′ is multiplied in twice.",
        "It enters once, on the way from F to T, with the factor {slope}.",
        lambda D, T, F, g: D * g.derivative(T) ** 2,
        slips=(Slip("the factor once more, for a delta that has it already"),),
    ),
    WrongStep(
        "g-prime-added",
        "g′ is added to the residual; it should multiply it.",
        "The chain rule is a product: −2(Y − F) times {slope}, entry by entry.",
        lambda D, T, F, g: D + g.derivative(T),
    ),
    WrongStep(
        "divided-by-g-prime",
        "You divide by g′; the chain rule multiplies.",
        "delta = −2(Y − F) times {slope}. Where g is flat, delta must be small.",
        lambda D, T, F, g: D / g.derivative(T),
    ),
    WrongStep(
        "assumes-sigmoid-output",
        "You use F(1 − F) for g′, which is right only when g is the sigmoid.",
        "Your function is given g: here it is also tanh and the identity. Use {slope}.",
        lambda D, T, F, g: D * F * (1 - F),
    ),
    WrongStep(
        "assumes-tanh-output",
        "You use 1 − F² for g′, which is right only when g is tanh.",
        "Your function is given g: here it is also the sigmoid and the identity. Use {slope}.",
        lambda D, T, F, g: D * (1 - F**2),
    ),
    WrongStep(
        "sigmoid-prime-at-T",
        "You use T(1 − T) for g′: the sigmoid's formula, on the wrong variable.",
        "g(1 − g) wants the output of g, not the pre-activation T; and g need not be the "
        "sigmoid. Use {slope}.",
        lambda D, T, F, g: D * T * (1 - T),
    ),
    WrongStep(
        "sigmoid-prime-plus",
        "You use F(1 + F) for g′.",
        "Even for the sigmoid the derivative is F(1 − F), with a minus. Use {slope}, "
        "which is right for every g.",
        lambda D, T, F, g: D * F * (1 + F),
    ),
    WrongStep(
        "one-minus-F",
        "You use 1 − F for g′.",
        "That is half of a formula: F(1 − F) for the sigmoid, 1 − F² for tanh. Use "
        "{slope}, which is right for every g.",
        lambda D, T, F, g: D * (1 - F),
    ),
    WrongStep(
        "residual-dropped",
        "The residual is dropped: only g′ is left of delta.",
        "delta is a product: −2(Y − F), which comes from the loss, times g′(T).",
        lambda D, T, F, g: g.derivative(T),
    ),
    WrongStep(
        "outputs-summed",
        "You sum the residuals over all outputs.",
        "In the derivation Σ_l runs over the outputs, but β_k reaches output k only: of the sum "
        "one term is left, l = k. Keep Y − F as a matrix.",
        lambda D, T, F, g: D.sum(axis=1, keepdims=True) * g.derivative(T),
    ),
    WrongStep(
        "softmax-for-g",
        "You take the Jacobian of softmax at T, whatever g is.",
        "g is given, and may be any other: use {slope}.",
        lambda D, T, F, g: softmax.pull_back(D, T),
    ),
    WrongStep(
        "assumes-softmax-output",
        "You make softmax's Jacobian of F, which is right only when g is softmax.",
        "g is given, and may be any other: use {slope}.",
        lambda D, T, F, g: F * (D - (F * D).sum(axis=1, keepdims=True)),
    ),
    WrongStep(
        "residuals-summed-too-early",
        "The residuals are summed over the examples before each has met its own g′.",
        "The sum over i comes last, when every factor of example i has been multiplied.",
        lambda D, T, F, g: D.sum(axis=0) * g.derivative(T),
        alone=True,
    ),
    *fixed_output("{slope}"),
    *(
        WrongStep(
            f"{name}-of-T-for-F",
            f"You compare the targets with {FIXED[name][0]} of T, whatever g is.",
            "What the network answers is F = g(T), and F is given: the residual is −2(Y − F).",
            lambda D, T, F, g, of=FIXED[name][1]: g.pull_back(D + 2 * (of(T) - F), T),
            alone=True,
        )
        for name in _HALF_WORKED
    ),
    WrongStep(
        "g-of-F-for-F",
        "You compare the targets with g(F): g is applied once more.",
        "F is g(T) already: the residual is −2(Y − F).",
        lambda D, T, F, g: (D + 2 * (g(F) - F)) * g.derivative(T),
        alone=True,
    ),
    *(
        WrongStep(
            f"always-{name}-for-g",
            f"You take {FIXED[name][0]} for g, in the residual and in its derivative.",
            "g is given, and may be any other: F is g(T), and its derivative is {slope}.",
            lambda D, T, F, g, of=FIXED[name][1]: (D + 2 * (of(T) - F)) * of.derivative(T),
            alone=True,
        )
        for name in _HALF_WORKED
    ),
    *(
        WrongStep(
            f"g-prime-of-{which}",
            f"g′ of {words}.",
            "Each output of each example has a slope of its own: {slope}, entry by entry.",
            lambda D, T, F, g, of=of: D * of(g.derivative(T)),
            alone=True,
            slips=slips,
        )
        for which, words, of, slips in _OF_OTHERS
    ),
)


def output_delta_steps(slope: str) -> tuple[WrongStep, ...]:
    """Return the ways in which the output delta goes wrong; hints write ``slope`` for g′ at T."""
    return tuple(replace(w, hint=w.hint.format(slope=slope)) for w in _OUTPUT_DELTA)


OUTPUT_DELTA = output_delta_steps("g.derivative(T)")


# --- send back and hidden delta -----------------------------------------------------------


SEND_BACK = (
    WrongStep(
        "beta-not-transposed",
        "beta is used the wrong way round: you multiply with its transpose.",
        "Unit m collects Σ_k delta_ik β_km: the sum runs over the rows of beta, so with "
        "examples as rows it is delta @ beta[:, 1:]. Your form only runs where K = M.",
        lambda delta, beta: delta @ beta[:, 1:].T,
    ),
    WrongStep(
        "bias-column-used",
        "The weights sent back are one column off: you use beta's bias column as a weight.",
        "Column 0 of beta holds the biases. The weight of hidden unit m is column m: beta[:, 1:].",
        lambda delta, beta: delta @ beta[:, :-1],
    ),
    WrongStep(
        "bias-sent-back",
        "The bias of beta is included in the sum that goes back.",
        "The bias multiplies a constant 1, which does not depend on alpha. Only beta[:, 1:] "
        "sends something back.",
        lambda delta, beta: delta @ beta[:, 1:] + delta @ beta[:, :1],
    ),
    WrongStep(
        "bias-column-kept",
        "beta's bias column is still there when delta is sent back.",
        "That makes one unit too many, M + 1. The bias multiplies a constant 1, which does not "
        "depend on alpha: send back through beta[:, 1:].",
        lambda delta, beta: delta @ beta,
    ),
    WrongStep(
        "first-output-only",
        "Only the first output is sent back.",
        "Hidden unit m feeds every output, so Σ_k runs over all K of them.",
        lambda delta, beta: delta[:, :1] @ beta[:1, 1:],
    ),
    WrongStep(
        "outputs-averaged",
        "You average over the outputs instead of summing.",
        "Σ_k in the equation has no 1/K in front of it.",
        lambda delta, beta: delta @ beta[:, 1:] / delta.shape[1],
    ),
    WrongStep(
        "weights-left-out",
        "The weights β_km are left out: every unit gets the plain sum of delta.",
        "Output k reaches hidden unit m through β_km, so delta_ik is weighted by it.",
        lambda delta, beta: delta @ np.ones_like(beta[:, 1:]),
    ),
    WrongStep(
        "weights-absolute",
        "The weights β_km have lost their sign.",
        "A negative weight sends the opposite message back. Use beta[:, 1:] with its signs.",
        lambda delta, beta: delta @ np.abs(beta[:, 1:]),
    ),
    WrongStep(
        "delta-dropped",
        "What comes from the outputs is dropped: delta does not enter your answer.",
        "s is a product: what is sent back from the outputs, times σ′(A).",
        lambda delta, beta: np.ones((len(delta), beta.shape[1] - 1)),
    ),
    WrongStep(
        "summed-too-early",
        "What is sent back is summed over the examples before each has met its own σ′.",
        "The sum over i comes last, when every factor of example i has been multiplied.",
        lambda delta, beta: np.tile((delta @ beta[:, 1:]).sum(axis=0), (len(delta), 1)),
        alone=True,
    ),
    *(
        WrongStep(
            f"weights-of-output-{where}",
            f"delta of each output meets the weights of the output {where}.",
            "Output k has delta_ik and row k of beta: both have the same k.",
            lambda delta, beta, by=by: delta @ np.roll(beta[:, 1:], by, axis=0),
            alone=True,
            slips=_SHIFTED,
        )
        for where, by in (("before", 1), ("after", -1))
    ),
)

_HIDDEN_DELTA = (
    WrongStep(
        "no-sigma-prime",
        "σ′ of the hidden layer is left out.",
        "What is sent back reaches A through z = σ(A): multiply by {slope}.",
        lambda back, A, Z, sigma: back,
    ),
    WrongStep(
        "sigma-prime-at-Z",
        "σ′ is taken at the wrong place: at Z instead of the pre-activation A.",
        "Z is already σ(A). The derivative is wanted where σ was applied: {slope}.",
        lambda back, A, Z, sigma: back * sigma.derivative(Z),
    ),
    WrongStep(
        "sigma-for-sigma-prime",
        "You multiply by σ instead of by its derivative σ′.",
        "The chain rule wants {slope}, not Z = σ(A).",
        lambda back, A, Z, sigma: back * Z,
    ),
    WrongStep(
        "sigma-prime-twice",
        "σ′ is multiplied in twice.",
        "It enters once, on the way from Z to A.",
        lambda back, A, Z, sigma: back * sigma.derivative(A) ** 2,
    ),
    WrongStep(
        "sigma-prime-added",
        "σ′ is added to what is sent back; it should multiply it.",
        "The chain rule is a product: what is sent back times {slope}.",
        lambda back, A, Z, sigma: back + sigma.derivative(A),
    ),
    WrongStep(
        "divided-by-sigma-prime",
        "You divide by σ′; the chain rule multiplies.",
        "What is sent back times {slope}: where σ is flat, s must be small.",
        lambda back, A, Z, sigma: back / sigma.derivative(A),
    ),
    WrongStep(
        "assumes-sigmoid-hidden",
        "You use Z(1 − Z) for σ′, which is right only when σ is the sigmoid.",
        "Your function is given {given} also tanh, ReLU and ELU. Use {slope}.",
        lambda back, A, Z, sigma: back * Z * (1 - Z),
    ),
    WrongStep(
        "assumes-tanh-hidden",
        "You use 1 − Z² for σ′, which is right only when σ is tanh.",
        "Your function is given {given} also the sigmoid, ReLU and ELU. Use {slope}.",
        lambda back, A, Z, sigma: back * (1 - Z**2),
    ),
    WrongStep(
        "assumes-relu-hidden",
        "You use ReLU's derivative for σ′, the mask A > 0, whatever σ is.",
        "Your function is given {given} also tanh, the sigmoid and ELU. Use {slope}.",
        lambda back, A, Z, sigma: back * (A > 0),
    ),
    WrongStep(
        "assumes-relu-hidden-at-Z",
        "You use ReLU's derivative for σ′, the mask Z > 0, whatever σ is.",
        "Your function is given {given} also tanh, the sigmoid and ELU. Use {slope}.",
        lambda back, A, Z, sigma: back * (Z > 0),
        alone=True,
    ),
    WrongStep(
        "one-minus-Z",
        "You use 1 − Z for σ′.",
        "That is half of a formula: Z(1 − Z) for the sigmoid, 1 − Z² for tanh. Use "
        "{slope}, which is right for every σ.",
        lambda back, A, Z, sigma: back * (1 - Z),
    ),
    WrongStep(
        "sigmoid-prime-plus-hidden",
        "You use Z(1 + Z) for σ′.",
        "Even for the sigmoid the derivative is Z(1 − Z), with a minus. Use "
        "{slope}, which is right for every σ.",
        lambda back, A, Z, sigma: back * Z * (1 + Z),
    ),
    WrongStep(
        "sigmoid-prime-at-A",
        "You use A(1 − A) for σ′: the sigmoid's formula, on the wrong variable.",
        "σ(1 − σ) wants the output of σ, not the pre-activation A; and σ need not be the "
        "sigmoid. Use {slope}.",
        lambda back, A, Z, sigma: back * A * (1 - A),
    ),
    WrongStep(
        "mask-from-gradient",
        "You let through only what is positive in the gradient that comes back.",
        "ReLU's mask is where its input was positive in the forward pass, A > 0; the sign of the "
        "gradient has no part in it. Use {slope}.",
        lambda back, A, Z, sigma: back * (back > 0),
    ),
    WrongStep(
        "mask-from-Z",
        "Your mask is Z ≥ 0, which is true for every ReLU unit, on or off.",
        "After ReLU nothing is negative, so that test lets everything through. Use {slope}.",
        lambda back, A, Z, sigma: back * (Z >= 0),
    ),
    WrongStep(
        "sigma-prime-of-first-unit",
        "σ′ of the first hidden unit is used for all units of the layer.",
        "Every unit has a slope of its own, at its own pre-activation: {slope} has one for each "
        "example and each unit.",
        lambda back, A, Z, sigma: back * sigma.derivative(A)[:, :1],
        alone=True,
        slips=(Slip("an index 0 or a slice [:, :1]"),),
    ),
    WrongStep(
        "sigma-prime-of-first-example",
        "σ′ of the first example is used for all examples.",
        "Every example has pre-activations of its own, so it has slopes of its own: {slope}, with "
        "all of its rows.",
        lambda back, A, Z, sigma: back * sigma.derivative(A)[:1],
        alone=True,
        slips=(Slip("an index 0 or a slice [:1]"),),
    ),
    *(
        WrongStep(
            f"sigma-prime-of-{unit}-{where}",
            f"σ′ is that of the {unit} {where}.",
            "Each unit has, for each example, a slope of its own: {slope}, entry by entry.",
            lambda back, A, Z, sigma, by=by, axis=axis: (
                back * np.roll(sigma.derivative(A), by, axis)
            ),
            alone=True,
            slips=_SHIFTED,
        )
        for unit, axis in (("example", 0), ("unit", 1))
        for where, by in (("before", 1), ("after", -1))
    ),
    *_fixed_hidden(),
)


def hidden_delta_steps(slope: str, given: str, *at_Z: Slip) -> tuple[WrongStep, ...]:
    """Return the ways in which the hidden delta goes wrong, with hints that fit a function.

    ``slope`` is the function's code for σ′ at A, ``given`` says how it is given σ, and ``at_Z`` are
    the slips that may have put Z in A's place.
    """
    return tuple(
        replace(
            w,
            hint=w.hint.format(slope=slope, given=given),
            slips=at_Z if w.name == "sigma-prime-at-Z" else w.slips,
        )
        for w in _HIDDEN_DELTA
    )


HIDDEN_DELTA = hidden_delta_steps("sigma.derivative(A)", "sigma: here it is")


# --- a factor that is in delta already ----------------------------------------------------

_AGAIN = (
    ("sign-again", "The sign is flipped.", "minus", -1, MINUS),
    ("two-again", "A factor 2 too many.", "2", 2, ""),
    ("minus-two-again", "A factor −2 too many.", "−2", -2, ""),
)


def again(program: Program, place: int) -> tuple[Mistake, ...]:
    """Return the mistakes that multiply delta by −2, or by a part of it, a second time.

    ``place`` is the index of delta among the arguments.
    """

    def times(factor: float) -> Variant:
        def given(*arguments: Any) -> tuple[Any, ...]:
            delta = factor * arguments[place]
            return *arguments[:place], delta, *arguments[place + 1 :]

        return program.with_(given=given)

    return tuple(
        Mistake(
            *(name, Subgoal.SEND_BACK, says),
            f"delta already carries the {part} of −2(y − f). Do not put in another.",
            times(factor),
            result=result,
        )
        for name, says, part, factor, result in _AGAIN
    )


# --- weight gradient ----------------------------------------------------------------------


def each(gradient: Any, change: Callable[..., Any]) -> Any:
    """Change the gradient, or both of its parts where it is a tuple of two."""
    return tuple(map(change, gradient)) if isinstance(gradient, tuple) else change(gradient)


WEIGHT_GRADIENT = (
    WrongStep(
        "averaged-over-N",
        "Your gradient is that of the mean over the examples, not of their sum.",
        "R(θ) in equation (1) has no 1/N. Sum over the examples, do not average.",
        {"scale": lambda gradient, delta: each(gradient, lambda a: a / len(delta))},
    ),
    WrongStep(
        "averaged-over-all",
        "Your gradient is divided by the number of all entries of delta.",
        "delta.size counts examples times units. R(θ) in equation (1) is a sum: no division.",
        {"scale": lambda gradient, delta: each(gradient, lambda a: a / delta.size)},
    ),
    WrongStep(
        "multiplied-by-N",
        "Your gradient is multiplied by the number of examples.",
        "R(θ) in equation (1) is a plain sum over the examples, and so is its gradient: no factor "
        "N.",
        {"scale": lambda gradient, delta: each(gradient, lambda a: a * len(delta))},
        alone=True,
    ),
    WrongStep(
        "bias-averaged",
        "The bias column is wrong: it is a mean over the examples, while the weights are sums.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples: delta.sum(axis=0).",
        {"bias": lambda delta: delta.mean(axis=0)},
    ),
    WrongStep(
        "bias-one-number",
        "The bias column is wrong: it holds one number, the sum of all of delta.",
        "Each unit has a bias of its own. Sum over the examples only: delta.sum(axis=0).",
        {"bias": lambda delta: np.full(delta.shape[1], delta.sum())},
    ),
    WrongStep(
        "weights-averaged",
        "The weights are means over the examples, while the bias column is a sum.",
        "Both are sums over the examples: R(θ) in equation (1) has no 1/N.",
        {"weights": lambda delta, inputs: delta.T @ inputs / len(delta)},
    ),
    WrongStep(
        "bias-first-example",
        "The bias column is wrong: it is delta of the first example only.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples: delta.sum(axis=0).",
        {"bias": lambda delta: delta[0]},
    ),
    WrongStep(
        "bias-not-summed",
        "The bias column is wrong: delta stands there as it is, one row an example.",
        "That only fits beside the weights where N happens to be the number of units. The "
        "bias's gradient is the sum over the examples: delta.sum(axis=0).",
        {"bias": lambda delta: delta},
    ),
    WrongStep(
        "bias-zero",
        "The bias column is wrong: it is all zeros.",
        "The bias is the weight of an input that is always 1, so its gradient is the sum of "
        "delta over the examples.",
        {"bias": lambda delta: 0 * delta.sum(axis=0)},
        slips=(Slip("an array of zeros, of which the first column is not filled"),),
    ),
    WrongStep(
        "bias-last",
        "The bias column is wrong: it stands last, and belongs first.",
        "In the paper β_k and α_m begin with the bias, index 0. Stack [bias, weights].",
        {"stack": lambda bias, weights: np.column_stack([weights, bias])},
    ),
    WrongStep(
        "bias-missing",
        "The bias column is missing.",
        "Column 0 is the bias's gradient: the sum of delta over the examples.",
        {"stack": lambda bias, weights: weights},
    ),
    WrongStep(
        "bias-apart",
        "Bias and weights come as two arrays; one matrix is wanted.",
        "Put the bias's gradient into column 0 and the weights' beside it, as in beta and alpha: "
        "np.column_stack([…, …]).",
        {"stack": lambda bias, weights: (bias, weights)},
    ),
    WrongStep(
        "transposed",
        "Your gradient is transposed.",
        "A gradient has the shape of its weights: a unit a row, as in beta and "
        "alpha. Swap the two factors, or transpose the result.",
        {"turn": lambda gradient: each(gradient, np.transpose)},
    ),
    WrongStep(
        "not-summed",
        "Your gradient has a matrix for every example: the sum over i is still to be done.",
        "What is wanted is the gradient of R(θ), the sum of the R(i). Sum over the first axis.",
        no_bias_apart(
            lambda delta, inputs: (
                delta[:, :, None] * np.column_stack([np.ones(len(inputs)), inputs])[:, None, :]
            )
        ),
    ),
    WrongStep(
        "last-example-only",
        "Only the last example counts.",
        "The gradient is a sum over all examples: each adds to it.",
        {"examples": lambda delta, inputs: (delta[-1:], inputs[-1:])},
        slips=(
            overwritten("the loop over the examples"),
            Slip("an index −1 that should be i"),
            Slip("+= at an array of indices, which keeps the last of those that are the same"),
        ),
    ),
    WrongStep(
        "first-example-only",
        "Only the first example counts.",
        "The gradient is a sum over all examples: each adds to it.",
        {"examples": lambda delta, inputs: (delta[:1], inputs[:1])},
        slips=(Slip("an index 0 that should be i"), left_early("the loop over the examples")),
    ),
    WrongStep(
        "inputs-shifted",
        "delta and the inputs it multiplies are not of the same example: shifted by one row.",
        "Row i of delta belongs to row i of the layer's inputs.",
        {"examples": lambda delta, inputs: (delta, np.roll(inputs, 1, axis=0))},
        slips=(Slip("a roll, or an index i ± 1"),),
    ),
    WrongStep(
        "inputs-dropped",
        "The layer's inputs are left out: every weight of a unit gets the bias's gradient.",
        "The derivative of weight times input with respect to the weight is the input: multiply "
        "delta by it before you sum.",
        {"weights": lambda delta, inputs: delta.T @ np.ones_like(inputs)},
    ),
    WrongStep(
        "bias-halved",
        "The bias column is half of what is due.",
        "If a factor 2 comes in late, it belongs to the biases as well as to the weights.",
        {"bias": lambda delta: delta.sum(axis=0) / 2},
        alone=True,
    ),
    WrongStep(
        "bias-doubled",
        "The bias column is twice what is due.",
        "A bias is the weight of an input that is always 1: the same factors as for the weights.",
        {"bias": lambda delta: 2 * delta.sum(axis=0)},
        alone=True,
    ),
    WrongStep(
        "bias-sign-flipped",
        "The sign of the bias column is flipped, that of the weights is right.",
        "A bias is the weight of an input that is always 1: the same signs as for the weights.",
        {"bias": lambda delta: -delta.sum(axis=0)},
        alone=True,
    ),
    WrongStep(
        "bias-is-N",
        "The bias column holds the number of examples: delta does not enter it.",
        "The bias is the weight of an input that is always 1. Its gradient is the sum of delta "
        "times 1, not the sum of the ones.",
        {"bias": lambda delta: np.full(delta.shape[1], float(len(delta)))},
        alone=True,
    ),
    WrongStep(
        "bias-of-ones",
        "The bias column holds ones: delta does not enter it.",
        "The bias is the weight of an input that is always 1, but that 1 still meets delta.",
        {"bias": lambda delta: np.ones(delta.shape[1])},
        alone=True,
    ),
    WrongStep(
        "weights-halved",
        "The bias column is right, the weights are half of what is due.",
        "If a factor 2 comes in late, it belongs to the weights as well as to the biases.",
        {"weights": lambda delta, inputs: delta.T @ inputs / 2},
        alone=True,
    ),
    WrongStep(
        "weights-doubled",
        "The bias column is right, the weights are twice what is due.",
        "Biases and weights have the same factors: the 2 comes once.",
        {"weights": lambda delta, inputs: 2 * delta.T @ inputs},
        alone=True,
    ),
    WrongStep(
        "weights-sign-flipped",
        "The bias column is right, the sign of the weights is flipped.",
        "Biases and weights have the same signs: one minus, for both.",
        {"weights": lambda delta, inputs: -delta.T @ inputs},
        alone=True,
    ),
    WrongStep(
        "examples-crossed",
        "Every example's delta meets the inputs of all examples: you sum before you multiply.",
        "Multiply delta and inputs of one example, then sum over the examples: delta.T @ inputs.",
        {"weights": lambda delta, inputs: np.outer(delta.sum(axis=0), inputs.sum(axis=0))},
        alone=True,
    ),
    WrongStep(
        "examples-crossed-averaged",
        "Every example's delta meets the mean of the inputs: you average before you multiply.",
        "Multiply delta and inputs of one example, then sum over the examples: delta.T @ inputs.",
        {"weights": lambda delta, inputs: np.outer(delta.sum(axis=0), inputs.mean(axis=0))},
        alone=True,
    ),
    WrongStep(
        "inputs-in-reverse",
        "delta and the inputs it multiplies are not of the same example: one side is in reverse "
        "order.",
        "Row i of delta belongs to row i of the layer's inputs.",
        {"examples": lambda delta, inputs: (delta, inputs[::-1])},
        alone=True,
        slips=(Slip("[::-1] or reversed on one side only"),),
    ),
    WrongStep(
        "inputs-shifted-back",
        "delta and the inputs it multiplies are not of the same example: one row ahead.",
        "Row i of delta belongs to row i of the layer's inputs.",
        {"examples": lambda delta, inputs: (delta, np.roll(inputs, -1, axis=0))},
        alone=True,
        slips=(Slip("a roll, or an index i ± 1"),),
    ),
    WrongStep(
        "inputs-off-by-one",
        "The weights meet the input before their own: column m of the inputs is taken for m + 1.",
        "The gradient's column m + 1 belongs to column m of the inputs.",
        {"weights": lambda delta, inputs: delta.T @ np.roll(inputs, 1, axis=1)},
        alone=True,
        slips=(Slip("an index m − 1, which is −1 for the first: that is the last column"),),
    ),
)
