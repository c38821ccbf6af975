"""What is right, by derivatives that no formula of the course's was used for.

An answer is written down once, with a place for the instrument by which it is differentiated: by
automatic differentiation (`autograd`) it judges the programs, by central differences with a step h
it is what the rules of other checkers compare with. Nothing here asks bplab what is right, but for
the polynomials and waves of section 0, each of which carries its derivative.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad

__all__ = ["Differentiate", "by_autograd", "central", "expected"]

Array = np.ndarray
Differentiate = Callable[[Callable[[Any], Any], Array], Array]
"""Takes a function of one array that gives one number, and where; returns the derivative."""


def by_autograd(f: Callable[[Any], Any], at: Array) -> Array:
    """Differentiate by `autograd`, in reverse mode."""
    with np.errstate(all="ignore"):
        return grad(f)(np.asarray(at, dtype=float))


def central(h: float) -> Differentiate:
    """Return central differences with the step h, entry by entry."""

    def differentiate(f: Callable[[Any], Any], at: Array) -> Array:
        w = np.array(at, dtype=float)
        slopes = np.zeros_like(w)
        for index in np.ndindex(w.shape):
            here = w[index]
            w[index] = here + h
            ahead = float(f(w))
            w[index] = here - h
            slopes[index] = (ahead - float(f(w))) / (2 * h)
            w[index] = here
        return slopes

    return differentiate


def expected(id: str, case: Any, by: Differentiate = by_autograd) -> tuple[Array, ...]:
    """Return the right answer to a case of an exercise, an array for each part and layer."""
    with np.errstate(all="ignore"):
        return tuple(np.asarray(a, dtype=float) for a in _ANSWERS[id](case, by))


# --- a network ----------------------------------------------------------------------------


def _activation(of: Any) -> Callable[[Any], Any]:
    """The function of an activation's name, written down once more."""
    name, number = re.fullmatch(r"(\w+?)(?:\((.+)\))?", str(of)).groups()
    return _named(name, None if number is None else float(number))


def _named(name: str, a: float | None = None) -> Callable[[Any], Any]:
    return {
        "identity": lambda x: x,
        "sigmoid": lambda x: 0.5 * (1 + anp.tanh(0.5 * x)),
        "tanh": anp.tanh,
        "relu": lambda x: anp.where(x > 0, x, 0.0 * x),
        "leaky_relu": lambda x: anp.where(x > 0, x, a * x),
        "elu": lambda x: anp.where(x > 0, x, a * anp.expm1(anp.where(x > 0, 0.0, x))),
        "softmax": _softmax,
    }[name]


def _softmax(t: Any) -> Any:
    shift = np.max(getattr(t, "_value", t), axis=1, keepdims=True)
    e = anp.exp(t - shift)
    return e / anp.sum(e, axis=1, keepdims=True)


def _layer(inputs: Any, weights: Any) -> Any:
    return anp.dot(inputs, weights[:, 1:].T) + weights[:, 0]


def _squares(Y: Array, F: Any) -> Any:
    return anp.sum((Y - F) ** 2)


def _R(X: Array, Y: Array, weights: Sequence[Any], sigmas: Sequence[Any], g: Any) -> Any:
    """R(θ) of a network of any depth; the last weights are beta."""
    Z = np.asarray(X, dtype=float)
    for alpha, sigma in zip(weights[:-1], sigmas, strict=True):
        Z = _activation(sigma)(_layer(Z, alpha))
    return _squares(Y, _activation(g)(_layer(Z, weights[-1])))


def _gradients(
    X: Array, Y: Array, weights: Sequence[Array], sigmas: Sequence[Any], g: Any, by: Differentiate
) -> list[Array]:
    floats = [np.asarray(w, dtype=float) for w in weights]

    def of(b: int) -> Callable[[Any], Any]:
        return lambda w: _R(X, Y, [*floats[:b], w, *floats[b + 1 :]], sigmas, g)

    return [by(of(b), w) for b, w in enumerate(floats)]


