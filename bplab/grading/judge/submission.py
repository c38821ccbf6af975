"""Grade one submission: from the bytes handed in to marks, and words for student and instructor."""

import ast
import asyncio
import hashlib
import json
import os
import re
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import nbformat
from nbformat import NotebookNode

import bplab
from bplab.course import CourseError
from bplab.exercises import (
    EXERCISES,
    EXPLAIN,
    TASKS,
    points_for,
)
from bplab.grading import MAX_MB
from bplab.grading.edition import write_edition
from bplab.grading.handed_in import Assignments, Unfit, read_notebook
from bplab.grading.inert import inert
from bplab.grading.judge.explained import answers_in, record_of
from bplab.grading.judge.oracle import Judged, Oracle, Unusable
from bplab.grading.judge.restore import restore
from bplab.grading.judge.session import Session, TaskRun, Times
from bplab.grading.judge.suspicious import suspicious_files, suspicious_notebook
from bplab.grading.kernels import Isolation, KernelHost, Limits, WeakerIsolationWarning
from bplab.grading.records import TEST, Record, cell_outputs, grade_id, not_read, noted

__all__ = ["Assignment", "Graded", "Grader", "digest", "digest_with"]

ROUNDS = 4
"""The number of rounds whose cases are kept at a time."""

_CHECK = re.compile(r"\bcheck\(")


@dataclass(frozen=True)
class Assignment:
    """Everything that grading an assignment takes; it can be sent to another computer.

    Attributes
    ----------
    name : str
        Name of the assignment and of its notebook, e.g. ``"section_2_1"``.
    release : str
        The released notebook as JSON; what it says of test cells and points is what counts.
    secret : str
        The instructor's secret, which hidden cases are drawn from.
    run : str
        Names a set of hidden cases: another run has others. Empty for those of ``nbgrader
        autograde``.
    partial_credit : bool
        Whether an answer that is not right may earn a share: see `bplab.exercises.judging.credit`.
    isolation : Isolation
    limits : Limits
        What a kernel may use.
    times : Times
        How long things may take.
    files : tuple of (str, bytes)
        The assignment's own files beside its notebook, by relative path.
    too_large : tuple of str
        Names of its files that are left out, since they are too large or cannot be read.
    course : Assignments
        All assignments of the course: a notebook of another one than this is not graded.
    """

    name: str
    release: str
    secret: str = field(repr=False)
    run: str = ""
    partial_credit: bool = True
    isolation: Isolation = Isolation.AUTO
    limits: Limits = field(default_factory=Limits)
    times: Times = field(default_factory=Times)
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    too_large: tuple[str, ...] = ()
    course: Assignments = field(default_factory=Assignments, repr=False)


@dataclass(frozen=True)
class Graded:
    """A graded submission.

    Attributes
    ----------
    notebook : str
        The notebook as JSON, with outputs, for nbgrader's ``autograded`` folder.
    results : tuple of Record
        The records, in the order of the released notebook.
    events, flags : tuple of str
        What happened, and what looks like an attempt to get around the grader: a line each, for
        the instructor.
    seconds : float
    late : bool
        Whether anything took longer than is allowed. If so, judge it again, alone.
    """

    notebook: str
    results: tuple[Record, ...]
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    seconds: float = 0.0
    late: bool = False

    @property
    def score(self) -> float:
        """Points of all tasks."""
        return sum(result.points for result in self.results)


def _elsewhere(work: Callable, *arguments: object) -> None:
    """Call ``work`` in a thread of its own: in this one an event loop may be running."""
    with ThreadPoolExecutor(1, "bplab-grade") as thread:
        thread.submit(work, *arguments).result()


class _Loop(asyncio.SelectorEventLoop):
    """An event loop that closes without starting a thread: while Python ends, none can start."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Leave the threads to `close`, and to Python's end, which waits for them."""


def _close(loop: asyncio.Runner) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        loop.close()
    else:
        _elsewhere(loop.close)


def digest(submitted: bytes | bytearray | Iterable[bytes]) -> str:
    """Return the digest of a submission, which may come piece by piece."""
    known = hashlib.sha256()
    for piece in [submitted] if isinstance(submitted, bytes | bytearray) else submitted:
        known.update(piece)
    return known.hexdigest()


def digest_with(notebook: str, files: Mapping[str, bytes]) -> str:
    """Return one digest for a notebook, given by its own digest, and the files beside it."""
    if not files:
        return notebook
    beside = sorted((name, digest(content)) for name, content in files.items())
    return digest(json.dumps([notebook, beside]).encode())


