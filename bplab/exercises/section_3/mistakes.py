"""The known mistakes in a pass through many layers, with the words for them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from bplab import deep, layers, network
from bplab.activations import Activation, Output
from bplab.exercises import loops
from bplab.exercises.steps import (
    HIDDEN_DELTA,
    RESIDUAL,
    RETURNED,
    RIGHT,
    SEND_BACK,
    WEIGHT_GRADIENT,
    Array,
    Program,
    Steps,
    Variant,
    WrongStep,
    again,
    each,
    fixed_given,
    fixed_output,
    hidden_delta_steps,
    no_bias_apart,
    output_delta_steps,
    residual,
    weight_gradient,
    wrong_variants,
)
from bplab.exercises.task import Construct, Mistake, Slip, Subgoal, array_like

# --- a step down, in the words of many layers ---------------------------------------------


_SEND_DOWN_WORDS = {
    "beta-not-transposed": (
        "weights-not-transposed",
        "The weights above are used the wrong way round: you multiply with their transpose.",
        "Unit m collects Σ_k s_ki w_km: the sum runs over the rows of the weights, so with "
        "examples as rows it is s @ w[:, 1:]. Your form only runs where the layers are equally "
        "wide.",
    ),
    "bias-column-used": (
        "bias-column-used",
        "The weights sent back are one column off: you use the bias column as a weight.",
        "Column 0 of the weights above holds the biases. The weight of unit m is column m: w[:, "
        "1:].",
    ),
    "bias-sent-back": (
        "bias-sent-back",
        "The bias of the layer above is included in the sum that goes back.",
        "The bias multiplies a constant 1, which depends on nothing below. Only w[:, 1:] sends "
        "something back.",
    ),
    "bias-column-kept": (
        "bias-column-kept",
        "The bias column of the weights above is still there when you send back.",
        "That makes one unit too many. The bias multiplies a constant 1, which depends on nothing "
        "below: send back through w[:, 1:].",
    ),
    "first-output-only": (
        "first-unit-only",
        "Only the first unit of the layer above is sent back.",
        "A hidden unit feeds every unit above it, so Σ_k runs over all of them.",
    ),
    "outputs-averaged": (
        "units-averaged",
        "You average over the units of the layer above instead of summing.",
        "Σ_k in the equation has no 1/K and no 1/M in front of it.",
    ),
    "weights-left-out": (
        "weights-left-out",
        "The weights are left out: every unit gets the plain sum of what is above.",
        "Unit k reaches unit m below it through one weight, so its delta is weighted by it.",
    ),
    "weights-absolute": (
        "weights-absolute",
        "The weights above have lost their sign.",
        "A negative weight sends the opposite message back. Use w[:, 1:] with its signs.",
    ),
    "delta-dropped": (
        "above-dropped",
        "What comes from above is dropped: it does not enter your answer.",
        "s is a product: what is sent back from the layer above, times σ′ of this layer.",
    ),
    "summed-too-early": (
        "summed-too-early",
        "What is sent back is summed over the examples before each has met its own σ′.",
        "Every s keeps its examples. The sum over i comes in the weight gradient.",
    ),
    **{
        f"weights-of-output-{where}": (
            f"weights-of-unit-{where}",
            f"What comes from each unit above meets the weights of the unit {where}.",
            "Unit k of the layer above has column k of what comes from there, and row k of the "
            "weights.",
        )
        for where in ("before", "after")
    },
}

_SEND_DOWN = tuple(
    WrongStep(*_SEND_DOWN_WORDS[wrong.name], wrong.step, wrong.alone, wrong.slips)
    for wrong in SEND_BACK
    if wrong.name in _SEND_DOWN_WORDS
)

_HIDDEN_DELTA_OF_LAYERS = hidden_delta_steps(
    "sigmas[d].derivative(A[d])",
    "sigmas: here there are",
    Slip("an A that its activation has been written into"),
)
"""Mistakes in the hidden delta; a forward pass with ``out=A`` leads to σ′ at Z as well."""


# --- the recursion ------------------------------------------------------------------------


Layers = Sequence[Array]
Sigmas = Sequence[Activation]


def _step_down(steps: Steps, delta: Array, weights: Array, A: Array, sigma: Activation) -> Array:
    """Equation (16), and (17) with s in place of delta: send back, hidden delta."""
    back = steps.send_back(delta, weights)
    return steps.hidden_delta(back, A, steps.activation(sigma, A), sigma)


def _down(steps: Steps, delta: Array, weights: Layers, A: Layers, sigmas: Sigmas) -> Layers:
    """Return s of every layer, from lists of what each layer uses, rightly or wrongly."""
    s: list[Array] = []
    for w, a, sigma in zip(weights[::-1], A[::-1], sigmas[::-1], strict=True):
        delta = _step_down(steps, delta, w, a, sigma)
        s.insert(0, delta)
    return s


def _right(
    steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
) -> Layers:
    return _down(steps, delta, [*alphas[1:], beta], A, sigmas)


_LAYER_STEPS = {**vars(RIGHT), "activation": lambda sigma, A: sigma(A)}

_HIDDEN_DELTAS = Program(
    lambda steps, delta, *rest: steps.collect(steps.recursion(steps, delta, *rest), delta),
    {**_LAYER_STEPS, "recursion": _right, "collect": lambda s, delta: s},
    _LAYER_STEPS,
)
"""Equation (17): s of every layer."""


def _below(layers: Sequence[Any]) -> list[Any]:
    return [layers[d - 1] for d in range(len(layers))]  # layers[-1] where there is none below


def _above(layers: Sequence[Any]) -> list[Any]:
    return [*layers[1:], layers[-1]]


def _recursion(recursion: Callable[..., Layers]) -> Variant:
    return _HIDDEN_DELTAS.with_(recursion=recursion)


def _other(change: Callable[..., Any], which: str) -> Variant:
    """Return the recursion with values of a wrong layer.

    ``which`` says which ones: ``"weights"``, ``"A"``, ``"sigmas"`` or ``"A sigmas"``.
    """

    def wrong(
        steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
    ) -> Layers:
        if which == "weights":
            return _down(steps, delta, change(alphas, beta), A, sigmas)
        A = change(A) if "A" in which else A
        sigmas = change(sigmas) if "sigmas" in which else sigmas
        return _down(steps, delta, [*alphas[1:], beta], A, sigmas)

    return _recursion(wrong)


def _collected(change: Callable[[Layers], object]) -> Variant:
    """Return the recursion with right s of every layer in a wrong form."""
    return _HIDDEN_DELTAS.with_(returned=change)


def _delta_sent_down(
    steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
) -> Layers:
    layers = zip([*alphas[1:], beta], A, sigmas, strict=True)
    return [_step_down(steps, delta, *layer) for layer in layers]


def _last_s_sent_down(
    steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
) -> Layers:
    """Compute every layer's s from that of the last layer, not from the layer above."""
    last = _step_down(steps, delta, beta, A[-1], sigmas[-1])
    layers = zip(alphas[1:], A, sigmas, strict=False)
    below = [_step_down(steps, last, *layer) for layer in [*layers][::-1]]
    return [*below[::-1], last]


