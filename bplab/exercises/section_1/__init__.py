"""Exercises of section 1 and the loss: the forward pass, equations (1) to (3)."""

from bplab.exercises.section_1.exercises import EXERCISES

__all__ = ["EXERCISES"]
