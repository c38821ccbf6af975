"""Reading and writing the files that hold a learner's records on their computer.

A file is written whole or not at all. Whatever else may be in its place when it is read is refused.
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
"""The most bytes that a file may have to be read."""


class Refused(OSError):
    """The caller has refused to read this file."""


def store(file: Path, value: object, mode: int = 0o666) -> None:
    """Write a value as JSON to a temporary file next to the target, then rename it.

    Missing folders on the way are made.

    Parameters
    ----------
    file : Path
    value : object
        Made only of what JSON can hold.
    mode : int
        The file's permissions, before the user's umask.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # not by process number: two containers with the same home may have the same one
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
        Takes the file's `os.stat_result` and returns whether the file must not be read.

    Raises
    ------
    Refused
        If ``refused`` says so.
    OSError
        If it cannot be read, or is not a regular file: a pipe may never answer, a device never
        end.
    ValueError
        If it is not JSON, is too long or too deep, or has characters that cannot be encoded.
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
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair cannot be
    except RecursionError:
        raise ValueError(f"{file} is too deep") from None
    return value


def _without_waiting(file: str, flags: int) -> int:
    return os.open(file, flags | getattr(os, "O_NONBLOCK", 0))
