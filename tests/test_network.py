import numpy as np
import pytest
from hypothesis import given

from bplab import network
from bplab.activations import sigmoid, tanh
from bplab.gradcheck import check_gradient
from bplab.losses import loss
from tests.conftest import networks
from tests.judges import autograd_gradients
from tests.strategies import deep_networks


def close(a, b):
    return np.allclose(a, b, rtol=1e-10, atol=1e-12 * max(np.abs(b).max(), 1))


@given(deep_networks(layers=(1, 1), scales=[1.0]))
def test_gradients_agree_with_autograd(net):
    X, Y, (alpha,), beta, (sigma,), g = net
    ours = network.backward(X, Y, alpha, beta, sigma, g)
    (by_alpha,), by_beta = autograd_gradients(net)
    assert close(ours.alpha, by_alpha)
    assert close(ours.beta, by_beta)


@given(networks())
def test_gradients_agree_with_finite_differences(net):
    X, Y, alpha, beta, sigma, g = net

    def R(weights):
        return loss(Y, network.forward(X, *weights, sigma, g).F)

    report = check_gradient(R, tuple(network.backward(*net)), (alpha, beta))
    assert not report.wrong, report


@given(networks())
def test_equations_4_and_5_equal_6_and_7(net):
    X, Y, alpha, beta, sigma, g = net
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    gradients = network.backward(*net)
    assert np.array_equal(network.grad_beta(Y, A, Z, T, F, g), gradients.beta)
    assert np.array_equal(network.grad_alpha(X, Y, A, Z, T, F, beta, sigma, g), gradients.alpha)


@given(networks())
def test_gradient_of_a_batch_is_the_sum_over_its_examples(net):
    X, Y, *rest = net
    singles = [network.backward(X[i : i + 1], Y[i : i + 1], *rest) for i in range(len(X))]
    whole = network.backward(*net)
    assert close(sum(s.alpha for s in singles), whole.alpha)
    assert close(sum(s.beta for s in singles), whole.beta)


@given(networks())
def test_permuting_hidden_units_permutes_the_gradient(net):
    X, Y, alpha, beta, sigma, g = net
    order = np.random.default_rng(0).permutation(len(alpha))
    columns = np.concatenate([[0], 1 + order])
    plain = network.backward(*net)
    moved = network.backward(X, Y, alpha[order], beta[:, columns], sigma, g)
    assert close(moved.alpha, plain.alpha[order])
    assert close(moved.beta, plain.beta[:, columns])


@given(networks())
def test_inputs_are_not_changed_and_float32_stays(net):
    X, Y, alpha, beta, sigma, g = net
    before = [a.copy() for a in (X, Y, alpha, beta)]
    network.backward(*net)
    assert all(np.array_equal(a, b) for a, b in zip(before, (X, Y, alpha, beta), strict=True))
    narrow = network.backward(*(a.astype(np.float32) for a in before), sigma, g)
    assert narrow.alpha.dtype == narrow.beta.dtype == np.float32


def test_errors_name_the_argument_what_came_and_what_is_wanted():
    X, alpha, beta = np.ones((4, 3)), np.ones((2, 4)), np.ones((1, 3))
    with pytest.raises(ValueError, match=r"alpha must have shape \(M, p\+1\), here with 4 columns"):
        network.hidden(X, alpha[:, 1:], tanh)
    with pytest.raises(ValueError, match=r"beta must have shape \(K, M\+1\)"):
        network.forward(X, alpha, beta[:, 1:], tanh, sigmoid)
    with pytest.raises(ValueError, match=r"X must be a matrix of shape \(N, p\); got 1 dimension"):
        network.hidden(X[0], alpha, tanh)
    A, Z, T, F = network.forward(X, alpha, beta, tanh, sigmoid)
    with pytest.raises(ValueError, match="Y and T must have the same shape"):
        network.grad_beta(np.ones((4, 2)), A, Z, T, F, sigmoid)
    with pytest.raises(ValueError, match="same number N of rows"):
        network.grad_beta(np.ones((4, 1)), A[:3], Z[:3], T, F, sigmoid)
    with pytest.raises(ValueError, match="as many columns as beta has rows"):
        network.backward_hidden(X, A, Z, np.ones((4, 2)), beta, tanh)
