"""A submission is put into order: the student's code, the course's test cells."""

import base64
import copy
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.course import Course, instructor_notebook, solved
from bplab.grading.judge.restore import (
    Unreadable,
    is_other,
    marks_of,
    read_notebook,
    restore,
)

NAME = "section_2_1"
COURSE = Course.find()
RELEASED = nbformat.read(COURSE.release_file(NAME), as_version=4)
SOLVED = solved(instructor_notebook(COURSE.notebooks / f"{NAME}.py"))
TESTS = [c for c in RELEASED.cells if c.metadata.get("nbgrader", {}).get("grade")]


def handed_in():
    return json.loads(nbformat.writes(SOLVED))


def restored(notebook):
    return restore(read_notebook(json.dumps(notebook).encode()), RELEASED)


def ids(notebook):
    found = [c.metadata.get("nbgrader", {}).get("grade_id") for c in notebook.cells]
    return [id for id in found if id]


def cell(notebook, id):
    cells = notebook["cells"]
    return next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == id)


def check_order(notebook):
    """What must hold whatever was handed in."""
    nbformat.validate(notebook)
    tests = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert sorted(c.id for c in tests) == sorted(c.id for c in TESTS)
    for test in tests:
        released = next(c for c in TESTS if c.id == test.id)
        assert (test.source, test.metadata) == (released.source, released.metadata)
    assert len(ids(notebook)) == len(set(ids(notebook)))
    assert len({c.id for c in notebook.cells}) == len(notebook.cells)
    assert notebook.metadata == RELEASED.metadata
    assert not any(c.get("outputs") for c in notebook.cells)


def test_an_honest_submission_stays_as_it_is():
    notebook, events = restored(handed_in())
    check_order(notebook)
    assert events == []
    assert [c.source for c in notebook.cells] == [c.source for c in SOLVED.cells]
    assert ids(notebook) == ids(RELEASED)


def test_nothing_of_the_released_notebook_is_changed():
    before = nbformat.writes(RELEASED)
    mine = handed_in()
    cell(mine, "eq4")["source"] = "x = 1"
    restored(mine)
    assert nbformat.writes(RELEASED) == before


def test_a_deleted_test_cell_stands_again_behind_its_solution():
    mine = handed_in()
    mine["cells"].remove(cell(mine, "test-eq5"))
    notebook, events = restored(mine)
    check_order(notebook)
    assert events == ["cell test-eq5 was deleted: put back"]
    assert ids(notebook) == ids(RELEASED)


def test_edited_test_cells_points_and_ids_are_put_back():
    mine = handed_in()
    cell(mine, "test-eq4")["source"] = "pass"
    cell(mine, "test-eq5")["metadata"]["nbgrader"]["points"] = 1000
    cell(mine, "test-eq6")["cell_type"] = "markdown"
    cell(mine, "eq7")["metadata"]["nbgrader"] |= {"grade": True, "points": 50, "solution": False}
    notebook, events = restored(mine)
    check_order(notebook)
    assert events == ["cells test-eq4, test-eq6 were edited: put back"]


def test_of_copies_the_last_counts_and_nothing_is_lost():
    mine = handed_in()
    second = json.loads(json.dumps(cell(mine, "eq4")))
    second["source"] = "second = 2"
    mine["cells"] += [second, json.loads(json.dumps(cell(mine, "test-eq4")))]
    notebook, events = restored(mine)
    check_order(notebook)
    assert events == ["cells eq4, test-eq4 were there more than once: the last counts"]
    assert cell(notebook, "eq4")["source"] == "second = 2"
    assert any("def grad_beta" in c.source for c in notebook.cells if "nbgrader" not in c.metadata)


def test_a_tool_that_drops_metadata_does_no_harm():
    mine = handed_in()
    for one in mine["cells"]:
        one["metadata"] = {}
        del one["id"]
    mine["metadata"] = {"colab": {"name": "x"}}
    mine["nbformat_minor"] = 4
    notebook, _ = restored(mine)
    check_order(notebook)
    sources = [c.source for c in notebook.cells]
    for n in (4, 5, 6, 7):  # the code is there, and the test cell behind it
        test = next(i for i, c in enumerate(notebook.cells) if c.id == f"test-eq{n}")
        assert "def " in sources[test - 1]


