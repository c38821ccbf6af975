"""Activations and their slopes by formulas, in many ways of writing them: none differentiates."""

import math
from itertools import product

import numpy as np

L = np.longdouble


def logistic(z):
    return 1 / (1 + np.exp(-np.maximum(z, -700)))


def logistic_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def loop(one):
    def function(x):
        out = np.empty(x.shape)
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                out[i, j] = one(float(x[i, j]))
        return out

    return function


def one_logistic(z):
    if z >= 0:
        return 1 / (1 + math.exp(-z))
    return math.exp(z) / (1 + math.exp(z))


def one_tanh_slope(z):
    return 0.0 if abs(z) > 300 else 1 / math.cosh(z) ** 2


def masked_logistic(x):
    x = np.asarray(x, dtype=float)
    out = np.empty(x.shape)
    up = x >= 0
    out[up] = 1 / (1 + np.exp(-x[up]))
    out[~up] = np.exp(x[~up]) / (1 + np.exp(x[~up]))
    return out


def power_of_e(x):
    return 1 / (1 + np.e ** (-np.clip(x, -700, None).astype(float)))


SIGMOID = (
    [
        logistic,
        masked_logistic,
        power_of_e,
        lambda x: 0.5 * (1 + np.tanh(x / 2)),
        lambda x: np.exp(-np.logaddexp(0, -x)),
        lambda x: np.where(x >= 0, 1, np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x))),
        lambda x: np.reciprocal(1 + np.exp(-np.maximum(x.astype(L), -700))).astype(float),
        loop(one_logistic),
    ],
    [
        lambda x, a: a * (1 - a),
        lambda x, a: a - a**2,
        lambda x, a: np.multiply(a, np.subtract(1.0, a)),
        lambda x, a: logistic_slope(x),
        lambda x, a: logistic(x) * logistic(-x),
        lambda x, a: 0.25 / np.cosh(np.clip(x, -1400, 1400) / 2) ** 2,
        lambda x, a: np.exp(-np.logaddexp(0, x) - np.logaddexp(0, -x)),
        lambda x, a: (1 - np.tanh(x / 2) ** 2) / 4,
        lambda x, a: 0.25 - (a - 0.5) ** 2,
        loop(lambda z: one_logistic(z) * one_logistic(-z)),
        lambda x, a: np.exp(-np.abs(x)) * np.maximum(a, 1 - a) ** 2,
        lambda x, a: np.vectorize(lambda z: z * (1 - z))(a),
    ],
)

TANH = (
    [
        np.tanh,
        lambda x: 2 * logistic(2 * x) - 1,
        lambda x: -np.expm1(-2 * np.abs(x)) / (1 + np.exp(-2 * np.abs(x))) * np.sign(x),
        lambda x: np.sinh(np.clip(x, -300, 300)) / np.cosh(np.clip(x, -300, 300)),
        np.vectorize(math.tanh, otypes=[float]),
        loop(math.tanh),
        lambda x: np.tanh(x.astype(L)).astype(float),
        lambda x: np.array([[math.tanh(v) for v in row] for row in x]),
    ],
    [
        lambda x, a: 1 - a**2,
        lambda x, a: 1 - np.tanh(x) ** 2,
        lambda x, a: (1 - a) * (1 + a),
        lambda x, a: 4 * logistic_slope(2 * x),
        lambda x, a: 1 / np.cosh(np.clip(x, -300, 300)) ** 2,
        lambda x, a: np.cosh(np.clip(x, -300, 300)) ** -2.0,
        lambda x, a: 1 - np.square(a),
        lambda x, a: np.ones(x.shape) - np.power(a, 2),
        loop(one_tanh_slope),
        lambda x, a: np.array([[1 - v * v for v in row] for row in a]),
    ],
)


def zeroed(x):
    out = x.astype(float).copy()
    out[out < 0] = 0
    return out


def ones_where(x, a):
    out = np.zeros(x.shape)
    out[x > 0] = 1
    return out


def one_relu(z):
    return z if z > 0 else 0.0


RELU = (
    [
        lambda x: np.maximum(x, 0),
        lambda x: np.where(x > 0, x, 0.0),
        lambda x: x * (x > 0),
        lambda x: (x + np.abs(x)) / 2,
        lambda x: np.clip(x, 0, None),
        lambda x: x.clip(0),
        lambda x: x * np.heaviside(x, 0),
        zeroed,
        loop(one_relu),
        lambda x: np.array([[max(float(v), 0.0) for v in row] for row in x]),
    ],
    [
        lambda x, a: (x > 0) * 1.0,
        lambda x, a: x > 0,
        lambda x, a: (x > 0).astype(float),
        lambda x, a: np.where(x > 0, 1.0, 0.0),
        lambda x, a: np.heaviside(x, 0),
        lambda x, a: np.sign(a),
        lambda x, a: (a > 0) + 0.0,
        ones_where,
        lambda x, a: np.maximum(np.sign(x), 0),
        loop(lambda z: 1.0 if z > 0 else 0.0),
        lambda x, a: np.divide(a, x, out=np.zeros(x.shape), where=x != 0),
        lambda x, a: np.greater(x, 0).astype(np.int64),
    ],
)


def scaled_below(x, alpha):
    out = x.astype(float).copy()
    out[out < 0] *= alpha
    return out


