"""Small random networks as test cases, with everything a learner's function may be given.

Sizes N, p, M, K differ from each other, so that no transposition can hide; biases are never
zero, so that nothing about them can hide either. The special cases are the places where
mistakes show that a generic network lets through, and the other way round.

Their gradients are found once more without any formula, by finite differences of R.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from bplab import layers
from bplab.activations import (
    Activation,
    Output,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from bplab.exercises.task.exercise import MANY, Case
from bplab.gradcheck import numerical_gradient


@dataclass(frozen=True)
class NetworkCase(Case):
    """A network of section 1 with data, its forward pass and its output delta.

    The stored values ``A, Z, T, F`` always come from the reference forward pass, so that a
    right answer may use any of them.
    """

    name: str
    X: np.ndarray
    Y: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    sigma: Activation
    g: Output
    special: bool = False
    smooth: bool = True  # False: a unit sits on a kink, finite differences mean nothing there
    A: np.ndarray = field(init=False)
    Z: np.ndarray = field(init=False)
    T: np.ndarray = field(init=False)
    F: np.ndarray = field(init=False)
    delta: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        X = self.X.astype(np.float64, copy=False)
        (A,), (Z,), T, F = layers.forward(X, [self.alpha], self.beta, [self.sigma], self.g)
        delta = layers.output_delta(self.Y, T, F, self.g)
        for name, value in {"A": A, "Z": Z, "T": T, "F": F, "delta": delta}.items():
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> dict[str, int]:
        """Return N, p, M and K."""
        N, p = self.X.shape
        return {"N": N, "p": p, "M": self.alpha.shape[0], "K": self.beta.shape[0]}

    @property
    def setting(self) -> str:
        """Which activations it has."""
        return f"σ = {self.sigma}, g = {self.g}"

    def varied(self) -> Iterator["NetworkCase"]:
        """Yield it with another sigma or g, with sizes that are 1 or equal, or another array."""
        for sigma in (tanh, sigmoid, identity, relu):
            yield replace(self, sigma=sigma)
        if self.g is not softmax:
            for g in (tanh, sigmoid, identity):
                yield replace(self, g=g)
        sizes = self.sizes
        smallest = {"K": 2} if self.g is softmax else {}
        for letter in sizes:
            yield self._cut(**{**sizes, letter: smallest.get(letter, 1)})
        for pair in combinations(sizes, 2):
            yield self._cut(**{**sizes, **dict.fromkeys(pair, min(sizes[of] for of in pair))})
        one_zero = self.alpha.copy()
        one_zero[0, -1] = 0
        for alpha in (_no_bias(self.alpha.copy()), one_zero):
            yield replace(self, alpha=alpha)
        yield replace(self, beta=_no_bias(self.beta.copy()))
        for X in (_whole(self.X), _origin(self.X.copy()), _large(self.X.copy())):
            yield replace(self, X=X)
        yield replace(self, Y=_zero_or_one(self.Y))

    def _cut(self, N: int, p: int, M: int, K: int) -> "NetworkCase":
        return replace(
            self,
            X=self.X[:N, :p],
            Y=self.Y[:N, :K],
            alpha=self.alpha[:M, : p + 1],
            beta=self.beta[:K, : M + 1],
        )


LARGE_T = 5.0  # where softmax gives almost everything to one output


class _Draw:
    """Random networks from one generator."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def sizes(self) -> tuple[int, int, int, int]:
        """N, p, M and K, all different."""
        N, p, M, K = (int(n) for n in 2 + self.rng.permutation(5)[:4])
        return N, p, M, K

    def large(self) -> tuple[int, int, int, int]:
        """Larger than whatever a loop or a slice may stop at; all different."""
        p, M, K = (int(n) for n in 11 + self.rng.permutation(4)[:3])
        return int(self.rng.integers(MANY + 1, MANY + 20)), p, M, K

    def alpha(self) -> float:
        """One that no list of activations holds."""
        return round(float(self.rng.uniform(0.2, 0.8)), 3)

    def case(
        self,
        name: str,
        N: int,
        p: int,
        M: int,
        K: int,
        sigma: Activation,
        g: Output,
        special: bool = False,
        smooth: bool = True,
        **overrides: Callable[[np.ndarray], np.ndarray],
    ) -> NetworkCase:
        rng = self.rng
        values = {
            "X": rng.standard_normal((N, p)),
            "Y": rng.uniform(0.1, 0.9, (N, K)),
            "alpha": rng.standard_normal((M, p + 1)) / np.sqrt(p),
            "beta": rng.standard_normal((K, M + 1)) / np.sqrt(M),
        }
        for weights in (values["alpha"], values["beta"]):
            weights[:, 0] = rng.choice([-1, 1], len(weights)) * rng.uniform(0.3, 0.8, len(weights))
        values |= {key: change(values[key]) for key, change in overrides.items()}
        return NetworkCase(name, **values, sigma=sigma, g=g, special=special, smooth=smooth)

    def large_t(self, N: int, p: int, M: int, K: int, sigma: Activation, g: Output) -> NetworkCase:
        """Draw until some t are large: large X alone may meet small weights."""
        while True:
            found = self.case("large t", N, p, M, K, sigma, g, special=True, X=_large)
            if np.abs(found.T).max() > LARGE_T:
                return found


