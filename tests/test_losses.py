import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from autograd import elementwise_grad, grad
from hypothesis import given

from bplab.activations import softmax
from bplab.losses import cross_entropy, cross_entropy_per_example, loss, loss_per_example, residual
from tests.conftest import networks


@given(networks())
def test_loss_is_the_double_sum_of_equation_1(network):
    _, Y, *_ = network
    F = np.cos(Y)
    by_hand = sum((Y[i, k] - F[i, k]) ** 2 for i in range(Y.shape[0]) for k in range(Y.shape[1]))
    assert loss(Y, F) == pytest.approx(by_hand)
    assert loss_per_example(Y, F).shape == (len(Y),)
    assert loss_per_example(Y, F).sum() == pytest.approx(by_hand)


@given(networks())
def test_the_residual_is_the_derivative_by_the_outputs(network):
    _, Y, *_ = network
    F = np.cos(Y)
    theirs = elementwise_grad(lambda F: (Y - F) ** 2)(F)
    np.testing.assert_allclose(residual(Y, F), theirs, rtol=1e-13)


@given(networks())
def test_cross_entropy_is_the_sum_of_y_log_softmax(network):
    _, T, *_ = network
    Y = softmax(np.sin(T))
    by_hand = -(Y * np.log(softmax(T))).sum(axis=1)
    np.testing.assert_allclose(cross_entropy_per_example(Y, T), by_hand, rtol=1e-12, atol=1e-14)
    assert cross_entropy(Y, T) == pytest.approx(by_hand.sum(), rel=1e-12)


@given(networks())
def test_cross_entropy_has_the_derivative_f_minus_y(network):
    _, T, *_ = network
    Y = softmax(np.sin(T))
    R = lambda T: anp.sum(-Y * (T - anp.log(anp.sum(anp.exp(T), axis=1, keepdims=True))))  # noqa: E731
    np.testing.assert_allclose(grad(R)(T), softmax(T) - Y, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("spread", [1, 100, 1e4])
def test_cross_entropy_is_exact_where_softmax_has_underflowed(spread):
    T = spread * np.array([[0.3, -1.0, 0.7]])
    exact = [mpmath.log(mpmath.fsum(mpmath.exp(u - t) for u in T[0])) for t in T[0]]
    for k, right in enumerate(exact):
        assert cross_entropy(np.eye(3)[[k]], T) == pytest.approx(float(right), rel=1e-14, abs=1e-16)


def test_complex_outputs_pass_for_complex_steps():
    Y, F = np.array([[0.0, 1.0]]), np.array([[0.2, 0.3]])
    h = 1e-30
    step = F + h * 1j * np.array([[1, 0]])
    assert loss(Y, step).imag / h == pytest.approx(residual(Y, F)[0, 0])
    assert cross_entropy(Y, step).imag / h == pytest.approx((softmax(F) - Y)[0, 0])


@pytest.mark.parametrize("function", [loss_per_example, residual, cross_entropy_per_example])
def test_float32_stays_and_inputs_are_not_changed(function):
    Y, F = np.array([[0, 1]], np.float32), np.array([[0.2, 0.3]], np.float32)
    for array in (Y, F):
        array.setflags(write=False)
    assert function(Y, F).dtype == np.float32
    assert function(Y.astype(int), [[0, 1]]).dtype == np.float64


@pytest.mark.parametrize(
    ("Y", "F", "message"),
    [
        (np.ones((3, 1)), np.ones((3, 2)), "same shape"),
        (np.ones(3), np.ones(3), "must be a matrix"),
        (np.ones((0, 2)), np.ones((0, 2)), "must not be empty"),
        ([[np.nan]], [[1.0]], r"Y must be finite; entry \(0, 0\) is nan"),
        ([["a"]], [[1.0]], "real numbers"),
    ],
)
def test_bad_input_is_named(Y, F, message):
    with pytest.raises(ValueError, match=message):
        loss(Y, F)
