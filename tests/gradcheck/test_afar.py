"""A gradient that means the slope from afar, or from nearer than rounding seems to allow."""

import numpy as np
import pytest

from bplab.gradcheck import Verdict, afar, check_gradient
from bplab.gradcheck.afar import from_afar, jump
from tests.thorough import sampled

EPS = np.finfo(float).eps


def fixed_point(tolerance, rate):
    def solved(w, tolerance=tolerance):
        x, change = np.zeros_like(w), np.inf
        while change > tolerance:
            before, x = x, rate * x + (1 - rate) * (w + np.sin(x) / 10)
            change = np.abs(x - before).max()
        return x

    def gradient(w):
        x = solved(w, 1e-14)
        return 2 * x / (1 - np.cos(x) / 10)

    return lambda w: (solved(w) ** 2).sum(), gradient


def interpolated(nodes):
    at = np.linspace(-5, 5, nodes)
    return lambda w: np.interp(w, at, np.exp(at)).sum(), np.exp


FINER_INSIDE = {
    "fixed point": fixed_point(1e-6, 0.5),
    "fixed point, slowly": fixed_point(1e-6, 0.9),
    "fixed point, coarsely": fixed_point(1e-3, 0.5),
    "100 nodes": interpolated(100),
    "1,000 nodes": interpolated(1_000),
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", sampled(FINER_INSIDE, lambda name: not name.endswith("slowly")))
def test_a_gradient_that_is_right_from_afar_is_not_called_wrong_and_a_gross_error_is(name):
    f, g = FINER_INSIDE[name]
    for seed in range(1 if "point" in name else 3):
        w = np.random.default_rng(seed).normal(size=3)
        assert not check_gradient(f, g, w).wrong
        assert check_gradient(f, g, w, fast=True).directions != Verdict.WRONG
        assert len(check_gradient(f, lambda w: 1.5 * g(w), w).wrong) == 3


@pytest.mark.unmeasured
def test_a_small_entry_whose_error_is_no_more_than_a_solvers_jumps_elsewhere_is_not_called_wrong():
    M = np.random.default_rng(27).normal(size=(2, 2))
    M *= 0.5 / np.linalg.norm(M, 2)

    def solved(w, tolerance):
        x, change = np.zeros_like(w), np.inf
        while change > tolerance:
            before, x = x, 0.7 * x + 0.3 * (w + M @ np.tanh(x))
            change = np.abs(x - before).max()
        return x

    def gradient(w):
        x = solved(w, 1e-14)
        return np.linalg.solve(np.eye(2) - (M / np.cosh(x) ** 2).T, 2 * x)

    def f(w):
        return (solved(w, 1e-8) ** 2).sum()

    w = np.array([0.02601052, -0.16816076])
    report = check_gradient(f, gradient, w)
    assert not report.wrong
    assert "as a solver does that stops early" in report.entries[0].why
    assert len(check_gradient(f, lambda w: 1.5 * gradient(w), w).wrong) == 2


@pytest.mark.one_in(3)
@pytest.mark.parametrize("place", [0.3, 0.45, 0.475, 0.495, 0.505])
@pytest.mark.parametrize("nodes", [90, 180, 1_000])
def test_where_a_piece_of_a_table_has_nearly_the_slope_from_afar_it_is_not_called_wrong(
    nodes, place
):
    between = 10 / (nodes - 1)
    at = np.linspace(-5, 5, nodes)
    w = np.array([-5 + (nodes // 2 + k + place) * between for k in (0, 1, nodes // 5)])
    f = lambda w: np.interp(w, at, np.sin(at)).sum()  # noqa: E731
    assert not check_gradient(f, np.cos, w).wrong
    assert len(check_gradient(f, lambda w: 1.5 * np.cos(w), w).wrong) == 3


@pytest.mark.parametrize("c", [1e2, 1e4, 1e6, 1e9])
def test_a_function_that_changes_faster_than_the_steps_gets_no_false_wrong(c):
    w = np.random.default_rng(0).normal(size=5) / c
    assert not check_gradient(lambda w: np.sin(c * w).sum(), lambda w: c * np.cos(c * w), w).wrong
    assert not check_gradient(lambda w: np.log(abs(w)).sum(), lambda w: 1 / w, w).wrong


@pytest.mark.unmeasured
@pytest.mark.one_in(4)
@pytest.mark.parametrize("unit", [1e-9, 1e-7, 1e-6, 1e-3, 1e6])
@pytest.mark.parametrize(
    ("f", "g"),
    [
        (lambda x: (np.arange(1, 5) * x**2).sum(), lambda x: 2 * np.arange(1, 5) * x),
        (lambda x: (x**2).sum() ** 2 + x.sum(), lambda x: 4 * (x**2).sum() * x + 1),
        (lambda x: (x**4 - 3 * x).sum(), lambda x: 4 * x**3 - 3),
    ],
)
def test_in_whatever_unit_a_polynomial_has_no_breaks_and_no_gross_error_is_right(f, g, unit):
    w = unit * np.random.default_rng(1).normal(size=4)
    for off in 1.001, 1.01, 1.1:
        report = check_gradient(
            lambda w: f(w / unit), lambda w, off=off: off * g(w / unit) / unit, w
        )
        assert len(report.wrong) == 4, str(report)


def test_jumps_are_told_from_kinks_and_from_what_is_smooth():
    assert jump(lambda t: np.sin(3 * t) + 1e-6 * (t > 0.3)) == pytest.approx(1e-6, rel=1e-3)
    assert jump(lambda t: abs(t - 0.3)) == 0
    assert jump(np.exp) < 1e-14


@pytest.mark.parametrize("slope", [30, -30, 3e3, -3e3])
def test_a_jump_is_found_also_where_the_function_is_far_steeper(slope):
    f = lambda t: slope * np.sin(t) + 1e-6 * (t > 0.3)  # noqa: E731
    assert jump(f) == pytest.approx(1e-6, rel=1e-3)
    assert jump(lambda t: slope * abs(t - 0.3)) == 0
    assert jump(lambda t: slope / (t - 0.3)) == 0
    assert jump(lambda t: slope * np.sign(t - 0.3) * abs(t - 0.3) ** 0.5) == 0


def test_a_smooth_function_has_no_view_from_afar_and_one_with_breaks_has():
    assert not len(from_afar(np.exp, 1.0, 1.0, EPS).slopes)
    seen = from_afar(lambda t: np.exp(t) + 1e-3 * np.sign(t - 0.01), 1.0, 1 - 1e-3, EPS)
    assert len(seen.slopes)
    assert (abs(seen.slopes - 1) <= 2 * seen.bars).any()


@pytest.mark.parametrize("f", [np.exp, lambda t: t**2 + t, lambda t: np.tanh(3 * t) + 2])
def test_to_see_that_a_function_is_smooth_costs_half_of_all_looks(f):
    asked = []
    seen = from_afar(lambda t: asked.append(t) or f(t), 1.0, f(0.0), EPS)
    assert not len(seen.slopes)
    assert len(asked) <= 2 * len(afar.STEPS) + 16 * len(afar.WINDOWS) * 0.6
    asked.clear()
    assert jump(lambda t: asked.append(t) or f(t), EPS) == 0
    assert len(asked) <= 128 + 32


def test_a_kink_or_jump_is_found_in_whatever_window_it_lies():
    for wider, half in enumerate(afar.WINDOWS):
        for f in (lambda t: abs(t - 0.7 * half), lambda t: float(t > 0.7 * half)):  # noqa: B023
            seen = from_afar(lambda t, f=f: t**2 + f(t), 1.0, f(0.0), EPS)
            assert len(seen.slopes) == wider, half


@pytest.mark.parametrize("seed", range(3))
def test_the_minimum_of_a_logistic_loss_is_decided_in_both_modes(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(40, 4)), rng.choice([-1, 1], 40)

    def f(w):
        return np.logaddexp(0, -y * (X @ w)).sum()

    def g(w):
        return -X.T @ (y / (1 + np.exp(y * (X @ w))))

    w = np.zeros(4)
    for _ in range(50):
        s = 1 / (1 + np.exp(-y * (X @ w)))
        w = w - np.linalg.solve((X.T * (s * (1 - s))) @ X, g(w))
    assert len(check_gradient(f, g, w).with_verdict(Verdict.RIGHT)) == 4
    assert check_gradient(f, g, w, fast=True).directions == Verdict.RIGHT
    assert len(check_gradient(f, lambda w: g(w) + 1e-3, w).wrong) == 4
    assert check_gradient(f, lambda w: g(w) + 1e-3, w, fast=True).directions == Verdict.WRONG


@pytest.mark.parametrize("off", [1.001, 1.1])
def test_a_kink_further_on_excuses_no_error_that_is_small(off):
    functions = {
        "absolute": (lambda w: np.abs(w).sum(), np.sign),
        "hinge": (lambda w: np.maximum(0, 1 - w).sum(), lambda w: -1.0 * (w < 1)),
        "two hinges": (
            lambda w: (30 * np.maximum(0, 1 - w) + 30 * np.maximum(0, -1 - w) + w).sum(),
            lambda w: 1 - 30.0 * (w < 1) - 30.0 * (w < -1),
        ),
        "ReLU and square": (
            lambda w: (w**2 + np.maximum(w, 0)).sum(),
            lambda w: 2 * w + (w > 0),
        ),
    }
    for w in (np.full(2, 0.3), np.array([-1.7, 0.6])):
        for name, (f, g) in functions.items():
            assert not check_gradient(f, g, w).wrong, name
            report = check_gradient(f, lambda w, g=g: off * g(w), w)
            assert len(report.wrong) == 2, (name, off)
