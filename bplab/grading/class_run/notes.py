"""Notes on graded submissions, so that the next run can keep their marks.

There is one file for each student, in ``grading/graded/ASSIGNMENT``. It is valid as long as the
graded notebook is still the one that it was written for.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bplab.course import write_whole
from bplab.grading.folder import ClassFolder

__all__ = ["Note", "read_note", "write_note"]


@dataclass(frozen=True)
class Note:
    """What was noted of one submission.

    Attributes
    ----------
    digest : str
        Digest of what was handed in.
    graded_as : str
        Digest of how it was graded.
    notebook : str
        Digest of the graded notebook.
    scores : mapping of str to float or None
        Points by grade cell; None if a person has to mark it.
    mistakes : mapping of str to str or None
        Named mistake by grade cell; None if it passed.
    events, flags, notes : sequence of str
        For the instructor, a line each.
    """

    digest: str
    graded_as: str
    notebook: str
    scores: Mapping[str, float | None] = field(default_factory=dict)
    mistakes: Mapping[str, str | None] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write_note(course: ClassFolder, assignment: str, student: str, note: Note) -> None:
    """Write a note; the graded notebook must be in its place already."""
    path = _path(course, assignment, student)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(note)) + "\n")


def read_note(course: ClassFolder, assignment: str, student: str) -> Note | None:
    """Return the note on the notebook in ``autograded/``; None if none is valid for it."""
    try:
        told = json.loads(_path(course, assignment, student).read_text(encoding="utf-8"))
        lines = {kind: tuple(told[kind]) for kind in ("events", "flags", "notes")}
        note = Note(**{**told, **lines})
        graded = course.autograded(student, assignment) / f"{assignment}.ipynb"
        with graded.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == note.notebook
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not ours, or broken
    return note if same else None


def _path(course: ClassFolder, assignment: str, student: str) -> Path:
    return course.own / "graded" / assignment / f"{student}.json"
