"""The grader as one object: opened, used and closed."""

import asyncio
import json
import threading
import warnings
from contextlib import ExitStack

import nbformat
import pytest
from nbgrader.utils import determine_grade

from bplab.grading.judge import submission
from bplab.grading.judge.submission import Grader
from bplab.grading.kernels import bwrap
from bplab.grading.kernels.zygote import landlock
from tests.grading.hostile.notebook import (
    POINTS,
    added,
    as_bytes,
    cell,
    released,
    right_notebook,
)
from tests.grading.hostile.ours import assignment, on_the_host_of


def test_it_is_used_where_an_event_loop_runs_as_in_a_notebook(grader):
    async def cell():
        with on_the_host_of(grader, assignment()) as inside:
            return inside.grade(as_bytes(right_notebook()))

    assert asyncio.run(cell()).score == sum(POINTS.values())


def test_only_what_is_a_students_own_is_flagged(grader):
    release, torch = released(), nbformat.v4.new_code_cell("import torch", id="shown")
    release["cells"].append(json.loads(json.dumps(torch)))
    notebook = right_notebook()
    notebook["cells"].append(json.loads(json.dumps(torch)))
    with on_the_host_of(grader, assignment(release=json.dumps(release))) as theirs:
        handed_out = theirs.grade(as_bytes(notebook))
        notebook["cells"].append(json.loads(json.dumps(torch | {"source": "import torch as t"})))
        own = theirs.grade(as_bytes(notebook))
    assert handed_out.flags == ()
    assert own.flags == ("the notebook differentiates automatically",)


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_a_weaker_wall_is_told_by_whoever_grades_and_not_in_a_line_of_python_s(monkeypatch):
    """Each judge of a class would print it again, with a line of source."""
    monkeypatch.setattr(bwrap.shutil, "which", lambda name: None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Grader(assignment()) as grader:
            assert "not installed" in grader.warning


def test_it_is_closed_without_a_new_thread_as_when_python_ends(monkeypatch):
    """Where Python is 3.12 or newer that would be a traceback after each run of a class."""
    grader = Grader(assignment())
    grader.grade(as_bytes(right_notebook()))
    monkeypatch.setattr(threading, "Thread", None)
    grader.close()


def test_a_file_that_is_no_notebook_earns_nothing_in_tests_of_the_instructors_own_either(grader):
    release = released()
    code = {"cell_type": "code", "source": "assert True", "outputs": [], "execution_count": None}
    about = {"grade_id": "test-own", "grade": True, "solution": False, "locked": True}
    about |= {"schema_version": 3, "task": False, "points": 2}
    release["cells"].append(code | {"id": "own", "metadata": {"nbgrader": about}})
    with on_the_host_of(grader, assignment(release=json.dumps(release))) as theirs:
        graded = theirs.grade(b"{")
    assert graded.score == 0
    assert "its JSON was cut off" in graded.events[0]
    cells = nbformat.reads(graded.notebook, as_version=4).cells
    tests = [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert len(tests) == len(POINTS) + 1
    assert {determine_grade(cell)[0] for cell in tests} == {0}
    assert "The notebook was not read: the file is not a whole notebook" in cells[0].source


def test_what_draws_is_loaded_before_where_the_released_notebook_names_it(monkeypatch):
    loaded = []

    def host(edition, *, preload, **_):
        loaded.append(preload)
        return ExitStack()

    monkeypatch.setattr(submission, "KernelHost", host)
    for source in ("1 + 1", "%matplotlib inline"):
        release = released()
        own = nbformat.v4.new_code_cell(source, id="own")
        release["cells"].append(json.loads(json.dumps(own)))
        Grader(assignment(release=json.dumps(release))).close()
    assert loaded == [("bplab",), ("bplab", "matplotlib.pyplot")]


USES = """
import helper
import numpy as np
%run setting.ipynb
half = float(open("data/half.txt").read())
"""

HELPER = b"""
open("helper.py", "w").write("def times(a): return 3 * a")
def times(a):
    return 2 * a
"""


def beside_notebook():
    """The right notebook, in which eq4 needs three files beside it, and a kernel that ends."""
    notebook = right_notebook(added(USES, before="eq4"), added("import os; os._exit(1)"))
    source = "".join(cell(notebook, "eq4")["source"])
    cell(notebook, "eq4")["source"] = (
        f"{source}\nright = grad_beta\ndef grad_beta(*given):\n"
        "    return helper.times(half * one * right(*given))"
    )
    return as_bytes(notebook)


def test_what_lies_beside_a_notebook_is_there_in_each_of_its_kernels_and_stays_as_it_was(grader):
    one = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("one = np.ones(())")])
    files = {"helper.py": HELPER, "setting.ipynb": nbformat.v4.writes(one).encode()}
    files["numpy.py"] = b"raise SystemExit"  # where it is found first, there is no numpy
    own = (("data/half.txt", b"0.5"),)
    with on_the_host_of(grader, assignment(files=own)) as theirs:
        graded = [theirs.grade(beside_notebook(), files=files) for _ in range(2)]
        without = theirs.grade(beside_notebook())
    assert [one.score for one in graded] == [sum(POINTS.values())] * 2
    assert any("lost its kernel" in event for event in graded[0].events)
    assert without.score == sum(POINTS.values()) - POINTS["eq4"]


def test_code_beside_a_notebook_is_looked_at_as_code_in_it_is(grader):
    files = {"helper.py": b"import torch\n", "notes.txt": b"import torch\n"}
    graded = grader.grade(as_bytes(right_notebook()), files=files)
    assert graded.flags == ("helper.py differentiates automatically",)
