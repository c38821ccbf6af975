"""Exercise of the start: a gradient found with no formula at all."""

from bplab.exercises.section_0.exercises import EXERCISES

__all__ = ["EXERCISES"]
