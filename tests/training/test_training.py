import numpy as np
import pytest

from bplab import backward, deep, initial_weights, train
from bplab.activations import elu, identity, relu, sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.losses import cross_entropy, loss
from bplab.network import forward
from bplab.training import descent, train_many


@pytest.fixture(scope="module")
def task():
    birds = penguins()
    X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
    return X, birds.Y, *initial_weights(4, 6, 3), tanh, sigmoid


@pytest.fixture(scope="module")
def deep_task(task):
    X, Y, *_ = task
    return X, Y, *initial_weights(4, [5, 6], 3), [tanh, elu()], softmax


def own(*args, **kwargs):
    """The reference, but not recognised: the gradients are the caller's."""
    return backward(*args, **kwargs)


def own_deep(*args, **kwargs):
    return deep.backward(*args, **kwargs)


def close(ours, right, rtol=1e-10):
    np.testing.assert_allclose(ours, right, rtol=rtol, atol=rtol * np.abs(right).max())


@pytest.mark.parametrize("gradients", [backward, own])
def test_one_epoch_is_equations_12_and_13(task, gradients):
    X, Y, alpha, beta, sigma, g = task
    by_alpha, by_beta = backward(*task)
    trained = train(*task, gamma=0.01, epochs=1, gradients=gradients)
    close(trained.alpha, alpha - 0.01 * by_alpha, rtol=1e-14)
    close(trained.beta, beta - 0.01 * by_beta, rtol=1e-14)
    after = loss(Y, forward(X, trained.alpha, trained.beta, sigma, g).F)
    close(trained.losses, [loss(Y, forward(*task[:1], *task[2:]).F), after], rtol=1e-14)


@pytest.mark.parametrize("g", [sigmoid, softmax])
def test_one_pass_is_one_epoch(task, g):
    *network, _ = task
    before = [array.copy() for array in network[:4]]
    alpha, beta = descent.one_pass(*network, g, 0.01)
    trained = train(*network, g, gamma=0.01, epochs=1)
    close(alpha, trained.alpha, rtol=1e-14)
    close(beta, trained.beta, rtol=1e-14)
    for array, kept in zip(network[:4], before, strict=True):
        assert np.array_equal(array, kept)


def test_one_pass_keeps_float32_and_takes_lists_and_integers(task):
    *network, g = task
    narrow = [np.float32(array) for array in network[:4]]
    assert {w.dtype for w in descent.one_pass(*narrow, tanh, g, 0.01)} == {np.dtype(np.float32)}
    whole = [np.rint(2 * array).astype(int) for array in network[:4]]
    alpha, beta = descent.one_pass(*whole, tanh, g, 0.01)
    again = descent.one_pass(*(array.tolist() for array in whole), tanh, g, 0.01)
    right = descent.one_pass(*map(np.float64, whole), tanh, g, 0.01)
    for got in ((alpha, beta), again):
        assert np.array_equal(got[0], right[0])
        assert np.array_equal(got[1], right[1])


def test_no_epoch_leaves_the_weights(task):
    trained = train(*task, gamma=0.01, epochs=0)
    assert np.array_equal(trained.alpha, task[2])
    assert np.array_equal(trained.beta, task[3])
    assert len(trained.losses) == 1


def test_loss_falls_and_the_start_is_not_changed(task):
    before = task[2].copy(), task[3].copy()
    losses = train(*task, gamma=0.002, epochs=100).losses
    assert len(losses) == 101
    assert losses[-1] < losses[0] / 10
    assert np.all(np.diff(losses) < 0)
    assert np.array_equal(task[2], before[0])
    assert np.array_equal(task[3], before[1])


def test_the_reference_is_as_good_as_its_faster_form(task):
    fast = train(*task, gamma=0.002, epochs=200)
    plain = train(*task, gamma=0.002, epochs=200, gradients=own)
    close(fast.losses, plain.losses)
    close(fast.alpha, plain.alpha)
    close(fast.beta, plain.beta)


def test_deep_networks_are_trained_too(deep_task):
    fast = train(*deep_task, gamma=0.002, epochs=100)
    plain = train(*deep_task, gamma=0.002, epochs=100, gradients=own_deep)
    assert isinstance(fast.alpha, tuple)
    assert [a.shape for a in fast.alpha] == [(5, 5), (6, 6)]
    for ours, right in zip((*fast.alpha, *fast[1:]), (*plain.alpha, *plain[1:]), strict=True):
        close(ours, right)
    assert fast.losses[-1] < fast.losses[0] / 5
    named = train(*deep_task, gamma=0.002, epochs=100, gradients=deep.backward)
    assert np.array_equal(named.losses, fast.losses)


