"""The model of the softmax panel: value, Jacobian, and delta from all of it or its diagonal."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.activations import softmax as reference
from bplab.errors import InputError
from bplab.learner import Careful, array_of, finite, parts_of

__all__ = ["Mine", "SoftmaxModel", "Softmaxed"]

Mine = Callable[[NDArray], tuple[ArrayLike, ArrayLike]]
"""``softmax(t)`` returns the value (N, K) and the Jacobian (N, K, K)."""

SECONDS = 2  # a call that takes longer is stopped
STEP = 1e-5  # step of the central differences
OVERFLOW = 709  # e to a larger power is infinite
TOLERANCE = 1e-8


class Softmaxed(NamedTuple):
    """Softmax at ``t + c``, and what follows from it for the target ``y``.

    ``t, y, f, delta, diagonal, difference`` have shape (K,). ``jacobian`` (K, K) has the entries
    :math:`∂f_k/∂t_l` at [k, l]. ``raw`` (K,) holds :math:`e^{t_k + c}`, which is infinite where it
    overflows. ``moved`` is the largest change of any f that the shift c makes. ``delta`` is
    computed from the whole Jacobian, ``diagonal`` from its diagonal only, and ``difference`` by
    central differences of R. ``right_f`` and ``right_jacobian`` are the reference's.
    """

    t: NDArray
    c: float
    y: NDArray
    raw: NDArray
    f: NDArray
    moved: float
    jacobian: NDArray
    delta: NDArray
    diagonal: NDArray
    difference: NDArray
    right_f: NDArray
    right_jacobian: NDArray

    @property
    def risk(self) -> float:
        """The squared error R."""
        return float(np.square(self.y - self.f).sum())

    @property
    def residual(self) -> NDArray:
        """−2 (y − f), shape (K,)."""
        return -2 * (self.y - self.f)

    @property
    def off(self) -> float:
        """Norm of the error that the diagonal alone makes, as a share of the norm of delta."""
        norm = np.linalg.norm(self.delta)
        return float(np.linalg.norm(self.diagonal - self.delta) / norm) if norm else 0.0

    @property
    def wrong_f(self) -> NDArray:
        """Where f is not the reference's, shape (K,) of bool."""
        return abs(self.f - self.right_f) > TOLERANCE

    @property
    def wrong_jacobian(self) -> NDArray:
        """Where the Jacobian is not the reference's, shape (K, K) of bool."""
        return abs(self.jacobian - self.right_jacobian) > TOLERANCE


class SoftmaxModel:
    """Softmax of K numbers, by the reference or by the learner's function.

    Parameters
    ----------
    mine : callable, optional
        ``mine(t)``: for ``t`` (N, K) it returns the value (N, K) and the Jacobian (N, K, K).
    K : int
        Number of outputs, 3 or 4.

    Raises
    ------
    ValueError
        If ``mine`` is not a function, or ``K`` is neither 3 nor 4.
    """

    def __init__(self, mine: Mine | None = None, K: int = 3):
        if mine is not None and (not callable(mine) or hasattr(mine, "jacobian")):
            raise InputError(
                "mine must be a function softmax(t) that returns value and Jacobian, given "
                f"without calling it; got {mine!r}"
            )
        if K not in (3, 4):
            raise InputError(f"K must be 3 or 4; got {K!r}")
        self.mine, self.K = mine, int(K)

    def at(self, t: ArrayLike, c: float, target: int) -> Softmaxed:
        """Return softmax at t + c.

        Parameters
        ----------
        t : array_like, shape (K,)
        c : float
            Added to every t.
        target : int
            The index of the 1 in y, from 0 on.

        Raises
        ------
        LearnerError
            If the learner's function does not work.
        """
        t = np.asarray(t, np.float64)
        y = np.eye(self.K)[target]
        steps = STEP * np.eye(self.K)
        rows = np.vstack([t + c, t, t + steps, t - steps])
        f, jacobian = self._pair(rows)
        risk = np.square(y - f).sum(axis=1)
        ahead, behind = risk[2 : 2 + self.K], risk[2 + self.K :]
        residual = -2 * (y - f[0])
        with np.errstate(over="ignore"):
            raw = np.exp(t + c)
        return Softmaxed(
            t,
            c,
            y,
            raw=raw,
            f=f[0],
            moved=float(abs(f[0] - f[1]).max()),
            jacobian=jacobian[0],
            delta=residual @ jacobian[0],
            diagonal=residual * np.diagonal(jacobian[0]),
            difference=(ahead - behind) / (2 * STEP),
            right_f=reference(rows[0]),
            right_jacobian=reference.jacobian(rows[0]),
        )

    def _pair(self, rows: NDArray) -> tuple[NDArray, NDArray]:
        """Return value and Jacobian of each row."""
        if self.mine is None:
            return reference(rows), reference.jacobian(rows)
        mine = Careful(self.mine, "softmax", given="t", seconds=SECONDS)
        value, jacobian = parts_of(mine(rows), mine.what, ("the value", "the Jacobian"))
        n, K = rows.shape
        hint = _overflow(rows[0].max())
        return (
            finite(array_of(value, "value", (n, K)), "value", hint=hint),
            finite(array_of(jacobian, "Jacobian", (n, K, K)), "Jacobian", hint=hint),
        )


def _overflow(largest: float) -> str:
    """Return why softmax is infinite or 0 / 0 if the largest t is this; empty if it is neither."""
    if largest > OVERFLOW:
        return (
            f"Here t is up to {largest:g}, and e to a power above {OVERFLOW} is infinite: subtract "
            "the row's largest t first, which changes nothing else."
        )
    if largest < -OVERFLOW:
        return (
            f"Here no t is above {largest:g}, every e to such a power is 0, and 0 / 0 is "
            "NaN: subtract the row's largest t first."
        )
    return ""
