"""The results of reviews, kept in the folder of the progress, and when an exercise comes again.

It comes after 1, 3, 7 and 21 days. Only the first right answer of a day moves on to the next
interval: ten right answers in one evening do not show that something is remembered for weeks. A
wrong answer goes back to 1 day.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from bplab.exercises.stored import fetch, store

__all__ = ["DAYS", "FOLDER", "UNASKED", "Result", "due", "due_on", "note", "results"]

DAYS = (1, 3, 7, 21)
"""The intervals in days; the last one repeats."""

FOLDER = "review"
"""A folder in that of the progress, with a file for each exercise."""

UNASKED = frozenset({"one-epoch", "local-slopes", "reverse-pass"})
"""Exercises that are not reviewed: a table cannot show the function or graph they are given."""

KEPT = 200
"""How many results of an exercise are kept."""


@dataclass(frozen=True)
class Result:
    """One answer.

    Attributes
    ----------
    when : str
        ISO date and time.
    right : bool
    kind : str
        The item's kind.
    """

    when: str
    right: bool
    kind: str

    @property
    def day(self) -> date:
        """The day on which the answer was given."""
        return datetime.fromisoformat(self.when).date()


def due_on(passed: str, answers: Iterable[Result]) -> date:
    """Return the day on which an exercise is to be reviewed next.

    Parameters
    ----------
    passed : str
        When it passed, as an ISO date and time.
    answers : iterable of Result
        Oldest first.
    """
    last, level, moved = _day(passed), 0, None
    for answer in answers:
        last = max(last, answer.day)
        if not answer.right:
            level, moved = 0, answer.day
        elif moved is None or answer.day > moved:
            level, moved = level + 1, answer.day
    wait = timedelta(days=DAYS[min(level, len(DAYS) - 1)])
    return min(last, date.max - wait) + wait


def due(folder: Path, passed: Mapping[str, str], today: date) -> dict[str, date]:
    """Return the exercises to be reviewed today and their days, those that wait longest first.

    Parameters
    ----------
    folder : Path
        The folder of the progress.
    passed : mapping of str to str
        The time at which each exercise passed, by its id.
    today : date
    """
    days = {id: due_on(when, results(folder, id)) for id, when in passed.items()}
    return {id: day for id, day in sorted(days.items(), key=lambda one: one[1]) if day <= today}


def results(folder: Path, id: str) -> list[Result]:
    """Return the results noted for an exercise, without those that are spoilt."""
    try:
        noted = fetch(folder / FOLDER / f"{id}.json")
    except (OSError, ValueError):
        return []
    found = []
    for one in noted if isinstance(noted, list) else ():
        with suppress(TypeError, ValueError):
            result = Result(**one)
            _ = result.day
            if isinstance(result.right, bool) and isinstance(result.kind, str):
                found.append(result)
    return found


def note(folder: Path, id: str, result: Result) -> None:
    """Note an answer as a whole or not at all; if the file cannot be written, nothing happens."""
    known = [*results(folder, id), result][-KEPT:]
    with suppress(OSError):
        store(folder / FOLDER / f"{id}.json", [*map(asdict, known)])


def _day(when: str) -> date:
    """Return the day of an ISO time; a day long ago if the text is not one."""
    try:
        return datetime.fromisoformat(when).date()
    except ValueError:
        return date(2000, 1, 1)
