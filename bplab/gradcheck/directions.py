r"""The fast mode: a gradient along a few random directions, then bisection to a wrong entry.

Along a direction v the derivative is :math:`\sum_j g_j v_j`. The weights :math:`v_j` are random
and inversely proportional to :math:`g_j`, so that equal relative errors show equally in every
entry. They are drawn from a continuous range, so that no two equal errors cancel.

Entries that are much smaller than the largest cannot get ever larger weights: a direction in which
they count as much as the others moves them so far that curvature and rounding hide everything. So
there is a floor, and a promise: an error in one entry shows if it is at least ``rtol`` of that
entry, or of the floor times the largest entry, whichever is more. Smaller errors may be missed.
Where a function is too noisy for a floor, a higher one is tried. The report says how large an error
would have shown.
"""

from typing import Protocol

import numpy as np

from bplab.gradcheck.probe import Probe
from bplab.gradcheck.report import Entry, GradientReport, Verdict

PROBES = 2  # random directions
SAFETY = 4
MOST = 5  # wrong entries that are searched for
MARGIN = 2  # factor between the results of two random directions
MOST_RTOL = 1e-2  # the largest that can be asked for
NONE_FOUND = (
    "Along a random direction gradient and f differ, yet of no entry could it be shown that it is "
    "wrong."
)
BY_ENTRY = "check entry by entry, with fast=False: there an error shows sooner"
LOOKED_AT = 4  # entries that are tried to find out whether it does
SHOWS = 0.15  # of rtol: the least that an error of rtol in one entry changes along a direction


class Judge(Protocol):
    """Computes derivatives of the function, and judges single entries."""

    probe: Probe
    given: list[np.ndarray]
    rtol: float
    coarse: bool
    """Whether f answers in less than double precision."""
    unmoved: bool
    """Whether f has one value at the parameters and wherever else it was looked at."""
    floors: tuple[float, ...]
    """Shares of the largest entry; smaller entries get no larger weights. The best comes first."""

    @property
    def nothing(self) -> float:
        """The size below which a derivative counts as zero, from the function's curvature."""

    @property
    def bounds(self) -> list[np.ndarray]:
        """Bounds on the rounding of each entry of the gradient."""

    def along(self, direction: list[np.ndarray]) -> tuple[float, float]:
        """Return the derivative along a direction, and its error bar."""

    def entries(self) -> list[Entry]:
        """Judge every entry."""

    def entry(self, b: int, index: tuple[int, ...]) -> Entry:
        """Judge one entry."""


def check(judge: Judge, rng: np.random.Generator) -> GradientReport:
    """Compare gradient and function along random directions; if they differ, find wrong entries."""
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
                said = f"{NONE_FOUND}{_or_by_entry(judge)}"
                return GradientReport(entries, size, Verdict.CANNOT_TELL, (said,))
            if verdicts[-1] == Verdict.CANNOT_TELL:
                break
        else:
            return GradientReport((), size, Verdict.RIGHT, (_promise(judge, floor),))
    return GradientReport((), size, Verdict.CANNOT_TELL, (_too_little(judge, gap, error),))


def _too_little(judge: Judge, gap: float, error: float) -> str:
    """Say why nothing can be told along a direction, and what to do."""
    if not np.isfinite(error):
        why = (
            "it does not react to its argument"
            if judge.unmoved
            else "it jumps, or leaves its domain, nearby"
        )
        return f"Along a random direction no slope of f can be found: {why}.{_or_by_entry(judge)}"
    largest, unit = _largest(judge), judge.probe.unit
    shows = SHOWS * judge.rtol * largest
    if error > shows:
        said = (
            f"the slope of f is known to ± {error * unit:.0e}; rtol={judge.rtol:.0e} needs "
            f"{shows * unit:.0e}."
        )
    else:
        said = (
            f"the gradient differs from f by {abs(gap) * unit:.0e}: more than "
            f"rtol={judge.rtol:.0e} allows ({shows * unit:.0e}), but rounding in the gradient may "
            "do that."
        )
    ways = ["let f answer more finely (float64 throughout, no rounding)"] if judge.coarse else []
    enough = MARGIN * max(abs(gap), error) / (SHOWS * largest)
    if enough <= MOST_RTOL:
        ways.append(f"pass rtol={10 ** np.ceil(np.log10(enough)):.0e}")
    if _tells_by_entry(judge):
        ways.append(BY_ENTRY)
    if not ways:
        return f"Along a random direction {said}"
    advice = ", or ".join(ways)
    return f"Along a random direction {said} {advice[0].upper()}{advice[1:]}."


def _or_by_entry(judge: Judge) -> str:
    return f" {BY_ENTRY[0].upper()}{BY_ENTRY[1:]}." if _tells_by_entry(judge) else ""


def _tells_by_entry(judge: Judge) -> bool:
    """Whether most of a few entries, the largest among them, can be judged one by one."""
    places = list(judge.probe.entries())
    sizes = np.concatenate([np.abs(g).ravel() for g in judge.given])
    order = np.argsort(-sizes, kind="stable")
    chosen = dict.fromkeys(order[np.linspace(0, len(order) - 1, LOOKED_AT).astype(int)].tolist())
    entries = [judge.entry(*places[j]) for j in chosen]
    told = [entry for entry in entries if entry.verdict != Verdict.CANNOT_TELL]
    return 2 * len(told) > len(entries)


def _promise(judge: Judge, floor: float) -> str:
    """Say how large an error must be to show."""
    least = judge.rtol * floor * _largest(judge) * judge.probe.unit
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
    """Return the largest entry of the gradient; along a direction, every entry counts as much.

    At an optimum, where all entries may be zero, it is at least a size that still counts as zero
    compared to the curvature.
    """
    largest = max(float(np.abs(g).max(initial=0)) for g in judge.given)
    return max(largest, judge.nothing / (SHOWS * judge.rtol)) or 1.0


def _verdict(judge: Judge, direction: list[np.ndarray], gap: float, error: float) -> Verdict:
    """Judge whether gradient and function agree along a direction."""
    shows = SHOWS * judge.rtol * _largest(judge)
    if abs(gap) <= shows and error <= shows:
        return Verdict.RIGHT
    parts = zip(direction, judge.bounds, strict=True)
    # the signs are random, so the errors of the entries add as squares
    rounding = SAFETY * np.sqrt(sum(float(np.square(v * bound).sum()) for v, bound in parts))
    return Verdict.WRONG if abs(gap) > rounding + error + shows else Verdict.CANNOT_TELL


def _gap(judge: Judge, direction: list[np.ndarray]) -> tuple[float, float]:
    """Return the gradient along a direction minus the function's derivative, and its error."""
    numeric, error = judge.along(direction)
    pairs = zip(direction, judge.given, strict=True)
    return sum(float(np.vdot(v, g)) for v, g in pairs) - numeric, error


def _search(judge: Judge, direction: list[np.ndarray], gap: float, error: float) -> list[Entry]:
    """Bisect the entries to find those that make a direction wrong.

    The gap of the second half is the gap of the whole minus that of the first: one evaluation
    serves both halves.
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
