"""The exercises of the course, and `check`.

One file a section; each exercise is defined once (`Exercise`), and the starter's signature,
the checks, the points, the equation map and the tests are made from that definition.
"""

from bplab.exercises._check import RECORD_TYPE, CheckFailed, NotWritten, Passed, check, todo
from bplab.exercises._exercise import Exercise, Mistake, Part, Subgoal, Task
from bplab.exercises._hint import Hint, hint
from bplab.exercises._progress import Progress, progress
from bplab.exercises._registry import EXERCISES, EquationRow, equations

__all__ = [
    "EXERCISES",
    "RECORD_TYPE",
    "CheckFailed",
    "EquationRow",
    "Exercise",
    "Hint",
    "Mistake",
    "NotWritten",
    "Part",
    "Passed",
    "Progress",
    "Subgoal",
    "Task",
    "check",
    "equations",
    "hint",
    "progress",
    "todo",
]
