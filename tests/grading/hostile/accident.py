"""What an accident is: right work, and something in the same file that goes badly wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.grading.hostile.notebook import (
    ALL,
    POINTS,
    Edit,
    Notebook,
    added,
    as_bytes,
    cell,
    right_notebook,
)


@dataclass(frozen=True)
class Accident:
    """A submission in which something goes wrong beside right work.

    Attributes
    ----------
    name : str
        Short and stable, e.g. ``"cell-endless-loop"``.
    what : str
        What happens, in one phrase.
    make : callable
        Returns the file that is handed in.
    keeps : float
        Points of the right work elsewhere.
    said : str
        A regular expression: a line for the instructor has it. Empty where the notebook shows by
        itself what happened.
    alone : bool
        Whether it may cost others where nothing keeps it from that.
    needs : str
        What beside the grader bounds it: see `tests.grading.hostile.needs`.
    """

    name: str
    what: str
    make: Callable[[], bytes]
    keeps: float = ALL
    said: str = ""
    alone: bool = False
    needs: str = ""

    def submission(self) -> bytes:
        """Return the file that is handed in."""
        return self.make()


def edited(name: str, what: str, edit: Edit, **options) -> Accident:
    """Return the solved notebook with an edit."""
    return Accident(name, what, lambda: as_bytes(right_notebook(edit)), **options)


def in_cell(name: str, what: str, code: str, **options) -> Accident:
    """Return the solved notebook with a cell of the student's own before ``eq5``."""
    return edited(name, what, added(code, before="eq5"), **options)


def in_function(name: str, what: str, body: str, **options) -> Accident:
    """Return the solved notebook, but ``grad_alpha`` of ``eq5`` does this before it answers."""

    def edit(notebook: Notebook) -> None:
        solution = cell(notebook, "eq5")
        first, *rest = solution["source"].split("\n")
        lines = ("    " + line if line else "" for line in body.strip("\n").split("\n"))
        solution["source"] = "\n".join([first, *lines, *rest])

    options = {"keeps": ALL - POINTS["eq5"], **options}
    return edited(name, what, edit, **options)


def raw(name: str, what: str, make: Callable[[], bytes], **options) -> Accident:
    """Return a file that is made byte by byte."""
    return Accident(name, what, make, **options)
