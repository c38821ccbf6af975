"""The model of the learning-rate panel: it is the library's training, and says how it went."""

import numpy as np
import pytest

import bplab
from bplab.activations import identity, sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.widgets import LearningRate


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
        np.testing.assert_allclose(run.losses, trained.losses, rtol=1e-9)
        F = bplab.forward(X, trained.alpha, trained.beta, tanh, sigmoid).F
        assert run.accuracy == np.mean(F.argmax(1) == Y.argmax(1)) > 0.98
        assert model.start == run.losses[0]

    @pytest.mark.parametrize("epochs", [1, 2, 40])
    @pytest.mark.parametrize(("g", "gamma"), [(sigmoid, 0.01), (identity, 1e80), (identity, 1e200)])
    def test_the_reference_is_as_good_as_a_function_of_the_learners(self, epochs, g, gamma):
        # also where it diverges: the faster form must not lose the last gradient
        fast = LearningRate(g=g, epochs=epochs).run(gamma)
        own = LearningRate(lambda *a: bplab.backward(*a), g=g, epochs=epochs).run(gamma)
        for a, b in zip(fast, own, strict=True):
            if isinstance(a, str):
                assert a == b
            else:
                np.testing.assert_allclose(a, b, rtol=1e-6)

    @pytest.mark.parametrize("targets", [(0, 1), (-1, 1), (3, 5)])
    def test_one_output_tells_two_species_apart(self, targets):
        rng = np.random.default_rng(0)
        X = rng.normal(size=(60, 2))
        right = X[:, 0] + X[:, 1] > 0
        Y = np.where(right, targets[1], targets[0])[:, None]
        data = {"X": X, "Y": Y, "M": 3, "g": identity}
        assert LearningRate(**data, epochs=200).run(1e-3).accuracy > 0.9

        def far(X, Y, alpha, beta, sigma, g):  # γ = 1 sets the output to a constant
            step = np.zeros_like(beta)
            step[:, 0] = 1e3
            return 0 * alpha, beta + step

        run = LearningRate(far, **data, epochs=1).run(1)  # F = -1000 everywhere
        assert run.accuracy == np.mean(~right)

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
            ({"X": [[1.0]], "Y": [[1.0]]}, "one column must hold two values, .*; got 1"),
            ({"X": [[1], [2], [3]], "Y": [[1], [2], [3]]}, "must hold two values, .*; got 3"),
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
