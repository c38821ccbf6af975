import base64
import gc
import io
import re
import subprocess
import sys
import threading
import weakref

import nbformat
import numpy as np
import pytest
from matplotlib import pyplot
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

import bplab
from bplab.activations import identity, sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.widgets import LearningRate, learning_rate

PNG = b"\x89PNG\r\n\x1a\n"


def picture(panel):
    """The live picture: its alternative text and its bytes."""
    tag = panel.canvas.widget.value
    alt = re.search(r'<img alt="([^"]+)"', tag)[1]
    return alt, base64.b64decode(re.search(r"base64,([^\"]+)", tag)[1])


def words(panel):
    return re.sub(r"<[^>]+>", " ", panel.readout.value)


@pytest.fixture(scope="module")
def model():
    return LearningRate()


class TestModel:
    def test_is_the_training_of_the_library(self, model):
        X, Y, *_ = penguins()
        X = (X - X.mean(axis=0)) / X.std(axis=0)
        trained = bplab.train(
            *(X, Y, *bplab.initial_weights(4, 6, 3, seed=0), tanh, sigmoid),
            gamma=2e-3,
            epochs=300,
            gradients=lambda *a: bplab.backward(*a),  # a function of the learner's, not our own
        )
        run = model.run(2e-3)
        np.testing.assert_array_equal(run.losses, trained.losses)
        F = bplab.forward(X, trained.alpha, trained.beta, tanh, sigmoid).F
        assert run.accuracy == np.mean(F.argmax(1) == Y.argmax(1)) > 0.98
        assert model.start == run.losses[0]

    def test_a_larger_step_gets_further_while_it_is_stable(self, model):
        runs = [model.run(gamma) for gamma in (1e-5, 1e-4, 1e-3, 1e-2)]
        ends = [run.losses[-1] for run in runs]
        assert ends == sorted(ends, reverse=True)
        assert not any(run.too_large or run.diverged for run in runs)
        assert runs[0].verdict.startswith("learns slowly: after 300 epochs the loss is still 181")
        assert runs[2].verdict == "learns well: the loss falls from 236 to 7.61 without a jump."

    def test_norms_are_those_of_the_last_update(self):
        seen = []

        def gradients(*args):
            seen.append(bplab.backward(*args))
            return seen[-1]

        run = LearningRate(gradients, epochs=7).run(1e-3)
        assert len(seen) == 7
        assert run.norm_alpha == pytest.approx(np.linalg.norm(seen[-1].alpha))
        assert run.norm_beta == pytest.approx(np.linalg.norm(seen[-1].beta))

    @pytest.mark.parametrize("gamma", [0.1, 1.0])
    def test_says_that_a_step_is_too_large(self, model, gamma):
        run = model.run(gamma)
        assert run.too_large
        assert not run.diverged
        assert run.verdict.startswith("too large: the loss jumps up")
        assert f"ends at {run.losses[-1]:.3g}." in run.verdict

    def test_says_that_it_diverged(self):
        run = LearningRate(g=identity).run(0.1)
        assert run.diverged
        assert run.too_large
        assert np.isnan(run.accuracy)
        updates = np.argmin(np.isfinite(run.losses))
        assert run.verdict.startswith(f"diverged: after {updates} updates")

    def test_softmax_may_be_the_output_function(self):
        run = LearningRate(g=softmax, epochs=50).run(0.005)
        assert run.losses[-1] < run.losses[0] / 10
        assert run.accuracy > 0.9

    def test_a_gradient_of_zero_stands_still(self):
        run = LearningRate(lambda X, Y, alpha, beta, *_: (0 * alpha, 0 * beta), epochs=5).run(0.1)
        assert run.verdict == "stands still: the loss stays at 236, 100% of its start."

    def test_uphill_is_said(self):
        def uphill(*args):
            return tuple(-part for part in bplab.backward(*args))

        run = LearningRate(uphill, epochs=20).run(1e-5)
        assert run.too_large
        assert "if it also rises with the smallest γ, the gradient is wrong" in run.verdict

    def test_the_learners_function_is_used(self, model):
        def half(*args):
            return tuple(part / 2 for part in bplab.backward(*args))

        np.testing.assert_allclose(
            LearningRate(half, epochs=50).run(2e-3).losses, model.run(1e-3).losses[:51]
        )

    def test_other_data(self):
        rng = np.random.default_rng(1)
        X, Y = rng.normal(size=(20, 2)), np.eye(3)[rng.integers(3, size=20)]
        run = LearningRate(X=X, Y=Y, M=2, sigma=sigmoid, epochs=4, seed=5).run(0.01)
        assert len(run.losses) == 5
        assert X.flags.writeable  # ours is a copy

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"gradients": (1, 2)}, "gradients must be a function"),
            ({"X": [[1.0]]}, "X and Y go together"),
            ({"X": [[1.0]], "Y": [[1.0], [0.0]]}, "same number N of rows"),
            ({"X": [[1.0]], "Y": [[1.0]]}, "at least 2 columns"),
            ({"X": [[np.nan]], "Y": [[1.0, 0.0]]}, "X must be finite"),
            ({"M": 0}, "M must be a whole number of at least 1"),
            ({"epochs": 2.5}, "epochs must be a whole number"),
            ({"sigma": np.tanh}, "sigma must be an Activation"),
            ({"sigma": softmax}, "sigma must be an Activation"),
            ({"g": np.tanh}, "g must be an Activation"),
        ],
    )
    def test_errors(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            LearningRate(**arguments)

    @pytest.mark.parametrize("gamma", [0, -1, np.nan])
    def test_gamma_must_be_positive(self, model, gamma):
        with pytest.raises(ValueError, match="gamma must be a positive number"):
            model.run(gamma)


def raising(X, Y, alpha, beta, sigma, g):
    return X @ alpha.T


def writing(X, *rest):
    X += 1


def starter(X, Y, alpha, beta, sigma, g):
    bplab.todo()


BAD = [
    (starter, "starter is not written yet"),
    (raising, "ValueError: matmul.*line [0-9]+: return X @ alpha.T"),
    (writing, "it writes into X or Y. Work on a copy.*line [0-9]+: X \\+= 1"),
    (lambda *a: None, "returns nothing: is a return missing"),
    (lambda *a: np.ones((6, 5)), r"must return two arrays.*one array of shape \(6, 5\)"),
    (lambda *a: bplab.backward(*a)[::-1], "by alpha has shape .*Are the two in the wrong order"),
    (lambda X, Y, a, b, *_: (a, b[:, 1:]), r"by beta has shape \(3, 6\); beta has \(3, 7\)"),
    (lambda X, Y, a, b, *_: (a.astype(str), b), "must hold real numbers"),
    (lambda X, Y, a, b, *_: ([[1.0], [1.0, 2.0]], b), "must hold real numbers"),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_a_bad_function_is_named_and_the_panel_lives_on(bad, message):
    function = bad
    panel = learning_rate(lambda *a: function(*a), epochs=5)
    assert panel.run is None
    assert re.search(message, panel.canvas.alt)
    assert "no run: " in words(panel)
    assert "press Reset" in words(panel)
    function = bplab.backward
    panel.reset_button.click()
    assert len(panel.run.losses) == 6
    assert "no run" not in panel.canvas.alt + words(panel)


def test_a_slow_function_is_given_up(monkeypatch):
    monkeypatch.setattr("bplab.widgets._learning_rate_model.SECONDS", 0)
    panel = learning_rate()
    assert "Your gradient function is slow" in words(panel)


class TestPanel:
    def test_moving_the_slider_trains_and_shows(self):
        panel = learning_rate()
        alt, png = picture(panel)
        assert png.startswith(PNG)
        assert "γ = 0.001: learns well: the loss falls from 236 to 7.61" in alt
        assert "R after 7.61" in re.sub(" +", " ", words(panel))
        panel.slider.value = 0.01
        new_alt, new_png = picture(panel)
        assert new_png != png
        assert "γ = 0.01: learns well" in new_alt
        assert "the run before: γ = 0.001, ends at 7.61" in new_alt
        assert "1.97" in words(panel)
        assert panel.run.gamma == 0.01
        assert panel.previous.gamma == 0.001

    def test_reset(self):
        panel = learning_rate(epochs=5)
        first = picture(panel)
        panel.slider.value = 0.1
        panel.reset_button.click()
        assert panel.slider.value == 0.001
        assert panel.previous is None
        assert picture(panel) == first

    def test_trains_once_a_move_and_not_for_the_same_value(self):
        panel = learning_rate(epochs=5)
        calls, run = [], panel.model.run

        def counting(gamma):
            calls.append(gamma)
            return run(gamma)

        panel.model.run = counting
        panel.slider.value = 0.0125892541  # as the front end sends it: ten to the -1.9
        panel.slider.value = 0.01258925412
        assert calls == [0.0126]
        panel.reset()
        assert calls == [0.0126, 0.001]

    def test_of_moves_while_training_the_last_counts(self):
        panel = learning_rate(epochs=5)
        calls, run = [], panel.model.run

        def moved_meanwhile(gamma):
            calls.append(gamma)
            if len(calls) == 1:
                panel.slider.value = 0.1
                panel.slider.value = 0.5
            return run(gamma)

        panel.model.run = moved_meanwhile
        panel.slider.value = 0.01
        assert calls == [0.01, 0.5]
        assert panel.run.gamma == 0.5
        assert panel.previous.gamma == 0.001

    def test_after_an_error_the_last_good_run_stays_as_the_run_before(self):
        fail = False

        def gradients(*args):
            return None if fail else bplab.backward(*args)

        panel = learning_rate(gradients, epochs=5)
        fail = True
        panel.slider.value = 0.1
        panel.slider.value = 0.2
        assert panel.run is None
        assert panel.previous.gamma == 0.001

    def test_state_there_and_back(self):
        panel = learning_rate(epochs=5, gamma=0.0123456)
        assert panel.state == "gamma=0.0123"
        twin = learning_rate(epochs=5, state=panel.state)
        assert picture(twin) == picture(panel)
        panel.state = " gamma = 0.5 "
        assert panel.run.gamma == 0.5
        assert panel.state == "gamma=0.5"

    @pytest.mark.parametrize(
        ("state", "message"),
        [
            ("", "state must look like 'gamma=1e-05'"),
            ("gamma", "state must look like"),
            ("alpha=1", "state must look like"),
            ("gamma=1,gamma=1", "state must look like"),
            ("gamma=much", "gamma must be a number; got 'much'"),
            ("gamma=2", "gamma must be a number from 1e-05 to 1; got 2.0"),
            ("gamma=nan", "gamma must be a number from"),
            (0.1, "state must be a string"),
        ],
    )
    def test_bad_states(self, state, message):
        with pytest.raises(ValueError, match=message):
            learning_rate(state=state)

    @pytest.mark.parametrize("gamma", [0, 2, "x", None])
    def test_bad_gamma(self, gamma):
        with pytest.raises(ValueError, match="gamma must be a number from 1e-05 to 1"):
            learning_rate(gamma=gamma)

    def test_the_page_is_told_the_names(self):
        tag = learning_rate(epochs=5).canvas.widget.value
        assert "aria-label&quot;: &quot;learning rate γ&quot;" in tag
        assert "aria-valuetext&quot;: &quot;0.001&quot;" in tag
        assert "aria-live&quot;: &quot;polite&quot;" in tag

    def test_messages_are_escaped(self):
        def gradients(*_):
            raise RuntimeError('<script>"&')

        panel = learning_rate(gradients)
        assert "<script>" not in panel.readout.value + panel.canvas.widget.value
        assert "&lt;script&gt;" in panel.readout.value

    def test_nothing_is_left_behind(self):
        threads = threading.active_count()
        for _ in range(50):
            learning_rate(epochs=1)
        assert pyplot.get_fignums() == []
        assert threading.active_count() == threads


def test_close_frees_the_panel():
    panel = learning_rate(epochs=1)
    gone = weakref.ref(panel)
    panel.close()
    del panel
    gc.collect()
    assert gone() is None


def test_still_in_the_mime_bundle():
    panel = learning_rate(epochs=5)
    panel.slider.value = 0.01
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == panel.canvas.alt
    still = base64.b64decode(bundle["image/png"])
    assert still.startswith(PNG)
    assert bundle["image/png"] in bundle["text/html"]
    assert panel.readout.value in bundle["text/html"]
    assert "onload" not in bundle["text/html"]
    # the moving artists are in it: the same pixels as live
    assert np.array_equal(pixels(still), pixels(picture(panel)[1]))
    panel.slider.value = 0.1
    assert not np.array_equal(pixels(still), pixels(panel.canvas.png()))


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def test_importing_bplab_loads_no_widgets():
    code = "import bplab, sys; print({'ipywidgets', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_in_a_kernel_and_exported():
    """Move it as the front end does, then export without widget state: the still is there."""
    nbclient = pytest.importorskip("nbclient")
    nbconvert = pytest.importorskip("nbconvert")
    code = "from bplab.widgets import learning_rate\npanel = learning_rate(epochs=20)\n"
    nb = new_notebook(
        cells=[
            new_code_cell(code + "print(panel.slider.model_id)"),
            new_code_cell("panel"),
            new_code_cell("print(panel.state)"),
        ]
    )
    client = nbclient.NotebookClient(nb, timeout=60, store_widget_state=False)
    with client.setup_kernel():
        client.execute_cell(nb.cells[0], 0)
        client.execute_cell(nb.cells[1], 1)
        comm = nb.cells[0].outputs[0].text.strip()
        update = {"method": "update", "state": {"value": 0.01}, "buffer_paths": []}
        content = {"comm_id": comm, "data": update}
        client.kc.shell_channel.send(client.kc.session.msg("comm_msg", content))
        client.execute_cell(nb.cells[2], 2)
    assert nb.cells[2].outputs[0].text == "gamma=0.01\n"
    assert "widgets" not in nb.metadata
    nbformat.validate(nb)
    page, _ = nbconvert.HTMLExporter().from_notebook_node(nb)
    assert '<img alt="Loss R(θ) against epoch, logarithmic. γ = 0.001' in page
    assert "No description has been provided" not in page
