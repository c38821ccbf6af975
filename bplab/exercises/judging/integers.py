"""Whether an answer is wrong only because an argument is an array of integers.

An array with the dtype of such an argument cuts off what is stored in it. The numbers alone do not
show that, for what is cut may end as zero, or as any other number. So the function is called again
with the same numbers as floats, and with each argument alone as integers, to see which one matters.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bplab.exercises.judging.trial import (
    Finding,
    Trial,
    alike,
    holds_integers,
    known_answers,
    right_entries,
)
from bplab.exercises.task import Case, ChangedCase, Mistake, Slip, perhaps

FARTHER = 1000
"""With targets this many times as large, little of what is cut vanishes: it tells more."""


def wrong_for_integers(trial: Trial) -> Finding | None:
    """Say that the wrong parts are right for floats, and wrong for the same numbers as integers.

    None if that is not so. The answer must be wrong only in cases with integers.
    """
    exercise, right = trial.exercise, trial.right_parts()
    parts = [k for k, part in enumerate(exercise.parts) if part not in right]
    pairs = [_pairs(trial, k) for k in parts]
    if not all(pairs):
        return None  # it raises, or did not return numbers of the right shapes
    wrong = [i for i in range(len(trial.cases)) if not all(trial.part_right(k, i) for k in parts)]
    cases = [trial.cases[i] for i in wrong]
    references = [trial.references[i] for i in wrong]
    names = _integer_arguments(cases, exercise.arguments)

    def right_with(kept: Iterable[str]) -> bool:
        cast = [_Cast(case, frozenset(kept)) for case in cases]
        again = Trial.run(exercise, trial.learner, cast, references)
        return all(again.part_right(k, i) for k in parts for i in range(len(cases)))

    if not right_with(()):
        return None
    guilty = [name for name in names if not right_with([name])] if len(names) > 1 else names
    which = " or ".join(guilty) or " and ".join(names)
    hold, one = ("hold", "them") if not guilty else ("holds", which)
    where = f"where {which} {hold} integers"
    them = " and ".join(exercise.parts[k].name for k in parts)
    are = "are" if len(parts) > 1 else "is"
    cut = all(np.array_equal(a, _cut(b)) for its in pairs for a, b in its)
    shows = all(any(a.any() for a, _ in its) for its in pairs)
    source = guilty[0] if guilty else names[0]
    ways = f"zeros_like({source}), {source}.copy(), dtype={source}.dtype or .astype({source}.dtype)"
    says = (
        f"{them} {are} cut to whole numbers {where}."
        if cut and shows
        else f"{them} {are} wrong only {where}: with the same numbers as floats "
        f"{'they are' if len(parts) > 1 else 'it is'} right."
    )
    return Finding(
        "integers-truncated" if cut else "wrong-for-integers",
        f"{trial.right_words()}{says}",
        f"An array with the dtype of {one} is one of integers then, and cuts off what is stored "
        f"in it; np.zeros(…) holds floats. {perhaps((Slip(ways),))}"
        if cut
        else f"Does your function store numbers in an array of the dtype of {one}, as by {ways}? "
        "That cuts them off; np.zeros(…) holds floats. Or does it ask for that dtype?",
        "code",
        trial.seen(),
    )


def stands(mistake: Mistake, trial: Trial) -> bool:
    """Whether a known mistake, seen only where there are integers, fits in further cases too.

    In these cases all arguments hold integers, or one, or none, and the targets may be far from the
    outputs: then different ways of cutting numbers give different answers.
    """
    exercise = trial.exercise
    cases = [case for i, case in enumerate(trial.cases) if not trial.right(i)]
    names = _integer_arguments(cases, exercise.arguments)
    kept = [frozenset(names), frozenset(), *(frozenset({name}) for name in names)]
    asked = [_Cast(case, these, by) for case in cases for by in (1, FARTHER) for these in kept]
    return all(
        alike(came, known_answers(exercise, case).of(mistake.wrong))
        for case, came in zip(asked, trial.learner.answers(exercise, asked), strict=True)
    )


def _integer_arguments(cases: Sequence[Case], names: Iterable[str]) -> list[str]:
    """Return the arguments that hold integers in some of these cases."""
    return [n for n in names if any(holds_integers(case.arguments([n])[n]) for case in cases)]


def _cut(right: np.ndarray) -> np.ndarray:
    """Return what numbers become if stored as integers: rounded if nearly whole, else cut."""
    near = np.rint(right)
    return np.where(np.isclose(right, near, rtol=0, atol=1e-9), near, np.trunc(right))


def _pairs(trial: Trial, k: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the wrong arrays of a part, each with the right one.

    The list is empty if some array has another shape or holds numbers that are not finite.
    """
    found = []
    for i, answer in enumerate(trial.answers):
        came, right = trial.part(k, answer), trial.right_part(k, i)
        if came is None or [a.shape for a in came] != [b.shape for b in right]:
            return []
        found += [
            (a, b)
            for a, b in zip(came, right, strict=True)
            if not right_entries(a, b, trial.exercise.rtol).all()
        ]
    return found if all(np.isfinite(a).all() for a, _ in found) else []


@dataclass(frozen=True)
class _Cast(ChangedCase):
    """The case with its arrays of integers as floats, except in the arguments ``kept``."""

    kept: frozenset[str]
    farther: int = 1  # how many times as large the targets are

    def change(self) -> Callable[[str, np.ndarray], np.ndarray]:
        def cast(name: str, array: np.ndarray) -> np.ndarray:
            if name == "Y":
                array = self.farther * array
            integers = array.dtype.kind in "iu" and name not in self.kept
            return array.astype(np.float64) if integers else array

        return cast
