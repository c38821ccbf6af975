"""What goes into the folder ``autograded``: written beside, renamed when the marks are in."""

import fnmatch
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bplab.grading.class_run.folder import ClassFolder
from bplab.grading.class_run.submissions import Submission, TooLarge, read_regular, shown

__all__ = ["Staged", "not_copied", "stage", "tidy"]


@dataclass(frozen=True)
class Staged:
    """A student's folder, written, that is not yet where everybody looks for it."""

    beside: Path
    place: Path

    def put_in_place(self) -> None:
        """Take the place of what was there.

        Between the two renames nothing is there: whoever stops us there has it graded again.
        """
        old = _beside(self.place, "old")
        if self.place.exists():
            self.place.rename(old)
        self.beside.rename(self.place)
        shutil.rmtree(old, ignore_errors=True)

    def discard(self) -> None:
        """Remove it, and the student's folder if nothing else is in it."""
        shutil.rmtree(self.beside, ignore_errors=True)
        if not any(self.place.parent.iterdir()):
            self.place.parent.rmdir()


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f".{place.name}.bplab-{what}")  # hidden: nbgrader's "*" passes it by


def tidy(place: Path) -> None:
    """Remove what a run that was ended has left beside a student's folder."""
    for what in ("new", "old"):
        shutil.rmtree(_beside(place, what), ignore_errors=True)


def stage(
    course: ClassFolder, assignment: str, submission: Submission, notebook: str, limit: int
) -> Staged:
    """Write a student's folder: the graded notebook, and other files, as nbgrader copies them.

    Parameters
    ----------
    notebook : str
        Text of the graded notebook.
    limit : int
        Bytes; larger files are left out.
    """
    place = course.autograded(submission.student, assignment)
    staged = Staged(_beside(place, "new"), place)
    tidy(place)
    staged.beside.mkdir(parents=True)
    # a lone surrogate in a student's text becomes the escape that JSON has for it
    written = notebook.encode("utf-8", errors="backslashreplace")
    (staged.beside / f"{assignment}.ipynb").write_bytes(written)
    # what is there first stays: the instructor's files take the place of the student's
    source = course.source(assignment)
    students_own = set(course.autograde.exclude_overwriting.get(assignment, ()))
    for path in _files(source, course.settings.ignore):
        if str(path.relative_to(source)) not in students_own:
            _copy(path, staged.beside / path.relative_to(source), limit)
    for path in _files(submission.folder, course.settings.ignore):
        _copy(path, staged.beside / path.relative_to(submission.folder), limit)
    _set_permissions(course, staged.beside)
    return staged


def not_copied(course: ClassFolder, submission: Submission, limit: int) -> list[str]:
    """Return what there is to say about other files that are not copied, one line each."""
    said = []
    for path in _files(submission.folder, course.settings.ignore, links=True):
        name = shown(str(path.relative_to(submission.folder)))
        if path.is_symlink() or not path.is_file():
            said.append(f"{name} is not a regular file: not copied")
        elif path.stat().st_size > limit:
            said.append(f"{name} is above {limit / 1e6:g} MB: not copied")
    return said


def _files(folder: Path, ignore: list[str], *, links: bool = False) -> Iterator[Path]:
    """Yield the files below, but notebooks and what the settings say to ignore."""

    def ignored(name: str) -> bool:
        return any(fnmatch.fnmatch(name, pattern) for pattern in ignore)

    for above, folders, names in os.walk(folder):
        linked = [name for name in folders if os.path.islink(os.path.join(above, name))]
        folders[:] = [name for name in folders if not ignored(name)]
        for name in sorted([*names, *(linked if links else [])]):
            if not ignored(name) and not name.lower().endswith(".ipynb"):
                yield Path(above, name)


def _copy(path: Path, to: Path, limit: int) -> None:
    try:
        content = read_regular(path, limit)
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("xb") as file:
            file.write(content)
    except (OSError, TooLarge):
        return  # there is one of that name, or `not_copied` has said why


def _set_permissions(course: ClassFolder, folder: Path) -> None:
    mode, shared = int(str(course.autograde.permissions), 8), course.settings.groupshared
    for above, _, names in os.walk(folder):
        for name in names:
            os.chmod(os.path.join(above, name), mode)
        if shared:
            os.chmod(above, (os.stat(above).st_mode | 0o2770) & 0o2777)
