"""Two mistakes at once: the learner's answers are compared with those of all pairs of mistakes.

A pair is named only if it ends as the learner's function does in *every* case, and shows by numbers
in some; if neither mistake alone is enough; and if no other pair fits as well. If several fit, the
mistake that all of them share is still named. Thousands of pairs are tried in a fraction of a
second, because most fail on one small case, and because what their functions have in common is
computed once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from bplab.exercises.judging.floating import may_be
from bplab.exercises.judging.trial import Finding, Trial, alike, known_answers, unwarned
from bplab.exercises.steps import GIVEN, RETURNED, SIGN, Variant, both
from bplab.exercises.task import Case, Exercise, Mistake, Part, Subgoal
from bplab.learner import Answer

# --- every pair ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two mistakes, and ``wrong``, the function that makes both."""

    first: Mistake
    second: Mistake
    wrong: Variant = field(repr=False)

    @property
    def name(self) -> str:
        """Both names joined by +, in the order of the exercise's mistakes."""
        return f"{self.first.name}+{self.second.name}"


def pairs(mistakes: Sequence[Mistake]) -> Iterator[Pair]:
    """Yield every pair of mistakes that can be made together, with the function that makes both.

    Mistakes that are only looked for alone are left out. If both change the finished answer, or
    both change the arguments, their order may matter: then the pair comes in both orders.
    """
    for first, second in combinations([m for m in mistakes if not m.alone], 2):
        if _is_no_wrong_sign(first, second) or _is_no_wrong_sign(second, first):
            continue
        orders = [both(first.wrong, second.wrong)]
        if _same_end(first, second):
            orders.append(both(second.wrong, first.wrong))
        for wrong in orders:
            if wrong is not None:
                yield Pair(first, second, wrong)


def _is_no_wrong_sign(first: Mistake, second: Mistake) -> bool:
    """Whether the sign may be right, that of 2 (f − y): then the second mistake is the only one."""
    return first.name == SIGN and second.either_sign


def _same_end(first: Mistake, second: Mistake) -> bool:
    changed = [m.wrong.changed if isinstance(m.wrong, Variant) else {} for m in (first, second)]
    return any(end in changed[0] and end in changed[1] for end in (GIVEN, RETURNED))


# --- the learner's answers and those of pairs ---------------------------------------------


AT_ONCE = "Two mistakes at once:"
"""The words for a pair begin with this; its name is both names with a + between them."""

_known: dict[
    int, tuple[Exercise[Any], tuple[Pair, ...]]
] = {}  # by the exercise's id; it is kept, so that no other gets it


FRACTIONS, ENTRIES = 3, 8
"""Agreement of this many different fractions, or unequal entries, is not by chance."""


def two_mistakes(trial: Trial) -> Finding | None:
    """Name two known mistakes that together end as the learner's function does."""
    if not _tells(trial):
        return None
    left = _pairs_of(trial.exercise)
    with unwarned():
        for i in _cheapest_first(trial):
            known = known_answers(trial.exercise, trial.cases[i])
            likely = trial.likeness(i)
            left = tuple(pair for pair in left if likely.is_like(known.of(pair.wrong)))
            if not left:
                return None
        left = tuple(
            pair
            for pair in left
            if shows(pair.wrong, trial, range(len(trial.cases)))
            and _blame_no_right_part(pair, trial)
            and may_be(pair.first.wrong, trial, pair.wrong)
            and may_be(pair.second.wrong, trial, pair.wrong)
            and may_be(pair.wrong, trial)  # two wrong signs may leave only NaN
        )
        left = tuple(pair for pair in left if _both_are_needed(pair, trial))
    if len({pair.name for pair in left}) == 1:
        return at_once(left[0].first, left[0].second, trial)
    return _in_all_of(left, trial)


