import html
import itertools
import re
import sys

import numpy as np
import pytest

import bplab
from bplab import deep
from bplab.activations import relu, sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.learner import LearnerError
from bplab.losses import loss
from bplab.widgets import loss_landscape
from bplab.widgets.kit.panel import number
from bplab.widgets.loss_landscape.figure import SIZE
from bplab.widgets.loss_landscape.model import REACH, LossLandscape, Path, verdict
from tests.widgets.measured_text import all_words, meet
from tests.widgets.reading import leaves_nothing_behind


@pytest.fixture(scope="module")
def model():
    return LossLandscape()


@pytest.fixture(scope="module", autouse=True)
def coarse():
    """Surfaces with few points: they are compared with R at points of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["bplab.widgets.loss_landscape.model"], "GRID", 9)
        yield


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def data():
    X, Y, *_ = penguins()
    return (X - X.mean(axis=0)) / X.std(axis=0), Y


def loss_of(theta, X, Y, M=2, sigma=tanh, g=sigmoid):
    """R of all weights in one vector."""
    cut = M * (X.shape[1] + 1)
    alpha, beta = theta[:cut].reshape(M, -1), theta[cut:].reshape(Y.shape[1], -1)
    return loss(Y, bplab.forward(X, alpha, beta, sigma, g).F)


class TestModel:
    def test_names(self, model):
        assert len(model.names) == 2 * 5 + 3 * 3
        assert model.names[:3] == ("α₁₀", "α₁₁", "α₁₂")
        assert model.names[-1] == "β₃₂"
        rng = np.random.default_rng(0)
        many = LossLandscape(X=rng.normal(size=(5, 12)), Y=rng.normal(size=(5, 1)), epochs=1)
        assert many.names[11:13] == ("α₁·₁₁", "α₁·₁₂")
        assert len(set(many.names)) == len(many.names)

    @pytest.mark.parametrize("rest", ["as trained", "as at random"])
    def test_surface_is_the_loss(self, model, rest):
        X, Y = data()
        pair = model.names.index("α₂₁"), model.names.index("β₃₀")
        ticks, R = model.surface(pair, rest)
        assert (ticks[0], ticks[-1]) == (-REACH, REACH)
        theta = model.theta(rest)
        for row, column in ((0, 0), (2, 5), (8, 1)):
            theta[list(pair)] = ticks[column], ticks[row]
            assert R[row, column] == pytest.approx(loss_of(theta, X, Y), rel=1e-9)

    def test_others_as_trained_are_those_of_the_library(self, model):
        X, Y = data()
        start = bplab.initial_weights(4, 2, 3, seed=0)
        trained = bplab.train(X, Y, *start, tanh, sigmoid, gamma=0.005, epochs=300)
        expected = np.concatenate([trained.alpha.ravel(), trained.beta.ravel()])
        np.testing.assert_array_equal(model.theta("as trained"), expected)

    def test_path_is_descent_on_two_weights(self, model):
        """Against descent by finite differences of R as a function of the two alone."""
        X, Y = data()
        pair = [model.names.index("α₁₁"), model.names.index("β₁₁")]
        theta = model.theta("as trained")

        def R(two):
            moved = theta.copy()
            moved[pair] = two
            return loss_of(moved, X, Y)

        two = np.array([-2.0, 1.0])
        path = model.path(tuple(pair), "as trained", tuple(two), 0.02, 8)
        for step in range(8):
            np.testing.assert_allclose(path.points[step], two, rtol=1e-5, atol=1e-7)
            assert path.losses[step] == pytest.approx(R(two), rel=1e-6)
            two = two - 0.02 * bplab.numerical_gradient(R, two)
        np.testing.assert_allclose(path.gradients[0], path.numerical, rtol=1e-6)

    def test_own_gradients_take_the_same_path(self, model):
        arguments = (1, 11), "as trained", (-3.0, 3.0), 0.03, 20
        expected = model.path(*arguments)
        for own in (lambda *a: deep.backward(*a), one_layer):
            path = LossLandscape(own).path(*arguments)
            np.testing.assert_allclose(path.points, expected.points, rtol=1e-8)

    def test_other_networks(self):
        rng = np.random.default_rng(1)
        X, Y = rng.normal(size=(20, 3)), np.eye(2)[rng.integers(2, size=20)]
        own = LossLandscape(X=X, Y=Y, M=4, sigma=relu, g=softmax, epochs=20)
        pair = 2, 17
        theta = own.theta("as trained")
        theta[list(pair)] = 0.5, -0.5
        path = own.path(pair, "as trained", (0.5, -0.5), 0.01, 3)
        assert path.losses[0] == pytest.approx(loss_of(theta, X, Y, 4, relu, softmax))
        assert X.flags.writeable  # ours is a copy

    def test_one_weight_twice(self, model):
        for act in (
            lambda: model.surface((3, 3), "as trained"),
            lambda: model.path((3, 3), "as trained", (0, 0), 0.1, 1),
        ):
            with pytest.raises(LearnerError, match="two different weights"):
                act()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"X": [[1.0]]}, "X and Y go together"),
            ({"X": [[1.0]], "Y": [[1.0], [0.0]]}, "same number N of rows"),
            ({"gradients": 3}, "gradients must be a function"),
            ({"M": 0}, "M must be at least 1"),
            ({"sigma": np.tanh}, "sigma must be an Activation"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            LossLandscape(**arguments)


def descent(curvatures, gamma, steps, start=(-4.0, 4.0)):
    """Descent on a bowl, whose end is known."""
    curvatures = np.array(curvatures)
    points = np.array([np.array(start) * (1 - gamma * curvatures) ** r for r in range(steps + 1)])
    losses = (curvatures * points**2).sum(axis=1) / 2
    return Path(gamma, points, losses, np.zeros((steps, 2)), np.zeros(2))


@pytest.mark.parametrize(
    ("path", "head", "rest"),
    [
        (descent((1, 2), 0.4, 40), "converges", "the last of 40 steps is"),
        (descent((1, 2), 0.01, 10), "is on its way", "after 10 steps R has come from 24"),
        (descent((0.1, 2), 0.95, 20), "zigzags", "19 of 20 steps turn back"),
        (descent((0.1, 2), 1.3, 20), "leaves", "the path leaves the picture"),
        (descent((1, 1), 0.4, 1), "is on its way", "after 1 step R"),
    ],
)
def test_verdicts(path, head, rest):
    said = verdict(path)
    assert said[0] == head
    assert rest in said[1]


@pytest.mark.parametrize(("back", "head"), [(4, "is on its way"), (5, "zigzags")])
def test_more_than_a_third_of_the_steps_must_turn_back_to_zigzag(back, head):
    moves = 0.1 * (-1) ** np.minimum(np.arange(12), back)
    points = np.zeros((13, 2))
    points[1:, 0] = moves.cumsum()
    assert verdict(Path(0.1, points, np.ones(13), points[1:], np.zeros(2)))[0] == head


def test_verdict_on_what_is_no_number():
    path = descent((1, 2), 0.1, 3)
    path.losses[-1] = np.inf
    assert verdict(path) == (
        "leaves",
        "after 3 steps R is no longer a finite number: the step is too large.",
    )


def one_layer(X, Y, alpha, beta, sigma, g):
    return bplab.backward(X, Y, alpha, beta, sigma, g)


def starter(X, Y, alpha, beta, sigma, g):
    bplab.todo()


def writing(X, Y, alpha, beta, sigma, g):
    alpha += 1


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (starter, "starter is not written yet"),
        (writing, "writes into X, Y or the weights"),
        (lambda *a: None, "returns nothing"),
        (lambda X, Y, alpha, beta, *_: (alpha[:, 1:], beta), r"to alpha has shape \(2, 4\)"),
    ],
)
def test_a_bad_function_is_named_and_the_panel_lives_on(bad, message):
    function = bad

    def given(X, Y, alpha, beta, sigma, g):
        return function(X, Y, alpha, beta, sigma, g)

    panel = loss_landscape(given)
    assert panel.path is None
    assert re.search(message, html.unescape(panel.canvas.alt))
    assert "no path:" in words(panel.readout.value)
    function = bplab.backward
    panel.reset_button.click()
    assert panel.path is not None
    assert "No path" not in panel.canvas.alt


class TestContours:
    @pytest.mark.parametrize("pair", [("α₁₁", "α₂₀"), ("α₁₀", "β₁₁"), ("β₁₀", "β₂₂")])
    def test_labels_meet_neither_each_other_nor_the_edge_of_the_plane(self, pair):
        panel = loss_landscape(state=f"first={pair[0]},second={pair[1]}")
        for room in (364, 840):
            panel.fit(room)
            plane, contours = panel.figure.plane, panel.figure.contours
            shown = {number(c.level) for c in contours if c.label is not None}
            at = [
                t[2:]
                for t in all_words(panel.canvas.svg())
                if t.words in shown and t.size == SIZE and t.right < plane.right
            ]
            assert len(at) == len(shown) > 3
            for left, top, right, bottom in at:
                assert plane.x <= left < right <= plane.right
                assert plane.y <= top < bottom <= plane.bottom + 1
            assert not any(meet(a, b) for a, b in itertools.combinations(at, 2))

    def test_a_label_is_on_its_line_and_the_line_has_its_loss(self):
        panel = loss_landscape()
        surface, figure = panel._surface, panel.figure
        for level, lines, label in figure.contours:
            points = np.concatenate(lines)
            box = figure.plane
            weights = (points - [box.x, box.bottom]) / [box.width, -box.height] * 12 - 6
            i = np.rint((weights + 6) / 1.5).astype(int)
            R = surface.R[i[:, 1], i[:, 0]]
            steep = np.abs(np.gradient(surface.R)).max() * 2
            assert np.abs(R - level).max() < steep
            if label is not None:
                middle = [label.x + label.width / 2, label.y + label.height / 2]
                assert np.abs(points - middle).max(axis=1).min() < 1

    def test_a_step_says_how_it_comes_from_the_one_before(self):
        panel = loss_landscape()
        path, svg = panel.path, html.unescape(panel.canvas.svg())
        (w, _), (slope, _), (new, _) = path.points[0], path.gradients[0], path.points[1]
        said = f"α₁₁ − γ·∂R/∂α₁₁ = {w:.3g} − 0.02·({slope:.3g}) = {new:.3g}"
        assert said.replace("-", "−") in svg


class TestPanel:
    def test_a_move_descends_anew_and_keeps_the_path_before(self):
        panel = loss_landscape()
        shown, first = panel.canvas.widget.value, panel.path
        panel.controls["gamma"].value = 0.05
        assert panel.previous is first
        assert panel.path.gamma == 0.05
        assert panel.canvas.widget.value != shown
        assert "Dashed, the path before: γ = 0.02" in panel.canvas.alt
        panel.controls["start1"].value = 2
        assert panel.path.points[0].tolist() == [2, 3]
        panel.controls["steps"].value = 5
        assert len(panel.path.points) == 6

    def test_contours_only_when_other_weights_are_chosen(self):
        panel = loss_landscape()
        calls, surface = [], panel.model.surface

        def counting(*arguments):
            calls.append(arguments)
            return surface(*arguments)

        panel.model.surface = counting
        for name, value in (("gamma", 0.05), ("start1", 1), ("start2", 1), ("steps", 9)):
            panel.controls[name].value = value
        assert calls == []
        panel.controls["second"].value = "β₂₂"
        assert len(calls) == 1
        assert panel.previous is None
        panel.controls["others"].value = "as at random"
        assert len(calls) == 2
        svg = panel.canvas.svg()
        assert "weight β₂₂" in svg
        assert svg.count("on this line R =") == len(panel.figure.contours)  # the old are gone

    def test_derivatives_beside_differences(self):
        panel = loss_landscape()
        said = words(panel.readout.value)
        for name, slope in zip(("α₁₁", "α₂₀"), panel.path.numerical, strict=True):
            number = re.escape(f"{slope:.7g}"[:5].replace("-", "−"))
            assert re.search(rf"∂R/∂{name} = {number}\d* fits the finite difference {number}", said)

        def half(X, Y, alpha, beta, sigma, g):
            by_alpha, by_beta = bplab.backward(X, Y, alpha, beta, sigma, g)
            return by_alpha * [[0.5], [1]], by_beta

        said = words(loss_landscape(half).readout.value)
        assert re.search(r"∂R/∂α₁₁ = \S+ does not fit the finite difference", said)
        assert re.search(r"∂R/∂α₂₀ = \S+ fits the finite difference", said)

    def test_presets_do_as_their_names_say(self):
        panel = loss_landscape()
        found = {}
        for button in panel.preset_buttons.values():
            button.click()
            found[button.description] = words(panel.readout.value).partition(":")[0]
        assert found == {
            "converges": "converges",
            "zigzags": "zigzags",
            "leaves": "leaves",
            "too small a step": "is on its way",
        }

    def test_one_weight_twice_is_said(self):
        panel = loss_landscape()
        panel.controls["second"].value = "α₁₁"
        assert "choose two different weights" in words(panel.readout.value)
        panel.controls["first"].value = "α₂₀"
        assert panel.path is not None

    def test_state_there_and_back(self):
        state = "first=α₂₀,second=β₃₁,others=as at random,start1=1.5,start2=-2,gamma=0.003,steps=30"
        panel = loss_landscape(state=state)
        assert panel.state == state
        twin = loss_landscape()
        twin.state = state
        assert twin.canvas.alt == panel.canvas.alt

    @pytest.mark.parametrize(
        ("state", "message"),
        [
            ("first=γ₁", "first must be one of α₁₀"),
            ("start1=9", "start1 must be a number from -5 to 5"),
            ("steps=0", "steps must be a number from 1 to 200"),
        ],
    )
    def test_bad_states(self, state, message):
        with pytest.raises(ValueError, match=message):
            loss_landscape(state=state)

    def test_reset(self):
        panel = loss_landscape()
        first = panel.canvas.widget.value
        panel.state = "first=α₂₀,gamma=0.1"
        panel.reset_button.click()
        assert panel.canvas.widget.value == first

    def test_still(self):
        panel = loss_landscape()
        bundle = panel._repr_mimebundle_()
        assert bundle["text/plain"] == panel.canvas.alt
        assert panel.canvas.html() in bundle["text/html"]

    def test_nothing_is_left_behind(self):
        leaves_nothing_behind(lambda: loss_landscape(epochs=1))
