"""The named quantities of the derivation, for one case: residual, delta, s, a gradient.

Questions offer them as choices, and messages say which of them a learner's value equals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bplab import deep, layers
from bplab.activations import Activation, Output, Softmax
from bplab.exercises.task import Case, Exercise, Subgoal

__all__ = ["Passes", "Quantity", "named"]

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Quantity:
    """An array of the derivation.

    Attributes
    ----------
    family : str
        Which quantity it is, in whichever layer; empty if no way to an answer goes through it.
    array : ndarray
        A learner's value may also be a part of it, with any of its axes fixed by loops.
    words : str
        What a message calls it; empty if it has no name of its own.
    subgoal : str
        The step whose result it is; empty if it is the result of none.
    fault : str
        What is wrong with it, as said after its name; empty if right code may compute it.
    asked : str
        What a question calls it among other quantities of the same case; empty if none offers it.
    """

    family: str
    array: Array
    words: str = ""
    subgoal: str = ""
    fault: str = ""
    asked: str = ""


@dataclass(frozen=True, eq=False)
class Passes:
    """A network with the results of its forward and backward pass.

    ``alphas``, ``sigmas``, ``A``, ``Z`` and ``s`` have one item per hidden layer, even if there is
    only one.

    Attributes
    ----------
    X, Y, alphas, beta, sigmas, g
        The network as given, with arrays of floats.
    A, Z, T, F
        From the forward pass.
    delta, s
        From the backward pass.
    """

    X: Array
    Y: Array
    alphas: Sequence[Array]
    beta: Array
    sigmas: Sequence[Activation]
    g: Output
    A: Sequence[Array]
    Z: Sequence[Array]
    T: Array
    F: Array
    delta: Array
    s: Sequence[Array]

    @classmethod
    def of(cls, case: Case) -> "Passes | None":
        """Return the passes of a case's network; None if the case has no network."""
        network: Any = getattr(case, "network", case)
        if not hasattr(network, "delta"):
            return None
        many = hasattr(network, "alphas")
        alphas = [np.asarray(w, float) for w in (network.alphas if many else [network.alpha])]
        sigmas: Sequence[Activation] = network.sigmas if many else [network.sigma]
        X, Y = np.asarray(network.X, float), np.asarray(network.Y, float)
        beta, g = np.asarray(network.beta, float), network.g
        A, Z, T, F = layers.forward(X, alphas, beta, sigmas, g)
        delta = layers.output_delta(Y, T, F, g)
        s = deep.hidden_deltas(delta, alphas, beta, A, sigmas)
        return cls(X, Y, alphas, beta, sigmas, g, A, Z, T, F, delta, s)

    @property
    def inputs(self) -> Sequence[Array]:
        """The inputs of each hidden layer, and of the output layer last."""
        return [self.X, *self.Z]

    @property
    def above(self) -> Sequence[tuple[Array, Array]]:
        """For each hidden layer, the weights and the delta of the layer above."""
        return list(zip([*self.alphas[1:], self.beta], [*self.s[1:], self.delta], strict=True))


def named(exercise: Exercise[Any], case: Case) -> Iterator[Quantity]:
    """Yield the named quantities of a case; those with ``asked`` in the order of the choices."""
    given = case.arguments(exercise.arguments)
    if exercise.id == "softmax":
        yield from _of_softmax(np.asarray(given["t"], float))
    elif exercise.notebook == "section_4":
        yield from _of_activation(given["x"], *exercise.reference(*given.values()))
    elif passes := Passes.of(case):
        yield from _of_outputs(passes)
        for d in range(len(passes.alphas)):
            yield from _of_layer(passes, d)
        if hasattr(case, "gamma") and hasattr(case, "by_alpha"):
            yield from _of_updates(case)


def _of_outputs(of: Passes) -> Iterator[Quantity]:
    errors, T, F, g = of.Y - of.F, of.T, of.F, of.g
    residual, squares = -2 * errors, errors**2
    yield Quantity("", errors, asked="y − f, the targets less the outputs")
    yield Quantity("", -errors, asked="f − y, the outputs less the targets")
    yield Quantity("residual", residual, "the residual", Subgoal.RESIDUAL,
                   asked="the residual, −2(y − f)")  # fmt: skip
    yield Quantity("squared errors", squares, "the squared errors",
                   asked="the squared errors, (y − f)²")  # fmt: skip
    yield Quantity("loss of an example", squares.sum(axis=1), "R(i)", Subgoal.LOSS,
                   asked="the losses R(i) of the examples")  # fmt: skip
    yield Quantity("", np.asarray(squares.sum()), asked="the loss R(θ)")
    yield Quantity("pre-activations", T, "T", Subgoal.FORWARD,
                   asked="t, what the output function is applied to")  # fmt: skip
    yield Quantity("outputs of a layer", F, "", Subgoal.FORWARD, asked="the outputs f")
    yield Quantity("output delta", of.delta, "the output delta", Subgoal.OUTPUT_DELTA,
                   asked="delta, ∂R/∂t")  # fmt: skip
    yield from _gradient(of.delta, of.Z[-1], "beta", "beta")
    if isinstance(g, Softmax):
        yield Quantity("Jacobian", g.jacobian(T), "the Jacobian of g",
                       asked="the Jacobian of g, ∂f/∂t")  # fmt: skip
        diagonal = F * (1 - F)
        yield Quantity("diagonal", diagonal, fault="that is the Jacobian's diagonal alone")
        yield Quantity("delta by diagonal", residual * diagonal,
                       fault="it uses only the diagonal of the Jacobian")  # fmt: skip
    else:
        yield Quantity("slope of g", g.derivative(T), "g′(T)",
                       asked="g′(t), the slope of the output function")  # fmt: skip
        yield Quantity("g′ at F", g.derivative(F), "g′ at F", fault="T is due there, not F")


