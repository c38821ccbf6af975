"""Which hidden cases a class is graded with, and that only one process grades it."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bplab.course.layout import CourseError

__all__ = ["only_one", "run_of"]

RUNS = "runs.json"


def run_of(folder: Path, assignment: str, *, fresh: bool = False, given: str | None = None) -> str:
    """Return the token of the run that an assignment is graded in.

    Together with the course's secret it decides the hidden cases. It is noted in ``runs.json``,
    so that who hands in later gets the cases of the class.

    Parameters
    ----------
    folder : Path
        Where ``runs.json`` is.
    assignment : str
    fresh : bool
        Draw a new one.
    given : str, optional
        This one; an empty string: the cases of ``nbgrader autograde``.

    Returns
    -------
    str
        Without ``fresh`` and ``given`` the last one noted, or else an empty string.

    Raises
    ------
    CourseError
        If ``runs.json`` cannot be read.
    """
    path = folder / RUNS
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        runs = noted.get(assignment, [])
        last = runs[-1]["run"] if runs else ""
    except FileNotFoundError:
        noted, runs, last = {}, [], ""
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise CourseError(
            f"{path} is not as bplab wrote it ({error}): put it right, or remove it and name the "
            "run with --run"
        ) from error
    token = secrets.token_hex(4) if fresh else last if given is None else given
    if token != last:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        noted[assignment] = [*runs, {"run": token, "since": since}]
        folder.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(noted, indent=2) + "\n", encoding="utf-8")
        new.replace(path)
    return token


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep others from grading the same class meanwhile; the lock ends with this process.

    Raises
    ------
    CourseError
        If somebody does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="ascii") as file:
        try:
            import fcntl
        except ModuleNotFoundError:  # Windows: nbgrader does not grade there either
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise CourseError(
                f"this class is being graded by another process ({file.read().strip()}): wait "
                "until it is done, or end it"
            ) from error
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield
