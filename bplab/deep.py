r"""D hidden layers: forward and backward pass (section 3).

Layer d has its own weights :math:`α^{(d)}`, of shape :math:`(M_d, M_{d-1}+1)` with
:math:`M_0 = p`, and its own activation :math:`σ^{(d)}`. The paper prints p for every layer's
number of inputs, and X for every layer's input; both are right for d = 1 only.

===========  =====================  ===========================================================
name         shape                  in the paper
===========  =====================  ===========================================================
``alphas``   D of (M_d, M_{d-1}+1)  :math:`α^{(1)} … α^{(D)}`, bias first
``beta``     (K, M_D+1)             :math:`β`, bias first
``A, Z``     D of (N, M_d)          :math:`α_m^{(d)T} z_i^{(d-1)}` and :math:`z_i^{(d)}`
``s``        D of (N, M_d)          :math:`s_{mi}^{(d)} = ∂R_i / ∂a_{im}^{(d)}`
``sigmas``                          one activation for all hidden layers, or one for each
===========  =====================  ===========================================================

In these sequences layer d has index d - 1. The other letters are those of `bplab.network`.

Every function raises ValueError, and names the argument, if an array is not a finite matrix of
real numbers, if shapes do not fit each other, if there is no hidden layer, if ``sigma``,
``sigmas`` or ``g`` holds something that is not an activation, or if ``loss`` is unknown or
cross-entropy comes without softmax. The formulas themselves are in `bplab.layers`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from bplab import layers
from bplab.activations import Activation, Output, as_activation
from bplab.arrays import as_matrix, columns_meet_rows, same_rows, same_shape
from bplab.errors import InputError
from bplab.layers import Forward, Gradients
from bplab.losses import LossName, check_loss
from bplab.network import weight_gradient

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
    beta : array_like, shape (K, M_D+1)
    sigmas : Activation, or sequence of D Activations
    g : Activation or Softmax

    Returns
    -------
    Forward
    """
    X = as_matrix("X", X, "(N, p)")
    given, sigmas = layers_and_activations(alphas, sigmas)
    checked, columns = [], X.shape[1] + 1
    for d, alpha in enumerate(given):
        shape = f"(M_{d + 1}, M_{d}+1)"
        alpha = as_matrix(f"alphas[{d}]", alpha, shape, columns=columns, allow_complex=True)
        checked.append(alpha)
        columns = len(alpha) + 1
    beta = as_matrix("beta", beta, "(K, M_D+1)", columns=columns, allow_complex=True)
    return layers.forward(X, checked, beta, sigmas, as_activation("g", g))


def output_delta(
    Y: ArrayLike, T: ArrayLike, F: ArrayLike, g: Output, *, loss: LossName = "squared"
) -> np.ndarray:
    r"""Output delta :math:`δ_{ki} = ∂R_i/∂t_{ik}`, below equations (6) and (10).

    Parameters
    ----------
    Y, T, F : array_like, shape (N, K)
        Targets, and outputs before and after ``g``.
    g : Activation or Softmax
    loss : {"squared", "cross-entropy"}
        The paper's loss, or the extension, for which :math:`δ_{ki} = f_k \sum_l y_{il} - y_{ik}`.

    Returns
    -------
    delta : ndarray, shape (N, K)
    """
    Y, T, F = (as_matrix(name, v, "(N, K)") for name, v in zip("YTF", (Y, T, F), strict=True))
    same_shape("Y", Y, "T", T)
    same_shape("Y", Y, "F", F)
    check_loss(loss, g)
    return layers.output_delta(Y, T, F, as_activation("g", g), loss=loss)


def hidden_delta(
    delta: ArrayLike, weights: ArrayLike, A: ArrayLike, sigma: Activation
) -> np.ndarray:
    r"""Hidden delta :math:`s_{mi}^{(d)} = ∂R_i/∂a_{im}^{(d)}` from the layer above: (15) to (18).

    .. math::
        s_{mi}^{(D)} = \sum_k δ_{ki} β_{km} σ^{(D)\prime}(a_{im}^{(D)}), \qquad
        s_{mi}^{(d)} = \sum_k s_{ki}^{(d+1)} α_{km}^{(d+1)} σ^{(d)\prime}(a_{im}^{(d)})

    It is computed by this recursion, not by the paper's quotient after (17), a gradient divided by
    z, which is 0/0 wherever a ReLU unit is off.

    Parameters
    ----------
    delta : array_like, shape (N, M_{d+1}) or (N, K)
        Delta of the layer above.
    weights : array_like, shape (M_{d+1}, M_d+1) or (K, M_D+1)
        Weights of the layer above; the bias column sends nothing back.
    A : array_like, shape (N, M_d)
        Pre-activations of this layer.
    sigma : Activation
        Activation of this layer.

    Returns
    -------
    s : ndarray, shape (N, M_d)
    """
    delta, A = as_matrix("delta", delta, "(N, M_{d+1})"), as_matrix("A", A, "(N, M_d)")
    weights = as_matrix("weights", weights, "(M_{d+1}, M_d+1)", columns=A.shape[1] + 1)
    same_rows("delta", delta, "A", A)
    columns_meet_rows("delta", delta, "weights", weights)
    return layers.hidden_delta(delta, weights, A, as_activation("sigma", sigma))