def _last_s_kept(steps: Steps, *given: Any) -> Layers:
    """Do the same, and collect s of the last layer for every layer."""
    return [_last_s_sent_down(steps, *given)[-1]] * len(given[1])


def _back_sent_down(
    steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
) -> Layers:
    s: list[Array] = []
    for w, a, sigma in zip([beta, *alphas[:0:-1]], A[::-1], sigmas[::-1], strict=True):
        delta = steps.send_back(delta, w)
        s.insert(0, steps.hidden_delta(delta, a, steps.activation(sigma, a), sigma))
    return s


def _with_slopes(slope: Callable[..., Array]) -> Variant:
    """Return the recursion with ``slope(d, D, back, s, z)`` as hidden delta, d counted from 1."""

    def wrong(
        steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
    ) -> Layers:
        D = len(A)
        s: list[Array] = []
        for d, w in zip(range(D, 0, -1), [beta, *alphas[:0:-1]], strict=True):
            back, a, sigma = steps.send_back(delta, w), A[d - 1], sigmas[d - 1]
            z = steps.activation(sigma, a)
            delta = slope(d, D, back, steps.hidden_delta(back, a, z, sigma), z)
            s.insert(0, delta)
        return s

    return _recursion(wrong)


def _by_division(pick: Callable[[Array], Array]) -> Variant:
    """Return the recursion printed after (17): s of the layer above is a gradient divided by z.

    ``pick`` takes the quotients of all units l, and chooses one or takes their mean.
    """

    def wrong(
        steps: Steps, delta: Array, alphas: Layers, beta: Array, A: Layers, sigmas: Sigmas
    ) -> Layers:
        s = [_step_down(steps, delta, beta, A[-1], sigmas[-1])]
        for d in range(len(A) - 2, -1, -1):
            z = sigmas[d](A[d])[:, None, :]
            quotient = pick(s[0][:, :, None] * z / z)
            s.insert(0, _step_down(steps, quotient, alphas[d + 1], A[d], sigmas[d]))
        return s

    return _recursion(wrong)


_HIDDEN, _BACK = Subgoal.HIDDEN_DELTA, Subgoal.SEND_BACK
_GRADIENT, _CODE = Subgoal.WEIGHT_GRADIENT, Subgoal.CODE
_NAN_WHERE_OFF = "NaN comes up where {} is off in an example, so that its z is 0."
_DIVISION = (
    "The paper prints s as a gradient divided by z after (17): that is 0/0 = NaN wherever a ReLU "
    "unit is off. There is nothing to divide: keep s from the step before."
)
_DIVIDED = (Slip("s of the layer above taken as a gradient divided by z"),)

_TO_INDEX_0 = (
    "In the paper (17) ends at d = 2 and (18) does the first layer. In code the same step does "
    "both, down to the layer with index 0."
)
_STOPS_EARLY = (
    Slip("a loop that stops before layer 0: range(start, -1, -1) reaches it", Construct.LOOP),
)

