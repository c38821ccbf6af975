r"""Functions that are no networks of ours, with right gradients: what people give to a checker.

Each `Family` draws a `Problem`: a function, its gradient, and where to check it. Most gradients
come from Autograd, which knows nothing of `bplab`; the rest are school formulas. What is special
about a family is its `Kind`: smooth, near the edge of the domain, at an optimum, beside a kink,
answering in coarse steps, or random.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

import autograd.numpy as anp
import numpy as np
from autograd import grad as by_autograd
from numpy.random import Generator

__all__ = ["FAMILIES", "Family", "Kind", "Problem"]


class Kind(StrEnum):
    """What makes a function hard to differentiate numerically."""

    SMOOTH = "smooth"
    EDGE = "edge of the domain"
    OPTIMUM = "optimum"
    KINK = "kink"
    COARSE = "coarse answers"
    RANDOM = "random"


class Problem(NamedTuple):
    """A function, its right gradient, and the parameters where it is checked."""

    f: Callable[[Any], Any]
    gradient: Callable[[Any], Any]
    params: Any


@dataclass(frozen=True)
class Family:
    """Functions of one form.

    Attributes
    ----------
    name : str
    kind : Kind
    draw : callable
        Takes a random generator and about how many parameters there should be.
    most : int
        More parameters than this would take the function itself too long.
    """

    name: str
    kind: Kind
    draw: Callable[[Generator, int], Problem]
    most: int = 10_000


FAMILIES: dict[str, Family] = {}
"""Every family, by its name."""


def family(
    name: str, kind: Kind, most: int = 10_000
) -> Callable[[Callable[[Generator, int], Problem]], Callable[[Generator, int], Problem]]:
    """Put a way to draw problems among the families."""

    def put(draw: Callable[[Generator, int], Problem]) -> Callable[[Generator, int], Problem]:
        FAMILIES[name] = Family(name, kind, draw, most)
        return draw

    return put


# --- smooth -------------------------------------------------------------------------------


@family("square", Kind.SMOOTH)
def _square(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: (w**2).sum(), lambda w: 2 * w, rng.normal(size=size))


@family("cubic", Kind.SMOOTH)
def _cubic(rng: Generator, size: int) -> Problem:
    c = rng.normal(size=size)
    return Problem(
        lambda w: (c * w**3 - w).sum(), lambda w: 3 * c * w**2 - 1, rng.normal(size=size)
    )


@family("scales from 1e-3 to 1e3", Kind.SMOOTH)
def _scales(rng: Generator, size: int) -> Problem:
    c = 10.0 ** rng.uniform(-3, 3, size)
    return Problem(lambda w: np.sin(c * w).sum(), lambda w: c * np.cos(c * w), 0.5 / c)


@family("Rosenbrock", Kind.SMOOTH)
def _rosenbrock(rng: Generator, size: int) -> Problem:
    return Problem(_rosen, by_autograd(_rosen), rng.normal(1, 0.5, size=size))


def _rosen(w: Any) -> Any:
    return anp.sum(100 * (w[1:] - w[:-1] ** 2) ** 2 + (1 - w[:-1]) ** 2)


def _data(rng: Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    X = rng.normal(size=(20, size)) / np.sqrt(size)
    return X, np.where(X @ rng.normal(size=size) + 0.3 * rng.normal(size=20) > 0, 1.0, -1.0)


def _logistic(X: np.ndarray, y: np.ndarray, ridge: float) -> Callable[[Any], Any]:
    def f(w: Any) -> Any:
        return anp.sum(anp.logaddexp(0, -y * (X @ w))) + ridge * anp.sum(w**2)

    return f


@family("logistic loss", Kind.SMOOTH)
def _logistic_loss(rng: Generator, size: int) -> Problem:
    f = _logistic(*_data(rng, size), 0.01)
    return Problem(f, by_autograd(f), rng.normal(size=size))


@family("Poisson regression", Kind.SMOOTH)
def _poisson(rng: Generator, size: int) -> Problem:
    X, _ = _data(rng, size)
    counts = rng.poisson(2.0, 20)

    def f(w: Any) -> Any:
        eta = X @ w
        return anp.sum(anp.exp(eta) - counts * eta)

    return Problem(f, by_autograd(f), rng.normal(size=size))


@family("log-sum-exp", Kind.SMOOTH, most=1_000)
def _log_sum_exp(rng: Generator, size: int) -> Problem:
    return Problem(_logsumexp, by_autograd(_logsumexp), rng.normal(size=size))


def _logsumexp(T: Any) -> Any:
    """Of the last axis."""
    top = anp.max(T, axis=-1, keepdims=True)
    return anp.squeeze(top, -1) + anp.log(anp.sum(anp.exp(T - top), axis=-1))


@family("softmax and cross-entropy, a dictionary", Kind.SMOOTH)
def _softmax(rng: Generator, size: int) -> Problem:
    K = 5
    p = max(1, size // K - 1)
    X, label = rng.normal(size=(15, p)) / np.sqrt(p), rng.integers(K, size=15)

    def f(w: dict[str, Any]) -> Any:
        T = X @ w["W"].T + w["b"]
        return anp.sum(_logsumexp(T) - T[anp.arange(15), label])

    params = {"b": rng.normal(size=K), "W": rng.normal(size=(K, p))}

    def gradient(w: dict[str, Any]) -> dict[str, Any]:
        found = by_autograd(f)(w)
        return {"W": found["W"], "b": found["b"]}  # in another order

    return Problem(f, gradient, params)


@family("tanh network, nested lists", Kind.SMOOTH)
def _network(rng: Generator, size: int) -> Problem:
    p = 4
    M = max(1, size // (p + 3))
    X, y = rng.normal(size=(10, p)), rng.normal(size=10)

    def f(w: list[Any]) -> Any:
        (alpha, bias), (beta, last) = w
        return anp.sum((y - anp.tanh(X @ alpha.T + bias) @ beta - last) ** 2)

    params = [
        [rng.normal(size=(M, p)) / 2, rng.normal(size=M)],
        [rng.normal(size=M) / np.sqrt(M), np.array(rng.normal())],
    ]
    return Problem(f, by_autograd(f), params)


@family("LSTM cell", Kind.SMOOTH, most=1_000)
def _lstm(rng: Generator, size: int) -> Problem:
    M = max(1, int((np.sqrt(9 + 32 * size) - 4) / 16))
    x = rng.normal(size=(4, 2, M))  # steps, batch, features

    def sigmoid(a: Any) -> Any:
        return (1 + anp.tanh(a / 2)) / 2

    def f(w: dict[str, Any]) -> Any:
        h, c = anp.zeros((2, M)), anp.zeros((2, M))
        for step in x:
            gates = step @ w["input"] + h @ w["hidden"] + w["bias"]
            i, o = sigmoid(gates[:, :M]), sigmoid(gates[:, M : 2 * M])
            forget, new = sigmoid(gates[:, 2 * M : 3 * M]), anp.tanh(gates[:, 3 * M :])
            c = forget * c + i * new
            h = o * anp.tanh(c)
        return anp.sum(h**2)

    params = {
        "input": rng.normal(size=(M, 4 * M)) / np.sqrt(M),
        "hidden": rng.normal(size=(M, 4 * M)) / np.sqrt(M),
        "bias": rng.normal(size=4 * M),
    }
    return Problem(f, by_autograd(f), params)


@family("attention, nested dictionaries", Kind.SMOOTH, most=3_000)
def _attention(rng: Generator, size: int) -> Problem:
    M = max(2, int(np.sqrt(size / 4)))
    x, y = rng.normal(size=(6, M)), rng.normal(size=(6, M))

    def f(w: dict[str, Any]) -> Any:
        q, k, v = (x @ w["head"][name] for name in ("q", "k", "v"))
        scores = q @ k.T / np.sqrt(M)
        weights = anp.exp(scores - _logsumexp(scores)[:, None])
        return anp.mean((weights @ v @ w["out"] - y) ** 2)

    head = {name: rng.normal(size=(M, M)) / np.sqrt(M) for name in ("v", "k", "q")}
    return Problem(f, by_autograd(f), {"out": rng.normal(size=(M, M)) / np.sqrt(M), "head": head})


@family("convolution", Kind.SMOOTH, most=300)
def _convolution(rng: Generator, size: int) -> Problem:
    signal = rng.normal(size=size + 40)
    target = rng.normal(size=41)

    def f(w: Any) -> Any:
        windows = anp.array([signal[i : i + size] for i in range(41)])
        return anp.sum((anp.tanh(windows @ w) - target) ** 2)

    return Problem(f, by_autograd(f), rng.normal(size=size) / np.sqrt(size))


@family("layer normalisation", Kind.SMOOTH)
def _normalised(rng: Generator, size: int) -> Problem:
    c = rng.normal(size=size)

    def f(w: Any) -> Any:
        centred = w - anp.mean(w)
        return anp.sum(c * centred / anp.sqrt(anp.mean(centred**2) + 1e-5))

    return Problem(f, by_autograd(f), rng.normal(size=size))


@family("log-determinant", Kind.SMOOTH, most=300)
def _log_determinant(rng: Generator, size: int) -> Problem:
    M = max(2, int(np.sqrt(size)))

    def f(w: Any) -> Any:
        return np.linalg.slogdet(w @ w.T + np.eye(M))[1]

    def gradient(w: Any) -> Any:
        return 2 * np.linalg.solve(w @ w.T + np.eye(M), w)

    return Problem(f, gradient, rng.normal(size=(M, M)))


@family("a large constant and a small part", Kind.SMOOTH)
def _large_constant(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: 1e4 + np.sin(w).sum(), np.cos, rng.normal(size=size))


@family("waves as short as w is small", Kind.EDGE, most=300)
def _short_waves(rng: Generator, size: int) -> Problem:
    c = 10.0 ** rng.uniform(0, 9)
    w = rng.normal(size=size) / c
    return Problem(lambda w: np.sin(c * w).sum(), lambda w: c * np.cos(c * w), w)


# --- near the edge of the domain ----------------------------------------------------------


def _near_zero(rng: Generator, size: int) -> np.ndarray:
    return 10.0 ** rng.uniform(-6, 0, size)


@family("-log w", Kind.EDGE)
def _log(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: -np.log(w).sum(), lambda w: -1 / w, _near_zero(rng, min(size, 100)))


@family("w to the 1.5", Kind.EDGE)
def _power(rng: Generator, size: int) -> Problem:
    return Problem(
        lambda w: (w**1.5).sum(), lambda w: 1.5 * np.sqrt(w), _near_zero(rng, min(size, 100))
    )


@family("arcsin", Kind.EDGE)
def _arcsin(rng: Generator, size: int) -> Problem:
    w = rng.choice([-1, 1], min(size, 100)) * (1 - _near_zero(rng, min(size, 100)))
    return Problem(lambda w: np.arcsin(w).sum(), lambda w: 1 / np.sqrt((1 - w) * (1 + w)), w)


@family("a barrier that raises", Kind.EDGE)
def _barrier(rng: Generator, size: int) -> Problem:
    A = rng.uniform(0, 1, (5, size))
    w = rng.uniform(0, 1, size)
    most = A @ w + 10.0 ** rng.uniform(-3, 0, 5)

    def f(w: np.ndarray) -> float:
        left = most - A @ w
        if (left <= 0).any():
            raise ValueError("outside of the polytope")
        return float(w @ w - np.log(left).sum())

    return Problem(f, lambda w: 2 * w + A.T @ (1 / (most - A @ w)), w)


@family("log of the gamma function", Kind.EDGE, most=100)
def _log_gamma(rng: Generator, size: int) -> Problem:
    def f(w: np.ndarray) -> float:
        return math.fsum(math.lgamma(v) for v in w)

    def gradient(w: np.ndarray) -> np.ndarray:
        z = w + 12  # the recurrence up to where its asymptotic series has converged
        series = np.log(z) - 1 / (2 * z) - 1 / (12 * z**2) + 1 / (120 * z**4) - 1 / (252 * z**6)
        return series + 1 / (240 * z**8) - sum(1 / (w + k) for k in range(12))

    return Problem(f, gradient, _near_zero(rng, size))


# --- at an optimum ------------------------------------------------------------------------


@family("square at zero", Kind.OPTIMUM)
def _square_at_zero(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: (w**2).sum(), lambda w: 2 * w, np.zeros(size))


@family("Rosenbrock at ones", Kind.OPTIMUM)
def _rosenbrock_at_ones(rng: Generator, size: int) -> Problem:
    return Problem(_rosen, by_autograd(_rosen), np.ones(size))


@family("log cosh at zero", Kind.OPTIMUM)
def _log_cosh_at_zero(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: np.log(np.cosh(w)).sum(), np.tanh, np.zeros(size))


@family("least squares at its solution", Kind.OPTIMUM, most=300)
def _least_squares(rng: Generator, size: int) -> Problem:
    X = rng.normal(size=(2 * size, size))
    y = rng.normal(size=2 * size)
    return Problem(
        lambda w: ((y - X @ w) ** 2).sum(),
        lambda w: -2 * X.T @ (y - X @ w),
        np.linalg.lstsq(X, y, rcond=None)[0],
    )


@family("logistic loss at its minimum", Kind.OPTIMUM, most=100)
def _logistic_minimum(rng: Generator, size: int) -> Problem:
    X, y = _data(rng, size)
    f = _logistic(X, y, 0.05)
    gradient, w = by_autograd(f), np.zeros(size)
    for _ in range(30):
        s = 1 / (1 + np.exp(y * (X @ w)))
        w = w - np.linalg.solve((X.T * (s * (1 - s))) @ X + 0.1 * np.eye(size), gradient(w))
    return Problem(f, gradient, w)


# --- beside a kink ------------------------------------------------------------------------


def _beside_zero(rng: Generator, size: int) -> np.ndarray:
    """Numbers at distances from a kink at zero at which its two sides can be told apart."""
    return rng.choice([-1, 1], size) * 10.0 ** rng.uniform(-4, 0, size)


@family("ReLU", Kind.KINK)
def _relu(rng: Generator, size: int) -> Problem:
    c = rng.normal(size=size)
    return Problem(
        lambda w: (c * np.maximum(w, 0)).sum(), lambda w: c * (w > 0), _beside_zero(rng, size)
    )


@family("sum of |w|", Kind.KINK)
def _absolute(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: np.abs(w).sum(), np.sign, _beside_zero(rng, size))


@family("hinge loss", Kind.KINK)
def _hinge(rng: Generator, size: int) -> Problem:
    X, y = _data(rng, size)
    w = rng.normal(size=size) * 2

    def gradient(w: np.ndarray) -> np.ndarray:
        return -(X * y[:, None])[y * (X @ w) < 1].sum(axis=0) + 0.02 * w

    return Problem(
        lambda w: np.maximum(0, 1 - y * (X @ w)).sum() + 0.01 * (w**2).sum(), gradient, w
    )


@family("hinges at 1 and -1", Kind.KINK, most=1_000)
def _two_hinges(rng: Generator, size: int) -> Problem:
    def f(w: np.ndarray) -> float:
        return float((30 * np.maximum(0, 1 - w) + 30 * np.maximum(0, -1 - w) + w).sum())

    def gradient(w: np.ndarray) -> np.ndarray:
        return 1 - 30.0 * (w < 1) - 30.0 * (w < -1)

    return Problem(f, gradient, rng.choice([-1, 1], size) + _beside_zero(rng, size))


@family("ReLU network", Kind.KINK)
def _relu_network(rng: Generator, size: int) -> Problem:
    p = 4
    M = max(1, size // (p + 2))
    X, y = rng.normal(size=(10, p)), rng.normal(size=10)

    def f(w: tuple[Any, ...]) -> Any:
        alpha, bias, beta = w
        return anp.sum((y - anp.maximum(X @ alpha.T + bias, 0) @ beta) ** 2)

    params = (rng.normal(size=(M, p)), rng.normal(size=M), rng.normal(size=M) / np.sqrt(M))
    return Problem(f, lambda w: by_autograd(f)(w), params)


@family("the largest of them", Kind.KINK, most=1_000)
def _largest(rng: Generator, size: int) -> Problem:
    def gradient(w: np.ndarray) -> np.ndarray:
        return (np.arange(w.size) == w.argmax()).astype(float)

    return Problem(np.max, gradient, rng.normal(size=size))


# --- answers in coarse steps --------------------------------------------------------------


def _tanh_square(w: Any) -> Any:
    return (np.tanh(w) ** 2).sum()


def _its_gradient(w: Any) -> Any:
    return 2 * np.tanh(w) / np.cosh(w) ** 2


@family("a result in float32", Kind.COARSE, most=300)
def _float32_result(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: np.float32(_tanh_square(w)), _its_gradient, rng.normal(size=size))


@family("float32 inside", Kind.COARSE, most=300)
def _float32_inside(rng: Generator, size: int) -> Problem:
    return Problem(
        lambda w: float(_tanh_square(w.astype(np.float32))), _its_gradient, rng.normal(size=size)
    )


@family("a network in float32", Kind.COARSE, most=300)
def _float32_network(rng: Generator, size: int) -> Problem:
    problem = _network(rng, size)
    single = partial(np.asarray, dtype=np.float32)

    def f(w: list[Any]) -> Any:
        return problem.f([[single(array) for array in layer] for layer in w])

    return Problem(f, problem.gradient, problem.params)


@family("rounded to six digits", Kind.COARSE, most=300)
def _rounded(rng: Generator, size: int) -> Problem:
    return Problem(lambda w: round(float(_tanh_square(w)), 6), _its_gradient, rng.normal(size=size))


@family("a table of sines", Kind.COARSE, most=300)
def _table(rng: Generator, size: int) -> Problem:
    at = np.linspace(-8, 8, 2**16 + 1)

    def f(w: np.ndarray) -> float:
        return float(np.sin(at[np.rint((w + 8) * 2**12).astype(int)]).sum())

    return Problem(f, np.cos, rng.uniform(-3, 3, size))


@family("a solver with a tolerance", Kind.COARSE, most=100)
def _solver(rng: Generator, size: int) -> Problem:
    def f(w: np.ndarray) -> float:
        low, high = np.full_like(w, -10.0), np.full_like(w, 10.0)
        while (high - low).max() > 1e-6:  # bisection for x + x³ = w
            middle = (low + high) / 2
            above = middle + middle**3 > w
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return float(((low + high) / 2).sum())

    def gradient(w: np.ndarray) -> np.ndarray:
        x = w / (1 + abs(w))
        for _ in range(60):
            x = x - (x + x**3 - w) / (1 + 3 * x**2)
        return 1 / (1 + 3 * x**2)

    return Problem(f, gradient, rng.normal(size=size))


@family("a fixed point with a tolerance", Kind.COARSE, most=100)
def _fixed_point(rng: Generator, size: int) -> Problem:
    rate, tolerance = rng.uniform(0.1, 0.9), 10.0 ** rng.uniform(-10, -3)
    M = rng.normal(size=(size, size))
    M *= 0.5 / np.linalg.norm(M, 2)  # |tanh'| is at most 1, so each step comes nearer

    def solved(w: np.ndarray, tolerance: float, most: int = 2_000) -> np.ndarray:
        x = np.zeros_like(w)
        for _ in range(most):
            before, x = x, rate * x + (1 - rate) * (w + M @ np.tanh(x))
            if np.abs(x - before).max() <= tolerance:
                break
        return x

    def gradient(w: np.ndarray) -> np.ndarray:
        x = solved(w, 1e-15)
        return np.linalg.solve(np.eye(size) - (M / np.cosh(x) ** 2).T, 2 * x)

    return Problem(lambda w: (solved(w, tolerance) ** 2).sum(), gradient, rng.normal(size=size))


@family("a table with interpolation", Kind.COARSE, most=300)
def _interpolated(rng: Generator, size: int) -> Problem:
    at = np.linspace(-5, 5, int(10 ** rng.uniform(2, 4)))
    known = np.sin(at)
    return Problem(lambda w: np.interp(w, at, known).sum(), np.cos, rng.uniform(-3, 3, size))


# --- random -------------------------------------------------------------------------------


@family("dropout without a seed", Kind.RANDOM, most=300)
def _dropout(rng: Generator, size: int) -> Problem:
    mask = np.random.default_rng(int(rng.integers(2**32)))
    return Problem(
        lambda w: (w**2 * (mask.random(w.size) < 0.8) / 0.8).sum(),
        lambda w: 2 * w,
        rng.normal(size=size),
    )
