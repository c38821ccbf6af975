"""How long a cell may run while it is graded."""

import pytest
from nbformat.v4 import new_code_cell
from traitlets.config import PyFileConfigLoader

from bplab.exercises import CHALLENGES, TASKS


@pytest.fixture
def seconds(course, monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", "unused")  # none is to be made
    loader = PyFileConfigLoader("nbgrader_config.py", path=str(course.root / "course"))
    return loader.load_config().Execute.timeout_func


def cell(grade_id=""):
    metadata = {"nbgrader": {"grade_id": grade_id}} if grade_id else {}
    return new_code_cell("", metadata=metadata)


def test_an_endless_loop_costs_half_a_minute(seconds):
    assert seconds(cell()) == 30
    for id in TASKS:
        assert seconds(cell(id)) == 30
        assert (seconds(cell(f"test-{id}")) == 30) == (id not in CHALLENGES)


def test_a_challenge_is_checked_twice_within_its_time(seconds):
    for id, challenge in CHALLENGES.items():
        assert seconds(cell(f"test-{id}")) > 2 * challenge.seconds
