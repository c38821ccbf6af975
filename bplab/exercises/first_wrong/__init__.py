"""The first wrong line of a learner's function, beside the derivation: for what has no name.

===============  =================================================================================
``quantities``   what the derivation has on its way: what has a name, every product, early sums
``matching``     which of these a value is, up to sign, a simple factor, order of axes, a part
``suspicion``    what is reached and right, and which lines are suspected, in which order
``proof``        in which line a small edit makes all right, on cases unseen too
``values``       quantities that are put into a function, by name; whether one is all that is wrong
``found``        what comes of it: `FirstWrong`
``words``        the message
``differences``  quantities of the derivation by finite differences
``numbers``      a table: what the line has, beside what is due there
===============  =================================================================================

What is kept of a run is in `bplab.learner.traced`, which knows no exercise.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from time import process_time
from typing import Any, TypeVar

from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.first_wrong.numbers import Numbers, numbers
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
"""Whether an error in the search is one: tests want to see it, learners their message."""

LOOKS = True
"""Whether a `Search` looks for one: that takes time, and most tests are about other things."""


def first_wrong(trial: Trial, spent: float = 0.0) -> FirstWrong | None:
    """Return the first wrong place of a function that is not right; None if nobody can tell.

    ``spent`` are the seconds of a processor that its check has taken: the longer it took, the
    shorter is what is looked for here.
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
        What there was on its way in each case.
    """
    return Suspicion.of(
        [
            Run(exercise, exercise.function, case, trace)
            for case, trace in zip(cases, traces, strict=True)
        ]
    )


class Search:
    """The search for the first wrong place of a function, made once, when somebody asks.

    Parameters
    ----------
    trial : Trial
    during : context manager
        In which the function is run.
    at : int
        The case that numbers are of, if it can be.
    spent : float
        See `first_wrong`.

    Attributes
    ----------
    trial : Trial
    is_over : bool
        Whether nothing more is looked for.
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
        """What is known, also where nothing is proven; None if that is nothing.

        Nothing more is known if the search fails, or whoever waits for it stops it.
        """
        if not self.is_over:
            self.is_over = True
            with suppress(KeyboardInterrupt), self._during, self._put_back():
                self._place = _without_fail(lambda: first_wrong(self.trial, self._spent))
        return self._place

    @property
    def numbers(self) -> Numbers | None:
        """What there is to be compared; None if nothing is, as where a function only raises."""
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
        """The same, if it is known already."""
        return self.found if self.is_over else None


def _without_fail(look: Callable[[], Found | None]) -> Found | None:
    try:
        return look()
    except Exception:
        if STRICT:
            raise
        return None