def test_one_activation_may_stand_for_all_layers_and_an_array_for_equal_ones(deep_task):
    X, Y, _, _, _, g = deep_task
    alpha, beta = initial_weights(4, [4, 4], 3)
    expected = train(X, Y, alpha, beta, [tanh, tanh], g, gamma=0.001, epochs=3).losses
    got = train(X, Y, np.array(alpha), beta.tolist(), tanh, g, gamma=0.001, epochs=3).losses
    assert np.array_equal(got, expected)


def test_nested_lists_are_one_matrix(task):
    X, Y, alpha, beta, *functions = task
    got = train(X.tolist(), Y.tolist(), alpha.tolist(), beta, *functions, gamma=0.001, epochs=2)
    assert np.array_equal(got.losses, train(*task, gamma=0.001, epochs=2).losses)
    assert got.alpha.shape == alpha.shape


def test_cross_entropy_is_minimised_when_it_is_asked_for(task):
    X, Y, alpha, beta, sigma, _ = task
    trained = train(X, Y, alpha, beta, sigma, softmax, gamma=0.002, epochs=50, loss="cross-entropy")
    right = deep.backward(X, Y, [alpha], beta, sigma, softmax, loss="cross-entropy")
    one = train(X, Y, alpha, beta, sigma, softmax, gamma=0.002, epochs=1, loss="cross-entropy")
    close(one.beta, beta - 0.002 * right.beta, rtol=1e-14)
    T = forward(X, trained.alpha, trained.beta, sigma, softmax).T
    assert trained.losses[-1] == pytest.approx(cross_entropy(Y, T))
    assert trained.losses[-1] < trained.losses[0] / 5


def test_float32_stays_float32(task):
    arrays = [np.float32(array) for array in task[:4]]
    trained = train(*arrays, *task[4:], gamma=0.002, epochs=20)
    assert {part.dtype for part in trained} == {np.dtype(np.float32)}
    close(trained.losses, train(*task, gamma=0.002, epochs=20).losses, rtol=1e-5)
    assert train(*arrays[:3], *task[3:], gamma=0.002, epochs=1).alpha.dtype == np.float64


@pytest.mark.parametrize("gradients", [backward, own])
@pytest.mark.filterwarnings("error")
def test_divergence_ends_the_training_and_is_said(task, gradients):
    X, Y, alpha, beta, *_ = task
    arguments = X, Y, alpha, beta, relu, identity
    trained = train(*arguments, gamma=1.0, epochs=500, gradients=gradients)
    assert trained.diverged
    assert 2 < len(trained.losses) < 500
    assert np.isfinite(trained.losses[:-1]).all()
    assert not train(*arguments, gamma=1e-6, epochs=5).diverged


def test_weights_that_overflow_are_a_divergence_even_if_the_outputs_are_finite(task):
    def climbing(*args):
        by_alpha, by_beta = backward(*args)
        return -1e200 * by_alpha, 0 * by_beta

    trained = train(*task, gamma=1e200, epochs=50, gradients=climbing)
    assert trained.diverged
    assert len(trained.losses) == 2


def test_a_gradient_of_the_wrong_shape_never_broadcasts(task):
    with pytest.raises(ValueError, match=r"with respect to alpha must have the shape of alpha"):
        train(*task, gamma=0.1, epochs=1, gradients=lambda *a: (np.ones((6, 1)), backward(*a)[1]))


def test_a_gradient_that_is_not_finite_is_told_from_a_divergence(task):
    """It is where the right gradient, at the same weights, is a number."""

    def divides(X, Y, alpha, beta, sigma, g):
        with np.errstate(all="ignore"):
            by_alpha, by_beta = backward(X, Y, alpha, beta, sigma, g)
            return by_alpha, by_beta * (np.zeros(1) / 0)

    said = "gradient with respect to beta holds a number that is not finite"
    with pytest.raises(ValueError, match=said):
        train(*task, gamma=0.1, epochs=5, gradients=divides)
    X, Y, alpha, beta, *_ = task
    with pytest.raises(ValueError, match=said):
        train(
            X,
            Y,
            alpha,
            beta,
            *task[4:5],
            softmax,
            gamma=0.1,
            epochs=5,
            gradients=divides,
            loss="cross-entropy",
        )


