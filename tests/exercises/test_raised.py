"""What `check` says of a learner's function that raises: the cause, what was there, the cure."""

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
        "a sum goes over the axis that should stay",
        "would fit, as over axis 0",
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
