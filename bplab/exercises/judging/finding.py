"""Why an answer is not right: a name for it, and words for the learner."""

from dataclasses import dataclass

from bplab.exercises.task import Task
from bplab.learner import Raised, raises, writes_into


@dataclass(frozen=True)
class Finding:
    """Why an answer is not right: a short name for reports, and words for the learner."""

    name: str
    says: str
    hint: str
    subgoal: str = ""
    seen: str = ""  # evidence from the visible cases; empty when the cases are secret


def not_written(task: Task) -> Finding:
    """Say that the function is still the starter."""
    return Finding(
        "not-written",
        f"{task.function} is not written yet.",
        "Put your own code in place of todo() in its cell, run that cell, then this one.",
    )


def argument_changed(name: str) -> Finding:
    """Say that an argument is not as it was given."""
    return Finding(
        "argument-changed",
        f"{writes_into('function', f'its argument {name}')}.",
        f"Whoever calls it still needs {name} as it was. Look for {name}[…] = …, an operator such "
        "as += or -=, or out=; work on a copy.",
        "code",
    )


def has_raised(task: Task, error: Raised, given: str, alone: str) -> Finding:
    """Say which error came up, where in the learner's own code, and what the function was given.

    ``alone`` is what to do where no line can be named.
    """
    says = raises("function", error)
    if error.kind == "TypeError" and "positional argument" in error.says and not error.where:
        hint = f"Keep the first line as it was: def {task.signature}:"
        return Finding("wrong-signature", says, hint, "code")
    return Finding(
        "raises", says, f"It happens in {error.where}" if error.where else alone, "code", given
    )
