"""The top of a feedback page: the mark, and a row for each exercise."""

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
        Id of the graded cell.
    name, title : str
        The exercise's name, such as ``equation (4)``, and what it is about.
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
        Id of the cell that has a comment on the exercise; empty if there is none.
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
    """A student's mark in one notebook, and what it is made of.

    Attributes
    ----------
    mark : float
        Points after the late penalty.
    score, most, late_penalty : float
        Points before the penalty, the most possible, and the penalty.
    waiting : bool
        Whether something is still to be marked by hand.
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
    """Return the summary of one student's notebook.

    Parameters
    ----------
    cells : sequence of NotebookNode
        Cells of the graded notebook as the grader left them, since records of earlier versions of
        bplab count, too.
    marks : NotebookMarks
    student : str
        Id of the student.
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
