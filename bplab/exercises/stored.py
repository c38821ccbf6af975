"""What is kept of a learner on their computer is written and read in one way.

Written: whole, or not at all. Read: whatever else may lie in its place is no value.
"""

import json
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["LONGEST", "Refused", "fetch", "store"]

LONGEST = 1_000_000
"""Bytes of a file that is read."""


class Refused(OSError):
    """A file that is not to be read."""


def store(file: Path, value: object, mode: int = 0o666) -> None:
    """Write a value as JSON beside, and rename it; folders on the way are made.

    Parameters
    ----------
    file : Path
    value : object
        Of what JSON has.
    mode : int
        The file's rights, as far as the user's umask leaves them.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # no process number: those of two containers with one home may be alike
    partial = file.with_name(f".{file.stem}.{secrets.token_hex(8)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(value, out)
        partial.replace(file)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def fetch(file: Path, refused: Callable[[os.stat_result], bool] = lambda found: False) -> Any:
    """Return the value that a file holds.

    Parameters
    ----------
    file : Path
    refused : callable
        Whether not to read it, by what the system says of it.

    Raises
    ------
    Refused
        If it was refused.
    OSError
        If it cannot be read, or is something else: a pipe makes wait, and a device has no end.
    ValueError
        If it is no JSON, too long or too deep, or has letters that no page can show.
    """
    with open(file, "rb", opener=_without_waiting) as source:
        found = os.fstat(source.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{file} is no regular file")
        if refused(found):
            raise Refused(f"{file} is not read")
        text = source.read(LONGEST + 1)
    if len(text) > LONGEST:
        raise ValueError(f"{file} has more than {LONGEST} bytes")
    try:
        value = json.loads(text.decode())
        json.dumps(value, ensure_ascii=False).encode()  # half a letter cannot be
    except RecursionError:
        raise ValueError(f"{file} is too deep") from None
    return value


def _without_waiting(file: str, flags: int) -> int:
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))
