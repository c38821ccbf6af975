"""How an exercise's function is used in training a small network: an epoch for each kind.

An epoch takes the network, the function and the weights. It returns R(θ) at these weights, and the
weights after one update. All other parts of it are right. They come from `bplab.layers`, because a
mistake may send any number through a network, even infinity, which the library's checked functions
refuse.
"""

import textwrap
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from bplab import layers
from bplab.activations import Activation, Output, elu, leaky_relu, relu, sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.exercises import Exercise
from bplab.layers import Forward
from bplab.learner import Answer, NoNumbers, Raised, as_parts, contained, handed
from bplab.training import initial_weights, times

__all__ = ["TRAININGS", "Network", "Run", "Training"]

Weights = list[np.ndarray]
"""Weights of the hidden layers from the input on, then those of the output layer."""

Shapes = tuple[tuple[int, ...], ...]

WIDTH = 70  # characters that are quoted from an error, at most


# --- the network --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Network:
    """A network on the penguins, always from the same start.

    Attributes
    ----------
    X : ndarray, shape (N, 4)
        Standardised measurements.
    Y : ndarray of int, shape (N, 3)
        Species. They are integers, as such targets often are, so that a mistake that truncates
        numbers to the type of Y has an effect.
    start : list of ndarray
        Weights before the first update.
    sigmas : sequence of Activation
        Activation of each hidden layer.
    g : Activation or Softmax
        Output function.
    gamma : float
        Learning rate.
    """

    X: np.ndarray
    Y: np.ndarray
    start: Weights
    sigmas: Sequence[Activation]
    g: Output
    gamma: float

    @classmethod
    def of(
        cls,
        hidden: Sequence[int],
        sigmas: Sequence[Activation],
        g: Output,
        gamma: float,
        *,
        every: int = 1,
    ) -> "Network":
        """Return a network with these numbers of hidden units, on every ``every``-th bird."""
        X, Y = (array[::every].copy() for array in _birds())
        alphas, beta = initial_weights(X.shape[1], list(hidden), Y.shape[1], seed=0)
        return cls(X, Y, [*alphas, beta], sigmas, g, gamma)

    def __str__(self) -> str:
        hidden = [
            f"{len(w)} hidden units ({sigma})"
            for w, sigma in zip(self.start[:-1], self.sigmas, strict=True)
        ]
        return (
            f"{len(self.X)} penguins, {self.X.shape[1]} features, {', '.join(hidden)}, "
            f"{self.Y.shape[1]} outputs ({self.g}), γ = {self.gamma:g}"
        )

    def forward(self, weights: Weights) -> Forward:
        """Return the forward pass of sections 1 and 3."""
        *alphas, beta = weights
        return layers.forward(self.X, alphas, beta, self.sigmas, self.g)

    def output(self, Z: np.ndarray, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return T and F."""
        T = layers.affine(Z, beta)
        return T, self.g(T)

    def risk(self, F: np.ndarray) -> float:
        """Return R(θ), equation (1)."""
        return float(np.square(self.Y - F).sum())

    def delta(self, T: np.ndarray, F: np.ndarray) -> np.ndarray:
        """Return the output delta."""
        return layers.output_delta(self.Y, T, F, self.g)

    def gradients(self, weights: Weights, stored: Forward, delta: np.ndarray) -> Weights:
        """Return the gradient with respect to each layer's weights, from the last layer's delta."""
        *alphas, last = weights
        found = layers.backward(self.X, stored, delta, alphas, last, self.sigmas[: len(alphas)])
        return [*found.alphas, found.beta]

    def step(self, weights: Weights, gradients: Weights) -> Weights:
        """Return the weights after one update, equations (12) and (13)."""
        return [w - self.gamma * d for w, d in zip(weights, gradients, strict=True)]


@cache
def _birds() -> tuple[np.ndarray, np.ndarray]:
    """Return all penguins, standardised, in random order.

    The file is sorted by species; in that order a target shifted by one row is nearly always right.
    """
    birds = penguins()
    order = np.random.default_rng(0).permutation(len(birds.X))
    X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
    return X[order], birds.Y[order].astype(np.int64)


# --- the function -------------------------------------------------------------------------


class DoesNotRun(Exception):
    """A training cannot go on with the function; the message says why in a few words."""


class NotFinite(Exception):
    """A number that is not finite has come up in a training."""


class Guard:
    """A function that is used instead of an exercise's reference.

    Parameters
    ----------
    exercise : Exercise
    function : callable
        A function with the arguments of the exercise's function. If it writes into them, they stay
        changed, as they would in a learner's training.
    """

    def __init__(self, exercise: Exercise, function: Callable[..., Any]):
        self._exercise, self._function = exercise, function
        self._forms = [part.form for part in exercise.parts]
        self._wanted: dict[Shapes, Shapes] = {}  # shapes of the answer, by shapes of the arguments

    def __call__(self, *arguments: Any) -> tuple[np.ndarray, ...]:
        """Call the function, and return all arrays of its answer, also those in lists of layers.

        Raises
        ------
        DoesNotRun
            If it raises, or its answer does not have the parts and shapes of the reference's.
        NotFinite
            If it raises, and its arguments were not finite.
        """
        given = _shapes(arguments)
        if given not in self._wanted:
            right = as_parts(self._exercise.reference(*arguments), self._forms)
            self._wanted[given] = _shapes(Answer(right).arrays or ())
        wanted = self._wanted[given]
        try:
            with contained():
                parts = as_parts(self._function(*map(handed, arguments)), self._forms)
        except Exception as error:
            if not _finite(arguments):
                raise NotFinite from error
            raised = Raised.of(error)
            said = textwrap.shorten(raised.says, WIDTH, placeholder=" …")
            raise DoesNotRun(f"it raises {Raised(raised.kind, said)}") from error
        arrays = Answer(parts).arrays
        if arrays is None:
            what = next(i.what for part in parts for i in part if isinstance(i, NoNumbers))
            raise DoesNotRun(f"it returns {what}")
        if _shapes(arrays) != wanted:
            raise DoesNotRun(self._difference(_shapes(arrays), wanted))
        return arrays

    def _difference(self, shapes: Shapes, wanted: Shapes) -> str:
        if len(shapes) != len(wanted):
            return f"it returns {times(len(shapes), 'array')}, in place of {len(wanted)}"
        depth = len(wanted) - len(self._exercise.parts) + 1
        names = []
        for part in self._exercise.parts:
            names += [f"{part.name}[{d}]" for d in range(depth)] if part.layered else [part.name]
        return next(
            f"{name} has shape {shape}, in place of {right}"
            for name, shape, right in zip(names, shapes, wanted, strict=True)
            if shape != right
        )


def _shapes(values: Sequence[Any]) -> Shapes:
    """Return the shapes of those values that are arrays."""
    return tuple(value.shape for value in values if isinstance(value, np.ndarray))


def _finite(values: Any) -> bool:
    """Whether all numbers in the arrays, and in lists of arrays, are finite."""
    return all(
        _finite(value) if isinstance(value, (list, tuple)) else np.isfinite(value).all()
        for value in values
        if isinstance(value, (list, tuple, np.ndarray))
    )


Epoch = Callable[[Network, Guard, Weights], tuple[float, Weights]]
"""One update: R(θ) before it, and the weights after it."""


# --- a training ---------------------------------------------------------------------------


class Run(NamedTuple):
    """``losses`` (epochs run + 1,); ``refused`` says why the training could not go on, if so."""

    losses: np.ndarray
    refused: str = ""


@dataclass(frozen=True)
class Training:
    """How to train with the function of one exercise.

    Attributes
    ----------
    epoch : callable
    network : callable
        Returns a fresh network, so that no training can affect another one.
    epochs : int
        Number of epochs, enough for the right function to learn.
    says : str
        A sentence on what is mistaken in this training.
    """

    epoch: Epoch
    network: Callable[[], Network]
    epochs: int
    says: str

    def run(self, exercise: Exercise, function: Callable[..., Any], epochs: int) -> Run:
        """Train from the start with this function; its failures are recorded in the result."""
        network, guard = self.network(), Guard(exercise, function)
        weights, losses = [w.copy() for w in network.start], list[float]()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            while len(losses) <= epochs and np.isfinite(losses[-1:]).all():
                try:
                    if not all(np.isfinite(w).all() for w in weights):
                        raise NotFinite
                    R, weights = self.epoch(network, guard, weights)
                except NotFinite:
                    R = np.nan
                except DoesNotRun as why:
                    return Run(np.array(losses), str(why))
                losses.append(R)
        return Run(np.array(losses))


# --- sections 2.1 and 2.2: the gradients --------------------------------------------------


def _with_grad_beta(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    """Train beta alone: sections that have only (4) or (8) have no gradient for alpha yet."""
    A, Z, T, F = network.forward(weights)
    (by_beta,) = f(network.Y, A[0], Z[0], T, F, network.g)
    return network.risk(F), network.step(weights, [np.zeros_like(weights[0]), by_beta])


def _with_grad_alpha(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    A, Z, T, F = stored = network.forward(weights)
    R, sigma = network.risk(F), network.sigmas[0]
    (by_alpha,) = f(network.X, network.Y, A[0], Z[0], T, F, weights[1], sigma, network.g)
    _, by_beta = network.gradients(weights, stored, network.delta(T, F))
    return R, network.step(weights, [by_alpha, by_beta])


def _with_backward_output(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    A, Z, T, F = stored = network.forward(weights)
    R = network.risk(F)
    delta, by_beta = f(network.Y, A[0], Z[0], T, F, network.g)
    by_alpha, _ = network.gradients(weights, stored, delta)
    return R, network.step(weights, [by_alpha, by_beta])


def _with_backward_hidden(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    A, Z, T, F = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    (by_alpha,) = f(network.X, A[0], Z[0], delta, weights[1], network.sigmas[0])
    return R, network.step(weights, [by_alpha, layers.weight_gradient(delta, Z[0])])


# --- section 1: the forward pass, and the loss --------------------------------------------


def _with_hidden(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    right = network.forward(weights)
    (Z,) = f(network.X, weights[0], network.sigmas[0])
    T, F = network.output(Z, weights[1])
    stored = right._replace(Z=(Z,), T=T, F=F)
    gradients = network.gradients(weights, stored, network.delta(T, F))
    return network.risk(F), network.step(weights, gradients)


def _with_output(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    stored = network.forward(weights)
    T, F = f(stored.Z[0], weights[1], network.g)
    gradients = network.gradients(weights, stored, network.delta(T, F))
    return network.risk(F), network.step(weights, gradients)


def _with_loss(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    """Descend on the mistaken loss, by finite differences; return the right R(θ)."""
    theta = np.concatenate([w.ravel() for w in weights])
    h = 1e-5
    moved = np.concatenate([theta + h * np.eye(theta.size), theta - h * np.eye(theta.size)])
    F = _outputs(network, moved)
    losses = np.array([f(network.Y, outputs)[0].sum() for outputs in F])
    slopes = (losses[: theta.size] - losses[theta.size :]) / (2 * h)
    ends = np.cumsum([w.size for w in weights])[:-1]
    parts = [part.reshape(w.shape) for part, w in zip(np.split(slopes, ends), weights, strict=True)]
    return network.risk(network.forward(weights).F), network.step(weights, parts)


def _outputs(network: Network, thetas: np.ndarray) -> np.ndarray:
    """Return F (runs, N, K) for many weight vectors at once, as finite differences need."""
    alpha, beta = network.start
    alphas = thetas[:, : alpha.size].reshape(-1, *alpha.shape)
    betas = thetas[:, alpha.size :].reshape(-1, *beta.shape)
    A = network.X @ alphas[..., 1:].swapaxes(1, 2) + alphas[:, None, :, 0]
    Z = network.sigmas[0](A)
    return network.g(Z @ betas[..., 1:].swapaxes(1, 2) + betas[:, None, :, 0])


# --- section 2.3: the step itself ---------------------------------------------------------


def _with_update(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    stored = network.forward(weights)
    R = network.risk(stored.F)
    gradients = network.gradients(weights, stored, network.delta(stored.T, stored.F))
    return R, [f(w, d, network.gamma)[0] for w, d in zip(weights, gradients, strict=True)]


def _with_one_pass(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    R = network.risk(network.forward(weights).F)
    sigma, g = network.sigmas[0], network.g
    return R, list(f(network.X, network.Y, *weights, sigma, g, network.gamma))


# --- section 3: many hidden layers --------------------------------------------------------


def _with_weight_gradient(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    stored = network.forward(weights)
    R, delta = network.risk(stored.F), network.delta(stored.T, stored.F)
    (by_beta,) = f(delta, stored.Z[-1])
    *by_alphas, _ = network.gradients(weights, stored, delta)
    return R, network.step(weights, [*by_alphas, by_beta])


def _with_grad_last_hidden(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    A, Z, T, F = stored = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    (by_alpha,) = f(Z[-2], A[-1], delta, weights[-1], network.sigmas[-1])
    *by_alphas, _, by_beta = network.gradients(weights, stored, delta)
    return R, network.step(weights, [*by_alphas, by_alpha, by_beta])


def _with_hidden_delta(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    """Train with the last hidden layer's delta from f; all layers below get theirs from it."""
    A, Z, T, F = stored = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    (s,) = f(delta, weights[-1], A[-1], network.sigmas[-1])
    by_alphas = network.gradients(weights[:-1], stored._replace(A=A[:-1], Z=Z[:-1]), s)
    return R, network.step(weights, [*by_alphas, layers.weight_gradient(delta, Z[-1])])


def _with_hidden_deltas(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    *alphas, beta = weights
    A, Z, T, F = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    s = f(delta, tuple(alphas), beta, A, tuple(network.sigmas))
    gradients = map(layers.weight_gradient, (*s, delta), (network.X, *Z))
    return R, network.step(weights, list(gradients))


def _with_backward(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    *alphas, beta = weights
    R = network.risk(network.forward(weights).F)
    gradients = f(network.X, network.Y, tuple(alphas), beta, tuple(network.sigmas), network.g)
    return R, network.step(weights, list(gradients))


# --- section 4: an activation with its derivative -----------------------------------------


def _with_activation(
    network: Network, f: Guard, weights: Weights, alpha: tuple[float, ...] = ()
) -> tuple[float, Weights]:
    """Train with f as hidden activation; ``alpha`` holds the further arguments that it takes."""
    A, *_ = network.forward(weights)
    Z, slope = f(A[0], *alpha)
    T, F = network.output(Z, weights[1])
    delta = network.delta(T, F)
    s = delta @ weights[1][:, 1:] * slope
    gradients = [layers.weight_gradient(s, network.X), layers.weight_gradient(delta, Z)]
    return network.risk(F), network.step(weights, gradients)


def _with_softmax(network: Network, f: Guard, weights: Weights) -> tuple[float, Weights]:
    stored = network.forward(weights)
    F, jacobian = f(stored.T)
    delta = np.einsum("ik,ikl->il", -2 * (network.Y - F), jacobian)
    return network.risk(F), network.step(weights, network.gradients(weights, stored, delta))


# --- which exercise is trained how --------------------------------------------------------

_ELEMENTWISE = partial(Network.of, [6], [tanh], sigmoid, 0.003)
_SOFTMAX = partial(Network.of, [6], [tanh], softmax, 0.003)
# few examples, since one mistake of (13) handles each example by itself, which is slow
_FEW = partial(Network.of, [6], [tanh], softmax, 0.02, every=6)
_TINY = partial(Network.of, [2], [tanh], sigmoid, 0.03, every=4)
_DEEP = partial(Network.of, [7, 6, 5], [relu, tanh, elu(0.5)], softmax, 0.003, every=3)


def _hidden_layer_of(activation) -> Callable[[], Network]:
    return partial(Network.of, [6], [activation], sigmoid, 0.003)


_BETA = "The gradient with respect to beta is mistaken; alpha stays as it is at the start."
_ALPHA = "The gradient with respect to alpha is mistaken; that with respect to beta is right."
_BOTH = (
    "Delta and the gradient with respect to beta are mistaken; that with respect to alpha comes "
    "from this delta."
)
_FORWARD = "R(θ) is that of the network with the mistake; the gradients are made from its values."
_LOSS = "The network descends on the mistaken loss; R(θ) is the right one at its weights."
_STEP = "The gradients are right, the step is mistaken."
_PASS = "Every pass is mistaken."
_DEEP_BETA = "The gradient with respect to beta is mistaken; all others are right."
_DEEP_LAST = (
    "The gradient with respect to the last hidden layer's weights is mistaken; all others are "
    "right."
)
_DEEP_DELTA = "The last hidden layer's s is mistaken; the layers below get theirs from it."
_DEEP_DELTAS = "The s of the hidden layers are mistaken; delta is right."
_DEEP_ALL = "All gradients are mistaken."

TRAININGS: dict[str, Training] = {
    "hidden": Training(_with_hidden, _ELEMENTWISE, 200, _FORWARD),
    "output": Training(_with_output, _ELEMENTWISE, 200, _FORWARD),
    "eq2": Training(_with_loss, _TINY, 100, _LOSS),
    "eq1": Training(_with_loss, _TINY, 100, _LOSS),
    "eq4": Training(_with_grad_beta, _ELEMENTWISE, 200, _BETA),
    "eq5": Training(_with_grad_alpha, _ELEMENTWISE, 200, _ALPHA),
    "eq6": Training(_with_backward_output, _ELEMENTWISE, 200, _BOTH),
    "eq7": Training(_with_backward_hidden, _ELEMENTWISE, 200, _ALPHA),
    "eq8": Training(_with_grad_beta, _SOFTMAX, 200, _BETA),
    "eq9": Training(_with_grad_alpha, _SOFTMAX, 200, _ALPHA),
    "eq10": Training(_with_backward_output, _SOFTMAX, 200, _BOTH),
    "eq11": Training(_with_backward_hidden, _SOFTMAX, 200, _ALPHA),
    "eq12": Training(_with_update, _SOFTMAX, 200, _STEP),
    "eq13": Training(_with_one_pass, _FEW, 100, _PASS),
    "eq14": Training(_with_weight_gradient, _DEEP, 200, _DEEP_BETA),
    "eq15": Training(_with_grad_last_hidden, _DEEP, 200, _DEEP_LAST),
    "eq16": Training(_with_hidden_delta, _DEEP, 200, _DEEP_DELTA),
    "eq17": Training(_with_hidden_deltas, _DEEP, 200, _DEEP_DELTAS),
    "eq18": Training(_with_backward, _DEEP, 200, _DEEP_ALL),
    "sigmoid": Training(_with_activation, _hidden_layer_of(sigmoid), 200, _FORWARD),
    "tanh": Training(_with_activation, _hidden_layer_of(tanh), 200, _FORWARD),
    "softmax": Training(_with_softmax, _SOFTMAX, 200, _FORWARD),
    "relu": Training(_with_activation, _hidden_layer_of(relu), 200, _FORWARD),
    "leaky-relu": Training(
        partial(_with_activation, alpha=(0.1,)), _hidden_layer_of(leaky_relu(0.1)), 200, _FORWARD
    ),
    "elu": Training(
        partial(_with_activation, alpha=(0.5,)), _hidden_layer_of(elu(0.5)), 200, _FORWARD
    ),
}
