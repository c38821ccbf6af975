"""The capstone: digits recognised by a network that is the learner's from end to end."""

from bplab.exercises._exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
