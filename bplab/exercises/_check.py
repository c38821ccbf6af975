"""The check of a learner's function: right or not, and if not, which mistake it is."""

import hashlib
import html
import os
import re
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bplab.exercises._diagnosis import diagnose
from bplab.exercises._exercise import Exercise
from bplab.exercises._progress import record_try
from bplab.exercises._registry import find
from bplab.exercises._trial import Finding, Trial

__all__ = ["RECORD_TYPE", "CheckFailed", "NotWritten", "Passed", "check", "todo"]

RECORD_TYPE = "application/vnd.bplab.check+json"
"""MIME type of the record that `check` leaves in a graded notebook, for reports."""

_FORMULA = re.compile(" ([−+·=*@]) ")  # no line break inside a formula
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class NotWritten(NotImplementedError):
    """A function of the course that is still the starter."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        return [f"{_BOLD}✗ {self}{_PLAIN}"]


def todo() -> None:
    """Stand in a starter for the code that is not written yet.

    Raises
    ------
    NotWritten
        Always; names the function it stands in, or speaks of the gap in a cell.
    """
    name = sys._getframe(1).f_code.co_name
    if name == "<module>":
        raise NotWritten("There is a gap in this cell: fill it in, and run the cell again.")
    raise NotWritten(f"{name} is not written yet: write it in its cell above, and run that cell.")


class CheckFailed(AssertionError):
    """An exercise is not right yet; the message says which mistake it is.

    Attributes
    ----------
    exercise : str
        Id of the exercise, e.g. ``"eq4"``.
    mistake : str
        Name of the mistake, e.g. ``"no-factor-2"``.
    """

    def __init__(self, exercise: Exercise, finding: Finding, *, hidden: bool):
        self.exercise = exercise.id
        self.mistake = finding.name
        self._title = f"✗ {exercise.id} · {exercise.equation} · {exercise.title}: not yet"
        lines = [finding.says, finding.hint]
        if hidden:
            lines.append("(Seen on other cases than those in the notebook.)")
        elif finding.seen:
            lines.append(finding.seen)
        where = f"Step: {finding.subgoal}. " if finding.subgoal else ""
        more = "" if hidden else f' More help: hint("{exercise.id}")'
        lines.append(f"{where}[{exercise.id}/{finding.name}]{more}")
        self._lines = lines
        super().__init__("\n".join([self._title, *lines]))

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows instead of a traceback: only the message."""
        says, *rest = (textwrap.fill(_FORMULA.sub("\u00a0\\1\u00a0", s), 96) for s in self._lines)
        return [f"{_BOLD}{self._title}{_PLAIN}", "", f"{_BOLD}{says}{_PLAIN}", *rest]


@dataclass(frozen=True)
class Passed:
    """A right answer: what it was compared with, and how well they agree."""

    exercise: Exercise
    cases: int
    agreement: float

    def __repr__(self) -> str:
        return (
            f"✓ {self.exercise.id} · {self.exercise.equation} · {self.exercise.title}: right.\n"
            f"{self._evidence()}"
        )

    def _evidence(self) -> str:
        return (
            f"Equal to the reference on {self.cases} cases, and within {self.agreement:.0e} of "
            f"{self.exercise.judge}."
        )

    def _repr_html_(self) -> str:
        title = f"✓ {self.exercise.id} · {self.exercise.equation} · {self.exercise.title}: right."
        return (
            '<div style="border-left:4px solid #0072B2;padding:.3em .8em">'
            f"<strong>{html.escape(title)}</strong><br>{html.escape(self._evidence())}</div>"
        )


def check(id: str, function: Callable[..., Any], *, hidden: bool = False) -> Passed | None:
    """Check a learner's function, and name the mistake if there is one.

    The function is called on copies of ten cases, some of them special (one example, one
    output, equal sizes, saturated units, units on a kink, integer arrays). Its answers are
    compared with the reference, which is itself compared with a second opinion: finite
    differences of R, or the sum written out. A wrong answer is compared with every known
    mistake. The expected array is never shown.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq4"``; ``bplab.equations()`` lists them.
    function : callable
        The learner's function, with the signature of the starter.
    hidden : bool
        Use the hidden cases, drawn from the instructor's secret in the environment variable
        ``BPLAB_SECRET``, and show no numbers of them. For grading.

    Returns
    -------
    Passed or None
        What it was compared with; None while nbgrader grades, which reads a cell's result as
        a number of points.

    Raises
    ------
    CheckFailed
        If the function is not right. In a notebook only the message is shown.
    ValueError
        If there is no such exercise, or ``function`` is not a function.
    """
    exercise = find(id)
    if not callable(function):
        raise ValueError(
            f'check("{id}", …) takes the function itself, without brackets: '
            f'check("{id}", {exercise.function}); got {type(function).__name__}'
        )
    cases = exercise.cases(_generator(exercise, hidden))
    trial = Trial.run(exercise, function, cases)
    finding = diagnose(trial)
    if not (hidden or _grading()):
        record_try(exercise, finding.name if finding else "")
    if finding is not None:
        failed = CheckFailed(exercise, finding, hidden=hidden)
        _leave_record(exercise, str(failed), finding.name)
        raise failed
    passed = Passed(exercise, len(cases), _agreement(trial))
    if _grading():
        _leave_record(exercise, repr(passed), None)
        return None
    return passed


def _generator(exercise: Exercise, hidden: bool) -> np.random.Generator:
    kind = f"hidden:{os.environ.get('BPLAB_SECRET', '')}" if hidden else "visible"
    digest = hashlib.sha256(f"{exercise.id}:{kind}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def _agreement(trial: Trial) -> float:
    """Largest difference of answers and second opinions, over the part's largest entry."""
    worst = 0.0
    for case, answer in zip(trial.cases, trial.answers, strict=True):
        opinions = trial.exercise.second_opinion(case)
        for part, opinion in zip(answer.parts, opinions, strict=True):
            if opinion is None:
                continue
            scale = np.abs(opinion).max()
            if scale == 0:
                # nothing can be checked where everything is zero: the case is at fault
                raise RuntimeError(f"{trial.exercise.id}: all zero in case {case}")
            worst = max(worst, float(np.abs(part - opinion).max() / scale))
    return max(worst, float(np.finfo(float).eps))


def _grading() -> bool:
    return os.environ.get("NBGRADER_EXECUTION") == "autograde"


def _leave_record(exercise: Exercise, text: str, mistake: str | None) -> None:
    """While nbgrader grades, leave a machine-readable line for class reports in the output."""
    if _grading():
        from IPython.display import display

        record = {"exercise": exercise.id, "passed": mistake is None, "mistake": mistake}
        shown = text if mistake is None else f"{exercise.id}: {mistake}"
        display({"text/plain": shown, RECORD_TYPE: record}, raw=True)