def _in_all_of(left: Sequence[Pair], trial: Trial) -> Finding | None:
    """Name the mistake that is in every pair; which one the other is nobody can tell."""
    shared = [m for m in trial.exercise.mistakes if all(m in (p.first, p.second) for p in left)]
    if len(shared) != 1:  # without any pair, every mistake counts as shared
        return None
    (mistake,) = shared
    return Finding(
        mistake.name,
        f"{mistake.says} And something else is wrong, which more than one mistake explains.",
        trial.advice(mistake),
        mistake.subgoal,
        trial.seen(),
    )


def _both_are_needed(pair: Pair, trial: Trial) -> bool:
    """Whether neither mistake alone ends as the function does in every case."""
    return not any(
        all(
            trial.likeness(i).is_like(known_answers(trial.exercise, case).of(mistake.wrong))
            for i, case in enumerate(trial.cases)
        )
        for mistake in (pair.first, pair.second)
    )


def _blame_no_right_part(pair: Pair, trial: Trial) -> bool:
    """Whether each mistake, made alone, spoils a part that is wrong.

    A wrong value, and a mistake in computing the slope from it, may together give the right slope.
    But it is far-fetched that two mistakes made it right: the slope comes from the formula, and one
    mistake, in the value, is enough.
    """
    right, parts = trial.right_parts(), trial.exercise.parts
    return not right or all(
        any(parts[k] not in right for k in _spoilt_parts(mistake, trial))
        for mistake in (pair.first, pair.second)
    )


def _spoilt_parts(mistake: Mistake, trial: Trial) -> set[int]:
    """Return the indices of the parts that a mistake spoils when it is made alone."""
    return {
        k
        for i, case in enumerate(trial.cases)
        for k in range(len(trial.exercise.parts))
        if (came := trial.part(k, known_answers(trial.exercise, case).of(mistake.wrong))) is None
        or not alike(Answer((came,)), Answer((trial.right_part(k, i),)))
    }


def shows(wrong: Callable[..., Any], trial: Trial, among: Iterable[int]) -> bool:
    """Whether a known function is wrong in some of these cases, by more than a lack of precision.

    If it were not, an answer that is nearly right would look like this mistake.
    """
    return any(
        not alike(known_answers(trial.exercise, trial.cases[i]).of(wrong), trial.right_answer(i))
        for i in among
    )


def at_once(first: Mistake, second: Mistake, trial: Trial) -> Finding:
    """Return the finding that names both mistakes."""
    steps = dict.fromkeys(str(mistake.subgoal) for mistake in (first, second))
    return Finding(
        f"{first.name}+{second.name}",
        f"{AT_ONCE} (1) {first.says} (2) {second.says}",
        f"(1) {trial.advice(first)} (2) {trial.advice(second)}",
        " and ".join(steps),
        trial.seen(),
    )


def _pairs_of(exercise: Exercise[Any]) -> tuple[Pair, ...]:
    if id(exercise) not in _known:
        _known[id(exercise)] = exercise, tuple(pairs(exercise.mistakes))
    return _known[id(exercise)][1]


def _tells(trial: Trial) -> bool:
    """Whether the wrong answers hold enough numbers to judge by: not only NaN, or one number."""
    wrong = [answer for i, answer in enumerate(trial.answers) if not trial.right(i)]
    return tell(part for answer in wrong for part in answer.arrays or ())


def tell(arrays: Iterable[np.ndarray]) -> bool:
    """Whether the finite numbers in these arrays are enough to judge by, and not all the same."""
    numbers = np.concatenate([np.empty(0), *(array.ravel() for array in arrays)])
    numbers = numbers[np.isfinite(numbers)]
    fractions = numbers[numbers != np.rint(numbers)]
    return len(np.unique(fractions)) >= FRACTIONS or (
        len(numbers) >= ENTRIES and len(np.unique(numbers)) > 1
    )


def _cheapest_first(trial: Trial) -> list[int]:
    """Return the indices of the cases in the order of trying: fewest numbers first."""
    sizes = [
        sum(np.size(part) for part in reference) * _examples(case)
        for case, reference in zip(trial.cases, trial.references, strict=True)
    ]
    return sorted(range(len(sizes)), key=sizes.__getitem__)


