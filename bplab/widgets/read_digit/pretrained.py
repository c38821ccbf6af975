"""The network that reads digits as long as the learner has none, and its training.

It is a network as in the paper, with 64 inputs, 48 hidden units (tanh) and 10 outputs (softmax),
trained with the squared error in batches. In each epoch it sees every digit a little rotated,
slanted, moved, stretched, and with darker or lighter greys. `write` trains it again and writes the
file.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab import layers
from bplab.activations import Activation, Softmax, softmax, tanh
from bplab.data import digits
from bplab.training import initial_weights

__all__ = ["LEARNED", "Network", "pretrained", "train", "write"]

FILE = Path(__file__).with_name("weights.npz")

LEARNED = 1497
"""It learned from this many rows of the data set, the first ones; the other 300 are for testing."""
HIDDEN, EPOCHS, GAMMA, BATCH = 48, 150, 0.03, 32


class Network(NamedTuple):
    """A network: its weights and its activations."""

    alphas: Sequence[NDArray]
    beta: NDArray
    sigmas: Sequence[Activation]
    g: Softmax

    def __call__(self, images: NDArray) -> NDArray:
        """Return the outputs (N, 10) for images (N, 64)."""
        return layers.forward(images, *self).F

    def by_pixels(self, images: NDArray, digit: int) -> NDArray:
        r"""Return :math:`∂f_k/∂x`, where output k is that of the digit; shape (N, 64).

        This is the derivative of :math:`f_k`, not of the loss. Its delta is sent back through all
        layers as in (17), and then also through the first: :math:`\sum_m s^{(1)}_m α^{(1)}_{ml}`.
        """
        stored = layers.forward(images, *self)
        delta = self.g.pull_back(np.eye(10)[[digit] * len(images)], stored.T)
        above = (*self.alphas[1:], self.beta)
        first, *_ = layers.hidden_deltas(delta, above, stored.A, self.sigmas)
        return first @ self.alphas[0][:, 1:]


@cache
def pretrained() -> Network:
    """Return the network that comes with the panel."""
    with files(__package__).joinpath(FILE.name).open("rb") as file, np.load(file) as made:
        alpha, beta = (made[name].astype(np.float64) for name in ("alpha", "beta"))
    return Network([alpha], beta, [tanh], softmax)


def train(epochs: int = EPOCHS, seed: int = 0) -> Network:
    """Train such a network on the first `LEARNED` digits of the data set."""
    X, Y, _ = digits()
    X, Y = X[:LEARNED], Y[:LEARNED]
    rng = np.random.default_rng(seed)
    (alpha,), beta = initial_weights(p=64, M=[HIDDEN], K=10, seed=seed)
    for epoch in range(epochs):
        gamma = GAMMA * (1 - epoch / epochs)
        seen = _varied(X, rng)
        for rows in np.split(rng.permutation(LEARNED), range(BATCH, LEARNED, BATCH)):
            stored = layers.forward(seen[rows], [alpha], beta, [tanh], softmax)
            delta = layers.output_delta(Y[rows], stored.T, stored.F, softmax)
            slopes = layers.backward(seen[rows], stored, delta, [alpha], beta, [tanh])
            alpha, beta = alpha - gamma * slopes.alphas[0], beta - gamma * slopes.beta
    return Network([alpha], beta, [tanh], softmax)


def write(file: Path = FILE) -> None:
    """Train the network that comes with the panel, and write its weights in half precision."""
    made = train()
    np.savez_compressed(
        file, alpha=made.alphas[0].astype(np.float16), beta=made.beta.astype(np.float16)
    )


def _varied(X: NDArray, rng: np.random.Generator) -> NDArray:
    """Return images (N, 64), each rotated, slanted, stretched, moved, and made darker or lighter.

    The source of a new pixel lies between four old ones. The new value is their mean, in which
    nearer ones weigh more.
    """
    N = len(X)
    turn, slant, wider, taller, right, down, grey = (
        rng.normal(0, spread, (N, 1, 1)) for spread in (0.12, 0.15, 0.12, 0.06, 0.5, 0.35, 0.35)
    )
    y, x = np.mgrid[:8, :8] - 3.5
    from_x = np.cos(turn) / np.exp(wider) * x + (slant - np.sin(turn)) * y + right
    from_y = np.sin(turn) * x + np.cos(turn) / np.exp(taller) * y + down
    framed = np.pad(X.reshape(N, 8, 8), ((0, 0), (1, 1), (1, 1)))  # white around
    i, j = (np.clip(place + 4.5, 0, 8.999) for place in (from_y, from_x))
    image, row, column = np.arange(N)[:, None, None], i.astype(int), j.astype(int)
    below, beside = i - row, j - column
    upper = (1 - beside) * framed[image, row, column] + beside * framed[image, row, column + 1]
    row = row + 1
    lower = (1 - beside) * framed[image, row, column] + beside * framed[image, row, column + 1]
    mixed = (1 - below) * upper + below * lower
    return (mixed ** np.exp(grey)).reshape(N, 64)
