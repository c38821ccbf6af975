"""Errors of operators: the cause, and the shapes of what took part."""

import pytest

from bplab.learner import Cause
from tests.learner.exceptions.tools import in_a_cell, raised, written

CASES = [
    (Cause.POWER, "return (Y - F)^2", "the power is (Y - F)**2"),
    (
        Cause.POWER,
        """
x = 2
return np.exp(-A) * Z^x
""",
        "the power is np.exp(-A) * Z**x",
    ),
    (Cause.POWER, "A ^= 2", "the power is A **= 2"),
    (
        Cause.BITS,
        "return A > 0 & Z > 0",
        "Z is (5, 11), and 0 & Z is worked out before the comparison",
    ),
    (
        Cause.BROADCAST,
        "return delta / delta.sum(axis=1)",
        "delta is (5, 4) and delta.sum(axis=1) is (5,): from the last axis on, 4 meets 5",
    ),
    (
        Cause.BROADCAST,
        "return T - T.max(axis=1)",
        "T is (5, 4) and T.max(axis=1) is (5,): from the last axis on, 4 meets 5",
    ),
    (
        Cause.BROADCAST,
        "return (Y - F).sum(axis=1) * g.derivative(T)",
        "(Y - F).sum(axis=1) is (5,) and g.derivative(T) is (5, 4): from the last axis on, 5 m…",
    ),
    (
        Cause.BROADCAST,
        "return np.maximum(delta.max(1), delta.T @ Z)",
        "delta.max(1) is (5,) and delta.T @ Z is (4, 11): from the last axis on, 5 meets 11",
    ),
    (
        Cause.MATMUL,
        "return delta @ Z",
        "delta is (5, 4) and Z is (5, 11): the inner sizes of delta @ Z must agree, 4 and 5 here",
    ),
    (
        Cause.MATMUL,
        "return -2 * (Y - F) * g.derivative(T) @ Z",
        "-2 * (Y - F) * g.derivative(T) is (5, 4) and Z is (5, 11): the inner sizes of -…",
    ),
    (
        Cause.MATMUL,
        """
d = -2 * (Y - F)
return d.T @ Z.T
""",
        "d.T is (4, 5) and Z.T is (11, 5): the inner sizes of d.T @ Z.T must agree, 5 and 11 here",
    ),
    (
        Cause.MATMUL,
        "return np.dot(delta, Z)",
        "delta is (5, 4) and Z is (5, 11): the inner sizes of np.dot(delta, Z) must agre…",
    ),
    (
        Cause.MATMUL,
        "return delta.dot(Z)",
        "delta is (5, 4) and Z is (5, 11): the inner sizes of delta.dot(Z) must agree, 4…",
    ),
    (
        Cause.MATMUL,
        "return np.matmul(X, alpha)",
        "X is (5, 3) and alpha is (11, 4): the inner sizes of np.matmul(X, alpha) must a…",
    ),
    (
        Cause.MATMUL,
        """
h = lambda d: d @ Z
return h(delta)
""",
        "d is (5, 4) and Z is (5, 11): the inner sizes of d @ Z must agree, 4 and 5 here",
    ),
    (
        Cause.MATMUL,
        "return sum(delta @ Z for i in range(3))",
        "delta is (5, 4) and Z is (5, 11): the inner sizes of delta @ Z must agree, 4 and 5 here",
    ),
    (
        Cause.MATMUL,
        "return [a @ X for a in alphas]",
        "a is (4, 3) and X is (5, 3): the inner sizes of a @ X must agree, 3 and 5 here",
    ),
    (
        Cause.MATMUL,
        """
return (delta
        @ Z)
""",
        "delta is (5, 4) and Z is (5, 11): the inner sizes of delta @ Z must agree, 4 and 5 here",
    ),
    (
        Cause.MATMUL,
        "return (lambda a: np.sort(a))(delta) @ Z",
        "the inner sizes of a matrix product must agree, 4 and 5 here",
    ),
    (
        Cause.MATMUL,
        "return np.linalg.multi_dot([delta.T, delta, Z])",
        "the inner sizes of a matrix product must agree, 4 and 5 here",
    ),
    (Cause.MATMUL_NUMBER, "return 2 @ Z", "Z is (5, 11)"),
    (
        Cause.BROADCAST,
        "return delta * Z",
        "delta is (5, 4) and Z is (5, 11): from the last axis on, 4 meets 11",
    ),
    (
        Cause.BROADCAST,
        "return np.multiply(delta, Z)",
        "delta is (5, 4) and Z is (5, 11): from the last axis on, 4 meets 11",
    ),
    (
        Cause.BROADCAST,
        "return (delta[:, :3] - X) * Z",
        "delta[:, :3] - X is (5, 3) and Z is (5, 11): from the last axis on, 3 meets 11",
    ),
    (
        Cause.BROADCAST,
        "return delta[0] + beta",
        "delta[0] is (4,) and beta is (4, 12): from the last axis on, 4 meets 12",
    ),
    (
        Cause.BROADCAST,
        "return np.where(A > 0, delta, 0)",
        "A > 0 is (5, 11) of truth values and delta is (5, 4): from the last axis on, 11 meets 4",
    ),
    (
        Cause.BROADCAST,
        """
d = delta
d -= Z
""",
        "d is (5, 4) and Z is (5, 11): from the last axis on, 4 meets 11",
    ),
    (
        Cause.IN_PLACE_SHAPE,
        """
d = delta.sum(axis=0)
d += delta
""",
        "d is (4,) and delta is (5, 4), which makes (5, 4)",
    ),
    (
        Cause.CASTING,
        """
z = np.zeros_like(xi)
z += 0.5
""",
        "z is (6,) of whole numbers",
    ),
    (
        Cause.CASTING,
        """
z = np.zeros(3, dtype=int)
z -= 0.5 * np.ones(3)
""",
        "z is (3,) of whole numbers",
    ),
    (
        Cause.TRUTH_MINUS,
        "return (A > 0) - (Z > 0)",
        "A > 0 is (5, 11) of truth values and Z > 0 is (5, 11) of truth values",
    ),
    (Cause.WHOLE_POWER, "return xi ** -1", "xi is (6,) of whole numbers"),
    (
        Cause.LIST_ARITHMETIC,
        "return alphas + beta",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6) and beta is (4, 12)",
    ),
    (
        Cause.LIST_ARITHMETIC,
        "return alphas * 0.5",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)",
    ),
    (
        Cause.LIST_ARITHMETIC,
        "return alphas - 0.1 * X",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6) and 0.1 * X is (5, 3)",
    ),
    (
        Cause.LIST_ARITHMETIC,
        "return -alphas",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)",
    ),
    (
        Cause.LIST_ARITHMETIC,
        "return np.exp(alphas)",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6)",
    ),
    (
        Cause.LIST_ARITHMETIC,
        """
s = [X, Y]
return X * s
""",
        "X is (5, 3) and s is a list of 2 arrays: (5, 3), (5, 4)",
    ),
    (
        Cause.LIST_JOIN,
        "return alphas + [beta]",
        "alphas is a tuple of 3 arrays: (4, 3), (5, 5), (2, 6) and [beta] is a list of o…",
    ),
    (Cause.LIST_JOIN, "return L + (1, 2)", "L is [1, 2] and (1, 2) is (1, 2)"),
    (
        Cause.NONE,
        """
x = None
return x + Y
""",
        "x is None",
    ),
    (Cause.NONE, 'return A[None]["x"] if None else None + 1', ""),
    (
        Cause.NONE,
        """
def h(x, b=None): return x @ b
return h(Y)
""",
        "b is None",
    ),
    (
        Cause.NONE,
        """
q = None
return math.exp(q)
""",
        "q is None",
    ),
    (
        Cause.NO_RETURN,
        """
def h(x):
    x = x + 1
return h(Y) * 2
""",
        "h(Y) is None: h has no return with a value",
    ),
    (
        Cause.NO_RETURN,
        """
def h(x):
    x = x + 1
d = h(Y)
return d.T @ Z
""",
        "d is None: h has no return with a value",
    ),
    (
        Cause.NO_RETURN,
        """
def h(x):
    x = x + 1
a, b = h(Y)
""",
        "h(Y) is None: h has no return with a value",
    ),
    (
        Cause.NO_RETURN,
        """
def h(x):
    print(x.shape)
return np.exp(h(Y))
""",
        "h(Y) is None: h has no return with a value",
    ),
    (
        Cause.NO_RETURN,
        """
class Layer: pass
def forward(x):
    z = np.tanh(x)
z = forward(A)
return z[0]
""",
        "z is None: forward has no return with a value",
    ),
    (
        Cause.IN_PLACE,
        """
s = [1]
s = s.append(2)
s = s + [3]
""",
        "s is None: that is what s.append(…) returns",
    ),
    (
        Cause.IN_PLACE,
        """
s = [X].append(Y)
for a in s: pass
""",
        "s is None: that is what [X].append(…) returns",
    ),
    (
        Cause.IN_PLACE,
        """
G = np.zeros((3, 4)).fill(2)
return G + 1
""",
        "G is None: that is what np.zeros((3, 4)).fill(…) returns",
    ),
    (
        Cause.IN_PLACE,
        """
s = L.sort()
return s[0]
""",
        "s is None: that is what L.sort(…) returns",
    ),
    (
        Cause.IN_PLACE,
        """
q = np.zeros((4, 3))
q = q.fill(1)
return q @ X.T
""",
        "q is None: that is what q.fill(…) returns",
    ),
    (Cause.TEXT, 'return "2" * X', "'2' is text, and X is (5, 3)"),
    (Cause.TEXT, 'return X + "2"', "'2' is text, and X is (5, 3)"),
    (Cause.TEXT, 'return np.exp("2")', "'2' is text"),
    (Cause.TEXT, 'return "R is " + Y.sum()', "'R is ' is text, and Y.sum() is a single number"),
    (
        Cause.METHOD,
        "return Y.sum - F",
        "Y.sum is the method itself; its result would be Y.sum(…), and F is (5, 4)",
    ),
    (
        Cause.METHOD,
        "return F.T * (Y - F).sum",
        "(Y - F).sum is the method itself; its result would be (Y - F).sum(…), and F.T is (4, 5)",
    ),
    (
        Cause.METHOD,
        "return X.transpose.T @ Y",
        "X.transpose is the method itself; X.transpose().T may be meant",
    ),
    (
        Cause.METHOD,
        "return X.sum @ X",
        "X.sum is the method itself; its result would be X.sum(…), and X is (5, 3)",
    ),
    (
        Cause.BROADCAST,
        "return delta * soft.jacobian(T)",
        "delta is (5, 4) and soft.jacobian(T) is (5, 4, 4): from the last axis on, 5 meets 4",
    ),
    (
        Cause.MATMUL,
        "return delta.T @ np.insert(Z, 0, 1, axis=0)",
        "delta.T is (4, 5) and np.insert(Z, 0, 1, axis=0) is (6, 11)",
    ),
    (
        Cause.MATMUL,
        "return Z @ np.append(Z, Z, axis=0)",
        "Z is (5, 11) and np.append(Z, Z, axis=0) is (10, 11)…",
    ),
    (
        Cause.MATMUL,
        "return delta @ np.einsum('ik,im->km', delta, Z).T",
        "delta is (5, 4) and np.einsum('ik,im->km', delta, Z).T is (11, 4)…",
    ),
    (
        Cause.BROADCAST,
        "return np.diag(Y) - np.outer(Y, Y)",
        "np.diag(Y) is (4,) and np.outer(Y, Y) is (20, 20)",
    ),
    (Cause.FUNCTION, "return sigma * A", "sigma is an activation, and A is (5, 11)"),
    (Cause.FUNCTION, "return np.exp(sigma)", "sigma is an activation"),
    (
        Cause.ZERO,
        """
n = 0
return 1 / n
""",
        "n is 0",
    ),
    (
        Cause.TRUTH,
        """
if A > 0:
    return 1
""",
        "A > 0 is (5, 11) of truth values",
    ),
    (Cause.TRUTH, "while A > 0: pass", "A > 0 is (5, 11) of truth values"),
    (Cause.TRUTH, "return 1 if A > 0 else 2", "A > 0 is (5, 11) of truth values"),
    (Cause.TRUTH, "return [x for x in A if x > 0]", "x > 0 is (11,) of truth values"),
    (
        Cause.AND,
        "return (A > 0) and (Z > 0)",
        "A > 0 is (5, 11) of truth values and Z > 0 is (5, 11) of truth values",
    ),
    (
        Cause.AND,
        """
if A > 0 and Z > 0:
    return 1
""",
        "A > 0 is (5, 11) of truth values and Z > 0 is (5, 11) of truth values",
    ),
    (Cause.AND, "return not A", "A is (5, 11)"),
    (Cause.AND, "return A or Z", "A is (5, 11) and Z is (5, 11)"),
    (Cause.CHAIN, "return 0 < A < 1", "A is (5, 11)"),
    (
        Cause.CHAIN,
        """
if 0 < A < 1:
    return 1
""",
        "A is (5, 11)",
    ),
    (Cause.MAXIMUM, "return max(A, 0)", "A is (5, 11)"),
    (Cause.MAXIMUM, "return max(0, Y - F)", "Y - F is (5, 4)"),
]


@pytest.mark.parametrize(("cause", "body", "there"), CASES, ids=[case[1] for case in CASES])
@pytest.mark.filterwarnings("ignore")
def test_an_error_of_an_operator_is_told_by_its_cause_and_shapes(cause, body, there):
    told = raised(in_a_cell(written(body), "f"))
    assert told.cause is cause, (told.cause, str(told))
    assert told.there.startswith(there.removesuffix("…"))
    assert bool(told.there) == bool(there)
