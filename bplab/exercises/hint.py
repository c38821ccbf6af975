"""Hints on request: three steps, from a nudge to nearly the answer."""

import html
from dataclasses import dataclass

from bplab.errors import called_as, came
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
        return f"{told(self._title)}\n{told(self._text)}\n({told(self._more)})"

    def _repr_html_(self) -> str:
        text = html.escape(told(self._text)).replace("\n", "<br>")
        return (
            '<div style="border-left:4px solid #767676;padding:.3em .8em">'
            f"<strong>{html.escape(told(self._title))}</strong><br>"
            f'<span style="white-space:pre-wrap">{text}</span><br>'
            f"<small>{html.escape(told(self._more))}</small></div>"
        )


@called_as('hint("eq4")')
def hint(id: str, step: int | None = None) -> Hint:
    """Give the next hint for an exercise; the third is nearly the answer.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq4"``.
    step : int, optional
        1, 2 or 3, to see that hint; else the one after the last that was given in this session.

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
    return Hint(exercise, step)
