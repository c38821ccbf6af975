"""`bplab grade` and `bplab regrade` as an instructor types them, with the real grader."""

import json
import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.grading.class_run import shown
from bplab.grading.class_run.coordinator import StudentOutcome
from bplab.grading.class_run.shown import needs_a_look, totals
from bplab.grading.class_run.submissions import Refused
from tests.benchmarks.grading import ASSIGNMENT, make_class
from tests.grading.class_run.mini_class import nbgrader
from tests.grading.class_run.staying import staying_children

pytestmark = pytest.mark.xdist_group("grade-command")


def run(*arguments):
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def marks(folder):
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "bplab") as book:
        return {
            one.student.id: {g.name: g.auto_score for g in one.notebooks[0].grades}
            for one in book.assignment_submissions(ASSIGNMENT)
        }


def notebook(folder, student):
    path = folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def folder(course, tmp_path_factory):
    """A class of 4: right, wrong in two ways, and the starter."""
    folder = tmp_path_factory.mktemp("class") / "course"
    make_class(course, folder, 8)
    for student in ("ben001", "dmitri003", "emeka004", "farid005"):
        shutil.rmtree(folder / "submitted" / student)
    return folder


@pytest.fixture(scope="module", autouse=True)
def one_child_for_all_commands():
    """Real processes judge; they stay for the next command, and need not import and warm up."""
    with staying_children():
        yield


@pytest.fixture(scope="module")
def graded(folder):
    """Graded once: exit code, and what was said."""
    return run("grade", ASSIGNMENT, "--course", folder, "--jobs", 1)


@pytest.mark.thorough  # so they are in tests/grading/class_run, for a class of all kinds
def test_the_marks_are_those_of_nbgrader_autograde_with_the_same_settings(folder, graded, tmp_path):
    code, said = graded
    assert code == 0
    assert "4 graded; mean" in said
    theirs = shutil.copytree(folder, tmp_path / "theirs")
    shutil.rmtree(theirs / "autograded")
    before = marks(folder)
    for student in ("carla002", "gudrun006"):
        nbgrader(theirs, "autograde", ASSIGNMENT, "--student", student, "--force")
        assert marks(theirs)[student] == before[student]
    assert set(before["ada000"].values()) == {3.0, 4.0}
    assert set(before["zoe007"].values()) == {0.0}


@pytest.mark.thorough  # so it does in tests/grading/class_run
def test_a_second_run_keeps_everything(folder, graded):
    code, said = run("grade", ASSIGNMENT, "--course", folder, "--jobs", 2)
    assert code == 0
    assert "4 kept as they were" in said


def test_trouble_is_said_in_a_line_and_costs_nobody_else(folder, graded, tmp_path):
    before, folder = marks(folder), shutil.copytree(folder, tmp_path / "course")
    right = folder / "submitted" / "ada000" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    for student in ("broken", "renamed", "zoe [red]"):
        (folder / "submitted" / student / ASSIGNMENT).mkdir(parents=True)
    (folder / "submitted" / "broken" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_text("{")
    shutil.copy(right, folder / "submitted" / "renamed" / ASSIGNMENT / "mine.ipynb")
    code, said = run("grade", ASSIGNMENT, "--course", folder, "--jobs", 1)
    assert code == 0
    assert "2 graded, 4 kept as they were, 1 with nothing to grade" in said
    assert f"no {ASSIGNMENT}.ipynb: mine.ipynb was graded" in said
    assert "zoe [red]" in said
    after = marks(folder)
    assert after["renamed"] == after["ada000"]
    assert set(after["broken"].values()) == set(after["zoe [red]"].values()) == {0.0}
    assert {name: after[name] for name in before} == before


def test_regrade_shows_and_does_not_write_unless_told(folder, graded, tmp_path):
    folder = shutil.copytree(folder, tmp_path / "course")
    # as if an exercise had been wrong when the class was graded
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "bplab") as book:
        book.find_grade("test-eq4", ASSIGNMENT, ASSIGNMENT, "ada000").auto_score = 1.0
        book.db.commit()
    students = ("--students", "ada000,zoe007", "--jobs", 1)
    code, said = run("regrade", ASSIGNMENT, "--course", folder, *students)
    assert code == 0
    assert (
        "1 student up, 0 down; 0 with the same mark, but another named mistake; 1 as before" in said
    )
    assert "Nothing is written: add --write." in said
    assert marks(folder)["ada000"]["test-eq4"] == 1.0
    code, said = run("regrade", ASSIGNMENT, "--course", folder, *students, "--write")
    assert code == 0
    assert marks(folder)["ada000"]["test-eq4"] == 3.0


