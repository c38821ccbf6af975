"""Exercises of section 2.2: the gradients where every output looks at all of t, (8) to (11)."""

from bplab.exercises.section_2_2.exercises import EXERCISES

__all__ = ["EXERCISES"]
