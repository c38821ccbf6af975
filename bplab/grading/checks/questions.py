"""Ask and mark questions on a student's own code, in the notebook's kernel, if there is no wall."""

from collections.abc import Callable, Sequence
from typing import Any

from bplab.exercises import EXERCISES, RECORD_TYPE, Answers, Code
from bplab.grading.judge.explained import Marked, marked_on, no_questions, record_of
from bplab.grading.judge.oracle import Unusable

__all__ = ["asked_here"]

WHOLE = 60.0
"""Points for all questions together; the share that is earned is later applied to the course's."""


def asked_here(id: str, function: Callable[..., Any], letters: Sequence[str], code: str) -> None:
    """Show the record of the answers to the questions on a function of this notebook.

    Parameters
    ----------
    id : str
        The exercise's id.
    function : callable
    letters : sequence of str
    code : str
        See `bplab.exercises.Answers`.
    """
    from IPython.display import display

    exercise = EXERCISES[id]
    came: Marked | Unusable = no_questions(exercise)
    if own := Code.of(exercise, function):
        try:
            came = marked_on(own.plain, Answers(tuple(letters), code))
        except Unusable as error:
            came = error
    display({RECORD_TYPE: record_of(id, WHOLE, came, right=True).data}, raw=True)
