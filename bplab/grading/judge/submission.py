"""Grading one submission: from the bytes that were handed in to marks, and words for both sides."""

import ast
import asyncio
import hashlib
import math
import os
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

import bplab
from bplab.course.layout import CourseError
from bplab.exercises.check import RECORD_TYPE
from bplab.exercises.judging import Finding
from bplab.exercises.registry import TASKS
from bplab.grading import MAX_MB
from bplab.grading.edition import suspicious, write_edition
from bplab.grading.judge.oracle import Oracle
from bplab.grading.judge.restore import Unreadable, read_notebook, restore
from bplab.grading.judge.session import Outcome, Session, Times
from bplab.grading.kernels import Isolation, KernelHost, Limits
from bplab.grading.report.feedback import task_html, task_text

__all__ = ["Assignment", "Graded", "Grader", "TaskResult", "digest"]

TEST = "test-"
"""The ids of test cells begin with this; what follows is the id of their task."""

_CHECK = re.compile(r"\bcheck\(")


@dataclass(frozen=True)
class Assignment:
    """All that grading an assignment takes; it can be sent to another computer.

    Attributes
    ----------
    name : str
        Of the assignment and of its notebook, e.g. ``"section_2_1"``.
    release : str
        The released notebook, as JSON: whatever it says of test cells and points counts.
    secret : str
        The instructor's; hidden cases are drawn from it.
    run : str
        Another run has other hidden cases; empty for those of ``nbgrader autograde``.
    partial_credit : bool
        Whether an answer that is not right may earn a share: see `bplab.exercises.judging.credit`.
    isolation : Isolation
    limits : Limits
        What a kernel may use.
    times : Times
        How long things may take.
    """

    name: str
    release: str
    secret: str = field(repr=False)
    run: str = ""
    partial_credit: bool = True
    isolation: Isolation = Isolation.AUTO
    limits: Limits = field(default_factory=Limits)
    times: Times = field(default_factory=Times)


