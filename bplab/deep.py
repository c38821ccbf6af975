r"""D hidden layers: forward and backward pass (section 3).

Layer d has its own weights :math:`α^{(d)}`, of shape :math:`(M_d, M_{d-1}+1)` with
:math:`M_0 = p`, and its own activation :math:`σ^{(d)}`. The paper prints p for every layer's
number of inputs, and X for every layer's input; both are right for d = 1 only.

===========  ===================  ===========================================================
name         shape                in the paper
===========  ===================  ===========================================================
``alphas``   D of (M_d, M_{d-1}+1)  :math:`α^{(1)} … α^{(D)}`, bias first
``A, Z``     D of (N, M_d)        :math:`α_m^{(d)T} z_i^{(d-1)}` and :math:`z_i^{(d)}`
``s``        D of (N, M_d)        :math:`s_{mi}^{(d)} = ∂R_i / ∂a_{im}^{(d)}`
===========  ===================  ===========================================================

In these sequences layer d has index d - 1.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.activations import Activation, Softmax, as_activation, sum_of_others
from bplab.arrays import as_matrix, columns_meet_rows, same_rows, same_shape
from bplab.losses import residual
from bplab.network import Output, affine, weight_gradient

__all__ = [
    "Forward",
    "Gradients",
    "LossName",
    "backward",
    "forward",
    "grad_last_hidden",
    "hidden_delta",
    "hidden_deltas",
    "output_delta",
]

LossName = Literal["squared", "cross-entropy"]
"""The paper's squared error, or the extension: cross-entropy with softmax."""


class Forward(NamedTuple):
    """What a forward pass stores: for each hidden layer ``A, Z`` (N, M_d); ``T, F`` (N, K)."""

    A: tuple[NDArray, ...]
    Z: tuple[NDArray, ...]
    T: NDArray
    F: NDArray


class Gradients(NamedTuple):
    """Gradients of R(θ): ``alphas``, one of shape (M_d, M_{d-1}+1) a layer; ``beta`` (K, M_D+1)."""

    alphas: tuple[NDArray, ...]
    beta: NDArray


def forward(
    X: ArrayLike,
    alphas: Sequence[ArrayLike],
    beta: ArrayLike,
    sigmas: Activation | Sequence[Activation],
    g: Output,
) -> Forward:
    r"""Forward pass of section 3: :math:`z_i^{(d)} = σ^{(d)}(α^{(d)} z_i^{(d-1)})`.

    Parameters
    ----------
    X : array_like, shape (N, p)
        Inputs, :math:`z^{(0)}`.
    alphas : sequence of D array_like, shapes (M_d, M_{d-1}+1)
        Weights of the hidden layers, bias first, from the input on.
    beta : array_like, shape (K, M_D+1)
        Weights of the output layer, bias first.
    sigmas : Activation, or sequence of D Activations
        Activation of all hidden layers, or of each.
    g : Activation or Softmax
        Output function.

    Returns
    -------
    Forward

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes do not fit, there is no hidden layer, or
        an activation is none.
    """
    inputs = as_matrix("X", X, "(N, p)")
    layers, sigmas = layers_and_activations(alphas, sigmas)
    A, Z = [], []
    for d, (alpha, sigma) in enumerate(zip(layers, sigmas, strict=True), start=1):
        shape = f"(M_{d}, M_{d - 1}+1)"
        columns = inputs.shape[1] + 1
        alpha = as_matrix(f"alphas[{d - 1}]", alpha, shape, columns=columns, allow_complex=True)
        A.append(affine(inputs, alpha))
        inputs = sigma(A[-1])
        Z.append(inputs)
    columns = inputs.shape[1] + 1
    beta = as_matrix("beta", beta, "(K, M_D+1)", columns=columns, allow_complex=True)
    T = affine(inputs, beta)
    return Forward(tuple(A), tuple(Z), T, as_activation("g", g)(T))


def output_delta(
    Y: ArrayLike, T: ArrayLike, F: ArrayLike, g: Output, *, loss: LossName = "squared"
) -> NDArray:
    r"""Output delta :math:`δ_{ki} = ∂R_i/∂t_{ik}`, below equations (6) and (10).

    Parameters
    ----------
    Y, T, F : array_like, shape (N, K)
        Targets, and outputs before and after ``g``.
    g : Activation or Softmax
        Output function.
    loss : {"squared", "cross-entropy"}
        The paper's loss, or the extension, for which :math:`δ_{ki} = f_k \sum_l y_{il} - y_{ik}`.

    Returns
    -------
    delta : ndarray, shape (N, K)

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes differ, ``g`` is no activation, or
        cross-entropy comes without softmax.
    """
    Y, T, F = (as_matrix(name, v, "(N, K)") for name, v in zip("YTF", (Y, T, F), strict=True))
    same_shape("Y", Y, "T", T)
    same_shape("Y", Y, "F", F)
    check_loss(loss, g)
    if loss == "cross-entropy":
        # f Σy - y, written so that it keeps its digits where softmax saturates
        return F * sum_of_others(Y) - Y * sum_of_others(F)
    return as_activation("g", g).pull_back(residual(Y, F), T)


