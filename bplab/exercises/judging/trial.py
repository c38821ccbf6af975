"""A learner's function tried on every case, beside the reference and the second opinion."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.exercises.judging.learner import Learner
from bplab.exercises.task import Case, Exercise, Part
from bplab.learner import Answer, as_arrays

RTOL_FLOAT32, ATOL_FLOAT32 = 1e-4, 1e-5


def alike(a: Answer, b: Answer, rtol: float = 1e-7, atol: float = 1e-7) -> bool:
    """Whether two calls ended alike: equal arrays, or the same kind of failure."""
    if a.parts is None or b.parts is None:
        kinds = [answer.raised and answer.raised.kind for answer in (a, b)]
        return a.parts is b.parts and kinds[0] == kinds[1] and a.unusable == b.unusable
    return len(a.parts) == len(b.parts) and all(
        near(x, y, rtol, atol) for x, y in zip(a.parts, b.parts, strict=True)
    )


def near(a: NDArray, b: NDArray, rtol: float, atol: float) -> bool:
    """Whether two arrays have one shape, and every entry agrees (NaN with NaN)."""
    return a.shape == b.shape and bool(_close_entries(a, b, rtol, atol).all())


def _close_entries(a: NDArray, b: NDArray, rtol: float, atol: float) -> NDArray:
    """Entrywise agreement of equal shapes; ``atol`` counts in units of the largest |b|."""
    finite = np.abs(b[np.isfinite(b)])
    scale = finite.max() if finite.size else 0.0
    return np.isclose(a, b, rtol=rtol, atol=atol * scale, equal_nan=True)


def right_entries(part: NDArray, reference: NDArray, rtol: float) -> NDArray:
    """Which entries of a part are right, in the precision the part came in.

    Near is meant relative to the entry, and a hundredth of that to the largest entry of its
    part. Another order of summation differs by 1e-15, a finite difference by 1e-9 or more.
    """
    if part.dtype == np.float32:
        return _close_entries(part, reference, max(rtol, RTOL_FLOAT32), ATOL_FLOAT32)
    return _close_entries(part, reference, rtol, rtol / 100)


_AXES = {"N": "example", "K": "output", "M": "hidden unit", "p": "feature"}
_AXES |= {"M_{d-1}": "input", "M_{D-1}": "input"}  # of a layer: X for the first, else Z


@dataclass(frozen=True)
class Trial:
    """A learner's function run on every case, beside the reference."""

    exercise: Exercise
    learner: Learner
    cases: Sequence[Case]
    answers: Sequence[Answer]
    references: Sequence[tuple[NDArray, ...]]
    again: Answer  # the first case once more, after all the others

    @classmethod
    def run(
        cls,
        exercise: Exercise,
        learner: Learner,
        cases: Sequence[Case],
        references: Sequence[tuple[NDArray, ...]] = (),
    ) -> "Trial":
        """Call the function on every case, and once more on the first.

        ``references`` are the right answers, if somebody has them: else they are worked out.
        """
        *answers, again = learner.answers(exercise, [*cases, cases[0]])
        references = references or right_answers(exercise, cases)
        return cls(exercise, learner, cases, answers, references, again)

    def all_right(self) -> bool:
        """Whether every answer is right."""
        return all(self.right(i) for i in range(len(self.cases)))

    def right(self, i: int) -> bool:
        """Whether the answer to case ``i`` is right in number, shape and value of its parts."""
        parts, reference = self.answers[i].parts, self.references[i]
        return (
            parts is not None
            and len(parts) == len(reference)
            and all(
                a.shape == b.shape and right_entries(a, b, self.exercise.rtol).all()
                for a, b in zip(parts, reference, strict=True)
            )
        )

    def seen(self) -> str:
        """Return the first wrong entry beside the second opinion's number, and no more."""
        for i, case in enumerate(self.cases):
            parts = self.answers[i].parts
            if self.right(i) or parts is None:
                continue
            arrays = self.exercise.arrays(case)
            if len(parts) != len(arrays):
                return f"Case {case}: {len(parts)} arrays instead of {len(arrays)}."
            opinions = self.exercise.second_opinion(case)
            for part, came, right, opinion in zip(
                arrays, parts, self.references[i], opinions, strict=True
            ):
                if came.shape != right.shape:
                    shapes = f"should have shape {right.shape}; got {came.shape}"
                    return f"Case {case}: {part.name} {shapes}."
                wrong = np.argwhere(~right_entries(came, right, self.exercise.rtol))
                if len(wrong) == 0 or opinion is None:
                    continue
                index = tuple(int(j) for j in wrong[0])
                return (
                    f"Case {case}: {entry_words(part, index)} is {came[index]:.6g}; "
                    f"{self.exercise.judge} say{'s' * (not self.exercise.judge.endswith('of R'))} "
                    f"{np.asarray(opinion)[index]:.6g}."
                )
        return ""


def right_answers(exercise: Exercise, cases: Sequence[Case]) -> list[tuple[NDArray, ...]]:
    """Return the reference's arrays, case by case."""
    return [_reference(exercise, case) for case in cases]


def _reference(exercise: Exercise, case: Case) -> tuple[NDArray, ...]:
    value = exercise.reference(*case.arguments(exercise.arguments).values())
    arrays, _ = as_arrays(value, exercise.layered)
    return tuple(np.asarray(array, dtype=np.float64) for array in arrays)


def entry_words(part: Part, index: tuple[int, ...]) -> str:
    """Name an entry in words: ``grad_beta[0, 2] (output 1, weight of hidden unit 2)``."""
    words = []
    for axis, i in zip(part.axes, index, strict=True):
        kind = _AXES.get(axis.removesuffix("+1")) or _AXES.get(axis[0])
        if kind is None:
            continue  # only a size: the index says enough
        if axis.endswith("+1"):
            words.append("bias" if i == 0 else f"weight of {kind} {i}")
        else:
            words.append(f"{kind} {i + 1}")
    where = f"[{', '.join(map(str, index))}]" if index else ""
    named = f" ({', '.join(words)})" if words else ""
    return f"{part.name}{where}{named}"