_RECURSION = (
    Mistake(
        "own-weights",
        _BACK,
        "Every layer sends back through its own weights, not through those of the layer above.",
        "alphas[d] leads into layer d. What comes back to layer d comes through the weights that "
        "lead out of it: alphas[d + 1], or beta for the last.",
        _other(lambda alphas, beta: alphas, "weights"),
    ),
    Mistake(
        "own-weights-between",
        _BACK,
        "Below the last hidden layer the weights are those of the layer itself: off by one.",
        "In (17) s^(d+1) meets α^(d+1). With Python's counting s[d + 1] goes with alphas[d + 1].",
        _other(lambda alphas, beta: [*alphas[:-1], beta], "weights"),
    ),
    Mistake(
        "alpha-for-beta",
        _BACK,
        "At the last hidden layer you use alphas[-1] where beta is due.",
        "Above the last hidden layer are the outputs, and the weights that lead to them are beta.",
        _other(lambda alphas, beta: [*alphas[1:], alphas[-1]], "weights"),
    ),
    Mistake(
        "beta-everywhere",
        _BACK,
        "You send back through beta at every layer.",
        "beta leads out of the last hidden layer only. Between hidden layers it is alphas[d + 1].",
        _other(lambda alphas, beta: [beta] * len(alphas), "weights"),
    ),
    Mistake(
        "A-of-layer-below",
        _HIDDEN,
        "σ′ is taken at the A of another layer: one too low.",
        "A[d - 1] belongs to the layer below, and A[-1] to the last one. σ^(d)′ is due at A[d].",
        _other(_below, "A"),
    ),
    Mistake(
        "A-of-layer-above",
        _HIDDEN,
        "σ′ is taken at the A of another layer: one too high.",
        "s[d + 1] comes from the layer above, but σ^(d)′ belongs to this one: A[d].",
        _other(_above, "A"),
    ),
    Mistake(
        "A-of-last-layer",
        _HIDDEN,
        "σ′ is taken at the A of the last hidden layer, in every layer.",
        "Each layer has an A of its own, A[d].",
        _other(lambda A: [A[-1]] * len(A), "A"),
        slips=(
            Slip("an index that is missing"),
            Slip("one A for all layers, which a loop writes over", Construct.LOOP),
        ),
    ),
    Mistake(
        "sigma-of-layer-below",
        _HIDDEN,
        "Each layer takes the σ′ of the layer below it, and the first that of the last.",
        "sigmas[d - 1] belongs to the layer below, and sigmas[-1] to the last one.",
        _other(_below, "sigmas"),
    ),
    Mistake(
        "sigma-of-layer-above",
        _HIDDEN,
        "Each layer takes the σ′ of the layer above it.",
        "s[d + 1] comes from the layer above, but σ^(d) belongs to this one: sigmas[d].",
        _other(_above, "sigmas"),
    ),
    Mistake(
        "sigma-of-first-layer",
        _HIDDEN,
        "Every layer takes the σ′ of the first one.",
        "Layers may have different activations. Layer d has sigmas[d].",
        _other(lambda sigmas: [sigmas[0]] * len(sigmas), "sigmas"),
    ),
    Mistake(
        "sigma-of-last-layer",
        _HIDDEN,
        "Every layer takes the σ′ of the last one.",
        "Layers may have different activations. Layer d has sigmas[d].",
        _other(lambda sigmas: [sigmas[-1]] * len(sigmas), "sigmas"),
    ),
    Mistake(
        "sigmas-not-reversed",
        _HIDDEN,
        "You walk down through the layers, but up through the activations.",
        "Reverse sigmas together with everything else, or index it: sigmas[d].",
        _other(lambda sigmas: sigmas[::-1], "sigmas"),
    ),
    Mistake(
        "derivative-of-layer-below",
        _HIDDEN,
        "σ and A are both those of another layer: one too low.",
        "Layer d wants sigmas[d].derivative(A[d]), with the d of the s that you compute.",
        _other(_below, "A sigmas"),
    ),
    Mistake(
        "derivative-of-layer-above",
        _HIDDEN,
        "σ and A are both those of another layer: one too high.",
        "Layer d wants sigmas[d].derivative(A[d]), with the d of the s that you compute.",
        _other(_above, "A sigmas"),
    ),
    Mistake(
        "delta-sent-down",
        _BACK,
        "delta is sent down at every layer, where the s of the layer above is due.",
        "Only the last hidden layer hears from the outputs. Each layer below hears from the one "
        "above it: in (17) it is s^(d+1) that is sent back.",
        _recursion(_delta_sent_down),
    ),
    *(
        Mistake(
            name,
            _BACK,
            "On the way down s stays that of the last hidden layer: no step starts from the one "
            f"before it{more}.",
            "In (17) it is s^(d+1) that is sent back: what was computed last, in every step.",
            _recursion(recursion),
            alone=True,
        )
        for name, more, recursion in (
            ("s-not-updated", "", _last_s_sent_down),
            ("s-not-updated-nor-kept", ", and that s is all that you collect", _last_s_kept),
        )
    ),
    Mistake(
        "back-sent-down",
        _HIDDEN,
        "What you send on to the layer below has not been multiplied by σ′.",
        "Your s of each layer has its own σ′, but the next one starts from what came before it. "
        "Send s itself down.",
        _recursion(_back_sent_down),
    ),
    Mistake(
        "sigma-prime-last-only",
        _HIDDEN,
        "Only at the last hidden layer do you multiply by σ′.",
        "On the way down a path goes through an activation in every layer: each gives a σ′.",
        _with_slopes(lambda d, D, back, s, z: s if d == D else back),
    ),
    Mistake(
        "no-sigma-prime-last",
        _HIDDEN,
        "σ′ is missing at the last hidden layer.",
        "On the way down a path goes through an activation in every layer, also in the last.",
        _with_slopes(lambda d, D, back, s, z: s if d < D else back),
    ),
    Mistake(
        "activation-at-first-layer",
        _HIDDEN,
        "At the first hidden layer you multiply by σ instead of by σ′.",
        "The line after (18) calls (σ^(1))′ the activation function. It is its derivative, as in "
        "every other layer.",
        _with_slopes(lambda d, D, back, s, z: s if d > 1 else back * z),
    ),
    Mistake(
        "two-each-layer",
        _BACK,
        "A factor 2 comes in at every layer.",
        "The 2 comes from the square in the loss, once, and is in delta already.",
        _with_slopes(lambda d, D, back, s, z: 2 * s),
    ),
    Mistake(
        "sign-each-layer",
        _BACK,
        "The sign is flipped at every layer.",
        "The minus comes from y − f in the loss, once, and is in delta already.",
        _with_slopes(lambda d, D, back, s, z: -s),
    ),
    Mistake(
        "s-by-division",
        _BACK,
        _NAN_WHERE_OFF.format("the first unit of a layer"),
        _DIVISION,
        _by_division(lambda quotients: quotients[:, :, 0]),
        slips=_DIVIDED,
        because="It is 0/0 there, as in a gradient divided by z.",
    ),
    Mistake(
        "s-by-division-averaged",
        _BACK,
        _NAN_WHERE_OFF.format("a unit of a layer"),
        _DIVISION,
        _by_division(lambda quotients: quotients.mean(axis=2)),
        slips=_DIVIDED,
        because="It is 0/0 there, as in a gradient divided by z.",
    ),
    Mistake(
        "s-reversed",
        _CODE,
        "The layers come in reverse order.",
        "The recursion finds the last layer first. Turn the list round before you go on: s[0] "
        "belongs to the first hidden layer.",
        _HIDDEN_DELTAS.with_(collect=lambda s, delta: s[::-1]),
    ),
)
"""Mistakes in the recursion, as mistakes of `bplab.deep.hidden_deltas`."""

