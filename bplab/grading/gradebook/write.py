"""Write marks into the gradebook, one transaction for each submission."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from nbformat import NotebookNode
from nbgrader import api
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task
from sqlalchemy.orm import load_only

from bplab.course import CourseError
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook.dates import due_at, seconds_late
from bplab.grading.gradebook.patient import patiently
from bplab.grading.gradebook.read import Mark, open_gradebook, read_marks
from bplab.grading.records import grade_id, record_in

__all__ = ["Book", "Marks", "UnknownStudent", "marks_of"]


@dataclass(frozen=True)
class Marks:
    """The marks in one graded notebook.

    Attributes
    ----------
    scores : dict of str to float or None
        Points of each grade cell, by its id; None if a person has to mark it.
    comments : dict of str to str or None
        nbgrader's automatic comment on each cell that a student writes, by its id.
    mistakes : dict of str to str or None
        Named mistake of each grade cell with a record, by its id; None if it passed.
    """

    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    mistakes: dict[str, str | None] = field(default_factory=dict)


def marks_of(notebook: NotebookNode, starters: Mapping[str, str]) -> Marks:
    """Return the marks of a graded notebook, as nbgrader's ``SaveAutoGrades`` would store them.

    Parameters
    ----------
    notebook : NotebookNode
        A graded one, with outputs in its test cells.
    starters : mapping of str to str
        Checksum of each cell as it was released, by its id.
    """
    marks = Marks()
    for cell in notebook.cells:
        if not (is_grade(cell) or is_solution(cell) or is_task(cell)):
            continue
        id = grade_id(cell)
        if is_grade(cell):
            marks.scores[id], _ = determine_grade(cell)
            if (record := record_in(cell)) is not None:
                marks.mistakes[id] = record.mistake
        if is_solution(cell) or is_task(cell):
            untouched = not is_task(cell) and _checksum(cell) == starters.get(id)
            marks.comments[id] = "No response." if untouched else None
    return marks


def _checksum(cell: NotebookNode) -> str:
    try:
        return compute_checksum(cell)
    except UnicodeEncodeError:  # half a character, which no starter has
        return ""


class UnknownStudent(LookupError):
    """The gradebook does not have a student, and the settings forbid adding one."""


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
        self._gradebook = open_gradebook(course, new=True)
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
        """Keep the ids of the assignment's rows, which do not change while the book is open."""
        again = f"run {self._course.how_to_release(self._name)}, then this again"
        try:
            assignment = self._gradebook.find_assignment(self._name)
            self._gradebook.find_notebook(self._name, self._name)
        except api.MissingEntry as error:
            self._refuse_several()
            raise CourseError(f"the gradebook does not know {self._name}: {again}") from error
        self._refuse_several()
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
            if known.keys() != cells.keys() and assignment.submissions:
                ids = ", ".join(sorted(known.keys() ^ cells.keys()))
                raise CourseError(
                    "the released notebook and the gradebook do not have the same graded cells "
                    f"({ids}), and nbgrader adds or removes none once somebody has a mark. Put "
                    "them back as they were, with 0 points where they should no longer count, "
                    "or give the new notebook, and its folder, another name; then run "
                    f"'nbgrader generate_assignment'. All marks of {self._name} are as they were"
                )
            raise CourseError(
                "the released notebook and the gradebook do not have the same cells and points "
                f"({', '.join(differing)}): {again}"
            )
        self.cells = known
        self._penalties = self._course.late_penalties(self._gradebook, self._name)
        self._db.commit()

    def _refuse_several(self) -> None:
        """Refuse an assignment of several notebooks, since only one of them would be graded."""
        known = {path.removesuffix(".ipynb") for path in self._course.notebooks(self._name)}
        with suppress(api.MissingEntry):
            known |= {one.name for one in self._gradebook.find_assignment(self._name).notebooks}
        if len(known) > 1:
            raise CourseError(
                f"{self._name} has several notebooks ({', '.join(sorted(known))}), and this "
                f"command grades one, {self._name}.ipynb: run 'nbgrader autograde {self._name}' in "
                f"{self._course.root}, or make each notebook an assignment of its own. "
                "Nothing was graded"
            )

    @property
    def _db(self):
        return self._gradebook.db

    def known(self) -> dict[str, Mark]:
        """Return the marks that the gradebook has, by student."""
        found = read_marks(self._gradebook, self._assignment, self._notebook)
        self._db.commit()
        return found

    def scores(self, marks: Marks) -> dict[str, float | None]:
        """Return the points to store for each grade cell; 0 if the notebook does not have it."""
        return {cell: marks.scores.get(cell, 0.0) for cell in self.cells}

    def record(self, student: str, timestamp: datetime | None, marks: Marks) -> None:
        """Store all marks of one submission, or none if that fails.

        They are stored as ``nbgrader autograde`` does: an unknown student is added unless the
        settings forbid it, points and comments that a person gave stay, and the penalty for being
        late is computed again.

        Parameters
        ----------
        student : str
        timestamp : datetime or None
            When it was handed in, UTC; None keeps the time that the gradebook has.
        marks : Marks

        Raises
        ------
        UnknownStudent
            If the student is unknown, and may not be added.
        CourseError
            If the database cannot be written.
        """
        patiently(self._db, lambda: self._record(student, timestamp, marks))

    def _record(self, student: str, timestamp: datetime | None, marks: Marks) -> None:
        rows = self._rows_of(student) or self._new_rows(student)
        if timestamp is not None:
            rows.submission.timestamp = timestamp
        grade_names, comment_names = self._rows[self._notebook]
        scores = self.scores(marks)
        for grade in rows.grades:
            name = grade_names.get(grade.cell_id, "")
            if name not in self.cells:
                continue  # a task cell, which a person marks, or a cell that was removed since
            grade.auto_score = scores[name]
            by_hand = grade.manual_score is not None or grade.auto_score is None
            grade.needs_manual_grade = by_hand
        for comment in rows.comments:
            name = comment_names.get(comment.cell_id, "")
            if name in marks.comments:
                comment.auto_comment = marks.comments[name]
        self._penalise(student, rows)

    def _penalise(self, student: str, rows: "_Rows") -> None:
        late = self._late(rows.submission.timestamp, rows.submission.extension)
        rows.notebook.late_submission_penalty = None
        if late:
            self._db.flush()
            of_notebook = self._db.query(api.SubmittedNotebook.score).filter_by(id=rows.notebook.id)
            taken = self.penalty(student, of_notebook.scalar(), late)
            rows.notebook.late_submission_penalty = taken or None

    def _late(self, handed_in: datetime | None, extension: timedelta | None) -> float | None:
        return seconds_late(due_at(self._duedate, extension), handed_in)

    @cached_property
    def _dates(self) -> dict[str, tuple[datetime | None, timedelta | None]]:
        """When each student handed in, and how much more time each has."""
        columns = (
            api.SubmittedAssignment.student_id,
            api.SubmittedAssignment.timestamp,
            api.SubmittedAssignment.extension,
        )
        rows = self._db.query(*columns).filter_by(assignment_id=self._assignment).all()
        self._db.commit()
        return {student: (at, extension) for student, at, extension in rows}

    def late(self, student: str, handed_in: datetime | None) -> float | None:
        """Return how many seconds late a submission is, by the current due date and extension.

        Parameters
        ----------
        student : str
        handed_in : datetime or None
            UTC; None stands for the time that the gradebook has.

        Returns
        -------
        float or None
            None if either date is unknown.
        """
        at, extension = self._dates.get(student, (None, None))
        return self._late(handed_in or at, extension)

    def penalty(self, student: str, score: float, late: float | None) -> float:
        """Return the points that are taken off for being late, from 0 to ``score``.

        Parameters
        ----------
        student : str
        score : float
            Points before the penalty.
        late : float or None
            Seconds late; None if unknown, which costs nothing.
        """
        if not late:
            return 0.0
        taken = self._penalties.late_submission_penalty(student, score, late)
        return min(max(taken or 0.0, 0.0), max(score, 0.0))

    def set_penalty(self, student: str, penalty: float) -> None:
        """Store the late penalty of a submission that is otherwise kept as it was graded."""
        patiently(self._db, lambda: self._set_penalty(student, penalty))

    def _set_penalty(self, student: str, penalty: float) -> None:
        of_student = self._db.query(api.SubmittedAssignment.id).filter_by(
            assignment_id=self._assignment, student_id=student
        )
        notebook = (
            self._db.query(api.SubmittedNotebook)
            .options(load_only(api.SubmittedNotebook.late_submission_penalty))
            .filter_by(assignment_id=of_student.scalar(), notebook_id=self._notebook)
            .one()
        )
        notebook.late_submission_penalty = penalty or None

    def _rows_of(self, student: str) -> "_Rows | None":
        """Return a submission's rows, with new ones for new cells; None if it has none yet."""
        # without the columns that nbgrader computes: each is a query over the student's grades
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
        """Add the rows that ``Gradebook.add_submission`` adds, and the student if unknown."""
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
    """The rows of one submission that grading fills in."""

    submission: api.SubmittedAssignment
    notebook: api.SubmittedNotebook
    grades: list[api.Grade]
    comments: list[api.Comment]
