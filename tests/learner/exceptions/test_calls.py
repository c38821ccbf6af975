"""Errors of calls: the cause, and what was given."""

import pytest

from bplab.learner import Cause
from tests.learner.exceptions.tools import in_a_cell, raised, written

CASES = [
    (Cause.MATH, "return math.exp(-A)", "-A is (5, 11): np.exp takes it"),
    (
        Cause.MATH,
        """
from math import sqrt
return sqrt(Y)
""",
        "Y is (5, 4): np.sqrt takes it",
    ),
    (Cause.DOMAIN, "return math.log(-1.0)", ""),
    (Cause.OVERFLOW, "return math.exp(1000)", ""),
    (Cause.ONE_NUMBER, "return float(A)", "A is (5, 11)"),
    (Cause.ONE_NUMBER, "return int(delta[0])", "delta[0] is (4,)"),
    (Cause.COUNT, "return sigma(A, Z)", "sigma takes 1 argument (x), and is given 2"),
    (Cause.COUNT, "return g.derivative()", "g.derivative takes 1 argument (x), and is given 0"),
    (
        Cause.COUNT,
        """
def h(a, b): return a
return h(A)
""",
        "h takes 2 arguments (a, b), and is given 1",
    ),
    (
        Cause.KEYWORD,
        """
def h(a, b): return a
return h(A, c=1)
""",
        "h takes 2 arguments (a, b), none is called c",
    ),
    (
        Cause.KEYWORD,
        "return A.sum(axes=0)",
        "A.sum has no argument called axes; did you mean axis?",
    ),
    (  # Python 3.13 guesses that axis is meant
        Cause.KEYWORD,
        "return A.sum(axis=0, axes=1)",
        "A.sum has no argument called axes; did you mean axis?",
    ),
    (
        Cause.KEYWORD,
        "return np.sum(A, axs=0)",
        "np.sum has no argument called axs; did you mean axis?",
    ),
    (Cause.COUNT, "return soft.jacobian()", "soft.jacobian takes 1 argument (t), and is given 0"),
    (Cause.SHAPE_ARRAY, "return np.ones(Z)", "Z is (5, 11)"),
    (Cause.SHAPE_ARRAY, "return np.zeros((len(Z), Y))", "Y is (5, 4)"),
    (Cause.SHAPE_ARRAY, "return np.full(delta, 1.0)", "delta is (5, 4)"),
    (Cause.SHAPE_ARRAY, "return X.reshape(A)", "A is (5, 11)"),
    (Cause.SHAPE_ARRAY, "return np.empty(X.sum(axis=0))", "X.sum(axis=0) is (3,)"),
    (
        Cause.WHERE,
        "return np.where(A > 0, A)",
        "np.where(A > 0, A) has nothing for where it does not hold",
    ),
    (
        Cause.MEMORY,
        "return np.ones((10**9, 10**6))",
        "an array of shape (1000000000, 1000000) is asked for",
    ),
    (
        Cause.EINSUM,
        "return np.einsum('il,lk->ik', delta, soft.jacobian(T))",
        "soft.jacobian(T) is (5, 4, 4); its letters are lk",
    ),
    (
        Cause.EINSUM,
        "return np.einsum('il,ilk->ik', delta, soft.jacobian(Z))",
        "delta is (5, 4) and soft.jacobian(Z) is (5, 11, 11): l is 4 in delta and 11 in soft.jac…",
    ),
    (Cause.EINSUM, "return np.einsum('ik,im', delta)", "there are letters for 2, and 1 come"),
    (
        Cause.EINSUM,
        "return np.einsum('ik,im->km', delta, sum([X.T]), optimize=True)",
        "i has two sizes, 3 and 5, one of them in sum([X.T])",
    ),
    (
        Cause.EINSUM,
        "return np.einsum('ik,im->km', delta, sum([X.T]))",
        "delta is (5, 4) and sum([X.T]) is (3, 5): i is 5 in delta and 3 in sum([X.T])",
    ),
    (
        Cause.EINSUM,
        "pair = (delta, X.T)\nreturn np.einsum('ik,im->km', *pair)",
        "pair[0] is (5, 4) and pair[1] is (3, 5): i is 5 in pair[0] and 3 in pair[1]",
    ),
    (
        Cause.EINSUM,
        "return np.einsum(delta, [0, 1], Z.T, [0, 2])",
        "delta is (5, 4) and Z.T is (11, 5): axis 0 is 5 in delta and 11 in Z.T",
    ),
    (
        Cause.EINSUM,
        "return np.einsum('ik,im->kl', delta, Z)",
        "l stands behind ->, and is a letter of none of the arrays",
    ),
    (
        Cause.EINSUM,
        "return np.einsum('ik,im->' + 'kl', delta, Z)",
        "l stands behind ->, and is a letter of none of the arrays",
    ),
    (Cause.EINSUM, "return np.einsum('ik,im->kk', delta, Z)", "k stands behind -> more than once"),
    (
        Cause.EINSUM,
        "return np.einsum('i1,im', delta, Z)",
        "in its letters stands “1”, which is none",
    ),
    (
        Cause.EINSUM,
        "return np.einsum('...k,im->km', delta, Z)",
        "“...” stands before -> and not after it: write all letters",
    ),
    (Cause.NO_LOOP, "return list(reversed(len(alphas)))", "len(alphas) is 3"),
    (Cause.CALLED, "return Z(0)", "Z is (5, 11)"),
    (Cause.CALLED, "return 2(X)", "2 is a number"),
    (Cause.CALLED, "return 2*(Y - F)(T)", "Y - F is (5, 4)"),
    (Cause.CALLED, "return X.T() @ Y", "X.T is (3, 5), and no method: it has no round brackets"),
    (
        Cause.CALLED,
        "return X.shape(0)",
        "X.shape is (5, 3), and no method: it has no round brackets",
    ),
    (
        Cause.HIDDEN_FUNCTION,
        """
len = 5
return len(X)
""",
        "len is 5, and hides Python's own len",
    ),
    (Cause.SHAPE_BRACKETS, "return np.zeros(3, 4)", "zeros((3, 4)) is meant"),
    (
        Cause.SHAPE_BRACKETS,
        "return np.zeros(len(X), Z.shape[1])",
        "zeros((len(X), Z.shape[1])) is meant",
    ),
    (
        Cause.SHAPE_BRACKETS,
        """
r = np.random.default_rng(0)
return r.standard_normal(3, 4)
""",
        "standard_normal((3, 4)) is meant",
    ),
    (Cause.FUNCTION, "return sigma.derivative(sigma)", "sigma is an activation"),
    (Cause.NONE, "return sigma.derivative(None)", ""),
    (
        Cause.COUNT,
        "return sigma.pull_back(Y)",
        "sigma.pull_back takes 2 arguments (d, x), and is given 1",
    ),
    (
        Cause.JOIN,
        "return np.append(delta.sum(axis=0), delta.T @ Z, axis=1)",
        "delta.sum(axis=0) is (4,) and delta.T @ Z is (4, 11)",
    ),
    (
        Cause.METHOD,
        """
side_by_side = np.column_stack
return side_by_side([delta.sum, delta.T @ Z])
""",
        "delta.sum is the method itself; its result would be delta.sum(…), and delta.T @ Z is "
        "(4, 11)",
    ),
    (Cause.JOIN_BRACKETS, "return np.concatenate(X, Y)", "concatenate([X, Y]) is meant"),
    (
        Cause.JOIN_BRACKETS,
        "return np.column_stack(np.ones(5), X)",
        "column_stack([np.ones(5), X]) is meant",
    ),
    (Cause.JOIN_BRACKETS, "return np.hstack(X, Y)", "hstack([X, Y]) is meant"),
    (
        Cause.RESHAPE,
        "return X.reshape(4, 4)",
        "X is (5, 3), 15 entries, and is to be (4, 4), 16 entries",
    ),
    (
        Cause.RESHAPE,
        "return np.reshape(X, (4, -1))",
        "X is (5, 3), 15 entries, and is to be (4, -1) whatever -1 stands for",
    ),
    (
        Cause.RESHAPE,
        "return np.bincount(np.arange(6)).reshape(2, 2)",
        "np.bincount(np.arange(6)) has 6 entries, and is to be (2, 2), 4 entries",
    ),
    (
        Cause.RESHAPE,
        "return X[X > X.min()].reshape(3, 5)",
        "X[X > X.min()] has 14 entries, and is to be (3, 5), 15 entries",
    ),
    (
        Cause.RESHAPE,
        "return np.reshape(np.unique(X), (4, -1))",
        "np.unique(X) has 15 entries, and is to be (4, -1) whatever -1 stands for",
    ),
    (Cause.RAGGED, "return np.array([X, Y[0]])", "X is (5, 3) and Y[0] is (4,)"),
    (
        Cause.RAGGED,
        "return np.array(alphas)",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)",
    ),
    (
        Cause.AXIS,
        "return delta.sum(axis=2)",
        "delta is (5, 4): there is no axis 2 among 2 axes, 0 to 1",
    ),
    (
        Cause.AXIS,
        "return np.sum(delta[0], axis=1)",
        "delta[0] is (4,): there is no axis 1 among 1 axis, 0",
    ),
    (Cause.AXIS_TYPE, 'return delta.sum(axis="rows")', "axis is given 'rows', text"),
    (Cause.AXIS_TYPE, "return np.sum(delta, axis=1.0)", "axis is given 1.0, a float"),
    (Cause.WHOLE, "for i in range(len(X) / 2): pass", "len(X) / 2 is a float"),
    (Cause.WHOLE, "return np.zeros((len(X) / 2, 3))", "(len(X) / 2, 3) holds a float"),
    (Cause.RANGE_ARRAY, "for i in range(X): pass", "X is (5, 3)"),
    (Cause.RANGE_ARRAY, "for i in range(X.shape): pass", "X.shape is (5, 3)"),
    (Cause.LENGTH, "return len(3)", ""),
    (Cause.LENGTH, "return len(Y.sum())", "Y.sum() is a single number"),
    (Cause.SQUARE, "return np.linalg.inv(X)", "X is (5, 3)"),
]


@pytest.mark.parametrize(("cause", "body", "there"), CASES, ids=[case[1] for case in CASES])
@pytest.mark.filterwarnings("ignore")
def test_an_error_of_a_call_is_told_by_its_cause_and_what_was_given(cause, body, there):
    told = raised(in_a_cell(written(body), "f"))
    assert told.cause is cause, (told.cause, str(told))
    assert told.there.startswith(there.removesuffix("…"))
    assert bool(told.there) == bool(there)
