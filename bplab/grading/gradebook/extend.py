"""Students who have more time: nbgrader's extensions, each a length of time after the due date."""

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbgrader import api

from bplab.course import CourseError
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook.dates import due_at, seconds_late
from bplab.grading.gradebook.patient import patiently
from bplab.grading.gradebook.read import find_assignment, open_gradebook

__all__ = ["Extended", "Extensions"]


@dataclass(frozen=True)
class Extended:
    """One student's extension of one assignment.

    Attributes
    ----------
    assignment, student : str
    duedate : datetime or None
        The assignment's due date, UTC; None if it was removed after the extension was given.
    extension : timedelta
    handed_in : datetime or None
        UTC; None if unknown.
    """

    assignment: str
    student: str
    duedate: datetime | None
    extension: timedelta
    handed_in: datetime | None

    @property
    def due(self) -> datetime | None:
        """When the assignment is due for this student, UTC."""
        return due_at(self.duedate, self.extension)

    @property
    def late(self) -> float | None:
        """How many seconds late the submission is; None if a date is unknown."""
        return seconds_late(self.due, self.handed_in)


class Extensions:
    """The extensions of a class, in nbgrader's gradebook.

    Parameters
    ----------
    folder : ClassFolder

    Raises
    ------
    CourseError
        If there is no gradebook, or it cannot be opened.
    """

    def __init__(self, folder: ClassFolder):
        self._may_make = folder.autograde.create_student
        self._gradebook = open_gradebook(folder)
        self._db = self._gradebook.db

    def __enter__(self) -> "Extensions":
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.close()

    def read(self, assignment: str = "") -> list[Extended]:
        """Return all extensions, or those of one assignment, sorted by assignment and student.

        Raises
        ------
        CourseError
            If there is no such assignment.
        """
        rows = self._db.query(
            api.Assignment.name,
            api.SubmittedAssignment.student_id,
            api.Assignment.duedate,
            api.SubmittedAssignment.extension,
            api.SubmittedAssignment.timestamp,
        ).join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
        if assignment:
            rows = rows.filter(api.Assignment.id == self._find(assignment).id)
        return sorted(
            (Extended(*row) for row in rows if row.extension),
            key=lambda one: (one.assignment, one.student),
        )

    def duedate(self, assignment: str) -> datetime:
        """Return when an assignment is due, UTC, without a zone.

        Raises
        ------
        CourseError
            If there is no such assignment, or it has no due date.
        """
        due = self._find(assignment).duedate
        if due is None:
            raise CourseError(
                f"{assignment} has no due date, so nobody is late. Give it one first: "
                f'nbgrader db assignment add {assignment} --duedate="2026-12-02 18:00 UTC"'
            )
        return due

    def give(
        self,
        assignment: str,
        students: Collection[str],
        extension: timedelta | None,
        handed_in: Collection[str] = (),
    ) -> None:
        """Give the same extension to some students; if anything is wrong, to none of them.

        Parameters
        ----------
        assignment : str
        students : collection of str
        extension : timedelta or None
            Time after the due date; it replaces an earlier extension. None takes that back.
        handed_in : collection of str
            Students who have handed in. They may be added to the gradebook if it does not have
            them, unless the settings forbid that.

        Raises
        ------
        CourseError
            If somebody is unknown, with the nearest names; or the database cannot be written.
        """
        self._refuse_unknown(students, set(handed_in) if self._may_make else set())
        patiently(self._db, lambda: self._give(assignment, students, extension))

    def _give(self, name: str, students: Collection[str], extension: timedelta | None) -> None:
        assignment = self._find(name)
        there = self._db.query(api.SubmittedAssignment).filter_by(assignment_id=assignment.id)
        for student in students:
            row = there.filter_by(student_id=student).one_or_none()
            if row is None and extension is not None:
                row = self._new(assignment, student)
            if row is not None:
                row.extension = extension

    def _new(self, assignment: api.Assignment, student: str) -> api.SubmittedAssignment:
        """Add what ``Gradebook.add_submission`` adds, but with nothing to be marked by hand yet."""
        person = self._db.get(api.Student, student) or api.Student(id=student)
        new = api.SubmittedAssignment(assignment=assignment, student=person)
        self._db.add(new)
        for notebook in assignment.notebooks:
            own = api.SubmittedNotebook(notebook=notebook, assignment=new)
            self._db.add(own)
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                self._db.add(api.Grade(cell_id=cell.id, notebook=own, needs_manual_grade=False))
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                self._db.add(api.Comment(cell_id=cell.id, notebook=own))
        return new

    def _find(self, assignment: str) -> api.Assignment:
        return find_assignment(self._gradebook, assignment)

    def _refuse_unknown(self, students: Collection[str], handed_in: set[str]) -> None:
        known = {id for (id,) in self._db.query(api.Student.id)} | handed_in
        unknown = [student for student in students if student not in known]
        if not unknown:
            return
        near = (difflib.get_close_matches(one, sorted(known), n=3) for one in unknown)
        words = [
            repr(one) + (f" (nearest: {', '.join(names)})" if names else "")
            for one, names in zip(unknown, near, strict=True)
        ]
        raise CourseError(
            f"the gradebook has no student {', '.join(words)}: nothing is written. "
            f"New ones are added with 'nbgrader db student add {unknown[0]}'"
        )
