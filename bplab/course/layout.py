"""Where the course's files are, and the environment that its programs need.

``bplab lab`` starts with this module, so it imports nothing that takes long.
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
"""Where a wheel has the course; the build puts it there (see ``pyproject.toml``)."""

_MATERIAL = (
    *("notebooks", "release", "nbgrader_config.py", "upstream"),
    *("README.md", "hub.md", "judging.md", "platforms.md"),
)
"""The parts of ``course/`` with which an instructor's own course starts."""

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
        """Return the course with this root, or None if it is not the root of one.

        Other projects may also have a folder ``course/notebooks``, so the settings must be there.
        """
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
            If there is neither.
        """
        if course := cls.around(start) or cls.at(_CLONE):
            return course
        raise CourseError(
            f"no course found in {(start or Path.cwd()).resolve()} or above it: run this in a "
            "course's folder (bplab course new DIR makes one), or in a clone of bplab"
        )

    @classmethod
    def to_read(cls, start: Path | None = None) -> "Course":
        """Return the course that `find` would return, else the one installed with this package.

        Nothing is ever written into an installed course.

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
        """Copy what an instructor's own course needs into a folder, and return the new course.

        The folder must be new or empty. A new one can be opened only by its owner, since solutions
        and marks will be in it, and other people may have accounts on the machine.

        Raises
        ------
        CourseError
            If the folder is not empty, or cannot be written to.
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
        """Return the names of the notebooks (and assignments), in reading order.

        Sections come first, then the capstone, then the rest.
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
    """Return the name of a learner's copy of a notebook.

    With these names, a file browser that sorts by name lists the copies in reading order.
    """
    return _LISTED_LAST.get(name, name)


def work_folder(start: Path | None = None) -> Path:
    """Return the folder for a learner's copies: ``work``, in the course that ``start`` is in.

    Outside of a course, it is in ``start`` (default: here), or it is ``start`` itself if that holds
    copies already.
    """
    here = (start or Path.cwd()).resolve()
    if around := Course.around(here):
        return around.root / WORK
    # called again, from within the folder of copies
    mine = here.name == WORK and any(here.glob("section_*.ipynb"))
    return here if mine else here / WORK


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file under another name and then rename it, so that nobody ever reads half of it.

    Line ends are written unchanged, and missing folders are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content.encode() if isinstance(content, str) else content)
    beside.replace(path)


def with_own_programs() -> dict[str, str]:
    """Return the process's environment with the programs beside this Python first on PATH.

    nbgrader calls alembic by its name, and kernels may call other programs. With this PATH they are
    found even if the environment that they are installed in is not activated.
    """
    own = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": os.pathsep.join([own, os.environ.get("PATH", "")])}


def for_learners() -> dict[str, str]:
    """Return the environment of `with_own_programs`, with JupyterLab's settings for learners.

    They hide nbgrader's menus, which are for instructors (who start JupyterLab by themselves), and
    the question about Jupyter's news. The file browser shows only the names, in full.
    """
    environment = with_own_programs()
    own = str(Path(__file__).parent / "lab_config")
    given = environment.get("JUPYTER_CONFIG_PATH", "")
    return {**environment, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [own, given]))}
