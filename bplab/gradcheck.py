r"""Gradients by finite differences, and a check of any gradient against them.

The step of a central difference balances two errors. Truncation grows with the step,
:math:`h^2 f'''/6`; rounding shrinks with it, about :math:`ε|f|/h`. They meet near
:math:`h = ε^{1/3}`, scaled by the size of the weight. Steps here are powers of two, so that
w + h and w - h lose nothing to rounding of h itself.

`check_gradient` does not trust one step. It takes a ladder of steps, keeps for every entry
the estimate with the smallest error bar, and gives one of three verdicts: *right*, *wrong*,
or *cannot tell* when the error bar is too wide to decide (noise, or a kink nearby).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab._tree import leaves, rebuild

__all__ = ["Entry", "GradientReport", "Verdict", "check_gradient", "numerical_gradient"]

EPS = np.finfo(np.float64).eps
LADDER = tuple(2.0**-k for k in (8, 10, 12, 14))
"""Steps of `check_gradient`, relative to max(1, |w|): fourth-order differences like them wide."""


class Verdict(StrEnum):
    """What can be said about one entry of a gradient."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient beside its finite difference.

    Attributes
    ----------
    block : str
        Which array of the structure, e.g. ``"beta"``.
    index : tuple of int
        Where in that array.
    analytic, numeric : float
        The gradient given, and the finite difference.
    error : float
        Error bar of ``numeric``.
    verdict : Verdict
    """

    block: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    error: float
    verdict: Verdict

    @property
    def relative_error(self) -> float:
        """|analytic - numeric| over the larger of the two; 0 where both are 0."""
        size = max(abs(self.analytic), abs(self.numeric))
        return abs(self.analytic - self.numeric) / size if size else 0.0

    def __str__(self) -> str:
        where = f"{self.block}{list(self.index)}"
        return (
            f"{self.verdict}: {where} gradient {self.analytic:.8g}, finite difference "
            f"{self.numeric:.8g} ± {self.error:.1g}, relative error {self.relative_error:.1g}"
        )


@dataclass(frozen=True)
class GradientReport:
    """What `check_gradient` found, an `Entry` for every parameter.

    ``bool(report)`` is True when no entry is wrong and at least one is right.
    """

    entries: tuple[Entry, ...]

    def with_verdict(self, verdict: Verdict) -> tuple[Entry, ...]:
        """Return the entries with this verdict, the largest relative error first."""
        found = [e for e in self.entries if e.verdict == verdict]
        return tuple(sorted(found, key=lambda e: -e.relative_error))

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The wrong entries, the largest relative error first."""
        return self.with_verdict(Verdict.WRONG)

    @property
    def max_relative_error(self) -> float:
        """Largest relative error of the entries that could be judged (0 if none could)."""
        judged = (e.relative_error for e in self.entries if e.verdict != Verdict.CANNOT_TELL)
        return max(judged, default=0.0)

    def __bool__(self) -> bool:
        return not self.wrong and bool(self.with_verdict(Verdict.RIGHT))

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.with_verdict(v))} {v}" for v in Verdict)
        shown = [*self.wrong, *self.with_verdict(Verdict.CANNOT_TELL)][:5]
        return "\n".join([f"{len(self.entries)} entries: {counts}", *map(str, shown)])


def numerical_gradient(
    f: Callable[[Any], float],
    params: Any,
    *,
    method: str = "central",
    step: float | None = None,
) -> Any:
    r"""Gradient of a scalar function by finite differences.

    .. math:: \frac{∂f}{∂w} ≈ \frac{f(w + h) - f(w - h)}{2h}

    Parameters
    ----------
    f : callable
        Takes a structure like ``params``, returns a real number.
    params : array, or tuple, list or dict of arrays
        Where to differentiate. Never changed: ``f`` gets copies.
    method : {"central", "forward"}
        Central differences (error of order h²), or forward ones (order h).
    step : float, optional
        h, the same for every entry. Without it each entry gets the power of two nearest to
        :math:`ε^{1/3} \max(1, |w|)` (central) or :math:`ε^{1/2} \max(1, |w|)` (forward).

    Returns
    -------
    gradient
        Float64 arrays in the structure and shapes of ``params``.

    Raises
    ------
    ValueError
        If ``method`` or ``step`` is not as described, ``params`` is not real and finite, or
        ``f`` does not return a finite number.
    """
    if method not in ("central", "forward"):
        raise ValueError(f'method must be "central" or "forward"; got {method!r}')
    if step is not None and not (np.isfinite(step) and step > 0):
        raise ValueError(f"step must be a positive number; got {step!r}")
    probe = _Probe(f, params)
    exponent = 1 / 3 if method == "central" else 1 / 2
    here = probe.value() if method == "forward" else None
    gradients = []
    for _, block in probe.blocks:
        gradient = np.empty(block.shape)
        for index in np.ndindex(block.shape):
            h = _power_of_two(EPS**exponent * max(1, abs(block[index]))) if step is None else step
            if here is None:
                ahead, behind, run = probe.around(block, index, h)
                gradient[index] = (ahead - behind) / run
            else:
                there, w_there = probe.value(block, index, h)
                gradient[index] = (there - here[0]) / (w_there - block[index])
        gradients.append(gradient)
    return rebuild(params, iter(gradients))


