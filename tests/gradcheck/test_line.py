"""The derivative along one line: exact where a function is smooth, and an error bar in any case."""

import numpy as np
import pytest

from bplab.gradcheck.line import along

EPS = np.finfo(float).eps


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, 1.0),
        (np.exp, 1.0),
        (lambda t: 3 * t - 5 * t**2 + t**3, 3.0),
        (lambda t: np.log(1e-3 + t), 1e3),  # not defined at wide steps
        (lambda t: np.tanh(1e4 * t), 1e4),
        (lambda t: np.sin(1e8 * t), 1e8),  # changes within the finest of the usual steps
        (lambda t: t**2, 0.0),
    ],
)
def test_a_smooth_function_is_differentiated_almost_to_rounding(f, slope):
    with np.errstate(invalid="ignore"):
        here = float(f(0.0))
        value, error = along(lambda t: float(f(t)), here, EPS * max(1, abs(here)))
    assert abs(value - slope) <= error
    assert error <= 1e-8 * max(1, slope)


@pytest.mark.parametrize("where", [0.0, 1e-9, 1e-4])
def test_a_kink_widens_the_bar_until_both_slopes_are_within_or_the_right_one_is_known(where):
    value, error = along(lambda t: abs(t - where) + t**2, where, EPS)
    assert abs(value + 1) <= error
    if where == 0:
        assert error >= 1


def test_noise_is_in_the_bar():
    rng = np.random.default_rng(0)
    for _ in range(20):
        value, error = along(lambda t: np.sin(t) + 1e-6 * rng.normal(), 0.0, 1e-6)
        assert abs(value - 1) <= error
        assert error > 1e-6


def test_a_function_that_never_answers_says_nothing():
    assert along(lambda t: 3.0, 3.0, EPS)[1] == np.inf
    assert along(lambda t: np.nan, 3.0, EPS)[1] == np.inf
