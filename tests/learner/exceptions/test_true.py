"""Causes that looked alike and were not so: each is true whatever the program was meant to do."""

import pytest

from bplab.learner import Cause
from tests.learner.exceptions.tools import in_a_cell, raised, written

CASES = [
    # of stacks of matrices, the inner sizes may agree and the stacks not
    (
        Cause.MATMUL_STACKS,
        "return soft.jacobian(T) @ np.ones((3, 4, 2))",
        "soft.jacobian(T) is (5, 4, 4) and np.ones((3, 4, 2)) is (3, 4, 2): before the last two "
        "axes, (5,) meets (3,)",
    ),
    (
        Cause.MATMUL_STACKS,
        "return np.matmul(soft.jacobian(T), np.ones((3, 4, 2)))",
        "soft.jacobian(T) is (5, 4, 4) and np.ones((3, 4, 2)) is (3, 4, 2): before the last two "
        "axes, (5,) meets (3,)",
    ),
    # a power of zero has a divisor that is not written
    (Cause.ZERO, "x = 0.0\nreturn x ** -1", "x is 0, and is raised to a negative power"),
    (Cause.ZERO, "n = 0\nreturn 3 % n", "n is 0"),
    (Cause.ZERO, "n = 0\nreturn 3 // n", "n is 0"),
    # the largest of nothing is no comparison of arrays
    (None, "return max(np.zeros(0))", "np.zeros(0) is (0,)"),
    (None, "x = X[X > 100]\nreturn min(x)", "x is (0,)"),
    # two vectors fit, only not along an axis that they do not have
    (Cause.AXIS, "return np.concatenate([Y[0], F[0]], axis=1)", "there is no axis 1 among"),
    (Cause.JOIN, "return np.concatenate([Y[0], F], axis=1)", "Y[0] is (4,) and F is (5, 4)"),
    # truth values are no whole numbers
    (Cause.CASTING, "m = A > 0\nm *= 0.5", "m is (5, 11) of truth values"),
    # a function of the module math that takes several numbers
    (None, "return math.fsum(X)", "X is (5, 3)"),
    (Cause.MATH, "return math.exp([1.0, 2.0])", "[1.0, 2.0] is a list of 2 numbers"),
    # what is no array in a list is no array of another shape
    (Cause.NONE, "return np.array([X, None]) @ X", ""),
    (Cause.NONE, "n = None\nreturn np.stack([X, n])", "n is None"),
    (Cause.RAGGED, "return np.zeros_like(alphas)", "alphas is a tuple of 3 arrays"),
    (Cause.RAGGED, "return np.array(alphas)", "alphas is a tuple of 3 arrays"),
    (Cause.LIST_ARITHMETIC, "return np.tanh(alphas)", "alphas is a tuple of 3 arrays"),
    # None may be what np.where is to choose
    (
        Cause.BROADCAST,
        "return np.where(A > 0, None, delta)",
        "A > 0 is (5, 11) of truth values and delta is (5, 4): from the last axis on, 11 meets 4",
    ),
    # Python's own function has no axis, and that word is spelt rightly
    (Cause.KEYWORD, "return sum(X, axis=1)", "sum has no argument called axis; numpy has np.sum"),
    (Cause.KEYWORD, "return max(X, axis=1)", "max has no argument called axis; numpy has np.max"),
    (
        Cause.KEYWORD,
        "return X.sum(axes=1)",
        "X.sum has no argument called axes; did you mean axis?",
    ),
    # a power of whole numbers may be one
    (None, "return np.zeros(2**3, 5)", "2 ** 3 is a single number"),
    (Cause.WHOLE, "return np.zeros((len(X) / 1, 5))", "(len(X) / 1, 5) holds a float"),
    # as many places as the mask has, and more numbers
    (
        Cause.MASKED,
        "z = Z.copy()\nz[A < 0] = np.exp(A) - 1",
        "z[A < 0] is where A < 0 holds, and np.exp(A) - 1 is (5, 11)",
    ),
    (
        Cause.MASKED,
        "z = Z[0].copy()\nz[A[0] < 0] = np.exp(A[0]) - 1",
        "z[A[0] < 0] is where A[0] < 0 holds, and np.exp(A[0]) - 1 is (11,)",
    ),
    # print changes nothing in place
    (Cause.NONE, "return print(X) + 1", "print(X) is None: that is what print(…) returns"),
    (Cause.NONE, "x = print(X)\nreturn x + 1", "x is None: that is what print(…) returns"),
    # the X of a generator is not the function's, and its alphas are
    (None, "return np.sum(X for X in alphas)", "alphas is a tuple of 3 arrays"),
    # only what has no elements is told
    (Cause.NO_LOOP, "return zip(3, X)", "3 is a single number"),
    (Cause.NO_LOOP, "n = 2\nreturn zip(X, n)", "n is 2"),
    (Cause.DOMAIN, "return math.sqrt(-1)", ""),
    (Cause.KEYWORD, "return X.sum(dim=1)", "X.sum has no argument called dim; numpy calls it axis"),
    (Cause.NAME, "return numpy.exp(X)", "nothing is called numpy; it is called np here"),
    (Cause.BROADCAST, "return X / np.linalg.norm(X, axis=1)", "X is (5, 3) and np.linalg.norm(X"),
    (Cause.MATMUL, "return np.cumsum(X) @ Y", "np.cumsum(X) is (15,) and Y is (5, 4)"),
]


@pytest.mark.parametrize(("cause", "body", "there"), CASES, ids=[case[1] for case in CASES])
@pytest.mark.filterwarnings("ignore")
def test_a_cause_is_true_and_what_was_there_too(cause, body, there):
    told = raised(in_a_cell(written(body), "f"))
    assert told.cause is cause, (told.cause, str(told), told.there)
    assert told.there.startswith(there), told.there


NEUTRAL = ["should", "is due", "wants", "would fit", "belongs", "must stay"]


def test_no_cause_knows_what_a_program_was_meant_to_do():
    for cause in Cause:
        assert not any(word in cause.says for word in NEUTRAL), cause


@pytest.mark.parametrize("index", ["-7", "9"])
def test_an_index_that_finds_nothing_may_be_too_small(index):
    told = raised(in_a_cell(written(f"return delta[{index}]"), "f"))
    assert "larger" not in told.cause.says
    assert told.there == f"delta is (5, 4): it has 5 rows, 0 to 4; the index is {index}"
