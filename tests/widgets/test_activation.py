import re
import sys

import numpy as np
import pytest

import bplab
from bplab.activations import Activation, elu, sigmoid, softmax, tanh
from bplab.exercises.section_4 import exercises as section_4
from bplab.widgets import activation
from bplab.widgets.activation.model import FUNCTIONS, GRID, YOURS, ActivationModel, LearnerError
from tests.widgets.reading import (
    has_a_still,
    leaves_nothing_behind,
    names_every_control,
    picture,
    without_end,
    words,
)


class TestModel:
    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize("alpha", [0.0, 0.01, 0.25, 1.0])
    def test_the_librarys_derivatives_pass_their_own_check(self, name, alpha):
        curve = ActivationModel().curve(name, alpha)
        assert not curve.wrong.any()
        assert not curve.jumps
        activation = FUNCTIONS[name](alpha)
        assert curve.kinks == ((0.0,) if activation.kink else ())
        np.testing.assert_allclose(curve.value, activation(GRID))
        smooth = GRID != 0  # at 0 ELU with α = 1 has no kink, and bends at once
        np.testing.assert_allclose(curve.difference[smooth], curve.slope[smooth], atol=1e-8)

    def test_a_point_by_hand(self):
        point = ActivationModel().point("tanh", 0, 0.5, 0.25)
        assert point.value == pytest.approx(np.tanh(0.5))
        assert point.slope == pytest.approx(1 - np.tanh(0.5) ** 2)
        assert point.central == pytest.approx((np.tanh(0.75) - np.tanh(0.25)) / 0.5)
        assert not point.kink
        assert not point.wrong

    @pytest.mark.parametrize("h", [1e-6, 0.01, 1.0])
    def test_on_the_kink_of_relu_every_central_difference_is_a_half(self, h):
        point = ActivationModel().point("ReLU", 0, 0.0, h)
        assert (point.left, point.right, point.slope) == (0, pytest.approx(1), 0)
        assert point.central == pytest.approx(0.5)
        assert point.kink
        assert not point.wrong

    def test_regions(self):
        def regions(name, alpha=0.25):
            return ActivationModel().curve(name, alpha).regions

        left, right = regions("sigmoid")
        assert (left.word, left.left, right.word, right.right) == ("saturated", -6, "saturated", 6)
        # σ(1 − σ) = 0.05 at ln((1 + √0.8)/(1 − √0.8)) = 2.887
        assert right.left == pytest.approx(-left.right) == pytest.approx(2.9, abs=0.025)
        (off,) = regions("ReLU")
        assert (off.word, off.right) == ("off", 0)
        assert [r.word for r in regions("leaky ReLU", 0.01)] == ["nearly off"]
        assert regions("leaky ReLU", 0.1) == regions("identity") == ()
        (low,) = regions("ELU", 1.0)
        assert low.word == "saturated"
        assert low.right == pytest.approx(np.log(0.05), abs=0.026)

    @pytest.mark.parametrize("exercise", ["sigmoid", "tanh", "relu", "leaky_relu", "elu"])
    def test_the_answers_of_section_4_are_right_here(self, exercise):
        model = ActivationModel(getattr(section_4, exercise))
        assert model.names[0] == YOURS
        assert model.takes_alpha(YOURS) == (exercise in ("leaky_relu", "elu"))
        curve = model.curve(YOURS, 0.3)
        assert not curve.wrong.any()

    @pytest.mark.parametrize("exercise", ["sigmoid", "tanh", "relu", "leaky-relu", "elu"])
    def test_which_known_mistakes_can_be_seen(self, exercise):
        """All but those whose derivative is that of their value, wrong as both may be."""
        (exercise,) = [e for e in section_4.EXERCISES if e.id == exercise]
        takes_alpha = exercise.id in ("leaky-relu", "elu")
        unseen = set()
        for mistake in exercise.mistakes:

            def mine(x, alpha, wrong=mistake.wrong):
                return wrong(x, alpha) if takes_alpha else wrong(x)

            try:
                curve = ActivationModel(mine).curve(YOURS, 0.3)
            except LearnerError:
                continue
            if not (curve.wrong.any() or curve.jumps or curve.far):
                unseen.add(mistake.name)
        another = {"is-tanh", "is-sigmoid", "leaky", "softplus", "sides-swapped", "alpha-fixed"}
        another |= {"no-alpha", "is-of-minus-x", "is-of-double-x", "is-of-half-x", "both-minus"}
        another |= {"alpha-in-both-exponents"}  # a right derivative, of another function
        kink = {"one-at-kink", "half-at-kink", "mask-from-value", "mask-not-negative"}
        for_integers = {name for name in unseen if "truncated" in name}
        assert unseen - for_integers <= another | kink
        assert len(unseen) < len(exercise.mistakes) / 2

    def test_a_wrong_derivative_is_found_where_it_is_wrong(self):
        curve = ActivationModel(lambda x: (np.tanh(x), np.where(x < -1, 2, 1 - np.tanh(x) ** 2)))
        curve = curve.curve(YOURS, 0)
        np.testing.assert_array_equal(curve.wrong, GRID < -1)
        # 1 instead of the derivative 1 is right only where tanh is steepest
        curve = ActivationModel(lambda x: (np.tanh(x), np.ones_like(x))).curve(YOURS, 0)
        assert GRID[~curve.wrong].tolist() == [0]

    def test_a_jump_is_no_kink(self):
        # α forgotten in the value, as in α(e^x) − 1
        def elu_wrong(x, alpha):
            return np.where(x > 0, x, alpha * np.exp(x) - 1), np.where(x > 0, 1, alpha * np.exp(x))

        curve = ActivationModel(elu_wrong).curve(YOURS, 0.5)
        assert curve.jumps == (0.0,)
        assert curve.kinks == ()

    def test_a_kink_at_the_end_of_the_axis_has_no_other_side_and_is_not_told(self):
        def clipped(x):
            return np.clip(x, -6, 6), (abs(x) < 6).astype(float)

        assert ActivationModel(clipped).curve(YOURS, 0).kinks == ()

    def test_alpha_reaches_the_learners_function(self):
        seen = []

        def mine(x, alpha=0.01):
            seen.append(alpha)
            return x, np.ones_like(x)

        ActivationModel(mine).curve(YOURS, 0.75)
        assert set(seen) == {0.75}

    @pytest.mark.parametrize("mine", [3, softmax, lambda: 1, lambda a, b, c: 1, (np.tanh, np.tanh)])
    def test_what_is_no_activation(self, mine):
        with pytest.raises(ValueError, match="mine must be a function of x, or of x and alpha"):
            ActivationModel(mine)


