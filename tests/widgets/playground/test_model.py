"""The model of the playground: data, training, the way back, what its units show."""

import numpy as np
import pytest

import bplab
from bplab import deep
from bplab.activations import relu, sigmoid, softmax, tanh
from bplab.learner import Gradients
from bplab.losses import loss, residual
from bplab.widgets import playground
from bplab.widgets.playground.data import DATA, as_data_set, classes_of, data_set, examples
from bplab.widgets.playground.model import History, Run, Settings, symptoms
from bplab.widgets.playground.words import PRESETS, WAIT, _rows, outcome

REFERENCE = Gradients(deep.backward)


def settings(**changes):
    given = {
        "data": "circle",
        "noise": 0.1,
        "share": 50,
        "seed": 0,
        "features": None,
        "units": (6,),
        "activations": ("tanh",),
        "output": "sigmoid",
        "start": "random",
    }
    return Settings(**{**given, **changes})


def run_of(gradients=REFERENCE, **changes):
    chosen = settings(**changes)
    return Run(chosen, data_set(chosen.data, chosen.seed), gradients)


class TestData:
    @pytest.mark.parametrize("name", DATA)
    def test_sets(self, name):
        data = data_set(name, 3)
        N, p = data.X.shape
        assert len(data.features) == p
        assert len(data.classes) == data.Y.shape[1]
        np.testing.assert_array_equal(data.Y.sum(axis=1), 1)
        assert np.abs(data.X).max() < 4

    def test_no_line_parts_circle_xor_and_spirals(self):
        """The best linear fit finds few more than half of the examples; of two clouds, all."""
        right = {}
        for name in DATA[:4]:
            X, Y, *_ = data_set(name, 0)
            padded = np.column_stack([np.ones(len(X)), X])
            F = padded @ np.linalg.lstsq(padded, Y, rcond=None)[0]
            right[name] = np.mean(F.argmax(1) == Y.argmax(1))
        assert right["two clouds"] > 0.98
        assert max(right["circle"], right["XOR"], right["spirals"]) < 0.75

    def test_split_and_noise(self):
        data = data_set("penguins", 0)
        quiet = examples(data, noise=0, share=30, seed=1)
        assert quiet.trained == round(0.3 * 342)
        assert [len(part) for part in (*quiet.training, *quiet.test)] == [103, 103, 239, 239]
        order = [np.flatnonzero((x == data.X).all(axis=1))[0] for x in quiet.X]
        assert len(set(order)) > 335  # a few birds measure the same
        np.testing.assert_array_equal(data.Y[order], quiet.Y)
        loud = examples(data, noise=0.5, share=30, seed=1)
        assert np.std(loud.X - quiet.X) == pytest.approx(0.5, rel=0.1)

    def test_own_data(self):
        X = np.arange(8.0).reshape(4, 2)
        data = as_data_set(X, [3, 5, 3, 5])
        np.testing.assert_array_equal(data.Y, [[1, 0], [0, 1], [1, 0], [0, 1]])
        assert data.classes == ("3", "5")
        one = as_data_set(X, [[0.0], [1.0], [1.0], [0.0]])
        np.testing.assert_array_equal(classes_of(one.Y, one.Y), [0, 1, 1, 0])
        assert len(one.classes) == 2

    @pytest.mark.parametrize(
        ("X", "Y", "message"),
        [
            ([[1.0, 2.0]], [0], "at least two classes"),
            ([[1.0, 2.0]], [[0.0]], "at least two rows"),
            ([[1.0], [2.0]], [0, 1], "two columns"),
            ([[1.0, 2.0], [1.0, 3.0]], [0.5, 1.5], "whole numbers"),
            ([[1.0, 2.0], [1.0, 3.0]], [[1.0]], "same number N of rows"),
            ([[1.0, np.nan], [1.0, 3.0]], [0, 1], "X must be finite"),
        ],
    )
    def test_bad_own_data(self, X, Y, message):
        with pytest.raises(ValueError, match=message):
            playground(X=X, Y=Y)


