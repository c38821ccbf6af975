"""Both passes over some examples, as lists of operations whose arrays are bound."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from bplab.activations import Activation, Output, identity
from bplab.losses import LossName
from bplab.training.in_place import Operation, in_place, number, row_of, softmax_of

__all__ = ["WIDE", "Passes"]

WIDE = 256
"""From this many units on, a row of ones more costs the products more than a bias on its own."""


class Passes:
    r"""Forward and backward pass over ``N`` examples, whose data `load` brings in.

    Parameters
    ----------
    N : int
        How many examples.
    weights, gradients : sequence of ndarray, shapes (…, M_1, p+1) … (…, K, M_D+1)
        Where weights are read, and where the backward pass writes the gradients.
    sigmas, g, loss
        As in `Workspace`.

    Attributes
    ----------
    forward, backward : list of operations
        Run `forward`, then `derivative`, then `backward`.
    risk : callable
        Returns R(θ) of these examples, after `forward`.
    derivative : callable
        ``derivative(c)`` gives the operations that begin the backward pass. With c = ``factor``
        it leads to the gradient of R(θ), with c = γ · ``factor`` to γ times the gradient.
    factor : float
        A constant of the loss.
    output : tuple of int
        Shape of the outputs.
    """

    def __init__(
        self,
        N: int,
        weights: Sequence[np.ndarray],
        gradients: Sequence[np.ndarray],
        sigmas: Sequence[Activation],
        g: Output,
        loss: LossName,
    ):
        dtype = weights[0].dtype
        self.forward: list[Operation] = []
        self.backward: list[Operation] = []
        self._prepare: list[Operation] = []
        inputs = _under_ones(weights[0].shape[-1] - 1, N, dtype)
        self._X, self._Y = inputs[1:], np.empty((weights[-1].shape[-2], N), dtype)
        activations = [*sigmas, g if loss == "squared" else identity]
        send_back: np.ndarray | None = None
        for w, gradient, activation in zip(weights, gradients, activations, strict=True):
            inputs, z, d, backward = self._layer(w, gradient, inputs, activation, send_back)
            self.backward = backward + self.backward
            send_back = d
        last = (_squared_error if loss == "squared" else _cross_entropy)(self._Y, z, d)
        self._prepare += last.prepare
        self.forward += last.forward
        self.risk, self.derivative, self.factor = last.risk, last.derivative, last.factor
        self.output = d.shape

    def load(self, X: np.ndarray, Y: np.ndarray) -> list[Operation]:
        """Return the operations that bring in the examples ``X`` (p, N) and ``Y`` (K, N)."""
        copy = [partial(np.copyto, self._X, X), partial(np.copyto, self._Y, Y)]
        return [*copy, *self._prepare]

    def _layer(
        self,
        w: np.ndarray,
        gradient: np.ndarray,
        inputs: np.ndarray,
        activation: Output,
        d_inputs: np.ndarray | None,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Operation]]:
        """Add a layer to the passes; return what the next one reads, the output, its derivative."""
        output = z = np.zeros((*w.shape[:-1], inputs.shape[-1]), w.dtype)
        if z.ndim == 2 and len(z) < WIDE:
            output = _under_ones(len(z), z.shape[-1], w.dtype)
            z = output[1:]
        d = np.empty(z.shape, w.dtype)
        steps = in_place(activation, z, d)
        read, scaled = inputs, w
        if steps.scale != 1 and d_inputs is None:  # the data are scaled once
            read = np.empty_like(inputs)
            self._prepare.append(partial(np.multiply, inputs, number(steps.scale, w), read))
        elif steps.scale != 1:
            scaled = np.empty_like(w)
            self.forward.append(partial(np.multiply, w, number(steps.scale, w), scaled))
        inputs_T = inputs.swapaxes(-1, -2)
        if inputs.shape[-2] == w.shape[-1]:  # under ones
            self.forward.append(_product(scaled, read, z))
            backward = [*steps.backward, _product(d, inputs_T, gradient)]
        else:
            ones = np.ones((inputs.shape[-1], 1), w.dtype)
            self.forward.append(_product(scaled[..., 1:], read, z))
            self.forward.append(partial(np.add, z, scaled[..., :1], z))
            backward = [
                *steps.backward,
                partial(np.matmul, d, inputs_T, gradient[..., 1:]),
                partial(np.matmul, d, ones, gradient[..., :1]),
            ]
        self.forward += steps.forward
        if d_inputs is not None:
            backward.append(_product(w[..., 1:].swapaxes(-1, -2), d, d_inputs))
        return output, z, d, backward


def _product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> Operation:
    """The matrix product, by the call that costs least."""
    if out.ndim == 2:
        return partial(a.dot, b, out)
    if b.ndim == 2:  # shared by all runs: one product of all their rows
        return partial(a.reshape(-1, len(b)).dot, b, out.reshape(-1, out.shape[-1]))
    if a.shape[-1] == 1:
        return partial(np.multiply, a, b, out)
    return partial(np.matmul, a, b, out)


# --- losses: R, and the operations that write a multiple of its derivative into d ----------------


class _Loss(NamedTuple):
    forward: list[Operation]
    risk: Callable[[], float | np.ndarray]
    derivative: Callable[[np.ndarray], list[Operation]]
    factor: float  # with which `derivative` gives the derivative itself
    prepare: Sequence[Operation] = ()  # when other targets have come


def _squared_error(Y: np.ndarray, F: np.ndarray, d: np.ndarray) -> _Loss:
    difference = np.empty_like(d)
    flat = difference.reshape(*d.shape[:-2], -1)
    return _Loss(
        [partial(np.subtract, F, Y, difference)],
        partial(flat.dot, flat) if flat.ndim == 1 else partial(np.einsum, "ri,ri->r", flat, flat),
        lambda factor: [partial(np.multiply, difference, factor, d)],
        factor=2.0,
    )


def _cross_entropy(Y: np.ndarray, T: np.ndarray, d: np.ndarray) -> _Loss:
    """Here the output layer has no activation: softmax is done together with the loss."""
    total, row = row_of(Y), row_of(T)

    def risk() -> float | np.ndarray:
        return (total * np.log(row)).sum(axis=(-1, -2)) - (Y * T).sum(axis=(-1, -2))

    def derivative(factor: np.ndarray) -> list[Operation]:
        return [
            partial(np.multiply, d, total, d),
            partial(np.subtract, d, Y, d),
            partial(np.multiply, d, factor, d),
        ]

    prepare = [partial(np.sum, Y, axis=-2, keepdims=True, out=total)]
    return _Loss(softmax_of(T, d, row), risk, derivative, factor=1.0, prepare=prepare)


def _under_ones(M: int, N: int, dtype: np.dtype) -> np.ndarray:
    """M rows to be filled, under a row of ones."""
    rows = np.zeros((M + 1, N), dtype)
    rows[0] = 1
    return rows
