"""What a task is, and what it is judged on.

==================  ======================================================================
``exercise``        an exercise, defined once: its cases, known mistakes, parts, and seed
``networks``        small random networks as cases; finite differences of R judge them too
``challenge``       a function that is judged by what it achieves on data it has not seen
``ways``            other ways of writing the gradients, for what float32 loses
==================  ======================================================================
"""

from bplab.exercises.task.challenge import Challenge, Split
from bplab.exercises.task.exercise import (
    MANY,
    VISIBLE,
    Case,
    ChangedCase,
    Exercise,
    Mistake,
    Part,
    Subgoal,
    Task,
    generator,
    hidden_kind,
    visible_cases,
)
from bplab.exercises.task.networks import (
    FINITE_DIFFERENCES,
    NetworkCase,
    by_differences,
    by_differences_in_rows,
    finite_differences,
    network_cases,
    softmax_cases,
)
from bplab.exercises.task.ways import WAYS

__all__ = [
    "FINITE_DIFFERENCES",
    "MANY",
    "VISIBLE",
    "WAYS",
    "Case",
    "Challenge",
    "ChangedCase",
    "Exercise",
    "Mistake",
    "NetworkCase",
    "Part",
    "Split",
    "Subgoal",
    "Task",
    "by_differences",
    "by_differences_in_rows",
    "finite_differences",
    "generator",
    "hidden_kind",
    "network_cases",
    "softmax_cases",
    "visible_cases",
]
