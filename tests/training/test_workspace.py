import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab import deep
from bplab.activations import (
    Activation,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from bplab.risk import Risk
from bplab.training import workspace
from bplab.training.workspace import WIDE, Workspace

SOFTPLUS = Activation("softplus", lambda x: np.logaddexp(0, x), lambda x: sigmoid(x))
# a learner's own, by names of the library's
OWN = (
    Activation("tanh", lambda x: np.arctan(x), lambda x: 1 / (1 + x**2)),
    Activation("tanh", tanh.value, lambda x: np.ones_like(x)),
    Activation("elu(0.3)", lambda x: np.logaddexp(0, x), lambda x: sigmoid(x)),
)
ACTIVATIONS = (
    *(sigmoid, tanh, relu, identity, SOFTPLUS),
    *(leaky_relu(0.1), leaky_relu(1 / 3), leaky_relu(0), leaky_relu(-0.5)),
    *(elu(), elu(0.3), elu(0), elu(-0.4)),
    *OWN,
)
OUTPUTS = (*((g, "squared") for g in (*ACTIVATIONS, softmax)), (softmax, "cross-entropy"))


def network(rng, sizes, N, dtype=np.float64):
    """Data and weights of a network with these numbers of features, hidden units, outputs."""
    weights = [
        (rng.standard_normal((units, inputs + 1)) / np.sqrt(inputs)).astype(dtype)
        for inputs, units in pairwise(sizes)
    ]
    X, Y = rng.standard_normal((N, sizes[0])), rng.standard_normal((N, sizes[-1]))
    return X.astype(dtype), Y.astype(dtype), weights


@st.composite
def problems(draw):
    sizes = draw(st.lists(st.integers(1, 6), min_size=3, max_size=5))
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    data = network(rng, sizes, draw(st.integers(1, 8)), dtype)
    sigmas = [draw(st.sampled_from(ACTIVATIONS)) for _ in sizes[1:-1]]
    return *data, sigmas, *draw(st.sampled_from(OUTPUTS))


def assert_equal_to_the_plain_pass(X, Y, weights, sigmas, g, loss, R, gradients):
    """Up to rounding: 450 units in the last place of a gradient's largest entry (1e-13)."""
    tolerance = 450 * np.finfo(X.dtype).eps
    plain = deep.backward(X, Y, weights[:-1], weights[-1], sigmas, g, loss=loss)
    for ours, right in zip(gradients, (*plain.alphas, plain.beta), strict=True):
        assert ours.dtype == X.dtype
        np.testing.assert_allclose(ours, right, rtol=0, atol=tolerance * np.abs(right).max())
    expected = Risk(X, Y, sigmas, g, loss=loss)(weights)
    np.testing.assert_allclose(R, expected, rtol=0, atol=tolerance * max(1, abs(expected)))


@given(problems(), st.integers(1, 8))
def test_is_the_plain_pass_in_blocks_of_any_size(problem, block):
    X, Y, weights, sigmas, g, loss = problem
    work = Workspace(X, Y, weights, sigmas, g, loss=loss, block=block)
    for _ in range(2):  # what a pass leaves behind does not disturb the next one
        R = work.forward()
        work.backward()
        assert_equal_to_the_plain_pass(*problem, R, work.gradients)


@given(problems(), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_runs_that_share_a_workspace_are_plain_passes_of_their_own(problem, runs, seed):
    X, Y, weights, sigmas, g, loss = problem
    work = Workspace(X, Y, weights, sigmas, g, loss=loss, runs=runs)
    scale = np.random.default_rng(seed).uniform(0.5, 1.5, runs).astype(X.dtype)
    for w in work.weights:
        w *= scale[:, None, None]
    R = work.forward()
    work.backward()
    for run in range(runs):
        own = [w[run].copy() for w in work.weights]
        gradients = [gradient[run] for gradient in work.gradients]
        assert_equal_to_the_plain_pass(X, Y, own, sigmas, g, loss, R[run], gradients)


@pytest.mark.parametrize("hidden", [[WIDE], [WIDE - 1, WIDE + 1], [WIDE, 3, WIDE]])
def test_very_wide_layers_are_the_plain_pass(hidden):
    X, Y, weights = network(np.random.default_rng(0), [3, *hidden, 2], 9)
    sigmas = [tanh] * len(hidden)
    work = Workspace(X, Y, weights, sigmas, identity)
    R = work.forward()
    work.backward()
    assert_equal_to_the_plain_pass(X, Y, weights, sigmas, identity, "squared", R, work.gradients)


@pytest.mark.parametrize("fast", [True, False])
def test_both_forms_of_tanh_are_the_plain_pass(fast, monkeypatch):
    monkeypatch.setattr(workspace, "_float64_tanh_is_fast", lambda: fast)
    X, Y, weights = network(np.random.default_rng(0), [3, 5, 4, 2], 9)
    work = Workspace(X, Y, weights, [tanh, tanh], tanh)
    R = work.forward()
    work.backward()
    assert_equal_to_the_plain_pass(X, Y, weights, [tanh] * 2, tanh, "squared", R, work.gradients)


@pytest.mark.parametrize("sigma", [sigmoid, tanh, elu()])
def test_a_saturated_unit_is_right_relative_to_the_largest_derivative(sigma):
    A = np.array([[-40.0, -300.0, 20.0, 40.0, 300.0, 1e4]])
    alpha, beta = np.column_stack([A.T, np.ones(6)]), np.ones((1, 7))
    X, Y = np.array([[0.0]]), np.array([[-1.0]])
    work = Workspace(X, Y, [alpha, beta], [sigma], identity)
    with np.errstate(over="ignore"):
        work.forward()
        work.backward()
    plain = deep.backward(X, Y, [alpha], beta, sigma, identity)
    delta = abs(plain.beta[0, 0])
    assert np.isfinite(work.gradient).all()
    np.testing.assert_allclose(work.gradients[0], plain.alphas[0], rtol=0, atol=4e-16 * delta)
    np.testing.assert_allclose(work.gradients[1], plain.beta, rtol=0, atol=4e-16 * delta)


@given(problems(), st.floats(1e-3, 0.1), st.integers(1, 8))
def test_an_epoch_is_equations_12_and_13(problem, gamma, block):
    X, Y, weights, sigmas, g, loss = problem
    work = Workspace(X, Y, weights, sigmas, g, loss=loss, block=block)
    before = work.forward()
    work.backward()
    stepped = work.theta - X.dtype.type(gamma) * work.gradient
    assert work.forward() == before
    R = work.descent(gamma)()
    eps = 10 * np.finfo(X.dtype).eps
    size = np.abs(work.theta).max() + gamma * np.abs(work.gradient).max()
    np.testing.assert_allclose(work.theta, stepped, rtol=0, atol=eps * max(1, size))
    np.testing.assert_allclose(R, work.forward(), rtol=eps)


@pytest.mark.parametrize("gamma", [1e-300, 0.01, 0.6])
def test_an_epoch_follows_whatever_was_done_before_it(gamma):
    X, Y, weights = network(np.random.default_rng(0), [2, 3, 1], 5)
    work = Workspace(X, Y, weights, [tanh], identity)
    work.forward()
    epoch, other = work.descent(gamma), work.descent(0.02)

    def expected(gamma):
        alphas, beta = [w.copy() for w in work.weights[:-1]], work.weights[-1].copy()
        plain = deep.backward(X, Y, alphas, beta, [tanh], identity)
        parts = zip((*alphas, beta), (*plain.alphas, plain.beta), strict=True)
        return np.concatenate([(w - gamma * part).ravel() for w, part in parts])

    def take(epoch, gamma):
        stepped = expected(gamma)
        R = epoch()
        np.testing.assert_allclose(work.theta, stepped, rtol=0, atol=1e-13 * abs(stepped).max())
        np.testing.assert_allclose(R, Risk(X, Y, [tanh], identity)(work.weights), rtol=1e-12)

    take(epoch, gamma)
    take(epoch, gamma)
    take(other, 0.02)
    take(epoch, gamma)
    work.backward()
    work.forward()
    take(epoch, gamma)
    work.theta[:] = np.concatenate([w.ravel() for w in weights])
    work.forward()
    take(epoch, gamma)


@pytest.mark.parametrize("gamma", [1e-300, 0.01, 0.6])
@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_an_epoch_says_nan_where_a_weight_is_not_finite(gamma, bad):
    X, Y, weights = network(np.random.default_rng(0), [2, 3, 1], 5)
    X[:, 0] = 1  # an infinite weight alone would only saturate the unit
    work = Workspace(X, Y, weights, [tanh], identity)
    with np.errstate(all="ignore"):
        work.forward()
        epoch = work.descent(gamma)
        epoch()
        work.theta[1] = bad
        assert np.isnan(epoch())


def test_an_epoch_allocates_nothing_of_the_size_of_the_data():
    X, Y, weights = network(np.random.default_rng(0), [10, 32, 16, 3], 20_000)
    work = Workspace(X, Y, weights, [tanh, relu], softmax)
    work.forward()
    epoch = work.descent(1e-6)
    epoch()
    tracemalloc.start()
    for _ in range(3):
        epoch()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < Y.nbytes / 4  # numpy's own buffers: 64 kB, however large the arrays are


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_the_loss_is_nan_where_a_weight_is_not_finite(bad):
    X, Y, weights = network(np.random.default_rng(0), [2, 3, 1], 5)
    X[:, 0] = 1  # an infinite weight alone would only saturate the unit
    one = Workspace(X, Y, weights, [tanh], identity)
    in_blocks = Workspace(X, Y, weights, [tanh], identity, block=2)
    many = Workspace(X, Y, weights, [tanh], identity, runs=3)
    one.weights[0][0, 1] = in_blocks.weights[0][0, 1] = many.weights[0][1, 0, 1] = bad
    with np.errstate(all="ignore"):
        assert np.isnan(one.forward())
        assert np.isnan(in_blocks.forward())
        assert list(np.isnan(many.forward())) == [False, True, False]


def test_a_run_at_rest_stays_there():
    X, Y, weights = network(np.random.default_rng(0), [2, 3, 1], 5)
    work = Workspace(X, Y, weights, [tanh], identity, runs=3)
    epoch = work.descent(np.full(3, 0.01))
    start = work.forward()
    work.rest(1)
    work.forward()
    for _ in range(3):
        R = epoch()
    assert all(np.all(w[1] == 0) for w in work.weights)
    assert R[0] == R[2] < start[0]


def test_the_arguments_are_copied():
    X, Y, weights = network(np.random.default_rng(0), [2, 3, 1], 5)
    work = Workspace(X, Y, weights, [tanh], identity)
    R = work.forward()
    for array in (X, Y, *weights):
        array[...] = 7
    assert work.forward() == R
