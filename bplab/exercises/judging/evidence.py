"""One part of a wrong answer beside the right one, and when agreement is evidence.

Each measurement says what evidence it has: how many different numbers agree with it beyond those
that it was free to choose. A factor is free to choose one number: that one scalar is "the right one
times a number" says nothing, and that ten scalars share one factor says a lot.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bplab.exercises.judging.shared import set_apart
from bplab.exercises.judging.trial import BY_DIFFERENCES, Trial, right_entries
from bplab.exercises.task import Case, Part, Slip, perhaps

__all__ = ["ENOUGH", "Compared", "Look", "Words", "agree", "by_differences", "different"]

ENOUGH = 3
"""This many different numbers must agree with a measurement beyond those that it may choose."""


@dataclass(frozen=True)
class Compared:
    """An array of an answer beside the right one."""

    case: Case
    layer: int  # how far its layer is from the last
    came: np.ndarray
    right: np.ndarray
    entries: np.ndarray  # which are right

    def all_right(self) -> bool:
        """Whether every entry is right."""
        return bool(self.entries.all())

    def step(self, start: str) -> "Compared":
        """Return what has been subtracted from an argument, beside what should be."""
        weights = self.case.arguments((start,))[start].astype(np.float64)
        return replace(self, came=weights - self.came, right=weights - self.right)

    def slope(self, start: str) -> "Compared":
        """Return by what gamma has been multiplied, to the digits that the weights have left."""
        step, gamma = self.step(start), self.case.arguments(("gamma",))["gamma"]
        size = np.abs(step.came).max(initial=0) / gamma
        came = np.round(step.came / gamma, 9 - int(np.ceil(np.log10(size or 1))))
        return replace(step, came=came, right=step.right / gamma)


@dataclass(frozen=True)
class Look:
    """One part of the answers beside the reference's: all its arrays in all cases."""

    trial: Trial
    part: Part
    arrays: list[Compared]

    @classmethod
    def at(cls, trial: Trial, k: int) -> "Look":
        """Look at part ``k`` of every answer."""
        arrays = []
        for i, case in enumerate(trial.cases):
            came, right = trial.part(k, trial.answers[i]), trial.right_part(k, i)
            if came is None:
                continue  # never: answers of a wrong form have been told apart before
            arrays += [
                Compared(case, len(right) - 1 - d, a, b, right_entries(a, b, trial.exercise.rtol))
                for d, (a, b) in enumerate(zip(came, right, strict=True))
            ]
        return cls(trial, trial.exercise.parts[k], arrays)

    @property
    def name(self) -> str:
        """What the part is called."""
        return self.part.name

    def all_right(self) -> bool:
        """Whether every entry of every array is right."""
        return all(array.all_right() for array in self.arrays)

    def steps(self) -> "Look":
        """Return steps in place of weights, where the answer has moved them; else what came.

        A factor of a step is none of the new weights.
        """
        exercise = self.trial.exercise
        if not exercise.moves:
            return self
        start = exercise.moves[exercise.parts.index(self.part)]
        return replace(self, arrays=[array.step(start) for array in self.arrays])

    def slopes(self) -> "Look":
        """Return gradients in place of weights, where the answer has moved them against these."""
        exercise = self.trial.exercise
        if not exercise.moves:
            return self
        start = exercise.moves[exercise.parts.index(self.part)]
        return replace(self, arrays=[array.slope(start) for array in self.arrays])

    def right_cases(self) -> list[bool]:
        """Return for each case whether this part of the answer is right."""
        wrong = {id(array.case) for array in self.arrays if not array.all_right()}
        return [id(case) not in wrong for case in self.trial.cases]

    def where_apart(self, right: Sequence[bool]) -> str:
        """Say where this part is right, or where it is wrong: what decides it, if known."""
        trial = self.trial
        k = trial.exercise.parts.index(self.part)

        def ask(cases: Sequence[Case]) -> list[bool]:
            further = Trial.run(trial.exercise, trial.learner, cases)
            return [further.part_right(k, i) for i in range(len(cases))]

        return set_apart(trial.exercise, trial.cases, right, ask)

    def perhaps(self, *slips: Slip) -> str:
        """Name the slips that are possible, as far as the code can be read."""
        return perhaps(slips, self.trial.held)

    def scalar(self) -> bool:
        """Whether it is one number in every case."""
        return all(array.right.ndim == 0 for array in self.arrays)

    def where(self, holds: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
        """Whether something holds of every array and the right one."""
        return all(holds(array.came, array.right) for array in self.arrays)


Words = tuple[str, str, str] | None


def different(numbers: Iterable[np.ndarray]) -> int:
    """Return how many different numbers there are, without zero and what rounding left of it."""
    found: set[str] = set()
    for array in numbers:
        scale = np.abs(array).max(initial=0)
        found |= {f"{x:.9e}" for x in array.flat if abs(x) > 1e-12 * scale}
    return len(found)


def agree(numbers: Iterable[np.ndarray], chosen: int = 0) -> bool:
    """Whether enough different numbers agree with a measurement that chose some itself."""
    return different(numbers) - chosen >= ENOUGH


def by_differences(trial: Trial) -> bool:
    """Whether right answers come of finite differences, and need not be exact."""
    return trial.exercise.rtol > BY_DIFFERENCES
