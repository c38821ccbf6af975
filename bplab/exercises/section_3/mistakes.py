"""How the recursion through many layers is known to go wrong, and the words for it."""

from collections.abc import Callable, Sequence

from numpy.typing import NDArray

from bplab.activations import Activation
from bplab.exercises.steps.five_steps import RIGHT
from bplab.exercises.steps.program import Program, Variant
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["HIDDEN_DELTAS", "LAYER_STEPS", "RECURSION", "SHAPES_OF_S", "step_down"]

Layers = Sequence[NDArray]

# --- the recursion, right and wrong: the first argument are the steps ---------------------


def step_down(steps, delta, weights, A, sigma) -> NDArray:
    """Equation (16), and (17) with s in the place of delta: send back, hidden delta."""
    back = steps.send_back(delta, weights)
    return steps.hidden_delta(back, A, steps.activation(sigma, A), sigma)


def _down(steps, delta, weights: Layers, A: Layers, sigmas: Sequence[Activation]) -> Layers:
    """S of every layer, from lists of what each layer uses: it may be another layer's."""
    s = []
    for w, a, sigma in zip(weights[::-1], A[::-1], sigmas[::-1], strict=True):
        delta = step_down(steps, delta, w, a, sigma)
        s.insert(0, delta)
    return s


def _right(steps, delta, alphas, beta, A, sigmas) -> Layers:
    return _down(steps, delta, [*alphas[1:], beta], A, sigmas)


LAYER_STEPS = {**vars(RIGHT), "activation": lambda sigma, A: sigma(A)}

HIDDEN_DELTAS = Program(
    lambda steps, delta, *rest: steps.collect(steps.recursion(steps, delta, *rest), delta),
    {**LAYER_STEPS, "recursion": _right, "collect": lambda s, delta: s},
    LAYER_STEPS,
)
"""Equation (17): s of every layer."""


def _below(layers: Sequence) -> list:
    return [layers[d - 1] for d in range(len(layers))]  # layers[-1] where there is none below


def _above(layers: Sequence) -> list:
    return [*layers[1:], layers[-1]]


def _recursion(recursion: Callable[..., Layers]) -> Variant:
    return HIDDEN_DELTAS.with_(recursion=recursion)


def _other(change: Callable, which: str) -> Variant:
    """The recursion with the wrong layers' ``"weights"``, ``"A"``, ``"sigmas"`` or both."""

    def wrong(steps, delta, alphas, beta, A, sigmas):
        if which == "weights":
            return _down(steps, delta, change(alphas, beta), A, sigmas)
        A = change(A) if "A" in which else A
        sigmas = change(sigmas) if "sigmas" in which else sigmas
        return _down(steps, delta, [*alphas[1:], beta], A, sigmas)

    return _recursion(wrong)


def _collected(change: Callable[[Layers], object]) -> Variant:
    """Right s of every layer, returned in the wrong form."""
    return HIDDEN_DELTAS.with_(returned=change)


def _delta_sent_down(steps, delta, alphas, beta, A, sigmas):
    layers = zip([*alphas[1:], beta], A, sigmas, strict=True)
    return [step_down(steps, delta, *layer) for layer in layers]


def _back_sent_down(steps, delta, alphas, beta, A, sigmas):
    s = []
    for w, a, sigma in zip([beta, *alphas[:0:-1]], A[::-1], sigmas[::-1], strict=True):
        delta = steps.send_back(delta, w)
        s.insert(0, steps.hidden_delta(delta, a, steps.activation(sigma, a), sigma))
    return s


def _with_slopes(slope: Callable[..., NDArray]) -> Variant:
    """The recursion with ``slope(d, D, back, s, z)`` for the hidden delta, d counted from 1."""

    def wrong(steps, delta, alphas, beta, A, sigmas):
        D, s = len(A), []
        for d, w in zip(range(D, 0, -1), [beta, *alphas[:0:-1]], strict=True):
            back, a, sigma = steps.send_back(delta, w), A[d - 1], sigmas[d - 1]
            z = steps.activation(sigma, a)
            delta = slope(d, D, back, steps.hidden_delta(back, a, z, sigma), z)
            s.insert(0, delta)
        return s

    return _recursion(wrong)


def _by_division(pick: Callable[[NDArray], NDArray]) -> Variant:
    """S of the layer above as a gradient over z, printed after (17), for some unit l or all."""

    def wrong(steps, delta, alphas, beta, A, sigmas):
        s = [step_down(steps, delta, beta, A[-1], sigmas[-1])]
        for d in range(len(A) - 2, -1, -1):
            z = sigmas[d](A[d])[:, None, :]
            quotient = pick(s[0][:, :, None] * z / z)
            s.insert(0, step_down(steps, quotient, alphas[d + 1], A[d], sigmas[d]))
        return s

    return _recursion(wrong)


_HIDDEN, _BACK, _CODE = Subgoal.HIDDEN_DELTA, Subgoal.SEND_BACK, Subgoal.CODE
_DIVISION = (
    "That is how the paper prints it after (17), and it is 0/0 = NaN wherever a ReLU unit is off. "
    "There is nothing to divide: keep s from the step before."
)

