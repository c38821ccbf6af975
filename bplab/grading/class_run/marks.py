"""From a graded notebook to what the gradebook is told of it, by nbgrader's own rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from bplab.exercises import RECORD_TYPE

__all__ = ["Marks", "as_text", "marks_of", "nothing_graded", "of_bplab", "parse"]

KEY = "bplab"  # of a notebook's metadata


@dataclass(frozen=True)
class Marks:
    """What one graded notebook tells.

    Attributes
    ----------
    scores : dict of str to float or None
        Points of each grade cell, by its id; None: a person has to mark it.
    comments : dict of str to str or None
        nbgrader's automatic comment on each cell that a student writes.
    mistakes : dict of str to str or None
        Named mistake of each grade cell with a record; None: it passed.
    """

    scores: dict[str, float | None] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)
    mistakes: dict[str, str | None] = field(default_factory=dict)


def parse(text: str) -> NotebookNode:
    """Return the notebook in a text that our own grader wrote: not validated again."""
    return nbformat.v4.reads(text)


def as_text(notebook: NotebookNode) -> str:
    """Return the text of a notebook as it is stored."""
    return nbformat.v4.writes(notebook) + "\n"


def of_bplab(notebook: NotebookNode) -> dict[str, Any]:
    """Return what the grader noted in the notebook's metadata, made if it is not there."""
    return notebook.metadata.setdefault(KEY, {})


def marks_of(notebook: NotebookNode, starters: Mapping[str, str]) -> Marks:
    """Return the marks of a graded notebook, as nbgrader's ``SaveAutoGrades`` would store them.

    Parameters
    ----------
    notebook : NotebookNode
        Graded: outputs are in its test cells.
    starters : mapping of str to str
        Checksum of each cell as it was released, by its id.
    """
    marks = Marks()
    for cell in notebook.cells:
        if not (is_grade(cell) or is_solution(cell) or is_task(cell)):
            continue
        id = cell.metadata["nbgrader"]["grade_id"]
        if is_grade(cell):
            marks.scores[id], _ = determine_grade(cell)
            for output in cell.get("outputs", ()):
                record = output.get("data", {}).get(RECORD_TYPE)
                if isinstance(record, dict):
                    marks.mistakes[id] = record.get("mistake")
        if is_solution(cell) or is_task(cell):
            untouched = not is_task(cell) and _checksum(cell) == starters.get(id)
            marks.comments[id] = "No response." if untouched else None
    return marks


def _checksum(cell: NotebookNode) -> str:
    try:
        return compute_checksum(cell)
    except UnicodeEncodeError:  # half of a letter: no starter has that
        return ""


def nothing_graded(release: str, mistake: str, why: str, noted: Mapping[str, Any]) -> NotebookNode:
    """Return the released notebook with 0 points everywhere, and why.

    Parameters
    ----------
    release : str
        Text of the released notebook.
    mistake : str
        What class reports call it.
    why : str
        One line; the student reads it, too.
    noted : mapping
        What the notebook's metadata are to say, as a grader would note it.
    """
    notebook = parse(release)
    for cell in notebook.cells:
        if not (is_grade(cell) and cell.cell_type == "code"):
            continue
        about = cell.metadata["nbgrader"]
        record = {
            "exercise": about["grade_id"].removeprefix("test-"),
            "passed": False,
            "mistake": mistake,
            "points": 0.0,
            "max_points": float(about["points"]),
            **dict(says=why, hint="", step="", seconds=0.0, note=why),
        }
        cell.outputs = [
            nbformat.v4.new_output("display_data", {"text/plain": why, RECORD_TYPE: record}),
            nbformat.v4.new_output("error", ename="NothingToGrade", evalue=why, traceback=[why]),
        ]
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Nothing was graded.** {why}"))
    notebook.metadata[KEY] = dict(noted)
    return notebook
