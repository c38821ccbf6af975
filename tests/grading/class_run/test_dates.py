"""Due dates, extensions and late penalties of a class, before and after it is graded."""

import io
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties
from rich.console import Console
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.grading.class_run.regrade import LATE, regrade_class, summary
from bplab.grading.class_run.shown import late, marks_moved, totals
from bplab.grading.folder import ClassFolder
from bplab.grading.report.results import read_results
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

ZONE = "\nc.NbGraderAPI.timezone = 'Europe/Berlin'\n"
"""Where no test is about it: not that of this computer."""

POLICY = """
c.LateSubmissionPlugin.penalty_method = "none"
c.AssignLatePenalties.plugin_class = "bplab.grading.late.LatePolicy"
"""


@pytest.fixture(scope="module")
def template(mini_course, tmp_path_factory):
    folder = shutil.copytree(mini_course, tmp_path_factory.mktemp("dates") / "course")
    settings(folder, ZONE)
    hand_in(folder, "ada", RIGHT, timestamp=f"{ON_TIME:%Y-%m-%d %H:%M:%S} UTC")
    hand_in(folder, "ben", HALF, timestamp=f"{TOO_LATE:%Y-%m-%d %H:%M:%S} UTC")
    hand_in(folder, "carla", HALF)
    grade(folder)
    return folder


@pytest.fixture
def folder(template, tmp_path):
    return shutil.copytree(template, tmp_path / "course")


@pytest.fixture
def ungraded(mini_course, tmp_path):
    folder = shutil.copytree(mini_course, tmp_path / "course")
    settings(folder, ZONE)
    return folder


def settings(folder, lines):
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(lines)


def penalties(folder):
    return {student: one["penalty"] for student, one in marks(folder).items()}


def due(folder, date):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.update_or_create_assignment(NAME, duedate=date, course_id="mini")


def extend(folder, *words):
    """As it is typed; what it said, in one line."""
    typed = ["extend", *words, "--course", str(folder)]
    ran = CliRunner().invoke(app, typed, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return " ".join(ran.output.split())


def regrade(folder, *, write):
    course, assignment = ClassFolder.open(folder), Assignment(NAME, released(folder))
    changes, result, written = regrade_class(
        course, assignment, MiniGrader, Here(), agree=lambda changes, result: write
    )
    assert written is write
    return changes, summary(changes, result)


def moved(result):
    """Whose mark `bplab grade` says is another, and from what to what."""
    table = marks_moved(result.before, result.after)
    if table is None:
        return {}
    students, said = ([str(cell) for cell in column.cells] for column in table.columns[:2])
    return dict(zip(students, said, strict=True))


def text(table):
    stream = io.StringIO()
    Console(file=stream, width=100).print(table)
    return stream.getvalue()


def test_before_anything_moves_the_late_one_has_lost(folder):
    assert penalties(folder) == {"ada": None, "ben": 4.0, "carla": None}


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (lambda folder: due(folder, "2026-03-05 12:00:00"), {}),
        (lambda folder: due(folder, None), {}),
        (lambda folder: extend(folder, "ben", NAME, "--days", "2"), {}),
        (lambda folder: settings(folder, POLICY), {}),
        (lambda folder: settings(folder, f"{POLICY}c.LatePolicy.per_day = 0.1\n"), {"ben": 0.9}),
        (lambda folder: due(folder, "2026-02-01 12:00:00"), {"ada": 5.0, "ben": 4.0}),
    ],
    ids=["later", "none", "extension", "no policy", "a policy", "earlier"],
)
def test_what_is_kept_has_the_penalty_of_dates_and_rule_as_they_are_now(folder, move, expected):
    move(folder)
    before = {student: one["grades"] for student, one in marks(folder).items()}
    changes, said = regrade(folder, write=False)
    outcomes, result = grade(folder)
    assert {one.state for one in outcomes.values()} == {"kept"}
    after = penalties(folder)
    assert after == dict.fromkeys(("ada", "ben", "carla")) | expected
    assert {student: one["grades"] for student, one in marks(folder).items()} == before
    expected_marks = {"ada": "5 → 0"} if "ada" in expected else {"ben": "0 → 4"}
    if 0.9 in expected.values():
        expected_marks = {"ben": "0 → 3.1"}
    assert moved(result) == expected_marks
    # what would come of it was told before
    assert [(one.student, one.cell) for one in changes] == [(one, LATE) for one in expected_marks]
    up = int("ben" in expected_marks)
    assert said.startswith(f"{up} student{'s' * (not up)} up, {1 - up} down")
    assert moved(grade(folder)[1]) == {}


