"""Small random networks as test cases, with everything a learner's function may be given.

Sizes N, p, M, K differ from each other, so that no transposition can hide; biases are never
zero, so that nothing about them can hide either. The special cases are the places where
mistakes show that a generic network lets through, and the other way round.

Their gradients are also computed without any formula, by finite differences of R.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
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
from bplab.exercises.task.exercise import MANY, Case, fitted
from bplab.exercises.task.traits import KINK
from bplab.gradcheck import numerical_gradient


class TargetsCase(Case):
    """A case with targets, which can gain and lose the traits in `TARGETS`."""

    Y: np.ndarray

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`; with one target a row, a trait of whole rows cannot be given."""
        if trait not in TARGETS:
            yield from super().put(trait, like)
        elif self.Y.shape[1] > 1 or TARGETS[trait] is no_or_yes:
            yield self.changed(Y=TARGETS[trait](self.Y))

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait in TARGETS:
            yield self.changed(Y=0.9 * self.Y)
        else:
            yield from super().taken(trait, other)


@dataclass(frozen=True)
class NetworkCase(TargetsCase):
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
        """Yield variants: another sigma or g, sizes that are 1 or equal, or another array."""
        for sigma in (tanh, sigmoid, identity, relu):
            yield replace(self, sigma=sigma)
        if self.g is not softmax:
            for g in (tanh, sigmoid, identity):
                yield replace(self, g=g)
        sizes = self.sizes
        smallest = {"K": 2} if self.g is softmax else {}
        others = [{letter: smallest.get(letter, 1)} for letter in sizes]
        others += [
            dict.fromkeys(pair, min(sizes[of] for of in pair)) for pair in combinations(sizes, 2)
        ]
        yield from filter(None, (self.resized(**other) for other in others))
        one_zero = self.alpha.copy()
        one_zero[0, -1] = 0
        for alpha in (_no_bias(self.alpha.copy()), one_zero):
            yield replace(self, alpha=alpha)
        yield replace(self, beta=_no_bias(self.beta.copy()))
        for X in (integers(self.X), first_zero(self.X.copy()), half_large(self.X.copy())):
            yield replace(self, X=X)
        for Y in (zero_or_one(self.Y), one_hot(self.Y), shares(self.Y)):
            yield replace(self, Y=Y)

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return what kind of targets it has, and whether a value is on a kink."""
        yield from targets_traits(self.Y, names)
        if "sigma" in names and self.sigma.kink and not self.A.all():
            yield KINK

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == KINK:
            kinked = replace(self, sigma=self.sigma if self.sigma.kink else relu)
            X, alpha = one_on_the_kink(self.X, self.alpha)
            yield from (kinked, replace(kinked, X=X, alpha=alpha))
        else:
            yield from super().put(trait, like)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        if trait == KINK:
            yield replace(self, sigma=tanh)
            yield replace(self, alpha=off_the_kink(self.alpha))
        else:
            yield from super().taken(trait, other)

    def resized(self, **measures: int) -> "NetworkCase | None":
        """See `Case`; None for a softmax of one output."""
        N, p, M, K = (self.sizes | measures).values()
        if K == 1 and self.g is softmax:
            return None
        return replace(
            self,
            X=fitted(self.X, N, p),
            Y=fitted(self.Y, N, K),
            alpha=fitted(self.alpha, M, p + 1),
            beta=fitted(self.beta, K, M + 1),
        )

    def turned(self) -> "NetworkCase":
        """Return the network with its hidden units in another order, which leaves F as it is."""
        order = np.roll(np.arange(len(self.alpha)), 1)
        beta = np.column_stack([self.beta[:, 0], self.beta[:, 1:][:, order]])
        turned = replace(
            self, name="hidden units in another order", alpha=self.alpha[order], beta=beta
        )
        for name in ("T", "F", "delta"):  # equal but for rounding, in another order of summation
            object.__setattr__(turned, name, getattr(self, name))
        return turned

    def met(self) -> "NetworkCase":
        """Return the case with targets equal to F in the whole first row and in one more entry."""
        Y = self.Y.copy()
        Y[0], Y[-1, -1] = self.F[0], self.F[-1, -1]
        return replace(self, Y=Y)


def targets_traits(Y: np.ndarray, names: Container[str]) -> Iterator[str]:
    """Yield the traits of the targets, if ``names`` has ``"Y"``."""
    if "Y" not in names:
        return
    if np.isin(Y, (0, 1)).all():
        yield "Y holds nothing but 0 and 1"
    if Y.shape[1] > 1 and np.allclose(Y.sum(axis=1), 1):
        yield "each row of Y sums to 1"
        if np.isin(Y, (0, 1)).all():
            yield "Y is one-hot"


def one_on_the_kink(X: np.ndarray, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and weights for which the first pre-activation of the first unit is exactly 0.

    The numbers are rounded to few enough binary digits that sums of their products are exact.
    """
    X, alpha = np.array(X, float), np.array(alpha, float)
    X[0], alpha[0, 1:] = np.rint(2**8 * X[0]) / 2**8, np.rint(2**12 * alpha[0, 1:]) / 2**12
    alpha[0, 0] = -(X[0] @ alpha[0, 1:])
    return X, alpha


