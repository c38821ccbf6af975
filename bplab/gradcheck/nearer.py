r"""The slope of a function in finer steps than the ladder's.

A wave of length 1e-8, a well of width 1e-9, or log w at w = 1e-15 changes within the steps at which
most functions are smooth. Then such steps do not show the derivative, even where they agree. So no
entry is called wrong before the function has been evaluated at the finest steps that there are,
down to the distance from one number to the next.

- Where three steps, each half of the one before, show *about the slope* that the gradient says, it
  may well be right. Rounding does not look like that: it doubles the slope when the step is halved.
  The same holds where five or more show the same slope on both sides. The derivative is then
  computed from such steps, and their rounding is measured by fourth differences. If five or more
  show the gradient's slope but do not give a certain derivative, it is not known which slope is
  meant: that of a small wave or stair, or that of the larger slope on which it lies.
- Where the function moves within a few numbers about as far as it ever does, its slope *cannot be
  seen* in this precision.
- Where it is *flat*, and jumps further on by more than rounding, its slope may really be zero.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bplab.gradcheck.resolution import EPS, SHRINKS, fourth

DENSE = 2.0 ** -np.arange(2, 53)
"""Steps relative to the unit, and to a weight that is much smaller."""
BETWEEN = 2.0**-4  # from one group of three steps to the next, where nothing is known of the scale
LEAST = 2.0**-120  # times the unit: the finest step for a weight of zero
MUCH = 0.1  # of a slope: two slopes that differ by less are about the same
IN_A_ROW = 3  # successive steps that must show a given slope
SURELY = 5  # successive steps that must agree where no slope is given
FEW = 8  # floating-point numbers to each side: too near for a slope to be seen
FAR = 0.05  # of the largest move: a function that moves more within FEW numbers is too rough
SMOOTHER = 5  # halvings from the widest smooth steps to those where only rounding is left
WINDOWS = 5
MEASURED = SMOOTHER + 2 * WINDOWS  # steps whose rounding is known
ROUNDINGS = 64


class Nearer(NamedTuple):
    """Values at ever finer steps, the widest first; NaN outside of the domain."""

    steps: np.ndarray
    ahead: np.ndarray
    behind: np.ndarray
    here: float

    @np.errstate(all="ignore")
    def smooth(self) -> np.ndarray:
        """Return the longest run of steps at which both sides show the same slope; may be empty."""
        ahead, behind = self.ahead - self.here, self.here - self.behind
        change = np.abs((ahead + behind)[1:] - (ahead + behind)[:-1] / 2)
        alike = np.abs(ahead - behind) <= MUCH * np.abs(ahead + behind)
        alike[1:] &= change <= MUCH * np.abs(ahead + behind)[1:]
        return self._in_a_row(alike & (ahead != 0), SURELY)

    @np.errstate(all="ignore")
    def alike(self, slope: float, much: float, *, still: bool = False) -> np.ndarray:
        """Return the longest run of steps at which the slope is about ``slope``; may be empty.

        The slope is that to one side, or the mean of both. Steps in which the function does not
        move count only if ``still`` is set.
        """
        sides = (self.ahead - self.here, self.here - self.behind)
        agrees = [
            (np.abs(moves / self.steps - slope) <= much) & (still | (moves != 0))
            for moves in (*sides, sum(sides) / 2)
        ]
        return max((self._in_a_row(a, IN_A_ROW) for a in agrees), key=len)

    def _in_a_row(self, chosen: np.ndarray, least: int) -> np.ndarray:
        """Return the longest run of chosen steps, each half of the one before; empty if short."""
        last = np.append(self.steps[:-1] != 2 * self.steps[1:], True)
        best, begin = slice(0, 0), 0
        for k, yes in enumerate(chosen):
            if not yes:
                begin = k + 1
            elif k + 1 - begin >= max(least, best.stop - best.start):
                best = slice(begin, k + 1)
            if last[k]:
                begin = k + 1
        return self.steps[best]

    def unseen(self, rounding: float) -> bool:
        """Whether the function moves within a few numbers about as far as it ever does."""
        moves = np.fmax(np.abs(self.ahead - self.here), np.abs(self.behind - self.here))
        few = self.steps <= FEW * self.steps[-1]
        most = np.fmax.reduce(moves, initial=0.0)
        return bool(np.fmax.reduce(moves[few]) > max(FAR * most, ROUNDINGS * rounding))

    def flat(self, rounding: float) -> bool:
        """Whether the function is flat here, and jumps further on by more than rounding."""
        moves = np.abs([self.ahead - self.here, self.behind - self.here])
        still = (moves[:, ::-1] == 0).argmin(axis=1)  # of the finest steps, on each side
        if still.min() < IN_A_ROW or still.min() == len(self.steps):
            return False
        first = moves[:, ::-1][[0, 1], np.minimum(still, len(self.steps) - 1)]
        return bool((first > ROUNDINGS * rounding).any())


def from_nearer(at: Callable[[float], float], w: float, unit: float, here: float) -> Nearer:
    """Evaluate a function at ever finer steps.

    Parameters
    ----------
    at : callable
        The function of the step; NaN outside of its domain.
    w : float
        The weight that is moved.
    unit : float
        A power of two near max(1, |w|).
    here : float
        The function's value at the weight.
    """
    steps, ahead, behind = [], [], []
    for h in map(float, _steps(abs(w), unit)):
        steps.append(h)
        ahead.append(at(h))
        behind.append(at(-h))
        silent = ahead[-1] == here == behind[-1]
        if silent and h < unit * DENSE[-1]:
            break  # finer steps will not move it either
    return Nearer(np.array(steps), np.array(ahead), np.array(behind), here)


def rounding_at(at: Callable[[float], float], steps: np.ndarray, here: float) -> float:
    """Return the standard deviation of the function's rounding, in steps where it is smooth.

    Rounding is what does not shrink with the steps. The finest steps may show less of it: if the
    function rounds its argument, that moves from one number to the next there.
    """
    windows = steps[SMOOTHER::2][:WINDOWS] if len(steps) > SMOOTHER + 2 else steps[-2:]
    levels = np.array(
        [fourth(np.array([at(k * h) if k else here for k in range(-4, 5)])) for h in windows]
    )
    shown = np.minimum(levels[:-1], SHRINKS * levels[1:])
    return float(max(EPS / 4 * abs(here), np.fmax.reduce(shown), np.fmin.reduce(levels)))


def _steps(w: float, unit: float) -> np.ndarray:
    """Return powers of two from the unit down to the distance from a weight to the next number."""
    steps = [unit * DENSE]
    small = 2.0 ** np.floor(np.log2(w)) if w else LEAST
    if small < unit * DENSE[-1]:
        groups = int(np.log2(unit * DENSE[-1] / small) / -np.log2(BETWEEN))
        starts = unit * DENSE[-1] * BETWEEN ** np.arange(1, groups + 1)
        steps += [start / 2.0 ** np.arange(IN_A_ROW) for start in starts]
    if w and small < unit * DENSE[0]:
        steps.append(small * 2.0 ** -np.arange(1, 53))
    found = np.unique(np.concatenate(steps))[::-1]
    return found[found >= np.spacing(w)] if w else found
