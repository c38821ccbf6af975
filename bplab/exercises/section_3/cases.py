"""Test cases with D hidden layers, for section 3.

Layers differ in width and in activation. So a mistake that takes the weights, A or σ of a wrong
layer shows in the shapes or in the numbers. One case has equal widths: there only numbers show it.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

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
from bplab.exercises.task import (
    KINK,
    MANY,
    Case,
    TargetsCase,
    counts,
    first_twice,
    first_zero,
    fitted,
    half_large,
    integers,
    no_or_yes,
    off_the_kink,
    one_hot,
    one_on_the_kink,
    shares,
    signs,
    targets_traits,
    times,
    zero_or_one,
)

__all__ = ["DeepCase", "LayerCase", "deep_cases", "last_hidden_cases", "output_cases"]


@dataclass(frozen=True)
class DeepCase(TargetsCase):
    """A network of section 3 with data, its forward pass and its output delta.

    A value with one item for each layer is a tuple, as `bplab.train` passes it on.
    """

    name: str
    X: np.ndarray
    Y: np.ndarray
    alphas: tuple[np.ndarray, ...]
    beta: np.ndarray
    sigmas: tuple[Activation, ...]
    g: Output
    special: bool = False
    smooth: bool = True
    A: tuple[np.ndarray, ...] = field(init=False)
    Z: tuple[np.ndarray, ...] = field(init=False)
    T: np.ndarray = field(init=False)
    F: np.ndarray = field(init=False)
    delta: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        X, *weights, beta = (
            array.astype(np.float64, copy=False) for array in (self.X, *self.alphas, self.beta)
        )
        stored = layers.forward(X, weights, beta, self.sigmas, self.g)
        delta = layers.output_delta(self.Y, stored.T, stored.F, self.g)
        for name, value in {**stored._asdict(), "delta": delta}.items():
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> dict[str, int]:
        """Return N, p, D and K; the widths of the hidden layers are in the setting."""
        N, p = self.X.shape
        return {"N": N, "p": p, "D": len(self.alphas), "K": len(self.beta)}

    @property
    def setting(self) -> str:
        """How wide the hidden layers are, and which activations there are."""
        widths = ", ".join(str(len(alpha)) for alpha in self.alphas)
        sigmas = ", ".join(map(str, self.sigmas))
        return f"hidden units: {widths}, σ: {sigmas}, g = {self.g}"

    @property
    def widths(self) -> list[int]:
        """Return how many units the hidden layers have."""
        return [len(alpha) for alpha in self.alphas]

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return what kind of targets it has, how wide it is, and whether a value is on a kink."""
        yield from targets_traits(self.Y, names)
        yield from _of_widths(self.widths)
        on_kink = (s.kink and not A.all() for s, A in zip(self.sigmas, self.A, strict=True))
        if "sigmas" in names and any(on_kink):
            yield KINK

    def put(self, trait: str, like: Case) -> Iterator[Case | None]:
        """See `Case`."""
        widths = self.widths
        if trait == KINK:
            (_, *above), (alpha, *alphas) = self.sigmas, self.alphas
            kinked = replace(self, sigmas=(relu, *above))
            X, alpha = one_on_the_kink(self.X, alpha)
            yield from (kinked, replace(kinked, X=X, alphas=(alpha, *alphas)))
        elif trait == ONE_UNIT:
            for d in range(len(widths)):
                yield self.widened([*widths[:d], 1, *widths[d + 1 :]])
        elif trait == EQUALLY_WIDE and len(widths) > 1:
            yield from (self.widened([n] * len(widths)) for n in (min(widths), max(widths)))
        elif trait == UNEQUALLY_WIDE and len(widths) > 1:
            yield self.widened([widths[0] + d for d in range(len(widths))])
        else:
            yield from super().put(trait, like)

    def taken(self, trait: str, other: Case) -> Iterator[Case | None]:
        """See `Case`."""
        widths = self.widths
        if trait == KINK:
            yield replace(self, sigmas=tuple(tanh if s.kink else s for s in self.sigmas))
            biased = [off_the_kink(alpha) for alpha in self.alphas]
            yield replace(self, alphas=tuple(biased))
        elif trait == ONE_UNIT:
            yield self.widened([max(n, 2) for n in widths])
            yield self.widened([n + 2 for n in widths])
        elif trait == EQUALLY_WIDE:
            yield self.widened([widths[0] + 1, *widths[1:]])
            yield self.widened([*widths[:-1], widths[-1] + 1])
        elif trait == UNEQUALLY_WIDE:
            yield from (self.widened([n] * len(widths)) for n in (min(widths), max(widths)))
        else:
            yield from super().taken(trait, other)

    def widened(self, widths: Sequence[int]) -> "DeepCase":
        """Return it with other widths of its hidden layers; ``widths`` has one for each of them."""
        inputs = [self.X.shape[1], *widths]
        alphas = [fitted(a, n, m + 1) for a, n, m in zip(self.alphas, widths, inputs, strict=False)]
        return replace(
            self, alphas=tuple(alphas), beta=fitted(self.beta, len(self.beta), inputs[-1] + 1)
        )

    def resized(self, **measures: int) -> "DeepCase | None":
        """See `Case`: layers are added, or left out, at the end."""
        N, p, D, K = (self.sizes | measures).values()
        if K == 1 and self.g is softmax:
            return None
        widths, sigmas, alphas = self.widths[:D], [*self.sigmas[:D]], [*self.alphas[:D]]
        while len(widths) < D:
            sigma = next(s for s in (sigmoid, elu(0.5), tanh) if s not in sigmas[-2:])
            alphas.append(fitted(self.alphas[0], widths[0] + 1, widths[-1] + 1))
            widths.append(widths[0] + 1)
            sigmas.append(sigma)
        alphas[0] = fitted(alphas[0], widths[0], p + 1)
        return replace(
            self,
            X=fitted(self.X, N, p),
            Y=fitted(self.Y, N, K),
            alphas=tuple(alphas),
            beta=fitted(self.beta, K, widths[-1] + 1),
            sigmas=tuple(sigmas),
        )

    def varied(self) -> Iterator["DeepCase"]:
        """Yield variants: one sigma for all layers, one example, or one output."""
        yield replace(self, sigmas=self.sigmas[:1] * len(self.sigmas))
        yield replace(self, X=self.X[:1], Y=self.Y[:1])
        if self.g is not softmax:
            yield replace(self, Y=self.Y[:, :1], beta=self.beta[:1])

    def turned(self) -> "DeepCase":
        """Return the network with its hidden units in another order, which leaves F as it is."""
        weights = [*self.alphas, self.beta]
        for d, alpha in enumerate(self.alphas):
            order = np.roll(np.arange(len(alpha)), 1)
            above = weights[d + 1]
            weights[d] = weights[d][order]
            weights[d + 1] = np.column_stack([above[:, 0], above[:, 1:][:, order]])
        *alphas, beta = weights
        turned = replace(
            self, name="hidden units in another order", alphas=tuple(alphas), beta=beta
        )
        for name in ("T", "F", "delta"):  # equal but for rounding, in another order of summation
            object.__setattr__(turned, name, getattr(self, name))
        return turned


