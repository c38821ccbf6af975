"""The known mistakes in the gradients for an elementwise output, equations (4) to (7)."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from bplab.activations import Activation
from bplab.exercises import loops
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
    averaged_somewhere,
    wrong_variants,
)
from bplab.exercises.task import Construct, Mistake, Slip, Subgoal, array_like

_TO_DELTA = {"residual": RESIDUAL, "output_delta": OUTPUT_DELTA}
_TO_HIDDEN = {"send_back": SEND_BACK, "hidden_delta": HIDDEN_DELTA}
_TO_WEIGHTS = {"weight_gradient": WEIGHT_GRADIENT}


# --- mistakes that are not one of the five steps done wrong -------------------------------


def _delta_truncated(program: Program) -> Mistake:
    return Mistake(
        "delta-truncated",
        Subgoal.OUTPUT_DELTA,
        "Your delta is cut to whole numbers when the targets are integers.",
        "The entries of delta are not whole numbers, whatever the targets are: "
        "np.zeros(Y.shape) holds floats.",
        program.with_(store_delta=lambda delta, Y: delta.astype(Y.dtype)),
        slips=(array_like("Y"),),
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
    """Return the mistake; ``z`` is the position of Z among the arguments, and X comes first."""
    return Mistake(
        "Z-for-X",
        Subgoal.WEIGHT_GRADIENT,
        "You multiply by Z, the output of the hidden layer, instead of by its input X.",
        "A weight's gradient holds what that weight multiplied in the forward pass: alpha "
        "multiplied X.",
        program.with_(given=lambda X, *rest: (rest[z - 1], *rest)),
    )


# --- mistakes in loops --------------------------------------------------------------------

_BY_BETA = loops.Axis("k", "output"), loops.Axis("m", "hidden unit", bias=True)
_BY_ALPHA = loops.Axis("m", "hidden unit"), loops.Axis("l", "input", bias=True)
_THROUGH_K = loops.sum_sent_back()


def _t_for_f(program: Program, t: int) -> Mistake:
    """Return the mistake; ``t`` is the position of T among the arguments, and F comes next."""
    return Mistake(
        "T-for-F",
        Subgoal.RESIDUAL,
        "You compare the targets with T, where the outputs F are due.",
        "T is what g is applied to. What the network answers is F = g(T): the residual is "
        "−2(Y − F).",
        program.with_(given=lambda *given: (*given[: t + 1], given[t], *given[t + 2 :])),
    )


def not_sent_back(program: Program) -> Mistake:
    """Return the mistake of a gradient of alpha made with delta: (K, p+1), one row an output."""
    return Mistake(
        "delta-for-s",
        Subgoal.SEND_BACK,
        "Your gradient is made with delta, which has not been sent back to the hidden layer.",
        "delta belongs to the outputs, so its gradient has a row for each output. Send it back "
        "through beta, times σ′: a row for each hidden unit is wanted.",
        program.with_(
            send_back=lambda delta, beta: delta, hidden_delta=lambda back, A, Z, sigma: back
        ),
        alone=True,
    )


def _with_slopes_of_both(sigma: Activation, g: Activation) -> SimpleNamespace:
    """Return an activation whose slope is the product of both slopes."""
    return SimpleNamespace(derivative=lambda A: sigma.derivative(A) * g.derivative(A))


# --- the mistakes of each equation --------------------------------------------------------


MISTAKES_EQ4 = (
    *wrong_variants(GRAD_BETA, _TO_DELTA | _TO_WEIGHTS),
    _a_for_z(GRAD_BETA),
    _t_for_f(GRAD_BETA, 3),
    _delta_truncated(GRAD_BETA),
    *loops.rows_run_on(
        wrong_variants(GRAD_BETA, {"output_delta": loops.DELTA_NOT_RESET}),
        Slip("+= in place of = where delta is computed", Construct.ADDS),
    ),
    *loops.of_gradient(GRAD_BETA, *_BY_BETA),
)

MISTAKES_EQ5 = (
    *averaged_somewhere(
        wrong_variants(GRAD_ALPHA, _TO_DELTA | _TO_HIDDEN | _TO_WEIGHTS),
        "R, and so none in delta; nor is there one in front of Σ_k",
    ),
    Mistake(
        "activations-swapped",
        Subgoal.HIDDEN_DELTA,
        "You take g′ in the hidden layer, where σ′ is due.",
        "g belongs to T, sigma belongs to A. Use sigma.derivative(A).",
        GRAD_ALPHA.with_(hidden_activation=lambda sigma, g: g),
    ),
    Mistake(
        "sigma-for-g",
        Subgoal.OUTPUT_DELTA,
        "You take σ′ at the output, where g′ is due.",
        "g belongs to T, sigma belongs to A. Use g.derivative(T).",
        GRAD_ALPHA.with_(output_function=lambda g, sigma: sigma),
    ),
    Mistake(
        "g-prime-at-A",
        Subgoal.HIDDEN_DELTA,
        "g′ is taken at A: it stands in the hidden layer, beside σ′, instead of at the output.",
        "g was applied to T, and its slope belongs into delta, before delta is sent back: "
        "−2(Y − F) times g.derivative(T).",
        GRAD_ALPHA.with_(output_delta=lambda D, T, F, g: D, hidden_activation=_with_slopes_of_both),
        alone=True,
    ),
    _z_for_x(GRAD_ALPHA, 3),
    _t_for_f(GRAD_ALPHA, 4),
    not_sent_back(GRAD_ALPHA),
    _delta_truncated(GRAD_ALPHA),
    *wrong_variants(GRAD_ALPHA, {"output_delta": loops.DELTA_NOT_RESET}),
    *loops.of_gradient(GRAD_ALPHA, *_BY_ALPHA, through=_THROUGH_K),
)


def _returned(
    name: str, subgoal: Subgoal, says: str, hint: str, change: Callable[..., Any]
) -> Mistake:
    """Return the mistake of right numbers in a wrong form: ``change(delta, *gradient)``."""
    changed = OUTPUT_DELTA_AND_GRAD_BETA.with_(returned=lambda answer: change(*answer))
    return Mistake(name, subgoal, says, hint, changed)


MISTAKES_EQ6 = (
    *wrong_variants(OUTPUT_DELTA_AND_GRAD_BETA, _TO_DELTA | _TO_WEIGHTS),
    _a_for_z(OUTPUT_DELTA_AND_GRAD_BETA),
    _t_for_f(OUTPUT_DELTA_AND_GRAD_BETA, 3),
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
    *wrong_variants(OUTPUT_DELTA_AND_GRAD_BETA, {"output_delta": loops.DELTA_NOT_RESET}),
    *loops.of_gradient(OUTPUT_DELTA_AND_GRAD_BETA, *_BY_BETA),
    *loops.arrays(
        OUTPUT_DELTA_AND_GRAD_BETA,
        loops.Axis("i", "example"),
        loops.Axis("k", "output"),
        part="delta",
        at=lambda change: {"store_delta": lambda delta, Y: change(delta)},
        subgoal=Subgoal.OUTPUT_DELTA,
        result="The gradient is made of it.",
        missing=False,
    ),
)

MISTAKES_EQ7 = (
    *wrong_variants(GRAD_ALPHA_THROUGH_DELTA, _TO_HIDDEN | _TO_WEIGHTS),
    _z_for_x(GRAD_ALPHA_THROUGH_DELTA, 2),
    *again(GRAD_ALPHA_THROUGH_DELTA, 3),
    not_sent_back(GRAD_ALPHA_THROUGH_DELTA),
    *loops.of_gradient(GRAD_ALPHA_THROUGH_DELTA, *_BY_ALPHA, through=_THROUGH_K),
)
