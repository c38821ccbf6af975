"""Wrong for integers alone: an array with the dtype of an argument that cuts off what it holds."""

import numpy as np
import pytest

from bplab.deep import output_delta
from bplab.exercises.task import hidden_kind
from bplab.network import backward_hidden, backward_output
from tests.exercises.drawn import EACH_KIND, found

SAID = {"integers-truncated", "wrong-for-integers"}


def with_ones(inputs):
    return np.column_stack([np.ones(len(inputs)), inputs])


def hidden_in_array_of_x(X, alpha, sigma):
    Z = np.zeros((len(X), len(alpha)), dtype=X.dtype)
    for i in range(len(X)):
        Z[i] = sigma(alpha[:, 0] + alpha[:, 1:] @ X[i])
    return Z


def s_in_array_of_x(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:] * sigma.derivative(A)).astype(X.dtype)
    return s.T @ with_ones(X)


def gradient_in_array_of_x(X, A, Z, delta, beta, sigma):
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    G = np.zeros((A.shape[1], X.shape[1] + 1), dtype=X.dtype)
    G[:, 0], G[:, 1:] = s.sum(axis=0), s.T @ X
    return G


def all_in_array_of_x(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return gradient_in_array_of_x(X, A, Z, delta, beta, sigma)


def delta_cut_like_x(X, Y, A, Z, T, F, beta, sigma, g):
    delta = (-2 * (Y - F) * g.derivative(T)).astype(X.dtype)
    return (delta @ beta[:, 1:] * sigma.derivative(A)).T @ with_ones(X)


def gradient_cut_like_y(Y, A, Z, T, F, g):
    delta, gradient = backward_output(Y, A, Z, T, F, g)
    return delta, gradient.astype(Y.dtype)


def scaled_gradient_cut_like_y(Y, A, Z, T, F, g):
    return (100 * backward_output(Y, A, Z, T, F, g)[1] / 100).astype(Y.dtype)


def deep_cut(X, Y, alphas, beta, sigmas, g):
    inputs, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(inputs[-1] @ alpha[:, 1:].T + alpha[:, 0])
        inputs.append(sigma(A[-1]))
    T = inputs[-1] @ beta[:, 1:].T + beta[:, 0]
    s, weights, found = output_delta(Y, T, g(T), g), beta, []
    by_beta = s.T @ with_ones(inputs[-1])
    for d in reversed(range(len(alphas))):
        s = s @ weights[:, 1:] * sigmas[d].derivative(A[d])
        found.insert(0, (s.T @ with_ones(inputs[d])).astype(inputs[d].dtype))
        weights = alphas[d]
    return found, by_beta


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function", "guilty"),
    [
        ("hidden", hidden_in_array_of_x, "X"),
        ("eq5", delta_cut_like_x, "X"),
        ("eq7", gradient_in_array_of_x, "X"),
        ("eq7", s_in_array_of_x, "X"),
        ("eq11", gradient_in_array_of_x, "X"),
        ("eq5", all_in_array_of_x, "X"),
        ("eq6", gradient_cut_like_y, "Y"),
        ("eq4", scaled_gradient_cut_like_y, "Y"),
        ("eq10", gradient_cut_like_y, "Y"),
        ("eq18", deep_cut, "X"),
    ],
)
def test_the_argument_is_named_whose_dtype_cuts_and_no_part_that_may_be_right(
    id, function, guilty, kind
):
    finding = found(id, function, kind)
    assert finding.name in SAID
    assert f"where {guilty} holds integers" in finding.says
    assert f"{guilty}.dtype" in finding.hint
    assert "Your delta" not in finding.says
    assert "number of its own" not in finding.says


def test_delta_cut_like_the_targets_is_still_named():
    def gradient(X, Y, A, Z, T, F, beta, sigma, g):
        delta = (-2 * (Y - F) * g.derivative(T)).astype(Y.dtype)
        return backward_hidden(X, A, Z, delta, beta, sigma)

    assert found("eq5", gradient).name == "delta-truncated"


def test_whole_numbers_that_are_not_all_zero_are_said_to_be_cut():
    def update(Y, A, Z, T, F, g):
        return (backward_output(Y, A, Z, T, F, g)[1]).astype(Y.dtype)

    says = {found("eq4", update, hidden_kind(str(n))).says for n in range(20)}
    assert "grad_beta is cut to whole numbers where Y holds integers." in says


def test_where_it_takes_integers_in_two_arguments_both_are_said():
    def gradient(X, Y, A, Z, T, F, beta, sigma, g):
        s = (-2 * (Y - F) * g.derivative(T)) @ beta[:, 1:] * sigma.derivative(A)
        return (s.T @ with_ones(X)).astype(np.result_type(X, Y))

    assert "where X and Y hold integers" in found("eq5", gradient).says


def test_what_is_wrong_for_the_numbers_that_are_whole_is_not_blamed_on_their_dtype():
    def takes_targets_for_labels(X, Y, A, Z, T, F, beta, sigma, g):
        s = (-2 * (Y - F) * g.derivative(T)) @ beta[:, 1:] * sigma.derivative(A)
        return (s.T @ with_ones(X)) * (2 if (np.rint(Y) == Y).all() else 1)

    assert found("eq5", takes_targets_for_labels).name not in SAID


def test_a_value_that_is_cut_beside_a_right_slope_is_named_so():
    def value_in_array_of_x(x):
        value = np.zeros_like(x)
        value[:] = 1 / (1 + np.exp(-x))
        exact = 1 / (1 + np.exp(-x))
        return value, exact * (1 - exact)

    finding = found("sigmoid", value_in_array_of_x)
    assert finding.name.endswith("truncated")
    assert "slope is right" in finding.says


@EACH_KIND
def test_of_an_answer_that_is_not_cut_no_cut_is_told(kind):
    """It asks for the dtype, and stores nothing."""

    def relu(x):
        if x.dtype.kind == "i":
            return x * 1.0, np.ones(x.shape)
        return np.maximum(x, 0), (x > 0) * 1.0

    finding = found("relu", relu, kind)
    assert finding.name == "wrong-for-integers"
    assert "cut" not in finding.says
    assert finding.hint.startswith("Does your function store numbers")
    assert finding.hint.endswith("Or does it ask for that dtype?")
