"""A grader for each worker, started in the place where a real one would be: in the course."""

import json
import sqlite3
from contextlib import ExitStack, contextmanager

import psutil
import pytest

from bplab.grading.judge import session
from bplab.grading.judge.submission import Grader
from bplab.grading.kernels import Isolation
from tests.grading.hostile.notebook import ASSIGNMENT, POINTS, as_bytes, released, right_notebook
from tests.grading.hostile.ours import HASTY, SECRET, assignment, on_the_host_of
from tests.thorough import ALL

WALLS = (Isolation.BWRAP, Isolation.LANDLOCK, Isolation.NONE)
ISOLATIONS = WALLS if ALL else (Isolation.AUTO,)


@pytest.fixture(scope="session")
def class_folder(tmp_path_factory):
    """A course with a secret, a gradebook and another student's work."""
    folder = tmp_path_factory.mktemp("class")
    (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
    book = sqlite3.connect(folder / "gradebook.db")
    book.execute("create table grade (manual_score, needs_manual_grade)")
    book.execute("insert into grade values (0, 0)")
    book.commit()
    book.close()
    (folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    other = folder / "submitted" / "ada" / ASSIGNMENT
    other.mkdir(parents=True)
    (other / f"{ASSIGNMENT}.ipynb").write_bytes(as_bytes(right_notebook()))
    solved = folder / "solutions"
    solved.mkdir()
    (solved / f"{ASSIGNMENT}.ipynb").write_text(json.dumps(right_notebook()), encoding="utf-8")
    (folder / "autograded" / "mallory" / ASSIGNMENT).mkdir(parents=True)
    return folder


@contextmanager
def _in_class(folder):
    """Where a real grader starts, and with what it has. Other tests must not find it so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BPLAB_SECRET", SECRET)
        patch.chdir(folder / "autograded" / "mallory" / ASSIGNMENT)
        # no mark hangs on the line that is wrong, as tests/grading/judge/test_place.py holds, and
        # to look for it takes as long as all else; the commands look
        patch.setattr(session, "UNPLACED", session.UNPLACED if ALL else 0)
        yield


@pytest.fixture(autouse=True)
def in_class(request):
    """Each test of a grader is where it started."""
    if {"grader", "hasty"}.isdisjoint(request.fixturenames):
        yield
        return
    with _in_class(request.getfixturevalue("class_folder")):
        yield


@pytest.fixture(scope="session", params=ISOLATIONS)
def grader(request, class_folder):
    """A grader, and proof that it still grades rightly when all is over."""
    with _proven(assignment(request.param), class_folder) as grader:
        yield grader


@pytest.fixture(scope="session")
def hasty(grader):
    """One that waits for nobody, with the same kernels."""
    with on_the_host_of(grader, assignment(grader.assignment.isolation, times=HASTY)) as hasty:
        yield hasty


@contextmanager
def _proven(wanted, folder):
    before = _contents(folder)
    with ExitStack() as stack:
        with _in_class(folder):
            grader = stack.enter_context(Grader(wanted))
            assert grader.grade(as_bytes(released())).score == 0
        yield grader
        stack.enter_context(_in_class(folder))
        assert grader.grade(as_bytes(right_notebook())).score == sum(POINTS.values())
        assert grader.grade(as_bytes(released())).score == 0
        warm = psutil.Process(grader._host._warm.process.pid)
        kernels = [warm, *warm.children(recursive=True)]
    _, left = psutil.wait_procs(kernels, 5)
    assert not left
    assert _contents(folder) == before


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
