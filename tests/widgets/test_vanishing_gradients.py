import re

import numpy as np
import pytest

import bplab
from bplab import deep
from bplab.activations import identity
from bplab.widgets import vanishing_gradients
from bplab.widgets.vanishing_gradients import PRESETS
from bplab.widgets.vanishing_gradients.model import SIGMAS, Setting, VanishingGradients
from tests.widgets.reading import (
    has_a_still,
    leaves_nothing_behind,
    names_every_control,
    picture,
    words,
)


@pytest.fixture(scope="module")
def model():
    return VanishingGradients()


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(2)
    return rng.normal(size=(7, 3)), rng.normal(size=(7, 2))


class TestModel:
    @pytest.mark.parametrize("sigma", SIGMAS)
    @pytest.mark.parametrize("depth", [1, 3])
    def test_gradients_are_those_of_the_risk(self, data, sigma, depth):
        model = VanishingGradients(X=data[0], Y=data[1], M=4, seed=3)
        setting = Setting(depth, sigma, 1.3, 0.2)
        weights = model.weights(setting)
        risk = bplab.Risk(*data, SIGMAS[sigma], identity)
        alphas, beta = bplab.numerical_gradient(risk, weights)
        found = model.norms(setting)
        np.testing.assert_allclose(found.by_alpha, [np.linalg.norm(a) for a in alphas], rtol=1e-9)
        assert found.by_beta == pytest.approx(np.linalg.norm(beta))
        assert not found.differs.any()

    def test_deltas_by_the_bias(self, data):
        """∂R/∂a_im is what R answers to one unit's bias, of one example alone."""
        X, Y = data
        setting = Setting(2, "tanh", 1.0, 0.1)
        squares = np.zeros(2)
        for i in range(len(X)):
            model = VanishingGradients(X=X[[i]], Y=Y[[i]], M=4)
            risk = bplab.Risk(X[[i]], Y[[i]], SIGMAS["tanh"], identity)
            alphas, _ = bplab.numerical_gradient(risk, model.weights(setting))
            squares += [np.sum(alpha[:, 0] ** 2) for alpha in alphas]
        found = VanishingGradients(X=X, Y=Y, M=4).norms(setting)
        np.testing.assert_allclose(found.s, np.sqrt(squares), rtol=1e-9)

    def test_weights(self, model):
        small, large = (model.weights(Setting(3, "tanh", scale, 0.5)) for scale in (1, 4))
        for a, b in zip(small[0], large[0], strict=True):
            np.testing.assert_allclose(4 * a[:, 1:], b[:, 1:])
            assert set(a[:, 0]) == {0.5}
        np.testing.assert_array_equal(small[1], large[1])

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("vanishes", "vanishes: s changes by a factor of 0.2"),
            ("saturates", "saturates: s changes by"),
            ("dead ReLU", "dead: the weight gradient of every hidden layer is exactly 0"),
            ("explodes", "explodes: s changes by a factor of"),
            ("just right", "even enough: s changes by a factor of"),
        ],
    )
    def test_the_presets_are_what_they_are_called(self, name, word):
        panel = vanishing_gradients(state=PRESETS[name])
        assert panel.norms.verdict.startswith(word)

    def test_a_dead_layer_is_named(self, model):
        found = model.norms(Setting(8, "ReLU", 1, -2))
        assert found.by_alpha.tolist() == [0] * 8
        assert found.by_beta > 0
        assert np.flatnonzero(found.off == 1).tolist() == [1, 2, 3, 4, 5, 6, 7]

    def test_between_vanishing_and_even(self, model):
        words = {}
        for scale in (1, 3.16, 5.01):
            found = model.norms(Setting(10, "sigmoid", scale, 0))
            words[found.verdict.partition(":")[0]] = found.s[0] / found.s[-1]
        assert list(words) == ["vanishes", "fades"]
        assert words["vanishes"] < 0.01 < words["fades"] < 0.1
        found = model.norms(Setting(12, "tanh", 3.16, 0))
        assert found.verdict.startswith("grows")
        assert 10 < found.s[0] / found.s[-1] < 100

    def test_one_layer(self, model):
        verdict = model.norms(Setting(1, "tanh", 1, 0)).verdict
        assert verdict.startswith("one hidden layer")

    def test_every_setting_has_a_sentence(self, model):
        for sigma in SIGMAS:
            for depth in (1, 2, 12):
                for scale in (0.1, 1, 10):
                    for bias in (-5, 0, 5):
                        found = model.norms(Setting(depth, sigma, scale, bias))
                        assert np.isfinite(found.by_alpha).all()
                        assert found.verdict.endswith(".")
                        assert "nan" not in found.verdict
                        assert "inf" not in found.verdict

    def test_the_learners_function_is_used_and_compared(self, data):
        def forgets_a_slope(X, Y, alphas, beta, sigmas, g):
            by_alphas, by_beta = deep.backward(X, Y, alphas, beta, sigmas, g)
            return [2 * by_alphas[0], *by_alphas[1:]], by_beta

        model = VanishingGradients(forgets_a_slope, *data, M=4)
        right = VanishingGradients(X=data[0], Y=data[1], M=4)
        setting = Setting(3, "tanh", 1, 0)
        found, wanted = model.norms(setting), right.norms(setting)
        assert found.by_alpha[0] == pytest.approx(2 * wanted.by_alpha[0])
        np.testing.assert_allclose(found.right[:-1], wanted.by_alpha)
        assert found.differs.tolist() == [True, False, False, False]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"backward": 3}, "must be a function"),
            ({"X": [[1.0]]}, "X and Y go together"),
            ({"X": [[1.0]], "Y": [[1.0], [0.0]]}, "same number N of rows"),
            ({"M": 0}, "M must be at least 1"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            VanishingGradients(**arguments)


def starter(X, Y, alphas, beta, sigmas, g):
    bplab.todo()


def writing(X, Y, alphas, beta, sigmas, g):
    alphas[0][:, 0] = 0


def raising(X, Y, alphas, beta, sigmas, g):
    return X @ alphas[0].T


def not_finite(X, Y, alphas, beta, sigmas, g):
    by_alphas, by_beta = deep.backward(X, Y, alphas, beta, sigmas, g)
    return (*by_alphas[:-1], np.nan * by_alphas[-1]), by_beta


BAD = [
    (starter, "starter is not written yet"),
    (writing, "writes into X, Y or the weights.*Work on a copy"),
    (raising, "ValueError: matmul.*return X @ alphas"),
    (not_finite, r"Your gradient with respect to alphas\[7\] holds a number that is not finite"),
    (lambda X, Y, alphas, beta, sigmas, g: None, "returns nothing: is a return missing"),
    (lambda X, Y, alphas, beta, sigmas, g: (alphas[1:], beta), "sequence of 8 gradients"),
    (
        lambda X, Y, alphas, beta, sigmas, g: ([a.T for a in alphas], beta),
        r"Your gradient with respect to alphas\[0\] has shape",
    ),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_bad_function_is_named_and_the_panel_lives_on(bad, message):
    function = bad
    panel = vanishing_gradients(
        lambda X, Y, alphas, beta, sigmas, g: function(X, Y, alphas, beta, sigmas, g)
    )
    assert panel.norms is None
    assert re.search(message, panel.canvas.alt)
    assert "press Reset" in words(panel)
    function = deep.backward
    panel.reset_button.click()
    assert panel.norms.setting.depth == 8
    assert "they agree with the library's in every layer" in words(panel)
    function = bad
    panel.controls["depth"].value = 9
    assert panel.norms is None
    assert panel.previous.setting.depth == 8  # the last good one stays


class TestPanel:
    def test_deeper_is_smaller(self):
        panel = vanishing_gradients(depth=2)
        alt, drawn = picture(panel)
        shallow = panel.norms.by_alpha[0]
        assert "for 2 hidden layers of sigmoid units, weight scale 1, bias 0." in alt
        panel.controls["depth"].value = 12
        new_alt, new_drawn = picture(panel)
        assert new_drawn != drawn
        assert panel.norms.by_alpha[0] < shallow / 1e4
        assert "Hollow, before: 2 hidden layers" in new_alt
        assert "σ′ is at most 1/4" in words(panel)

    def test_the_table_has_all_numbers(self):
        panel = vanishing_gradients(depth=3, sigma="tanh")
        for value in (*panel.norms.by_alpha, panel.norms.by_beta, *panel.norms.s):
            shown = f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
            assert f" {shown} " in words(panel)

    def test_a_preset_is_one_move(self):
        panel = vanishing_gradients()
        calls, norms = [], panel.model.norms
        panel.model.norms = lambda setting: calls.append(setting) or norms(setting)
        buttons = {b.description: b for b in panel.children[0].children}
        buttons["dead ReLU"].click()
        assert calls == [Setting(8, "ReLU", 1, -2)]
        assert panel.state == PRESETS["dead ReLU"]
        assert panel.previous.setting == Setting(8, "sigmoid", 1, 0)
        assert "dead: the weight gradient" in words(panel)

    def test_what_is_wrong_is_marked(self):
        def wrong(X, Y, alphas, beta, sigmas, g):
            by_alphas, by_beta = deep.backward(X, Y, alphas, beta, sigmas, g)
            return by_alphas, 3 * by_beta

        panel = vanishing_gradients(wrong, depth=2)
        assert "not the library's (marked ≠) in layer: output." in words(panel)
        assert words(panel).count("≠") == 2  # in the sentence and at the number
        assert "the library's gradient" in words(panel)

    def test_reset_and_state(self):
        panel = vanishing_gradients()
        first = picture(panel)
        panel.state = "depth=3, sigma=leaky ReLU, scale=2, bias=-1"
        assert panel.state == "depth=3,sigma=leaky ReLU,scale=2,bias=-1"
        assert vanishing_gradients(state=panel.state).norms.verdict == panel.norms.verdict
        panel.reset_button.click()
        assert picture(panel) == first
        assert panel.previous is None

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"depth": 13}, "depth must be a number from 1 to 12"),
            ({"sigma": "softmax"}, "sigma must be one of sigmoid"),
            ({"scale": 0}, "scale must be a number from 0.1 to 10"),
            ({"bias": 6}, "bias must be a number from -5 to 5"),
            ({"state": "depth=2.5"}, "depth must be a whole number"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            vanishing_gradients(**arguments)

    def test_good_manners(self, data):
        panel = vanishing_gradients()
        names_every_control(panel)
        has_a_still(panel)
        leaves_nothing_behind(lambda: vanishing_gradients(X=data[0], Y=data[1]))
