"""Test cases: small random networks with everything a learner's function may be given.

Sizes N, p, M, K differ from each other, so that no transposition can hide; biases are never
zero, so that nothing about them can hide either. The special cases are the places where
mistakes show that a generic network lets through, and the other way round.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.activations import Activation, elu, identity, leaky_relu, relu, sigmoid, tanh
from bplab.network import backward_output, forward


@dataclass(frozen=True)
class Case:
    """A network of section 1 with data, its forward pass and its output delta.

    The stored values ``A, Z, T, F`` always come from the reference forward pass, so that a
    right answer may use any of them.
    """

    name: str
    X: NDArray
    Y: NDArray
    alpha: NDArray
    beta: NDArray
    sigma: Activation
    g: Activation
    smooth: bool = True  # False: a unit sits on a kink, finite differences mean nothing there
    A: NDArray = field(init=False)
    Z: NDArray = field(init=False)
    T: NDArray = field(init=False)
    F: NDArray = field(init=False)
    delta: NDArray = field(init=False)

    def __post_init__(self):
        stored = forward(self.X, self.alpha, self.beta, self.sigma, self.g)
        for name, value in stored._asdict().items():
            object.__setattr__(self, name, value)
        delta, _ = backward_output(self.Y, *stored, self.g)
        object.__setattr__(self, "delta", delta)

    @property
    def sizes(self) -> dict[str, int]:
        """Return N, p, M and K."""
        N, p = self.X.shape
        return {"N": N, "p": p, "M": self.alpha.shape[0], "K": self.beta.shape[0]}

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return fresh copies of the named values: nothing a learner does to them stays."""
        values = ((name, getattr(self, name)) for name in names)
        return {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in values}

    def __str__(self) -> str:
        sizes = ", ".join(f"{letter} = {size}" for letter, size in self.sizes.items())
        return f"“{self.name}” ({sizes}, σ = {self.sigma}, g = {self.g})"


def network_cases(rng: np.random.Generator) -> list[Case]:
    """The cases of sections 1 and 2.1: generic ones first, then each place where things hide."""

    def sizes() -> list[int]:
        return [int(n) for n in 2 + rng.permutation(5)[:4]]

    def case(name, N, p, M, K, sigma, g, **overrides) -> Case:
        values = {
            "X": rng.standard_normal((N, p)),
            "Y": rng.uniform(0.1, 0.9, (N, K)),
            "alpha": rng.standard_normal((M, p + 1)) / np.sqrt(p),
            "beta": rng.standard_normal((K, M + 1)) / np.sqrt(M),
        }
        for weights in (values["alpha"], values["beta"]):
            weights[:, 0] = rng.choice([-1, 1], len(weights)) * rng.uniform(0.3, 0.8, len(weights))
        values |= {key: change(values[key]) for key, change in overrides.items()}
        return Case(name, **values, sigma=sigma, g=g, smooth=name != "on the kink")

    def large(X):
        # half of the examples saturate, the others do not: the saturated ones must not spoil them
        X[::2] *= 25
        return X

    def origin(X):
        X[0] = 0
        return X

    def no_bias(alpha):
        alpha[:, 0] = 0
        return alpha

    N, p, M, K = sizes()
    *_, n = sizes()
    return [
        case("generic", N, p, M, K, tanh, sigmoid),
        case("other activations", *sizes(), sigmoid, tanh),
        case("identity output", *sizes(), elu(0.5), identity),
        case("square", n, n, n, n, tanh, sigmoid),
        case("one example", 1, p, M, K, tanh, sigmoid),
        case("one output", N, p, M, 1, sigmoid, sigmoid),
        case("one hidden unit", N, p, 1, K, tanh, sigmoid),
        case("large pre-activations", 6, 3, 4, 2, leaky_relu(0.1), sigmoid, X=large),
        case("on the kink", N, p, M, K, relu, sigmoid, X=origin, alpha=no_bias),
        case(
            "integer arrays",
            *sizes(),
            tanh,
            sigmoid,
            X=lambda X: np.rint(2 * X).astype(np.int64),
            Y=lambda Y: (Y > 0.5).astype(np.int64),
        ),
    ]