def test_gradients_of_many_layers_are_given_a_list_that_is_their_own(deep_task):
    def joins(X, Y, alphas, beta, sigmas, g):
        assert len(alphas + [beta]) == len((X,) + alphas) == 3  # noqa: RUF005
        found = deep.backward(X, Y, alphas, beta, sigmas, g)
        alphas.append(beta)
        return map(np.copy, found.alphas), found.beta

    mine = train(*deep_task, gamma=0.002, epochs=5, gradients=joins)
    close(mine.losses, train(*deep_task, gamma=0.002, epochs=5).losses)


def test_a_deep_gradient_of_wrong_parts_is_named(deep_task):
    def too_few(*args):
        found = deep.backward(*args)
        return found.alphas[:1], found.beta

    def swapped(*args):
        found = deep.backward(*args)
        return found.alphas[::-1], found.beta

    with pytest.raises(ValueError, match="must have as many parts as alpha, 2; got 1"):
        train(*deep_task, gamma=0.1, epochs=1, gradients=too_few)
    with pytest.raises(
        ValueError, match=r"with respect to alpha\[0\] must have the shape of alpha"
    ):
        train(*deep_task, gamma=0.1, epochs=1, gradients=swapped)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gamma": 0}, "gamma must be a positive number; got 0"),
        ({"gamma": np.nan}, "gamma must be a positive number"),
        ({"gamma": "0.1"}, "gamma must be a positive number; got '0.1'"),
        ({"gamma": None}, "gamma must be a positive number; got None"),
        ({"gamma": [0.1]}, "gamma must be a positive number"),
        ({"epochs": -1}, "epochs must not be negative"),
        ({"epochs": "3"}, "epochs must be a whole number; got '3'"),
        ({"epochs": 2.5}, "epochs must be a whole number; got 2.5"),
        ({"epochs": None}, "epochs must be a whole number; got None"),
        ({"X": np.ones((3, 4))}, "X and Y must have the same number N of rows"),
        ({"alpha": np.ones((6, 4))}, r"alpha must have shape \(M, p\+1\), here with 5 columns"),
        ({"alpha": []}, "alpha must hold at least one hidden layer; got none"),
        ({"alpha": [np.ones((6, 4))]}, r"alpha\[0\] must have shape \(M_1, M_0\+1\)"),
        ({"alpha": [np.ones((6, 5)), np.ones((6, 5))]}, r"alpha\[1\] must have shape"),
        ({"beta": np.ones((3, 6))}, r"beta must have shape \(K, M\+1\), here with 7 columns"),
        ({"beta": np.ones((2, 7))}, r"beta must have as many rows as Y has columns, 3; got"),
        ({"sigma": np.tanh}, "sigma must be an Activation, or one for each hidden layer; got"),
        ({"sigma": softmax}, "sigma must be an Activation, or one for each hidden layer; got"),
        ({"sigma": [tanh, tanh]}, "one for each of the 1 hidden layers; got 2"),
        ({"g": np.tanh}, "g must be an Activation or softmax; got"),
        ({"loss": "absolute"}, "loss must be"),
        ({"loss": "cross-entropy"}, "cross-entropy goes with g = softmax"),
    ],
)
def test_bad_arguments_are_named(task, wrong, message):
    given = dict(zip(("X", "Y", "alpha", "beta", "sigma", "g"), task, strict=True))
    with pytest.raises(ValueError, match=message):
        train(**{**given, "gamma": 0.1, "epochs": 1, **wrong})


