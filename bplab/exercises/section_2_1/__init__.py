"""Exercises of section 2.1: the gradients for an elementwise output, equations (4) to (7)."""

from bplab.exercises.section_2_1.exercises import EXERCISES

__all__ = ["EXERCISES"]
