"""Test cases of section 4: arrays of pre-activations, with the numbers where mistakes show.

The exponential overflows above 709 and vanishes below −745. The cases go beyond ±10,000, and always
have moderate numbers as well: what happens far out must not spoil these.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bplab.exercises.task import MANY, Case, first_twice, fitted


@dataclass(frozen=True)
class ElementwiseCase(Case):
    """Pre-activations x (N, M) of a layer, and α where the activation has one."""

    name: str
    x: np.ndarray
    alpha: float | None = None
    special: bool = False
    neighbours: bool = False
    smooth: bool = True  # False: some x sit on the kink
    all_zero: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """Return N and M."""
        N, M = self.x.shape
        return {"N": N, "M": M}

    @property
    def setting(self) -> str:
        """Which α, if any."""
        return "" if self.alpha is None else f"α = {self.alpha:g}"

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return whether all x are of one sign."""
        if self.x.max() <= 0:
            yield NONE_POSITIVE
        if self.x.min() >= 0:
            yield NONE_NEGATIVE

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait in (NONE_POSITIVE, NONE_NEGATIVE):
            yield replace(self, x=np.abs(self.x) * (-1 if trait == NONE_POSITIVE else 1))
        else:
            yield from super().put(trait, like)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait in (NONE_POSITIVE, NONE_NEGATIVE):
            x = self.x.copy()
            x.flat[0] = 1 if trait == NONE_POSITIVE else -1
            yield from (replace(self, x=x), replace(self, x=-self.x))
        else:
            yield from super().taken(trait, other)

    def resized(self, **measures: int) -> "ElementwiseCase":
        """See `Case`."""
        return replace(self, x=fitted(self.x, *(self.sizes | measures).values()))

    def either_side(self, step: float) -> tuple["ElementwiseCase", np.ndarray]:
        """See `Case`: all entries move by the same amount."""
        x = 0.5 * self.x[:FEW]
        direction = np.ones_like(x)
        return replace(self, x=_moved(x, step * direction)), direction


