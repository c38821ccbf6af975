"""The quantities of the derivation that may occur on the way to an answer, for one case.

A gradient is a sum of products of the residual, the slope of the output function, a weight, the
slope of the hidden units and an input. Code may take these factors in any order, and sum over an
index as soon as all factors with that index are there. So besides the named quantities, every
product of some of the factors is here, and every sum of it that may come early, with its partial
sums.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from bplab.activations import Softmax
from bplab.activations import sigmoid as the_sigmoid
from bplab.activations import tanh as the_tanh
from bplab.exercises.judging import right_answers
from bplab.exercises.quantities import Passes, Quantity, named
from bplab.exercises.task import Case, Exercise

__all__ = ["quantities"]

Array = np.ndarray


def quantities(exercise: Exercise[Any], case: Case) -> list[Quantity]:
    """Return the quantities that may occur on the way to the answer to a case."""
    given = case.arguments(exercise.arguments)
    found = [one for one in named(exercise, case) if one.family]
    found += [*_given(given), *_answers(exercise, case)]
    if exercise.id == "softmax":
        found += _of_softmax(given["t"])
    elif exercise.notebook == "section_4":
        found += _of_activation(given["x"], given.get("alpha"))
    elif passes := Passes.of(case):
        found += _of_network(passes)
    found = [one for one in found if one.array.size and np.isfinite(one.array).all()]
    right = [(one.array, float(np.linalg.norm(one.array))) for one in found if not one.fault]
    return [one for one in found if not one.fault or not _among(one.array, right)]


def _among(array: Array, others: Sequence[tuple[Array, float]]) -> bool:
    """Whether an array equals one of others up to a simple factor; each of these has its norm."""
    size = float(np.linalg.norm(array))
    return any(
        array.shape == other.shape
        and abs(size - abs(factor) * norm) <= 1e-6 * (size + norm) + 1e-9  # quick to rule out
        and np.allclose(array, factor * other, rtol=1e-9, atol=1e-12)
        for other, norm in others
        for factor in (1, -1, 2, -2, 0.5, -0.5)
    )


def _given(given: dict[str, Any]) -> Iterator[Quantity]:
    for name, value in given.items():
        items = value if isinstance(value, (list, tuple)) else [value]
        for item in items:
            if isinstance(item, (np.ndarray, float)):
                array = np.asarray(item, float)
                yield Quantity(f"given {name}", array)
                if array.ndim == 2 and array.shape[1] > 1:
                    yield Quantity(f"given {name}", array[:, 1:])
                    yield Quantity(f"given {name}", _with_ones(array))


def _answers(exercise: Exercise[Any], case: Case) -> Iterator[Quantity]:
    (right,) = right_answers(exercise, [case])
    for part, array in zip(exercise.arrays(case), right, strict=True):
        of = f"answer {part.name.partition('[')[0]}"
        yield Quantity(of, np.asarray(array), f"{part.name.partition('[')[0]}, the answer")
        if part.has_bias:
            yield Quantity(f"{of}, weights", array[:, 1:])


# --- networks -----------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Factor:
    """A factor of a gradient, with a letter for each of its axes."""

    name: str
    array: Array
    axes: str


def _with_ones(array: Array) -> Array:
    return np.column_stack([np.ones(len(array)), array])


def _of_network(of: Passes) -> Iterator[Quantity]:
    yield from _forward(of.inputs, [*of.alphas, of.beta], [*of.Z, of.F])
    yield from _loss(of.Y, of.F)
    yield from _output(of)
    to_delta = [_Factor("residual", of.Y - of.F, "nk"), _Factor("slope of g", _slope(of), "nk")]
    if isinstance(of.g, Softmax):
        to_delta = [_Factor("delta", of.delta, "nk")]
    yield Quantity("sums to bias", np.cumsum(of.delta, axis=0))
    yield from _gradient(to_delta, of.Z[-1])
    for d, (sigma, (weights, delta)) in enumerate(zip(of.sigmas, of.above, strict=True)):
        yield from _of_known(sigma, of.Z[d])
        yield Quantity("sent back, bias too", delta @ weights)
        last = d == len(of.sigmas) - 1
        sent = to_delta if last else [_Factor("delta", delta, "nk")]
        yield from _through(sent, weights, sigma.derivative(of.A[d]), of.inputs[d])
        yield Quantity("sums to bias", np.cumsum(of.s[d], axis=0))
        yield from _gradient([_Factor("s", of.s[d], "nk")], of.inputs[d])


def _slope(of: Passes) -> Array:
    return np.ones_like(of.T) if isinstance(of.g, Softmax) else of.g.derivative(of.T)


def _of_known(activation: object, value: Array) -> Iterator[Quantity]:
    """Yield the quantities between the value of a sigmoid or tanh and its slope."""
    if activation is the_sigmoid:
        yield Quantity("1 − value", 1 - value)
        yield Quantity("value squared", value**2)
    if activation is the_tanh:
        yield Quantity("value squared", value**2)


def _forward(
    inputs: Sequence[Array], weights: Sequence[Array], out: Sequence[Array]
) -> Iterator[Quantity]:
    for x, w, z in zip(inputs, weights, out, strict=True):
        terms = w[None, :, :] * _with_ones(x)[:, None, :]
        yield Quantity("inputs with ones", _with_ones(x))
        yield Quantity("weights", w[:, 1:])
        yield Quantity("weights", w)
        yield Quantity("terms of a", terms)
        yield Quantity("terms of a, no bias", terms[:, :, 1:])
        yield Quantity("sum to a, no bias", np.cumsum(terms[:, :, 1:], axis=2))
        yield Quantity("sum to a", np.cumsum(terms, axis=2))
        yield Quantity("outputs of a layer", _with_ones(z))


def _loss(Y: Array, F: Array) -> Iterator[Quantity]:
    squares = (Y - F) ** 2
    yield Quantity("sum to R(i)", np.cumsum(squares, axis=1))
    yield Quantity("sum to R", np.cumsum(squares.sum(axis=1)))
    yield Quantity("sum to R", np.cumsum(squares))
    yield Quantity("sum over examples", np.cumsum(squares, axis=0))
    yield Quantity("products of errors", (Y - F).T @ (Y - F))
    yield Quantity("root of R", np.sqrt(squares.sum()))


def _output(of: Passes) -> Iterator[Quantity]:
    F, residual = of.F, -2 * (of.Y - of.F)
    if not isinstance(of.g, Softmax):
        yield from _of_known(of.g, F)
        return
    terms, weighed = residual[:, :, None] * of.g.jacobian(of.T), F * residual
    mean = weighed.sum(axis=1, keepdims=True)
    yield Quantity("outer F", F[:, :, None] * F[:, None, :])
    yield Quantity("F on a diagonal", np.einsum("nk,kl->nkl", F, np.eye(F.shape[1])))
    yield Quantity("1 − value", 1 - F)
    yield Quantity("terms of delta", terms)
    yield Quantity("sum to delta", np.cumsum(terms, axis=1))
    yield Quantity("F times residual", weighed)
    yield Quantity("mean residual", mean)
    yield Quantity("sum to mean residual", np.cumsum(weighed, axis=1))
    yield Quantity("residual less mean", residual - mean)


def _products(factors: Sequence[_Factor]) -> Iterator[tuple[tuple[_Factor, ...], Array, str]]:
    """Yield every product of some of the factors: these factors, the array, its axes as letters."""
    order = "".join(dict.fromkeys("".join(one.axes for one in factors)))
    for count in range(1, len(factors) + 1):
        for some in combinations(factors, count):
            axes = "".join(c for c in order if any(c in one.axes for one in some))
            by = ",".join(one.axes for one in some)
            yield some, np.einsum(f"{by}->{axes}", *(one.array for one in some)), axes


def _summed(factors: Sequence[_Factor], over: Sequence[str]) -> Iterator[Quantity]:
    """Yield every product of some of the factors, and those sums of it that may come early."""
    for some, product, axes in _products(factors):
        names = " · ".join(one.name for one in some)
        if len(some) > 1:
            yield Quantity(names, product)
        for letters in over:
            early = all(
                one in some for one in factors for letter in letters if letter in one.axes
            ) and all(letter in axes for letter in letters)
            if not early:
                continue
            *first, last = (axes.index(letter) for letter in letters)
            summed = product.sum(axis=tuple(first)) if first else product
            last -= sum(axis < last for axis in first)
            yield Quantity(f"sum over {letters} of {names}", summed.sum(axis=last))
            yield Quantity(f"sums over {letters} of {names}", np.cumsum(summed, axis=last))
            if first:
                once = product.sum(axis=axes.index(letters[1]))
                at = axes.replace(letters[1], "").index(letters[0])
                yield Quantity(f"sums over {letters} of {names}", np.cumsum(once, axis=at))


def _gradient(delta: Sequence[_Factor], inputs: Array) -> Iterator[Quantity]:
    for inputs_, axis in ((inputs, ""), (_with_ones(inputs), " with ones")):
        yield from _summed([*delta, _Factor(f"inputs{axis}", inputs_, "np")], ["n"])


def _through(
    delta: Sequence[_Factor], weights: Array, slope: Array, inputs: Array
) -> Iterator[Quantity]:
    below = [_Factor("weight", weights[:, 1:], "km"), _Factor("slope", slope, "nm")]
    for inputs_ in (inputs, _with_ones(inputs)):
        factors = [*delta, *below, _Factor("input", inputs_, "np")]
        yield from _summed(factors, ["k", "n", "kn"])


# --- activations --------------------------------------------------------------------------


def _of_activation(x: Array, alpha: float | None) -> Iterator[Quantity]:
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        plus, minus, less = np.exp(x), np.exp(-x), np.exp(-np.abs(x))
        sigma, tanh = np.where(x < 0, less, 1) / (1 + less), np.tanh(x)
        found = {
            "|x|": np.abs(x),
            "0 where x is negative": np.maximum(x, 0),
            "0 where x is positive": np.minimum(x, 0),
            "e to the power of x where it is negative": np.exp(np.minimum(x, 0)),
            "1 + eˣ": 1 + plus,
            "1 + e to the power of −|x|": 1 + less,
            "eˣ − 1": np.expm1(x),
            "eˣ − 1 where x is negative": np.expm1(np.minimum(x, 0)),
            "eˣ − e⁻ˣ": plus - minus,
            "eˣ + e⁻ˣ": plus + minus,
            "e²ˣ": np.exp(2 * x),
            "e²ˣ + 1": np.exp(2 * x) + 1,
            "e²ˣ − 1": np.exp(2 * x) - 1,
            "e⁻²ˣ": np.exp(-2 * x),
            "σ": sigma,
            "1 − σ": 1 - sigma,
            "σ²": sigma**2,
            "σ(1 − σ)": sigma * (1 - sigma),
            "tanh": tanh,
            "tanh²": tanh**2,
            "1 − tanh²": 1 - tanh**2,
            "1 − tanh": 1 - tanh,
            "1 + tanh": 1 + tanh,
            "tanh(x / 2)": np.tanh(x / 2),
            "1 + tanh(x / 2)": 1 + np.tanh(x / 2),
            "cosh": np.cosh(x),
            "1 divided by 1 + e to the power of −|x|": 1 / (1 + less),
            "what belongs to it": less / (1 + less),
        }
        if alpha is not None:
            found |= {
                "αx": alpha * x,
                "1 − α": np.asarray(1 - alpha),
                "(1 − α) where x is positive": (1 - alpha) * (x > 0),
                "f + α": np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))) + alpha,
                "α where x is negative": alpha * np.expm1(np.minimum(x, 0)),
                "α(eˣ − 1)": alpha * np.expm1(x),
                "αeˣ": alpha * plus,
                "αeˣ where x is negative": alpha * np.exp(np.minimum(x, 0)),
            }
    for name, array in found.items():
        yield Quantity(name, array)


def _of_softmax(t: Array) -> Iterator[Quantity]:
    t = np.asarray(t, float)
    largest = t.max(axis=1, keepdims=True)
    powers = np.exp(t - largest)
    f = powers / powers.sum(axis=1, keepdims=True)
    yield Quantity("largest", largest)
    yield Quantity("sums to total", np.cumsum(powers, axis=1))
    yield Quantity("f(1 − f)", f * (1 - f))
    yield Quantity("f²", f**2)
    yield Quantity("outer f", f[:, :, None] * f[:, None, :])
    yield Quantity("f on a diagonal", np.einsum("nk,kl->nkl", f, np.eye(f.shape[1])))
    yield Quantity("1 on the diagonal less f", np.eye(f.shape[1]) - f[:, None, :])