def test_regrade_shows_whose_penalty_changes_and_writes_it(folder):
    due(folder, "2026-03-05 12:00:00")
    for write in (False, True):
        changes, said = regrade(folder, write=write)
        assert [(one.student, one.cell, one.was, one.now, one.marks) for one in changes] == [
            ("ben", LATE, -4.0, -0.0, (0.0, 4.0))
        ]
        assert said.startswith("1 student up, 0 down")
        assert penalties(folder)["ben"] == (None if write else 4.0)


def by_hand(folder, student, **points):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        grade = book.find_grade("test-two", NAME, NAME, student)
        for name, value in points.items():
            setattr(grade, name, value)
        book.find_grade("essay", NAME, NAME, student).manual_score = 4.0
        book.db.commit()


@pytest.mark.parametrize("again", ["grade", "regrade"])
def test_points_by_hand_and_extra_credit_count_when_the_penalty_is_found_again(folder, again):
    by_hand(folder, "ben", extra_credit=1.0)  # 1 + 3 + 4 + 1, and 4 were taken off
    if again == "grade":
        assert moved(grade(folder)[1]) == {"ben": "5 → 0"}
    else:
        changes, said = regrade(folder, write=True)
        assert [(one.cell, one.now, one.marks) for one in changes] == [(LATE, -9.0, (5.0, 0.0))]
        assert said.startswith("0 students up, 1 down")
    assert penalties(folder)["ben"] == 9.0


def test_a_penalty_that_is_larger_than_the_mark_takes_the_mark(folder):
    by_hand(folder, "ben", manual_score=0.0)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        book.find_grade("essay", NAME, NAME, "ben").manual_score = 0.0
        book.db.commit()
    changes, said = regrade(folder, write=True)
    assert [one.marks for one in changes] == [(0.0, 0.0)]
    assert said.startswith("0 students up, 0 down")
    assert penalties(folder)["ben"] == 1.0


def test_an_extension_taken_back_costs_what_it_gave(folder):
    said = extend(folder, "ben", NAME, "--until", "2026-03-01 13:00:01")
    assert "22 h 59 min late even so" in said
    extend(folder, "ben", NAME, "--days", "1", "--hours", "1")
    grade(folder)
    assert penalties(folder)["ben"] is None
    assert "it was 1 day 1 h" in extend(folder, "ben", NAME, "--remove")
    assert moved(grade(folder)[1]) == {"ben": "4 → 0"}


def test_who_hands_in_again_within_the_extension_loses_nothing(folder):
    extend(folder, "ben", NAME, "--until", "2026-03-03 12:00 UTC")
    hand_in(folder, "ben", RIGHT, timestamp="2026-03-03 12:00:00 UTC")
    outcomes, result = grade(folder)
    assert outcomes["ben"].state == "graded"
    assert moved(result) == {"ben": "0 → 5"}
    hand_in(folder, "ben", RIGHT, timestamp="2026-03-03 12:00:01 UTC")
    assert moved(grade(folder)[1]) == {"ben": "5 → 0"}
    after = grade(folder)[1].after
    assert "│ 1 s " in text(late(after))
    assert "points before late penalties" in totals([*outcomes.values()], 1, after)


