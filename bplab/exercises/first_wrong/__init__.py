"""The first wrong line of a learner's function, beside the derivation: for what has no name.

===============  =================================================================================
``quantities``   what the derivation has on its way: what has a name, every product, early sums
``matching``     which of these a value is, up to sign, a simple factor, order of axes, a part
``suspicion``    what is reached and right, and which lines are suspected, in which order
``proof``        in which line a small edit makes all right, on cases unseen too
``values``       quantities that are put into a function, by name
``found``        what comes of it: `FirstWrong`
``words``        the message
===============  =================================================================================

What is kept of a run is in `bplab.learner.traced`, which knows no exercise.
"""

from contextlib import suppress
from dataclasses import replace

from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.first_wrong.proof import proof
from bplab.exercises.first_wrong.suspicion import Reached, Suspect, Suspicion, suspect
from bplab.exercises.first_wrong.words import QUOTED, words
from bplab.exercises.judging import Trial
from bplab.exercises.mine import judged_in

__all__ = [
    "QUOTED",
    "FirstWrong",
    "Reached",
    "Search",
    "Suspect",
    "Suspicion",
    "first_wrong",
    "proof",
    "proven_place",
    "suspect",
    "words",
]

STRICT = False
"""Whether an error in the search is one: tests want to see it, learners their message."""

LOOKS = True
"""Whether a `Search` looks for one: that takes time, and most tests are about other things."""


def first_wrong(trial: Trial) -> FirstWrong | None:
    """Return the first wrong place of a function that is not right; None if nobody can tell."""
    if trial.all_right():
        return None
    suspicion = suspect(trial)
    if found := proof(trial, suspicion):
        return replace(found, reached=suspicion.reached if suspicion else ())
    if suspicion is None or not suspicion.suspects:
        return None
    at = suspicion.suspects[0].place
    return FirstWrong(at.line, at.begin, at.end, at.text, at.function, reached=suspicion.reached)


class Search:
    """The search for the first wrong place of a function, made once, when somebody asks.

    Parameters
    ----------
    trial : Trial

    Attributes
    ----------
    found_so_far : FirstWrong or None
        What is proven, if that is known already.
    """

    def __init__(self, trial: Trial):
        self._trial: Trial | None = trial if LOOKS else None
        self.found_so_far: FirstWrong | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is looked for."""
        return self._trial is None

    @property
    def found(self) -> FirstWrong | None:
        """The first wrong place if it is proven; None if it is not, or nobody wants to wait."""
        trial, self._trial = self._trial, None
        if trial is not None:
            with suppress(KeyboardInterrupt), judged_in(trial.exercise.notebook):
                self.found_so_far = proven_place(trial)
        return self.found_so_far


def proven_place(trial: Trial) -> FirstWrong | None:
    """Return the first wrong place if it is proven; None if it is not, or the search fails."""
    try:
        found = first_wrong(trial)
    except Exception:
        if STRICT:
            raise
        return None
    return found if found is not None and found.proven else None