def test_a_deleted_solution_cell_is_said_and_not_put_back():
    mine = handed_in()
    mine["cells"].remove(cell(mine, "eq6"))
    notebook, events = restored(mine)
    check_order(notebook)
    assert events == ["solution cell eq6 is not there"]
    assert "eq6" not in ids(notebook)


def test_an_invented_id_is_an_ordinary_cell():
    mine = handed_in()
    mine["cells"][3]["metadata"]["nbgrader"] = {"grade_id": "test-eq99", "grade": True, "points": 9}
    notebook, _ = restored(mine)
    check_order(notebook)
    assert ids(notebook) == ids(RELEASED)


def test_older_formats_are_read():
    text = nbformat.v3.writes_json(nbformat.convert(copy.deepcopy(SOLVED), 3))
    notebook, _ = restore(read_notebook(text.encode()), RELEASED)
    check_order(notebook)
    assert any("def grad_alpha" in c.source for c in notebook.cells)
    bom = b"\xef\xbb\xbf" + nbformat.writes(SOLVED).replace("\n", "\r\n").encode()
    notebook, events = restore(read_notebook(bom), RELEASED)
    check_order(notebook)
    assert events == []


WHAT_IS_NO_NOTEBOOK = {
    b"": "empty",
    b"  \n": "empty",
    b"<html></html>": "not JSON",
    nbformat.writes(SOLVED).encode()[:5000]: "cut off",
    b"\xff\xfe\x00": "UTF-8",
    b"[]": "no list of cells",
    b"3": "no list of cells",
    b'{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}': "no list of cells",
    b"[" * 100_000: "no notebook",
    b'{"nbformat": 4}': "no list of cells",
}


@pytest.mark.parametrize("content", WHAT_IS_NO_NOTEBOOK, ids=range(len(WHAT_IS_NO_NOTEBOOK)))
def test_what_is_no_notebook_is_said(content):
    with pytest.raises(Unreadable, match=WHAT_IS_NO_NOTEBOOK[content]):
        read_notebook(content)


def test_a_notebook_of_too_many_cells_is_not_read():
    many = {"cells": [{"cell_type": "code", "source": "1"}] * 5000} | {"nbformat": 4}
    with pytest.raises(Unreadable, match="5000 cells"):
        read_notebook(json.dumps(many | {"nbformat_minor": 5, "metadata": {}}).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)
MESS = st.sampled_from(["delete", "copy", "move", "junk", "metadata", "source", "type", "id"])


@settings(max_examples=25)
@given(st.lists(st.tuples(MESS, st.integers(0, 999), st.integers(0, 999), JSON), max_size=8))
def test_whatever_is_done_to_it_the_course_s_cells_are_in_order(steps):
    mine = handed_in()
    cells = mine["cells"]
    for what, i, j, junk in steps:
        if not cells:
            break
        i, j = i % len(cells), j % len(cells)
        if what == "delete":
            cells.pop(i)
        elif what == "copy":
            cells.insert(j, json.loads(json.dumps(cells[i])))
        elif what == "move":
            cells.insert(j, cells.pop(i))
        elif what == "junk":
            cells.insert(j, junk)
        elif isinstance(cells[i], dict):
            key = {"metadata": "metadata", "source": "source", "type": "cell_type", "id": "id"}
            cells[i][key[what]] = junk
    notebook, _ = restored(mine)
    check_order(notebook)


def own(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def test_a_cell_that_is_too_long_is_left_out_and_the_others_stay():
    mine = handed_in()
    mine["cells"][0:0] = [own("x" * 2_000_000), own("Mine.")]
    notebook, events = restored(mine)
    assert events == ["cell 1 was left out: it holds 2.0 MB"]
    assert [c.source for c in notebook.cells[:2]] == [
        "# (this cell held too much: it was left out)",
        "Mine.",
    ]
    assert [c.source for c in notebook.cells[2:]] == [c.source for c in SOLVED.cells]


def test_pictures_that_are_too_many_are_left_out_and_the_text_stays():
    mine = handed_in()
    png = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(6_000_000)).decode()
    pictures = {"attachments": {"a.png": {"image/png": png}}}
    mine["cells"][0:0] = [own(f"![](attachment:a.png) {i}", **pictures) for i in range(3)]
    notebook, events = restored(mine)
    assert events == ["pictures in cell 3 were left out: they hold 8.0 MB"]
    assert ["attachments" in c for c in notebook.cells[:3]] == [True, True, False]
    assert notebook.cells[2].source == "![](attachment:a.png) 2"


