"""Hints on request: three steps, from a nudge to nearly the answer."""

import html
from dataclasses import dataclass

from bplab.errors import called_as, came
from bplab.exercises.check import NoFailingCase, last_check
from bplab.exercises.registry import TASKS
from bplab.exercises.task import Task
from bplab.languages import told
from bplab.learner import LearnerError

__all__ = ["Hint", "hint"]

_given: dict[str, int] = {}  # how many steps of each exercise have been asked for


@dataclass(frozen=True)
class Hint:
    """One of the three hints of an exercise."""

    exercise: Task
    step: int
    in_line: str = ""  # what to look at in the learner's own code; only in the last hint

    @property
    def _title(self) -> str:
        return f"Hint {self.step} of 3 for {self.exercise.id} · {self.exercise.equation}"

    @property
    def _text(self) -> str:
        return self.exercise.hints[self.step - 1]

    @property
    def _more(self) -> str:
        if self.step < 3:
            return f'One step further: hint("{self.exercise.id}") again.'
        return (
            f'This was the last. failing_case("{self.exercise.id}") gives what your function was '
            "given where it failed; the solved notebook is in the folder solutions."
        )

    def __repr__(self) -> str:
        texts = filter(None, (self._title, self._text, self.in_line))
        return "\n".join([*map(told, texts), f"({told(self._more)})"])

    def _repr_html_(self) -> str:
        text = "\n".join(told(text) for text in (self._text, self.in_line) if text)
        text = html.escape(text).replace("\n", "<br>")
        return (
            '<div style="border-left:4px solid #767676;padding:.3em .8em">'
            f"<strong>{html.escape(told(self._title))}</strong><br>"
            f'<span style="white-space:pre-wrap">{text}</span><br>'
            f"<small>{html.escape(told(self._more))}</small></div>"
        )


@called_as('hint("eq4")')
def hint(id: str, step: int | None = None) -> Hint:
    """Give the next hint for an exercise; the third is nearly the answer.

    The third also says what to look at in the learner's own code, and in which line, if that can
    be proven for the function that was checked last.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq4"``.
    step : int, optional
        1, 2 or 3, to see that hint; by default the next one after the last in this session.

    Returns
    -------
    Hint
        Shown when it is the last line of a cell.

    Raises
    ------
    ValueError
        If there is no such exercise or no such step.
    """
    exercise = TASKS.find(id)
    if step is None:
        step = min(_given.get(exercise.id, 0) + 1, 3)
    if isinstance(step, bool) or not isinstance(step, int) or step not in (1, 2, 3):
        example = f'hint("{exercise.id}", 1)'
        raise LearnerError(f"step must be 1, 2 or 3, as in {example}; got {came(step)}")
    _given[exercise.id] = step
    return Hint(exercise, step, _in_line(exercise) if step == 3 else "")


def _in_line(task: Task) -> str:
    """Say what kind of change makes the last function right, and where; empty if not proven."""
    try:
        search = last_check(task).search
    except NoFailingCase:
        return ""
    found = search.found if search is not None else None
    if found is None or not found.edit:
        return ""
    helper = f" of {found.function}" if found.is_helper else ""
    return f"In your own code, look at {found.edit} in line {found.line}{helper}."
