"""What was downloaded: a zip file or a folder, read with care.

Students choose names and contents. No name leads out of its place, nothing but plain files is read,
and none is larger than is allowed, whatever an archive says of itself.
"""

import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bplab.course import CourseError
from bplab.grading.files import TooLarge, not_regular, read_regular
from bplab.grading.handed_in import Unfit

__all__ = ["Downloaded", "inside", "opened"]

MOST_FILES = 100_000
"""Of a class: an archive with more is none."""

MOST_INSIDE = 1000
"""Files in an archive that a student handed in."""

MOST_BYTES_INSIDE = 256_000_000
"""Of those together, as far as none is too large by itself."""

_OF_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")
_NO_ZIP = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True)
class Downloaded:
    """One file of a download.

    Attributes
    ----------
    path : PurePosixPath
        Its name in the download, folders and all.
    modified : float
        What tells which of two is newer, if nothing better does.
    read : callable
        Returns its bytes; raises `Unfit`.
    why : str
        Why it must not be read at all; empty if it may.
    """

    path: PurePosixPath
    modified: float
    read: Callable[[], bytes]
    why: str = ""


@contextmanager
def opened(path: Path, limit: int) -> Iterator[list[Downloaded]]:
    """Open what was downloaded: its files, which can be read until it is closed.

    Parameters
    ----------
    path : Path
        A zip file, or a folder.
    limit : int
        Bytes; a larger file is `Unfit`.

    Raises
    ------
    CourseError
        If it is neither, or cannot be read.
    """
    if path.is_dir():
        yield list(_of_folder(path, limit))
        return
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise CourseError(f"{path} holds more than {MOST_FILES} files")
            yield list(_of_archive(archive, limit))
    except FileNotFoundError:
        raise CourseError(f"{path} is missing: name the zip file that you downloaded") from None
    except zipfile.BadZipFile as error:
        raise CourseError(
            f"{path} is no zip file that can be read ({error}): download it again, or name the "
            "folder that it was unpacked into"
        ) from error
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror or error}") from error


def inside(content: bytes, limit: int) -> list[Downloaded]:
    """Return the files of a zip file that a student handed in.

    Raises
    ------
    Unfit
        If it cannot be read as one.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _NO_ZIP:
        raise Unfit("is no zip file that can be read") from None
    if len(archive.infolist()) > MOST_INSIDE:
        raise Unfit(f"holds more than {MOST_INSIDE} files")
    # no more can be read of a file than the archive says of it
    all_of_it = sum(size for one in archive.infolist() if (size := one.file_size) <= limit)
    if all_of_it > (most := max(limit, MOST_BYTES_INSIDE)):
        raise Unfit(f"holds more than {most / 1e6:g} MB in all")
    return list(_of_archive(archive, limit))


def _of_folder(folder: Path, limit: int) -> Iterator[Downloaded]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != ".git")  # a clone of a student's
        links = [name for name in folders if Path(above, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(above, name)
            inside = PurePosixPath(path.relative_to(folder).as_posix())
            about = path.lstat()
            why = _system(inside) or not_regular(about, students=False)

            def read(path: Path = path) -> bytes:
                try:
                    return read_regular(path, limit)
                except TooLarge as error:
                    raise Unfit(f"has {error}") from None
                except OSError as error:
                    raise Unfit(f"cannot be read: {error.strerror or error}") from None

            yield Downloaded(inside, about.st_mtime, read, why)


def _of_archive(archive: zipfile.ZipFile, limit: int) -> Iterator[Downloaded]:
    for info in archive.infolist():
        if info.is_dir():
            continue
        path = PurePosixPath(_name(info).replace("\\", "/"))
        kind = stat.S_IFMT(info.external_attr >> 16)
        why = _system(path)
        if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
            why = "has a name that leads out of its folder"
        elif kind not in (0, stat.S_IFREG):
            why = "is not a regular file"
        elif info.flag_bits & 0x1:
            why = "is locked with a password"

        def read(info: zipfile.ZipInfo = info) -> bytes:
            try:
                with archive.open(info) as file:
                    content = file.read(limit + 1)
            except (*_NO_ZIP, RuntimeError, OSError) as error:
                raise Unfit(f"is damaged in the archive: {error}") from None
            if len(content) > limit:
                raise Unfit(f"is larger than {limit / 1e6:g} MB")
            return content

        yield Downloaded(path, _when(info), read, why)


def _name(info: zipfile.ZipInfo) -> str:
    """The name in an archive, whatever wrote it: UTF-8 often stands there unsaid."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _when(info: zipfile.ZipInfo) -> float:
    year, month, day, hour, minute, second = info.date_time
    return ((((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute) * 60.0 + second


def _system(path: PurePosixPath) -> str:
    found = any(part in _OF_SYSTEMS or part.startswith("._") for part in path.parts)
    return "was put there by a computer, not by a student" if found else ""
