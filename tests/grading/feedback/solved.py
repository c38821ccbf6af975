"""Graded notebooks of the whole course: the solutions as they are published, with verdicts."""

import nbformat

from bplab.course import Course
from bplab.exercises import TASKS
from bplab.grading.feedback.exporter import page
from bplab.grading.feedback.notes import Notes
from bplab.grading.gradebook import Mark, NotebookMarks
from bplab.grading.records import TEST, Record, cell_outputs

SOLUTIONS = sorted((Course.find().root / "solutions").glob("*.ipynb"))


def page_of(path, records=None):
    """A solution's page: all right, but for these records, by exercise."""
    notebook = nbformat.read(path, as_version=4)
    points, most = {}, {}
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade") and about["grade_id"].startswith(TEST):
            task = TASKS[about["grade_id"].removeprefix(TEST)]
            right = Record(task.id, float(task.points), float(task.points))
            record = (records or {}).get(task.id, right)
            cell.outputs = cell_outputs(record)
            points[about["grade_id"]], most[about["grade_id"]] = record.points, record.max_points
    mark = Mark(0.0, None, False, points, dict(points), {})
    marks = NotebookMarks(sum(most.values()), most, {"ada": mark}, {})
    return page(notebook, path.stem, marks, "ada", Notes())
