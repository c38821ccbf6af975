"""The released notebook of section 2.1, and small edits that make submissions of it.

Its demonstrations (figures, training, sliders) are left out: they would take most of the time, and
nothing here is about them.
"""

import copy
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bplab.course import Course, instructor_notebook, solved
from bplab.exercises import TASKS

ASSIGNMENT = "section_2_1"

Notebook = dict[str, Any]
Edit = Callable[[Notebook], None]

POINTS: Mapping[str, int] = {
    task.id: task.points for task in TASKS.values() if task.notebook == ASSIGNMENT
}
"""Points of each exercise of the notebook."""

ALL = sum(POINTS.values())

FUNCTIONS: Mapping[str, str] = {id: TASKS[id].function for id in POINTS}
"""Name of the function that each exercise asks for."""

WRONG: Mapping[str, str] = {
    "eq4": """
def grad_beta(Y, A, Z, T, F, g):
    return np.zeros((Y.shape[1], Z.shape[1] + 1))
""",
    "eq5": """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    return np.zeros((Z.shape[1], X.shape[1] + 1))
""",
    "eq6": """
def backward_output(Y, A, Z, T, F, g):
    return np.zeros(Y.shape), np.zeros((Y.shape[1], Z.shape[1] + 1))
""",
    "eq7": """
def backward_hidden(X, A, Z, delta, beta, sigma):
    return np.zeros((Z.shape[1], X.shape[1] + 1))
""",
}
"""Answers of the right shapes and types, and all zero: worth nothing."""

CHEAT: Mapping[str, str] = {
    "eq4": """
def grad_beta(Y, A, Z, T, F, g):
    return cheat("grad_beta", Y, A, Z, T, F, g)
""",
    "eq5": """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    return cheat("grad_alpha", X, Y, A, Z, T, F, beta, sigma, g)
""",
    "eq6": """
def backward_output(Y, A, Z, T, F, g):
    return cheat("backward_output", Y, A, Z, T, F, g)
""",
    "eq7": """
def backward_hidden(X, A, Z, delta, beta, sigma):
    return cheat("backward_hidden", X, A, Z, delta, beta, sigma)
""",
}
"""Answers that come from a function of the student's, ``cheat(name, *arguments)``."""

LIE: Mapping[str, str] = {
    "eq4": """
def grad_beta(Y, A, Z, T, F, g):
    return lie(Y.shape[1], Z.shape[1] + 1)
""",
    "eq5": """
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    return lie(Z.shape[1], X.shape[1] + 1)
""",
    "eq6": """
def backward_output(Y, A, Z, T, F, g):
    return lie(*Y.shape), lie(Y.shape[1], Z.shape[1] + 1)
""",
    "eq7": """
def backward_hidden(X, A, Z, delta, beta, sigma):
    return lie(Z.shape[1], X.shape[1] + 1)
""",
}
"""Answers that are objects of the student's, ``lie(rows, columns)``."""


@cache
def _text() -> str:
    notebook = json.loads(Course.find().release_file(ASSIGNMENT).read_text(encoding="utf-8"))
    first = imports(notebook)
    notebook["cells"] = [
        cell
        for i, cell in enumerate(notebook["cells"])
        if i <= first or cell["cell_type"] != "code" or "nbgrader" in cell["metadata"]
    ]
    return json.dumps(notebook)


@cache
def right_answers() -> Mapping[str, str]:
    """Return the source of every solution cell of the solved notebook, by its id."""
    whole = solved(instructor_notebook(Course.find().notebooks / f"{ASSIGNMENT}.py"))
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in whole.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def released() -> Notebook:
    """Return the notebook as students get it."""
    return json.loads(_text())


def handed_in(answers: Mapping[str, str], *edits: Edit) -> Notebook:
    """Return a notebook with these solution cells, edited."""
    notebook = released()
    write(notebook, **answers)
    for edit in edits:
        edit(notebook)
    return notebook


def right_notebook(*edits: Edit) -> Notebook:
    """Return the solved notebook, edited."""
    return handed_in(right_answers(), *edits)


# --- edits ----------------------------------------------------------------------------------


def write(notebook: Notebook, **sources: str) -> None:
    """Fill in solution cells, by their ids (``half_eq4`` for ``half-eq4``)."""
    for id, source in sources.items():
        cell(notebook, id.replace("_", "-"))["source"] = source.strip("\n")


def cell(notebook: Notebook, id: str) -> dict[str, Any]:
    """Return the cell of this id, e.g. ``"eq4"`` or ``"test-eq4"``."""
    return notebook["cells"][place(notebook, id)]


def place(notebook: Notebook, id: str) -> int:
    """Return the index of a cell."""
    return next(i for i, cell in enumerate(notebook["cells"]) if cell.get("id") == id)


def own_cell(source: str, id: str = "own", **metadata: Any) -> dict[str, Any]:
    """Return a code cell as a student adds it."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id,
        "metadata": metadata,
        "outputs": [],
        "source": source.strip("\n"),
    }


def added(source: str, *, before: str | None = None) -> Edit:
    """Return an edit that adds a cell: after the imports, or before the cell of an id."""

    def edit(notebook: Notebook) -> None:
        at = place(notebook, before) if before else imports(notebook) + 1
        notebook["cells"].insert(at, own_cell(source, f"own-{at}"))

    return edit


def imports(notebook: Notebook) -> int:
    """Return the index of the cell with the imports."""
    code = (i for i, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code")
    return next(i for i in code if "import numpy" in "".join(notebook["cells"][i]["source"]))


def graded_cells(notebook: Notebook) -> list[dict[str, Any]]:
    """Return the cells that carry points."""
    return [c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]


def as_bytes(notebook: Notebook) -> bytes:
    """Return the file that is handed in."""
    return (json.dumps(copy.deepcopy(notebook), indent=1, ensure_ascii=False) + "\n").encode()
