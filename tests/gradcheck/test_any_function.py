"""The check of a gradient of any function: a ladder of differences, and a kink test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.activations import relu
from bplab.gradcheck import Verdict, check_gradient, numerical_gradient
from tests.benchmarks.gradcheck.networks import random_network
from tests.thorough import EXAMPLES


def one(f, g, w, **options):
    """The verdict on a gradient by a single number."""
    (entry,) = check_gradient(f, np.array([g]), np.array([w]), **options).entries
    return entry.verdict


@pytest.mark.unmeasured
@settings(max_examples=EXAMPLES // 3)
@given(st.integers(0, 10_000))
def test_a_right_gradient_is_not_called_wrong_and_a_wrong_one_not_right(seed):
    rng = np.random.default_rng(seed)
    net = random_network(rng)
    R, gradient = net.function(), net.risk.gradient(net.weights)
    assert not check_gradient(R, lambda w: net.risk.gradient(w), net.weights).wrong

    sizes = np.concatenate([g.ravel() for g in gradient])
    if (np.abs(sizes) > 1e-6 * np.abs(sizes).max()).any():
        place = rng.choice(np.flatnonzero(np.abs(sizes) > 1e-6 * np.abs(sizes).max()))
        sizes[place] *= 1.001
        ends = np.cumsum([g.size for g in gradient])[:-1]
        wrong = tuple(
            p.reshape(g.shape) for p, g in zip(np.split(sizes, ends), gradient, strict=True)
        )
        assert check_gradient(R, wrong, net.weights).entries[place].verdict != Verdict.RIGHT


def test_plain_functions_are_judged_to_the_last_entry():
    w = np.array([1.0, -2.0, 3.0])
    f = lambda w: float(np.sum(np.sin(w) * w**2))  # noqa: E731
    right = np.cos(w) * w**2 + 2 * w * np.sin(w)
    report = check_gradient(f, right, w)
    assert report
    assert [e.verdict for e in report.entries] == [Verdict.RIGHT] * 3
    for j in range(3):
        wrong = right.copy()
        wrong[j] *= 1 + 2e-5
        assert [e.index for e in check_gradient(f, wrong, w).wrong] == [(j,)]


def test_a_kink_nearby_disturbs_neither_side_and_one_at_the_point_cannot_be_told():
    f = lambda w: float(relu(w).sum())  # noqa: E731
    for w in (1e-2, 1e-3, 1e-5, 1e-8):
        assert [one(f, g, w) for g in (1.0, 0.0)] == [Verdict.RIGHT, Verdict.WRONG]
        assert [one(f, g, -w) for g in (0.0, 1.0)] == [Verdict.RIGHT, Verdict.WRONG]
    for convention in (0.0, 0.5, 1.0):
        assert one(f, convention, 0.0) == Verdict.CANNOT_TELL
    for outside in (-1.0, -0.01, 1.01, 2.0):
        assert one(f, outside, 0.0) == Verdict.WRONG


def test_noise_widens_the_error_bar():
    rng = np.random.default_rng(0)
    noisy = lambda w: float(np.sum(w**2) + 1e-7 * rng.standard_normal())  # noqa: E731
    assert one(noisy, 2.0 * (1 + 1e-7), 1.0) == Verdict.CANNOT_TELL
    assert one(noisy, 2.2, 1.0) == Verdict.WRONG


def test_rounding_inside_a_function_is_not_mistaken_for_a_slope():
    # the sum is rounded to 2e-9 before it is squared: steps below that change nothing
    coarse = lambda w: float((1e7 + w[0] - 1e7 - 0.5) ** 2)  # noqa: E731
    assert one(coarse, 2 * (0.3 - 0.5), 0.3) != Verdict.WRONG


def test_a_function_that_never_answers():
    assert one(lambda w: 3.0, 0.0, 1.0) == Verdict.RIGHT
    assert one(lambda w: 3.0, 0.3, 1.0) == Verdict.WRONG
    assert one(lambda w: 3.0, 1e-12, 1.0) == Verdict.CANNOT_TELL


def test_a_stub_of_zeros_is_wrong_and_no_report_of_it_is_true():
    w = np.array([1.0, 2.0])
    report = check_gradient(lambda w: np.sum(w**2), np.zeros(2), w)
    assert len(report.wrong) == 2
    assert not report
    assert check_gradient(lambda w: np.sum(w**2), lambda w: 2 * w, w)


def test_the_relative_error_that_counts_can_be_chosen():
    f = lambda w: float(np.sum(np.exp(w)))  # noqa: E731
    off = float(np.exp(1.0)) * (1 + 1e-4)
    assert one(f, off, 1.0) == Verdict.WRONG
    assert one(f, off, 1.0, rtol=1e-2) == Verdict.RIGHT
    with pytest.raises(ValueError, match="rtol must be from 1e-9 to 1e-2"):
        one(f, off, 1.0, rtol=0.5)


def test_badly_scaled_parameters():
    f = lambda w: float(np.sum((w * np.array([1e3, 1.0, 1e-3])) ** 2))  # noqa: E731
    w = np.array([1e-3, 1.0, 1e3])
    right = 2 * w * np.array([1e6, 1.0, 1e-6])
    assert len(check_gradient(f, right, w).with_verdict(Verdict.RIGHT)) == 3


def test_the_fast_mode_looks_along_directions_then_finds_the_entry():
    w = np.linspace(1, 2, 40).reshape(5, 8)
    f = lambda w: float(np.sum(np.sin(w)))  # noqa: E731
    assert check_gradient(f, np.cos(w), w, fast=True).directions == Verdict.RIGHT
    wrong = np.cos(w)
    wrong[3, 2] *= 1.01
    report = check_gradient(f, wrong, w, fast=True)
    assert not report
    assert [e.index for e in report.wrong] == [(3, 2)]
    nothing = check_gradient(lambda w: 3.0, np.zeros(2), np.ones(2), fast=True)
    assert nothing.directions != Verdict.WRONG


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, w: check_gradient(f, np.ones((2, 1)), w), "must have its shape"),
        (
            lambda f, w: check_gradient(f, (w, w), w),
            "must be one array, as in params; got a tuple of 2",
        ),
        (lambda f, w: check_gradient(f, np.full(2, np.nan), w), "finite real"),
        (lambda f, w: check_gradient(f, np.array(["a", "b"]), w), "finite real"),
        (lambda f, w: check_gradient(lambda w: w, w, w), "one finite real number"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(lambda w: np.sum(w**2), np.array([1.0, 2.0]))


def test_numerical_gradients_pass():
    w = {"a": np.array([0.3, -0.7]), "b": np.array(2.0)}
    f = lambda p: np.sum(p["a"] ** 3) + np.sin(p["b"])  # noqa: E731
    assert check_gradient(f, lambda p: numerical_gradient(f, p, method="richardson"), w)
