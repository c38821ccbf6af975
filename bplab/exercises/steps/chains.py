"""The gradients of sections 2.1 and 2.2 as chains of the five steps.

An equation of section 2.2 is the chain of its namesake in section 2.1: what differs, how delta
looks at the output function, is inside one step. Each is a program: the five steps are pieces of
it, and so are the array that delta is stored in and the activation that the hidden layer takes.
"""

from bplab.exercises.steps.five_steps import RIGHT, residual, weight_gradient
from bplab.exercises.steps.program import Program

__all__ = ["GRAD_ALPHA", "GRAD_ALPHA_THROUGH_DELTA", "GRAD_BETA", "OUTPUT_DELTA_AND_GRAD_BETA"]

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
