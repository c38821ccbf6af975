"""Functions judged on cases that are drawn once: what many tests of one exercise share."""

from functools import lru_cache

from bplab.exercises import EXERCISES
from bplab.exercises.judging import Finding, Here, Trial, diagnose, right_answers
from bplab.exercises.task import VISIBLE, generator, hidden_kind

HIDDEN = hidden_kind("")
"""The kind of hidden cases where nobody has set a secret."""


@lru_cache(64)  # 2 MB each: visible and hidden ones of every exercise
def drawn(id, kind=VISIBLE):
    """Return an exercise's cases of a kind, and the right answers to them."""
    exercise = EXERCISES[id]
    cases = exercise.cases(generator(exercise, kind))
    return cases, right_answers(exercise, cases)


def all_right(id, function, kind=VISIBLE) -> bool:
    """Whether every answer of a function is right: what is wrong with others is not asked."""
    return Trial.run(EXERCISES[id], Here(function), *drawn(id, kind)).all_right()


def found(id, function, kind=VISIBLE) -> Finding | None:
    """Return what `check` finds wrong with a function; None if it passes."""
    return diagnose(Trial.run(EXERCISES[id], Here(function), *drawn(id, kind)))
