"""How the whole backward pass is known to go wrong once every s is right."""

from collections.abc import Callable

from numpy.typing import NDArray

from bplab import deep, layers, network
from bplab.exercises.section_3.mistakes import HIDDEN_DELTAS
from bplab.exercises.steps.five_steps import no_bias_apart, residual, weight_gradient
from bplab.exercises.steps.program import Program, Variant
from bplab.exercises.task.exercise import Mistake, Subgoal

__all__ = ["BACKWARD", "MULTIPLIED", "WRONG_BACKWARD"]

_GRADIENT, _CODE = Subgoal.WEIGHT_GRADIENT, Subgoal.CODE
MULTIPLIED = "A weight's gradient holds what that weight multiplied in the forward pass: "


# --- the whole backward pass as a program -------------------------------------------------


def _backward(steps, X, Y, alphas, beta, sigmas, g):
    """Its steps are those of section 2.1, the recursion and the pieces below."""
    A, Z, T, F = steps.forward(X, alphas, beta, sigmas, g)
    delta = steps.output_delta(residual(steps, Y, F), T, F, g)
    s = steps.collect(steps.recursion(steps, delta, alphas, beta, A, sigmas), delta)
    by_layer, by_last = steps.inputs(X, A, Z)
    by_alphas = [weight_gradient(steps, *pair) for pair in zip(s, by_layer, strict=True)]
    return steps.store(by_alphas, weight_gradient(steps, delta, by_last), alphas, beta)


BACKWARD = Program(
    _backward,
    {
        **HIDDEN_DELTAS.right,
        "forward": deep.forward,
        # what each hidden layer's weights multiplied, and what beta did
        "inputs": lambda X, A, Z: ((X, *Z[:-1]), Z[-1]),
        "store": lambda by_alphas, by_beta, alphas, beta: (by_alphas, by_beta),
    },
    (*HIDDEN_DELTAS.pure, "forward"),
)
"""Equation (18): `bplab.deep.backward`."""


def _inputs(inputs: Callable[..., object]) -> Variant:
    return BACKWARD.with_(inputs=inputs)


def _returns(change: Callable[[list[NDArray], NDArray], object]) -> Variant:
    """Right gradients in a wrong form."""
    return BACKWARD.with_(returned=lambda answer: change(*answer))


def _each_layer_fed_with_x(X, alphas, beta, sigmas, g):
    A = [layers.affine(X, alpha) for alpha in alphas]
    Z = [sigma(a) for sigma, a in zip(sigmas, A, strict=True)]
    return A, Z, *network.output(Z[-1], beta, g)


def _stored_like_weights(by_alphas, by_beta, alphas, beta):
    stored = [by_alpha.astype(a.dtype) for by_alpha, a in zip(by_alphas, alphas, strict=True)]
    return stored, by_beta.astype(beta.dtype)


_BY_BOTH = "Return both: the gradients by the alphas, a list, and the gradient by beta."

