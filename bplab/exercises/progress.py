"""A learner's progress and predictions, kept in a folder of this computer and nowhere else."""

import hashlib
import html
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

import platformdirs

from bplab.errors import SESSION, called_as
from bplab.exercises.registry import EXERCISES, OPTIONAL, TASKS
from bplab.exercises.review.spacing import FOLDER as RESULTS
from bplab.exercises.review.spacing import UNASKED, due
from bplab.exercises.stored import fetch, store
from bplab.exercises.task import Task
from bplab.languages import told

__all__ = [
    "FUNCTIONS",
    "PREDICTIONS",
    "Progress",
    "kept_for",
    "note_explained",
    "predict",
    "progress",
    "progress_folder",
    "record_try",
    "tries_of",
]

FOLDER = "BPLAB_PROGRESS"
"""Environment variable with the folder to use in place of the user's own."""

PREDICTIONS = "predictions"
"""The subfolder with the learner's predictions, one file each."""

FUNCTIONS = "functions"
"""The subfolder with the functions that have passed."""

_DRIVE = Path("/drive")
"""In JupyterLite: the notebooks' folder, which the browser keeps; it does not keep the home."""


@dataclass(frozen=True)
class Tries:
    """What is known of one exercise.

    Attributes
    ----------
    tries : int
        How often it was checked. Only functions count that are written, and have the name that the
        notebook asks for.
    passed : str
        When it first passed, as an ISO date and time; empty if it never did.
    mistake : str
        Name of the mistake in the last try; empty if that try was right.
    in_a_row : int
        How many tries in a row, up to the last, had that mistake.
    explained : str
        When `explain` was first answered without a mistake, as an ISO date and time; empty if
        never.
    """

    tries: int = 0
    passed: str = ""
    mistake: str = ""
    in_a_row: int = 0
    explained: str = ""

    @property
    def words(self) -> str:
        """The state in words, with a sign that needs no colour."""
        times = f"{self.tries} {'try' if self.tries == 1 else 'tries'}"
        if not self.tries:
            return "· not tried"
        if not self.passed:
            return f"✗ not yet ({times}; last: {self.mistake})"
        day = self.passed.partition("T")[0]
        passed = f"✓ passed on {day} ({times}{f'; last: {self.mistake}' if self.mistake else ''})"
        return f"{passed} · explained" if self.explained else passed


class Progress:
    """The state of every exercise, by notebook; shown when it is the last line of a cell."""

    def __init__(self, tries: dict[str, Tries], folder: Path, predicted: dict[str, str]):
        self.tries = tries
        self.folder = folder
        self.predicted = predicted

    @property
    def to_review(self) -> list[str]:
        """Ids of the exercises that `bplab.review` asks about today, longest overdue first."""
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

    def _head(self, name: str, exercises: list[Task]) -> str:
        note = f" ({told('optional: not in the sum above')})" if name in OPTIONAL else ""
        return f"{name}{note}: {told(self._sum(exercises))}"

    def _sum(self, exercises: list[Task]) -> str:
        done = [e for e in exercises if self.tries[e.id].passed]
        points, of = (sum(e.points for e in some) for some in (done, exercises))
        return f"{len(done)} of {len(exercises)}, {points} of {of} points"

    @property
    def _title(self) -> str:
        asked = [task for task in TASKS.values() if task.notebook not in OPTIONAL]
        return f"Your progress: {self._sum(asked)}"

    @property
    def _next(self) -> str:
        """A line that says how much there is to review today; empty if nothing."""
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
            lines += ["", self._head(name, exercises)]
            lines += [f"  {e.id:<20} {told(self.tries[e.id].words)}" for e in exercises]
        if self.predicted:
            lines += ["", told("What you predicted in this notebook:")]
            lines += [f"  {about}: {says}" for about, says in self._predicted()]
        return "\n".join([*lines, "", *filter(None, [told(self._next)]), told(self._where)])

    def _predicted(self) -> Iterator[tuple[str, str]]:
        return ((told(about), told(f"you said “{says}”")) for about, says in self.predicted.items())

    def _repr_html_(self) -> str:
        rows = []
        for name, exercises in self._notebooks():
            rows.append(
                '<tr><th colspan="3" scope="colgroup" style="text-align:left">'
                f"{self._head(name, exercises)}</th></tr>"
            )
            for e in exercises:
                cells = (e.id, told(f"{e.equation}: {e.title}"), told(self.tries[e.id].words))
                rows.append(
                    "<tr>"
                    + "".join(f'<td style="text-align:left">{html.escape(c)}</td>' for c in cells)
                    + "</tr>"
                )
        items = "".join(f"<li>{html.escape(f'{a}: {says}')}</li>" for a, says in self._predicted())
        predicted = f"{told('What you predicted in this notebook:')}<ul>{items}</ul>" * bool(items)
        where = html.escape(told(self._where)).replace("\n", "<br>")
        return (
            f"<strong>{told(self._title)}</strong><table>{''.join(rows)}</table>"
            f"{f'<p>{told(self._next)}</p>' if self._next else ''}"
            f"{predicted}<small>{where}</small>"
        )


