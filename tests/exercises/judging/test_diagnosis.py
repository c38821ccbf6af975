"""Equations 4 to 18 ask for the formula: numerical derivatives are found, however exact."""

import numpy as np
import pytest

from bplab.exercises import CheckFailed, check
from bplab.gradcheck import numerical_gradient
from bplab.network import grad_beta


def collect(delta, Z):
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def with_slope(slope):
    """Equation (4) with the derivative of g taken by ``slope(g, T)``."""
    return lambda Y, A, Z, T, F, g: collect(-2 * (Y - F) * slope(g, T), Z)


def central(g, T, h=1e-5):
    return (g(T + h) - g(T - h)) / (2 * h)


def fourth_order(g, T, h=1e-3):
    return (8 * (g(T + h) - g(T - h)) - (g(T + 2 * h) - g(T - 2 * h))) / (12 * h)


def complex_step(g, T):
    return g(T + 1e-20j).imag / 1e-20


def entry_by_entry(g, T):
    return np.array([[(g(t + 1e-5) - g(t - 1e-5)) / 2e-5 for t in row] for row in T])


def of_the_risk(Y, A, Z, T, F, g):
    return collect(numerical_gradient(lambda T: np.sum((Y - g(T)) ** 2), T), Z)


NUMERICAL = {
    "central": with_slope(central),
    "fourth order": with_slope(fourth_order),
    "complex step": with_slope(complex_step),
    "entry by entry": with_slope(entry_by_entry),
    "of the risk": of_the_risk,
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("function", NUMERICAL.values(), ids=NUMERICAL)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_numerical_derivative_is_refused_and_called_so(function, dtype, hidden):
    with pytest.raises(CheckFailed, match=r"finite difference|numerically") as failed:
        check("eq4", lambda *a: function(*a).astype(dtype), hidden=hidden)
    assert failed.value.mistake in {"not-exact", "numerical-derivative"}


def test_the_exact_ones_are_as_near_as_a_formula():
    """So that precision alone would not do: the test above tests something."""
    rng = np.random.default_rng(0)
    T = rng.standard_normal((5, 3))
    from bplab.activations import sigmoid

    for slope in (fourth_order, complex_step):
        assert np.allclose(slope(sigmoid, T), sigmoid.derivative(T), rtol=1e-10)


def sent_back(slope):
    """Equation (5) with the derivative of sigma taken by ``slope(sigma, A)``."""

    def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
        delta = -2 * (Y - F) * g.derivative(T)
        return collect(slope(sigma, A) * (delta @ beta[:, 1:]), X)

    return grad_alpha


@pytest.mark.one_in(2)
@pytest.mark.parametrize("slope", [central, fourth_order, lambda g, T: central(g, T, 1e-4)])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_numerical_derivative_is_called_so_though_it_fails_on_a_kink(slope, hidden):
    with pytest.raises(CheckFailed) as failed:
        check("eq5", sent_back(slope), hidden=hidden)
    assert failed.value.mistake == "numerical-derivative"


@pytest.mark.parametrize("bound", [1, 2, 3])
def test_values_that_are_cut_off_are_no_numerical_derivative(bound):
    def cut(Y, A, Z, T, F, g):
        return collect(-2 * (Y - g(np.clip(T, -bound, bound))) * g.derivative(T), Z)

    with pytest.raises(CheckFailed) as failed:
        check("eq4", cut)
    assert failed.value.mistake != "numerical-derivative"


def recomputes_everything(Y, A, Z, T, F, g):
    return grad_beta(Y, A, Z, T, g(T.copy()), g)


def recomputes_one_by_one(Y, A, Z, T, F, g):
    F = np.array([[g(t) for t in row] for row in T])
    return grad_beta(Y, A, Z, T, F, g)


def recomputes_in_float32(Y, A, Z, T, F, g):
    Y, Z, T = (array.astype(np.float32) for array in (Y, Z, T))
    return collect(-2 * (Y - g(T)) * g.derivative(T), Z)


def rounds_differently(Y, A, Z, T, F, g):
    return grad_beta(Y, A, Z, T, g((T + 1) - 1), g)


@pytest.mark.parametrize(
    "function",
    [recomputes_everything, recomputes_one_by_one, recomputes_in_float32, rounds_differently],
)
def test_who_evaluates_g_again_at_the_given_points_is_not_blamed(function):
    assert check("eq4", function)