def _examples(case: Case) -> int:
    return case.sizes.get("N", 1)


# --- a known mistake in each part, or in one while others are right -----------------------


def part_by_part(trial: Trial) -> Finding | None:
    """Name the mistake in each wrong part, if all of them are known.

    Value and derivative, or two gradients, may be computed independently. Then a mistake in one of
    them does not spoil the other, and two mistakes need not affect the same part.
    """
    if len(trial.exercise.parts) < 2 or any(answer.arrays is None for answer in trial.answers):
        return None
    found: list[tuple[Part, Mistake]] = []
    right = trial.right_parts()
    with unwarned():
        for k, part in enumerate(trial.exercise.parts):
            if part in right:
                continue
            known = (
                mistake
                for mistake in trial.exercise.mistakes
                if _of_part(trial, k, mistake)
                and _speaks_of(trial, k, mistake)
                and may_be(mistake.wrong, trial)
            )
            if (mistake := next(known, None)) is None:
                return None
            found.append((part, mistake))
    with unwarned():
        steps = [
            str(mistake.subgoal)
            for _, mistake in found
            if not any(trial.exercise.parts[k] in right for k in _spoilt_parts(mistake, trial))
        ]
    return _part_by_part(trial, found, steps)


def _of_part(trial: Trial, k: int, mistake: Mistake) -> bool:
    """Whether part ``k`` is what a known mistake gives in every case, and wrong in some."""
    shows = False
    numbers: list[np.ndarray] = []
    for i, case in enumerate(trial.cases):
        known = known_answers(trial.exercise, case).of(mistake.wrong)
        ours, theirs = trial.part(k, trial.answers[i]), trial.part(k, known)
        if ours is None or theirs is None or not alike(Answer((ours,)), Answer((theirs,))):
            return False
        shows = shows or not alike(Answer((theirs,)), Answer((trial.right_part(k, i),)))
        numbers += ours
    return shows and tell(numbers)


def _speaks_of(trial: Trial, k: int, mistake: Mistake) -> bool:
    """Whether the words of a mistake may be said of part ``k`` alone.

    A wrong piece has words for that piece. A whole function, or a change to what it returns, has
    words for all parts together, unless it spoils only part ``k``. Words that name another part are
    not said of this one.
    """
    if mistake.part not in ("", trial.exercise.parts[k].name):
        return False
    if isinstance(mistake.wrong, Variant) and RETURNED not in mistake.wrong.changed:
        return True
    return _spoilt_parts(mistake, trial) <= {k}


def _in(trial: Trial, part: Part, mistake: Mistake) -> str:
    """Say in which part a mistake is.

    If a mistake in delta is seen in another part, the delta that the answer itself holds may be
    right.
    """
    delta = next((p for p in trial.exercise.parts if p.name == "delta"), part)
    of_delta = mistake.subgoal in (Subgoal.RESIDUAL, Subgoal.OUTPUT_DELTA)
    other = ", as if it were made of another delta" if of_delta and part != delta else ""
    return f"In {part.name}{other}"


def _part_by_part(trial: Trial, found: list[tuple[Part, Mistake]], steps: Sequence[str]) -> Finding:
    """Name each mistake with its part.

    ``steps`` leaves out a step whose result is right elsewhere in the answer.
    """
    alone = len(found) == 1
    begin = trial.right_words().rstrip() or AT_ONCE
    return Finding(
        "+".join(dict.fromkeys(mistake.name for _, mistake in found)),
        " ".join((begin, *(f"{_in(trial, *one)}: {one[1].says}" for one in found))),
        trial.advice(found[0][1])
        if alone
        else " ".join(f"In {part.name}: {trial.advice(mistake)}" for part, mistake in found),
        " and ".join(dict.fromkeys(steps)),
        trial.seen(),
    )