_SHAPES_OF_S = (
    Mistake(
        "same-s",
        _BACK,
        "You return the s of the last hidden layer for every layer.",
        "Each layer has an s of its own, found from the one above it by (17).",
        _collected(lambda s: [s[-1]] * len(s)),
    ),
    Mistake(
        "first-layer-missing",
        _CODE,
        "The first hidden layer is missing.",
        _TO_INDEX_0,
        _collected(lambda s: s[1:]),
        slips=_STOPS_EARLY,
    ),
    Mistake(
        "first-layer-missing-below",
        _CODE,
        "The first hidden layer is missing where there are two or more.",
        _TO_INDEX_0,
        _collected(lambda s: s[1:] if len(s) > 1 else s),
        alone=True,
        slips=_STOPS_EARLY,
    ),
    Mistake(
        "last-layer-missing",
        _CODE,
        "The last hidden layer is missing from what you return.",
        "The recursion starts with s^(D), from delta and beta: that one belongs into the list too.",
        _collected(lambda s: s[:-1]),
    ),
    Mistake(
        "first-step-only",
        _CODE,
        "Only the last hidden layer comes back.",
        "That is (16). From there (17) goes down to the first layer: one s for each of them.",
        _collected(lambda s: s[-1:]),
    ),
    Mistake(
        "s-not-collected",
        _CODE,
        "Only the first hidden layer comes back.",
        "Keep every s on the way down, in a list, and return the list.",
        _collected(lambda s: s[:1]),
    ),
    Mistake(
        "delta-in-the-list",
        _CODE,
        "delta is in the list as well; only the hidden layers belong there.",
        "Start the list with s^(D), or leave out its last item.",
        _HIDDEN_DELTAS.with_(collect=lambda s, delta: [*s, delta]),
    ),
    Mistake(
        "nothing-for-one-layer",
        _CODE,
        "For a single hidden layer you return nothing.",
        "For D = 1 the recursion has no step to do, but (16) still gives s of the only layer.",
        _collected(lambda s: s if len(s) > 1 else []),
    ),
    Mistake(
        "transposed",
        _CODE,
        "Each s is transposed: units as rows.",
        "The paper writes s_mi, but examples are rows everywhere in this course: (N, M_d), like A.",
        _collected(lambda s: [array.T for array in s]),
    ),
    Mistake(
        "examples-summed",
        Subgoal.WEIGHT_GRADIENT,
        "Each s is summed over the examples; one row an example is wanted.",
        "s_mi keeps its example i. The sum over i comes in the weight gradient, after s met z.",
        _collected(lambda s: [array.sum(axis=0) for array in s]),
    ),
    Mistake(
        "averaged-over-N",
        Subgoal.WEIGHT_GRADIENT,
        "Each s is divided by the number of examples.",
        "R(θ) in equation (1) is a sum over the examples: no 1/N, here or later.",
        _collected(lambda s: [array / len(array) for array in s]),
    ),
)
"""Right s of every layer in a wrong form, as mistakes of `bplab.deep.hidden_deltas`."""


