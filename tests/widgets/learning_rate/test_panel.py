import base64
import html
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

import bplab
from bplab.widgets import learning_rate
from bplab.widgets.learning_rate.figure import LossFigure
from tests.widgets.alive import widgets_alive
from tests.widgets.reading import collected, names_every_control, without_end


def picture(panel):
    """The live picture: its alternative text and its SVG."""
    svg = re.search("<svg.*</svg>", panel.canvas.widget.value)[0]
    return re.search('aria-label="([^"]+)"', svg)[1], re.sub("bplab-svg-[0-9]+", "", svg)


def words(panel):
    return re.sub(r"<[^>]+>", " ", panel.readout.value)


def raising(X, Y, alpha, beta, sigma, g):
    return X @ alpha.T


def writing(X, *rest):
    X += 1


def starter(X, Y, alpha, beta, sigma, g):
    bplab.todo()


BAD = [
    (starter, "starter is not written yet"),
    (raising, "ValueError: matmul.*line [0-9]+: return X @ alpha.T"),
    (writing, "writes into X, Y or the weights .at line [0-9]+: X \\+= 1.*Work on a copy"),
    (lambda *a: None, "returns nothing: is a return missing"),
    (
        lambda *a: np.ones((6, 5)),
        r"must return 2 things, the gradient .* alpha and .*one array of shape \(6, 5\)",
    ),
    (lambda *a: bplab.backward(*a)[::-1], "to alpha has shape .*Are the two in the wrong order"),
    (lambda X, Y, a, b, *_: (a, b[:, 1:]), r"to beta has shape \(3, 6\); beta has \(3, 7\)"),
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
    monkeypatch.setattr(sys.modules["bplab.widgets.learning_rate.model"], "SECONDS", 0)
    panel = learning_rate(lambda *a: bplab.backward(*a))
    assert "Your gradient function is slow" in words(panel)


def test_a_function_without_an_end_is_stopped(monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.widgets.learning_rate.model"], "SECONDS", 0.05)
    said = words(learning_rate(without_end))
    assert "the training took longer than 0.05 seconds, and was stopped in" in said


class TestPanel:
    def test_moving_the_slider_trains_and_shows(self):
        panel = learning_rate()
        alt, drawn = picture(panel)
        assert "γ = 0.001: learns well: the loss falls from 236 to 7.61" in alt
        assert "R after 7.61" in re.sub(" +", " ", words(panel))
        panel.slider.value = 0.01
        new_alt, new = picture(panel)
        assert new != drawn
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
        calls, steps = [], panel.model.steps

        def counting(gamma):
            calls.append(gamma)
            return steps(gamma)

        panel.model.steps = counting
        panel.slider.value = 0.0125892541  # as the front end sends it: ten to the -1.9
        panel.slider.value = 0.01258925412
        assert calls == [0.0126]
        panel.reset()
        assert calls == [0.0126, 0.001]

    def test_of_moves_while_training_the_last_counts(self):
        panel = learning_rate(epochs=5)
        calls, steps = [], panel.model.steps

        def moved_meanwhile(gamma):
            calls.append(gamma)
            if len(calls) == 1:
                panel.slider.value = 0.1
                panel.slider.value = 0.5
            return steps(gamma)

        panel.model.steps = moved_meanwhile
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
        panel = learning_rate(epochs=5)
        names_every_control(panel)
        assert '"aria-live":"polite"' in html.unescape(panel.children[-1].value)
        panel.slider.value = 0.01
        assert '"bplab-control-gamma":"0.01"' in html.unescape(panel.canvas.widget.value)

    def test_messages_are_escaped(self):
        def gradients(*_):
            raise RuntimeError('<script>"&')

        panel = learning_rate(gradients)
        assert "<script>" not in panel.readout.value + panel.canvas.widget.value
        assert "&lt;script&gt;" in panel.readout.value

    def test_nothing_is_left_behind(self):
        threads = threading.active_count()
        for _ in range(10):
            learning_rate(epochs=1)
        assert pyplot.get_fignums() == []
        assert threading.active_count() == threads


def test_close_frees_the_panel():
    before = widgets_alive()
    with collected():
        panel = learning_rate(epochs=1)
        gone = weakref.ref(panel)
        assert widgets_alive() > before
        panel.close()
        assert widgets_alive() == before  # layouts and styles too
        del panel
    assert gone() is None


def test_still_in_the_mime_bundle():
    panel = learning_rate(epochs=5)
    panel.slider.value = 0.01
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == panel.canvas.alt
    still = base64.b64decode(re.search(r"base64,([^\"]+)", bundle["text/html"])[1]).decode()
    assert re.sub("bplab-svg-[0-9]+", "", still) == picture(panel)[1]
    assert panel.readout.value in bundle["text/html"]
    assert "onload" not in bundle["text/html"]


def test_spikes_stay_in_the_drawing():
    figure = LossFigure(2000, 100.0)
    losses = np.full(2001, 10.0)
    losses[777], losses[1234] = 50.0, 0.5
    x, y = figure.points(losses)
    assert len(x) < 500
    assert (np.diff(x) > 0).all()
    assert {round(y.min(), 6), round(y.max(), 6)} == {
        round(float(figure.points([loss])[1][0]), 6) for loss in (50.0, 0.5)
    }
    bad = figure.points([1.0, np.inf, np.nan])[1]
    assert (bad[1:] == bad[1:].min()).all()


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
