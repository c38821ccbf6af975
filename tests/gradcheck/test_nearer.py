"""Functions that change within the steps of the ladder: their gradients are not called wrong."""

import numpy as np
import pytest

from bplab.gradcheck import Verdict, check_gradient
from bplab.gradcheck.ladder import Ladder
from bplab.gradcheck.nearer import from_nearer
from tests.thorough import one_in

RIGHT, WRONG = Verdict.RIGHT, Verdict.WRONG

TINY = {
    "log": (lambda w: np.log(np.abs(w)).sum(), lambda w: 1 / w),
    "root": (lambda w: np.sqrt(w).sum(), lambda w: 0.5 / np.sqrt(w)),
    "cube root": (lambda w: np.cbrt(w).sum(), lambda w: 1 / 3 / np.cbrt(w) ** 2),
    "power": (lambda w: (np.abs(w) ** 0.3).sum(), lambda w: 0.3 * np.abs(w) ** -0.7),
    "entropy": (lambda w: (w * np.log(w)).sum(), lambda w: np.log(w) + 1),
    "pole": (lambda w: np.tan(np.pi / 2 - w).sum(), lambda w: -1 / np.sin(w) ** 2),
}


@pytest.mark.unmeasured
@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", TINY)
@pytest.mark.parametrize("size", one_in(2, [1e-3, 1e-6, 1e-9, 1e-12, 1e-15, 1e-50]))
def test_near_a_pole_or_a_branch_point_no_right_gradient_is_wrong(name, size):
    f, g = TINY[name]
    w = size * np.random.default_rng(0).uniform(0.5, 2, 3)
    if name == "pole" and size < 1e-12:  # π/2 is rounded, by more than w
        return
    for gradient in (g, g(w)):
        assert not check_gradient(f, gradient, w).wrong
    assert check_gradient(f, g, w, fast=True).directions != WRONG
    assert not check_gradient(f, lambda w: 1.001 * g(w), w).with_verdict(RIGHT)
    if size > 1e-12:
        assert check_gradient(f, lambda w: 1.5 * g(w), w).wrong


def narrow(s):
    """Functions of numbers about 0.3 that change within s."""
    return {
        "step": (
            lambda w: (np.tanh((w - 0.3) / s) + w).sum(),
            lambda w: 1 / s / np.cosh((w - 0.3) / s) ** 2 + 1,
        ),
        "well": (
            lambda w: (1 / (s**2 + (w - 0.3) ** 2)).sum(),
            lambda w: -2 * (w - 0.3) / (s**2 + (w - 0.3) ** 2) ** 2,
        ),
        "bump": (
            lambda w: (w**2 - np.exp(-(((w - 0.3) / s) ** 2))).sum(),
            lambda w: 2 * w + 2 * (w - 0.3) / s**2 * np.exp(-(((w - 0.3) / s) ** 2)),
        ),
        "growth": (lambda w: np.exp((w - 0.3) / s).sum(), lambda w: np.exp((w - 0.3) / s) / s),
        "corner": (
            lambda w: (s * np.logaddexp(0, (w - 0.3) / s)).sum(),
            lambda w: (1 + np.tanh((w - 0.3) / s / 2)) / 2,
        ),
    }


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", narrow(1.0))
@pytest.mark.parametrize("s", one_in(2, [1e-2, 1e-4, 1e-6, 1e-9, 1e-12, 1e-15]))
def test_within_a_narrow_feature_no_right_gradient_is_wrong_and_no_wrong_one_right(name, s):
    f, g = narrow(s)[name]
    w = 0.3 + s * np.random.default_rng(1).uniform(-2, 2, 3)
    for gradient in (g, g(w)):
        assert not check_gradient(f, gradient, w).wrong
    for off in (1.001, 1.5):
        assert not check_gradient(f, lambda w, off=off: off * g(w), w).with_verdict(RIGHT)
    if s > 1e-10:
        assert len(check_gradient(f, lambda w: 1.5 * g(w), w).wrong) == 3


@pytest.mark.parametrize("c", one_in(2, [1e3, 1e5, 1e7, 1e8, 1e10, 1e12, 1e14, 1e16]))
def test_the_slope_within_a_short_wave_is_not_called_wrong(c):
    w = np.random.default_rng(2).normal(size=3)
    f, g = lambda w: np.sin(c * w).sum(), lambda w: c * np.cos(c * w)
    for gradient in (g, g(w)):
        assert not check_gradient(f, gradient, w).wrong
    assert check_gradient(f, g, w, fast=True).directions != WRONG
    assert not check_gradient(f, lambda w: 1.5 * g(w), w).with_verdict(RIGHT)
    if c < 1e10:
        assert len(check_gradient(f, lambda w: 1.5 * g(w), w).wrong) == 3


