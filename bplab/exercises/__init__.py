"""The exercises of the course, and `check`.

One file a section; each exercise is defined once (`Exercise`), and the starter's signature,
the checks, the points, the equation map and the tests are made from that definition.
"""

from bplab.exercises._check import RECORD_TYPE, CheckFailed, NotWritten, Passed, check, todo
from bplab.exercises._exercise import Exercise, Mistake, Part, Subgoal
from bplab.exercises._registry import EXERCISES, EquationRow, equations

__all__ = [
    "EXERCISES",
    "RECORD_TYPE",
    "CheckFailed",
    "EquationRow",
    "Exercise",
    "Mistake",
    "NotWritten",
    "Part",
    "Passed",
    "Subgoal",
    "check",
    "equations",
    "todo",
]
