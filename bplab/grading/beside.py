"""Files beside a notebook: which of them the notebook finds while it is graded.

A student's files are read as untrusted ones (see ``files``), and the kernel gets copies. The rule
is published in the guide: "What a student may hand in", ``course/README.md``.
"""

import fnmatch
import os
import stat
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.machinery import PathFinder, all_suffixes
from pathlib import Path, PurePosixPath

from bplab.grading.files import TIMESTAMP, TooLarge, not_regular, read_regular
from bplab.grading.kernels import package_folders
from bplab.grading.printable import shown

__all__ = ["MOST", "MOST_MB", "Beside", "released_beside", "take"]

MOST, MOST_MB = 200, 32
"""How many of a student's files are taken at most, and how many MiB they may have together."""

RELEASED_MB = 100
"""How many MiB an assignment's own files may have together."""

LOOKED_AT, DEEPEST, LONGEST = 5_000, 10, 200
"""Limits of a student's folder: names that are looked at, nested folders, bytes of a name."""

_NAMED, _SHOWN = 3, 60  # how many files a line names, and how many letters of a name
_MIB = 2**20

_LINK = "links, pipes and devices are not read"
_TWO_NAMES = "a hard link is the same file as one elsewhere"
_MODULE = "Python, a package or bplab has a module of that name, which is used"
_SETTINGS = "what sets up Python, IPython, matplotlib or pytest is not taken"
_ENVIRONMENT = "an environment of Python's is not taken"
_LONG = f"folders may be {DEEPEST} deep, and names may have {LONGEST} bytes"
_LETTERS = "no name may have control characters"
_ELSEWHERE = "only what lies in the notebook's folder is taken"
_OURS = "the assignment has its own, which is used"
_MANY = f"at most {MOST} files beside a notebook are taken"
_LARGE = f"files beside a notebook may have {MOST_MB} MB in all"

_SETTING = (
    *("sitecustomize.py", "usercustomize.py", "conftest.py", "*.pth", "pyvenv.cfg", "matplotlibrc"),
    *("ipython*_config.*", "jupyter*_config.*", "nbgrader_config.py", "pytest.ini"),
)


