"""Functions that answer coarsely, end somewhere, rest at an optimum, or have kinks; and the cost.

A right gradient is never called wrong, and one that is off by more than the function can hide is.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.gradcheck import Verdict, check_gradient
from bplab.gradcheck.ladder import AT_ONCE, Ladder, _later, _most
from bplab.gradcheck.probe import Probe
from tests.gradcheck.printed import one_line
from tests.thorough import ALL, EXAMPLES, one_in, one_of

RIGHT, WRONG, UNSURE = Verdict.RIGHT, Verdict.WRONG, Verdict.CANNOT_TELL


def verdicts(f, g, w, **options):
    """The set of verdicts on all entries."""
    return {
        entry.verdict for entry in check_gradient(f, g, np.asarray(w, float), **options).entries
    }


def smooth(w):
    return (np.tanh(w) ** 2).sum()


def slope(w):
    return 2 * np.tanh(w) / np.cosh(w) ** 2


def cast(dtype):
    return lambda w: float((np.tanh(w.astype(dtype)).astype(dtype) ** 2).astype(float).sum())


COARSE = {
    "float32 answers": (lambda w: np.float32(smooth(w)), 1e-2),
    "float32 inside": (cast(np.float32), 1e-2),
    "float32 throughout": (lambda w: smooth(w.astype(np.float32)), 1e-2),
    "parameters in float32": (lambda w: smooth(w.astype(np.float32).astype(float)), 1e-2),
    "float16 answers": (lambda w: np.float16(smooth(w)), 2.0),
    "float16 inside": (cast(np.float16), 2.0),
    "six decimals": (lambda w: np.round(smooth(w), 6), 2e-2),
    "three decimals": (lambda w: np.round(smooth(w), 3), 2.0),
    "six digits": (lambda w: float(f"{smooth(w):.6g}"), 5e-2),
    "rounded inside": (lambda w: (np.round(np.tanh(w), 5) ** 2).sum(), 1.0),
    "beside 1e8": (lambda w: 1e8 + smooth(w), 1e-2),
    "beside 1e12": (lambda w: 1e12 + smooth(w), 1.0),
}
"""Functions with one slope, and how wrong a gradient clearly is, relatively."""


@pytest.mark.unmeasured
@pytest.mark.one_in(4)
@pytest.mark.parametrize("kind", COARSE)
@settings(max_examples=EXAMPLES // 3)
@given(seed=st.integers(0, 10_000))
def test_a_function_that_answers_coarsely_gets_no_false_wrong_and_hides_no_gross_error(kind, seed):
    f, gross = COARSE[kind]
    w = np.random.default_rng(seed).normal(size=4)
    assert WRONG not in verdicts(f, slope, w)
    wrong = slope(w)
    wrong[0] += gross * max(abs(wrong[0]), 0.5)
    entries = check_gradient(f, wrong, w).entries
    assert entries[0].verdict != RIGHT
    assert WRONG not in {e.verdict for e in entries[1:]}


def test_gross_errors_of_coarse_functions_are_found():
    w = np.array([0.4, -0.6, 0.8, -1.0])
    for kind, (f, gross) in COARSE.items():
        report = check_gradient(f, lambda w, off=gross: slope(w) * (1 + 3 * off), w)
        assert len(report.wrong) >= 3, (kind, str(report))


@pytest.mark.unmeasured
@pytest.mark.one_in(2)
@pytest.mark.parametrize("f", [COARSE["float32 answers"][0], COARSE["float32 throughout"][0]])
def test_single_precision_is_decided_at_a_tolerance_that_it_allows_and_said(f):
    decided, seeds = 0, 100 if ALL else 40
    for seed in range(seeds):
        w = np.random.default_rng(seed).normal(size=5)
        report = check_gradient(f, slope, w, rtol=1e-2)
        assert not report.wrong
        assert any("single precision" in note for note in report.notes)
        decided += len(report.with_verdict(RIGHT))
    assert decided >= 0.9 * 5 * seeds


def test_the_steps_in_which_a_function_answers_are_said():
    w = np.array([0.4, -0.6, 0.8])
    said = check_gradient(lambda w: np.round(smooth(w), 6), slope, w)
    assert "f answers in steps of 1e-06" in one_line(said)
    assert "half precision" in one_line(check_gradient(lambda w: np.float16(smooth(w)), slope, w))
    assert not check_gradient(smooth, slope, w).notes


@pytest.mark.unmeasured
@pytest.mark.parametrize("decimals", [1, 2, 4, 6, 8])
def test_rounded_answers_are_in_steps_however_far_they_spread(decimals):
    for seed in range(5):
        w = np.random.default_rng(seed).normal(size=4)
        said = one_line(check_gradient(lambda w: np.round(smooth(w), decimals), slope, w))
        assert f"f answers in steps of {10.0**-decimals:.3g}" in said
        assert "precision" not in said


@pytest.mark.parametrize(
    ("seed", "decimals", "off"),
    [
        (7, 6, 1.001),
        (1, 4, 1.01),
        (3, 8, 1.001),
        (7, 4, 1.1),
        (7, 4, 0.9),
        (9, 3, 0.9),
        (9, 5, 1.01),
        (14, 3, 1.1),
        (19, 3, 0.9),
        (26, 4, 1.1),
    ],
)
def test_a_slope_that_rounded_answers_show_by_chance_is_no_derivative(seed, decimals, off):
    """Half of 32 steps of a grid is 16, and half of that 8: five halvings show one slope."""
    w = np.random.default_rng(seed).standard_normal(3)

    def rounded(w):
        return np.round(np.sum(w**2), decimals)

    wrong = 2 * w
    wrong[1] *= off
    for entry in check_gradient(rounded, wrong, w).entries:
        assert abs(entry.numeric - 2 * w[entry.index]) <= entry.error
    if (seed, decimals) == (7, 6):
        wrong[1] = 0.598016  # that slope, where 0.597491 is right
        assert check_gradient(rounded, wrong, w).entries[1].verdict == Verdict.WRONG


def halved(w, width=20.0, to=1e-6):
    """The root of x + tanh x = Σw between -10 and 10, by halves: every answer is on a grid."""
    low, high = -width / 2, width / 2
    while high - low > to:
        middle = (low + high) / 2
        low, high = (low, middle) if middle + np.tanh(middle) > w.sum() else (middle, high)
    return middle


@pytest.mark.unmeasured
@pytest.mark.parametrize(("width", "to"), [(20, 1e-6), (8, 1e-5), (3, 1e-4), (20, 1e-3)])
def test_a_search_by_halves_does_not_answer_in_single_precision(width, to):
    for seed in range(5):
        w = np.random.default_rng(seed).normal(size=4) / 4
        x = halved(w, width, 1e-12)
        right = np.full(4, 1 / (1 + 1 / np.cosh(x) ** 2))
        report = check_gradient(lambda w: halved(w, width, to), right, w)
        assert not report.wrong
        assert "precision" not in one_line(report)
        assert "f answers in steps of" in one_line(report)


@pytest.mark.parametrize(
    ("f", "w"),
    [
        (np.max, [1.0, 1.0, 0.0]),
        (np.max, [2.0, 2.0, 2.0, -1.0]),
        (np.min, [0.3, 0.3, 0.3]),
        (lambda w: np.abs(w).sum(), [0.0, 1.0, -2.0]),
        (lambda w: np.maximum(w, 0).sum(), [0.0, 0.0, 1.5]),
        (lambda w: np.linalg.norm(w), [0.0, 0.0, 0.0]),
        (lambda w: np.abs(w[0] - w[1]) + 3 * w.sum(), [0.7, 0.7]),
        (lambda w: np.sort(w)[1], [0.5, 0.5, 0.5, 2.0]),
        (lambda w: np.maximum(w[0], w[1] ** 2) + np.cos(w).sum(), [4.0, 2.0]),
        (lambda w: np.ptp(w), [1.0, 1.0, 3.0]),
    ],
)
def test_a_kink_at_the_parameters_is_no_rounding(f, w):
    said = one_line(check_gradient(f, np.ones(len(w)), np.array(w)))
    assert "f wavers" not in said
    assert "precision" not in said


@one_of("x", [0.1, 0.0079, 0.005, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize(
    ("f", "g"),
    [
        (lambda w: -np.sum(np.log(w)), lambda w: -1 / w),
        (lambda w: -sum(math.log(v) for v in w), lambda w: -1 / w),
        (lambda w: np.sum(np.arcsin(1 - w)), lambda w: -1 / np.sqrt(w * (2 - w))),
        (lambda w: np.sum(w**0.5), lambda w: 0.5 / np.sqrt(w)),
        (lambda w: np.sum(w**1.5), lambda w: 1.5 * np.sqrt(w)),
        (lambda w: np.sum(1 / w), lambda w: -1 / w**2),
        (lambda w: np.sum(1 / w**2), lambda w: -2 / w**3),
        (lambda w: np.sum(np.log(np.abs(w))), lambda w: 1 / w),
    ],
)
def test_steps_that_leave_the_domain_are_dropped(x, f, g):
    w = np.array([x, 0.7])
    assert WRONG not in verdicts(f, g, w)
    assert WRONG not in verdicts(f, g(w), w)
    assert RIGHT not in verdicts(f, lambda w: g(w) * (1 + 1e-3), w)
    if x > 1e-6:
        assert verdicts(f, g, w) == {RIGHT}
        assert verdicts(f, lambda w: g(w) * (1 + 1e-3), w) == {WRONG}


def test_on_the_edge_one_side_decides():
    def in_simplex(w):
        if (w < 0).any() or w.sum() > 1:
            raise ValueError("not in the simplex")
        return float((w @ np.array([1.0, 2.0, 3.0])) ** 2 + np.exp(w[0]))

    def its_gradient(w):
        return 2 * (w @ np.array([1.0, 2, 3])) * np.array([1.0, 2, 3]) + [np.exp(w[0]), 0, 0]

    for w in ([0, 0.3, 0.2], [0.2, 0.3, 0.5], [1e-5, 0.3, 0.2]):
        assert verdicts(in_simplex, its_gradient, w) == {RIGHT}
        assert verdicts(in_simplex, lambda w: its_gradient(w) * 1.001, w) == {WRONG}


def test_where_no_step_stays_in_the_domain_that_is_said():
    def on_a_plane(w):
        if w.sum() != 1:
            raise ValueError("must sum to 1")
        return float(w @ w)

    (entry, *_) = check_gradient(on_a_plane, lambda w: 2 * w, np.array([0.25, 0.25, 0.5])).entries
    assert entry.verdict == UNSURE
    assert "no value on either side" in one_line(entry)


def test_a_function_that_warns_beyond_an_edge_is_not_asked_there():
    f = lambda w: np.nansum(np.log(w))  # noqa: E731
    assert verdicts(f, lambda w: 1 / w, [0.001, 0.7]) == {RIGHT}


def rosen(w):
    return np.sum(100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2)


def rosen_gradient(w):
    inner = w[1:] - w[:-1] ** 2
    return np.append(0, 200 * inner) + np.append(-400 * w[:-1] * inner - 2 * (1 - w[:-1]), 0)


def least_squares(seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(30, 4)), rng.normal(size=30)
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    return lambda w: np.sum((X @ w - y) ** 2), lambda w: 2 * X.T @ (X @ w - y), w


def mean_log_share(w):
    return (w - np.log(np.exp(w).sum())).mean()


def mean_log_share_gradient(w):
    return 1 / w.size - np.exp(w) / np.exp(w).sum()


def divergence(w):
    return float(np.mean(np.log(np.exp(w).sum()) - w - np.log(w.size)))


def divergence_gradient(w):
    return np.exp(w) / np.exp(w).sum() - 1 / w.size


OPTIMA = {
    "squares": (lambda w: np.sum(w**2), lambda w: 2 * w, np.zeros(3)),
    "fourth powers": (lambda w: np.sum(w**4), lambda w: 4 * w**3, np.zeros(3)),
    "cosine": (lambda w: np.sum(np.cos(w)), lambda w: -np.sin(w), np.full(3, np.pi)),
    "rosen": (rosen, rosen_gradient, np.ones(4)),
    **{f"least squares {seed}": least_squares(seed) for seed in range(5)},
}


@pytest.mark.parametrize("name", OPTIMA)
def test_at_an_optimum_a_gradient_of_nothing_is_right_and_one_of_a_thousandth_wrong(name):
    f, g, w = OPTIMA[name]
    assert verdicts(f, g, w) == {RIGHT}
    assert verdicts(f, lambda w: g(w) + 1e-3, w) == {WRONG}
    assert verdicts(f, g(w) + 1e-6, w) == {WRONG}


FLAT_FOR_MANY = {
    # nearly a parabola: at equal steps its values are multiples of one number
    "log cosh": (lambda w: np.log(np.cosh(w)).sum(), np.tanh, 100),
    "mean log share": (mean_log_share, mean_log_share_gradient, 10),
    "mean log share, hidden by rounding": (mean_log_share, mean_log_share_gradient, 50),
    "divergence from equal shares": (divergence, divergence_gradient, 50),
    "wells": (
        lambda w: -np.exp(-(w**2) / 2).sum(),
        lambda w: w * np.exp(-(w**2) / 2),
        30,
    ),
}


@pytest.mark.parametrize("name", FLAT_FOR_MANY)
def test_where_many_parameters_are_alike_at_an_optimum_each_is_judged(name):
    f, g, n = FLAT_FOR_MANY[name]
    assert verdicts(f, g, np.zeros(n)) == {RIGHT}
    assert check_gradient(f, g, np.zeros(n), fast=True).directions == RIGHT
    report = check_gradient(f, lambda w: g(w) + 1e-6 * (np.arange(n) == 7), np.zeros(n))
    assert [entry.index for entry in report.wrong] == [(7,)]


@pytest.mark.parametrize("size", [1e-12, 1e-100, 1e100])
def test_functions_of_any_scale_are_judged(size):
    f = lambda w: size * np.sum(w**2)  # noqa: E731
    assert verdicts(f, lambda w: 2 * size * w, [0.5, 1.0, 0.0]) == {RIGHT}
    assert verdicts(f, lambda w: 2.001 * size * w, [0.5, 1.0, 0.3]) == {WRONG}


def test_the_flat_side_of_a_kink_is_judged():
    report = check_gradient(
        lambda w: np.maximum(w, 0).sum(), np.array([1.0, 1.0]), np.array([-1e-3, 0.5])
    )
    assert [e.index for e in report.wrong] == [(0,)]


@pytest.mark.parametrize(
    ("f", "w", "inside", "outside"),
    [
        (lambda w: np.abs(w).sum(), [0.0], [-1, 0, 1], [-1.1, 1.1]),
        (lambda w: np.where(w > 0, w, 0.1 * w).sum(), [0.0], [0.1, 0.5, 1], [0, 1.1]),
        (lambda w: np.maximum(0, 1 - w).sum(), [1.0], [-1, -0.5, 0], [-1.1, 0.1]),
        (lambda w: max(w[0], 3.0), [3.0], [0, 0.5, 1], [-0.1, 1.1]),
    ],
)
def test_on_a_kink_all_values_between_the_slopes_are_possible_and_no_others(f, w, inside, outside):
    assert [verdicts(f, np.array([float(g)]), w) for g in inside] == [{UNSURE}] * len(inside)
    assert [verdicts(f, np.array([float(g)]), w) for g in outside] == [{WRONG}] * len(outside)
    report = check_gradient(f, np.array([float(inside[0])]), np.array(w))
    assert "kink" in one_line(report)


def relu(w):
    return np.maximum(w, 0)


@pytest.mark.parametrize(
    "dead", [lambda w: 0 * w, lambda w: relu(w - 3), lambda w: relu(w - 3) ** 2]
)
def test_a_gradient_where_f_is_flat_as_far_as_rounding_could_hide_is_wrong(dead):
    f = lambda w: 1e3 + dead(w[0]) + np.sin(w[1])  # noqa: E731
    for g in (1.0, 1e-2, 1e-4, -1e-4):
        report = check_gradient(f, lambda w, g=g: np.array([g, np.cos(w[1])]), np.array([0.0, 1.0]))
        assert [entry.index for entry in report.wrong] == [(0,)]
    assert check_gradient(f, lambda w: np.array([0, np.cos(w[1])]), np.array([0.0, 1.0]))


@pytest.mark.parametrize("large", [1e15, 1e16, 1e17])
def test_where_f_is_flat_because_it_swallows_small_moves_its_slope_is_not_called_wrong(large):
    f = lambda w: 1 + (large + w[0] - large) + np.sin(w[1])  # noqa: E731
    right = lambda w: np.array([1, np.cos(w[1])])  # noqa: E731
    assert not check_gradient(f, right, np.array([0.3, 1.0])).wrong


def test_on_a_step_nothing_but_flatness_can_be_told():
    f = lambda w: np.floor(w).sum()  # noqa: E731
    assert verdicts(f, np.array([0.0]), [0.3]) == {RIGHT}
    for w in (0.3, 0.999, 1.0, 1.001):
        assert RIGHT not in verdicts(f, np.array([1.0]), [w])


SMOOTH = {
    "squares": (lambda w: np.sum(w**2), lambda w: 2 * w),
    "waves": (
        lambda w: np.sum(np.sin(w) * np.exp(w)),
        lambda w: (np.sin(w) + np.cos(w)) * np.exp(w),
    ),
    "means": (lambda w: smooth(w) / w.size, lambda w: slope(w) / w.size),
    "rosen": (rosen, rosen_gradient),
}


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("n", one_in(2, [100, 1000]))
def test_a_smooth_function_costs_at_most_two_and_a_half_times_central_differences(name, n):
    f, g = SMOOTH[name]
    asked = 0

    def counted(w):
        nonlocal asked
        asked += 1
        return f(w)

    report = check_gradient(counted, g, np.random.default_rng(1).normal(size=n))
    assert asked <= 2.5 * 2 * n
    assert not report.wrong
    assert len(report.with_verdict(RIGHT)) >= 0.95 * n


MANY = 200 if ALL else 80
"""Parameters, where it matters what each of them costs."""

SPREAD = 10.0 ** np.linspace(-3, 3, MANY)
SCALED = {
    "lengths": (
        lambda w: np.sin(SPREAD * w).sum(),
        lambda w: SPREAD * np.cos(SPREAD * w),
        0.5 / SPREAD,
    ),
    "wells": (
        lambda w: -np.exp(-((w * SPREAD) ** 2) / 2).sum(),
        lambda w: w * SPREAD**2 * np.exp(-((w * SPREAD) ** 2) / 2),
        1.3 / SPREAD,
    ),
    "near the edge": (lambda w: np.log(w).sum(), lambda w: 1 / w, SPREAD),
    "an optimum": (rosen, rosen_gradient, np.ones(MANY)),
}


@pytest.mark.unmeasured
@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", SCALED)
def test_entries_of_different_scales_cost_no_more_than_equal_ones(name):
    f, g, w = SCALED[name]
    asked = []
    report = check_gradient(lambda w: asked.append(1) or f(w), g, w)
    assert len(report.with_verdict(RIGHT)) == w.size
    assert len(asked) <= 2.5 * 2 * w.size
    wrong = check_gradient(f, lambda w: np.where(np.arange(w.size) == 7, 1.001, 1) * g(w) + 1e-2, w)
    assert not wrong.with_verdict(RIGHT)


DRAWN = np.random.default_rng(3).normal(size=200)
SOME = DRAWN[:MANY]
PARTLY_HIDDEN = {
    "units": (lambda w: ((SPREAD * w) ** 2).sum(), lambda w: 2 * SPREAD**2 * w, SOME, 2.5),
    "weights": (lambda w: (w**2).sum(), lambda w: 2 * w, SOME * SPREAD, 2.5),
    "saturated": (
        lambda w: np.tanh(w).sum(),
        lambda w: 4 * np.exp(-2 * abs(w)) / (1 + np.exp(-2 * abs(w))) ** 2,
        SOME * SPREAD,
        2.5,
    ),
    "a million more": (lambda w: 1e6 + np.sin(w).sum(), np.cos, SOME, 2.5),
    # what is looked at once for all of them counts among few
    "1e8 more": (lambda w: 1e8 + np.sin(w).sum(), np.cos, DRAWN, 7),
}


@pytest.mark.unmeasured
@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", PARTLY_HIDDEN)
def test_beside_large_numbers_small_entries_cost_little_and_no_error_in_them_is_called_right(name):
    f, g, w, most = PARTLY_HIDDEN[name]
    asked = []
    report = check_gradient(lambda w: asked.append(1) or f(w), g, w)
    assert len(asked) <= most * 2 * w.size
    assert not report.wrong
    off = check_gradient(f, lambda w: 1.001 * g(w), w)
    assert not [entry for entry in off.with_verdict(RIGHT) if entry.analytic]
    told = {entry.index for entry in report.with_verdict(RIGHT) if entry.analytic}
    assert told <= {entry.index for entry in off.wrong}


@pytest.mark.unmeasured
@pytest.mark.parametrize("width", one_in(2, [1e-5, 1e-4]))
def test_on_a_small_and_narrow_bump_nearly_all_entries_are_decided(width):
    rng = np.random.default_rng(0)
    w = rng.normal(size=100)
    top = w + width * rng.uniform(-1, 1, 100)
    bump = lambda w: 1e-3 * np.exp(-(((w - top) / width) ** 2))  # noqa: E731
    f = lambda w: (w**2 + bump(w)).sum()  # noqa: E731
    g = lambda w: 2 * w - 2 * (w - top) / width**2 * bump(w)  # noqa: E731
    report = check_gradient(f, g, w)
    assert not report.wrong
    assert len(report.with_verdict(RIGHT)) >= 98
    off = check_gradient(f, lambda w: 1.001 * g(w), w)
    assert not off.with_verdict(RIGHT)
    assert len(off.wrong) >= 90


@pytest.mark.unmeasured
def test_entries_that_rounding_hides_cost_little_and_gross_errors_in_them_show():
    w = np.random.default_rng(0).normal(size=MANY)
    units = np.where(np.arange(MANY) % 2, 1e-6, 1e6)
    asked = []
    f = lambda w: asked.append(1) or (units * np.sin(w)).sum()  # noqa: E731
    report = check_gradient(f, lambda w: units * np.cos(w), w)
    assert len(report.undecided) >= MANY / 4
    assert not report.wrong
    assert len(asked) <= 5 * 2 * w.size
    gross = check_gradient(f, lambda w: units * np.cos(w) + 0.01, w)
    assert len(gross.wrong) == MANY / 2


@pytest.mark.unmeasured
def test_a_smooth_function_of_many_parameters_is_asked_at_most_five_times_for_each():
    w = np.random.default_rng(0).normal(size=3_000)
    asked = 0

    def f(w):
        nonlocal asked
        asked += 1
        return (np.sin(w) * np.exp(w)).sum()

    report = check_gradient(f, lambda w: (np.cos(w) + np.sin(w)) * np.exp(w), w)
    assert report
    assert asked <= 5 * w.size


def test_warnings_of_the_function_are_heard_for_each_call_by_itself():
    probe = Probe(lambda w: np.log(w).sum(), np.array([1.0]))
    with probe.listening():
        assert np.isnan(probe.within([np.array([-1.0])]))
        assert probe.within([np.array([1.0])]) == 0
    assert probe.within([np.array([np.e])]) == pytest.approx(1)


@pytest.mark.parametrize("few", [2, 40])
@pytest.mark.parametrize("off", [1, 1.01])
@pytest.mark.parametrize("kink", [0, 1e-3])
def test_wherever_it_is_asked_a_function_is_heard(few, off, kink):
    """What is reckoned with its values may divide by zero in silence; it may not."""
    w, heard = np.random.default_rng(few).normal(size=few), set()

    def f(w):
        heard.add(np.geterr()["invalid"])
        return (np.tanh(w) ** 2).sum() + kink * np.abs(w - w.round(3)).sum()

    check_gradient(f, off * 2 * np.tanh(w) / np.cosh(w) ** 2, w)
    assert heard == {"warn", "call"}  # at the parameters themselves the user is warned


@pytest.mark.parametrize("few", [2, 40])
def test_beyond_an_edge_that_it_warns_of_a_function_is_not_asked_by_any_of_the_ways(few):
    """A slope that is 0 beyond the edge is not mixed with the one here."""
    w = np.geomspace(1e-9, 1, few)
    f = lambda w: np.nansum(np.sqrt(w) * w)  # noqa: E731
    report = check_gradient(f, 1.5 * np.sqrt(w), w)
    assert not report.wrong
    off = check_gradient(f, np.where(w == 1, 1.6, 1.5) * np.sqrt(w), w)
    assert len(off.wrong) == 1


@pytest.mark.parametrize(("length", "more"), [(2e-6, 1.4e-3), (2e-7, 5e-4), (5e-8, 1.3e-2)])
def test_at_an_edge_the_finer_steps_have_a_say(length, more):
    """Wide steps show the slope that a small wave leaves out; it is another at the edge itself."""

    def f(w):
        if w < 0:
            raise ValueError("not here")
        return 0.7 * w + w * w + more * length * np.sin(w / length)

    assert verdicts(f, lambda w: 0.7 + more, 0.0) == {RIGHT}
    assert verdicts(f, lambda w: 0.7, 0.0) == {WRONG}


@pytest.mark.parametrize("slope", [5e-324, 1e-320, 1e-310, 0.0])
def test_slopes_that_are_no_longer_normal_numbers_are_judged(slope):
    w = np.random.default_rng(0).normal(size=40)
    report = check_gradient(lambda w: 1 + (slope * w).sum(), np.full(40, slope), w)
    assert len(report.entries) == 40
    assert not report.wrong


@pytest.mark.parametrize("times", [1e6, 1e12])
def test_an_oscillation_too_fast_for_the_steps_is_not_called_an_error(times):
    w = np.array([0.3, -0.8, 1.1]) * min(1, 1e6 / times)
    report = check_gradient(lambda w: np.sin(times * w).sum(), times * np.cos(times * w), w)
    assert not report.wrong
    assert "from step to step: errors of its own, or an oscillation faster" in one_line(report)


@pytest.mark.parametrize("by", [1, 2])
def test_a_rung_is_compared_with_all_that_are_finer(by):
    amount = np.random.default_rng(by).normal(size=(6 - by, 6, 3))
    amount[amount > 1] = np.nan  # a step that leaves the domain
    found = _most(amount, _later(6, by))
    for k, j in np.ndindex(found.shape):
        finer = amount[k, k + by :, j]
        assert found[k, j] == max([0, *finer[~np.isnan(finer)]])


def test_many_entries_are_judged_as_each_alone():
    w = np.random.default_rng(0).normal(size=AT_ONCE + 3)
    ladder = Ladder(Probe(lambda w: np.abs(np.sin(3 * w)).sum(), w))
    every = ladder.by_entry()
    for j in (0, AT_ONCE - 1, AT_ONCE, AT_ONCE + 2):
        alone = ladder.at([(0, (j,))])
        assert [part[j] for part in every] == [part[0] for part in alone]
