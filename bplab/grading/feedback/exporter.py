"""`FeedbackPage`: a graded notebook as a page for its student.

``course/nbgrader_config.py`` names it, so that `nbgrader generate_feedback` and formgrader make the
same pages as `bplab feedback`.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup
from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import default

from bplab.counting import counted
from bplab.exercises import EXPLAIN
from bplab.grading.feedback.cells import Pictures, code, outputs, text
from bplab.grading.feedback.markdown import as_html
from bplab.grading.feedback.notes import Notes
from bplab.grading.feedback.summary import Summary, summary
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import NotebookMarks, read_notebook
from bplab.grading.inert import inert
from bplab.grading.records import TEST, grade_id, noted

__all__ = ["FeedbackPage", "page"]

_ID = re.compile(r"[\w-]{1,80}")


class FeedbackPage(Exporter):
    """An nbconvert exporter; its parent is nbgrader's converter, which knows the class."""

    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self._marks: dict[tuple[str, str], NotebookMarks] = {}
        self._notes: Notes | None = None
        self.notices: Mapping[str, str] = {}

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Read a graded notebook, and make its page."""
        # nbformat.read would validate every cell, which takes longer than everything else here
        content = Path(filename).read_text(encoding="utf-8")
        notebook = nbformat.versions[4].reads(content)
        if not isinstance(notebook.get("cells"), list):
            raise ValueError(f"{filename} is not a notebook of format 4: it has no list of cells")
        return self.from_notebook_node(notebook, resources, **kw)

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Make the page of a graded notebook."""
        nb, made = super().from_notebook_node(nb, resources, **kw)
        whose = made["nbgrader"]
        assignment, name, student = whose["assignment"], whose["notebook"], whose["student"]
        converter: Any = self.parent
        folder = ClassFolder(converter.coursedir, self.config)
        if (assignment, name) not in self._marks:
            self._marks[assignment, name] = read_notebook(folder, assignment, name)
        if self._notes is None:
            self._notes = Notes.read(folder.root)
        marks = self._marks[assignment, name]
        if student not in marks.marks:
            raise ValueError(f"the gradebook has no mark of {student} in {assignment}")
        notice = self.notices.get(student, "")
        return page(nb, name, marks, student, self._notes, notice), made


def page(
    notebook: NotebookNode,
    name: str,
    marks: NotebookMarks,
    student: str,
    notes: Notes,
    notice: str = "",
) -> str:
    """Return a graded notebook's page.

    Parameters
    ----------
    notebook : NotebookNode
        The graded notebook, which is changed: it is made inert.
    name : str
        Name of the notebook.
    marks : NotebookMarks
    student : str
        Id of the student.
    notes : Notes
    notice : str
        Text for the top of the page.
    """
    told = summary(notebook.cells, marks, student, notes)
    comments = marks.comments.get(student, {})
    return _page(name, inert(notebook, judged=True), told, comments, notice)


def _page(
    name: str, notebook: NotebookNode, told: Summary, comments: Mapping[str, str], notice: str
) -> str:
    rows = {row.cell: row for row in told.rows}
    anchors = {
        id: f"cell-{id}" if _ID.fullmatch(id) else f"cell.{i}"
        for i, id in enumerate(_named(notebook))
    }
    ids = frozenset({"top", "notebook", *anchors.values()})
    room, seen, shown = Pictures(), set(), []
    for cell in notebook.cells:
        about = noted(cell)
        id = grade_id(cell)
        row = rows.get(id) if id not in seen else None
        is_code = cell.cell_type == "code"
        body = code(cell.source) if is_code else text(cell, ids)
        judged = row is not None and row.told is not None
        shown.append(
            {
                "anchor": anchors[id] if id in anchors and id not in seen else "",
                "row": row,
                "answer": bool(about.get("solution") or about.get("task")),
                "comment": Markup(as_html(comments[id], None, ids)) if comments.get(id) else "",
                "body": body,
                "outputs": outputs(cell, ids, room) if is_code and not judged else "",
            }
        )
        seen.add(id)
    return _template().render(
        title=name,
        told=told,
        notice=notice,
        cells=shown,
        anchors=anchors,
        answer_of=_answers(anchors),
    )


def _named(notebook: NotebookNode) -> list[str]:
    return list(dict.fromkeys(filter(None, map(grade_id, notebook.cells))))


def _answers(anchors: dict[str, str]) -> dict[str, str]:
    """Return the anchor of the answer that each graded cell judges: ``test-eq4`` judges ``eq4``."""
    about = {id: id.removeprefix(TEST).removeprefix(EXPLAIN) for id in anchors}
    return {id: anchors[own] for id, own in about.items() if own in anchors}


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("bplab.grading.feedback", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = lambda points: f"{points:.4g}"
    environment.filters["counted"] = counted
    environment.filters["html"] = Markup
    return environment.get_template("page.html.j2")
