"""Exercises of section 2.2: the gradients where every output looks at all of t, (8) to (11).

They are those of section 2.1 but for one step, the output delta, and so are their mistakes.
"""

from dataclasses import replace

import numpy as np

from bplab import network
from bplab.exercises import section_2_1
from bplab.exercises.section_2_2.mistakes import JACOBIAN, VANISHES
from bplab.exercises.steps import (
    GRAD_ALPHA,
    GRAD_BETA,
    OUTPUT_DELTA,
    OUTPUT_DELTA_AND_GRAD_BETA,
    Program,
    no_bias_apart,
    wrong_variants,
)
from bplab.exercises.task import (
    FINITE_DIFFERENCES,
    Exercise,
    Mistake,
    Part,
    Subgoal,
    finite_differences,
    softmax_cases,
)

_ELEMENTWISE = {exercise.id: exercise.mistakes for exercise in section_2_1.EXERCISES}


def _as_in(id: str, *without: str) -> tuple[Mistake, ...]:
    """The mistakes of section 2.1's equation, but for its delta and those named.

    Without its square the loss has one and the same residual for every l: the answer vanishes.
    """
    not_here = {step.name for step in OUTPUT_DELTA} | {"square-lost", *without}
    return tuple(mistake for mistake in _ELEMENTWISE[id] if mistake.name not in not_here)


def _bias_zero(id: str) -> Mistake:
    """It has one more way to come about: the sum of all of delta is zero here."""
    (mistake,) = (mistake for mistake in _ELEMENTWISE[id] if mistake.name == "bias-zero")
    more = "And delta.sum() without axis=0 is zero here: every row of delta sums to zero."
    return replace(mistake, hint=f"{mistake.hint} {more}")


_BIAS = ("bias-zero", "bias-one-number")


# --- the residuals times the Jacobians as a plain matrix product --------------------------


def _one_index_too_many(program: Program) -> Mistake:
    return Mistake(
        "one-index-too-many",
        Subgoal.OUTPUT_DELTA,
        "Your answer has one index too many: every residual meets every example's Jacobian.",
        "D @ J of shapes (N, K) and (N, K, K) has shape (N, N, K). Residual i belongs to Jacobian "
        "i only: np.einsum keeps the example, if it has the letter i throughout.",
        program.with_(
            output_delta=lambda D, T, F, g: D @ g.jacobian(T),
            **no_bias_apart(
                lambda delta, inputs: delta.T @ np.column_stack([np.ones(len(inputs)), inputs])
            ),
        ),
    )


# --- the exercises ------------------------------------------------------------------------

_MISTAKES_EQ8 = (
    *wrong_variants(GRAD_BETA, {"output_delta": JACOBIAN}),
    *_as_in("eq4", *_BIAS),
    _bias_zero("eq4"),
    _one_index_too_many(GRAD_BETA),
)

# what goes back without its weights is the sum of a row of delta, which is zero
_VANISHES_EQ9 = replace(
    VANISHES,
    hint="Two ways lead here. Beside ∂f_j/∂t_k the residual has the index k, or none, where j is "
    "due; and Σ_j ∂f_j/∂t_k is 0. Or the weights β_km are left out; and Σ_k δ_ki is 0.",
)

_MISTAKES_EQ9 = (
    *wrong_variants(GRAD_ALPHA, {"output_delta": (_VANISHES_EQ9, *JACOBIAN[1:])}),
    *_as_in("eq5", "weights-left-out", "activations-swapped"),
    Mistake(
        "activations-swapped",
        Subgoal.HIDDEN_DELTA,
        "You use the Jacobian of g in the hidden layer, where σ′ is due.",
        "σ is elementwise: its units look at their own a only. g belongs to T, sigma belongs to A. "
        "Use sigma.derivative(A).",
        GRAD_ALPHA.with_(
            hidden_activation=lambda sigma, g: g,
            hidden_delta=lambda back, A, Z, g: g.pull_back(back, A),
        ),
    ),
    _one_index_too_many(GRAD_ALPHA),
)

_MISTAKES_EQ10 = (
    *wrong_variants(OUTPUT_DELTA_AND_GRAD_BETA, {"output_delta": JACOBIAN}),
    *_as_in("eq6", *_BIAS),
    _bias_zero("eq6"),
    _one_index_too_many(OUTPUT_DELTA_AND_GRAD_BETA),
)

EXERCISES = (
    Exercise(
        id="eq8",
        reference=network.grad_beta,
        parts=(Part("grad_beta", "K", "M+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("beta"),
        mistakes=_MISTAKES_EQ8,
        cases=softmax_cases,
        hints=(
            "Only one step differs from section 2.1. There output k felt its own slope alone; here "
            "t_k moves every output l, and the rates add up. Which array holds all those rates?",
            "residual: D = −2(Y − F), (N, K). The Jacobian: J = g.jacobian(T), (N, K, K), entry "
            "[i, l, k] is ∂f_l/∂t_k. output delta: for each example, sum D[i, l] * J[i, l, k] over "
            "l; the result is (N, K). weight gradient: as in equation (4).",
            'delta = np.einsum("il,il?->i?", D, g.jacobian(T)), with the index that is left in '
            "place of both question marks. From there on it is your equation (4): delta meets "
            "a column of ones and Z.",
        ),
    ),
    Exercise(
        id="eq9",
        reference=network.grad_alpha,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=4,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("alpha"),
        mistakes=_MISTAKES_EQ9,
        cases=softmax_cases,
        hints=(
            "Two sums, two steps. The sum over j makes delta out of the residuals, as in your "
            "equation (8). The sum over k sends delta back, as in your equation (5).",
            "residual (N, K); output delta (N, K), the product with the Jacobian; send back "
            "(N, M), through beta without its bias; hidden delta (N, M), times "
            "sigma.derivative(A); weight gradient (M, p+1), with X and a column of ones.",
            "With delta from your equation (8): s = (delta @ beta[:, …]) * sigma.derivative(A), "
            "and then np.column_stack([s.sum(axis=0), s.T @ …]). Two things are left out.",
        ),
    ),
    Exercise(
        id="eq10",
        reference=network.backward_output,
        parts=(Part("delta", "N", "K"), Part("grad_beta", "K", "M+1")),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("T", "beta"),
        mistakes=_MISTAKES_EQ10,
        cases=softmax_cases,
        hints=(
            "You have computed this delta already, inside your equation (8). Now give it back "
            "as well.",
            "delta has shape (N, K): the residuals of example i times the Jacobian of example i. "
            "Multiplied out, that is f_k D_k − f_k Σ_l f_l D_l, and needs no Jacobian at all.",
            "delta = F * (D - (F * D).sum(axis=…, keepdims=True)), then the weight gradient as in "
            "equation (6), and return both, delta first. Which axis runs over the outputs?",
        ),
    ),
    Exercise(
        id="eq11",
        reference=network.backward_hidden,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=2,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("alpha"),
        mistakes=_ELEMENTWISE["eq7"],
        cases=softmax_cases,
        hints=(
            "Compare (11) with (7), letter by letter. What has changed?",
            "Nothing has: this function is given delta and never sees g. Your backward_hidden of "
            "section 2.1 is the answer. Its steps: send back, hidden delta, weight gradient.",
            "s = (delta @ beta[:, 1:]) * …, and then a column of sums over the examples beside "
            "s.T @ X. What is left out is the slope of the hidden layer, at A.",
        ),
    ),
)
