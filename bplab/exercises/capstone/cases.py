"""Test cases of the capstone: epochs in batches, and actual classes with predicted ones."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bplab.activations import Activation, Output, elu, identity, relu, sigmoid, softmax, tanh
from bplab.deep import Gradients, backward
from bplab.exercises.task import (
    Case,
    TargetsCase,
    first_twice,
    fitted,
    integers,
    one_hot,
    signs,
    targets_traits,
    times,
)

# --- epoch --------------------------------------------------------------------------------


@dataclass(frozen=True)
class EpochCase(TargetsCase):
    """A network of D hidden layers with data, and how to take the data in batches."""

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
        """The size of a batch."""
        return f"size = {self.size}"

    def arguments(self, names: Iterable[str]) -> dict[str, Any]:
        """Return copies; ``gradients`` is the method of a copied case, which has its own arrays."""
        given = super().arguments(names)
        if "gradients" in given:
            given["gradients"] = deepcopy(self).gradients
        return given

    @property
    def measures(self) -> dict[str, int]:
        """Return the sizes, and the size of a batch."""
        return self.sizes | {"size": self.size}

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return what kind of targets it has, and whether the size of a batch divides N."""
        yield from targets_traits(self.Y, names)
        if len(self.X) % self.size == 0:
            yield DIVIDES

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == DIVIDES:
            yield from (self.resized(N=self.size * n) for n in (2, 3))
        else:
            yield from super().put(trait, like)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == DIVIDES:
            yield self.resized(N=len(self.X) + 1)
            yield replace(self, size=len(self.X) - 1 if len(self.X) > 2 else len(self.X) + 1)
        else:
            yield from super().taken(trait, other)

    def resized(self, **measures: int) -> "EpochCase | None":
        """See `Case`: layers are added, or left out, at the end."""
        N, p, D, K, size = (self.measures | measures).values()
        if K == 1 and self.g is softmax:
            return None
        alphas = [*self.alphas[:D]]
        while len(alphas) < D:
            inputs = len(alphas[-1])
            alphas.append(fitted(self.alphas[0], inputs + 1, inputs + 1))
        alphas[0] = fitted(alphas[0], len(alphas[0]), p + 1)
        rows = [row for row in self.order.tolist() if row < N]
        return replace(
            self,
            X=fitted(self.X, N, p),
            Y=fitted(self.Y, N, K),
            alphas=tuple(alphas),
            beta=fitted(self.beta, K, len(alphas[-1]) + 1),
            order=np.array([*reversed(range(len(self.order), N)), *rows]),
            size=size,
        )

    def gradients(
        self, X: np.ndarray, Y: np.ndarray, alphas: Sequence[np.ndarray], beta: np.ndarray
    ) -> Gradients:
        """Return the gradients of R(θ) on some examples; the learner's function is given this."""
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
        """A permutation that moves every row, so that a function that ignores it is found."""
        rows = self.rng.permutation(N)
        order = np.empty(N, dtype=np.int64)
        order[rows] = np.roll(rows, 1)
        return order


def _above_1(gamma: float) -> float:
    return 1.2 + gamma


def epoch_cases(rng: np.random.Generator) -> list[EpochCase]:
    """Generic cases, then each place where a mistake hides or shows."""
    case, many = _DrawNetwork(rng).case, _DrawNetwork(*rng.spawn(1)).case
    generic = case("generic", 7, 3, (5, 3))
    return [
        generic,
        # an answer that is cached by one argument is wrong here, and in "other examples"
        replace(generic, name="other batches", order=generic.order[::-1].copy(), size=2),
        case("three hidden layers", 11, 4, (3, 5, 2), K=5, sigma=sigmoid, gamma=_above_1),
        case("one hidden layer", 9, 2, (5,), g=sigmoid, X=np.asfortranarray, Y=signs, special=True),
        case("the last batch is full", 8, 4, (3, 2), sigma=elu(0.5), g=identity, Y=times(1e5)),
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
            X=integers,
            Y=lambda Y: one_hot(Y).astype(np.int64),
            special=True,
        ),
        many("many batches, many layers", 67, 7, (7, 9, 8, 10, 11, 6), K=12, p=13),
        many("a large batch", 150, 64, (7, 8), K=9, p=10, X=first_twice),
        many("integer weights", 7, 3, (3, 2), weights=integers, special=True),
        replace(
            many("other examples", 7, 3, (5, 3)),
            **{name: getattr(generic, name) for name in ("alphas", "beta", "gamma", "order")},
        ),
        many("sizes of one", 1, 1, (1,), K=1, g=sigmoid, p=1, special=True),
    ]


