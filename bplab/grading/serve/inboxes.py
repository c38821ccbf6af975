"""Where submissions arrive: ``submitted/`` itself, another folder like it, nbgrader's exchange.

An inbox lists the submissions in it, and brings each into ``submitted/``, where it is judged.
"""

import copy
import glob
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from nbgrader.apps.api import NbGraderAPI
from nbgrader.utils import parse_utc, temp_attrs

from bplab.course import CourseError
from bplab.grading.class_run.submissions import LINK, bad_name, handed_in_at, student_folders
from bplab.grading.collect import replace_folder
from bplab.grading.files import TIMESTAMP, TooLarge, copy_regular, read_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.printable import shown
from bplab.grading.serve.arrivals import Files, Key, files_in, unfinished

__all__ = ["Exchange", "Inbox", "Submitted", "Watched"]


class Inbox(Protocol):
    """A place where submissions arrive."""

    where: str
    """The name of the place in messages."""

    refused: dict[Key, str]
    """Submissions that the last look found and refused, and why."""

    def look(self, names: Collection[str]) -> dict[Key, Files]:
        """Return the submissions of these assignments, and the state of their files."""

    def unfinished(self, key: Key, files: Files, limit: int, now: float) -> str:
        """Return why a submission seems to be still being copied, or an empty string."""

    def take(self, key: Key, limit: int) -> list[str]:
        """Bring a submission to where it is judged; return lines for the log.

        Raises
        ------
        CourseError, OSError
            If that cannot be done.
        """


class Submitted:
    """The folder ``submitted/`` itself.

    Parameters
    ----------
    course : ClassFolder
    """

    def __init__(self, course: ClassFolder):
        self._course = course
        self._excluded = set(course.settings.student_id_exclude.split(","))
        self.where = str(course.submitted("STUDENT", "ASSIGNMENT"))
        self.refused: dict[Key, str] = {}

    def look(self, names: Collection[str]) -> dict[Key, Files]:
        """Return the submissions of these assignments, and the state of their files."""
        self.refused, found = {}, {}
        for name in names:
            for student, folder, refused in student_folders(self._course, name):
                if refused:
                    self.refused[name, student] = refused
                elif student not in self._excluded:
                    found[name, student] = files_in([folder])
        return found

    def unfinished(self, key: Key, files: Files, limit: int, now: float) -> str:
        """Return why a submission seems to be still being copied, or an empty string."""
        return unfinished(files, limit, self._course.above_submitted(key[0]), now)

    def take(self, key: Key, limit: int) -> list[str]:
        """Leave a submission where it is."""
        return []


