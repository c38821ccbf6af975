"""Numerical gradients: every method, any structure, and a clear no where a method does not fit."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.activations import relu, sigmoid, tanh
from bplab.gradcheck import METHODS, numerical_gradient, step_errors
from bplab.losses import loss
from bplab.network import backward, forward
from bplab.risk import Risk
from bplab.training import initial_weights
from tests.benchmarks.gradcheck.networks import random_network
from tests.conftest import networks
from tests.thorough import EXAMPLES


class Pair(NamedTuple):
    alpha: np.ndarray
    beta: np.ndarray


def risk(net):
    X, Y, _, _, sigma, g = net
    return lambda weights: loss(Y, forward(X, *weights, sigma, g).F)


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("method", "tolerance"),
    [("forward", 1e-5), ("central", 1e-7), ("richardson", 1e-9), ("complex", 1e-12)],
)
@settings(max_examples=EXAMPLES // 3)
@given(net=networks())
def test_every_method_is_near_the_analytic_gradient(method, tolerance, net):
    numeric = numerical_gradient(risk(net), Pair(net[2], net[3]), method=method)
    for ours, exact in zip(numeric, backward(*net), strict=True):
        scale = max(np.abs(exact).max(), risk(net)((net[2], net[3])), 1)
        assert np.abs(ours - exact).max() < tolerance * scale
    assert isinstance(numeric, Pair)


@given(st.integers(0, 10_000))
def test_the_risk_of_a_network_gives_the_same_faster(seed):
    net = random_network(np.random.default_rng(seed))
    R, W = net.risk, net.weights
    if net.kind == "kink":
        return
    exact, structured = R.gradient(W), numerical_gradient(R, W)
    size = max(np.abs(g).max() for g in exact) or 1.0
    loop = numerical_gradient(net.function(), W, method="central")
    fast = numerical_gradient(R, W, method="central")
    noise = R(W) * 2.0**-30
    for a, b, c, d in zip(exact, structured, loop, fast, strict=True):
        assert np.abs(a - b).max() <= 1e-7 * size
        assert np.abs(c - d).max() <= 1e-4 * size + noise


@pytest.mark.parametrize(
    "params", [np.array([1.0, 2.0]), [np.ones(2), np.ones(1)], {"a": np.ones(2)}, (3.0, np.ones(2))]
)
@pytest.mark.parametrize("method", METHODS)
def test_any_structure_of_arrays_keeps_its_form(params, method):
    def f(p):
        arrays = p.values() if isinstance(p, dict) else [p] if isinstance(p, np.ndarray) else p
        return sum(np.sum(np.asarray(a) ** 2) for a in arrays)

    gradient = numerical_gradient(f, params, method=method)
    assert type(gradient) is type(params)


def test_a_given_step_is_taken():
    w = np.array([3.0])
    assert numerical_gradient(lambda w: float(w[0] ** 2), w, method="forward", step=0.5) == 6.5
    assert numerical_gradient(lambda w: float(w[0] ** 3), w, method="central", step=1.0) == 28
    found = numerical_gradient(lambda w: w[0] ** 3, w, method="complex", step=1.0)
    assert found == pytest.approx(26)


def test_parameters_are_not_changed_even_by_a_careless_function():
    w = np.array([1.0, 2.0])

    def careless(v):
        v *= 0
        return float(v.real.sum())

    for method in ("forward", "central", "richardson"):
        numerical_gradient(careless, w, method=method)
        assert np.array_equal(w, [1.0, 2.0])


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda w: float(np.sum(np.abs(w) ** 2)), "dropped the imaginary part"),
        (lambda w: np.sum(np.abs(w) * w), "along a random direction"),
        (lambda w: np.sum(np.conj(w) ** 2), "along a random direction"),
        (lambda w: sigmoid.derivative(w).sum(), "raised InputError"),
    ],
)
def test_complex_steps_are_refused_with_the_reason(f, words):
    with pytest.raises(ValueError, match=words):
        numerical_gradient(f, np.array([1.0, -2.0]), method="complex")


def test_a_function_of_ours_takes_complex_steps_on_the_branch_it_is_on():
    w = np.array([-1.0, 2.0])
    found = numerical_gradient(lambda w: relu(w).sum(), w, method="complex")
    assert np.array_equal(found, [0.0, 1.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, w: numerical_gradient(f, w, method="sideways"), "method must be one of"),
        (lambda f, w: numerical_gradient(f, w, step=0), "step must be"),
        (lambda f, w: numerical_gradient(f, w, method="richardson", step=0.1), "its own steps"),
        (lambda f, w: numerical_gradient(f, np.array([np.nan])), "finite real"),
        (lambda f, w: numerical_gradient(f, np.array([])), "at least one number"),
        (lambda f, w: numerical_gradient(lambda w: w, w), "one finite real number"),
        (lambda f, w: numerical_gradient(lambda w: np.nan, w), "one finite real number"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(lambda w: np.sum(w**2), np.array([1.0, 2.0]))


# --- the V curve --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(0)
    R = Risk(rng.standard_normal((8, 3)), rng.random((8, 2)), tanh, sigmoid)
    return R, initial_weights(3, 2, 2)


def test_the_error_against_the_step_has_a_bottom_but_for_complex_steps(small):
    R, W = small
    found = step_errors(R, W, R.gradient(W))
    forward_, central = found.errors["forward"], found.errors["central"]
    assert 1e-9 < found.steps[forward_.argmin()] < 1e-6
    assert 1e-7 < found.steps[central.argmin()] < 1e-3
    assert central.min() < forward_.min() / 10
    assert found.errors["complex"][9:].max() < 1e-13
    assert np.allclose(step_errors(R, W).errors["central"], central, rtol=1e-6, atol=1e-12)


def test_methods_that_do_not_fit_are_left_out_of_the_curve():
    w = np.array([1.0, -2.0])
    found = step_errors(lambda w: float(np.sum(np.abs(w) ** 3)), w)
    assert set(found.errors) == {"forward", "central"}
    with pytest.raises(ValueError, match="gradient is zero"):
        step_errors(lambda w: 1.0, w)
    with pytest.raises(ValueError, match="method must be"):
        step_errors(lambda w: np.sum(w**2), w, methods=("backward",))


def test_that_complex_steps_may_be_taken_is_seen_once_for_all_steps():
    def calls(steps):
        seen = []

        def f(w):
            seen.append(w)
            return np.sum(np.sin(w))

        step_errors(f, np.ones(2), np.cos(np.ones(2)), methods=("complex",), steps=steps)
        return len(seen)

    assert calls([1e-3, 1e-5, 1e-7, 1e-9]) == calls([1e-3]) + 3 * 2
    with pytest.raises(ValueError, match="step must be a positive number; got 0"):
        calls([1e-3, 0])


def test_a_gradient_that_errors_are_measured_from_is_matched_by_key_and_shapes_never_broadcast():
    w = {"a": np.array([1.0, 2.0]), "b": np.array(3.0)}
    f = lambda w: np.sum(w["a"] ** 2) * w["b"]  # noqa: E731
    right = {"b": np.array(5.0), "a": 6 * w["a"]}
    assert step_errors(f, w, right).errors["central"].min() < 1e-9
    with pytest.raises(ValueError, match="must have its shape"):
        step_errors(f, w, {"a": np.array([6.0]), "b": np.array(5.0)})


def test_the_picture_of_the_curve_says_where_the_bottom_is(small):
    from bplab.plots import step_curve

    R, W = small
    picture = step_curve(step_errors(R, W, R.gradient(W)))
    assert "central is best at a step of 1e-0" in picture.alt
    assert picture.png.getvalue().startswith(b"\x89PNG")