def hidden_delta(delta: ArrayLike, weights: ArrayLike, A: ArrayLike, sigma: Activation) -> NDArray:
    r"""Hidden delta :math:`s_{mi}^{(d)} = ∂R_i/∂a_{im}^{(d)}` from the layer above: (15) to (18).

    .. math::
        s_{mi}^{(D)} = \sum_k δ_{ki} β_{km} σ^{(D)\prime}(a_{im}^{(D)}), \qquad
        s_{mi}^{(d)} = \sum_k s_{ki}^{(d+1)} α_{km}^{(d+1)} σ^{(d)\prime}(a_{im}^{(d)})

    By this recursion, and never by dividing a gradient by z as the paper prints after (17):
    that is 0/0 wherever a ReLU unit is off.

    Parameters
    ----------
    delta : array_like, shape (N, M_{d+1}) or (N, K)
        Delta of the layer above.
    weights : array_like, shape (M_{d+1}, M_d+1) or (K, M_D+1)
        Weights of the layer above; the bias's column sends nothing back.
    A : array_like, shape (N, M_d)
        Pre-activations of this layer.
    sigma : Activation
        Activation of this layer.

    Returns
    -------
    s : ndarray, shape (N, M_d)

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes do not fit, or ``sigma`` is no activation.
    """
    delta, A = as_matrix("delta", delta, "(N, M_{d+1})"), as_matrix("A", A, "(N, M_d)")
    weights = as_matrix("weights", weights, "(M_{d+1}, M_d+1)", columns=A.shape[1] + 1)
    same_rows("delta", delta, "A", A)
    columns_meet_rows("delta", delta, "weights", weights)
    return _one_layer_down(delta, weights, A, as_activation("sigma", sigma))


def hidden_deltas(
    delta: ArrayLike,
    alphas: Sequence[ArrayLike],
    beta: ArrayLike,
    A: Sequence[ArrayLike],
    sigmas: Activation | Sequence[Activation],
) -> tuple[NDArray, ...]:
    r"""Hidden deltas of all layers, by the recursion of equations (16) and (17).

    From δ to :math:`s^{(D)}`, and down to :math:`s^{(1)}`, each by `hidden_delta` from the one
    above: D products, however many paths lead through the layers.

    Parameters
    ----------
    delta : array_like, shape (N, K)
        Output delta.
    alphas : sequence of D array_like, shapes (M_d, M_{d-1}+1)
        Weights of the hidden layers; those of the first send nothing back.
    beta : array_like, shape (K, M_D+1)
        Weights of the output layer.
    A : sequence of D array_like, shapes (N, M_d)
        Pre-activations of the hidden layers, as in `Forward`.
    sigmas : Activation, or sequence of D Activations
        Activation of all hidden layers, or of each.

    Returns
    -------
    s : tuple of D ndarrays, shapes (N, M_d)
        From the first hidden layer on.

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes do not fit, there is no hidden layer, or an
        activation is none.
    """
    layers, sigmas = layers_and_activations(alphas, sigmas)
    D = len(layers)
    if not isinstance(A, (Sequence, np.ndarray)) or len(A) != D:
        came = len(A) if isinstance(A, (Sequence, np.ndarray)) else type(A).__name__
        raise ValueError(
            f"A must hold as many matrices as there are hidden layers, {D}; got {came}"
        )
    weights = [*layers, beta]
    named = [(f"alphas[{d}]", f"(M_{d + 1}, M_{d}+1)") for d in range(D)] + [("beta", "(K, M_D+1)")]
    above, source = as_matrix("delta", delta, "(N, K)"), "delta"
    s = []
    for d in reversed(range(D)):
        a = as_matrix(f"A[{d}]", A[d], f"(N, M_{d + 1})")
        name, shape = named[d + 1]
        w = as_matrix(name, weights[d + 1], shape, columns=a.shape[1] + 1)
        same_rows("delta", above, f"A[{d}]", a)
        columns_meet_rows(source, above, name, w)
        above, source = _one_layer_down(above, w, a, sigmas[d]), f"A[{d}]"
        s.append(above)
    return tuple(reversed(s))


def _one_layer_down(delta: NDArray, weights: NDArray, A: NDArray, sigma: Activation) -> NDArray:
    """Send delta back through the weights, not the biases, and through the activation."""
    return sigma.pull_back(delta @ weights[:, 1:], A)


