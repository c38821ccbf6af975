"""Grade again after an exercise was corrected: show whose marks would change, then write them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bplab.counting import counted
from bplab.grading.class_run.coordinator import Ready, StudentOutcome
from bplab.grading.class_run.grade import Result, coordinator, only_one, writer
from bplab.grading.class_run.notes import read_note
from bplab.grading.class_run.shown import arrow, ups_and_downs
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Book, Mark
from bplab.grading.printable import shown
from bplab.grading.records import TEST

__all__ = ["Change", "as_table", "regrade_class", "summary"]


@dataclass(frozen=True)
class Change:
    """A grade cell whose points or named mistake are no longer the same.

    Attributes
    ----------
    student, cell : str
    was, now : float or None
        The grader's points before and after; None if there are none, or a person has to give them.
    was_mistake, mistake : str
        Named mistakes before and after; empty if there is none.
    manual : float or None
        Points that a person gave. They stay, and count in place of ``now``.
    marks : (float or None, float)
        The student's mark before (None if there was none) and after, of all cells together, with
        points by hand and the late penalty.
    """

    student: str
    cell: str
    was: float | None
    now: float | None
    was_mistake: str
    mistake: str
    manual: float | None
    marks: tuple[float | None, float]


@dataclass
class _Held:
    """Keeps graded submissions that are not written yet."""

    ready: list[Ready] = field(default_factory=list)

    def __call__(self, book: Book, ready: Ready) -> StudentOutcome:
        self.ready.append(ready)
        return ready.outcome

    def discard(self) -> None:
        for one in self.ready:
            one.staged.discard()


def regrade_class(
    course: ClassFolder,
    *arguments,
    agree: Callable[[list[Change], Result], bool],
    **options,
) -> tuple[list[Change], Result, bool]:
    """Grade again what was handed in, find what changes, and write it if ``agree`` returns true.

    Parameters
    ----------
    course, *arguments, **options
        As `bplab.grading.class_run.grade.grade_class` takes them.
    agree : callable
        Takes the changes and the result, and returns whether to write. Manual points and
        comments stay in any case.

    Returns
    -------
    changes : list of Change
    result : Result
    written : bool

    Raises
    ------
    CourseError
        As `grade_class` does.
    """
    held = _Held()
    with only_one(course.own):
        try:
            with coordinator(course, *arguments, write=held, force=True, **options) as opened:
                run, refused = opened
                run.run()
                result = Result.of(run, refused, written=False)
            name = run.job.assignment.name
            with Book(course, name, run.job.cells) as book:
                known = book.known()
                changes = [
                    change
                    for ready in sorted(held.ready, key=lambda one: one.submission.student)
                    for change in _changes(
                        known.get(ready.submission.student),
                        _before(course, name, ready.submission.student),
                        ready,
                        book,
                    )
                ]
                if run.interrupted or not agree(changes, result):
                    return changes, result, False
                write = writer(course)
                while held.ready:
                    write(book, held.ready[-1])
                    held.ready.pop()
                return changes, result, True
        finally:
            held.discard()


def _before(course: ClassFolder, assignment: str, student: str) -> Mapping[str, str | None]:
    """Return the mistakes that were noted with the earlier mark; none if nbgrader gave it."""
    note = read_note(course, assignment, student)
    return {} if note is None else note.mistakes


LATE = "late penalty"


def _changes(
    known: Mark | None, before: Mapping[str, str | None], ready: Ready, book: Book
) -> list[Change]:
    student = ready.submission.student
    automatic, by_hand = (known.automatic, known.by_hand) if known else ({}, {})
    # begin with the gradebook's score, which also has extra credit and task cells
    score, was_penalty = (known.score, known.late_penalty) if known else (0.0, 0.0)
    for cell, points in book.scores(ready.marks).items():
        if cell not in by_hand:
            score += (points or 0.0) - (automatic.get(cell) or 0.0)
    penalty = book.penalty(student, score, book.late(student, ready.submission.timestamp))
    marks = (known.final if known else None, max(0.0, score - penalty))
    changes = []
    for cell, now in ready.marks.scores.items():
        change = Change(
            student,
            cell,
            was=automatic.get(cell),
            now=now,
            was_mistake=before.get(cell) or "",
            mistake=ready.marks.mistakes.get(cell) or "",
            manual=by_hand.get(cell),
            marks=marks,
        )
        if (change.was, change.was_mistake) != (change.now, change.mistake):
            changes.append(change)
    if abs(penalty - was_penalty) > 1e-9:
        changes.append(Change(student, LATE, 0.0 - was_penalty, 0.0 - penalty, "", "", None, marks))
    return changes


def as_table(changes: list[Change]) -> Table:
    """Return a table of the marks and named mistakes that change."""
    table = Table(title="What would change")
    for column in ("student", "exercise", "was", "is", "by hand", "mark"):
        table.add_column(column, overflow="fold")
    told = set()
    for one in changes:
        mark = "" if one.student in told else arrow(*one.marks)
        told.add(one.student)
        manual = "" if one.manual is None else f"{one.manual:g} stays"
        table.add_row(
            Text(shown(one.student)),
            Text(one.cell.removeprefix(TEST)),
            Text(_points(one.was, one.was_mistake)),
            Text(_points(one.now, one.mistake)),
            Text(manual),
            Text(mark),
        )
    return table


def _points(points: float | None, mistake: str) -> str:
    shown_points = "–" if points is None else f"{points:g}"
    return f"{shown_points} ({mistake})" if mistake else shown_points


def summary(changes: list[Change], result: Result) -> str:
    """Return one line: how many students' final marks go up, go down, or stay."""
    marks = {one.student: one.marks for one in changes}
    up, down = ups_and_downs(marks.values())
    words = len(marks) - up - down
    same = len(result.outcomes) - len(marks)
    return (
        f"{counted(up, 'student')} up, {down} down; {words} with the same mark, "
        "but another named mistake; "
        f"{same} as before"
    )


def show(console: Console, changes: list[Change], result: Result) -> None:
    """Print the table of changes, if there are any, and the summary."""
    if changes:
        console.print(as_table(changes))
    console.print(summary(changes, result), highlight=False)