def _large(X: np.ndarray) -> np.ndarray:
    # half of the examples saturate, the others do not: the saturated ones must not spoil them
    X[::2] *= 25
    return X


def _origin(X: np.ndarray) -> np.ndarray:
    X[0] = 0
    return X


def _no_bias(alpha: np.ndarray) -> np.ndarray:
    alpha[:, 0] = 0
    return alpha


def _whole(X: np.ndarray) -> np.ndarray:
    return np.rint(2 * X).astype(np.int64)


def _hundredth(Y: np.ndarray) -> np.ndarray:
    return Y / 100


def _millionth(array: np.ndarray) -> np.ndarray:
    # X, A and Z are so small, and what is multiplied by them: beside biases near 1
    return array / 1e6


def _below_zero(beta: np.ndarray) -> np.ndarray:
    beta[:, 0] = -1.5 - np.abs(beta[:, 1:]).sum(axis=1)
    return beta


def _zero_or_one(Y: np.ndarray) -> np.ndarray:
    return (Y > 0.5).astype(np.int64)


def _one_hot_times_2(Y: np.ndarray) -> np.ndarray:
    # with a target of 1, all residuals of a small case may be cut to zero, and every delta too
    return 2 * (Y.max(axis=1, keepdims=True) == Y).astype(np.int64)


def network_cases(rng: np.random.Generator) -> list[NetworkCase]:
    """The cases of sections 1 and 2.1: generic ones first, then each place where things hide."""
    draw = _Draw(rng)
    sizes, case = draw.sizes, draw.case
    many = _Draw(*rng.spawn(1))
    N, p, M, K = sizes()
    *_, n = sizes()
    return [
        case("generic", N, p, M, K, tanh, sigmoid),
        case("other activations", *sizes(), sigmoid, tanh),
        case("identity output", *sizes(), elu(0.5), identity),
        case("square", n, n, n, n, tanh, sigmoid),
        case("one example", 1, p, M, K, tanh, sigmoid, special=True),
        case("one output", N, p, M, 1, sigmoid, sigmoid, special=True),
        case("one hidden unit", N, p, 1, K, tanh, sigmoid, special=True),
        case("large pre-activations", 6, 3, 4, 2, leaky_relu(0.1), sigmoid, X=_large, special=True),
        case(
            "on the kink",
            N,
            p,
            M,
            K,
            relu,
            sigmoid,
            X=_origin,
            alpha=_no_bias,
            special=True,
            smooth=False,
        ),
        case("integer arrays", *sizes(), tanh, sigmoid, X=_whole, Y=_zero_or_one, special=True),
        many.case("many examples", *many.large(), tanh, sigmoid),
        many.case(
            "small numbers",
            *many.sizes(),
            elu(many.alpha()),
            elu(many.alpha() / 100),
            Y=_hundredth,
            beta=_below_zero,
        ),
    ]


