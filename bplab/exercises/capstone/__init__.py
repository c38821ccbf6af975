"""The capstone: digits recognised by a network that the learner wrote from end to end."""

from bplab.exercises.capstone.exercises import CHALLENGES, EXERCISES

__all__ = ["CHALLENGES", "EXERCISES"]
