"""Marks of a class, as nbgrader counts them: points by hand, extra credit, late penalties."""

import difflib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from bplab.course.layout import CourseError

__all__ = ["ClassMarks", "Mark", "Person", "read_marks"]


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
        """By name; those without one by id."""
        return (self.last_name or self.id).casefold(), self.first_name.casefold(), self.id

    @property
    def name(self) -> str:
        """How a report calls the student: ``"Ada Lovelace (ada)"``, or the id alone."""
        full = f"{self.first_name} {self.last_name}".strip()
        return f"{full} ({self.id})" if full else self.id


@dataclass(frozen=True)
class Mark:
    """What a student has in one assignment.

    Attributes
    ----------
    score : float
        Points before a late penalty.
    late_penalty : float
        What is taken off.
    timestamp : datetime or None
        When it was handed in, UTC, if that is known.
    unfinished : bool
        Whether something has still to be marked by hand.
    points : dict of str to float
        By graded cell: ``{"test-eq4": 3.0}``.
    """

    score: float
    late_penalty: float
    timestamp: datetime | None
    unfinished: bool
    points: dict[str, float]

    @property
    def final(self) -> float:
        """The mark: never less than 0, as `nbgrader export` has it."""
        return max(0.0, self.score - self.late_penalty)


@dataclass(frozen=True)
class ClassMarks:
    """An assignment's marks.

    Attributes
    ----------
    assignment : str
    max_score : float
    max_points : dict of str to float
        By graded cell, in the order of their names.
    persons : tuple of Person
        All students of the gradebook, sorted.
    marks : dict of str to Mark
        By student's id; who has not handed in, or is not graded yet, has none.
    """

    assignment: str
    max_score: float
    max_points: dict[str, float]
    persons: tuple[Person, ...]
    marks: dict[str, Mark]


def read_marks(gradebook: Gradebook, assignment: str) -> ClassMarks:
    """Read one assignment's marks.

    Raises
    ------
    CourseError
        If the gradebook does not have the assignment; names the nearest.
    """
    try:
        max_score = gradebook.find_assignment(assignment).max_score
    except MissingEntry:
        names = [one.name for one in gradebook.assignments]
        near = difflib.get_close_matches(assignment, names, n=1)
        guess = f' Did you mean "{near[0]}"?' if near else ""
        raise CourseError(
            f"the gradebook has no assignment {assignment!r}.{guess} "
            f"It has: {', '.join(names) or 'none'}"
        ) from None
    persons = tuple(
        sorted(map(_person, gradebook.db.query(Student)), key=lambda person: person.sort_key)
    )
    max_points, marks = _marks(gradebook, assignment)
    return ClassMarks(assignment, max_score, max_points, persons, marks)


def _person(student: Student) -> Person:
    named = (student.first_name, student.last_name, student.email, student.lms_user_id)
    return Person(student.id, *(str(text or "") for text in named))


def _marks(gradebook: Gradebook, assignment: str) -> tuple[dict[str, float], dict[str, Mark]]:
    """One query for every grade of the class: nbgrader's own sums are one query a student."""
    submissions = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .outerjoin(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(Assignment.name == assignment)
        .all()
    )
    owner = {notebook: student for student, _, notebook, _ in submissions}
    penalties: dict[str, float] = defaultdict(float)
    for student, _, _, penalty in submissions:
        penalties[student] += penalty or 0.0
    grades = (
        gradebook.db.query(Grade.notebook_id, BaseCell.name, Grade.score, Grade.needs_manual_grade)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
        .filter(Assignment.name == assignment)
    )
    points: dict[str, dict[str, float]] = defaultdict(dict)
    unfinished = set()
    for notebook, cell, score, manual in grades:
        student = owner[notebook]
        points[student][cell] = points[student].get(cell, 0.0) + float(score)
        if manual:
            unfinished.add(student)
    marks = {
        student: Mark(
            sum(points[student].values()),
            penalties[student],
            timestamp,
            student in unfinished,
            dict(sorted(points[student].items())),
        )
        for student, timestamp, _, _ in submissions
    }
    cells = (
        cell
        for notebook in gradebook.find_assignment(assignment).notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    )
    return dict(sorted((cell.name, float(cell.max_score)) for cell in cells)), marks