@pytest.mark.parametrize("size", one_in(2, [1e-9, 1e-15, 1e9, 1e15, 1e50]))
def test_parameters_of_any_size_are_judged(size):
    w = size * np.array([0.3, -0.7, 1.1])
    f = lambda w: np.sum(np.sin(w / size) + (w / size) ** 2)  # noqa: E731
    g = lambda w: (np.cos(w / size) + 2 * w / size) / size  # noqa: E731
    for gradient in (g, g(w)):
        assert not check_gradient(f, gradient, w).wrong
    assert not check_gradient(f, lambda w: 1.001 * g(w), w).with_verdict(RIGHT)
    assert len(check_gradient(f, lambda w: 1.5 * g(w), w).wrong) == 3


@pytest.mark.parametrize("c", one_in(2, [1e2, 1e4, 1e6, 1e8, 1e10]))
@pytest.mark.parametrize("where", ["anywhere", "in the middle"])
def test_of_stairs_neither_the_slope_from_afar_nor_flatness_is_called_wrong(c, where):
    w = np.random.default_rng(3).normal(size=3)
    if where == "in the middle":
        w = (np.floor(c * w) + 0.5) / c
    f = lambda w: (np.floor(c * w) / c).sum()  # noqa: E731
    for slope in (0.0, 1.0):
        assert not check_gradient(f, np.full(3, slope), w).wrong
    assert len(check_gradient(f, np.full(3, 1.5), w).wrong) >= 2


def test_zeros_are_wrong_beside_rounding():
    w = np.array([0.3, -0.7])
    for f in (lambda w: 1e4 + np.sin(w).sum(), lambda w: np.float32(np.sin(w).sum())):
        assert len(check_gradient(f, np.zeros(2), w).wrong) == 2


def test_the_finest_steps_that_show_a_slope_are_found():
    c, w = 1e8, 0.3
    here = np.sin(c * w)
    seen = from_nearer(lambda h: np.sin(c * (w + h)), w, 1.0, here)
    steps = seen.alike(c * np.cos(c * w), 0.1 * c)
    assert len(steps) >= 5
    assert steps[0] < 4 / c
    assert not len(seen.alike(7.0, 1.0))
    assert not seen.unseen(1e-16)
    assert not seen.flat(1e-16)


def on_a_slope(c):
    """A small wave, or stair, on a larger smooth slope: two slopes are true of each."""
    return {
        "small wave": (
            lambda w: (w**2 + 1e-3 * np.sin(c * w) / c).sum(),
            lambda w: 2 * w + 1e-3 * np.cos(c * w),
        ),
        "wave": (
            lambda w: (w**2 + np.sin(c * w) / c).sum(),
            lambda w: 2 * w + np.cos(c * w),
        ),
        "stair": (lambda w: (np.sin(w) + np.rint(c * w) / c).sum(), np.cos),
        "saw": (lambda w: (3 * w + ((c * w) % 1) / c).sum(), lambda w: 4 + 0 * w),
        "smooth stairs": (
            lambda w: (w - np.sin(2 * np.pi * c * w) / (2 * np.pi * c)).sum(),
            lambda w: 1 - np.cos(2 * np.pi * c * w),
        ),
    }


TWO_SLOPES = [
    ("small wave", 1e8, 1),
    ("small wave", 1e9, 2),
    ("wave", 1e10, 6),
    ("wave", 1e12, 1),
    ("stair", 1e8, 7),
    ("stair", 1e11, 1),
    ("stair", 1e12, 2),
    ("saw", 1e8, 4),
    ("saw", 1e11, 2),
    ("smooth stairs", 1e12, 0),
]


@pytest.mark.parametrize(("name", "c", "seed"), one_in(2, TWO_SLOPES))
def test_the_slope_of_a_small_wave_or_stair_on_a_larger_one_is_not_called_wrong(name, c, seed):
    f, g = on_a_slope(c)[name]
    w = np.random.default_rng(seed).normal(size=5)
    assert not check_gradient(f, g, w).wrong
    assert check_gradient(f, lambda w: g(w) + 2, w).wrong


def test_a_slope_that_rounding_shows_by_chance_in_many_fine_steps_is_wrong():
    w = np.random.default_rng(57).normal(size=5)
    f = lambda w: (w**2 + 1e-10 * np.sin(1e5 * w)).sum()  # noqa: E731
    g = lambda w: 1.001 * (2 * w + 1e-5 * np.cos(1e5 * w))  # noqa: E731
    assert len(check_gradient(f, g, w).wrong) == 5


def test_from_afar_a_slope_is_compared_with_what_was_found_from_nearer(monkeypatch):
    w, asked, means = np.array([1e-6]), [], Ladder.means

    def spy(self, place, slope, known, largest):
        asked.append(float(known.value[0]))
        return means(self, place, slope, known, largest)

    monkeypatch.setattr(Ladder, "means", spy)
    f, g = TINY["cube root"]
    assert check_gradient(f, lambda w: 1.5 * g(w), w).wrong
    assert asked == pytest.approx(g(w), rel=1e-3)
