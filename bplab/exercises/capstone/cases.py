"""Test cases of the capstone: epochs in batches, and classes with what they were taken for."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bplab.activations import Activation, Output, elu, identity, relu, sigmoid, softmax, tanh
from bplab.deep import Gradients, backward
from bplab.exercises.task import Case, one_hot

# --- epoch --------------------------------------------------------------------------------


@dataclass(frozen=True)
class EpochCase(Case):
    """A network of D hidden layers with data, and how to walk through them."""

    name: str
    X: np.ndarray
    Y: np.ndarray
    alphas: tuple[np.ndarray, ...]
    beta: np.ndarray
    sigma: Activation
    g: Output
    gamma: float
    order: np.ndarray
    size: int
    special: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """Return N, p, D and K."""
        N, p = self.X.shape
        return {"N": N, "p": p, "D": len(self.alphas), "K": len(self.beta)}

    @property
    def setting(self) -> str:
        """How large a batch is."""
        return f"size = {self.size}"

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return copies; ``gradients`` is that of another case, with arrays of its own."""
        given = super().arguments(names)
        if "gradients" in given:
            given["gradients"] = deepcopy(self).gradients
        return given

    def traits(self, names: Iterable[str]) -> frozenset[str]:
        """Add how the batches fill the set."""
        N = len(self.X)
        found = {"size divides N"} if N % self.size == 0 else set()
        if self.size >= N:
            found.add("there is one batch only")
        return super().traits(names) | found

    def gradients(
        self, X: np.ndarray, Y: np.ndarray, alphas: Sequence[np.ndarray], beta: np.ndarray
    ) -> Gradients:
        """Return the gradients of R(θ) on these examples: what the learner's function is given."""
        return backward(X, Y, alphas, beta, self.sigma, self.g)


class _DrawNetwork:
    """Random networks from one generator."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def case(
        self,
        name: str,
        N: int,
        size: int,
        M: tuple[int, ...],
        K: int = 3,
        sigma: Activation = tanh,
        g: Output = softmax,
        special: bool = False,
        p: int = 4,
        weights: Callable[[np.ndarray], np.ndarray] = np.array,
        **overrides: Callable[[Any], Any],
    ) -> EpochCase:
        rng = self.rng
        units = [p, *M, K]
        *alphas, beta = (
            rng.uniform(-1, 1, (units[d + 1], units[d] + 1)) for d in range(len(units) - 1)
        )
        values: dict[str, Any] = {
            "X": rng.standard_normal((N, p)),
            "Y": rng.uniform(0.1, 0.9, (N, K)),
            "order": self.order(N),
            "gamma": float(rng.uniform(0.1, 0.3)),
        }
        values |= {key: change(values[key]) for key, change in overrides.items()}
        alphas, beta = [weights(alpha) for alpha in alphas], weights(beta)
        values |= {"alphas": tuple(alphas), "beta": beta, "sigma": sigma, "g": g}
        return EpochCase(name, size=size, special=special, **values)

    def order(self, N: int) -> np.ndarray:
        """A permutation that leaves no row at its place, so that it cannot be overlooked."""
        rows = self.rng.permutation(N)
        order = np.empty(N, dtype=np.int64)
        order[rows] = np.roll(rows, 1)
        return order


def _whole(values: np.ndarray) -> np.ndarray:
    return np.rint(2 * values).astype(np.int64)


def _large(Y: np.ndarray) -> np.ndarray:
    return 1e5 * Y


def _above_1(gamma: float) -> float:
    return 1.2 + gamma


def epoch_cases(rng: np.random.Generator) -> list[EpochCase]:
    """Generic cases, then each place where something hides or comes to light."""
    case, many = _DrawNetwork(rng).case, _DrawNetwork(*rng.spawn(1)).case
    generic = case("generic", 7, 3, (5, 3))
    return [
        generic,
        # who keeps answers by one argument has a wrong one here, and in the last
        replace(generic, name="other batches", order=generic.order[::-1].copy(), size=2),
        case("three hidden layers", 11, 4, (3, 5, 2), K=5, sigma=sigmoid, gamma=_above_1),
        case("one hidden layer", 9, 2, (5,), g=sigmoid, special=True),
        case("the last batch is full", 8, 4, (3, 2), sigma=elu(0.5), g=identity, Y=_large),
        case("one output", 7, 2, (3, 2), K=1, g=sigmoid, special=True),
        case("ReLU", 10, 4, (6, 5), sigma=relu, Y=one_hot),
        case("one example a batch", 5, 1, (3, 2), special=True),
        case("all in one batch", 6, 6, (3, 2), special=True),
        case("a batch larger than the set", 5, 8, (2, 3), special=True),
        case("one example", 1, 2, (3, 2), special=True),
        case(
            "integer arrays",
            7,
            3,
            (3, 2),
            X=_whole,
            Y=lambda Y: one_hot(Y).astype(np.int64),
            special=True,
        ),
        many("many batches, many layers", 67, 7, (7, 9, 8, 10, 11, 6), K=12, p=13),
        many("a large batch", 150, 64, (7, 8), K=9, p=10),
        many("integer weights", 7, 3, (3, 2), weights=_whole, special=True),
        replace(
            many("other examples", 7, 3, (5, 3)),
            **{name: getattr(generic, name) for name in ("alphas", "beta", "gamma", "order")},
        ),
    ]


# --- classes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class LabelCase(Case):
    """The classes of N examples, and the classes that they were taken for."""

    name: str
    actual: np.ndarray
    predicted: np.ndarray
    K: int
    special: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """Return N and K."""
        return {"N": len(self.actual), "K": self.K}

    def traits(self, names: Iterable[str]) -> frozenset[str]:
        """Add whether every class occurs, and whether all examples are mistaken."""
        occur = set(range(self.K)) <= {*self.actual.tolist(), *self.predicted.tolist()}
        found = {"every class occurs" if occur else "a class does not occur"}
        if not (self.actual == self.predicted).any():
            found.add("no example is recognised")
        return super().traits(names) | found


class _DrawLabels:
    """Random classes from one generator."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def case(self, name: str, K: int, *, without: tuple[int, ...] = ()) -> LabelCase:
        """Every class but those in ``without`` occurs, is recognised, and is mistaken."""
        present = self.rng.permutation([k for k in range(K) if k not in without])
        beside = np.roll(present, 1)
        # a class recognised three times and once not, some pairs again: no count is all 0 and 1,
        # and one class is taken for another more often than the other way round
        some = int(self.rng.integers(1, len(present)))
        actual = np.concatenate([np.repeat(present, 3), present, present[:some]])
        predicted = np.concatenate([np.repeat(present, 3), beside, beside[:some]])
        order = self.rng.permutation(len(actual))
        return LabelCase(name, actual[order], predicted[order], K, special=bool(without))


