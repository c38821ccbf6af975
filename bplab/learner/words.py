"""Say what went wrong with a learner's function, in the same words in checks and in panels."""

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
    """A sentence for a learner: what is wrong with something that they gave."""


def raises(what: str, raised: Raised) -> str:
    """Say which error "your ``what``" raises; its caller adds in which line."""
    return f"Your {what} raises {raised}"


def stops(what: str, raised: Raised) -> str:
    """Say the same in plain words if the cause is known, otherwise in the error's own words."""
    if raised.cause is None:
        return raises(what, raised)
    return f"Your {what} raises {raised.kind}: {raised.cause.says}."


def cure_of(raised: Raised) -> str:
    """Say what to do about an error, or what the error does; empty if neither is known."""
    if raised.kind in ("SystemExit", "KeyboardInterrupt"):
        return "It ends the program instead of returning an answer."
    return raised.cause.cure if raised.cause else ""


def what_was_there(raised: Raised) -> str:
    """Say which values an error involves, such as ``"In line 3, Z is (5, 11)."``; may be empty."""
    if not raised.there:
        return ""
    end = "" if raised.there.endswith("?") else "."
    return f"In {raised.line}, {raised.there}{end}" if raised.line else ""


def returns_nothing(what: str) -> str:
    """Say that a function returned None."""
    return f"Your {what} returns nothing: is a return missing?"


def writes_into(what: str, given: str) -> str:
    """Say that a function has changed its arguments."""
    return f"Your {what} writes into {given}"
