"""The grader as one object: opened, used and closed."""

import asyncio
import json
import threading

import nbformat
from nbgrader.utils import determine_grade

from bplab.grading.judge.submission import Grader
from tests.grading.hostile.notebook import POINTS, as_bytes, released, right_notebook
from tests.grading.hostile.ours import assignment


def test_it_is_used_where_an_event_loop_runs_as_in_a_notebook():
    async def cell():
        with Grader(assignment()) as grader:
            return grader.grade(as_bytes(right_notebook()))

    assert asyncio.run(cell()).score == sum(POINTS.values())


def test_only_what_is_a_students_own_is_flagged():
    release, torch = released(), nbformat.v4.new_code_cell("import torch", id="shown")
    release["cells"].append(json.loads(json.dumps(torch)))
    notebook = right_notebook()
    notebook["cells"].append(json.loads(json.dumps(torch)))
    with Grader(assignment(release=json.dumps(release))) as grader:
        handed_out = grader.grade(as_bytes(notebook))
        notebook["cells"].append(json.loads(json.dumps(torch | {"source": "import torch as t"})))
        own = grader.grade(as_bytes(notebook))
    assert handed_out.flags == ()
    assert own.flags == ("the notebook differentiates automatically",)


def test_it_is_closed_without_a_new_thread_as_when_python_ends(monkeypatch):
    """Where Python is 3.12 or newer that would be a traceback after each run of a class."""
    grader = Grader(assignment())
    grader.grade(as_bytes(right_notebook()))
    monkeypatch.setattr(threading, "Thread", None)
    grader.close()


def test_a_file_that_is_no_notebook_earns_nothing_in_tests_of_the_instructors_own_either():
    release = released()
    code = {"cell_type": "code", "source": "assert True", "outputs": [], "execution_count": None}
    about = {"grade_id": "test-own", "grade": True, "solution": False, "locked": True}
    about |= {"schema_version": 3, "task": False, "points": 2}
    release["cells"].append(code | {"id": "own", "metadata": {"nbgrader": about}})
    with Grader(assignment(release=json.dumps(release))) as grader:
        graded = grader.grade(b"{")
    assert graded.score == 0
    assert "not JSON" in graded.events[0]
    cells = nbformat.reads(graded.notebook, as_version=4).cells
    tests = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(tests) == len(POINTS) + 1
    assert {determine_grade(cell)[0] for cell in tests} == {0}
    assert "The notebook was not read: the file is no notebook" in cells[0].source
