"""What went wrong with a learner's function, in words: the same ones wherever it is called."""

from bplab.learner.call import Raised

__all__ = [
    "LearnerError",
    "not_finite",
    "not_written",
    "raises",
    "returns_nothing",
    "slow",
    "writes_into",
]

LOOPS = "Replace its loops by operations on whole arrays."


class LearnerError(ValueError):
    """What is wrong with something that a learner gave, in a sentence for them."""


def not_written(what: str) -> str:
    """Say that a function is still the starter; ``what`` it is: ``"function"``, ``"softmax"``."""
    return f"Your {what} is not written yet: write it, run its cell."


def raises(what: str, raised: Raised) -> str:
    """Say which error came up; where, is left to the caller."""
    return f"Your {what} raises {raised}"


def returns_nothing(what: str) -> str:
    """Say that None came back."""
    return f"Your {what} returns nothing: is a return missing?"


def writes_into(what: str, given: str) -> str:
    """Say that something that was given is not as it was."""
    return f"Your {what} writes into {given}"


def not_finite(what: str, where: str = "") -> str:
    """Say that NaN or infinity came back; ``where`` goes on from there: ``" at x = -6"``."""
    return f"Your {what} holds a number that is not finite (NaN or infinite){where}."


def slow(what: str, how: str, faster: str = LOOPS) -> str:
    """Say that it takes too long: ``how`` long, and how to make it ``faster``."""
    return f"Your {what} is slow: {how}. {faster}"