def test_an_extension_given_first_counts_when_a_class_is_graded(ungraded):
    with Gradebook(f"sqlite:///{ungraded / 'gradebook.db'}", "mini") as book:
        book.add_student("never")
    hand_in(ungraded, "ben", HALF, timestamp=f"{TOO_LATE:%Y-%m-%d %H:%M:%S} UTC")
    said = extend(ungraded, "ben,never", NAME, "--days", "1")
    assert f"{NAME} is due 2026-03-01 13:00 CET (2026-03-01 12:00 UTC)." in said
    for student in ("ben", "never"):
        assert f"{student}: until 2026-03-02 13:00 CET (2026-03-02 12:00 UTC), 1 day more" in said
    waits = read_results(ClassFolder.open(ungraded), NAME)
    assert [one.id for one in waits.waiting] == ["ben"]
    _, result = grade(ungraded)
    graded = read_results(ClassFolder.open(ungraded), NAME)
    assert [one.id for one in graded.missing] == ["never"]
    (ben,) = graded.students
    assert (ben.mark.final, ben.mark.late, ben.mark.late_words) == (4.0, 0.0, "1 day more time")
    row = next(line for line in text(late(result.after)).splitlines() if "ben" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["ben", "1 day", "no", "0", "4"]
    # and it can be taken back from who has not handed in
    extend(ungraded, "never", NAME, "--remove")
    assert [one.id for one in read_results(ClassFolder.open(ungraded), NAME).missing] == ["never"]


def test_an_extension_for_what_is_not_released_yet_is_no_mark(ungraded):
    with Gradebook(f"sqlite:///{ungraded / 'gradebook.db'}", "mini") as book:
        book.add_student("never")
        book.add_assignment("later", duedate="2026-03-01 12:00:00", course_id="mini")
    extend(ungraded, "never", "later", "--days", "1")
    with Gradebook(f"sqlite:///{ungraded / 'gradebook.db'}", "mini") as book:
        book.update_or_create_notebook("later", "later")
    later = read_results(ClassFolder.open(ungraded), "later")
    assert [one.id for one in later.missing] == ["never"]


def test_extensions_are_listed_with_the_time_that_they_end(folder):
    assert "Nobody has more time." in extend(folder, "--list")
    extend(folder, "ben", "ada", NAME, "--hours", "2")
    assert "2 h instead of" not in extend(folder, "--list")
    assert "3 h more instead of 2 h" in extend(folder, "ada", NAME, "--hours", "3")
    said = extend(folder, "--list")
    for words in ("2026-03-01 15:00 CET", "2026-03-01 16:00 CET", "21 h late even so"):
        assert words in said.replace("│ │ │ │ │ │ ", ""), words
    assert "ben" not in extend(folder, "ada", NAME, "--list")
    # the date is moved, and they go with it
    due(folder, "2026-07-01 12:00:00")
    assert "2026-07-01 16:00 CEST" in extend(folder, NAME, "--list")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("adda", NAME, "--days", "1"), r"no student 'adda' \(nearest: ada\): nothing is written"),
        (("ada", "zoe", NAME, "--days", "1"), "no student 'zoe'"),
        (("ada", "sum", "--days", "1"), "no assignment 'sum'. Did you mean \"sums\""),
        (("sum", "--list"), "Did you mean"),
        (("ada", NAME, "--until", "2026-03-01 12:59"), "due 2026-03-01 13:00 CET .*ends later"),
        (("ada", NAME, "--until", "2026-03-01 12:00 UTC"), "Nothing is written"),
        (("ada", NAME, "--until", "soon"), "'soon' is not a time"),
        ((NAME, "--days", "1"), "name the students, then the assignment"),
        (("ada", NAME), "give one of --until"),
        (("ada", NAME, "--days", "1", "--remove"), "give one of"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(folder, words, says):
    before = (folder / "gradebook.db").read_bytes()
    with pytest.raises(CourseError, match=says):
        extend(folder, *words)
    assert (folder / "gradebook.db").read_bytes() == before


def test_without_a_due_date_there_is_nothing_to_extend(folder):
    extend(folder, "ben", NAME, "--days", "1")
    due(folder, None)
    with pytest.raises(CourseError, match=r"sums has no due date.*--duedate="):
        extend(folder, "ada", NAME, "--days", "1")
    assert "without a due date" in extend(folder, "--list")
    assert late(grade(folder)[1].after) is not None
    assert penalties(folder)["ben"] is None
    assert read_results(ClassFolder.open(folder), NAME).students[1].mark.late is None


@pytest.mark.parametrize("ended", [False, True])
def test_a_database_that_fails_has_an_extension_for_all_or_for_nobody(folder, monkeypatch, ended):
    from bplab.grading.gradebook import extend as extending

    real, seen = extending.Extensions._new, []

    def new(self, assignment, student):
        seen.append(student)
        if ended and len(seen) == 2:
            raise KeyboardInterrupt
        return real(self, assignment, student)

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "mini") as book:
        for student in ("emeka", "farid"):
            book.add_student(student)
    monkeypatch.setattr(extending.Extensions, "_new", new)
    words = ("ben", "emeka", "farid", NAME, "--days", "1")
    if ended:
        CliRunner().invoke(app, ["extend", *words, "--course", str(folder)])
    else:
        extend(folder, *words)
    listed = extend(folder, "--list")
    assert seen == ["emeka", "farid"]
    assert [student in listed for student in ("ben", "emeka", "farid")] == [not ended] * 3