@called_as("progress()")
def progress(*, reset: bool = False) -> Progress:
    """Show which exercises have passed, from session to session.

    Parameters
    ----------
    reset : bool
        Forget all progress first.

    Returns
    -------
    Progress
        Shown when it is the last line of a cell.

    Raises
    ------
    OSError
        If ``reset`` is true and the files cannot be removed.
    """
    folder = progress_folder()
    if reset:
        _here.clear()
        for below in ("", FUNCTIONS, PREDICTIONS, RESULTS):
            for file in (folder / below).glob("*.json"):
                file.unlink()
        for below in (FUNCTIONS, PREDICTIONS):
            with suppress(OSError):  # not there, or other files are in it
                (folder / below).rmdir()
    return Progress({id: _read(folder, id) for id in TASKS}, folder, _predicted(folder))


def record_try(exercise: Task, mistake: str) -> Tries:
    """Note a try, and return what is known now; ``mistake`` is empty if the try was right.

    Each exercise has a file of its own, so that two open notebooks do not overwrite each other's
    tries. If the file cannot be written, nothing is noted: that must never spoil a check.
    """
    folder = progress_folder()
    known = _read(folder, exercise.id)
    now = "" if mistake else _now()
    in_a_row = 1 + known.in_a_row * (mistake == known.mistake) if mistake else 0
    noted = Tries(known.tries + 1, known.passed or now, mistake, in_a_row, known.explained)
    _write(folder, exercise.id, vars(noted))
    return noted


def tries_of(exercise: Task) -> Tries:
    """Return what is known of an exercise."""
    return _read(progress_folder(), exercise.id)


def note_explained(exercise: Task) -> None:
    """Note when the questions on the learner's own code were first answered without a mistake."""
    known = tries_of(exercise)
    if not known.explained:
        _write(progress_folder(), exercise.id, vars(replace(known, explained=_now())))


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _write(folder: Path, name: str, value: object) -> None:
    with suppress(OSError, ValueError):
        store(folder / f"{name}.json", value)


# --- predictions --------------------------------------------------------------------------


@called_as('predict("who wins", "…")')
def predict(about: str, says: str) -> str:
    """Keep a prediction, and return it; ``progress()`` shows it again at the notebook's end.

    Parameters
    ----------
    about : str
        What it is about, in a few words. The same words again replace the earlier prediction.
    says : str
        The prediction. While it contains ``…`` or ``?`` it counts as not written, and is not kept.

    Returns
    -------
    str
        ``says``.
    """
    about, said = (str(text).encode(errors="replace").decode() for text in (about, says))
    if "…" in said or "?" in said or os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return says
    _here.add(about)
    name = hashlib.sha256(about.encode()).hexdigest()[:16]
    kept = {"about": about, "says": said, "notebook": os.environ.get(SESSION, "")}
    _write(progress_folder() / PREDICTIONS, name, kept)
    return says


_here: set[str] = set()  # the subjects of predictions made since this kernel began


def _predicted(folder: Path) -> dict[str, str]:
    """Predictions made in this notebook: since the kernel began, or earlier if Jupyter names it."""
    notebook, found = os.environ.get(SESSION), {}
    files: list[Path] = []
    with suppress(OSError, ValueError):  # a folder's name that the system does not allow
        files = sorted((folder / PREDICTIONS).glob("*.json"), key=_written)
    for file in files:
        with suppress(OSError, ValueError, TypeError, KeyError):
            kept = fetch(file)
            if kept["about"] in _here or (notebook and kept["notebook"] == notebook):
                found[str(kept["about"])] = str(kept["says"])
    return found


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


# --- where it is kept ---------------------------------------------------------------------


def kept_for(folder: Path) -> str:
    """Say where, or for how long, the contents of the folder are kept."""
    if sys.platform != "emscripten":
        return "on this computer only"
    return "in this browser only" if _DRIVE in folder.parents else "until this kernel ends"


def progress_folder() -> Path:
    """Return the folder in which progress is kept; it may not exist yet."""
    if given := os.environ.get(FOLDER):
        return Path(os.path.expanduser(given))
    if sys.platform == "emscripten" and _DRIVE.is_dir():
        return _DRIVE / ".bplab" / "progress"
    return platformdirs.user_data_path("bplab") / "progress"


def _read(folder: Path, id: str) -> Tries:
    """What is noted of an exercise; a missing or spoilt file counts as no tries."""
    try:
        noted = fetch(folder / f"{id}.json")
        # a newer version may note more
        known = Tries(**{name: noted[name] for name in vars(Tries()) if name in noted})
    except (OSError, ValueError, TypeError):
        return Tries()
    as_noted = [type(value) for value in vars(known).values()] == [int, str, str, int, str]
    return known if as_noted else Tries()