def _of_layer(of: Passes, d: int) -> Iterator[Quantity]:
    many = len(of.alphas) > 1
    which = f" of hidden layer {d + 1}" if many else ""
    A, Z, s, sigma = of.A[d], of.Z[d], of.s[d], of.sigmas[d]
    weights, delta = of.above[d]
    yield Quantity("pre-activations", A, "A", Subgoal.FORWARD,
                   asked=f"the pre-activations a{which}")  # fmt: skip
    yield Quantity("outputs of a layer", Z, "", Subgoal.FORWARD,
                   asked=f"the hidden units' outputs z{which}")  # fmt: skip
    yield Quantity("slope of the hidden units", sigma.derivative(A), "σ′(A)",
                   asked=f"σ′(a), the slope{which}")  # fmt: skip
    yield Quantity("σ′ at Z", sigma.derivative(Z), "σ′ at Z", fault="A is due there, not Z",
                   asked=f"σ′(z), the slope at the wrong point{which}")  # fmt: skip
    yield Quantity("sent back", delta @ weights[:, 1:], "what is sent back", Subgoal.SEND_BACK,
                   asked=f"what is sent back to the hidden units{which}")  # fmt: skip
    yield Quantity("hidden delta", s, "the hidden delta", Subgoal.HIDDEN_DELTA,
                   asked=f"the hidden delta s, ∂R/∂a{which}")  # fmt: skip
    name, asked = ("alphas", f"alphas[{d}]") if many else ("alpha", "alpha")
    yield from _gradient(s, of.inputs[d], name, asked)


def _gradient(delta: Array, inputs: Array, name: str, asked: str) -> Iterator[Quantity]:
    gradient, N = layers.weight_gradient(delta, inputs), len(inputs)
    bias, of = gradient[:, 0], f"the gradient with respect to {name}"
    asked = f"the gradient with respect to {asked}"
    yield Quantity("gradient, bias", bias, f"the bias's column of {of}",
                   asked=f"the bias column of {asked}")  # fmt: skip
    yield Quantity("gradient, weights", gradient[:, 1:], f"{of}, without the bias's column",
                   asked=f"{asked}, without its bias column")  # fmt: skip
    yield Quantity("gradient", gradient, of, Subgoal.WEIGHT_GRADIENT, asked=asked)
    if N > 1:
        mean = "it is the mean over the examples, and the sum is due"
        yield Quantity("mean gradient", gradient / N, of, fault=mean)
        yield Quantity("mean gradient", gradient[:, 1:] / N, of, fault=mean)
        yield Quantity("mean bias", bias / N, f"the bias's column of {of}", fault=mean)


def _of_updates(case: Any) -> Iterator[Quantity]:
    for name, weights, gradient in (
        ("alpha", case.alpha, case.by_alpha),
        ("beta", case.beta, case.by_beta),
    ):
        for w, by in ((weights, gradient), (weights[:, 1:], gradient[:, 1:])):
            step = case.gamma * by
            yield Quantity("step", step, f"the step of {name}")
            yield Quantity("new weights", w - step, f"the new {name}", Subgoal.UPDATE)
            yield Quantity(
                "uphill", w + step, f"the new {name}", fault="the step is added, and goes uphill"
            )


def _of_activation(x: Array, value: Array, slope: Array) -> Sequence[Quantity]:
    x = np.asarray(x, float)
    with np.errstate(all="ignore"):
        return [
            Quantity("", value, asked="the value σ(x)"),
            Quantity("", slope, asked="the slope σ′(x)"),
            Quantity("", 1 - value, asked="1 − σ(x)"),
            Quantity("", value**2, asked="σ(x)²"),
            *(
                Quantity(name, array, asked=name)
                for name, array in (
                    ("eˣ", np.exp(x)),
                    ("e⁻ˣ", np.exp(-x)),
                    ("1 + e⁻ˣ", 1 + np.exp(-x)),
                    ("e to the power of −|x|", np.exp(-np.abs(x))),
                )
            ),
            Quantity("", (x > 0).astype(float), asked="1 where x is positive, else 0"),
        ]


def _of_softmax(t: Array) -> Sequence[Quantity]:
    shifted = t - t.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    total = powers.sum(axis=1, keepdims=True)
    f = powers / total
    with np.errstate(over="ignore"):
        unshifted = np.exp(t)
    return [
        Quantity("f", f, "the shares f", Subgoal.FORWARD, asked="the shares f"),
        Quantity("", unshifted, asked="eᵗ"),
        Quantity("shifted", shifted, "t less the largest of its row",
                 asked="t less the largest t of its row"),
        Quantity("powers", powers, "e to the power of that",
                 asked="eᵗ, of t less the largest of its row"),
        Quantity("total", total, "the sum of each row",
                 asked="the sum of these powers in each row"),
        Quantity("1 − f", 1 - f, asked="1 − f"),
    ]  # fmt: skip
