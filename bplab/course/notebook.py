"""One text notebook: complete it for nbgrader, solve it for readers, run it.

The text (Jupytext percent format) says where an exercise is; its points, its checks and its
signature come from the `Task` that the cell names.
"""

import ast
import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import jupytext
import nbformat
from nbformat import NotebookNode

from bplab.course.explained import put_questions
from bplab.course.layout import CourseError
from bplab.course.stills import add_png
from bplab.exercises import TASKS, Task

__all__ = ["HALF", "INSTALL", "instructor_notebook", "run", "solved"]

HALF = "half-"
"""A cell ``half-eq4`` is a step of `eq4` with gaps to fill in, before the exercise itself."""

_SECOND = re.compile(r"-\d$")
"""The end of the name of a second such cell, as in ``half-eq17-2``."""

INSTALL = "install"
"""The id of the cell that installs bplab where it is missing."""

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_INSTALL = nbformat.v4.new_code_cell(
    id=INSTALL,
    source="""\
try:
    import bplab
except ModuleNotFoundError:  # as on Colab; where bplab is installed, this cell does nothing
    %pip install --quiet "bplab @ git+https://github.com/OWNER/bplab"\
""",
)
"""The first code cell of every notebook. It is not in the text notebooks, since cell ids are made
from the text of cells, and would change with the address."""

_SOLUTION_MARK = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)
_HIDDEN_TESTS = re.compile(
    r"\n*^[ \t]*### BEGIN HIDDEN TESTS.*?^[ \t]*### END HIDDEN TESTS[ \t]*\n?",
    re.MULTILINE | re.DOTALL,
)


