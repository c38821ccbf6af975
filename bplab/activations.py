r"""Activation functions and their derivatives (section 4 of the paper).

An activation is a value and a derivative that stand side by side:

>>> sigmoid(0.0), sigmoid.derivative(0.0)
(0.5, 0.25)

They work elementwise on arrays of any shape; `softmax` works on rows and has a Jacobian in the
place of a derivative. All give float32 for float32 and float64 for everything else, and neither
overflow nor warn for large arguments: the exponential is only ever taken of numbers that are
not positive.

Values (not derivatives) are also defined for complex arguments, on the branch of the real
part, so that functions made of them can be differentiated by complex steps.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Activation",
    "Softmax",
    "elu",
    "identity",
    "leaky_relu",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]

Elementwise = Callable[[NDArray], NDArray]


@dataclass(frozen=True)
class Activation:
    r"""An elementwise activation :math:`a(x)` with its derivative :math:`a'(x)`.

    Call it for the value; ``derivative`` takes the same argument, the pre-activation
    (never the activation's own output). Two activations of one name are equal.

    Parameters
    ----------
    name : str
        What it is called in messages and figures.
    value, slope : callable
        Map a float array of any shape to an array of the same shape and dtype.
    kink : bool
        Whether the derivative jumps at 0.
    """

    name: str
    value: Elementwise = field(repr=False, compare=False)
    slope: Elementwise = field(repr=False, compare=False)
    kink: bool = field(default=False, repr=False, compare=False)

    def __call__(self, x: ArrayLike) -> NDArray:
        """Return a(x), elementwise; same shape as ``x``."""
        return self.value(_floating(x, allow_complex=True))[()]

    def derivative(self, x: ArrayLike) -> NDArray:
        """Return a'(x), elementwise, at the pre-activation ``x``; same shape as ``x``."""
        return self.slope(_floating(x))[()]

    def pull_back(self, d: NDArray, x: ArrayLike) -> NDArray:
        r"""Return :math:`∂R/∂x` from ``d`` = :math:`∂R/∂a`: the chain rule, d · a'(x).

        Parameters
        ----------
        d, x : ndarray, shape (N, K)
            Derivative of the loss by the activation's output, and the pre-activation.

        Returns
        -------
        ndarray, shape (N, K)
        """
        return d * self.derivative(x)

    def __repr__(self) -> str:
        return self.name


def _floating(x: ArrayLike, *, allow_complex: bool = False) -> NDArray:
    """``x`` as a float array: float32 stays, everything else becomes float64."""
    x = np.asarray(x)
    if x.dtype == np.float32 or (allow_complex and x.dtype == np.complex128):
        return x
    if x.dtype.kind not in "fiub":
        raise ValueError(f"an activation takes real numbers, not an array of dtype {x.dtype}")
    return x.astype(np.float64, copy=False)


def _sigmoid(x: NDArray) -> NDArray:
    positive = x.real >= 0
    e = np.exp(np.where(positive, -x, x))
    return np.where(positive, 1, e) / (1 + e)


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

relu = Activation(
    "relu",
    lambda x: np.where(x.real > 0, x, 0).astype(x.dtype, copy=False),
    lambda x: (x > 0).astype(x.dtype),
    kink=True,
)
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
        lambda x: np.where(x.real > 0, x, alpha * x).astype(x.dtype, copy=False),
        lambda x: np.where(x > 0, 1, alpha).astype(x.dtype, copy=False),
        kink=alpha != 1,
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
        lambda x: np.where(x.real > 0, x, alpha * np.expm1(np.where(x.real > 0, 0, x))).astype(
            x.dtype, copy=False
        ),
        lambda x: np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))).astype(x.dtype, copy=False),
        kink=alpha != 1,
    )


def _checked_alpha(alpha: float) -> float:
    if not (np.isfinite(alpha) and alpha <= 1):
        raise ValueError(f"alpha must be a finite number of at most 1; got {alpha!r}")
    return float(alpha)


class Softmax:
    r"""Section 4, 3: :math:`g_k(t) = e^{t_k} / \sum_l e^{t_l}`, over the last axis.

    Every output depends on all of t, so the derivative is a matrix, the Jacobian
    :math:`∂g_k/∂t_l = g_k (1 - g_k)` for k = l and :math:`-g_k g_l` otherwise. Its rows and its
    columns sum to zero: a shift of all t changes nothing.
    """

    name = "softmax"
    kink = False

    def __call__(self, t: ArrayLike) -> NDArray:
        """Return the softmax of each row; same shape as ``t``."""
        t = _rows(t, allow_complex=True)
        e = np.exp(t - t.real.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def jacobian(self, t: ArrayLike) -> NDArray:
        """Return the Jacobian of each row, shape (…, K, K): entry [k, l] is ∂g_k/∂t_l."""
        f = self(_rows(t))
        jacobian = -f[..., :, None] * f[..., None, :]
        # not f (1 - f): 1 - f has no correct digit left once f is near 1
        rest = (f[..., None, :] * (1 - np.eye(f.shape[-1], dtype=f.dtype))).sum(axis=-1)
        np.einsum("...kk->...k", jacobian)[...] = f * rest
        return jacobian

    def pull_back(self, d: NDArray, t: ArrayLike) -> NDArray:
        r"""Return :math:`∂R/∂t_k = \sum_l d_l\, ∂g_l/∂t_k` from ``d`` = :math:`∂R/∂g`.

        The sum is :math:`g_k \sum_l g_l (d_k - d_l)`, without forming the Jacobian.

        Parameters
        ----------
        d, t : ndarray, shape (N, K)
            Derivative of the loss by the softmax, and its argument.

        Returns
        -------
        ndarray, shape (N, K)
        """
        f = self(_rows(t))
        if f.shape[-1] <= 16:
            differences = d[..., :, None] - d[..., None, :]
            return f * (f[..., None, :] * differences).sum(axis=-1)
        # the same sum for many outputs, shifted so that what is subtracted is small
        d = d - np.take_along_axis(d, f.argmax(axis=-1)[..., None], axis=-1)
        return f * (d - (f * d).sum(axis=-1, keepdims=True))

    def __repr__(self) -> str:
        return self.name


def _rows(t: ArrayLike, *, allow_complex: bool = False) -> NDArray:
    t = _floating(t, allow_complex=allow_complex)
    if t.ndim == 0 or t.shape[-1] == 0:
        raise ValueError(f"softmax takes a vector, or an array of rows; got shape {t.shape}")
    return t


softmax = Softmax()
"""The one softmax; see `Softmax`."""
