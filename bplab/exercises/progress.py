"""Which equations a learner has written: kept in a folder of this computer, and nowhere else."""

import html
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import platformdirs

from bplab.errors import called_as
from bplab.exercises.registry import EXERCISES, TASKS
from bplab.exercises.review.spacing import FOLDER as RESULTS
from bplab.exercises.review.spacing import UNASKED, due
from bplab.exercises.task import Task
from bplab.languages import told

__all__ = ["Progress", "kept_for", "progress", "progress_folder", "record_try"]

FOLDER = "BPLAB_PROGRESS"
"""Environment variable with the folder to use in place of the user's own."""

_DRIVE = Path("/drive")
"""In JupyterLite: the folder of the notebooks, which the browser keeps. The home is not kept."""


@dataclass(frozen=True)
class Tries:
    """What is known of one exercise.

    Attributes
    ----------
    tries : int
        How often it was checked: written, and under the name that the notebook asks for.
    passed : str
        When it first passed, as an ISO date and time; empty if it never did.
    mistake : str
        Name of the mistake in the last try; empty if that one was right.
    """

    tries: int = 0
    passed: str = ""
    mistake: str = ""

    @property
    def words(self) -> str:
        """The state in words, with a sign that does not depend on colour."""
        times = f"{self.tries} {'try' if self.tries == 1 else 'tries'}"
        if not self.tries:
            return "· not tried"
        if not self.passed:
            return f"✗ not yet ({times}; last: {self.mistake})"
        day = self.passed.partition("T")[0]
        return f"✓ passed on {day} ({times}{f'; last: {self.mistake}' if self.mistake else ''})"


class Progress:
    """The state of every exercise, notebook by notebook; shown as the last line of a cell."""

    def __init__(self, tries: dict[str, Tries], folder: Path):
        self.tries = tries
        self.folder = folder

    @property
    def to_review(self) -> list[str]:
        """Ids of the exercises that `bplab.review` asks about today, the longest waiting first."""
        asked = (id for id in self.passed if id in EXERCISES and id not in UNASKED)
        passed = {id: self.tries[id].passed for id in asked}
        return list(due(self.folder, passed, datetime.now().astimezone().date()))

    @property
    def passed(self) -> list[str]:
        """Ids of the exercises that have passed."""
        return [id for id, known in self.tries.items() if known.passed]

    def _notebooks(self) -> list[tuple[str, list[Task]]]:
        grouped = groupby(TASKS.values(), key=lambda exercise: exercise.notebook)
        return [(name, list(exercises)) for name, exercises in grouped]

    def _sum(self, exercises: list[Task]) -> str:
        done = [e for e in exercises if self.tries[e.id].passed]
        points, of = (sum(e.points for e in some) for some in (done, exercises))
        return f"{len(done)} of {len(exercises)}, {points} of {of} points"

    @property
    def _title(self) -> str:
        return f"Your progress: {self._sum(list(TASKS.values()))}"

    @property
    def _next(self) -> str:
        """A line on what is to be reviewed; empty if nothing is."""
        waiting = len(self.to_review)
        return f"{waiting} to review today: review()" if waiting else ""

    @property
    def _where(self) -> str:
        return (
            "A try is a check of a function that is written, under the name that the notebook "
            f"asks for.\nKept in {self.folder}, {kept_for(self.folder)}. "
            "progress(reset=True) forgets it."
        )

    def __repr__(self) -> str:
        lines = [told(self._title)]
        for name, exercises in self._notebooks():
            lines += ["", f"{name}: {told(self._sum(exercises))}"]
            lines += [f"  {e.id:<20} {told(self.tries[e.id].words)}" for e in exercises]
        return "\n".join([*lines, "", *filter(None, [told(self._next)]), told(self._where)])

    def _repr_html_(self) -> str:
        rows = []
        for name, exercises in self._notebooks():
            rows.append(
                f'<tr><th colspan="3" scope="colgroup" style="text-align:left">{name}: '
                f"{told(self._sum(exercises))}</th></tr>"
            )
            for e in exercises:
                cells = (e.id, told(f"{e.equation}: {e.title}"), told(self.tries[e.id].words))
                rows.append(
                    "<tr>"
                    + "".join(f'<td style="text-align:left">{html.escape(c)}</td>' for c in cells)
                    + "</tr>"
                )
        return (
            f"<strong>{told(self._title)}</strong><table>{''.join(rows)}</table>"
            f"{f'<p>{told(self._next)}</p>' if self._next else ''}"
            f"<small>{html.escape(told(self._where)).replace(chr(10), '<br>')}</small>"
        )


@called_as("progress()")
def progress(*, reset: bool = False) -> Progress:
    """Show which exercises have passed, from session to session.

    Parameters
    ----------
    reset : bool
        Forget everything first.

    Returns
    -------
    Progress
        Shown when it is the last line of a cell.

    Raises
    ------
    OSError
        If it is to be forgotten and its files cannot be removed.
    """
    folder = progress_folder()
    if reset:
        for file in (*folder.glob("*.json"), *folder.glob(f"{RESULTS}/*.json")):
            file.unlink()
    return Progress({id: _read(folder, id) for id in TASKS}, folder)


def record_try(exercise: Task, mistake: str) -> None:
    """Note a try; ``mistake`` is empty if it was right.

    A file for each exercise, so that two notebooks at a time do not lose each other's. What
    cannot be written is not noted: that must never spoil a check.
    """
    folder = progress_folder()
    known = _read(folder, exercise.id)
    now = "" if mistake else datetime.now().astimezone().isoformat(timespec="seconds")
    noted = Tries(known.tries + 1, known.passed or now, mistake)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{exercise.id}.{os.getpid()}"
        partial.write_text(json.dumps(vars(noted)), encoding="utf-8")
        partial.replace(folder / f"{exercise.id}.json")


def kept_for(folder: Path) -> str:
    """Say where, or how long, what is in the folder is kept."""
    if sys.platform != "emscripten":
        return "on this computer only"
    return "in this browser only" if _DRIVE in folder.parents else "until this kernel ends"


def progress_folder() -> Path:
    """Return the folder that progress is kept in; it may not be there yet."""
    if given := os.environ.get(FOLDER):
        return Path(given)
    if sys.platform == "emscripten" and _DRIVE.is_dir():
        return _DRIVE / ".bplab" / "progress"
    return platformdirs.user_data_path("bplab") / "progress"


def _read(folder: Path, id: str) -> Tries:
    """What is noted of an exercise; a file that is missing or spoilt counts as nothing."""
    try:
        known = Tries(**json.loads((folder / f"{id}.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Tries()
    as_noted = [type(value) for value in vars(known).values()] == [int, str, str]
    return known if as_noted else Tries()
