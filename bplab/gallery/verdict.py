"""What a mistake does to training, in words: its loss curve compared with the right one.

The verdict is the first of these that fits the loss:

===============================  ============================================================
does not run                     the function raises, or its answer has a wrong form or shape
blows up                         the loss is no longer finite
never learns                     it never moves from its start by more than 0.1 %
climbs                           it ends above its start by more than 0.1 %, and was below its
                                 start in less than a quarter of the epochs
goes down and up again           it ends as high, but was below its start more often
hardly learns                    it ends above nine tenths of its start
learns, even faster              it ends lower than the right loss, by about 5 % or more
cannot be told from right here   it ends no more than 5 % above the right loss, and was never more
                                 than half above the right curve
learns more slowly               it ends no more than 5 % above the right loss, but was more than
                                 half above the right curve; or it ends higher, at its lowest
                                 value, and fell by more than 1 % in the last tenth of the epochs
learns, but to a worse end       it ends higher, and stands still or goes up and down
===============================  ============================================================
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bplab.languages import told
from bplab.training import jumps, still_falling, times, updates_with_numbers

__all__ = ["Kind", "Verdict", "judge", "number", "refused"]

STILL = 0.001  # share of the starting loss; a smaller change is no movement
HARDLY = 0.9  # share of the starting loss; an end above it is hardly learning
BELOW = 0.25  # share of the epochs; a curve that simply climbs is below its start in fewer
SAME_END = 1.05  # largest factor between two ends that count as alike
SAME_WAY = 1.5  # largest factor between two curves that count as alike
CHECK = "the curve does not give it away, only the check does"


class Kind(StrEnum):
    """The verdicts; those that a learner should see first come first."""

    CLIMBS = "climbs"
    NEVER = "never learns"
    WORSE = "learns, but to a worse end"
    SAME = "cannot be told from right here"
    SLOWER = "learns more slowly"
    BLOWS_UP = "blows up"
    DOES_NOT_RUN = "does not run"
    HARDLY = "hardly learns"
    BACK = "goes down and up again"
    FASTER = "learns, even faster"


@dataclass(frozen=True)
class Verdict:
    """A kind, and clauses with the numbers behind it; after the kind they complete a sentence."""

    kind: Kind
    clauses: tuple[str, ...]

    def __str__(self) -> str:
        return _sentence(self.kind, self.clauses)

    @property
    def told(self) -> str:
        """The verdict in the learner's language, translated clause by clause."""
        return _sentence(told(self.kind), [*map(told, self.clauses)])


def _sentence(kind: str, clauses: Sequence[str]) -> str:
    return f"{kind}: {'; '.join(clauses)}{'' if clauses[-1].endswith('…') else '.'}"


def refused(why: str, updates: int) -> Verdict:
    """Return the verdict on a training that could not go on after this number of updates."""
    said = f"after {times(updates, 'update')} {why}" if updates else why
    return Verdict(Kind.DOES_NOT_RUN, (said,))


def judge(losses: np.ndarray, right: np.ndarray) -> Verdict:
    """Judge a training by its losses.

    Parameters
    ----------
    losses : ndarray, shape (epochs run + 1,)
        R(θ) with the mistake, before the first update and after each one; the last may be
        infinite or NaN.
    right : ndarray, shape (epochs + 1,)
        R(θ) with the right function; finite.

    Returns
    -------
    Verdict
    """
    start, end, aim, epochs = losses[0], losses[-1], right[-1], len(right) - 1
    updates = updates_with_numbers(losses)
    if updates is not None:
        said = f"after {times(updates, 'update')} the loss is no longer finite"
        return Verdict(Kind.BLOWS_UP, (said,))
    if np.abs(losses - start).max() <= STILL * start:
        said = f"the loss stays at {number(start)} in all {times(epochs, 'epoch')}"
        return Verdict(Kind.NEVER, (said,))
    from_to = f"from {number(start)} to {number(end)}"
    if end > (1 + STILL) * start:
        below = int((losses < start).sum())
        if below < BELOW * epochs:
            return Verdict(Kind.CLIMBS, (f"the loss goes up, {from_to}", *_way(losses)))
        said = f"after {below} of {times(epochs, 'epoch')} the loss is below its start"
        return Verdict(Kind.BACK, (f"{said}, but it gets {from_to}", *_way(losses)))
    if end > HARDLY * start:
        gets, aims = f"the loss only gets {from_to}", f"the right one ends at {number(aim)}"
        return Verdict(Kind.HARDLY, (gets, aims, *_way(losses)))
    beside = f"it ends at {number(end)}, the right one at {number(aim)}"
    if end * SAME_END < aim:
        return Verdict(Kind.FASTER, (beside, *_way(losses), CHECK))
    apart = losses / np.maximum(right, np.finfo(float).tiny)
    if end <= SAME_END * aim:
        if np.allclose(losses, right, rtol=1e-6):
            said = "with these data and this network the two curves are one"
            return Verdict(Kind.SAME, (said, CHECK))
        if apart.max() <= SAME_WAY:
            return Verdict(Kind.SAME, (beside, CHECK))
        worst = int(apart.argmax())
        ends = f"in the end they are {number(end)} and {number(aim)}"
        said = (
            f"after {times(worst, 'epoch')} its loss is {number(losses[worst])}, the right one's "
            f"{number(right[worst])}"
        )
        return Verdict(Kind.SLOWER, (said, ends, *_way(losses)))
    if still_falling(losses) and end == losses.min():
        said = f"after {times(epochs, 'epoch')} the loss is {number(end)} and still falling"
        when = times(int(np.argmax(right <= end)), "epoch")
        there = [f"the right one is there after {when}"] if right[0] > end else []
        return Verdict(Kind.SLOWER, (said, *there, *_way(losses)))
    said = f"it ends at {number(end)}, {number(end / aim)} times the right one's {number(aim)}"
    return Verdict(Kind.WORSE, (said, *_way(losses)))


def _way(losses: np.ndarray) -> Iterator[str]:
    """Yield clauses on a curve that does not simply fall: its jumps, and its lowest point."""
    found, lowest = len(jumps(losses)), int(losses.argmin())
    if found:
        yield f"on the way it jumps up {times(found, 'time')}"
    if losses[lowest] < HARDLY * min(losses[0], losses[-1]):
        yield f"after {times(lowest, 'epoch')} it was down at {number(losses[lowest])}"


def number(x: float) -> str:
    """Return a number with three digits, and without an exponent where none is needed."""
    return f"{x:.0f}" if 100 <= x < 1e6 else f"{x:.3g}"