# --- classes ------------------------------------------------------------------------------


@dataclass(frozen=True)
class LabelCase(Case):
    """The actual classes of N examples, and the predicted ones."""

    name: str
    actual: np.ndarray
    predicted: np.ndarray
    K: int
    special: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """Return N and K."""
        return {"N": len(self.actual), "K": self.K}

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return whether every class occurs, and whether no example is recognised."""
        occur = set(range(self.K)) <= {*self.actual.tolist(), *self.predicted.tolist()}
        yield ALL_OCCUR if occur else ONE_MISSING
        if not (self.actual == self.predicted).any():
            yield NONE_RECOGNISED

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == ALL_OCCUR:
            yield self._with_every_class()
        elif trait == ONE_MISSING:
            yield replace(self, K=self.K + 1)
        elif trait == NONE_RECOGNISED:
            yield replace(self, predicted=(self.actual + 1) % self.K)
        else:
            yield from super().put(trait, like)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == ALL_OCCUR:
            yield replace(self, K=self.K + 1)
        elif trait == ONE_MISSING:
            yield self._with_every_class()
        elif trait == NONE_RECOGNISED:
            yield replace(self, predicted=self.actual.copy())
        else:
            yield from super().taken(trait, other)

    def _with_every_class(self) -> "LabelCase":
        every = np.arange(self.K)
        return replace(
            self,
            actual=np.concatenate([self.actual, every]),
            predicted=np.concatenate([self.predicted, every]),
        )

    def resized(self, **measures: int) -> "LabelCase":
        """See `Case`."""
        N, K = (self.sizes | measures).values()
        return replace(
            self,
            actual=np.resize(self.actual, N) % K,
            predicted=np.resize(self.predicted, N) % K,
            K=K,
        )


DIVIDES = "size divides N"
ALL_OCCUR, ONE_MISSING = "every class occurs", "a class does not occur"
NONE_RECOGNISED = "no example is recognised"


class _DrawLabels:
    """Random classes from one generator."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def case(self, name: str, K: int, *, without: tuple[int, ...] = ()) -> LabelCase:
        """Every class but those in ``without`` occurs, and is both recognised and mistaken."""
        present = self.rng.permutation([k for k in range(K) if k not in without])
        beside = np.roll(present, 1)
        # each class is recognised three times and mistaken once, and some mistakes come twice: so
        # counts are not just 0 and 1, and the matrix is not symmetric
        some = int(self.rng.integers(1, len(present)))
        actual = np.concatenate([np.repeat(present, 3), present, present[:some]])
        predicted = np.concatenate([np.repeat(present, 3), beside, beside[:some]])
        order = self.rng.permutation(len(actual))
        return LabelCase(name, actual[order], predicted[order], K, special=bool(without))


def _often(rng: np.random.Generator) -> LabelCase:
    """A case with one pair more often than 8 bits can count, and another more often than 7 can."""
    K = int(rng.integers(7, 10))
    a, b, *others = rng.permutation(K)
    actual = np.concatenate([np.repeat([a, b], [300, 170]), others])
    predicted = np.concatenate([np.repeat([a, a], [300, 170]), others])
    order = rng.permutation(len(actual))
    return LabelCase("hundreds of one pair", actual[order], predicted[order], K)


def label_cases(rng: np.random.Generator) -> list[LabelCase]:
    """Generic cases, then each place where a mistake hides or shows."""
    case, many = _DrawLabels(rng).case, _DrawLabels(*rng.spawn(1)).case
    K = int(rng.integers(4, 7))
    labels = rng.integers(0, K, 3 * K)
    shift = int(rng.integers(1, K))
    generic = case("generic", K)
    taken = (generic.predicted[::-1] + 1) % (K - 1)  # the last class is never predicted
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
        LabelCase("one class", np.zeros(3, np.int64), np.zeros(3, np.int64), 1, special=True),
        _often(*rng.spawn(1)),
    ]
