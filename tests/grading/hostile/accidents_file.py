"""Accidents with the file: cells and metadata that are lost, formats, encodings, sizes."""

import base64
import json
from collections.abc import Callable
from typing import Any

import nbformat

from tests.grading.hostile.accident import edited, raw
from tests.grading.hostile.notebook import (
    ALL,
    POINTS,
    Notebook,
    as_bytes,
    cell,
    graded_cells,
    imports,
    own_cell,
    place,
    right_answers,
    right_notebook,
)

# --- cells ------------------------------------------------------------------------------------


def _remove(*ids: str) -> Callable[[Notebook], None]:
    def edit(notebook: Notebook) -> None:
        for id in ids:
            notebook["cells"].pop(place(notebook, id))

    return edit


def _twice(notebook: Notebook) -> None:
    for id in POINTS:
        for name in (id, f"test-{id}"):
            at = place(notebook, name)
            notebook["cells"].insert(at + 1, json.loads(json.dumps(notebook["cells"][at])))


def _twice_unfinished_first(notebook: Notebook) -> None:
    """A copy of the solution cell, left as it was; the work was done in the second."""
    for id in POINTS:
        at = place(notebook, id)
        starter = dict(
            notebook["cells"][at], source="def unfinished():\n    todo()", id=f"{id}-old"
        )
        notebook["cells"].insert(at, starter)


def _reordered(notebook: Notebook) -> None:
    solutions = [notebook["cells"].pop(place(notebook, id)) for id in POINTS]
    notebook["cells"].extend(reversed(solutions))


def _upside_down(notebook: Notebook) -> None:
    first = notebook["cells"].pop(imports(notebook))
    notebook["cells"] = [first, *reversed(notebook["cells"])]


def _elsewhere(notebook: Notebook) -> None:
    """The work is in a cell below the starter, which is as it was."""
    at = place(notebook, "eq5")
    notebook["cells"].insert(at + 1, own_cell(right_answers()["eq5"], "work"))
    notebook["cells"][at]["source"] = (
        "def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):\n    todo()"
    )


def _merged(notebook: Notebook) -> None:
    """All in one cell, as some tools export it; the course's cells are gone."""
    code = "\n\n".join("".join(right_answers()[id]) for id in POINTS)
    first = notebook["cells"][imports(notebook)]
    notebook["cells"] = [first, own_cell(code, "all")]


def _without_metadata(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one["metadata"] = {}


def _through_another_tool(notebook: Notebook) -> None:
    _without_metadata(notebook)
    for one in notebook["cells"]:
        one.pop("id")
    notebook["metadata"] = {"colab": {"provenance": []}}
    notebook["nbformat_minor"] = 0


def _ids(*made: Any) -> Callable[[Notebook], None]:
    def edit(notebook: Notebook) -> None:
        for i, one in enumerate(notebook["cells"]):
            one["id"] = made[i % len(made)]

    return edit


CELLS = (
    edited(
        "tests-deleted",
        "every test cell is deleted",
        _remove(*(f"test-{id}" for id in POINTS)),
        said="put back",
    ),
    edited("test-deleted", "one test cell is deleted", _remove("test-eq5"), said="put back"),
    edited(
        "solution-deleted",
        "one solution cell is deleted",
        _remove("eq5"),
        keeps=ALL - POINTS["eq5"],
        said="eq5",
    ),
    edited("cells-twice", "solution and test cells are there twice", _twice, said="more than once"),
    edited(
        "starter-above",
        "a copy of the starter above the solution",
        _twice_unfinished_first,
        said="more than once",
    ),
    edited("solutions-at-the-end", "solutions were moved below their tests", _reordered),
    edited("upside-down", "all cells but the imports in reverse order", _upside_down),
    edited("solution-elsewhere", "the work is in a cell below an untouched starter", _elsewhere),
    edited("merged", "all code in one cell, the rest deleted", _merged, said="put back|not there"),
    edited("metadata-stripped", "the metadata of all cells are gone", _without_metadata),
    edited("other-tool", "ids, metadata and kernel are gone", _through_another_tool),
    edited("ids-equal", "all cells have one id", _ids("same")),
    edited("ids-odd", "ids of odd kinds", _ids("with spaces", "x" * 300, 7, None, "ünï", "../..")),
    edited("ids-missing", "no cell has an id", lambda nb: [c.pop("id") for c in nb["cells"]]),
    edited(
        "solution-as-markdown",
        "a solution cell was turned into markdown",
        lambda nb: cell(nb, "eq5").update(cell_type="markdown"),
    ),
    edited(
        "tests-edited",
        "a print was added to every test cell",
        lambda nb: [c.update(source="".join(c["source"]) + "\nprint(1)") for c in graded_cells(nb)],
        said="put back",
    ),
)

# --- the file ---------------------------------------------------------------------------------


def _right() -> bytes:
    return as_bytes(right_notebook())


def _changed(**top: Any) -> Callable[[], bytes]:
    return lambda: as_bytes(right_notebook(lambda nb: nb.update(top)))


def _version_3() -> bytes:
    notebook = nbformat.reads(_right().decode(), as_version=4)
    return json.dumps(nbformat.convert(notebook, 3)).encode()


def _html() -> bytes:
    return b"<!DOCTYPE html>\n<html><body>section_2_1 <script>alert(1)</script></body></html>\n"


def _merge_conflict() -> bytes:
    head, tail = _right().split(b'"eq5"', 1)
    return head + b'"eq5"\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n' + tail


def _amid(*cells: Any) -> Callable[[Notebook], None]:
    """These cells before ``eq5``: what comes behind the last test may not be run at all."""

    def edit(notebook: Notebook) -> None:
        at = place(notebook, "eq5")
        notebook["cells"][at:at] = cells

    return edit


def _own(source: str, **more: Any) -> Callable[[Notebook], None]:
    return _amid(own_cell(source, "added") | more)


def _odd_cells(notebook: Notebook) -> None:
    odd = [
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 7, "metadata": None, "outputs": "none"},
        {"cell_type": "hologram", "source": ["x", 3], "metadata": []},
        "no cell",
        None,
        {"cell_type": "code", "metadata": {"nbgrader": 5}, "source": "1", "execution_count": "x"},
        {"cell_type": "markdown", "source": "x", "attachments": {"a.png": {"image/png": 5}}},
    ]
    _amid(*odd)(notebook)


