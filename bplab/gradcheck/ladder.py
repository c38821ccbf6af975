r"""Derivatives of any function with an error bar that can be trusted.

A single step is never trusted. For each entry the function is evaluated at a ladder of steps to
both sides, each a quarter of the one before. Three estimates are made of these values alone:

- central: with :math:`C` the central difference, :math:`D = (16 C_{k+1} - C_k)/15`, which cancels
  its leading error;
- from the right, and from the left: the same cancellation, twice, on the slopes of one side. A
  kink or the edge of the domain on the other side does not disturb them.

The error bar of a rung is a sum of three: rounding (noise / h, with the noise that `resolution` has
measured), the change by the extrapolation, and every disagreement with a finer rung that is more
than rounding. A central rung also counts :math:`J`, the right slope minus the left one,
extrapolated to step zero: it shrinks with the step where the function is smooth, and stays where
there is a kink. The rung with the smallest bar is taken, and the best of the three estimates.

An estimate from one side counts only if the finest step to the other side agrees with it. Where
neither side agrees with the other, there is a kink, and any value between the two slopes may be
called the derivative. Where wide steps agree among themselves on another slope than fine ones (a
table, a solver that stops early), it is not known which is meant, and any value between is
possible.

Before an entry is called wrong, the function is evaluated at the finest steps that there are: see
`nearer`. Where it changes within the steps of the ladder, these do not show its derivative.

Most entries of smooth functions need no ladder: `Ladder.quick` takes three values, at -h, h and 2h,
which also bound their own error. Entries that it cannot decide with any h are left to the ladder.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import numpy as np

from bplab.gradcheck import afar, line, nearer
from bplab.gradcheck.probe import Probe, scale
from bplab.gradcheck.resolution import EPS, SIGMAS, resolution

__all__ = ["EPS", "STEPS", "Derivative", "Ladder", "Place"]

STEPS = 2.0 ** -np.arange(7, 23, 2)
"""Steps of the ladder, relative to max(1, |w|)."""
WIDER = 2.0 ** -np.arange(1, 7, 2)
NEARBY = 16  # rungs: all that are not wider than STEPS
FINER = 2.0 ** -np.arange(23, 39, 2)
ALIKE = 0.2  # of the gap between two slopes: steps that come this near to one of them show it
CLEARLY = 4  # error bars between two values that clearly differ
TAME = 64  # the most that the second derivative may shrink in a quarter of the step; w⁴: 16
BEYOND = 4  # factor to the next step, as long as a function has not answered
FARTHEST = 2.0**12  # no step goes farther, relative to the unit
NARROW = 1e-12  # of a step: how exactly the place is found at which a function begins to answer
AT_ONCE = 256  # lines whose values are compared at once, each rung with all finer ones
ONE_SIDED = 8  # times the noise of a rung, in a slope extrapolated twice from one side

REACHES = (1, 4, 1, 4, 0.2, 0.2, 0.05, 0.05)
"""How far a jump is looked for, along a new line each time."""
BESIDE_A_JUMP = 0.3  # of a slope: near jumps one this far off may be right; 1.5 times is too far
MORE = 30  # times its jumps: a solver that stops early may miss its slope by this much
TOLERABLE = 0.05  # of the change of f in a step of 1: jumps of a solver are no larger

Place = tuple[int, tuple[int, ...]]
"""An entry: the number of its block, and its index there."""

Move = Callable[[float], tuple[float, float]]
"""Takes a step; returns the function's value there (NaN outside), and the distance really moved."""


class Derivative(NamedTuple):
    """Numerical derivatives, one for each entry or direction.

    ``value`` and ``error`` are the derivatives and their error bars (infinite where nothing is
    known). ``low`` and ``high`` are the least and the largest value that the derivative may have,
    error bar aside; both equal ``value`` except where several slopes are possible, as on a kink.
    ``curvature`` is the size of the second derivative. ``steepness`` is the change of the slope,
    scaled to a step of 1, in the widest step in which it is smooth. ``silent`` is the widest step
    if the function answered to none, else 0. ``why`` says why the derivative is not known.
    """

    value: np.ndarray
    error: np.ndarray
    low: np.ndarray
    high: np.ndarray
    curvature: np.ndarray
    steepness: np.ndarray
    silent: np.ndarray
    why: np.ndarray

    def of(self, j: int) -> "Derivative":
        """Return a copy of one of them."""
        return self.these(np.array([j]))

    def these(self, chosen: np.ndarray) -> "Derivative":
        """Return a copy of some of them."""
        return Derivative(*(part[chosen] for part in self))

    def put(self, chosen: np.ndarray, others: "Derivative") -> "Derivative":
        """Return these derivatives with the chosen ones replaced."""
        for mine, theirs in zip(self, others, strict=True):
            mine[chosen] = theirs
        return self


