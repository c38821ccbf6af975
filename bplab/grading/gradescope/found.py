"""Which file of a submission is the notebook that is judged."""

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
    """What is judged.

    Attributes
    ----------
    name : str
        Of its file, in the submission.
    content : bytes
        A notebook, whatever is in it.
    left : tuple of str
        Other notebooks, and why they are not taken: a line each.
    path : Path
        Where it lies.
    """

    name: str
    content: bytes
    left: tuple[str, ...] = ()
    path: Path = Path()


def find(folder: Path, assignment: str, course: Assignments) -> Found:
    """Return the notebook of a submission, however it is called and wherever it lies in it.

    One that is called as the assignment comes before others, its own name before that of a copy,
    then one that lies less deep; a program is taken where there is no notebook. No link is
    followed, and nothing is looked for in hidden folders.

    Parameters
    ----------
    folder : Path
    assignment : str
    course : Assignments
        All that the class was given.

    Raises
    ------
    NothingToJudge
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
    if not fitting and len(candidates) == 1:  # all its cells are the student's own
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
        return f"{left[0]}. {wanted}"  # it begins with a file's name, whose capitals count
    return f"There is no notebook in what was handed in. {wanted}"


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return f"has {error}" if isinstance(error, TooLarge) else str(error)


def _shown(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)[:120]
