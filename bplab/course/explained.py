"""Questions on the student's own code that earn points: how many, and their cells in a notebook.

By itself, the course gives no points for them. A course's ``nbgrader_config.py`` may give some:
``c.Explain.points = {"eq5": 1}``.
"""

from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from bplab.counting import counted
from bplab.course.layout import CourseError
from bplab.exercises import EXERCISES, EXPLAIN, answer_line

__all__ = ["explain_points", "put_questions"]


def explain_points(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return the points for questions, by the exercise's id; exercises without any are left out.

    Parameters
    ----------
    settings : mapping
        The settings in ``nbgrader_config.py``.

    Raises
    ------
    CourseError
        If ``c.Explain.points`` is not a dictionary of points by exercise.
    """
    own = settings.get("Explain", {}).get("points", {})
    example = (
        'c.Explain.points = {"eq5": 1} in nbgrader_config.py gives a point for questions on eq5'
    )
    if not isinstance(own, Mapping):
        raise CourseError(f"{example}; c.Explain.points is {own!r}")
    for id, points in own.items():
        if id not in EXERCISES:
            raise CourseError(f"{example}; {id!r} is no exercise: {', '.join(EXERCISES)}")
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points < 1e6:
            raise CourseError(f"{example}; the points of {id} are {points!r}")
    every = {id: exercise.explain_points for id, exercise in EXERCISES.items()} | dict(own)
    return {id: points for id, points in every.items() if points}


_SAYS = """\
**Questions on your own code** ({points}). Run the next cell once your `{function}` has passed: it
asks about your lines. You may try out everything, a changed copy of your function above all. Your
letters go into the cell below it; feedback says what is right, and why. If you change your function
after that, run both cells again.\
"""


def put_questions(notebook: NotebookNode, points: Mapping[str, float]) -> None:
    """Put cells with questions after the test of each exercise that has points for them.

    The cell that asks is the graded one: when work is graded, its output says how the answers were
    judged. The answers are in the cell below it, which a student may edit, move or copy.

    Parameters
    ----------
    notebook : NotebookNode
        The instructor's notebook, which is changed.
    points : mapping of str to float
        Points by the exercise's id.
    """
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    imported = any("import explain" in text or "explain," in text for text in code)
    tests = {f"test-{id}": id for id in points}
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if id := tests.get(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id", "")):
            cells += _questions(id, points[id], imported=imported)
    notebook.cells = cells


def _questions(id: str, points: float, *, imported: bool) -> list[NotebookNode]:
    text = _SAYS.format(points=counted(points, "point"), function=EXERCISES[id].function)
    ask = f'explain("{id}", counts=True)'
    if not imported:
        ask = f"from bplab import explain\n\n{ask}"
    about = {
        "grade": True,
        "grade_id": f"{EXPLAIN}{id}",
        "locked": True,
        "points": points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    answers = f"from bplab import explained\n\n{answer_line(id)}"
    make = nbformat.v4
    return [
        make.new_markdown_cell(text, id=f"about-{EXPLAIN}{id}"),
        make.new_code_cell(ask, id=f"{EXPLAIN}{id}", metadata={"nbgrader": about}),
        make.new_code_cell(answers, id=f"answers-{id}"),
    ]