class TestMany:
    GAMMAS = np.geomspace(1e-5, 2e-3, 20)

    def assert_single_runs(self, arguments, gammas, epochs, **options):
        trained = train_many(*arguments, gammas=gammas, epochs=epochs, **options)
        assert len(trained) == len(gammas)
        for gamma, one in zip(gammas, trained, strict=True):
            single = train(*arguments, gamma=gamma, epochs=epochs, **options)
            assert type(one.alpha) is type(single.alpha)
            assert one.diverged == single.diverged
            assert len(one.losses) == len(single.losses)
            if not one.diverged:
                for ours, right in zip(self.parts(one), self.parts(single), strict=True):
                    assert ours.dtype == right.dtype
                    close(ours, right, rtol=1e-13)

    @staticmethod
    def parts(trained):
        alphas = trained.alpha if isinstance(trained.alpha, tuple) else [trained.alpha]
        return *alphas, trained.beta, trained.losses

    def test_small_networks_are_trained_together_and_equal_single_runs(self, task, monkeypatch):
        X, Y, *rest = task
        arguments = X[::7], Y[::7], *rest
        self.assert_single_runs(arguments, self.GAMMAS, 300)
        monkeypatch.setattr(descent, "train", None)
        assert len(train_many(*arguments, gammas=self.GAMMAS, epochs=1)) == 20

    @pytest.mark.parametrize("g", [sigmoid, softmax])
    def test_deep_ones_as_well(self, deep_task, g):
        X, Y, alpha, beta, sigma, _ = deep_task
        self.assert_single_runs((X[::7], Y[::7], alpha, beta, sigma, g), self.GAMMAS, 50)

    def test_cross_entropy_as_well(self, deep_task):
        X, Y, *rest = deep_task
        arguments = X[::7], Y[::7], *rest
        self.assert_single_runs(arguments, self.GAMMAS, 50, loss="cross-entropy")

    @pytest.mark.filterwarnings("error")
    def test_a_run_that_diverges_ends_alone(self, task):
        X, Y, alpha, beta, *_ = task
        arguments = X[::7], Y[::7], alpha, beta, relu, identity
        gammas = [*np.geomspace(1e-5, 1e-3, 8), 1.0, 3.0]
        self.assert_single_runs(arguments, gammas, 200)
        diverged = [t.diverged for t in train_many(*arguments, gammas=gammas, epochs=200)]
        assert diverged == [False] * 8 + [True, True]

    def test_all_may_diverge(self, task):
        X, Y, alpha, beta, *_ = task
        arguments = X[::7], Y[::7], alpha, beta, relu, identity
        self.assert_single_runs(arguments, np.linspace(1, 2, 8), 10_000)

    def test_where_it_does_not_pay_runs_are_made_in_turn(self, task, monkeypatch):
        X, Y, *rest = task
        large = np.tile(X, (10, 1)), np.tile(Y, (10, 1)), *rest
        monkeypatch.setattr(descent, "_train_together", None)
        self.assert_single_runs(large, self.GAMMAS, 1)
        self.assert_single_runs((X[::7], Y[::7], *rest), self.GAMMAS[:3], 1)
        assert train_many(*task, gammas=[], epochs=1) == []

    def test_no_more_are_trained_together_than_fit(self, task, monkeypatch):
        X, Y, *rest = task
        arguments = X[::7], Y[::7], *rest
        groups = []
        together = descent._train_together

        def counting(network, gammas, *others):
            groups.append(len(gammas))
            return together(network, gammas, *others)

        monkeypatch.setattr(descent, "_train_together", counting)
        monkeypatch.setattr(descent, "TOGETHER", 9 * 2 * (6 + 3) * len(X[::7]) * 8)
        self.assert_single_runs(arguments, self.GAMMAS, 2)
        assert groups == [7, 7, 6]

    def test_a_bad_rate_is_named(self, task):
        with pytest.raises(ValueError, match=r"gammas\[1\] must be a positive number; got -1"):
            train_many(*task, gammas=[0.1, -1], epochs=1)


def test_initial_weights_differ_from_unit_to_unit_and_repeat_with_the_seed():
    alpha, beta = initial_weights(4, 6, 3, seed=7)
    assert alpha.shape == (6, 5)
    assert beta.shape == (3, 7)
    assert len(np.unique(alpha[:, 1])) == 6
    assert np.array_equal(alpha, initial_weights(4, 6, 3, seed=7)[0])
    with pytest.raises(ValueError, match="M must be at least 1; got 0"):
        initial_weights(4, 0, 3)


def test_initial_weights_of_deep_networks():
    alpha, beta = initial_weights(4, [6, 2], 3)
    assert [a.shape for a in alpha] == [(6, 5), (2, 7)]
    assert beta.shape == (3, 3)
    with pytest.raises(ValueError, match="at least one hidden layer; got none"):
        initial_weights(4, [], 3)