# --- the whole pass, once every s is right ------------------------------------------------

_MULTIPLIED = "A weight's gradient holds what that weight multiplied in the forward pass: "


def _backward(
    steps: Steps, X: Array, Y: Array, alphas: Layers, beta: Array, sigmas: Sigmas, g: Output
) -> Any:
    """Equation (18), from the steps of section 2.1, the recursion and the pieces below."""
    A, Z, T, F = steps.forward(X, alphas, beta, sigmas, g)
    delta = steps.output_delta(residual(steps, Y, F), T, F, steps.output_function(g, sigmas))
    slopes = steps.hidden_activations(sigmas, g)
    s = steps.collect(steps.recursion(steps, delta, alphas, beta, A, slopes), delta)
    by_layer, by_last = steps.inputs(X, A, Z)
    by_alphas = [weight_gradient(steps, *pair) for pair in zip(s, by_layer, strict=True)]
    return steps.store(by_alphas, weight_gradient(steps, delta, by_last), alphas, beta)


_BACKWARD = Program(
    _backward,
    {
        **_HIDDEN_DELTAS.right,
        "forward": deep.forward,
        # the functions whose derivatives are taken
        "output_function": lambda g, sigmas: g,
        "hidden_activations": lambda sigmas, g: sigmas,
        # what each hidden layer's weights multiplied, and what beta multiplied
        "inputs": lambda X, A, Z: ((X, *Z[:-1]), Z[-1]),
        "store": lambda by_alphas, by_beta, alphas, beta: (by_alphas, by_beta),
    },
    (*_HIDDEN_DELTAS.pure, "forward"),
)
"""Equation (18): `bplab.deep.backward`."""


def _inputs(inputs: Callable[..., object]) -> Variant:
    return _BACKWARD.with_(inputs=inputs)


def _returns(change: Callable[[list[Array], Array], object]) -> Variant:
    """Return the pass with right gradients in a wrong form."""
    return _BACKWARD.with_(returned=lambda answer: change(*answer))


def _each_layer_fed_with_x(
    X: Array, alphas: Layers, beta: Array, sigmas: Sigmas, g: Output
) -> tuple[Layers, Layers, Array, Array]:
    A = [layers.affine(X, alpha) for alpha in alphas]
    Z = [sigma(a) for sigma, a in zip(sigmas, A, strict=True)]
    return A, Z, *network.output(Z[-1], beta, g)


def _forward_with_one_sigma(
    d: int, X: Array, alphas: Layers, beta: Array, sigmas: Sigmas, g: Output
) -> layers.Forward:
    return deep.forward(X, alphas, beta, [sigmas[d]] * len(sigmas), g)


def _one_sigma_given(d: int, X: Array, Y: Array, *rest: Any) -> tuple[Any, ...]:
    alphas, beta, sigmas, g = rest
    return X, Y, alphas, beta, [sigmas[d]] * len(sigmas), g


def _stored_like_weights(
    by_alphas: Layers, by_beta: Array, alphas: Layers, beta: Array
) -> tuple[Layers, Array]:
    stored = [by_alpha.astype(a.dtype) for by_alpha, a in zip(by_alphas, alphas, strict=True)]
    return stored, by_beta.astype(beta.dtype)


_BY_BOTH = (
    "Return both: a list of the gradients with respect to the alphas, and the gradient with "
    "respect to beta."
)

