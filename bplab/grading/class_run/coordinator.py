"""The one process that sends submissions to be graded, and writes the results.

It interprets nothing that a student wrote. Files are sent to judging children unchanged, piece by
piece, and graded notebooks are written into ``autograded/``. What the coordinator has to know about
them is told by the children (see ``told``).
"""

import hashlib
import json
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain
from types import SimpleNamespace
from typing import Any

import nbformat
from nbformat import NotebookNode

import bplab
from bplab.course import CourseError
from bplab.grading.beside import Beside, take
from bplab.grading.class_run.child import Died
from bplab.grading.class_run.notes import Note, read_note, write_note
from bplab.grading.class_run.pools import Done, Pool
from bplab.grading.class_run.submissions import (
    Staged,
    Submission,
    stage,
    tidy,
)
from bplab.grading.class_run.told import About, Told, as_marked, tell
from bplab.grading.class_run.worker import CannotStart
from bplab.grading.files import TooLarge, pieces
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Book, Mark, Marks, marks_of
from bplab.grading.judge.submission import digest, digest_with
from bplab.grading.records import grade_id, noted, nothing_graded
from bplab.grading.rounds import Rounds

__all__ = ["Coordinator", "Job", "Ready", "StudentOutcome", "digest_of"]

_TICK = 0.25  # seconds between two looks at Ctrl-C

_AGAIN = (
    "graded again, alone: it took too long while others were being graded, or its process ended"
)


