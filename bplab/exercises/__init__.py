"""The exercises and challenges of the course, and `check`.

One file a section; each exercise is defined once (`Exercise`), and the starter's signature,
the checks, the points, the equation map and the tests are made from that definition.
"""

from bplab.exercises.check import RECORD_TYPE, CheckFailed, NotWritten, Passed, Reached, check, todo
from bplab.exercises.hint import Hint, hint
from bplab.exercises.progress import Progress, progress
from bplab.exercises.registry import CHALLENGES, EXERCISES, TASKS, EquationRow, equations
from bplab.exercises.task import Challenge, Exercise, Mistake, Part, Subgoal, Task

__all__ = [
    "CHALLENGES",
    "EXERCISES",
    "RECORD_TYPE",
    "TASKS",
    "Challenge",
    "CheckFailed",
    "EquationRow",
    "Exercise",
    "Hint",
    "Mistake",
    "NotWritten",
    "Part",
    "Passed",
    "Progress",
    "Reached",
    "Subgoal",
    "Task",
    "check",
    "equations",
    "hint",
    "progress",
    "todo",
]
