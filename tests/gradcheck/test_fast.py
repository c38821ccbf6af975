"""The fast mode with functions of any form: decided at any size, and its promise kept."""

import re

import numpy as np
import pytest

from bplab.gradcheck import Verdict, check_gradient
from tests.gradcheck.printed import one_line
from tests.thorough import ALL, one_of

RTOL, FLOOR = 1e-5, 1e-4


def square(rng, n):
    a, b = rng.uniform(0.1, 10, n), rng.normal(size=n)
    return lambda w: np.sum(a * (w - b) ** 2), lambda w: 2 * a * (w - b), rng.normal(size=n)


def cubic(rng, n):
    return lambda w: np.sum(w**3), lambda w: 3 * w**2, rng.normal(size=n)


def logistic(rng, n):
    X, y = rng.normal(size=(20, n)), rng.choice([-1, 1], 20)
    return (
        lambda w: np.logaddexp(0, -y * (X @ w)).mean(),
        lambda w: -(y / (1 + np.exp(y * (X @ w)))) @ X / 20,
        rng.normal(size=n) / np.sqrt(n),
    )


def log_sum_exp(rng, n):
    return (
        lambda w: np.log(np.exp(w - w.max()).sum()) + w.max(),
        lambda w: np.exp(w - w.max()) / np.exp(w - w.max()).sum(),
        rng.normal(size=n),
    )


def rosenbrock(rng, n):
    def gradient(w):
        g, d = np.zeros(n), w[1:] - w[:-1] ** 2
        g[:-1] = -400 * w[:-1] * d - 2 * (1 - w[:-1])
        g[1:] += 200 * d
        return g

    return (
        lambda w: np.sum(100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2),
        gradient,
        rng.normal(size=n),
    )


def convolution(rng, n):
    windows = np.lib.stride_tricks.sliding_window_view(rng.normal(size=n + 20), n)
    target = rng.normal(size=21)

    def gradient(w):
        Z = np.tanh(windows @ w)
        return windows.T @ (2 * (Z - target) * (1 - Z**2))

    f = lambda w: np.sum((np.tanh(windows @ w) - target) ** 2)  # noqa: E731
    return f, gradient, rng.normal(size=n) / np.sqrt(n)


def network(rng, n):
    M = n // 10
    X, y = rng.normal(size=(20, 8)), rng.normal(size=20)

    def parts(w):
        return w[: 8 * M].reshape(8, M), w[8 * M : 9 * M], w[9 * M :]

    def f(w):
        A, bias, last = parts(w)
        return np.sum((np.tanh(X @ A + bias) @ last - y) ** 2)

    def gradient(w):
        A, bias, last = parts(w)
        Z = np.tanh(X @ A + bias)
        residual = 2 * (Z @ last - y)
        s = residual[:, None] * last * (1 - Z**2)
        return np.concatenate([(X.T @ s).ravel(), s.sum(axis=0), Z.T @ residual])

    return f, gradient, rng.normal(size=10 * M) / 3


FAMILIES = (square, cubic, logistic, log_sum_exp, rosenbrock, convolution, network)


@pytest.mark.unmeasured
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("n", [10, 100, 1_000, 10_000])
def test_a_right_gradient_of_a_smooth_function_is_decided_at_any_size(family, n):
    for seed in range(50 if ALL else 2):
        f, gradient, w = family(np.random.default_rng(seed), n)
        report = check_gradient(f, gradient, w, fast=True, seed=seed)
        assert report.directions == Verdict.RIGHT
        assert report.entries == ()
        assert "of an entry would have shown" in one_line(report)


def test_the_cost_does_not_grow_with_the_number_of_parameters():
    calls = []
    for n in (100, 10_000):
        f, gradient, w = cubic(np.random.default_rng(0), n)
        counted = [0]

        def counting(w, f=f, counted=counted):
            counted[0] += 1
            return f(w)

        assert check_gradient(counting, gradient, w, fast=True)
        calls += counted
    assert calls[1] <= calls[0] + 80
    assert calls[0] < 250


def one_off(g, rng):
    g[rng.integers(g.size)] *= 1 + rng.choice([1e-3, 1e-2, 0.5])


def zeroed(g, rng):
    g[rng.integers(g.size)] = 0


def sign_flipped(g, rng):
    g[rng.integers(g.size)] *= -1


def swapped(g, rng):
    i, j = rng.choice(g.size, 2, replace=False)
    g[[i, j]] = g[[j, i]]


