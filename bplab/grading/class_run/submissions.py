"""What was handed in: whose folders count, and which notebook in them."""

import os
import stat
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from bplab.course.layout import CourseError
from bplab.grading.class_run.folder import ClassFolder

__all__ = ["Refused", "Submission", "TooLarge", "find_submissions", "read_regular", "shown"]

_LONGEST = 128  # characters of a student's id in nbgrader's database
_DEPTH = 2  # how many folders deep a notebook is looked for, where it is not where it should be
# characters that end a line or turn the text around them, in tables and file names
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment.

    Attributes
    ----------
    student : str
        Id: the folder's name.
    folder : Path
    notebook : Path or None
        The one to grade; None if there is none.
    timestamp : datetime or None
        When it was handed in (UTC), as nbgrader noted it in ``timestamp.txt``.
    events : tuple of str
        What an instructor should know of the folder, one line each.
    """

    student: str
    folder: Path
    notebook: Path | None
    timestamp: datetime | None
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A folder that is not taken for a student's: its name, made printable, and why."""

    name: str
    why: str


class TooLarge(ValueError):
    """A file above the size limit."""


def find_submissions(
    course: ClassFolder, assignment: str, students: Collection[str] = ()
) -> tuple[list[Submission], list[Refused]]:
    """Find who handed in an assignment.

    Only real folders count, directly where nbgrader's ``directory_structure`` has a student's
    name: no symbolic link is followed, in or out of the course.

    Parameters
    ----------
    course : ClassFolder
    assignment : str
    students : collection of str
        Only these, if any are given.

    Returns
    -------
    submissions : list of Submission
        In the order of the students' ids.
    refused : list of Refused

    Raises
    ------
    CourseError
        If one of ``students`` handed in nothing.
    """
    found, refused = [], []
    excluded = set(course.settings.student_id_exclude.split(","))
    for student, folder, why in _folders(course, assignment):
        if why:
            refused.append(Refused(shown(student), why))
        elif student not in excluded and (not students or student in students):
            found.append(_submission(student, folder, assignment))
    missing = set(students) - {submission.student for submission in found}
    if missing:
        where = course.submitted("STUDENT", assignment)
        raise CourseError(
            f"nothing handed in by {', '.join(sorted(missing))}: no such folder like {where}"
        )
    return found, ([] if students else refused)


def _folders(course: ClassFolder, assignment: str) -> Iterator[tuple[str, Path, str]]:
    """Yield (student, folder, why it is refused or "") for each that holds the assignment."""
    mark = "\0"
    parts = course.submitted(mark, assignment).parts
    at = [i for i, part in enumerate(parts) if mark in part]
    if len(at) != 1 or parts[at[0]].count(mark) != 1:
        raise CourseError(
            "CourseDirectory.directory_structure must name {student_id} once: got "
            f"{course.settings.directory_structure!r}"
        )
    above, below = Path(*parts[: at[0]]), parts[at[0] + 1 :]
    before, after = parts[at[0]].split(mark)
    try:
        entries = sorted(os.scandir(above), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        name = entry.name
        if name.startswith(".") or not (name.startswith(before) and name.endswith(after)):
            continue
        student = name[len(before) : len(name) - len(after)]
        folder = Path(entry.path, *below)
        if not student or not folder.is_dir():
            continue
        steps = [Path(entry.path, *below[:depth]) for depth in range(len(below) + 1)]
        if any(step.is_symlink() for step in steps):
            yield student, folder, "a symbolic link, not a folder: copy the student's files there"
        else:
            yield student, folder, _bad_name(student)


def _bad_name(student: str) -> str:
    if len(student) > _LONGEST:
        return f"longer than {_LONGEST} characters: rename the folder"
    kinds = {unicodedata.category(letter) for letter in student}
    if kinds & {"Cc", "Cs", "Zl", "Zp"} or _BIDI & set(student):
        return "control characters or broken letters in the name: rename the folder"
    if student.strip() != student:
        return "the name begins or ends with a space, which nbgrader strips: rename the folder"
    return ""


def shown(name: str, most: int = _LONGEST) -> str:
    """Return a student's words as they may be printed on one line of ``most`` characters."""
    bad = (unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in _BIDI for c in name)
    plain = "".join(
        letter.encode("unicode_escape").decode() if escape else letter
        for letter, escape in zip(name, bad, strict=True)
    )
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def _submission(student: str, folder: Path, assignment: str) -> Submission:
    notebook, events = _choose(folder, f"{assignment}.ipynb")
    timestamp = None
    try:
        text = read_regular(folder / "timestamp.txt", 1000).decode().strip()
        timestamp = parse_utc(text) if text else None
    except FileNotFoundError:
        pass
    except (OSError, ValueError, OverflowError, TypeError):
        events.append("timestamp.txt is not a time: taken as not late")
    return Submission(student, folder, notebook, timestamp, tuple(events))


def _choose(folder: Path, expected: str) -> tuple[Path | None, list[str]]:
    """Return the notebook to grade, and what there is to say about it."""
    found, events = [], []
    for depth in range(_DEPTH + 1):
        notebooks = [p for p in _below(folder, depth) if p.name.lower().endswith(".ipynb")]
        for path in notebooks:
            if path.is_symlink() or not path.is_file():
                name = shown(str(path.relative_to(folder)))
                events.append(f"{name} is not a regular file: not read")
            else:
                found.append(path)
        if found:
            break
    if not found:
        return None, events
    # the exact name, else the newest; names decide where times are equal
    best = max(found, key=lambda p: (p.name == expected, p.stat().st_mtime_ns, p.name))
    name, others = (
        shown(str(best.relative_to(folder))),
        [shown(str(path.relative_to(folder))) for path in sorted(found) if path != best],
    )
    if name != expected:
        newest = ", the newest of several" if others else ""
        events.append(f"no {expected}: {name} was graded{newest}")
    if others:
        events.append(f"also handed in, not graded: {', '.join(others)}")
    return best, events


def _below(folder: Path, depth: int) -> list[Path]:
    """Return what is ``depth`` folders below, in order; hidden folders and links are left out."""
    if not depth:
        return sorted(folder.iterdir())
    return [
        path
        for inner in sorted(folder.iterdir())
        if not inner.name.startswith((".", "__")) and inner.is_dir() and not inner.is_symlink()
        for path in _below(inner, depth - 1)
    ]


def read_regular(path: Path, limit: int) -> bytes:
    """Read a file of at most ``limit`` bytes; links, pipes and devices are not opened.

    Raises
    ------
    TooLarge
        If it is larger.
    OSError
        If it is not a regular file, or cannot be read.
    """
    # O_NONBLOCK: a pipe in a student's folder must not be waited for
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError(f"{path} is not a regular file")
        if about.st_size > limit:
            raise TooLarge(f"{about.st_size / 1e6:.1f} MB; at most {limit / 1e6:g} MB are read")
        return file.read(limit)
