"""Time is that of a processor: neither others nor what a cell left behind costs a mark."""

import re

import pytest

from bplab.grading.judge.session import Times
from tests.grading.hostile.notebook import ALL, added, as_bytes, right_notebook
from tests.grading.hostile.ours import assignment, on_the_host_of

pytestmark = pytest.mark.xdist_group("time")

LOOPS = """
import os
for _ in range(6):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True: pass
        os._exit(0)
"""
WORK = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass"


@pytest.fixture(scope="module")
def grader(grader):
    hurried = assignment(times=Times(cell=1.7, task=10, notebook=120))
    with on_the_host_of(grader, hurried) as grader:
        yield grader


def graded(grader, *cells):
    notebook = right_notebook()
    for code in reversed(cells):
        added(code, before="eq4")(notebook)
    return grader.grade(as_bytes(notebook))


def test_loops_that_a_cell_left_take_no_time_from_the_next(grader):
    got = graded(grader, LOOPS, WORK)
    assert got.score == ALL
    assert not got.late
    assert re.fullmatch("cell [0-9]+ left processes running: they were ended", got.events[0])
    assert len(got.events) == 1


def test_waiting_is_no_work(grader):
    got = graded(grader, "import time; time.sleep(2.5)")
    assert (got.score, got.events, got.late) == (ALL, (), False)


def test_loops_of_other_processes_count(grader):
    got = graded(grader, LOOPS + "import time; time.sleep(60)")
    assert got.late
    assert "took longer than 2 s" in " ".join(got.events)
    assert got.score == ALL


def test_whatever_waits_for_ever_is_ended_by_the_clock(grader):
    got = graded(grader, "import time; time.sleep(3600)")
    assert got.late
    assert got.score == ALL
