"""The formulas, example by example, against the library, all examples at once."""

from itertools import starmap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab import activations, deep, losses, network, training
from bplab import by_equation as eq
from bplab.activations import Softmax, softmax
from tests.judges import close
from tests.strategies import ELEMENTWISE, OUTPUTS, deep_networks


class MixedSoftmax(Softmax):
    """Softmax of W t: softmax's own Jacobian is symmetric and would hide a transposition."""

    @staticmethod
    def W(K):
        return np.eye(K) + np.arange(K * K).reshape(K, K) / K**2

    def __call__(self, t):
        return softmax(np.asarray(t) @ self.W(np.shape(t)[-1]).T)

    def jacobian(self, t):
        W = self.W(t.shape[-1])
        return softmax.jacobian(t @ W.T) @ W

    def pull_back(self, d, t):
        W = self.W(t.shape[-1])
        return softmax.pull_back(d, t @ W.T) @ W


one_layer = deep_networks(layers=(1, 1), outputs=ELEMENTWISE)
one_layer_softmax = deep_networks(layers=(1, 1), outputs=[softmax, MixedSoftmax()])


def agree(one, library):
    return close(one, library, relative=1e-12)


def summed(formula, *rows):
    """Σ_i of a formula; each of ``rows`` holds one argument of all examples."""
    return sum(starmap(formula, zip(*rows, strict=True)))


def one_hidden_layer(net):
    """The single layer's arguments for the library, and rows with their leading 1."""
    X, Y, (alpha,), beta, (sigma,), g = net
    stored = network.forward(X, alpha, beta, sigma, g)
    return alpha, sigma, *stored, with_ones(X), with_ones(stored.Z)


def with_ones(rows):
    return np.array([eq.with_one(row) for row in rows])


# --- section 1 --------------------------------------------------------------------------------


@given(deep_networks(layers=(1, 1)))
def test_the_two_layers(net):
    X, _, (alpha,), beta, (sigma,), g = net
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    for i, x in enumerate(with_ones(X)):
        a, z = eq.hidden(x, alpha, sigma)
        t, f = eq.output(z, beta, g)
        assert z[0] == 1
        for ours, library in ((a, A), (z[1:], Z), (t, T), (f, F)):
            np.testing.assert_allclose(ours, library[i], rtol=1e-12, atol=1e-12)
    assert agree(network.hidden(X, alpha, sigma), Z)
    assert agree(network.output(Z, beta, g)[1], F)


@given(deep_networks())
def test_equations_1_to_3(net):
    Y, F = net.Y, deep.forward(*net.forward).F
    assert agree([eq.eq2(y, f) for y, f in zip(Y, F, strict=True)], losses.loss_per_example(Y, F))
    assert agree(eq.eq1(Y, F), losses.loss(Y, F))
    assert agree(eq.eq3(Y, F), losses.loss(Y, F))


# --- sections 2.1 to 2.3 ----------------------------------------------------------------------


@given(one_layer)
def test_equation_4(net):
    _, _, A, Z, T, F, _, z = one_hidden_layer(net)
    by_hand = summed(lambda y, f, t, z: eq.eq4(y, f, t, z, net.g), net.Y, F, T, z)
    assert agree(by_hand, network.grad_beta(net.Y, A, Z, T, F, net.g))


@given(one_layer)
def test_equation_5(net):
    _, sigma, A, Z, T, F, x, _ = one_hidden_layer(net)
    by_hand = summed(
        lambda x, y, f, t, a: eq.eq5(x, y, f, t, a, net.beta, sigma, net.g), x, net.Y, F, T, A
    )
    library = network.grad_alpha(net.X, net.Y, A, Z, T, F, net.beta, sigma, net.g)
    assert agree(by_hand, library)


@given(one_layer)
def test_equations_6_and_7(net):
    _, sigma, A, Z, T, F, x, z = one_hidden_layer(net)
    pairs = [eq.eq6(*row, net.g) for row in zip(net.Y, F, T, z, strict=True)]
    delta, by_beta = network.backward_output(net.Y, A, Z, T, F, net.g)
    assert agree([d for d, _ in pairs], delta)
    assert agree(sum(gradient for _, gradient in pairs), by_beta)
    by_hand = summed(lambda x, a, d: eq.eq7(x, a, d, net.beta, sigma), x, A, delta)
    assert agree(by_hand, network.backward_hidden(net.X, A, Z, delta, net.beta, sigma))


@given(one_layer_softmax)
def test_equation_8(net):
    _, _, A, Z, T, F, _, z = one_hidden_layer(net)
    by_hand = summed(lambda y, f, t, z: eq.eq8(y, f, t, z, net.g), net.Y, F, T, z)
    assert agree(by_hand, network.grad_beta(net.Y, A, Z, T, F, net.g))


@given(one_layer_softmax)
def test_equation_9(net):
    _, sigma, A, Z, T, F, x, _ = one_hidden_layer(net)
    by_hand = summed(
        lambda x, y, f, t, a: eq.eq9(x, y, f, t, a, net.beta, sigma, net.g), x, net.Y, F, T, A
    )
    library = network.grad_alpha(net.X, net.Y, A, Z, T, F, net.beta, sigma, net.g)
    assert agree(by_hand, library)


