r"""Activation functions and their derivatives (section 4 of the paper).

An activation is a value and a derivative that stand side by side:

>>> sigmoid(0.0), sigmoid.derivative(0.0)
(0.5, 0.25)

All of them work elementwise on arrays of any shape, give float32 for float32 and float64
for everything else, and neither overflow nor warn for large arguments: the exponential is
only ever taken of numbers that are not positive.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Activation", "elu", "identity", "leaky_relu", "relu", "sigmoid", "tanh"]

Elementwise = Callable[[NDArray], NDArray]


@dataclass(frozen=True)
class Activation:
    r"""An elementwise activation :math:`a(x)` with its derivative :math:`a'(x)`.

    Call it for the value; ``derivative`` takes the same argument, the pre-activation
    (never the activation's own output).

    Parameters
    ----------
    name : str
        What it is called in messages and figures.
    value, slope : callable
        Map a float array of any shape to an array of the same shape and dtype.
    """

    name: str
    value: Elementwise = field(repr=False)
    slope: Elementwise = field(repr=False)

    def __call__(self, x: ArrayLike) -> NDArray:
        """Return a(x), elementwise; same shape as ``x``."""
        return self.value(_floating(x))[()]

    def derivative(self, x: ArrayLike) -> NDArray:
        """Return a'(x), elementwise, at the pre-activation ``x``; same shape as ``x``."""
        return self.slope(_floating(x))[()]

    def __repr__(self) -> str:
        return self.name


def _floating(x: ArrayLike) -> NDArray:
    """``x`` as a float array: float32 stays, everything else becomes float64."""
    x = np.asarray(x)
    if x.dtype == np.float32:
        return x
    if x.dtype.kind not in "fiub":
        raise ValueError(f"an activation takes real numbers, not an array of dtype {x.dtype}")
    return x.astype(np.float64, copy=False)


def _sigmoid(x: NDArray) -> NDArray:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _sigmoid_slope(x: NDArray) -> NDArray:
    # not a(1 - a): the difference 1 - a has no correct digit left once a is near 1
    e = np.exp(-np.abs(x))
    return e / np.square(1 + e)


def _tanh_slope(x: NDArray) -> NDArray:
    e = np.exp(-2 * np.abs(x))
    return 4 * e / np.square(1 + e)


sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_slope)
"""Section 4, 1: a = 1 / (1 + exp(-x)), a' = a (1 - a)."""

tanh = Activation("tanh", np.tanh, _tanh_slope)
"""Section 4, 2: a = tanh(x), a' = 1 - a²."""

identity = Activation("identity", lambda x: x.copy(), np.ones_like)
"""a = x, a' = 1: the output of a network for regression."""

relu = Activation("relu", lambda x: np.maximum(x, 0), lambda x: (x > 0).astype(x.dtype))
"""Section 4, 4: a = max(x, 0), a' = 1 for x > 0 and 0 for x ≤ 0 (also at the kink)."""


def leaky_relu(alpha: float = 0.01) -> Activation:
    """Section 4, 5: a = x for x > 0 and αx for x ≤ 0; a' = 1 or α.

    Parameters
    ----------
    alpha : float
        Slope on the left, finite and at most 1.

    Raises
    ------
    ValueError
        If ``alpha`` is not finite or above 1.
    """
    alpha = _checked_alpha(alpha)
    return Activation(
        f"leaky_relu({alpha:g})",
        lambda x: np.where(x > 0, x, alpha * x).astype(x.dtype, copy=False),
        lambda x: np.where(x > 0, 1, alpha).astype(x.dtype, copy=False),
    )


def elu(alpha: float = 1.0) -> Activation:
    """Section 4, 6: a = x for x > 0 and α(exp(x) - 1) for x ≤ 0; a' = 1 or a + α.

    Parameters
    ----------
    alpha : float
        Scale on the left, finite and at most 1.

    Raises
    ------
    ValueError
        If ``alpha`` is not finite or above 1.
    """
    alpha = _checked_alpha(alpha)
    return Activation(
        f"elu({alpha:g})",
        lambda x: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))).astype(
            x.dtype, copy=False
        ),
        lambda x: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))).astype(x.dtype, copy=False),
    )


def _checked_alpha(alpha: float) -> float:
    if not (np.isfinite(alpha) and alpha <= 1):
        raise ValueError(f"alpha must be a finite number of at most 1; got {alpha!r}")
    return float(alpha)
