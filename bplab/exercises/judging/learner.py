"""A learner's function, wherever it runs: here, or in a kernel that only evaluates it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from bplab.exercises.task import Case, Challenge, Exercise, Split
from bplab.learner import Answer, Lesson, call, evaluated_at, lesson

__all__ = ["Here", "Learner", "answer"]


class Learner(Protocol):
    """A learner's function: everything that is asked of it."""

    def answers(self, exercise: Exercise, cases: Sequence[Case]) -> list[Answer]:
        """Call it on copies of each case's values, one after the other; keep the outcomes."""

    def evaluated_at(self, exercise: Exercise, case: Case) -> list[NDArray]:
        """Return where it evaluates the activations that it is given, call by call."""

    def learn(self, challenge: Challenge, split: Split, seconds: float) -> Lesson:
        """Give it a lesson on copies of the split's arrays."""


@dataclass(frozen=True)
class Here:
    """A function of this process."""

    function: Callable[..., Any]

    def answers(self, exercise: Exercise, cases: Sequence[Case]) -> list[Answer]:
        """See `Learner`."""
        return [answer(exercise, self.function, case) for case in cases]

    def evaluated_at(self, exercise: Exercise, case: Case) -> list[NDArray]:
        """See `Learner`."""
        return evaluated_at(self.function, case.arguments(exercise.arguments))

    def learn(self, challenge: Challenge, split: Split, seconds: float) -> Lesson:
        """See `Learner`."""
        return lesson(self.function, split.arguments(), seconds)


def answer(exercise: Exercise, function: Callable[..., Any], case: Case) -> Answer:
    """Call a function of this process on copies of the case's values and keep the outcome."""
    return call(function, case.arguments(exercise.arguments), exercise.layered)
