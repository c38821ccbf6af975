"""Errors of elements: the cause, the shape and the index."""

import numpy as np
import pytest

from bplab.learner import Cause, Layers
from tests.learner.exceptions.tools import given, in_a_cell, raised, written

CASES = [
    (
        Cause.JOIN,
        "return np.hstack([delta.sum(axis=0), delta.T @ Z])",
        "delta.sum(axis=0) is (4,) and delta.T @ Z is (4, 11)",
    ),
    (
        Cause.JOIN,
        "return np.concatenate([np.ones(5), X], axis=1)",
        "np.ones(5) is (5,) and X is (5, 3)",
    ),
    (Cause.JOIN, "return np.vstack([X, Y])", "X is (5, 3) and Y is (5, 4)"),
    (Cause.JOIN, "return np.stack([X, Y])", "X is (5, 3) and Y is (5, 4)"),
    (Cause.JOIN, "return np.concatenate([1.0, X])", "X is (5, 3)"),
    (
        Cause.JOIN,
        "return np.column_stack([delta.sum(axis=1), delta.T @ Z])",
        "delta.sum(axis=1) is (5,) and delta.T @ Z is (4, 11)",
    ),
    (
        Cause.JOIN,
        """
b = delta.sum(axis=1)
W = delta.T @ Z
return np.column_stack((b, W))
""",
        "b is (5,) and W is (4, 11)",
    ),
    (
        Cause.JOIN,
        "return np.hstack([delta.sum(axis=1, keepdims=True), delta.T @ Z])",
        "delta.sum(axis=1, keepdims=True) is (5, 1) and delta.T @ Z is (4, 11)",
    ),
    (
        Cause.STORE,
        """
G = np.zeros_like(beta)
G[:, 0] = np.sum(delta, axis=1)
""",
        "G[:, 0] is (4,), and np.sum(delta, axis=1) is (5,)",
    ),
    (
        Cause.JOIN,
        "return np.c_[delta.sum(1), delta.T @ Z]",
        "delta.sum(1) is (5,) and delta.T @ Z is (4, 11)",
    ),
    (
        Cause.BROADCAST,
        "return beta[:, 0] - 0.1 * delta.sum(axis=1)",
        "beta[:, 0] is (4,) and 0.1 * delta.sum(axis=1) is (5,): from the last axis on, 4 meets 5",
    ),
    (
        Cause.INDEX,
        "return delta[:, 4]",
        "delta is (5, 4): it has 4 columns, 0 to 3; the index is 4",
    ),
    (
        Cause.INDEX,
        """
for k in range(6):
    x = delta[k, 0]
""",
        "delta is (5, 4): it has 5 rows, 0 to 4, and k is 5",
    ),
    (
        Cause.INDEX,
        "return alphas[3]",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6); the index is 3",
    ),
    (Cause.INDEX, "return X.shape[2]", "X.shape is (5, 3): X has 2 axes; the index is 2"),
    (
        Cause.INDEX,
        """
G = np.zeros((4, 11))
for m in range(12):
    G[0, m] = 1
""",
        "G is (4, 11): it has 11 columns, 0 to 10, and m is 11",
    ),
    (Cause.INDEX, "return delta[7][1]", "delta is (5, 4): it has 5 rows, 0 to 4; the index is 7"),
    (
        Cause.INDEX,
        """
rows = np.array([0, 5])
return delta[rows]
""",
        "delta is (5, 4): it has 5 rows, 0 to 4, and rows goes from 0 to 5",
    ),
    (Cause.INDICES, "return delta[0, 1, 2]", "delta is (5, 4), and is given 3 indices"),
    (
        Cause.INDICES,
        """
z = delta[0]
return z[0, 1]
""",
        "z is (4,), and is given 2 indices",
    ),
    (
        Cause.INDEX_TYPE,
        "return delta[len(delta) / 2]",
        "delta is (5, 4), and len(delta) / 2 is a float",
    ),
    (
        Cause.INDEX_TYPE,
        "return delta[: len(delta) / 2]",
        "delta is (5, 4), and len(delta) / 2 is a float",
    ),
    (
        Cause.INDEX_TYPE,
        "M = Z.size / len(Z)\nreturn Z[:, 1:M]",
        "Z is (5, 11), and M is a float",
    ),
    (
        Cause.INDEX_TYPE,
        "return alphas[:: len(alphas) / 3]",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6), and len(alphas) / 3 is a float",
    ),
    (
        Cause.INDEX_TYPE,
        "return alphas[1.0]",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6), and 1.0 is a float",
    ),
    (Cause.INDEX_TYPE, "return L[X]", "L is [1, 2], and X is (5, 3)"),
    (Cause.INDEX_TYPE, 'return delta["a"]', "delta is (5, 4), and 'a' is text"),
    (
        Cause.LIST_INDICES,
        "return alphas[0, 1]",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)",
    ),
    (Cause.MASK, "return delta[X > 0]", "delta is (5, 4), and X > 0 is (5, 3)"),
    (
        Cause.NO_ELEMENTS,
        """
x = 3.0
return x[0]
""",
        "x is a single number",
    ),
    (Cause.NO_ELEMENTS, "return Y.sum()[0]", "Y.sum() is a single number"),
    (Cause.NO_ELEMENTS, "return X.sum[0]", "X.sum is a function or a method: call it, X.sum(…)"),
    (
        Cause.NO_ELEMENTS,
        "return np.zeros[3]",
        "np.zeros is a function or a method: call it, np.zeros(…)",
    ),
    (Cause.NO_ELEMENTS, "return delta[0][1][2]", "delta[0][1] is a single number"),
    (Cause.NO_ELEMENTS, "return sigma[0]", "sigma is a function or a method: call it, sigma(…)"),
    (Cause.NO_LOOP, "for i in len(X): pass", "len(X) is 5"),
    (Cause.NO_LOOP, "return sum(3)", "3 is a single number"),
    (Cause.NO_LOOP, "return [i for i in 5]", ""),
    (Cause.NO_LOOP, "return list(zip(L, 3))", "3 is a single number"),
    (Cause.NO_LOOP, "a, b = 5", ""),
    (
        Cause.UNEVEN,
        "for z, d in zip(Z[1:], delta, strict=True): pass",
        "delta is longer than Z[1:]",
    ),
    (Cause.UNEVEN, "return [z for z, _ in zip(Z, T[1:], strict=True)]", "T[1:] is shorter than Z"),
    (Cause.UNEVEN, "return list(zip(*[Z, T[1:]], strict=True))", ""),
    (
        Cause.UNPACK,
        "a, b = alphas",
        "2 names stand on the left, and alphas is a tuple of 3 arrays: (4, 3), (5, 5), (…",
    ),
    (
        Cause.UNPACK,
        "N, M, K = X.shape",
        "3 names stand on the left, and X.shape is (5, 3), 2 values",
    ),
    (
        Cause.UNPACK,
        "for i, a in alphas: pass",
        "2 names stand on the left, and an entry of alphas is (4, 3), 4 values",
    ),
    (
        Cause.UNPACK,
        "for i, x in X: pass",
        "2 names stand on the left, and an entry of X is (3,), 3 values",
    ),
    (
        Cause.ELEMENT,
        """
G = np.zeros((4, 12))
G[0, 1] = delta[0]
""",
        "G[0, 1] is one number, and delta[0] is (4,)",
    ),
    (
        Cause.ELEMENT,
        """
G = np.zeros(4)
G[0] = delta
""",
        "G[0] is one number, and delta is (5, 4)",
    ),
    (
        Cause.ELEMENT,
        """
G = np.zeros((4, 12))
G[0, 0] += delta[:, 0] * Z[:, 0]
""",
        "G[0, 0] is one number, and delta[:, 0] * Z[:, 0] is (5,)",
    ),
    (
        Cause.STORE,
        """
G = np.zeros((4, 12))
G[:, 1:] = delta @ delta.T
""",
        "G[:, 1:] is (4, 11), and delta @ delta.T is (5, 5)",
    ),
    (
        Cause.STORE,
        """
G = np.zeros((5, 4))
G[:, 1:] = Z
""",
        "G[:, 1:] is (5, 3), and Z is (5, 11)",
    ),
    (
        Cause.READ_ONLY,
        """
X.flags.writeable = False
X[0] = 1
""",
        "X can only be read",
    ),
    (
        Cause.READ_ONLY,
        """
X.flags.writeable = False
X += 1
""",
        "X can only be read",
    ),
    (Cause.FIXED, "alphas[0] = X", "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)"),
    (Cause.FIXED, "alphas[0] -= 0.1", "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)"),
    (
        Cause.KEY,
        """
d = {"W1": X}
return d["w1"]
""",
        "of keys d has 'W1'",
    ),
    (
        Cause.UNHASHABLE,
        """
d = {}
return d[X]
""",
        "X is (5, 3)",
    ),
]


