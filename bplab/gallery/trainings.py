"""How an exercise's function takes part in training a network, one small epoch a kind.

An epoch takes the network, the function and the weights; it returns R(θ) at these weights, and
the weights after one update. Whatever is not the exercise's own is done right.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.activations import elu, leaky_relu, relu, sigmoid, softmax, tanh
from bplab.exercises.steps.five_steps import RIGHT, residual, weight_gradient
from bplab.exercises.task.exercise import Exercise
from bplab.gallery.guard import DoesNotRun, Guard, NoNumber
from bplab.gallery.network import Network, Pass, Weights

__all__ = ["TRAININGS", "Run", "Training"]

Epoch = Callable[[Network, Guard, Weights], tuple[float, Weights]]


class Run(NamedTuple):
    """``losses`` (epochs run + 1,); ``refused`` says why the training could not go on."""

    losses: NDArray
    refused: str = ""


@dataclass(frozen=True)
class Training:
    """How to train with the function of one exercise.

    Attributes
    ----------
    epoch : callable
    network : callable
        Makes a fresh network: nothing that one training does to it reaches another.
    epochs : int
        So many that the right function has learnt.
    says : str
        What the function does in the training, as a sentence.
    """

    epoch: Epoch
    network: Callable[[], Network]
    epochs: int
    says: str

    def run(self, exercise: Exercise, function: Callable[..., Any], epochs: int) -> Run:
        """Train from the start with this function; whatever goes wrong is part of the answer."""
        network, guard = self.network(), Guard(exercise, function)
        weights, losses = [w.copy() for w in network.start], []
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            while len(losses) <= epochs and np.isfinite(losses[-1:]).all():
                try:
                    if not all(np.isfinite(w).all() for w in weights):
                        raise NoNumber
                    R, weights = self.epoch(network, guard, weights)
                except NoNumber:
                    R = np.nan
                except DoesNotRun as why:
                    return Run(np.array(losses), str(why))
                losses.append(R)
        return Run(np.array(losses))


# --- sections 2.1 and 2.2: the gradients --------------------------------------------------


def _with_grad_beta(network: Network, f: Guard, weights: Weights):
    """Beta alone learns: where (4) and (8) are written, there is no gradient by alpha yet."""
    A, Z, T, F = network.forward(weights)
    (by_beta,) = f(network.Y, A[0], Z[1], T, F, network.g)
    return network.risk(F), network.step(weights, [np.zeros_like(weights[0]), by_beta])


def _with_grad_alpha(network: Network, f: Guard, weights: Weights):
    A, Z, T, F = stored = network.forward(weights)
    R, sigma = network.risk(F), network.sigmas[0]
    (by_alpha,) = f(network.X, network.Y, A[0], Z[1], T, F, weights[1], sigma, network.g)
    _, by_beta = network.gradients(weights, stored, network.delta(T, F))
    return R, network.step(weights, [by_alpha, by_beta])


def _with_backward_output(network: Network, f: Guard, weights: Weights):
    A, Z, T, F = stored = network.forward(weights)
    R = network.risk(F)
    delta, by_beta = f(network.Y, A[0], Z[1], T, F, network.g)
    by_alpha, _ = network.gradients(weights, stored, delta)
    return R, network.step(weights, [by_alpha, by_beta])


def _with_backward_hidden(network: Network, f: Guard, weights: Weights):
    A, Z, T, F = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    (by_alpha,) = f(network.X, A[0], Z[1], delta, weights[1], network.sigmas[0])
    return R, network.step(weights, [by_alpha, weight_gradient(RIGHT, delta, Z[1])])


# --- section 1: the forward pass, and the loss --------------------------------------------


def _with_hidden(network: Network, f: Guard, weights: Weights):
    right = network.forward(weights)
    (Z,) = f(network.X, weights[0], network.sigmas[0])
    T, F = network.output(Z, weights[1])
    stored = Pass(right.A, [network.X, Z], T, F)
    gradients = network.gradients(weights, stored, network.delta(T, F))
    return network.risk(F), network.step(weights, gradients)


def _with_output(network: Network, f: Guard, weights: Weights):
    A, Z, _, _ = network.forward(weights)
    T, F = f(Z[1], weights[1], network.g)
    gradients = network.gradients(weights, Pass(A, Z, T, F), network.delta(T, F))
    return network.risk(F), network.step(weights, gradients)


def _with_loss(network: Network, f: Guard, weights: Weights):
    """Descend on the mistaken loss by finite differences; R(θ) is the right one."""
    theta = np.concatenate([w.ravel() for w in weights])
    h = 1e-5
    moved = np.concatenate([theta + h * np.eye(theta.size), theta - h * np.eye(theta.size)])
    F = _outputs(network, moved)
    losses = np.array([f(network.Y, outputs)[0].sum() for outputs in F])
    slopes = (losses[: theta.size] - losses[theta.size :]) / (2 * h)
    ends = np.cumsum([w.size for w in weights])[:-1]
    parts = [part.reshape(w.shape) for part, w in zip(np.split(slopes, ends), weights, strict=True)]
    return network.risk(network.forward(weights).F), network.step(weights, parts)


def _outputs(network: Network, thetas: NDArray) -> NDArray:
    """F (runs, N, K) of many vectors of weights at once: finite differences need as many."""
    alpha, beta = network.start
    alphas = thetas[:, : alpha.size].reshape(-1, *alpha.shape)
    betas = thetas[:, alpha.size :].reshape(-1, *beta.shape)
    A = network.X @ alphas[..., 1:].swapaxes(1, 2) + alphas[:, None, :, 0]
    Z = network.sigmas[0](A)
    return network.g(Z @ betas[..., 1:].swapaxes(1, 2) + betas[:, None, :, 0])


# --- section 2.3: the step itself ---------------------------------------------------------


def _with_update(network: Network, f: Guard, weights: Weights):
    stored = network.forward(weights)
    R = network.risk(stored.F)
    gradients = network.gradients(weights, stored, network.delta(stored.T, stored.F))
    return R, [f(w, d, network.gamma)[0] for w, d in zip(weights, gradients, strict=True)]


def _with_one_pass(network: Network, f: Guard, weights: Weights):
    R = network.risk(network.forward(weights).F)
    sigma, g = network.sigmas[0], network.g
    return R, list(f(network.X, network.Y, *weights, sigma, g, network.gamma))


# --- section 3: many hidden layers --------------------------------------------------------


def _with_weight_gradient(network: Network, f: Guard, weights: Weights):
    stored = network.forward(weights)
    R, delta = network.risk(stored.F), network.delta(stored.T, stored.F)
    (by_beta,) = f(delta, stored.Z[-1])
    *by_alphas, _ = network.gradients(weights, stored, delta)
    return R, network.step(weights, [*by_alphas, by_beta])


def _with_grad_last_hidden(network: Network, f: Guard, weights: Weights):
    A, Z, T, F = stored = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    (by_alpha,) = f(Z[-2], A[-1], delta, weights[-1], network.sigmas[-1])
    *by_alphas, _, by_beta = network.gradients(weights, stored, delta)
    return R, network.step(weights, [*by_alphas, by_alpha, by_beta])


def _with_hidden_delta(network: Network, f: Guard, weights: Weights):
    """The last hidden layer's delta, which all layers below it get theirs from."""
    A, Z, T, F = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    (s,) = f(delta, weights[-1], A[-1], network.sigmas[-1])
    below = Pass(A[:-1], Z[:-1], T, F)
    by_alphas = network.gradients(weights[:-1], below, s)
    return R, network.step(weights, [*by_alphas, weight_gradient(RIGHT, delta, Z[-1])])


