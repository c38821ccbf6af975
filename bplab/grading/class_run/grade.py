"""A class graded: submissions found, workers started, marks written."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from bplab.grading import MAX_MB
from bplab.grading.class_run.coordinator import Coordinator, Job, Outcome, Ready
from bplab.grading.class_run.folder import ClassFolder
from bplab.grading.class_run.pools import LocalPool, Pool
from bplab.grading.class_run.runs import only_one
from bplab.grading.class_run.shown import Bar
from bplab.grading.class_run.submissions import Refused, find_submissions
from bplab.grading.class_run.worker import MakesGrader
from bplab.grading.gradebook.write import Book, UnknownStudent

__all__ = ["Result", "Where", "coordinator", "grade_class", "writer"]


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
            from bplab.grading.class_run.cluster import ClusterPool

            return ClusterPool(self.scheduler, make, assignment)
        return LocalPool(max(1, min(self.jobs, most)), make, assignment)


@dataclass(frozen=True)
class Result:
    """What came of a class.

    Attributes
    ----------
    outcomes : list of Outcome
    refused : list of Refused
        Folders that were not taken for students'.
    interrupted : bool
        Whether Ctrl-C ended it early.
    warnings : set of str
        What graders said is weaker than asked.
    """

    outcomes: list[Outcome]
    refused: list[Refused]
    interrupted: bool
    warnings: set[str]


def grade_class(
    course: ClassFolder,
    assignment: Any,
    make: MakesGrader,
    where: Where,
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
    where : Where
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
    return Result(run.outcomes, refused, run.interrupted, run.warnings)


@contextmanager
def coordinator(
    course: ClassFolder,
    assignment: Any,
    make: MakesGrader,
    where: Where,
    *,
    write: Callable[[Book, Ready], Outcome],
    students: Collection[str] = (),
    force: bool = False,
    max_mb: float = MAX_MB,
    console: Console | None = None,
) -> Iterator[tuple[Coordinator, list[Refused]]]:
    """Give a coordinator that has yet to run, and the folders that were refused.

    Takes what `grade_class` takes, and ``write``, which does something with what is graded.
    """
    found, refused = find_submissions(course, assignment.name, students)
    job = Job(course, assignment, found, round(max_mb * 2**20), force)
    console = console or Console(quiet=True)
    with Book(course, assignment.name, job.cells) as book:
        pool = where.pool(make, assignment, len(found))
        with Bar(console, assignment.name, len(found)) as bar:
            yield Coordinator(job, book, pool, lambda ready: write(book, ready), bar), refused


def writer(course: ClassFolder) -> Callable[[Book, Ready], Outcome]:
    """Return what writes one submission: first the gradebook, then the folder that says so."""

    def write(book: Book, ready: Ready) -> Outcome:
        student = ready.submission.student
        try:
            book.record(student, ready.submission.timestamp, ready.marks)
        except UnknownStudent:
            ready.staged.discard()
            why = "not in the gradebook, and Autograde.create_student is off: nothing was written"
            return Outcome(student, "failed", events=(*ready.outcome.events, why))
        ready.staged.put_in_place()
        return ready.outcome

    return write
