"""Read a download, which is a zip file or a folder, with care.

Students choose names and contents. So no name may lead out of its folder, only regular files are
read, and none that is larger than allowed, whatever an archive says about it.
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
"""The most files in a class's archive."""

MOST_INSIDE = 1000
"""The most files in an archive that a student handed in."""

MOST_BYTES_INSIDE = 256_000_000
"""The most bytes of those together, without files that are too large by themselves."""

_OF_SYSTEMS = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".ipynb_checkpoints")
_NO_ZIP = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True)
class Downloaded:
    """One file of a download.

    Attributes
    ----------
    path : PurePosixPath
        The file's name in the download, with its folders.
    modified : float
        A number that is larger for newer files of the same download.
    read : callable
        Returns the file's bytes; raises `Unfit` if they cannot be had.
    why : str
        Why the file must not be read; empty if it may.
    """

    path: PurePosixPath
    modified: float
    read: Callable[[], bytes]
    why: str = ""


@contextmanager
def opened(path: Path, limit: int) -> Iterator[list[Downloaded]]:
    """Open a download, and yield its files; they can be read inside the ``with`` block.

    Parameters
    ----------
    path : Path
        A zip file, or a folder.
    limit : int
        Bytes; reading a larger file raises `Unfit`.

    Raises
    ------
    CourseError
        If ``path`` is neither a zip file nor a folder, or cannot be read.
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
        If it cannot be read as a zip file, or holds too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _NO_ZIP:
        raise Unfit("is no zip file that can be read") from None
    if len(archive.infolist()) > MOST_INSIDE:
        raise Unfit(f"holds more than {MOST_INSIDE} files")
    # zipfile reads no more of a file than the size that the archive states
    all_of_it = sum(size for one in archive.infolist() if (size := one.file_size) <= limit)
    if all_of_it > (most := max(limit, MOST_BYTES_INSIDE)):
        raise Unfit(f"holds more than {most / 1e6:g} MB in all")
    return list(_of_archive(archive, limit))


def _of_folder(folder: Path, limit: int) -> Iterator[Downloaded]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != ".git")  # of a student's repository
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
    """Return a file's name in an archive; it may be UTF-8 without the flag that says so."""
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