class TestRun:
    def test_is_the_training_of_the_library(self):
        run = run_of(units=(5, 4), activations=("relu", "tanh"), output="softmax")
        run.advance(60, 0.003)
        X, Y = run.examples.training
        alphas, beta = bplab.initial_weights(2, (5, 4), 2, seed=0)
        trained = bplab.train(
            *(X, Y, alphas, beta, [relu, tanh], softmax),
            gamma=0.003,
            epochs=60,
            gradients=lambda *a: deep.backward(*a),
        )
        np.testing.assert_allclose(run.losses, trained.losses, rtol=1e-9)
        np.testing.assert_allclose(run.weights[-1], trained.beta, rtol=1e-6)
        X, Y = run.examples.test
        F = deep.forward(X, trained.alpha, trained.beta, [relu, tanh], softmax).F
        assert run.test_losses[-1] == pytest.approx(loss(Y, F))

    def test_the_learning_rate_may_change_on_the_way(self):
        run = run_of()
        run.advance(10, 0.01)
        run.advance(10, 0.003)
        X, Y = run.examples.training
        weights = bplab.initial_weights(2, (6,), 2, seed=0)
        for gamma in (0.01, 0.003):
            trained = bplab.train(X, Y, *weights, tanh, sigmoid, gamma=gamma, epochs=10)
            weights = trained.alpha, trained.beta
        assert run.losses[-1] == pytest.approx(trained.losses[-1], rel=1e-9)
        assert run.since == 10

    def test_back_in_time_and_on_from_there(self):
        run = run_of()
        run.advance(30, 0.01)
        losses = list(run.losses)
        run.go(12)
        X, Y = run.examples.training
        assert loss(Y, run.outputs(X)) == pytest.approx(losses[12], rel=1e-12)
        run.go(30)
        assert loss(Y, run.outputs(X)) == pytest.approx(losses[30], rel=1e-12)
        run.go(12)
        forgotten = run.advance(18, 0.01)
        assert forgotten[0] == losses
        np.testing.assert_allclose(run.losses, losses, rtol=1e-12)  # the same road again
        run.go(12)
        run.advance(1, 0.1)
        assert run.last == 13
        assert run.losses[-1] != losses[13]

    def test_history_is_bounded_and_reaches_back_to_the_start(self):
        history = History(kept=10)
        for epoch in range(1000):
            history.add(epoch, np.array([float(epoch)]))
        assert history.stride == 128
        for epoch in (0, 127, 128, 700, 999):
            at, theta = history.at(epoch)
            assert theta[0] == at <= epoch < at + 128
        history.cut(300)
        assert history.at(999)[0] == 256
        history.add(384, np.array([384.0]))
        assert history.at(999)[1] == 384

    def test_numbers_of_an_example(self):
        """delta and s against complex steps through the layers above."""
        run = run_of(units=(4, 3), activations=("sigmoid", "tanh"), output="softmax")
        run.advance(20, 0.01)
        *alphas, beta = run.weights
        passes = run.passes(7)
        np.testing.assert_array_equal(passes.x, run.examples.X[7])

        def R(a, layer):
            for d in range(layer, 2):
                z = run.sigmas[d](a)
                weights = (*alphas, beta)[d + 1]
                a = weights[:, 1:] @ z + weights[:, 0]
            return ((passes.Y - run.g(a)) ** 2).sum()

        def slopes(a, layer):
            steps = 1e-30j * np.eye(len(a))
            return [R(a + step, layer).imag / 1e-30 for step in steps]

        np.testing.assert_allclose(passes.delta, slopes(passes.T, 2), rtol=1e-9)
        np.testing.assert_allclose(passes.s[1], slopes(passes.A[1], 1), rtol=1e-9)
        np.testing.assert_allclose(passes.s[0], slopes(passes.A[0], 0), rtol=1e-9)
        assert passes.loss == pytest.approx(R(passes.T, 2))

    def test_divergence_keeps_the_last_weights_that_are_numbers(self):
        run = run_of(output="identity")
        run.advance(1000, 0.03)
        assert run.diverged
        assert run.full
        assert not np.isfinite(run.losses[-1])
        assert np.isfinite(run.losses[:-1]).all()
        assert all(np.isfinite(w).all() for w in run.weights)
        run.go(5)
        assert not run.full
        run.advance(3, 1e-4)
        assert run.last == 8
        assert not run.diverged

    def test_tanh_outputs_have_targets_at_the_ends_of_their_range(self):
        run = run_of(output="tanh")
        assert set(np.unique(run.examples.Y)) == {-1.0, 1.0}
        run.advance(300, 0.01)
        assert run.accuracies()[0] > 0.95

    def test_symptoms(self):
        assert symptoms(run_of()) == []
        dead = run_of(activations=("relu",), start="random with biases -5")
        assert "6 of 6 ReLU units are off" in symptoms(dead)[0]
        twins = run_of(start="all equal")
        twins.advance(50, 0.01)
        assert "All 6 units have the same weights" in symptoms(twins)[0]
        np.testing.assert_allclose(twins.weights[0], twins.weights[0][:1].repeat(6, 0))
        flat = symptoms(run_of(activations=("sigmoid",), start="random times 30"))
        assert any("saturated" in said for said in flat)

    @pytest.mark.parametrize(
        ("name", "came"),
        {
            "diverges": "grows without end",
            "saturates": "falls, then stops far above 0",
            "symmetric start": "falls, then stops far above 0",
            "dead ReLU": "hardly changes",
            "too small a step": "hardly changes",
        }.items(),
    )
    def test_presets_fail_as_their_names_say(self, name, came):
        chosen = dict(pair.split("=") for pair in PRESETS[name].state.split(","))
        run = run_of(activations=(chosen["act1"],), output=chosen["output"], start=chosen["start"])
        assert outcome(np.array(run.losses)) is None
        run.advance(WAIT, float(chosen["gamma"]))
        assert outcome(np.array(run.losses)) == came

    def test_the_advice_of_the_presets_works(self):
        run = run_of(output="identity")
        run.advance(WAIT, 0.001)
        assert not run.diverged
        assert run.losses[-1] < run.losses[0] / 2
        run = run_of()
        run.advance(WAIT, 1e-5)
        run.advance(WAIT, 1e-3)
        assert run.losses[-1] < 0.98 * run.losses[WAIT]


def test_the_table_of_numbers_means_by_residual_what_the_library_means():
    for output in ("sigmoid", "softmax"):
        run = run_of(output=output)
        passes = run.passes(3)
        rows = {what: values for what, _, values in _rows(run, passes)}
        wanted = residual(passes.Y[None], passes.F[None])[0]
        np.testing.assert_array_equal(rows["residual −2 (y − f)"], wanted)
        assert not [what for what in rows if "δ" in what and "(y − f)" in what]
        delta = next(values for what, values in rows.items() if what.startswith("output delta"))
        sent = run.g.pull_back(wanted[None], passes.T[None])[0]
        np.testing.assert_allclose(delta, sent, rtol=1e-12)
