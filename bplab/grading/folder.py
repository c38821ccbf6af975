"""The folder that a class is graded in, as nbgrader's own settings describe it."""

import glob
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from traitlets import TraitError
from traitlets.config import Config

from bplab.course import Course, CourseError

if TYPE_CHECKING:  # only commands that grade load these
    from nbgrader.api import Gradebook
    from nbgrader.converters import Autograde
    from nbgrader.plugins import BasePlugin

__all__ = ["ClassFolder"]

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class ClassFolder:
    """Settings and paths of one class.

    Attributes
    ----------
    settings : CourseDirectory
        nbgrader's settings of folders: their names, ``db_url``, files to ignore.
    config : traitlets.config.Config
        All settings.
    """

    settings: CourseDirectory
    config: Config

    @classmethod
    def open(cls, folder: Path | None = None) -> "ClassFolder":
        """Read the settings as every nbgrader command run in ``folder`` would.

        Parameters
        ----------
        folder : Path, optional
            The folder that nbgrader's commands are run in. By default the current folder, if it
            has an ``nbgrader_config.py``; else the folder ``course`` of the course that the current
            folder is in; else the one that nbgrader's settings name for every folder, as on a
            JupyterHub; else the folder ``course`` of the course that `Course.find` finds.

        Raises
        ------
        CourseError
            If nbgrader has not been used in the folder, or its settings cannot be read.
        """
        if folder is None:
            folder = _wanted(Path.cwd())
        folder = folder.resolve()
        if not (folder / CONFIG).is_file() and not (folder / "gradebook.db").exists():
            raise CourseError(
                f"{folder} holds neither {CONFIG} nor gradebook.db: name the folder in which you "
                "run nbgrader's commands, with --course"
            )
        with _working_in(folder):
            application = _read_settings(folder / CONFIG)
            settings = application.coursedir
            settings.db_url  # noqa: B018 - its default depends on the working directory
        return cls(settings, application.config)

    @cached_property
    def autograde(self) -> "Autograde":
        """The settings of ``nbgrader autograde``.

        Among them are file permissions, what to do with new students, and which files of the source
        folder must not replace the students'.
        """
        from nbgrader.converters import Autograde

        return Autograde(coursedir=self.settings, config=self.config)

    def students_own(self, assignment: str) -> set[str]:
        """Return the names of an assignment's files that must not replace a student's."""
        return set(self.autograde.exclude_overwriting.get(assignment, ()))

    def late_penalties(self, gradebook: "Gradebook", assignment: str) -> "BasePlugin":
        """Return the plugin that computes penalties for being late, as the settings name it.

        Parameters
        ----------
        gradebook : Gradebook
        assignment : str
            Its notebook has the same name.

        Raises
        ------
        CourseError
            If the settings are not a valid rule, or name an assignment that does not exist.
        """
        from nbgrader.preprocessors import AssignLatePenalties

        from bplab.grading.late import LatePolicy

        with _working_in(self.root):  # the plugin may lie there
            try:
                penalties = AssignLatePenalties(config=self.config)
                # nbgrader passes a plugin the student only: it finds the rest here
                penalties.assignment_id = penalties.notebook_id = assignment
                penalties.gradebook = gradebook
                penalties.init_plugin()
            except (TraitError, ImportError) as error:
                raise CourseError(f"{CONFIG}, late submissions: {error}") from error
        plugin = penalties.plugin_inst
        if isinstance(plugin, LatePolicy) and plugin.assignments:
            sources = self.source("x").parent.glob("*")
            known = {*self.released(), *(path.name for path in sources)}
            plugin.refuse_unknown(known | {one.name for one in gradebook.assignments})
        return plugin

    @property
    def root(self) -> Path:
        """The folder itself."""
        return Path(self.settings.root)

    @property
    def own(self) -> Path:
        """Where `bplab grade` keeps its own small files."""
        return self.root / "grading"

    def path(self, step: str, student: str, assignment: str) -> Path:
        """Return nbgrader's folder of one student at one step; ``"."`` stands for no student."""
        return Path(os.path.normpath(self.settings.format_path(step, student, assignment)))

    def submitted(self, student: str, assignment: str) -> Path:
        """Return the folder with what a student handed in."""
        return self.path(self.settings.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """Return the folder with a student's graded submission."""
        return self.path(self.settings.autograded_directory, student, assignment)

    def submitted_place(self, assignment: str) -> tuple[Path, str, str, tuple[str, ...]]:
        """Return where the students' folders are: everything from there on is theirs.

        Returns
        -------
        above : Path
            The instructor's own folder that holds them.
        before, after : str
            The text around a student's id in the folder's name.
        below : tuple of str
            Further folders, each in the one before.

        Raises
        ------
        CourseError
            If the settings do not name the student exactly once.
        """
        mark = "\0"
        parts = self.submitted(mark, assignment).parts
        at = [i for i, part in enumerate(parts) if mark in part]
        if len(at) != 1 or parts[at[0]].count(mark) != 1:
            raise CourseError(
                "CourseDirectory.directory_structure must name {student_id} once: got "
                f"{self.settings.directory_structure!r}"
            )
        before, after = parts[at[0]].split(mark)
        return Path(*parts[: at[0]]), before, after, parts[at[0] + 1 :]

    def above_submitted(self, assignment: str) -> Path:
        """Return the instructor's folder that holds the students' folders."""
        return self.submitted_place(assignment)[0]

    def source(self, assignment: str) -> Path:
        """Return the instructor's folder of an assignment."""
        return self.path(self.settings.source_directory, ".", assignment)

    def how_to_release(self, assignment: str) -> str:
        """Return in words the commands that make the notebook that students are given."""
        command = f"'nbgrader generate_assignment {assignment}'"
        text = self.root / "notebooks" / f"{assignment}.py"
        if text.is_file() and not self.source(assignment).is_dir():
            command = f"'bplab course build {assignment}' and {command}"
        return f"{command} in {self.root}"

    def release(self, assignment: str) -> str:
        """Return the text of the notebook that students were given.

        Raises
        ------
        CourseError
            If it is missing, or ``assignment`` is not a name without folders.
        """
        if not assignment or Path(assignment).name != assignment:
            raise CourseError(
                f"expected the name of an assignment, without folders; got {assignment!r}"
                f"{self._assignments_there()}"
            )
        folder = self.path(self.settings.release_directory, ".", assignment)
        path = folder / f"{assignment}.ipynb"
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CourseError(
                f"{path} is missing: to make it, run {self.how_to_release(assignment)}"
                f"{self._assignments_there()}"
            ) from None

    def _assignments_there(self) -> str:
        known = self.released()
        return f"; assignments there: {', '.join(known)}" if known else ""

    def notebooks(self, assignment: str) -> list[str]:
        """Return the file names of the notebooks in an assignment's released folder."""
        folder = self.path(self.settings.release_directory, ".", assignment)
        return sorted(path.name for path in folder.glob("*.ipynb"))

    def released(self) -> list[str]:
        """Return the names of all assignments that students were given."""
        above = self.path(self.settings.release_directory, ".", "x").parent
        return sorted(p.name for p in above.glob("*") if (p / f"{p.name}.ipynb").is_file())

    def students_in(self, step: str, assignment: str) -> dict[str, Path]:
        """Return each student's folder at a step, e.g. ``"submitted"``."""
        step = getattr(self.settings, f"{step}_directory")
        found = glob.glob(self.settings.format_path(step, "*", glob.escape(assignment)))
        named = re.compile(
            self.settings.format_path(step, "(?P<student>.*)", re.escape(assignment), escape=True)
        )
        return {m["student"]: Path(path) for path in found if (m := named.fullmatch(path))}


def _wanted(here: Path) -> Path:
    """Return the folder in which nbgrader's commands, run here, find the class."""
    if (here / CONFIG).exists():
        return here
    if around := Course.around(here):
        return around.root / "course"
    # no warning if there are no settings at all: `open` says what is missing
    named = _read_settings(here / CONFIG, log_level=logging.ERROR).config.CourseDirectory.get(
        "root"
    )
    return Path(named) if named else Course.find().root / "course"


def _read_settings(blamed: Path, **options: int) -> NbGrader:
    """Return an application with the settings of every nbgrader command in the current folder."""
    application = NbGrader(raise_config_file_errors=True, **options)
    try:
        application.initialize([])
    except Exception as error:
        raise CourseError(f"{blamed}: {error}") from error
    return application


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
