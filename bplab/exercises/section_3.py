"""Exercises of section 3: D hidden layers, equations (14) to (18)."""

from bplab.exercises._exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
