"""Loops that begin too late, stop too early, or do not add up: written as learners write them."""

import numpy as np
import pytest

from tests.exercises.drawn import EACH_KIND, found
from tests.thorough import one_in

HEADS = {
    "hidden": "def f(X, alpha, sigma):",
    "output": "def f(Z, beta, g):",
    "eq2": "def f(Y, F):",
    "eq1": "def f(Y, F):",
    "eq4": "def f(Y, A, Z, T, F, g):",
    "eq5": "def f(X, Y, A, Z, T, F, beta, sigma, g):",
    "eq6": "def f(Y, A, Z, T, F, g):",
    "eq7": "def f(X, A, Z, delta, beta, sigma):",
    "eq10": "def f(Y, A, Z, T, F, g):",
    "eq14": "def f(delta, inputs):",
    "eq16": "def f(delta, weights, A, sigma):",
    "eq17": "def f(delta, alphas, beta, A, sigmas):",
    "softmax": "def f(t):",
    "confusion": "def f(actual, predicted, K):",
    "numerical-gradient": "def f(f, params):",
}

RIGHT = {
    "hidden": """
N, p = X.shape
M = len(alpha)
Z = np.zeros((N, M))
for i in range(N):
    for m in range(M):
        a = alpha[m, 0]
        for l in range(p):
            a += alpha[m, l + 1] * X[i, l]
        Z[i, m] = sigma(a)
return Z
""",
    "output": """
N, M = Z.shape
K = len(beta)
T = np.zeros((N, K))
for i in range(N):
    for k in range(K):
        t = 0
        for m in range(M):
            t += beta[k, m + 1] * Z[i, m]
        T[i, k] = t + beta[k, 0]
return T, g(T)
""",
    "eq2": """
N, K = Y.shape
R = np.zeros(N)
for i in range(N):
    for k in range(K):
        R[i] += (Y[i, k] - F[i, k]) ** 2
return R
""",
    "eq1": """
N, K = Y.shape
R = 0
for i in range(N):
    for k in range(K):
        R += (Y[i, k] - F[i, k]) ** 2
return R
""",
    "eq4": """
N, K = Y.shape
M = Z.shape[1]
grad = np.zeros((K, M + 1))
for i in range(N):
    for k in range(K):
        d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
        grad[k, 0] += d
        for m in range(M):
            grad[k, m + 1] += d * Z[i, m]
return grad
""",
    "eq5": """
N, p = X.shape
K, M = len(beta), Z.shape[1]
grad = np.zeros((M, p + 1))
X1 = np.column_stack([np.ones(N), X])
delta, slope = -2 * (Y - F) * g.derivative(T), sigma.derivative(A)
for m in range(M):
    for l in range(p + 1):
        for i in range(N):
            for k in range(K):
                grad[m, l] += delta[i, k] * beta[k, m + 1] * slope[i, m] * X1[i, l]
return grad
""",
    "eq6": """
N, K = Y.shape
M = Z.shape[1]
delta = np.zeros((N, K))
for i in range(N):
    for k in range(K):
        delta[i, k] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
grad = np.zeros((K, M + 1))
for k in range(K):
    grad[k, 0] = delta[:, k].sum()
    for m in range(M):
        total = 0
        for n in range(N):
            total += delta[n, k] * Z[n, m]
        grad[k, m + 1] = total
return delta, grad
""",
    "eq7": """
N, p = X.shape
K, M = len(beta), A.shape[1]
s = np.zeros((N, M))
for i in range(N):
    for m in range(M):
        back = 0
        for k in range(K):
            back += delta[i, k] * beta[k, m + 1]
        s[i, m] = back * sigma.derivative(A[i, m])
grad = np.zeros((M, p + 1))
for m in range(M):
    for n in range(N):
        grad[m, 0] += s[n, m]
        grad[m, 1:] += s[n, m] * X[n]
return grad
""",
    "eq10": """
N, K = Y.shape
M = Z.shape[1]
J = g.jacobian(T)
delta = np.zeros((N, K))
for i in range(N):
    for k in range(K):
        for l in range(K):
            delta[i, k] += -2 * (Y[i, l] - F[i, l]) * J[i, l, k]
return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])
""",
    "eq14": """
N, K = delta.shape
M = inputs.shape[1]
grad = np.zeros((K, M + 1))
for k in range(K):
    for m in range(M + 1):
        for i in range(N):
            z = 1 if m == 0 else inputs[i, m - 1]
            grad[k, m] += delta[i, k] * z
return grad
""",
    "eq16": """
N, M = A.shape
K = len(weights)
s = np.zeros((N, M))
for i in range(N):
    for m in range(M):
        for k in range(K):
            s[i, m] += delta[i, k] * weights[k, m + 1]
        s[i, m] *= sigma.derivative(A[i, m])
return s
""",
    "eq17": """
D = len(A)
above = [*alphas[1:], beta]
s = [np.zeros(a.shape) for a in A]
for d in range(D - 1, -1, -1):
    for i in range(len(A[d])):
        for m in range(A[d].shape[1]):
            for k in range(len(above[d])):
                s[d][i, m] += delta[i, k] * above[d][k, m + 1]
            s[d][i, m] *= sigmas[d].derivative(A[d][i, m])
    delta = s[d]
return s
""",
    "softmax": """
N, K = t.shape
F = np.zeros((N, K))
for i in range(N):
    e = np.exp(t[i] - t[i].max())
    total = 0
    for l in range(K):
        total += e[l]
    for k in range(K):
        F[i, k] = e[k] / total
J = np.zeros((N, K, K))
for i in range(N):
    for k in range(K):
        for l in range(K):
            J[i, k, l] = F[i, k] * ((k == l) - F[i, l])
return F, J
""",
    "confusion": """
counts = np.zeros((K, K))
for a in range(K):
    for b in range(K):
        for i in range(len(actual)):
            if actual[i] == a and predicted[i] == b:
                counts[a, b] += 1
return counts
""",
    "numerical-gradient": """
w = np.array(params, dtype=float)
grad = np.zeros(w.shape)
for n in range(w.size):
    up, down = w.copy(), w.copy()
    up.flat[n] += 1e-5
    down.flat[n] -= 1e-5
    grad.flat[n] = (f(up) - f(down)) / 2e-5
return grad
""",
}