def off_the_kink(alpha: np.ndarray) -> np.ndarray:
    """Return weights with slightly moved biases, so that no pre-activation is zero."""
    alpha = np.array(alpha, float)
    alpha[:, 0] += 1e-3 * (1 + np.arange(len(alpha)))
    return alpha


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
        """N, p, M and K, larger than any size at which a loop may stop; all different."""
        p, M, K = (int(n) for n in 11 + self.rng.permutation(4)[:3])
        return int(self.rng.integers(MANY + 1, MANY + 20)), p, M, K

    def alpha(self) -> float:
        """An activation's α that no list of activations has."""
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
        shared: Mapping[str, np.ndarray] | None = None,
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
        values |= shared or {}
        return NetworkCase(name, **values, sigma=sigma, g=g, special=special, smooth=smooth)

    def on_the_kink(self, N: int, p: int, M: int, K: int, g: Output) -> NetworkCase:
        """Draw until some units are on: the first example is on the kink, all others may be off."""
        while True:
            found = self.case("on the kink", N, p, M, K, relu, g, X=first_zero, alpha=_no_bias,
                              special=True, smooth=False)  # fmt: skip
            if found.Z.any():
                return found

    def large_t(self, N: int, p: int, M: int, K: int, sigma: Activation, g: Output) -> NetworkCase:
        """Draw until some t are large: with small weights, large X are not enough."""
        while True:
            found = self.case(
                *("large t", N, p, M, K, sigma, g),
                special=True,
                X=lambda X: np.asfortranarray(half_large(X)),
                Y=np.asfortranarray,
            )
            if np.abs(found.T).max() > LARGE_T:
                return found


def half_large(X: np.ndarray) -> np.ndarray:
    """Let half of the examples saturate, which must not spoil the others."""
    X[::2] *= 25
    return X


def _very_large(X: np.ndarray) -> np.ndarray:
    X[0] *= 400
    return half_large(X)


def signs(Y: np.ndarray) -> np.ndarray:
    """Return targets of −1 or 1; both occur."""
    return np.where(np.median(Y) < Y, 1.0, -1.0)


def first_zero(X: np.ndarray) -> np.ndarray:
    """Let all features of the first example be 0."""
    X[0] = 0
    return X


def _no_bias(alpha: np.ndarray) -> np.ndarray:
    alpha[:, 0] = 0
    return alpha


def integers(array: np.ndarray) -> np.ndarray:
    """Return the integers nearest to twice the numbers."""
    return np.rint(2 * array).astype(np.int64)


