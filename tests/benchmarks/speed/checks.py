"""What the speed benchmark times of gradient checks: ours, and what they are measured against."""

import numpy as np
from numpy.typing import NDArray

from bplab import activations
from bplab.gradcheck import check_gradient, numerical_gradient
from bplab.risk import Risk
from tests.benchmarks.speed.problem import Timed, plain_risk, problem
from tests.benchmarks.speed.rows import Net

SAMPLE = 60
"""Weights that stand for all of them where each costs the same."""


def _risk(net: Net, dtype: str) -> tuple[Risk, list[NDArray]]:
    X, Y, weights = problem(net, dtype)
    sigma = getattr(activations, net.activation)
    return Risk(X, Y, sigma, activations.identity), weights


class Checks:
    """Numerical gradients and checks of a gradient, by the library."""

    def numerical_gradient(self, net: Net, dtype: str) -> Timed:
        R, weights = _risk(net, dtype)
        return lambda: numerical_gradient(R, weights), 1

    def central_gradient(self, net: Net, dtype: str) -> Timed:
        R, weights = _risk(net, dtype)
        return lambda: numerical_gradient(R, weights, method="central"), 1

    def fast_check(self, net: Net, dtype: str) -> Timed:
        R, weights = _risk(net, dtype)
        gradient = R.gradient(weights)
        return lambda: check_gradient(R, gradient, weights, fast=True), 1

    def find_wrong(self, net: Net, dtype: str) -> Timed:
        """The fast check of a gradient with one wrong entry, until that entry is found."""
        R, weights = _risk(net, dtype)
        gradient = R.gradient(weights)
        gradient[1][3, 5] *= 1 + 1e-4

        def step() -> None:
            (found,) = check_gradient(R, gradient, weights, fast=True).wrong
            assert found.index == (3, 5)

        return step, 1


class WeightByWeight:
    """Central differences as they are usually written: two evaluations for every weight."""

    def numerical_gradient(self, net: Net, dtype: str) -> Timed:
        R = plain_risk(np, net.activation)
        X, Y, weights = problem(net, dtype)
        places = [(w, index) for w in weights for index in np.ndindex(w.shape)]
        sample = places[:: max(1, len(places) // SAMPLE)]

        def step() -> None:
            for w, index in sample:
                here = w[index]
                w[index] = here + 1e-5
                ahead = R(weights, X, Y)
                w[index] = here - 1e-5
                (ahead - R(weights, X, Y)) / 2e-5
                w[index] = here

        return step, len(sample) / len(places)

    central_gradient = numerical_gradient


class OnePass:
    """One forward and one backward pass, by the library's plain functions."""

    def fast_check(self, net: Net, dtype: str) -> Timed:
        R, weights = _risk(net, dtype)
        return lambda: R.gradient(weights), 1

    find_wrong = fast_check
