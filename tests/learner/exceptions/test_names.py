"""Errors of names: the cause, and what may be meant."""

import pytest

from bplab.learner import Cause
from tests.learner.exceptions.tools import in_a_cell, raised, written

CASES = [
    (
        Cause.NAME,
        "return detla.T @ Z",
        "nothing is called detla; did you mean delta? (the function is given X, Y, A, Z,…",
    ),
    (Cause.NAME, "return y - F", "nothing is called y; did you mean Y?"),
    (Cause.NAME, "return exp(A)", "nothing is called exp; numpy has np.exp"),
    (Cause.NAME, "return tanh(A)", "nothing is called tanh; numpy has np.tanh"),
    (Cause.NAME, "return tanh.derivative(A)", "nothing is called tanh (the function is given X…"),
    (Cause.NAME, "return add.outer(A, A)", "nothing is called add; numpy has np.add"),
    (
        Cause.NAME,
        "return residual",
        "nothing is called residual (the function is given X, Y, A, Z, T, F, delta, alph…",
    ),
    (Cause.NAME, "return np.exp(-A) + true", "nothing is called true; Python writes True"),
    (
        Cause.UNBOUND,
        """
for k in range(3):
    loss += k
""",
        "loss has no value that anything could be added to",
    ),
    (
        Cause.UNBOUND,
        "sum = sum(L)",
        "sum is assigned in this function, which hides Python's own sum",
    ),
    (
        Cause.UNBOUND,
        """
if len(X) > 10:
    q = 1
return q
""",
        "q has no value yet at this place of the function",
    ),
    (
        Cause.UNBOUND,
        "k = k + 1",
        "k has no value yet at this place of the function",
    ),
    (
        Cause.ATTRIBUTE,
        "return np.sigmoid(A)",
        "numpy has no sigmoid: use the activation that the function is given, or write i…",
    ),
    (
        Cause.ATTRIBUTE,
        "return g.Derivative(T)",
        "g is an elementwise activation, and has no Derivative; did you mean derivative?",
    ),
    (
        Cause.ATTRIBUTE,
        "return soft.derivative(T)",
        "soft is the softmax, and has no derivative: every output depends on every input…",
    ),
    (
        Cause.ATTRIBUTE,
        "return alphas.T",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6), and has no T: each of it…",
    ),
    (
        Cause.ATTRIBUTE,
        "alphas.append(beta)",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6), and has no append: a tup…",
    ),
    (
        Cause.ATTRIBUTE,
        "return X.exp()",
        "X is (5, 3), and has no exp; numpy has the function np.exp",
    ),
    (
        Cause.ATTRIBUTE,
        "return X.tranpose()",
        "X is (5, 3), and has no tranpose; did you mean transpose?",
    ),
    (Cause.ATTRIBUTE, "return math.exps(1)", "math has no exps; did you mean math.exp?"),
    (Cause.IMPORT, "import torchx", "there is no module torchx here"),
    (Cause.IMPORT, "from numpy import sigmoid", "numpy has no sigmoid"),
    (
        Cause.ASSERTION,
        'assert delta.shape == Z.shape, "no"',
        "delta.shape == Z.shape does not hold: delta.shape is (5, 4) and Z.shape is (5, 11)",
    ),
    (Cause.ASSERTION, "assert len(X) == 4", "len(X) == 4 does not hold: len(X) is 5"),
    (
        Cause.RECURSION,
        """
def sigmoid(x): return sigmoid(x)
return sigmoid(A)
""",
        "sigmoid calls itself again and again",
    ),
]


@pytest.mark.parametrize(("cause", "body", "there"), CASES, ids=[case[1] for case in CASES])
@pytest.mark.filterwarnings("ignore")
def test_an_error_of_a_name_is_told_by_its_cause_and_what_may_be_meant(cause, body, there):
    told = raised(in_a_cell(written(body), "f"))
    assert told.cause is cause, (told.cause, str(told))
    assert told.there.startswith(there.removesuffix("…"))
    assert bool(told.there) == bool(there)
