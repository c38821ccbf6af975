r"""The slope of a function in wide windows ("from afar"), where it differs from that nearby.

A table with linear interpolation, a solver that stops early, or a sum of many hinges is smooth
between *breaks*: jumps or kinks. Its slope nearby is that of one piece. A gradient may well mean
the slope of the function that the pieces approximate, and is not called wrong then.

Polynomials are fitted to f in windows, each half as wide as the one before. Where a function is
smooth, their residuals shrink gradually, by about :math:`2^{d+1}` for degree d. Where a break falls
out of the window, the residuals vanish at once. In finer steps a break shows in
:math:`o(t) - 2 o(t/2)` and :math:`e(t) - 4 e(t/2)`, with o and e the odd and even parts of f
around the place: in these, slope and curvature cancel.

A solver may stop early by a rule in which one parameter hardly counts. Then its jumps are seen
only where all parameters move: `jump` looks for one.

The slope of a polynomial that reaches beyond a break has an error bar. It is made of the residuals
and of the change that two degrees less would make.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from bplab.gradcheck.resolution import EPS, SIGMAS

WINDOWS = 2.0 ** -np.arange(-1, 10)
"""Half the width of each window, relative to max(1, |w|)."""
STEPS = 2.0 ** -np.arange(6, 25)
"""Finer steps, for which windows would cost more than they show; relative to max(1, |w|)."""
BEYOND = 2  # a window must reach this many times as far as the first break
POINTS = 16  # in each window
DEGREE = 7
ABRUPT = 2.0 ** (DEGREE + 4)  # no smooth function has residuals this much smaller in half a window
ABRUPT_STEP = 100  # the same for half a step
QUIET = 200  # times rounding: the most that the residuals of a smooth function may be
LOUD = 64  # times QUIET: with larger residuals, no wider window has small ones again
ROUNDINGS = 12  # in a difference of halved steps
LOOKS = 128  # points on a line where a jump is looked for
CLOSER = 8  # how many times a jump is looked at more closely
SEEN = 100  # times rounding: a smaller jump does not count
ORDER = 8  # of differences
OF_A_JUMP = 35  # the largest difference of that order is this many times a jump
SMALL = 0.2  # of a slope: slopes this close may be told apart by a less clear view
GOOD = 0.02  # of a slope: the error bar of a view in which many small pieces look like one slope


class Afar(NamedTuple):
    """Slopes from afar and their error bars: one for each window well beyond the first break."""

    slopes: np.ndarray
    bars: np.ndarray

    def means(self, slope: float, fine: float) -> bool:
        """Whether a slope that differs from that nearby may be meant as the slope from afar.

        The error bars must be small enough to tell the two apart. They may be larger if the two
        slopes are much alike and the view is good, as for many small pieces, unlike one kink.
        """
        gap = abs(slope - fine)
        agrees = np.abs(self.slopes - slope) <= 2 * self.bars
        clear = self.bars <= gap / 4
        best = self.bars.min(initial=np.inf)
        if much_alike(slope, fine) and best <= GOOD * max(abs(slope), abs(fine)):
            clear |= self.bars <= max(gap, 4 * best)
        return bool((agrees & clear).any())


def much_alike(slope: float, fine: float, share: float = SMALL) -> bool:
    """Whether two slopes are much alike, as those of a function and of its approximation."""
    return abs(slope - fine) <= share * max(abs(slope), abs(fine))


def from_afar(at: Callable[[float], float], unit: float, here: float, noise: float) -> Afar:
    """Return the slopes of a function of one number from beyond its breaks; empty without breaks.

    Parameters
    ----------
    at : callable
        The function; NaN outside of its domain.
    unit : float
        The unit of all steps.
    here : float
        Its value at 0.
    noise : float
        Standard deviation of its rounding errors.
    """

    @cache
    def fitted(k: int) -> tuple[float, ...]:
        H, points = float(WINDOWS[k]) * unit, _fits()[0]
        return _fitted(np.array([at(H * t) for t in points]), H, noise)

    steps = STEPS * unit
    ahead, behind = (np.array([at(sign * h) for h in steps]) for sign in (1, -1))
    first = min(_first_window(fitted), _first_break(ahead, behind, here, noise))
    # inside of the first break, and just beyond it, a window shows the slope nearby
    beyond = np.array([fitted(k) for k in np.flatnonzero(BEYOND * first <= WINDOWS).tolist()])
    seen = beyond.reshape(-1, 4)
    seen = seen[np.isfinite(seen[:, 2])]
    return Afar(seen[:, 0], seen[:, 1])


def _first_window(fitted: Callable[[int], tuple[float, ...]]) -> float:
    """Return the finest of WINDOWS with a break that the next finer one lacks; else infinity.

    Every second window is fitted, from the finest on: a break leaves large residuals in all wider
    ones, too. The search ends at a window with residuals so large that no wider one can be quiet.
    """

    def quiet(k: int, times: float = 1) -> bool:
        _, _, left, rounding = fitted(k)
        return left <= times * QUIET * rounding

    finest = len(WINDOWS) - 1
    for k in range(finest, -1, -2):
        if quiet(k):
            continue
        for inside in (k + 2, k + 1):
            # inside of a break, residuals are only rounding; near a pole they are always more
            if (
                inside <= finest
                and quiet(inside)
                and fitted(inside - 1)[2] > ABRUPT * fitted(inside)[2]
            ):
                return float(WINDOWS[inside - 1])
        if not quiet(k, LOUD) and np.isfinite(fitted(k)[2]):
            break
    return float("inf")


def jump(at: Callable[[float], float], noise: float = 0.0) -> float:
    """Return the size of a jump of a function of one number between -1 and 1; 0 if none is seen.

    ``noise`` is the standard deviation of its rounding errors: a jump must stand out from them.

    Differences of a high order nearly vanish for a smooth function. Where they are largest, the
    function is looked at more and more closely, until a kink would not show any more.
    """
    low, high, looks, most = -1.0, 1.0, LOOKS, 0.0
    for _ in range(CLOSER):
        t = np.linspace(low, high, looks)
        values = np.array([at(x) for x in t])
        if not np.isfinite(values).all():
            return 0.0
        bent = np.abs(np.diff(values, n=ORDER))
        if bent.max() < OF_A_JUMP * SEEN / 2 * noise:
            return 0.0
        most = most or float(bent.max()) / OF_A_JUMP
        k = int(bent.argmax()) + ORDER // 2
        low, high, looks = t[k - 2], t[k + 2], LOOKS // 4
    change = np.diff(values)
    apart = np.sort(np.abs(change - np.median(change)))  # the slope may be steep, and is taken off
    found = float(apart[-1])
    # next to a jump, the slope is constant in so small a window; next to a kink or a pole it is not
    one = found > most / 4 and apart[-2] < found / 10
    return found if one and found > SEEN * noise else 0.0


@np.errstate(invalid="ignore")
def _first_break(ahead: np.ndarray, behind: np.ndarray, here: float, noise: float) -> float:
    """Return the finest of STEPS with a break inside: what it shows is gone in half the step."""
    odd, even = ahead - behind, ahead + behind - 2 * here
    left = np.abs(odd[:-1] - 2 * odd[1:]) + np.abs(even[:-1] - 4 * even[1:])
    # where the values are large, it may be gone by chance
    rounding = np.maximum(noise, EPS * np.maximum(np.abs(ahead), np.abs(behind)))[1:-1]
    gone = np.maximum(left[1:], ROUNDINGS * rounding)
    (breaks,) = np.nonzero(left[:-1] > ABRUPT_STEP * gone)
    return float(STEPS[breaks[-1]]) if len(breaks) else np.inf


@np.errstate(all="ignore")  # a function may overflow in wide windows
def _fitted(values: np.ndarray, H: float, noise: float) -> tuple[float, ...]:
    """Fit a polynomial to a function's values from -H to H.

    Return its slope at 0, the error bar of that, the size of the residuals, and that of rounding.
    """
    _, fit, low, high = _fits()
    left = values - fit @ values
    rounding = max(noise, EPS * float(np.abs(values).max()))
    spread = float(np.sqrt(left @ left / (POINTS - DEGREE - 1))) + noise
    slope = float(high @ values)
    bar = abs(slope - float(low @ values)) + SIGMAS * spread * float(np.linalg.norm(high))
    return slope / H, bar / H, spread, rounding


@cache
def _fits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of a window, and the matrices for fitted values and slopes at 0.

    The slopes are those of polynomials of two degrees, the lower one first.
    """
    from numpy.polynomial import chebyshev  # seldom needed

    points = np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS)
    slopes = []
    for degree in (DEGREE - 2, DEGREE):
        base = chebyshev.chebvander(points, degree)
        inverse = np.linalg.pinv(base)
        at_0 = [chebyshev.chebval(0, chebyshev.chebder(unit)) for unit in np.eye(degree + 1)]
        slopes.append(np.array(at_0) @ inverse)
    return points, base @ inverse, slopes[0], slopes[1]