@dataclass(frozen=True)
class StudentOutcome:
    """The result for one submission.

    Attributes
    ----------
    student : str
    state : str
        ``"graded"``, ``"kept"`` (graded before, and nothing has changed), ``"nothing"`` (there
        was nothing to grade: 0 points) or ``"failed"`` (no mark: the last event says why).
    score, max_score : float
        Points that the grader gave; cells that a person marks are not counted.
    events, flags, notes : tuple of str
        Lines for the instructor. Events say what happened, flags what looks like an attempt to
        get around the grader, and notes what happened to single tasks.
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
    """A graded submission that is ready to be written.

    Call ``begin`` before anything is written: it notes the round that the submission was judged in.
    Call ``end`` when everything is written: it notes what the next run can keep.
    """

    submission: Submission
    marks: Marks
    staged: Staged
    outcome: StudentOutcome
    begin: Callable[[], None]
    end: Callable[[], None]


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
        Whether to grade again what was graded before and has not changed.
    """

    course: ClassFolder
    assignment: Any
    submissions: Sequence[Submission]
    limit: int
    force: bool = False

    @cached_property
    def released(self) -> NotebookNode:
        """The released notebook.

        Raises
        ------
        CourseError
            If it cannot be read.
        """
        try:
            return nbformat.v4.reads(self.assignment.release)
        except (ValueError, AttributeError, TypeError) as error:
            raise CourseError(
                f"the released {self.assignment.name} is not a notebook: {error}"
            ) from error

    @property
    def cells(self) -> dict[str, float]:
        """Points of each grade cell of the released notebook, by its id."""
        about = map(noted, self.released.cells)
        return {one["grade_id"]: float(one["points"]) for one in about if one.get("grade")}

    @property
    def mark(self) -> str:
        """A digest of how this job grades; it differs for a job that may give other marks."""
        how = self.assignment
        of = [how.name, how.release, how.secret, how.run, bplab.__version__]
        text = json.dumps([*of, bool(how.partial_credit)])
        return digest_with(digest(text.encode()), dict(how.files))[:16]


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
        Is called with every `StudentOutcome`, for the progress bar.
    more : callable
        Takes the number of submissions that could be started at once, and returns submissions
        that have arrived meanwhile.

    Attributes
    ----------
    outcomes : list of StudentOutcome
        The results so far.
    interrupted : bool
        Whether Ctrl-C ended the run early.
    warnings : set of str
        What graders said is weaker than asked.
    before : dict of str to Mark
        Marks that the gradebook had when the coordinator was made, by student.
    digests : dict of str to str
        Digest of what each student handed in; students of whom nothing was read are missing.
    """

    job: Job
    book: Book
    pool: Pool
    write: Callable[[Ready], StudentOutcome]
    show: Callable[[StudentOutcome], None] = lambda outcome: None
    more: Callable[[int], Iterable[Submission]] = lambda room: ()
    outcomes: list[StudentOutcome] = field(default_factory=list)
    interrupted: bool = False
    warnings: set[str] = field(default_factory=set)
    digests: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._starters = {
            grade_id(cell): noted(cell).get("checksum", "")
            for cell in self.job.released.cells
            if grade_id(cell)
        }
        self._of = {submission.student: submission for submission in self.job.submissions}
        self.before = self.book.known()
        self._tried_again: set[str] = set()
        self._under_way: set[str] = set()
        self._beside_others: set[str] = set()
        self._rounds = Rounds(self.job.course, self.job.assignment.name)
        self._beside: dict[str, Beside] = {}  # by student, while the submission is under way
        self._take = taker(self.job.course, self.job.assignment)
        self._round: dict[str, Callable[[], None]] = {}  # by student: a call that notes the round

    def run(self) -> list[StudentOutcome]:
        """Grade all submissions, or those that are done at Ctrl-C, and close the pool.

        A submission that took too long while others ran, or whose worker died, is graded a second
        time, alone, and that result counts. If its worker dies again, it gets 0 points where it
        needed more memory or time than one submission may, and otherwise no mark; the instructor
        is told.

        Raises
        ------
        CourseError
            If no worker can grade, or the gradebook cannot be written.
        """
        waiting, again = deque(self._of), deque[str]()
        try:
            with _ctrl_c_noted() as stop:
                while self._fill(waiting) or again or self.pool.busy():
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
                    # workers get their next submission before the last result is written
                    while waiting and self.pool.room() and not stop.is_set():
                        self._begin(waiting.popleft())
                    for one in done:
                        again.extend(self._end(one))
        except BaseException:
            self.pool.stop()
            raise
        self.pool.stop() if self.interrupted else self.pool.close()
        return self.outcomes

    def _fill(self, waiting: deque[str]) -> bool:
        """Add new arrivals to ``waiting`` if there is room, and return whether any are waiting."""
        if not waiting and (room := self.pool.room()):
            came = {submission.student: submission for submission in self.more(room)}
            self._of |= came
            waiting.extend(came)
        return bool(waiting)

    def _begin(self, student: str) -> None:
        """Send a submission to a worker, unless there is nothing to do."""
        submission = self._of[student]
        tidy(self.job.course.autograded(student, self.job.assignment.name))
        above = self.job.course.above_submitted(self.job.assignment.name)
        self._beside[student] = beside = self._take(submission)
        if submission.notebook is None:
            return self._nothing(submission, "not-handed-in", "No notebook was handed in.")
        comes = partial(pieces, submission.notebook, self.job.limit, above)
        try:
            notebook = digest(comes())
            self.digests[student] = handed_in = digest_with(notebook, beside.files)
        except PermissionError as error:  # not the student's fault
            return self._fail(submission, f"not graded: {_why(error)}")
        except (OSError, TooLarge) as error:
            says = f"The notebook was not read: {_words(error)}."
            return self._nothing(submission, "unreadable", says)
        kept = None if self.job.force else self._kept(submission, handed_in)
        if kept is not None:
            return self._note(kept)
        number = self._rounds.of(student, handed_in)
        self._round[student] = partial(self._rounds.note, student, handed_in, number)
        try:
            events = [_AGAIN] if student in self._tried_again else []
            sizes = tuple((name, len(data)) for name, data in beside.files.items())
            about = About(number, self._events(submission, *events), self.job.mark, sizes)
            sent = chain(_same(comes(), notebook), beside.files.values())
            self.pool.send(student, sent, about)
        except (OSError, TooLarge) as error:
            return self._fail(submission, f"not graded: {_why(error)}")
        self._under_way.add(student)
        if len(self._under_way) > 1:
            self._beside_others |= self._under_way

    def _events(self, submission: Submission, *more: str) -> tuple[str, ...]:
        """Return the lines that are known about a submission before it is graded."""
        return (*submission.events, *self._beside[submission.student].left_out, *more)

    def _end(self, done: Done) -> list[str]:
        """Write what came back; return the student if the submission is to be tried again."""
        submission = self._of[done.key]
        self._under_way.discard(done.key)
        again = done.key in self._tried_again
        if isinstance(done.error, CannotStart):
            raise CourseError(f"nothing can be graded in {self.pool.where}: {done.error}")
        if isinstance(died := done.error, Died):
            if died.again and not again:
                self._tried_again.add(done.key)
                return [done.key]
            twice = ", twice" if again else ""
            if died.own:
                self._nothing(submission, "too-much", f"Nothing was graded: {died}{twice}.")
            else:
                self._fail(submission, f"not graded: {died}{twice}")
            return []
        if done.told is None:
            self._fail(submission, f"not graded: {done.error}")
            return []
        told = done.told
        self.warnings |= {told.warning} - {""}
        if told.late and done.key in self._beside_others and not again:
            self._tried_again.add(done.key)
            return [done.key]
        self._finish(submission, "graded", told)
        return []

    def _nothing(self, submission: Submission, mistake: str, why: str) -> None:
        notebook, _ = nothing_graded(self.job.released, mistake, why)
        notebook.metadata["bplab"] = {
            "run": self.job.assignment.run,
            "digest": self.digests.get(submission.student, digest(b"")),
            "version": bplab.__version__,
        }
        graded = SimpleNamespace(
            notebook=nbformat.v4.writes(notebook), events=[why], flags=[], results=[]
        )
        about = About(events=self._events(submission), graded_as=self.job.mark)
        self._finish(submission, "nothing", tell(graded, self.job.released, about))

    def _finish(self, submission: Submission, state: str, told: Told) -> None:
        """Have a graded notebook written; an error costs this student's mark only."""
        job, student = self.job, submission.student
        try:
            marked = as_marked(told, job.released)
            marks = replace(marks_of(marked, self._starters), mistakes=dict(told.mistakes))
            score, most = self._points(marks)
            said = told.events, told.flags, told.notes
            files = {**dict(job.assignment.files), **self._beside[student].files}
            staged = stage(
                job.course, job.assignment.name, submission, told.notebook, files, job.limit
            )
        except Exception as error:  # whatever went wrong, the other students get their marks
            self._fail(submission, f"not written: {_why(error)}")
            return
        outcome = StudentOutcome(student, state, score, most, *said)
        of = self.digests.get(student, digest(b""))
        note = Note(of, job.mark, digest(told.notebook), marks.scores, marks.mistakes, *said)
        begin = self._round.get(student, lambda: None)
        end = partial(write_note, job.course, job.assignment.name, student, note)
        self._note(self.write(Ready(submission, marks, staged, outcome, begin, end)))

    def _kept(self, submission: Submission, handed_in: str) -> StudentOutcome | None:
        """Return the earlier result for a submission if nothing has changed since, else None."""
        student = submission.student
        known = self.before.get(student)
        if known is None or submission.timestamp not in (None, known.timestamp):
            return None
        note = read_note(self.job.course, self.job.assignment.name, student)
        if note is None or (note.digest, note.graded_as) != (handed_in, self.job.mark):
            return None
        # the two differ if a run was ended after it wrote the gradebook and before the folder
        if any(note.scores.get(cell, 0.0) != known.automatic.get(cell) for cell in self.book.cells):
            return None
        score, most = self._points(Marks(dict(note.scores)))
        self._find_penalty(student, known)
        return StudentOutcome(student, "kept", score, most, note.events, note.flags, note.notes)

    def _find_penalty(self, student: str, known: Mark) -> None:
        """Find a kept submission's penalty again: dates, rule or manual points may have changed."""
        now = self.book.penalty(student, known.score, known.late)
        if abs(now - known.late_penalty) > 1e-9:
            self.book.set_penalty(student, now)

    def _points(self, marks: Marks) -> tuple[float, float]:
        by_machine = {id: points for id, points in marks.scores.items() if points is not None}
        most = sum(p for id, p in self.book.cells.items() if marks.scores.get(id, 0) is not None)
        return sum(by_machine.values()), most

    def _fail(self, submission: Submission, why: str) -> None:
        self._note(StudentOutcome(submission.student, "failed", events=(*submission.events, why)))

    def _note(self, outcome: StudentOutcome) -> None:
        self._beside.pop(outcome.student, None)
        self.outcomes.append(outcome)
        self.show(outcome)


