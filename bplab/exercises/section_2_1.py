"""Exercises of section 2.1: the gradients for an elementwise output, equations (4) to (7)."""

from collections.abc import Callable

from bplab import network
from bplab.exercises import _chains as chains
from bplab.exercises._exercise import Exercise, Mistake, Part, Subgoal
from bplab.exercises._second_opinion import FINITE_DIFFERENCES, by_alpha, by_beta, by_T
from bplab.exercises._steps import RIGHT, wrong_variants
from bplab.exercises._wrong_delta import OUTPUT_DELTA, RESIDUAL
from bplab.exercises._wrong_send_back import HIDDEN_DELTA, SEND_BACK, again
from bplab.exercises._wrong_weight_gradient import WEIGHT_GRADIENT

_TO_DELTA = {"residual": RESIDUAL, "output_delta": OUTPUT_DELTA}
_TO_HIDDEN = {"send_back": SEND_BACK, "hidden_delta": HIDDEN_DELTA}
_TO_WEIGHTS = {"weight_gradient": WEIGHT_GRADIENT}


# --- mistakes that are not a step done wrong ----------------------------------------------


def _truncated_delta(Y, T, F, g):
    delta = RIGHT.output_delta(RIGHT.residual(Y, F), T, F, g)
    return delta.astype(Y.dtype)


def _delta_truncated(wrong: Callable) -> Mistake:
    return Mistake(
        "delta-truncated",
        Subgoal.OUTPUT_DELTA,
        "Your delta is cut to whole numbers when the targets are integers.",
        "zeros_like(Y) is an integer array when Y is one, and cuts off what you store there. "
        "Make the array with np.zeros(Y.shape).",
        wrong,
    )


def _a_for_z(reference: Callable) -> Mistake:
    return Mistake(
        "A-for-Z",
        Subgoal.WEIGHT_GRADIENT,
        "You multiply delta by A, the hidden layer before its activation, instead of by Z.",
        "beta multiplies z = σ(A) in the forward pass, so its gradient holds Z.",
        lambda Y, A, Z, T, F, g: reference(Y, A, A, T, F, g),
    )


def _z_for_x(reference: Callable, x: int, z: int) -> Mistake:
    def wrong(*arguments):
        swapped = list(arguments)
        swapped[x] = arguments[z]
        return reference(*swapped)

    return Mistake(
        "Z-for-X",
        Subgoal.WEIGHT_GRADIENT,
        "You multiply by Z, the output of the hidden layer, instead of by its input X.",
        "A weight's gradient holds what that weight multiplied in the forward pass: alpha "
        "multiplied X.",
        wrong,
    )


_MISTAKES_EQ4 = (
    *wrong_variants(chains.grad_beta, _TO_DELTA | _TO_WEIGHTS),
    _a_for_z(network.grad_beta),
    _delta_truncated(
        lambda Y, A, Z, T, F, g: RIGHT.weight_gradient(_truncated_delta(Y, T, F, g), Z)
    ),
)

_MISTAKES_EQ5 = (
    *wrong_variants(chains.grad_alpha, _TO_DELTA | _TO_HIDDEN | _TO_WEIGHTS),
    Mistake(
        "activations-swapped",
        Subgoal.HIDDEN_DELTA,
        "You take g′ in the hidden layer, where σ′ is due.",
        "g belongs to T, sigma belongs to A. Use sigma.derivative(A).",
        lambda X, Y, A, Z, T, F, beta, sigma, g: chains.grad_alpha_through_delta(
            RIGHT, X, A, Z, RIGHT.output_delta(RIGHT.residual(Y, F), T, F, g), beta, g
        ),
    ),
    _z_for_x(network.grad_alpha, 0, 3),
    _delta_truncated(
        lambda X, Y, A, Z, T, F, beta, sigma, g: chains.grad_alpha_through_delta(
            RIGHT, X, A, Z, _truncated_delta(Y, T, F, g), beta, sigma
        )
    ),
)


_MISTAKES_EQ6 = (
    *wrong_variants(chains.output_delta_and_grad_beta, _TO_DELTA | _TO_WEIGHTS),
    _a_for_z(network.backward_output),
    _delta_truncated(
        lambda Y, A, Z, T, F, g: (
            (delta := _truncated_delta(Y, T, F, g)),
            RIGHT.weight_gradient(delta, Z),
        )
    ),
    Mistake(
        "delta-transposed",
        Subgoal.OUTPUT_DELTA,
        "Your delta is transposed: outputs as rows.",
        "Examples are rows everywhere in this course: delta has shape (N, K), like Y.",
        lambda *a: (network.backward_output(*a)[0].T, network.backward_output(*a)[1]),
    ),
    Mistake(
        "gradient-first",
        Subgoal.CODE,
        "The two parts are in the wrong order.",
        "Return delta first, then grad_beta.",
        lambda *a: network.backward_output(*a)[::-1],
    ),
    Mistake(
        "gradient-missing",
        Subgoal.WEIGHT_GRADIENT,
        "Only delta comes back: the gradient by beta is missing.",
        "Return both: delta and, through it, grad_beta.",
        lambda *a: network.backward_output(*a)[0],
    ),
    Mistake(
        "delta-missing",
        Subgoal.OUTPUT_DELTA,
        "Only the gradient by beta comes back: delta is missing.",
        "Return both: delta and, through it, grad_beta.",
        lambda *a: network.backward_output(*a)[1],
    ),
    Mistake(
        "delta-summed",
        Subgoal.OUTPUT_DELTA,
        "Your delta is summed over the examples; one delta an example is wanted.",
        "δ_ki keeps its example i. The sum over i comes in the gradient, after delta met Z.",
        lambda *a: (
            network.backward_output(*a)[0].sum(axis=0),
            network.backward_output(*a)[1],
        ),
    ),
)

_MISTAKES_EQ7 = (
    *wrong_variants(chains.grad_alpha_through_delta, _TO_HIDDEN | _TO_WEIGHTS),
    _z_for_x(network.backward_hidden, 0, 2),
    *again(network.backward_hidden),
)

EXERCISES = (
    Exercise(
        id="eq4",
        reference=network.grad_beta,
        parts=(Part("grad_beta", "K", "M+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=lambda case: (by_beta(case),),
        mistakes=_MISTAKES_EQ4,
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
        second_opinion=lambda case: (by_alpha(case),),
        mistakes=_MISTAKES_EQ5,
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
        second_opinion=lambda case: (by_T(case), by_beta(case)),
        mistakes=_MISTAKES_EQ6,
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
        second_opinion=lambda case: (by_alpha(case),),
        mistakes=_MISTAKES_EQ7,
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
