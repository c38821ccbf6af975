"""Make nbgrader copy only regular files of a student, and nothing that a link leads to.

nbgrader's own commands follow links, into a classmate's folder or to the secret: `nbgrader
autograde`, `nbgrader collect` and `nbgrader zip_collect`. ``course/nbgrader_config.py`` names the
classes here as replacements; formgrader uses them too.
"""

import copy
import shutil
import stat
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import ExtractorPlugin

from bplab.course import CourseError
from bplab.grading import MAX_MB
from bplab.grading.class_run.submissions import handed_in_at
from bplab.grading.files import TIMESTAMP, copy_regular, not_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.handed_in import Unfit, refuse_too_large
from bplab.grading.printable import shown

__all__ = ["CollectFiles", "ExtractFiles", "HandedIn"]

LIMIT = MAX_MB * 2**20


class HandedIn(NotebookExporter):
    """Makes `nbgrader autograde` grade a copy of what was handed in, with regular files only.

    nbgrader copies all of a student's files before any preprocessor runs, but makes its exporter
    earlier still: from then on its folder ``submitted`` is our copy. A submission is refused if its
    notebook is not a regular file, or if its folder is a link. `nbgrader autograde` treats it like
    any that it refuses: an error is logged, no mark is given.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._refused: dict[str, str] = {}
        if isinstance(self.parent, Autograde):
            self._take_copy(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Read a notebook, unless its submission was refused.

        Raises
        ------
        CourseError
            If it was refused.
        """
        if why := self._refused.get(str(Path(filename).parent)):
            raise CourseError(why)
        return super().from_filename(filename, resources, **kw)

    def _take_copy(self, converter: Autograde) -> None:
        course = ClassFolder(converter.coursedir, self.config)
        assignment = course.settings.assignment_id
        course.own.mkdir(exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix="handed-in-", dir=course.own))
        weakref.finalize(self, shutil.rmtree, beside, ignore_errors=True)
        settings = copy.copy(course.settings)
        settings.submitted_directory = str(beside.relative_to(course.root))
        copies = ClassFolder(settings, self.config)
        students = course.students_in("submitted", assignment)
        above = course.above_submitted(assignment)
        for student, source in students.items():
            if notebooks := converter.assignments.get(str(source)):
                to = copies.submitted(student, assignment)
                names = [Path(notebook).name for notebook in notebooks]
                why = self._copy(source, to, names, above)
                if why:
                    self._refused[str(to)] = f"{shown(student)} is not graded: {why}"
                    self.log.error(self._refused[str(to)])
        converter.coursedir = settings
        converter.init_notebooks()

    def _copy(self, source: Path, to: Path, names: list[str], above: Path) -> str:
        """Copy a student's folder; return why it is refused, or an empty string."""
        try:
            left_out = copy_regular(source, to, LIMIT, above)
        except OSError as error:
            return _refuse(to, names, error.strerror or str(error))
        try:
            handed_in_at(to)
        except ValueError as error:
            _remove(to / TIMESTAMP)
            self.log.warning("%s/%s: treated as on time", source, error)
        for name, why in left_out:
            if name in names:
                return _refuse(to, names, f"{name} {why}")
            self.log.warning("%s: %s %s: not copied", shown(str(source), 999), shown(name), why)
        try:
            for name in names:  # nbgrader reads them in this process, which has to grade others too
                refuse_too_large((to / name).read_bytes())
        except Unfit as error:
            return _refuse(to, names, f"the file {error}")
        return ""


def _refuse(to: Path, names: list[str], why: str) -> str:
    """Leave only empty files of a submission: nbgrader finds them, and `HandedIn` refuses them."""
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir(parents=True)
    for name in names:
        (to / name).touch()
    return why


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


class CollectFiles(ExchangeCollect):
    """Makes `nbgrader collect` copy regular files only: anybody may write into an exchange."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy what a student handed in, or log why it is not collected."""
        with tempfile.TemporaryDirectory(prefix="bplab-collect-") as folder:
            copied = Path(folder) / "files"
            try:
                left_out = copy_regular(Path(src), copied, LIMIT, Path(self.inbound_path))
            except OSError as error:
                self.log.error("%s is not collected: %s", src, error.strerror or error)
                return
            for name, why in left_out:
                self.log.warning("%s: %s %s: not collected", src, shown(name), why)
            super().do_copy(str(copied), dest, log)


class ExtractFiles(ExtractorPlugin):
    """Makes `nbgrader zip_collect` take regular files only, from a download and from archives."""

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Extract archives and copy other files; log and leave out what is not a regular file."""
        with tempfile.TemporaryDirectory(prefix="bplab-extract-") as folder:
            copied = Path(folder) / "files"
            downloaded = Path(archive_path)
            for name, why in copy_regular(downloaded, copied, sys.maxsize, downloaded):
                self.log.warning("%s: %s %s: not copied", archive_path, shown(name), why)
            super().extract(str(copied), extracted_path)
        for path in sorted(Path(extracted_path).rglob("*")):
            about = path.lstat()
            why = "" if stat.S_ISDIR(about.st_mode) else not_regular(about)
            if why:  # tar files may hold links
                path.unlink()
                self.log.warning("%s %s: not kept", shown(str(path), 999), why)