ONE_UNIT = "a hidden layer has one unit"
EQUALLY_WIDE = "all hidden layers are equally wide"
UNEQUALLY_WIDE = "the hidden layers differ in width"


def _of_widths(widths: Sequence[int]) -> Iterator[str]:
    if 1 in widths:
        yield ONE_UNIT
    if len(widths) > 1:
        yield EQUALLY_WIDE if len(set(widths)) == 1 else UNEQUALLY_WIDE


@dataclass(frozen=True)
class LayerCase(Case):
    """One layer of a `DeepCase`, with the arguments for functions of a single layer.

    Attributes
    ----------
    network : DeepCase
    hidden : bool
        Whether it is the last hidden layer; if not, it is the output layer.
    whole : bool
        Whether its inputs are given as integers; they are whole numbers then.
    inputs, A : ndarray
        The layer's inputs, and its pre-activations.
    weights : ndarray, optional
        The weights of the output layer above it; None for the output layer itself.
    sigma : Activation, optional
        Its activation; None for the output layer.
    """

    network: DeepCase
    hidden: bool
    whole: bool = False
    inputs: np.ndarray = field(init=False)
    A: np.ndarray = field(init=False)
    weights: np.ndarray | None = field(init=False)
    sigma: Activation | None = field(init=False)

    def __post_init__(self) -> None:
        of = self.network
        for name in ("name", "special", "smooth", "Y", "T", "g", "beta", "delta"):
            object.__setattr__(self, name, getattr(of, name))
        inputs = (of.X, *of.Z)[-2 if self.hidden else -1]
        layer = {
            "inputs": inputs.astype(np.int64) if self.whole else inputs,
            "A": of.A[-1] if self.hidden else of.T,
            "weights": of.beta if self.hidden else None,
            "sigma": of.sigmas[-1] if self.hidden else None,
        }
        for name, value in layer.items():
            object.__setattr__(self, name, value)

    @property
    def sizes(self) -> dict[str, int]:
        """Return the sizes of the network."""
        return self.network.sizes

    @property
    def measures(self) -> dict[str, int]:
        """Return the sizes of its arrays, without D: a function for one layer is not told D."""
        return {
            "N": len(self.inputs),
            "K": len(self.network.beta),
            "M_D": self.network.widths[-1],
        } | ({"M_{D-1}": self.inputs.shape[1]} if self.hidden else {})

    def resized(self, **measures: int) -> "LayerCase | None":
        """See `Case`: the network is resized as well."""
        wanted = {**self.measures, **measures}
        widths, p = [*self.network.widths[:-1], wanted["M_D"]], self.network.sizes["p"]
        if self.hidden and len(widths) > 1:
            widths[-2] = wanted["M_{D-1}"]
        elif self.hidden:
            p = wanted["M_{D-1}"]
        network = self.network.widened(widths).resized(N=wanted["N"], p=p, K=wanted["K"])
        return None if network is None else LayerCase(network, self.hidden, self.whole)

    def changed(self, **values: Any) -> "LayerCase | None":
        """See `Case`: another activation is set in the network as well."""
        of = self.network
        if "sigma" in values and self.hidden:
            values["sigmas"] = (*of.sigmas[:-1], values.pop("sigma"))
        made = of.changed(**values)
        return LayerCase(made, self.hidden, self.whole) if isinstance(made, DeepCase) else None

    @property
    def setting(self) -> str:
        """Return the setting of the network."""
        return self.network.setting

    def own_traits(self, names: Container[str]) -> Iterable[str]:
        """Return whether a value is on a kink, if the layer's activation is given."""
        if "sigma" in names and self.sigma and self.sigma.kink and not self.A.all():
            yield KINK


