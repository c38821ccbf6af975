"""Judge without a wall: the notebook runs in a kernel on this computer, and its own checks judge.

They judge by the same rules, on the same cases, but in the student's own process, which can tell
them anything. This needs neither Linux nor more than a learner has installed.
"""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from bplab.course import with_own_programs
from bplab.exercises import EXPLAIN, TASKS, Answers, points_for
from bplab.grading.checks.handed import CHECK, Handed
from bplab.grading.handed_in import read_notebook
from bplab.grading.judge.explained import answers_in, record_of
from bplab.grading.judge.oracle import Unusable
from bplab.grading.judge.undefined import why_undefined
from bplab.grading.records import GradedNotebook, Record, nothing_graded, records_of

__all__ = ["judged_in_kernel"]

SECONDS = 300


def judged_in_kernel(
    handed: Handed,
    *,
    secret: str,
    partial_credit: bool = True,
    seconds: int = SECONDS,
    files: Mapping[str, bytes] = MappingProxyType({}),
) -> GradedNotebook:
    """Run a notebook, going on after errors, and read the records that its checks leave.

    Parameters
    ----------
    handed : Handed
    secret : str
        The hidden cases are drawn from it.
    partial_credit : bool
    seconds : int
        A cell that takes longer ends the run.
    files : mapping of str to bytes
        The files that the notebook finds beside it, by name.
    """
    released = nbformat.reads(handed.release, as_version=4)
    try:
        read = read_notebook(handed.content)
        notebook = nbformat.reads(json.dumps(read), as_version=4)
        cells = notebook.cells
    except Exception:  # nbformat raises whatever its converters stumble over
        why = "The notebook was not read: it is not JSON, or no notebook."
        _, records = nothing_graded(released, "unreadable", why, "Hand in the notebook itself.")
        return GradedNotebook(records, (why,), protected=False)
    worth = handed.judged
    asks = [id.removeprefix(EXPLAIN) for id in worth if id.startswith(EXPLAIN)]
    answers = answers_in(notebook)
    checks = _put_hidden_checks(cells, handed.tasks)
    for id in filter(answers.__contains__, asks):
        _put_questions(cells, checks[id], id, answers[id])
    stopped = _run(notebook, secret, seconds, files)
    found = {record.exercise: record for record in records_of(notebook)}
    judged = {
        id: _record(found.get(id), id, worth[id], cells, stopped, partial_credit)
        for id in handed.tasks
    }
    for id in asks:
        asked = f"{EXPLAIN}{id}"
        judged[asked] = _of_questions(found.get(asked), id, worth[asked], judged[id])
    told = (stopped,) if stopped else ()
    return GradedNotebook(tuple(judged[id] for id in worth), told, protected=False)


def _put_questions(
    cells: list[NotebookNode], check: NotebookNode, id: str, answers: Answers
) -> None:
    """Add a cell after the check that asks the questions on the function as it is there."""
    call = f"asked_here({id!r}, {TASKS[id].function}, {answers.letters!r}, {answers.code!r})"
    behind = next(i for i, cell in enumerate(cells, 1) if cell is check)
    cells.insert(behind, nbformat.v4.new_code_cell())
    _becomes_test(cells[behind], f"from bplab.grading.checks.questions import asked_here\n{call}")


def _of_questions(record: Record | None, id: str, most: float, task: Record) -> Record:
    if record is None or not task.passed:
        came = None if record is None else Unusable("not-passed", "", "")
        return record_of(id, most, came, right=False)
    share = record.points / record.max_points if record.max_points else 0.0
    return replace(record, points=points_for(min(share, 1.0), most), max_points=most)


def _put_hidden_checks(
    cells: list[NotebookNode], tasks: tuple[str, ...]
) -> dict[str, NotebookNode]:
    """Make all checks use hidden cases, add missing ones at the end, and return their cells."""
    left = {id: f'check("{id}", {TASKS[id].function}, hidden=True)' for id in tasks}
    checks = {}
    for cell in cells:
        cell.metadata.pop("nbgrader", None)
        asked = [found["id"] for found in CHECK.finditer(cell.source)]
        if cell.cell_type == "code" and asked and (source := left.pop(asked[-1], "")):
            _becomes_test(cell, source)
            checks[asked[-1]] = cell
    for id, source in left.items():
        cells.append(nbformat.v4.new_code_cell())
        _becomes_test(cells[-1], source)
        checks[id] = cells[-1]
    return checks


def _becomes_test(cell: NotebookNode, source: str) -> None:
    cell.source = f"from bplab import check\n{source}"
    cell.metadata["nbgrader"] = {"grade": True}  # records are looked for in such cells


def _record(
    record: Record | None,
    id: str,
    most: float,
    cells: list[NotebookNode],
    stopped: str,
    partial_credit: bool,
) -> Record:
    if record is None and stopped:
        why = f"This was not graded: {stopped}."
        return Record(id, 0.0, most, "not-run", why, "See the messages further up.", note=why)
    if record is None:
        function = TASKS[id].function
        why, hint = why_undefined(function, cells, {})
        says = f"There is no function {function}{why and ': '}{why or ' in the notebook'}."
        hint = hint or f"Define it in its cell, by this name: def {function}(…)."
        return Record(id, 0.0, most, "not-defined", says, hint, "code", note=says)
    earned = record.points if partial_credit or record.passed else 0.0
    return replace(record, points=min(earned, most), max_points=most)


def _run(notebook: NotebookNode, secret: str, seconds: int, files: Mapping[str, bytes]) -> str:
    """Run all cells, going on after errors; return why it ended early, or an empty string."""
    # as in grading: checks leave a record, and do not note progress
    environment = with_own_programs() | {"NBGRADER_EXECUTION": "autograde", "BPLAB_SECRET": secret}
    with tempfile.TemporaryDirectory(prefix="bplab-check-") as folder:
        for name, content in files.items():
            place = Path(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
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
