"""The known mistakes in the gradients where g is softmax, (8) to (11): mostly in delta.

Section 2.2 multiplies the residual by the Jacobian of g, δ_k = Σ_l D_l ∂f_l/∂t_k. The Jacobian of
softmax is symmetric, so using its transpose is not a mistake. Its columns sum to zero, so several
mistakes give zero.
"""

from dataclasses import replace

import numpy as np

from bplab.exercises import loops, section_2_1
from bplab.exercises.steps import (
    GRAD_ALPHA,
    GRAD_BETA,
    OUTPUT_DELTA,
    OUTPUT_DELTA_AND_GRAD_BETA,
    Program,
    WrongStep,
    averaged_somewhere,
    fixed_output,
    no_bias_apart,
    wrong_variants,
)
from bplab.exercises.task import Mistake, Slip, Subgoal, sums_go_on

# --- the output delta gone wrong ----------------------------------------------------------


def _inner(F: np.ndarray, D: np.ndarray) -> np.ndarray:
    """Σ_l f_l D_l of each example, as a column."""
    return (F * D).sum(axis=1, keepdims=True)


def _off_diagonal(D: np.ndarray, P: np.ndarray) -> np.ndarray:
    """The product of the residual with the entries −p_k p_l, l ≠ k."""
    return P * (P * D - _inner(P, D))


_VANISHES = WrongStep(
    "vanishes",
    "Your answer is zero up to rounding: with it the network would never learn.",
    "Whatever does not depend on l comes out of the sum over l, and for softmax Σ_l ∂f_l/∂t_k is "
    "0. So the residual must stay inside with the index l of the derivative beside it: "
    "y_il − f_l. The paper's last line before (8) prints y_ik − f_k there.",
    lambda D, T, F, g: D * g.jacobian(T).sum(axis=1),
    slips=(
        Slip("an error y_ik − f_k outside the sum over l"),
        Slip("a sum over the other index of the Jacobian"),
    ),
)

