"""Exercises of section 3: D hidden layers, equations (14) to (18)."""

from dataclasses import replace

import numpy as np

from bplab import deep, network
from bplab.activations import Activation
from bplab.exercises.section_3.cases import (
    DeepCase,
    LayerCase,
    deep_cases,
    last_hidden_cases,
    output_cases,
)
from bplab.exercises.section_3.mistakes import (
    BACKWARD,
    HIDDEN_DELTA_OF_LAYERS,
    HIDDEN_DELTAS,
    LAYER_STEPS,
    MULTIPLIED,
    RECURSION,
    SEND_DOWN,
    SHAPES_OF_S,
    WRONG_BACKWARD,
    step_down,
)
from bplab.exercises.steps import (
    HIDDEN_DELTA,
    OUTPUT_DELTA,
    RESIDUAL,
    RETURNED,
    SEND_BACK,
    WEIGHT_GRADIENT,
    Array,
    Program,
    Steps,
    Variant,
    again,
    weight_gradient,
    wrong_variants,
)
from bplab.exercises.task import FINITE_DIFFERENCES, Exercise, Mistake, Part, Subgoal
from bplab.gradcheck import numerical_gradient
from bplab.losses import loss
from bplab.risk import Risk

# --- the programs: which steps each equation is made of -----------------------------------


def _eq15(
    steps: Steps, inputs: Array, A: Array, delta: Array, beta: Array, sigma: Activation
) -> Array:
    return weight_gradient(steps, step_down(steps, delta, beta, A, sigma), inputs)


EQ14 = Program(weight_gradient, LAYER_STEPS, LAYER_STEPS)
EQ15 = Program(_eq15, LAYER_STEPS, LAYER_STEPS)
EQ16 = Program(step_down, LAYER_STEPS, LAYER_STEPS)

_FOR_ANY_G = {
    "no-g-prime": None,
    "cross-entropy-shortcut": None,
    "g-prime-at-F": lambda D, T, F, g: g.pull_back(D, F),
    "g-for-g-prime": None,
    "g-prime-twice": lambda D, T, F, g: g.pull_back(g.pull_back(D, T), T),
    "assumes-sigmoid-output": None,
    "assumes-tanh-output": None,
    "one-minus-F": None,
}
_DELTA = tuple(
    replace(
        wrong,
        hint=wrong.hint.replace("g.derivative(T)", "output_delta(Y, T, F, g)"),
        step=_FOR_ANY_G[wrong.name] or wrong.step,
    )
    for wrong in OUTPUT_DELTA
    if wrong.name in _FOR_ANY_G
)

# --- mistakes that are not a step done wrong ----------------------------------------------


_GRADIENT = Subgoal.WEIGHT_GRADIENT

_MISTAKES_EQ14 = (
    *wrong_variants(EQ14, {"weight_gradient": WEIGHT_GRADIENT}),
    Mistake(
        "roles-swapped",
        _GRADIENT,
        "delta and the inputs have changed places.",
        "Unit k's row holds delta_ik times every input. Here each input has a row, and the bias "
        "column sums the inputs.",
        EQ14.with_(given=lambda delta, inputs: (inputs, delta)),
    ),
    Mistake(
        "bias-twice",
        _GRADIENT,
        "The bias column is there twice.",
        "Either sum delta over the examples, or put a column of ones before the inputs: not both.",
        EQ14.with_(stack=lambda bias, weights: np.column_stack([bias, bias, weights])),
    ),
)

_MISTAKES_EQ15 = (
    *wrong_variants(
        EQ15,
        {"send_back": SEND_BACK, "hidden_delta": HIDDEN_DELTA, "weight_gradient": WEIGHT_GRADIENT},
    ),
    *again(EQ15, 2),
    Mistake(
        "own-output-for-inputs",
        _GRADIENT,
        "You multiply by the output of the layer itself instead of by its inputs.",
        f"{MULTIPLIED}the layer's inputs, z^(D−1).",
        EQ15.with_(given=lambda inputs, A, *rest: (rest[-1](A), A, *rest)),
    ),
    Mistake(
        "A-for-inputs",
        _GRADIENT,
        "You multiply by A, the pre-activation of the layer itself, instead of by its inputs.",
        f"{MULTIPLIED}the layer's inputs, z^(D−1).",
        EQ15.with_(given=lambda inputs, A, *rest: (A, A, *rest)),
    ),
    Mistake(
        "delta-for-s",
        Subgoal.SEND_BACK,
        "delta itself is multiplied by the inputs: it has not been sent back to the hidden layer.",
        "delta belongs to the outputs. Send it back through beta and multiply by σ′(A) first.",
        EQ15.with_(send_back=lambda delta, beta: delta, hidden_delta=lambda back, *_: back),
    ),
)

