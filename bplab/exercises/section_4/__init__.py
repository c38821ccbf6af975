"""Exercises of section 4: six activation functions, each with its derivative."""

from bplab.exercises.section_4.exercises import EXERCISES

__all__ = ["EXERCISES"]
