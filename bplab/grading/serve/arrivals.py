"""What has come as a whole: nothing is taken while it is still being copied.

Folders are looked at again and again. The system can tell of changes by itself, but not of those
that another computer makes on a network's disk, and that is where an exchange lies.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bplab.grading.files import DEEPEST, TooLarge, pieces

__all__ = ["SETTLE", "STALLED", "Arrivals", "Files", "Key", "files_in", "unfinished"]

Key = tuple[str, str]
"""Of a submission: the assignment, and the student's id."""

Files = tuple[tuple[str, int, int, int, int], ...]
"""What tells a folder's files from what they were: path, size, times of change, number on disk."""

SETTLE = 3.0
"""Seconds for which nothing may change before a submission counts as handed in."""

STALLED = 600.0
"""Seconds after which a copy that looks unfinished is judged as it is: nobody goes on with it."""

_MOST = 10_000  # files of one submission
_COPYING = (".part", ".partial", ".filepart", ".crdownload")  # as copying programs name files


def files_in(folders: Iterable[Path]) -> Files:
    """Return what there is in folders, and the folders; no link is followed."""
    return tuple(sorted(row for folder in folders for row in _rows(str(folder), 0)))


def _rows(folder: str, depth: int) -> Iterator[tuple[str, int, int, int, int]]:
    try:
        yield _row(folder, os.lstat(folder))
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries):
                if not entry.is_dir(follow_symlinks=False):
                    yield _row(entry.path, entry.stat(follow_symlinks=False))
                elif depth < DEEPEST:
                    yield from _rows(entry.path, depth + 1)
                if number > _MOST:
                    return
    except OSError:  # it went away, or may not be read: that is seen when it is judged
        return


def _row(path: str, about: os.stat_result) -> tuple[str, int, int, int, int]:
    return path, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


@dataclass
class _Seen:
    """What was last seen of a submission, since when, and whether it has been told."""

    files: Files
    since: float
    told: bool = False


class Arrivals:
    """Tells when a submission has stopped to change.

    Parameters
    ----------
    settle : float
        Seconds for which two looks at least must find the same.
    """

    def __init__(self, settle: float = SETTLE):
        self._settle = settle
        self._seen: dict[Key, _Seen] = {}

    def settled(self, found: Mapping[Key, Files], now: float) -> list[Key]:
        """Note what a look has found, and return what has settled and was not taken, in order.

        Parameters
        ----------
        found : mapping of Key to Files
        now : float
            Seconds; a clock that is set back starts the wait again.
        """
        for key in self._seen.keys() - found.keys():
            del self._seen[key]
        ready = []
        for key, files in found.items():
            seen = self._seen.get(key)
            if seen is None or seen.files != files or seen.since > now:
                self._seen[key] = _Seen(files, now)
            elif not seen.told and now - seen.since >= self._settle:
                ready.append(key)
        return sorted(ready, key=lambda key: (self._seen[key].since, key))

    def changing(self) -> bool:
        """Whether something has come that has not settled, or was not taken."""
        return any(not seen.told for seen in self._seen.values())

    def stands(self, key: Key) -> bool:
        """Whether it was taken, and has not changed since."""
        seen = self._seen.get(key)
        return seen is not None and seen.told

    def take(self, key: Key) -> None:
        """Do not tell of this one again, unless it changes."""
        self._seen[key].told = True


def unfinished(
    files: Files, limit: int, above: Path, now: float, *, needs: Collection[str] = ()
) -> str:
    """Return what tells that a submission is still being copied; an empty string if nothing does.

    A copy may stand still: a network that fails, a disk that is full. The end of a notebook comes
    last, and is a brace; a file that was given its length before its content holds zero bytes. What
    has not changed for `STALLED` seconds is taken as it is.

    Parameters
    ----------
    files : Files
        Of `files_in`.
    limit : int
        Bytes; a larger notebook is not read.
    above : Path
        The instructor's folder in which the students' are.
    now : float
        Seconds since 1970.
    needs : collection of str
        Paths of files that come last.
    """
    # the system's time of change: nobody can set it
    last = max((changed for _, _, _, changed, _ in files), default=0) / 1e9
    if now - last > STALLED:
        return ""
    names = [Path(row[0]) for row in files]
    if missing := set(needs) - set(map(str, names)):
        return f"there is no {Path(min(missing)).name} yet"
    if copying := [path.name for path in names if _is_being_copied(path.name)]:
        return f"{copying[0]} is the name of a copy that has not ended"
    notebooks = [path for path in names if path.name.lower().endswith(".ipynb")]
    if not notebooks:
        return "there is no notebook yet"
    cut = [path.name for path in notebooks if not _looks_whole(path, limit, above)]
    return f"{cut[0]} has no end yet" if cut else ""


def _is_being_copied(name: str) -> bool:
    rsyncs = name.startswith(".") and ".ipynb." in name.lower()
    return rsyncs or name.lower().endswith(_COPYING)


def _looks_whole(notebook: Path, limit: int, above: Path) -> bool:
    """Whether a notebook has its end; reading it is left to the judging child."""
    end = b""
    try:
        for piece in pieces(notebook, limit, above):
            if b"\0" in piece:
                return False
            end = (end + piece)[-1000:]
    except (OSError, TooLarge):  # the judge says why it cannot be read
        return True
    return end.rstrip().endswith(b"}")