def times(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that multiplies an array."""
    return lambda array: array * factor


def _weights_times(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    # for very small or very large inputs, so that the sums are moderate
    def scaled(weights: np.ndarray) -> np.ndarray:
        weights[:, 1:] *= factor
        return weights

    return scaled


def first_twice(X: np.ndarray) -> np.ndarray:
    """Make the second row equal to the first."""
    X[1] = X[0]
    return X


def _far(distance: float) -> Callable[[np.ndarray], np.ndarray]:
    # targets of both signs, far from every F
    return lambda Y: distance * (Y - 0.5)


def _below_zero(beta: np.ndarray) -> np.ndarray:
    beta[:, 0] = -1.5 - np.abs(beta[:, 1:]).sum(axis=1)
    return beta


def zero_or_one(Y: np.ndarray) -> np.ndarray:
    """Return targets of 0 or 1, as integers."""
    return (Y > 0.5).astype(np.int64)


def counts(X: np.ndarray) -> np.ndarray:
    """Return whole numbers, none of them negative, as floats: like the values of pixels."""
    return np.rint(np.abs(3 * X))


def no_or_yes(Y: np.ndarray) -> np.ndarray:
    """Return targets of 0 or 1, as floats; both occur."""
    above: np.ndarray = np.median(Y) < Y
    return above.astype(np.float64)


def one_hot(Y: np.ndarray) -> np.ndarray:
    """Return targets, as floats, with a 1 where each row is largest."""
    return (Y.max(axis=1, keepdims=True) == Y).astype(np.float64)


def shares(Y: np.ndarray) -> np.ndarray:
    """Return targets scaled so that each row sums to 1."""
    shares: np.ndarray = Y / Y.sum(axis=1, keepdims=True)
    return shares


TARGETS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "Y holds nothing but 0 and 1": no_or_yes,
    "each row of Y sums to 1": lambda Y: shares(0.1 + np.abs(Y)),
    "Y is one-hot": one_hot,
}
"""Each trait of targets, with a function that makes such targets."""


def _one_hot_times_2(Y: np.ndarray) -> np.ndarray:
    # with a target of 1, all residuals of a small case may be cut to zero, and every delta too
    return 2 * one_hot(Y).astype(np.int64)


def network_cases(rng: np.random.Generator) -> list[NetworkCase]:
    """The cases of sections 1 and 2.1: generic ones first, then each place where mistakes hide.

    Some share arrays or shapes with the generic case. So an answer that is cached by one argument,
    or by the shapes, is wrong in another case.
    """
    draw = _Draw(rng)
    sizes, case = draw.sizes, draw.case
    many = _Draw(*rng.spawn(1))
    N, p, M, K = sizes()
    *_, n = sizes()
    generic = case("generic", N, p, M, K, tanh, sigmoid)
    return [
        generic,
        generic.turned(),
        # no number is so large that adding it, or its square, to another loses the other
        case(
            "identity output",
            *sizes(),
            leaky_relu(0.3),
            identity,
            X=times(20),
            beta=times(20),
            Y=_far(4e4),
        ).met(),
        case("square", n, n, n, n, tanh, sigmoid),
        case("one example", 1, p, M, K, tanh, sigmoid, Y=one_hot, special=True),
        case(
            "one output",
            N,
            p,
            M,
            1,
            tanh,
            sigmoid,
            Y=no_or_yes,
            special=True,
            shared=_of(generic, "X", "alpha"),
        ),
        case(
            "one hidden unit",
            N,
            p,
            1,
            K,
            sigmoid,
            sigmoid,
            Y=shares,
            X=times(1e-6),
            alpha=lambda alpha: _weights_times(1e6)(np.abs(alpha)),
            beta=lambda beta: -np.abs(beta),
            special=True,
        ),
        case(
            "large pre-activations",
            6,
            3,
            4,
            2,
            leaky_relu(0.1),
            sigmoid,
            X=lambda X: np.asfortranarray(_very_large(X)),
            Y=np.asfortranarray,
            special=True,
        ),
        draw.on_the_kink(N, p, M, K, sigmoid),
        case("integer arrays", *sizes(), tanh, sigmoid, X=integers, Y=zero_or_one, special=True),
        many.case("many examples", *many.large(), tanh, sigmoid, X=first_twice, Y=one_hot),
        many.case(
            "small numbers",
            *many.sizes(),
            elu(many.alpha()),
            elu(many.alpha() / 1e3),
            Y=times(1e-3),
            beta=_below_zero,
        ),
        many.case("one feature", N, 1, M, K, sigmoid, sigmoid, Y=signs, special=True),
        many.case(
            "large weights",
            *many.sizes(),
            tanh,
            sigmoid,
            X=times(1 / 3e4),
            alpha=times(1 / 3e4),
            beta=_weights_times(3e4),
        ),
        case(
            "other activations",
            N,
            p,
            M,
            K,
            sigmoid,
            tanh,
            X=counts,
            shared=_of(generic, "Y", "alpha", "beta"),
        ),
        many.case("sizes of one", 1, 1, 1, 1, sigmoid, tanh, special=True),
    ]


def _of(case: NetworkCase, *names: str) -> dict[str, np.ndarray]:
    """Return copies of another case's arrays, to be used in place of those that are drawn."""
    return {name: np.array(getattr(case, name)) for name in names}


def softmax_cases(rng: np.random.Generator) -> list[NetworkCase]:
    """The cases of section 2.2. K is at least 2: the softmax of one output is always 1."""
    draw = _Draw(rng)
    sizes, case = draw.sizes, draw.case
    many = _Draw(*rng.spawn(1))
    N, p, M, K = sizes()
    *_, n = sizes()
    generic = case("generic", N, p, M, K, tanh, softmax)
    return [
        generic,
        generic.turned(),
        case(
            "targets that do not sum to 1",
            *sizes(),
            elu(0.5),
            softmax,
            X=times(3e4),
            alpha=_weights_times(1 / 3e4),
            Y=_far(300),
        ).met(),
        case("square", n, n, n, n, tanh, softmax),
        case("one example", 1, p, M, K, tanh, softmax, Y=one_hot, special=True),
        case("two outputs", N, p, M, 2, tanh, softmax, Y=shares, shared=_of(generic, "X", "alpha")),
        case("one hidden unit", N, p, 1, K, tanh, softmax, special=True),
        draw.large_t(6, 3, 4, 5, leaky_relu(0.1), softmax),
        draw.on_the_kink(N, p, M, K, softmax),
        case(
            "integer arrays", *sizes(), tanh, softmax, X=integers, Y=_one_hot_times_2, special=True
        ),
        many.case(
            "many examples",
            *many.large(),
            tanh,
            softmax,
            Y=one_hot,
            X=lambda X: first_twice(X) / 3e4,
            alpha=times(1 / 3e4),
            beta=_weights_times(3e4),
        ),
        many.case("small numbers", *many.sizes(), tanh, softmax, X=times(1e-6), alpha=times(1e-6)),
        many.case(
            "one feature",
            N,
            1,
            M,
            K,
            leaky_relu(0.3),
            softmax,
            X=times(3e4),
            Y=signs,
            beta=_weights_times(1 / 3e4),
            special=True,
        ),
        case(
            "another hidden layer",
            N,
            p,
            M,
            K,
            sigmoid,
            softmax,
            X=counts,
            shared=_of(generic, "Y", "alpha", "beta"),
        ),
        many.case("sizes of one", 1, 1, 1, 2, sigmoid, softmax, special=True),
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
"""How F is computed from each of the values that R is differentiated with respect to."""


def by_differences_in_rows(
    losses: Callable[[np.ndarray], np.ndarray], at: np.ndarray
) -> np.ndarray:
    """Return the gradient of R = Σ R_i with respect to an array, where R_i depends on row i alone.

    So one column is moved in all rows at once, and each R_i shows the effect of its own row.

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
        F = _OUTPUTS[name](case, value)
        # R_i without Σ y_ik², which no weight changes: in y − f, F loses digits to large targets
        return (F * (F - 2 * case.Y)).sum(axis=1)

    if name == "T":
        return by_differences_in_rows(losses, case.T)
    # a weight is multiplied by its input: the step takes account of both, and of what it changes
    inputs = np.abs(case.Z if name == "beta" else case.X).max(axis=0)
    moved = max(1.0, float(np.median(np.abs(case.T if name == "beta" else case.A))))
    if name == "alpha":
        moved /= max(1.0, np.abs(case.beta[:, 1:]).max())
    unit = moved / np.concatenate([[1], np.where(inputs > 0, inputs, 1)])
    by_moves = numerical_gradient(
        lambda moves: losses(moves * unit).sum(), getattr(case, name) / unit
    )
    gradient: np.ndarray = by_moves / unit
    return gradient


def finite_differences(*names: str) -> Callable[[NetworkCase], tuple[np.ndarray | None, ...]]:
    """Return the second opinion on the gradients with respect to these values, in order."""
    return lambda case: tuple(by_differences(case, name) for name in names)
