"""`bplab grade`: the gradebook that nbgrader would write, in parallel, whatever happens."""

import shutil

import pytest

from bplab.course import CourseError
from bplab.exercises import RECORD_TYPE
from bplab.grading.class_run import submissions
from bplab.grading.gradebook import Book
from tests.grading.class_run import mini_grader
from tests.grading.class_run.mini_class import (
    HALF,
    NAME,
    RIGHT,
    WRONG,
    autograded,
    grade,
    hand_in,
    marks,
    nbgrader,
)
from tests.grading.class_run.mini_grader import LOG, BrokenGrader
from tests.thorough import one_in

pytestmark = pytest.mark.xdist_group("class-run")


@pytest.fixture
def begun(tmp_path, monkeypatch):
    """How many submissions a grader has begun so far."""
    log = tmp_path / "begun.log"
    monkeypatch.setenv(LOG, str(log))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def small_class(folder):
    hand_in(folder, "ada", RIGHT, timestamp="2026-02-28 10:00:00 UTC")
    hand_in(folder, "ben", HALF)
    hand_in(folder, "carla", WRONG | {"essay": "I think so."}, timestamp="2026-02-01 10:00:00")
    late = hand_in(folder, "dmitri", RIGHT, timestamp="2026-03-02 10:00:00 UTC")
    (late / "data").mkdir()
    (late / "data" / "own.csv").write_text("1,2\n", encoding="utf-8")
    hand_in(folder, "emeka", {})


def files(folder):
    return {
        str(path.relative_to(folder)): (path.stat().st_mode & 0o777, path.suffix)
        for path in (folder / "autograded").rglob("*")
        if path.is_file()
    }


def test_the_gradebook_and_the_files_are_those_of_nbgrader_autograde(folder, tmp_path):
    """Marks, late penalty, comments, timestamps, new students, other files, permissions."""
    small_class(folder)
    (folder / "source" / NAME / "helper.py").write_text("a = 1\n", encoding="utf-8")
    theirs = shutil.copytree(folder, tmp_path / "theirs")
    nbgrader(theirs, "autograde", NAME)
    outcomes, _ = grade(folder)
    assert marks(folder) == marks(theirs)
    assert files(folder) == files(theirs)
    assert [marks(folder)[name]["penalty"] for name in ("ada", "dmitri")] == [None, 5.0]
    assert {name: one.score for name, one in outcomes.items()} == {
        "ada": 5,
        "ben": 4,
        "carla": 0,
        "dmitri": 5,
        "emeka": 0,
    }
    # as nbgrader does when graded again after a person marked
    for place in (folder, theirs):
        _mark_by_hand(place, "ada", "essay", 3.5, "fine")
        _mark_by_hand(place, "ben", "test-one", 2.0, None)
        hand_in(place, "ben", WRONG)
    for student in ("ada", "ben"):
        nbgrader(theirs, "autograde", NAME, "--force", "--student", student)
    grade(folder, force=True)
    assert marks(folder) == marks(theirs)
    assert marks(folder)["ben"]["grades"]["test-one"] == (0.0, 2.0, None, True)


def _mark_by_hand(folder, student, cell, points, comment):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_grade(cell, NAME, NAME, student).manual_score = points
        if comment:
            book.find_comment(cell, NAME, NAME, student).manual_comment = comment
        book.db.commit()


def test_marks_do_not_depend_on_how_many_work(folder, tmp_path):
    for i in range(9):
        hand_in(folder, f"s{i}", (RIGHT, HALF, WRONG)[i % 3])
    alone = shutil.copytree(folder, tmp_path / "alone")
    grade(folder, jobs=3)
    grade(alone)
    assert marks(folder) == marks(alone)
    assert len(marks(folder)) == 9


def test_what_has_not_changed_is_kept(folder, begun):
    for name, answers in {"ada": RIGHT, "ben": HALF, "carla": WRONG}.items():
        hand_in(folder, name, answers)
    first, _ = grade(folder)
    second, _ = grade(folder)
    assert begun() == 3
    assert {one.state for one in second.values()} == {"kept"}
    assert {n: (o.score, o.notes) for n, o in first.items()} == {
        n: (o.score, o.notes) for n, o in second.items()
    }
    hand_in(folder, "ben", RIGHT)
    hand_in(folder, "carla", WRONG, timestamp="2026-03-05 10:00:00 UTC")
    third, _ = grade(folder)
    assert [third[n].state for n in ("ada", "ben", "carla")] == ["kept", "graded", "graded"]
    assert third["ben"].score == 5
    grade(folder, partial_credit=False)
    assert begun() == 3 + 2 + 3
    grade(folder, partial_credit=False, run="other")
    assert begun() == 3 + 2 + 3 + 3
    assert autograded(folder, "ada").metadata.bplab.run == "other"
    grade(folder, partial_credit=False, run="other", force=True, students={"ada"})
    assert begun() == 3 + 2 + 3 + 3 + 1


