"""The capstone: digits recognised by a network that is the learner's from end to end."""

from bplab.exercises.capstone.exercises import CHALLENGES, EXERCISES

__all__ = ["CHALLENGES", "EXERCISES"]
