"""nbgrader's exchange, by commands and as one user: what is handed in comes back as feedback.

With users of their own, in a hub, and in the browser: ``tests/places/test_hub.py``.
"""

import getpass

import pytest

from bplab.grading.feedback.whole_class import feedback_pages
from bplab.grading.folder import ClassFolder
from tests.grading.class_run.mini_class import NAME, RIGHT, grade, marks, nbgrader, notebook_of

pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("exchange")]


def test_what_is_handed_in_through_an_exchange_comes_back_as_feedback(folder, tmp_path):
    exchange, home = tmp_path / "exchange", tmp_path / "home"
    exchange.mkdir()
    exchange.chmod(0o777)
    home.mkdir()
    where = (f"--Exchange.root={exchange}", f"--Exchange.cache={home / 'cache'}")
    student = (*where, "--course=mini", f"--Exchange.assignment_dir={home}")
    nbgrader(folder, "release_assignment", NAME, *where)
    nbgrader(home, "fetch_assignment", NAME, *student)
    (home / NAME / f"{NAME}.ipynb").write_text(notebook_of(folder, RIGHT), encoding="utf-8")
    nbgrader(home, "submit", NAME, *student)
    nbgrader(folder, "collect", NAME, *where)
    grade(folder)
    me = getpass.getuser()
    assert marks(folder)[me]["score"] == 5
    assert list(feedback_pages(ClassFolder.open(folder), NAME, jobs=1)) == [(getpass.getuser(), "")]
    nbgrader(folder, "release_feedback", NAME, *where)
    nbgrader(home, "fetch_feedback", NAME, *student)
    [page] = (home / NAME / "feedback").glob(f"*/{NAME}.html")
    assert page.read_bytes() == (folder / "feedback" / me / NAME / f"{NAME}.html").read_bytes()
