"""Random networks of any depth, for hypothesis."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from bplab.activations import (
    Activation,
    Softmax,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)

ELEMENTWISE = (sigmoid, tanh, identity, relu, leaky_relu(0.1), elu(0.5))
OUTPUTS = (sigmoid, tanh, identity, softmax)


class DeepNetwork(NamedTuple):
    """A network with data, in the order of the arguments of `bplab.deep.backward`."""

    X: np.ndarray
    Y: np.ndarray
    alphas: tuple[np.ndarray, ...]
    beta: np.ndarray
    sigmas: tuple[Activation, ...]
    g: Activation | Softmax

    @property
    def forward(self):
        """The arguments of `bplab.deep.forward`."""
        return self.X, self.alphas, self.beta, self.sigmas, self.g


@st.composite
def deep_networks(draw, layers=(1, 3), outputs=OUTPUTS, scales=(1.0, 5.0)):
    """D hidden layers of 1 to 5 units, each with its own activation; weights of 5 saturate."""
    D = draw(st.integers(*layers))
    N = draw(st.integers(1, 5))
    sizes = [draw(st.integers(1, 5)) for _ in range(D + 2)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from(scales))
    *alphas, beta = (
        scale * rng.standard_normal((units, inputs + 1)) for inputs, units in pairwise(sizes)
    )
    return DeepNetwork(
        X=rng.standard_normal((N, sizes[0])),
        Y=rng.uniform(0, 1, (N, sizes[-1])),
        alphas=tuple(alphas),
        beta=beta,
        sigmas=tuple(draw(st.sampled_from(ELEMENTWISE)) for _ in range(D)),
        g=draw(st.sampled_from(outputs)),
    )