_WRONG_BACKWARD = (
    Mistake(
        "X-for-every-layer",
        _GRADIENT,
        "You multiply by X in every layer.",
        f"{_MULTIPLIED}X in the first layer only, Z of the layer below in the others.",
        _inputs(lambda X, A, Z: ([X] * len(Z), Z[-1])),
    ),
    Mistake(
        "every-layer-fed-with-X",
        Subgoal.FORWARD,
        "Your forward pass feeds every layer with X.",
        "So the paper prints Z^(d) in section 3. Layer d is fed with Z^(d−1), the output of the "
        "layer below.",
        _BACKWARD.with_(
            forward=_each_layer_fed_with_x, inputs=lambda X, A, Z: ([X] * len(Z), Z[-1])
        ),
    ),
    Mistake(
        "own-Z-for-inputs",
        _GRADIENT,
        "You multiply by the Z of the layer itself instead of by that of the layer below.",
        f"{_MULTIPLIED}X in the first layer, then Z of the layer below. Pair s with [X, *Z].",
        _inputs(lambda X, A, Z: (Z, Z[-1])),
    ),
    Mistake(
        "A-for-Z",
        _GRADIENT,
        "You multiply by A of the layer below, before its activation, instead of by its Z.",
        f"{_MULTIPLIED}z = σ(A).",
        _inputs(lambda X, A, Z: ((X, *A[:-1]), A[-1])),
    ),
    Mistake(
        "inputs-reversed",
        _GRADIENT,
        "s and the inputs that it multiplies run through the layers in opposite directions.",
        "Layer d's s belongs to Z of layer d − 1. Turn one of the two lists round.",
        _inputs(lambda X, A, Z: ((X, *Z[:-1])[::-1], Z[-1])),
    ),
    Mistake(
        "beta-with-Z-below",
        _GRADIENT,
        "The gradient with respect to beta takes its Z one layer too low.",
        "beta multiplies the output of the last hidden layer: Z[-1].",
        _inputs(lambda X, A, Z: ((X, *Z[:-1]), (X, *Z)[-2])),
    ),
    Mistake(
        "beta-with-first-Z",
        _GRADIENT,
        "The gradient with respect to beta takes the Z of the first hidden layer.",
        "beta multiplies the output of the last hidden layer: Z[-1].",
        _inputs(lambda X, A, Z: ((X, *Z[:-1]), Z[0])),
    ),
    Mistake(
        "delta-for-s",
        Subgoal.SEND_BACK,
        "Every layer's gradient is made with delta, which has not been sent back.",
        "delta belongs to the outputs. Each hidden layer has an s of its own.",
        _BACKWARD.with_(recursion=lambda steps, delta, alphas, *rest: [delta] * len(alphas)),
    ),
    Mistake(
        "s-returned",
        _GRADIENT,
        "You return s and delta themselves; the weights' gradients are still to be made.",
        "A weight gradient is s times what the weights multiplied, summed over the examples.",
        _BACKWARD.with_(**no_bias_apart(lambda delta, inputs: delta)),
    ),
    Mistake(
        "sigma-for-g",
        Subgoal.OUTPUT_DELTA,
        "You take σ′ at the output, that of the last hidden layer, where g's derivative is due.",
        "g belongs to T, each of the sigmas to its own A. Use output_delta(Y, T, F, g).",
        _BACKWARD.with_(output_function=lambda g, sigmas: sigmas[-1]),
    ),
    Mistake(
        "activations-swapped",
        _HIDDEN,
        "You take g′ in the hidden layers, where σ′ is due.",
        "g belongs to T, each of the sigmas to its own A. Use sigmas[d].derivative(A[d]).",
        _BACKWARD.with_(hidden_activations=lambda sigmas, g: [g] * len(sigmas)),
    ),
    *(
        Mistake(
            f"{which}-sigma-forward{both}",
            Subgoal.FORWARD,
            f"Your forward pass uses the σ of the {which} hidden layer in every layer{says}.",
            "Layers may have different activations. Layer d has sigmas[d].",
            wrong,
            alone=True,
        )
        for which, d in (("first", 0), ("last", -1))
        for both, says, wrong in (
            ("", "", _BACKWARD.with_(forward=partial(_forward_with_one_sigma, d))),
            (
                "-and-back",
                ", and so does the way back",
                _BACKWARD.with_(given=partial(_one_sigma_given, d)),
            ),
        )
    ),
    *fixed_given(
        *(_BACKWARD, "sigmas", "every σ"),
        lambda fixed, X, Y, alphas, beta, sigmas, g: (X, Y, alphas, beta, [fixed] * len(sigmas), g),
    ),
    *fixed_given(_BACKWARD, "g", "g", lambda fixed, *given: (*given[:-1], fixed)),
    Mistake(
        "gradients-truncated",
        _CODE,
        "Your gradients are cut to whole numbers when the weights are integers.",
        "Gradients are no whole numbers, whatever the weights are: np.zeros(alpha.shape) holds "
        "floats.",
        _BACKWARD.with_(store=_stored_like_weights),
        slips=(array_like("alpha"),),
    ),
    Mistake(
        "gradients-reversed",
        _CODE,
        "The gradients with respect to the alphas come in reverse order.",
        "The way down meets the last layer first. Turn the list round before you return it.",
        _returns(lambda by_alphas, by_beta: (by_alphas[::-1], by_beta)),
    ),
    Mistake(
        "first-layer-missing",
        _CODE,
        "The gradient of the first hidden layer is missing.",
        _TO_INDEX_0,
        _returns(lambda by_alphas, by_beta: (by_alphas[1:], by_beta)),
        slips=_STOPS_EARLY,
    ),
    Mistake(
        "last-layer-missing",
        _CODE,
        "The gradient of the last hidden layer is missing.",
        "(15) and (16) give it, from delta and beta, before the recursion begins.",
        _returns(lambda by_alphas, by_beta: (by_alphas[:-1], by_beta)),
    ),
    Mistake(
        "nothing-for-one-layer",
        _CODE,
        "For a single hidden layer you return no gradient for alpha.",
        "For D = 1 there is no (17) and no (18), but (16) still gives the only layer's gradient.",
        _returns(lambda by_alphas, by_beta: (by_alphas if len(by_alphas) > 1 else [], by_beta)),
    ),
    Mistake(
        "beta-missing",
        _CODE,
        "Only the gradients with respect to the alphas come back.",
        _BY_BOTH,
        _returns(lambda by_alphas, by_beta: by_alphas),
    ),
    Mistake(
        "alphas-missing",
        _CODE,
        "Only the gradient with respect to beta comes back.",
        _BY_BOTH,
        _returns(lambda by_alphas, by_beta: by_beta),
    ),
    Mistake(
        "beta-first",
        _CODE,
        "The two parts are in the wrong order.",
        "Return the gradients with respect to the alphas first, then that with respect to beta.",
        _returns(lambda by_alphas, by_beta: (by_beta, by_alphas)),
    ),
)
"""Mistakes of `bplab.deep.backward` that are neither in a step nor in the recursion."""