_JACOBIAN = (
    _VANISHES,
    WrongStep(
        "derivative-of-softmax",
        "You ask for g.derivative, and softmax has none: that is section 2.1's delta.",
        "An elementwise g has one slope for each t. Softmax has a whole matrix of them for each "
        "example, ∂f_l/∂t_k: g.jacobian(T), of shape (N, K, K).",
        lambda D, T, F, g: D * g.derivative(T),
    ),
    WrongStep(
        "diagonal-only",
        "You use F(1 − F), the diagonal of the Jacobian alone: right for an elementwise g only.",
        "t_k moves every output: f_k by f_k(1 − f_k), and each other f_l by −f_k f_l. All of them "
        "belong into the sum over l.",
        lambda D, T, F, g: D * F * (1 - F),
    ),
    WrongStep(
        "off-diagonal-only",
        "The diagonal of the Jacobian is missing.",
        "The sum over l includes l = k, where ∂f_k/∂t_k = f_k(1 − f_k).",
        lambda D, T, F, g: _off_diagonal(D, F),
    ),
    WrongStep(
        "off-diagonal-sign",
        "Off its diagonal your Jacobian has lost the minus.",
        "When t_k rises, the other outputs must fall, for they share what is left to 1: "
        "∂f_l/∂t_k = −f_k f_l.",
        lambda D, T, F, g: D * F * (1 - F) - _off_diagonal(D, F),
    ),
    WrongStep(
        "off-diagonal-from-T",
        "Off the diagonal you use t_k t_l, the inputs of softmax, instead of its outputs.",
        "The Jacobian of softmax is made of what softmax gave: −f_k f_l off the diagonal.",
        lambda D, T, F, g: D * F * (1 - F) + _off_diagonal(D, T),
    ),
    WrongStep(
        "jacobian-from-T",
        "Your Jacobian is made of T, the input of softmax, instead of its output F.",
        "The formulas f_k(1 − f_k) and −f_k f_l want what softmax gave, not what went in.",
        lambda D, T, F, g: T * (D - _inner(T, D)),
    ),
    WrongStep(
        "jacobian-at-F",
        "The Jacobian is taken at the wrong place: at F instead of T.",
        "F is already softmax(T). g.jacobian wants the pre-activation: g.jacobian(T).",
        lambda D, T, F, g: g.pull_back(D, F),
    ),
    *(
        WrongStep(
            f"off-diagonal-squares-{of}",
            f"Off its diagonal your Jacobian has −f_{of}² instead of −f_k f_l.",
            "Off the diagonal stands a product of two different outputs: that whose slope it is, "
            "and that whose t moves. In numpy np.outer(f, f) has these products; f * f has squares "
            "only.",
            step,
        )
        for of, step in (
            ("k", lambda D, T, F, g: F * D - F**2 * D.sum(axis=1, keepdims=True)),
            ("l", lambda D, T, F, g: F * D - (F**2 * D).sum(axis=1, keepdims=True)),
        )
    ),
    WrongStep(
        "diagonal-without-1-minus-f",
        "On the diagonal your Jacobian has f_k instead of f_k(1 − f_k).",
        "t_k stands in the numerator of f_k and in the denominator. The numerator gives f_k, the "
        "denominator takes f_k² away.",
        lambda D, T, F, g: D * F + _off_diagonal(D, F),
    ),
    WrongStep(
        "denominator-forgotten",
        "You multiply by F: that is the derivative of softmax with its denominator held still.",
        "t_k stands in the denominator of every output too, which gives the terms −f_k f_l.",
        lambda D, T, F, g: D * F,
    ),
    WrongStep(
        "one-minus-F",
        "You use 1 − F for the Jacobian.",
        "That is half of its diagonal, f_k(1 − f_k), and nothing of the rest, −f_k f_l. Use "
        "g.jacobian(T).",
        lambda D, T, F, g: D * (1 - F),
    ),
    WrongStep(
        "cross-entropy-shortcut",
        "Your delta is F − Y: right for cross-entropy, but the loss here is the squared error.",
        "Cross-entropy's own derivative cancels the Jacobian. The squared error's does not: "
        "delta_k = Σ_l −2(y_l − f_l) ∂f_l/∂t_k.",
        lambda D, T, F, g: D / 2,
    ),
    WrongStep(
        "jacobian-left-out",
        "The Jacobian is left out: you use the residual where delta is due.",
        "The loss sees T only through f = g(T). Each residual −2(y_l − f_l) is multiplied by "
        "∂f_l/∂t_k, then summed over l.",
        lambda D, T, F, g: D,
    ),
    WrongStep(
        "jacobian-twice",
        "The Jacobian is multiplied in twice.",
        "It enters once, on the way from F to T.",
        lambda D, T, F, g: g.pull_back(g.pull_back(D, T), T),
    ),
    WrongStep(
        "product-with-plus",
        "Your delta is F(D + Σ F D), which is what a Jacobian diag(f) + f fᵀ gives, too: the sign "
        "inside is wrong.",
        "Σ_l D_l ∂f_l/∂t_k = f_k D_k − f_k Σ_l f_l D_l. The second part is subtracted, as f fᵀ is "
        "in the Jacobian diag(f) − f fᵀ.",
        lambda D, T, F, g: F * (D + _inner(F, D)),
    ),
    WrongStep(
        "diagonal-subtracted",
        "Your delta is −F(D + Σ F D), which is what a Jacobian −diag(f) − f fᵀ gives: there f_k on "
        "the diagonal has the wrong sign.",
        "The Jacobian is diag(f) − f fᵀ: f_k is added on the diagonal, f_k f_l is subtracted "
        "everywhere.",
        lambda D, T, F, g: -F * (D + _inner(F, D)),
    ),
    WrongStep(
        "diagonal-sign",
        "Your delta is what a Jacobian with −f_k(1 − f_k) on its diagonal gives: the sign there is "
        "wrong.",
        "When t_k rises, f_k rises as well, and all the others fall: f_k(1 − f_k) on the diagonal, "
        "−f_k f_l beside it.",
        lambda D, T, F, g: _off_diagonal(D, F) - D * F * (1 - F),
    ),
    WrongStep(
        "product-without-inner-F",
        "You use F(D − Σ D): inside the sum the factor f_l is missing.",
        "The entry off the diagonal is −f_k f_l. f_k stands outside the sum, f_l stays in it, "
        "beside D_l.",
        lambda D, T, F, g: F * (D - D.sum(axis=1, keepdims=True)),
    ),
    WrongStep(
        "product-without-outer-F",
        "You use F D − Σ F D: the second part lacks its factor f_k.",
        "The entry off the diagonal is −f_k f_l, so f_k multiplies both parts.",
        lambda D, T, F, g: F * D - _inner(F, D),
    ),
    *(
        WrongStep(name, says, hint, step, alone=True)
        for name, says, hint, step in (
            (
                "product-without-F",
                "You use D − Σ F D: the factor F in front of it is missing.",
                "Σ_l D_l ∂f_l/∂t_k = f_k (D_k − Σ_l f_l D_l): f_k multiplies both parts.",
                lambda D, T, F, g: D - _inner(F, D),
            ),
            (
                "product-without-D",
                "You use −F Σ F D: f_k D_k, which the diagonal of the Jacobian adds, is missing.",
                "The Jacobian is diag(f) − f fᵀ. Of the first part comes f_k D_k, of the second "
                "− f_k Σ_l f_l D_l.",
                lambda D, T, F, g: -F * _inner(F, D),
            ),
            (
                "product-with-mean",
                "You use F(D − mean of D): the residuals are averaged with equal weights.",
                "What is subtracted is Σ_l f_l D_l, in which every residual has its output's "
                "weight.",
                lambda D, T, F, g: F * (D - D.mean(axis=1, keepdims=True)),
            ),
        )
    ),
    WrongStep(
        "residuals-summed",
        "You sum the residuals alone over l, and multiply by F(1 − F) afterwards.",
        "Both factors in the sum of the equation carry an l. Multiply D_l by ∂f_l/∂t_k first, then "
        "sum.",
        lambda D, T, F, g: D.sum(axis=1, keepdims=True) * F * (1 - F),
    ),
    WrongStep(
        "summed-over-examples",
        "The sum over the outputs runs over the examples: the wrong axis.",
        "Σ_l stays within one example. With examples as rows it is axis=1, with keepdims=True so "
        "that it fits beside F.",
        lambda D, T, F, g: F * (D - (F * D).sum(axis=0)),
    ),
    WrongStep(
        "jacobian-across-batch",
        "Your Jacobian mixes the examples, as one big matrix for the whole batch would.",
        "Example i's outputs depend on example i's t only: one (K, K) Jacobian an example, and "
        "sums over axis=1 only.",
        lambda D, T, F, g: F * (D - (F * D).sum()),
    ),
    WrongStep(
        "jacobians-summed",
        "Each residual meets the Jacobians of all examples.",
        "Residual i belongs to Jacobian i. D @ J of shapes (N, K) and (N, K, K) pairs every one "
        "with every other. np.einsum keeps the example, if it has the letter i throughout.",
        lambda D, T, F, g: D @ g.jacobian(T).sum(axis=0),
    ),
    WrongStep(
        "jacobians-averaged",
        "Each residual meets the mean of the Jacobians of all examples.",
        "Residual i belongs to Jacobian i: every example has its own t. np.einsum keeps the "
        "example, if it has the letter i throughout.",
        lambda D, T, F, g: D @ g.jacobian(T).mean(axis=0),
        alone=True,
    ),
    WrongStep(
        "jacobians-crossed",
        "D @ g.jacobian(T) pairs every residual with every example's Jacobian.",
        "Shapes (N, K) and (N, K, K) give (N, N, K), and then the bias's column and the weights no "
        "longer fit side by side. Residual i belongs to Jacobian i only: np.einsum keeps the "
        "example, if it has the letter i throughout.",
        lambda D, T, F, g: D @ g.jacobian(T),
    ),
    WrongStep(
        "jacobian-of-one-example",
        "One example's Jacobian is used for all examples.",
        "Every example has its own t, and so its own Jacobian.",
        lambda D, T, F, g: D @ g.jacobian(T)[0],
        slips=(Slip("an index 0 that should be i"),),
    ),
    WrongStep(
        "assumes-tanh-output",
        "You use 1 − F², which is right only when g is tanh.",
        "g is given, and here every output looks at all of t: use g.jacobian(T).",
        lambda D, T, F, g: D * (1 - F**2),
    ),
    *fixed_output("g.jacobian(T)"),
)


