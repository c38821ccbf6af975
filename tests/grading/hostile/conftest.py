"""A grader for each worker, started in the place where a real one would be: in the course."""

import json
import sqlite3
from contextlib import contextmanager

import psutil
import pytest

from bplab.grading.judge.submission import Grader
from bplab.grading.kernels import Isolation
from tests.grading.hostile.notebook import ASSIGNMENT, POINTS, as_bytes, released, right_notebook
from tests.grading.hostile.ours import HASTY, SECRET, assignment
from tests.thorough import ALL

ISOLATIONS = (Isolation.AUTO, Isolation.NONE) if ALL else (Isolation.AUTO,)


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


@pytest.fixture(scope="session")
def in_class(class_folder):
    """The class's folder, in which graders start where a real one would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BPLAB_SECRET", SECRET)
        patch.chdir(class_folder / "autograded" / "mallory" / ASSIGNMENT)
        yield class_folder


@pytest.fixture(scope="session", params=ISOLATIONS)
def grader(request, in_class):
    """A grader, and proof that it still grades rightly when all is over."""
    with _proven(assignment(request.param), in_class) as grader:
        yield grader


@pytest.fixture(scope="session", params=ISOLATIONS)
def hasty(request, in_class):
    """One that waits for nobody."""
    with _proven(assignment(request.param, times=HASTY), in_class) as grader:
        yield grader


@contextmanager
def _proven(wanted, folder):
    before = _contents(folder)
    with Grader(wanted) as grader:
        yield grader
        assert grader.grade(as_bytes(right_notebook())).score == sum(POINTS.values())
        assert grader.grade(as_bytes(released())).score == 0
        warm = psutil.Process(grader._host._warm.process.pid)
        kernels = [warm, *warm.children(recursive=True)]
    _, left = psutil.wait_procs(kernels, 5)
    assert not left
    assert _contents(folder) == before


def _contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