# --- an output delta for any g ------------------------------------------------------------

_FOR_ANY_G = {
    "no-g-prime": None,
    "cross-entropy-shortcut": None,
    "g-prime-at-F": lambda D, T, F, g: g.pull_back(D, F),
    "g-for-g-prime": None,
    "g-prime-twice": lambda D, T, F, g: g.pull_back(g.pull_back(D, T), T),
    "assumes-sigmoid-output": None,
    "assumes-tanh-output": None,
    "one-minus-F": None,
    "softmax-for-g": None,
    "assumes-softmax-output": None,
    **{wrong.name: None for wrong in fixed_output("")},
    "sigmoid-of-T-for-F": None,
    "tanh-of-T-for-F": None,
    "g-of-F-for-F": lambda D, T, F, g: g.pull_back(D + 2 * (g(F) - F), T),
}
_DELTA = tuple(
    replace(wrong, step=_FOR_ANY_G[wrong.name] or wrong.step)
    for wrong in output_delta_steps("output_delta(Y, T, F, g)")
    if wrong.name in _FOR_ANY_G
)


# --- the programs: which steps each equation is made of -----------------------------------


def _eq14(steps: Steps, delta: Array, inputs: Array) -> Any:
    return steps.store(weight_gradient(steps, delta, inputs), inputs)


def _eq15(
    steps: Steps, inputs: Array, A: Array, delta: Array, beta: Array, sigma: Activation
) -> Any:
    return _eq14(steps, _step_down(steps, delta, beta, A, sigma), inputs)


_GRADIENT_STEPS = {**_LAYER_STEPS, "store": lambda gradient, inputs: gradient}
_EQ14 = Program(_eq14, _GRADIENT_STEPS, _GRADIENT_STEPS)
_EQ15 = Program(_eq15, _GRADIENT_STEPS, _GRADIENT_STEPS)
_EQ16 = Program(_step_down, _LAYER_STEPS, _LAYER_STEPS)

# --- the loops of each equation -----------------------------------------------------------

_THROUGH_OUTPUTS = loops.sum_sent_back()
_THROUGH_UNITS = loops.sum_sent_back("unit of the layer above")
_UNITS, _INPUTS = loops.Axis("m", "hidden unit"), loops.Axis("l", "input", bias=True)
_S = loops.Axis("i", "example"), _UNITS


def _into_hidden_delta(change: Callable[[Array], Array]) -> dict[str, Callable[..., Any]]:
    return {"hidden_delta": lambda back, A, Z, sigma: change(back * sigma.derivative(A))}


def _first_layer_zero(s: Layers, delta: Array) -> Layers:
    return [np.zeros_like(s[0]), *s[1:]]


_FIRST_LAYER_ZERO = "The array of the first hidden layer is all zeros."


def _stored_like_inputs(program: Program) -> Mistake:
    return Mistake(
        "integers-truncated",
        _CODE,
        "Your gradient is cut to whole numbers when the inputs are integers.",
        "Gradients are no whole numbers, whatever the inputs are: np.zeros(shape) holds floats.",
        program.with_(
            store=lambda gradient, inputs: each(gradient, lambda a: a.astype(inputs.dtype))
        ),
        slips=(array_like("inputs", "zeros_like({0}) or with {0}.dtype"),),
    )


# --- the mistakes of each equation --------------------------------------------------------

MISTAKES_EQ14 = (
    *wrong_variants(_EQ14, {"weight_gradient": WEIGHT_GRADIENT}),
    Mistake(
        "roles-swapped",
        _GRADIENT,
        "delta and the inputs have changed places.",
        "Unit k's row holds delta_ik times every input. Here each input has a row, and the bias "
        "column sums the inputs.",
        _EQ14.with_(given=lambda delta, inputs: (inputs, delta)),
    ),
    Mistake(
        "bias-twice",
        _GRADIENT,
        "The bias column is there twice.",
        "Either sum delta over the examples, or put a column of ones before the inputs: not both.",
        _EQ14.with_(stack=lambda bias, weights: np.column_stack([bias, bias, weights])),
    ),
    _stored_like_inputs(_EQ14),
    *loops.of_gradient(
        _EQ14,
        loops.Axis("k", "output"),
        loops.Axis("m", "hidden unit", bias=True),
        sizes={"inputs": "NM"},
    ),
)

