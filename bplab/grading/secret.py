"""The instructor's secret: a text, made once and kept.

The hidden cases are drawn from it in ``exercises/task/exercise.py``.
"""

import os
import secrets
from pathlib import Path

__all__ = ["course_secret"]


def course_secret(course: Path) -> str:
    """Return the secret in ``course/secret.txt``, made on first use.

    Students never have this file. Equal secrets give equal hidden cases, so keep it for as
    long as marks may be asked about; delete it to have new cases.

    Parameters
    ----------
    course : Path
        The folder that holds ``nbgrader_config.py``.

    Raises
    ------
    ValueError
        If the file is there and empty.
    """
    path = course / "secret.txt"
    if not path.exists():
        # made exclusively and readable by its owner only; a second process reads the first's
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(16) + "\n")
    text = path.read_text(encoding="utf-8").strip()
    if not text:
        raise ValueError(f"{path} is empty; delete it to have a new secret made")
    return text
