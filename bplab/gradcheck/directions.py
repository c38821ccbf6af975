r"""The fast mode: a gradient along a few random directions, then bisection to a wrong entry.

Along a direction v the derivative is :math:`\sum_j g_j v_j`. The weights :math:`v_j` are random,
and as much larger as :math:`g_j` is smaller, so that equal relative errors show
equally in every entry; and they are continuous, so that no two equal errors cancel.

Entries that are small beside the largest cannot be weighted up for ever: a direction in which they
count as much as the others moves them so far that curvature and rounding swallow everything. So
there is a floor, and a promise: an error in one entry shows if it is at least ``rtol`` of that
entry, or of the floor times the largest entry, whichever is more. Smaller errors may be missed.
Where a function is too noisy for a floor, a higher one is tried. What would have shown is said in
the report.
"""

from typing import Protocol

import numpy as np

from bplab.gradcheck.probe import Probe
from bplab.gradcheck.report import Entry, GradientReport, Verdict

PROBES = 2
SAFETY = 4
MOST = 5  # wrong entries that are searched out
MARGIN = 2  # between one random direction and another
MOST_RTOL = 1e-2  # that can be asked for
NONE_FOUND = (
    "Along a random direction gradient and f differ, yet of no entry could it be shown that it is "
    "wrong. Check entry by entry, with fast=False."
)
SHOWS = 0.15  # of rtol: what an error of rtol in one entry leaves, at the least


class Judge(Protocol):
    """What knows derivatives of the function, and judges one entry."""

    probe: Probe
    given: list[np.ndarray]
    rtol: float
    coarse: bool
    """Whether f answers in less than double precision."""
    floors: tuple[float, ...]
    """Sizes beside the largest entry below which entries are weighted no further; best first."""

    @property
    def nothing(self) -> float:
        """A derivative that counts as zero, from the curvature of the function."""

    @property
    def bounds(self) -> list[np.ndarray]:
        """What rounding may do to each entry of the gradient."""

    def along(self, direction: list[np.ndarray]) -> tuple[float, float]:
        """Return the derivative along a direction, and its error bar."""

    def entries(self) -> list[Entry]:
        """Judge every entry."""

    def entry(self, b: int, index: tuple[int, ...]) -> Entry:
        """Judge one entry."""


def check(judge: Judge, rng: np.random.Generator) -> GradientReport:
    """Compare along random directions; where they differ, find the entries that do it."""
    size = judge.probe.size
    for floor in judge.floors:
        verdicts = []
        for _ in range(PROBES):
            direction = _direction(judge, floor, rng)
            gap, error = _gap(judge, direction)
            verdicts.append(_verdict(judge, direction, gap, error))
            if verdicts[-1] == Verdict.WRONG:
                entries = tuple(_search(judge, direction, gap, error))
                if any(entry.verdict == Verdict.WRONG for entry in entries):
                    return GradientReport(entries, size, Verdict.WRONG)
                return GradientReport(entries, size, Verdict.CANNOT_TELL, (NONE_FOUND,))
            if verdicts[-1] == Verdict.CANNOT_TELL:
                break
        else:
            return GradientReport((), size, Verdict.RIGHT, (_promise(judge, floor),))
    return GradientReport((), size, Verdict.CANNOT_TELL, (_too_little(judge, gap, error),))


def _too_little(judge: Judge, gap: float, error: float) -> str:
    """Say why nothing can be told along a direction, and what to do."""
    if not np.isfinite(error):
        return (
            "Along a random direction no slope of f can be found: it jumps, or leaves its domain, "
            "nearby. Check entry by entry, with fast=False."
        )
    largest = _largest(judge)
    shows = SHOWS * judge.rtol * largest
    if error > shows:
        said = f"the slope of f is known to ± {error:.0e}; rtol={judge.rtol:.0e} needs {shows:.0e}."
    else:
        said = (
            f"the gradient differs from f by {abs(gap):.0e}: more than rtol={judge.rtol:.0e} "
            f"allows ({shows:.0e}), but rounding in the gradient may do that."
        )
    ways = ["let f answer more finely (float64 throughout, no rounding)"] if judge.coarse else []
    enough = MARGIN * max(abs(gap), error) / (SHOWS * largest)
    if enough <= MOST_RTOL:
        ways.append(f"pass rtol={10 ** np.ceil(np.log10(enough)):.0e}")
    ways.append("check entry by entry, with fast=False: there an error shows sooner")
    advice = ", or ".join(ways)
    return f"Along a random direction {said} {advice[0].upper()}{advice[1:]}."


def _promise(judge: Judge, floor: float) -> str:
    """Say how small an error would have shown."""
    least = judge.rtol * floor * _largest(judge)
    return (
        f"An error of {judge.rtol:.0e} of an entry would have shown, "
        f"or of {least:.0e} where that is more."
    )


def _direction(judge: Judge, floor: float, rng: np.random.Generator) -> list[np.ndarray]:
    largest = _largest(judge)
    direction = []
    for g in judge.given:
        v = rng.uniform(0.5, 1.5, g.shape)
        v *= rng.integers(0, 2, g.shape) * 2 - 1
        v /= np.maximum(np.abs(g) / largest, floor)
        direction.append(v)
    return direction


def _largest(judge: Judge) -> float:
    """The largest entry of the gradient, which every entry counts as much as along a direction.

    At an optimum there is none worth the name: what is nothing beside the curvature takes its
    place.
    """
    largest = max(float(np.abs(g).max()) for g in judge.given)
    return max(largest, judge.nothing / (SHOWS * judge.rtol)) or 1.0


def _verdict(judge: Judge, direction: list[np.ndarray], gap: float, error: float) -> Verdict:
    """Whether gradient and function agree along a direction."""
    shows = SHOWS * judge.rtol * _largest(judge)
    if abs(gap) <= shows and error <= shows:
        return Verdict.RIGHT
    parts = zip(direction, judge.bounds, strict=True)
    # the signs are random, so the errors of the entries add as squares
    rounding = SAFETY * np.sqrt(sum(float(np.square(v * bound).sum()) for v, bound in parts))
    return Verdict.WRONG if abs(gap) > rounding + error + shows else Verdict.CANNOT_TELL


def _gap(judge: Judge, direction: list[np.ndarray]) -> tuple[float, float]:
    """The gradient along a direction, less the function's own derivative; and the error of that."""
    numeric, error = judge.along(direction)
    pairs = zip(direction, judge.given, strict=True)
    return sum(float(np.vdot(v, g)) for v, g in pairs) - numeric, error


def _search(judge: Judge, direction: list[np.ndarray], gap: float, error: float) -> list[Entry]:
    """Bisect the entries until those are found that make a direction wrong.

    The gap of the second half is the gap of the whole less that of the first: one evaluation
    for two halves.
    """
    flat = np.concatenate([v.ravel() for v in direction])
    places = list(judge.probe.entries())
    least = SHOWS * judge.rtol * _largest(judge) + error
    found: list[Entry] = []
    sets = [(np.arange(flat.size), gap)]
    while sets and len(found) < MOST:
        chosen, gap = sets.pop()
        if len(chosen) == 1:
            found.append(judge.entry(*places[chosen[0]]))
            continue
        first, second = np.array_split(chosen, 2)
        part = np.zeros_like(flat)
        part[first] = flat[first]
        in_first, _ = _gap(judge, judge.probe.cut(part))
        halves = ((first, in_first), (second, gap - in_first))
        sets += sorted((h for h in halves if abs(h[1]) > least), key=lambda half: abs(half[1]))
    return [entry for entry in found if entry.verdict != Verdict.RIGHT]
