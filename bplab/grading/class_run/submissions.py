"""Students' folders: what was handed in, and what goes into ``autograded``.

`find_submissions` decides which folders count as a student's, and which notebook in each is graded.
`stage` writes a graded folder next to its place; it is renamed when the marks are in the gradebook.
"""

import fnmatch
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nbgrader.utils import gettz, parse_utc

from bplab.course import CourseError
from bplab.grading.files import TIMESTAMP, TooLarge, not_regular, pieces, read_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.inert import MARKUP
from bplab.grading.printable import LONGEST, is_printable, shown

__all__ = [
    "LINK",
    "Refused",
    "Staged",
    "Submission",
    "bad_name",
    "find_submissions",
    "handed_in_at",
    "stage",
    "student_folders",
    "tidy",
]

LINK = "a symbolic link, not a folder: copy the student's files there"

_DEPTH = 2  # folders to go down in search of a notebook that is not where it should be


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
    """A folder that does not count as a student's: its name, made printable, and why."""

    name: str
    why: str


def find_submissions(
    course: ClassFolder, assignment: str, students: Collection[str] = ()
) -> tuple[list[Submission], list[Refused]]:
    """Find the submissions of an assignment.

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
    for student, folder, why in student_folders(course, assignment):
        if why:
            refused.append(Refused(shown(student), why))
        elif student not in excluded and (not students or student in students):
            try:
                found.append(_submission(student, folder, assignment))
            except OSError as error:
                refused.append(Refused(shown(student), _unreadable(error)))
    if students:
        refused = [one for one in refused if one.name in students]
    missing = set(students) - {one.student for one in found} - {one.name for one in refused}
    if missing:
        where = course.submitted("STUDENT", assignment)
        raise CourseError(
            f"nothing handed in by {', '.join(sorted(missing))}: no such folder like {where}"
        )
    return found, refused


def student_folders(course: ClassFolder, assignment: str) -> Iterator[tuple[str, Path, str]]:
    """Yield (student, folder, why it is refused, or "") for each folder of the assignment."""
    above, before, after, below = course.submitted_place(assignment)
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
        try:
            if not student or not folder.is_dir():
                continue
        except OSError as error:
            yield student, folder, _unreadable(error)
            continue
        steps = [Path(entry.path, *below[:depth]) for depth in range(len(below) + 1)]
        if any(step.is_symlink() for step in steps):
            yield student, folder, LINK
        else:
            yield student, folder, bad_name(student)


def _unreadable(error: OSError) -> str:
    return f"the folder cannot be read, so there is no mark: {error.strerror or error}"


def bad_name(student: str) -> str:
    """Return why a folder's name cannot be a student's id; "" if it can.

    The words are meant to follow the name.
    """
    if len(student) > LONGEST:
        return f"longer than {LONGEST} characters: rename the folder"
    if not all(map(is_printable, student)):
        return "control characters or broken letters in the name: rename the folder"
    if MARKUP & set(student):
        return "letters in the name that are code in nbgrader's pages: rename the folder"
    if student.strip() != student:
        return "the name begins or ends with a space, which nbgrader strips: rename the folder"
    return ""


def _submission(student: str, folder: Path, assignment: str) -> Submission:
    notebook, events = _choose(folder, f"{assignment}.ipynb")
    timestamp = None
    try:
        timestamp = handed_in_at(folder)
        if (zone := _unknown_zone(folder)) and timestamp is not None:
            taken = f"{timestamp:%Y-%m-%d %H:%M} UTC"
            events.append(
                f"{TIMESTAMP} has the time zone {shown(zone)}, which nbgrader does not know: "
                f"taken as {taken}"
            )
    except ValueError as error:
        events.append(f"{error}: treated as on time")
    return Submission(student, folder, notebook, timestamp, tuple(events))


def handed_in_at(folder: Path) -> datetime | None:
    """Return when a student's folder was handed in (UTC); None if nobody has noted it.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    ValueError
        If its ``timestamp.txt`` is not a time.
    """
    try:
        text = _noted(folder)
        return parse_utc(text) if text else None
    except (OSError, ValueError, OverflowError, TypeError) as error:
        raise ValueError(f"{TIMESTAMP} is not a time") from error


def _noted(folder: Path) -> str:
    try:
        return read_regular(folder / TIMESTAMP, 1000).decode().strip()
    except FileNotFoundError:
        return ""


def _unknown_zone(folder: Path) -> str:
    """Return the zone in ``timestamp.txt`` if nbgrader misreads it; "" if it does not."""
    match _noted(folder).split(" "):
        case [_, _, zone]:
            try:
                return zone if int(zone) else ""  # nbgrader reads +0200 as 200 seconds
            except ValueError:
                return zone if gettz(zone) is None else ""
    return ""


def _choose(folder: Path, expected: str) -> tuple[Path | None, list[str]]:
    """Return the notebook to grade, or None, and lines about what was found."""
    found, events = [], []
    for depth in range(_DEPTH + 1):
        notebooks = [p for p in _below(folder, depth) if p.name.lower().endswith(".ipynb")]
        for path in notebooks:
            if why := not_regular(path.lstat()):
                name = shown(str(path.relative_to(folder)))
                events.append(f"{name} {why}: not read")
            else:
                found.append(path)
        if found:
            break
    if not found:
        return None, events
    # the exact name, else the newest; names decide between equal times
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
    """Return the paths ``depth`` folders down, in order; hidden folders and links are left out."""
    if not depth:
        return sorted(folder.iterdir())
    return [
        path
        for inner in sorted(folder.iterdir())
        if not inner.name.startswith((".", "__")) and inner.is_dir() and not inner.is_symlink()
        for path in _below(inner, depth - 1)
    ]


# --- what is graded ---------------------------------------------------------------------


@dataclass(frozen=True)
class Staged:
    """A graded folder of a student that is written, but not yet in its place."""

    beside: Path
    place: Path

    def put_in_place(self) -> None:
        """Replace the folder that is in its place.

        Between the two renames the place is empty. If the run is ended just then, the next run
        grades the submission again.
        """
        old = _beside(self.place, "old")
        if self.place.exists():
            self.place.rename(old)
        self.beside.rename(self.place)
        shutil.rmtree(old, ignore_errors=True)

    def discard(self) -> None:
        """Remove the written folder, and the student's folder above it if nothing else is in it."""
        shutil.rmtree(self.beside, ignore_errors=True)
        if not any(self.place.parent.iterdir()):
            self.place.parent.rmdir()


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f".{place.name}.bplab-{what}")  # hidden from nbgrader's "*"