def _large(notebook: Notebook) -> None:
    picture = base64.b64encode(bytes(range(256)) * 2**14).decode()  # 5.6 MB
    data = {"image/png": picture, "text/plain": "<Figure>"}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    notebook["cells"] += [
        own_cell("1", f"picture-{i}") | {"outputs": [output] * 6} for i in range(6)
    ]


def _junk(notebook: Notebook) -> None:
    notebook["metadata"] = {
        "kernelspec": 5,
        "language_info": ["python"],
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"x": "y"}}},
        "celltoolbar": "Create Assignment",
        "vscode": {"interpreter": {"hash": "0" * 64}},
        "nbgrader": [],
        "bplab": "none",
        "x" * 1000: {"y" * 1000: [[[[]]]]},
    }


FILES = (
    raw(
        "json-invalid",
        "something stands behind the JSON",
        lambda: _right() + b"}",
        keeps=0,
        said="JSON",
    ),
    raw(
        "json-truncated", "the file was cut off", lambda: _right()[:20_000], keeps=0, said="cut off"
    ),
    raw(
        "json-merge-conflict",
        "git's conflict marks in the file",
        _merge_conflict,
        keeps=0,
        said="git could not merge",
    ),
    raw("file-empty", "the file is empty", lambda: b"", keeps=0, said="empty"),
    raw("file-spaces", "the file holds spaces", lambda: b" \n" * 100, keeps=0, said="empty"),
    raw("file-html", "the HTML page was saved as .ipynb", _html, keeps=0, said="a web page"),
    raw("file-nulls", "a megabyte of null bytes", lambda: bytes(2**20), keeps=0, said="zero bytes"),
    raw(
        "file-binary",
        "a picture",
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        keeps=0,
        said="a picture",
    ),
    raw(
        "file-python",
        "the program instead of the notebook",
        lambda: b"import numpy as np\n",
        keeps=0,
        said="JSON",
    ),
    raw(
        "file-utf-16",
        "the file is encoded in UTF-16",
        lambda: _right().decode().encode("utf-16"),
        said="",
    ),
    raw("file-bom", "a byte order mark in front", lambda: b"\xef\xbb\xbf" + _right()),
    raw("file-crlf", "Windows' ends of lines", lambda: _right().replace(b"\n", b"\r\n")),
    raw("source-crlf", "and in the cells' text", lambda: _right().replace(b"\\n", b"\\r\\n")),
    raw("json-list", "a list", lambda: b"[1, 2]", keeps=0, said="not a notebook"),
    raw(
        "json-deep",
        "nested a hundred thousand deep",
        lambda: b"[" * 100_000,
        keeps=0,
        said="not a notebook",
    ),
    raw(
        "json-long-number",
        "a number of 10,000 digits",
        lambda: b'{"cells": ' + b"9" * 10_000 + b"}",
        keeps=0,
        said="not a notebook",
    ),
    raw(
        "json-no-cells",
        "a notebook without cells",
        lambda: b'{"nbformat": 4, "metadata": {}}',
        keeps=0,
        said="cells",
    ),
    raw("format-3", "format 3, of old tools", _version_3),
    raw("format-4.0", "format 4.0: cells have no ids", _changed(nbformat_minor=0)),
    raw("format-4.99", "a minor version of the future", _changed(nbformat_minor=99)),
    raw("format-5", "a major version of the future", _changed(nbformat=5)),
    raw("format-text", "the version is not a number", _changed(nbformat="4", nbformat_minor=None)),
    raw("metadata-null", "the notebook's metadata are null", _changed(metadata=None)),
    edited("metadata-junk", "junk in the notebook's metadata", _junk),
    edited("kernel-gone", "no kernel is named", lambda nb: nb["metadata"].pop("kernelspec")),
    edited(
        "kernel-other",
        "a kernel that is not there",
        lambda nb: nb["metadata"].update(
            kernelspec={"name": "conda-env-ml", "display_name": "ML", "language": "python"}
        ),
    ),
    edited("cells-odd", "things that are no cells among the cells", _odd_cells),
    edited(
        "numbers-odd",
        "NaN and infinity in the metadata",
        lambda nb: nb["metadata"].update(x=float("nan"), y=float("inf")),
    ),
    raw(
        "text-surrogate",
        "half a character, in a cell of the student's",
        lambda: json.dumps(right_notebook(_own("x = '\ud83d'"))).encode(),
    ),
    edited(
        "text-unicode",
        "characters that write from right to left, or not at all",
        _own("x = '\u202e\u200b\ufeff\u0007\U0001f600'  # \u2028"),
    ),
    edited("line-long", "a line of 1 MB", _own("x = '" + "x" * 10**6 + "'")),
    edited(
        "cells-many",
        "two hundred more cells",
        _amid(*(own_cell("1", f"many-{i}") for i in range(200))),
    ),
    edited(
        "attachments",
        "pictures pasted into text",
        _own("x", cell_type="markdown", attachments={"image.png": {"image/png": "x" * 10**6}}),
    ),
    edited("file-200-MB", "200 MB of pictures in the outputs", _large, keeps=ALL),
)

IN_FILES = (*CELLS, *FILES)