def test_marks_that_are_not_in_the_gradebook_are_found_again(folder):
    hand_in(folder, "ada", RIGHT)
    grade(folder)
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_grade("test-two", NAME, NAME, "ada").auto_score = None
        book.db.commit()
    outcomes, _ = grade(folder)
    assert outcomes["ada"].state == "graded"
    assert marks(folder)["ada"]["score"] == 5


def test_the_record_is_found_under_its_type():
    assert mini_grader.RECORD_TYPE == RECORD_TYPE


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours handles it."""


def _at(method, which, *, before):
    """Return the method, ended just before or just after its call number ``which``."""
    calls = iter(range(100))

    def ended(*arguments, **options):
        now = next(calls) == which
        if now and before:
            raise Killed
        result = method(*arguments, **options)
        if now:
            raise Killed
        return result

    return ended


@pytest.mark.one_in(3)
@pytest.mark.parametrize("which", one_in(2, [0, 3]))
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Book, "record"),
        (Book, "_penalise"),
        (submissions.Staged, "put_in_place"),
        (submissions.Path, "rename"),
        (submissions, "_set_permissions"),
    ],
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_ended_at_any_point_the_next_run_completes_the_same_gradebook(
    folder, tmp_path, monkeypatch, owner, name, before, which
):
    """Also where a submission has been graded before, and handed in again since."""
    small_class(folder)
    grade(folder)
    for student in ("ada", "ben"):
        hand_in(folder, student, WRONG)
    hand_in(folder, "farid", HALF)
    unbroken = shutil.copytree(folder, tmp_path / "unbroken")
    grade(unbroken)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, _at(getattr(owner, name), which, before=before))
        try:
            grade(folder)
        except Killed:
            pass
        else:
            assert which == 3  # fewer calls than that: not ended
    grade(folder)
    assert marks(folder) == marks(unbroken)
    assert files(folder) == files(unbroken)
    assert _notebooks(folder) == _notebooks(unbroken)


def _notebooks(folder):
    return {p.parts[-3]: p.read_bytes() for p in (folder / "autograded").rglob("*.ipynb")}


def test_a_worker_that_dies_costs_its_submission_only(folder, begun, tmp_path):
    once = tmp_path / "once"
    for i in range(6):
        hand_in(folder, f"s{i}", RIGHT)
    hand_in(folder, "s2", {"one": "import os\nos._exit(3)", "two": "y = 3"})
    dies_once = """import os
if not os.path.exists(PATH):
    open(PATH, "w").close()
    os._exit(3)
x = 2"""
    hand_in(folder, "s4", RIGHT | {"one": dies_once.replace("PATH", repr(str(once)))})
    outcomes, _ = grade(folder, jobs=2)
    assert {n: o.score for n, o in outcomes.items() if o.state == "graded"} == dict.fromkeys(
        ["s0", "s1", "s3", "s4", "s5"], 5
    )
    assert outcomes["s2"].state == "failed"
    assert outcomes["s2"].events == (
        "not graded: the process that judged it ended (exit status 3), twice",
    )
    assert "s2" not in marks(folder)
    assert begun() == 6 + 2


def test_one_that_hangs_is_ended(folder, monkeypatch):
    from bplab.grading.class_run import grade as module

    hand_in(folder, "ada", {"one": "import time\ntime.sleep(600)"})
    hand_in(folder, "ben", RIGHT)
    pool = module.LocalPool
    monkeypatch.setattr(module, "LocalPool", lambda *a: pool(*a, patience=8))
    outcomes, _ = grade(folder, jobs=2)
    assert (outcomes["ada"].state, outcomes["ben"].score) == ("failed", 5)


def test_where_nothing_can_be_graded_it_says_why(folder):
    hand_in(folder, "ada", RIGHT)
    with pytest.raises(CourseError, match=r"nothing can be graded in 1 process: OSError: no kern"):
        grade(folder, make=BrokenGrader, jobs=1)
    assert marks(folder) == {}
