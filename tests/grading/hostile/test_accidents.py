"""Nothing that a student writes costs others, or more than its own cell."""

import re

import nbformat
import pytest

from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.needs import missing
from tests.grading.hostile.notebook import POINTS, released
from tests.thorough import ALL, one_in

ENDLESS = (
    *("cell-endless-loop", "function-endless-loop", "cell-catches-interrupt", "cell-sleeps"),
    *("function-catches-interrupt", "cell-awaits", "cell-deadlock", "cell-shell-sleeps"),
    *("cell-blocks-in-c", "cell-endless-print", "function-large-number"),
)
"""What a time limit ends, and nothing else."""

DEAR = (
    *("cell-long-result", "cell-one-long-string"),  # a flood, like cell-print-loop
    *("function-large-answer", "cell-figures"),  # like function-large-number, cell-huge-figure
    *("file-200-MB", "cells-many"),  # too large, like attachments and line-long
    "cell-recursion",  # like function-recursion
)
"""They take many seconds; others of their kind take few."""

OTHERS = [name for name in ACCIDENTS if name not in ENDLESS]


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", one_in(4, [name for name in OTHERS if ALL or name not in DEAR]))
def test_right_work_keeps_its_points_and_it_is_said_what_happened(grader, name):
    accident = ACCIDENTS[name]
    if why := missing(accident.needs, grader):
        pytest.skip(why)
    judge(accident, grader.grade(accident.submission()))


@pytest.mark.xdist_group("hostile-hasty")
@pytest.mark.parametrize("name", one_in(3, ENDLESS))
def test_what_never_ends_is_ended_and_costs_no_other_cell(hasty, grader, name):
    accident = ACCIDENTS[name]
    graded = hasty.grade(accident.submission())
    if graded.score != accident.keeps:  # a busy machine: with the times of the others, then
        graded = grader.grade(accident.submission())
    judge(accident, graded)


def judge(accident, graded):
    """Assert what is true of whatever happened."""
    assert graded.score == accident.keeps
    assert {result.exercise: result.max_points for result in graded.results} == POINTS
    nbformat.validate(nbformat.reads(graded.notebook, as_version=4))
    assert re.search(accident.said, "\n".join(graded.events))
    for line in graded.events:
        assert "\n" not in line
        assert len(line) < 300
    for result in graded.results:
        if result.points < result.max_points:
            assert result.mistake
            assert result.says


def test_the_points_are_those_of_the_released_notebook():
    about = [cell["metadata"].get("nbgrader", {}) for cell in released()["cells"]]
    points = {one["grade_id"]: one["points"] for one in about if one.get("grade")}
    assert points == {f"test-{id}": worth for id, worth in POINTS.items()}