def softmax_cases(rng: np.random.Generator) -> list[NetworkCase]:
    """The cases of section 2.2. K is at least 2: the softmax of one output is always 1."""
    draw = _Draw(rng)
    sizes, case = draw.sizes, draw.case
    many = _Draw(*rng.spawn(1))
    N, p, M, K = sizes()
    *_, n = sizes()
    return [
        case("generic", N, p, M, K, tanh, softmax),
        case("another hidden layer", *sizes(), sigmoid, softmax),
        case("targets that do not sum to 1", *sizes(), elu(0.5), softmax, Y=lambda Y: 3 * Y - 1),
        case("square", n, n, n, n, tanh, softmax),
        case("one example", 1, p, M, K, tanh, softmax, special=True),
        case("two outputs", N, p, M, 2, sigmoid, softmax),
        case("one hidden unit", N, p, 1, K, tanh, softmax, special=True),
        draw.large_t(6, 3, 4, 5, leaky_relu(0.1), softmax),
        case(
            "on the kink",
            N,
            p,
            M,
            K,
            relu,
            softmax,
            X=_origin,
            alpha=_no_bias,
            special=True,
            smooth=False,
        ),
        case("integer arrays", *sizes(), tanh, softmax, X=_whole, Y=_one_hot_times_2, special=True),
        many.case("many examples", *many.large(), tanh, softmax),
        many.case("small numbers", *many.sizes(), tanh, softmax, X=_millionth, alpha=_millionth),
    ]


# --- a second opinion ---------------------------------------------------------------------

FINITE_DIFFERENCES = "finite differences of R"

CENTRAL_STEP = np.finfo(float).eps ** (1 / 3)
"""Where the rounding of central differences meets their truncation, for values near 1."""

_OUTPUTS: dict[str, Callable[[NetworkCase, np.ndarray], np.ndarray]] = {
    "T": lambda case, T: case.g(T),
    "beta": lambda case, beta: case.g(layers.affine(case.Z, beta)),
    "alpha": lambda case, alpha: case.g(
        layers.affine(case.sigma(layers.affine(case.X, alpha)), case.beta)
    ),
}
"""F, from each of the values that R is differentiated with respect to."""


def by_differences_in_rows(
    losses: Callable[[np.ndarray], np.ndarray], at: np.ndarray
) -> np.ndarray:
    """Return the gradient of R = Σ R_i with respect to values of which R_i depends on row i alone.

    So one column is moved in all rows at once, and each R_i tells of its own row.

    Parameters
    ----------
    losses : callable
        Takes an array like ``at``; returns the N losses R_i.
    at : ndarray, shape (N, M)
    """
    gradient = np.empty(at.shape)
    for m in range(at.shape[1]):
        ahead, behind = at.astype(float), at.astype(float)
        step = CENTRAL_STEP * np.maximum(1, np.abs(at[:, m]))
        ahead[:, m] += step
        behind[:, m] -= step
        gradient[:, m] = (losses(ahead) - losses(behind)) / (ahead - behind)[:, m]
    return gradient


def by_differences(case: NetworkCase, name: str) -> np.ndarray | None:
    """Return the gradient of R with respect to ``"T"``, ``"beta"`` or ``"alpha"``.

    None for alpha where a unit sits on its kink.
    """
    if name == "alpha" and not case.smooth:
        return None

    def losses(value: np.ndarray) -> np.ndarray:
        return np.square(case.Y - _OUTPUTS[name](case, value)).sum(axis=1)

    if name == "T":
        return by_differences_in_rows(losses, case.T)
    return numerical_gradient(lambda value: losses(value).sum(), getattr(case, name))


def finite_differences(*names: str) -> Callable[[NetworkCase], tuple[np.ndarray | None, ...]]:
    """Return the second opinion on the gradients with respect to these values, in order."""
    return lambda case: tuple(by_differences(case, name) for name in names)
