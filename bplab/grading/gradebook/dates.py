"""When a submission was due, and how late it came; times are UTC without a zone, as nbgrader's."""

from datetime import datetime, timedelta
from math import ceil

from bplab.counting import counted

__all__ = ["due_at", "length", "seconds_late"]


def due_at(duedate: datetime | None, extension: timedelta | None) -> datetime | None:
    """Return when a student's submission is due; None where the assignment has no due date."""
    return duedate + (extension or timedelta()) if duedate else None


def seconds_late(due: datetime | None, handed_in: datetime | None) -> float | None:
    """Return how many seconds late a submission is, 0 if in time; None if a date is unknown."""
    if due is None or handed_in is None:
        return None
    return max(0.0, (handed_in - due).total_seconds())


def length(seconds: float) -> str:
    """Return a length of time in words, in its two largest units: ``"1 day 4 h"``, ``"59 s"``."""
    parts: list[str] = []
    left = ceil(seconds)  # late by less than a second is still late
    for unit, name in ((86400, "day"), (3600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, unit)
        words = counted(count, name, "" if name == "day" else name)
        if count or parts:
            parts.append(words if count else "")
    return " ".join(filter(None, parts[:2])) or "0 s"
