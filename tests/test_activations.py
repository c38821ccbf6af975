import warnings

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad

from bplab.activations import elu, identity, leaky_relu, relu, sigmoid, tanh

AUTOGRAD = {
    sigmoid: lambda x: 1 / (1 + anp.exp(-x)),
    tanh: anp.tanh,
    identity: lambda x: 1.0 * x,
    relu: lambda x: anp.where(x > 0, x, 0.0),
    leaky_relu(0.1): lambda x: anp.where(x > 0, x, 0.1 * x),
    elu(0.5): lambda x: anp.where(x > 0, x, 0.5 * (anp.exp(x) - 1)),
}
ALL = pytest.mark.parametrize("activation", AUTOGRAD, ids=str)


@ALL
def test_value_and_derivative_agree_with_autograd(activation):
    x = np.linspace(-6, 6, 241)
    x = x[x != 0]  # the kink is tested below
    theirs = AUTOGRAD[activation]
    np.testing.assert_allclose(activation(x), theirs(x), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        activation.derivative(x), elementwise_grad(theirs)(x), rtol=1e-11, atol=1e-14
    )


@ALL
def test_large_arguments_neither_warn_nor_overflow(activation):
    x = np.array([-1e4, -750.0, -40.0, 40.0, 750.0, 1e4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(activation(x)).all()
        assert np.isfinite(activation.derivative(x)).all()


@ALL
def test_float32_stays_float32_and_integers_become_float64(activation):
    for dtype, expected in ((np.float32, np.float32), (np.int64, np.float64)):
        x = np.array([[-2, 0, 3]], dtype=dtype)
        assert activation(x).dtype == expected
        assert activation.derivative(x).dtype == expected
        assert activation(x).shape == activation.derivative(x).shape == x.shape


def test_saturated_derivative_keeps_its_digits():
    # 1 - a would be 0 here, or have lost every digit
    np.testing.assert_allclose(sigmoid.derivative(40.0), np.exp(-40.0), rtol=1e-15)
    np.testing.assert_allclose(tanh.derivative(25.0), 4 * np.exp(-50.0), rtol=1e-15)


@pytest.mark.parametrize(
    ("activation", "at_zero"), [(relu, 0), (leaky_relu(0.1), 0.1), (elu(0.5), 0.5)], ids=str
)
def test_the_kink_belongs_to_the_left_as_in_the_paper(activation, at_zero):
    assert activation.derivative(0.0) == at_zero


@pytest.mark.parametrize("make", [leaky_relu, elu])
@pytest.mark.parametrize("alpha", [1.5, np.nan, -np.inf])
def test_alpha_above_1_or_not_finite_is_refused(make, alpha):
    with pytest.raises(ValueError, match="alpha must be"):
        make(alpha)


def test_derivatives_refuse_complex_numbers():
    with pytest.raises(ValueError, match="real numbers"):
        sigmoid.derivative(np.array([1j]))
