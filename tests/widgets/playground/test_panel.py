import base64
import html
import json
import re

import numpy as np
import pytest

import bplab
from bplab import deep
from bplab.widgets import playground
from bplab.widgets.kit.svg import lifeless
from bplab.widgets.playground.figure import KEY
from bplab.widgets.playground.words import WAIT
from tests.widgets.reading import leaves_nothing_behind, names_every_control


def words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def moving(panel):
    """What is sent of the picture that moves."""
    return panel.canvas.layers[1].value


def raising(X, Y, alphas, beta, sigmas, g):
    return X @ beta.T


def writing(X, Y, alphas, beta, sigmas, g):
    beta -= 1


def starter(X, Y, alphas, beta, sigmas, g):
    bplab.todo()


def one_layer(X, Y, alpha, beta, sigma, g):
    return bplab.backward(X, Y, alpha, beta, sigma, g)


def nan(X, Y, alphas, beta, sigmas, g):
    by_alphas, by_beta = deep.backward(X, Y, alphas, beta, sigmas, g)
    return by_alphas, by_beta * np.nan


BAD = [
    (starter, "starter is not written yet"),
    (raising, r"ValueError: matmul.*line [0-9]+: return X @ beta.T"),
    (writing, r"writes into X, Y or the weights .at line [0-9]+: beta -= 1.*Work on a copy"),
    (nan, "returns NaN or infinity in epoch 0, where the gradient is finite"),
    (lambda *a: None, "returns nothing: is a return missing"),
    (lambda *a: np.ones((6, 3)), r"must return 2 things.*one array of shape \(6, 3\)"),
    (lambda *a: deep.backward(*a)[::-1], "must be a sequence of 1 gradients.*no sequence"),
    (lambda X, Y, a, b, *_: ([*a, *a], b), "must be a sequence of 1 gradients.*it is of 2"),
    (lambda X, Y, a, b, *_: (a, b[:, 1:]), r"to beta has shape \(2, 6\); beta has \(2, 7\)"),
    (lambda X, Y, a, b, *_: ([a[0].astype(str)], b), r"alphas\[0\] must hold real numbers"),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_bad_function_is_named_and_the_panel_lives_on(bad, message):
    function = bad
    panel = playground(lambda *a: function(*a))
    assert panel.run is None
    assert re.search(message, html.unescape(panel.canvas.alt))
    assert "stopped:" in words(panel.readout.value)
    panel.step_button.click()
    assert panel.run is None
    function = deep.backward
    panel.step_button.click()
    assert panel.run.last == 1
    assert "stopped" not in panel.canvas.alt + words(panel.readout.value)


def test_a_function_that_fails_on_the_way():
    calls = []

    def tired(*arguments):
        calls.append(1)
        if len(calls) > 5:
            raise RuntimeError("<b>tired</b>")
        return deep.backward(*arguments)

    panel = playground(tired)  # one call compares it with the reference
    panel.step(10)
    assert panel.run.last == 4
    assert "&lt;b&gt;tired" in panel.readout.value
    assert "epoch 4" in words(panel.readout.value)


def test_own_gradients_are_trained_with_and_compared():
    def half(*arguments):
        by_alphas, by_beta = deep.backward(*arguments)
        return [part / 2 for part in by_alphas], by_beta / 2

    panel = playground(backward=half)
    panel.step(20)
    reference = playground(state="gamma=0.005")
    reference.step(20)
    np.testing.assert_allclose(panel.run.losses, reference.run.losses, rtol=1e-9)
    assert "not those of R(θ): they differ by 50 %" in words(panel.readout.value)
    right = playground(lambda *a: deep.backward(*a))
    assert "agree with the reference" in words(right.readout.value)


def test_a_function_for_one_layer():
    panel = playground(one_layer)
    panel.step(5)
    assert panel.run.losses[-1] < panel.run.losses[0]
    panel.state = "layers=2"
    assert panel.run is None
    assert "written for one hidden layer" in words(panel.readout.value)
    panel.state = "layers=1"
    assert panel.run is not None


def test_softmax_of_one_output_is_refused_in_words():
    X, Y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20.0)[:, None] % 2
    panel = playground(X=X, Y=Y)
    panel.state = "output=softmax"
    assert "softmax of a single output is always 1" in words(panel.readout.value)
    panel.state = "output=tanh"
    assert set(np.unique(panel.run.examples.Y)) == {-1.0, 1.0}


