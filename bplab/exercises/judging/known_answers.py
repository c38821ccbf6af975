"""What the functions with known mistakes answer: asked once for each case."""

import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from bplab.exercises.steps import Memory, Variant
from bplab.exercises.task import Case, Exercise
from bplab.learner import Answer, Raised, as_arrays

__all__ = ["KnownAnswers", "known_answers", "unwarned"]


class KnownAnswers:
    """Answers of known functions, none of which changes its arguments, to one case.

    Asked of thousands of variants of one program it computes what they have in common once.
    """

    def __init__(self, exercise: Exercise, case: Case):
        self._layered, self._memory = exercise.layered, Memory()
        self._given = tuple(case.arguments(exercise.arguments).values())
        self._answers: dict[int, tuple[Answer, Callable[..., Any]]] = {}

    def of(self, wrong: Callable[..., Any]) -> Answer:
        """Return the outcome of calling a known function."""
        if id(wrong) not in self._answers:
            # the function is kept, so that no other one gets its id
            self._answers[id(wrong)] = self._call(wrong), wrong
        return self._answers[id(wrong)][0]

    def _call(self, wrong: Callable[..., Any]) -> Answer:
        try:
            if isinstance(wrong, Variant):
                value = wrong.remembering(self._memory, *self._given)
            else:
                value = wrong(*self._given)
        except Exception as error:
            return Answer(raised=Raised(type(error).__name__, str(error)))
        parts, unusable = as_arrays(value, self._layered)
        return Answer(parts, None, unusable)


_asked: dict[tuple[int, int], KnownAnswers] = {}


def known_answers(exercise: Exercise, case: Case) -> KnownAnswers:
    """Return what is known to be answered to this case.

    Who grades a class asks the same for every submission: it is kept for as long as the case is.
    """
    key = id(exercise), id(case)
    if key not in _asked:
        _asked[key] = KnownAnswers(exercise, case)
        weakref.finalize(case, _asked.pop, key, None)
    return _asked[key]


@contextmanager
def unwarned() -> Iterator[None]:
    """Let wrong functions divide by zero, and overflow."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