@dataclass(frozen=True)
class TaskResult:
    """What came of one task, as the record in its test cell has it.

    Attributes
    ----------
    id : str
        Of the task.
    points, max_points : float
    mistake : str or None
        Its name; None if the answer is right.
    says, hint, step : str
        The mistake in a sentence, what to do, and the step of the backward pass.
    seconds : float
        How long it took.
    note : str
        What happened, where no answer was to be had.
    """

    id: str
    points: float
    max_points: float
    mistake: str | None = None
    says: str = ""
    hint: str = ""
    step: str = ""
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True)
class Graded:
    """A graded submission.

    Attributes
    ----------
    notebook : str
        As JSON, with outputs, for nbgrader's ``autograded`` folder.
    results : tuple of TaskResult
        In the order of the released notebook.
    events, flags : tuple of str
        What happened, and what looks like an attempt to get around the grader: a line each, for
        the instructor.
    seconds : float
    """

    notebook: str
    results: tuple[TaskResult, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def score(self) -> float:
        """Points of all tasks."""
        return sum(result.points for result in self.results)


def _elsewhere(work: Callable, *arguments: object) -> None:
    """Do it in a thread of its own: in this one an event loop may be running."""
    with ThreadPoolExecutor(1, "bplab-grade") as thread:
        thread.submit(work, *arguments).result()


def _close(loop: asyncio.Runner) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop.close()  # Python may be ending, when threads can no longer be started
    else:
        _elsewhere(loop.close)


def digest(submitted: bytes) -> str:
    """Return what tells one submission from another."""
    return hashlib.sha256(submitted).hexdigest()


class Grader:
    """Grades submissions of one assignment, one after the other; a context manager.

    It keeps a warm kernel host and the hidden cases, so that every submission but the first is
    cheap.

    Parameters
    ----------
    assignment : Assignment

    Attributes
    ----------
    warning : str
        What is weaker than it should be, or an empty string.

    Raises
    ------
    CourseError
        If the released notebook cannot be read, or asks for an exercise that there is not. Test
        cells with other code are run as nbgrader runs them.
    """

    def __init__(self, assignment: Assignment):
        self.assignment = assignment
        self._released = _released(assignment)
        self._tasks = {
            cell.metadata.nbgrader.grade_id.removeprefix(TEST): float(cell.metadata.nbgrader.points)
            for cell in self._released.cells
            if _is_test(cell)
        }
        self._imports = _imports(self._released)
        self._oracle = Oracle(
            assignment.secret, assignment.run, assignment.times.task, assignment.partial_credit
        )
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bplab-edition-"))
            os.chmod(folder, 0o755)  # kernels run as another user, where the system can do that
            edition = write_edition(assignment.name, Path(folder), tasks=list(self._tasks))
            self._host = stack.enter_context(
                KernelHost(edition, isolation=assignment.isolation, limits=assignment.limits)
            )
            self._loop = asyncio.Runner()
            stack.callback(_close, self._loop)
            self._close = stack.pop_all().close

    def __enter__(self) -> "Grader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all kernels."""
        self._close()

    @property
    def warning(self) -> str:
        """See above."""
        plain = ", ".join(c.metadata.nbgrader.grade_id for c in _plain_tests(self._released))
        inside = f"{plain}: judged by code in the student's kernel, which can be got around"
        return "; ".join(filter(None, (self._host.warning, plain and inside)))

    def grade(self, submitted: bytes) -> Graded:
        """Grade what was handed in, whatever it is.

        Parameters
        ----------
        submitted : bytes
            Of the notebook's file.
        """
        start = time.monotonic()
        try:
            if len(submitted) > MAX_MB * 2**20:
                raise Unreadable(f"the file has {len(submitted) / 2**20:.0f} MB; {MAX_MB} are read")
            notebook, events = restore(read_notebook(submitted), self._released)
        except Unreadable as error:
            return self._unread(str(error), submitted)
        graded = self.run(notebook, events)
        return self._stamped(graded, notebook, submitted, time.monotonic() - start)

    def run(self, notebook: NotebookNode, events: Sequence[str] = ()) -> Graded:
        """Grade a notebook that has been put into order; outputs are written into it.

        Parameters
        ----------
        notebook : NotebookNode
            What `restore` returns.
        events : sequence of str
            What it said.
        """
        tasks = {
            i: cell.metadata.nbgrader.grade_id.removeprefix(TEST)
            for i, cell in enumerate(notebook.cells)
            if _is_test(cell)
        }
        session = Session(
            *(notebook, tasks, self._host, self._oracle, self.assignment.times, self._imports),
            events=list(events),
            flags=_suspicious(notebook),
        )
        _elsewhere(self._loop.run, session.run())
        results = {id: self._result(id, session.outcomes[id]) for id in tasks.values()}
        for i, id in tasks.items():
            notebook.cells[i].outputs = _outputs(results[id])
            notebook.cells[i].execution_count = None
        in_order = tuple(results[id] for id in self._tasks if id in results)
        lines = (tuple(dict.fromkeys(some)) for some in (session.events, session.flags))
        return Graded("", in_order, *lines)

    def _result(self, id: str, outcome: Outcome) -> TaskResult:
        most = self._tasks[id]
        if outcome.verdict is None:
            why = outcome.unusable
            return TaskResult(
                *(id, 0.0, most, why.name, str(why), why.hint, "code", outcome.seconds, str(why))
            )
        finding = outcome.verdict.finding or Finding("", "", "")
        return TaskResult(
            *(id, _points(outcome.verdict.credit, most), most, finding.name or None),
            *(finding.says, finding.hint, str(finding.subgoal), outcome.seconds),
        )

    def _unread(self, why: str, submitted: bytes) -> Graded:
        """The released notebook with no points, and why."""
        notebook = nbformat.from_dict(self._released)
        note = f"This was not graded: {why}."
        results = tuple(
            TaskResult(id, 0.0, most, "unreadable", note, "Hand in the notebook itself.", note=note)
            for id, most in self._tasks.items()
        )
        for cell in notebook.cells:
            if _is_test(cell):
                id = cell.metadata.nbgrader.grade_id.removeprefix(TEST)
                cell.outputs = _outputs(next(r for r in results if r.id == id))
        return self._stamped(Graded("", results, (why,)), notebook, submitted, 0.0)

    def _stamped(
        self, graded: Graded, notebook: NotebookNode, submitted: bytes, seconds: float
    ) -> Graded:
        notebook.metadata["bplab"] = {
            "run": self.assignment.run,
            "digest": digest(submitted),
            "version": bplab.__version__,
            "events": list(graded.events),
            "flags": list(graded.flags),
            "seconds": round(seconds, 3),
        }
        text = nbformat.writes(notebook)
        return Graded(text, graded.results, graded.events, graded.flags, seconds)


def _released(assignment: Assignment) -> NotebookNode:
    try:
        released = nbformat.reads(assignment.release, as_version=4)
    except Exception as error:  # nbformat raises whatever its converters stumble over
        raise CourseError(f"the released {assignment.name} cannot be read: {error}") from error
    unknown = [cell for cell in _plain_tests(released) if _CHECK.search(cell.source)]
    if unknown:
        ids = ", ".join(cell.metadata.nbgrader.grade_id for cell in unknown)
        raise CourseError(
            f"the released {assignment.name} checks what is no exercise, in {ids}; an exercise's "
            'test cell has the id of the exercise behind "test-"'
        )
    return released


def _imports(released: NotebookNode) -> str:
    """The first cell of the course that only imports: its names are there for right work."""
    for cell in released.cells:
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            statements = ast.parse(cell.source).body
            if statements and all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in statements):
                return cell.source
    return ""


def _is_test(cell: NotebookNode) -> bool:
    """Whether a cell's task is judged by the oracle."""
    id = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
    return _is_graded(cell) and id.startswith(TEST) and id.removeprefix(TEST) in TASKS


def _is_graded(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def _plain_tests(notebook: NotebookNode) -> list[NotebookNode]:
    """Test cells with code of an instructor's own: they run in the student's kernel."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and _is_graded(cell) and not _is_test(cell)
    ]


def _suspicious(notebook: NotebookNode) -> list[str]:
    """What student's cells do that no answer needs."""
    own = (
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("locked")
    )
    return [f"the notebook {phrase}" for source in own for phrase in suspicious(source)]


def _points(credit: float, most: float) -> float:
    """A share of the points, rounded down to halves."""
    return most if credit >= 1 else math.floor(2 * credit * most) / 2


def _outputs(result: TaskResult) -> list[NotebookNode]:
    """What a test cell shows: the words, and what nbgrader reads the points from."""
    task = TASKS[result.id]
    record: dict[str, Any] = asdict(result)
    record |= {"exercise": record.pop("id"), "passed": result.mistake is None}
    shown = {
        "text/plain": task_text(task, result),
        "text/html": task_html(task, result),
        RECORD_TYPE: record,
    }
    outputs = [nbformat.v4.new_output("display_data", data=shown)]
    if result.points >= result.max_points:
        return outputs
    points = f"{result.points:g} of {result.max_points:g} points"
    if result.points:
        data = {"text/plain": f"{result.points:g}"}
        return [*outputs, nbformat.v4.new_output("execute_result", data=data)]
    return [
        *outputs,
        nbformat.v4.new_output("error", ename="CheckFailed", evalue=points, traceback=[points]),
    ]
