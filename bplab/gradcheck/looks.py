r"""Cheap looks at entries, with steps that suit each one.

Three values are enough to judge most entries of smooth functions, if the step is right: a small one
where :math:`f'''` is large, a wide one where the entry itself is small or f is large. The first
step is chosen by the given gradient and the noise of f. The look then shows whether rounding or
curvature hides the entry, and the next step is taken between those too fine and those too wide.

Where no step is right for three values, ten values may do, at steps halved from wide to fine as
along a line. Where rounding hides an entry in every possible step, more looks would cost much and
tell nothing: the entry is left, unless it differs from the gradient by more than the best look
could miss.
"""

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from bplab.gradcheck import line
from bplab.gradcheck.ladder import Derivative, Ladder, Place
from bplab.gradcheck.probe import scale
from bplab.gradcheck.resolution import SIGMAS

AGAIN = 2  # further looks with three values, after the first
POWERS = (-40, -9)  # powers of two: the finest and the widest first step
WIDE = -6  # power of the first step where rounding hides the entry in finer ones
WIDEST = -3  # power of the widest step
HALF = -1  # the same where no curvature is seen
FARTHER = 2.0**14  # the next step is finer or wider by at most this factor
SMALL = 1e-12  # of the typical entry: for smaller entries, the step is that of the typical one
HALVED = 5  # steps at once, as along a line
FINER = 2  # halvings from such steps to the next finer ones
NEARLY = 8  # times the error bar that is needed: more steps may get there
CLEAR = 4  # times the step in which rounding is just small enough
RUNGS = 2.0 ** -np.arange(3, 17, 2)
"""Steps of the ladder that may have the least error bar; relative to max(1, |w|)."""
LENGTHS = 4  # times the step over which a slope changes by its own size; wider steps are of no use
BENT = 8  # times rounding: with a larger error by curvature, a finer step may be better
UNKNOWN = 4  # times rounding: curvature up to this may be rounding only
CHANGE = 15 / 4  # times the contribution of the third power: the least error bar of a rung
ODD = 8  # times the least error bar of any step: smaller differences cannot be seen for certain


