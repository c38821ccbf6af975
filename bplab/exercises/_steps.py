"""The five steps of a backward pass, and the mistakes made by doing one of them wrong.

Every gradient of section 2.1 is a chain of some of these steps, so a mistake is written once,
in ``_wrong_delta.py``, ``_wrong_weight_gradient.py`` or ``_wrong_send_back.py``, and applies
wherever its step occurs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from bplab.exercises._exercise import Mistake, Subgoal
from bplab.exercises._program import Program

RIGHT = SimpleNamespace(
    residual=lambda Y, F: -2 * (Y - F),
    output_delta=lambda D, T, F, g: g.pull_back(D, T),
    weight_gradient=lambda delta, inputs: np.column_stack([delta.sum(axis=0), delta.T @ inputs]),
    send_back=lambda delta, beta: delta @ beta[:, 1:],
    hidden_delta=lambda back, A, Z, sigma: back * sigma.derivative(A),
)

SUBGOALS = {
    "residual": Subgoal.RESIDUAL,
    "output_delta": Subgoal.OUTPUT_DELTA,
    "weight_gradient": Subgoal.WEIGHT_GRADIENT,
    "send_back": Subgoal.SEND_BACK,
    "hidden_delta": Subgoal.HIDDEN_DELTA,
}


@dataclass(frozen=True)
class WrongStep:
    """One step of the chain done wrong, with the words that name it."""

    name: str
    says: str
    hint: str
    step: Callable[..., Any]


def wrong_variants(
    program: Program, steps: Mapping[str, tuple[WrongStep, ...]]
) -> tuple[Mistake, ...]:
    """Return every known mistake of a program in which one of the five steps is done wrong.

    Parameters
    ----------
    program : Program
        Its pieces include the steps.
    steps : mapping of str to tuple of WrongStep
        The steps that occur in the program, each with the ways it goes wrong.
    """
    return tuple(
        Mistake(
            wrong.name, SUBGOALS[step], wrong.says, wrong.hint, program.with_(**{step: wrong.step})
        )
        for step, wrongs in steps.items()
        for wrong in wrongs
    )
