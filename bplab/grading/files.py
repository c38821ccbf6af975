"""Read students' files, and nothing but files: no link is followed, no pipe is waited for.

A submission may hold links to a classmate's notebook or to the secret, pipes, devices, or a file
that is replaced while it is read. So each folder on the path is opened without following links,
beginning with one that belongs to the instructor; a file is checked again once it is open, and read
once.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = [
    "TIMESTAMP",
    "TooLarge",
    "copy_regular",
    "not_regular",
    "pieces",
    "read_regular",
    "refuse_too_deep",
]

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
# O_NONBLOCK: a pipe in a student's folder must not be waited for
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

TIMESTAMP = "timestamp.txt"
"""The file in which nbgrader notes when something was handed in."""

DEEPEST = 100
"""How deeply folders may be nested in one that is copied: removing the copy recurses."""

_PIECE = 2**20  # bytes


class TooLarge(ValueError):
    """A file above the size limit."""


def not_regular(about: os.stat_result, *, students: bool = True) -> str:
    """Return in words why a file is not a plain one; an empty string if it is one.

    Parameters
    ----------
    about : os.stat_result
        Status of the file itself, not of what a link leads to.
    students : bool
        Whether the file is a student's: then a hard link is not accepted.
    """
    if not stat.S_ISREG(about.st_mode):
        return "is not a regular file"
    if students and about.st_nlink > 1:
        return "is a hard link, the same file as one elsewhere"
    return ""


def read_regular(path: Path, limit: int, below: Path | None = None) -> bytes:
    """Read a file of at most ``limit`` bytes; links, pipes and devices are not opened.

    Parameters
    ----------
    path : Path
    limit : int
    below : Path, optional
        A folder above the file. It belongs to the instructor, and everything in it to students:
        none of the folders from there on may be a link, and the file may not be a hard link.

    Raises
    ------
    TooLarge
        If the file is larger.
    OSError
        If it is not a regular file, or cannot be read; with ``below``, also if it is a hard link.
    """
    return b"".join(pieces(path, limit, below))


def pieces(path: Path, limit: int, below: Path | None = None) -> Iterator[bytes]:
    """Yield what `read_regular` returns, piece by piece; raises the same errors."""
    with _opened_folder(path.parent, below or path.parent) as folder:
        students = below is not None
        with _opened(folder, path.name, limit, students=students) as file:
            source = _UpTo(file, limit)  # it may have grown
            while piece := source.read(_PIECE):
                yield piece


def copy_regular(folder: Path, to: Path, limit: int, below: Path) -> list[tuple[str, str]]:
    """Copy the regular files of a folder, and of all folders in it; copies keep the files' times.

    Parameters
    ----------
    folder : Path
    to : Path
        The folder for the copies, which is made.
    limit : int
        Bytes; larger files are left out.
    below : Path
        As for `read_regular`.

    Returns
    -------
    list of (str, str)
        The files that are left out: the name in the folder, and why.

    Raises
    ------
    OSError
        If the folder, or one on the path to it, is a link or not a folder; if folders are nested
        more than `DEEPEST` deep.
    """
    left_out = []
    to.mkdir(parents=True, exist_ok=True)
    with _opened_folder(folder, below) as opened:
        for above, folders, names, at in os.fwalk(".", dir_fd=opened, follow_symlinks=False):
            here = Path(above)
            refuse_too_deep(here, folder)
            for name in folders:
                if stat.S_ISLNK(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
                    left_out.append((str(here / name), "is not a regular file"))
                else:
                    (to / here / name).mkdir(exist_ok=True)
            for name in names:
                copied = to / here / name
                try:
                    with _opened(at, name, limit) as file:
                        about = os.fstat(file.fileno())
                        with copied.open("wb") as out:
                            shutil.copyfileobj(_UpTo(file, limit), out)
                    os.utime(copied, ns=(about.st_atime_ns, about.st_mtime_ns))
                except (OSError, TooLarge) as error:
                    left_out.append((str(here / name), _why(error)))
                    with suppress(OSError):  # half of a file is not kept
                        copied.unlink()
    return sorted(left_out)


def refuse_too_deep(inside: Path, folder: Path) -> None:
    """Raise OSError if a path, relative to its folder, has more than `DEEPEST` parts."""
    if len(inside.parts) > DEEPEST:
        raise OSError(errno.ELOOP, "folders are nested too deeply", str(folder))


class _UpTo:
    """A file that may have grown since it was checked: it is read up to a limit."""

    def __init__(self, file: BinaryIO, limit: int):
        self._file, self._limit, self._left = file, limit, limit

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most ``size``; raise `TooLarge` beyond the limit."""
        content = self._file.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise _too_large(self._limit - self._left, self._limit)
        return content


def _why(error: OSError | TooLarge) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return f"has {error}"


def _too_large(size: int, limit: int) -> TooLarge:
    return TooLarge(f"{size / 1e6:.1f} MB; at most {limit / 1e6:g} MB are read")


@contextmanager
def _opened_folder(folder: Path, below: Path) -> Iterator[int]:
    """Open a folder step by step, so that none of the steps is a link."""
    at = os.open(below, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        for step in folder.relative_to(below).parts:
            if step == os.pardir:
                raise OSError(errno.EINVAL, "leads out of its folder", str(folder))
            try:
                further = os.open(step, _FOLDER, dir_fd=at)
            except FileNotFoundError:
                raise
            except OSError as error:
                why = f"{step} is a link, or no folder that can be read"
                raise OSError(error.errno, why, str(folder)) from error
            os.close(at)
            at = further
        yield at
    finally:
        os.close(at)


@contextmanager
def _opened(folder: int, name: str, limit: int, *, students: bool = True) -> Iterator[BinaryIO]:
    """Open a file if it is a regular one of at most ``limit`` bytes."""
    about = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if why := not_regular(about, students=students):
        raise OSError(errno.EINVAL, why, name)  # opening a device may already do something
    with os.fdopen(os.open(name, _FILE, dir_fd=folder), "rb") as file:
        about = os.fstat(file.fileno())
        if why := not_regular(about, students=students):  # it may have been replaced since
            raise OSError(errno.EINVAL, why, name)
        if about.st_size > limit:
            raise _too_large(about.st_size, limit)
        yield file