def block_scaled(g, rng):
    g[: g.size // 3] *= 1 + rng.choice([1e-3, 1.0])


def barely_promised(g, rng):
    i = rng.integers(g.size)
    g[i] += 1.01 * RTOL * max(abs(g[i]), FLOOR * np.abs(g).max())


@pytest.mark.unmeasured
@one_of("mistake", [one_off, zeroed, sign_flipped, swapped, block_scaled])
@pytest.mark.parametrize("family", FAMILIES)
def test_no_error_that_is_promised_to_show_passes(family, mistake):
    _no_error_passes(family, mistake, 100, 100 if ALL else 2)


@pytest.mark.unmeasured
@pytest.mark.one_in(3)
@pytest.mark.parametrize("family", FAMILIES)
def test_the_promise_holds_to_its_limit(family):
    _no_error_passes(family, barely_promised, 100, 100 if ALL else 2)
    _no_error_passes(family, barely_promised, 3_000, 1)


def _no_error_passes(family, mistake, n, many):
    for seed in range(many):
        rng = np.random.default_rng(seed)
        f, gradient, w = family(rng, n)
        right = gradient(w)
        wrong = right.copy()
        mistake(wrong, rng)
        promised = RTOL * np.maximum(np.abs(wrong), FLOOR * np.abs(wrong).max())
        if not (np.abs(wrong - right) >= promised).any():
            continue
        error = wrong - right
        report = check_gradient(f, lambda w, g=gradient, e=error: g(w) + e, w, fast=True, seed=seed)
        assert not report
        places = {e.index[0] for e in report.wrong}
        assert places <= set(np.flatnonzero(error))
        if mistake is not barely_promised and report.directions == Verdict.WRONG:
            assert places


def test_where_the_function_is_noisier_the_report_promises_less():
    rng = np.random.default_rng(0)
    w = rng.normal(size=10_000)
    quiet = check_gradient(lambda w: np.sin(w).sum(), np.cos, w, fast=True)
    noisy = check_gradient(lambda w: 1e4 + np.sin(w).sum(), np.cos, w, fast=True)
    assert quiet
    assert noisy
    assert "or of 1e-09 where that is more" in one_line(quiet)
    assert "or of 1e-07 where that is more" in one_line(noisy)
    lost = check_gradient(lambda w: 1e10 + np.sin(w).sum(), np.cos, w, fast=True)
    assert lost.directions == Verdict.CANNOT_TELL


def test_kinks_are_never_called_a_mistake():
    rng = np.random.default_rng(0)
    for n in (10, 1_000):
        w = rng.normal(size=n)
        report = check_gradient(lambda w: np.maximum(w, 0).sum(), lambda w: w > 0, w, fast=True)
        assert report.directions != Verdict.WRONG
        w[0] = 0
        report = check_gradient(lambda w: np.abs(w).sum(), np.sign, w, fast=True)
        assert report.directions == Verdict.CANNOT_TELL


def test_parameters_of_any_size_and_near_the_edge_of_the_domain():
    rng = np.random.default_rng(0)
    c = 10.0 ** rng.uniform(-3, 3, 500)
    f = lambda w: np.sin(c * w).sum()  # noqa: E731
    assert check_gradient(f, lambda w: c * np.cos(c * w), 0.5 / c, fast=True)
    tiny = 1e-5 * rng.normal(size=50)
    f = lambda w: np.sin(1e5 * w).sum()  # noqa: E731
    assert check_gradient(f, lambda w: 1e5 * np.cos(1e5 * w), tiny, fast=True)
    near = 10.0 ** rng.uniform(-5, 0, 100)

    def f(w):
        if (w <= 0).any():
            raise ValueError("outside of the domain")
        return -np.log(w).sum()

    report = check_gradient(f, lambda w: -1 / w, near, fast=True)
    assert report.directions != Verdict.WRONG


def test_where_f_answers_coarsely_the_report_says_why_nothing_is_told_and_what_to_do():
    w = np.random.default_rng(0).normal(size=5)
    f = lambda w: np.float32(np.sin(w).sum())  # noqa: E731
    report = check_gradient(f, np.cos, w, fast=True)
    assert report.verdict == Verdict.CANNOT_TELL
    said = one_line(report)
    for words in ("single precision", "rtol=1e-05 needs", "float64 throughout", "fast=False"):
        assert words in said
    enough = float(re.search(r"pass rtol=(\S+?),", said)[1])
    assert check_gradient(f, np.cos, w, fast=True, rtol=enough)
    assert not check_gradient(f, 1.5 * np.cos(w), w, fast=True, rtol=enough)


def test_float64_is_no_advice_where_f_has_it():
    w = np.random.default_rng(0).normal(size=5)
    report = check_gradient(lambda w: 1e9 + np.sin(w).sum(), np.cos, w, fast=True)
    assert report.verdict == Verdict.CANNOT_TELL
    assert "the slope of f is known to ±" in one_line(report)
    assert "float64" not in one_line(report)


def test_where_no_slope_is_found_along_a_direction_that_is_said():
    w = np.full(3, 0.3)
    f = lambda w: 1.0 if (w == 0.3).all() else np.nan  # noqa: E731
    report = check_gradient(f, np.ones(3), w, fast=True)
    assert report.verdict == Verdict.CANNOT_TELL
    assert "no slope of f can be found" in one_line(report)


@pytest.mark.parametrize("grad", [np.zeros(3), np.ones(3)])
@pytest.mark.parametrize("value", [3.0, 0.0, -1e9])
def test_of_a_constant_it_is_not_said_that_it_jumps_or_leaves_its_domain(value, grad):
    report = check_gradient(lambda w: value, grad, np.array([0.3, -2.0, 1.0]), fast=True)
    assert report.verdict == Verdict.CANNOT_TELL
    assert "can be found: it does not react to its argument" in one_line(report)
    assert "jumps" not in one_line(report)
    assert "domain" not in one_line(report)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("off", [1.001, 1.1, -1])
@pytest.mark.parametrize("unit", [1e-10, 1e-7, 1e-3, 1e5])
def test_in_whatever_unit_no_gross_error_is_nothing_beside_a_high_power(unit, off):
    w = unit * np.random.default_rng(0).normal(size=40)

    def f(w):
        return ((w / unit) ** 4 - 3 * w / unit).sum()

    def g(w):
        return (4 * (w / unit) ** 3 - 3) / unit

    assert check_gradient(f, lambda w: off * g(w), w, fast=True).verdict != "right"


# --- numbers near the ends of float64, and what is advised --------------------------------

HUGE = np.array([0.8, -1.3, 0.25, 0.4, -1.1, 0.1])


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("unit", [1e150, 1e200, 1e300, 1e-200])
def test_a_function_of_huge_or_tiny_numbers_is_judged_as_any_other(unit, fast):
    def f(w):
        return unit * np.sum(w**2)

    report = check_gradient(f, lambda w: unit * 2 * w, HUGE, fast=fast)
    assert report.verdict == "right", str(report)
    assert "f wavers" not in one_line(report)
    wrong = check_gradient(f, lambda w: unit * (2 * w + [0, 0, 1e-3, 0, 0, 0]), HUGE, fast=fast)
    (entry,) = wrong.wrong
    assert entry.index == (2,)
    assert entry.numeric == pytest.approx(unit * 0.5, rel=1e-9)
    assert entry.analytic == pytest.approx(unit * 0.501)
    assert entry.error < unit * 1e-6


def test_what_would_have_shown_is_said_in_the_units_of_f():
    report = check_gradient(lambda w: 1e200 * np.sum(w**2), lambda w: 2e200 * w, HUGE, fast=True)
    assert "or of 3e+191 where that is more" in one_line(report)


def saturated(w):
    return np.sum(1 / (1 + np.exp(-w)))


def saturated_slope(w):
    return np.exp(-w) / (1 + np.exp(-w)) ** 2


ENTRY_BY_ENTRY = "entry by entry"


@pytest.mark.parametrize(
    ("f", "grad", "w"),
    [
        (saturated, saturated_slope, np.array([40.0, -40.0, 20.0])),
        (lambda w: float(np.sum(np.float32(w) ** 2)), lambda w: 2 * w, HUGE),
    ],
    ids=["saturated", "float32"],
)
def test_entry_by_entry_is_advised_only_where_it_tells_more(f, grad, w):
    report = check_gradient(f, grad, w, fast=True)
    assert report.verdict == "cannot tell"
    helps = len(check_gradient(f, grad, w).undecided) <= len(w) / 2
    assert helps is False
    assert ENTRY_BY_ENTRY not in one_line(report)


def test_entry_by_entry_is_advised_where_it_tells_more():
    def f(w):
        return np.sum(w**1.5)

    w = np.array([1e-6, 0.5, 2.0])
    report = check_gradient(f, lambda w: 1.5 * w**0.5, w, fast=True)
    assert report.verdict == "cannot tell"
    assert ENTRY_BY_ENTRY in one_line(report)
    assert check_gradient(f, lambda w: 1.5 * w**0.5, w).verdict == "right"
