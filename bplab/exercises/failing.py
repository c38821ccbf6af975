"""The case in which a check failed: what the function was given, and not the right answer."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bplab.activations import Activation, Softmax
from bplab.errors import called_as
from bplab.exercises.check import NoFailingCase, last_check
from bplab.exercises.registry import TASKS
from bplab.exercises.task import VISIBLE, Challenge, Exercise, Task, generator
from bplab.languages import told

__all__ = ["FailingCase", "NoFailingCase", "failing_case"]


class FailingCase:
    """What a learner's function was given in one case: fresh copies, by name and in order.

    ``case.Z`` or ``case["Z"]`` is one value; ``grad_beta(*case)`` and ``grad_beta(**case)`` call
    a function with all of them, as `check` does.

    Parameters
    ----------
    exercise : Task
    name : str
        Which case it is, in words.
    given : dict
        The arguments by name, in order.
    """

    def __init__(self, exercise: Task, name: str, given: dict[str, Any]):
        self._exercise, self._name, self._given = exercise, name, given

    def keys(self) -> Sequence[str]:
        """Return the names of the arguments, in order."""
        return list(self._given)

    def __getitem__(self, name: str) -> Any:
        if name not in self._given:
            raise KeyError(self._has_no(name))
        return self._given[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._given:
            raise AttributeError(self._has_no(name))
        return self._given[name]

    def _has_no(self, name: str) -> str:
        return told(f"the case has no {name}; it has {', '.join(self._given)}")

    def __iter__(self) -> Iterator[Any]:
        return iter(self._given.values())

    def __len__(self) -> int:
        return len(self._given)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._given]

    def __repr__(self) -> str:
        task = self._exercise
        width = max(map(len, self._given))
        rows = [
            f"  {name:<{width}}  {told(_described(value))}" for name, value in self._given.items()
        ]
        first, second = [*self._given, *self._given][:2]
        return "\n".join(
            [
                told(f"{task.id} · {self._name}: what {task.function} was given"),
                *rows,
                told("To use it:"),
                f'  case = failing_case("{task.id}")',
                f"  {task.function}(*case)",
                f"  {first}, {second} = case.{first}, case.{second}",
            ]
        )


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.shape}  {value.dtype}"
    if isinstance(value, (list, tuple)):
        kind = type(value).__name__
        things = ", ".join(str(v.shape) if isinstance(v, np.ndarray) else str(v) for v in value)
        return f"{kind} of {len(value)}: {things}"
    if isinstance(value, (Activation, Softmax)):
        return f"the activation {value}"
    return "a function" if callable(value) else str(value)


@called_as('failing_case("eq4")')
def failing_case(id: str) -> FailingCase:
    """Return the first case in which the last check of an exercise failed.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq4"``. For a challenge the case is the examples that its function
        is given.

    Returns
    -------
    FailingCase
        The arguments, as fresh copies, without the right answer. It is never a hidden case.

    Raises
    ------
    NoFailingCase
        If there was no check in this session, or the last one passed.
    ValueError
        If there is no such exercise.
    """
    task = TASKS.find(id)
    index = last_check(task).at
    if isinstance(task, Challenge):
        split = task.split(generator(task, VISIBLE))
        return FailingCase(task, task.things, dict(split.arguments()))
    assert isinstance(task, Exercise)
    case = task.cases(generator(task, VISIBLE))[index]
    return FailingCase(task, f"case {case}", case.arguments(task.arguments))