WRONG = [
    # exercise, what the right program has, what stands there instead, the name
    ("hidden", "range(p)", "range(1, p)", "l-first-left-out"),
    ("hidden", "range(p)", "range(p - 1)", "l-last-left-out"),
    ("hidden", "a += alpha[m, l + 1]", "a = alpha[m, l + 1]", "l-last-only-without-bias"),
    ("hidden", "alpha[m, l + 1]", "alpha[m, l]", "weights-off-by-one"),
    ("hidden", "alpha[m, l + 1] * X[i, l]", "alpha[m, l] * X[i, l - 1]", "inputs-off-by-one"),
    (
        "hidden",
        "        for l in range(p):\n",
        "        for l in range(p):\n            a += alpha[m, 0] * (l > 0)\n",
        "bias-added-each-time",
    ),
    ("hidden", "range(N)", "range(1, N)", "i-first-zero-of-Z"),
    ("hidden", "range(N)", "range(N - 1)", "i-last-zero-of-Z"),
    ("hidden", "range(M)", "range(1, M)", "m-first-zero-of-Z"),
    ("hidden", "range(M)", "range(M - 1)", "m-last-zero-of-Z"),
    ("hidden", "\nreturn Z", "\n    return Z", "i-rest-zero-of-Z"),
    ("hidden", "\nreturn Z", "\n        return Z", "first-entry-only-of-Z"),
    ("output", "t += beta", "t = beta", "m-last-only"),
    (
        "output",
        "for i in range(N):\n    for k in range(K):\n        t = 0\n",
        "t = 0\nfor i in range(N):\n    for k in range(K):\n",
        "m-not-reset-but-bias",
    ),
    ("output", "range(K)", "range(K - 1)", "k-last-zero"),
    ("output", "beta[k, m + 1]", "beta[k, m]", "weights-off-by-one"),
    ("eq2", "+=", "=", "k-last-only"),
    ("eq2", "range(K)", "range(1, K)", "k-first-left-out"),
    ("eq2", "range(K)", "range(K - 1)", "k-last-left-out"),
    ("eq2", "range(N)", "range(N - 1)", "i-last-zero"),
    ("eq2", "\nreturn R", "\n    return R", "i-rest-zero"),
    ("eq1", "+=", "=", "last-term-only"),
    ("eq1", "range(K)", "range(1, K)", "k-first-left-out"),
    ("eq1", "range(N)", "range(1, N)", "i-first-left-out"),
    ("eq1", "range(N)", "range(N - 1)", "i-last-left-out"),
    ("eq1", "\nreturn R", "\n        return R", "first-term-only"),
    ("eq1", "range(N):", "range(N):\n    R = 0", "last-example-only"),
    ("eq4", "range(N)", "range(1, N)", "i-first-left-out"),
    ("eq4", "range(N)", "range(N - 1)", "i-last-left-out"),
    ("eq4", "grad[k, 0] += d", "grad[k, 0] = d", "bias-of-last-example"),
    ("eq4", "+= d * Z", "= d * Z", "weights-of-last-example"),
    ("eq4", "+=", "=", "last-example-only"),
    (
        "eq4",
        "    for k in range(K):\n        d = -2",
        "    d = 0\n    for k in range(K):\n        d += -2",
        "delta-not-reset-in-a-row",
    ),
    ("eq4", "range(K)", "range(1, K)", "k-first-zero-of-gradient"),
    ("eq4", "range(K)", "range(K - 1)", "k-last-zero-of-gradient"),
    ("eq4", "range(M)", "range(1, M)", "m-first-zero-of-gradient"),
    ("eq4", "range(M)", "range(M - 1)", "m-last-zero-of-gradient"),
    ("eq4", "grad[k, m + 1]", "grad[k, m]", "weights-added-to-bias"),
    (
        "eq4",
        "        grad[k, 0] += d\n        for m in range(M):\n            grad[k, m + 1]",
        "        for m in range(M):\n            grad[k, m]",
        "weights-over-bias",
    ),
    (
        "eq4",
        "\nreturn grad",
        "\ngrad[:, -1], grad[:, 0] = grad[:, 0], 0\nreturn grad",
        "bias-over-last-weight",
    ),
    ("eq4", "\nreturn grad", "\n    return grad", "first-example-only"),
    (
        "eq4",
        "m in range(M):",
        "m in range(M):\n            grad[k, 0] += d * (m > 0)",
        "bias-once-a-column",
    ),
    ("eq5", "range(N)", "range(K)", "i-until-K"),
    ("eq5", "range(N)", "range(p)", "i-until-p"),
    ("eq5", "range(K)", "range(M)", "k-until-M"),
    ("eq5", "range(K)", "range(N)", "k-until-N"),
    ("eq5", "range(M)", "range(K)", "m-until-K"),
    ("eq5", "range(M)", "range(N)", "m-until-N"),
    ("eq5", "range(p + 1)", "range(M + 1)", "l-until-M"),
    ("eq4", "range(K)", "range(M)", "k-until-M"),
    ("eq4", "range(M)", "range(K)", "m-until-K"),
    ("eq7", "k in range(K)", "k in range(M)", "k-until-M"),
    ("eq1", "range(N)", "range(K)", "i-until-K"),
    ("eq2", "range(K)", "range(N)", "k-until-N"),
    ("hidden", "range(p)", "range(M)", "l-until-M"),
    ("output", "m in range(M)", "m in range(K)", "m-until-K"),
    ("eq14", "range(K)", "range(M)", "k-until-M"),
    ("eq16", "range(K)", "range(M)", "k-until-M"),
    ("eq5", "range(N)", "range(1, N)", "i-first-left-out"),
    ("eq5", "range(N)", "range(N - 1)", "i-last-left-out"),
    ("eq5", "range(K)", "range(1, K)", "k-first-left-out"),
    ("eq5", "range(K)", "range(K - 1)", "k-last-left-out"),
    ("eq5", "range(M)", "range(1, M)", "m-first-zero-of-gradient"),
    ("eq5", "range(p + 1)", "range(p)", "l-last-zero-of-gradient"),
    ("eq5", "range(p + 1)", "range(1, p + 1)", "bias-zero"),
    ("eq5", "grad[m, l] +=", "grad[m, l] =", "last-term-only"),
    ("eq5", "\nreturn grad", "\n    return grad", "m-rest-zero-of-gradient"),
    ("eq5", "\nreturn grad", "\n        return grad", "first-entry-only-of-gradient"),
    ("eq6", "i in range(N)", "i in range(1, N)", "i-first-zero-of-delta"),
    (
        "eq6",
        "k in range(K):\n        delta",
        "k in range(K - 1):\n        delta",
        "k-last-zero-of-delta",
    ),
    (
        "eq6",
        "for k in range(K):\n    grad[k, 0] = delta[:, k].sum()\n    for m in range(M):\n"
        "        total = 0\n",
        "total = 0\nfor k in range(K):\n    grad[k, 0] = delta[:, k].sum()\n"
        "    for m in range(M):\n",
        "i-not-reset-but-bias",
    ),
    ("eq6", "total +=", "total =", "weights-of-last-example"),
    ("eq6", "grad[k, m + 1] = total", "grad[k, m] = total", "weights-over-bias"),
    ("eq7", "range(K)", "range(K - 1)", "k-last-left-out"),
    ("eq7", "range(K)", "range(1, K)", "k-first-left-out"),
    ("eq7", "back +=", "back =", "k-last-only"),
    (
        "eq7",
        "for i in range(N):\n    for m in range(M):\n        back = 0\n",
        "back = 0\nfor i in range(N):\n    for m in range(M):\n",
        "k-not-reset",
    ),
    (
        "eq7",
        "    for m in range(M):\n        back = 0\n",
        "    back = 0\n    for m in range(M):\n",
        "k-not-reset-in-a-row",
    ),
    ("eq7", "beta[k, m + 1]", "beta[k, m]", "bias-column-used"),
    ("eq7", "n in range(N)", "n in range(1, N)", "i-first-left-out"),
    ("eq7", "i in range(N)", "i in range(1, N)", "i-first-left-out"),
    ("eq7", "grad[m, 0] +=", "grad[m, 0] =", "bias-of-last-example"),
    ("eq7", "grad[m, 1:] +=", "grad[m, :-1] +=", "weights-added-to-bias"),
    (
        "eq7",
        "        grad[m, 0] += s[n, m]\n        grad[m, 1:]",
        "        grad[m, :-1]",
        "weights-over-bias",
    ),
    ("eq10", "l in range(K)", "l in range(1, K)", "l-first-left-out"),
    ("eq10", "l in range(K)", "l in range(K - 1)", "l-last-left-out"),
    ("eq10", "+=", "=", "l-last-only"),
    ("eq10", "k in range(K)", "k in range(1, K)", "k-first-zero-of-delta"),
    ("eq14", "range(M + 1)", "range(M)", "m-last-zero-of-gradient"),
    ("eq14", "grad[k, m] +=", "grad[k, m] =", "last-example-only"),
    ("eq14", "\nreturn grad", "\n        return grad", "first-entry-only-of-gradient"),
    ("eq16", "range(K)", "range(1, K)", "k-first-left-out"),
    ("eq16", "s[i, m] +=", "s[i, m] =", "k-last-only"),
    ("eq16", "range(M)", "range(M - 1)", "m-last-zero"),
    ("eq16", "range(N)", "range(N - 1)", "i-last-zero"),
    ("eq17", "range(len(above[d]))", "range(1, len(above[d]))", "k-first-left-out"),
    ("eq17", "range(len(above[d]))", "range(len(above[d]) - 1)", "k-last-left-out"),
    ("eq17", "range(A[d].shape[1])", "range(1, A[d].shape[1])", "m-first-zero-of-each-s"),
    ("eq17", "range(len(A[d]))", "range(len(A[d]) - 1)", "i-last-zero-of-each-s"),
    ("eq17", "range(D - 1, -1, -1)", "range(D - 1, 0, -1)", "first-layer-zero"),
    ("softmax", "total += e[l]", "total = e[l]", "l-last-only"),
    (
        "softmax",
        "in range(K):\n        total",
        "in range(1, K):\n        total",
        "l-first-left-out",
    ),
    ("softmax", "k in range(K):\n        F", "k in range(K - 1):\n        F", "k-last-zero-of-F"),
    (
        "softmax",
        "l in range(K):\n            J",
        "l in range(K - 1):\n            J",
        "l-last-zero-of-Jacobian",
    ),
    ("confusion", "a in range(K)", "a in range(1, K)", "a-first-zero"),
    ("confusion", "b in range(K)", "b in range(K - 1)", "b-last-zero"),
    ("confusion", "range(len(actual))", "range(len(actual) - 1)", "last-left-out"),
    ("numerical-gradient", "range(w.size)", "range(1, w.size)", "first-entry-left-out"),
    ("numerical-gradient", "range(w.size)", "range(w.size - 1)", "last-entry-left-out"),
]


def program(id, right="", wrong=""):
    """Return the loops of an exercise as a function, changed at one place."""
    body = RIGHT[id]
    assert right in body
    names = {"np": np}
    exec(HEADS[id] + body.replace(right, wrong).replace("\n", "\n    "), names)
    return names["f"]


@pytest.mark.parametrize("id", RIGHT)
def test_the_loops_themselves_are_right(id):
    assert found(id, program(id, "\n", "\n")) is None


@pytest.mark.one_in(2)
@pytest.mark.parametrize("row", one_in(2, WRONG), ids=lambda row: f"{row[0]}-{row[3]}")
@EACH_KIND
def test_a_loop_gone_wrong_is_named(row, kind):
    id, right, wrong, name = row
    assert found(id, program(id, right, wrong), kind).name == name