WRONG_BACKWARD = (
    Mistake(
        *("X-for-every-layer", _GRADIENT),
        "You multiply by X in every layer.",
        f"{MULTIPLIED}X in the first layer only, Z of the layer below in the others.",
        _inputs(lambda X, A, Z: ([X] * len(Z), Z[-1])),
    ),
    Mistake(
        *("every-layer-fed-with-X", Subgoal.FORWARD),
        "Your forward pass feeds every layer with X.",
        "So the paper prints Z^(d) in section 3. Layer d is fed with Z^(d−1), the output of the "
        "layer below.",
        BACKWARD.with_(
            forward=_each_layer_fed_with_x, inputs=lambda X, A, Z: ([X] * len(Z), Z[-1])
        ),
    ),
    Mistake(
        *("own-Z-for-inputs", _GRADIENT),
        "You multiply by the Z of the layer itself instead of by that of the layer below.",
        f"{MULTIPLIED}X in the first layer, then Z of the layer below. Pair s with [X, *Z].",
        _inputs(lambda X, A, Z: (Z, Z[-1])),
    ),
    Mistake(
        *("A-for-Z", _GRADIENT),
        "You multiply by A of the layer below, before its activation, instead of by its Z.",
        f"{MULTIPLIED}z = σ(A).",
        _inputs(lambda X, A, Z: ((X, *A[:-1]), A[-1])),
    ),
    Mistake(
        *("inputs-reversed", _GRADIENT),
        "s and the inputs that it multiplies run through the layers in opposite directions.",
        "Layer d's s belongs to Z of layer d − 1. Turn one of the two lists round.",
        _inputs(lambda X, A, Z: ((X, *Z[:-1])[::-1], Z[-1])),
    ),
    Mistake(
        *("beta-with-Z-below", _GRADIENT),
        "The gradient by beta takes its Z one layer too low.",
        "beta multiplies the output of the last hidden layer: Z[-1].",
        _inputs(lambda X, A, Z: ((X, *Z[:-1]), (X, *Z)[-2])),
    ),
    Mistake(
        *("beta-with-first-Z", _GRADIENT),
        "The gradient by beta takes the Z of the first hidden layer.",
        "beta multiplies the output of the last hidden layer: Z[-1].",
        _inputs(lambda X, A, Z: ((X, *Z[:-1]), Z[0])),
    ),
    Mistake(
        *("delta-for-s", Subgoal.SEND_BACK),
        "Every layer's gradient is made with delta, which has not been sent back.",
        "delta belongs to the outputs. Each hidden layer has an s of its own.",
        BACKWARD.with_(recursion=lambda steps, delta, alphas, *rest: [delta] * len(alphas)),
    ),
    Mistake(
        *("s-returned", _GRADIENT),
        "You return s and delta themselves; the gradients by the weights are still to be made.",
        "A weight gradient is s times what the weights multiplied, summed over the examples.",
        BACKWARD.with_(**no_bias_apart(lambda delta, inputs: delta)),
    ),
    Mistake(
        *("gradients-truncated", _CODE),
        "Your gradients are cut to whole numbers when the weights are integers.",
        "zeros_like(alpha) is an integer array when alpha is one, and cuts off what you store "
        "there. Make the array with np.zeros(alpha.shape).",
        BACKWARD.with_(store=_stored_like_weights),
    ),
    Mistake(
        *("gradients-reversed", _CODE),
        "The gradients by the alphas come in reverse order.",
        "The way down meets the last layer first. Turn the list round before you return it.",
        _returns(lambda by_alphas, by_beta: (by_alphas[::-1], by_beta)),
    ),
    Mistake(
        *("first-layer-missing", _CODE),
        "The gradient of the first hidden layer is missing: the recursion stops one layer early.",
        "In the paper (17) ends at d = 2 and (18) does the first layer. In code the same step does "
        "both: go on down to index 0.",
        _returns(lambda by_alphas, by_beta: (by_alphas[1:], by_beta)),
    ),
    Mistake(
        *("last-layer-missing", _CODE),
        "The gradient of the last hidden layer is missing.",
        "(15) and (16) give it, from delta and beta, before the recursion begins.",
        _returns(lambda by_alphas, by_beta: (by_alphas[:-1], by_beta)),
    ),
    Mistake(
        *("nothing-for-one-layer", _CODE),
        "For a single hidden layer you return no gradient by alpha; with more you are right.",
        "For D = 1 there is no (17) and no (18), but (16) still gives the only layer's gradient.",
        _returns(lambda by_alphas, by_beta: (by_alphas if len(by_alphas) > 1 else [], by_beta)),
    ),
    Mistake(
        *("beta-missing", _CODE),
        "Only the gradients by the alphas come back.",
        _BY_BOTH,
        _returns(lambda by_alphas, by_beta: by_alphas),
    ),
    Mistake(
        *("alphas-missing", _CODE),
        "Only the gradient by beta comes back.",
        _BY_BOTH,
        _returns(lambda by_alphas, by_beta: by_beta),
    ),
    Mistake(
        *("beta-first", _CODE),
        "The two parts are in the wrong order.",
        "Return the gradients by the alphas first, then the gradient by beta.",
        _returns(lambda by_alphas, by_beta: (by_beta, by_alphas)),
    ),
)
"""Mistakes of `bplab.deep.backward` that are no step and no recursion gone wrong."""