RECURSION = (
    Mistake(
        *("own-weights", _BACK),
        "Every layer sends back through its own weights, not through those of the layer above.",
        "alphas[d] leads into layer d. What comes back to layer d comes through the weights that "
        "lead out of it: alphas[d + 1], or beta for the last.",
        _other(lambda alphas, beta: alphas, "weights"),
    ),
    Mistake(
        *("own-weights-between", _BACK),
        "Below the last hidden layer the weights are those of the layer itself: off by one.",
        "In (17) s^(d+1) meets α^(d+1). With Python's counting s[d + 1] goes with alphas[d + 1].",
        _other(lambda alphas, beta: [*alphas[:-1], beta], "weights"),
    ),
    Mistake(
        *("alpha-for-beta", _BACK),
        "At the last hidden layer you use alphas[-1] where beta is due.",
        "Above the last hidden layer are the outputs, and the weights that lead to them are beta.",
        _other(lambda alphas, beta: [*alphas[1:], alphas[-1]], "weights"),
    ),
    Mistake(
        *("beta-everywhere", _BACK),
        "You send back through beta at every layer.",
        "beta leads out of the last hidden layer only. Between hidden layers it is alphas[d + 1].",
        _other(lambda alphas, beta: [beta] * len(alphas), "weights"),
    ),
    Mistake(
        *("A-of-layer-below", _HIDDEN),
        "σ′ is taken at the A of another layer: one too low.",
        "A[d - 1] belongs to the layer below, and A[-1] to the last one. σ^(d)′ is due at A[d].",
        _other(_below, "A"),
    ),
    Mistake(
        *("A-of-layer-above", _HIDDEN),
        "σ′ is taken at the A of another layer: one too high.",
        "s[d + 1] comes from the layer above, but σ^(d)′ belongs to this one: A[d].",
        _other(_above, "A"),
    ),
    Mistake(
        *("A-of-last-layer", _HIDDEN),
        "σ′ is taken at the A of the last hidden layer, in every layer.",
        "Each layer has an A of its own, A[d]. Look for an index that is missing, or a loop that "
        "writes over A.",
        _other(lambda A: [A[-1]] * len(A), "A"),
    ),
    Mistake(
        *("sigma-of-layer-below", _HIDDEN),
        "Each layer takes the σ′ of another layer: the index of sigmas is one too low.",
        "sigmas[d - 1] belongs to the layer below, and sigmas[-1] to the last one.",
        _other(_below, "sigmas"),
    ),
    Mistake(
        *("sigma-of-layer-above", _HIDDEN),
        "Each layer takes the σ′ of another layer: the index of sigmas is one too high.",
        "s[d + 1] comes from the layer above, but σ^(d) belongs to this one: sigmas[d].",
        _other(_above, "sigmas"),
    ),
    Mistake(
        *("sigma-of-first-layer", _HIDDEN),
        "Every layer takes the σ′ of the first one.",
        "Layers may have different activations. Layer d has sigmas[d].",
        _other(lambda sigmas: [sigmas[0]] * len(sigmas), "sigmas"),
    ),
    Mistake(
        *("sigma-of-last-layer", _HIDDEN),
        "Every layer takes the σ′ of the last one.",
        "Layers may have different activations. Layer d has sigmas[d].",
        _other(lambda sigmas: [sigmas[-1]] * len(sigmas), "sigmas"),
    ),
    Mistake(
        *("sigmas-not-reversed", _HIDDEN),
        "You walk down through the layers, but up through the activations.",
        "Reverse sigmas together with everything else, or index it: sigmas[d].",
        _other(lambda sigmas: sigmas[::-1], "sigmas"),
    ),
    Mistake(
        *("derivative-of-layer-below", _HIDDEN),
        "σ and A are both those of another layer: one too low.",
        "Layer d wants sigmas[d].derivative(A[d]), with the d of the s that you compute.",
        _other(_below, "A sigmas"),
    ),
    Mistake(
        *("derivative-of-layer-above", _HIDDEN),
        "σ and A are both those of another layer: one too high.",
        "Layer d wants sigmas[d].derivative(A[d]), with the d of the s that you compute.",
        _other(_above, "A sigmas"),
    ),
    Mistake(
        *("delta-sent-down", _BACK),
        "delta is sent down at every layer, where the s of the layer above is due.",
        "Only the last hidden layer hears from the outputs. Each layer below hears from the one "
        "above it: in (17) it is s^(d+1) that is sent back.",
        _recursion(_delta_sent_down),
    ),
    Mistake(
        *("back-sent-down", _HIDDEN),
        "What you send on to the layer below has not been multiplied by σ′.",
        "Your s of each layer has its own σ′, but the next one starts from what came before it. "
        "Send s itself down.",
        _recursion(_back_sent_down),
    ),
    Mistake(
        *("sigma-prime-last-only", _HIDDEN),
        "σ′ is there at the last hidden layer only.",
        "On the way down a path goes through an activation in every layer: each gives a σ′.",
        _with_slopes(lambda d, D, back, s, z: s if d == D else back),
    ),
    Mistake(
        *("no-sigma-prime-last", _HIDDEN),
        "σ′ is missing at the last hidden layer.",
        "On the way down a path goes through an activation in every layer, also in the last.",
        _with_slopes(lambda d, D, back, s, z: s if d < D else back),
    ),
    Mistake(
        *("activation-at-first-layer", _HIDDEN),
        "At the first hidden layer you multiply by σ instead of by σ′.",
        "The line after (18) calls (σ^(1))′ the activation function. It is its derivative, as in "
        "every other layer.",
        _with_slopes(lambda d, D, back, s, z: s if d > 1 else back * z),
    ),
    Mistake(
        *("two-each-layer", _BACK),
        "A factor 2 comes in at every layer.",
        "The 2 comes from the square in the loss, once, and is in delta already.",
        _with_slopes(lambda d, D, back, s, z: 2 * s),
    ),
    Mistake(
        *("sign-each-layer", _BACK),
        "The sign is flipped at every layer.",
        "The minus comes from y − f in the loss, once, and is in delta already.",
        _with_slopes(lambda d, D, back, s, z: -s),
    ),
    Mistake(
        *("s-by-division", _BACK),
        "You get s of the layer above by dividing a gradient by z.",
        _DIVISION,
        _by_division(lambda quotients: quotients[:, :, 0]),
    ),
    Mistake(
        *("s-by-division-averaged", _BACK),
        "You get s of the layer above by dividing gradients by z and averaging over the units.",
        _DIVISION,
        _by_division(lambda quotients: quotients.mean(axis=2)),
    ),
    Mistake(
        *("s-reversed", _CODE),
        "The layers come in reverse order.",
        "The recursion finds the last layer first. Turn the list round before you go on: s[0] "
        "belongs to the first hidden layer.",
        HIDDEN_DELTAS.with_(collect=lambda s, delta: s[::-1]),
    ),
)
"""The recursion gone wrong, as mistakes of `bplab.deep.hidden_deltas`."""

