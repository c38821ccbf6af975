"""A course folder with a class in it, graded with real commands."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bplab.course import Course
from bplab.grading.kernels import IsolationError
from tests.grading.hostile.notebook import ASSIGNMENT, as_bytes, place, released
from tests.once import made_once
from tests.programs import run_module

SECRET = "a secret of the class that is graded with commands"


@dataclass(frozen=True)
class Classroom:
    """A folder with a course: its settings, its secret, and one assignment.

    Attributes
    ----------
    folder : Path
        New, and this class's own; the home of the commands is in it too.
    """

    folder: Path

    @property
    def course(self) -> Path:
        """Where nbgrader is run."""
        return self.folder / "course"

    def set_up(self, config: str, source: bytes | None = None) -> "Classroom":
        """Write the settings, and make the assignment from an instructor's notebook."""
        (self.folder / "home").mkdir(parents=True)
        self.course.mkdir()
        (self.course / "nbgrader_config.py").write_text(config, encoding="utf-8")
        (self.course / "secret.txt").write_text(SECRET, encoding="utf-8")
        path = self.course / "source" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(source or as_bytes(released()))
        self.run("nbgrader", "generate_assignment", ASSIGNMENT)
        return self

    def hand_in(self, student: str, file: bytes, name: str = f"{ASSIGNMENT}.ipynb") -> Path:
        """Put a file where it is collected; return its path."""
        path = self.course / "submitted" / student / ASSIGNMENT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)
        return path

    def run(self, *command: str, may_fail: bool = False, seconds: float = 3600) -> str:
        """Run ``nbgrader …`` or ``bplab …`` in the course; return what it printed."""
        module, *arguments = self._module(*command)
        log = self.folder / "log.txt"
        code = run_module(
            module, *arguments, cwd=self.course, env=self._environment, log=log, seconds=seconds
        )
        said = self.log
        if "there is no wall" in said:
            raise IsolationError(next(line for line in said.splitlines() if "no wall" in line))
        if code and not may_fail:
            raise RuntimeError(f"{' '.join(command)} failed:\n{said[-3000:]}")
        return said

    def start(self, *command: str, before: Callable[[], None] | None = None) -> subprocess.Popen:
        """Start it, and do not wait; what it prints is in `log`.

        ``before`` is called in the new process, as a limit may be.
        """
        with (self.folder / "log.txt").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *self._module(*command)],
                cwd=self.course,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=before,
            )

    @staticmethod
    def _module(program: str, *arguments: str) -> tuple[str, ...]:
        return {"nbgrader": "nbgrader", "bplab": "bplab.cli.main"}[program], *arguments

    @property
    def _environment(self) -> dict[str, str]:
        programs = Path(sys.executable).parent
        return {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder / "home"),
            "IPYTHONDIR": str(self.folder / "home" / "ipython"),
            "BPLAB_SECRET": SECRET,
        }

    @property
    def log(self) -> str:
        """What the last command printed."""
        return (self.folder / "log.txt").read_text(encoding="utf-8", errors="replace")

    def mark(self, student: str) -> float | None:
        """Return a student's points; None if there is no graded notebook."""
        from nbgrader.api import Gradebook, MissingEntry

        copied = shutil.copy(self.course / "gradebook.db", self.folder / "read.db")
        with Gradebook(f"sqlite:///{copied}") as gradebook:  # the first may be locked
            try:
                score = gradebook.find_submission(ASSIGNMENT, student).score
            except MissingEntry:
                return None
        return score if self._graded(student).exists() else None

    def shown(self, student: str) -> str:
        """Return all outputs of a graded notebook, as text."""
        path = self._graded(student)
        if not path.exists():
            return ""
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return json.dumps([cell.get("outputs", []) for cell in cells])

    def _graded(self, student: str) -> Path:
        return self.course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def course_settings() -> str:
    """Return the course's own ``nbgrader_config.py``."""
    path = Course.find().root / "course" / "nbgrader_config.py"
    return path.read_text(encoding="utf-8")


def new_classroom(folders: pytest.TempPathFactory, folder: Path, last: str = "") -> Classroom:
    """Copy a class with the course's own settings: to make one takes seconds.

    Its notebook may end with the cell ``last``, where nothing is about what comes behind.
    """

    def make(new: Path) -> None:
        notebook = released()
        if last:
            notebook["cells"] = notebook["cells"][: place(notebook, last) + 1]
        Classroom(new).set_up(course_settings(), as_bytes(notebook))

    return Classroom(shutil.copytree(made_once(folders, f"classroom-{last}", make), folder))
