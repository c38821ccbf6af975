"""Put a student's notebook into its folder, unless what is there already is as good or newer."""

import shutil
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from bplab.course import CourseError, write_whole
from bplab.grading.class_run.submissions import handed_in_at
from bplab.grading.collect.choose import Chosen
from bplab.grading.collect.results import Collected, State, Taken, printed
from bplab.grading.files import TIMESTAMP, TooLarge, not_regular, read_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.handed_in import Unfit

__all__ = ["put", "replace_folder"]


def put(
    course: ClassFolder,
    assignment: str,
    student: str,
    chosen: Chosen,
    result: Collected,
    *,
    update: bool,
    dry: bool,
) -> None:
    """Put a student's files where they are graded, unless what is there is the same or newer.

    Parameters
    ----------
    course : ClassFolder
    assignment, student : str
    chosen : Chosen
    result : Collected
        Gets what is taken, and what is left.
    update : bool
        Whether to replace what is there if nothing tells which of the two is newer.
    dry : bool
        Whether to write nothing.

    Raises
    ------
    CourseError
        If the folder cannot be written.
    """
    place, notebook = course.submitted(student, assignment), chosen.notebook
    at = notebook.at.astimezone(UTC) if notebook.at else None
    unfit = Collected("")
    contents = _contents(f"{assignment}.ipynb", chosen, unfit)
    state, why = _compared(place, f"{assignment}.ipynb", contents, at, update=update)
    notes = chosen.notes
    if at is not None and at > datetime.now(UTC):
        notes += (
            f"handed in {at:%Y-%m-%d %H:%M} UTC, which is in the future: is the time zone right?",
        )
    if at is not None and state is State.DATED:
        before = _noted(place)
        was = f"noted was {before:%Y-%m-%d %H:%M} UTC" if before else "no time was noted"
        notes += (f"handed in {at:%Y-%m-%d %H:%M} UTC; {was}",)
        if not dry:
            _note_time(place, at)
    elif state is State.UNCHANGED:
        if why:
            result.leave(notebook.file.path, why)
        for one in chosen.beside if why else ():
            result.leave(one.file.path, "its notebook is not taken")
    else:
        result.left += unfit.left
        if not dry:
            _write(place, contents, at, course.own / "earlier" / assignment / student)
    taken = Taken(student, state, printed(notebook.file.path), at, notes)
    result.taken.append(taken)


def _compared(
    place: Path,
    name: str,
    contents: dict[PurePosixPath, bytes],
    at: datetime | None,
    *,
    update: bool,
) -> tuple[State, str]:
    """Return what to do with a student's folder, and, if it is to stay, why."""
    if not place.is_symlink() and not place.exists():
        return State.NEW, ""
    if place.is_symlink() or not place.is_dir():
        return State.UNCHANGED, f"{place} is not a folder: move it away"
    there = place / name
    if there.is_symlink() or (there.exists() and not_regular(there.lstat())):
        return State.UNCHANGED, f"{there} is not a regular file: move it away"
    if all(_holds(place / path, content) for path, content in contents.items()):
        return State.UNCHANGED if at is None or at == _noted(place) else State.DATED, ""
    before = _noted(place)
    if before is not None and at is not None and (at < before or (at == before and not update)):
        return State.UNCHANGED, f"one of {before:%Y-%m-%d %H:%M} UTC is there, which is not older"
    if update or None not in (before, at) or not any(place.iterdir()):
        return State.REPLACED, ""
    why = "a different one is there, and no time says which is newer: --update takes this"
    return State.UNCHANGED, why


def _noted(place: Path) -> datetime | None:
    try:
        at = handed_in_at(place)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at else None


def _holds(file: Path, content: bytes) -> bool:
    try:
        return read_regular(file, len(content)) == content
    except (OSError, TooLarge):
        return False


def _contents(name: str, chosen: Chosen, result: Collected) -> dict[PurePosixPath, bytes]:
    """Return the files for a student's folder; those with unsuitable names are left."""
    contents = {PurePosixPath(name): chosen.content}
    for one in chosen.beside:
        try:
            content = one.file.read()
        except Unfit as error:
            result.leave(one.file.path, str(error))
            continue
        if why := _bad_path(one.own, contents):
            result.leave(one.file.path, why)
        else:
            contents[one.own] = content
    return contents


def _bad_path(path: PurePosixPath, others: Collection[PurePosixPath]) -> str:
    if len(path.parts) > 10 or any(len(part.encode()) > 200 for part in path.parts):
        return "has a name that is too long"
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in str(path)):
        return "has control characters in its name"
    if any(part.startswith(".") for part in path.parts):
        return "is hidden"
    for other in others:  # some file systems ignore case
        one, two = str(path).casefold(), str(other).casefold()
        if one == two or one.startswith(f"{two}/") or two.startswith(f"{one}/"):
            return "has the name of another file"
    return ""


def _write(
    place: Path, contents: dict[PurePosixPath, bytes], at: datetime | None, earlier: Path
) -> None:
    """Write a student's folder next to its place, and then move it there as a whole."""
    beside = place.with_name(f".{place.name}.bplab-new")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        for path, content in contents.items():
            to = beside.joinpath(*path.parts)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(content)
        if at is not None:
            _note_time(beside, at)
        replace_folder(place, beside, earlier)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise _not_written(place, error) from error


def _note_time(place: Path, at: datetime) -> None:
    try:
        write_whole(place / TIMESTAMP, f"{at:%Y-%m-%d %H:%M:%S.%f} UTC\n")
    except OSError as error:
        raise _not_written(place, error) from error


def _not_written(place: Path, error: OSError) -> CourseError:
    return CourseError(
        f"{place} cannot be written: {error.strerror or error}. What was collected before is "
        "complete, and the same command goes on"
    )


def replace_folder(place: Path, beside: Path, earlier: Path) -> None:
    """Put a student's folder in its place as a whole; an older one is moved into ``earlier``.

    Parameters
    ----------
    place : Path
    beside : Path
        The new folder, on the same file system.
    earlier : Path
        Folder for replaced ones, which get the next number as their name.
    """
    if place.exists():
        earlier.mkdir(parents=True, exist_ok=True)
        numbers = [int(one.name) for one in earlier.iterdir() if one.name.isdecimal()]
        place.rename(earlier / str(1 + max(numbers, default=0)))
    beside.rename(place)
