r"""The best accuracy that a gradient of a network can have in float64.

This is a running error analysis: every quantity of the forward and backward pass has a bound on
its rounding error, which is made of the errors of its inputs and of its own rounding. Where terms
cancel, as residuals do near an optimum, the quantity shrinks and the bound stays: that is the
conditioning of the gradient.

``plain=True`` allows for the textbook's formulas, a(1 - a) and 1 - a², whose error does not shrink
with the slope where a unit saturates. A gradient computed with them is right, too.
"""

import numpy as np

from bplab.activations import Activation, Softmax, identity
from bplab.gradcheck.network import State

UNIT = np.finfo(np.float64).eps / 2


def gradient_error(state: State, *, plain: bool) -> list[np.ndarray]:
    """Bound the rounding error of every entry of a gradient of the state's risk.

    Parameters
    ----------
    state : State
    plain : bool
        Whether the gradient may have been computed with the textbook's formulas.

    Returns
    -------
    list of ndarray
        One bound for each entry of the weights, in their shapes.
    """
    D = len(state.sigmas)
    layers = [state.inputs[0][:, 1:], *state.Z]
    before, errors = _layer_errors(state)
    delta, error = _output_delta(state, _affine_error(state, D, errors[D]), plain)

    bounds = [_weight_error(delta, error, layers[D], errors[D])]
    for d in reversed(range(D)):
        w = state.weights[d + 1][:, 1:]
        back = delta @ w
        error = error @ np.abs(w) + 3 * UNIT * (np.abs(delta) @ np.abs(w))
        slope = np.abs(state.slopes[d])
        wobble = _slope_error(state.sigmas[d], state.A[d], slope, before[d], plain)
        delta = back * state.slopes[d]
        error = error * slope + np.abs(back) * wobble + 2 * UNIT * np.abs(delta)
        bounds.append(_weight_error(delta, error, layers[d], errors[d]))
    return bounds[::-1]


def unsure_sides(state: State) -> list[np.ndarray] | None:
    """Return, for each hidden layer, the units that rounding may put on either side of a kink.

    None where there is no such unit.
    """
    before, _ = _layer_errors(state)
    unsure = [_unsure(state, d, error) for d, error in enumerate(before)]
    return unsure if any(layer.any() for layer in unsure) else None


def _unsure(state: State, d: int, error: np.ndarray) -> np.ndarray:
    return state.sigmas[d].kink & (np.abs(state.A[d]) <= error)


def _layer_errors(state: State) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the errors of each hidden layer's pre-activations, and of each layer from X on."""
    before, errors = [], [np.zeros_like(state.inputs[0][:, 1:])]
    for d, slope in enumerate(state.slopes):
        before.append(_affine_error(state, d, errors[d]))
        slope = np.where(_unsure(state, d, before[d]), 1, np.abs(slope))
        errors.append(slope * before[d] + 4 * UNIT * np.abs(state.Z[d]))
    return before, errors


def _affine_error(state: State, d: int, error: np.ndarray) -> np.ndarray:
    w = np.abs(state.weights[d])
    terms = np.abs(state.inputs[d]) @ w.T
    return UNIT * max(2.0, np.sqrt(w.shape[1])) * terms + error @ w[:, 1:].T


def _weight_error(
    delta: np.ndarray, error: np.ndarray, layer: np.ndarray, its_error: np.ndarray
) -> np.ndarray:
    N = len(delta)
    size = np.column_stack([np.ones(N), np.abs(layer)])
    its_error = np.column_stack([np.zeros(N), its_error])
    sums = UNIT * max(3.0, np.sqrt(N)) * (np.abs(delta).T @ size)
    return error.T @ size + np.abs(delta).T @ its_error + sums


def _slope_error(
    activation: Activation, A: np.ndarray, slope: np.ndarray, error: np.ndarray, plain: bool
) -> np.ndarray:
    """Return the error of σ′(a): |σ″| ≤ 2σ′ for sigmoid, tanh and ELU, and 0 for the others."""
    bound = 2 * error * slope + 8 * UNIT * slope + (4 * UNIT if plain else 0)
    if activation.kink or activation == identity:
        return np.where(A > 0, 0, bound)
    return bound


def _output_delta(state: State, error: np.ndarray, plain: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the output delta and the bound of its error; ``error`` is that of T."""
    Y, F = state.Y, state.F
    if not isinstance(state.g, Softmax):
        slope = np.abs(state.g.derivative(state.T))
        residual = -2 * (Y - F)
        residual_error = 2 * (slope * error + 4 * UNIT * np.abs(F)) + 2 * UNIT * np.abs(residual)
        wobble = _slope_error(state.g, state.T, slope, error, plain)
        delta = state.g.pull_back(residual, state.T)
        own = 2 * UNIT * np.abs(delta)
        return delta, residual_error * slope + np.abs(residual) * wobble + own
    relative = error + (F * error).sum(axis=1, keepdims=True) + 8 * UNIT
    others = 1 - np.eye(F.shape[1])
    if state.loss == "cross-entropy":
        size = np.abs(Y)
        bound = relative * (F * (size @ others) + size * (F @ others))
        if plain:  # f Σy - y, which cancels where softmax saturates
            bound += 4 * UNIT * (F * size.sum(axis=1, keepdims=True) + size)
        return F * Y.sum(axis=1, keepdims=True) - Y, bound
    residual = -2 * (Y - F)
    wobble = 2 * F * relative + 2 * UNIT * np.abs(residual)
    gaps = np.abs(residual[:, :, None] - residual[:, None, :])
    weights = F[:, None, :] * others
    bound = (weights * (wobble[:, :, None] + wobble[:, None, :])).sum(axis=-1)
    bound += (weights * (relative[:, :, None] + relative[:, None, :]) * gaps).sum(axis=-1)
    if plain:
        bound += 8 * UNIT * np.abs(residual).max(axis=1, keepdims=True)
    return state.g.pull_back(residual, state.T), F * bound
