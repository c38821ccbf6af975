"""What once passed by the luck of the draw: it does not, whatever is drawn."""

import numpy as np
import pytest

from bplab.exercises.task import VISIBLE, hidden_kind
from tests.exercises.drawn import found
from tests.thorough import ALL, one_of

KINDS = [VISIBLE, *(hidden_kind(f"draw {n}") for n in range(4))]
EACH_KIND = one_of("kind", KINDS if ALL else [VISIBLE])


def difference(ahead, behind):
    def numerical_gradient(f, params):
        gradient = np.zeros(params.shape)
        for index in np.ndindex(params.shape):
            above, below = np.array(params, dtype=float), np.array(params, dtype=float)
            above[index] += ahead
            below[index] -= behind
            gradient[index] = (f(above) - f(below)) / (ahead + behind)
        return gradient

    return numerical_gradient


@pytest.mark.one_in(3)
@EACH_KIND
@pytest.mark.parametrize("h", [10.0**-n for n in range(1, 13)])
@pytest.mark.parametrize("side", ["forward", "backward"])
def test_a_difference_on_one_side_is_not_near_enough_with_any_step(side, h, kind):
    slope = difference(h, 0) if side == "forward" else difference(0, h)
    assert found("numerical-gradient", slope, kind)


@EACH_KIND
@pytest.mark.parametrize("h", [1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
def test_a_central_one_is_with_all_sensible_steps(h, kind):
    assert found("numerical-gradient", difference(h, h), kind) is None


@pytest.mark.parametrize("h", [1e-7, 1e-8])
def test_a_forward_difference_with_a_small_step_has_its_name(h):
    assert found("numerical-gradient", difference(h, 0)).name == f"forward-{h:.0e}"


def grad_beta(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return np.c_[delta.sum(axis=0), delta.T @ Z]


@EACH_KIND
@pytest.mark.parametrize("decimals", [8, 9, 10, 11, 12, 13])
def test_a_rounded_gradient_is_refused(decimals, kind):
    assert found("eq4", lambda *given: np.round(grad_beta(*given), decimals), kind)


@EACH_KIND
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("first", [8, 9, 10])
def test_what_lies_beyond_a_number_of_columns_or_rows_counts(first, axis, kind):
    def cut(*given):
        gradient = grad_beta(*given)
        np.moveaxis(gradient, axis, 0)[first:] = 0
        return gradient

    assert found("eq4", cut, kind)


SLOPES = {
    "sigmoid": lambda F: F * (1 - F),
    "tanh": lambda F: 1 - F**2,
    "identity": np.ones_like,
    "relu": lambda F: (F > 0) * 1.0,
}


@EACH_KIND
@pytest.mark.parametrize("otherwise", SLOPES)
def test_a_list_of_activations_by_name_does_not_hold_them_all(otherwise, kind):
    def by_name(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * SLOPES.get(g.name, SLOPES[otherwise])(F)
        return np.c_[delta.sum(axis=0), delta.T @ Z]

    assert found("eq4", by_name, kind)