def tidy(place: Path) -> None:
    """Remove what an interrupted run has left next to a student's folder."""
    for what in ("new", "old"):
        shutil.rmtree(_beside(place, what), ignore_errors=True)


def stage(
    course: ClassFolder,
    assignment: str,
    submission: Submission,
    notebook: bytes,
    files: Mapping[str, bytes],
    limit: int,
) -> Staged:
    """Write a student's graded folder: the notebook, and the files beside it.

    Parameters
    ----------
    notebook : bytes
        The graded notebook.
    files : mapping of str to bytes
        Files that the notebook found beside it. Notebooks among them are not written, since
        nbgrader would take them for graded ones.
    limit : int
        Bytes; files of the instructor's that are larger are left out.
    """
    place = course.autograded(submission.student, assignment)
    staged = Staged(_beside(place, "new"), place)
    tidy(place)
    staged.beside.mkdir(parents=True)
    (staged.beside / f"{assignment}.ipynb").write_bytes(notebook)
    # no file is overwritten: the instructor's are written first, and replace the student's
    source = course.source(assignment)
    students_own = course.students_own(assignment)
    for path in _files(source, course.settings.ignore):
        if str(path.relative_to(source)) not in students_own:
            _copy(path, staged.beside / path.relative_to(source), limit)
    for name, content in files.items():
        if not name.lower().endswith(".ipynb"):
            _write(staged.beside / name, [content])
    above = course.above_submitted(assignment)
    _copy(submission.folder / TIMESTAMP, staged.beside / TIMESTAMP, limit, above)
    _set_permissions(course, staged.beside)
    return staged


def _files(folder: Path, ignore: list[str]) -> Iterator[Path]:
    """Yield the files below a folder, except notebooks and what the settings ignore."""

    def ignored(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in ignore)

    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not ignored(name)]
        for name in sorted(names):
            if not ignored(name) and not name.lower().endswith(".ipynb"):
                yield Path(above, name)


def _copy(path: Path, to: Path, limit: int, below: Path | None = None) -> None:
    with suppress(OSError, TooLarge):
        _write(to, pieces(path, limit, below))


def _write(to: Path, content: Iterable[bytes]) -> None:
    """Write a file unless there is one of that name; leave no half-written file."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        file = to.open("xb")
    except (FileExistsError, NotADirectoryError):
        return
    try:
        with file:
            file.writelines(content)
    except BaseException:
        to.unlink()
        raise


def _set_permissions(course: ClassFolder, folder: Path) -> None:
    mode, shared = int(str(course.autograde.permissions), 8), course.settings.groupshared
    for above, _, names in os.walk(folder):
        for name in names:
            os.chmod(os.path.join(above, name), mode)
        if shared:
            os.chmod(above, (os.stat(above).st_mode | 0o2770) & 0o2777)
