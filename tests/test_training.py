import numpy as np
import pytest

from bplab import backward, initial_weights, train
from bplab.activations import sigmoid, tanh
from bplab.data import penguins


@pytest.fixture(scope="module")
def task():
    birds = penguins()
    X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
    return X, birds.Y, *initial_weights(4, 6, 3), tanh, sigmoid


def test_one_epoch_is_equations_12_and_13(task):
    X, Y, alpha, beta, sigma, g = task
    by_alpha, by_beta = backward(*task)
    trained = train(*task, gamma=0.01, epochs=1)
    assert np.array_equal(trained.alpha, alpha - 0.01 * by_alpha)
    assert np.array_equal(trained.beta, beta - 0.01 * by_beta)


def test_loss_falls_and_the_start_is_not_changed(task):
    before = task[2].copy(), task[3].copy()
    losses = train(*task, gamma=0.002, epochs=100).losses
    assert len(losses) == 101
    assert losses[-1] < losses[0] / 10
    assert np.all(np.diff(losses) < 0)
    assert np.array_equal(task[2], before[0])
    assert np.array_equal(task[3], before[1])


def test_divergence_ends_the_training_and_is_said(task):
    def climbing(*args):
        by_alpha, by_beta = backward(*args)
        return -1e200 * by_alpha, -1e200 * by_beta

    trained = train(*task, gamma=1e200, epochs=50, gradients=climbing)
    assert trained.diverged
    assert len(trained.losses) < 51


def test_a_gradient_of_the_wrong_shape_never_broadcasts(task):
    with pytest.raises(ValueError, match=r"gradient by alpha must have the shape of alpha"):
        train(*task, gamma=0.1, epochs=1, gradients=lambda *a: (np.ones((6, 1)), backward(*a)[1]))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"gamma": 0}, "gamma"), ({"gamma": np.nan}, "gamma"), ({"epochs": -1}, "epochs")],
)
def test_bad_settings_are_named(task, wrong, message):
    with pytest.raises(ValueError, match=message):
        train(*task, **{"gamma": 0.1, "epochs": 1, **wrong})


def test_initial_weights_differ_from_unit_to_unit_and_repeat_with_the_seed():
    alpha, beta = initial_weights(4, 6, 3, seed=7)
    assert alpha.shape == (6, 5)
    assert beta.shape == (3, 7)
    assert len(np.unique(alpha[:, 1])) == 6
    assert np.array_equal(alpha, initial_weights(4, 6, 3, seed=7)[0])
    with pytest.raises(ValueError, match="M must be at least 1; got 0"):
        initial_weights(4, 0, 3)
