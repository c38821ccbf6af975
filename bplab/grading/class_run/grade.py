"""Grade a class: choose its run, find the submissions, start the pool, write the marks."""

import json
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console

from bplab.course import CourseError, write_whole
from bplab.grading import MAX_MB
from bplab.grading.class_run.coordinator import Coordinator, Job, Ready, StudentOutcome
from bplab.grading.class_run.pools import ClusterPool, LocalPool, Pool
from bplab.grading.class_run.shown import Bar
from bplab.grading.class_run.submissions import Refused, find_submissions
from bplab.grading.class_run.worker import MakesGrader
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Book, Mark, UnknownStudent

__all__ = [
    "Busy",
    "Places",
    "Result",
    "Where",
    "coordinator",
    "grade_class",
    "only_one",
    "run_of",
    "writer",
]

RUNS = "runs.json"


class Places(Protocol):
    """Something that gives a pool: `Where`, or an object that keeps one open."""

    def pool(self, make: MakesGrader, assignment: Any, most: int) -> Pool:
        """Return a pool for ``most`` submissions at a time, or fewer."""


@dataclass(frozen=True)
class Where:
    """Where submissions are graded.

    Attributes
    ----------
    jobs : int
        Processes on this computer.
    scheduler : str
        Address of a Dask scheduler. If it is given, the workers of its cluster are used instead.
    """

    jobs: int = 1
    scheduler: str = ""

    def pool(self, make: MakesGrader, assignment: Any, most: int) -> Pool:
        """Return a pool for ``most`` submissions at a time, or fewer."""
        if self.scheduler:
            return ClusterPool(self.scheduler, make, assignment)
        return LocalPool(max(1, min(self.jobs, most)), make, assignment)


@dataclass(frozen=True)
class Result:
    """The result of grading a class.

    Attributes
    ----------
    outcomes : list of StudentOutcome
    refused : list of Refused
        Folders that do not count as a student's.
    interrupted : bool
        Whether Ctrl-C ended the run early.
    warnings : set of str
        What graders said is weaker than asked.
    before : mapping of str to Mark
        Marks that the gradebook had before the run, by student.
    after : mapping of str to Mark
        Marks that the students of ``outcomes`` have now; empty if nothing was to be written.
    """

    outcomes: list[StudentOutcome]
    refused: list[Refused]
    interrupted: bool
    warnings: set[str]
    before: Mapping[str, Mark]
    after: Mapping[str, Mark]

    @classmethod
    def of(cls, run: Coordinator, refused: list[Refused], *, written: bool) -> "Result":
        """Return the result of a coordinator's run; its gradebook must still be open."""
        known = run.book.known() if written else {}
        judged = {outcome.student for outcome in run.outcomes}
        after = {student: mark for student, mark in known.items() if student in judged}
        return cls(run.outcomes, refused, run.interrupted, run.warnings, run.before, after)


def grade_class(
    course: ClassFolder,
    assignment: Any,
    make: MakesGrader,
    where: Places,
    *,
    students: Collection[str] = (),
    force: bool = False,
    max_mb: float = MAX_MB,
    console: Console | None = None,
) -> Result:
    """Grade what was handed in for an assignment, and write autograded/ and the gradebook.

    A submission that was graded before, in the same way and from the same bytes, is kept. So
    whatever ended a run early, the next run completes it.

    Parameters
    ----------
    course : ClassFolder
    assignment : Assignment
        See `bplab.grading.judge.submission`.
    make : callable
        Makes a grader of an assignment, e.g. `bplab.grading.judge.submission.Grader`; workers
        import it.
    where : Places
    students : collection of str
        Only these, if any are given.
    force : bool
        Whether to grade again what could be kept.
    max_mb : float
        MiB; a larger notebook is not read, and has 0 points.
    console : Console, optional
        Where progress is shown; nowhere by default.

    Raises
    ------
    CourseError
        If nothing can be graded or written; marks that were written before stay.
    """
    with (
        only_one(course.own),
        coordinator(
            course,
            assignment,
            make,
            where,
            students=students,
            force=force,
            max_mb=max_mb,
            console=console,
            write=writer(course),
        ) as (run, refused),
    ):
        run.run()
        return Result.of(run, refused, written=True)


@contextmanager
def coordinator(
    course: ClassFolder,
    assignment: Any,
    make: MakesGrader,
    where: Places,
    *,
    write: Callable[[Book, Ready], StudentOutcome],
    students: Collection[str] = (),
    force: bool = False,
    max_mb: float = MAX_MB,
    console: Console | None = None,
) -> Iterator[tuple[Coordinator, list[Refused]]]:
    """Yield a coordinator that is ready to run, and the folders that were refused.

    Takes the arguments of `grade_class`, and ``write``, which is called for each graded submission.
    """
    # The assignment has the secret by now. Workers would inherit it, and their environment can be
    # read from a kernel that shares the machine's /proc.
    os.environ.pop("BPLAB_SECRET", None)
    found, refused = find_submissions(course, assignment.name, students)
    job = Job(course, assignment, found, round(max_mb * 2**20), force)
    console = console or Console(quiet=True)
    with Book(course, assignment.name, job.cells) as book:
        pool = where.pool(make, assignment, len(found))
        with Bar(console, assignment.name, len(found)) as bar:
            yield Coordinator(job, book, pool, lambda ready: write(book, ready), bar), refused


def writer(course: ClassFolder) -> Callable[[Book, Ready], StudentOutcome]:
    """Return a function that writes a submission: the round, the marks, the folder, the note."""

    def write(book: Book, ready: Ready) -> StudentOutcome:
        student = ready.submission.student
        ready.begin()  # first, so that the next run has the same round if this one is ended now
        try:
            book.record(student, ready.submission.timestamp, ready.marks)
        except UnknownStudent:
            ready.staged.discard()
            why = "not in the gradebook, and Autograde.create_student is off: nothing was written"
            return StudentOutcome(student, "failed", events=(*ready.outcome.events, why))
        ready.staged.put_in_place()
        ready.end()
        return ready.outcome

    return write


# --- one run at a time ------------------------------------------------------------------


def run_of(folder: Path, assignment: str, *, fresh: bool = False, given: str | None = None) -> str:
    """Return the token of the run that an assignment is graded in.

    The token and the course's secret decide the hidden cases. It is noted in ``runs.json``, so that
    students who hand in later get the same cases as the class.

    Parameters
    ----------
    folder : Path
        Where ``runs.json`` is.
    assignment : str
    fresh : bool
        Whether to draw a new token.
    given : str, optional
        The token to use; an empty string stands for the cases of ``nbgrader autograde``.

    Returns
    -------
    str
        Without ``fresh`` and ``given``, the last token noted, or an empty string if there is none.

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
        write_whole(path, json.dumps(noted, indent=2) + "\n")
    return token


class Busy(CourseError):
    """Another process holds the lock."""


@contextmanager
def only_one(folder: Path, lock: str = "lock", doing: str = "graded") -> Iterator[None]:
    """Keep other processes from grading the same class meanwhile; the lock ends with this process.

    Parameters
    ----------
    folder : Path
    lock : str
        Name of the file that is locked.
    doing : str
        A participle for the message: what is done to the class.

    Raises
    ------
    Busy
        If another process holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / lock).open("a+", encoding="ascii") as file:
        try:
            import fcntl
        except ModuleNotFoundError:  # Windows: nbgrader does not grade there either
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise Busy(
                f"this class is being {doing} by another process ({file.read().strip()}): wait "
                "until it is done, or end it"
            ) from error
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield
