r"""Activation functions and their derivatives (section 4 of the paper).

An activation is a value together with its derivative:

>>> print(sigmoid(0.0), sigmoid.derivative(0.0))
0.5 0.25

Activations work elementwise on arrays of any shape; `softmax` works on rows, and has a Jacobian in
place of a derivative. All return float32 for float32 and float64 for everything else. They neither
overflow nor warn for large arguments, because they never take the exponential of a positive number.

Values (not derivatives) are also defined for complex arguments, on the branch of the real
part, so that functions made of them can be differentiated by complex steps. The value
at NaN is NaN, and at ±inf an elementwise activation has its limit, both without a warning.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from bplab.arrays import same_shape
from bplab.errors import InputError

__all__ = [
    "Activation",
    "Output",
    "Softmax",
    "elu",
    "identity",
    "leaky_relu",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]

Elementwise = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Activation:
    r"""An elementwise activation :math:`a(x)` with its derivative :math:`a'(x)`.

    Call it for the value; ``derivative`` takes the same argument, the pre-activation
    (never the activation's own output). Two activations with the same name are equal.

    Parameters
    ----------
    name : str
        Its name in messages and figures.
    value, slope : callable
        The value and the derivative: functions that map a float array of any shape to an array of
        the same shape and dtype.
    kink : bool
        Whether the derivative jumps at 0.
    """

    name: str
    value: Elementwise = field(repr=False, compare=False)
    slope: Elementwise = field(repr=False, compare=False)
    kink: bool = field(default=False, repr=False, compare=False)

    def __call__(self, x: ArrayLike) -> np.ndarray:
        """Return a(x), elementwise; same shape as ``x``."""
        return self.value(_floating("x", x, allow_complex=True))[()]

    def derivative(self, x: ArrayLike) -> np.ndarray:
        """Return a'(x), elementwise, at the pre-activation ``x``; same shape as ``x``."""
        return self.slope(_floating("x", x))[()]

    def pull_back(self, d: ArrayLike, x: ArrayLike) -> np.ndarray:
        r"""Return :math:`∂R/∂x` from ``d`` = :math:`∂R/∂a`: the chain rule, d · a'(x).

        Parameters
        ----------
        d, x : array_like, both of the same shape, usually (N, K)
            Derivative of the loss with respect to the activation's output, and the pre-activation.

        Returns
        -------
        ndarray, the same shape

        Raises
        ------
        ValueError
            If ``d`` and ``x`` differ in shape (they never broadcast) or are not real.
        """
        d, x = _floating("d", d), _floating("x", x)
        same_shape("d", d, "x", x)
        return d * self.derivative(x)

    def __repr__(self) -> str:
        return self.name


def _floating(name: str, value: ArrayLike, *, allow_complex: bool = False) -> np.ndarray:
    """Return ``value`` as a float array: float32 stays, everything else becomes float64."""
    array = np.asarray(value)
    if array.dtype == np.float32 or (allow_complex and array.dtype == np.complex128):
        return array
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name} must hold real numbers; got dtype {array.dtype}")
    return array.astype(np.float64, copy=False)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    positive = x.real >= 0
    e = np.exp(np.where(positive, -x, x) if np.iscomplexobj(x) else -np.abs(x))
    return np.where(positive, 1, e) / (1 + e)


def _sigmoid_slope(x: np.ndarray) -> np.ndarray:
    # not a(1 - a): once a is near 1, the difference 1 - a has no correct digit left
    e = np.exp(-np.abs(x))
    return e / np.square(1 + e)


def _tanh_slope(x: np.ndarray) -> np.ndarray:
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
    lambda x: np.where(x.real <= 0, 0, x).astype(x.dtype, copy=False),
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
    number = isinstance(alpha, (int, float, np.integer, np.floating))
    if not (number and np.isfinite(alpha) and alpha <= 1):
        raise InputError(f"alpha must be a finite number of at most 1; got {alpha!r}")
    return float(alpha)