# --- what is as in section 2.1 ------------------------------------------------------------

_ELEMENTWISE = {exercise.id: exercise.mistakes for exercise in section_2_1.EXERCISES}


def _as_in(id: str, *without: str) -> tuple[Mistake, ...]:
    """Return the mistakes of section 2.1's equation, without those in delta and those named.

    Two more are left out: without its square the loss has equal residuals, so the answer vanishes,
    and softmax has no g′ that could be taken at A.
    """
    not_here = {step.name for step in (*OUTPUT_DELTA, *loops.DELTA_NOT_RESET)}
    not_here |= {"square-lost", "g-prime-at-A", *without}
    return tuple(mistake for mistake in _ELEMENTWISE[id] if mistake.name not in not_here)


def _bias_zero(id: str) -> Mistake:
    """Return the mistake with one more slip that leads to it: the sum of all of delta is 0 here."""
    (mistake,) = (mistake for mistake in _ELEMENTWISE[id] if mistake.name == "bias-zero")
    more = Slip("delta.sum() without axis=0: every row of delta sums to zero here")
    return replace(mistake, slips=(*mistake.slips, more))


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


# --- the sum over the outputs in loops ----------------------------------------------------


def _in_loops(program: Program, index: str = "l") -> tuple[Mistake, ...]:
    """Return the mistakes of delta's sum over the outputs; ``index`` is the equation's letter."""
    over_outputs = loops.Sum(
        index,
        "output",
        Subgoal.OUTPUT_DELTA,
        lambda terms: {
            "output_delta": lambda D, T, F, g: np.einsum(
                "il,ilk->ik", D[:, terms], g.jacobian(T)[:, terms]
            )
        },
    )
    not_reset = tuple(
        WrongStep(
            name,
            says,
            hint,
            lambda D, T, F, g, of=of: of(g.pull_back(D, T)),
            alone=True,
            slips=sums_go_on(index),
        )
        # a row of delta sums to zero: nothing goes on into the next one
        for name, says, hint, of in loops.not_reset(index, "delta")[1:]
    )
    run_on = wrong_variants(program, {"output_delta": not_reset})
    if program is GRAD_BETA:
        run_on = loops.rows_run_on(run_on, sums_go_on(index)[0])
    return *loops.sums(program, over_outputs), *run_on