@dataclass(frozen=True)
class Beside:
    """The files that were taken from a student's folder, and those that were not.

    Attributes
    ----------
    files : mapping of str to bytes
        Contents by the name that the notebook uses, such as ``"data/digits.csv"``.
    left_out : tuple of str
        Which files were left out, and why: a line for each reason.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass
class _LeftOut:
    """Names of the files that are left out, by reason."""

    names: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, path: PurePosixPath, why: str) -> None:
        self.names[why].append(shown(str(path), _SHOWN))

    def lines(self) -> tuple[str, ...]:
        every = sorted(self.names.items())
        return tuple(f"{_listed(sorted(names))} left out: {why}" for why, names in every)


def _listed(names: list[str]) -> str:
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    *others, last = names
    return f"{', '.join(others)} and {last} were" if others else f"{last} was"


def take(
    folder: Path,
    notebook: Path | None,
    below: Path,
    *,
    ours: Mapping[str, bytes],
    notebooks: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Beside:
    """Read the files that a student handed in beside a notebook; leave out those not allowed.

    Parameters
    ----------
    folder : Path
        The student's folder.
    notebook : Path or None
        The graded notebook, in ``folder``; files in its own folder lie beside it. None: files in
        ``folder`` do.
    below : Path
        A folder above, which belongs to the instructor: see `read_regular`.
    ours : mapping of str to bytes
        The assignment's own files, which take precedence over a student's.
    notebooks : sequence of str
        Names of the assignment's notebooks. They are skipped: each is a submission by itself.
    ignore : sequence of str
        Patterns of names that are skipped without a message, from nbgrader's settings.
    """
    out = _LeftOut()
    home = PurePosixPath(notebook.parent.relative_to(folder) if notebook else ".")
    graded = PurePosixPath(notebook.relative_to(folder)) if notebook else None
    skipped = {graded, PurePosixPath(TIMESTAMP), *(home / name for name in notebooks)}
    try:
        found = [
            path.relative_to(home)
            for path in _regular(folder, ignore, out)
            if path not in skipped and _is_taken(path, home, ours, out)
        ]
    except _TooMany:
        return Beside(
            left_out=(f"more than {LOOKED_AT} files and folders were handed in: none was taken",)
        )
    files: dict[str, bytes] = {}
    room = MOST_MB * _MIB
    # modules before data: if there are too many files, data is what can be left out
    for path in sorted(found, key=_rank):
        own = ours.get(str(path))
        if own is None and len(files) == MOST:
            out.add(path, _MANY)
            continue
        try:
            content = read_regular(folder / home / path, room if own is None else len(own), below)
        except TooLarge:
            out.add(path, _LARGE if own is None else _OURS)
        except OSError as error:
            out.add(path, (error.strerror or str(error)).lower())
        else:
            if own is None:
                files[str(path)] = content
                room -= len(content)
            elif own != content:
                out.add(path, _OURS)
    return Beside(files, out.lines())


class _TooMany(Exception):
    """A folder holds more files and folders than are looked at."""


def _regular(folder: Path, ignore: Sequence[str], out: _LeftOut) -> Iterator[PurePosixPath]:
    """Yield regular files, in no particular order, without those that are hidden or ignored."""
    looked, waiting = 0, [PurePosixPath()]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(folder / here) as entries:
                for entry in entries:
                    looked += 1
                    if looked > LOOKED_AT:
                        raise _TooMany
                    path = here / entry.name
                    if _is_hidden(entry.name, ignore):
                        continue
                    if why := _bad_name(path):
                        out.add(path, why)
                    elif not entry.is_dir(follow_symlinks=False):
                        about = entry.stat(follow_symlinks=False)
                        if not not_regular(about):
                            yield path
                        else:
                            out.add(path, _TWO_NAMES if stat.S_ISREG(about.st_mode) else _LINK)
                    elif os.path.lexists(os.path.join(entry.path, "pyvenv.cfg")):
                        out.add(path, _ENVIRONMENT)
                    else:
                        waiting.append(path)
        except OSError as error:
            out.add(here, (error.strerror or str(error)).lower())


def _is_hidden(name: str, ignore: Sequence[str]) -> bool:
    return name.startswith(".") or any(fnmatch.fnmatch(name, pattern) for pattern in ignore)


def _bad_name(path: PurePosixPath) -> str:
    if len(path.parts) > DEEPEST + 1 or len(os.fsencode(path.name)) > LONGEST:
        return _LONG
    return "" if path.name.isprintable() else _LETTERS


def _is_taken(
    path: PurePosixPath, home: PurePosixPath, ours: Mapping[str, bytes], out: _LeftOut
) -> bool:
    """Whether the name of a regular file lets it be taken; if not, the reason is noted."""
    if not path.is_relative_to(home):
        why = _ELSEWHERE
    elif any(fnmatch.fnmatch(path.name.lower(), pattern) for pattern in _SETTING):
        why = _SETTINGS
    elif _is_hiding(own := path.relative_to(home)):
        why = _MODULE
    elif any(str(one) in ours for one in own.parents) or any(
        PurePosixPath(one).is_relative_to(own) and one != str(own) for one in ours
    ):
        why = _OURS  # one has a file where the other has a folder
    else:
        return True
    out.add(path, why)
    return False


def _rank(path: PurePosixPath) -> tuple[bool, bool, int, str]:
    return not _importable(path), _is_notebook(path), len(path.parts), str(path)


def _is_notebook(path: PurePosixPath) -> bool:
    return path.name.lower().endswith(".ipynb")


def _importable(path: PurePosixPath) -> bool:
    return path.name.endswith(tuple(all_suffixes()))


def _is_hiding(path: PurePosixPath) -> bool:
    """Whether a file would hide a module that exists already, or be part of it."""
    top = path.parts[0].partition(".")[0]
    return top == "bplab" or (_importable(path) and _is_module(top))


@lru_cache(1000)
def _is_module(name: str) -> bool:
    if name in sys.stdlib_module_names or name == "__main__":
        return True
    spec = PathFinder.find_spec(name, [str(folder) for folder in package_folders()])
    return spec is not None and spec.origin is not None


def released_beside(
    folder: Path, ignore: Sequence[str] = ()
) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    """Read an assignment's own files, which lie beside its released notebook.

    Returns
    -------
    files : tuple of (str, bytes)
    too_large : tuple of str
        Names of the files that cannot be read, or for which there is no room.
    """
    files, too_large, room = [], [], RELEASED_MB * _MIB
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name, ignore))
        for name in sorted(names):
            path = Path(above, name)
            if _is_hidden(name, ignore) or name.endswith(".ipynb"):
                continue
            own = path.relative_to(folder).as_posix()
            try:
                content = read_regular(path, room)
            except (OSError, TooLarge):
                too_large.append(own)
            else:
                files.append((own, content))
                room -= len(content)
    return tuple(files), tuple(too_large)
