"""What stands on top of a feedback page: the mark, and a row for each exercise."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from bplab.grading.feedback.notes import Notes
from bplab.grading.gradebook import Mark, NotebookMarks
from bplab.grading.records import (
    TEST,
    UNSEEN,
    Record,
    Told,
    grade_id,
    noted,
    record_in,
    task_by_id,
    told,
)

__all__ = ["Row", "Summary", "summary"]


@dataclass(frozen=True)
class Row:
    """How an exercise went.

    Attributes
    ----------
    cell : str
        The graded cell.
    name, title : str
        What the exercise is called: ``equation (4)``, and what it is about.
    points, most : float
    by_hand : bool
        Whether a person gave the points.
    verdict : str
        ``right``, ``part``, ``none``, ``missing`` or ``waiting``.
    told : Told or None
        What the check says, if it said anything.
    notes : tuple of str
        The instructor's notes, as HTML.
    comment : str
        The cell with a person's comment, if there is one.
    """

    cell: str
    name: str
    title: str
    points: float
    most: float
    by_hand: bool
    verdict: str
    told: Told | None
    notes: tuple[str, ...]
    comment: str = ""


@dataclass(frozen=True)
class Summary:
    """All of it.

    Attributes
    ----------
    mark : float
        After a late penalty.
    score, most, late_penalty : float
    waiting : bool
        Whether something has still to be marked by hand.
    rows : tuple of Row
        In the notebook's order.
    """

    mark: float
    score: float
    most: float
    late_penalty: float
    waiting: bool
    rows: tuple[Row, ...]


def summary(
    cells: Sequence[NotebookNode], marks: NotebookMarks, student: str, notes: Notes
) -> Summary:
    """Return what a student has in one notebook.

    Parameters
    ----------
    cells : sequence of NotebookNode
        Of the graded notebook, as the grader left it: a record of an earlier version counts, too.
    marks : NotebookMarks
    student : str
        An id.
    notes : Notes
    """
    mark = marks.marks[student]
    comments = marks.comments.get(student, {})
    rows: list[Row] = []
    for cell in cells:
        id = grade_id(cell)
        if id in marks.max_points and id not in {row.cell for row in rows}:
            rows.append(_row(cell, id, mark, marks.max_points[id], comments, notes))
    waiting = any(row.verdict == "waiting" for row in rows)
    return Summary(mark.final, mark.score, marks.max_score, mark.late_penalty, waiting, tuple(rows))


def _row(
    cell: NotebookNode, id: str, mark: Mark, most: float, comments: dict[str, str], notes: Notes
) -> Row:
    exercise = id.removeprefix(TEST)
    task = task_by_id(exercise)
    record = record_in(cell) if noted(cell).get("locked") else None
    if record is not None and record.exercise != exercise:
        record = None
    points = mark.points.get(id, 0.0)
    return Row(
        cell=id,
        name=task.equation if task else exercise,
        title=task.title if task else "",
        points=points,
        most=most,
        by_hand=id in mark.by_hand,
        verdict=_verdict(record, points, most, mark, id),
        told=told(task, record) if task and record else None,
        notes=tuple(notes.about(exercise, record)),
        comment=next((one for one in (id, exercise) if comments.get(one)), ""),
    )


def _verdict(record: Record | None, points: float, most: float, mark: Mark, id: str) -> str:
    if id not in mark.by_hand and mark.automatic.get(id) is None:
        return "waiting"
    if points >= most:
        return "right"
    if points > 0:
        return "part"
    return "missing" if record is not None and record.mistake in UNSEEN else "none"
