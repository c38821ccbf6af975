import numpy as np
import pytest
from hypothesis import given

from bplab import deep
from bplab.activations import sigmoid, softmax, tanh
from bplab.losses import cross_entropy, loss
from bplab.risk import Risk
from tests.judges import autograd_risk, close
from tests.strategies import deep_networks

with_softmax = deep_networks(outputs=[softmax])


def risk(net, **options):
    return Risk(net.X, net.Y, net.sigmas, net.g, **options), (*net.alphas, net.beta)


@given(deep_networks())
def test_it_is_the_loss_of_the_forward_pass(net):
    R, weights = risk(net)
    assert R(weights) == loss(net.Y, deep.forward(*net.forward).F)
    assert R(weights) == pytest.approx(
        autograd_risk(net.X, net.Y, net.sigmas, net.g)(net.alphas, net.beta), rel=1e-10, abs=1e-20
    )


@given(with_softmax)
def test_cross_entropy_is_taken_of_t(net):
    R, weights = risk(net, loss="cross-entropy")
    assert R(weights) == cross_entropy(net.Y, deep.forward(*net.forward).T)


@given(deep_networks())
def test_complex_steps_agree_with_back_propagation_also_where_units_saturate(net):
    R, weights = risk(net)
    h = 1e-100
    for d, gradient in enumerate(R.gradient(weights)):
        stepped = np.empty_like(gradient)
        for index in np.ndindex(gradient.shape):
            moved = [w.astype(complex) for w in weights]
            moved[d][index] += 1j * h
            stepped[index] = R(moved).imag / h
        underflow = np.finfo(float).tiny / h
        assert close(stepped, gradient, relative=1e-11, absolute=underflow)


@given(deep_networks())
def test_the_gradient_has_the_structure_of_the_weights(net):
    R, (*alphas, beta) = risk(net)
    found = deep.backward(*net)
    flat = R.gradient((*alphas, beta))
    nested = R.gradient((alphas, beta))
    named = R.gradient({"hidden": alphas, "output": beta})
    again = R.gradient(found)
    assert isinstance(again, deep.Gradients)
    assert list(named) == ["hidden", "output"]
    for d, expected in enumerate(found.alphas):
        for gradient in (flat[d], nested[0][d], named["hidden"][d]):
            assert np.array_equal(gradient, expected)
    for gradient in (flat[-1], nested[1], named["output"]):
        assert np.array_equal(gradient, found.beta)


@given(deep_networks(layers=(1, 1)))
def test_one_activation_does_for_all_layers(net):
    _, weights = risk(net)
    assert Risk(net.X, net.Y, net.sigmas[0], net.g)(weights) == risk(net)[0](weights)


def test_bad_arguments_are_named():
    X, Y = np.ones((3, 2)), np.ones((3, 1))
    with pytest.raises(
        ValueError, match="X and Y must have the same number N of rows; got 3 and 2"
    ):
        Risk(X, Y[:2], tanh, sigmoid)
    with pytest.raises(ValueError, match='loss must be "squared" or "cross-entropy"; got'):
        Risk(X, Y, tanh, sigmoid, loss="hinge")
    with pytest.raises(ValueError, match="cross-entropy goes with g = softmax; got g = sigmoid"):
        Risk(X, Y, tanh, sigmoid, loss="cross-entropy")
    R = Risk(X, Y, tanh, sigmoid)
    with pytest.raises(ValueError, match="weights must hold one matrix for each hidden layer and"):
        R(np.ones((1, 3)))
    with pytest.raises(ValueError, match=r"alphas\[0\] must have shape"):
        R((np.ones((2, 2)), np.ones((1, 3))))
    with pytest.raises(ValueError, match="Y and F must have the same shape"):
        R((np.ones((2, 3)), np.ones((2, 3))))