class Looks:
    """Looks at entries of a gradient.

    Parameters
    ----------
    ladder : Ladder
    given : list of ndarray
        The gradient, block by block.
    share : float
        A relative error of an entry up to this does not count.
    zero : float
        A derivative counts as zero if it is less than this share of the slope's changes nearby.
    right : callable
        Takes derivatives and their places; returns for each whether it shows that the gradient is
        right.
    """

    def __init__(
        self,
        ladder: Ladder,
        given: Sequence[np.ndarray],
        share: float,
        zero: float,
        right: Callable[[Derivative, Sequence[Place]], np.ndarray],
    ):
        self._ladder, self._given, self._share, self._zero = ladder, given, share, zero
        self._right = right

    def at(self, places: Sequence[Place]) -> tuple[Derivative, np.ndarray]:
        """Look at entries; return derivatives, and for which entries other steps tell no more."""
        g, w = self._of(self._given, places), self._of(self._ladder.probe.blocks, places)
        steps = self._first_steps(g, w, self._ladder.noise)
        found, rounding = self._quick(places, steps, self._ladder.noise)
        least = self._least_bar(found, rounding, steps, w)
        told = self._told(found, least, g, w, places)
        if self._ladder.least < self._ladder.noise and not told.all():
            self._as_if_exact(found, told, g, w, places)
        for _ in range(AGAIN if not self._ladder.note else 0):
            after = self._next_steps(found, rounding, steps, least, g, w)
            (open_,) = np.nonzero(~told & (after > 0))
            if not len(open_):
                break
            some, h = [places[j] for j in map(int, open_)], after[open_]
            again, bars = self._quick(some, h, self._ladder.noise)
            least[open_] = np.maximum(least[open_], self._least_bar(again, bars, h, w[open_]))
            better = again.error <= found.error[open_]
            at = open_[better]
            found, steps[at], rounding[at] = (
                found.put(at, again.these(better)),
                h[better],
                bars[better],
            )
            told = self._told(found, least, g, w, places)
        for j in map(int, np.flatnonzero(~told)):
            told[j] = self._halved(found, j, places[j])
        return found, told

    def _quick(
        self, places: Sequence[Place], steps: np.ndarray, noise: float
    ) -> tuple[Derivative, np.ndarray]:
        return self._ladder.quick(places, steps, np.full(len(places), noise))

    def _as_if_exact(
        self,
        found: Derivative,
        told: np.ndarray,
        g: np.ndarray,
        w: np.ndarray,
        places: Sequence[Place],
    ) -> None:
        """Look in the finest steps, where apparent noise may be the form of f itself.

        Such a look can only show that an entry is right. Both ``found`` and ``told`` are changed
        in place.
        """
        (open_,) = np.nonzero(~told)
        noise = self._ladder.least
        steps = self._first_steps(g[open_], w[open_], noise)
        for _ in range(1 + AGAIN):
            some = [places[j] for j in map(int, open_)]
            again, bars = self._quick(some, steps, noise)
            sure = self._right(again, some)
            found.put(open_[sure], again.these(sure))
            told[open_[sure]] = True
            least = self._least_bar(again, bars, steps, w[open_])
            after = self._next_steps(again, bars, steps, least, g[open_], w[open_])
            left = ~sure & (after > 0)
            open_, steps = open_[left], after[left]

    def _told(
        self,
        found: Derivative,
        least: np.ndarray,
        g: np.ndarray,
        w: np.ndarray,
        places: Sequence[Place],
    ) -> np.ndarray:
        """Return for each entry whether other steps would tell no more.

        Either it is right, or rounding hides it in all steps and it agrees as far as any can show.
        """
        agrees = np.abs(found.value - g) <= ODD * least
        # a function that answers coarsely may be silent where it has a slope
        known = np.isfinite(found.error) & ((found.silent == 0) | (self._ladder.note == ""))
        return self._right(found, places) | (self._hidden(found, least, g, w) & agrees & known)

    @np.errstate(all="ignore")  # what is not known is infinite or NaN
    def _least_bar(
        self, found: Derivative, rounding: np.ndarray, steps: np.ndarray, w: np.ndarray
    ) -> np.ndarray:
        """Return the least error bar that any steps can have, as far as these steps show.

        Steps much wider than those over which the slope changes are of no use. How it changes
        cannot be seen near an optimum, where the fourth power hides the third.
        """
        unit, noise = scale(w), self._ladder.least
        third = np.maximum(np.nan_to_num(found.error - rounding, posinf=0) / 3 - rounding, 0)
        third[np.abs(found.value) < found.curvature * steps] = 0
        runs = RUNGS[:, None] * unit
        rungs = SIGMAS * noise / runs + CHANGE * third * (runs / steps) ** 2
        bend = found.curvature * steps
        length = LENGTHS * steps * np.fmax(np.sqrt(np.abs(found.value) / third), bend / third)
        return np.fmin(rungs.min(axis=0), line.LEAST * noise / np.fmin(unit, length))

    def _hidden(
        self, found: Derivative, least: np.ndarray, g: np.ndarray, w: np.ndarray
    ) -> np.ndarray:
        """Return for each entry whether it is too small for any steps to show that it is right."""
        return np.asarray(least > np.maximum(self._share * np.abs(g), self._none(found, w)))

    def _none(self, found: Derivative, w: np.ndarray) -> np.ndarray:
        """Return the size below which a derivative counts as zero, at an optimum."""
        return np.asarray(self._zero * np.maximum(1, np.abs(w)) * found.curvature)

    def _first_steps(self, g: np.ndarray, w: np.ndarray, noise: float) -> np.ndarray:
        """Return steps in which neither rounding nor curvature hides entries of the given size."""
        g, unit, tiny = np.abs(g), scale(w), float(np.finfo(np.float64).tiny)
        aim = np.maximum(self._share * np.where(g > SMALL * self._typical, g, self._typical), tiny)
        least = np.maximum(2 * SIGMAS * noise / aim / unit, tiny)
        power = np.round((np.log2(least) + np.log2(np.sqrt(self._share))) / 2)
        hidden = line.LEAST * noise / unit > self._share * g
        return np.asarray(unit * 2.0 ** np.where(hidden & (g > 0), WIDE, np.clip(power, *POWERS)))

    @np.errstate(all="ignore")  # what is not known is infinite or NaN
    def _next_steps(
        self,
        found: Derivative,
        rounding: np.ndarray,
        steps: np.ndarray,
        least: np.ndarray,
        g: np.ndarray,
        w: np.ndarray,
    ) -> np.ndarray:
        """Return steps that may decide where these did not; 0 where there are none."""
        aim = np.maximum(self._share * np.abs(g), self._none(found, w) / 2) / 2
        bent_by = found.error - rounding
        low, high = steps * rounding / aim, steps * np.sqrt(aim / bent_by)
        high = np.where(np.isfinite(found.error), np.minimum(high, FARTHER * steps), steps / 8)
        middle = np.sqrt(np.maximum(low, steps / FARTHER) * high)
        # apparent curvature may be rounding: then it says nothing about wider steps
        widest = scale(w) * 2.0**HALF
        unknown = (steps < low) & (low <= widest) & (bent_by <= UNKNOWN * rounding)
        high = np.where(unknown, np.inf, high)
        middle = np.where(unknown, 2 * low, middle)
        suit = (low < high) & ((steps < low) | (steps > high))
        # where no entry can be shown to be right, it only matters whether it seems to agree
        bent = found.error > BENT * rounding
        hidden = self._hidden(found, least, g, w) & bent
        middle = np.where(hidden, steps * np.cbrt(rounding / found.error), middle)
        suit |= hidden
        widest = np.where(unknown, widest, scale(w) * 2.0**WIDEST)
        power = np.floor(np.log2(np.minimum(middle, widest)))
        return np.where(suit & np.isfinite(power), 2.0**power, 0)

    def _halved(self, found: Derivative, j: int, place: Place) -> bool:
        """Look at an entry in wide steps, as for a smooth function, where these may decide.

        Return whether it is right, or agrees as far as any steps can show. What is seen better
        than before is put into ``found``.
        """
        known = found.of(j)
        (g,), (w,) = self._of(self._given, [place]), self._of(self._ladder.probe.blocks, [place])
        aim = max(self._share * abs(g), float(self._none(known, np.array([w]))[0]) / 2)
        first = HALVED - 2  # the step on which the error bar rests
        least = line.LEAST * line.STEPS[3] * self._ladder.noise / scale(float(w))
        if not aim or least > aim * line.STEPS[first]:
            return False
        suits = -np.log2(max(CLEAR * least / aim, line.STEPS[-1]))
        top = int(np.clip(suits - 1 - first, 0, HALVED))
        tops = range(top, len(line.STEPS) - HALVED + 1, FINER)
        for top in (t for t in tops if least <= aim * line.STEPS[t + first]):
            if self._by_line(found, known, j, place, line.STEPS[top : top + HALVED]):
                return True
            if known.error[0] <= CLEAR * least / line.STEPS[top + first]:
                break  # the error is mostly rounding, and larger in finer steps
        if found.error[j] > NEARLY * aim:
            return False
        if top and self._by_line(found, known, j, place, None):
            return True
        # at an optimum, the ladder may see that the entry counts as zero
        nearly = found.error[j] <= NEARLY * self._share * abs(g)
        agrees = abs(found.value[j] - g) <= found.error[j]
        return bool(nearly and agrees) and not self._ladder.note

    def _by_line(
        self,
        found: Derivative,
        known: Derivative,
        j: int,
        place: Place,
        steps: np.ndarray | None,
    ) -> bool:
        """Look at an entry as along a line; return whether it is right.

        The result is put into ``known``, and into ``found`` if it is right or more exact.
        """
        value, error = self._ladder.finely(place, steps)
        known.value[0] = known.low[0] = known.high[0] = value
        known.error[0] = error
        right = bool(self._right(known, [place])[0])
        if right or error < found.error[j]:
            found.put(np.array([j]), known)
        return right

    @cached_property
    def _typical(self) -> float:
        """The median size of the entries of the gradient that are not zero."""
        sizes = np.concatenate([np.abs(g).ravel() for g in self._given])
        return float(np.median(sizes[sizes > 0])) if sizes.any() else 1.0

    @staticmethod
    def _of(blocks: Sequence[np.ndarray], places: Sequence[Place]) -> np.ndarray:
        return np.array([blocks[b][index] for b, index in places])