MISTAKES_EQ15 = (
    *wrong_variants(
        _EQ15,
        {"send_back": SEND_BACK, "hidden_delta": HIDDEN_DELTA, "weight_gradient": WEIGHT_GRADIENT},
    ),
    *again(_EQ15, 2),
    Mistake(
        "own-output-for-inputs",
        _GRADIENT,
        "You multiply by the output of the layer itself instead of by its inputs.",
        f"{_MULTIPLIED}the layer's inputs, z^(D−1).",
        _EQ15.with_(given=lambda inputs, A, *rest: (rest[-1](A), A, *rest)),
    ),
    Mistake(
        "A-for-inputs",
        _GRADIENT,
        "You multiply by A, the pre-activation of the layer itself, instead of by its inputs.",
        f"{_MULTIPLIED}the layer's inputs, z^(D−1).",
        _EQ15.with_(given=lambda inputs, A, *rest: (A, A, *rest)),
    ),
    Mistake(
        "delta-for-s",
        Subgoal.SEND_BACK,
        "delta itself is multiplied by the inputs: it has not been sent back to the hidden layer.",
        "delta belongs to the outputs. Send it back through beta and multiply by σ′(A) first.",
        _EQ15.with_(send_back=lambda delta, beta: delta, hidden_delta=lambda back, *_: back),
    ),
    _stored_like_inputs(_EQ15),
    *loops.of_gradient(_EQ15, _UNITS, _INPUTS, through=_THROUGH_OUTPUTS),
)

MISTAKES_EQ16 = (
    *wrong_variants(_EQ16, {"send_back": _SEND_DOWN, "hidden_delta": HIDDEN_DELTA}),
    *again(_EQ16, 0),
    Mistake(
        "sigma-prime-of-what-came-back",
        Subgoal.HIDDEN_DELTA,
        "σ′ is taken at what was sent back, not at the pre-activation A.",
        "In the forward pass σ was applied to A, so its slope is wanted there: "
        "sigma.derivative(A).",
        _EQ16.with_(hidden_delta=lambda back, A, Z, sigma: sigma.derivative(back)),
    ),
    *(
        replace(
            mistake,
            wrong=_EQ16.with_(returned=lambda s, of=mistake.wrong: of.changed[RETURNED]([s])[0]),
        )
        for mistake in _SHAPES_OF_S
        if mistake.name in ("transposed", "examples-summed", "averaged-over-N")
    ),
    *loops.sums(_EQ16, _THROUGH_OUTPUTS),
    *loops.until_other(_EQ16, "k", Subgoal.SEND_BACK, _THROUGH_OUTPUTS.pieces),
    *wrong_variants(_EQ16, {"send_back": loops.SENT_BACK}),
    *loops.arrays(_EQ16, *_S, subgoal=Subgoal.HIDDEN_DELTA),
)

MISTAKES_EQ17 = (
    *wrong_variants(
        _HIDDEN_DELTAS, {"send_back": _SEND_DOWN, "hidden_delta": _HIDDEN_DELTA_OF_LAYERS}
    ),
    *again(_HIDDEN_DELTAS, 0),
    *_RECURSION,
    *_SHAPES_OF_S,
    *loops.sums(_HIDDEN_DELTAS, _THROUGH_UNITS),
    *wrong_variants(_HIDDEN_DELTAS, {"send_back": loops.SENT_BACK}),
    *loops.arrays(
        _HIDDEN_DELTAS,
        *_S,
        part="each-s",
        at=_into_hidden_delta,
        subgoal=Subgoal.HIDDEN_DELTA,
        missing=False,
    ),
    Mistake(
        "first-layer-zero",
        _CODE,
        _FIRST_LAYER_ZERO,
        _TO_INDEX_0,
        _HIDDEN_DELTAS.with_(collect=_first_layer_zero),
        alone=True,
        slips=_STOPS_EARLY,
    ),
)


MISTAKES_EQ18 = (
    *wrong_variants(
        _BACKWARD,
        {
            "residual": RESIDUAL,
            "output_delta": _DELTA,
            "send_back": _SEND_DOWN,
            "hidden_delta": _HIDDEN_DELTA_OF_LAYERS,
            "weight_gradient": tuple(w for w in WEIGHT_GRADIENT if w.name != "bias-apart"),
        },
    ),
    *(
        replace(mistake, wrong=_BACKWARD.with_(**mistake.wrong.changed))
        for mistake in _RECURSION
        if isinstance(mistake.wrong, Variant)
        # both divisions give nothing but NaN when they are summed over the examples
        and mistake.name != "s-by-division-averaged"
    ),
    *_WRONG_BACKWARD,
    *(
        replace(mistake, alone=True)
        for mistake in loops.of_gradient(
            _BACKWARD, _UNITS, _INPUTS, through=_THROUGH_UNITS, sizes={"X": "", "Y": "", "beta": ""}
        )
    ),
    Mistake(
        "first-layer-zero",
        _CODE,
        _FIRST_LAYER_ZERO,
        _TO_INDEX_0,
        _returns(
            lambda by_alphas, by_beta: ([np.zeros_like(by_alphas[0]), *by_alphas[1:]], by_beta)
        ),
        alone=True,
        slips=_STOPS_EARLY,
    ),
)
