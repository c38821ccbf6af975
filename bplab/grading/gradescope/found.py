"""Find the notebook to judge among the files of a submission."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bplab.grading import MAX_MB
from bplab.grading.checks import program_as_notebook
from bplab.grading.files import TooLarge, read_regular
from bplab.grading.handed_in import Assignments, Unfit, plain, read_notebook

__all__ = ["Found", "NothingToJudge", "find"]

MOST_FILES = 1000
_Rank = tuple[bool, bool, bool, int, str]


class NothingToJudge(Exception):
    """There is no notebook in a submission; says what there is, and what to hand in."""


@dataclass(frozen=True)
class Found:
    """The notebook that is judged.

    Attributes
    ----------
    name : str
        Name of its file in the submission.
    content : bytes
        The notebook.
    left : tuple of str
        Lines on other notebooks, and why they are not taken.
    path : Path
        Path of its file.
    """

    name: str
    content: bytes
    left: tuple[str, ...] = ()
    path: Path = Path()


def find(folder: Path, assignment: str, course: Assignments) -> Found:
    """Return the notebook of a submission, whatever its name and its folder there.

    A notebook that is named like the assignment comes first, then one that has its cells, then one
    with its exact name and not that of a copy, then the one in the highest folder. A program is
    taken only if there is no notebook. No link is followed, and hidden folders are skipped.

    Parameters
    ----------
    folder : Path
    assignment : str
    course : Assignments
        All assignments that the class was given.

    Raises
    ------
    NothingToJudge
        If no file fits.
    """
    notebooks: list[tuple[_Rank, Found]] = []
    programs: list[tuple[_Rank, Found]] = []
    left = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        program = path.suffix == ".py"
        if not program and ".ipynb" not in path.name.casefold():
            continue
        try:
            content = read_regular(path, MAX_MB * 2**20)
            content = program_as_notebook(content) if program else content
            read = read_notebook(content)
            course.refuse(read, assignment)
        except (OSError, TooLarge, Unfit) as error:
            left.append(f"{_shown(name)} {_why(error)}")
            continue
        stem = path.name.removesuffix(".py")
        rank = (
            plain(stem) != plain(assignment),
            course.which(read, path.name) != assignment,
            stem.removesuffix(".ipynb") != assignment,
            len(path.relative_to(folder).parts),
            name,
        )
        (programs if program else notebooks).append((rank, Found(name, content, path=path)))
    candidates = sorted(notebooks or programs, key=lambda one: one[0])
    fitting = [one for rank, one in candidates if not (rank[0] and rank[1])]
    if not fitting and len(candidates) == 1:  # a notebook with none of the assignment's cells
        fitting = [candidates[0][1]]
    if not fitting:
        raise NothingToJudge(_nothing(assignment, [one.name for _, one in candidates], left))
    best, *others = fitting
    left += [f"{_shown(one.name)} is another one: hand in one only" for one in others]
    return Found(_shown(best.name), best.content, tuple(left), best.path)


def _files(folder: Path) -> Iterator[Path]:
    seen = 0
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != "__MACOSX" and one[0] != ".")
        for name in sorted(names):
            seen += 1
            if seen > MOST_FILES:
                return
            if not name.startswith("._"):
                yield Path(above, name)


def _nothing(assignment: str, others: list[str], left: list[str]) -> str:
    wanted = f"Hand in your notebook {assignment}.ipynb."
    if others:
        named = ", ".join(map(_shown, others[:5]))
        return f"Several files came ({named}), and none is called {assignment}.ipynb. {wanted}"
    if left:
        return f"{left[0]}. {wanted}"  # begins with a file's name, so it is not capitalised
    return f"There is no notebook in what was handed in. {wanted}"


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return f"has {error}" if isinstance(error, TooLarge) else str(error)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:120]
