"""`train` of an edition: with the learner's own gradients, and no others.

The library's own has the reference's backward pass inside, in another form. This one takes the
place of it where that would be an answer.
"""

import numpy as np

from bplab import deep, losses
from bplab._training_arguments import check_epochs, check_gamma, checked_network
from bplab.network import backward
from bplab.training import Training, update

__all__ = ["train"]


def train(X, Y, alpha, beta, sigma, g, *, gamma, epochs, gradients=backward, loss="squared"):
    """Train by gradient descent as `bplab.training.train` does, by ``gradients`` of one's own.

    Parameters
    ----------
    X, Y, alpha, beta, sigma, g, gamma, epochs, gradients, loss
        As for `bplab.training.train`.

    Returns
    -------
    Training

    Raises
    ------
    ValueError
        As for `bplab.training.train`. Without ``gradients`` those of the library are asked for,
        which an edition does not have.
    """
    network = checked_network(X, Y, alpha, beta, sigma, g, loss)
    check_gamma("gamma", gamma)
    check_epochs(epochs)
    dtype = np.result_type(network.X, network.Y, *network.weights)
    weights = [np.array(w, dtype) for w in network.weights]

    def risk():
        stored = deep.forward(network.X, weights[:-1], weights[-1], network.sigmas, network.g)
        if loss == "cross-entropy":
            return losses.cross_entropy(network.Y, stored.T)
        return losses.loss(network.Y, stored.F)

    def as_given():
        *layers, top = (w.copy() for w in weights)
        return (tuple(layers) if network.deep else layers[0]), top

    with np.errstate(all="ignore"):
        history = [risk()]
        while len(history) <= epochs and np.isfinite(history[-1]):
            by_alpha, by_beta = gradients(network.X, network.Y, *as_given(), sigma, network.g)
            parts = [*by_alpha, by_beta] if network.deep else [by_alpha, by_beta]
            if len(parts) != len(weights):
                raise ValueError(
                    f"the gradient by alpha must have as many parts as alpha, {len(weights) - 1}; "
                    f"got {len(parts) - 1}"
                )
            weights = [
                update(w, part, gamma, name=name)
                for name, w, part in zip(network.names, weights, parts, strict=True)
            ]
            finite = all(np.isfinite(w).all() for w in weights)
            history.append(risk() if finite else np.nan)
    return Training(*as_given(), np.array(history))