_MISTAKES_EQ16 = (
    *wrong_variants(EQ16, {"send_back": SEND_DOWN, "hidden_delta": HIDDEN_DELTA}),
    *again(EQ16, 0),
    Mistake(
        "sigma-prime-of-what-came-back",
        Subgoal.HIDDEN_DELTA,
        "σ′ is taken at what was sent back, not at the pre-activation A.",
        "In the forward pass σ was applied to A, so its slope is wanted there: "
        "sigma.derivative(A).",
        EQ16.with_(hidden_delta=lambda back, A, Z, sigma: sigma.derivative(back)),
    ),
    *(
        replace(
            mistake,
            wrong=EQ16.with_(returned=lambda s, of=mistake.wrong: of.changed[RETURNED]([s])[0]),
        )
        for mistake in SHAPES_OF_S
        if mistake.name in ("transposed", "examples-summed", "averaged-over-N")
    ),
)

_MISTAKES_EQ17 = (
    *wrong_variants(
        HIDDEN_DELTAS, {"send_back": SEND_DOWN, "hidden_delta": HIDDEN_DELTA_OF_LAYERS}
    ),
    *again(HIDDEN_DELTAS, 0),
    *RECURSION,
    *SHAPES_OF_S,
)


_MISTAKES_EQ18 = (
    *wrong_variants(
        BACKWARD,
        {
            "residual": RESIDUAL,
            "output_delta": _DELTA,
            "send_back": SEND_DOWN,
            "hidden_delta": HIDDEN_DELTA_OF_LAYERS,
            "weight_gradient": tuple(w for w in WEIGHT_GRADIENT if w.name != "bias-apart"),
        },
    ),
    *(
        replace(mistake, wrong=BACKWARD.with_(**mistake.wrong.changed))
        for mistake in RECURSION
        if isinstance(mistake.wrong, Variant)
        and mistake.name != "s-by-division-averaged"  # summed over the examples, all is NaN in both
    ),
    *WRONG_BACKWARD,
)

# --- second opinions ------------------------------------------------------------------------


def _by_a(case: DeepCase, d: int) -> Array | None:
    """Return the gradient of R by the pre-activations of layer d, counted from 0."""

    def R(A: Array) -> float:
        z = case.sigmas[d](A)
        for alpha, sigma in zip(case.alphas[d + 1 :], case.sigmas[d + 1 :], strict=True):
            z = network.hidden(z, alpha, sigma)
        return loss(case.Y, network.output(z, case.beta, case.g)[1])

    return numerical_gradient(R, case.A[d]) if case.smooth else None


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
        second_opinion=lambda case: (_by_beta(case),),
        mistakes=_MISTAKES_EQ14,
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
        second_opinion=lambda case: (_by_weights(case.network)[-2],),
        mistakes=_MISTAKES_EQ15,
        cases=last_hidden_cases,
        hints=(
            "It is equation (7) with other names. What stands in place of X?",
            "Three steps. Send back: (N, K) times (K, M_D), without beta's bias column. Hidden "
            "delta: times σ′ at A, (N, M_D). Weight gradient: with the inputs, (M_D, M_{D-1}+1).",
            "s = (delta @ beta[:, 1:]) * …, then weight_gradient(s, inputs), the function that "
            "you wrote in eq14.",
        ),
    ),
    Exercise(
        id="eq16",
        reference=deep.hidden_delta,
        parts=(Part("s", "N", "M_D"),),
        points=3,
        judge=FINITE_DIFFERENCES,
        second_opinion=lambda case: (_by_a(case.network, case.sizes["D"] - 1),),
        mistakes=_MISTAKES_EQ16,
        cases=last_hidden_cases,
        hints=(
            "It is a part of what you wrote in eq15: everything before the inputs come in.",
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
        second_opinion=lambda case: tuple(_by_a(case, d) for d in range(case.sizes["D"])),
        mistakes=_MISTAKES_EQ17,
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
        second_opinion=_by_weights,
        mistakes=_MISTAKES_EQ18,
        cases=deep_cases,
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
