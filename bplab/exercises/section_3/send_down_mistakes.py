"""How a step from one layer to the one below goes wrong, in the words of many layers."""

from dataclasses import replace

from bplab.exercises.steps.five_steps import WrongStep
from bplab.exercises.steps.send_back import HIDDEN_DELTA, SEND_BACK

__all__ = ["HIDDEN_DELTA_OF_LAYERS", "SEND_DOWN"]

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
        "A negative weight sends the opposite message back. Use w[:, 1:] without abs.",
    ),
    "delta-dropped": (
        "above-dropped",
        "What comes from above is dropped: it does not enter your answer.",
        "s is a product: what is sent back from the layer above, times σ′ of this layer.",
    ),
}

SEND_DOWN = tuple(
    WrongStep(*_SEND_DOWN_WORDS[wrong.name], wrong.step)
    for wrong in SEND_BACK
    if wrong.name in _SEND_DOWN_WORDS
)

HIDDEN_DELTA_OF_LAYERS = tuple(
    replace(
        wrong,
        hint=wrong.hint.replace("sigma.derivative(A)", "sigmas[d].derivative(A[d])").replace(
            "given sigma: here it is", "given sigmas: here there are"
        )
        + " Look whether A is overwritten in place by its activation."
        * (wrong.name == "sigma-prime-at-Z"),
    )
    for wrong in HIDDEN_DELTA
)
"""The hidden delta gone wrong; with ``out=A`` in the forward pass σ′ is taken at Z as well."""
