"""How sending back and the hidden delta are known to go wrong, and the words for it."""

import numpy as np

from bplab.exercises.steps.five_steps import WrongStep
from bplab.exercises.steps.program import Program
from bplab.exercises.task.exercise import Mistake, Subgoal

SEND_BACK = (
    WrongStep(
        "beta-not-transposed",
        "beta is used the wrong way round: you multiply with its transpose.",
        "Unit m collects Σ_k delta_ik β_km: the sum runs over the rows of beta, so with "
        "examples as rows it is delta @ beta[:, 1:]. Your form only runs where K = M.",
        lambda delta, beta: delta @ beta[:, 1:].T,
    ),
    WrongStep(
        "bias-column-used",
        "The weights sent back are one column off: you use beta's bias column as a weight.",
        "Column 0 of beta holds the biases. The weight of hidden unit m is column m: beta[:, 1:].",
        lambda delta, beta: delta @ beta[:, :-1],
    ),
    WrongStep(
        "bias-sent-back",
        "The bias of beta is included in the sum that goes back.",
        "The bias multiplies a constant 1, which does not depend on alpha. Only beta[:, 1:] "
        "sends something back.",
        lambda delta, beta: delta @ beta[:, 1:] + delta @ beta[:, :1],
    ),
    WrongStep(
        "bias-column-kept",
        "beta's bias column is still there when delta is sent back.",
        "That makes one unit too many, M + 1. The bias multiplies a constant 1, which does not "
        "depend on alpha: send back through beta[:, 1:].",
        lambda delta, beta: delta @ beta,
    ),
    WrongStep(
        "first-output-only",
        "Only the first output is sent back.",
        "Hidden unit m feeds every output, so Σ_k runs over all K of them.",
        lambda delta, beta: delta[:, :1] @ beta[:1, 1:],
    ),
    WrongStep(
        "outputs-averaged",
        "You average over the outputs instead of summing.",
        "Σ_k in the equation has no 1/K in front of it.",
        lambda delta, beta: delta @ beta[:, 1:] / delta.shape[1],
    ),
    WrongStep(
        "weights-left-out",
        "The weights β_km are left out: every unit gets the plain sum of delta.",
        "Output k reaches hidden unit m through β_km, so delta_ik is weighted by it.",
        lambda delta, beta: delta @ np.ones_like(beta[:, 1:]),
    ),
    WrongStep(
        "weights-absolute",
        "The weights β_km have lost their sign.",
        "A negative weight sends the opposite message back. Use beta[:, 1:] without abs.",
        lambda delta, beta: delta @ np.abs(beta[:, 1:]),
    ),
    WrongStep(
        "delta-dropped",
        "What comes from the outputs is dropped: delta does not enter your answer.",
        "s is a product: what is sent back from the outputs, times σ′(A).",
        lambda delta, beta: np.ones((len(delta), beta.shape[1] - 1)),
    ),
)

HIDDEN_DELTA = (
    WrongStep(
        "no-sigma-prime",
        "σ′ of the hidden layer is left out.",
        "What is sent back reaches A through z = σ(A): multiply by sigma.derivative(A).",
        lambda back, A, Z, sigma: back,
    ),
    WrongStep(
        "sigma-prime-at-Z",
        "σ′ is taken at the wrong place: at Z instead of the pre-activation A.",
        "Z is already σ(A). The derivative is wanted where σ was applied: sigma.derivative(A).",
        lambda back, A, Z, sigma: back * sigma.derivative(Z),
    ),
    WrongStep(
        "sigma-for-sigma-prime",
        "You multiply by σ instead of by its derivative σ′.",
        "The chain rule wants sigma.derivative(A), not Z = σ(A).",
        lambda back, A, Z, sigma: back * Z,
    ),
    WrongStep(
        "sigma-prime-twice",
        "σ′ is multiplied in twice.",
        "It enters once, on the way from Z to A.",
        lambda back, A, Z, sigma: back * sigma.derivative(A) ** 2,
    ),
    WrongStep(
        "assumes-sigmoid-hidden",
        "You use Z(1 − Z) for σ′, which is right only when σ is the sigmoid.",
        "Your function is given sigma: here it is also tanh, ReLU and ELU. Use "
        "sigma.derivative(A).",
        lambda back, A, Z, sigma: back * Z * (1 - Z),
    ),
    WrongStep(
        "assumes-tanh-hidden",
        "You use 1 − Z² for σ′, which is right only when σ is tanh.",
        "Your function is given sigma: here it is also the sigmoid, ReLU and ELU. Use "
        "sigma.derivative(A).",
        lambda back, A, Z, sigma: back * (1 - Z**2),
    ),
    WrongStep(
        "assumes-relu-hidden",
        "You use the mask A > 0 for σ′, which is right only when σ is ReLU.",
        "Your function is given sigma: here it is also tanh, the sigmoid and ELU. Use "
        "sigma.derivative(A).",
        lambda back, A, Z, sigma: back * (A > 0),
    ),
    WrongStep(
        "one-minus-Z",
        "You use 1 − Z for σ′.",
        "That is half of a formula: Z(1 − Z) for the sigmoid, 1 − Z² for tanh. Use "
        "sigma.derivative(A), which is right for every σ.",
        lambda back, A, Z, sigma: back * (1 - Z),
    ),
    WrongStep(
        "sigmoid-prime-plus-hidden",
        "You use Z(1 + Z) for σ′.",
        "Even for the sigmoid the derivative is Z(1 − Z), with a minus. Use "
        "sigma.derivative(A), which is right for every σ.",
        lambda back, A, Z, sigma: back * Z * (1 + Z),
    ),
    WrongStep(
        "sigmoid-prime-at-A",
        "You use A(1 − A) for σ′: the sigmoid's formula, on the wrong variable.",
        "σ(1 − σ) wants the output of σ, not the pre-activation A; and σ need not be the "
        "sigmoid. Use sigma.derivative(A).",
        lambda back, A, Z, sigma: back * A * (1 - A),
    ),
    WrongStep(
        "mask-from-gradient",
        "You let through only what is positive in the gradient that comes back.",
        "ReLU's mask is where its input was positive in the forward pass, A > 0; the sign of the "
        "gradient has no part in it. Use sigma.derivative(A).",
        lambda back, A, Z, sigma: back * (back > 0),
    ),
    WrongStep(
        "mask-from-Z",
        "Your mask is Z ≥ 0, which is true for every ReLU unit, on or off.",
        "After ReLU nothing is negative, so that test lets everything through. Use "
        "sigma.derivative(A).",
        lambda back, A, Z, sigma: back * (Z >= 0),
    ),
)


# --- a factor that is in delta already -------------------------------------------------------

_AGAIN = (
    ("sign-again", "The sign is flipped: your answer is minus the right one.", "minus", -1),
    ("two-again", "A factor 2 too many.", "2", 2),
    ("minus-two-again", "A factor −2 too many.", "−2", -2),
)


def again(program: Program, place: int) -> tuple[Mistake, ...]:
    """Return the mistakes of putting −2, or part of it, into delta once more.

    ``place`` is where delta stands among the arguments.
    """

    def times(factor):
        def given(*arguments):
            delta = factor * arguments[place]
            return *arguments[:place], delta, *arguments[place + 1 :]

        return program.with_(given=given)

    return tuple(
        Mistake(
            *(name, Subgoal.SEND_BACK, says),
            f"delta already carries the {part} of −2(y − f). Do not put in another.",
            times(factor),
        )
        for name, says, part, factor in _AGAIN
    )