def _with_hidden_deltas(network: Network, f: Guard, weights: Weights):
    *alphas, beta = weights
    A, Z, T, F = network.forward(weights)
    R, delta = network.risk(F), network.delta(T, F)
    s = f(delta, tuple(alphas), beta, tuple(A), tuple(network.sigmas))
    gradients = [weight_gradient(RIGHT, d, z) for d, z in zip((*s, delta), Z, strict=True)]
    return R, network.step(weights, gradients)


def _with_backward(network: Network, f: Guard, weights: Weights):
    *alphas, beta = weights
    R = network.risk(network.forward(weights).F)
    gradients = f(network.X, network.Y, tuple(alphas), beta, tuple(network.sigmas), network.g)
    return R, network.step(weights, list(gradients))


# --- section 4: an activation with its derivative -----------------------------------------


def _with_activation(network: Network, f: Guard, weights: Weights, alpha: tuple = ()):
    """The activation of the hidden layer; ``alpha`` is what else its function takes."""
    (A, *_), (X, _), _, _ = network.forward(weights)
    Z, slope = f(A, *alpha)
    T, F = network.output(Z, weights[1])
    delta = network.delta(T, F)
    s = RIGHT.send_back(delta, weights[1]) * slope
    gradients = [weight_gradient(RIGHT, s, X), weight_gradient(RIGHT, delta, Z)]
    return network.risk(F), network.step(weights, gradients)


def _with_softmax(network: Network, f: Guard, weights: Weights):
    A, Z, T, _ = network.forward(weights)
    F, jacobian = f(T)
    delta = np.einsum("ik,ikl->il", residual(RIGHT, network.Y, F), jacobian)
    gradients = network.gradients(weights, Pass(A, Z, T, F), delta)
    return network.risk(F), network.step(weights, gradients)


# --- which exercise is trained how --------------------------------------------------------

_ELEMENTWISE = partial(Network.of, [6], [tanh], sigmoid, 0.003)
_SOFTMAX = partial(Network.of, [6], [tanh], softmax, 0.003)
# one mistake of (13) takes each example by itself, which is slow
_FEW = partial(Network.of, [6], [tanh], softmax, 0.02, every=6)
_TINY = partial(Network.of, [2], [tanh], sigmoid, 0.03, every=4)
_DEEP = partial(Network.of, [7, 6, 5], [relu, tanh, elu(0.5)], softmax, 0.003, every=3)


def _hidden_layer_of(activation) -> Callable[[], Network]:
    return partial(Network.of, [6], [activation], sigmoid, 0.003)


_BETA = "The gradient by beta is mistaken; alpha stays as it is at the start."
_ALPHA = "The gradient by alpha is mistaken; the gradient by beta is right."
_BOTH = "Delta and the gradient by beta are mistaken; the gradient by alpha comes from this delta."
_FORWARD = "R(θ) is that of the network with the mistake; the gradients are made from its values."
_LOSS = "The network descends on the mistaken loss; R(θ) is the right one at its weights."
_STEP = "The gradients are right, the step is mistaken."
_PASS = "Every pass is mistaken."
_DEEP_BETA = "The gradient by beta is mistaken; all others are right."
_DEEP_LAST = "The gradient by the last hidden layer's weights is mistaken; all others are right."
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
