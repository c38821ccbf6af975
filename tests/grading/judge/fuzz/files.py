"""Notebooks as students hand them in, changed, and put into order."""

import codecs
import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import nbformat
from hypothesis import strategies as st
from nbformat import NotebookNode

from bplab.course import Course
from bplab.grading import handed_in
from bplab.grading.handed_in import Assignments, Unfit, read_notebook
from bplab.grading.inert import inert
from bplab.grading.judge.restore import restore
from tests.grading.hostile.notebook import own_cell, released, right_answers
from tests.grading.judge.fuzz.mutations import ODD, as_json, lowered, mutate
from tests.grading.judge.fuzz.shown import PICTURE, check_inert, outputs

MAX_CELLS = 40
KEPT = ("eq4", "test-eq4", "half-eq4", "eq5", "test-eq5")

# --- what comes -------------------------------------------------------------------------------


@cache
def _released() -> NotebookNode:
    """The released notebook, without most of its words."""
    notebook = released()
    cells = notebook["cells"]
    words = [cell for cell in cells if cell["cell_type"] == "markdown"][:2]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    notebook["cells"] = [c for c in cells if c in words or c in code[:1] or c["id"] in KEPT]
    return nbformat.reads(json.dumps(notebook), as_version=4)


@cache
def _course() -> Assignments:
    return Assignments.of_course(Course.find())


WORDS = (
    *("print(1)", "x = 'ü'\r\ny = 1", "# **bold**, $a$", "", "![a](attachment:a.png)"),
    *("a half \ud800", "a\x00b", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))"),
)
ATTACHED = (
    *({"a.png": {"image/png": PICTURE}}, {"a\ud800.png": {"image/png": PICTURE}}, {}),
    *({"a.png": {"text/html": "<script>"}}, {"a.png": {"image/png": "x"}}, {"a.png": 5}, ["a.png"]),
)


def _own() -> Iterator[dict[str, Any]]:
    """Cells that students add."""
    shown = list(outputs())
    for i, words in enumerate(WORDS):
        cell = own_cell(words, ("own-1", "own-2", "eq4", "own 3", "x" * 65)[i % 5])
        yield {**cell, "outputs": shown[i::9]}
        lines = words.splitlines(keepends=True)
        yield {**cell, "source": lines}
        yield {**cell, "source": [*lines, None]}
        for kind in ("markdown", "raw", "heading"):
            about = {"cell_type": kind, "id": f"{kind}-{i}", "metadata": {}, "source": words}
            yield {**about, "attachments": ATTACHED[i % 7]}


OWN = st.sampled_from(list(_own()))


@st.composite
def submitted(draw) -> tuple[bytes, bool]:
    """A file, and whether it is one that a notebook editor has written."""
    notebook = copy.deepcopy(_honest())
    cells = notebook["cells"]
    for _ in range(draw(st.integers(0, 3))):
        cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(draw(OWN)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        at = draw(st.integers(0, len(cells) - 1))
        if draw(st.booleans()):
            cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(cells[at]))
        else:
            cells.pop(at)
    if draw(st.integers(0, 9)) == 0:
        cells *= draw(st.integers(1, 5))
    if draw(st.integers(0, 9)) == 0:
        notebook = _of_version_3(notebook)
    honest = len(cells) <= MAX_CELLS and not any(None in list(c["source"]) for c in cells)
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 3]))):
        honest = False
        cells = notebook.get("cells") if isinstance(notebook, dict) else None
        match draw(st.sampled_from(["all", "key", *["cell"] * 3, *["cell's key"] * 3])):
            case "cell" if isinstance(cells, list) and cells:
                at = draw(st.integers(0, len(cells) - 1))
                root = cells[at : at + 1]
                mutate(draw, root)
                cells[at : at + 1] = root
            case "cell's key" if isinstance(cells, list) and cells:
                where = draw(st.sampled_from(cells))
                for inner in ("metadata", "nbgrader"):
                    if isinstance(where, dict) and draw(st.integers(0, 2)):
                        where = where.get(inner, where)
                _put_odd(draw, where)
            case "key":
                _put_odd(draw, notebook)
            case _:
                root = [notebook]
                mutate(draw, root)
                notebook = root[0] if root else {}
    raw = as_json(notebook)
    match draw(st.sampled_from([*("",) * 12, "bom", "utf-16", "cut", "bytes", "none"])):
        case "bom":
            raw = codecs.BOM_UTF8 + raw
        case "utf-16":
            raw = raw.decode().encode("utf-16")
        case "cut":
            raw, honest = raw[: draw(st.integers(0, len(raw) - 1))], False
        case "bytes":
            at = draw(st.integers(0, len(raw)))
            raw, honest = raw[:at] + draw(st.binary(min_size=1, max_size=4)) + raw[at:], False
        case "none":
            raw, honest = draw(st.binary(max_size=20)), False
    return raw, honest


def _put_odd(draw, where: Any) -> None:
    """Put anything in place of a value of a dictionary."""
    if isinstance(where, dict) and where:
        where[draw(st.sampled_from(list(where)))] = copy.deepcopy(draw(st.sampled_from(ODD)))


@cache
def _honest() -> dict[str, Any]:
    notebook = json.loads(nbformat.writes(_released()))
    for cell in notebook["cells"]:
        id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = right_answers().get(id, "".join(cell["source"]))
    return notebook


def _of_version_3(notebook: dict[str, Any]) -> dict[str, Any]:
    """As notebooks were once written."""
    cells = [
        {"cell_type": "code", "language": "python", "input": cell["source"], "outputs": []}
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": cell["source"], "metadata": cell["metadata"]}
        for cell in notebook["cells"]
    ]
    sheets = [{"cells": cells, "metadata": {}}]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "a"}, "worksheets": sheets}


# --- what is made of it -----------------------------------------------------------------------


def read_file(submitted: bytes, honest: bool) -> None:
    """A file becomes a notebook with all of the course's cells, or is refused."""
    with lowered(handed_in, MAX_CELLS=MAX_CELLS):
        try:
            read = read_notebook(submitted)
            assert len(read["cells"]) <= MAX_CELLS, "many cells"
            assert isinstance(_course().other(read, "section_1"), str)
            notebook, events = restore(read, _released())
        except Unfit:
            if honest:
                raise
            return
    _in_order(notebook)
    "\n".join(events).encode()
    inert(notebook)
    check_inert(notebook)
    _in_order(notebook)


def _in_order(notebook: NotebookNode) -> None:
    tests = {c.id: c for c in _released().cells if c.metadata.get("nbgrader", {}).get("grade")}
    graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert sorted(cell.id for cell in graded) == sorted(tests), "test cells are not the released"
    for cell in graded:
        assert cell.source == tests[cell.id].source
        assert cell.metadata.nbgrader == tests[cell.id].metadata.nbgrader
    ids = [cell.id for cell in notebook.cells]
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", id) for id in ids), "an id that is none"
    assert len(set(ids)) == len(ids), "two cells have one id"
    named = [c.metadata.nbgrader.grade_id for c in notebook.cells if "nbgrader" in c.metadata]
    assert len(set(named)) == len(named), "a solution is there twice"
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert type(cell.source) is str
        assert "\x00" not in cell.source, "a zero byte ends what Python reads"
        cell.source.encode()
