"""The one process that reads what was handed in, has it graded, and writes."""

import json
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import nbformat
from nbformat import NotebookNode

import bplab
from bplab.course import CourseError
from bplab.grading.class_run.pools import Done, Pool, WorkerDied
from bplab.grading.class_run.submissions import (
    Staged,
    Submission,
    not_copied,
    stage,
    tidy,
)
from bplab.grading.class_run.worker import CannotStart
from bplab.grading.files import TooLarge, read_regular
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Book, Marks, marks_of
from bplab.grading.judge.submission import digest
from bplab.grading.records import nothing_graded
from bplab.grading.rounds import Rounds

__all__ = ["Coordinator", "Job", "Ready", "StudentOutcome", "parse"]

_TICK = 0.25  # seconds between two looks at Ctrl-C

_AGAIN = "graded again, alone: beside others it took too long, or its process ended"


def parse(text: str) -> NotebookNode:
    """Return the notebook in a text that our own grader wrote: not validated again."""
    return nbformat.v4.reads(text)


@dataclass(frozen=True)
class StudentOutcome:
    """What came of one submission.

    Attributes
    ----------
    student : str
    state : str
        ``"graded"``, ``"kept"`` (graded before, and nothing has changed), ``"nothing"`` (there
        was nothing to grade: 0 points) or ``"failed"`` (no mark: the last event says why).
    score, max_score : float
        Points by the grader; cells that a person marks count nothing.
    events, flags, notes : tuple of str
        For the instructor, a line each: what happened; what looks like an attempt to get
        around the grader; what happened to single tasks.
    """

    student: str
    state: str
    score: float = 0.0
    max_score: float = 0.0
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ready:
    """A graded submission that is to be written; ``note`` notes the round it was judged in."""

    submission: Submission
    marks: Marks
    staged: Staged
    outcome: StudentOutcome
    note: Callable[[], None]


@dataclass(frozen=True)
class Job:
    """What to grade, and how.

    Attributes
    ----------
    course : ClassFolder
    assignment : Assignment
        See `bplab.grading.judge.submission.Assignment`.
    submissions : sequence of Submission
    limit : int
        Bytes; a larger file is not read.
    force : bool
        Grade again what has been graded and has not changed.
    """

    course: ClassFolder
    assignment: Any
    submissions: Sequence[Submission]
    limit: int
    force: bool = False

    @property
    def released(self) -> NotebookNode:
        """The released notebook.

        Raises
        ------
        CourseError
            If it cannot be read.
        """
        try:
            return parse(self.assignment.release)
        except (ValueError, AttributeError, TypeError) as error:
            raise CourseError(
                f"the released {self.assignment.name} is not a notebook: {error}"
            ) from error

    @property
    def cells(self) -> dict[str, float]:
        """Points of each grade cell of the released notebook, by its id."""
        about = (cell.metadata.get("nbgrader", {}) for cell in self.released.cells)
        return {one["grade_id"]: float(one["points"]) for one in about if one.get("grade")}

    @property
    def mark(self) -> str:
        """What tells grading as this job does from grading otherwise."""
        how = self.assignment
        of = [how.name, how.release, how.secret, how.run, bplab.__version__]
        text = json.dumps([*of, bool(how.partial_credit)])
        return digest(text.encode())[:16]


