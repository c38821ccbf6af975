"""What graded notebooks tell: the record that every check left in its test cell.

A graded notebook holds words of a student's: whatever is read here is taken as text and numbers
of limited length, or left out.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bplab.exercises import RECORD_TYPE

__all__ = ["GradedNotebook", "Record", "read_graded", "read_records", "records_of"]

LONGEST = 2000
"""So many characters of a text are kept."""

MOST = 200
"""So many events or flags of a notebook are kept."""


@dataclass(frozen=True)
class Record:
    """How one exercise went.

    Attributes
    ----------
    exercise : str
        Id, e.g. ``"eq4"``.
    passed : bool
    mistake : str or None
        Name of the mistake, None if it passed.
    points, max_points : float or None
        What it gave, and could give; None in records of plain nbgrader, which do not say.
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
    passed: bool
    mistake: str | None
    points: float | None = None
    max_points: float | None = None
    says: str = ""
    hint: str = ""
    step: str = ""
    seconds: float | None = None
    note: str = ""


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
        In the notebook's order; of a test cell with several checks the last record counts.
    """
    return list(read_graded(path).records)


def records_of(notebook: Mapping[str, Any]) -> list[Record]:
    """Read the records of an executed notebook, as `read_records` does."""
    records = []
    for cell in map(_dict, notebook["cells"]):
        if not _dict(_dict(cell.get("metadata")).get("nbgrader")).get("grade"):
            continue
        data = (_dict(_dict(output).get("data")) for output in _list(cell.get("outputs")))
        found = [r for d in data if (r := _record(d.get(RECORD_TYPE))) is not None]
        records += found[-1:]
    return records


def _record(told: object) -> Record | None:
    if not isinstance(told, dict) or not isinstance(told.get("exercise"), str):
        return None
    passed = told.get("passed") is True
    return Record(
        exercise=_text(told["exercise"]),
        passed=passed,
        mistake=None if passed else _text(told.get("mistake")) or "unnamed",
        points=_number(told.get("points")),
        max_points=_number(told.get("max_points")),
        seconds=_number(told.get("seconds")),
        **{name: _text(told.get(name)) for name in ("says", "hint", "step", "note")},
    )


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _text(value: object) -> str:
    """At most so much of a text, without what would move a terminal's cursor or hide words."""
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
