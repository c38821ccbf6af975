import re
import sys
from math import exp
from xml.etree import ElementTree

import numpy as np
import pytest

import bplab
from bplab.activations import softmax as reference
from bplab.widgets import softmax
from bplab.widgets.softmax.figure import off_by
from bplab.widgets.softmax.model import SoftmaxModel
from tests.widgets.reading import (
    leaves_nothing_behind,
    names_every_control,
    without_end,
    words,
)

T = [1.5, -0.7, 0.3]
SVG = "{http://www.w3.org/2000/svg}"


def mine(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    f = e / e.sum(axis=1, keepdims=True)
    return f, f[:, :, None] * np.eye(f.shape[1]) - f[:, :, None] * f[:, None, :]


def overflowing(t):
    e = np.exp(t)
    f = e / e.sum(axis=1, keepdims=True)
    return f, mine(t)[1]


def texts(panel):
    return [part.text for part in drawing(panel).iter(f"{SVG}text")]


def drawing(panel):
    return ElementTree.fromstring(panel.canvas.svg())


class TestModel:
    def test_by_hand(self):
        shown = SoftmaxModel().at(T, 0, 1)
        total = sum(map(exp, T))
        f = [exp(t) / total for t in T]
        np.testing.assert_allclose(shown.f, f, rtol=1e-14)
        y = [0, 1, 0]
        for k in range(3):
            slopes = [f[j] * ((j == k) - f[k]) for j in range(3)]
            delta = sum(-2 * (y[j] - f[j]) * slopes[j] for j in range(3))
            assert shown.delta[k] == pytest.approx(delta)
            assert shown.diagonal[k] == pytest.approx(-2 * (y[k] - f[k]) * f[k] * (1 - f[k]))
        assert shown.risk == pytest.approx(f[0] ** 2 + (1 - f[1]) ** 2 + f[2] ** 2)
        lost = np.linalg.norm(shown.diagonal - shown.delta) / np.linalg.norm(shown.delta)
        assert shown.off == pytest.approx(lost)

    @pytest.mark.parametrize("K", [3, 4])
    @pytest.mark.parametrize("mine", [None, mine])
    def test_delta_is_the_derivative_of_the_risk(self, mine, K):
        t = np.linspace(-1, 2, K)
        shown = SoftmaxModel(mine, K).at(t, 0, 0)
        for k in range(K):
            moved = t + 1e-30j * np.eye(K)[k]
            f = np.exp(moved) / np.exp(moved).sum()
            assert shown.delta[k] == pytest.approx(np.square(shown.y - f).sum().imag / 1e-30)
        np.testing.assert_allclose(shown.difference, shown.delta, atol=1e-9)

    @pytest.mark.parametrize("c", [-1000, -3, 40, 1000])
    def test_a_shift_changes_nothing_but_the_exponentials(self, c):
        still, shifted = (SoftmaxModel().at(T, by, 2) for by in (0, c))
        np.testing.assert_allclose(shifted.f, still.f, atol=1e-12)
        np.testing.assert_allclose(shifted.jacobian, still.jacobian, atol=1e-12)
        assert shifted.moved < 1e-12
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(shifted.raw, np.exp(np.array(T) + c))
        assert np.isinf(shifted.raw).all() == (c == 1000)

    def test_where_the_learner_is_wrong(self):
        shown = SoftmaxModel(lambda t: (mine(t)[0], abs(mine(t)[1]))).at(T, 0, 0)
        assert not shown.wrong_f.any()
        np.testing.assert_array_equal(shown.wrong_jacobian, ~np.eye(3, dtype=bool))
        shown = SoftmaxModel(lambda t: (1 / (1 + np.exp(-t)), mine(t)[1])).at(T, 0, 0)
        assert shown.wrong_f.all()
        assert not shown.wrong_jacobian.any()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"mine": 3}, "mine must be a function"),
            ({"mine": reference}, "mine must be a function softmax"),
            ({"K": 2}, "K must be 3 or 4; got 2"),
        ],
    )
    def test_bad_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            softmax(**arguments)


def test_off_by():
    assert off_by(0.2, 0.1) == "50%"
    assert off_by(-0.1, 0.1) == "200%, sign!"
    assert off_by(0, 0) == "both 0"
    assert off_by(0, 0.3) == "not 0"