class Watched(Submitted):
    """Another folder that is laid out like ``submitted/``.

    A submission counts as handed in when it last changed there, by the system's clock (ctime). A
    ``timestamp.txt`` in it, or a file's mtime, does not count, since a student can write either.

    Parameters
    ----------
    course : ClassFolder
    folder : Path

    Raises
    ------
    CourseError
        If there is no such folder.
    """

    def __init__(self, course: ClassFolder, folder: Path):
        if not folder.is_dir():
            raise CourseError(f"{folder} is not a folder: --watch names one, or exchange")
        settings = copy.copy(course.settings)
        settings.submitted_directory = str(folder.resolve())
        super().__init__(ClassFolder(settings, course.config))
        self._to = course

    def take(self, key: Key, limit: int) -> list[str]:
        """Copy a submission to ``submitted/`` unless it is there; an older one is moved aside."""
        name, student = key
        folder, place = self._course.submitted(student, name), self._to.submitted(student, name)
        above = self._course.above_submitted(name)
        files = files_in([folder])
        if _same(folder, place, files, limit, above):
            return []
        beside = place.with_name(f".{place.name}.bplab-new")
        shutil.rmtree(beside, ignore_errors=True)
        try:
            left = copy_regular(folder, beside, limit, above)
            if files_in([folder]) != files:
                raise OSError("it was changed while it was copied")
            at = datetime.fromtimestamp(max(row[3] for row in files) / 1e9, UTC)
            (beside / TIMESTAMP).unlink(missing_ok=True)
            (beside / TIMESTAMP).write_text(f"{at:%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="utf-8")
            replace_folder(place, beside, self._to.own / "earlier" / name / student)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return [f"{shown(file)} {why}: not taken" for file, why in left]


def _same(one: Path, other: Path, files: Files, limit: int, above: Path) -> bool:
    """Whether ``other`` has all files of ``one`` with the same content, ``timestamp.txt`` aside."""
    paths = [Path(row[0]) for row in files if not os.path.isdir(row[0])]
    names = [path for path in paths if path.name != TIMESTAMP]
    try:
        return bool(names) and all(
            read_regular(path, limit, above) == read_regular(other / path.relative_to(one), limit)
            for path in names
        )
    except (OSError, TooLarge):
        return False


class Exchange:
    """nbgrader's exchange; submissions are collected from it as by `nbgrader collect`.

    Parameters
    ----------
    course : ClassFolder

    Raises
    ------
    CourseError
        If there is no exchange with a folder for this course.
    """

    def __init__(self, course: ClassFolder):
        self._course = course
        self._api = api_of(course)
        root, id = self._api.exchange_root, course.settings.course_id
        self._inbound = Path(root, id, "inbound")
        self.where = str(self._inbound)
        self._excluded = set(course.settings.student_id_exclude.split(","))
        self.refused: dict[Key, str] = {}
        if not root or not id or not self._inbound.is_dir():
            raise CourseError(
                f"the exchange has no folder {self._inbound}: release an assignment first, and see "
                "that Exchange.root and CourseDirectory.course_id name it"
            )

    def look(self, names: Collection[str]) -> dict[Key, Files]:
        """Return the submissions of these assignments, and the state of their files.

        All that a student has handed in for an assignment, at different times, counts as one.
        """
        self.refused, found = {}, defaultdict(list)
        with os.scandir(self._inbound) as entries:
            for entry in entries:
                # student+assignment+time, split as nbgrader does
                student, name, *time = [*entry.name.rsplit("+", 3)[:3], "", ""]
                if name not in names or not time[0] or not student or student in self._excluded:
                    continue
                if refused := LINK if entry.is_symlink() else bad_name(student):
                    self.refused[name, student] = refused
                elif entry.is_dir():
                    found[name, student].append(Path(entry.path))
        return {key: files_in(folders) for key, folders in found.items()}

    def unfinished(self, key: Key, files: Files, limit: int, now: float) -> str:
        """Return why a submission seems to be still being copied, or an empty string.

        `nbgrader submit` writes ``timestamp.txt`` last, so it has to be there.
        """
        needs = {str(folder / TIMESTAMP) for folder in self._folders(key)}
        return unfinished(files, limit, self._inbound, now, needs=needs)

    def _folders(self, key: Key) -> Iterable[Path]:
        name, student = key
        return self._inbound.glob(f"{glob.escape(f'{student}+{name}+')}*")

    def take(self, key: Key, limit: int) -> list[str]:
        """Collect a student's newest submission, if that is not collected yet."""
        name, student = key
        place = self._course.submitted(student, name)
        times = [folder.name.rsplit("+", 3)[2] for folder in self._folders(key)]
        try:
            if handed_in_at(place) == max(map(parse_utc, times), default=None):
                return []
        except ValueError:  # collecting will say what is wrong
            pass
        with temp_attrs(self._course.settings, student_id=glob.escape(student)):
            result = self._api.collect(name)
        return said_by(result, f"{shown(student)} cannot be collected")


_WARNINGS = ("WARNING", "ERROR", "CRITICAL")


def api_of(course: ClassFolder) -> NbGraderAPI:
    """Return nbgrader's API, its commands as methods, with the settings of a class."""
    return NbGraderAPI(course.settings, config=course.config)


def said_by(result: dict[str, Any], failed: str) -> list[str]:
    """Return the warnings of one of nbgrader's commands, a line each.

    Parameters
    ----------
    result : dict
        What a method of `api_of` returned.
    failed : str
        How the error begins if the command failed.

    Raises
    ------
    CourseError
        If the command did not succeed.
    """
    if not result["success"]:
        last = str(result.get("error", "")).strip().rpartition("\n")[2]
        raise CourseError(f"{failed}: {last}")
    told = re.split(r"^\[(\w+)\] ", str(result.get("log", "")), flags=re.MULTILINE)[1:]
    pairs = zip(told[::2], told[1::2], strict=True)
    return [shown(" ".join(text.split()), 400) for level, text in pairs if level in _WARNINGS]
