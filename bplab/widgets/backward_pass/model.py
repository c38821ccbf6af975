"""The model of the backward-pass panel: one example through a small network, and back.

Layers are counted as in section 3: layer 0 is the input, layers 1 to D are hidden, and layer D + 1
is the output. At the output the weights are β, a is t, z is f, and the delta is δ. All layers are
treated alike: sequences begin with layer 0, or with layer 1 for quantities that the input lacks.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab import layers
from bplab.activations import (
    Activation,
    Output,
    Softmax,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    tanh,
)
from bplab.activations import softmax as g_softmax

__all__ = ["ACTIVATIONS", "EQUAL", "OUTPUTS", "Pass", "Step", "network_weights", "run", "steps"]

ACTIVATIONS: dict[str, Activation] = {
    "tanh": tanh,
    "sigmoid": sigmoid,
    "ReLU": relu,
    "leaky ReLU": leaky_relu(0.1),
    "ELU": elu(1.0),
    "identity": identity,
}
OUTPUTS: dict[str, Output] = {
    "sigmoid": sigmoid,
    "softmax": g_softmax,
    "tanh": tanh,
    "identity": identity,
}
EQUAL = "all equal"
"""The weights of the symmetric start."""


class Step(NamedTuple):
    """One step of the way: ``kind`` says what is computed, ``layer`` in which layer."""

    kind: str
    layer: int


class Pass(NamedTuple):
    """All that is computed for one example.

    ``z`` holds D + 2 vectors: the first is x, the last is f. ``weights``, ``a`` and ``gradient``
    hold D + 1 arrays, from layer 1 to the output; their last ones are β, t, and the gradient with
    respect to β. ``delta`` has D + 1 vectors, too: :math:`s^{(1)}` to :math:`s^{(D)}`, and δ.
    ``sent`` and ``slope`` hold D vectors, one for each hidden layer: the sums that the layer above
    sends back, and the derivative of the activation, by which they are then multiplied.
    """

    weights: tuple[NDArray, ...]
    sigmas: tuple[Activation, ...]
    g: Output
    y: NDArray
    a: tuple[NDArray, ...]
    z: tuple[NDArray, ...]
    residual: NDArray
    delta: tuple[NDArray, ...]
    sent: tuple[NDArray, ...]
    slope: tuple[NDArray, ...]
    gradient: tuple[NDArray, ...]

    @property
    def depth(self) -> int:
        """D, the number of hidden layers."""
        return len(self.sigmas)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of units, from the input to the output."""
        return tuple(len(z) for z in self.z)

    @property
    def softmax(self) -> bool:
        """Whether g is softmax, so that every output depends on all of t."""
        return isinstance(self.g, Softmax)

    @property
    def risk(self) -> float:
        """The squared error of this example."""
        return float(np.square(self.y - self.z[-1]).sum())

    def jacobian(self) -> NDArray:
        """Return ∂g_l/∂t_k at [l, k]; for an elementwise g all but the diagonal is 0."""
        if isinstance(self.g, Softmax):
            return self.g.jacobian(self.a[-1])
        return np.diag(self.g.derivative(self.a[-1]))


def steps(D: int) -> list[Step]:
    """Return the steps through D hidden layers, forward and back."""
    forward = [Step("input", 0), *(Step("layer", d) for d in range(1, D + 2))]
    output = [Step(kind, D + 1) for kind in ("residual", "output delta", "weight gradient")]
    kinds = ("send back", "hidden delta", "weight gradient")
    back = (Step(kind, d) for d in range(D, 0, -1) for kind in kinds)
    return [*forward, *output, *back, Step("all gradients", 0)]


def network_weights(sizes: Sequence[int], name: str) -> tuple[NDArray, ...]:
    """Return weights with one decimal, so that a reader can calculate with them.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of units, from the input to the output.
    name : str
        `EQUAL` for the symmetric start, where all weights are 0.5; any other name is the seed of
        a random draw.
    """
    shapes = [(to, 1 + of) for of, to in pairwise(sizes)]
    if name == EQUAL:
        return tuple(np.full(shape, 0.5) for shape in shapes)
    rng = np.random.default_rng([ord(letter) for letter in name])
    return tuple(
        np.round(rng.integers(1, 10, shape) * rng.choice([-0.1, 0.1], shape), 1) for shape in shapes
    )


def run(
    x: ArrayLike,
    y: ArrayLike,
    weights: Sequence[NDArray],
    sigmas: Sequence[Activation],
    g: Output,
) -> Pass:
    """Send one example through the network and its delta back.

    Parameters
    ----------
    x, y : array_like, shapes (p,) and (K,)
    weights : sequence of D + 1 ndarrays, shapes (M_d, M_{d-1}+1)
        The weights of the hidden layers and of the output.
    sigmas : sequence of D Activations
    g : Activation or Softmax
    """
    X, Y = np.atleast_2d(np.asarray(x, np.float64)), np.atleast_2d(np.asarray(y, np.float64))
    *alphas, beta = weights
    A, Z, T, F = layers.forward(X, alphas, beta, sigmas, g)
    delta = layers.output_delta(Y, T, F, g)
    deltas = [*layers.hidden_deltas(delta, weights[1:], A, sigmas), delta]
    gradients = [layers.weight_gradient(s, z) for s, z in zip(deltas, (X, *Z), strict=True)]
    sent = [s @ w[:, 1:] for s, w in zip(deltas[1:], weights[1:], strict=True)]
    slopes = [sigma.derivative(a) for sigma, a in zip(sigmas, A, strict=True)]
    return Pass(
        tuple(weights),
        tuple(sigmas),
        g,
        Y[0],
        a=_only((*A, T)),
        z=_only((X, *Z, F)),
        residual=-2 * (Y - F)[0],
        delta=_only(deltas),
        sent=_only(sent),
        slope=_only(slopes),
        gradient=tuple(gradients),
    )


def _only(batches: Sequence[NDArray]) -> tuple[NDArray, ...]:
    """Return the only row of each matrix."""
    return tuple(batch[0] for batch in batches)