# --- the mistakes of each equation --------------------------------------------------------

MISTAKES_EQ8 = (
    *wrong_variants(GRAD_BETA, {"output_delta": _JACOBIAN}),
    *_as_in("eq4", *_BIAS),
    _bias_zero("eq4"),
    _one_index_too_many(GRAD_BETA),
    *_in_loops(GRAD_BETA),
)

# without the weights, the sum of a row of delta is sent back, which is zero
_VANISHES_EQ9 = replace(
    _VANISHES,
    hint="For softmax Σ_j ∂f_j/∂t_k is 0, and so is Σ_k δ_ki. The residual stays inside the sum "
    "over j, with the index j of the derivative beside it; β_km stays inside the sum over k.",
    slips=(
        Slip("a residual outside the sum over j, or with another index"),
        Slip("a sum over the other index of the Jacobian"),
        Slip("β_km left out, or with a k that stands still"),
    ),
)

MISTAKES_EQ9 = (
    *(
        # delta may be right, and what is sent back wrong
        replace(m, subgoal=Subgoal.CODE) if m.name == _VANISHES.name else m
        for m in wrong_variants(GRAD_ALPHA, {"output_delta": (_VANISHES_EQ9, *_JACOBIAN[1:])})
    ),
    *averaged_somewhere(
        _as_in("eq5", "weights-left-out", "activations-swapped", "sigma-for-g"),
        "R, and none in front of Σ_j or Σ_k: neither delta nor what is sent back is a mean",
    ),
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
    Mistake(
        "sigma-for-g",
        Subgoal.OUTPUT_DELTA,
        "You take σ′ at the output, where the Jacobian of g is due.",
        "g belongs to T, sigma belongs to A. Use g.jacobian(T).",
        GRAD_ALPHA.with_(output_function=lambda g, sigma: sigma),
    ),
    _one_index_too_many(GRAD_ALPHA),
    *_in_loops(GRAD_ALPHA, "j"),  # l is the index of its inputs
)

MISTAKES_EQ10 = (
    *wrong_variants(OUTPUT_DELTA_AND_GRAD_BETA, {"output_delta": _JACOBIAN}),
    *_as_in("eq6", *_BIAS),
    _bias_zero("eq6"),
    _one_index_too_many(OUTPUT_DELTA_AND_GRAD_BETA),
    *_in_loops(OUTPUT_DELTA_AND_GRAD_BETA),
)

_VANISHES_EQ11 = replace(
    _VANISHES,
    hint="For softmax Σ_k δ_ki is 0 in each example. So β_km must stay inside the sum over k, with "
    "the index k of δ_ki beside it.",
    slips=(
        Slip("β_km left out, or with a k that stands still"),
        Slip("delta summed over the outputs before it has met beta"),
        Slip("beta summed over the outputs, or averaged, before delta has met it"),
    ),
)

MISTAKES_EQ11 = tuple(
    # without the weights, zero is sent back, up to rounding
    Mistake(
        *(_VANISHES.name, mistake.subgoal, _VANISHES.says, _VANISHES_EQ11.hint, mistake.wrong),
        slips=_VANISHES_EQ11.slips,
    )
    if mistake.name == "weights-left-out"
    else mistake
    for mistake in _ELEMENTWISE["eq7"]
)