class _Draw:
    """Random deep networks from one generator."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def sizes(self, D: int) -> tuple[int, int, list[int], int]:
        """N, p, the widths of D layers and K, all different."""
        N, p, K, *widths = (int(n) for n in 2 + self.rng.permutation(D + 3))
        return N, p, widths, K

    def large(self, D: int) -> tuple[int, int, list[int], int]:
        """The same, larger than any size at which a loop may stop."""
        p, K, *widths = (int(n) for n in 7 + self.rng.permutation(D + 2))
        return int(self.rng.integers(MANY + 1, MANY + 20)), p, widths, K

    def weights(self, *widths: int) -> list[np.ndarray]:
        """The weights of every layer, of a size that keeps the signal, and no bias near zero."""
        layers = []
        for inputs, units in pairwise(widths):
            w = self.rng.standard_normal((units, inputs + 1)) * 1.5 / np.sqrt(inputs)
            w[:, 0] = self.rng.choice([-1, 1], units) * self.rng.uniform(0.3, 0.8, units)
            layers.append(w)
        return layers

    def case(
        self,
        name: str,
        sizes: tuple[int, int, list[int], int],
        sigmas: Sequence[Activation],
        g: Output,
        X: Callable[[np.ndarray], np.ndarray] | None = None,
        Y: Callable[[np.ndarray], np.ndarray] | None = None,
        weights: Callable[..., list[np.ndarray]] | None = None,
        special: bool = False,
        smooth: bool = True,
    ) -> DeepCase:
        """Draw a network; X, Y and weights are functions that change what is drawn."""
        N, p, widths, K = sizes
        inputs = self.rng.standard_normal((N, p))
        targets = self.rng.uniform(0.1, 0.9, (N, K))
        inputs, targets = X(inputs) if X else inputs, Y(targets) if Y else targets
        *alphas, beta = (
            weights(self.weights(p, *widths, K), inputs, sigmas)
            if weights
            else (self.weights(p, *widths, K))
        )
        return DeepCase(
            name, inputs, targets, tuple(alphas), beta, tuple(sigmas), g, special, smooth
        )


def _whole_weights(
    weights: list[np.ndarray], X: np.ndarray, sigmas: Sequence[Activation]
) -> list[np.ndarray]:
    return [np.rint(2 * w).astype(np.int64) for w in weights]


def _whole_alphas(
    weights: list[np.ndarray], X: np.ndarray, sigmas: Sequence[Activation]
) -> list[np.ndarray]:
    *alphas, beta = weights
    return [*_whole_weights(alphas, X, sigmas), beta]


def _no_biases(
    weights: list[np.ndarray], X: np.ndarray, sigmas: Sequence[Activation]
) -> list[np.ndarray]:
    for alpha in weights[:-1]:
        alpha[:, 0] = 0
    return weights


def _thousandth(Y: np.ndarray) -> np.ndarray:
    return Y / 1e3


def _weights_of(case: DeepCase) -> Callable[..., list[np.ndarray]]:
    return lambda *drawn: [*map(np.array, case.alphas), np.array(case.beta)]


def _alphas_of(case: DeepCase) -> Callable[..., list[np.ndarray]]:
    return lambda drawn, *_: [*map(np.array, case.alphas), drawn[-1]]


def _last_large(
    weights: list[np.ndarray], X: np.ndarray, sigmas: Sequence[Activation]
) -> list[np.ndarray]:
    *others, last, beta = weights
    return [*others, 30 * last, 20 * beta]


def _small_weights(
    weights: list[np.ndarray], X: np.ndarray, sigmas: Sequence[Activation]
) -> list[np.ndarray]:
    # delta is about 1e-3, and what is sent back about 1e-6, then 1e-8
    *alphas, beta = weights
    return [*(alpha / 30 for alpha in alphas), beta / 1e3]


def _on_and_off(
    weights: list[np.ndarray], X: np.ndarray, sigmas: Sequence[Activation]
) -> list[np.ndarray]:
    """In each ReLU layer: the first unit on for half of the examples, the second dead, the last on.

    Every pre-activation keeps its distance from the kink.
    """
    inputs = X
    for alpha, sigma in zip(weights, sigmas, strict=False):
        if sigma is relu:
            alpha[:, 0] = 0
            A = layers.affine(inputs, alpha)
            halves = np.sort(A, axis=0)[len(A) // 2 - 1 : len(A) // 2 + 1]
            alpha[:, 0] = -halves.mean(axis=0)
            alpha[1, 0] = -A[:, 1].max() - 0.3
            alpha[-1, 0] = 0.3 - A[:, -1].min()
        inputs = sigma(layers.affine(inputs, alpha))
    return weights


def deep_cases(rng: np.random.Generator) -> list[DeepCase]:
    """The cases of section 3: depths from 1 to 4, and 6; and each place where mistakes hide."""
    draw = _Draw(rng)
    sizes, case = draw.sizes, draw.case
    many = _Draw(*rng.spawn(1))
    n = int(rng.integers(3, 6))
    _, p, widths, K = sizes(3)
    two, three = [tanh, sigmoid], [sigmoid, elu(0.5), tanh]
    generic_sizes = sizes(2)
    generic = case("two hidden layers", generic_sizes, two, sigmoid)
    return [
        generic,
        generic.turned(),
        case("three hidden layers", sizes(3), three, softmax, Y=one_hot),
        case(
            "four hidden layers",
            sizes(4),
            [tanh, elu(0.5), sigmoid, leaky_relu(0.1)],
            identity,
            Y=times(2e4),
            weights=_last_large,
        ),
        case(
            "one hidden layer",
            sizes(1),
            [leaky_relu(0.2)],
            identity,
            X=times(20),
            Y=times(2e4),
            special=True,
        ),
        case("square", (n, n, [n] * 3, n), [elu(0.5), tanh, sigmoid], tanh),
        case("one example", (1, p, widths, K), three, identity, special=True),
        case(
            "one output",
            (*generic_sizes[:3], 1),
            two,
            sigmoid,
            X=lambda _: generic.X.copy(),
            Y=no_or_yes,
            weights=_alphas_of(generic),
            special=True,
        ),
        case("one hidden unit", (5, 3, [1], 2), [sigmoid], tanh, Y=signs, special=True),
        case("a layer of one unit", (6, 3, [4, 1, 5], 2), three, identity, special=True),
        case(
            "dead units",
            (6, 3, [5, 4, 7], 2),
            [relu, relu, tanh],
            sigmoid,
            weights=_on_and_off,
            special=True,
        ),
        case(
            "on the kink",
            (6, 3, [5, 4], 2),
            [leaky_relu(0.1), relu],
            softmax,
            X=first_zero,
            weights=_no_biases,
            special=True,
            smooth=False,
        ),
        case(
            "large pre-activations",
            (6, 3, [5, 4], 2),
            [leaky_relu(0.1), sigmoid],
            softmax,
            X=lambda X: np.asfortranarray(half_large(X)),
            Y=lambda Y: np.asfortranarray(shares(Y)),
            special=True,
        ),
        case(
            "integer arrays",
            sizes(2),
            [sigmoid, tanh],
            sigmoid,
            X=integers,
            Y=zero_or_one,
            weights=_whole_weights,
            special=True,
        ),
        many.case(
            "many examples and layers",
            many.large(6),
            [tanh, leaky_relu(0.1), elu(0.5), leaky_relu(0.3), sigmoid, elu(0.8)],
            sigmoid,
            X=first_twice,
        ),
        many.case(
            "small numbers",
            many.sizes(2),
            [sigmoid, tanh],
            identity,
            Y=_thousandth,
            weights=_small_weights,
        ),
        many.case("one feature", (4, 1, [3, 5], 2), two, sigmoid, special=True),
        many.case(
            "other inputs",
            generic_sizes,
            [sigmoid, tanh],
            tanh,
            X=counts,
            Y=lambda _: generic.Y.copy(),
            weights=_weights_of(generic),
        ),
        many.case("sizes of one", (1, 1, [1], 1), [sigmoid], tanh, special=True),
    ]


def _with_whole_inputs(rng: np.random.Generator, sigma: Activation) -> DeepCase:
    """A network with one hidden layer and integer inputs; with the identity, Z is whole as well.

    It has a generator of its own, so that the other cases are drawn as without it.
    """
    draw = _Draw(*rng.spawn(1))
    return draw.case(
        "integer inputs",
        draw.sizes(1),
        [sigma],
        tanh,
        X=integers,
        weights=_whole_alphas if sigma is identity else None,
        special=True,
    )


def output_cases(rng: np.random.Generator) -> list[LayerCase]:
    """The output layer of every case; ``inputs`` is :math:`Z^{(D)}`, integers in the last case."""
    cases = [LayerCase(case, hidden=False) for case in deep_cases(rng)]
    whole = _with_whole_inputs(rng, identity)
    return [*cases, LayerCase(whole, hidden=False, whole=True)]


def last_hidden_cases(rng: np.random.Generator) -> list[LayerCase]:
    """The last hidden layer of every case; ``inputs`` is :math:`Z^{(D-1)}`, or X for D = 1."""
    return [
        LayerCase(case, hidden=True)
        for case in [*deep_cases(rng), _with_whole_inputs(rng, sigmoid)]
    ]