def instructor_notebook(
    path: Path, explain_points: Mapping[str, float] = MappingProxyType({})
) -> NotebookNode:
    """Read a text notebook, and add ids, points, hidden checks, and a cell that installs bplab.

    Parameters
    ----------
    path : Path
        A notebook in Jupytext percent format. A solution cell is marked
        ``nbgrader={"grade_id": "eq4", "solution": true}``, its test cell
        ``nbgrader={"grade_id": "test-eq4", "grade": true}``, and a half-worked step, whose gaps
        the learner fills in and nobody grades, ``{"grade_id": "half-eq4", "solution": true}``;
        a second one is ``half-eq4-2``.
    explain_points : mapping of str to float
        Points for questions on the learner's own code, by the exercise's id. Cells that ask them
        are put after its test cell.

    Raises
    ------
    CourseError
        If a cell does not fit the exercise that it names, or an exercise of this notebook is
        missing.
    """
    notebook = jupytext.read(path, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(
        {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "nbgrader" in cell.metadata:
            _complete(cell, path)
        cell.id = _cell_id(cell, seen)
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    for first in code[:1]:
        notebook.cells.insert(first, nbformat.from_dict(_INSTALL))
    _check_exercises(notebook, path)
    put_questions(notebook, explain_points)
    nbformat.validate(notebook)
    return notebook


def _complete(cell: NotebookNode, path: Path) -> None:
    """Fill in a cell's metadata for nbgrader, from the exercise that it names."""
    given = cell.metadata["nbgrader"]
    grade_id = given.get("grade_id", "")
    is_test = bool(given.get("grade"))
    half_worked = grade_id.startswith(HALF)
    named = grade_id.removeprefix("test-" if is_test else HALF)
    exercise = TASKS.get(_SECOND.sub("", named) if half_worked else named)
    if exercise is None or is_test != grade_id.startswith("test-"):
        raise CourseError(
            f"{path}: grade_id {grade_id!r} names no exercise; a solution cell has an id such as "
            f'"eq4", its test cell "test-eq4", a half-worked step before it "{HALF}eq4". '
            f"Known: {', '.join(TASKS)}"
        )
    cell.metadata["nbgrader"] = {
        "grade": is_test,
        "grade_id": grade_id,
        "locked": is_test,
        "schema_version": 3,
        "solution": not is_test,
        "task": False,
    }
    if is_test:
        _complete_test(cell, exercise, path)
    elif half_worked:
        # its gaps are not graded, and a learner who leaves them open may still go on
        cell.metadata["tags"] = ["raises-exception"]
        _check_marked(cell, grade_id, path)
    else:
        _check_signature(cell, exercise, path)


def _complete_test(cell: NotebookNode, exercise: Task, path: Path) -> None:
    visible = f'check("{exercise.id}", {exercise.function})'
    if cell.source.strip() != visible:
        raise CourseError(f"{path}: the test cell of {exercise.id} must read: {visible}")
    cell.metadata["nbgrader"]["points"] = exercise.points
    # the notebook goes on after a failed check, so that "run all" reaches the end
    cell.metadata["tags"] = ["raises-exception"]
    cell.source = (
        f"{visible}\n### BEGIN HIDDEN TESTS\n"
        f'check("{exercise.id}", {exercise.function}, hidden=True)\n### END HIDDEN TESTS'
    )


def _check_signature(cell: NotebookNode, exercise: Task, path: Path) -> None:
    functions = [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]
    found = [f"{f.name}({ast.unparse(f.args)})" for f in functions]
    if exercise.signature not in found:
        raise CourseError(
            f"{path}: the solution cell of {exercise.id} must define {exercise.signature}; "
            f"it defines {', '.join(found) or 'no function'}"
        )
    _check_marked(cell, exercise.id, path)


def _check_marked(cell: NotebookNode, grade_id: str, path: Path) -> None:
    if "### BEGIN SOLUTION" not in cell.source:
        raise CourseError(
            f"{path}: the solution of {grade_id} is not marked; put it between the lines "
            "### BEGIN SOLUTION and ### END SOLUTION"
        )


def _check_exercises(notebook: NotebookNode, path: Path) -> None:
    ids = [c.metadata["nbgrader"]["grade_id"] for c in notebook.cells if "nbgrader" in c.metadata]
    found = [grade_id for grade_id in ids if not grade_id.startswith(HALF)]
    wanted = [
        grade_id
        for e in TASKS.values()
        if e.notebook == path.stem
        for grade_id in (e.id, f"test-{e.id}")
    ]
    if sorted(found) != sorted(wanted):
        raise CourseError(
            f"{path}: the exercises of this notebook are {', '.join(wanted) or 'none'}; "
            f"its cells have {', '.join(found) or 'none'}"
        )


def _cell_id(cell: NotebookNode, seen: dict[str, int]) -> str:
    """Return an id that does not depend on the cells before: from the exercise, or the text."""
    if "nbgrader" in cell.metadata:
        return cell.metadata["nbgrader"]["grade_id"]
    digest = hashlib.sha256(f"{cell.cell_type}:{cell.source}".encode()).hexdigest()[:8]
    seen[digest] = seen.get(digest, 0) + 1
    return digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def solved(notebook: NotebookNode) -> NotebookNode:
    """Return the instructor's notebook for readers, without markers and hidden checks."""
    notebook = nbformat.from_dict(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = _HIDDEN_TESTS.sub("", _SOLUTION_MARK.sub("", cell.source)).strip("\n")
    return notebook


async def run(notebook: NotebookNode) -> NotebookNode:
    """Execute a notebook; any error stops the build. Of widgets, only still pictures are kept."""
    from nbclient import NotebookClient

    for cell in notebook.cells:
        if "raises-exception" in cell.metadata.get("tags", []):
            cell.metadata.pop("tags")
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=120,
            coalesce_streams=True,
            store_widget_state=False,
            extra_arguments=["--log-level=ERROR"],  # newer kernels warn about local connections
            resources={"metadata": {"path": folder}},
        )
        await client.async_execute(
            env={**os.environ, "BPLAB_PROGRESS": "progress"}
        )  # in that folder
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop("application/vnd.jupyter.widget-view+json", None)
            add_png(data)
        if cell.cell_type == "code":
            cell.outputs = _left(cell.outputs)
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = nbformat.from_dict({"name": "python"})
    return notebook


def _left(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs that a fast machine would give, where no check has to show its progress.

    A check that takes long shows its progress in an output, and empties that when it ends. Such
    outputs are dropped, and the text before and after them is joined.
    """
    left: list[NotebookNode] = []
    for output in outputs:
        before = left[-1] if left else {}
        if output.output_type == "display_data" and not any(output.data.values()):
            continue
        if output.output_type == "stream" and before.get("name") == output.name:
            before["text"] += output.text
        else:
            left.append(output)
    return left
