"""What a task is, and what it is judged on.

==================  ======================================================================
``exercise``        an exercise, defined once: its cases, known mistakes, parts, and seed
``networks``        small random networks as test cases, with gradients by finite differences
``challenge``       a function that is judged by what it achieves on data it has not seen
``traits``          what is true of some cases only; the same case with a trait, or without it
``slips``           code that may have led to a mistake, which numbers alone do not prove
``ways``            other ways of writing the gradients, which lose more digits in float32
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
    fitted,
    generator,
    hidden_kind,
    visible_cases,
)
from bplab.exercises.task.networks import (
    FINITE_DIFFERENCES,
    TARGETS,
    NetworkCase,
    TargetsCase,
    by_differences,
    by_differences_in_rows,
    counts,
    finite_differences,
    first_twice,
    first_zero,
    half_large,
    integers,
    network_cases,
    no_or_yes,
    off_the_kink,
    one_hot,
    one_on_the_kink,
    shares,
    signs,
    softmax_cases,
    targets_traits,
    times,
    zero_or_one,
)
from bplab.exercises.task.slips import (
    FROM_1,
    TO_N_1,
    Construct,
    Slip,
    array_like,
    left_early,
    overwritten,
    perhaps,
    sums_go_on,
)
from bplab.exercises.task.traits import FAR, KINK
from bplab.exercises.task.ways import WAYS

__all__ = [
    "FAR",
    "FINITE_DIFFERENCES",
    "FROM_1",
    "KINK",
    "MANY",
    "TARGETS",
    "TO_N_1",
    "VISIBLE",
    "WAYS",
    "Case",
    "Challenge",
    "ChangedCase",
    "Construct",
    "Exercise",
    "Mistake",
    "NetworkCase",
    "Part",
    "Slip",
    "Split",
    "Subgoal",
    "TargetsCase",
    "Task",
    "array_like",
    "by_differences",
    "by_differences_in_rows",
    "counts",
    "finite_differences",
    "first_twice",
    "first_zero",
    "fitted",
    "generator",
    "half_large",
    "hidden_kind",
    "integers",
    "left_early",
    "network_cases",
    "no_or_yes",
    "off_the_kink",
    "one_hot",
    "one_on_the_kink",
    "overwritten",
    "perhaps",
    "shares",
    "signs",
    "softmax_cases",
    "sums_go_on",
    "targets_traits",
    "times",
    "visible_cases",
    "zero_or_one",
]