class Ladder:
    """The ladder of a function at its parameters; value and rounding are measured once.

    Attributes
    ----------
    probe : Probe
    here : float
        The function's value at the parameters.
    noise : float
        Standard deviation of its rounding errors.
    least : float
        The same, measured in the finest steps in which the function is smooth.
    size : float
        The largest absolute value seen nearby.
    note : str
        What is coarse about the function's answers; empty if nothing is.
    """

    def __init__(self, probe: Probe):
        self.probe, self.here = probe, probe.here()
        with probe.listening():
            looked_at = resolution(probe, self.here)
        self.noise, self.least, self.size, self.note, self._unit, self._grain = looked_at
        self._known: dict[Place, dict[float, tuple[float, float]]] | None = None

    @property
    def worth(self) -> float:
        """The size of numbers that round as the function does; if none do, its size nearby."""
        return self.noise / EPS or self.size

    def by_entry(self) -> Derivative:
        """Return the derivatives with respect to all parameters, in the order of ``entries()``."""
        return self.at(list(self.probe.entries()))

    def at(self, places: Sequence[Place]) -> Derivative:
        """Return the derivatives with respect to some entries."""
        return self._climbed([(STEPS * self._scale(p), self._move(p)) for p in places])

    def closely(self, place: Place) -> Derivative:
        """Return the derivative with respect to one entry, with wider and finer steps, too."""
        unit, move = self._scale(place), self._move(place)
        found = self._climbed([(self._all_steps(place, move, unit), move)])
        return self._doubted(found, move, unit)

    def means(self, place: Place, slope: float, known: Derivative, largest: float) -> str:
        """Say why a slope may be right though another one was found; empty if it cannot be.

        The function may have this slope from afar, beyond jumps and kinks. ``largest`` is the
        largest entry of the whole gradient.
        """
        unit, move = self._scale(place), self._move(place)
        fine = float(known.value[0])
        seen = afar.from_afar(lambda t: move(t)[0], unit, self.here, self.least)
        if seen.means(slope, fine):
            return "f jumps, has kinks or bends sharply nearby: from afar its slope is another"
        gap, most = abs(slope - fine) * unit, TOLERABLE * largest * unit
        if afar.much_alike(slope, fine, BESIDE_A_JUMP) and gap <= MORE * self._jump <= MORE * most:
            return f"f jumps by {self._jump:.1g}, as a solver does that stops early"
        return ""

    @cached_property
    def _jump(self) -> float:
        """The largest jump seen along lines on which all parameters move; 0 if there is none."""
        rng, found = np.random.default_rng(0), [0.0]
        for reach in REACHES:
            along = [reach * d for d in self.probe.direction(rng)]

            def at(t: float, along: list[np.ndarray] = along) -> float:
                moved = zip(self.probe.blocks, along, strict=True)
                return self.probe.within([w + t * d for w, d in moved])

            found.append(afar.jump(at, self.least))
        return max(found)

    def _all_steps(self, place: Place, move: Move, unit: float) -> np.ndarray:
        """Return all useful steps, wider and finer than those of the ladder."""
        steps = [WIDER * unit, STEPS * unit]
        sides = [self._inside(move, side, STEPS[-1] * unit) for side in (1, -1)]
        edge = min([h for h in sides if h], default=0.0)
        w = abs(float(self.probe.blocks[place[0]][place[1]]))
        if 0 < edge < STEPS[-1] * unit:
            steps.append(edge * 4.0 ** -np.arange(8))
        elif 0 < w < STEPS[-1]:
            steps.append(w * 2.0 ** -np.arange(1, 17, 2))
        else:
            steps.append(FINER * unit)
        return np.concatenate(steps)

    def nearer(
        self, place: Place, slope: float, known: Derivative
    ) -> tuple[Derivative | None, str]:
        """Look in the finest steps, before the known derivative proves a slope wrong.

        Return the derivative by those steps if it contradicts the known one or is far more exact,
        else None; and a reason if no steps can tell, else an empty string.
        """
        unit, move = self._scale(place), self._move(place)
        w = float(self.probe.blocks[place[0]][place[1]])
        seen = nearer.from_nearer(lambda t: move(t)[0], w, unit, self.here)
        rounding = self._unit * self.size
        if slope == 0 and seen.flat(rounding):
            return None, "f jumps nearby, and is flat up to there"
        if seen.unseen(rounding):
            return None, "f changes too much from one number to the next"
        value = float(known.value[0])
        much = ALIKE * abs(slope - value)
        finest = seen.alike(value, much, still=True)[-1:]  # the finest step with the known slope
        own = seen.alike(slope, much)
        for steps in (seen.smooth(), own):
            if not len(steps) or (steps[-1] >= finest).any():
                continue
            noise = nearer.rounding_at(lambda t: move(t)[0], steps, self.here)
            noise = max(noise, self._grain)
            rungs = steps[: nearer.MEASURED : 2]
            lines = [(rungs if len(rungs) > 2 else steps, move)]
            found = self._climbed(lines, noise)
            gap = abs(found.value[0] - value) - 2 * known.error[0]
            if CLEARLY * found.error[0] < max(gap, known.error[0]):
                return found._replace(steepness=np.zeros(1)), ""
        finer = len(own) >= nearer.SURELY and not (own[-1] >= finest).any()
        coarse = max(rounding, self._grain)
        if finer and coarse < much * own[0]:  # not by chance, as the widest of them tells
            return None, "f changes within the finest steps"
        return None, ""

    def finely(self, place: Place, steps: np.ndarray | None = None) -> tuple[float, float]:
        """Return the derivative of a smooth function with respect to one entry, and its error."""
        unit, move = self._scale(place), self._move(place)
        value, error = line.along(lambda t: move(t * unit)[0], self.here, self.noise, steps)
        return value / unit, error / unit

    def quick(
        self, places: Sequence[Place], steps: np.ndarray, noise: np.ndarray
    ) -> tuple[Derivative, np.ndarray]:
        """Return derivatives from three values, at -h, h and 2h, and the value here.

        ``steps`` and ``noise`` have h and the noise of each entry. A cubic goes through the four
        values. The contribution of its third power bounds the error: it also covers that of the
        fourth derivative, and of nearly any kink from -h to 2h. The second result is the part of
        each error bar that is rounding.
        """
        there, run = np.full((3, len(places)), np.nan), np.full((3, len(places)), np.nan)
        for j, (place, h) in enumerate(zip(places, steps.tolist(), strict=True)):
            move = self._move(place)
            for k, times in enumerate((-1, 1, 2)):
                there[k, j], run[k, j] = move(times * h)
        # a weight that is small compared to the step may still be far from an optimum
        w = np.abs([self.probe.blocks[b][index] for b, index in places])
        return _by_a_cubic(there, run, self.here, noise, (w > 0) & (w < steps))

    def by_direction(self, direction: list[np.ndarray]) -> Derivative:
        """Return the derivative along a direction; its largest entry should be near max(1, |w|)."""

        def move(h: float) -> tuple[float, float]:
            moved = [w + h * d for w, d in zip(self.probe.blocks, direction, strict=True)]
            return self.probe.within(moved), h

        return self._climbed([(STEPS, move)])

    def _scale(self, place: Place) -> float:
        return float(scale(self.probe.blocks[place[0]][place[1]]))

    def _move(self, place: Place) -> Move:
        b, index = place
        known: dict[float, tuple[float, float]] = {}
        if self._known is not None:
            known = self._known.setdefault(place, known)

        def move(h: float) -> tuple[float, float]:
            if h not in known:
                known[h] = moved(float(h))
            return known[h]

        def moved(h: float) -> tuple[float, float]:
            arrays = [block.copy() for block in self.probe.blocks]
            arrays[b][index] += h
            run = float(arrays[b][index] - self.probe.blocks[b][index])
            return self.probe.within(arrays), run

        return move

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Evaluate the function only once for each entry and step, while the context lasts."""
        self._known = {}
        try:
            yield
        finally:
            self._known = None

    def _climbed(
        self, lines: Sequence[tuple[np.ndarray, Move]], noise: float | None = None
    ) -> Derivative:
        noise = self.noise if noise is None else noise
        found = [
            _estimated(*_walked(lines[k : k + AT_ONCE], len(lines[0][0])), self.here, noise)
            for k in range(0, len(lines), AT_ONCE)
        ]
        return Derivative(*map(np.concatenate, zip(*found, strict=True)))

    @staticmethod
    def _inside(move: Move, side: int, h: float) -> float:
        """Return a step to one side that stays in the domain; 0 if there is none.

        It is h, or more than half of the widest step that stays inside.
        """
        out, inside = 0.0, np.log2(h)
        while out - inside > 1:
            there, run = move(side * 2.0**inside)
            if run == 0:  # the step is less than the distance to the next number
                return 0.0
            if not np.isfinite(there):
                out, inside = inside, 2 * inside
                continue
            if inside == np.log2(h):
                return h
            break
        while out - inside > 1:
            middle = np.floor((out + inside) / 2)
            if np.isfinite(move(side * 2.0**middle)[0]):
                inside = middle
            else:
                out = middle
        return float(2.0**inside)

    def _doubted(self, found: Derivative, move: Move, unit: float) -> Derivative:
        """Return what was found; without a derivative, if f is only silent between two jumps.

        Where f never answered, its first answer further away limits the slope that rounding might
        hide: it changes f by no more than the jump of this answer.
        """
        silent = float(found.silent[0])
        if found.value[0] != 0 or not (silent or np.isfinite(found.error[0])):
            return found
        quiet, answers = STEPS[-1] * unit, WIDER[0] * unit
        if silent:
            quiet = self._silence(silent, move, unit)
            answers = BEYOND * quiet
        hidden = SIGMAS * self.noise
        for side in (1, -1):
            there, change = self._first_answer(move, side, quiet, answers)
            beyond = abs(move(side * 2 * there)[0] - self.here)
            if change > 0.1 * beyond and change > SIGMAS * self.noise:
                why = np.array(["f jumps nearby, and is flat up to there"], object)
                return found._replace(error=np.full(1, np.inf), why=why)
            hidden = max(hidden, change)
        if silent:
            found.error[0], found.silent[0] = hidden / quiet, quiet
        return found

    def _silence(self, quiet: float, move: Move, unit: float) -> float:
        """Return how far around the parameters the function never answers; at least ``quiet``."""
        while quiet < FARTHEST * unit:
            there = np.array([move(side * BEYOND * quiet)[0] for side in (1, -1)])
            if (np.isfinite(there) & (there != self.here)).any():
                break
            quiet *= BEYOND
        return quiet

    def _first_answer(
        self, move: Move, side: int, quiet: float, answers: float
    ) -> tuple[float, float]:
        """Return the step to one side at which f first answers, and by how much; 0 if never."""
        far = abs(move(side * answers)[0] - self.here)
        if move(side * quiet)[0] != self.here or not np.isfinite(far):
            return answers, 0.0
        while far and answers - quiet > NARROW * quiet:
            middle = (answers + quiet) / 2
            if (value := move(side * middle)[0]) == self.here or np.isnan(value):
                quiet = middle
            else:
                answers, far = middle, abs(value - self.here)
        return answers, far


def _walked(
    lines: Sequence[tuple[np.ndarray, Move]], rungs: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the values ahead and behind, and their real distances: a row for each rung.

    The widest rung comes first.
    """
    ahead, behind, forth, back = (np.full((rungs, len(lines)), np.nan) for _ in range(4))
    for j, (steps, move) in enumerate(lines):
        for k, h in enumerate(np.sort(steps)[::-1]):
            ahead[k, j], forth[k, j] = move(h)
            behind[k, j], run = move(-h)
            back[k, j] = -run
    forth[forth <= 0] = np.nan
    back[back <= 0] = np.nan
    return ahead, behind, forth, back