class Softmax:
    r"""Section 4, 3: :math:`g_k(t) = e^{t_k} / \sum_l e^{t_l}`, over the last axis.

    Every output depends on all of t, so the derivative is a matrix, the Jacobian
    :math:`∂g_k/∂t_l = g_k (1 - g_k)` for k = l and :math:`-g_k g_l` otherwise. Its rows and its
    columns sum to zero: shifting all of t changes nothing. `pull_back` is the product of a row
    vector with the Jacobian; in equations (8) to (11) this vector holds the residuals.
    """

    name = "softmax"
    kink = False

    def __call__(self, t: ArrayLike) -> np.ndarray:
        """Return the softmax of each row; same shape as ``t``."""
        return self.value(_rows(t, allow_complex=True))

    @staticmethod
    def value(t: np.ndarray) -> np.ndarray:
        """Return the softmax of each row, in the dtype of ``t``, which is not checked."""
        # in complex rows, the largest entry is subtracted with its imaginary part: its exponential
        # is then exactly 1, and a complex step keeps its digits even where one output is near 1
        largest = _largest(t, of=t.real) if t.dtype.kind == "c" else t.max(axis=-1, keepdims=True)
        e = np.exp(t - largest)
        return e / e.sum(axis=-1, keepdims=True)

    def jacobian(self, t: ArrayLike) -> np.ndarray:
        """Return the Jacobian of each row, shape (…, K, K): entry [k, l] is ∂g_k/∂t_l."""
        f = self(_rows(t))
        jacobian = -f[..., :, None] * f[..., None, :]
        np.einsum("...kk->...k", jacobian)[...] = f * sum_of_others(f)
        return jacobian

    def pull_back(self, d: ArrayLike, t: ArrayLike) -> np.ndarray:
        r"""Return :math:`∂R/∂t_k = \sum_l d_l\, ∂g_l/∂t_k` from ``d`` = :math:`∂R/∂g`.

        The sum is :math:`g_k \sum_l g_l (d_k - d_l)`, without forming the Jacobian.

        Parameters
        ----------
        d, t : array_like, shape (N, K)
            Derivative of the loss with respect to the softmax, and its argument.

        Returns
        -------
        ndarray, shape (N, K)

        Raises
        ------
        ValueError
            If ``d`` and ``t`` differ in shape (they never broadcast) or are not real.
        """
        d, t = _floating("d", d), _rows(t)
        same_shape("d", d, "t", t)
        f = self(t)
        if f.shape[-1] <= 16:
            differences = d[..., :, None] - d[..., None, :]
            return f * (f[..., None, :] * differences).sum(axis=-1)
        # the same sum for many outputs, shifted so that little is subtracted
        shifted = d - _largest(d, of=f)
        return f * (shifted - (f * shifted).sum(axis=-1, keepdims=True))

    def __repr__(self) -> str:
        return self.name


def sum_of_others(a: np.ndarray) -> np.ndarray:
    """Return Σ_l a_l - a_k for every k of each row, without losing digits at the largest entry.

    For a softmax f it is 1 - f; computed as that difference, it would have no correct digit left
    once f is near 1.
    """
    rest = a.sum(axis=-1, keepdims=True) - a
    largest = np.abs(a).argmax(axis=-1)[..., None]
    others = a.copy()
    np.put_along_axis(others, largest, 0, axis=-1)
    np.put_along_axis(rest, largest, others.sum(axis=-1, keepdims=True), axis=-1)
    return rest


def _rows(t: ArrayLike, *, allow_complex: bool = False) -> np.ndarray:
    t = _floating("t", t, allow_complex=allow_complex)
    if t.ndim == 0 or t.shape[-1] == 0:
        raise InputError(
            f"t must be a vector, or an array of rows, that is not empty; got shape {t.shape}"
        )
    return t


def _largest(values: np.ndarray, *, of: np.ndarray) -> np.ndarray:
    """Return the value in each row at the place where ``of`` is largest; shape (…, 1)."""
    return np.take_along_axis(values, of.argmax(axis=-1)[..., None], axis=-1)


softmax = Softmax()
"""The softmax function, the only instance of `Softmax`."""

Output = Activation | Softmax
"""An output function: elementwise (section 2.1) or softmax (section 2.2)."""


AnyActivation = TypeVar("AnyActivation", bound=Output)


def as_activation(name: str, value: AnyActivation) -> AnyActivation:
    """Return ``value`` if it is an activation.

    Raises
    ------
    ValueError
        If it is anything else: a bare function has no derivative, and ``leaky_relu`` and ``elu``
        give an activation only when called with their alpha.
    """
    if not hasattr(value, "pull_back"):
        raise InputError(
            f"{name} must be an activation from bplab.activations, such as tanh or "
            f"leaky_relu(0.01); got {value!r}"
        )
    return value
