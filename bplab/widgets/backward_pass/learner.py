"""The learner's own functions, compared with the reference: where they agree and where not."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.errors import InputError
from bplab.languages import english
from bplab.learner import Careful, LearnerError, array_of, finite, parts_of
from bplab.widgets.backward_pass.model import Pass, Step

__all__ = ["Mine", "Opinion", "checked_functions", "compare"]

SECONDS = 2  # a call that takes longer is stopped
GRADIENT = "gradient with respect to"
RELATIVE, ABSOLUTE = 1e-6, 1e-9

Quantity = tuple[str, int]
"""``"delta"`` or ``"gradient"``, and a layer."""


class Opinion(NamedTuple):
    """The value that one of the learner's functions gives for a quantity, and where it is wrong."""

    function: str
    value: NDArray
    wrong: NDArray


class Mine(NamedTuple):
    """The values that the learner's functions give.

    ``opinions`` has a list for every delta and gradient that some function computes. ``failed`` has
    a sentence for each function that failed. ``idle`` has the names of the functions that cannot be
    used with this network.
    """

    opinions: dict[Quantity, list[Opinion]]
    failed: dict[str, str]
    idle: tuple[str, ...]

    def at(self, step: Step) -> list[Opinion]:
        """Return the functions' values for the quantity that a step computes."""
        return self.opinions.get((step.kind.split()[-1], step.layer), [])


def checked_functions(functions: Mapping[str, Any]) -> dict[str, Callable]:
    """Return the functions, if all have names that the panel knows.

    Raises
    ------
    ValueError
        If a name is not known, or something is not a function.
    """
    for name, function in functions.items():
        if name not in _FUNCTIONS:
            raise InputError(
                f"the panel knows {', '.join(_FUNCTIONS)}; it does not know {name!r}: give your "
                "own functions by their names in the course, as in hidden_delta=hidden_delta"
            )
        if not callable(function):
            raise InputError(f"{name} must be a function; got {type(function).__name__}")
    return dict(functions)


def compare(functions: Mapping[str, Callable], network: Pass) -> Mine:
    """Call each of the learner's functions with the reference's values, and compare the results.

    The arguments are the reference's so that a mistake in one function does not make the next one
    look wrong.
    """
    opinions: dict[Quantity, list[Opinion]] = {}
    failed, idle = {}, []
    for name, function in functions.items():
        if name in _ONE_HIDDEN_LAYER and network.depth > 1:
            idle.append(name)
            continue
        try:
            answers = list(_FUNCTIONS[name](_Mine(function, name), network))
        except LearnerError as problem:
            failed[name] = english(problem)
            continue
        for kind, layer, value in answers:
            right = getattr(network, kind)[layer - 1]
            wrong = abs(value - right) > ABSOLUTE + RELATIVE * abs(right)
            opinions.setdefault((kind, layer), []).append(Opinion(name, value, wrong))
    return Mine(opinions, failed, tuple(idle))


Answers = Iterable[tuple[str, int, NDArray]]


class _Mine(Careful):
    """A learner's function, called with one example: vectors become matrices with one row."""

    def __init__(self, function: Callable, name: str):
        super().__init__(function, name, given="its arguments", seconds=SECONDS)

    def __call__(self, *arguments: Any) -> Any:
        return super().__call__(*map(_as_batch, arguments))


def _as_batch(argument: Any) -> Any:
    """Return a vector as a matrix with one row, and a tuple as a list of parts treated likewise."""
    if isinstance(argument, tuple):
        return [_as_batch(part) for part in argument]
    return np.atleast_2d(argument) if isinstance(argument, np.ndarray) else argument


def _array(answer: object, what: str, right: NDArray, *, row: bool = False) -> NDArray:
    array = finite(array_of(answer, what, (1, *right.shape) if row else right.shape), what)
    return array[0] if row else array


def _output_delta(f: _Mine, n: Pass) -> Answers:
    """``output_delta(Y, T, F, g)``."""
    answer = f(n.y, n.a[-1], n.z[-1], n.g)
    yield "delta", n.depth + 1, _array(answer, "output_delta", n.delta[-1], row=True)


def _backward_output(f: _Mine, n: Pass) -> Answers:
    """``backward_output(Y, A, Z, T, F, g)`` gives delta and the gradient with respect to beta."""
    answer = f(n.y, n.a[-2], n.z[-2], n.a[-1], n.z[-1], n.g)
    delta, by_beta = parts_of(answer, f.what, ("delta", f"the {GRADIENT} beta"))
    yield "delta", n.depth + 1, _array(delta, "delta", n.delta[-1], row=True)
    yield "gradient", n.depth + 1, _array(by_beta, f"{GRADIENT} beta", n.gradient[-1])


