"""Exercises of section 2.2: the gradients when every output looks at all of t, (8) to (11)."""

from bplab.exercises._exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
