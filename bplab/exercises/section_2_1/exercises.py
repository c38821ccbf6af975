"""Exercises of section 2.1: the gradients for an elementwise output, equations (4) to (7)."""

from collections.abc import Callable
from typing import Any

from bplab import network
from bplab.exercises.steps import (
    GRAD_ALPHA,
    GRAD_ALPHA_THROUGH_DELTA,
    GRAD_BETA,
    HIDDEN_DELTA,
    OUTPUT_DELTA,
    OUTPUT_DELTA_AND_GRAD_BETA,
    RESIDUAL,
    SEND_BACK,
    WEIGHT_GRADIENT,
    Program,
    again,
    wrong_variants,
)
from bplab.exercises.task import (
    FINITE_DIFFERENCES,
    Exercise,
    Mistake,
    Part,
    Subgoal,
    finite_differences,
    network_cases,
)

_TO_DELTA = {"residual": RESIDUAL, "output_delta": OUTPUT_DELTA}
_TO_HIDDEN = {"send_back": SEND_BACK, "hidden_delta": HIDDEN_DELTA}
_TO_WEIGHTS = {"weight_gradient": WEIGHT_GRADIENT}


# --- mistakes that are not one of the five steps done wrong -------------------------------


def _delta_truncated(program: Program) -> Mistake:
    return Mistake(
        "delta-truncated",
        Subgoal.OUTPUT_DELTA,
        "Your delta is cut to whole numbers when the targets are integers.",
        "zeros_like(Y) is an integer array when Y is one, and cuts off what you store there. "
        "Make the array with np.zeros(Y.shape).",
        program.with_(store_delta=lambda delta, Y: delta.astype(Y.dtype)),
    )


def _a_for_z(program: Program) -> Mistake:
    return Mistake(
        "A-for-Z",
        Subgoal.WEIGHT_GRADIENT,
        "You multiply delta by A, the hidden layer before its activation, instead of by Z.",
        "beta multiplies z = σ(A) in the forward pass, so its gradient holds Z.",
        program.with_(given=lambda Y, A, Z, T, F, g: (Y, A, A, T, F, g)),
    )


def _z_for_x(program: Program, z: int) -> Mistake:
    """``z`` is the place of Z among the arguments; X comes first."""
    return Mistake(
        "Z-for-X",
        Subgoal.WEIGHT_GRADIENT,
        "You multiply by Z, the output of the hidden layer, instead of by its input X.",
        "A weight's gradient holds what that weight multiplied in the forward pass: alpha "
        "multiplied X.",
        program.with_(given=lambda X, *rest: (rest[z - 1], *rest)),
    )


_MISTAKES_EQ4 = (
    *wrong_variants(GRAD_BETA, _TO_DELTA | _TO_WEIGHTS),
    _a_for_z(GRAD_BETA),
    _delta_truncated(GRAD_BETA),
)

_MISTAKES_EQ5 = (
    *wrong_variants(GRAD_ALPHA, _TO_DELTA | _TO_HIDDEN | _TO_WEIGHTS),
    Mistake(
        "activations-swapped",
        Subgoal.HIDDEN_DELTA,
        "You take g′ in the hidden layer, where σ′ is due.",
        "g belongs to T, sigma belongs to A. Use sigma.derivative(A).",
        GRAD_ALPHA.with_(hidden_activation=lambda sigma, g: g),
    ),
    _z_for_x(GRAD_ALPHA, 3),
    _delta_truncated(GRAD_ALPHA),
)


def _returned(
    name: str, subgoal: Subgoal, says: str, hint: str, change: Callable[..., Any]
) -> Mistake:
    """Right delta and gradient in a wrong form: ``change(delta, *gradient)``."""
    changed = OUTPUT_DELTA_AND_GRAD_BETA.with_(returned=lambda answer: change(*answer))
    return Mistake(name, subgoal, says, hint, changed)


