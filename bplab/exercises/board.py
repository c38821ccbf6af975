"""The board of a learner's own training runs, best first: accuracy, weights, seconds."""

import html
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from bplab.errors import InputError, called_as
from bplab.exercises.progress import kept_for, progress_folder
from bplab.exercises.stored import fetch, store

__all__ = ["Board", "Run", "board"]

FILE = "board.json"
MOST = 100
"""How many runs are kept: the best ones."""

HIGHEST = 10**12
"""The most parameters, or seconds, that fit into a column."""


@dataclass(frozen=True)
class Run:
    """A training run: its name, share of right answers, number of weights, and seconds."""

    name: str
    accuracy: float
    parameters: int
    seconds: float

    @property
    def words(self) -> tuple[str, str, str, str]:
        """The cells of its row, as text."""
        return self.name, f"{self.accuracy:.1%}", f"{self.parameters:,}", f"{self.seconds:.1f}"


class Board:
    """Runs, best first: by accuracy, then by fewer parameters, then by fewer seconds.

    Shown when it is the last line of a cell.
    """

    def __init__(self, runs: list[Run], folder: Path):
        self.runs = sorted(runs, key=lambda run: (-run.accuracy, run.parameters, run.seconds))
        self.folder = folder

    @property
    def _where(self) -> str:
        return (
            f"Kept in {self.folder}, {kept_for(self.folder)}. board(reset=True) empties it, and so "
            "does progress(reset=True)."
        )

    def __repr__(self) -> str:
        rows = [_HEAD, *(run.words for run in self.runs)]
        wide = max(len(row[0]) for row in rows)
        lines = [f"{n:<{wide}}  {a:>8}  {p:>10}  {s:>7}" for n, a, p, s in rows]
        return "\n".join([*lines, *["no run yet"] * (not self.runs), "", self._where])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{name}</th>' for name in _HEAD)
        rows = [
            "<tr>" + "".join(f"<td>{html.escape(word)}</td>" for word in run.words) + "</tr>"
            for run in self.runs
        ]
        none = "" if rows else "<div>no run yet</div>"
        return (
            f"<table><tr>{head}</tr>{''.join(rows)}</table>{none}"
            f"<small>{html.escape(self._where)}</small>"
        )


_NUMBERS = ("accuracy", "parameters", "seconds")
_HEAD = ("run", *_NUMBERS)


@called_as('board("32-16, tanh", accuracy=0.95, parameters=2778, seconds=1.5)')
def board(
    name: str | None = None,
    *,
    accuracy: float | None = None,
    parameters: int | None = None,
    seconds: float | None = None,
    reset: bool = False,
) -> Board:
    """Put a training run on the board of your own runs, or show the board.

    The board is kept on this computer, in the folder of the progress, and sent nowhere.

    Parameters
    ----------
    name : str, optional
        What you call the run; an earlier run of this name is replaced. Without it the board is
        only shown.
    accuracy : float
        The share of right answers, from 0 to 1.
    parameters : int
        How many weights the network has.
    seconds : float
        How long it took.
    reset : bool
        Forget all runs first.

    Returns
    -------
    Board
        Shown when it is the last line of a cell. The 100 best runs are kept.

    Raises
    ------
    ValueError
        If an argument is not as described, or only some of those that describe a run are given.
    OSError
        If the board is to be emptied and its file cannot be removed.
    """
    folder = progress_folder()
    new = None
    numbers = {"accuracy": accuracy, "parameters": parameters, "seconds": seconds}
    if name is not None or any(number is not None for number in numbers.values()):
        new = _run(name, numbers)
    if reset:
        (folder / FILE).unlink(missing_ok=True)
    runs = _read(folder)
    if new is not None:
        runs = Board([run for run in runs if run.name != new.name] + [new], folder).runs[:MOST]
        _write(folder, runs)
    return Board(runs, folder)


def _run(name: str | None, numbers: dict[str, Any]) -> Run:
    shown = " ".join(name.split()) if isinstance(name, str) else ""
    if not 0 < len(shown) <= 60 or not shown.isprintable():
        raise InputError(f"name must be a text of 1 to 60 characters; got {name!r}")
    for what, number in numbers.items():
        high = 1 if what == "accuracy" else HIGHEST
        try:
            fits = 0 <= number <= high
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise InputError(f"{what} must be a number from 0 to {high:,}; got {number!r}")
    return Run(
        shown,
        float(numbers["accuracy"]),
        int(numbers["parameters"]),
        float(numbers["seconds"]),
    )


def _read(folder: Path) -> list[Run]:
    """The runs in the file; a missing or spoilt file has none, and a spoilt row is skipped."""
    try:
        rows = fetch(folder / FILE)
    except (OSError, ValueError):
        return []
    runs = []
    for row in rows if isinstance(rows, list) else ():
        with suppress(TypeError, ValueError):
            name, *numbers = row
            runs.append(_run(name, dict(zip(_NUMBERS, numbers, strict=True))))
    return runs


def _write(folder: Path, runs: list[Run]) -> None:
    """Write the runs if the folder can be written to: a cell must not fail if it cannot."""
    with suppress(OSError):
        store(folder / FILE, [astuple(run) for run in runs])