def test_fresh_cases_are_another_run_with_the_same_marks_for_right_work(folder, graded, tmp_path):
    folder = shutil.copytree(folder, tmp_path / "course")
    before = marks(folder)["ada000"]
    one = ("--course", folder, "--students", "ada000", "--jobs", 1)
    assert run("grade", ASSIGNMENT, *one, "--fresh-cases")[0] == 0
    token = json.loads((folder / "grading" / "runs.json").read_text())[ASSIGNMENT][-1]["run"]
    assert notebook(folder, "ada000").metadata.bplab.run == token != ""
    assert marks(folder)["ada000"] == before
    assert "1 kept as it was" in run("grade", ASSIGNMENT, *one)[1]
    assert "1 graded" in run("grade", ASSIGNMENT, *one, "--run", "")[1]
    assert notebook(folder, "ada000").metadata.bplab.run == ""


def test_mistakes_at_the_command_line_are_one_message(folder):
    from bplab.course import CourseError

    with pytest.raises(CourseError, match=r"section_9\.ipynb is missing: .*generate_assignment"):
        run("grade", "section_9", "--course", folder)
    with pytest.raises(CourseError, match="give one of them"):
        run("grade", ASSIGNMENT, "--course", folder, "--fresh-cases", "--run", "x")
    assert run("grade", ASSIGNMENT, "--course", folder, "--isolation", "docker")[0] == 2


def test_the_table_has_a_line_for_each_thing_and_no_markup_of_students():
    outcomes = [
        StudentOutcome(
            "zoe", "graded", 1, 2, ("e" * 500,), ("asked [bold]for",), ("a: no", "b: no")
        ),
        StudentOutcome("ada", "failed", events=("broken",)),
        StudentOutcome("ben", "graded", 2, 2),
        StudentOutcome("x", "nothing", 0, 2, ("why",), (), ("a: not graded: why.",)),
    ]
    table = needs_a_look(outcomes, [Refused("\\nfolder", "a link")])
    rows = list(
        zip(*([str(cell) for cell in column.cells] for column in table.columns), strict=True)
    )
    assert rows == [
        ("ada", "NO MARK", "broken"),
        ("x", "", "why"),
        ("zoe", "flag", "asked [bold]for"),
        ("zoe", "", "e" * 399 + "…"),
        ("zoe", "", "a, b: no"),
        ("\\nfolder", "refused", "a link"),
    ]
    assert needs_a_look(outcomes[2:3], []) is None
    assert totals(outcomes, 60).startswith(
        "2 graded, 1 with nothing to grade (0 points), 1 without a mark; mean 1.00 of 2 points"
    )


def test_the_time_left_is_that_of_the_recent_pace_not_of_the_start(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(shown.time, "monotonic", lambda: now[0])
    bar = shown.Bar(Console(quiet=True), "sums", 200)

    def done(seconds, state="graded"):
        now[0] += seconds
        bar(StudentOutcome("x", state))
        return bar.pace()

    assert done(7) == "1 done"  # workers were started: 24 minutes, if all took as long
    assert [done(1) for _ in range(3)][-1] == "60/min, 3:16 left"
    assert done(0, "kept") == "60/min, 3:15 left"
    for _ in range(30):
        said = done(2)  # it has become slower
    assert said == "30/min, 5:30 left"
