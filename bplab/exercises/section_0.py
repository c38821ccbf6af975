"""Exercise of the start: a gradient found with no formula at all."""

from bplab.exercises._exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
