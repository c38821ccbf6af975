"""What `check` says of a learner's function that raises: the cause, what was there, the cure."""

import re

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.learner import Cause
from tests.learner.exceptions.tools import in_a_cell

SOFTLY = "def sigmoid(x):\n    return 1 / (1 + {}), 0 * x\n"
GRADIENT = """
def grad_beta(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    {}
"""
CASES = [
    ("sigmoid", SOFTLY.format("math.exp(-x)"), "module math is given an array", "np.exp takes it"),
    ("sigmoid", SOFTLY.format("2.718^-x"), "^ is used for a power", "the power is 1 + 2.718**-x"),
    (
        "relu",
        "def relu(x):\n    return max(0, x), x > 0\n",
        "max, min or sorted compares arrays as a whole",
        "np.maximum",
    ),
    (
        "eq4",
        GRADIENT.format("return delta @ Z"),
        "the inner sizes of a matrix product do not agree",
        "the inner sizes of delta @ Z must agree",
    ),
    (
        "eq4",
        GRADIENT.format("return np.column_stack([delta.sum(axis=1), delta.T @ Z])"),
        "arrays are joined that do not fit",
        "delta.sum(axis=1) is (",
    ),
    (
        "eq4",
        GRADIENT.format("return np.concatenate(delta.sum(axis=0), delta.T @ Z)"),
        "given as several arguments",
        "concatenate([delta.sum(axis=0), delta.T @ Z]) is meant",
    ),
    (
        "hidden",
        "def hidden(X, alpha, sigma):\n    return sigma(X @ alpha.T)\n",
        "the inner sizes of a matrix product do not agree",
        "alpha.T is (",
    ),
    (
        "eq5",
        """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.Derivative(T)
    return delta
""",
        "an attribute that it does not have",
        "did you mean derivative?",
    ),
    (
        "eq7",
        """
def backward_hidden(X, A, Z, delta, beta, sigma):
    s = (delta @ beta) * sigma.derivative(A)
    return s, np.column_stack([s.sum(axis=0), s.T @ X])
""",
        "two arrays do not fit each other entry by entry",
        "delta @ beta is (",
    ),
]


@pytest.mark.parametrize(("id", "source", "cause", "words"), CASES)
def test_the_cause_is_named_with_the_line_and_what_was_there(id, source, cause, words):
    name = source.partition("def ")[2].partition("(")[0]
    with pytest.raises(CheckFailed) as failed:
        check(id, in_a_cell(source, name))
    said = str(failed.value)
    assert failed.value.mistake in set(Cause)
    assert cause in said
    assert words in said
    assert "It happens in line " in said
    assert "Python's own words: " in said


def test_an_error_without_a_cause_keeps_its_own_words():
    source = "def grad_beta(Y, A, Z, T, F, g):\n    raise ValueError('mine alone')\n"
    with pytest.raises(CheckFailed, match="raises ValueError: mine alone"):
        check("eq4", in_a_cell(source, "grad_beta"))


def test_on_hidden_cases_no_shape_is_shown(monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", "s" * 32)
    with pytest.raises(CheckFailed) as failed:
        check("eq4", in_a_cell(GRADIENT.format("return delta @ Z"), "grad_beta"), hidden=True)
    said = str(failed.value)
    assert "the inner sizes of a matrix product do not agree" in said
    assert "delta is (" not in said
    assert "Python's own words" not in said


def test_a_cause_is_no_name_of_a_mistake():
    mistakes = {mistake.name for exercise in EXERCISES.values() for mistake in exercise.mistakes}
    assert not mistakes & set(Cause)


def said_of(id, function):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    return str(failed.value)


# --- classes of bplab's, lists, orders ----------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "return alphas.shape",
        "return sigmas.derivative(X)",
        "return alphas * 0.5",
        "return X @ alphas",
        "return alphas(0)",
        "return alphas[0.5]",
        "return alphas['a']",
        "return abs(alphas)",
        "return -alphas",
        "return alphas + beta",
    ],
)
def test_what_stands_for_a_list_is_called_a_list(body):
    source = f"def f(X, Y, alphas, beta, sigmas, g):\n    {body}\n"
    said = said_of("eq18", in_a_cell(source, "f"))
    assert "Layers" not in said
    assert " list" in said


@pytest.mark.parametrize(
    "body",
    ["f[0]", "f * 2", "np.exp(f)", "f.derivative(params)", "np.gradient(f, params)"],
)
def test_a_function_that_is_given_is_called_a_function(body):
    said = said_of("numerical-gradient", in_a_cell(f"def n(f, params):\n    return {body}\n", "n"))
    assert "Cubic" not in said
    assert "f is a function" in said


def test_shapes_of_lists_are_told_too():
    source = "def f(X, Y, alphas, beta, sigmas, g):\n    return X @ beta\n"
    assert re.search(
        r"alphas \[\(\d+, \d+\), \(\d+, \d+\)\]", said_of("eq18", in_a_cell(source, "f"))
    )


@pytest.mark.parametrize(
    ("head", "id"),
    [
        ("hidden(alpha, X, sigma)", "hidden"),
        ("hidden(X, sigma, alpha)", "hidden"),
        ("grad_beta(Y, Z, A, T, F, g)", "eq4"),
        ("output(beta, Z, g)", "output"),
        ("delta(Y, F, T, A, Z, g)", "eq6"),
    ],
)
def test_arguments_in_another_order_are_told_before_anything_else(head, id):
    for body in ("return X @ 3", "return 1.0", "return None", "return np.zeros((2, 2))"):
        said = said_of(id, in_a_cell(f"def {head}:\n    {body}\n", head.split("(")[0]))
        assert "arguments in another order than it is given" in said
        assert f"in place of {', '.join(EXERCISES[id].arguments)}" in said


def test_a_right_function_may_call_its_arguments_what_it_likes():
    source = "def f(sigma, X, alpha):\n    return alpha(sigma @ X[:, 1:].T + X[:, 0])\n"
    check("hidden", in_a_cell(source, "f"))


def test_no_sentence_ends_twice():
    said = said_of("eq4", in_a_cell(GRADIENT.format("return A.sum(axes=0)"), "grad_beta"))
    assert "axis?" in said
    assert "?." not in said
    source = "def f(X, Y, alphas, beta, sigmas, g):\n    return np.array(alphas)\n"
    assert ".." not in said_of("eq18", in_a_cell(source, "f")).replace("…", "")


def test_one_array_is_one():
    one_of_two = ": your function returns 1 array, and 2 are due."
    assert one_of_two in said_of("tanh", lambda x: np.tanh(x))
    assert one_of_two in said_of("output", lambda Z, beta, g: g(Z @ beta[:, 1:].T + beta[:, 0]))