@pytest.mark.parametrize(
    "rule",
    [
        'assignments = {"sums": {"points_per_day": 0.5}}',
        "per_day = 0.1\nc.LatePolicy.days_begun = False",
        "zero_after_days = 0.5",
    ],
)
def test_nbgrader_autograde_takes_off_the_same(folder, rule):
    settings(folder, f"{POLICY}c.LatePolicy.{rule}\n")
    grade(folder)
    ours = penalties(folder)
    assert ours["ben"] > 0
    url = f"sqlite:///{folder / 'gradebook.db'}"
    with Gradebook(url, "mini") as book:
        book.find_submission_notebook(NAME, NAME, "ben").late_submission_penalty = None
        book.db.commit()
    theirs = AssignLatePenalties(config=ClassFolder.open(folder).config)
    for student in ours:
        about = {"notebook": NAME, "assignment": NAME, "student": student, "db_url": url}
        theirs.preprocess(SimpleNamespace(cells=[]), {"nbgrader": about})
    assert penalties(folder) == ours


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("per_day = 10", "c.LatePolicy: per_day should be a share from 0 to 1"),
        ("per_day = '10 %'", "late submissions: .*per_day.* expected a float"),
        ("perday = 0.1", 'Did you mean "per_day"'),
        ("assignments = {'Sums': {}}", 'Sums.*no such assignment. Did you mean "sums"'),
    ],
)
def test_a_rule_that_is_none_stops_the_run_before_anything_is_graded(folder, rule, says):
    settings(folder, f"{POLICY}c.LatePolicy.{rule}\n")
    hand_in(folder, "dmitri", RIGHT)
    with pytest.raises(CourseError, match=says):
        grade(folder)
    assert not (folder / "autograded" / "dmitri").exists()


@pytest.mark.parametrize(
    ("timestamp", "said"),
    [
        ("2026-03-01 12:30:00", ""),  # without a zone it is UTC, to nbgrader too
        ("2026-03-01 13:30:00 Europe/Berlin", ""),
        ("2026-03-01T13:30:00+01:00", ""),
        ("2026-03-01 12:30:00 +0000", ""),
        ("2026-03-01 12:30:00 PDT", "time zone PDT, which nbgrader does not know: taken as"),
        ("2026-03-01 12:30:00 +0100", "taken as 2026-03-01 12:28 UTC"),
    ],
)
def test_a_time_zone_that_nbgrader_takes_for_another_is_said(ungraded, timestamp, said):
    hand_in(ungraded, "ada", RIGHT, timestamp=timestamp)
    outcomes, result = grade(ungraded)
    events = " ".join(outcomes["ada"].events)
    assert said in events
    assert bool(events) is bool(said)
    assert result.after["ada"].late == pytest.approx(1800, abs=120)


def test_who_has_no_timestamp_is_not_said_to_be_late_or_in_time(folder):
    shown = text(late(grade(folder)[1].after))
    assert "ben" in shown
    assert "carla" not in shown
    assert "ada" not in shown
    carla = read_results(ClassFolder.open(folder), NAME).students[2]
    assert (carla.mark.late, carla.mark.late_words) == (None, "")
