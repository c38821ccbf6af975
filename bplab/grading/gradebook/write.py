"""The gradebook, opened once: this process alone writes it, one transaction a submission."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import load_only

from bplab.course.environment import with_own_programs
from bplab.course.layout import CourseError
from bplab.grading.class_run.folder import ClassFolder
from bplab.grading.class_run.marks import Marks

__all__ = ["Book", "Known", "UnknownStudent"]

_TRIES = 5  # while somebody else has the database locked


@dataclass
class Known:
    """What the gradebook has of one student's submission.

    Attributes
    ----------
    timestamp : datetime or None
    scores : dict of str to float or None
        Automatic points, by the id of the grade cell.
    manual : dict of str to float
        Points that a person gave, where one did.
    """

    timestamp: datetime | None
    scores: dict[str, float | None] = field(default_factory=dict)
    manual: dict[str, float] = field(default_factory=dict)


class UnknownStudent(LookupError):
    """The gradebook does not have a student, and the settings forbid to make one."""


class Book:
    """The marks of one assignment in nbgrader's gradebook.

    Parameters
    ----------
    course : ClassFolder
    assignment : str
    cells : mapping of str to float
        Points of each grade cell of the released notebook, by its id.

    Raises
    ------
    CourseError
        If the gradebook cannot be opened, or has another version of the assignment.
    """

    def __init__(self, course: ClassFolder, assignment: str, cells: Mapping[str, float]):
        self._course = course
        self._name = assignment
        self._gradebook = _open(course)
        try:
            self._learn(cells)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._gradebook.close()

    def _learn(self, cells: Mapping[str, float]) -> None:
        """Note ids of the assignment's rows, which do not change while we run."""
        again = (
            f"run 'nbgrader generate_assignment {self._name}' in {self._course.root}, then this "
            "again"
        )
        try:
            assignment = self._gradebook.find_assignment(self._name)
            self._gradebook.find_notebook(self._name, self._name)
        except api.MissingEntry as error:
            raise CourseError(f"the gradebook does not know {self._name}: {again}") from error
        self._assignment, self._duedate = assignment.id, assignment.duedate
        self._rows = {}
        for notebook in assignment.notebooks:
            tasks = {cell.id: cell for cell in notebook.task_cells}
            grades = {cell.id: cell for cell in notebook.grade_cells} | tasks
            comments = {cell.id: cell for cell in notebook.solution_cells} | tasks
            self._rows[notebook.id] = (
                {id: cell.name for id, cell in grades.items()},
                {id: cell.name for id, cell in comments.items()},
            )
            if notebook.name == self._name:
                self._notebook = notebook.id
                known = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
        if known != dict(cells):
            differing = sorted({id for id, _ in known.items() ^ dict(cells).items()})
            raise CourseError(
                "the released notebook and the gradebook do not have the same cells and points "
                f"({', '.join(differing)}): {again}"
            )
        self.cells = known
        self._db.commit()

    @property
    def _db(self):
        return self._gradebook.db

    def known(self) -> dict[str, Known]:
        """Return what the gradebook has, by student."""
        submissions = (
            self._db.query(
                api.SubmittedAssignment.student_id,
                api.SubmittedAssignment.timestamp,
                api.BaseCell.name,
                api.Grade.auto_score,
                api.Grade.manual_score,
            )
            .join(
                api.SubmittedNotebook,
                api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id,
            )
            .join(api.Grade, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
            .filter(api.SubmittedNotebook.notebook_id == self._notebook)
        )
        found: dict[str, Known] = {}
        for student, timestamp, cell, auto, manual in submissions:
            known = found.setdefault(student, Known(timestamp))
            if cell in self.cells:
                known.scores[cell] = auto
            if manual is not None:
                known.manual[cell] = manual
        self._db.commit()
        return found

    def record(self, student: str, timestamp: datetime | None, marks: Marks) -> None:
        """Store the marks of one submission: all of them, or none.

        As ``nbgrader autograde`` stores them: an unknown student is made, unless the settings
        forbid it; points and comments that a person gave stay; the penalty for being late is
        found anew.

        Parameters
        ----------
        timestamp : datetime or None
            None leaves the one that is there.

        Raises
        ------
        UnknownStudent
            If the student is unknown, and may not be made.
        CourseError
            If the database cannot be written.
        """
        for tried in range(1, _TRIES + 1):
            try:
                self._record(student, timestamp, marks)
                self._db.commit()
                return
            except OperationalError as error:
                self._db.rollback()
                if tried == _TRIES:
                    raise CourseError(f"the gradebook cannot be written: {error}") from error
                time.sleep(tried)  # SQLite has waited for seconds already
            except BaseException:
                self._db.rollback()
                raise

    def _record(self, student: str, timestamp: datetime | None, marks: Marks) -> None:
        rows = self._rows_of(student) or self._new_rows(student)
        if timestamp is not None:
            rows.submission.timestamp = timestamp
        grade_names, comment_names = self._rows[self._notebook]
        for grade in rows.grades:
            name = grade_names.get(grade.cell_id)
            if name not in self.cells:
                continue  # a task cell, which a person marks, or one that is no longer there
            # a test cell that is not in the notebook has nothing to show
            grade.auto_score = marks.scores.get(name, 0.0)
            by_hand = grade.manual_score is not None or grade.auto_score is None
            grade.needs_manual_grade = by_hand
        for comment in rows.comments:
            name = comment_names.get(comment.cell_id)
            if name in marks.comments:
                comment.auto_comment = marks.comments[name]
        rows.notebook.late_submission_penalty = None
        if self._duedate is not None:
            self._db.flush()
            self._penalise(student, rows)

    def _penalise(self, student: str, rows: "_Rows") -> None:
        late = rows.submission.total_seconds_late
        if late > 0:
            of_notebook = self._db.query(api.SubmittedNotebook.score).filter_by(id=rows.notebook.id)
            score = of_notebook.scalar()
            plugin = self._course.penalties.plugin_inst
            penalty = plugin.late_submission_penalty(student, score, late)
            if penalty is not None:
                rows.notebook.late_submission_penalty = min(max(penalty, 0), score)

    def _rows_of(self, student: str) -> "_Rows | None":
        """Return the rows of a submission that is there, made where cells are new."""
        # not the columns that nbgrader computes: each is a query over the student's grades
        submission = (
            self._db.query(api.SubmittedAssignment)
            .options(
                load_only(api.SubmittedAssignment.timestamp, api.SubmittedAssignment.extension)
            )
            .filter_by(assignment_id=self._assignment, student_id=student)
            .one_or_none()
        )
        if submission is None:
            return None
        notebook = (
            self._db.query(api.SubmittedNotebook)
            .options(load_only(api.SubmittedNotebook.late_submission_penalty))
            .filter_by(assignment_id=submission.id, notebook_id=self._notebook)
            .one_or_none()
        )
        if notebook is None:
            return _Rows(submission, *self._new_notebook(submission.id, self._notebook))
        grade_names, comment_names = self._rows[self._notebook]
        grade_columns = (api.Grade.cell_id, api.Grade.auto_score, api.Grade.manual_score)
        return _Rows(
            submission,
            notebook,
            self._own(api.Grade, notebook.id, grade_names, grade_columns),
            self._own(
                api.Comment,
                notebook.id,
                comment_names,
                (api.Comment.cell_id, api.Comment.auto_comment),
            ),
        )

    def _own(self, kind: type, notebook: str, cells: Mapping[str, str], columns: tuple) -> list:
        rows = self._db.query(kind).options(load_only(*columns)).filter_by(notebook_id=notebook)
        found = rows.all()
        missing = cells.keys() - {row.cell_id for row in found}
        new = [kind(cell_id=cell, notebook_id=notebook) for cell in missing]
        self._db.add_all(new)
        return found + new

    def _new_rows(self, student: str) -> "_Rows":
        """Add what ``Gradebook.add_submission`` adds, and the student; nothing is queried."""
        if self._db.query(api.Student.id).filter_by(id=student).scalar() is None:
            if not self._course.autograde.create_student:
                raise UnknownStudent(student)
            self._db.add(api.Student(id=student))
        submission = api.SubmittedAssignment(
            id=api.new_uuid(), assignment_id=self._assignment, student_id=student
        )
        self._db.add(submission)
        made = {id: self._new_notebook(submission.id, id) for id in self._rows}
        return _Rows(submission, *made[self._notebook])

    def _new_notebook(
        self, submission: str, id: str
    ) -> tuple[api.SubmittedNotebook, list[api.Grade], list[api.Comment]]:
        notebook = api.SubmittedNotebook(
            id=api.new_uuid(), notebook_id=id, assignment_id=submission
        )
        grade_names, comment_names = self._rows[id]
        grades = [api.Grade(cell_id=cell, notebook_id=notebook.id) for cell in grade_names]
        comments = [api.Comment(cell_id=cell, notebook_id=notebook.id) for cell in comment_names]
        self._db.add_all([notebook, *grades, *comments])
        return notebook, grades, comments


@dataclass(frozen=True)
class _Rows:
    """The rows of one submission that a grader fills."""

    submission: api.SubmittedAssignment
    notebook: api.SubmittedNotebook
    grades: list[api.Grade]
    comments: list[api.Comment]


def _open(course: ClassFolder) -> Gradebook:
    before = os.environ.get("PATH", "")
    # nbgrader calls alembic by its name where the database is new
    os.environ["PATH"] = with_own_programs()["PATH"]
    try:
        return Gradebook(course.settings.db_url, course.settings.course_id)
    except (SQLAlchemyError, ImportError) as error:
        url = make_url(course.settings.db_url).render_as_string(hide_password=True)
        raise CourseError(f"the gradebook {url} cannot be opened: {error}") from error
    finally:
        os.environ["PATH"] = before
