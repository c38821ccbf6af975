"""The model of the vanishing-gradients panel: how large each layer's gradient is, and why."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab import deep, layers
from bplab.activations import elu, identity, leaky_relu, relu, sigmoid, tanh
from bplab.data import given_or_penguins
from bplab.learner import Gradients, finite
from bplab.training import initial_weights

__all__ = ["DEPTHS", "SIGMAS", "Norms", "Setting", "VanishingGradients"]

SIGMAS = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "ReLU": relu,
    "leaky ReLU": leaky_relu(0.1),
    "ELU": elu(1.0),
}
DEPTHS = (1, 12)
SMALL = 0.05  # a slope below it lets hardly anything through
FAR, NEAR = 100, 10  # factors between the layers: beyond FAR extreme, within NEAR even
MOST = 0.5  # a larger share of units with a small slope is named as the cause
SLOPES = {"sigmoid": "σ′ is at most 1/4", "tanh": "σ′ is at most 1, and less off 0"}


class Setting(NamedTuple):
    """A network: the number of hidden layers, their activation, the scale of weights, the bias."""

    depth: int
    sigma: str
    scale: float
    bias: float


class Norms(NamedTuple):
    """Euclidean norms in a network with D hidden layers, from the first layer on.

    ``by_alpha`` (D,) and ``by_beta`` are the norms of the weight gradients, ``s`` (D,) and
    ``delta`` those of the hidden deltas and the output delta. ``small`` (D,) is the share of units
    (over all examples) with a slope below 0.05, ``off`` (D,) the share with the slope 0. ``right``
    (D+1,) has the norms of the library's gradients, that of beta last, and ``differs`` (D+1,) tells
    in which layers the gradients that are shown are not the library's. ``verdict`` is a sentence.
    ``units`` has two arrays for each layer, with one norm per unit: of the unit's row of the weight
    gradient, and of its column of the deltas. The output layer is last.
    """

    setting: Setting
    by_alpha: NDArray
    by_beta: float
    s: NDArray
    delta: float
    small: NDArray
    off: NDArray
    right: NDArray
    differs: NDArray
    verdict: str
    units: tuple[tuple[NDArray, NDArray], ...]


class VanishingGradients:
    """One backward pass through a network before training, for any setting.

    Parameters
    ----------
    backward : callable
        The reference, or your own ``backward(X, Y, alphas, beta, sigmas, g)``, which returns the
        gradients with respect to the alphas and beta.
    X : array_like, shape (N, p), optional
        Inputs, used without scaling. The default is the penguins' four measurements, standardised.
    Y : array_like, shape (N, K), optional
        Targets.
    M : int
        Number of units in each hidden layer.
    seed : int
        Seed of the weights.

    Raises
    ------
    ValueError
        If an argument is not as described.
    """

    def __init__(
        self,
        backward: Callable[..., Any] = deep.backward,
        X: ArrayLike | None = None,
        Y: ArrayLike | None = None,
        M: int = 10,
        seed: int = 0,
    ):
        self._X, self._Y = given_or_penguins(X, Y)
        self._X.flags.writeable = self._Y.flags.writeable = False
        self._M, self._seed = M, seed
        self._own = Gradients(backward)
        self.weights(Setting(1, "tanh", 1.0, 0.0))  # raises at once if M is bad

    @property
    def own(self) -> bool:
        """Whether the gradients are the learner's."""
        return not self._own.is_reference

    def weights(self, setting: Setting) -> tuple[tuple[NDArray, ...], NDArray]:
        """Return random alphas and beta.

        They are normal, with standard deviation scale/√inputs for the alphas and 1/√inputs for
        beta. The biases of hidden units are ``setting.bias``, those of the outputs 0.
        """
        p, K = self._X.shape[1], self._Y.shape[1]
        alphas, beta = initial_weights(p, [self._M] * setting.depth, K, seed=self._seed)
        for alpha in alphas:
            alpha[:, 1:] *= setting.scale
            alpha[:, 0] = setting.bias
        return tuple(alphas), beta

    def norms(self, setting: Setting) -> Norms:
        """Run the network forwards and backwards, and return the norms.

        Raises
        ------
        LearnerError
            If the learner's function does not work.
        """
        sigma = SIGMAS[setting.sigma]
        alphas, beta = self.weights(setting)
        sigmas = [sigma] * setting.depth
        A, Z, T, F = layers.forward(self._X, alphas, beta, sigmas, identity)
        delta = layers.output_delta(self._Y, T, F, identity)
        s = layers.hidden_deltas(delta, (*alphas[1:], beta), A, sigmas)
        right = tuple(
            layers.weight_gradient(d, z) for d, z in zip((*s, delta), (self._X, *Z), strict=True)
        )
        shown = right
        if self.own:
            shown = self._checked(self._own(self._X, self._Y, (*alphas, beta), sigmas, identity))
        slopes = [abs(sigma.derivative(a)) for a in A]
        sizes, down = _sizes(shown), _sizes(s)
        off = np.array([np.mean(slope == 0) for slope in slopes])
        small = np.array([np.mean(slope < SMALL) for slope in slopes])
        return Norms(
            setting,
            by_alpha=sizes[:-1],
            by_beta=float(sizes[-1]),
            s=down,
            delta=float(np.linalg.norm(delta)),
            small=small,
            off=off,
            right=_sizes(right),
            differs=np.array([_differ(a, b) for a, b in zip(shown, right, strict=True)]),
            verdict=_verdict(setting, sizes, down, small, off, float(abs(F).max())),
            units=tuple(
                (np.linalg.norm(gradient, axis=1), np.linalg.norm(deltas, axis=0))
                for gradient, deltas in zip(shown, (*s, delta), strict=True)
            ),
        )

    def _checked(self, gradients: tuple[NDArray, ...]) -> tuple[NDArray, ...]:
        for d, gradient in enumerate(gradients):
            name = f"alphas[{d}]" if d < len(gradients) - 1 else "beta"
            finite(gradient, f"gradient with respect to {name}")
        return gradients


