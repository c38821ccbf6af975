"""Exercises of section 4: the activation functions and their derivatives."""

from bplab.exercises._exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