@dataclass(frozen=True)
class SoftmaxCase(Case):
    """Pre-activations t (N, K) of the outputs, one row for each example."""

    name: str
    t: np.ndarray
    special: bool = False
    neighbours: bool = False
    all_zero: bool = False

    @property
    def sizes(self) -> dict[str, int]:
        """Return N and K."""
        N, K = self.t.shape
        return {"N": N, "K": K}

    def either_side(self, step: float) -> tuple["SoftmaxCase", np.ndarray]:
        """See `Case`: each entry moves by its own amount, as it changes all outputs of its row."""
        t = 0.4 * self.t[:FEW]
        t[t == t.max(axis=1, keepdims=True)] += 0.4  # so that it stays the largest
        direction = np.random.default_rng(t.size).uniform(-1, 1, t.shape)
        return replace(self, t=_moved(t, step * direction)), direction

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return whether the entries of every row are equal."""
        if self.t.shape[1] > 1 and (self.t == self.t[:, :1]).all():
            yield ALL_EQUAL

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == ALL_EQUAL:
            yield replace(self, t=np.repeat(self.t[:, :1], self.t.shape[1], axis=1))
        else:
            yield from super().put(trait, like)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == ALL_EQUAL:
            yield replace(self, t=self.t + 0.3 * np.arange(self.t.shape[1]))
        else:
            yield from super().taken(trait, other)

    def resized(self, **measures: int) -> "SoftmaxCase":
        """See `Case`."""
        return replace(self, t=fitted(self.t, *(self.sizes | measures).values()))


NONE_POSITIVE, NONE_NEGATIVE = "no x is positive", "no x is negative"
ALL_EQUAL = "the entries of a row are all equal"


def smooth_cases(rng: np.random.Generator) -> list[ElementwiseCase]:
    """The cases of activations without a kink."""
    many = _many(rng)
    cases = [ElementwiseCase(name, x, special=special) for name, x, special in _arrays(rng)]
    return [*cases, many]


def relu_cases(rng: np.random.Generator) -> list[ElementwiseCase]:
    """The same arrays, with a kink at zero; where no x is positive, the whole answer is zero."""
    many = _many(rng)
    cases = [
        ElementwiseCase(name, x, special=special, smooth=bool(x.all()), all_zero=bool(x.max() <= 0))
        for name, x, special in _arrays(rng, kink=True)
    ]
    return [*cases, many]


def kink_cases(rng: np.random.Generator) -> list[ElementwiseCase]:
    """The same arrays, each with an α, from the usual small ones to those that hide mistakes."""

    def alpha(low: float = 0.15, high: float = 0.45) -> float:
        return round(float(rng.uniform(low, high)), 2)

    many = _many(rng, alpha=0.3)
    cases = [
        ElementwiseCase(name, x, alpha(), special, smooth=bool(x.all()))
        for name, x, special in _arrays(rng, kink=True)
    ]
    another = [
        ElementwiseCase("a large α", cases[0].x.copy(), alpha(0.6, 0.9)),
        ElementwiseCase(
            "a negative α", _both_signs(rng, *_sizes(rng)), -alpha(1.2, 2.5), special=True
        ),
        ElementwiseCase("α is zero", _both_signs(rng, *_sizes(rng)), 0.0, special=True),
        ElementwiseCase("α is one", _both_signs(rng, *_sizes(rng)), 1.0, special=True),
    ]
    return [*cases, *another, many]


def _many(rng: np.random.Generator, alpha: float | None = None) -> ElementwiseCase:
    """A case with many examples, from a generator of its own, which leaves other cases the same."""
    (own,) = rng.spawn(1)
    x = _with_neighbours(_both_signs(own, *_large(own)))
    return ElementwiseCase("many examples", x, alpha, neighbours=True)


def softmax_cases(rng: np.random.Generator) -> list[SoftmaxCase]:
    """The cases of softmax; in that with one output, the softmax is always 1."""
    many, own = rng.spawn(2)
    wide = many.uniform(-2, 2, _large(many))
    N, K = _sizes(rng)
    n = int(rng.integers(3, 6))

    def t(N: int, K: int) -> np.ndarray:
        return rng.uniform(-2, 2, (N, K))

    equal = np.repeat(t(N, 1) * [[0], [1e-8], *[[1]] * (N - 2)], K, axis=1)
    # all rows are equally far out: here the maximum of the whole array works as well as the row's
    large = 10_000 + t(3, 4)
    # the largest t is neither in the first row nor in the last, and −t is largest in another row
    rows = t(4, 3) + np.array([[0], [10_000], [-30_000], [0]])
    apart = t(3, 5)
    apart[0, :2] = apart[1, [4, 1]] = 10_000, -10_000
    return [
        SoftmaxCase("generic", t(N, K)),
        SoftmaxCase("square", t(n, n)),
        SoftmaxCase("one example", t(1, K), special=True),
        SoftmaxCase("two outputs", first_twice(t(N, 2))),
        SoftmaxCase("one output", many.uniform(-2, 2, (N, 1)), special=True, all_zero=True),
        SoftmaxCase("equal entries", equal, special=True),
        SoftmaxCase("integer arrays", rng.integers(-3, 4, (K, N)), special=True),
        SoftmaxCase("large t", large, special=True),
        SoftmaxCase("rows far from each other", np.asfortranarray(rows), special=True),
        SoftmaxCase("entries far from each other", apart, special=True),
        SoftmaxCase("entries near the overflow", _near_overflow(own), special=True),
        SoftmaxCase("many examples", _with_neighbours(wide), neighbours=True),
    ]


def _near_overflow(rng: np.random.Generator) -> np.ndarray:
    """Return pairs of rows with the largest e^(t − c) just finite and just infinite, for a wrong c.

    Each of the four pairs shows one such c: 0, the row's smallest entry, its mean, or minus its
    largest. With any other c, both rows are finite, or both infinite. Two more rows are moderate.
    """
    rows = rng.uniform(-1, 1, (4, 5))
    rows[:, 0] = rng.uniform(0.8, 1, 4)
    rows = rng.permuted(rows, axis=1)
    largest = rows.max(axis=1)
    shift = np.array([0, rows[1].min(), rows[2].mean(), -largest[3]])
    rows *= (LARGEST / (largest - shift))[:, None]
    moderate = rng.uniform(-2, 2, (2, 5))
    return rng.permutation(np.concatenate([rows * (1 - 1e-4), rows * (1 + 1e-4), moderate]))


# --- arrays -------------------------------------------------------------------------------


def _arrays(rng: np.random.Generator, *, kink: bool = False) -> list[tuple[str, np.ndarray, bool]]:
    """Return a row ``(name, array, special)`` for each array; zeros are special if ``kink``."""
    (own,) = rng.spawn(1)
    N, M = (int(n) for n in 3 + rng.permutation(4)[:2])
    n = int(rng.integers(3, 6))
    zeros = _both_signs(rng, N, M)
    few = rng.permutation(N * M)[: 2 + len(TINY)]
    zeros.flat[few] = [0, 0, *TINY]
    whole = np.append(rng.integers(1, 4, 7), 0)
    # exp(2x) overflows above 355, exp(x) above 709
    far = np.array([25.0, 100, 400, 600, 800, 1500]) * rng.uniform(0.92, 1.08, 6)
    mixed = np.concatenate([far, -far, [0.5, -0.5, 2, -2]])
    return [
        ("generic", _both_signs(rng, N, M), False),
        ("square", np.abs(_both_signs(rng, n, n)), False),
        ("none positive", -np.abs(_both_signs(own, M, N)), False),
        ("one example", _both_signs(rng, 1, M), True),
        ("one unit", _both_signs(rng, N, 1), True),
        ("integer arrays", _shuffled(rng, np.concatenate([whole, -whole[:7]]), 3, 5), True),
        ("on the kink" if kink else "with zeros", zeros, kink),
        ("large x", np.asfortranarray(_shuffled(rng, mixed, 4, 4)), True),
        ("huge x", _shuffled(rng, np.array([1e4, -1e4, 1e4, -1e4, 1.5, -1.5]), 2, 3), True),
    ]


def _sizes(rng: np.random.Generator) -> list[int]:
    """Two different sizes from 2 to 6."""
    return [int(n) for n in 2 + rng.permutation(5)[:2]]


def _with_neighbours(array: np.ndarray) -> np.ndarray:
    """Return the rows, and below them the same rows, a billionth further from zero."""
    return np.vstack([array, array * (1 + 1e-9)])


LARGEST = np.log(np.finfo(float).max)
"""The exponential of a larger number overflows."""

TINY = (1e-4, -1e-4, 1e-7, -1e-7, 1e-10, -1e-10, 1e-13, -1e-13)
"""So small that a constant added to a denominator, or a threshold for zero, shows beside them."""

FEW = 8
"""How many examples `Case.either_side` moves."""


def _moved(array: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Return the numbers, the same moved forward, and the same moved back, below each other."""
    return np.vstack([array, array + by, array - by])


def _large(rng: np.random.Generator) -> list[int]:
    """Two sizes, larger than any at which a loop may stop."""
    return [int(rng.integers(MANY + 1, MANY + 20)), int(rng.integers(11, 14))]


def _both_signs(rng: np.random.Generator, N: int, M: int) -> np.ndarray:
    """Moderate numbers away from zero, half of them negative."""
    signs = np.resize([1.0, -1.0], N * M)
    return _shuffled(rng, signs * rng.uniform(0.1, 2.5, N * M), N, M)


def _shuffled(rng: np.random.Generator, numbers: np.ndarray, N: int, M: int) -> np.ndarray:
    return rng.permutation(numbers).reshape(N, M)
