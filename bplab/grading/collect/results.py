"""What came of a download: what is taken, what is left, and who has nothing in it."""

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
    DATED = "of another time"  # the same files
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Taken:
    """A student's notebook that is in ``submitted/`` now.

    Attributes
    ----------
    student : str
    state : State
    file : str
        Its name in the download.
    at : datetime or None
        When it was handed in, if the platform says so.
    notes : tuple of str
        What an instructor should know of it.
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
    """What came of a download.

    Attributes
    ----------
    platform : str
    taken : list of Taken
        By student.
    left : list of Left
        Every other file.
    missing : list of str
        Who is known, and has nothing in the download.
    """

    platform: str
    taken: list[Taken] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def leave(self, path: PurePosixPath, why: str) -> None:
        """Note that a file of the download is not taken."""
        self.left.append(Left(printed(path), why))


def printed(path: PurePosixPath) -> str:
    """A file's name in the download, as it may be printed."""
    return shown(str(path), 999)