@pytest.mark.parametrize("letters", ["é", "\U0001f600", "a\u0000b", "\ud800", "\ufeffa", "\\u00e9"])
@pytest.mark.parametrize("ascii", [True, False])
def test_letters_are_read_as_json_has_them(letters, ascii):
    file = json.dumps({"cells": [own(letters)]}, ensure_ascii=ascii)
    read = read_notebook(file.encode("utf-8", "surrogatepass") if ascii else _utf8(file))
    assert read["cells"][0]["source"] == letters.replace("\ud800", letters[0] if ascii else "?")


def _utf8(text):
    return text.encode("utf-8", "replace")


@pytest.mark.parametrize("data", [b"\xff{}", b'{"cells": "\xe9"}', b"\x80"])
def test_a_file_that_is_no_utf_8_is_said_to_be_none(data):
    with pytest.raises(Unreadable, match="no text in UTF-8"):
        read_notebook(data)


def test_a_byte_order_mark_is_passed_over():
    assert read_notebook(b'\xef\xbb\xbf{"cells": []}') == {"cells": []}


def test_a_file_that_may_become_too_large_is_not_read():
    lists = b'{"cells": [' + b"[]," * 7_000_000 + b"0]}"
    with pytest.raises(Unreadable, match="may take more than 800 MB"):
        read_notebook(lists)


OTHER = nbformat.read(COURSE.release_file("section_1"), as_version=4)
OTHERS = {"section_1": marks_of(OTHER), "section_9": {"test-eq99"}}
FUNCTIONS = ("grad_beta", "grad_alpha", "backward_output", "backward_hidden")


def other(notebook):
    read = read_notebook(json.dumps(notebook).encode())
    return is_other(read, marks_of(RELEASED), OTHERS, FUNCTIONS)


def stripped(notebook):
    """As another program saves it."""
    for one in notebook["cells"]:
        one["metadata"] = {}
    return notebook


def test_another_assignments_notebook_is_known_also_without_its_metadata():
    notebook = json.loads(nbformat.writes(OTHER))
    assert other(notebook) == "section_1"
    assert other(stripped(notebook)) == "section_1"


def test_what_may_be_the_right_one_is_no_other():
    assert other(handed_in()) == other(stripped(handed_in())) == ""
    own = [{"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}]
    assert other({"cells": own, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}) == ""
    for source in ("def grad_beta(*given): pass", "from work import *"):
        notebook = json.loads(nbformat.writes(OTHER))
        notebook["cells"].append({**own[0], "source": source})
        assert other(notebook) == ""
    both = json.loads(nbformat.writes(OTHER))
    both["cells"].append(cell(handed_in(), "test-eq4"))
    assert other(both) == ""


def test_of_a_notebook_that_has_lost_its_metadata_one_sentence_is_said():
    notebook, events = restored(stripped(handed_in()))
    check_order(notebook)
    (line,) = events
    assert "lost the course's metadata" in line


def test_what_is_true_of_many_cells_is_one_line():
    mine = handed_in()
    mine["cells"] = [c for c in mine["cells"] if "nbgrader" not in c["metadata"]]
    assert restored(mine)[1] == [
        "solution cells half-eq4, eq4, half-eq5, eq5, eq6, eq7 are not there",
        "cells test-eq4, test-eq5, test-eq6, test-eq7 were deleted: put back",
    ]


def test_code_that_was_turned_into_text_is_code_again_and_it_is_said():
    mine = handed_in()
    cell(mine, "eq4")["cell_type"] = "markdown"
    cell(mine, "test-eq5")["cell_type"] = "raw"
    notebook, events = restored(mine)
    check_order(notebook)
    assert cell(notebook, "eq4").cell_type == "code"
    assert events == [
        "cell test-eq5 was edited: put back",
        "cell eq4 was of another kind, such as text for code: put back, with the student's text",
    ]