SHAPES_OF_S = (
    Mistake(
        *("same-s", _BACK),
        "You return the s of the last hidden layer for every layer.",
        "Each layer has an s of its own, found from the one above it by (17).",
        _collected(lambda s: s[-1:] * len(s)),
    ),
    Mistake(
        *("first-layer-missing", _CODE),
        "The first hidden layer is missing: the recursion stops one layer early.",
        "In the paper (17) ends at d = 2 and (18) does the first layer. In code the same step does "
        "both: go on down to index 0.",
        _collected(lambda s: s[1:]),
    ),
    Mistake(
        *("last-layer-missing", _CODE),
        "The last hidden layer is missing from what you return.",
        "The recursion starts with s^(D), from delta and beta: that one belongs into the list too.",
        _collected(lambda s: s[:-1]),
    ),
    Mistake(
        *("first-step-only", _CODE),
        "Only the last hidden layer comes back.",
        "That is (16). From there (17) goes down to the first layer: one s for each of them.",
        _collected(lambda s: s[-1:]),
    ),
    Mistake(
        *("s-not-collected", _CODE),
        "Only the first hidden layer comes back.",
        "Keep every s on the way down, in a list, and return the list.",
        _collected(lambda s: s[:1]),
    ),
    Mistake(
        *("delta-in-the-list", _CODE),
        "delta is in the list as well; only the hidden layers belong there.",
        "Start the list with s^(D), or leave out its last item.",
        HIDDEN_DELTAS.with_(collect=lambda s, delta: [*s, delta]),
    ),
    Mistake(
        *("nothing-for-one-layer", _CODE),
        "For a single hidden layer you return nothing; with more layers you are right.",
        "For D = 1 the recursion has no step to do, but (16) still gives s of the only layer.",
        _collected(lambda s: s if len(s) > 1 else []),
    ),
    Mistake(
        *("transposed", _CODE),
        "Each s is transposed: units as rows.",
        "The paper writes s_mi, but examples are rows everywhere in this course: (N, M_d), like A.",
        _collected(lambda s: [array.T for array in s]),
    ),
    Mistake(
        *("examples-summed", Subgoal.WEIGHT_GRADIENT),
        "Each s is summed over the examples; one row an example is wanted.",
        "s_mi keeps its example i. The sum over i comes in the weight gradient, after s met z.",
        _collected(lambda s: [array.sum(axis=0) for array in s]),
    ),
    Mistake(
        *("averaged-over-N", Subgoal.WEIGHT_GRADIENT),
        "Each s is divided by the number of examples.",
        "R(θ) in equation (1) is a sum over the examples: no 1/N, here or later.",
        _collected(lambda s: [array / len(array) for array in s]),
    ),
)
"""Right s of every layer in a wrong form, as mistakes of `bplab.deep.hidden_deltas`."""
