"""Which quantity of the paper is a name, or a part of a line? It is compared with all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bplab import deep, layers
from bplab.activations import Activation, Output, Softmax
from bplab.exercises.explain.cases import described, tried_on
from bplab.exercises.explain.code import Code, Seen
from bplab.exercises.explain.values import called, once
from bplab.exercises.review.item import Choice, Item, item, same, shown, spot, visibly_other
from bplab.exercises.task import Case, Exercise

__all__ = ["quantities", "which_quantity"]

Array = np.ndarray
Quantities = Mapping[str, Array]

OFFERED = 4

SAYS_IT = frozenset(
    {
        *("A", "Z", "T", "F", "a", "z", "t", "f", "delta", "s", "residual", "back", "sent_back"),
        *("by_alpha", "by_beta", "grad_alpha", "grad_beta"),
    }
)
"""Names that tell what they are."""


def which_quantity(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask which step of the way a name or a part of a line is: the residual, delta, s."""
    cases = tried_on(code.exercise, rng)
    known = [quantities(code.exercise, case) for case in cases]
    if not known[0]:
        return None
    watched = [code.watched(case.arguments(code.exercise.arguments)) for case in cases]
    if any(answer is None or answer.arrays is None for answer, _ in watched):
        return None
    runs = [{one.key: one for one in once(seen)} for _, seen in watched]
    found = {}
    for key, one in runs[0].items():
        if _is_named(code, one) or not all(key in run for run in runs):
            continue
        if name := _one_of(known, [run[key].value for run in runs]):
            found[key] = one, name
    if not found:
        return None
    keys = list(found)
    asked, right = found[keys[rng.integers(len(keys))]]
    others = _likely(known[0], asked, right, rng)
    alike = any(known[0][name].ndim == asked.value.ndim for name in others)
    if len(others) < OFFERED - 1 or not alike:
        return None
    shape = f"It has shape {asked.value.shape}" if asked.value.ndim else "It is a single number"
    return item(
        rng,
        Choice(right, f"It was compared with that on {len(cases)} cases: equal in every entry."),
        [Choice(name, _apart(asked.value, known[0][name], shape)) for name in others],
        kind="quantity",
        exercise=code.exercise.id,
        about=f"quantity:{code.exercise.id}:{asked.line}:{asked.what}",
        question=f"What is {called(asked)}? (Compared with {described(cases[0])}.)",
        code=code.lines,
        facts={"cases": cases, "asked": asked},
    )


def _one_of(known: Sequence[Quantities], values: Sequence[Array]) -> str:
    """Return the one quantity that is equal in every case; empty if there is none, or another."""
    equal = [
        name
        for name in known[0]
        if all(same(of[name], value) for of, value in zip(known, values, strict=True))
    ]
    near = [
        name
        for name in known[0]
        if any(not visibly_other(of[name], v) for of, v in zip(known, values, strict=True))
    ]
    return equal[0] if len(equal) == 1 and near == equal else ""


def _is_named(code: Code, one: Seen) -> bool:
    """Whether its name tells what it is, or the name that all of its line is put under."""
    if one.what in SAYS_IT:
        return True
    begins, _, rest = code.lines[one.line - 1].strip().partition("=")
    return begins.strip() in SAYS_IT and rest.partition("#")[0].strip() == one.what


def _likely(known: Quantities, asked: Seen, right: str, rng: np.random.Generator) -> list[str]:
    """Other quantities, those of the same shape first."""
    names = [name for name in known if name != right]
    names = [names[i] for i in rng.permutation(len(names))]
    shape = asked.value.shape
    names.sort(key=lambda name: (known[name].shape != shape, known[name].ndim != len(shape)))
    return names[: OFFERED - 1]


def _apart(value: Array, other: Array, shape: str) -> str:
    """Say what tells a value from a quantity."""
    if value.shape != other.shape:
        return f"{shape}, that has {other.shape}."
    index = tuple(map(int, np.unravel_index(np.abs(value - other).argmax(), value.shape)))
    one, two = shown(float(value[index])), shown(float(other[index]))
    place = spot(index)
    return f"In one case it is {one}{f' in {place}' if index else ''}, and that is {two}."


# --- what there is ------------------------------------------------------------------------


