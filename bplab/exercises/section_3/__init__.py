"""Exercises of section 3: D hidden layers, equations (14) to (18)."""

from bplab.exercises.section_3.exercises import EXERCISES

__all__ = ["EXERCISES"]