_MISTAKES_EQ6 = (
    *wrong_variants(OUTPUT_DELTA_AND_GRAD_BETA, _TO_DELTA | _TO_WEIGHTS),
    _a_for_z(OUTPUT_DELTA_AND_GRAD_BETA),
    _delta_truncated(OUTPUT_DELTA_AND_GRAD_BETA),
    _returned(
        "delta-transposed",
        Subgoal.OUTPUT_DELTA,
        "Your delta is transposed: outputs as rows.",
        "Examples are rows everywhere in this course: delta has shape (N, K), like Y.",
        lambda delta, *gradient: (delta.T, *gradient),
    ),
    _returned(
        "gradient-first",
        Subgoal.CODE,
        "The two parts are in the wrong order.",
        "Return delta first, then grad_beta.",
        lambda delta, *gradient: (*gradient, delta),
    ),
    _returned(
        "gradient-missing",
        Subgoal.WEIGHT_GRADIENT,
        "Only delta comes back: the gradient with respect to beta is missing.",
        "Return both: delta and, through it, grad_beta.",
        lambda delta, *gradient: delta,
    ),
    _returned(
        "delta-missing",
        Subgoal.OUTPUT_DELTA,
        "Only the gradient with respect to beta comes back: delta is missing.",
        "Return both: delta and, through it, grad_beta.",
        lambda delta, *gradient: gradient[0] if len(gradient) == 1 else gradient,
    ),
    _returned(
        "delta-summed",
        Subgoal.OUTPUT_DELTA,
        "Your delta is summed over the examples; one delta an example is wanted.",
        "δ_ki keeps its example i. The sum over i comes in the gradient, after delta met Z.",
        lambda delta, *gradient: (delta.sum(axis=0), *gradient),
    ),
)

_MISTAKES_EQ7 = (
    *wrong_variants(GRAD_ALPHA_THROUGH_DELTA, _TO_HIDDEN | _TO_WEIGHTS),
    _z_for_x(GRAD_ALPHA_THROUGH_DELTA, 2),
    *again(GRAD_ALPHA_THROUGH_DELTA, 3),
)

EXERCISES = (
    Exercise(
        id="eq4",
        reference=network.grad_beta,
        parts=(Part("grad_beta", "K", "M+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("beta"),
        mistakes=_MISTAKES_EQ4,
        cases=network_cases,
        hints=(
            "Three of the five steps: residual, output delta, weight gradient. Write one line for "
            "each, in this order, and print its shape. What does the bias multiply?",
            "Residual −2 (Y − F) and g.derivative(T) are both (N, K): multiply them entry by "
            "entry, and you have delta. The weight gradient is (K, M+1): the product of delta "
            "transposed, (K, N), and the inputs, (N, M), sums over the examples. Its first column "
            "belongs to an input that is always 1.",
            "delta = -2 * (Y - F) * …              # residual, output delta: (N, K)\n"
            "bias = delta.sum(axis=0)              # (K,)\n"
            "weights = delta.T @ …                 # (K, M)\n"
            "return np.column_stack([bias, weights])",
        ),
    ),
    Exercise(
        id="eq5",
        reference=network.grad_alpha,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=4,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("alpha"),
        mistakes=_MISTAKES_EQ5,
        cases=network_cases,
        hints=(
            "Begin as in equation (4), up to delta. Then two new steps lead backwards, to the "
            "hidden layer, and the last step is the old one with other inputs.",
            "Send back: delta (N, K) times the weights beta[:, 1:] (K, M) gives (N, M); the "
            "product sums over k. Hidden delta: times sigma.derivative(A), entry by entry. Weight "
            "gradient: as before, but alpha multiplied X, so the result is (M, p+1).",
            "delta = …                             # as in equation (4): (N, K)\n"
            "s = (delta @ beta[:, 1:]) * …         # send back, hidden delta: (N, M)\n"
            "return np.column_stack([s.sum(axis=0), s.T @ …])",
        ),
    ),
    Exercise(
        id="eq6",
        reference=network.backward_output,
        parts=(Part("delta", "N", "K"), Part("grad_beta", "K", "M+1")),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("T", "beta"),
        mistakes=_MISTAKES_EQ6,
        cases=network_cases,
        hints=(
            "You have written all of this in equation (4). What is new is that delta is given a "
            "name and handed on.",
            "delta is residual times g.derivative(T): (N, K), one row an example, not summed. The "
            "gradient is (K, M+1): bias column delta.sum(axis=0), then the product of delta "
            "transposed and Z. Return both, delta first.",
            "delta = …                             # (N, K)\n"
            "by_beta = np.column_stack([delta.sum(axis=0), …])\n"
            "return delta, by_beta",
        ),
    ),
    Exercise(
        id="eq7",
        reference=network.backward_hidden,
        parts=(Part("grad_alpha", "M", "p+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=finite_differences("alpha"),
        mistakes=_MISTAKES_EQ7,
        cases=network_cases,
        hints=(
            "The first two steps are done: they are in delta, with the minus and the 2. Which "
            "three are left?",
            "Send back through beta[:, 1:], without the biases: (N, K) times (K, M) is (N, M). "
            "Hidden delta: times σ′ at A. Weight gradient: bias column first, then the product "
            "with X, (M, p+1) together.",
            "s = (delta @ …) * sigma.derivative(A) # send back, hidden delta: (N, M)\n"
            "return np.column_stack([…, s.T @ X])  # bias, weights",
        ),
    ),
)
