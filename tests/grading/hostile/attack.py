"""What an attack is: a submission that is worth little, and tries to get marks all the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.grading.hostile.notebook import (
    CHEAT,
    LIE,
    WRONG,
    Edit,
    Notebook,
    added,
    as_bytes,
    handed_in,
    write,
)

FOUND = "FOUND SOMETHING SECRET"
"""Printed by an attack that has got hold of what it must not see."""


@dataclass(frozen=True)
class Attack:
    """A submission whose functions are wrong.

    Attributes
    ----------
    name : str
        Short and stable, e.g. ``"patch-np-allclose"``.
    what : str
        What it tries, in one phrase.
    edit : callable
        Changes the released notebook in place.
    earns : float
        Points that it is honestly worth.
    alone : bool
        Whether it may spoil the marks of others where nothing keeps it from that: then stock
        nbgrader has it in a class of its own.
    needs : str
        What beside the grader keeps it from its aim, or bounds it: see
        `tests.grading.hostile.needs`.
    afterwards : callable
        Changes the bytes of the file.
    """

    name: str
    what: str
    edit: Edit
    earns: float = 0
    alone: bool = False
    needs: str = ""
    afterwards: Callable[[bytes], bytes] = lambda file: file

    def submission(self) -> bytes:
        """Return the file that is handed in."""
        return self.afterwards(as_bytes(handed_in({}, self.edit)))


def wrong_and(name: str, what: str, code: str, **options) -> Attack:
    """Wrong functions, and a cell of the student's own after the imports."""
    return _with(WRONG, name, what, code, **options)


def cheating(name: str, what: str, code: str, **options) -> Attack:
    """Functions that get their answers from ``cheat(name, *arguments)``, defined in ``code``."""
    return _with(CHEAT, name, what, code, **options)


def lying(name: str, what: str, code: str, **options) -> Attack:
    """Functions that answer with ``lie(rows, columns)``, defined in ``code``."""
    return _with(LIE, name, what, code, **options)


def instead(name: str, what: str, code: str, **options) -> Attack:
    """``code`` defines all four functions, in the cell of the first; the others' hold a comment."""

    def edit(notebook: Notebook) -> None:
        write(notebook, eq4=code, eq5="# above", eq6="# above", eq7="# above")

    return Attack(name, what, edit, **options)


def tampering(name: str, what: str, edit: Callable[[Notebook], None], **options) -> Attack:
    """Wrong functions, and an edit of the file."""

    def both(notebook: Notebook) -> None:
        write(notebook, **WRONG)
        edit(notebook)

    return Attack(name, what, both, **options)


def _with(answers: Mapping[str, str], name: str, what: str, code: str, **options) -> Attack:
    before = options.pop("before", None)

    def edit(notebook: Notebook) -> None:
        write(notebook, **answers)
        added(code, before=before)(notebook)

    return Attack(name, what, edit, **options)
