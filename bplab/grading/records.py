"""What graded notebooks tell: the record that every check leaves in its test cell.

A graded notebook holds words of a student's: whatever is read here is taken as text and numbers
of limited length, or left out.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bplab.exercises import RECORD_TYPE

__all__ = [
    "TEST",
    "GradedNotebook",
    "Record",
    "read_graded",
    "read_records",
    "record_in",
    "records_of",
]

TEST = "test-"
"""The ids of test cells begin with this; what follows is the id of their exercise."""

LONGEST, MOST = 2000, 200
"""How many characters of a text, and how many events or flags of a notebook, are kept."""


@dataclass(frozen=True)
class Record:
    """How one exercise went.

    Attributes
    ----------
    exercise : str
        Id, e.g. ``"eq4"``.
    points, max_points : float
        What it gave, and could give; 0 in records of plain nbgrader, which do not say.
    mistake : str or None
        Name of the mistake, None if the answer is right.
    says, hint : str
        The mistake in a sentence, and why it is one.
    step : str
        The step of the backward pass that goes wrong, e.g. ``"send back"``.
    seconds : float or None
        How long the student's function took on all cases.
    note : str
        What happened to the cell, e.g. ``"took longer than 30 s"``; empty if nothing did.
    """

    exercise: str
    points: float = 0.0
    max_points: float = 0.0
    mistake: str | None = None
    says: str = ""
    hint: str = ""
    step: str = ""
    seconds: float | None = None
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.mistake is None

    @property
    def data(self) -> dict[str, Any]:
        """What a test cell's output has under `RECORD_TYPE`; `record_in` reads it."""
        return {**asdict(self), "passed": self.passed}


@dataclass(frozen=True)
class GradedNotebook:
    """All that a graded notebook tells.

    Attributes
    ----------
    records : tuple of Record
        In the notebook's order.
    events : tuple of str
        What happened while it was graded, a line each: ``"kernel died in cell 7"``.
    flags : tuple of str
        What the instructor should look at, a line each.
    seconds : float or None
        How long grading took.
    """

    records: tuple[Record, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    seconds: float | None = None


def read_graded(path: Path) -> GradedNotebook:
    """Read what a graded notebook tells: its records, and what happened meanwhile.

    Parameters
    ----------
    path : Path
        A notebook in nbgrader's ``autograded`` folder.

    Raises
    ------
    OSError
        If there is no such file.
    ValueError
        If it is not a notebook.
    """
    # nbformat would validate every cell first, which takes ten times as long
    try:
        notebook = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not a notebook: {error}") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError(f"{path} is not a notebook of format 4: it has no list of cells")
    told = _dict(_dict(notebook.get("metadata")).get("bplab"))
    return GradedNotebook(
        tuple(records_of(notebook)),
        _lines(told.get("events")),
        _lines(told.get("flags")),
        _number(told.get("seconds")),
    )


def read_records(path: Path) -> list[Record]:
    """Read the records of an autograded notebook, one for each test cell that left any.

    Parameters
    ----------
    path : Path
        A notebook in nbgrader's ``autograded`` folder.

    Returns
    -------
    list of Record
        In the notebook's order.
    """
    return list(read_graded(path).records)


def records_of(notebook: Mapping[str, Any]) -> list[Record]:
    """Read the records of an executed notebook, as `read_records` does."""
    cells = map(_dict, notebook["cells"])
    tests = (c for c in cells if _dict(_dict(c.get("metadata")).get("nbgrader")).get("grade"))
    return [record for cell in tests if (record := record_in(cell)) is not None]


def record_in(cell: Mapping[str, Any]) -> Record | None:
    """Read what a test cell's checks left: of several records the last counts."""
    data = (_dict(_dict(output).get("data")) for output in _list(cell.get("outputs")))
    found = [record for one in data if (record := _record(one.get(RECORD_TYPE))) is not None]
    return found[-1] if found else None


def _record(told: object) -> Record | None:
    if not isinstance(told, dict) or not isinstance(told.get("exercise"), str):
        return None
    return Record(
        exercise=_text(told["exercise"]),
        points=_number(told.get("points")) or 0.0,
        max_points=_number(told.get("max_points")) or 0.0,
        mistake=None if told.get("passed") is True else _text(told.get("mistake")) or "unnamed",
        seconds=_number(told.get("seconds")),
        **{name: _text(told.get(name)) for name in ("says", "hint", "step", "note")},
    )


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    """The beginning of a text, without what would move a terminal's cursor or hide words."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in value[:LONGEST])


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _lines(value: object) -> tuple[str, ...]:
    return tuple(_text(line) for line in _list(value) if isinstance(line, str))[:MOST]
