"""One part of a wrong answer compared with the right one, and when agreement is evidence.

Each measurement says what its evidence is: how many different numbers agree with it beyond those
that it was free to choose. A factor is one free number. So it says nothing that one scalar is "the
right one times a number", but a lot that ten scalars share one factor.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bplab.exercises.judging.shared import set_apart
from bplab.exercises.judging.trial import BY_DIFFERENCES, Trial, right_entries
from bplab.exercises.task import Case, Part, Slip, perhaps

__all__ = ["ENOUGH", "Compared", "Look", "Words", "agree", "by_differences", "different"]

ENOUGH = 3
"""This many different numbers must agree with a measurement beyond those that it chooses."""


@dataclass(frozen=True)
class Compared:
    """An array of an answer, and the right one."""

    case: Case
    layer: int  # how far its layer is from the last one
    came: np.ndarray
    right: np.ndarray
    entries: np.ndarray  # which entries are right

    def all_right(self) -> bool:
        """Whether every entry is right."""
        return bool(self.entries.all())

    def step(self, start: str) -> "Compared":
        """Return the array that was subtracted from an argument, and the one that should be."""
        weights = self.case.arguments((start,))[start].astype(np.float64)
        return replace(self, came=weights - self.came, right=weights - self.right)

    def slope(self, start: str) -> "Compared":
        """Return the array that gamma was multiplied by, to the digits left by the subtraction."""
        step, gamma = self.step(start), self.case.arguments(("gamma",))["gamma"]
        size = np.abs(step.came).max(initial=0) / gamma
        came = np.round(step.came / gamma, 9 - int(np.ceil(np.log10(size or 1))))
        return replace(step, came=came, right=step.right / gamma)


@dataclass(frozen=True)
class Look:
    """One part of the answers compared with the reference: all its arrays in all cases."""

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
                continue  # never: answers of a wrong form are found before
            arrays += [
                Compared(case, len(right) - 1 - d, a, b, right_entries(a, b, trial.exercise.rtol))
                for d, (a, b) in enumerate(zip(came, right, strict=True))
            ]
        return cls(trial, trial.exercise.parts[k], arrays)

    @property
    def name(self) -> str:
        """The name of the part."""
        return self.part.name

    def all_right(self) -> bool:
        """Whether every entry of every array is right."""
        return all(array.all_right() for array in self.arrays)

    def steps(self) -> "Look":
        """Return the steps in place of the new weights, if the exercise moves them; else itself.

        A factor of a step does not show as a factor of the new weights.
        """
        exercise = self.trial.exercise
        if not exercise.moves:
            return self
        start = exercise.moves[exercise.parts.index(self.part)]
        return replace(self, arrays=[array.step(start) for array in self.arrays])

    def slopes(self) -> "Look":
        """Return the gradients in place of the new weights, if the exercise moves them."""
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
        """Say where this part is right, or where it is wrong; empty if nothing decides it."""
        trial = self.trial
        k = trial.exercise.parts.index(self.part)

        def ask(cases: Sequence[Case]) -> list[bool]:
            further = Trial.run(trial.exercise, trial.learner, cases)
            return [further.part_right(k, i) for i in range(len(cases))]

        return set_apart(trial.exercise, trial.cases, right, ask)

    def perhaps(self, *slips: Slip) -> str:
        """Name the slips that are possible, given the code as far as it can be read."""
        return perhaps(slips, self.trial.held)

    def scalar(self) -> bool:
        """Whether the part is a single number in every case."""
        return all(array.right.ndim == 0 for array in self.arrays)

    def where(self, holds: Callable[[np.ndarray, np.ndarray], bool]) -> bool:
        """Whether something holds for every array and the right one."""
        return all(holds(array.came, array.right) for array in self.arrays)


Words = tuple[str, str, str] | None


def different(numbers: Iterable[np.ndarray]) -> int:
    """Return how many different numbers there are, without zeros and what rounding left of them."""
    found: set[str] = set()
    for array in numbers:
        scale = np.abs(array).max(initial=0)
        found |= {f"{x:.9e}" for x in array.flat if abs(x) > 1e-12 * scale}
    return len(found)


def agree(numbers: Iterable[np.ndarray], chosen: int = 0) -> bool:
    """Whether enough different numbers agree with a measurement that chose ``chosen`` of them."""
    return different(numbers) - chosen >= ENOUGH


def by_differences(trial: Trial) -> bool:
    """Whether right answers come from finite differences, and need not be exact."""
    return trial.exercise.rtol > BY_DIFFERENCES
