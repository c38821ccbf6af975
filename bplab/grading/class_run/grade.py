"""A class graded: its run chosen, submissions found, workers started, marks written."""

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
    """Whatever gives a pool: `Where`, or what keeps one."""

    def pool(self, make: MakesGrader, assignment: Any, most: int) -> Pool:
        """Return a pool for ``most`` submissions at a time, or fewer."""


@dataclass(frozen=True)
class Where:
    """Where submissions are graded.

    Attributes
    ----------
    jobs : int
        Processes of this computer.
    scheduler : str
        Address of a Dask scheduler, used in their place if it is given.
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
    """What came of a class.

    Attributes
    ----------
    outcomes : list of StudentOutcome
    refused : list of Refused
        Folders that were not taken for students'.
    interrupted : bool
        Whether Ctrl-C ended it early.
    warnings : set of str
        What graders said is weaker than asked.
    before, after : mapping of str to Mark
        What the gradebook had, and has, of these students; ``after`` is empty if nothing was to be
        written.
    """

    outcomes: list[StudentOutcome]
    refused: list[Refused]
    interrupted: bool
    warnings: set[str]
    before: Mapping[str, Mark]
    after: Mapping[str, Mark]

    @classmethod
    def of(cls, run: Coordinator, refused: list[Refused], *, written: bool) -> "Result":
        """Return what came of a coordinator's run, while its gradebook is open."""
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

    What was graded before, in the same way and from the same bytes, is kept; so a run that was
    ended, however, is completed by the next.

    Parameters
    ----------
    course : ClassFolder
    assignment : Assignment
        See `bplab.grading.judge.submission`.
    make : callable
        Makes a grader of it, e.g. `bplab.grading.judge.submission.Grader`; workers import it.
    where : Places
    students : collection of str
        Only these, if any are given.
    force : bool
        Keep nothing.
    max_mb : float
        MiB; a larger notebook is not read, and has 0 points.
    console : Console, optional
        For the progress; none by default.

    Raises
    ------
    CourseError
        If nothing can be graded, or written; what is written by then stays.
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
    """Give a coordinator that has yet to run, and the folders that were refused.

    Takes what `grade_class` takes, and ``write``, which does something with what is graded.
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
    """Return what writes one submission: its round, the gradebook, then the folder that says so."""

    def write(book: Book, ready: Ready) -> StudentOutcome:
        student = ready.submission.student
        ready.begin()  # first: where this run is ended now, the next has the same round
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

    Together with the course's secret it decides the hidden cases. It is noted in ``runs.json``,
    so that who hands in later gets the cases of the class.

    Parameters
    ----------
    folder : Path
        Where ``runs.json`` is.
    assignment : str
    fresh : bool
        Draw a new one.
    given : str, optional
        This one; an empty string: the cases of ``nbgrader autograde``.

    Returns
    -------
    str
        Without ``fresh`` and ``given`` the last one noted, or else an empty string.

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
    """Another process does it already."""


@contextmanager
def only_one(folder: Path, lock: str = "lock", doing: str = "graded") -> Iterator[None]:
    """Keep others from grading the same class meanwhile; the lock ends with this process.

    Parameters
    ----------
    folder : Path
    lock : str
        Name of the file that is locked.
    doing : str
        What others are kept from.

    Raises
    ------
    Busy
        If somebody does.
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