# --- the exercises ------------------------------------------------------------------------


def _hidden(case: Any, by: Differentiate) -> tuple[Array, ...]:
    return (_activation(case.sigma)(_layer(np.asarray(case.X, float), case.alpha)),)


def _output(case: Any, by: Differentiate) -> tuple[Array, ...]:
    T = _layer(case.Z, case.beta)
    return T, _activation(case.g)(T)


def _by_beta(case: Any, by: Differentiate) -> Array:
    g = _activation(case.g)
    return by(lambda beta: _squares(case.Y, g(_layer(case.Z, beta))), case.beta)


def _delta(case: Any, by: Differentiate) -> Array:
    g = _activation(case.g)
    return by(lambda T: _squares(case.Y, g(T)), case.T)


def _by_alpha(case: Any, by: Differentiate) -> tuple[Array, ...]:
    both = [case.alpha, case.beta]
    return (_gradients(case.X, case.Y, both, [case.sigma], case.g, by)[0],)


def _hidden_part(case: Any, by: Differentiate) -> tuple[Array, ...]:
    """Of Σ delta T: delta is what R grows by, for each t."""
    sigma, X = _activation(case.sigma), np.asarray(case.X, dtype=float)
    return (by(lambda a: anp.sum(case.delta * _layer(sigma(_layer(X, a)), case.beta)), case.alpha),)


def _step(case: Any, by: Differentiate) -> tuple[Array, ...]:
    both = [case.alpha, case.beta]
    slopes = _gradients(case.X, case.Y, both, [case.sigma], case.g, by)
    return tuple(w - case.gamma * slope for w, slope in zip(both, slopes, strict=True))


def _weight_gradient(case: Any, by: Differentiate) -> tuple[Array, ...]:
    nowhere = np.zeros((case.delta.shape[1], case.inputs.shape[1] + 1))
    return (by(lambda w: anp.sum(case.delta * _layer(case.inputs, w)), nowhere),)


def _last_hidden(case: Any, by: Differentiate) -> tuple[Array, ...]:
    sigma = _activation(case.sigma)
    nowhere = np.zeros((case.A.shape[1], case.inputs.shape[1] + 1))

    def grown(w: Any) -> Any:
        return anp.sum(case.delta * _layer(sigma(case.A + _layer(case.inputs, w)), case.beta))

    return (by(grown, nowhere),)


def _hidden_delta(case: Any, by: Differentiate) -> tuple[Array, ...]:
    sigma = _activation(case.sigma)
    return (by(lambda A: anp.sum(case.delta * _layer(sigma(A), case.weights)), case.A),)


def _hidden_deltas(case: Any, by: Differentiate) -> tuple[Array, ...]:
    def of(d: int) -> Callable[[Any], Any]:
        def grown(A: Any) -> Any:
            Z = _activation(case.sigmas[d])(A)
            for alpha, sigma in zip(case.alphas[d + 1 :], case.sigmas[d + 1 :], strict=True):
                Z = _activation(sigma)(_layer(Z, alpha))
            return anp.sum(case.delta * _layer(Z, case.beta))

        return grown

    return tuple(by(of(d), A) for d, A in enumerate(case.A))


def _backward(case: Any, by: Differentiate) -> tuple[Array, ...]:
    weights = [*case.alphas, case.beta]
    return tuple(_gradients(case.X, case.Y, weights, case.sigmas, case.g, by))


def _elementwise(name: str) -> Callable[[Any, Differentiate], tuple[Array, ...]]:
    def answer(case: Any, by: Differentiate) -> tuple[Array, ...]:
        f, x = _named(name, case.alpha), np.asarray(case.x, dtype=float)
        # a sum over all entries loses the small ones: each is differentiated by itself
        if by is by_autograd:
            return f(x), by(lambda v: anp.sum(f(v)), x)
        slopes = [by(lambda v: f(v[0]), np.array([v]))[0] for v in x.ravel()]
        return f(x), np.reshape(slopes, x.shape)

    return answer


