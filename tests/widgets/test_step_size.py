import re
import sys

import numpy as np
import pytest

import bplab
from bplab.activations import sigmoid, tanh
from bplab.data import penguins
from bplab.gradcheck import step_errors
from bplab.learner import LearnerError
from bplab.widgets import step_size
from bplab.widgets.step_size.model import METHODS, STEPS, StepSize, _small_network
from bplab.widgets.step_size.panel import _agreeing, _written
from tests.widgets.reading import (
    has_a_still,
    leaves_nothing_behind,
    names_every_control,
    picture,
    without_end,
    words,
)

PLACE = np.array([0.3, 1.0])


def smooth(w):
    return np.sum(np.sin(w) * np.exp(w))


def real_only(w):
    return float(np.sum(np.sin(np.real(w))))


@pytest.fixture(scope="module")
def model():
    return StepSize()


@pytest.fixture(scope="module")
def curves(model):
    return model.curves()


class TestModel:
    def test_the_small_network_is_the_librarys(self):
        R, weights = _small_network()
        birds = penguins()
        rows = np.linspace(0, len(birds.X) - 1, 12).astype(int)
        X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
        risk = bplab.Risk(X[rows, :2], birds.Y[rows], tanh, sigmoid)
        assert R(weights) == pytest.approx(risk(weights), rel=1e-14)
        assert birds.Y[rows].sum(axis=0).min() >= 2  # all three species
        found = np.concatenate([part.ravel() for part in risk.gradient(weights).values()])
        np.testing.assert_allclose(StepSize().curves().right, found, rtol=1e-13)

    def test_the_bottoms_are_where_theory_has_them(self, curves):
        (h, error), (central_h, central_error) = (curves.best[m] for m in ("forward", "central"))
        assert 1e-9 <= h <= 1e-6  # ε^(1/2) = 1.5e-8
        assert 1e-7 <= central_h <= 1e-4  # ε^(1/3) = 6e-6
        assert 1e-9 < error < 1e-6
        assert 1e-12 < central_error < 1e-8
        assert curves.errors["complex"].min() < 1e-15

    def test_the_slopes_of_the_sides(self, curves):
        def order(method, first, second):
            at = [int(abs(STEPS - h).argmin()) for h in (first, second)]
            a, b = np.log10(curves.errors[method][at])
            return (a - b) / (np.log10(first) - np.log10(second))

        assert order("forward", 1e-2, 1e-4) == pytest.approx(1, abs=0.05)
        assert order("central", 1e-2, 1e-3) == pytest.approx(2, abs=0.05)
        assert order("complex", 1e-2, 1e-4) == pytest.approx(2, abs=0.05)
        assert order("central", 1e-14, 1e-8) == pytest.approx(-1, abs=0.3)

    @pytest.mark.parametrize("h", [STEPS[0], STEPS[20], STEPS[60]])
    def test_a_point_lies_on_the_curves(self, model, curves, h):
        at = model.at(h, curves)
        i = STEPS.tolist().index(h)
        assert at.errors == {method: curves.errors[method][i] for method in METHODS}

    def test_numbers_by_hand(self):
        model = StepSize(lambda w: w**3, 2.0)
        at = model.at(1e-3, model.curves())
        assert at.exact == pytest.approx(12)
        assert at.estimates["forward"] == pytest.approx(12.006001, rel=1e-9)
        assert at.estimates["central"] == pytest.approx(12.000001, rel=1e-9)
        assert at.estimates["complex"] == pytest.approx(11.999999, rel=1e-12)
        assert at.errors["forward"] == pytest.approx(0.006001 / 12, rel=1e-6)

    def test_sides_and_the_sweet_spot(self, model, curves):
        def side(h, method):
            return model.at(h, curves).standing[method].side

        assert [side(h, "forward") for h in (1e-2, 1e-7, 1e-13)] == [
            "truncation",
            "bottom",
            "rounding",
        ]
        assert [side(h, "central") for h in (1e-2, 1e-5, 1e-9)] == [
            "truncation",
            "bottom",
            "rounding",
        ]
        assert [side(h, "complex") for h in (1e-2, 1e-9, 1e-16)] == [
            "truncation",
            "bottom",
            "bottom",
        ]

    def test_a_function_that_takes_no_complex_numbers(self, recwarn):
        model = StepSize(real_only, PLACE)
        curves = model.curves()
        assert set(curves.errors) == {"forward", "central"}
        np.testing.assert_allclose(curves.right, np.cos(PLACE), rtol=1e-10)
        assert set(model.at(1e-5, curves).errors) == {"forward", "central"}
        assert not recwarn.list

    def test_a_gradient_given(self):
        curves = StepSize(smooth, PLACE, np.exp(PLACE) * (np.sin(PLACE) + np.cos(PLACE))).curves()
        assert curves.judge == "the gradient that you gave"
        found = step_errors(smooth, PLACE)
        np.testing.assert_allclose(
            curves.errors["central"][::4][:4], found.errors["central"][:4], rtol=1e-2
        )

    def test_a_gradient_given_is_matched_by_key(self):
        def f(p):
            return np.sum(p["a"] ** 2) * p["b"]

        curves = StepSize(f, {"a": PLACE, "b": 2.0}, {"b": PLACE @ PLACE, "a": 4 * PLACE}).curves()
        np.testing.assert_allclose(curves.right, [1.2, 4, 1.09])
        assert curves.best["central"][1] < 1e-9

    @pytest.mark.one_in(3)
    @pytest.mark.parametrize("off", [1.001, -1.0, 0.0])
    def test_a_wrong_gradient_is_not_believed(self, off):
        right = np.exp(PLACE) * (np.sin(PLACE) + np.cos(PLACE))
        curves = StepSize(smooth, PLACE, right * [1, off]).curves()
        np.testing.assert_allclose(curves.right, right, rtol=1e-12)
        said = f"you gave is wrong: it says {off * right[1]:.6g} for ∂f/∂params[1], and differences"
        assert said in curves.judge
        assert "complex step" in curves.judge

    @pytest.mark.parametrize(
        ("gradient", "message"),
        [(np.ones(3), r"must have its shape, \(2,\); got \(3,\)"), ([1, np.nan], "got nan at")],
    )
    def test_a_gradient_that_does_not_fit_is_not_blamed_on_f(self, gradient, message):
        with pytest.raises(LearnerError, match=f"^The gradient that you gave.*{message}"):
            StepSize(smooth, PLACE, gradient).curves()

    @pytest.mark.one_in(2)
    @pytest.mark.parametrize(
        ("f", "place", "why"),
        [
            (lambda w: np.maximum(w, 0).sum(), 0.0, "kink here: slope 0 on one side, 1 on"),
            (lambda w: float(np.abs(w).sum()), 0.0, "kink here: slope -1 on one side, 1 on"),
            (lambda w: np.max(w), 1.0, "kink here"),
            (lambda w: float(np.floor(w).sum() + w.sum()), 1.0, "changes too much"),
            (lambda w: float(np.sum(w >= 1) + w.sum()), 1.0, "changes too much"),
        ],
    )
    def test_at_a_jump_or_kink_no_gradient_is_called_right(self, f, place, why):
        here = np.array([place, 1.0])
        with pytest.raises(LearnerError, match=rf"no right gradient here. ∂f/∂params.*{why}"):
            StepSize(f, here).curves()
        assert StepSize(f, here + 0.01 * np.array([1, 2])).curves().right[1] == pytest.approx(1)

    def test_at_a_kink_one_may_say_which_slope_is_meant(self):
        def f(w):
            return np.maximum(w, 0).sum()

        curves = StepSize(f, np.array([0.0, 1.0]), np.array([1.0, 1.0])).curves()
        assert "cannot tell whether ∂f/∂params[0] is right: f has a kink here" in curves.judge
        assert curves.errors["forward"][:20].max() < 1e-9
        assert curves.errors["central"][:20] == pytest.approx(0.5)
        with pytest.raises(LearnerError, match="gave is wrong: it says 3 for"):
            StepSize(f, np.array([0.0, 1.0]), np.array([3.0, 1.0])).curves()

    def test_how_well_a_coarse_function_shows_its_gradient_is_said(self):
        model = StepSize(lambda w: np.float32(np.sum(np.tanh(w) ** 2)), PLACE)
        assert re.search(r"show it to ± \de-0[345] only", model.curves().judge)

    def test_a_function_that_answers_otherwise_each_time(self):
        rng = np.random.default_rng(0)
        with pytest.raises(LearnerError, match="different answers at the same params"):
            StepSize(lambda w: np.sum(w**2) * rng.uniform(), PLACE, 2 * PLACE).curves()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((smooth,), "f and params go together"),
            ((None, PLACE), "f and params go together"),
            ((3, PLACE), "f must be a function of params; got int"),
            ((smooth, PLACE, smooth), "gradient must be arrays as in params; got a function"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            StepSize(*arguments)


def starter(w):
    bplab.todo()


def raising(w):
    return w @ np.ones(7)


BAD = [
    (starter, "starter is not written yet"),
    (raising, "Your function f raises ValueError: matmul.*return w @ np.ones"),
    (lambda w: None, "Your function f cannot be used: the function must return one finite"),
    (lambda w: w, "must return one finite real number"),
    (lambda w: np.nan * w[0], "must return one finite real number"),
    (lambda w: "1", "must return one finite real number"),
    (lambda w: 3.0, "the gradient is zero here"),
]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_bad_function_is_named_and_the_panel_lives_on(bad, message):
    function, calls = bad, []

    def f(w):
        calls.append(1)
        return function(w)

    panel = step_size(f, PLACE)
    assert panel.at is None
    assert re.search(message, panel.canvas.alt)
    assert "press Reset" in words(panel)
    before = len(calls)
    panel.controls["h"].value = 1e-5
    assert len(calls) == before  # it might take long to fail
    function = smooth
    panel.reset_button.click()
    assert panel.at.h == 0.01
    assert "not shown" not in words(panel)


def test_a_function_may_write_into_its_argument():
    def writing(w):
        w *= 2
        return w.sum()

    panel = step_size(writing, PLACE)
    assert panel.at.exact == pytest.approx(2)
    assert PLACE.tolist() == [0.3, 1.0]


@pytest.mark.parametrize("f", [smooth, real_only])
def test_a_slow_function_is_given_up(monkeypatch, f):
    monkeypatch.setattr(sys.modules["bplab.widgets.step_size.model"], "SECONDS", 0)
    assert "Your function f is slow" in words(step_size(f, PLACE))


def test_a_function_without_an_end_is_stopped(monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.widgets.step_size.model"], "SECONDS", 0.05)
    said = words(step_size(without_end, PLACE))
    assert "Your function f is slow: all steps together took longer than 0.05 seconds" in said


class TestPanel:
    def test_moving_the_step(self):
        panel = step_size(smooth, PLACE)
        alt, png = picture(panel)
        assert "whole V curves. At h = 0.01 the error is" in alt
        assert (
            "forward: truncation, h is too large: about 2 digits are right; the error is"
            in words(panel) + alt
        )
        panel.controls["h"].value = 1e-12
        new_alt, new_png = picture(panel)
        assert new_png != png
        assert "forward: rounding, h is too small" in new_alt
        assert "no step is too small" in words(panel)

    def test_the_sweet_spot_is_said(self):
        panel = step_size(h=1e-5)
        assert "central: the sweet spot" in panel.canvas.alt
        assert "∂f/∂alpha[0, 1]" in words(panel)

    def test_lost_digits_in_words(self):
        panel = step_size(lambda w: np.sum(w**3), np.array([100.0]), h=1e-16)
        assert panel.at.estimates["forward"] == 0
        assert "both values of f are the same number" in words(panel)

    def test_without_the_curve_only_what_was_tried_is_drawn(self):
        panel = step_size(smooth, PLACE, curve=False)
        assert "the 1 steps tried so far" not in panel.canvas.alt
        assert "1 step tried so far" in panel.canvas.alt
        panel.controls["h"].value = 1e-5
        panel.controls["h"].value = 1e-8
        assert "3 steps tried so far" in panel.canvas.alt
        with_trail = picture(panel)
        panel.reset()
        panel.controls["h"].value = 1e-8
        assert "2 steps tried so far" in panel.canvas.alt
        assert picture(panel)[1] != with_trail[1]

    def test_left_out_is_said(self):
        panel = step_size(real_only, PLACE)
        assert "complex left out: f must take complex numbers" in words(panel)
        assert "from Richardson" in words(panel)

    def test_reset_and_state(self):
        panel = step_size(smooth, PLACE)
        first = picture(panel)
        panel.state = "h=1e-16, curve=off"
        assert panel.at.h == 1e-16
        assert panel.state == "h=1e-16,curve=off"
        panel.reset_button.click()
        assert picture(panel) == first
        assert step_size(smooth, PLACE, state=panel.state).state == panel.state

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"h": 1}, "h must be a number from 1e-16 to 0.1"),
            ({"state": "h=0"}, "h must be a number from 1e-16 to 0.1"),
            ({"state": "curve=1"}, "curve must be on or off"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            step_size(smooth, PLACE, **arguments)

    def test_messages_are_escaped(self):
        def f(w):
            raise RuntimeError('<script>"&')

        panel = step_size(f, PLACE)
        assert "<script>" not in panel.readout.value + panel.canvas.widget.value

    def test_good_manners(self):
        panel = step_size()
        names_every_control(panel)
        has_a_still(panel)
        leaves_nothing_behind(lambda: step_size(smooth, PLACE))


def test_digits():
    assert _written(1.8028687505441146) == "1.80286875054411"
    assert _written(1.5e-7) == "1.50000000000000e-07"
    assert _written(0.0) == "0"
    assert _agreeing("1.8031", "1.8028") == "<b>1.80</b>31"
    assert _agreeing("-1.5", "1.5") == "-1.5"
    assert _agreeing("0.05", "0.01") == "0.05"  # zeros in front are no digits


def wavy(w):
    return np.sum(np.sin(100 * w))


@pytest.fixture(
    scope="module",
    params=[(None, None), (smooth, PLACE), (wavy, PLACE), (lambda w: np.sum(w**3), 2 + PLACE)],
    ids=["network", "smooth", "wavy", "cubic"],
)
def everywhere(request):
    """Errors, side and sentence of each method at each place of the slider."""
    model = StepSize(*request.param)
    curves = model.curves()
    return [
        (method, h, at.errors[method], at.standing[method])
        for h in STEPS
        for at in [model.at(float(h), curves)]
        for method in METHODS
    ]


class TestWordsAreByTheNumbers:
    def test_digits_that_are_right(self, everywhere):
        for method, h, error, standing in everywhere:
            where = (method, h, error, standing.sentence)
            if found := re.search(r"about (\d+) digit", standing.sentence):
                assert 10 ** -int(found[1]) >= error > 10 ** -(int(found[1]) + 1), where
            elif "no digit is right" in standing.sentence:
                assert error > 0.1, where
            else:
                assert "all digits that count" in standing.sentence, where
                assert error <= 1e-14, where
            if error >= 2:
                told = re.search(r"the error is ([\d,]+) times the gradient", standing.sentence)
                assert float(told[1].replace(",", "")) == pytest.approx(error, abs=0.51), where

    def test_who_is_worse_at_the_same_step_is_told_so(self, everywhere):
        def rank(sentence):
            if "all digits" in sentence:
                return 99
            if found := re.search(r"about (\d+) digit", sentence):
                return int(found[1])
            found = re.search("([\\d,]+) times the gradient", sentence)
            return -float(found[1].replace(",", "")) if found else 0

        for h in STEPS:
            here = sorted((error, -rank(s.sentence)) for _, at, error, s in everywhere if at == h)
            ranks = [told for _, told in here]
            assert ranks == sorted(ranks), (h, here)

    def test_the_sides(self, everywhere):
        for method, h, _, standing in everywhere:
            if method == "complex":
                assert standing.side != "rounding"
            elif standing.side != "bottom":
                sides = {"truncation": "h is too large", "rounding": "h is too small"}
                assert sides[standing.side] in standing.sentence, (method, h)
                assert f"{standing.side}, " in standing.sentence


def test_the_worst_method_at_the_largest_step_has_the_hardest_words():
    at = step_size(wavy, np.array([0.6, -1.0, 2.0]), h=0.1).at
    assert max(at.errors, key=at.errors.get) == "complex"
    assert "no digit is right, the error is 1,1" in at.standing["complex"].sentence
    assert "times the gradient" not in at.standing["central"].sentence