@np.errstate(all="ignore")  # steps that leave the domain are NaN
def _by_a_cubic(
    there: np.ndarray, run: np.ndarray, here: float, noise: np.ndarray, small: np.ndarray
) -> tuple[Derivative, np.ndarray]:
    """Return the results of `Ladder.quick` from the three values and their real distances.

    ``small`` says which weights are small compared to the step.
    """
    run[run == 0] = np.nan
    back, near, far = -run[0], run[1], run[2]
    B, F = (here - there[0]) / back, (there[1] - here) / near
    beyond = (there[2] - there[1]) / (far - near)
    bend, bend_beyond = (F - B) / (near + back), (beyond - F) / far
    third = (bend_beyond - bend) / (far + back) * near * back
    value = B + bend * back - third
    rounding = 2 * SIGMAS * noise / near
    error = rounding + 3 * np.abs(third)
    error[~np.isfinite(error)] = np.inf
    value = np.where(np.isfinite(error), value, 0)
    quiet = (there == here).all(axis=0) * near
    curvature = np.nan_to_num(np.abs(2 * bend))
    steepness = np.where(small, 0, curvature)
    slopes = (value, error, value.copy(), value.copy(), curvature, steepness)
    why = np.full(len(value), "", dtype=object)
    return Derivative(*slopes, quiet, why), rounding


