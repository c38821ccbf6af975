"""The five steps of a backward pass, and the gradients that are chains of them.

Every gradient of section 2.1 is such a chain, so a mistake in a step is written once, in
``mistakes.py``, and applies wherever its step occurs. An equation of section 2.2 is the chain of
its namesake in section 2.1: what differs, how delta looks at the output function, is inside one
step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.steps.program import Program
from bplab.exercises.task import Mistake, Subgoal

RIGHT = SimpleNamespace(
    # residual
    targets=lambda Y: Y,
    error=lambda Y, F: Y - F,
    factor=lambda error: 2 * error,
    sign=lambda error: -error,
    store_residual=lambda D, Y: D,
    # output delta, send back, hidden delta
    output_delta=lambda D, T, F, g: g.pull_back(D, T),
    send_back=lambda delta, beta: delta @ beta[:, 1:],
    hidden_delta=lambda back, A, Z, sigma: back * sigma.derivative(A),
    # weight gradient
    examples=lambda delta, inputs: (delta, inputs),
    bias=lambda delta: delta.sum(axis=0),
    weights=lambda delta, inputs: delta.T @ inputs,
    stack=lambda bias, weights: np.column_stack([bias, weights]),
    scale=lambda gradient, delta: gradient,
    turn=lambda gradient: gradient,
)
"""The five steps. Two of them are done in pieces, in which one can make more than one mistake."""


def residual(steps: SimpleNamespace, Y: NDArray, F: NDArray) -> NDArray:
    """−2(Y − F), the derivative of the loss by the outputs: (N, K)."""
    error = steps.error(steps.targets(Y), F)
    return steps.store_residual(steps.sign(steps.factor(error)), Y)


def weight_gradient(steps: SimpleNamespace, delta: NDArray, inputs: NDArray) -> NDArray:
    """Bias column and weights: the sums over the examples, shape (K, M+1)."""
    of, by = steps.examples(delta, inputs)
    gradient = steps.stack(steps.bias(of), steps.weights(of, by))
    return steps.turn(steps.scale(gradient, delta))


def no_bias_apart(weights: Callable[..., NDArray]) -> dict[str, Callable[..., Any]]:
    """The pieces of a weight gradient that ``weights(delta, inputs)`` makes in one go."""
    return {
        "bias": lambda delta: None,
        "weights": weights,
        "stack": lambda bias, weights: weights,
    }


SUBGOALS = {
    "residual": Subgoal.RESIDUAL,
    "output_delta": Subgoal.OUTPUT_DELTA,
    "weight_gradient": Subgoal.WEIGHT_GRADIENT,
    "send_back": Subgoal.SEND_BACK,
    "hidden_delta": Subgoal.HIDDEN_DELTA,
}


@dataclass(frozen=True)
class WrongStep:
    """One step of the chain, or a piece of one, done wrong, with the words that name it."""

    name: str
    says: str
    hint: str
    step: Callable[..., Any] | Mapping[str, Callable[..., Any]]

    def pieces(self, step: str) -> Mapping[str, Callable[..., Any]]:
        """Return what is wrong, by the names of the program's pieces: all of a step, or less."""
        return self.step if isinstance(self.step, Mapping) else {step: self.step}


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
            wrong.name, SUBGOALS[step], wrong.says, wrong.hint, program.with_(**wrong.pieces(step))
        )
        for step, wrongs in steps.items()
        for wrong in wrongs
    )


# --- the gradients ------------------------------------------------------------------------


_STEPS = vars(RIGHT) | {
    "store_delta": lambda delta, Y: delta,
    "hidden_activation": lambda sigma, g: sigma,
}


def _delta(steps, Y, T, F, g):
    return steps.store_delta(steps.output_delta(residual(steps, Y, F), T, F, g), Y)


def _grad_beta(steps, Y, A, Z, T, F, g):
    return weight_gradient(steps, _delta(steps, Y, T, F, g), Z)


def _grad_alpha(steps, X, Y, A, Z, T, F, beta, sigma, g):
    sigma = steps.hidden_activation(sigma, g)
    return _grad_alpha_through_delta(steps, X, A, Z, _delta(steps, Y, T, F, g), beta, sigma)


def _output_delta_and_grad_beta(steps, Y, A, Z, T, F, g):
    delta = _delta(steps, Y, T, F, g)
    gradient = weight_gradient(steps, delta, Z)
    return (delta, *gradient) if isinstance(gradient, tuple) else (delta, gradient)


def _grad_alpha_through_delta(steps, X, A, Z, delta, beta, sigma):
    s = steps.hidden_delta(steps.send_back(delta, beta), A, Z, sigma)
    return weight_gradient(steps, s, X)


GRAD_BETA = Program(_grad_beta, _STEPS, _STEPS)
"""Equations (4) and (8)."""

GRAD_ALPHA = Program(_grad_alpha, _STEPS, _STEPS)
"""Equations (5) and (9)."""

OUTPUT_DELTA_AND_GRAD_BETA = Program(_output_delta_and_grad_beta, _STEPS, _STEPS)
"""Equations (6) and (10)."""

GRAD_ALPHA_THROUGH_DELTA = Program(_grad_alpha_through_delta, _STEPS, _STEPS)
"""Equations (7) and (11)."""