class TestPanel:
    def test_a_move_computes_and_shows(self):
        panel = softmax()
        before, alt = panel.canvas.widget.value, panel.canvas.alt
        assert "f = (0.665, 0.245, 0.09)" in alt
        assert "the diagonal alone is off by 45% of δ" in words(panel)
        panel.controls["t1"].widget.value = 0.5
        assert panel.canvas.widget.value != before
        assert f"{panel.shown.f[0]:.4f}" in texts(panel)
        np.testing.assert_allclose(panel.shown.f, reference([0.5, 0.5, -0.5]))
        assert panel.previous.t[0] == 1.5

    def test_what_stands_in_the_picture(self):
        panel = softmax()
        shown = panel.shown
        for number in (*shown.jacobian.flat, *shown.delta, *shown.diagonal, *shown.residual):
            assert f"{number:+.4f}".replace("-", "−") in texts(panel)
        assert texts(panel).count("0") == 6  # sums of three rows and three columns
        # told by hatching too, not by colour alone: six cells, three bars
        hatched = [r for r in drawing(panel).iter(f"{SVG}rect") if "url" in r.get("fill", "")]
        assert len(hatched) == 6 + 3

    def test_the_bar_before_is_marked(self):
        panel = softmax()
        assert "stroke-dasharray" not in panel.canvas.svg()
        panel.controls["t1"].value = 3
        assert panel.canvas.svg().count("stroke-dasharray") == 3
        panel.reset_button.click()
        assert "stroke-dasharray" not in panel.canvas.svg()

    @pytest.mark.parametrize(("K", "turned"), [(3, "t₂"), (4, "t₂ and t₄")])
    def test_presets(self, K, turned):
        panel = softmax(K=K)
        buttons = {b.description: b for b in panel.children[0].children[K + 2 :]}
        buttons["all equal"].click()
        np.testing.assert_allclose(panel.shown.f, 1 / K)
        buttons["diagonal has the wrong sign"].click()
        assert f"Its sign is wrong for {turned}: a step would go the wrong way" in words(panel)
        assert any("sign!" in text for text in texts(panel))
        buttons["sure and wrong"].click()
        assert "Saturated: the answer is wrong, R = 2" in words(panel)
        buttons["printed formula overflows"].click()
        assert "infinite / infinite" in words(panel)
        assert "infinite" in texts(panel)
        assert "Saturated" not in words(panel)
        buttons["sure and right"].click()
        assert panel.shown.risk < 1e-4

    def test_state_there_and_back(self):
        panel = softmax(state="t1=2,t3=-1.5,c=-40,target=3")
        assert panel.state == "t1=2,t2=0.5,t3=-1.5,c=-40,target=3"
        twin = softmax(state=panel.state)
        assert twin.canvas.alt == panel.canvas.alt
        panel.controls["target"].value = "1"
        panel.reset_button.click()
        assert panel.state == twin.state
        with pytest.raises(ValueError, match="t1 must be a number from -6 to 6"):
            softmax(state="t1=7")

    def test_own_function(self):
        assert "Yours agrees with the reference here" in words(softmax(mine))
        panel = softmax(lambda t: (mine(t)[0], abs(mine(t)[1])))
        assert "Your Jacobian is wrong (✕, with the right number) in 6 of 9" in words(panel)
        assert "do not agree with your whole Jacobian" in words(panel)
        assert "all must be 0" in words(panel)
        assert sum(text.startswith("✕") for text in texts(panel)) == 6
        panel = softmax(lambda t: (2 * mine(t)[0], mine(t)[1]))
        assert "Your value is wrong" in words(panel)
        assert "Your f sum to 2." in words(panel)
        panel = softmax(lambda t: (1 / (1 + np.exp(-t)), mine(t)[1]), state="c=10")
        assert "it must not change at all" in words(panel)

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (lambda t: bplab.todo(), "not written"),
            (lambda t: t @ t, "ValueError: matmul"),
            (lambda t: t.sort(), "Your softmax writes into t.*Work on a copy"),
            (lambda t: None, "returns nothing"),
            (lambda t: mine(t)[0], "must return 2 things, the value and the Jacobian; it returned"),
            (lambda t: (mine(t)[1], mine(t)[0]), "Your value has shape .*; right is"),
            (lambda t: (mine(t)[0], mine(t)[0]), "Your Jacobian has shape"),
            (lambda t: (mine(t)[0].astype(str), mine(t)[1]), "must hold real numbers"),
            (lambda t: ([[1], [1, 2]], mine(t)[1]), "must hold real numbers"),
            (lambda t: (t / 0, mine(t)[1]), "not finite"),
        ],
    )
    def test_a_bad_function_is_named_and_the_panel_lives_on(self, bad, message):
        function = bad
        panel = softmax(lambda t: function(t))
        assert panel.shown is None
        assert re.search(message, words(panel))
        assert re.search(message, panel.canvas.alt)
        assert texts(panel) == ["nothing to show"]
        function = mine
        panel.reset_button.click()
        assert "Yours agrees" in words(panel)

    @pytest.mark.parametrize(("c", "said"), [(900, "infinite"), (-900, "0 / 0 is NaN")])
    def test_overflow_is_explained(self, c, said):
        panel = softmax(overflowing)
        assert "Yours agrees" in words(panel)
        panel.controls["c"].value = c
        assert said in words(panel)
        assert "subtract the row's largest t first" in words(panel)
        assert panel.previous is not None

    def test_a_slow_function_is_given_up(self, monkeypatch):
        monkeypatch.setattr(sys.modules["bplab.widgets.softmax.model"], "SECONDS", 0)
        assert "Your softmax is slow" in words(softmax(mine))

    def test_a_function_without_an_end_is_stopped(self, monkeypatch):
        monkeypatch.setattr(sys.modules["bplab.widgets.softmax.model"], "SECONDS", 0.02)
        assert "still running after 0.02 seconds, and was stopped in" in words(softmax(without_end))

    def test_messages_are_escaped(self):
        def bad(t):
            raise RuntimeError("<script>")

        panel = softmax(bad)
        assert "<script>" not in panel.readout.value + panel.canvas.widget.value

    def test_manners(self):
        panel = softmax()
        names_every_control(panel)
        bundle = panel._repr_mimebundle_()
        assert bundle["text/plain"] == panel.canvas.alt
        assert panel.canvas.html() in bundle["text/html"]
        assert "onload" not in bundle["text/html"]
        leaves_nothing_behind(softmax)
