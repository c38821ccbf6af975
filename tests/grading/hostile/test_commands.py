"""A class with hostile submissions, graded with the instructor's commands."""

import pytest

from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.attacks import ATTACKS, FOUND
from tests.grading.hostile.classroom import SECRET, new_classroom
from tests.grading.hostile.layouts import LAYOUTS, lay_out
from tests.grading.hostile.notebook import ALL, ASSIGNMENT, POINTS, as_bytes, right_notebook
from tests.thorough import one_in

WITH_NBGRADER = (
    *("patch-np-allclose", "patch-check-name", "tag-skip", "ipython-clear-output"),
    *("edit-points", "saved-outputs", "read-secret-file", "write-gradebook", "kernelspec"),
    *("child-writes-later", "import-by-equation", "invent-tests"),
    *("cell-os-exit", "function-os-exit", "tests-deleted", "cells-twice", "cell-warns"),
    *("function-writes-stderr", "cell-kills-parent", "solution-syntax-error", "format-3"),
)
SAMPLE = one_in(8, WITH_NBGRADER)

LINKED = (
    *("link-to-classmate", "link-to-system", "folder-is-a-link", "is-a-pipe"),
    *("hard-link-to-secret", "file-link-to-secret", "file-hard-link", "file-link-to-folder"),
    "file-pipe",
)
"""What `nbgrader autograde` refuses, or leaves out, by the rule of `bplab grade`."""


def classroom(folders, last=""):
    room = new_classroom(folders, folders.mktemp("room") / "class", last)
    for student in ("ada", "zoe"):
        room.hand_in(student, as_bytes(right_notebook()))
    return room


@pytest.fixture(scope="module")
def with_nbgrader(tmp_path_factory):
    room = classroom(tmp_path_factory)
    for name in SAMPLE:
        room.hand_in(name, {**ATTACKS, **ACCIDENTS}[name].submission())
    lay_out(
        {name: LAYOUTS[name] for name in (*LINKED, "used-files", "other-assignment")},
        room.course / "submitted",
    )
    room.run("nbgrader", "autograde", ASSIGNMENT, may_fail=True)
    return room


@pytest.mark.xdist_group("hostile-nbgrader")
@pytest.mark.parametrize("name", SAMPLE)
def test_nbgrader_autograde_gives_the_mark_that_is_deserved(with_nbgrader, name):
    deserved = ATTACKS[name].earns if name in ATTACKS else ACCIDENTS[name].keeps
    assert with_nbgrader.mark(name) == deserved
    assert FOUND not in with_nbgrader.shown(name)


@pytest.mark.xdist_group("hostile-nbgrader")
@pytest.mark.parametrize("name", LINKED)
def test_nbgrader_autograde_follows_no_link(with_nbgrader, name):
    layout = LAYOUTS[name]
    assert with_nbgrader.mark(layout.who) == (layout.keeps or None)
    assert f"{layout.who} is not graded" in with_nbgrader.log or "left out" in layout.said
    _nothing_is_taken(with_nbgrader, layout.who)


def _nothing_is_taken(room, student):
    folder = room.course / "autograded" / student
    copied = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in copied if path.suffix != ".ipynb"]
    assert not any(SECRET.encode() in path.read_bytes() for path in copied)


@pytest.mark.xdist_group("hostile-nbgrader")
def test_nbgrader_autograde_gives_a_notebook_the_files_beside_it(with_nbgrader):
    assert with_nbgrader.mark("used-files") == ALL
    assert (
        "conftest.py and sitecustomize.py were left out: what sets up Python" in with_nbgrader.log
    )


@pytest.mark.xdist_group("hostile-nbgrader")
def test_nbgrader_autograde_says_which_other_assignment_it_is(with_nbgrader):
    assert with_nbgrader.mark("other-assignment") == 0
    assert "the file is section_1, another assignment" in with_nbgrader.shown("other-assignment")


@pytest.mark.xdist_group("hostile-nbgrader")
def test_the_others_have_theirs(with_nbgrader):
    assert with_nbgrader.mark("ada") == with_nbgrader.mark("zoe") == ALL


FIRST = POINTS["eq4"]
"""Of the only exercise that the class is asked: names and folders are the same for each."""


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory):
    room = classroom(tmp_path_factory, last="test-eq4")
    lay_out(LAYOUTS, room.course / "submitted")
    said = room.run("bplab", "grade", ASSIGNMENT, "--jobs", "1")
    return room, said


@pytest.mark.xdist_group("hostile-layouts")
@pytest.mark.parametrize("name", LAYOUTS)
def test_odd_names_and_folders_cost_nothing_and_open_nothing(laid_out, name):
    room, said = laid_out
    layout = LAYOUTS[name]
    assert room.mark(layout.who) == (FIRST if layout.keeps == ALL else layout.keeps)
    lines = said.replace("\n", "")
    assert layout.said in lines
    if layout.keeps != ALL:
        assert layout.who in lines
    assert "root:" not in room.shown(layout.who)
    assert not list(room.folder.rglob("ran"))
    if name in LINKED:
        _nothing_is_taken(room, layout.who)


@pytest.mark.xdist_group("hostile-layouts")
def test_right_work_beside_them_has_its_points(laid_out):
    room, _ = laid_out
    assert room.mark("ada") == room.mark("zoe") == FIRST
