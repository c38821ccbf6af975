"""All exercises in the paper's order, and the equation map that is made from them."""

import difflib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bplab.activations import Activation, Softmax
from bplab.by_equation import EQUATIONS, Equation
from bplab.errors import NAMED, called_as, came
from bplab.exercises import (
    beyond,
    capstone,
    section_0,
    section_1,
    section_2_1,
    section_2_2,
    section_2_3,
    section_3,
    section_4,
)
from bplab.exercises.task import Challenge, Exercise, Task
from bplab.learner import LearnerError

_SECTIONS = (
    section_0,
    section_1,
    section_2_1,
    section_2_2,
    section_2_3,
    section_3,
    section_4,
    capstone,
    beyond,
)

EXERCISES: dict[str, Exercise[Any]] = {
    exercise.id: exercise for section in _SECTIONS for exercise in section.EXERCISES
}
"""All exercises by id, in the order in which the course takes them."""

CHALLENGES: dict[str, Challenge] = {challenge.id: challenge for challenge in capstone.CHALLENGES}
"""All challenges by id: tasks that are judged by what the learner's function achieves."""


class _Tasks(dict[str, Task]):
    """Exercises and challenges by id; for an unknown id, a ValueError names the nearest ids."""

    def find(self, id: object) -> Task:
        """Return the task with this id.

        Raises
        ------
        ValueError
            If there is none, or what is given is not an id at all.
        """
        if isinstance(id, (str, int)):
            return self[str(id)]
        raise LearnerError(
            f'the id of an exercise is wanted, as text such as "{self.meant(id).id}"; '
            f"got {came(id)}"
        )

    def meant(self, *given: object) -> Task:
        """Return the task that the values probably mean: by its id, or by its function's name.

        If none of them fits, it is that of equation (4), as an example.
        """
        for value in given:
            if isinstance(value, str) and value in self:
                return self[value]
        names = [getattr(value, "__name__", "") for value in given]
        return next((task for task in self.values() if task.function in names), self["eq4"])

    def __missing__(self, id: str) -> Task:
        near = [task.id for task in self.values() if task.function == id]
        number = re.fullmatch(r"(?:equation|eq)?[ ._]*\(?(\d+)\)?", id.strip().lower())
        if number and f"eq{number[1]}" in self:
            near = near or [f"eq{number[1]}"]
        near = near or difflib.get_close_matches(id.lower(), self, n=3)
        guess = (
            f"Did you mean {' or '.join(map(json.dumps, near))}?"
            if near
            else 'An id is a text such as "eq4": progress() lists them all.'
        )
        raise LearnerError(f"there is no exercise “{id[:NAMED]}”. {guess}")


TASKS = _Tasks(
    {
        task.id: task
        for section in _SECTIONS
        for task in (*section.EXERCISES, *getattr(section, "CHALLENGES", ()))
    }
)
"""Everything that is graded, in the order of the course."""

OPTIONAL = frozenset(exercise.notebook for exercise in beyond.EXERCISES)
"""The notebooks that may be left out: the course is complete without them."""


@dataclass(frozen=True)
class EquationRow:
    """One row of the equation map.

    Attributes
    ----------
    paper, id, section, title, erratum : str
        Its place in the paper, its id in the notebooks, its section of the course, what it
        computes, and what the paper misprints (empty if nothing).
    by_equation : tuple of str
        The functions of `bplab.by_equation` that compute it for one example, e.g. ``"eq4"``.
    vectorised : tuple of str
        The functions of `bplab` that compute it for all examples at once, e.g.
        ``"network.grad_beta"``.
    exercise, notebook : str
        What the learner writes, e.g. ``"grad_beta(Y, A, Z, T, F, g)"``, and in which notebook;
        "–" if there is no exercise.
    points, mistakes : int or None
        The points of the exercise, and how many known mistakes it names.
    """

    paper: str
    id: str
    section: str
    title: str
    by_equation: tuple[str, ...]
    vectorised: tuple[str, ...]
    exercise: str
    notebook: str
    points: int | None
    mistakes: int | None
    erratum: str


@called_as("equations()")
def equations() -> tuple[EquationRow, ...]:
    """Return the equation map: a row for every equation and activation, in the paper's order.

    It is made from the formulas of `bplab.by_equation` and from the exercises.
    """
    return tuple(_row(equation, EXERCISES.get(id)) for id, equation in EQUATIONS.items())


def _row(equation: Equation, exercise: Exercise[Any] | None) -> EquationRow:
    return EquationRow(
        paper=equation.paper,
        id=equation.id,
        section=equation.section,
        title=equation.title,
        by_equation=tuple(formula.__name__ for formula in equation.formulas),
        vectorised=tuple(map(_name, equation.vectorised)),
        exercise=exercise.signature if exercise else "–",
        notebook=exercise.notebook if exercise else "–",
        points=exercise.points if exercise else None,
        mistakes=len(exercise.mistakes) if exercise else None,
        erratum=equation.erratum,
    )


def _name(function: Callable[..., Any]) -> str:
    """A function's name as it is imported; an activation has its own ``name``."""
    name = function.name if isinstance(function, Activation | Softmax) else function.__name__
    module = function.__module__
    folder = module.rpartition(".")[0]
    if folder != "bplab" and hasattr(import_module(folder), name):
        module = folder
    return f"{module.removeprefix('bplab.')}.{name}"
