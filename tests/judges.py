"""Independent judges: the same networks written for autograd and for torch."""

import autograd.numpy as anp
import numpy as np
from autograd import grad

from bplab.activations import elu, identity, leaky_relu, relu, sigmoid, softmax, tanh


def _softmax(t):
    e = anp.exp(t - anp.max(t, axis=-1, keepdims=True))
    return e / anp.sum(e, axis=-1, keepdims=True)


AUTOGRAD = {
    sigmoid: lambda x: 1 / (1 + anp.exp(-x)),
    tanh: anp.tanh,
    identity: lambda x: 1.0 * x,
    relu: lambda x: anp.where(x > 0, x, 0.0),
    leaky_relu(0.1): lambda x: anp.where(x > 0, x, 0.1 * x),
    elu(0.5): lambda x: anp.where(x > 0, x, 0.5 * (anp.exp(anp.minimum(x, 0)) - 1)),
    softmax: _softmax,
}


def autograd_risk(X, Y, sigmas, g, loss="squared"):
    """R(alphas, beta) of a network of any depth, for autograd."""

    def R(alphas, beta):
        Z = X
        for alpha, sigma in zip(alphas, sigmas, strict=True):
            Z = AUTOGRAD[sigma](anp.dot(Z, alpha[:, 1:].T) + alpha[:, 0])
        F = AUTOGRAD[g](anp.dot(Z, beta[:, 1:].T) + beta[:, 0])
        return anp.sum((Y - F) ** 2) if loss == "squared" else -anp.sum(Y * anp.log(F))

    return R


def autograd_gradients(net, loss="squared"):
    """Gradients by the alphas and by beta, by autograd."""
    R = autograd_risk(net.X, net.Y, net.sigmas, net.g, loss)
    return grad(R, 0)(list(net.alphas), net.beta), grad(R, 1)(list(net.alphas), net.beta)


def torch_gradients(torch, net):
    """Gradients of the squared error by the alphas and by beta, by torch."""
    functional = torch.nn.functional
    theirs = {
        sigmoid: torch.sigmoid,
        tanh: torch.tanh,
        identity: lambda x: x,
        relu: functional.relu,
        leaky_relu(0.1): lambda x: functional.leaky_relu(x, 0.1),
        elu(0.5): lambda x: functional.elu(x, 0.5),
        softmax: lambda t: functional.softmax(t, dim=-1),
    }
    weights = [torch.tensor(w, requires_grad=True) for w in (*net.alphas, net.beta)]
    Z = torch.tensor(net.X)
    for w, activation in zip(weights, (*net.sigmas, net.g), strict=True):
        Z = theirs[activation](Z @ w[:, 1:].T + w[:, 0])
    ((torch.tensor(net.Y) - Z) ** 2).sum().backward()
    *by_alphas, by_beta = (w.grad.numpy() for w in weights)
    return by_alphas, by_beta


def close(ours, theirs, relative=1e-10, absolute=0.0):
    """Whether two arrays have one shape and differ by little of their largest entry."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert np.isfinite(theirs).all()
    return np.abs(ours - theirs).max() <= relative * np.abs(theirs).max() + absolute
