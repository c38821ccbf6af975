"""Nothing that a student writes earns a mark that it should not."""

import logging

import nbformat
import pytest
from nbgrader.utils import determine_grade

from tests import thorough
from tests.grading.hostile.attacks import ATTACKS, FOUND
from tests.grading.hostile.attacks_filling import FILLING
from tests.grading.hostile.needs import missing
from tests.grading.hostile.notebook import (
    ALL,
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

DEAR = ("evil-errors", "patch-abs-sum-max", "patch-exceptions", "patch-isinstance")
"""They take ten seconds and more; others of their kind take few."""

IN_A_CHILD = {attack.name for attack in FILLING}
"""See `test_filling`."""

SAMPLE = thorough.one_in(  # in the order of their kinds: some of each
    8, [name for name in ATTACKS if thorough.ALL or name not in {*DEAR, *IN_A_CHILD}]
)


@pytest.mark.parametrize("name", SAMPLE)
def test_an_attack_earns_what_its_functions_are_worth(grader, name):
    attack = ATTACKS[name]
    if why := missing(attack.needs, grader):
        pytest.skip(why)
    graded = grader.grade(attack.submission())
    assert graded.score == attack.earns
    assert {result.exercise: result.max_points for result in graded.results} == POINTS
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
    assert all("\n" not in line and len(line) < 300 for line in (*graded.events, *graded.flags))
    if name.startswith("import-"):  # whoever asks for the library's answers is flagged
        assert graded.flags


def test_the_yardsticks(grader):
    right = grader.grade(as_bytes(right_notebook()))
    assert (right.score, right.events, right.flags) == (ALL, (), ())
    wrong = grader.grade(as_bytes(handed_in(WRONG)))
    assert (wrong.score, wrong.events) == (0, ())
    starter = grader.grade(as_bytes(released()))
    assert {result.mistake for result in starter.results} == {"not-written"}


ODD = (
    "import gc, inspect, sys\ngc.collect()\ninspect.stack()\nsys._getframe()",
    "from bplab.network import grad_beta as theirs\nprint(theirs)",
    "def check(*a, **k):\n    print('my own check')",
    "print(3.0)\n3.0",
    "import subprocess\nsubprocess.run(['echo', 'hello'])",
)


@pytest.mark.parametrize("codes", [[code] for code in ODD] if thorough.ALL else [ODD])
def test_right_work_that_looks_odd_keeps_its_points(grader, codes):
    assert grader.grade(as_bytes(right_notebook(*map(added, codes)))).score == ALL
