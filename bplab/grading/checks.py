"""What a notebook is worth, without nbgrader: run it, and read what its checks say.

For learners who want to see a whole notebook at a glance, and for a course that keeps its
marks elsewhere. The notebook's code runs in a kernel of its own, on this computer, as this
user: not for work of people whom one does not trust.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from rich.table import Table

from bplab.course import CourseError, with_own_programs
from bplab.exercises import TASKS, Task
from bplab.grading.records import Record, records_of

__all__ = ["Checked", "as_json", "as_table", "check_notebook"]

_CHECK = re.compile(r'^check\("(?P<id>[^"]+)", (?P<function>\w+)\)$', re.MULTILINE)
SECONDS = 300


@dataclass(frozen=True)
class Checked:
    """What one notebook's checks said.

    Attributes
    ----------
    path : Path
    tasks : tuple of Task
        What its test cells ask for, in order.
    records : dict of str to Record
        By id; a task whose test cell did not run to its check has none.
    stopped : str
        Why the run ended early, or an empty string.
    """

    path: Path
    tasks: tuple[Task, ...]
    records: dict[str, Record]
    stopped: str

    @property
    def score(self) -> int:
        """Points of what passed."""
        return sum(t.points for t in self.tasks if t.id in self.records and self._passed(t))

    @property
    def max_score(self) -> int:
        """Points of all."""
        return sum(t.points for t in self.tasks)

    def _passed(self, task: Task) -> bool:
        return self.records[task.id].passed

    def words(self, task: Task) -> str:
        """How one task went."""
        if task.id not in self.records:
            return "no result"
        return "right" if self._passed(task) else str(self.records[task.id].mistake)


def check_notebook(path: Path, *, secret: str = "", seconds: int = SECONDS) -> Checked:
    """Run a notebook, which is not changed, and read what its checks say.

    Parameters
    ----------
    path : Path
    secret : str
        If given, the hidden cases drawn from it decide, not the visible ones.
    seconds : int
        A cell that takes longer ends the run.

    Raises
    ------
    CourseError
        If there is no such notebook, it cannot be read, or it has no checks.
    """
    notebook = _read(path)
    tasks = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or not (asked := _CHECK.search(cell.source)):
            continue
        tasks.append(_find(asked["id"], path))
        cell.metadata["nbgrader"] = {"grade": True}  # where records are looked for
        if secret:
            cell.source = f'check("{asked["id"]}", {asked["function"]}, hidden=True)'
    if not tasks:
        raise CourseError(f'{path} has no line such as check("eq4", grad_beta): nothing to check')
    stopped = _run(notebook, secret, seconds)
    records = {record.exercise: record for record in records_of(notebook)}
    return Checked(path, tuple(tasks), records, stopped)


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises whatever its converters stumble over
        raise CourseError(f"{path} cannot be read as a notebook: {error}") from error


def _find(id: str, path: Path) -> Task:
    try:
        return TASKS[id]
    except ValueError as error:
        raise CourseError(f"{path}: {error}") from error


def _run(notebook: NotebookNode, secret: str, seconds: int) -> str:
    """Run all cells, past errors; return why it ended early, or an empty string."""
    # as in grading: checks leave a record, and note no progress
    environment = with_own_programs() | {"NBGRADER_EXECUTION": "autograde", "BPLAB_SECRET": secret}
    with tempfile.TemporaryDirectory(prefix="bplab-check-") as folder:
        client = NotebookClient(
            notebook,
            timeout=seconds,
            allow_errors=True,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute(env=environment, stderr=subprocess.DEVNULL)
        except CellTimeoutError:
            return f"a cell took longer than {seconds} s; what comes after it was not run"
        except DeadKernelError:
            return "the kernel died; what comes after that was not run"
    return ""


def as_table(checked: Sequence[Checked]) -> Table:
    """Return a table with a row for every task of every notebook."""
    table = Table(title="What the checks say")
    for column in ("notebook", "exercise", "result"):
        table.add_column(column, overflow="fold")
    table.add_column("points", justify="right")
    for one in checked:
        name = os.fspath(one.path)
        for task in one.tasks:
            points = task.points if one.words(task) == "right" else 0
            table.add_row(name, task.id, one.words(task), f"{points} / {task.points}")
            name = ""
        total = f"{one.score} / {one.max_score}"
        table.add_row("", "all", one.stopped, total, style="bold", end_section=True)
    return table


def as_json(checked: Sequence[Checked]) -> str:
    """Return the same as JSON, for a script that keeps marks elsewhere."""
    return json.dumps(
        [
            {
                "notebook": os.fspath(one.path),
                "score": one.score,
                "max_score": one.max_score,
                "results": {task.id: one.words(task) for task in one.tasks},
                "stopped": one.stopped,
            }
            for one in checked
        ],
        indent=2,
    )