def _grad_beta(f: _Mine, n: Pass) -> Answers:
    """``grad_beta(Y, A, Z, T, F, g)``."""
    answer = f(n.y, n.a[-2], n.z[-2], n.a[-1], n.z[-1], n.g)
    yield "gradient", n.depth + 1, _array(answer, f.what, n.gradient[-1])


def _grad_alpha(f: _Mine, n: Pass) -> Answers:
    """``grad_alpha(X, Y, A, Z, T, F, beta, sigma, g)``."""
    given = (n.z[0], n.y, n.a[0], n.z[1], n.a[1], n.z[2], n.weights[1], n.sigmas[0], n.g)
    yield "gradient", 1, _array(f(*given), f.what, n.gradient[0])


def _backward_hidden(f: _Mine, n: Pass) -> Answers:
    """``backward_hidden(X, A, Z, delta, beta, sigma)``."""
    answer = f(n.z[0], n.a[0], n.z[1], n.delta[1], n.weights[1], n.sigmas[0])
    yield "gradient", 1, _array(answer, f.what, n.gradient[0])


def _weight_gradient(f: _Mine, n: Pass) -> Answers:
    """``weight_gradient(delta, inputs)``, called for every layer."""
    for layer in range(n.depth + 1, 0, -1):
        answer = f(n.delta[layer - 1], n.z[layer - 1])
        yield "gradient", layer, _array(answer, f.what, n.gradient[layer - 1])


def _grad_last_hidden(f: _Mine, n: Pass) -> Answers:
    """``grad_last_hidden(inputs, A, delta, beta, sigma)``."""
    answer = f(n.z[-3], n.a[-2], n.delta[-1], n.weights[-1], n.sigmas[-1])
    yield "gradient", n.depth, _array(answer, f.what, n.gradient[-2])


def _hidden_delta(f: _Mine, n: Pass) -> Answers:
    """``hidden_delta(delta, weights, A, sigma)``, called for every hidden layer."""
    for layer in range(n.depth, 0, -1):
        above = n.delta[layer], n.weights[layer]
        answer = f(*above, n.a[layer - 1], n.sigmas[layer - 1])
        yield "delta", layer, _array(answer, f.what, n.delta[layer - 1], row=True)


def _hidden_deltas(f: _Mine, n: Pass) -> Answers:
    """``hidden_deltas(delta, alphas, beta, A, sigmas)`` gives s of every hidden layer."""
    *alphas, beta = n.weights
    answer = f(n.delta[-1], tuple(alphas), beta, n.a[:-1], n.sigmas)
    names = [f"s of layer {d}" for d in range(1, n.depth + 1)]
    for d, (name, s) in enumerate(zip(names, parts_of(answer, f.what, names), strict=True)):
        yield "delta", d + 1, _array(s, name, n.delta[d], row=True)


def _backward(f: _Mine, n: Pass) -> Answers:
    """``backward(X, Y, alphas, beta, sigmas, g)`` gives all gradients."""
    *alphas, beta = n.weights
    answer = f(n.z[0], n.y, tuple(alphas), beta, n.sigmas, n.g)
    both = parts_of(answer, f.what, (f"the {GRADIENT} each alpha", f"the {GRADIENT} beta"))
    names = [f"the {GRADIENT} alphas[{d}]" for d in range(n.depth)]
    parts = parts_of(both[0], f"first part of {f.what}", names)
    for d, part in enumerate(parts):
        yield "gradient", d + 1, _array(part, f"{GRADIENT} alphas[{d}]", n.gradient[d])
    yield "gradient", n.depth + 1, _array(both[1], f"{GRADIENT} beta", n.gradient[-1])


_FUNCTIONS: dict[str, Callable[[_Mine, Pass], Answers]] = {
    function.__name__.removeprefix("_"): function
    for function in (
        _output_delta,
        _backward_output,
        _grad_beta,
        _grad_alpha,
        _backward_hidden,
        _weight_gradient,
        _grad_last_hidden,
        _hidden_delta,
        _hidden_deltas,
        _backward,
    )
}
_ONE_HIDDEN_LAYER = ("grad_alpha", "backward_hidden")
"""Functions of sections 2.1 and 2.2, which are for one hidden layer only."""
