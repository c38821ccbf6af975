"""A submission is put into order: the student's code, the course's test cells."""

import base64
import copy
import json

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.course import Course, instructor_notebook, solved
from bplab.grading.handed_in import read_notebook
from bplab.grading.judge.restore import restore

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


def stripped(notebook):
    """As another program saves it."""
    for one in notebook["cells"]:
        one["metadata"] = {}
    return notebook


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
