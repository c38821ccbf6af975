"""Networks small enough to be worked out by hand, and the arguments of an exercise's function.

Their numbers are small, and most of them whole; their sizes are small as well. The stored values of
a forward pass come from the reference.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from bplab import layers
from bplab.activations import Activation, Output, identity, leaky_relu, relu, sigmoid, softmax, tanh
from bplab.exercises.review.item import Table
from bplab.exercises.task import Exercise
from bplab.learner import copied

__all__ = ["Values", "answer", "arguments", "given", "names", "setting"]

Array = np.ndarray
Values = Mapping[str, Any]

BY_HAND: tuple[Activation, ...] = (identity, relu, leaky_relu(0.5))
"""Activations whose values and slopes are easy: whole numbers, or at most halves."""

LARGEST = 20
"""The largest absolute value of a pre-activation."""

SMOOTH: tuple[Activation, ...] = (sigmoid, tanh)

WITH_SOFTMAX = frozenset({"eq8", "eq9", "eq10", "eq11"})
ANY_G = frozenset({"output", "eq13", "eq18"})
DEEP = frozenset({"eq17", "eq18"})

_FUNCTIONS: dict[str, Callable[[Array], float]] = {
    "f(w) = w₁² + 3 w₂": lambda w: float(w[0] ** 2 + 3 * w[1]),
    "f(w) = w₁ w₂": lambda w: float(w[0] * w[1]),
    "f(w) = w₁² − w₂²": lambda w: float(w[0] ** 2 - w[1] ** 2),
    "f(w) = 2 w₁ + w₂³": lambda w: float(2 * w[0] + w[1] ** 3),
}


def arguments(exercise: Exercise[Any], rng: np.random.Generator, *, by_hand: bool) -> Values | None:
    """Return the arguments of the exercise's function, by name, with others that explanations need.

    None where an argument cannot be shown as numbers, such as the function in `one-epoch`, and
    where no suitable numbers are found.

    Parameters
    ----------
    by_hand : bool
        Whether everything has to be worked out without a calculator.
    """
    if exercise.id == "numerical-gradient":
        name = str(rng.choice(list(_FUNCTIONS)))
        return {"f": _FUNCTIONS[name], "params": _whole(rng, 2), "written": name}
    if exercise.id == "confusion":
        K, N = 3, int(rng.integers(4, 7))
        return {"actual": rng.integers(0, K, N), "predicted": rng.integers(0, K, N), "K": K}
    if exercise.notebook == "section_4":
        if exercise.id == "softmax":
            return {"t": np.log(rng.permutation([1.0, 2.0, 5.0]))[None]} if not by_hand else None
        x = rng.permutation(np.array([-2.0, -1.0, 0.5, 1.0, 3.0]))[:3]
        return {"x": x, "alpha": 0.5}
    if exercise.id == "eq12":
        shape = int(rng.integers(1, 3)), int(rng.integers(2, 4))
        weights, gradient = _whole(rng, *shape), 10.0 * _whole(rng, *shape)
        return {"weights": weights, "gradient": gradient, "gamma": 0.1}
    if exercise.id == "one-epoch":
        return None
    return _network(exercise, rng, by_hand)


def _network(exercise: Exercise[Any], rng: np.random.Generator, by_hand: bool) -> Values | None:
    """Return the arguments of an exercise on a network."""
    now_and_then = exercise.id in ANY_G and not by_hand and rng.integers(4) == 0
    shares = exercise.id in WITH_SOFTMAX or now_and_then
    N, p, M, K = (int(rng.integers(low, high)) for low, high in ((1, 3), (1, 3), (2, 4), (1, 3)))
    if shares:
        if by_hand:
            return None
        K = max(K, 2)
    D = 2 if exercise.id in DEEP else 1
    choice = BY_HAND if by_hand or rng.integers(4) else SMOOTH
    sigmas = [choice[rng.integers(len(choice))] for _ in range(D)]
    g: Output = softmax if shares else choice[rng.integers(len(choice))]
    widths = [p, *(M - d for d in range(D))]
    for _ in range(20):  # until no unit sits on a kink, and no two examples are equal
        scale = 1.0 if choice is BY_HAND else 0.5
        alphas = [scale * _whole(rng, m, n + 1) for n, m in pairwise(widths)]
        beta = scale * _whole(rng, K, widths[-1] + 1)
        X, Y = scale * _whole(rng, N, p), _whole(rng, N, K)
        if shares:
            Y = np.eye(K)[rng.integers(0, K, N)]
        A, Z, T, F = layers.forward(X, alphas, beta, sigmas, g)
        before = np.concatenate([array.ravel() for array in (*A, T)])
        if len(np.unique(X, axis=0)) == N and before.all() and np.abs(before).max() <= LARGEST:
            break
    else:
        return None
    delta = layers.output_delta(Y, T, F, g)
    deep = exercise.id in DEEP
    return {
        **{"X": X, "Y": Y, "beta": beta, "g": g, "T": T, "F": F, "delta": delta, "gamma": 0.1},
        **{
            "alpha": alphas[0],
            "alphas": tuple(alphas),
            "sigma": sigmas[0],
            "sigmas": tuple(sigmas),
        },
        **{"A": tuple(A) if deep else A[0], "Z": Z[0]},
        # section 3's names for one layer of many
        **{"inputs": Z[0] if exercise.id == "eq14" else X, "weights": beta},
    }


def _whole(rng: np.random.Generator, *shape: int) -> Array:
    """Return whole numbers from −2 to 3 without 0: a product with 0 hides its other factor."""
    return rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], shape)


def answer(
    exercise: Exercise[Any], function: Callable[..., Any], values: Values
) -> list[Array] | None:
    """Return the arrays of a function's answer; None if it raises, or they are not numbers."""
    try:
        with np.errstate(all="ignore"):
            found = function(*(copied(values[name]) for name in exercise.arguments))
    except Exception:
        return None
    arrays: list[Array] = []
    for part in found if isinstance(found, (tuple, list)) else (found,):
        for array in part if isinstance(part, (tuple, list)) else (part,):
            numbers = np.asarray(array)
            if numbers.dtype.kind not in "fiu":
                return None
            arrays.append(numbers.astype(float))
    return arrays


