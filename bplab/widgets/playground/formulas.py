"""The formula of each number in the playground's table, with its numbers filled in."""

from collections.abc import Iterable, Iterator, Sequence

from numpy.typing import NDArray

from bplab.activations import Softmax
from bplab.plots import sub
from bplab.widgets.kit.svg import number
from bplab.widgets.playground.model import ExamplePasses, Run

__all__ = ["formulas"]

MOST = 10  # terms of a sum; of more terms only the first are shown
DIGITS = 5
_UP = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def formulas(run: Run, passes: ExamplePasses) -> Iterator[list[str]]:
    """Yield for each row of the table a formula for each of its numbers, as in ``2·3 − 1 = 5``."""
    *alphas, beta = run.weights
    depth = len(alphas)
    up = [f"⁽{str(d).translate(_UP)}⁾" if depth > 1 else "" for d in range(1, depth + 1)]
    below, letter = passes.x, "x"
    yield [f"x{sub(i)} = {_n(x)}, data" for i, x in enumerate(below, 1)]
    for d, (alpha, sigma) in enumerate(zip(alphas, run.sigmas, strict=True)):
        yield _weighted(f"a{{}}{up[d]} = bias + Σ α·{letter}", alpha, below, passes.A[d])
        yield _applied(f"z{{}}{up[d]} = σ(a{{}})", f"{sigma.name}", passes.A[d], passes.Z[d])
        below, letter = passes.Z[d], f"z{up[d]}"
    yield _weighted(f"t{{}} = bias + Σ β·{letter}", beta, below, passes.T)
    if isinstance(run.g, Softmax):
        powers = [f"e^({_n(t)})" for t in passes.T]
        whole = _sum(powers)
        yield [
            f"f{sub(k)} = e^t{sub(k)} / Σ e^t = {power} / ({whole}) = {_n(f)}"
            for k, (power, f) in enumerate(zip(powers, passes.F, strict=True), 1)
        ]
    else:
        yield _applied("f{} = g(t{})", run.g.name, passes.T, passes.F)
    yield [f"y{sub(k)} = {_n(y)}, data" for k, y in enumerate(passes.Y, 1)]
    squares = [f"({_minus(y, f)})²" for y, f in zip(passes.Y, passes.F, strict=True)]
    yield [f"R = Σ (y − f)² = {_sum(squares)} = {_n(passes.loss)}"]
    residual = -2 * (passes.Y - passes.F)
    yield [
        f"−2 (y{sub(k)} − f{sub(k)}) = −2·({_minus(y, f)}) = {_n(r)}"
        for k, (y, f, r) in enumerate(zip(passes.Y, passes.F, residual, strict=True), 1)
    ]
    if isinstance(run.g, Softmax):
        jacobian = run.g.jacobian(passes.T[None])[0]
        yield [
            f"δ{sub(k)} = Σ residual·∂f/∂t{sub(k)} = {_sum(_products(residual, column))} = {_n(d)}"
            for k, (column, d) in enumerate(zip(jacobian.T, passes.delta, strict=True), 1)
        ]
    else:
        slope = run.g.derivative(passes.T)
        yield _applied("g'(t{})", f"{run.g.name}'", passes.T, slope)
        yield [
            f"δ{sub(k)} = residual·g'(t{sub(k)}) = {product} = {_n(d)}"
            for k, (product, d) in enumerate(
                zip(_products(residual, slope), passes.delta, strict=True), 1
            )
        ]
    above, weights, name = passes.delta, beta, "δ·β"
    for d in reversed(range(depth)):
        yield _applied(f"σ'(a{{}}{up[d]})", f"{run.sigmas[d].name}'", passes.A[d], passes.slopes[d])
        yield [
            f"s{sub(m)}{up[d]} = (Σ {name})·σ'(a{sub(m)}) = "
            f"({_sum(_products(above, column))})·{_factor(slope)} = {_n(s)}"
            for m, (column, slope, s) in enumerate(
                zip(weights[:, 1:].T, passes.slopes[d], passes.s[d], strict=True), 1
            )
        ]
        above, weights, name = passes.s[d], alphas[d], f"s{up[d]}·α{up[d]}"


def _weighted(name: str, weights: NDArray, below: NDArray, values: NDArray) -> list[str]:
    """Return formulas of a bias plus weights times the values of the layer below."""
    return [
        f"{name.format(sub(m))} = {_sum([_n(row[0]), *_products(row[1:], below)])} = {_n(value)}"
        for m, (row, value) in enumerate(zip(weights, values, strict=True), 1)
    ]


def _applied(name: str, function: str, at: NDArray, values: NDArray) -> list[str]:
    """Return formulas of a function applied to each number."""
    return [
        f"{name.replace('{}', sub(m))} = {function}({_n(a)}) = {_n(value)}"
        for m, (a, value) in enumerate(zip(at, values, strict=True), 1)
    ]


def _products(one: Iterable[float], other: Iterable[float]) -> list[str]:
    return [f"{_n(a)}·{_factor(b)}" for a, b in zip(one, other, strict=True)]


def _sum(terms: Sequence[str]) -> str:
    """Return a sum of terms; a negative term makes a minus sign."""
    shown = terms[0]
    for term in terms[1:MOST]:
        shown += f" − {term[1:]}" if term.startswith("−") else f" + {term}"
    left = len(terms) - MOST
    return f"{shown} + … ({left} more)" if left > 0 else shown


def _minus(one: float, other: float) -> str:
    return f"{_n(one)} − {_factor(other)}"


def _factor(value: float) -> str:
    """Return a number that follows an operator: in brackets if it is negative."""
    shown = _n(value)
    return f"({shown})" if shown.startswith("−") else shown


def _n(value: float) -> str:
    return number(float(value), DIGITS)
