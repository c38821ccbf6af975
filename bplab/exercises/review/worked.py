"""How one entry of an answer is worked out: in words, with the numbers filled in."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from bplab import layers
from bplab.activations import Activation, Output
from bplab.exercises.review.item import Array, shown
from bplab.exercises.review.small import Values
from bplab.exercises.task import Exercise

__all__ = ["EXERCISES", "worked"]

EXERCISES = (
    *("hidden", "output", "eq2", "eq1", "eq4", "eq5", "eq6", "eq7", "eq12", "eq13", "eq14", "eq15"),
    *("eq16", "relu", "leaky-relu", "confusion"),
)
"""Exercises whose numbers can be worked out in words."""

Index = tuple[int, ...]


def worked(exercise: Exercise[Any], values: Values, part: int, index: Index) -> str:
    """Return how an entry is worked out: sentences that end with its value; empty if not known.

    Parameters
    ----------
    exercise : Exercise
    values : mapping
        What `arguments` returned.
    part : int
        Which array of the answer.
    index : tuple of int
    """
    match exercise.id:
        case "hidden":
            return _applied(values["X"], values["alpha"], values["sigma"], index)
        case "output" if part == 0:
            return _affine(values["Z"], values["beta"], index)
        case "output":
            return _applied(values["Z"], values["beta"], values["g"], index)
        case "eq2" | "eq1":
            return _loss(values, index)
        case "eq4":
            return _through_delta(values) + _weight(values["delta"], values["Z"], "δ", "z", index)
        case "eq6" if part == 0:
            return _delta(values, index)
        case "eq6":
            return _through_delta(values) + _weight(values["delta"], values["Z"], "δ", "z", index)
        case "eq5":
            return _through_delta(values) + _hidden_weight(values, index)
        case "eq7" | "eq15":
            return _hidden_weight(values, index)
        case "eq14":
            return _weight(values["delta"], values["inputs"], "δ", "z", index)
        case "eq16":
            return _s(values["delta"], values["beta"], values["sigma"], values["A"], index)
        case "eq12":
            return _step(values["weights"][index], values["gradient"][index], values["gamma"])
        case "eq13":
            return _pass(values, part, index)
        case "relu" | "leaky-relu":
            return _bend(exercise.id, values, part, index)
        case "confusion":
            return _counted(values, index)
    return ""


def _affine(inputs: Array, weights: Array, index: Index) -> str:
    i, m = index
    total = layers.affine(inputs, weights)[index]
    terms = [_bracketed(weights[m, 0]), *_products(zip(weights[m, 1:], inputs[i], strict=True))]
    return f"The bias, and the weights times the inputs: {_sum(terms)} = {shown(total)}."


def _applied(inputs: Array, weights: Array, function: Output, index: Index) -> str:
    total = layers.affine(inputs, weights)
    return (
        f"{_affine(inputs, weights, index)} The activation makes of it "
        f"{shown(function(total)[index])}."
    )


def _loss(values: Values, index: Index) -> str:
    Y, F = values["Y"], values["F"]
    rows = Y[index] - F[index] if index else (Y - F).ravel()
    terms = [f"({shown(e)})²" for e in np.atleast_1d(rows)]
    whose = f"Example {index[0] + 1}" if index else "All examples and outputs"
    total = float(np.square(rows).sum())
    return f"{whose}: the squares of y − f, summed: {_sum(terms)} = {shown(total)}."


def _through_delta(values: Values) -> str:
    """Return the words for all of the residual and delta, which are small arrays."""
    D = -2 * (values["Y"] - values["F"])
    return (
        f"Residual −2(y − f): {_rows(D)}. Output delta, the residual times g′: "
        f"{_rows(values['delta'])}. "
    )


def _delta(values: Values, index: Index) -> str:
    D = -2 * (values["Y"] - values["F"])
    slope = values["g"].derivative(values["T"])[index]
    return (
        f"Residual −2(y − f) = {shown(D[index])}, times g′ = {shown(slope)}: "
        f"{shown(values['delta'][index])}."
    )


def _s(delta: Array, beta: Array, sigma: Activation, A: Array, index: Index) -> str:
    i, m = index
    back = (delta @ beta[:, 1:])[index]
    slope = sigma.derivative(A)[index]
    terms = _products(zip(delta[i], beta[:, 1 + m], strict=True))
    return (
        f"Send back to unit {m + 1}, over the outputs: {_sum(terms)} = {shown(back)}. "
        f"Hidden delta, times σ′ = {shown(slope)}: {shown(back * slope)}."
    )


def _hidden_weight(values: Values, index: Index) -> str:
    inputs = values["X"]
    s = layers.hidden_delta(values["delta"], values["beta"], values["A"], values["sigma"])
    return f"Sent back and times σ′, the hidden delta: {_rows(s)}. " + _weight(
        s, inputs, "s", "x", index
    )


def _weight(delta: Array, inputs: Array, of: str, by: str, index: Index) -> str:
    k, m = index
    column = np.ones(len(inputs)) if m == 0 else inputs[:, m - 1]
    terms = _products(zip(delta[:, k], column, strict=True))
    total = float(delta[:, k] @ column)
    what = "1, as for every bias" if m == 0 else f"{by} in column {m}"
    return (
        f"Weight gradient, over the examples, column {k + 1} of {of} times {what}: "
        f"{_sum(terms)} = {shown(total)}."
    )


def _step(weight: float, slope: float, gamma: float) -> str:
    return (
        f"The weight minus γ times its gradient: {shown(weight)} − {shown(gamma)} · "
        f"{_bracketed(slope)} = {shown(weight - gamma * slope)}."
    )


def _pass(values: Values, part: int, index: Index) -> str:
    if part == 1:
        found = layers.weight_gradient(values["delta"], values["Z"])
    else:
        s = layers.hidden_delta(values["delta"], values["beta"], values["A"], values["sigma"])
        found = layers.weight_gradient(s, values["X"])
    name = ("alpha", "beta")[part]
    return (
        f"Forward, F is {_rows(values['F'])}. Output delta: {_rows(values['delta'])}. The gradient "
        f"with respect to this entry of {name} is {shown(found[index])}. "
        f"{_step(values[name][index], found[index], values['gamma'])}"
    )


def _bend(id: str, values: Values, part: int, index: Index) -> str:
    x, left = values["x"][index], 0.0 if id == "relu" else values["alpha"]
    slope = 1.0 if x > 0 else left
    side = "right" if x > 0 else "left"
    if part:
        return f"x = {shown(x)} is {side} of the bend, where the slope is {shown(slope)}."
    value = f"{shown(slope)} · {_bracketed(x)} = {shown(slope * x)}"
    return f"x = {shown(x)} is {side} of the bend, so the value is {value}."


def _counted(values: Values, index: Index) -> str:
    a, b = index
    hits = np.flatnonzero((values["actual"] == a) & (values["predicted"] == b))
    which = f"places {', '.join(str(i + 1) for i in hits)}" if len(hits) else "no place"
    return f"actual {a} and predicted {b} stand together in {which}: {len(hits)}."


def _products(pairs: Iterable[tuple[float, float]]) -> list[str]:
    return [f"{_bracketed(a)} · {_bracketed(b)}" for a, b in pairs]


def _sum(terms: list[str]) -> str:
    return " + ".join(terms)


def _bracketed(value: float) -> str:
    return f"({shown(value)})" if value < 0 else shown(value)


def _rows(array: Array) -> str:
    """Return a matrix in one line, its rows separated by semicolons."""
    return "; ".join(" ".join(map(shown, row)) for row in np.atleast_2d(array))
