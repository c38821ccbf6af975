"""The exercise of section 0: a gradient found without any formula."""

from bplab.exercises.section_0.exercises import EXERCISES

__all__ = ["EXERCISES"]
