"""The first wrong line of a learner's function, beside the derivation: for what has no name.

===============  =================================================================================
``quantities``   what the derivation has on its way: residual, delta, what is sent back, s
``matching``     which of these a value is, up to sign, a simple factor, order of axes, a part
``suspicion``    what is reached and right, and which lines are suspected, in which order
``proof``        in which line a small edit makes all right, on cases unseen too
``words``        the message
===============  =================================================================================

What is kept of a run is in `bplab.learner.traced`, which knows no exercise.
"""

from dataclasses import dataclass

from bplab.exercises.first_wrong.proof import Proof, proof
from bplab.exercises.first_wrong.suspicion import Reached, Suspect, Suspicion, suspect
from bplab.exercises.first_wrong.words import QUOTED, words
from bplab.exercises.judging import Here, Learner, Trial

__all__ = [
    "QUOTED",
    "FirstWrong",
    "Proof",
    "Reached",
    "Suspect",
    "Suspicion",
    "first_wrong",
    "place",
    "proof",
    "suspect",
    "words",
]

STRICT = False
"""Whether an error in the search is one: tests want to see it, learners their message."""

LOOKS = True
"""Whether `place` looks for one: it takes up to a second, and most tests are about other things."""


@dataclass(frozen=True)
class FirstWrong:
    """The first wrong place of a function.

    Attributes
    ----------
    line, begin, end : int
        In the lines of its cell from 1, and in columns from 0, in letters.
    text : str
        The line as it stands.
    function : str
        In which it is: the learner's, or a helper.
    rounds : str
        Where in its loops: ``"i = 0, k = 1"``; may be empty.
    subgoal : str
        Which step of the derivation goes wrong.
    reached : tuple of Reached
        What is right, and where.
    meant : str
        What it was to be, if that is clear.
    proven : bool
        Whether with something else in this place all is right.
    edit : str
        Of which kind that is, for the third hint.
    others : tuple of int
        Lines in which as small a change does as well: it may be one of these.
    lines : tuple of int
        If it needs a change in two lines: both.
    is_helper : bool
        Whether it is in another function than the one that is checked.
    """

    line: int
    begin: int
    end: int
    text: str
    function: str = ""
    rounds: str = ""
    subgoal: str = ""
    reached: tuple[Reached, ...] = ()
    meant: str = ""
    proven: bool = False
    edit: str = ""
    others: tuple[int, ...] = ()
    lines: tuple[int, ...] = ()
    is_helper: bool = False


def first_wrong(trial: Trial) -> FirstWrong | None:
    """Return the first wrong place of a function that is not right; None if nobody can tell."""
    suspicion = suspect(trial)
    if found := proof(trial, suspicion.lines if suspicion else ()):
        return FirstWrong(
            found.line,
            found.begin,
            found.end,
            found.text,
            found.function,
            reached=suspicion.reached if suspicion else (),
            proven=True,
            edit=found.edit,
            others=found.others,
            lines=found.lines,
            is_helper=_is_helper(trial.learner, found.function),
        )
    if suspicion is None or not suspicion.suspects:
        return None
    first = suspicion.suspects[0]
    place = first.place
    return FirstWrong(
        place.line,
        place.begin,
        place.end,
        place.text,
        place.function,
        ", ".join(f"{one.name} = {one.number}" for one in first.rounds),
        reached=suspicion.reached,
        meant=first.note,
    )


def _is_helper(learner: Learner, name: str) -> bool:
    return isinstance(learner, Here) and name != learner.functions()[0].__name__


def place(trial: Trial) -> FirstWrong | None:
    """Return the first wrong place if it is proven; None if it is not, or the search fails."""
    if not LOOKS:
        return None
    try:
        found = first_wrong(trial)
    except Exception:
        if STRICT:
            raise
        return None
    return found if found is not None and found.proven else None
