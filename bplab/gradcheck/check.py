"""Check a gradient entry by entry: right, wrong, or cannot tell."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from bplab.errors import InputError, called_as
from bplab.gradcheck import directions, line, progress
from bplab.gradcheck.ladder import EPS, STEPS, Derivative, Ladder, Place
from bplab.gradcheck.looks import Looks
from bplab.gradcheck.network import EXTENDED, State
from bplab.gradcheck.probe import Probe, scale
from bplab.gradcheck.report import Entry, GradientReport, Verdict
from bplab.gradcheck.rounding import gradient_error, unsure_sides
from bplab.risk import Risk
from bplab.tree import described, matched

__all__ = ["check_gradient"]

NEAR = 0.3  # of rtol: a gradient this near is right
CLEAR = 0.1  # of rtol: an error bar this small leaves no doubt
SAFETY = 4  # an error of more than this many bounds is not rounding
WORTH_IT = 0.05  # of all entries: fewer undecided ones are not worth 80 evaluations each
FEW = 30  # with fewer entries, a cheaper first look is not worth it
ZERO = 1e-10  # of the slopes nearby: a derivative this small counts as zero
SEEN = 64  # times rounding in the finest step of a ladder: a larger error bar shows curvature
ZERO_ALONG = 1e-8  # like ZERO, along directions, where rounding adds up, and at an optimum
BEND = 2.0**-6  # a step in which curvature is seen
CLOSER = 2.0 ** -np.arange(14, 47, 8)  # such steps, for parameters in smaller units
GAINS = 8  # times the slope at which f gains no more than its rounding on the way to an optimum
SMALLEST = 1e-30  # times f: differences this small are left where two roundings cancel
FINER = float(np.finfo(np.longdouble).eps) / EPS  # the factor by which more digits shrink an error
STEADY = 1e-6  # two answers at one point that differ by more, relatively, are random
HUGE_SQUARES, TINY_SQUARES = 2.0**300, 2.0**-300  # between these no square overflows or vanishes
WOBBLE = 30  # ulp-sized moves of the weights show at least this part of a gradient's rounding


@called_as("check_gradient(f, grad, params)")
def check_gradient(
    f: Callable[[Any], float],
    grad: Any,
    params: Any,
    *,
    rtol: float = 1e-5,
    fast: bool = False,
    seed: int = 0,
) -> GradientReport:
    r"""Check a gradient against numerical derivatives, entry by entry.

    An entry is *right* if it agrees with a numerical derivative that is known well enough to show
    an error of ``rtol``. It is *wrong* if they differ by more than the rounding of both can
    explain. Otherwise one *cannot tell*: the function is too noisy there, or has a kink.

    For a `bplab.risk.Risk` the derivative comes from complex steps, in which each unit stays on its
    branch, so that kinks do no harm; the tolerance comes from an error analysis of the network. For
    any other function both come from a ladder of central differences. A check that takes long shows
    the time that is left, and Ctrl-C gives a report of what is known so far.

    Parameters
    ----------
    f : callable
        The function; takes a structure like ``params``, returns a real number.
    grad : structure like ``params``, or callable
        The gradient to be checked, or a function that returns it for ``params``. A function is
        better: its own rounding errors can then be measured. It is matched with ``params`` by
        key or field at every depth, by position in tuples and lists.
    params : array, or tuple, list, dict or dataclass of arrays
        Where to check. Never changed: ``f`` and ``grad`` get copies as float64, in the same
        structure and from the same library (PyTorch, JAX, CuPy).
    rtol : float
        Relative error of an entry that must not pass as right, from 1e-9 to 1e-2.
    fast : bool
        Compare along a few random directions, at a cost that does not grow with the number of
        parameters; single entries are looked at only when something is wrong. An error in one
        entry shows if it is at least ``rtol`` of that entry, or of 1e-4 of the largest entry (1e-6
        for a `Risk`), whichever is more; smaller errors may be missed. Where the function is too
        noisy for that, 1e-2 of the largest entry is tried. The report says how large an error
        would have shown.
    seed : int
        Seed of the random directions.

    Returns
    -------
    GradientReport
        A verdict for every entry, with its place: block, row, column, bias or weight.

    Raises
    ------
    ValueError
        If ``rtol`` is out of range, the gradient has other keys or shapes than ``params``
        (shapes never broadcast) or is not finite, or ``f`` does not return a finite number.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> report = check_gradient(lambda w: np.sum(w**2), np.array([2.0, 2.0]), w)
    >>> print(report.wrong[0].index)
    (1,)
    """
    __tracebackhide__ = True  # in a notebook, an error in ``f`` or ``grad`` shows only their lines
    if not 1e-9 <= rtol <= directions.MOST_RTOL:
        raise InputError(f"rtol must be from 1e-9 to 1e-2; got {rtol!r}")
    if inspect.isroutine(params):
        raise InputError(
            f"params come last: check_gradient(f, grad, params); got {described(params)} there"
        )
    probe = Probe(f, params)
    here = probe.here()  # raises if the function fails or the weights do not fit
    given = probe.fitting(probe.asked("grad", grad) if callable(grad) else grad)
    if random := _random(probe, here, grad, given):
        return _nothing_told(probe, given, fast, random)
    judge: directions.Judge
    if isinstance(f, Risk):
        judge = _NetworkJudge(f, probe, given, rtol)
    else:
        probe.unit = _unit(here, given)
        given = [g / probe.unit for g in given]
        judge = _AnyJudge(probe, given, rtol, grad if callable(grad) else None)
        if judge.unmoved:
            probe.notes.append(
                f"f gave {here:.6g} at params and at three points around them: it does not react "
                "to its argument. Does it use arrays of the notebook in place of params?"
            )
    if fast:
        try:
            report = directions.check(judge, np.random.default_rng(seed))
        except KeyboardInterrupt:
            report = GradientReport((), probe.size, Verdict.CANNOT_TELL)
            probe.notes.append("Stopped: nothing is known yet.")
    else:
        report = GradientReport(tuple(judge.entries()), probe.size)
        if len(report.entries) < probe.size:
            probe.notes.append("Stopped: nothing is known of the other entries.")
    entries = report.entries
    if probe.unit != 1:
        entries = tuple(_in_units_of_f(entry, probe.unit) for entry in entries)
    return replace(report, entries=entries, notes=(*report.notes, *probe.notes))


def _unit(here: float, given: list[np.ndarray]) -> float:
    """Return a power of two near the largest number, if squares would leave float64; else 1."""
    largest = max(abs(here), *(float(np.abs(g).max(initial=0)) for g in given))
    if not largest or TINY_SQUARES < largest < HUGE_SQUARES:
        return 1.0
    return float(2.0 ** np.clip(np.round(np.log2(largest)), -1000, 1000))


def _in_units_of_f(entry: Entry, unit: float) -> Entry:
    analytic, numeric = unit * entry.analytic, unit * entry.numeric
    return replace(entry, analytic=analytic, numeric=numeric, error=unit * entry.error)


class _NetworkJudge:
    """Judges a gradient of a network's risk by complex steps and an error analysis."""

    floors: tuple[float, ...] = (1e-6,)
    nothing, coarse, unmoved = 0.0, False, False

    def __init__(self, risk: Risk, probe: Probe, given: list[np.ndarray], rtol: float):
        self.probe, self.given, self.rtol = probe, given, rtol
        self._risk, self._names = risk, _names(probe)
        self._state = State(risk, probe.blocks)
        self._bounds: list[np.ndarray] | None = None
        self._extended: State | None = None
        self._other_side: list[np.ndarray] | None = None

    @property
    def bounds(self) -> list[np.ndarray]:
        """Bounds on rounding in a gradient from textbook formulas; computed when needed."""
        if self._bounds is None:
            self._bounds = gradient_error(self._state, plain=True)
        return self._bounds

    def along(self, direction: list[np.ndarray]) -> tuple[float, float]:
        """Return the derivative along a direction, and its error, which counts as 0."""
        return self._state.along(direction), 0.0

    def entries(self) -> list[Entry]:
        """Judge every entry."""
        everywhere = (slice(None), slice(None))
        found: list[Entry] = []
        try:
            own = gradient_error(self._state, plain=False)
            numeric = self._state.gradient()
            for b, (n, error) in enumerate(zip(numeric, own, strict=True)):
                found += self._judged(b, everywhere, n, error)
        except KeyboardInterrupt:
            pass  # the report says that it was stopped, and what is known
        return found

    def entry(self, b: int, index: tuple[int, ...]) -> Entry:
        """Judge one entry."""
        m, column = index
        at = (slice(m, m + 1), slice(column, column + 1))
        n = self._state.entries(b, m, [column])[None]
        (entry,) = self._judged(b, at, n, self.bounds[b][at].copy())
        return entry

    def _judged(
        self, b: int, at: tuple[slice, slice], n: np.ndarray, error: np.ndarray
    ) -> list[Entry]:
        """Judge a part of a block by its derivatives, with more digits where they are needed.

        Both ``n``, the derivatives, and ``error``, their error bars, are changed in place.
        """
        g, bound = self.given[b][at], self.bounds[b][at]
        rows, columns = (
            np.arange(size)[part] for size, part in zip(self.given[b].shape, at, strict=True)
        )
        right, wrong = self._judge(g, n, error, bound)
        if EXTENDED:
            for i, row in enumerate(~(right | wrong)):
                if row.any():
                    n[i, row] = self._more_digits().entries(b, rows[i], columns[row])
                    error[i, row] *= FINER
            right, wrong = self._judge(g, n, error, bound)
        if wrong.any():
            wrong &= ~self._on_kink(b, at, n, SAFETY * bound)
        limit = SAFETY * (error + bound)
        return [
            Entry(
                self._names[b],
                (int(rows[i]), int(columns[j])),
                float(g[i, j]),
                float(n[i, j]),
                float(limit[i, j]),
                _verdict(bool(right[i, j]), bool(wrong[i, j])),
                "weight" if columns[j] else "bias",
            )
            for i, j in np.ndindex(g.shape)
        ]

    def _judge(
        self, g: np.ndarray, n: np.ndarray, error: np.ndarray, bound: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        gap, size = np.abs(g - n), np.abs(n)
        right = (gap <= NEAR * self.rtol * size) & (error <= CLEAR * self.rtol * size)
        limit = SAFETY * (error + bound) + np.finfo(np.float64).tiny
        right |= (n == 0) & (g == 0)  # nothing depends on this weight
        return right, ~right & (gap > limit)

    def _on_kink(
        self, b: int, at: tuple[slice, slice], n: np.ndarray, limit: np.ndarray
    ) -> np.ndarray:
        """Whether an entry depends on a unit that rounding may put on either side of its kink."""
        if self._other_side is None:
            self._other_side = []
            if unsure := unsure_sides(self._state):
                sides = [s ^ u for s, u in zip(self._state.sides, unsure, strict=True)]
                self._other_side = State(self._risk, self.probe.blocks, sides=sides).gradient()
        if not self._other_side:
            return np.zeros(n.shape, dtype=bool)
        return np.abs(self._other_side[b][at] - n) > limit

    def _more_digits(self) -> State:
        if self._extended is None:
            arguments = (self._risk, self.probe.blocks)
            self._extended = State(*arguments, np.longdouble, sides=self._state.sides)
        return self._extended


def _names(probe: Probe) -> list[str]:
    """Return names of the layers, even for weights in a tuple, which have no names."""
    if not any(name.startswith("[") for name in probe.names):
        return probe.names
    D = len(probe.names) - 1
    return [*(["alpha"] if D == 1 else [f"alpha^({d})" for d in range(1, D + 1)]), "beta"]


class _AnyJudge:
    """Judges a gradient of any function by a ladder of differences."""

    floors: tuple[float, ...] = (1e-4, 1e-2)

    def __init__(
        self, probe: Probe, given: list[np.ndarray], rtol: float, grad: Callable[[Any], Any] | None
    ):
        self.probe, self.given, self.rtol = probe, given, rtol
        self._ladder = Ladder(probe)
        self._open: dict[Place, Derivative] = {}  # undecided, and not yet looked at finely
        self.coarse = bool(self._ladder.note)
        self.unmoved = _unmoved(probe, self._ladder.here)
        if self.coarse:
            probe.notes.append(self._ladder.note)
        self._wobble = [np.zeros_like(g) for g in given]
        if grad is not None:
            self._wobble = _wobble(grad, probe, given)
        self._zero = ZERO
        if self._at_optimum():
            self._zero = ZERO_ALONG
            self.floors += (1.0,)  # at an optimum, no entry is small compared to another
        self._looks = Looks(self._ladder, given, NEAR * rtol, ZERO, self._right)

    @property
    def bounds(self) -> list[np.ndarray]:
        """Bounds on the rounding of the gradient."""
        return self._wobble

    @cached_property
    def _largest(self) -> float:
        return max(float(np.abs(g).max(initial=0)) for g in self.given)

    @cached_property
    def nothing(self) -> float:
        """The size below which a derivative counts as zero, judged by how the slope changes."""
        along = self.probe.direction(np.random.default_rng(0))
        blocks, here, n = self.probe.blocks, self._ladder.here, self.probe.size

        def around(step: float) -> list[float]:
            moved = ([w + t * d for w, d in zip(blocks, along, strict=True)] for t in (step, -step))
            return [self.probe.within(m) for m in moved]

        least = ZERO_ALONG * abs(sum(around(BEND)) - 2 * here) / BEND**2 / n
        if not np.isfinite(least):
            return 0.0
        # where units are small the slope changes by far more in a step of 1; but as near to an
        # optimum as f can show, what f gains by its slope is lost in its rounding
        for step in CLOSER:
            there = around(step)
            bend = max(abs(sum(there) - 2 * here), 16 * self._ladder.noise) / step**2 / n
            gain = max(self._ladder.noise, EPS * max(abs(here), *map(abs, there)))
            least = np.fmin(least, GAINS * np.sqrt(gain * bend))
        return float(least)

    def _at_optimum(self) -> bool:
        """Whether the whole gradient counts as zero, and the slope of f along a direction, too.

        An entry that rounding hides shows along a direction, where all curvatures add up.
        """
        if ZERO_ALONG * self._largest > ZERO * self.nothing:
            return False
        value, error = self.along(self.probe.direction(np.random.default_rng(0)))
        return abs(value) <= 2 * error <= self.nothing * self.probe.size

    def along(self, direction: list[np.ndarray]) -> tuple[float, float]:
        """Return the derivative along a direction, and its error bar."""
        blocks = zip(direction, self.probe.blocks, strict=True)
        size = max(float((np.abs(v) / np.maximum(1, np.abs(w))).max(initial=0)) for v, w in blocks)
        if size == 0:
            return 0.0, 0.0

        def at(t: float) -> float:
            blocks = zip(self.probe.blocks, moved, strict=True)
            return self.probe.within([w + t * d for w, d in blocks])

        moved = [v / size for v in direction]
        value, error = line.along(at, self._ladder.here, self._ladder.noise)
        return value * size, error * size

    def entries(self) -> list[Entry]:
        """Judge every entry; if many stay undecided, judge those again with finer means."""
        places = list(self.probe.entries())
        entries = progress.over(places, self._looked_at)
        if len(entries) == len(places) and self._many_are_open:
            finer = progress.over(list(self._open), self._looked_at_finely)
            judged = dict(zip(self._open, finer, strict=False))  # Ctrl-C leaves some as they are
            entries = [judged.get(at, entry) for at, entry in zip(places, entries, strict=True)]
        return entries

    @property
    def _many_are_open(self) -> bool:
        return len(self._open) >= WORTH_IT * self.probe.size

    def _looked_at(self, places: Sequence[Place]) -> list[Entry]:
        """Judge some entries: by a cheap look, else by the ladder, else closely."""
        with self.probe.listening(), self._ladder.remembering():
            return self._looked_at_each(places)

    def _looked_at_finely(self, places: Sequence[Place]) -> list[Entry]:
        """Judge some undecided entries again, starting from what is known of them."""
        with self.probe.listening():
            return [
                self._concluded(self._finer(self._open[at], [at], [0]), [at])[0] for at in places
            ]

    def _looked_at_each(self, places: Sequence[Place]) -> list[Entry]:
        # if many entries will stay undecided, a fine look at once costs less than one later
        finely = self.probe.size < FEW or self._many_are_open
        if self.probe.size < FEW:
            return self._judged(self._ladder.at(places), places, finely)
        found, told = self._looks.at(places)
        for j in map(int, np.flatnonzero(~told)):
            found = found.put(np.array([j]), self._ladder.at([places[j]]))
        return self._judged(found, places, finely, np.flatnonzero(told))

    def entry(self, b: int, index: tuple[int, ...]) -> Entry:
        """Judge one entry."""
        (entry,) = self._judged(self._ladder.at([(b, index)]), [(b, index)], finely=True)
        return entry

    def _judged(
        self,
        found: Derivative,
        places: Sequence[Place],
        finely: bool,
        told: Sequence[int] | np.ndarray = (),
    ) -> list[Entry]:
        """Judge entries; look again at those that do not pass, with other steps.

        ``told`` are the entries of which no other steps would tell more.
        """
        closed = set(told)
        for j in np.flatnonzero(~self._right(found, places)).tolist():
            if j not in closed:
                found = found.put(np.array([j]), self._ladder.closely(places[j]))
        open_ = [j for j in self._stay_open(found, places) if j not in closed]
        if finely:
            found = self._finer(found, places, open_)
        else:
            self._open |= {places[j]: found.of(j) for j in open_}
        return self._concluded(found, places)

    def _stay_open(self, found: Derivative, places: Sequence[Place]) -> list[int]:
        """Return the entries that are neither right nor wrong, without any known reason."""
        right, wrong, _ = self._decided(found, places)
        w = np.array([self.probe.blocks[b][index] for b, index in places])
        least = line.LEAST * self._ladder.noise / scale(w)  # no look can have a smaller error bar
        stays = ~right & ~wrong & (found.why == "") & (found.silent == 0) & (found.error > least)
        return np.flatnonzero(stays).tolist()

    def _finer(
        self, found: Derivative, places: Sequence[Place], open_: Sequence[int]
    ) -> Derivative:
        """Look at the undecided entries as a smooth function allows, in wide steps."""
        for j in open_:
            value, error = self._ladder.finely(places[j])
            # steps that are too wide for f contradict what is known
            if abs(value - found.value[j]) <= 2 * (error + found.error[j]) < 4 * found.error[j]:
                found.value[j] = found.low[j] = found.high[j] = value
                found.error[j] = error
        return found

    def _concluded(self, found: Derivative, places: Sequence[Place]) -> list[Entry]:
        """Give the verdicts; before an entry is called wrong, look at f from nearer and afar."""
        right, wrong, limit = self._decided(found, places, self._zero)
        for j in map(int, np.flatnonzero(wrong)):
            b, index = places[j]
            known = found.of(j)
            g, largest = float(self.given[b][index]), self._largest
            near, why = self._ladder.nearer(places[j], g, known)
            if near is not None:
                found = found.put(np.array([j]), near)
                is_right, is_wrong, bar = self._decided(near, [places[j]])
                right[j], wrong[j], limit[j] = is_right[0], is_wrong[0], bar[0]
                why = "" if is_wrong[0] else "f changes within the finest steps"
                known = near
            if why or (why := self._ladder.means(places[j], g, known, largest)):
                wrong[j], found.why[j] = False, why
        return [
            Entry(
                self.probe.names[b],
                index,
                float(self.given[b][index]),
                float(found.value[j]),
                float(limit[j]),
                _verdict(bool(right[j]), bool(wrong[j])),
                why="" if right[j] else str(found.why[j]),
            )
            for j, (b, index) in enumerate(places)
        ]

    def _right(self, found: Derivative, places: Sequence[Place]) -> np.ndarray:
        """Return for each entry whether it is right."""
        return self._decided(found, places)[0]

    def _decided(
        self, found: Derivative, places: Sequence[Place], none: float = ZERO
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return which entries are right, which are wrong, and by how much each may be off.

        A derivative counts as zero if it is at most ``none`` times the slopes nearby.
        """
        g = np.array([self.given[b][index] for b, index in places])
        w = np.abs(np.array([self.probe.blocks[b][index] for b, index in places]))
        wobble = np.array([self._wobble[b][index] for b, index in places])
        size = np.abs(found.value)
        gap = np.maximum(np.maximum(found.low - g, g - found.high), 0)
        # a weight is rounded too, which moves the gradient in proportion to its curvature
        limit = 2 * found.error + wobble + WOBBLE * EPS * (found.curvature + found.steepness) * w
        silent = found.silent > 0
        # where f is flat, a gradient may hold what is left where roundings cancel
        limit[silent] += ZERO * max(abs(self._ladder.here), self._largest)
        near = NEAR * self.rtol * size
        sure = found.high - found.low <= near
        right = (gap <= near) & (found.error <= near) & sure
        right |= (g == 0) & (found.silent >= STEPS[-1])
        # zero as far as can be seen, where the function is not flat; a weight that is small
        # compared to the steps may still be far from an optimum
        reach = np.where(w == 0, 1, np.minimum(np.maximum(1, w), w / STEPS[-1]))
        bar = 2 * found.error + wobble + WOBBLE * EPS * found.curvature * w
        zero = (size <= bar) & (np.abs(g) <= bar) & (bar <= none * found.steepness * reach)
        # if curvature hides a slope, finer steps show it
        finest = self._ladder.noise / (STEPS[-1] * scale(w))
        finest = SEEN * np.maximum(finest, EPS * found.curvature * np.maximum(1, w))
        right |= zero & sure & ~silent & (found.error <= finest)
        moves = np.maximum(size, np.abs(g)) * np.maximum(1, w)
        wrong = ~right & (gap > limit) & (moves > SMALLEST * self._ladder.worth)
        return right, wrong, limit


def _wobble(grad: Callable[[Any], Any], probe: Probe, given: list[np.ndarray]) -> list[np.ndarray]:
    """Return how much the gradient moves when its parameters move by an ulp or two.

    This is a measure of its rounding.
    """
    rng = np.random.default_rng(0)
    worst = [np.zeros_like(g) for g in given]
    for _ in range(4):
        moved = [w * (1 + 2 * EPS * rng.choice([-1, 1], w.shape)) for w in probe.blocks]
        answer = matched(grad(probe.structure(moved)), probe.params)
        there = [g.astype(np.float64) / probe.unit for g in answer]
        worst = [np.maximum(a, np.abs(g - t)) for a, g, t in zip(worst, given, there, strict=True)]
    return [WOBBLE * w for w in worst]


def _verdict(right: bool, wrong: bool) -> Verdict:
    if right:
        return Verdict.RIGHT
    return Verdict.WRONG if wrong else Verdict.CANNOT_TELL


def _nothing_told(probe: Probe, given: list[np.ndarray], fast: bool, why: str) -> GradientReport:
    """Return the report on a function that cannot be differentiated."""
    notes, nan, unsure = (why, *probe.notes), float("nan"), Verdict.CANNOT_TELL
    if fast:
        return GradientReport((), probe.size, unsure, notes)
    entries = [
        Entry(probe.names[b], index, float(given[b][index]), nan, float("inf"), unsure)
        for b, index in probe.entries()
    ]
    return GradientReport(tuple(entries), probe.size, notes=notes)


_ANOTHER_EACH_TIME = (
    "If it draws random numbers, set the seed inside {0}, at its beginning; if it counts or keeps "
    "something from call to call, let each call begin as the first did."
)


def _random(probe: Probe, here: float, grad: Any, given: list[np.ndarray]) -> str:
    """Say that the function or its gradient gives different answers at one point, if it does."""
    if isinstance(probe.f, Risk):
        return ""
    values = [np.array(v) for v in (here, probe.here(), probe.here())]
    if _differs(values):
        other = next(v for v in values if v != here)
        return (
            f"f gives different answers at the same params, {here:.6g} and {other:.6g}, so that "
            f"nothing can be told. {_ANOTHER_EACH_TIME.format('f')}"
        )
    if callable(grad):
        again = probe.fitting(probe.asked("grad", grad))
        if any(_differs([a, b]) for a, b in zip(given, again, strict=True)):
            return (
                "grad gives different answers at the same params, so that nothing can be told. "
                + _ANOTHER_EACH_TIME.format("grad")
            )
    return ""


def _differs(values: list[np.ndarray]) -> bool:
    """Whether answers at one point differ by more than another order of sums can explain."""
    size = max(float(np.abs(v).max(initial=0)) for v in values)
    return any(float(np.abs(v - values[0]).max(initial=0)) > STEADY * size for v in values[1:])


def _unmoved(probe: Probe, here: float) -> bool:
    """Whether the function has the same value at the parameters and far around them."""
    rng = np.random.default_rng(0)
    moves = ((probe.direction(rng), t) for t in (1e-2, 1e-1, 1))
    there = ([w + t * v for w, v in zip(probe.blocks, d, strict=True)] for d, t in moves)
    return all(probe.within(arrays) == here for arrays in there)
