"""How the recursion through many layers is known to go wrong, and the words for it."""

from collections.abc import Callable, Sequence

from numpy.typing import NDArray

from bplab.activations import Activation
from bplab.exercises._exercise import Mistake, Subgoal
from bplab.exercises._steps import RIGHT

__all__ = ["RECURSION", "SHAPES_OF_S"]

Layers = Sequence[NDArray]


def _down(delta: NDArray, weights: Layers, A: Layers, sigmas: Sequence[Activation]) -> Layers:
    """S of every layer, from lists of what each layer uses: it may be another layer's."""
    s = []
    for w, a, sigma in zip(weights[::-1], A[::-1], sigmas[::-1], strict=True):
        delta = RIGHT.hidden_delta(RIGHT.send_back(delta, w), a, None, sigma)
        s.insert(0, delta)
    return s


def _right(delta, alphas, beta, A, sigmas) -> Layers:
    return _down(delta, [*alphas[1:], beta], A, sigmas)


def _below(layers: Sequence) -> list:
    return [layers[d - 1] for d in range(len(layers))]  # layers[-1] where there is none below


def _above(layers: Sequence) -> list:
    return [*layers[1:], layers[-1]]


def _other(change: Callable, which: str) -> Callable[..., Layers]:
    """The recursion with the wrong layers' ``"weights"``, ``"A"``, ``"sigmas"`` or both."""

    def wrong(delta, alphas, beta, A, sigmas):
        if which == "weights":
            return _down(delta, change(alphas, beta), A, sigmas)
        A = change(A) if "A" in which else A
        sigmas = change(sigmas) if "sigmas" in which else sigmas
        return _down(delta, [*alphas[1:], beta], A, sigmas)

    return wrong


def _collected(change: Callable[[Layers, NDArray], object]) -> Callable[..., object]:
    """Right s of every layer, returned in the wrong form."""
    return lambda delta, *rest: change(_right(delta, *rest), delta)


def _delta_sent_down(delta, alphas, beta, A, sigmas):
    weights = [*alphas[1:], beta]
    return [
        _down(delta, [w], [a], [sigma])[0] for w, a, sigma in zip(weights, A, sigmas, strict=True)
    ]


def _back_sent_down(delta, alphas, beta, A, sigmas):
    s = []
    for w, a, sigma in zip([beta, *alphas[:0:-1]], A[::-1], sigmas[::-1], strict=True):
        delta = RIGHT.send_back(delta, w)
        s.insert(0, RIGHT.hidden_delta(delta, a, None, sigma))
    return s


def _with_slopes(slope: Callable[[int, int, NDArray, Activation], NDArray]) -> Callable:
    """The recursion with ``slope(d, D, a, sigma)`` in the place of σ′, d counted from 1."""

    def wrong(delta, alphas, beta, A, sigmas):
        D, s = len(A), []
        for d, w in zip(range(D, 0, -1), [beta, *alphas[:0:-1]], strict=True):
            delta = RIGHT.send_back(delta, w) * slope(d, D, A[d - 1], sigmas[d - 1])
            s.insert(0, delta)
        return s

    return wrong