def grad_last_hidden(
    inputs: ArrayLike, A: ArrayLike, delta: ArrayLike, beta: ArrayLike, sigma: Activation
) -> NDArray:
    r"""Gradient of R(θ) by the weights of the last hidden layer, equation (15) summed over i.

    .. math::
        \frac{∂R}{∂α_{ml}^{(D)}} = \sum_i \sum_k δ_{ki}\, β_{km}\,
        σ^{(D)\prime}(a_{im}^{(D)})\, z_{il}^{(D-1)}

    Parameters
    ----------
    inputs : array_like, shape (N, M_{D-1})
        What the layer is given, :math:`z_i^{(D-1)}` without the leading 1; X for D = 1.
    A : array_like, shape (N, M_D)
        Its pre-activations.
    delta : array_like, shape (N, K)
        Output delta.
    beta : array_like, shape (K, M_D+1)
        Weights of the output layer, bias first.
    sigma : Activation
        Its activation, :math:`σ^{(D)}`.

    Returns
    -------
    gradient : ndarray, shape (M_D, M_{D-1}+1)
        The bias's column first.

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes do not fit, or ``sigma`` is no activation.
    """
    inputs, A = as_matrix("inputs", inputs, "(N, M_{D-1})"), as_matrix("A", A, "(N, M_D)")
    same_rows("inputs", inputs, "A", A)
    delta = as_matrix("delta", delta, "(N, K)")
    beta = as_matrix("beta", beta, "(K, M_D+1)", columns=A.shape[1] + 1)
    same_rows("delta", delta, "A", A)
    columns_meet_rows("delta", delta, "beta", beta)
    s = _one_layer_down(delta, beta, A, as_activation("sigma", sigma))
    return weight_gradient(s, inputs)


def backward(
    X: ArrayLike,
    Y: ArrayLike,
    alphas: Sequence[ArrayLike],
    beta: ArrayLike,
    sigmas: Activation | Sequence[Activation],
    g: Output,
    *,
    loss: LossName = "squared",
) -> Gradients:
    r"""All gradients of R(θ), equations (14) to (18), after a forward pass.

    Parameters
    ----------
    X : array_like, shape (N, p)
    Y : array_like, shape (N, K)
    alphas, beta, sigmas, g
        As in `forward`.
    loss : {"squared", "cross-entropy"}
        The paper's loss, or the extension.

    Returns
    -------
    Gradients

    Raises
    ------
    ValueError
        If an array is not a finite matrix, shapes do not fit, there is no hidden layer, an
        activation is none, or cross-entropy comes without softmax.
    """
    X = as_matrix("X", X, "(N, p)")
    A, Z, T, F = forward(X, alphas, beta, sigmas, g)
    Y = as_matrix("Y", Y, "(N, K)", columns=T.shape[1])
    same_rows("X", X, "Y", Y)
    delta = output_delta(Y, T, F, g, loss=loss)
    s = hidden_deltas(delta, alphas, beta, A, sigmas)  # (16), (17)
    by_alphas = map(weight_gradient, s, (X, *Z[:-1]))  # (16), (17), and (18) for the first layer
    return Gradients(tuple(by_alphas), weight_gradient(delta, Z[-1]))  # (14)


def check_loss(loss: str, g: Output) -> None:
    """Raise ValueError unless the loss is known and goes with the output function."""
    if loss not in ("squared", "cross-entropy"):
        raise ValueError(f'loss must be "squared" or "cross-entropy"; got {loss!r}')
    if loss == "cross-entropy" and not isinstance(g, Softmax):
        raise ValueError(f"cross-entropy goes with g = softmax; got g = {g!r}")


def check_activations(sigmas: Activation | Sequence[Activation]) -> None:
    """Raise ValueError unless the hidden layers' activations are one, or a sequence of them."""
    if isinstance(sigmas, Sequence) and not isinstance(sigmas, str):
        for d, sigma in enumerate(sigmas):
            as_activation(f"sigmas[{d}]", sigma)
    else:
        as_activation("sigmas", sigmas)


def layers_and_activations(
    alphas: Sequence[ArrayLike], sigmas: Activation | Sequence[Activation]
) -> tuple[list[ArrayLike], list[Activation]]:
    """Weights and activations of each hidden layer, as many of one as of the other."""
    if isinstance(alphas, np.ndarray) and alphas.ndim == 2:
        raise ValueError(
            "alphas must be a sequence of matrices, one for each hidden layer; got one matrix: "
            "for a single hidden layer write [alpha]"
        )
    if not isinstance(alphas, (Sequence, np.ndarray)):
        raise ValueError(
            "alphas must be a sequence of matrices, one for each hidden layer; "
            f"got {type(alphas).__name__}"
        )
    layers = list(alphas)
    if not layers:
        raise ValueError("alphas must hold at least one hidden layer; got none")
    check_activations(sigmas)
    activations = list(sigmas) if isinstance(sigmas, Sequence) else [sigmas] * len(layers)
    if len(activations) != len(layers):
        raise ValueError(
            f"sigmas must be one activation, or one for each of the {len(layers)} hidden layers; "
            f"got {len(activations)}"
        )
    return layers, activations
