"""A due date that moves, or an extension, after a class was graded: marks follow."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.api import Gradebook

from bplab.grading.class_run.regrade import LATE, regrade_class, summary
from bplab.grading.folder import ClassFolder
from tests.grading.class_run.mini_class import (
    HALF,
    NAME,
    RIGHT,
    Here,
    grade,
    hand_in,
    marks,
    released,
)
from tests.grading.class_run.mini_grader import Assignment, MiniGrader

pytestmark = pytest.mark.xdist_group("class-run")

ON_TIME, TOO_LATE = (datetime(2026, 3, day, 11, tzinfo=UTC) for day in (1, 2))


@pytest.fixture(scope="module")
def template(mini_course, tmp_path_factory):
    folder = shutil.copytree(mini_course, tmp_path_factory.mktemp("dates") / "course")
    hand_in(folder, "ada", RIGHT, timestamp=f"{ON_TIME:%Y-%m-%d %H:%M:%S} UTC")
    hand_in(folder, "ben", HALF, timestamp=f"{TOO_LATE:%Y-%m-%d %H:%M:%S} UTC")
    hand_in(folder, "carla", HALF)
    grade(folder)
    return folder


@pytest.fixture
def folder(template, tmp_path):
    return shutil.copytree(template, tmp_path / "course")


def penalties(folder):
    return {student: one["penalty"] for student, one in marks(folder).items()}


def due(folder, date):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.update_or_create_assignment(NAME, duedate=date, course_id="mini")


def extend(folder, student, days):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_submission(NAME, student).extension = timedelta(days=days)
        book.db.commit()


def test_before_anything_moves_the_late_one_has_lost(folder):
    assert penalties(folder) == {"ada": None, "ben": 4.0, "carla": None}


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (lambda folder: due(folder, "2026-03-05 12:00:00"), {}),
        (lambda folder: due(folder, None), {}),
        (lambda folder: extend(folder, "ben", 2), {}),
        (lambda folder: due(folder, "2026-02-01 12:00:00"), {"ada": 5.0, "ben": 4.0}),
    ],
)
def test_what_is_kept_has_the_penalty_of_the_date_as_it_is_now(folder, move, expected):
    move(folder)
    before = {student: one["grades"] for student, one in marks(folder).items()}
    outcomes, _ = grade(folder)
    assert {one.state for one in outcomes.values()} == {"kept"}
    assert penalties(folder) == dict.fromkeys(("ada", "ben", "carla")) | expected
    assert {student: one["grades"] for student, one in marks(folder).items()} == before
    told = {name for name, one in outcomes.items() if "late penalty" in " ".join(one.events)}
    assert told == ({"ada"} if expected else {"ben"})
    again, _ = grade(folder)
    assert not any("late penalty" in " ".join(one.events) for one in again.values())


def test_regrade_shows_whose_penalty_changes_and_writes_it(folder):
    due(folder, "2026-03-05 12:00:00")
    assignment = Assignment(NAME, released(folder))
    seen = []

    def agree(changes, result):
        seen.append(([(one.student, one.cell, one.was, one.now) for one in changes], result))
        return len(seen) > 1

    for write in (False, True):
        course = ClassFolder.open(folder)
        changes, result, written = regrade_class(
            course, assignment, MiniGrader, Here(), agree=agree
        )
        assert written is write
        assert [(one.student, one.cell, one.was, one.now) for one in changes] == [
            ("ben", LATE, -4.0, -0.0)
        ]
        assert summary(changes, result).startswith("1 student up, 0 down")
        assert penalties(folder)["ben"] == (None if write else 4.0)