class _Side(NamedTuple):
    """The slope by the values to one side: its value, error bar, and curvature."""

    value: np.ndarray
    error: np.ndarray
    curvature: np.ndarray


@np.errstate(all="ignore")  # steps that leave the domain are NaN, and equal steps divide by 0
def _estimated(
    ahead: np.ndarray,
    behind: np.ndarray,
    forth: np.ndarray,
    back: np.ndarray,
    here: float,
    noise: float,
) -> Derivative:
    """Combine the central estimates with those from both sides."""
    F, B = (ahead - here) / forth, (here - behind) / back
    run = (forth + back) / 2
    quiet = ((ahead == here) | np.isnan(ahead)) & ((behind == here) | np.isnan(behind))
    value, error, curvature, pictures = _central(
        (ahead - behind) / (2 * run), F - B, run, quiet, noise
    )
    right, left = _one_sided(F, forth, noise), _one_sided(B, back, noise)
    why = np.full(len(value), "", dtype=object)

    # a side is taken where it is known better than the middle, and the other side consents
    gap = np.abs(right.value - left.value)
    for side, opposite, other, run_there in ((right, left, B, back), (left, right, F, forth)):
        bar = side.error + np.where(opposite.error <= 10 * side.error, gap, 0)
        better = (bar < error) & _consents(side, other, run_there, noise)
        for mine, theirs in zip(
            (value, error, curvature), (side.value, bar, side.curvature), strict=True
        ):
            mine[better] = theirs[better]
    low, high = value.copy(), value.copy()

    apart = gap > 2 * (right.error + left.error)
    kink = apart & (error >= gap / 2) & np.isfinite(right.error + left.error)
    low[kink] = np.minimum(right.value, left.value)[kink]
    high[kink] = np.maximum(right.value, left.value)[kink]
    value[kink] = ((low + high) / 2)[kink]
    error[kink] = np.maximum(right.error, left.error)[kink]
    curvature[kink] = np.maximum(right.curvature, left.curvature)[kink]
    why[kink] = [
        f"f has a kink here: slope {a:.6g} on one side, {b:.6g} on the other"
        for a, b in zip(low[kink], high[kink], strict=True)
    ]

    for picture, bar in zip(*pictures, strict=True):
        seen = (bar <= np.abs(picture) / 2) & (np.abs(picture - value) > 2 * (bar + error))
        seen &= ~kink & np.isfinite(error)
        low[seen] = np.minimum(low, picture - bar)[seen]
        high[seen] = np.maximum(high, picture + bar)[seen]
        why[seen] = "f has another slope in wide steps than in fine ones"

    steep = (_diverges(F, forth, noise) | _diverges(B, back, noise)) & np.isfinite(error)
    error[steep] = np.inf
    why[steep] = "f jumps here, or is steeper than can be measured"
    nowhere = ~(np.isfinite(ahead) | np.isfinite(behind)).any(axis=0)
    why[nowhere] = "f has no value on either side of here"
    steepness = _steepness((F - B)[-NEARBY:], run[-NEARBY:], noise)
    reach = np.fmax.reduce(
        np.where(np.isfinite(ahead), forth, np.where(np.isfinite(behind), back, 0))
    )
    silent = np.where(quiet.all(axis=0), reach, 0)
    return Derivative(value, error, low, high, curvature, steepness, silent, why)


