"""The first wrong line of a learner's function, when the mistake has no name.

The function's values are compared with the quantities of the derivation: that gives suspects. Then
small edits are tried, and a line is proven wrong if an edit there makes every answer right.

===============  =================================================================================
``quantities``   all that a right way may compute: named quantities, products, early sums
``matching``     which of these a value equals, up to sign, simple factor, order of axes, or part
``suspicion``    which steps are right so far, and which lines are suspected, in which order
``proof``        the line where a small edit makes every answer right, on new cases too
``values``       quantities by name, to be put into a function in place of its own values
``found``        the result, `FirstWrong`
``words``        the message
``differences``  quantities of the derivation by finite differences
``numbers``      the table: the value at the wrong line, and the value that is due there
===============  =================================================================================

How a run's values are recorded is in `bplab.learner.traced`, which knows no exercise.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from time import process_time
from typing import Any, TypeVar

from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.first_wrong.numbers import Entry, Numbers, numbers
from bplab.exercises.first_wrong.proof import fresh_cases, is_tried, proof
from bplab.exercises.first_wrong.suspicion import Reached, Run, Suspect, Suspicion, suspect
from bplab.exercises.first_wrong.values import distinct_values, is_all_that_is_wrong
from bplab.exercises.first_wrong.values import values as right_values
from bplab.exercises.first_wrong.words import QUOTED, all_words, place_words, right_so_far, words
from bplab.exercises.judging import Here, Trial
from bplab.exercises.task import Case, Exercise
from bplab.learner import Trace, put_back

__all__ = [
    "QUOTED",
    "Entry",
    "FirstWrong",
    "Numbers",
    "Reached",
    "Search",
    "Suspect",
    "Suspicion",
    "all_words",
    "distinct_values",
    "first_wrong",
    "fresh_cases",
    "is_all_that_is_wrong",
    "is_tried",
    "numbers",
    "place_words",
    "proof",
    "right_so_far",
    "right_values",
    "suspect",
    "suspect_elsewhere",
    "words",
]

Found = TypeVar("Found")

STRICT = False
"""Whether an error in the search is raised: tests want to see it, learners only their message."""

LOOKS = True
"""Whether a `Search` searches: that takes time, and most tests are about other things."""


def first_wrong(trial: Trial, spent: float = 0.0) -> FirstWrong | None:
    """Return the first wrong place of a function that is not right; None if it cannot be told.

    ``spent`` is the processor time of its check, in seconds: the longer the check took, the shorter
    the search.
    """
    if trial.all_right():
        return None
    began = process_time()
    suspicion = suspect(trial)
    if found := proof(trial, suspicion, spent + process_time() - began):
        return replace(found, reached=suspicion.reached if suspicion else ())
    if suspicion is None or not suspicion.suspects:
        return None
    at = suspicion.suspects[0].place
    return FirstWrong(at.line, at.begin, at.end, at.text, at.function, reached=suspicion.reached)


def suspect_elsewhere(
    exercise: Exercise[Any], cases: Sequence[Case], traces: Sequence[Trace]
) -> Suspicion:
    """Compare a function that ran elsewhere with the derivation.

    Parameters
    ----------
    exercise : Exercise
    cases : sequence of Case
    traces : sequence of Trace
        The values that its run had in each case.
    """
    return Suspicion.of(
        [
            Run(exercise, exercise.function, case, trace)
            for case, trace in zip(cases, traces, strict=True)
        ]
    )


class Search:
    """The search for the first wrong place of a function, which runs once, on first use.

    Parameters
    ----------
    trial : Trial
    during : context manager
        The context in which the function is run.
    at : int
        The case from which the table of numbers is taken, if possible.
    spent : float
        See `first_wrong`.

    Attributes
    ----------
    trial : Trial
    is_over : bool
        Whether the search is finished, or will not be made.
    """

    def __init__(
        self, trial: Trial, during: AbstractContextManager[None], at: int = 0, spent: float = 0.0
    ):
        self.trial, self._during, self._at, self._spent = trial, during, at, spent
        self.is_over = not LOOKS
        self._place: FirstWrong | None = None
        self._has_numbers = False
        self._numbers: Numbers | None = None

    @property
    def place(self) -> FirstWrong | None:
        """The place that is found, even if it is not proven; None if there is none.

        There is none either if the search fails, or is stopped by Ctrl-C.
        """
        if not self.is_over:
            self.is_over = True
            with suppress(KeyboardInterrupt), self._during, self._put_back():
                self._place = _without_fail(lambda: first_wrong(self.trial, self._spent))
        return self._place

    @property
    def numbers(self) -> Numbers | None:
        """The table of numbers; None if nothing can be compared, as if a function only raises."""
        place = self.place
        if not self._has_numbers:
            self._has_numbers = True
            with suppress(KeyboardInterrupt), self._put_back():
                self._numbers = _without_fail(lambda: numbers(self.trial, place, self._at))
        return self._numbers

    def _put_back(self) -> AbstractContextManager[None]:
        learner = self.trial.learner
        return put_back(learner.function) if isinstance(learner, Here) else nullcontext()

    @property
    def found(self) -> FirstWrong | None:
        """The first wrong place if it is proven."""
        return self.place if self.place is not None and self.place.proven else None

    @property
    def found_so_far(self) -> FirstWrong | None:
        """The same, without a search: None if it is not known yet."""
        return self.found if self.is_over else None


def _without_fail(look: Callable[[], Found | None]) -> Found | None:
    try:
        return look()
    except Exception:
        if STRICT:
            raise
        return None
