from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.activations import relu
from bplab.gradcheck import Verdict, check_gradient, numerical_gradient
from bplab.losses import loss
from bplab.network import Gradients, backward, forward
from tests.conftest import networks


class Pair(NamedTuple):
    alpha: np.ndarray
    beta: np.ndarray


def risk(net):
    X, Y, _, _, sigma, g = net
    return lambda weights: loss(Y, forward(X, *weights, sigma, g).F)


@given(networks(), st.sampled_from(["central", "forward"]))
def test_numerical_gradient_is_near_the_analytic_one(net, method):
    numeric = numerical_gradient(risk(net), Pair(net[2], net[3]), method=method)
    tolerance = {"central": 1e-7, "forward": 1e-5}[method]
    for ours, exact in zip(numeric, backward(*net), strict=True):
        scale = max(np.abs(exact).max(), risk(net)((net[2], net[3])), 1)
        assert np.abs(ours - exact).max() < tolerance * scale
    assert isinstance(numeric, Pair)


@given(networks(), st.data())
def test_one_entry_off_by_a_thousandth_is_found_and_located(net, data):
    gradients = Gradients(*(g.copy() for g in backward(*net)))
    block = data.draw(st.sampled_from(["alpha", "beta"]))
    array = getattr(gradients, block)
    index = tuple(data.draw(st.integers(0, n - 1)) for n in array.shape)
    if abs(array[index]) < 1e-3 * max(np.abs(g).max() for g in gradients):
        return  # not a mistake that anything could see
    array[index] *= 1.001
    report = check_gradient(risk(net), gradients, Pair(net[2], net[3]))
    assert [(e.block, e.index) for e in report.wrong] == [(block, index)]
    assert not report


@pytest.mark.parametrize(
    "params", [np.array([1.0, 2.0]), [np.ones(2), np.ones(1)], {"a": np.ones(2)}, (3.0, np.ones(2))]
)
def test_any_structure_of_arrays_keeps_its_form(params):
    def f(p):
        arrays = p.values() if isinstance(p, dict) else [p] if isinstance(p, np.ndarray) else p
        return sum(np.sum(np.asarray(a) ** 2) for a in arrays)

    gradient = numerical_gradient(f, params)
    assert type(gradient) is type(params)
    assert check_gradient(f, gradient, params)
    assert check_gradient(f, lambda p: numerical_gradient(f, p), params)


def test_a_kink_is_no_wrong_verdict():
    # at 0 the convention says 0, differences say 1/2; near 0 the ladder straddles the kink
    for w in (1e-5, -1e-5):
        report = check_gradient(
            lambda w: float(relu(w).sum()), relu.derivative(np.array([w])), np.array([w])
        )
        assert report.entries[0].verdict == Verdict.CANNOT_TELL, report


def test_a_stub_of_zeros_is_wrong_and_a_flat_function_is_right():
    w = np.array([1.0, 2.0])
    assert len(check_gradient(lambda w: np.sum(w**2), np.zeros(2), w).wrong) == 2
    assert check_gradient(lambda w: 3.0, np.zeros(2), w)


def test_parameters_are_not_changed_even_by_a_careless_function():
    w = np.array([1.0, 2.0])

    def careless(v):
        v *= 0
        return float(v.sum())

    numerical_gradient(careless, w)
    assert np.array_equal(w, [1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, w: numerical_gradient(f, w, method="sideways"), "method must be"),
        (lambda f, w: numerical_gradient(f, w, step=0), "step must be"),
        (lambda f, w: numerical_gradient(f, np.array([np.nan])), "finite real"),
        (lambda f, w: numerical_gradient(lambda w: w, w), "one finite real number"),
        (lambda f, w: numerical_gradient(lambda w: np.nan, w), "one finite real number"),
        (lambda f, w: check_gradient(f, np.ones((2, 1)), w), "must have its shape"),
        (lambda f, w: check_gradient(f, (w, w), w), "one array for each"),
        (lambda f, w: check_gradient(f, np.full(2, np.nan), w), "finite real"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(lambda w: np.sum(w**2), np.array([1.0, 2.0]))


def test_the_report_can_be_read():
    w = np.array([[1.0, 2.0]])
    text = str(
        check_gradient(lambda p: np.sum(p["w"] ** 2), {"w": np.array([[2.0, 5.0]])}, {"w": w})
    )
    assert "2 entries: 1 right, 1 wrong, 0 cannot tell" in text
    assert "wrong: w[0, 1] gradient 5, finite difference 4" in text
