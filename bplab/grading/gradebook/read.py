"""Marks of a class, as nbgrader counts them: points by hand, extra credit, late penalties."""

import difflib
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from bplab.counting import counted
from bplab.course import CourseError, with_own_programs
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook.dates import due_at, length, seconds_late

__all__ = [
    "ClassMarks",
    "Mark",
    "NotebookMarks",
    "Person",
    "find_assignment",
    "open_gradebook",
    "read_class",
    "read_marks",
    "read_notebook",
    "read_persons",
    "why_not",
]


@dataclass(frozen=True)
class Person:
    """A student of the gradebook.

    Attributes
    ----------
    id : str
        As in the folder ``submitted/<id>``.
    first_name, last_name, email, lms_id : str
        Empty if the gradebook does not have them.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_id: str = ""

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Sorts persons by name; those without a name by id."""
        return (self.last_name or self.id).casefold(), self.first_name.casefold(), self.id

    @property
    def name(self) -> str:
        """The name in reports: ``"Ada Lovelace (ada)"``, or the id alone."""
        full = f"{self.first_name} {self.last_name}".strip()
        return f"{full} ({self.id})" if full else self.id


@dataclass(frozen=True)
class Mark:
    """One student's mark in one assignment.

    Attributes
    ----------
    late_penalty : float
        Points taken off for being late.
    timestamp : datetime or None
        When the submission was handed in, UTC; None if unknown.
    unfinished : bool
        Whether something is still to be marked by hand.
    points : dict of str to float
        Points that count, by graded cell: ``{"test-eq4": 3.0}``.
    automatic : dict of str to float or None
        Points that the grader gave, by graded cell; None if it gave none.
    by_hand : dict of str to float
        Points that a person gave, by graded cell; they count in place of the grader's.
    duedate : datetime or None
        The assignment's due date, UTC.
    extension : timedelta or None
        How much more time this student has.
    """

    late_penalty: float
    timestamp: datetime | None
    unfinished: bool
    points: dict[str, float]
    automatic: dict[str, float | None]
    by_hand: dict[str, float]
    duedate: datetime | None = None
    extension: timedelta | None = None

    @property
    def score(self) -> float:
        """Points before the late penalty."""
        return sum(self.points.values())

    @property
    def final(self) -> float:
        """Points after the late penalty, and never less than 0, as in `nbgrader export`."""
        return max(0.0, self.score - self.late_penalty)

    @property
    def late(self) -> float | None:
        """Seconds after the student's own due date, 0 if in time; None if a date is unknown."""
        return seconds_late(due_at(self.duedate, self.extension), self.timestamp)

    @property
    def late_words(self) -> str:
        """Words on lateness and extension: ``"2 h 5 min late, −4 points"``; often empty."""
        words = []
        if self.extension:
            words.append(f"{length(self.extension.total_seconds())} more time")
        if self.late:
            words.append(f"{length(self.late)} late")
        if self.late_penalty:
            words.append(f"−{counted(f'{self.late_penalty:.3g}', 'point')}")
        return ", ".join(words)


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class in one assignment.

    Attributes
    ----------
    assignment : str
    max_score : float
    max_points : dict of str to float
        Most points by graded cell, in the order of the cells' names.
    persons : tuple of Person
        All students of the gradebook, sorted.
    marks : dict of str to Mark
        By student's id; students who have not handed in, or are not graded yet, are missing.
    """

    assignment: str
    max_score: float
    max_points: dict[str, float]
    persons: tuple[Person, ...]
    marks: dict[str, Mark]


@dataclass(frozen=True)
class NotebookMarks:
    """The marks of a class in one notebook of an assignment.

    Attributes
    ----------
    max_score : float
    max_points : dict of str to float
        Most points by graded cell.
    marks : dict of str to Mark
        By student's id.
    comments : dict of str to dict of str to str
        Comments by student's id and cell; a person's, or else nbgrader's automatic one.
    """

    max_score: float
    max_points: dict[str, float]
    marks: dict[str, Mark]
    comments: dict[str, dict[str, str]]


def open_gradebook(folder: ClassFolder, *, new: bool = False) -> Gradebook:
    """Open a class's gradebook; the caller closes it.

    Parameters
    ----------
    folder : ClassFolder
    new : bool
        Whether a new one may be made.

    Raises
    ------
    CourseError
        If there is no gradebook and none may be made, or it cannot be opened.
    """
    url = make_url(folder.settings.db_url)
    if not new and (file := _missing(url)):
        raise CourseError(f"no gradebook at {file}: grade an assignment first")
    before = os.environ.get("PATH", "")
    # nbgrader calls alembic by its name where the database is new
    os.environ["PATH"] = with_own_programs()["PATH"]
    try:
        return Gradebook(folder.settings.db_url, folder.settings.course_id)
    except (SQLAlchemyError, ImportError) as error:
        shown = url.render_as_string(hide_password=True)
        raise CourseError(f"the gradebook {shown} cannot be opened: {why_not(error)}") from error
    finally:
        os.environ["PATH"] = before


def why_not(error: Exception) -> str:
    """Return in words why a database cannot be used, without the SQL statement."""
    says = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return next((f"{says} ({more})" for part, more in _MORE.items() if part in says), says)


_MORE = {
    "is locked": "another program is writing it, such as formgrader or another command: wait until "
    "it is done, or end it",
    "No module named 'psycopg": "PostgreSQL's driver: pip install 'psycopg[binary]'",
    "readonly": "you may not write its file, or the folder that it is in",
}


def _missing(url: URL) -> str:
    """Return the path of the gradebook's file if the file is missing, else an empty string."""
    file = url.database if url.get_backend_name() == "sqlite" else None
    return file if file and file != ":memory:" and not Path(file).exists() else ""