def _by_division(pick: Callable[[NDArray], NDArray]) -> Callable[..., Layers]:
    """S of the layer above as a gradient over z, printed after (17), for some unit l or all."""

    def wrong(delta, alphas, beta, A, sigmas):
        s = _down(delta, [beta], A[-1:], sigmas[-1:])
        for d in range(len(A) - 2, -1, -1):
            z = sigmas[d](A[d])[:, None, :]
            quotient = pick(s[0][:, :, None] * z / z)
            s.insert(0, _down(quotient, alphas[d + 1 : d + 2], A[d : d + 1], sigmas[d : d + 1])[0])
        return s

    return wrong


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
        _delta_sent_down,
    ),
    Mistake(
        *("back-sent-down", _HIDDEN),
        "What you send on to the layer below has not been multiplied by σ′.",
        "Your s of each layer has its own σ′, but the next one starts from what came before it. "
        "Send s itself down.",
        _back_sent_down,
    ),
    Mistake(
        *("sigma-prime-last-only", _HIDDEN),
        "σ′ is there at the last hidden layer only.",
        "On the way down a path goes through an activation in every layer: each gives a σ′.",
        _with_slopes(lambda d, D, a, sigma: sigma.derivative(a) if d == D else 1),
    ),
    Mistake(
        *("no-sigma-prime-last", _HIDDEN),
        "σ′ is missing at the last hidden layer.",
        "On the way down a path goes through an activation in every layer, also in the last.",
        _with_slopes(lambda d, D, a, sigma: sigma.derivative(a) if d < D else 1),
    ),
    Mistake(
        *("activation-at-first-layer", _HIDDEN),
        "At the first hidden layer you multiply by σ instead of by σ′.",
        "The line after (18) calls (σ^(1))′ the activation function. It is its derivative, as in "
        "every other layer.",
        _with_slopes(lambda d, D, a, sigma: sigma.derivative(a) if d > 1 else sigma(a)),
    ),
    Mistake(
        *("two-each-layer", _BACK),
        "A factor 2 comes in at every layer.",
        "The 2 comes from the square in the loss, once, and is in delta already.",
        _with_slopes(lambda d, D, a, sigma: 2 * sigma.derivative(a)),
    ),
    Mistake(
        *("sign-each-layer", _BACK),
        "The sign is flipped at every layer.",
        "The minus comes from y − f in the loss, once, and is in delta already.",
        _with_slopes(lambda d, D, a, sigma: -sigma.derivative(a)),
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
        _collected(lambda s, delta: s[::-1]),
    ),
)
"""The recursion gone wrong, as mistakes of `bplab.deep.hidden_deltas`."""

SHAPES_OF_S = (
    Mistake(
        *("same-s", _BACK),
        "You return the s of the last hidden layer for every layer.",
        "Each layer has an s of its own, found from the one above it by (17).",
        _collected(lambda s, delta: s[-1:] * len(s)),
    ),
    Mistake(
        *("first-layer-missing", _CODE),
        "The first hidden layer is missing: the recursion stops one layer early.",
        "In the paper (17) ends at d = 2 and (18) does the first layer. In code the same step does "
        "both: go on down to index 0.",
        _collected(lambda s, delta: s[1:]),
    ),
    Mistake(
        *("last-layer-missing", _CODE),
        "The last hidden layer is missing from what you return.",
        "The recursion starts with s^(D), from delta and beta: that one belongs into the list too.",
        _collected(lambda s, delta: s[:-1]),
    ),
    Mistake(
        *("first-step-only", _CODE),
        "Only the last hidden layer comes back.",
        "That is (16). From there (17) goes down to the first layer: one s for each of them.",
        _collected(lambda s, delta: s[-1:]),
    ),
    Mistake(
        *("s-not-collected", _CODE),
        "Only the first hidden layer comes back.",
        "Keep every s on the way down, in a list, and return the list.",
        _collected(lambda s, delta: s[:1]),
    ),
    Mistake(
        *("delta-in-the-list", _CODE),
        "delta is in the list as well; only the hidden layers belong there.",
        "Start the list with s^(D), or leave out its last item.",
        _collected(lambda s, delta: [*s, delta]),
    ),
    Mistake(
        *("nothing-for-one-layer", _CODE),
        "For a single hidden layer you return nothing; with more layers you are right.",
        "For D = 1 the recursion has no step to do, but (16) still gives s of the only layer.",
        _collected(lambda s, delta: s if len(s) > 1 else []),
    ),
    Mistake(
        *("transposed", _CODE),
        "Each s is transposed: units as rows.",
        "The paper writes s_mi, but examples are rows everywhere in this course: (N, M_d), like A.",
        _collected(lambda s, delta: [array.T for array in s]),
    ),
    Mistake(
        *("examples-summed", Subgoal.WEIGHT_GRADIENT),
        "Each s is summed over the examples; one row an example is wanted.",
        "s_mi keeps its example i. The sum over i comes in the weight gradient, after s met z.",
        _collected(lambda s, delta: [array.sum(axis=0) for array in s]),
    ),
    Mistake(
        *("averaged-over-N", Subgoal.WEIGHT_GRADIENT),
        "Each s is divided by the number of examples.",
        "R(θ) in equation (1) is a sum over the examples: no 1/N, here or later.",
        _collected(lambda s, delta: [array / len(array) for array in s]),
    ),
)
"""Right s of every layer in a wrong form, as mistakes of `bplab.deep.hidden_deltas`."""