def taker(course: ClassFolder, assignment: Any) -> Callable[[Submission], Beside]:
    """Return a function that takes the files beside a submission's notebook."""
    students = course.students_own(assignment.name)
    ours = {name: data for name, data in assignment.files if name not in students}
    above = course.above_submitted(assignment.name)
    notebooks = course.notebooks(assignment.name)

    def taken(submission: Submission) -> Beside:
        return take(
            submission.folder,
            submission.notebook,
            above,
            ours=ours,
            notebooks=notebooks,
            ignore=course.settings.ignore,
        )

    return taken


def digest_of(course: ClassFolder, assignment: Any, submission: Submission, limit: int) -> str:
    """Return the digest of a submission, as it is noted after the submission was judged.

    Parameters
    ----------
    course : ClassFolder
    assignment : Assignment
    submission : Submission
    limit : int
        Bytes; a larger notebook is not read.
    """
    try:
        if submission.notebook is not None:
            above = course.above_submitted(assignment.name)
            notebook = digest(pieces(submission.notebook, limit, above))
            return digest_with(notebook, taker(course, assignment)(submission).files)
    except (OSError, TooLarge):  # nothing that can be judged
        pass
    return digest(b"")


def _same(pieces: Iterable[bytes], known: str) -> Iterator[bytes]:
    """Yield the pieces; raise `OSError` after the last one if their digest is not ``known``."""
    sent = hashlib.sha256()
    for piece in pieces:
        sent.update(piece)
        yield piece
    if sent.hexdigest() != known:
        raise OSError("the file was changed while it was read")


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        what = error.filename and str(error.filename)
        return ": ".join(filter(None, (what, error.strerror or str(error))))
    return f"{type(error).__name__}: {error}"


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, TooLarge) else "it is not a regular file"


@contextmanager
def _ctrl_c_noted() -> Iterator[threading.Event]:
    """Only note the first Ctrl-C, so that nothing is left half written; the second interrupts."""
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