def _often(rng: np.random.Generator) -> LabelCase:
    """One pair more often than 8 bits can count, and one more often than 7 can."""
    K = int(rng.integers(7, 10))
    a, b, *others = rng.permutation(K)
    actual = np.concatenate([np.repeat([a, b], [300, 170]), others])
    predicted = np.concatenate([np.repeat([a, a], [300, 170]), others])
    order = rng.permutation(len(actual))
    return LabelCase("hundreds of one pair", actual[order], predicted[order], K)


def label_cases(rng: np.random.Generator) -> list[LabelCase]:
    """Generic cases, then each place where something hides or comes to light."""
    case, many = _DrawLabels(rng).case, _DrawLabels(*rng.spawn(1)).case
    K = int(rng.integers(4, 7))
    labels = rng.integers(0, K, 3 * K)
    shift = int(rng.integers(1, K))
    generic = case("generic", K)
    taken = (generic.predicted[::-1] + 1) % (K - 1)  # never for the last class
    return [
        generic,
        LabelCase("the same examples, mistaken otherwise", generic.actual.copy(), taken, K),
        LabelCase("others, taken for the same", taken.copy(), generic.predicted.copy(), K),
        case("ten classes", 10),
        LabelCase("all right", labels, labels.copy(), K),
        LabelCase("all wrong", labels, (labels + shift) % K, K),
        LabelCase("one example", np.array([K - 3]), np.array([K - 1]), K, special=True),
        LabelCase(
            "two classes", np.array([0, 0, 0, 1, 1]), np.array([0, 1, 1, 0, 1]), 2, special=True
        ),
        case("the last class does not occur", K, without=(K - 1,)),
        case("a class between does not occur", K, without=(1,)),
        many("many examples", 14),
        _often(*rng.spawn(1)),
    ]
