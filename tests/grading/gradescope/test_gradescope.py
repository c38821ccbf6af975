"""An autograder for Gradescope, in the folders and with the files that Gradescope documents."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from importlib.metadata import metadata, version
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from typer.testing import CliRunner

from bplab.cli import gradescope as command
from bplab.cli.main import app
from bplab.course import Course, CourseError
from bplab.grading.gradescope import build as building
from bplab.grading.gradescope import run as running
from bplab.grading.gradescope.found import NothingToJudge, find
from bplab.grading.gradescope.results import failure, results, shown_when
from bplab.grading.handed_in import Assignments
from bplab.grading.judge.submission import Assignment
from bplab.grading.kernels import IsolationError
from bplab.grading.records import LATER, GradedNotebook, Record
from tests.grading.hostile.notebook import (
    ASSIGNMENT,
    POINTS,
    WRONG,
    as_bytes,
    handed_in,
    right_answers,
)
from tests.thorough import ALL

FOLDER = Path(building.__file__).parent
RELEASED = Course.find().release_file(ASSIGNMENT).read_text(encoding="utf-8")
OTHER = Course.find().release_file("section_1").read_bytes()
OWN = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}}]}).encode()
MINE = RELEASED.encode()
EVERYTHING = Assignments.of_course(Course.find())

# --- which file ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "taken", "left"),
    [
        ({f"{ASSIGNMENT}.ipynb": MINE}, f"{ASSIGNMENT}.ipynb", 0),
        ({"Untitled (3).ipynb": MINE}, "Untitled (3).ipynb", 0),
        ({"deep/er/work.ipynb": MINE}, "deep/er/work.ipynb", 0),
        ({"mine.ipynb": OWN}, "mine.ipynb", 0),
        ({f"{ASSIGNMENT}.ipynb": OWN, "other.ipynb": MINE}, f"{ASSIGNMENT}.ipynb", 1),
        ({"a.ipynb": MINE, "scratch.ipynb": OWN}, "a.ipynb", 0),
        ({"b/a.ipynb": MINE, "c.ipynb": MINE}, "c.ipynb", 1),
        ({f"{ASSIGNMENT}.ipynb": MINE, "section_1.ipynb": OTHER}, f"{ASSIGNMENT}.ipynb", 1),
        ({f"{ASSIGNMENT} (2).ipynb": OWN, f"{ASSIGNMENT}.ipynb": MINE}, f"{ASSIGNMENT}.ipynb", 1),
        ({f"{ASSIGNMENT}-1.ipynb": OWN, f"{ASSIGNMENT}.ipynb": MINE}, f"{ASSIGNMENT}.ipynb", 1),
        ({f".venv/{ASSIGNMENT}.ipynb": OWN, "work/a.ipynb": MINE}, "work/a.ipynb", 0),
        ({f"{ASSIGNMENT}.ipynb.txt": MINE}, f"{ASSIGNMENT}.ipynb.txt", 0),
        ({f"{ASSIGNMENT}.py": b"x = 1\n"}, f"{ASSIGNMENT}.py", 0),
        ({"answers.py": b"x = 1\n"}, "answers.py", 0),
        ({"helper.py": b"", "data.csv": b"1", "a.ipynb": MINE}, "a.ipynb", 0),
        ({"__MACOSX/._a.ipynb": b"\x00", "._a.ipynb": b"\x00", "a.ipynb": MINE}, "a.ipynb", 0),
        ({".ipynb_checkpoints/a-checkpoint.ipynb": MINE, "a.ipynb": MINE}, "a.ipynb", 0),
    ],
)
def test_the_notebook_is_found_whatever_it_is_called(tmp_path, files, taken, left):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    found = find(tmp_path, ASSIGNMENT, EVERYTHING)
    assert found.name == taken
    assert len(found.left) == left
    assert isinstance(json.loads(found.content)["cells"], list)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "There is no notebook"),
        ({"notes.txt": b"hello"}, "There is no notebook"),
        ({"section_1.ipynb": OTHER}, "section_1.ipynb is section_1, another assignment"),
        ({"a.ipynb": b"<html>"}, "a web page"),
        ({"a.ipynb": b""}, "is empty"),
        ({"a.ipynb": OWN, "b.ipynb": OWN}, "Several files came (a.ipynb, b.ipynb)"),
    ],
)
def test_where_there_is_none_it_is_said_what_to_hand_in(tmp_path, files, says):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(NothingToJudge) as nothing:
        find(tmp_path, ASSIGNMENT, EVERYTHING)
    assert says in str(nothing.value)
    assert str(nothing.value).endswith(f"Hand in your notebook {ASSIGNMENT}.ipynb.")


def test_no_link_is_followed(tmp_path):
    (tmp_path / "secret.ipynb").write_bytes(MINE)
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "a.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (tmp_path / "submission" / "b").symlink_to(tmp_path)
    with pytest.raises(NothingToJudge):
        find(tmp_path / "submission", ASSIGNMENT, EVERYTHING)


# --- when marks are shown -----------------------------------------------------------------

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DATES = {"due_date": "2026-12-02T23:00:00.000000-07:00", "late_due_date": None}
LATE = {**DATES, "late_due_date": "2026-12-05T23:00:00-07:00"}


@pytest.mark.parametrize(
    ("after", "metadata", "shown"),
    [
        ("due", {"assignment": DATES}, "after_due_date"),
        ("due", {"assignment": DATES, "users": [{"assignment": DATES}]}, "after_due_date"),
        ("due", {"assignment": DATES, "users": [{"assignment": LATE}]}, "after_published"),
        ("due", {"assignment": LATE, "users": [{"assignment": DATES}]}, "after_due_date"),
        ("due", {"assignment": DATES, "users": [{}, {"assignment": LATE}]}, "after_published"),
        ("due", {"assignment": {"due_date": None}}, "after_published"),
        ("published", {"assignment": DATES}, "after_published"),
        ("2026-12-01T13:00+01:00", {"assignment": DATES}, "visible"),
        ("2026-12-01T13:01+01:00", {"assignment": DATES}, "hidden"),
        ("2026-12-01T13:00+01:00", {"users": [{"assignment": LATE}]}, "hidden"),
        *(("due", odd, "after_published") for odd in ({}, [], None, {"users": 3}, {"users": [3]})),
        ("due", {"assignment": {"due_date": "soon"}, "users": None}, "after_published"),
    ],
)
def test_marks_of_hidden_cases_are_shown_to_nobody_who_can_still_hand_in(after, metadata, shown):
    assert shown_when(after, metadata, NOW) == shown


# --- results.json -------------------------------------------------------------------------

OF_ALL = {
    *("score", "execution_time", "output", "output_format", "test_output_format", "visibility"),
    *("stdout_visibility", "tests"),
}
OF_TEST = {"score", "max_score", "status", "name", "output", "visibility", "extra_data"}
"""What Gradescope documents, of what is used here."""


def refuse_undocumented(came):
    assert set(came) <= OF_ALL
    assert came["stdout_visibility"] == "hidden"
    assert came["visibility"] == "visible"
    for test in came["tests"]:
        assert set(test) <= OF_TEST
        assert test.get("status", "passed") in ("passed", "failed")
        assert ("score" in test) == ("max_score" in test)
        assert test.get("visibility", "visible") in (
            *("visible", "hidden", "after_due_date", "after_published"),
        )
        assert "Traceback" not in test["output"]
    json.dumps(came, allow_nan=False)


WRONG_EQ4 = Record("eq4", 1.5, 3.0, "no-factor-2", "The factor 2 is missing.", "Put it back.")


def test_each_exercise_is_a_test_without_points_and_one_with_them_later():
    came = results(
        [WRONG_EQ4, Record("eq5", 4.0, 4.0)],
        [WRONG_EQ4, Record("eq5", 4.0, 4.0)],
        when="after_due_date",
        seconds=12.3,
    )
    refuse_undocumented(came)
    assert came["score"] == 5.5
    now, later = came["tests"][:2], came["tests"][2:]
    assert [(t["visibility"], t["status"], "score" in t) for t in now] == [
        ("visible", "failed", False),
        ("visible", "passed", False),
    ]
    assert "The factor 2 is missing." in now[0]["output"]
    assert "points" not in now[0]["output"]
    assert [(t["visibility"], t["score"], t["max_score"]) for t in later] == [
        ("after_due_date", 1.5, 3.0),
        ("after_due_date", 4.0, 4.0),
    ]


@pytest.mark.parametrize("mistake", [None, "wrong-answers"])
def test_which_answers_are_right_is_not_said_while_one_can_hand_in_again(mistake, capsys):
    says = "2 of 3 answers are right." if mistake else ""
    asked = Record("explain-eq5", 2.0, 3.0, mistake, says, answers=("Right is b, it stops.",))
    came = results([asked], [asked], when="after_due_date", seconds=1)
    refuse_undocumented(came)
    now, later = came["tests"]
    assert now["output"] == LATER
    assert now.keys() == {"name", "output", "visibility"}
    command.show(came)
    assert "explain-eq5" in capsys.readouterr().out
    assert "Right is b" in later["output"]
    assert (later["score"], later["visibility"]) == (2, "after_due_date")


def test_what_was_not_judged_is_said_at_once():
    came = failure("Hand in a notebook.", 13.0)
    refuse_undocumented(came)
    assert (came["score"], came["tests"][0]["max_score"]) == (0, 13.0)


# --- a run --------------------------------------------------------------------------------


@pytest.fixture
def autograder(tmp_path, monkeypatch):
    """Gradescope's folders with a submission, and a judge that answers at once."""
    about = {"name": ASSIGNMENT, "release": RELEASED, "secret": "s", "run": ""}
    whole = {"assignment": {**about, "partial_credit": True}, "memory_mb": 512, "after": "due"}
    whole["course"] = EVERYTHING.as_lists()
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "source" / running.ABOUT).write_text(json.dumps(whole), encoding="utf-8")
    (tmp_path / "submission_metadata.json").write_text(
        json.dumps({"assignment": DATES}), encoding="utf-8"
    )
    (tmp_path / "submission" / "x.ipynb").write_bytes(MINE)
    asked = []

    def judged(assignment, content, files):
        asked.append((assignment, files))
        return GradedNotebook((WRONG_EQ4,), ("a cell was slow",), ("it is odd",))

    monkeypatch.setattr(running, "judged", judged)
    return tmp_path, asked