def _softmax_parts(case: Any, by: Differentiate) -> tuple[Array, ...]:
    t = np.asarray(case.t, dtype=float)
    rows = [
        [by(lambda v, k=k: _softmax(v)[0, k], row[None, :])[0] for k in range(t.shape[1])]
        for row in t
    ]
    return _softmax(t), np.array(rows)


def _epoch(case: Any, by: Differentiate) -> tuple[Array, ...]:
    weights = [np.asarray(w, dtype=float) for w in (*case.alphas, case.beta)]
    sigmas = [case.sigma] * len(case.alphas)
    for start in range(0, len(case.order), case.size):
        batch = case.order[start : start + case.size]
        slopes = _gradients(case.X[batch], case.Y[batch], weights, sigmas, case.g, by)
        weights = [w - case.gamma * slope for w, slope in zip(weights, slopes, strict=True)]
    return tuple(weights)


def _confusion(case: Any, by: Differentiate) -> tuple[Array, ...]:
    times = Counter(zip(case.actual.tolist(), case.predicted.tolist(), strict=True))
    return (np.array([[times[a, b] for b in range(case.K)] for a in range(case.K)]),)


_RULES: dict[str, Callable[[Any], Any]] = {
    "add": lambda w: w[0] + w[1],
    "sub": lambda w: w[0] - w[1],
    "mul": lambda w: w[0] * w[1],
    "div": lambda w: w[0] / w[1],
    "exp": lambda w: anp.exp(w[0]),
    "log": lambda w: anp.log(w[0]),
    "tanh": lambda w: anp.tanh(w[0]),
    "relu": lambda w: anp.where(w[0] > 0, w[0], 0.0 * w[0]),
}


def _reverse_pass(case: Any, by: Differentiate) -> tuple[Array, ...]:
    """Solve for all derivatives at once: each is what comes from the nodes made of it."""
    count = len(case.sources)
    down = np.zeros((count, count))
    for node, (sources, slopes) in enumerate(zip(case.sources, case.slopes, strict=True)):
        for source, slope in zip(sources, slopes, strict=True):
            down[source, node] += slope
    return (np.linalg.solve(np.eye(count) - down, np.eye(count)[case.output]),)


_ANSWERS: dict[str, Callable[[Any, Differentiate], Sequence[Any]]] = {
    "numerical-gradient": lambda case, by: (case.f.gradient(np.asarray(case.params, float)),),
    "hidden": _hidden,
    "output": _output,
    "eq2": lambda case, by: (((case.Y - case.F) ** 2).sum(axis=1),),
    "eq1": lambda case, by: (((case.Y - case.F) ** 2).sum(),),
    **{id: lambda case, by: (_by_beta(case, by),) for id in ("eq4", "eq8")},
    **dict.fromkeys(("eq5", "eq9"), _by_alpha),
    **{id: lambda case, by: (_delta(case, by), _by_beta(case, by)) for id in ("eq6", "eq10")},
    **dict.fromkeys(("eq7", "eq11"), _hidden_part),
    "eq12": lambda case, by: (case.weights - case.gamma * case.gradient,),
    "eq13": _step,
    "eq14": _weight_gradient,
    "eq15": _last_hidden,
    "eq16": _hidden_delta,
    "eq17": _hidden_deltas,
    "eq18": _backward,
    **{id: _elementwise(id.replace("-", "_")) for id in ("sigmoid", "tanh", "relu", "leaky-relu")},
    "elu": _elementwise("elu"),
    "softmax": _softmax_parts,
    "one-epoch": _epoch,
    "confusion": _confusion,
    "local-slopes": lambda case, by: (by(_RULES[case.op], case.inputs),),
    "reverse-pass": _reverse_pass,
}
