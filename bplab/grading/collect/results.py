"""The result of collecting a download: what was taken, what was left, and who is missing."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from bplab.grading.printable import shown

__all__ = ["Collected", "Left", "State", "Taken", "printed"]


class State(StrEnum):
    """What became of a student's notebook."""

    NEW = "new"
    REPLACED = "replaced"
    DATED = "of another time"  # the same files, with another time of handing in
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Taken:
    """A student's notebook that is in ``submitted/`` now.

    Attributes
    ----------
    student : str
    state : State
    file : str
        The notebook's name in the download.
    at : datetime or None
        When it was handed in; None if the platform does not say so.
    notes : tuple of str
        What an instructor should know about it.
    """

    student: str
    state: State
    file: str
    at: datetime | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """A file that was not taken, and why."""

    file: str
    why: str


@dataclass
class Collected:
    """The result of collecting a download.

    Attributes
    ----------
    platform : str
    taken : list of Taken
        One for each student whose notebook was found.
    left : list of Left
        Files that were not taken.
    missing : list of str
        Ids of students who are expected, but of whom the download has no notebook to take.
    """

    platform: str
    taken: list[Taken] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def leave(self, path: PurePosixPath, why: str) -> None:
        """Note that a file of the download is not taken, and why."""
        self.left.append(Left(printed(path), why))


def printed(path: PurePosixPath) -> str:
    """Return a file's name in the download, made printable."""
    return shown(str(path), 999)