@pytest.mark.parametrize(("cause", "body", "there"), CASES, ids=[case[1] for case in CASES])
@pytest.mark.filterwarnings("ignore")
def test_an_error_of_an_element_is_told_by_its_cause_and_shapes(cause, body, there):
    told = raised(in_a_cell(written(body), "f"))
    assert told.cause is cause, (told.cause, str(told))
    assert told.there.startswith(there.removesuffix("…"))
    assert bool(told.there) == bool(there)


def test_the_weights_above_the_last_hidden_layer_are_said_to_be_beta():
    source = written("for d in range(len(alphas)):\n    Z = Z @ alphas[d + 1]")
    arguments = given() | {"alphas": Layers([np.ones((11, 11)), np.ones((11, 11))])}
    error = raised(in_a_cell(source, "f"), arguments)
    assert error.cause is Cause.INDEX
    assert error.there == (
        "alphas is a list of 2 arrays: (11, 11), (11, 11), and d + 1 is 2: the weights above the "
        "last hidden layer are beta"
    )


def test_a_key_of_an_activation_is_said_to_be_an_attribute():
    error = raised(in_a_cell(written("return g['derivative'](T)"), "f"))
    assert error.cause is Cause.NO_ELEMENTS
    assert error.there == "g is an activation: g.derivative(…) is meant"
    error = raised(in_a_cell(written("return g['slope'](T)"), "f"))
    assert error.there == "g is an activation: it has nothing called “slope”"
