"""Which submissions are complete: nothing is taken while it is still being copied.

Folders are polled. The system can report changes by itself, but not those that another computer
makes on a network disk, which is where an exchange usually is.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bplab.grading.files import DEEPEST, TooLarge, pieces

__all__ = ["SETTLE", "STALLED", "Arrivals", "Files", "Key", "files_in", "unfinished"]

Key = tuple[str, str]
"""Identifies a submission: the assignment, and the student's id."""

Files = tuple[tuple[str, int, int, int, int], ...]
"""The state of files and folders; of each its path, size, mtime and ctime in ns, and inode."""

SETTLE = 3.0
"""Seconds for which nothing may change before a submission counts as handed in."""

STALLED = 600.0
"""Seconds without a change after which a copy that looks unfinished is judged as it is."""

_MOST = 10_000  # files of one submission
_COPYING = (".part", ".partial", ".filepart", ".crdownload")  # endings that copying programs use


def files_in(folders: Iterable[Path]) -> Files:
    """Return the state of folders and of everything in them; no link is followed."""
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
    except OSError:  # it is gone, or may not be read: judging it will say so
        return


def _row(path: str, about: os.stat_result) -> tuple[str, int, int, int, int]:
    return path, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino


@dataclass
class _Seen:
    """The last state seen of a submission, since when, and whether it was taken in that state."""

    files: Files
    since: float
    told: bool = False


class Arrivals:
    """Tells when a submission has stopped changing.

    Parameters
    ----------
    settle : float
        Seconds for which at least two looks must find the same state.
    """

    def __init__(self, settle: float = SETTLE):
        self._settle = settle
        self._seen: dict[Key, _Seen] = {}

    def settled(self, found: Mapping[Key, Files], now: float) -> list[Key]:
        """Note what a look has found, and return what has settled and is not taken yet, in order.

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
        """Whether any submission has not settled yet, or is not taken yet."""
        return any(not seen.told for seen in self._seen.values())

    def stands(self, key: Key) -> bool:
        """Whether a submission was taken, and has not changed since."""
        seen = self._seen.get(key)
        return seen is not None and seen.told

    def take(self, key: Key) -> None:
        """Note a submission as taken: `settled` does not return it again unless it changes."""
        self._seen[key].told = True


def unfinished(
    files: Files, limit: int, above: Path, now: float, *, needs: Collection[str] = ()
) -> str:
    """Return why a submission seems to be still being copied, or an empty string.

    Waiting for changes to stop is not enough: a copy may pause if the network fails or a disk is
    full. But the end of a notebook comes last, and is a brace; and a file that was given its length
    before its content holds zero bytes. A submission that has not changed for `STALLED` seconds is
    taken as it is.

    Parameters
    ----------
    files : Files
        What `files_in` returned.
    limit : int
        Bytes; a larger notebook is not read.
    above : Path
        The instructor's folder that holds the students' folders.
    now : float
        Seconds since 1970.
    needs : collection of str
        Paths of files that are written last, and so have to be there.
    """
    # ctime, which only the system sets
    last = max((changed for _, _, _, changed, _ in files), default=0) / 1e9
    if now - last > STALLED:
        return ""
    names = [Path(row[0]) for row in files]
    if missing := set(needs) - set(map(str, names)):
        return f"there is no {Path(min(missing)).name} yet"
    if copying := [path.name for path in names if _is_being_copied(path.name)]:
        return f"{copying[0]} looks like an unfinished copy"
    notebooks = [path for path in names if path.name.lower().endswith(".ipynb")]
    if not notebooks:
        return "there is no notebook yet"
    cut = [path.name for path in notebooks if not _looks_whole(path, limit, above)]
    return f"{cut[0]} has no end yet" if cut else ""


def _is_being_copied(name: str) -> bool:
    rsyncs = name.startswith(".") and ".ipynb." in name.lower()
    return rsyncs or name.lower().endswith(_COPYING)


def _looks_whole(notebook: Path, limit: int, above: Path) -> bool:
    """Whether a notebook has its end; its content is left to the judging child."""
    end = b""
    try:
        for piece in pieces(notebook, limit, above):
            if b"\0" in piece:
                return False
            end = (end + piece)[-1000:]
    except (OSError, TooLarge):  # judging it will say why it cannot be read
        return True
    return end.rstrip().endswith(b"}")