@dataclass
class Coordinator:
    """Grades a job's submissions in a pool, and hands what is ready to ``write``.

    Parameters
    ----------
    job : Job
    book : Book
    pool : Pool
    write : callable
        Takes a `Ready` and returns its `StudentOutcome`.
    show : callable
        Is told every `StudentOutcome`, for the progress bar.

    Attributes
    ----------
    outcomes : list of StudentOutcome
        So far.
    interrupted : bool
        Whether Ctrl-C ended it early.
    warnings : set of str
        What graders said is weaker than asked.
    """

    job: Job
    book: Book
    pool: Pool
    write: Callable[[Ready], StudentOutcome]
    show: Callable[[StudentOutcome], None] = lambda outcome: None
    outcomes: list[StudentOutcome] = field(default_factory=list)
    interrupted: bool = False
    warnings: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._starters = {
            cell.metadata["nbgrader"]["grade_id"]: cell.metadata["nbgrader"].get("checksum", "")
            for cell in self.job.released.cells
            if cell.metadata.get("nbgrader", {}).get("grade_id")
        }
        self._of = {submission.student: submission for submission in self.job.submissions}
        self._known = self.book.known()
        self._tried_again: set[str] = set()
        self._under_way: set[str] = set()
        self._beside_others: set[str] = set()
        self._rounds = Rounds(self.job.course, self.job.assignment.name)
        self._round: dict[str, Callable[[], None]] = {}  # notes it

    def run(self) -> list[StudentOutcome]:
        """Grade all, or what is done by Ctrl-C; workers have ended when it returns.

        A submission that took too long beside others, or whose worker died, is tried once more,
        alone: that counts. If its worker dies again it gets no mark, and the instructor is told.

        Raises
        ------
        CourseError
            If no worker can grade, or the gradebook cannot be written.
        """
        waiting, again = deque(self._of), deque[str]()
        try:
            with _ctrl_c_noted() as stop:
                while waiting or again or self.pool.busy():
                    if stop.is_set():
                        self.interrupted = True
                        break
                    while waiting and self.pool.room():
                        self._begin(waiting.popleft())
                        if stop.is_set():
                            break
                    if again and not waiting and not self.pool.busy():
                        self._begin(again.popleft())  # alone
                    done = self.pool.wait(_TICK)
                    # workers get their next before the last is written
                    while waiting and self.pool.room() and not stop.is_set():
                        self._begin(waiting.popleft())
                    for one in done:
                        again.extend(self._end(one))
        except BaseException:
            self.pool.stop()
            raise
        self.pool.stop() if self.interrupted else self.pool.close()
        return self.outcomes

    def _begin(self, student: str) -> None:
        """Send a submission to a worker, unless nothing is to be done."""
        submission = self._of[student]
        tidy(self.job.course.autograded(student, self.job.assignment.name))
        if submission.notebook is None:
            return self._nothing(submission, "not-handed-in", "No notebook was handed in.")
        try:
            above = self.job.course.above_submitted(self.job.assignment.name)
            submitted = read_regular(submission.notebook, self.job.limit, above)
        except (OSError, TooLarge) as error:
            says = f"The notebook was not read: {_words(error)}."
            return self._nothing(submission, "unreadable", says)
        kept = None if self.job.force else self._kept(submission, submitted)
        if kept is not None:
            return self._note(kept)
        handed_in = digest(submitted)
        number = self._rounds.of(student, handed_in)
        self._round[student] = partial(self._rounds.note, student, handed_in, number)
        self.pool.send(student, submitted, number)
        self._under_way.add(student)
        if len(self._under_way) > 1:
            self._beside_others |= self._under_way

    def _end(self, done: Done) -> list[str]:
        """Write what came back; return the student if it is to be tried again."""
        submission = self._of[done.key]
        self._under_way.discard(done.key)
        if isinstance(done.error, CannotStart):
            raise CourseError(f"nothing can be graded in {self.pool.where}: {done.error}")
        if isinstance(done.error, WorkerDied):
            if done.key in self._tried_again:
                self._fail(submission, f"not graded: {done.error}, twice")
                return []
            self._tried_again.add(done.key)
            return [done.key]
        if done.reply is None:
            self._fail(submission, f"not graded: {type(done.error).__name__}: {done.error}")
            return []
        graded, warning = done.reply
        self.warnings |= {warning} - {""}
        late = bool(getattr(graded, "late", False)) and done.key in self._beside_others
        if late and done.key not in self._tried_again:
            self._tried_again.add(done.key)
            return [done.key]
        again = done.key in self._tried_again
        notes = tuple(
            f"{record.exercise}: {record.note}" for record in graded.results if record.note
        )
        try:
            notebook = parse(graded.notebook)
        except (ValueError, AttributeError, TypeError) as error:
            self._fail(submission, f"not graded: the grader's notebook is broken: {error}")
            return []
        said = StudentOutcome(
            submission.student,
            "graded",
            events=(*([_AGAIN] if again else []), *graded.events),
            flags=tuple(graded.flags),
            notes=notes,
        )
        self._finish(submission, notebook, said)
        return []

    def _nothing(self, submission: Submission, mistake: str, why: str) -> None:
        notebook, _ = nothing_graded(self.job.released, mistake, why)
        notebook.metadata["bplab"] = {
            "run": self.job.assignment.run,
            "digest": digest(b""),
            "version": bplab.__version__,
        }
        self._finish(
            submission, notebook, StudentOutcome(submission.student, "nothing", events=(why,))
        )

    def _finish(self, submission: Submission, notebook: NotebookNode, said: StudentOutcome) -> None:
        """Have a graded notebook written; an error costs this student's mark only.

        ``said`` has neither points nor what there is to say of the submission's folder.
        """
        job = self.job
        try:
            others = not_copied(job.course, submission, job.limit)
            events = (*submission.events, *others, *said.events)
            notebook.metadata.setdefault("bplab", {}).update(
                events=list(events),
                flags=list(said.flags),
                notes=list(said.notes),
                graded_as=job.mark,
            )
            marks = marks_of(notebook, self._starters)
            score, most = self._points(marks)
            outcome = replace(said, score=score, max_score=most, events=events)
            text = nbformat.v4.writes(notebook) + "\n"
            staged = stage(job.course, job.assignment.name, submission, text, job.limit)
        except Exception as error:  # whatever it is, the others have their marks
            self._fail(submission, f"not written: {type(error).__name__}: {error}")
            return
        note = self._round.get(submission.student, lambda: None)
        self._note(self.write(Ready(submission, marks, staged, outcome, note)))

    def _kept(self, submission: Submission, submitted: bytes) -> StudentOutcome | None:
        """Return what came of a submission before, if nothing has changed since."""
        known = self._known.get(submission.student)
        if known is None or submission.timestamp not in (None, known.timestamp):
            return None
        place = self.job.course.autograded(submission.student, self.job.assignment.name)
        try:
            path = place / f"{self.job.assignment.name}.ipynb"
            notebook = parse(path.read_text(encoding="utf-8"))
            noted = notebook.metadata["bplab"]
            same = noted["digest"] == digest(submitted)
            if not same or noted["graded_as"] != self.job.mark:
                return None
            marks = marks_of(notebook, self._starters)
            # where we were ended between the gradebook and the folder, the two differ
            if any(
                marks.scores.get(cell, 0.0) != known.automatic.get(cell) for cell in self.book.cells
            ):
                return None
            events, flags, notes = (
                tuple(map(str, noted.get(kind, ()))) for kind in ("events", "flags", "notes")
            )
            score, most = self._points(marks)
        except (OSError, ValueError, KeyError, AttributeError, TypeError):
            return None  # not ours, or broken
        return StudentOutcome(submission.student, "kept", score, most, events, flags, notes)

    def _points(self, marks: Marks) -> tuple[float, float]:
        by_machine = {id: points for id, points in marks.scores.items() if points is not None}
        most = sum(p for id, p in self.book.cells.items() if marks.scores.get(id, 0) is not None)
        return sum(by_machine.values()), most

    def _fail(self, submission: Submission, why: str) -> None:
        self._note(StudentOutcome(submission.student, "failed", events=(*submission.events, why)))

    def _note(self, outcome: StudentOutcome) -> None:
        self.outcomes.append(outcome)
        self.show(outcome)


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, TooLarge) else "it is no regular file"


@contextmanager
def _ctrl_c_noted() -> Iterator[threading.Event]:
    """Note the first Ctrl-C, so that nothing is left half written; the second one interrupts."""
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def note(*_: object) -> None:
        pressed.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
