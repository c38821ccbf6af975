"""Gradients found without any formula: finite differences of R, for the networks of section 1."""

from collections.abc import Callable

from numpy.typing import NDArray

from bplab import network
from bplab.exercises.task.networks import NetworkCase
from bplab.gradcheck import numerical_gradient
from bplab.losses import loss

__all__ = ["FINITE_DIFFERENCES", "by_T", "by_alpha", "by_beta"]

FINITE_DIFFERENCES = "finite differences of R"


def _by(
    objective: Callable[[NetworkCase, NDArray], float], name: str
) -> Callable[[NetworkCase], NDArray]:
    """Differentiate ``objective(case, value)`` by the array that the case calls ``name``."""
    return lambda case: numerical_gradient(lambda v: objective(case, v), getattr(case, name))


by_T = _by(lambda case, T: loss(case.Y, case.g(T)), "T")
by_beta = _by(lambda case, beta: loss(case.Y, network.output(case.Z, beta, case.g)[1]), "beta")

_full = _by(
    lambda case, alpha: loss(
        case.Y, network.forward(case.X, alpha, case.beta, case.sigma, case.g).F
    ),
    "alpha",
)


def by_alpha(case: NetworkCase) -> NDArray | None:
    """Return the gradient of R by alpha; None where a unit sits on its kink."""
    return _full(case) if case.smooth else None