@given(one_layer_softmax)
def test_equations_10_and_11(net):
    _, sigma, A, Z, T, F, x, z = one_hidden_layer(net)
    pairs = [eq.eq10(*row, net.g) for row in zip(net.Y, F, T, z, strict=True)]
    delta, by_beta = network.backward_output(net.Y, A, Z, T, F, net.g)
    assert agree([d for d, _ in pairs], delta)
    assert agree(sum(gradient for _, gradient in pairs), by_beta)
    by_hand = summed(lambda x, a, d: eq.eq11(x, a, d, net.beta, sigma), x, A, delta)
    assert agree(by_hand, network.backward_hidden(net.X, A, Z, delta, net.beta, sigma))


@given(deep_networks(layers=(1, 1)), st.floats(1e-4, 10))
def test_equations_12_and_13(net, gamma):
    pairs = [
        eq.back_propagation(x, y, net.alphas, net.beta, net.sigmas, net.g)
        for x, y in zip(with_ones(net.X), net.Y, strict=True)
    ]
    by_alphas, by_beta = deep.backward(*net)
    beta = eq.eq12(net.beta, [by_beta for _, by_beta in pairs], gamma)
    assert agree(beta, training.update(net.beta, by_beta, gamma))
    alpha = eq.eq13(net.alphas[0], [by_alphas[0] for by_alphas, _ in pairs], gamma)
    assert agree(alpha, training.update(net.alphas[0], by_alphas[0], gamma))
    passed = training.one_pass(net.X, net.Y, net.alphas[0], net.beta, net.sigmas[0], net.g, gamma)
    assert agree(alpha, passed[0])
    assert agree(beta, passed[1])


# --- section 3 --------------------------------------------------------------------------------


@given(deep_networks(), st.integers(0, 2**32 - 1))
def test_equations_14_to_16(net, seed):
    A, Z, T, F = deep.forward(*net.forward)
    delta = np.random.default_rng(seed).standard_normal(T.shape)
    below = (net.X, *Z)[-2]
    assert agree(summed(eq.eq14, delta, with_ones(Z[-1])), network.weight_gradient(delta, Z[-1]))

    s = deep.hidden_delta(delta, net.beta, A[-1], net.sigmas[-1])
    by_alpha = network.weight_gradient(s, below)
    rows = list(zip(with_ones(below), A[-1], delta, strict=True))
    assert agree(sum(eq.eq15(*row, net.beta, net.sigmas[-1]) for row in rows), by_alpha)
    pairs = [eq.eq16(*row, net.beta, net.sigmas[-1]) for row in rows]
    assert agree([s for s, _ in pairs], s)
    assert agree(sum(gradient for _, gradient in pairs), by_alpha)


@given(deep_networks(layers=(2, 3)), st.integers(0, 2**32 - 1))
def test_equations_17_and_18(net, seed):
    A, Z, _, _ = deep.forward(*net.forward)
    for d in range(len(A) - 1):
        above = np.random.default_rng(seed).standard_normal(A[d + 1].shape)
        below = (net.X, *Z)[d]
        s = deep.hidden_delta(above, net.alphas[d + 1], A[d], net.sigmas[d])
        rows = list(zip(with_ones(below), A[d], above, strict=True))
        pairs = [eq.eq17(*row, net.alphas[d + 1], net.sigmas[d]) for row in rows]
        assert agree([s for s, _ in pairs], s)
        assert agree(sum(g for _, g in pairs), network.weight_gradient(s, below))
        if d == 0:
            by_hand = sum(eq.eq18(*row, net.alphas[1], net.sigmas[0]) for row in rows)
            assert agree(by_hand, network.weight_gradient(s, net.X))


@given(deep_networks(outputs=[*OUTPUTS, MixedSoftmax()]))
def test_the_whole_backward_pass_for_every_depth(net):
    pairs = [
        eq.back_propagation(x, y, net.alphas, net.beta, net.sigmas, net.g)
        for x, y in zip(with_ones(net.X), net.Y, strict=True)
    ]
    library = deep.backward(*net)
    assert agree(sum(by_beta for _, by_beta in pairs), library.beta)
    for d, by_alpha in enumerate(library.alphas):
        assert agree(sum(by_alphas[d] for by_alphas, _ in pairs), by_alpha)


# --- section 4 --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by_hand", "library"),
    [
        (eq.sigmoid, activations.sigmoid),
        (eq.tanh, activations.tanh),
        (eq.relu, activations.relu),
        (lambda x: eq.leaky_relu(x, 0.1), activations.leaky_relu(0.1)),
        (lambda x: eq.elu(x, 0.5), activations.elu(0.5)),
    ],
    ids=["sigmoid", "tanh", "relu", "leaky-relu", "elu"],
)
def test_the_printed_activations(by_hand, library):
    for x in np.concatenate([np.linspace(-15, 15, 301), [0.0]]):
        value, slope = by_hand(float(x))
        np.testing.assert_allclose(value, library(x), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(slope, library.derivative(x), rtol=1e-12, atol=1e-15)


@given(st.lists(st.floats(-15, 15), min_size=1, max_size=6))
def test_the_printed_softmax(t):
    value, jacobian = eq.softmax(t)
    np.testing.assert_allclose(value, softmax(t), rtol=1e-12)
    np.testing.assert_allclose(jacobian, softmax.jacobian(t), rtol=1e-12, atol=1e-15)