def starter(x):
    bplab.todo()


def writing(x):
    x[x < 0] = 0
    return x, x > 0


def raising(x):
    return x @ x.T @ x, 1


BAD = [
    (starter, "starter is not written yet"),
    (writing, r"Your activation writes into x .at line [0-9]+: x\[x < 0\] = 0.*Work on a copy"),
    (raising, "ValueError: matmul.*line [0-9]+: return x @ x.T @ x, 1"),
    (lambda x: None, "returns nothing: is a return missing"),
    (np.tanh, r"must return 2 things, value and derivative; it returned one array of shape"),
    (lambda x: (x, x, x), "it returned 3 of them"),
    (lambda x: (x.sum(), x), r"Your value has shape \(\); x has"),
    (lambda x: (x, np.outer(x, x)), r"Your derivative has shape"),
    (lambda x: (x + 0j, x), "Your value must hold real numbers; it has dtype complex128"),
    (lambda x: (x, [[1], [1, 2]]), "Your derivative must hold real numbers"),
    (lambda x: (np.log(x), 1 / x), "Your value holds a number that is not finite .* at x = -6"),
]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_bad_function_is_named_and_the_panel_lives_on(bad, message):
    function = bad
    panel = activation(lambda x: function(x))
    assert panel.curve is None
    assert re.search(message, panel.canvas.alt)
    assert "press Reset" in words(panel)
    function = section_4.tanh
    panel.reset_button.click()
    assert panel.point.value == pytest.approx(np.tanh(1))
    function = bad
    panel.reset()
    assert panel.point is None
    panel.controls["function"].value = "ReLU"  # the library's are there all the same
    assert panel.point.value == 1