LEAKY = (
    [
        lambda x, alpha: np.where(x > 0, x, alpha * x),
        lambda x, alpha: np.maximum(x, 0) + alpha * np.minimum(x, 0),
        lambda x, alpha: x * (x > 0) + alpha * x * (x <= 0),
        lambda x, alpha: x * np.where(x > 0, 1.0, alpha),
        scaled_below,
        lambda x, alpha: (1 + alpha) / 2 * x + (1 - alpha) / 2 * np.abs(x),
        lambda x, alpha: loop(lambda z: z if z > 0 else alpha * z)(x),
    ],
    [
        lambda x, a, alpha: np.where(x > 0, 1.0, alpha),
        lambda x, a, alpha: (x > 0) + alpha * (x <= 0),
        lambda x, a, alpha: alpha + (1 - alpha) * (x > 0),
        lambda x, a, alpha: np.where(np.sign(x) > 0, np.ones(x.shape), np.full(x.shape, alpha)),
        lambda x, a, alpha: loop(lambda z: 1.0 if z > 0 else alpha)(x),
        lambda x, a, alpha: np.select([x > 0, x <= 0], [1.0, alpha]),
        lambda x, a, alpha: np.heaviside(x, 0) + alpha * np.heaviside(-x, 1),
    ],
)


def elu_below(x, alpha):
    return alpha * np.expm1(np.minimum(x, 0))


ELU = (
    [
        lambda x, alpha: np.where(x > 0, x, elu_below(x, alpha)),
        lambda x, alpha: np.maximum(x, 0) + alpha * (np.exp(np.minimum(x, 0)) - 1),
        lambda x, alpha: x * (x > 0) + elu_below(x, alpha) * (x <= 0),
        lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(-np.abs(x)) - 1)),
        lambda x, alpha: np.clip(x, 0, None) + alpha * (np.e ** np.clip(x, None, 0) - 1),
        lambda x, alpha: loop(lambda z: z if z > 0 else alpha * math.expm1(z))(x),
    ],
    [
        lambda x, a, alpha: np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0))),
        lambda x, a, alpha: np.where(x > 0, 1.0, a + alpha),
        lambda x, a, alpha: (x > 0) + alpha * np.exp(np.minimum(x, 0)) * (x <= 0),
        lambda x, a, alpha: np.where(x > 0, 1.0, elu_below(x, alpha) + alpha),
        lambda x, a, alpha: loop(lambda z: 1.0 if z > 0 else alpha * math.exp(z))(x),
        lambda x, a, alpha: np.where(x > 0, 1.0, alpha * np.exp(-np.abs(x))),
        lambda x, a, alpha: (x > 0) * 1.0 + (x <= 0) * (np.where(x > 0, 0, a) + alpha),
    ],
)


def shares(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def one_row(row):
    largest = max(row)
    e = [math.exp(v - largest) for v in row]
    return [v / sum(e) for v in e]


def diagonal_less(f):
    return np.array([np.diag(row) - np.outer(row, row) for row in f])


def entry_by_entry(t, f):
    N, K = f.shape
    out = np.zeros((N, K, K))
    for i in range(N):
        for k in range(K):
            for m in range(K):
                out[i, k, m] = f[i, k] * ((k == m) - f[i, m])
    return out


def from_long(t):
    return shares(t.astype(L)).astype(float)


SOFTMAX = (
    [
        shares,
        from_long,
        lambda t: np.exp(t - np.logaddexp.reduce(t.astype(float), axis=1, keepdims=True)),
        lambda t: np.array([one_row(list(map(float, row))) for row in t]),
        lambda t: np.apply_along_axis(lambda r: np.exp(r - max(r)) / sum(np.exp(r - max(r))), 1, t),
        lambda t: 1 / np.exp(np.minimum(t[:, None, :] - t[:, :, None], 700)).sum(axis=2),
        lambda t: shares(t + 0.1),
    ],
    [
        lambda t, f: f[:, :, None] * (np.eye(f.shape[1]) - f[:, None, :]),
        lambda t, f: np.einsum("ik,kl->ikl", f, np.eye(f.shape[1])) - np.einsum("ik,il->ikl", f, f),
        lambda t, f: diagonal_less(f),
        lambda t, f: diagonal_less(shares(t)),
        entry_by_entry,
        lambda t, f: (
            np.where(np.eye(f.shape[1]) > 0, f[:, :, None], 0) - f[:, :, None] * f[:, None]
        ),
        lambda t, f: f[:, :, None] * np.eye(f.shape[1]) - f[:, :, None] @ f[:, None, :],
    ],
)


def pairs(both):
    """Every value with every slope."""
    found = []
    for (i, value), (j, slope) in product(*map(enumerate, both)):

        def function(x, *alpha, value=value, slope=slope):
            a = value(x, *alpha)
            return a, slope(x, a, *alpha) if slope.__code__.co_argcount > 1 else slope(x)

        found.append((f"{i}-{j}", function))
    return found


HONEST = {
    "sigmoid": pairs(SIGMOID),
    "tanh": pairs(TANH),
    "relu": pairs(RELU),
    "leaky-relu": pairs(LEAKY),
    "elu": pairs(ELU),
    "softmax": pairs(SOFTMAX),
}
