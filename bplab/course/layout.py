"""Where the course's files are, and what its programs need. Loads nothing heavy.

``bplab lab`` starts with it.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Course", "CourseError", "for_learners", "with_own_programs", "write_whole"]


class CourseError(Exception):
    """A text notebook, or the course's folder, is not as it should be; says what to do."""


@dataclass(frozen=True)
class Course:
    """Where the course's files are.

    Parameters
    ----------
    root : Path
        The folder that holds ``course/`` and ``solutions/``.
    """

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> "Course":
        """Return the course that ``start`` (default: here) is in, else this package's own.

        Raises
        ------
        CourseError
            If there is none.
        """
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
            if (folder / "course" / "notebooks").is_dir():
                return cls(folder)
        raise CourseError(
            f"no course found in {here} or above it: run this inside a clone of bplab, "
            "where the folder course/notebooks is"
        )

    @property
    def notebooks(self) -> Path:
        """Text notebooks: the source of everything."""
        return self.root / "course" / "notebooks"

    @property
    def source(self) -> Path:
        """The instructor's notebooks, for nbgrader; generated, not committed."""
        return self.root / "course" / "source"

    @property
    def release(self) -> Path:
        """The student's notebooks; generated, committed."""
        return self.root / "course" / "release"

    @property
    def solutions(self) -> Path:
        """Solved notebooks with outputs; generated, committed."""
        return self.root / "solutions"

    def names(self) -> list[str]:
        """Names of the notebooks (and assignments), in reading order: sections, then the rest."""
        names = (path.stem for path in self.notebooks.glob("*.py"))
        return sorted(names, key=lambda name: (not name.startswith("section_"), name))

    def release_file(self, name: str) -> Path:
        """Return the student's notebook of one assignment."""
        return self.release / name / f"{name}.ipynb"

    def solution_file(self, name: str) -> Path:
        """Return the solved notebook of one assignment."""
        return self.solutions / f"{name}.ipynb"


def write_whole(path: Path, text: str) -> None:
    """Write a text file beside, and rename it: nobody ever reads half of it.

    Line ends are written as they are; folders on the way are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8", newline="")
    beside.replace(path)


def with_own_programs() -> dict[str, str]:
    """Return the process's environment with the programs beside this Python first on PATH.

    nbgrader calls alembic by its name, and kernels may call others: also where nobody has
    activated the environment that they are installed in.
    """
    own = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([own, os.environ.get("PATH", "")])}


def for_learners() -> dict[str, str]:
    """Return the same, with JupyterLab's settings for learners: nbgrader's menus stay away.

    They are for instructors, who start JupyterLab by themselves.
    """
    environment = with_own_programs()
    own = str(Path(__file__).parent / "lab_config")
    given = environment.get("JUPYTER_CONFIG_PATH", "")
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [own, given]))}