def names(exercise: Exercise[Any], values: Values) -> list[str]:
    """Return the names of an answer's arrays."""
    depth = len(values["alphas"]) if "alphas" in values else 1
    found = []
    for part in exercise.parts:
        found += [f"{part.name}[{d}]" for d in range(depth)] if part.layered else [part.name]
    return found


def given(exercise: Exercise[Any], values: Values) -> tuple[Table, ...]:
    """Return the tables of the function's arguments, and of the slopes that it needs."""
    tables: list[Table] = []
    for name in exercise.arguments:
        value = values[name]
        if isinstance(value, tuple) and isinstance(value[0], np.ndarray):
            tables += [Table(f"{name}[{d}]", array) for d, array in enumerate(value)]
        elif isinstance(value, (np.ndarray, float, int)):
            tables.append(Table(name, np.asarray(value, float)))
    if exercise.notebook in ("section_2_1", "section_2_2", "section_3") and exercise.id != "eq18":
        if "sigmas" in exercise.arguments:
            pairs = zip(values["sigmas"], values["A"], strict=True)
            tables += [Table(f"σ′(A[{d}])", s.derivative(a)) for d, (s, a) in enumerate(pairs)]
        elif "sigma" in exercise.arguments:
            tables.append(Table("σ′(A)", values["sigma"].derivative(values["A"])))
        if "g" in exercise.arguments and values["g"] is not softmax:
            tables.append(Table("g′(T)", values["g"].derivative(values["T"])))
    return tuple(tables)


def setting(exercise: Exercise[Any], values: Values) -> str:
    """Return a sentence on the functions among the arguments; empty where there are none."""
    said = []
    if "f" in exercise.arguments:
        said.append(values["written"])
    if "sigma" in exercise.arguments:
        said.append(f"σ is {_called(values['sigma'])}")
    if "sigmas" in exercise.arguments:
        said += [f"σ[{d}] is {_called(s)}" for d, s in enumerate(values["sigmas"])]
    if "g" in exercise.arguments:
        said.append(f"g is {_called(values['g'])}")
    return f"{'; '.join(said)}." if said else ""


def _called(function: Output) -> str:
    name = repr(function)
    return {"identity": "the identity", "relu": "ReLU", "sigmoid": "the sigmoid"}.get(
        name, "the leaky ReLU with slope 0.5" if name.startswith("leaky") else name
    )
