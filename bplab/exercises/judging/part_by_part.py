"""Answers of several parts, where each wrong part is that of a known mistake.

Value and derivative, or two gradients, may be written one without the other. Then a mistake in
one of them does not spoil the other, and two mistakes need not meet.
"""

from dataclasses import dataclass

from numpy.typing import NDArray

from bplab.exercises.judging.known_answers import known_answers, unwarned
from bplab.exercises.judging.near import alike, near, right_entries
from bplab.exercises.judging.trial import Finding, Trial
from bplab.exercises.judging.two_mistakes import AT_ONCE, tell
from bplab.exercises.task.exercise import Mistake, Part
from bplab.learner import Answer

__all__ = ["Parts", "part_by_part"]


@dataclass(frozen=True)
class Parts:
    """A trial's answers, taken apart: they have as many arrays as there should be."""

    trial: Trial

    @classmethod
    def of(cls, trial: Trial) -> "Parts | None":
        """Return them, or None if some answer has more arrays, or fewer, or none at all."""
        for answer, reference in zip(trial.answers, trial.references, strict=True):
            if answer.parts is None or len(answer.parts) != len(reference):
                return None
        return cls(trial)

    def arrays(self, k: int, i: int, answer: Answer) -> tuple[NDArray, ...] | None:
        """Return part ``k`` of an answer to case ``i``: an array, or one for each layer."""
        case, parts = self.trial.cases[i], self.trial.exercise.parts
        start = sum(len(part.arrays(case)) for part in parts[:k])
        if answer.parts is None or len(answer.parts) != len(self.trial.references[i]):
            return None
        return answer.parts[start : start + len(parts[k].arrays(case))]

    def right(self, k: int) -> bool:
        """Whether part ``k`` is right in every case."""
        return all(
            came.shape == right.shape and right_entries(came, right, self.trial.exercise.rtol).all()
            for i in range(len(self.trial.cases))
            for came, right in self._pairs(k, i, Answer(self.trial.references[i]))
        )

    def is_of(self, k: int, mistake: Mistake) -> bool:
        """Whether part ``k`` is that of a known mistake, in every case."""
        shows = False
        for i, case in enumerate(self.trial.cases):
            known = known_answers(self.trial.exercise, case).of(mistake.wrong)
            if self.arrays(k, i, known) is None:
                return False
            if not all(near(a, b, 1e-7, 1e-7) for a, b in self._pairs(k, i, known)):
                return False
            right = self.arrays(k, i, Answer(self.trial.references[i]))
            theirs = self.arrays(k, i, known)
            shows = shows or not alike(Answer(theirs), Answer(right))
        return shows and tell(
            a for i, answer in enumerate(self.trial.answers) for a in self.arrays(k, i, answer)
        )

    def _pairs(self, k: int, i: int, other: Answer) -> zip:
        ours = self.arrays(k, i, self.trial.answers[i])
        return zip(ours, self.arrays(k, i, other), strict=True)


def part_by_part(trial: Trial) -> Finding | None:
    """Name the mistake in each of the parts that are wrong, if all of them are known."""
    parts = Parts.of(trial) if len(trial.exercise.parts) > 1 else None
    if parts is None:
        return None
    found: list[tuple[Part, Mistake]] = []
    right: list[Part] = []
    with unwarned():
        for k, part in enumerate(trial.exercise.parts):
            if parts.right(k):
                right.append(part)
                continue
            known = (mistake for mistake in trial.exercise.mistakes if parts.is_of(k, mistake))
            if (mistake := next(known, None)) is None:
                return None
            found.append((part, mistake))
    return _finding(right, found, trial.seen())


def _finding(right: list[Part], found: list[tuple[Part, Mistake]], seen: str) -> Finding:
    alone = len(found) == 1
    begin = f"{', '.join(part.name for part in right)} is right." if right else AT_ONCE
    return Finding(
        "+".join(dict.fromkeys(mistake.name for _, mistake in found)),
        " ".join((begin, *(f"In {part.name}: {mistake.says}" for part, mistake in found))),
        found[0][1].hint
        if alone
        else " ".join(f"In {part.name}: {mistake.hint}" for part, mistake in found),
        " and ".join(dict.fromkeys(str(mistake.subgoal) for _, mistake in found)),
        seen,
    )
