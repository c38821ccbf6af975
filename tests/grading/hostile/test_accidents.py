"""Nothing that a student writes costs others, or more than its own cell."""

import re

import nbformat
import pytest

from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.notebook import ALL, POINTS
from tests.grading.hostile.ours import with_known

IMPORTS = "functions of right work lack numpy, which the released imports would give them"

GAPS = {
    "cell-exit": "the cell that ends the kernel is not noticed, so it ends the next one too",
    "imports-fail-at-once": IMPORTS,
    "imports-deleted": IMPORTS,
    "text-surrogate": "half a character cannot be sent: it ends the grading with an error",
    "file-utf-16": "it is said, but the work is not read, though it could be",
    "file-200-MB": "it is said, but the work is not read, though the outputs could be left out",
}
"""Accidents that still cost more, and why: a test that begins to pass has to leave this list."""


@pytest.mark.parametrize("name", with_known(ACCIDENTS, GAPS))
def test_right_work_keeps_its_points_and_it_is_said_what_happened(grader, name):
    accident = ACCIDENTS[name]
    graded = grader.grade(accident.submission())
    assert graded.score == accident.keeps
    assert {result.id: result.max_points for result in graded.results} == POINTS
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
    assert sum(POINTS.values()) == ALL == 13