def hidden_deltas(
    delta: ArrayLike,
    alphas: Sequence[ArrayLike],
    beta: ArrayLike,
    A: Sequence[ArrayLike],
    sigmas: Activation | Sequence[Activation],
) -> tuple[np.ndarray, ...]:
    r"""Hidden deltas of all layers, by the recursion of equations (16) and (17).

    It leads from δ to :math:`s^{(D)}` and down to :math:`s^{(1)}`, each by `hidden_delta` from the
    one above. That takes D products, however many paths lead through the layers.

    Parameters
    ----------
    delta : array_like, shape (N, K)
        Output delta.
    alphas : sequence of D array_like, shapes (M_d, M_{d-1}+1)
        The weights of the first layer are not used: nothing is sent back to the inputs.
    beta : array_like, shape (K, M_D+1)
    A : sequence of D array_like, shapes (N, M_d)
        As in `Forward`.
    sigmas : Activation, or sequence of D Activations

    Returns
    -------
    s : tuple of D ndarrays, shapes (N, M_d)
        From the first hidden layer on.
    """
    given, sigmas = layers_and_activations(alphas, sigmas)
    D = len(given)
    if not isinstance(A, (Sequence, np.ndarray)) or len(A) != D:
        came = len(A) if isinstance(A, (Sequence, np.ndarray)) else type(A).__name__
        raise InputError(
            f"A must hold as many matrices as there are hidden layers, {D}; got {came}"
        )
    delta = as_matrix("delta", delta, "(N, K)")
    weights, checked = [], []
    above, source = delta, "delta"
    for d in reversed(range(D)):
        a = as_matrix(f"A[{d}]", A[d], f"(N, M_{d + 1})")
        if d == D - 1:
            name, w, shape = "beta", beta, "(K, M_D+1)"
        else:
            name, w, shape = f"alphas[{d + 1}]", given[d + 1], f"(M_{d + 2}, M_{d + 1}+1)"
        weights.append(as_matrix(name, w, shape, columns=a.shape[1] + 1))
        checked.append(a)
        same_rows("delta", above, f"A[{d}]", a)
        columns_meet_rows(source, above, name, weights[-1])
        above, source = a, f"A[{d}]"
    return layers.hidden_deltas(delta, weights[::-1], checked[::-1], sigmas)


def grad_last_hidden(
    inputs: ArrayLike, A: ArrayLike, delta: ArrayLike, beta: ArrayLike, sigma: Activation
) -> np.ndarray:
    r"""Gradient of R(θ) with respect to the last hidden layer's weights: (15) summed over i.

    .. math::
        \frac{∂R}{∂α_{ml}^{(D)}} = \sum_i \sum_k δ_{ki}\, β_{km}\,
        σ^{(D)\prime}(a_{im}^{(D)})\, z_{il}^{(D-1)}

    Parameters
    ----------
    inputs : array_like, shape (N, M_{D-1})
        The layer's inputs, :math:`z_i^{(D-1)}` without the leading 1; X for D = 1.
    A : array_like, shape (N, M_D)
        The layer's pre-activations.
    delta : array_like, shape (N, K)
        Output delta.
    beta : array_like, shape (K, M_D+1)
    sigma : Activation
        The layer's activation, :math:`σ^{(D)}`.

    Returns
    -------
    gradient : ndarray, shape (M_D, M_{D-1}+1)
        The bias column comes first.
    """
    inputs, A = as_matrix("inputs", inputs, "(N, M_{D-1})"), as_matrix("A", A, "(N, M_D)")
    same_rows("inputs", inputs, "A", A)
    delta = as_matrix("delta", delta, "(N, K)")
    beta = as_matrix("beta", beta, "(K, M_D+1)", columns=A.shape[1] + 1)
    same_rows("delta", delta, "A", A)
    columns_meet_rows("delta", delta, "beta", beta)
    s = layers.hidden_delta(delta, beta, A, as_activation("sigma", sigma))
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
    """
    X = as_matrix("X", X, "(N, p)")
    A, Z, T, F = forward(X, alphas, beta, sigmas, g)
    Y = as_matrix("Y", Y, "(N, K)", columns=T.shape[1])
    same_rows("X", X, "Y", Y)
    # step by step with the functions that check, so that overflow on the way raises an error
    delta = output_delta(Y, T, F, g, loss=loss)
    s = hidden_deltas(delta, alphas, beta, A, sigmas)  # (16), (17)
    by_alphas = map(weight_gradient, s, (X, *Z[:-1]))  # (16), (17), and (18) for the first layer
    return Gradients(tuple(by_alphas), weight_gradient(delta, Z[-1]))  # (14)


def check_activations(sigmas: Activation | Sequence[Activation]) -> None:
    """Raise ValueError unless ``sigmas`` is an activation, or a sequence of activations."""
    if isinstance(sigmas, Sequence) and not isinstance(sigmas, str):
        for d, sigma in enumerate(sigmas):
            as_activation(f"sigmas[{d}]", sigma)
    else:
        as_activation("sigmas", sigmas)


def layers_and_activations(
    alphas: Sequence[ArrayLike], sigmas: Activation | Sequence[Activation]
) -> tuple[list[ArrayLike], list[Activation]]:
    """Return the weights and the activations of the hidden layers, one of each for every layer."""
    if isinstance(alphas, np.ndarray) and alphas.ndim == 2:
        raise InputError(
            "alphas must be a sequence of matrices, one for each hidden layer; got one matrix: "
            "for a single hidden layer write [alpha]"
        )
    if not isinstance(alphas, (Sequence, np.ndarray)):
        raise InputError(
            "alphas must be a sequence of matrices, one for each hidden layer; "
            f"got {type(alphas).__name__}"
        )
    given = list(alphas)
    if not given:
        raise InputError("alphas must hold at least one hidden layer; got none")
    check_activations(sigmas)
    activations = list(sigmas) if isinstance(sigmas, Sequence) else [sigmas] * len(given)
    if len(activations) != len(given):
        raise InputError(
            f"sigmas must be one activation, or one for each of the {len(given)} hidden layers; "
            f"got {len(activations)}"
        )
    return given, activations