def quantities(exercise: Exercise[Any], case: Case) -> Quantities:
    """Return what may stand on the way to an answer, by what it is called."""
    if exercise.id == "softmax":
        return _of_softmax(case.arguments(["t"])["t"])
    if exercise.notebook == "section_4":
        given = case.arguments(exercise.arguments)
        return _of_activation(given["x"], *exercise.reference(*given.values()))
    network: Any = getattr(case, "network", case)
    if not hasattr(network, "T"):
        return {}
    layered = hasattr(network, "alphas")
    alphas = network.alphas if layered else [network.alpha]
    sigmas = network.sigmas if layered else [network.sigma]
    return _of_network(network.X, network.Y, alphas, network.beta, sigmas, network.g)


def _of_activation(x: Array, value: Array, slope: Array) -> Quantities:
    return {
        "the value σ(x)": value,
        "the slope σ′(x)": slope,
        "1 − σ(x)": 1 - value,
        "σ(x)²": value**2,
        "eˣ": np.exp(x),
        "e⁻ˣ": np.exp(-x),
        "1 + e⁻ˣ": 1 + np.exp(-x),
        "e to the power of −|x|": np.exp(-np.abs(x)),
        "1 where x is positive, else 0": (x > 0).astype(float),
    }


def _of_softmax(t: Array) -> Quantities:
    shifted = t - t.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    f = powers / powers.sum(axis=1, keepdims=True)
    return {
        "the shares f": f,
        "eᵗ": np.exp(t),
        "t less the largest t of its row": shifted,
        "eᵗ, of t less the largest of its row": powers,
        "the sum of these powers in each row": powers.sum(axis=1, keepdims=True),
        "1 − f": 1 - f,
    }


def _of_network(
    X: Array,
    Y: Array,
    alphas: Sequence[Array],
    beta: Array,
    sigmas: Sequence[Activation],
    g: Output,
) -> Quantities:
    A, Z, T, F = layers.forward(X, alphas, beta, sigmas, g)
    delta = layers.output_delta(Y, T, F, g)
    s = deep.hidden_deltas(delta, alphas, beta, A, sigmas)
    found = {
        "y − f, the targets less the outputs": Y - F,
        "f − y, the outputs less the targets": F - Y,
        "the residual, −2(y − f)": -2 * (Y - F),
        "the squared errors, (y − f)²": (Y - F) ** 2,
        "the losses R(i) of the examples": ((Y - F) ** 2).sum(axis=1),
        "the loss R(θ)": np.asarray(((Y - F) ** 2).sum()),
        "t, what the output function is applied to": T,
        "the outputs f": F,
        "delta, ∂R/∂t": delta,
        "the bias column of the gradient with respect to beta": delta.sum(axis=0),
        "the gradient with respect to beta, without its bias column": delta.T @ Z[-1],
        "the gradient with respect to beta": layers.weight_gradient(delta, Z[-1]),
    }
    if isinstance(g, Softmax):
        found["the Jacobian of g, ∂f/∂t"] = g.jacobian(T)
    else:
        found["g′(t), the slope of the output function"] = g.derivative(T)
    above = [*alphas[1:], beta]
    deltas = [*s[1:], delta]
    inputs = [X, *Z[:-1]]
    for d, sigma in enumerate(sigmas):
        of = f" of hidden layer {d + 1}" if len(sigmas) > 1 else ""
        alpha = f"alphas[{d}]" if len(sigmas) > 1 else "alpha"
        found |= {
            f"the pre-activations a{of}": A[d],
            f"the hidden units' outputs z{of}": Z[d],
            f"σ′(a), the slope{of}": sigma.derivative(A[d]),
            f"σ′(z), the slope at the wrong point{of}": sigma.derivative(Z[d]),
            f"what is sent back to the hidden units{of}": deltas[d] @ above[d][:, 1:],
            f"the hidden delta s, ∂R/∂a{of}": s[d],
            f"the bias column of the gradient with respect to {alpha}": s[d].sum(axis=0),
            f"the gradient with respect to {alpha}, without its bias column": s[d].T @ inputs[d],
            f"the gradient with respect to {alpha}": layers.weight_gradient(s[d], inputs[d]),
        }
    return found