def outcome(root):
    running.main(root)
    came = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    refuse_undocumented(came)
    return came


def test_a_submission_is_judged_on_open_cases_and_on_the_secret_ones(autograder, capsys):
    root, asked = autograder
    (root / "submission" / "work.py").write_text("a = 1", encoding="utf-8")
    came = outcome(root)
    assert [one.secret for one, _ in asked] == ["", "s"]
    assert [one.limits.memory_mb for one, _ in asked] == [512, 512]
    assert [files for _, files in asked] == [{"work.py": b"a = 1"}] * 2
    assert [test["visibility"] for test in came["tests"]] == ["visible", "after_due_date"]
    assert came["output"] == "x.ipynb was judged."
    assert "it is odd" in capsys.readouterr().out, "for instructors"
    for name in ("source", "results", "submission"):
        assert stat.S_IMODE((root / name).stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("metadata", [None, "", "{", "[]", '{"assignment": 3}'])
def test_without_dates_marks_wait_for_the_instructor(autograder, metadata):
    root, _ = autograder
    (root / "submission_metadata.json").unlink()
    if metadata is not None:
        (root / "submission_metadata.json").write_text(metadata, encoding="utf-8")
    assert outcome(root)["tests"][-1]["visibility"] == "after_published"


def test_without_a_notebook_it_is_said_and_all_points_are_missing(autograder):
    root, asked = autograder
    (root / "submission" / "x.ipynb").unlink()
    came = outcome(root)
    assert came["score"] == 0
    assert came["tests"][0]["max_score"] == sum(POINTS.values())
    assert "Hand in your notebook" in came["output"]
    assert not asked


@pytest.mark.parametrize("where", ["judged", "source"])
def test_a_failure_of_ours_is_no_traceback_and_no_mark(autograder, monkeypatch, capsys, where):
    root, _ = autograder
    if where == "judged":

        def fails(*_):
            raise CourseError("no kernel could be started")

        monkeypatch.setattr(running, "judged", fails)
    else:
        (root / "source" / running.ABOUT).write_text("{", encoding="utf-8")
    came = outcome(root)
    assert came["score"] == 0
    assert "Write to your instructor" in came["output"]
    assert "Traceback" in capsys.readouterr().out


def test_where_there_is_no_wall_code_runs_as_a_user_of_its_own(autograder, monkeypatch, capsys):
    root, asked = autograder

    def choose(asked):
        if asked != "none":
            raise IsolationError("no wall here")
        return asked, "it can reach the network"

    monkeypatch.setattr(running, "wall_for", choose)
    outcome(root)
    assert {one.isolation for one, _ in asked} == {"none"}
    said = capsys.readouterr().out
    assert "no wall here" in said
    assert "it can reach the network" in said


# --- the upload ---------------------------------------------------------------------------


@pytest.fixture
def upload(tmp_path, monkeypatch):
    """The zip file, with empty wheels in place of those that pip would fetch."""

    def download(packages, python, folder):
        for one in packages:
            name, _, number = one.partition("==")
            (folder / f"{name.replace('-', '_')}-{number or 1}-py3-none-any.whl").touch()

    monkeypatch.setattr(building, "_download", download)
    secret = Assignment(ASSIGNMENT, RELEASED, "the secret")

    def make(**options):
        return building.build(secret, tmp_path / "out" / "a.zip", **options)

    return make


def test_the_upload_has_scripts_at_its_root_and_all_packages(upload):
    made = upload()
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    with zipfile.ZipFile(made.path) as archive:
        modes = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
        about = json.loads(archive.read(running.ABOUT))
        asked = archive.read("requirements.txt").decode().split()
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert about["assignment"]["secret"] == "the secret"
    wheels = {name for name in modes if name.startswith("wheels/")}
    assert f"numpy=={version('numpy')}" in asked
    names = {one.partition("==")[0] for one in asked}
    assert names >= {"nbclient", "nh3", "matplotlib", "ipykernel"}
    assert not names & {"bplab", "jupyterlab", "nbgrader"}
    assert len(wheels) == len(asked) + 2
    assert made.wheels == len(asked) + 1
    slim = upload(wheels=False)
    with zipfile.ZipFile(slim.path) as archive:
        names = [name for name in archive.namelist() if name.startswith("wheels/")]
        assert len(names) == 2
        (wheel,) = [name for name in names if "bplab" in name]
        archive.extract(wheel, slim.path.parent)
    inside = zipfile.ZipFile(slim.path.parent / wheel).namelist()
    assert "bplab/grading/gradescope/run.py" in inside
    assert "bplab/data/penguins.csv" in inside


@pytest.mark.parametrize("after", ["tomorrow", "", "2026-12-01T10:00", "23:59"])
def test_a_moment_needs_its_zone(upload, after):
    with pytest.raises(CourseError, match="--hidden-after takes due, published, or a moment"):
        upload(after=after)


def test_the_command_takes_what_the_course_is_graded_by(upload, tmp_path, monkeypatch):
    own = Course.find().copied_to(tmp_path / "course").root / "course"
    monkeypatch.chdir(own)
    monkeypatch.delenv("BPLAB_SECRET", raising=False)
    (own / "secret.txt").write_text("ours\n", encoding="utf-8")
    (own / "grading").mkdir()
    runs = json.dumps({ASSIGNMENT: [{"run": "b"}]})
    (own / "grading" / "runs.json").write_text(runs, encoding="utf-8")
    done = CliRunner().invoke(app, ["gradescope", "build", ASSIGNMENT, "--hidden-after=published"])
    assert done.exit_code == 0, done.output
    assert "Your secret is in it" in done.stdout
    with zipfile.ZipFile(own / f"{ASSIGNMENT}-autograder.zip") as archive:
        about = json.loads(archive.read(running.ABOUT))
    assert (about["assignment"]["secret"], about["after"]) == ("ours", "published")
    assert about["assignment"]["run"] == "b"


@pytest.mark.parametrize(
    ("required", "python"),
    [
        ([], "3.11.0"),
        ([None, ">=3.9", ">=3.11"], "3.11.0"),
        ([">=3.11.5", ">=3.9"], "3.11.5"),  # pip reads "3.11" as 3.11.0, and has no such package
        ([">=3.11.2,!=3.11.3", ">=3.11.3"], "3.11.4"),
        ([">=3.12"], "3.11.7"),  # it is installed here: it runs
    ],
)
def test_packages_are_for_the_oldest_python_that_they_all_take(required, python):
    assert building.python_for(required, (3, 11, 7)) == python


def test_the_upload_names_a_python_that_its_packages_take(upload):
    made = upload()
    with zipfile.ZipFile(made.path) as archive:
        python = archive.read("python-version").decode().strip()
        pinned = archive.read("requirements.txt").decode().split()
    assert python == made.python
    assert python.count(".") == 2
    for one in pinned:
        about = metadata(one.partition("==")[0])
        required = about["Requires-Python"] if "Requires-Python" in about else ""  # noqa: SIM401
        assert python in SpecifierSet(required), one


@pytest.mark.parametrize(("least", "old"), [("3.11.5", True), ("3.11.4", False)])
def test_a_python_of_the_image_that_is_too_old_is_not_used(tmp_path, least, old):
    """The image has 3.11.4; what comes next is named, and stops."""
    for name in ("setup.sh", "run_autograder"):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "python-version").write_text(f"{least}\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    stops = '#!/bin/bash\ncase "$*" in *venv*) echo "next: ${0##*/} $*"; exit 7;; esac\n'
    has = "import sys; sys.version_info = (3, 11, 4); "
    asked = f'exec {sys.executable} -c "{has}$2"\n'
    stubs = {"apt-get": "#!/bin/bash\n", "python3": stops, "python3.11": stops + asked}
    for name, says in stubs.items():
        (programs / name).write_text(says)
        (programs / name).chmod(0o755)
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", tmp_path / "setup.sh", tmp_path / "there"],
        env=path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert done.stdout.startswith("next: python3 -m" if old else "next: python3.11 -m")


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_the_scripts_can_be_read_by_bash(name):
    assert os.access(FOLDER / name, os.X_OK)
    subprocess.run(["bash", "-n", FOLDER / name], check=True)


def test_a_program_that_does_not_start_leaves_a_result(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "results.json").write_text('{"score": 100}', encoding="utf-8")
    subprocess.run(["bash", FOLDER / "run_autograder", tmp_path, "/bin/false"], check=True)
    came = json.loads((tmp_path / "results" / "results.json").read_text(encoding="utf-8"))
    assert came["score"] == 0
    assert "Write to your instructor" in came["output"]


@pytest.mark.thorough
@pytest.mark.skipif(not ALL, reason="by `make test-all`")
@pytest.mark.parametrize("answers", [{}, WRONG], ids=["right", "wrong"])
def test_in_gradescopes_folders_points_are_those_of_grading(upload, tmp_path, answers):
    made = upload()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "my work.ipynb").write_bytes(
        as_bytes(handed_in({**right_answers(), **answers}))
    )
    bplab = [sys.executable, "-c", "from bplab.cli.base import main; main()"]
    done = subprocess.run(
        [*bplab, "gradescope", "try", "--json", made.path, tmp_path / "in"],
        capture_output=True,
        text=True,
        check=True,
    )
    came = json.loads(done.stdout)
    refuse_undocumented(came)
    assert came["score"] == (0 if answers else sum(POINTS.values()))
