"""The passes that check nothing give what the checked ones give, and let infinities through."""

import numpy as np
import pytest
from hypothesis import given

from bplab import deep, layers
from bplab.activations import relu, sigmoid, tanh
from tests.strategies import deep_networks


@given(deep_networks())
def test_they_give_the_same_numbers_as_the_functions_that_check(net):
    stored = layers.forward(*net.forward)
    delta = layers.output_delta(net.Y, stored.T, stored.F, net.g)
    found = layers.backward(net.X, stored, delta, net.alphas, net.beta, net.sigmas)
    checked = deep.backward(*net)
    assert all(map(np.array_equal, found.alphas, checked.alphas))
    assert np.array_equal(found.beta, checked.beta)


def test_infinite_weights_are_no_error():
    X, beta = np.ones((2, 1)), np.array([[0.5, np.inf]])
    alphas = [np.ones((1, 2)), np.ones((1, 2))]
    with pytest.raises(ValueError, match="beta must be finite"):
        deep.forward(X, alphas, beta, [tanh, relu], sigmoid)
    stored = layers.forward(X, alphas, beta, [tanh, relu], sigmoid)
    assert np.isinf(stored.T).all()
    assert (stored.F == 1).all()