def test_a_slow_function_is_given_up(monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.widgets.activation.model"], "SECONDS", 0)
    assert "Your activation is slow" in words(activation(section_4.tanh))


def test_a_function_without_an_end_is_stopped(monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.widgets.activation.model"], "SECONDS", 0.02)
    panel = activation(without_end)
    assert "still running after 0.02 seconds, and was stopped in" in words(panel)
    panel.controls["function"].value = "ReLU"
    assert panel.point.value == 1


class TestPanel:
    def test_moving_the_point(self):
        panel = activation(function="tanh")
        alt, drawn = picture(panel)
        assert "a(1) = 0.7616, a′(1) = 0.42." in alt
        panel.controls["x"].value = 3
        new_alt, new_drawn = picture(panel)
        assert new_drawn != drawn
        assert "a(3) = 0.9951" in new_alt
        assert "of what is sent back, 1.0% gets through" in words(panel)
        assert "saturated up to x = -2.2; saturated from x = 2.2 on" in words(panel)

    def test_the_kink_in_words(self):
        panel = activation(state="function=ReLU,x=0,h=0.1")
        assert "A kink: the slope is 0 on the left and 1 on the right." in words(panel)
        assert "here 0.5, gets to their mean as h gets smaller, 0.5." in words(panel)
        assert "the convention takes 0." in words(panel)
        panel.state = "x=0.05"
        assert "The step reaches across the kink at 0" in words(panel)
        panel.state = "h=0.01"
        assert "kink" not in words(panel)

    @pytest.mark.parametrize("function", ["ELU", "leaky ReLU"])
    @pytest.mark.parametrize("alpha", [0, 0.3, 0.9, 0.99])
    def test_what_is_said_of_a_kink_holds_for_large_steps_too(self, function, alpha):
        """With h = 1 the central difference of an ELU with α = 0.99 is below both slopes."""
        for h in (1, 0.1, 1e-6):
            panel = activation(state=f"function={function},alpha={alpha},x=0,h={h}")
            said = re.search(
                r"here ([\d.]+), gets to .* as h gets smaller, ([\d.]+)\.", words(panel)
            )
            central, mean = map(float, said.groups())
            assert mean == pytest.approx((1 + alpha) / 2, abs=1e-4)
        assert central == pytest.approx(mean, abs=1e-4)

    def test_a_browsers_zero_is_zero(self):
        panel = activation(state="function=ReLU,x=1")
        panel.controls["x"].widget.value = 4.4e-16  # as its steps may leave it
        assert panel.point.x == 0
        assert panel.state == "function=ReLU,alpha=0.25,x=0,h=1"

    def test_a_right_and_a_wrong_function_of_the_learners(self):
        panel = activation(section_4.sigmoid)
        assert "Your derivative is what differences say, at 481 places." in words(panel)
        panel = activation(lambda x: (sigmoid(x), sigmoid(x) * (1 + sigmoid(x))))
        assert "Here your derivative is wrong: it says 1.26551" in words(panel)
        assert "has the slope 0.196612" in words(panel)
        assert "Your derivative is not that of your value" in panel.canvas.alt
        assert "worst at x = 6, where it is 1.993, and differences say 0.002467" in words(panel)

    def test_an_activation_of_the_learners(self):
        panel = activation(Activation("square", np.square, lambda x: 2 * x), x=3.0)
        assert (panel.point.value, panel.point.slope) == (9, 6)
        assert "Your derivative is what differences say" in words(panel)

    @pytest.mark.parametrize("alpha", [0.5, 0.0])
    def test_a_function_that_fails_for_another_alpha_is_shown_for_this_one(self, alpha):
        def parabola(x, alpha):
            if alpha == 0:
                raise ZeroDivisionError
            return x * x / alpha, 2 * x / alpha

        panel = activation(parabola, alpha=alpha, x=1.0)
        if alpha:
            assert panel.point.value == 2
            panel.controls["alpha"].value = 0.0
        assert "ZeroDivisionError" in words(panel)

    def test_a_jump_in_words(self):
        panel = activation(lambda x: (np.where(x > 0, 1.0, 0.0), 0 * x), x=0.0)
        assert "The value itself jumps at x = 0" in words(panel)
        assert "Your value jumps at x = 0, which no activation does." in words(panel)

    def test_overflow_far_out_in_words(self):
        def naive(x):
            a = np.exp(x) / (1 + np.exp(x))
            return a, a * (1 - a)

        panel = activation(naive)
        assert "at 481 places. Far out: Your value holds a number that is not finite" in words(
            panel
        )

    def test_alpha_counts_where_it_plays_a_part(self):
        panel = activation(function="tanh")
        assert panel.controls["alpha"].widget.disabled
        calls, curve = [], panel.model.curve
        panel.model.curve = lambda *a: calls.append(a) or curve(*a)
        panel.controls["x"].value = 2
        assert calls == []  # the curve stays while the point moves
        panel.controls["function"].value = "ELU"
        assert not panel.controls["alpha"].widget.disabled
        panel.controls["alpha"].value = 0.5
        panel.controls["x"].value = -1
        assert panel.point.value == pytest.approx(elu(0.5)(-1.0))

    def test_reset_and_state(self):
        panel = activation()
        first = picture(panel)
        panel.state = "function=leaky ReLU, alpha=0.01, x=-2, h=0.001"
        assert panel.point.slope == 0.01
        twin = activation(state=panel.state)
        assert twin.canvas.alt == panel.canvas.alt
        panel.reset_button.click()
        assert picture(panel) == first

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"function": "softmax"}, "function must be one of sigmoid, tanh"),
            ({"function": "yours"}, "function must be one of sigmoid"),
            ({"alpha": 2}, "alpha must be a number from 0 to 1"),
            ({"x": 7}, "x must be a number from -6 to 6"),
            ({"h": 0}, "h must be a number from 1e-06 to 1"),
            ({"state": "y=1"}, "state must look like"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            activation(**arguments)

    def test_messages_are_escaped(self):
        def mine(x):
            raise RuntimeError('<script>"&')

        panel = activation(mine)
        assert "<script>" not in panel.readout.value + panel.canvas.widget.value

    def test_good_manners(self):
        panel = activation(tanh)
        names_every_control(panel)
        has_a_still(panel)
        leaves_nothing_behind(activation)
