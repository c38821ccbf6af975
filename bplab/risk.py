r"""R(θ) of a network with its data, as a function of the weights alone.

The gradient checkers differentiate any function numerically. Of a `Risk` they know more: it is the
loss of this network. So they can take complex steps, stay on one branch of a ReLU, and know the
best accuracy that a gradient of it can have.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bplab.activations import Activation, Output, as_activation
from bplab.arrays import as_matrix, same_rows
from bplab.deep import backward, check_activations, forward
from bplab.errors import InputError
from bplab.losses import LossName, check_loss, cross_entropy
from bplab.losses import loss as squared_error
from bplab.tree import leaves, rebuild

__all__ = ["Risk"]


class Risk:
    """The loss R(θ) of a network on given data, as a function of the weights.

    Weights may have any structure whose arrays are, in order, those of the hidden layers and then
    that of the output: ``(alpha, beta)``, ``(alphas, beta)``, a dictionary, or a result of
    `bplab.backward`.

    Parameters
    ----------
    X : array_like, shape (N, p)
        Inputs.
    Y : array_like, shape (N, K)
        Targets.
    sigmas : Activation, or sequence of D Activations
        One activation for all hidden layers, or one for each.
    g : Activation or Softmax
        Output function.
    loss : {"squared", "cross-entropy"}
        The paper's loss, or the extension.

    Raises
    ------
    ValueError
        If ``X`` or ``Y`` is not a finite matrix, they have different numbers of rows, ``sigmas``
        or ``g`` is not an activation, or cross-entropy comes without softmax.

    Examples
    --------
    >>> from bplab import backward, check_gradient, initial_weights
    >>> from bplab.activations import sigmoid, tanh
    >>> X, Y = [[0.0, 1.0], [1.0, 0.5]], [[1.0], [0.0]]
    >>> R = Risk(X, Y, tanh, sigmoid)
    >>> alpha, beta = initial_weights(2, 3, 1)
    >>> gradient = backward(X, Y, alpha, beta, tanh, sigmoid)
    >>> bool(check_gradient(R, gradient, (alpha, beta)))
    True
    """

    def __init__(
        self,
        X: ArrayLike,
        Y: ArrayLike,
        sigmas: Activation | Sequence[Activation],
        g: Output,
        *,
        loss: LossName = "squared",
    ):
        self.X, self.Y = as_matrix("X", X, "(N, p)"), as_matrix("Y", Y, "(N, K)")
        same_rows("X", self.X, "Y", self.Y)
        check_activations(sigmas)
        check_loss(loss, as_activation("g", g))
        self.sigmas, self.g, self.loss = sigmas, g, loss

    def __call__(self, weights: Any) -> float:
        """Return R(θ) for these weights; complex weights give a complex number."""
        *alphas, beta = self.arrays(weights)
        stored = forward(self.X, alphas, beta, self.sigmas, self.g)
        if self.loss == "cross-entropy":
            return cross_entropy(self.Y, stored.T)
        return squared_error(self.Y, stored.F)

    def gradient(self, weights: Any) -> Any:
        """Return the gradient by back-propagation, in the structure of ``weights``."""
        *alphas, beta = self.arrays(weights)
        found = backward(self.X, self.Y, alphas, beta, self.sigmas, self.g, loss=self.loss)
        return rebuild(weights, iter((*found.alphas, found.beta)))

    def arrays(self, weights: Any) -> list[np.ndarray]:
        """Return the arrays of a structure of weights: hidden layers first, then the output.

        Raises
        ------
        ValueError
            If there are fewer than two arrays.
        """
        arrays = [np.asarray(array) for _, array in leaves(weights)]
        if len(arrays) < 2:
            raise InputError(
                "weights must hold one matrix for each hidden layer and one for the output; "
                f"got {len(arrays)}"
            )
        return arrays
