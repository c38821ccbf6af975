"""Nothing that a student writes earns a mark that it should not."""

import logging

import nbformat
import pytest
from nbgrader.utils import determine_grade

from tests.grading.hostile.attacks import ATTACKS, FOUND
from tests.grading.hostile.notebook import (
    POINTS,
    WRONG,
    added,
    as_bytes,
    graded_cells,
    handed_in,
    released,
    right_notebook,
)
from tests.grading.hostile.ours import SECRET, shown

HOLES = {}
"""Attacks that still succeed, and why: a test that begins to pass has to leave this list."""


def attacks():
    for name in ATTACKS:
        marks = pytest.mark.xfail(reason=HOLES[name], strict=True) if name in HOLES else ()
        yield pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", attacks())
def test_an_attack_earns_what_its_functions_are_worth(grader, name):
    attack = ATTACKS[name]
    graded = grader.grade(attack.submission())
    assert graded.score == attack.earns
    assert {result.id: result.max_points for result in graded.results} == POINTS
    assert SECRET not in graded.notebook
    assert FOUND not in shown(graded)
    notebook = nbformat.reads(graded.notebook, as_version=4)
    nbformat.validate(notebook)
    tests = graded_cells(notebook)
    assert [determine_grade(cell, logging.getLogger())[0] for cell in tests] == [
        result.points for result in graded.results
    ]
    assert sum(cell.metadata.nbgrader.points for cell in tests) == sum(POINTS.values())
    for cell in tests:
        for output in cell.outputs:
            page = output.get("data", {}).get("text/html", "").lower()
            assert "<script" not in page
            assert "<img" not in page


@pytest.mark.parametrize("name", [name for name in ATTACKS if name.startswith("import-")])
def test_whoever_asks_for_the_library_s_answers_is_flagged(grader, name):
    graded = grader.grade(ATTACKS[name].submission())
    assert graded.flags
    assert all("\n" not in flag and len(flag) < 300 for flag in graded.flags)


def test_the_yardsticks(grader):
    right = grader.grade(as_bytes(right_notebook()))
    assert (right.score, right.events, right.flags) == (13, (), ())
    wrong = grader.grade(as_bytes(handed_in(WRONG)))
    assert (wrong.score, wrong.events) == (0, ())
    starter = grader.grade(as_bytes(released()))
    assert {result.mistake for result in starter.results} == {"not-written"}


@pytest.mark.parametrize(
    "code",
    [
        "import gc, inspect, sys\ngc.collect()\ninspect.stack()\nsys._getframe()",
        "from bplab.network import grad_beta as theirs\nprint(theirs)",
        "def check(*a, **k):\n    print('my own check')",
        "print(3.0)\n3.0",
        "import subprocess\nsubprocess.run(['echo', 'hello'])",
    ],
)
def test_right_work_that_looks_odd_keeps_its_points(grader, code):
    assert grader.grade(as_bytes(right_notebook(added(code)))).score == 13