def _sizes(arrays: tuple[NDArray, ...]) -> NDArray:
    return np.array([np.linalg.norm(array) for array in arrays])


def _differ(shown: NDArray, right: NDArray) -> bool:
    return bool(np.linalg.norm(shown - right) > 1e-6 * np.linalg.norm(right))


def _verdict(
    setting: Setting, sizes: NDArray, s: NDArray, small: NDArray, off: NDArray, largest: float
) -> str:
    """Return a sentence on what happens to the gradient on its way down."""
    depth = setting.depth
    if not sizes[:-1].any() and sizes[-1]:
        where = ", ".join(str(d + 1) for d in range(depth) if off[d] == 1) or "none"
        return (
            "dead: the weight gradient of every hidden layer is exactly 0. All units are off "
            f"for all examples in layers: {where}. Only the output layer can still learn."
        )
    if not sizes[:-1].all():
        zero = [d + 1 for d in range(depth) if sizes[d] == 0]
        return (
            f"dead below: the gradient is exactly 0 in {_layers(zero)}. Above it all units are off "
            "for all examples, and nothing is sent further down."
        )
    if depth == 1:
        return "one hidden layer: nothing lies between it and the output; add layers."
    ratio = s[0] / s[-1]
    each = f"s changes by a factor of {ratio ** (1 / (depth - 1)):.2g} a layer on its way down"
    if ratio < 1 / FAR:
        worst = small.max()
        if worst > MOST:
            if setting.sigma in ("sigmoid", "tanh"):
                word, why = "saturates", f"up to {worst:.0%} of a layer's units are saturated"
            else:
                word, why = "vanishes", f"up to {worst:.0%} of a layer's units are off"
        else:
            word, why = "vanishes", SLOPES.get(setting.sigma, "the weights are small")
        return f"{word}: {each}; {why}."
    if ratio > FAR or largest > FAR:
        why = f"; an output is as large as {largest:.2g}" if largest > FAR else ""
        return f"explodes: {each}{why}."
    if ratio < 1 / NEAR or ratio > NEAR:
        return f"{'fades' if ratio < 1 else 'grows'}: {each}."
    return f"even enough: {each}."


def _layers(numbers: list[int]) -> str:
    return f"layer{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"
