"""What went wrong with a learner's function: what checks and panels say in the same words."""

from bplab.errors import MessageAlone
from bplab.learner.call import Raised

__all__ = [
    "LearnerError",
    "cure_of",
    "raises",
    "returns_nothing",
    "stops",
    "what_was_there",
    "writes_into",
]


class LearnerError(MessageAlone, ValueError):
    """What is wrong with something that a learner gave, in a sentence for them."""


def raises(what: str, raised: Raised) -> str:
    """Say which error came up in what is called "Your ``what``"; where, is left to the caller."""
    return f"Your {what} raises {raised}"


def stops(what: str, raised: Raised) -> str:
    """Say the same in plain words, if the cause is known; else in the error's own."""
    if raised.cause is None:
        return raises(what, raised)
    return f"Your {what} raises {raised.kind}: {raised.cause.says}."


def cure_of(raised: Raised) -> str:
    """Say what to do about an error, or what it does; nothing if that is not known."""
    if raised.kind in ("SystemExit", "KeyboardInterrupt"):
        return "It ends the program in place of returning its answer."
    return raised.cause.cure if raised.cause else ""


def what_was_there(raised: Raised) -> str:
    """Say what took part where an error came up: ``"In line 3, Z is (5, 11)."``, or nothing."""
    if not raised.there:
        return ""
    end = "" if raised.there.endswith("?") else "."
    return f"In {raised.line}, {raised.there}{end}" if raised.line else ""


def returns_nothing(what: str) -> str:
    """Say that None came back."""
    return f"Your {what} returns nothing: is a return missing?"


def writes_into(what: str, given: str) -> str:
    """Say that something that was given is not as it was."""
    return f"Your {what} writes into {given}"
