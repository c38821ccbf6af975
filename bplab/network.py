r"""One hidden layer: forward and backward pass (sections 1, 2.1 and 2.2).

Examples are rows. The bias is the *first* column of ``alpha`` and ``beta``, as in the
paper, where :math:`x_i = (1, x_{i1}, …, x_{ip})` and :math:`z_i = (1, z_{i1}, …, z_{iM})`;
arrays of units do not have the leading 1.

=========  ==============  ======================================================================
name       shape           in the paper
=========  ==============  ======================================================================
``X, Y``   (N, p), (N, K)  inputs and targets
``alpha``  (M, p+1)        weights of the hidden layer: row m is :math:`α_m`, bias first
``beta``   (K, M+1)        weights of the output layer: row k is :math:`β_k`, bias first
``A, Z``   (N, M)          the hidden layer: :math:`α_m^T x_i` and :math:`z_i = σ(A)`
``T, F``   (N, K)          the outputs: :math:`t_{ik} = β_k^T z_i`, :math:`f_k(x_i) = g_k(t_i)`
``delta``  (N, K)          :math:`δ_{ki} = ∂R_i/∂t_{ik}`
``sigma``                  the activation σ of the hidden layer
``g``                      the output function
=========  ==============  ======================================================================

The output function g is elementwise (section 2.1: output k depends on its own :math:`t_{ik}`) or
softmax (section 2.2: every output depends on all of :math:`t_i`). The two cases differ only in how
delta is computed, and g itself does that: ``g.pull_back``.

Every function raises ValueError, and names the argument, if an array is not a finite matrix of
real numbers, if shapes do not fit each other, or if ``sigma`` or ``g`` is not an activation. The
formulas themselves are in `bplab.layers`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from bplab import layers
from bplab.activations import Activation, Output, as_activation
from bplab.arrays import as_matrix, columns_meet_rows, same_rows, same_shape

__all__ = [
    "Forward",
    "Gradients",
    "Output",
    "backward",
    "backward_hidden",
    "backward_output",
    "forward",
    "grad_alpha",
    "grad_beta",
    "hidden",
    "output",
    "weight_gradient",
]


class Forward(NamedTuple):
    """Results of a forward pass: ``A, Z`` of shape (N, M) and ``T, F`` of shape (N, K)."""

    A: np.ndarray
    Z: np.ndarray
    T: np.ndarray
    F: np.ndarray


class Gradients(NamedTuple):
    """Gradients of R(θ): ``alpha`` of shape (M, p+1) and ``beta`` of shape (K, M+1)."""

    alpha: np.ndarray
    beta: np.ndarray


def hidden(X: ArrayLike, alpha: ArrayLike, sigma: Activation) -> np.ndarray:
    r"""Hidden layer, section 1: :math:`z_{im} = σ(α_{0m} + α_m^T x_i)`.

    Parameters
    ----------
    X : array_like, shape (N, p)
    alpha : array_like, shape (M, p+1)
    sigma : Activation

    Returns
    -------
    Z : ndarray, shape (N, M)
    """
    X = as_matrix("X", X, "(N, p)")
    alpha = as_matrix("alpha", alpha, "(M, p+1)", columns=X.shape[1] + 1, allow_complex=True)
    return as_activation("sigma", sigma)(layers.affine(X, alpha))


def output(Z: ArrayLike, beta: ArrayLike, g: Output) -> tuple[np.ndarray, np.ndarray]:
    r"""Output layer, section 1: :math:`t_{ik} = β_{0k} + β_k^T z_i`, :math:`f_k = g(t_{ik})`.

    Parameters
    ----------
    Z : array_like, shape (N, M)
    beta : array_like, shape (K, M+1)
    g : Activation or Softmax

    Returns
    -------
    T, F : ndarray, shape (N, K)
    """
    Z = as_matrix("Z", Z, "(N, M)", allow_complex=True)
    beta = as_matrix("beta", beta, "(K, M+1)", columns=Z.shape[1] + 1, allow_complex=True)
    T = layers.affine(Z, beta)
    return T, as_activation("g", g)(T)


def forward(
    X: ArrayLike, alpha: ArrayLike, beta: ArrayLike, sigma: Activation, g: Output
) -> Forward:
    """Forward pass of section 1; the result holds what the backward pass needs.

    Parameters
    ----------
    X : array_like, shape (N, p)
    alpha : array_like, shape (M, p+1)
    beta : array_like, shape (K, M+1)
    sigma : Activation
    g : Activation or Softmax

    Returns
    -------
    Forward
    """
    X = as_matrix("X", X, "(N, p)")
    alpha = as_matrix("alpha", alpha, "(M, p+1)", columns=X.shape[1] + 1, allow_complex=True)
    A = layers.affine(X, alpha)
    Z = as_activation("sigma", sigma)(A)
    return Forward(A, Z, *output(Z, beta, g))


def weight_gradient(delta: ArrayLike, inputs: ArrayLike) -> np.ndarray:
    r"""Gradient of R(θ) with respect to a layer's weights, equations (14) and (16).

    .. math:: \frac{∂R}{∂β_{km}} = \sum_i δ_{ki}\, z_{im}, \qquad z_{i0} = 1

    Parameters
    ----------
    delta : array_like, shape (N, K)
        The delta of the layer that the weights lead to: delta, or s.
    inputs : array_like, shape (N, M)
        The inputs that the weights multiply, without the leading 1: Z, or X.

    Returns
    -------
    ndarray, shape (K, M+1)
        The bias column comes first.
    """
    delta, inputs = as_matrix("delta", delta, "(N, K)"), as_matrix("inputs", inputs, "(N, M)")
    same_rows("delta", delta, "inputs", inputs)
    return layers.weight_gradient(delta, inputs)


def grad_beta(
    Y: ArrayLike, A: ArrayLike, Z: ArrayLike, T: ArrayLike, F: ArrayLike, g: Output
) -> np.ndarray:
    r"""Gradient of R(θ) with respect to beta, equations (4) and (8) summed over the examples.

    .. math::
        \frac{∂R}{∂β_{km}} = \sum_i -2 (y_{ik} - f_k(x_i))\, g'(t_{ik})\, z_{im}
        \quad\text{or}\quad
        \sum_i -2 \sum_l (y_{il} - f_l(x_i))\, \frac{∂g_l}{∂t_k}(t_i)\, z_{im}

    The first is (4), for an elementwise g; the second is (8), where every output depends on all
    of t. The paper's last line before (8) has :math:`y_{ik} - f_k` inside the sum over l; for
    softmax, that makes it identically zero.

    Parameters
    ----------
    Y : array_like, shape (N, K)
    A, Z : array_like, shape (N, M)
        ``A`` is not needed here.
    T, F : array_like, shape (N, K)
    g : Activation or Softmax

    Returns
    -------
    grad_beta : ndarray, shape (K, M+1)
        The bias's column first.
    """
    return backward_output(Y, A, Z, T, F, g)[1]


def backward_output(
    Y: ArrayLike, A: ArrayLike, Z: ArrayLike, T: ArrayLike, F: ArrayLike, g: Output
) -> tuple[np.ndarray, np.ndarray]:
    r"""Output delta and, through it, the gradient with respect to beta: (6) and (10).

    .. math::
        δ_{ki} = -2 \sum_l (y_{il} - f_l(x_i)) \frac{∂g_l}{∂t_k}(t_i), \qquad
        \frac{∂R}{∂β_{km}} = \sum_i δ_{ki} z_{im}

    For an elementwise g, only the term l = k of the sum is left. The paper prints
    :math:`δ_{km}`; the second index must be i, since delta belongs to an example.

    Parameters
    ----------
    Y, A, Z, T, F, g
        As in `grad_beta`.

    Returns
    -------
    delta : ndarray, shape (N, K)
    grad_beta : ndarray, shape (K, M+1)
    """
    Y, T, F = (as_matrix(name, v, "(N, K)") for name, v in zip("YTF", (Y, T, F), strict=True))
    A, Z = as_matrix("A", A, "(N, M)"), as_matrix("Z", Z, "(N, M)")
    same_shape("Y", Y, "T", T)
    same_shape("Y", Y, "F", F)
    same_shape("A", A, "Z", Z)
    same_rows("Y", Y, "Z", Z)
    delta = layers.output_delta(Y, T, F, as_activation("g", g))
    return delta, weight_gradient(delta, Z)


def grad_alpha(
    X: ArrayLike,
    Y: ArrayLike,
    A: ArrayLike,
    Z: ArrayLike,
    T: ArrayLike,
    F: ArrayLike,
    beta: ArrayLike,
    sigma: Activation,
    g: Output,
) -> np.ndarray:
    r"""Gradient of R(θ) with respect to alpha, equations (5) and (9) summed over the examples.

    .. math::
        \frac{∂R}{∂α_{ml}} = \sum_i -2 \sum_k \sum_j (y_{ij} - f_j(x_i))\,
        \frac{∂g_j}{∂t_k}(t_i)\, β_{km}\, σ'(α_m^T x_i)\, x_{il}

    For an elementwise g, only the term j = k is left: equation (5). The paper prints the inner
    sum of (9) over i; it must be over j.

    Parameters
    ----------
    X : array_like, shape (N, p)
    Y : array_like, shape (N, K)
    A, Z : array_like, shape (N, M)
    T, F : array_like, shape (N, K)
    beta : array_like, shape (K, M+1)
    sigma : Activation
    g : Activation or Softmax

    Returns
    -------
    grad_alpha : ndarray, shape (M, p+1)
        The bias's column first.
    """
    delta, _ = backward_output(Y, A, Z, T, F, g)
    return backward_hidden(X, A, Z, delta, beta, sigma)


def backward_hidden(
    X: ArrayLike,
    A: ArrayLike,
    Z: ArrayLike,
    delta: ArrayLike,
    beta: ArrayLike,
    sigma: Activation,
) -> np.ndarray:
    r"""Gradient with respect to alpha through delta: (7) and (11) summed over the examples.

    .. math:: \frac{∂R}{∂α_{ml}} = \sum_i \sum_k δ_{ki}\, β_{km}\, σ'(α_m^T x_i)\, x_{il}

    The bias column of ``beta`` sends nothing back: the leading 1 of :math:`z_i` does not
    depend on alpha.

    Parameters
    ----------
    X : array_like, shape (N, p)
    A, Z : array_like, shape (N, M)
        ``Z`` is not needed here.
    delta : array_like, shape (N, K)
    beta : array_like, shape (K, M+1)
    sigma : Activation

    Returns
    -------
    grad_alpha : ndarray, shape (M, p+1)
    """
    X = as_matrix("X", X, "(N, p)")
    A, Z = as_matrix("A", A, "(N, M)"), as_matrix("Z", Z, "(N, M)")
    delta = as_matrix("delta", delta, "(N, K)")
    same_shape("A", A, "Z", Z)
    beta = as_matrix("beta", beta, "(K, M+1)", columns=A.shape[1] + 1)
    same_rows("X", X, "A", A)
    same_rows("X", X, "delta", delta)
    columns_meet_rows("delta", delta, "beta", beta)
    s = layers.hidden_delta(delta, beta, A, as_activation("sigma", sigma))
    return weight_gradient(s, X)


def backward(
    X: ArrayLike,
    Y: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
    sigma: Activation,
    g: Output,
) -> Gradients:
    """Both gradients of R(θ), equations (6) and (7) or (10) and (11), after a forward pass.

    Parameters
    ----------
    X : array_like, shape (N, p)
    Y : array_like, shape (N, K)
    alpha : array_like, shape (M, p+1)
    beta : array_like, shape (K, M+1)
    sigma : Activation
    g : Activation or Softmax

    Returns
    -------
    Gradients
    """
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    Y = as_matrix("Y", Y, "(N, K)", columns=T.shape[1])
    same_rows("X", A, "Y", Y)
    delta, beta_gradient = backward_output(Y, A, Z, T, F, g)
    return Gradients(backward_hidden(X, A, Z, delta, beta, sigma), beta_gradient)