def read_class(folder: ClassFolder, assignment: str) -> ClassMarks:
    """Read a class's marks in one assignment; nothing is written.

    Raises
    ------
    CourseError
        If there is no gradebook, or it does not have the assignment; names the most similar one.
    """
    with open_gradebook(folder) as gradebook:
        found = find_assignment(gradebook, assignment)
        cells = (
            cell
            for notebook in found.notebooks
            for cell in (*notebook.grade_cells, *notebook.task_cells)
        )
        return ClassMarks(
            assignment,
            found.max_score,
            dict(sorted((cell.name, float(cell.max_score)) for cell in cells)),
            tuple(_persons(gradebook)),
            read_marks(gradebook, found.id),
        )


def read_cells(folder: ClassFolder) -> frozenset[str]:
    """Read the names of the graded cells of all assignments; nothing is written.

    Raises
    ------
    CourseError
        If there is no gradebook.
    """
    with open_gradebook(folder) as gradebook:
        notebooks = (one for assignment in gradebook.assignments for one in assignment.notebooks)
        return frozenset(
            cell.name for one in notebooks for cell in (*one.grade_cells, *one.task_cells)
        )


def read_notebook(folder: ClassFolder, assignment: str, notebook: str) -> NotebookMarks:
    """Read a class's marks and comments for one notebook; nothing is written.

    Raises
    ------
    CourseError
        If there is no gradebook, or it does not have the notebook.
    """
    with open_gradebook(folder) as gradebook:
        try:
            found = gradebook.find_notebook(notebook, assignment)
        except MissingEntry:
            raise CourseError(
                f"the gradebook has no notebook {notebook!r} of {assignment!r}: grade it first"
            ) from None
        cells = (*found.grade_cells, *found.task_cells)
        comments: dict[str, dict[str, str]] = {}
        written = (
            gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, Comment)
            .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
            .join(BaseCell, Comment.cell_id == BaseCell.id)
            .filter(SubmittedNotebook.notebook_id == found.id)
        )
        for student, cell, comment in written:
            if comment.comment:
                comments.setdefault(student, {})[cell] = comment.comment
        marks = read_marks(gradebook, found.assignment.id, found.id)
        points = {cell.name: float(cell.max_score) for cell in cells}
        return NotebookMarks(found.max_score, points, marks, comments)


def find_assignment(gradebook: Gradebook, name: str) -> Assignment:
    """Return the gradebook's row of an assignment.

    Raises
    ------
    CourseError
        If there is none; names the most similar one.
    """
    try:
        return gradebook.find_assignment(name)
    except MissingEntry:
        names = [one.name for one in gradebook.assignments]
        near = difflib.get_close_matches(name, names, n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise CourseError(
            f"the gradebook has no assignment {name!r}.{guess} It has: {', '.join(names) or 'none'}"
        ) from None


def read_persons(folder: ClassFolder) -> list[Person]:
    """Return all students of the gradebook, sorted; an empty list if there is no gradebook yet."""
    if _missing(make_url(folder.settings.db_url)):
        return []
    with open_gradebook(folder) as gradebook:
        return _persons(gradebook)


def _persons(gradebook: Gradebook) -> list[Person]:
    students = gradebook.db.query(Student)
    return sorted(map(_person, students), key=lambda person: person.sort_key)


def _person(student: Student) -> Person:
    named = (student.first_name, student.last_name, student.email, student.lms_user_id)
    return Person(student.id, *(str(text or "") for text in named))


def read_marks(
    gradebook: Gradebook, assignment: str, notebook: str | None = None
) -> dict[str, Mark]:
    """Read the marks of a class, by student's id.

    A student who has an extension, but no points yet, has no mark. There are two queries for the
    whole class, since nbgrader's own sums take one query for each student.

    Parameters
    ----------
    gradebook : Gradebook
    assignment : str
        The assignment's id in the gradebook, not its name.
    notebook : str, optional
        Id of the only notebook to count; by default, all notebooks count.
    """
    own = SubmittedNotebook.assignment_id == SubmittedAssignment.id
    if notebook is not None:
        own &= SubmittedNotebook.notebook_id == notebook
    submissions = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            Assignment.duedate,
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(SubmittedNotebook, own)
        .filter(SubmittedAssignment.assignment_id == assignment)
    )
    marks: dict[str, Mark] = {}
    untouched: set[str] = set()
    owner = {}
    for student, timestamp, extension, duedate, submitted, penalty in submissions:
        before = marks.get(student) or Mark(
            0.0, timestamp, False, {}, {}, {}, duedate, extension or None
        )
        marks[student] = replace(before, late_penalty=before.late_penalty + (penalty or 0.0))
        if submitted is None:  # extended before it was released: there is nothing to grade yet
            untouched.add(student)
        owner[submitted] = student
    grades = (
        gradebook.db.query(
            Grade.notebook_id,
            BaseCell.name,
            Grade.score,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, own)
        .filter(SubmittedAssignment.assignment_id == assignment)
        .order_by(BaseCell.name)
    )
    graded: set[str] = set()
    for submitted, cell, score, automatic, by_hand, extra, unfinished in grades:
        mark = marks[owner[submitted]]
        # a new grade of nbgrader's is marked as waiting for a person; one of `extend`'s is not
        new = not unfinished or (mark.extension is not None and mark.timestamp is None)
        given = not (automatic is by_hand is extra is None)
        (untouched if new and not given else graded).add(owner[submitted])
        mark.points[cell] = mark.points.get(cell, 0.0) + float(score)
        mark.automatic[cell] = automatic
        if by_hand is not None:
            mark.by_hand[cell] = by_hand
        if unfinished:
            marks[owner[submitted]] = replace(mark, unfinished=True)
    return {student: mark for student, mark in marks.items() if student not in untouched - graded}
