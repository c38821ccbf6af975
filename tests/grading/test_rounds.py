"""Whoever has read feedback is judged on other hidden cases."""

import json

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.grading.folder import ClassFolder
from bplab.grading.judge.submission import Assignment
from bplab.grading.nbgrader_plugin import OracleExecute
from bplab.grading.rounds import Rounds
from tests.grading.class_run.staying import staying_children
from tests.grading.hostile.classroom import new_classroom
from tests.grading.hostile.notebook import ALL, ASSIGNMENT, added, as_bytes, right_notebook
from tests.thorough import one_in


@pytest.fixture
def course(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    return ClassFolder.open(tmp_path)


def give_feedback(course, student):
    page = course.root / "feedback" / student / "one" / "one.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("feedback", encoding="utf-8")


def judged(course, student, digest, notebook=""):
    rounds = Rounds(course, "one", notebook)
    number = rounds.of(student, digest)
    rounds.note(student, digest, number)
    return number


def test_what_is_handed_in_after_feedback_to_something_else_is_a_new_round(course):
    assert judged(course, "ada", "first") == 1
    assert judged(course, "ada", "first again, before feedback") == 1
    give_feedback(course, "ada")
    assert judged(course, "ada", "second") == 2
    assert judged(course, "ada", "third") == 3
    assert judged(course, "ben", "first") == 1


def test_the_same_file_is_always_in_the_same_round(course):
    judged(course, "ada", "first")
    give_feedback(course, "ada")
    assert judged(course, "ada", "first") == 1
    assert [judged(course, "ada", "second") for _ in range(3)] == [2, 2, 2]


def test_each_notebook_of_an_assignment_has_rounds_of_its_own(course):
    assert [judged(course, "ada", f"first {name}", name) for name in ("one", "two")] == [1, 1]
    give_feedback(course, "ada")
    for _ in range(2):
        assert [judged(course, "ada", f"first {name}", name) for name in ("one", "two")] == [1, 1]
    assert judged(course, "ada", "second two", "two") == 2
    assert judged(course, "ada", "first one") == 1


def test_autograde_of_a_second_notebook_is_no_new_round(course, monkeypatch):
    monkeypatch.chdir(course.root)
    execute = OracleExecute(config=course.config)
    place = course.submitted("ada", "one")
    place.mkdir(parents=True)
    release = course.root / "release" / "one"
    release.mkdir(parents=True)
    for name in ("one", "two"):
        for folder in (place, release):
            (folder / f"{name}.ipynb").write_text(name, encoding="utf-8")
    give_feedback(course, "ada")
    one = Assignment("one", "", "")
    rounds = [execute._handed_in("ada", name, one)[1] for _ in range(2) for name in ("one", "two")]
    assert rounds == [1] * 4
    (place / "two.ipynb").write_text("second", encoding="utf-8")
    assert execute._handed_in("ada", "one", one)[1] == 1
    (place / "helper.py").write_text("second", encoding="utf-8")
    assert execute._handed_in("ada", "one", one)[1] == 2


def test_what_another_command_noted_meanwhile_stays(course):
    first, second = Rounds(course, "one"), Rounds(course, "one")
    second.note("ben", "his", 2)
    first.note("ada", "hers", 1)
    noted = json.loads((course.own / "rounds.json").read_text(encoding="utf-8"))
    assert noted["one"].keys() == {"ada", "ben"}


def test_looking_notes_nothing(course):
    judged(course, "ada", "first")
    give_feedback(course, "ada")
    assert [Rounds(course, "one").of("ada", "second") for _ in range(2)] == [2, 2]
    noted = json.loads((course.own / "rounds.json").read_text(encoding="utf-8"))
    assert noted == {"one": {"ada": {"digest": "first", "round": 1}}}


@pytest.mark.parametrize("text", ["{", "[]", '{"one": {"ada": {}}}', '{"one": 3}'])
def test_notes_that_are_broken_are_said(course, text):
    course.own.mkdir()
    (course.own / "rounds.json").write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=r"rounds\.json is not as bplab wrote it"):
        Rounds(course, "one")


def test_a_right_submission_has_its_points_in_every_round_and_it_is_noted_which(grader):
    submitted = as_bytes(right_notebook())
    graded = [grader.grade(submitted, round) for round in (1, 2, 3)]
    assert [one.score for one in graded] == [ALL] * 3
    runs = [json.loads(one.notebook)["metadata"]["bplab"]["run"] for one in graded]
    assert runs == ["", "2", "3"]


def test_a_file_that_is_not_read_is_of_its_round_too(grader):
    graded = [grader.grade(b"{", round) for round in (1, 2)]
    runs = [json.loads(one.notebook)["metadata"]["bplab"]["run"] for one in graded]
    assert runs == ["", "2"]


def run_noted(room, student):
    path = room.course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["metadata"]["bplab"]["run"]


def typed(room, program, *arguments):
    """Run a command; bplab's in this process, where a judging child stays for the next."""
    if program != "bplab":
        room.run(program, *arguments)
        return
    given = [*arguments, "--course", str(room.course), "--jobs", "1"]
    ran = CliRunner().invoke(app, given, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize(
    "command",
    one_in(2, [("bplab", "grade", ASSIGNMENT), ("nbgrader", "autograde", ASSIGNMENT, "--force")]),
    ids=" ".join,
)
def test_both_commands_count_rounds(tmp_path, tmp_path_factory, command):
    room = new_classroom(tmp_path_factory, tmp_path / "class")
    room.hand_in("ada", as_bytes(right_notebook()))
    with staying_children():
        typed(room, *command)
        assert (run_noted(room, "ada"), room.mark("ada")) == ("", ALL)
        page = room.course / "feedback" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.html"
        page.parent.mkdir(parents=True)
        page.write_text("feedback", encoding="utf-8")
        typed(room, *command)
        assert run_noted(room, "ada") == ""
        room.hand_in("ada", as_bytes(right_notebook(added("x = 1"))))
        typed(room, *command)
        assert (run_noted(room, "ada"), room.mark("ada")) == ("2", ALL)
