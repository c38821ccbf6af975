"""What is kept of a learner on their computer is written in one way: whole, or not at all."""

import json
import os
from pathlib import Path

__all__ = ["store"]


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
    partial = file.with_name(f".{file.stem}.{os.getpid()}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(value, out)
    partial.replace(file)