def check_gradient(
    f: Callable[[Any], float],
    grad: Any,
    params: Any,
    *,
    rtol: float = 1e-6,
) -> GradientReport:
    """Check a gradient against finite differences, entry by entry.

    Parameters
    ----------
    f : callable
        The function; takes a structure like ``params``, returns a real number.
    grad : structure like ``params``, or callable
        The gradient to be checked, or a function that returns it for ``params``.
    params : array, or tuple, list or dict of arrays
        Where to check. Never changed.
    rtol : float
        Relative difference that is still called right where the finite difference is exact.

    Returns
    -------
    GradientReport
        A verdict for every entry, and where it is.

    Raises
    ------
    ValueError
        If the gradient has other blocks or shapes than ``params`` (shapes never broadcast) or
        is not finite, or ``f`` does not return a finite number.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> report = check_gradient(lambda w: np.sum(w**2), np.array([2.0, 2.0]), w)
    >>> print(report.wrong[0].index)
    (1,)
    """
    probe = _Probe(f, params)
    given = list(leaves(grad(params) if callable(grad) else grad))
    _check_fits(given, probe.blocks)
    here = probe.value()[0]
    entries = []
    for (name, block), (_, analytic) in zip(probe.blocks, given, strict=True):
        for index in np.ndindex(block.shape):
            numeric, error = _estimate(probe, block, index, here)
            entries.append(_judge(name, index, float(analytic[index]), numeric, error, rtol))
    return GradientReport(tuple(entries))


def _estimate(probe: "_Probe", block: NDArray, index: tuple, here: float) -> tuple[float, float]:
    """Fourth-order difference with the smallest error bar on the ladder, and that bar.

    Steps differ by 4, so (16 C(h) - C(4h)) / 15 cancels the h² term of central differences C.
    The bend J(h) = (right slope - left slope) shrinks with h where f is smooth, and does not at
    a kink: what is left of 4 J(h) - J(4h) widens the error bar.
    """
    scale = max(1.0, abs(block[index]))
    slopes, bends, noises = [], [], []
    for h in LADDER:
        ahead, behind, run = probe.around(block, index, _power_of_two(h * scale))
        slopes.append((ahead - behind) / run)
        bends.append(2 * ((ahead - here) - (here - behind)) / run)
        noises.append(4 * EPS * max(abs(here), abs(ahead), abs(behind)) / run)
    best = (np.nan, np.inf)
    for k in range(1, len(LADDER)):
        kink = abs(4 * bends[k] - bends[k - 1]) / 3
        if kink < 20 * noises[k]:
            kink = 0.0
        error = abs(slopes[k] - slopes[k - 1]) / 15 + 2 * noises[k] + kink
        if error < best[1]:
            best = ((16 * slopes[k] - slopes[k - 1]) / 15, error)
    return best


def _judge(
    name: str, index: tuple, analytic: float, numeric: float, error: float, rtol: float
) -> Entry:
    size = max(abs(analytic), abs(numeric))
    gap = abs(analytic - numeric)
    if gap > error + rtol * abs(numeric):
        verdict = Verdict.WRONG
    elif error <= 1e-3 * size or size == 0:
        verdict = Verdict.RIGHT
    else:
        verdict = Verdict.CANNOT_TELL
    return Entry(name, index, analytic, numeric, error, verdict)


def _check_fits(given: list[tuple[str, NDArray]], blocks: list[tuple[str, NDArray]]) -> None:
    if len(given) != len(blocks):
        raise ValueError(
            f"the gradient must have one array for each array of params; "
            f"got {len(given)} for {len(blocks)}"
        )
    for (_, gradient), (name, block) in zip(given, blocks, strict=True):
        if gradient.shape != block.shape:
            raise ValueError(
                f"the gradient of {name} must have its shape, {block.shape}; got {gradient.shape}"
            )
        if gradient.dtype.kind not in "fiu" or not np.isfinite(gradient).all():
            raise ValueError(f"the gradient of {name} must hold finite real numbers")


def _power_of_two(h: float) -> float:
    return 2.0 ** round(np.log2(h))


class _Probe:
    """A function with its parameters, one entry of which can be moved at a time."""

    def __init__(self, f: Callable[[Any], float], params: Any):
        self.f = f
        self.params = params
        self.blocks = []
        for name, array in leaves(params):
            if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
                raise ValueError(f"{name} must hold finite real numbers; got dtype {array.dtype}")
            self.blocks.append((name, array.astype(np.float64)))

    def value(
        self, moved: NDArray | None = None, index: tuple = (), h: float = 0.0
    ) -> tuple[float, float]:
        """Return f with one entry of one block moved by h, and where that entry then was."""
        copies, there = [], np.nan
        for _, block in self.blocks:
            copy = block.copy()
            if block is moved:
                copy[index] += h
                there = copy[index]
            copies.append(copy)
        result = np.asarray(self.f(rebuild(self.params, iter(copies))))
        if result.size != 1 or result.dtype.kind not in "fiu" or not np.isfinite(result).all():
            raise ValueError(
                f"the function must return one finite real number; got {result.dtype} "
                f"of shape {result.shape}: {np.array2string(result, threshold=3)}"
            )
        return float(result.item()), float(there)

    def around(self, block: NDArray, index: tuple, h: float) -> tuple[float, float, float]:
        """Return f(w + h), f(w - h), and the distance between the two points really reached."""
        ahead, w_ahead = self.value(block, index, h)
        behind, w_behind = self.value(block, index, -h)
        return ahead, behind, w_ahead - w_behind
