"""The folder that a class is graded in, as nbgrader's own settings describe it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from bplab.course.layout import Course, CourseError

__all__ = ["ClassFolder"]


@dataclass(frozen=True)
class ClassFolder:
    """Settings and paths of one class.

    Attributes
    ----------
    settings : CourseDirectory
        nbgrader's: names of folders, ``db_url``, files to ignore.
    autograde : Autograde
        nbgrader's settings of ``nbgrader autograde``: file permissions, new students, files of
        the source folder that must not replace the students'.
    penalties : AssignLatePenalties
        nbgrader's, with the plugin that the configuration names.
    """

    settings: CourseDirectory
    autograde: Autograde
    penalties: AssignLatePenalties

    @classmethod
    def open(cls, folder: Path | None = None) -> "ClassFolder":
        """Read the settings as every nbgrader command run in ``folder`` would.

        Parameters
        ----------
        folder : Path, optional
            The one with ``nbgrader_config.py``; by default the current folder, or else the
            folder ``course`` of the course that the current folder is in.

        Raises
        ------
        CourseError
            If there is no ``nbgrader_config.py``, or it does not run.
        """
        if folder is None:
            here = Path.cwd()
            has_settings = (here / "nbgrader_config.py").exists()
            folder = here if has_settings else Course.find().root / "course"
        folder = folder.resolve()
        if not (folder / "nbgrader_config.py").is_file():
            raise CourseError(
                f"no nbgrader_config.py in {folder}: name the folder that has one with --course"
            )
        with _working_in(folder):
            application = NbGrader(raise_config_file_errors=True)
            try:
                application.initialize([])
            except Exception as error:
                raise CourseError(f"{folder / 'nbgrader_config.py'}: {error}") from error
            settings = application.coursedir
            settings.db_url  # noqa: B018 - its default is drawn from the working directory, here
            autograde = Autograde(coursedir=settings, parent=application)
            penalties = AssignLatePenalties(parent=application)
        penalties.init_plugin()
        # The settings have it by now. Workers would inherit it, and their environment can be read
        # from a kernel that shares the machine's /proc.
        os.environ.pop("BPLAB_SECRET", None)
        return cls(settings, autograde, penalties)

    @property
    def config(self) -> Config:
        """All settings."""
        return self.autograde.config

    @property
    def root(self) -> Path:
        """The folder itself."""
        return Path(self.settings.root)

    @property
    def own(self) -> Path:
        """Where `bplab grade` keeps its own small files."""
        return self.root / "grading"

    def path(self, step: str, student: str, assignment: str) -> Path:
        """Return nbgrader's folder of one student (``"."``: nobody's) at one step."""
        return Path(os.path.normpath(self.settings.format_path(step, student, assignment)))

    def submitted(self, student: str, assignment: str) -> Path:
        """Return the folder with what a student handed in."""
        return self.path(self.settings.submitted_directory, student, assignment)

    def autograded(self, student: str, assignment: str) -> Path:
        """Return the folder with what the grader made of it."""
        return self.path(self.settings.autograded_directory, student, assignment)

    def source(self, assignment: str) -> Path:
        """Return the instructor's folder of an assignment."""
        return self.path(self.settings.source_directory, ".", assignment)

    def release(self, assignment: str) -> str:
        """Return the text of the notebook that students were given.

        Raises
        ------
        CourseError
            If it is missing.
        """
        folder = self.path(self.settings.release_directory, ".", assignment)
        path = folder / f"{assignment}.ipynb"
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            known = sorted(p.name for p in folder.parent.glob("*") if p.is_dir())
            there = f"; assignments there: {', '.join(known)}" if known else ""
            raise CourseError(
                f"{path} is missing: make it with 'nbgrader generate_assignment {assignment}', "
                f"run in {self.root}{there}"
            ) from None


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
