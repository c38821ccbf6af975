"""Nothing that a student writes costs others, or more than its own cell."""

import re

import nbformat
import pytest

from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.needs import missing
from tests.grading.hostile.notebook import ALL, POINTS


@pytest.mark.parametrize("name", ACCIDENTS)
def test_right_work_keeps_its_points_and_it_is_said_what_happened(grader, name):
    accident = ACCIDENTS[name]
    if why := missing(accident.needs, grader):
        pytest.skip(why)
    graded = grader.grade(accident.submission())
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
    assert sum(POINTS.values()) == ALL == 13