class TestPanel:
    def test_steps(self):
        panel = playground()
        first = moving(panel)
        panel.step_button.click()
        panel.ten_button.click()
        assert panel.run.epoch == 11
        assert panel.controls["epoch"].value == 11
        assert moving(panel) != first
        assert "epoch 11" in panel.canvas.alt

    def test_a_new_learning_rate_goes_on_from_where_it_is(self):
        panel = playground()
        panel.step(20)
        run = panel.run
        panel.controls["gamma"].value = 0.05
        assert panel.run is run
        assert run.last == 20
        panel.step(5)
        assert "since epoch 20," in words(panel.readout.value)

    def test_another_setting_begins_a_new_run_with_a_ghost_of_the_old(self):
        panel = playground()
        panel.step(20)
        old = panel.run
        panel.controls["units1"].value = 3
        assert panel.run.last == 0
        assert panel.controls["epoch"].value == 0
        np.testing.assert_allclose(panel.previous.training, np.array(old.losses) / 100)
        assert "the run before: it ends at" in panel.canvas.alt

    def test_the_epoch_slider_goes_back_and_play_goes_on_from_there(self):
        panel = playground()
        panel.step(30)
        panel.controls["epoch"].widget.value = 10
        assert panel.run.epoch == 10
        assert panel.run.last == 30
        assert panel.controls["epoch"].widget.max == 30
        assert "epoch 10" in panel.canvas.alt
        panel.step(1)
        assert panel.run.last == 11
        assert len(panel.previous.training) == 31

    def test_table_shows_the_chosen_example(self):
        panel = playground(state="layers=2,act2=relu,output=softmax,epoch=30")
        panel.controls["example"].value = 150
        table = words(panel.table.value)
        assert table.startswith("Example 150 (test, class")
        passes = panel.run.passes(150)
        for value in (*passes.T, *passes.delta, *passes.s[0], *passes.s[1]):
            assert f"{value:.6g}".replace("-", "−") in table
            assert repr(float(value)) in panel.table.value
        for equation in ("(2)", "(10)", "(16)", "(17)"):
            assert equation in table

    def test_penguins_on_two_features(self):
        panel = playground(state="data=penguins,across=3,up=1")
        assert panel.run.examples.X.shape == (342, 4)
        grid = panel.figure.grid
        assert (np.ptp(grid, axis=0) > 0).tolist() == [True, False, True, False]
        run = panel.run
        panel.controls["up"].value = "4"  # only looked at from elsewhere
        assert panel.run is run
        panel.state = "inputs=the two drawn"
        assert panel.run.examples.features == ("flipper length", "body mass")

    def test_state_there_and_back(self):
        state = (
            "data=penguins,noise=0.2,share=70,seed=4,inputs=the two drawn,across=1,up=3,layers=2,"
            "units1=3,act1=sigmoid,units2=4,act2=elu,units3=6,act3=tanh,output=softmax,"
            "start=random,gamma=0.003,epoch=40,speed=20,example=300"
        )
        panel = playground(state=state)
        assert panel.state == state
        assert panel.run.last == 40
        twin = playground()
        twin.state = panel.state
        assert twin.canvas.alt == panel.canvas.alt
        np.testing.assert_array_equal(twin.run.losses, panel.run.losses)

    @pytest.mark.parametrize(
        ("state", "message"),
        [
            ("data=moons", "data must be one of two clouds, circle"),
            ("units1=9", "units1 must be a number from 1 to 8"),
            ("epoch=1.5", "epoch must be a whole number"),
            ("across=7", "across must be one of 1, 2, 3, 4"),
            ("gamma=2", "gamma must be a number from 1e-05 to 1"),
            ("depth=2", "state must look like"),
        ],
    )
    def test_bad_states(self, state, message):
        with pytest.raises(ValueError, match=message):
            playground(state=state)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"gradients": (1, 2)}, "gradients must be a function"),
            ({"gradients": one_layer, "backward": one_layer}, "not both"),
            ({"X": [[1.0, 2.0]]}, "X and Y go together"),
        ],
    )
    def test_bad_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            playground(**arguments)

    def test_reset(self):
        panel = playground(state="data=XOR,epoch=20")
        first = panel.canvas.alt
        panel.state = "units1=2,epoch=50,gamma=0.1"
        panel.reset_button.click()
        assert panel.canvas.alt == first
        assert panel.previous is None

    def test_start_again(self):
        panel = playground(state="epoch=20")
        losses = list(panel.run.losses)
        panel.again_button.click()
        assert panel.run.last == 0
        panel.step(20)
        assert panel.run.losses == losses
        assert len(panel.previous.training) == 21

    def test_a_preset_asks_before_it_tells(self):
        panel = playground()
        assert panel.prediction.layout.display == "none"
        panel.preset_buttons["dead ReLU"].click()
        assert panel.prediction.layout.display is None
        said = words(panel.readout.value)
        assert "What will the loss do? Choose your prediction first" in said
        assert "Why:" not in said
        panel.prediction.value = "falls towards 0"
        assert "Your prediction: the loss falls towards 0" in words(panel.readout.value)
        panel.step(WAIT)
        said = words(panel.readout.value)
        assert "You predicted: the loss falls towards 0. In 200 epochs it hardly changes" in said
        assert "Why: σ'(a) = 0 for every example" in said
        panel.preset_buttons["dead ReLU"].click()  # the same question, once more
        assert "Why:" not in words(panel.readout.value)
        panel.state = "data=XOR"
        assert panel.preset is None
        assert panel.prediction.layout.display == "none"

    def test_what_moves_has_a_description_and_all_controls_a_name(self):
        panel = playground()
        assert 'role="img" aria-label="First plot: circle, 200 examples' in moving(panel)
        names_every_control(panel)
        said = re.search(r'data-spoken="([^"]+)"', moving(panel))[1]
        assert json.loads(html.unescape(said)) == panel.spoken()

    def test_still(self):
        panel = playground()
        bundle = panel._repr_mimebundle_()
        assert bundle["text/plain"] == panel.canvas.alt
        still = base64.b64decode(re.search(r"xml;base64,([^\"]+)", bundle["text/html"])[1]).decode()
        assert still == lifeless(panel.canvas.svg())
        assert len(still) < len(panel.canvas.svg()) / 2
        assert "epoch 0: mean loss" in still
        assert f'alt="{html.escape(panel.canvas.alt)}"' in bundle["text/html"]
        assert html.escape(KEY) in bundle["text/html"]
        assert "onload" not in bundle["text/html"]


def test_nothing_is_left_behind():
    leaves_nothing_behind(playground)
