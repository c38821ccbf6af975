"""The grader as one object: opened, used and closed."""

import asyncio

from bplab.grading.judge.submission import Grader
from tests.grading.hostile.notebook import as_bytes, right_notebook
from tests.grading.hostile.ours import assignment


def test_it_is_used_where_an_event_loop_runs_as_in_a_notebook():
    async def cell():
        with Grader(assignment()) as grader:
            return grader.grade(as_bytes(right_notebook()))

    assert asyncio.run(cell()).score == 13
