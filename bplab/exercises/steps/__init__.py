"""A learner's function in steps, and the known mistakes in each.

`program.py`
    A function in pieces; a mistake is a wrong piece, and two of them combine.
`chains.py`
    The five steps of a backward pass, and the gradients that are chains of them.
`mistakes.py`
    How each of the five steps is known to go wrong, and the words for it.
"""

from bplab.exercises.steps.chains import (
    GRAD_ALPHA,
    GRAD_ALPHA_THROUGH_DELTA,
    GRAD_BETA,
    OUTPUT_DELTA_AND_GRAD_BETA,
    RIGHT,
    SUBGOALS,
    WrongStep,
    no_bias_apart,
    residual,
    weight_gradient,
    wrong_variants,
)
from bplab.exercises.steps.mistakes import (
    HIDDEN_DELTA,
    OUTPUT_DELTA,
    RESIDUAL,
    SEND_BACK,
    WEIGHT_GRADIENT,
    again,
)
from bplab.exercises.steps.program import GIVEN, RETURNED, Memory, Program, Variant, both, one_piece

__all__ = [
    "GIVEN",
    "GRAD_ALPHA",
    "GRAD_ALPHA_THROUGH_DELTA",
    "GRAD_BETA",
    "HIDDEN_DELTA",
    "OUTPUT_DELTA",
    "OUTPUT_DELTA_AND_GRAD_BETA",
    "RESIDUAL",
    "RETURNED",
    "RIGHT",
    "SEND_BACK",
    "SUBGOALS",
    "WEIGHT_GRADIENT",
    "Memory",
    "Program",
    "Variant",
    "WrongStep",
    "again",
    "both",
    "no_bias_apart",
    "one_piece",
    "residual",
    "weight_gradient",
    "wrong_variants",
]
