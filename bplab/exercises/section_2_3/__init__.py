"""Exercises of section 2.3: gradient descent, equations (12) and (13)."""

from bplab.exercises.section_2_3.exercises import EXERCISES

__all__ = ["EXERCISES"]