def _steepness(J: np.ndarray, run: np.ndarray, noise: float) -> np.ndarray:
    """Return the change of the slope, scaled to a step of 1, in the widest smooth step.

    A step is smooth if the second derivative does not change too much to the next finer step.
    """
    bend = np.abs(J) / run
    inside = np.isfinite(bend)
    beyond = bend[:-1] > TAME * (bend[1:] + 2 * SIGMAS * noise / run[1:] ** 2)
    beyond &= bend[1:] > 0  # or it is a kink, and flat up to there
    wild = np.where(beyond, np.arange(len(beyond))[:, None] + 1, 0).max(axis=0, initial=0)
    rung = np.maximum(inside.argmax(axis=0), wild)
    entry = np.arange(J.shape[1])
    widest = np.fmax.reduce(run, axis=0)
    return np.nan_to_num(np.abs(J[rung, entry]) / widest)


def _central(
    C: np.ndarray, J: np.ndarray, run: np.ndarray, quiet: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return value, error bar and curvature of the best rung; and all rungs with bars of their own.

    The latter do not count disagreements with finer rungs.
    """
    rounding = SIGMAS * noise / run
    h, wide = run[1:], run[:-1]
    ratio = (wide / h) ** 2
    value = (ratio * C[1:] - C[:-1]) / (ratio - 1)
    own = rounding[1:] + np.abs(C[1:] - C[:-1])
    own += np.abs(wide * J[1:] - h * J[:-1]) / (wide - h)
    own[quiet[1:] | quiet[:-1] | np.isnan(own)] = np.inf
    shrunk = run / h[:, None]
    gap = np.abs(C - value[:, None])
    bend = np.abs(J - J[1:, None] * shrunk)
    finer = _later(len(run), 1)
    error = own + _most(gap - rounding, finer)
    error += _most(bend - 2 * rounding, finer) + 2 * _most(gap * shrunk, finer)
    error[~np.isfinite(error)] = np.inf
    best, entry = error.argmin(axis=0), np.arange(C.shape[1])
    known = np.isfinite(error[best, entry])
    found = np.where(known, value[best, entry], 0.0)
    bend = np.where(known, np.abs(J[best + 1, entry] / run[best + 1, entry]), 0.0)
    return found, error[best, entry], bend, (np.where(np.isfinite(own), value, 0), own)


def _one_sided(S: np.ndarray, run: np.ndarray, noise: float) -> _Side:
    """Return the slope to one side, extrapolated twice to step zero, from the best rung.

    That is the rung with the least error bar, among those with at least one finer rung.
    """
    rounding = SIGMAS * noise / run
    once = (S[1:] * run[:-1] - S[:-1] * run[1:]) / (run[:-1] - run[1:])
    twice = (once[1:] * run[:-2] - once[:-1] * run[2:]) / (run[:-2] - run[2:])
    error = np.full(twice.shape, np.inf)
    gap = np.abs(once - twice[:-1, None]) - 4 * rounding[1:]
    error[:-1] = ONE_SIDED * rounding[2:-1] + np.abs(once[1:-1] - once[:-2])
    error[:-1] += _most(gap, _later(len(once), 2))
    # where a quarter of the step does not even halve the change, nothing can be extrapolated
    change = np.abs(np.diff(S, axis=0))
    error[:-1][change[1:-1] - rounding[2:-1] > change[:-2] / 2] = np.inf
    error[~np.isfinite(error)] = np.inf
    best, entry = error.argmin(axis=0), np.arange(S.shape[1])
    bar = error[best, entry]
    known = np.isfinite(bar)
    bend = 2 * np.abs(S[best + 2, entry] - S[best + 1, entry]) / run[best + 1, entry]
    return _Side(
        np.where(known, twice[best, entry], 0.0), bar, np.where(known & np.isfinite(bend), bend, 0)
    )


def _consents(side: _Side, other: np.ndarray, run: np.ndarray, noise: float) -> np.ndarray:
    """Whether the values to the other side are compatible with a slope.

    They may differ from it in wide steps, which go beyond a kink. Then a finer step, in which
    rounding could not hide the difference, must agree.
    """
    gap = np.abs(other - side.value)
    allowed = side.error + 2 * SIGMAS * noise / run + side.curvature * run
    differs = gap > allowed
    rung = np.arange(len(other))[:, None]
    finest = np.where(differs, rung, -1).max(axis=0)
    tells = (rung > finest) & (allowed <= gap[finest, np.arange(other.shape[1])] / 2)
    return ~differs.any(axis=0) | tells.any(axis=0)


def _diverges(S: np.ndarray, run: np.ndarray, noise: float) -> np.ndarray:
    """Whether the slopes to one side still grow at the finest steps: a jump, or a pole."""
    inside = np.isfinite(S)
    finest = len(S) - 1 - inside[::-1].argmax(axis=0)
    entry = np.arange(S.shape[1])
    last, before = np.abs(S[finest, entry]), np.abs(S[finest - 1, entry])
    more = last - before - 2 * SIGMAS * noise / run[finest, entry]
    return more > last / 2


def _later(rungs: int, by: int) -> np.ndarray:
    """Return a mask: for each rung, which ones are finer by at least ``by`` rungs."""
    rung = np.arange(rungs)
    return (rung >= rung[: rungs - by, None] + by)[..., None]


def _most(amount: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return the largest amount of each column among some rungs; 0 if none is positive."""
    return np.fmax.reduce(amount, axis=1, where=among, initial=0.0)
