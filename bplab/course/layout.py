"""Where the course's files are, and what its programs need. Loads nothing heavy.

``bplab lab`` starts with it.
"""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Course",
    "CourseError",
    "copy_name",
    "for_learners",
    "with_own_programs",
    "work_folder",
    "write_whole",
]

WORK = "work"
"""The folder with a learner's own copies of the notebooks."""

_CLONE = Path(__file__).resolve().parents[2]
_INSTALLED = Path(__file__).resolve().parent / "material"
"""In a wheel the course travels there; the build puts it in (see ``pyproject.toml``)."""

_MATERIAL = (
    *("notebooks", "release", "nbgrader_config.py", "upstream"),
    *("README.md", "hub.md", "judging.md", "platforms.md"),
)
"""What of ``course/`` an instructor starts with."""

_NOT_FOR_GIT = """\
# names, marks, and the secret that hidden cases are drawn from
/course/source/
/course/downloaded/
/course/submitted/
/course/autograded/
/course/feedback/
/course/exchange/
/course/reports/
/course/grading/
/course/gradebook.db*
/course/grades.csv
/course/secret.txt
/solutions/
# made by bplab course site
/site/
# your own copies of the notebooks
/work/
.nbgrader.log
.ipynb_checkpoints/
"""


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
    def at(cls, folder: Path) -> "Course | None":
        """Return the course with this root, or None. Others have a ``course/notebooks``, too."""
        course = folder / "course"
        is_one = (course / "notebooks").is_dir() and (course / "nbgrader_config.py").is_file()
        return cls(folder) if is_one else None

    @classmethod
    def around(cls, start: Path | None = None) -> "Course | None":
        """Return the course that ``start`` (default: here) is in, or None."""
        here = (start or Path.cwd()).resolve()
        return next(filter(None, map(cls.at, (here, *here.parents))), None)

    @classmethod
    def find(cls, start: Path | None = None) -> "Course":
        """Return the course that ``start`` is in, else the clone that this package runs from.

        Raises
        ------
        CourseError
            If there is none.
        """
        if course := cls.around(start) or cls.at(_CLONE):
            return course
        raise CourseError(
            f"no course found in {(start or Path.cwd()).resolve()} or above it: run this in a "
            "course's folder (bplab course new DIR makes one), or in a clone of bplab"
        )

    @classmethod
    def to_read(cls, start: Path | None = None) -> "Course":
        """Return the same, else the course that is installed with this package.

        Nothing is ever written into that.

        Raises
        ------
        CourseError
            If the package was installed without its course.
        """
        if course := cls.around(start) or cls.at(_CLONE) or cls.at(_INSTALLED):
            return course
        raise CourseError(
            f"{_INSTALLED} is missing, so this bplab has no notebooks: install it again with pip"
        )

    def copied_to(self, folder: Path) -> "Course":
        """Return a course of an instructor's own, in a new or an empty folder.

        A new one is for its owner alone: solutions and marks will be in it, and other people may
        have accounts on the machine.

        Raises
        ------
        CourseError
            If there is something in the folder, or it cannot be written to.
        """
        try:
            if folder.is_dir() and any(folder.iterdir()):
                raise CourseError(f"{folder} is not empty: name a new folder for the course")
            if not folder.is_dir():
                folder.parent.mkdir(parents=True, exist_ok=True)
                folder.mkdir(mode=0o700)
            for name in _MATERIAL:
                here, there = self.root / "course" / name, folder / "course" / name
                if here.is_dir():
                    shutil.copytree(here, there, ignore=shutil.ignore_patterns(".*"))
                else:
                    there.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(here, there)
            write_whole(folder / ".gitignore", _NOT_FOR_GIT)
        except OSError as error:
            raise CourseError(f"{folder}: the course was not made ({error})") from error
        return Course(folder.resolve())

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
        """Names of the notebooks (and assignments), in reading order.

        Sections, the capstone, then the rest.
        """

        def place(name: str) -> tuple[bool, bool, str]:
            return not name.startswith("section_"), name != "capstone", name

        return sorted((path.stem for path in self.notebooks.glob("*.py")), key=place)

    def release_file(self, name: str) -> Path:
        """Return the student's notebook of one assignment."""
        return self.release / name / f"{name}.ipynb"

    def solution_file(self, name: str) -> Path:
        """Return the solved notebook of one assignment."""
        return self.solutions / f"{name}.ipynb"


_LISTED_LAST = {"capstone": "the_capstone", "beyond": "the_way_beyond"}


def copy_name(name: str) -> str:
    """Return what a learner's copy of a notebook is called.

    Copies are in reading order where a file browser lists them by name.
    """
    return _LISTED_LAST.get(name, name)


def work_folder(start: Path | None = None) -> Path:
    """Return where a learner's copies belong: ``work``, in the course around, else right here."""
    here = (start or Path.cwd()).resolve()
    if around := Course.around(here):
        return around.root / WORK
    # called once more, from among the copies
    mine = here.name == WORK and any(here.glob("section_*.ipynb"))
    return here if mine else here / WORK


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside, and rename it: nobody ever reads half of it.

    Line ends are written as they are; folders on the way are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content.encode() if isinstance(content, str) else content)
    beside.replace(path)


def with_own_programs() -> dict[str, str]:
    """Return the process's environment with the programs beside this Python first on PATH.

    nbgrader calls alembic by its name, and kernels may call others: also where nobody has
    activated the environment that they are installed in.
    """
    own = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([own, os.environ.get("PATH", "")])}


def for_learners() -> dict[str, str]:
    """Return the same, with JupyterLab's settings for learners.

    nbgrader's menus stay away, which are for instructors (they start JupyterLab by themselves), and
    so does the question about Jupyter's news. The file browser shows no column but the names, and
    cuts none.
    """
    environment = with_own_programs()
    own = str(Path(__file__).parent / "lab_config")
    given = environment.get("JUPYTER_CONFIG_PATH", "")
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [own, given]))}
