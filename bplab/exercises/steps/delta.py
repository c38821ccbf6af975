"""How the residual and the output delta are known to go wrong, and the words for it."""

import numpy as np

from bplab.exercises.steps.five_steps import WrongStep

RESIDUAL = (
    WrongStep(
        "no-factor-2",
        "The factor 2 is missing.",
        "The loss of the paper is the plain square, with no 1/2 before it, so its derivative by "
        "f is −2(y − f). Put the 2 back.",
        {"factor": lambda error: error},
    ),
    WrongStep(
        "sign-flipped",
        "The sign is flipped: your answer is minus the right one.",
        "R falls when f comes nearer to y, so the derivative of (y − f)² by f is −2(y − f). "
        "Descent with your sign would climb.",
        {"sign": lambda error: error},
    ),
    WrongStep(
        "square-lost",
        "The square of the error is lost before the derivative is taken.",
        "You have the derivative of Σ(y − f), the misprint at the start of section 2. The loss "
        "is Σ(y − f)²: the residual y − f itself must stay in the gradient.",
        {"error": lambda Y, F: np.ones_like(F), "factor": lambda error: error},
    ),
    WrongStep(
        "residual-absolute",
        "The residual has lost its sign: you use |y − f|.",
        "Outputs that are too high and outputs that are too low must pull in opposite "
        "directions. Use y − f without abs.",
        {"error": lambda Y, F: np.abs(Y - F)},
    ),
    WrongStep(
        "examples-shifted",
        "Targets and outputs are not of the same example: one side is shifted by one row.",
        "Row i of Y belongs to row i of F. Look for a roll, an index i − 1 or i + 1, or a slice "
        "on one side only.",
        {"targets": lambda Y: np.roll(Y, 1, axis=0)},
    ),
    WrongStep(
        "examples-reversed",
        "Targets and outputs are not of the same example: one side is in reverse order.",
        "Row i of Y belongs to row i of F. Look for [::-1] on one side only.",
        {"targets": lambda Y: Y[::-1]},
    ),
    WrongStep(
        "examples-sorted",
        "Targets and outputs are not of the same example: the targets have been sorted.",
        "Row i of Y belongs to row i of F. Sorting Y alone tears the pairs apart.",
        {"targets": lambda Y: np.sort(Y, axis=0)},
    ),
    WrongStep(
        "integers-truncated",
        "Your residual is cut to whole numbers when the targets are integers.",
        "zeros_like(Y) and Y.copy() are integer arrays when Y is one, and cut off what you store "
        "there. Make the array with np.zeros(Y.shape), or just compute −2 * (Y − F).",
        {"store_residual": lambda D, Y: D.astype(Y.dtype) if Y.dtype.kind == "i" else D},
    ),
)

OUTPUT_DELTA = (
    WrongStep(
        "no-g-prime",
        "The output's derivative g′ is left out: you use the residual where delta is due.",
        "The loss sees T only through f = g(T), so the chain rule multiplies the residual by "
        "g′(T). Without it the gradient is right only for g = identity.",
        lambda D, T, F, g: D,
    ),
    WrongStep(
        "cross-entropy-shortcut",
        "Your delta is F − Y: the factor 2 and g′ are both missing.",
        "F − Y is the delta of cross-entropy, where g′ cancels. The loss here is the squared "
        "error: delta = −2(Y − F) g′(T).",
        lambda D, T, F, g: D / 2,
    ),
    WrongStep(
        "g-prime-at-F",
        "g′ is taken at the wrong place: at F, the output, instead of T.",
        "F is already g(T). The derivative of g is wanted at the pre-activation T: "
        "g.derivative(T).",
        lambda D, T, F, g: D * g.derivative(F),
    ),
    WrongStep(
        "g-for-g-prime",
        "You multiply by g instead of by its derivative g′.",
        "The chain rule wants g.derivative(T), not F = g(T).",
        lambda D, T, F, g: D * F,
    ),
    WrongStep(
        "g-prime-twice",
        "g′ is multiplied in twice.",
        "It enters once, on the way from F to T. Look for a second factor g.derivative(T), "
        "perhaps hidden in a delta that has it already.",
        lambda D, T, F, g: D * g.derivative(T) ** 2,
    ),
    WrongStep(
        "assumes-sigmoid-output",
        "You use F(1 − F) for g′, which is right only when g is the sigmoid.",
        "Your function is given g: here it is also tanh and the identity. Use g.derivative(T).",
        lambda D, T, F, g: D * F * (1 - F),
    ),
    WrongStep(
        "assumes-tanh-output",
        "You use 1 − F² for g′, which is right only when g is tanh.",
        "Your function is given g: here it is also the sigmoid and the identity. Use "
        "g.derivative(T).",
        lambda D, T, F, g: D * (1 - F**2),
    ),
    WrongStep(
        "sigmoid-prime-at-T",
        "You use T(1 − T) for g′: the sigmoid's formula, on the wrong variable.",
        "g(1 − g) wants the output of g, not the pre-activation T; and g need not be the "
        "sigmoid. Use g.derivative(T).",
        lambda D, T, F, g: D * T * (1 - T),
    ),
    WrongStep(
        "sigmoid-prime-plus",
        "You use F(1 + F) for g′.",
        "Even for the sigmoid the derivative is F(1 − F), with a minus. Use g.derivative(T), "
        "which is right for every g.",
        lambda D, T, F, g: D * F * (1 + F),
    ),
    WrongStep(
        "one-minus-F",
        "You use 1 − F for g′.",
        "That is half of a formula: F(1 − F) for the sigmoid, 1 − F² for tanh. Use "
        "g.derivative(T), which is right for every g.",
        lambda D, T, F, g: D * (1 - F),
    ),
    WrongStep(
        "residual-dropped",
        "The residual is dropped: only g′ is left of delta.",
        "delta is a product: −2(Y − F), which comes from the loss, times g′(T).",
        lambda D, T, F, g: g.derivative(T),
    ),
    WrongStep(
        "outputs-summed",
        "You sum the residuals over all outputs.",
        "In the derivation Σ_l runs over the outputs, but β_k reaches output k only: of the sum "
        "one term is left, l = k. Keep Y − F as a matrix.",
        lambda D, T, F, g: D.sum(axis=1, keepdims=True) * g.derivative(T),
    ),
)
