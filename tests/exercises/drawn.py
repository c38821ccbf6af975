"""Functions judged on cases that are drawn once: what many tests of one exercise share."""

from functools import lru_cache

from bplab.exercises import EXERCISES
from bplab.exercises.judging import (
    Finding,
    Here,
    Trial,
    answer,
    diagnose,
    known_answers,
    right_answers,
    unwarned,
)
from bplab.exercises.task import VISIBLE, generator, hidden_kind, visible_cases
from tests.thorough import ALL, one_of

HIDDEN = hidden_kind("")
"""The kind of hidden cases where nobody has set a secret."""

KINDS = [VISIBLE, *(hidden_kind(secret) for secret in ("one", "two") if ALL)]
EACH_KIND = one_of("kind", KINDS)
"""Parametrises a test. Kinds differ in their seeds; and what is known of cases, the answers of all
pairs of mistakes too, is found once for each kind: `make test` has one.
"""


@lru_cache(64)  # 2 MB each: visible and hidden ones of every exercise
def drawn(id, kind=VISIBLE):
    """Return an exercise's cases of a kind, and the right answers; `check`'s own visible ones."""
    exercise, visible = EXERCISES[id], kind == VISIBLE
    cases = visible_cases(exercise) if visible else exercise.cases(generator(exercise, kind))
    return cases, right_answers(exercise, cases)


def all_right(id, function, kind=VISIBLE) -> bool:
    """Whether every answer of a function is right: what is wrong with others is not asked."""
    return Trial.run(EXERCISES[id], Here(function), *drawn(id, kind)).all_right()


def found(id, function, kind=VISIBLE) -> Finding | None:
    """Return what `check` finds wrong with a function; None if it passes."""
    return diagnose(Trial.run(EXERCISES[id], Here(function), *drawn(id, kind)))


class Known(Here):
    """The function of a known mistake: what it answers is known, for others are compared with it.

    It is called all the same once in the first case, where it raises, and for `make test-all` in
    every case: what is known is what it answers.
    """

    def answers(self, exercise, cases):
        """See `Here`."""
        with unwarned():
            known = [known_answers(exercise, case).of(self.function) for case in cases]
        return [
            answer(exercise, self.function, case) if ALL or i == 0 or its.raised else its
            for i, (case, its) in enumerate(zip(cases, known, strict=True))
        ]


def found_known(id, function) -> Finding | None:
    """Return what `check` finds wrong with the function of a known mistake."""
    return diagnose(Trial.run(EXERCISES[id], Known(function), *drawn(id)))
