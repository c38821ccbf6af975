"""Which of the course's notebooks a file is, whatever it is called.

Nothing of nbgrader is loaded: where one notebook is judged, it need not be there.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bplab.course import Course, copy_name

if TYPE_CHECKING:
    from bplab.grading.folder import ClassFolder

__all__ = ["Assignments", "Unfit", "graded_cells", "plain", "plain_stem"]


class Unfit(ValueError):
    """A file that cannot be read; says why, as what follows its name."""


@dataclass(frozen=True)
class Assignments:
    """All that a class was given: which of them a notebook is.

    Attributes
    ----------
    cells : dict of str to set of str
        By assignment, the names of its graded cells.
    """

    cells: dict[str, set[str]]

    @classmethod
    def of(cls, course: "ClassFolder") -> "Assignments":
        """Read what was released."""
        texts = {name: course.release(name).encode() for name in course.released()}
        return cls({name: graded_cells(text) for name, text in texts.items()})

    @classmethod
    def of_course(cls, course: Course) -> "Assignments":
        """The same, of a course in which nbgrader need not have been used."""
        files = {name: course.release_file(name) for name in course.names()}
        return cls({n: graded_cells(f.read_bytes()) for n, f in files.items() if f.is_file()})

    def which(self, name: str, own: set[str], wanted: str = "") -> str:
        """Return which of them a notebook is: by its cells, else by its name; "" if it is none.

        Parameters
        ----------
        name : str
            Of its file.
        own : set of str
            The names of its graded cells.
        wanted : str
            Which it is if it may be this one as well as another.
        """
        shared = {one: len(cells & own) for one, cells in self.cells.items()}
        best = max(shared, key=lambda one: (shared[one], one == wanted), default="")
        if shared.get(best):
            return best
        names = {plain(called): one for one in self.cells for called in (one, copy_name(one))}
        return names.get(plain(name), "")

    def which_file(self, path: Path) -> str:
        """Return which of them a file is; "" if it is none, or no notebook."""
        try:
            return self.which(path.name, graded_cells(path.read_bytes()))
        except (OSError, Unfit):
            return ""

    def refuse_other(self, name: str, own: set[str], wanted: str) -> None:
        """Raise `Unfit` for a notebook that is another assignment."""
        if (best := self.which(name, own, wanted)) not in ("", wanted):
            raise Unfit(f"is {best}, another assignment")


_COPIED = re.compile(
    r"^(?:copy of |kopie von )|(?:[-_ ]?\(\d+\)|[-_ ]copy ?\d*|-checkpoint| - (?:copy|kopie))$"
)
_NUMBERED = re.compile(r"-(\d{1,2})$")


def plain(name: str) -> str:
    """Return the letters and digits of a name, without what computers add, such as " (1)"."""
    return plain_stem(name)[0]


def plain_stem(name: str) -> tuple[str, int]:
    """Return the same, and the number of a copy that stands in the name, or 0."""
    stem = name.casefold()
    while stem.endswith((".ipynb", ".txt", ".json", ".zip")):
        stem = stem.rpartition(".")[0]
    number = 0
    while True:
        if m := _NUMBERED.search(stem):
            number, shorter = max(number, int(m[1])), stem[: m.start()]
        else:
            shorter = _COPIED.sub("", stem)
        if shorter == stem or not shorter:
            return "".join(filter(str.isalnum, stem)), number
        stem = shorter


def graded_cells(content: bytes) -> set[str]:
    """Return the names of a notebook's graded cells.

    Raises
    ------
    Unfit
        For what is no notebook; says what it is instead.
    """
    if not content.strip():
        raise Unfit("is empty")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        begins = content.lstrip()[:200].lower()
        if begins.startswith((b"<!doctype", b"<html")):
            raise Unfit("is a page of the web, saved under a notebook's name") from None
        raise Unfit("is no notebook: it is not written in JSON") from None
    cells = found.get("cells") if isinstance(found, dict) else None
    if not isinstance(cells, list):
        raise Unfit("is no notebook: it has no cells")
    return _named(cells)


def _named(cells: list[Any]) -> set[str]:
    names = set()
    for cell in cells:
        with suppress(AttributeError, KeyError, TypeError):  # whatever a student has made of it
            about = cell["metadata"]["nbgrader"]
            names |= {about["grade_id"]} if about.get("grade") or about.get("solution") else set()
    return names