class Grader:
    """Grades submissions of one assignment, one at a time; a context manager.

    It keeps a warm kernel host and the hidden cases, so that every submission but the first is
    cheap.

    Parameters
    ----------
    assignment : Assignment

    Attributes
    ----------
    isolation : str
        What protects this machine from submissions: see `bplab.grading.kernels.Isolation`.
    warning : str
        What is weaker than it should be, or left out; an empty string if nothing is.

    Raises
    ------
    CourseError
        If the released notebook cannot be read, or asks for an exercise that does not exist. Test
        cells with other code are run as nbgrader runs them.
    """

    def __init__(self, assignment: Assignment):
        self.assignment = assignment
        self._released = _released(assignment)
        self._course = assignment.course.knowing(assignment.name, assignment.release)
        self._tasks = {
            cell.metadata.nbgrader.grade_id.removeprefix(TEST): float(cell.metadata.nbgrader.points)
            for cell in self._released.cells
            if _is_test(cell)
        }
        self._questions = {
            cell.metadata.nbgrader.grade_id.removeprefix(EXPLAIN): float(
                cell.metadata.nbgrader.points
            )
            for cell in self._released.cells
            if _is_questions(cell)
        }
        self._imports = _imports(self._released)
        self._oracles: dict[str, Oracle] = {}
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="bplab-edition-"))
            os.chmod(folder, 0o755)  # kernels run as another user, where the system can do that
            edition = write_edition(
                assignment.name,
                Path(folder),
                tasks=list(self._tasks),
                explains=bool(self._questions),
            )
            # most notebooks draw with bplab, or not at all; pyplot takes a third of the start
            draws = ("matplotlib.pyplot",) if "matplotlib" in assignment.release else ()
            host = KernelHost(
                edition,
                isolation=assignment.isolation,
                limits=assignment.limits,
                preload=("bplab", *draws),
            )
            with warnings.catch_warnings():  # whoever grades tells it: see `warning`
                warnings.simplefilter("ignore", WeakerIsolationWarning)
                self._host = stack.enter_context(host)
            self._loop = asyncio.Runner(loop_factory=_Loop)
            stack.callback(_close, self._loop)
            self._close = stack.pop_all().close

    @property
    def _graded(self) -> list[str]:
        """The ids of all records, in the order of the released notebook."""
        graded = [cell for cell in self._released.cells if _is_test(cell) or _is_questions(cell)]
        return [cell.metadata.nbgrader.grade_id.removeprefix(TEST) for cell in graded]

    @property
    def isolation(self) -> str:
        """See above."""
        return str(self._host.isolation)

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
        names = ", ".join(self.assignment.too_large)
        large = f"{names}: too large, so notebooks are graded without them"
        return "; ".join(filter(None, (self._host.warning, plain and inside, names and large)))

    def run_of(self, round: int) -> str:
        """Return the run of cases of a round: see `bplab.grading.rounds`."""
        return "-".join(filter(None, (self.assignment.run, str(round) if round > 1 else "")))

    def _oracle(self, round: int) -> Oracle:
        how, run = self.assignment, self.run_of(round)
        if run not in self._oracles:
            if len(self._oracles) == ROUNDS:
                self._oracles.pop(next(iter(self._oracles)))
            self._oracles[run] = Oracle(how.secret, run, how.times.task, how.partial_credit)
        return self._oracles[run]

    def grade(
        self,
        submitted: bytes | bytearray,
        round: int = 1,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Graded:
        """Grade what was handed in, whatever it is.

        Parameters
        ----------
        submitted : bytes or bytearray
            Content of the notebook's file.
        round : int
            Each round has hidden cases of its own.
        files : mapping of str to bytes
            The files beside the notebook: see `bplab.grading.beside`.
        """
        start = time.monotonic()
        try:
            if len(submitted) > MAX_MB * 2**20:
                raise Unfit(f"has {len(submitted) / 2**20:.0f} MB; {MAX_MB} are read")
            read = read_notebook(submitted)
            self._course.refuse(read, self.assignment.name)
            notebook, events = restore(read, self._released)
        except Unfit as error:
            return self.unread(f"the file {error}", submitted, self.run_of(round))
        graded = self.run(notebook, events, round, files)
        seconds = time.monotonic() - start
        return self._stamped(graded, notebook, submitted, seconds, self.run_of(round))

    def run(
        self,
        notebook: NotebookNode,
        events: Sequence[str] = (),
        round: int = 1,
        files: Mapping[str, bytes] = MappingProxyType({}),
    ) -> Graded:
        """Grade a notebook that has been put into order; outputs are written into it.

        Parameters
        ----------
        notebook : NotebookNode
            What `restore` returns.
        events : sequence of str
            What has happened so far, such as what `restore` says.
        round, files
            See `grade`.
        """
        tasks = {
            i: cell.metadata.nbgrader.grade_id.removeprefix(TEST)
            for i, cell in enumerate(notebook.cells)
            if _is_test(cell)
        }
        how = self.assignment
        questions = {
            i: cell.metadata.nbgrader.grade_id.removeprefix(EXPLAIN)
            for i, cell in enumerate(notebook.cells)
            if _is_questions(cell)
        }
        session = Session(
            notebook,
            tasks,
            host=self._host,
            oracle=self._oracle(round),
            times=self.assignment.times,
            imports=self._imports,
            seed=_seed(notebook),
            events=list(events),
            flags=[*suspicious_notebook(notebook, self._released), *suspicious_files(files)],
            files={**dict(self.assignment.files), **files},
            questions=questions,
            answers=answers_in(notebook) if questions else {},
        )
        _elsewhere(self._loop.run, session.run())
        inert(notebook)  # all that a kernel wrote, and all that a student did
        results = {id: self._record(id, session.runs[id]) for id in tasks.values()}
        for i, id in tasks.items():
            notebook.cells[i].outputs = cell_outputs(results[id])
            notebook.cells[i].execution_count = None
        for i, id in questions.items():
            run, most = session.runs.get(id), self._questions[id]
            right = run is not None and isinstance(run.came, Judged) and run.came.finding is None
            came = session.explained.get(id)
            record = record_of(id, most, came, right=right, partial_credit=how.partial_credit)
            results[record.exercise] = record
            notebook.cells[i].outputs = cell_outputs(record)
            notebook.cells[i].execution_count = None
        return Graded(
            notebook="",
            results=tuple(results[id] for id in self._graded if id in results),
            events=tuple(dict.fromkeys(session.events)),
            flags=tuple(dict.fromkeys(session.flags)),
            late=session.late,
        )

    def _record(self, id: str, run: TaskRun) -> Record:
        most, came = self._tasks[id], run.came
        if isinstance(came, Unusable):
            why = str(came)
            return Record(id, 0.0, most, came.name, why, came.hint, "code", run.seconds, note=why)
        if (found := came.finding) is None:
            return Record(id, most, most, seconds=run.seconds)
        return Record(
            id,
            points_for(came.credit, most),
            most,
            mistake=found.name,
            says=found.says,
            hint=found.hint,
            step=str(found.subgoal),
            seconds=run.seconds,
            place=run.place,
        )

    def unread(self, why: str, submitted: bytes | bytearray = b"", run: str = "") -> Graded:
        """Grade nothing, and say why."""
        notebook, results = not_read(self._released, self.assignment.name, why)
        return self._stamped(Graded("", results, (why,)), notebook, submitted, 0.0, run)

    def _stamped(
        self,
        graded: Graded,
        notebook: NotebookNode,
        submitted: bytes | bytearray,
        seconds: float,
        run: str,
    ) -> Graded:
        notebook.metadata["bplab"] = {
            "run": run,
            "digest": digest(submitted),
            "version": bplab.__version__,
            "events": list(graded.events),
            "flags": list(graded.flags),
            "isolation": self.isolation,
            "seconds": round(seconds, 3),
        }
        return replace(graded, notebook=nbformat.writes(notebook), seconds=seconds)


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
    """The course's first cell of nothing but imports: right answers may rely on its names."""
    for cell in released.cells:
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata:
            statements = []
            with suppress(SyntaxError):  # it may hold commands of IPython
                statements = ast.parse(cell.source).body
            if statements and all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in statements):
                return cell.source
    return ""


def _is_test(cell: NotebookNode) -> bool:
    """Whether a cell's task is judged by the oracle."""
    id = grade_id(cell)
    return _is_graded(cell) and id.startswith(TEST) and id.removeprefix(TEST) in TASKS


def _is_questions(cell: NotebookNode) -> bool:
    """Whether a cell asks questions on the student's own code, and is graded."""
    id = grade_id(cell)
    return _is_graded(cell) and id.startswith(EXPLAIN) and id.removeprefix(EXPLAIN) in EXERCISES


def _is_graded(cell: NotebookNode) -> bool:
    return bool(noted(cell).get("grade"))


def _plain_tests(notebook: NotebookNode) -> list[NotebookNode]:
    """Test cells with an instructor's own code, which runs in the student's kernel."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and _is_graded(cell)
        and not (_is_test(cell) or _is_questions(cell))
    ]


def _seed(notebook: NotebookNode) -> str:
    """A text that tells submissions with different code apart."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return digest(json.dumps(code).encode())
