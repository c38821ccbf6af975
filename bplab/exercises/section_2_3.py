"""Exercises of section 2.3: gradient descent, equations (12) and (13)."""

from bplab.exercises._exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
