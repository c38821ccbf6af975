"""Exercises of section 3: D hidden layers, equations (14) to (18)."""

import numpy as np

from bplab import deep, network
from bplab.exercises.section_3.cases import (
    DeepCase,
    LayerCase,
    deep_cases,
    last_hidden_cases,
    output_cases,
)
from bplab.exercises.section_3.mistakes import (
    MISTAKES_EQ14,
    MISTAKES_EQ15,
    MISTAKES_EQ16,
    MISTAKES_EQ17,
    MISTAKES_EQ18,
)
from bplab.exercises.steps import Array
from bplab.exercises.task import (
    FINITE_DIFFERENCES,
    WAYS,
    Exercise,
    Part,
    by_differences_in_rows,
)
from bplab.gradcheck import numerical_gradient
from bplab.losses import loss
from bplab.risk import Risk

# --- second opinions ------------------------------------------------------------------------


def _by_a(case: DeepCase, d: int) -> Array | None:
    """Return the gradient of R with respect to the pre-activations of layer d, counted from 0."""

    def losses(A: Array) -> Array:
        z = case.sigmas[d](A)
        for alpha, sigma in zip(case.alphas[d + 1 :], case.sigmas[d + 1 :], strict=True):
            z = network.hidden(z, alpha, sigma)
        return np.square(case.Y - network.output(z, case.beta, case.g)[1]).sum(axis=1)

    return by_differences_in_rows(losses, case.A[d]) if case.smooth else None


def _by_beta(case: LayerCase) -> Array:
    return numerical_gradient(
        lambda beta: loss(case.network.Y, network.output(case.inputs, beta, case.network.g)[1]),
        np.asarray(case.network.beta, float),
    )


def _by_weights(case: DeepCase) -> tuple[Array | None, ...]:
    weights = tuple(np.asarray(w, float) for w in (*case.alphas, case.beta))
    R = Risk(case.X, case.Y, case.sigmas, case.g)
    *by_alphas, by_beta = numerical_gradient(R, weights, method="central")
    return (*(by_alphas if case.smooth else [None] * len(by_alphas)), by_beta)


EXERCISES = (
    Exercise(
        id="eq14",
        reference=network.weight_gradient,
        parts=(Part("gradient", "K", "M_D+1"),),
        points=2,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=lambda case: (_by_beta(case),),
        mistakes=MISTAKES_EQ14,
        cases=output_cases,
        hints=(
            "You have written this before, inside eq4 and eq6. What did each weight multiply?",
            "The step is the weight gradient. delta has shape (N, K), inputs (N, M): a matrix "
            "product over the examples gives (K, M). The bias multiplies a 1, so its column is "
            "delta summed over the examples, shape (K,).",
            "np.column_stack([…, delta.T @ inputs]), where … is the bias's column: the sum of "
            "delta over the examples.",
        ),
    ),
    Exercise(
        id="eq15",
        reference=deep.grad_last_hidden,
        parts=(Part("gradient", "M_D", "M_{D-1}+1"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=lambda case: (_by_weights(case.network)[-2],),
        mistakes=MISTAKES_EQ15,
        cases=last_hidden_cases,
        hints=(
            "It is equation (7) with other names: s first, then the weight gradient. Which of your "
            "tools gives which, and what stands in place of X?",
            "Three steps. Send back: (N, K) times (K, M_D), without beta's bias column. Hidden "
            "delta: times σ′ at A, (N, M_D). Weight gradient: with the inputs, (M_D, M_{D-1}+1).",
            "s = hidden_delta(…), the function that you wrote in eq16; the weights above are beta. "
            "Then weight_gradient(s, …), of eq14.",
        ),
    ),
    Exercise(
        id="eq16",
        reference=deep.hidden_delta,
        parts=(Part("s", "N", "M_D"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=lambda case: (_by_a(case.network, case.sizes["D"] - 1),),
        mistakes=MISTAKES_EQ16,
        cases=last_hidden_cases,
        hints=(
            "It is a part of your backward_hidden, eq7: everything before the inputs come in.",
            "Two steps. Send back: delta times the weights without their bias column, (N, M_D). "
            "Hidden delta: times the slope of sigma at A, entry by entry.",
            "(delta @ weights[:, …]) * sigma.derivative(A): which columns of the weights?",
        ),
    ),
    Exercise(
        id="eq17",
        reference=deep.hidden_deltas,
        parts=(Part("s", "N", "M_d", layered=True),),
        points=4,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=lambda case: tuple(_by_a(case, d) for d in range(case.sizes["D"])),
        mistakes=MISTAKES_EQ17,
        cases=deep_cases,
        hints=(
            "One step, your hidden_delta, again and again, from the last layer to the first. What "
            "does each step need of the layer above, and what of its own layer?",
            "Layer d, counted from 0, takes delta or s[d + 1] from above, the weights that lead "
            "out of it, alphas[d + 1] or beta, and its own A[d] and sigmas[d]. Walk down from "
            "D − 1 to 0, and mind the order of the list.",
            "weights_above = [*alphas[1:], beta]. Then, for d in reversed(range(len(A))): "
            "delta = hidden_delta(delta, weights_above[d], …, …), and put it at the front of s.",
        ),
    ),
    Exercise(
        id="eq18",
        reference=deep.backward,
        parts=(
            Part("by_alphas", "M_d", "M_{d-1}+1", layered=True),
            Part("by_beta", "K", "M_D+1"),
        ),
        points=4,
        judge=FINITE_DIFFERENCES,
        formula_wanted=True,
        second_opinion=_by_weights,
        mistakes=MISTAKES_EQ18,
        cases=deep_cases,
        ways=WAYS["eq18"],
        hints=(
            "Everything is there. Forward, output delta, all the s, and then a weight gradient for "
            "every layer. What did the weights of layer d multiply?",
            "forward_pass(…) gives A, Z, T, F; output_delta(Y, T, F, g) gives delta, (N, K); "
            "hidden_deltas(…) gives s of each layer. The inputs of the layers are X, Z[0], "
            "Z[1], …, and beta's input is Z[-1].",
            "inputs = [X, *Z[:-1]]; by_alphas = [weight_gradient(s_d, …) for s_d, … in "
            "zip(s, inputs)]; by beta it is weight_gradient(delta, …).",
        ),
    ),
)
