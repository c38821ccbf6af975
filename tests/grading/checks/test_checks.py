"""`bplab check`: what a notebook is worth, without nbgrader."""

import io
import json
import os
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from rich.console import Console
from typer.testing import CliRunner

from bplab.cli.check import notebooks_in
from bplab.cli.main import app
from bplab.course import Course, CourseError
from bplab.exercises import TASKS
from bplab.grading import checks, kernels
from bplab.grading.checks import (
    as_junit,
    as_markdown,
    as_table,
    as_text,
    check_files,
    judging,
)
from bplab.grading.checks import checked as checked_files
from bplab.grading.checks.checked import Checked
from bplab.grading.checks.handed import program_as_notebook, read_handed
from bplab.grading.checks.in_kernel import judged_in_kernel
from bplab.grading.records import GradedNotebook, Record
from tests.grading.hostile.notebook import (
    ASSIGNMENT,
    POINTS,
    as_bytes,
    handed_in,
    right_answers,
)
from tests.grading.hostile.ours import assignment, on_the_host_of
from tests.thorough import ALL

# tests/cli/test_installed.py checks a notebook with a kernel that is started
pytestmark = pytest.mark.usefixtures("kernels_forked")

HALF = """
def backward_output(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return delta, None
"""
NO_2 = """
def grad_beta(Y, A, Z, T, F, g):
    delta = -(Y - F) * g.derivative(T)
    return delta.T @ np.column_stack([np.ones(len(Z)), Z])
"""
MIXED = {"eq4": NO_2, "eq6": HALF}
SECRET = assignment().secret

RIGHT = "def loss(Y, F):\n    return ((Y - F) ** 2).sum()"
WRONG = "def loss_per_example(Y, F):\n    return ((Y - F) ** 2).mean(axis=1)"
START = "from bplab import check, todo"


def notebook(path, *cells):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nb, path)
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


def told(checked):
    return {one.exercise: (one.points, one.mistake) for one in checked.records}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The same assignment as it is handed in by four students."""
    folder = tmp_path_factory.mktemp("handed-in")
    answers = {
        "right": right_answers(),
        "mixed": {**right_answers(), **MIXED},
        "starter": {},
        "torn": None,
    }
    for name, given in answers.items():
        content = b'{"cells": [' if given is None else as_bytes(handed_in(given))
        (folder / f"{ASSIGNMENT} ({name}).ipynb").write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def judged(files):
    """What `bplab check --hidden` says of each."""
    paths = sorted(files.glob("*.ipynb"))
    checked = check_files(paths, Course.find(), assignment=ASSIGNMENT, secret=SECRET)
    return {one.path.stem.partition("(")[2].rstrip(")"): one for one in checked}


def test_points_and_mistakes_are_those_of_grading(files, judged, grader):
    before = {path: path.read_bytes() for path in files.iterdir()}
    released = Course.find().release_file(ASSIGNMENT).read_text(encoding="utf-8")
    with on_the_host_of(grader, assignment(release=released)) as grading:
        for path in sorted(files.glob("*.ipynb")):
            graded = grading.grade(path.read_bytes())
            checked = judged[path.stem.partition("(")[2].rstrip(")")]
            assert told(checked) == {r.exercise: (r.points, r.mistake) for r in graded.results}
            assert checked.score == graded.score
            assert checked.max_score == sum(POINTS.values())
    assert judged["right"].passed
    assert told(judged["mixed"])["eq4"] == (0, "no-factor-2")
    assert told(judged["mixed"])["eq6"][0] == TASKS["eq6"].points / 2
    assert {mistake for _, mistake in told(judged["starter"]).values()} == {"not-written"}
    assert {mistake for _, mistake in told(judged["torn"]).values()} == {"unreadable"}
    assert before == {path: path.read_bytes() for path in files.iterdir()}


@pytest.mark.parametrize("name", ["right", "mixed", "starter", "torn"] if ALL else ["mixed"])
def test_without_a_wall_points_and_mistakes_are_the_same(files, judged, name):
    """As on Windows: the checks in the notebook's own kernel judge, on the same cases."""
    (path,) = files.glob(f"*({name})*")
    handed = read_handed(path, Course.find(), assignment=ASSIGNMENT)
    came = judged_in_kernel(handed, secret=SECRET)
    assert told(came) == told(judged[name])
    assert not came.protected
    assert judged[name].protected


def test_the_words_of_both_ways_are_those_of_feedback(judged):
    (eq4,) = [one for one in judged["mixed"].records if one.exercise == "eq4"]
    assert eq4.says == "The factor 2 is missing."
    assert eq4.step == "residual"
    assert eq4.hint


def test_code_that_lies_to_its_own_checks_earns_nothing_behind_a_wall(tmp_path):
    forged = [START, "import bplab\nbplab.check = check = lambda *a, **k: None"]
    (tmp_path / "x.ipynb").write_bytes(as_bytes(handed_in({})))
    nb = nbformat.read(tmp_path / "x.ipynb", as_version=4)
    nb.cells[:0] = [nbformat.v4.new_code_cell(source) for source in forged]
    nbformat.write(nb, tmp_path / "x.ipynb")
    (checked,) = check_files([tmp_path / "x.ipynb"], Course.find(), secret=SECRET)
    assert told(checked) == dict.fromkeys(POINTS, (0, "not-written"))


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """No notebook of the course: one right, one wrong, one after a cell that raises."""
    return notebook(
        tmp_path_factory.mktemp("checks") / "own.ipynb",
        *(START, RIGHT, 'check("eq1", loss)', WRONG, "1 / 0", 'check("eq2", loss_per_example)'),
        'check("eq4", grad_beta)',
    )


def refuse(asked):
    raise kernels.IsolationError("there is none. Install it")


@pytest.fixture(scope="module")
def printed(own):
    """What the command makes of it: what is printed, and each file that can be asked for."""
    names = {kind: own.parent / "new" / kind for kind in ("junit", "markdown")}
    names["markdown"].parent.mkdir()
    names["markdown"].write_text("before\n", encoding="utf-8")
    before = own.read_bytes()
    with pytest.MonkeyPatch.context() as patched:
        if not ALL:  # behind a wall it takes a grader of its own
            patched.setattr(judging, "choose", refuse)
        done = run("--json", own, *(f"--{kind}={path}" for kind, path in names.items()))
    assert done.exit_code == 1, done.output
    assert own.read_bytes() == before
    return {kind: path.read_text(encoding="utf-8") for kind, path in names.items()} | {
        "json": json.loads(done.stdout)
    }


def test_a_notebook_of_ones_own_is_judged_by_what_it_checks(printed):
    (one,) = printed["json"]
    assert {r["exercise"]: r["mistake"] for r in one["results"]} == {
        "eq1": None,
        "eq2": "outputs-averaged",
        "eq4": "not-defined",
    }
    assert (one["score"], one["max_score"], one["protected"]) == (1, 5, ALL)


def test_a_dead_kernel_and_an_endless_loop_end_a_run_without_a_wall_and_are_said(tmp_path):
    first = (START, RIGHT, 'check("eq1", loss)')
    for name, cell, seconds, says in (
        ("dead", "import os; os._exit(1)", 300, "the kernel died"),
        ("endless", "while True: pass", 5, "longer than 5 s"),
    )[: 2 if ALL else 1]:
        path = notebook(tmp_path / f"{name}.ipynb", *first, cell, 'check("eq2", x)')
        came = judged_in_kernel(read_handed(path, Course.find()), secret="", seconds=seconds)
        assert told(came) == {"eq1": (1, None), "eq2": (0, "not-run")}
        assert says in came.events[0]


@pytest.mark.parametrize("wall", [True, False] if ALL else [False])
def test_what_lies_beside_a_notebook_is_there_as_in_grading(wall, tmp_path, monkeypatch):
    if not wall:
        monkeypatch.setattr(judging, "choose", refuse)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/half.txt").write_text("2", encoding="utf-8")
    (tmp_path / "work.py").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "numpy.py").write_text("raise SystemExit", encoding="utf-8")
    squares = "def loss_per_example(Y, F):\n    return ((Y - F) ** power).sum(axis=1)"
    path = notebook(
        tmp_path / "own.ipynb",
        *(START, "from work import loss", 'check("eq1", loss)'),
        *('power = int(open("data/half.txt").read())', squares, 'check("eq2", loss_per_example)'),
    )
    (checked,) = check_files([path], Course.find())
    assert checked.passed
    assert checked.events[0].startswith("numpy.py was left out: ")
    assert checked.protected is wall


def test_a_program_is_judged_cell_by_cell(tmp_path):
    answers = right_answers()
    program = "# %%\nimport numpy as np\n\n# %%\n1 / 0\n"
    program += "".join(f"\n# %% [markdown]\n# text\n\n# %%\n{answers[id]}\n" for id in answers)
    path = tmp_path / f"{ASSIGNMENT}.py"
    path.write_text(program, encoding="utf-8")
    (checked,) = check_files([path], Course.find(), secret=SECRET)
    assert told(checked) == {id: (most, None) for id, most in POINTS.items()}


@pytest.mark.parametrize(
    ("program", "cells"),
    [
        (b"", 1),
        (b"x = 1\n", 1),
        (b"# %% one\nx = 1\n# %%\ny = 2\n", 2),
        (b"#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\nx = 1\n\n# In[ ]:\n\ny = 2\n", 3),
        ("\ufeffx = 'ü'\r\n# %%\r\ny = 2".encode(), 2),
        (b"\xff\xfe\x00", 1),
    ],
)
def test_a_program_becomes_a_notebook_that_can_be_read(program, cells):
    made = nbformat.reads(program_as_notebook(program).decode(), as_version=4)
    nbformat.validate(made)
    assert len(made.cells) == cells
    assert "".join(cell.source for cell in made.cells) == program.decode(
        "utf-8", "replace"
    ).removeprefix("\ufeff")


# --- the command --------------------------------------------------------------------------


def test_the_table_has_points_and_the_text_below_it_names_mistakes(judged, monkeypatch):
    for name, status in (("right", 0), ("mixed", 1)):
        monkeypatch.setattr(checks, "check_files", lambda *_, name=name, **__: [judged[name]])
        done = run(judged[name].path)
        assert done.exit_code == status
        assert f"{judged[name].score:g} / {judged[name].max_score:g}" in done.stdout
        assert ("[eq4/no-factor-2]" in done.stdout) == bool(status)


def test_exit_status_is_2_if_nothing_was_judged(files, tmp_path):
    (right,) = files.glob("*(right)*")
    other = notebook(tmp_path / "other.ipynb", "x = 1")
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    for arguments, says in (
        ((tmp_path / "nowhere.ipynb",), "cannot be read"),
        ((other,), "--assignment"),
        ((tmp_path / "broken.ipynb",), "is not a whole notebook"),
        ((tmp_path / "folder",), "none of the course's notebooks"),
        ((right, "eq44"), "Did you mean"),
        ((right, "eq9"), "asks for eq4, eq5, eq6, eq7"),
        (("eq4",), "name a notebook first"),
        ((notebook(tmp_path / "typo.ipynb", 'check("eq_4", f)'),), 'Did you mean "eq4"'),
        ((right, "--assignment", "section_9"), "there are: section_0"),
    ):
        done = run(*arguments)
        assert done.exit_code == 2, done.output
        assert says in done.stderr
        assert done.stdout == ""


def test_json_and_junit_and_markdown_say_the_same(printed):
    (one,), text = printed["json"], printed["markdown"]
    root = ET.fromstring(printed["junit"].encode())
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "2")
    cases = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    assert cases["eq1"] is None
    assert cases["eq2"].get("type") == "outputs-averaged"
    assert one["results"][1]["text"] == cases["eq2"].text
    assert text.startswith("before\n")
    assert "| ✗ | `eq2` | 0 / 1 |" in text


def hostile(words):
    record = Record("eq4", 0.0, 3.0, "raises", words, words, note=words)
    return [Checked(_Named(words), "a", (record,), (words,), (words,))]


class _Named(str):
    def __fspath__(self):
        return str(self)


@pytest.mark.parametrize(
    "words",
    [
        "a\x00b\x1b[31m\ud800\ufffe]]> <b>&amp;",
        "| a |\n\n# title\n<script>alert(1)</script> ![x](http://x) `c` @all",
    ],
)
def test_what_a_student_may_have_written_is_text_in_xml_and_markdown(words):
    root = ET.fromstring(as_junit(hostile(words)).encode())
    assert root.get("failures") == "1"
    assert "\x1b" not in ET.tostring(root, encoding="unicode")
    made = as_markdown(hostile(words))
    lines = made.strip().splitlines()
    assert sum(line.startswith("|") for line in lines) == 3
    assert sum(line.startswith("#") for line in lines) == 1
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(made)
    for sign in ("<script", "<img", "<b>", "<code>c", "<h1"):
        assert sign not in shown


@pytest.mark.parametrize("most", [1.0, 2.0])
def test_markdown_says_what_to_look_at_whatever_an_exercise_is_worth(most):
    record = Record("eq4", 0.0, most, "no-factor-2", "The factor 2 is missing.", "Put it back.")
    made = as_markdown([Checked(Path("a.ipynb"), "a", (record,))])
    (row,) = (line for line in made.splitlines() if "`eq4`" in line)
    assert f"| `eq4` | 0 / {most:g} | " in row
    assert "The factor 2 is missing." in row
    assert "eq4 (" not in row


def test_a_files_name_cannot_write_lines_of_its_own(tmp_path):
    name = "a\x1b[2K\x9b1A\u202e\n::error::b.ipynb"
    (tmp_path / name).write_text("no notebook")
    with pytest.raises(CourseError) as refused:
        read_handed(tmp_path / name, Course.find())
    told = []
    with pytest.raises(CourseError):
        notebooks_in([tmp_path], Course.find(), say=told.append)
    wrong = Checked(Path(name), "a", (Record("eq1", 0, 1, "root-taken"),), (), ("flag",))
    console = Console(width=200, file=io.StringIO())
    console.print(as_table([wrong]))
    for text in (str(refused.value), *told, console.file.getvalue(), as_text([wrong])):
        assert "\\x1b[2K" in text
        assert not set(text) & set("\x1b\x9b\u202e")
        assert not any(line.startswith("::") for line in text.splitlines())


def test_a_name_that_is_empty_is_no_folder():
    done = run("")
    assert done.exit_code == 2
    assert "is empty" in done.stderr


def test_a_folder_is_all_of_the_courses_notebooks_in_it(files, tmp_path):
    (right,) = files.glob("*(right)*")
    place = tmp_path / "week" / "mine.ipynb"
    place.parent.mkdir()
    place.write_bytes(right.read_bytes())
    notebook(tmp_path / "other.ipynb", "x = 1")
    notebook(tmp_path / "section_1 (2).ipynb", "x = 1")
    hidden = tmp_path / "week" / ".ipynb_checkpoints" / "mine.ipynb"
    hidden.parent.mkdir()
    hidden.write_bytes(right.read_bytes())
    found = notebooks_in([tmp_path, right], Course.find())
    assert found == [tmp_path / "section_1 (2).ipynb", place, right]


def test_a_wall_that_is_asked_for_and_cannot_be_had_ends_it(own, monkeypatch):
    monkeypatch.setattr(judging, "choose", refuse)
    nothing = GradedNotebook((Record("eq1", 1.0, 1.0),), protected=False)
    monkeypatch.setattr(checked_files, "judged_in_kernel", lambda *_, **__: nothing)
    for asked in ("bwrap", "wall"):
        done = run("--isolation", asked, own)
        assert (done.exit_code, done.stderr) == (2, "bplab: there is none. Install it\n")
    done = run(own, "eq1")
    assert done.exit_code == 0
    assert "no wall between this code and your computer (there is none)" in done.stderr


def test_a_file_that_is_gone_is_a_course_error(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        check_files([tmp_path / "gone.ipynb"], Course.find())


@pytest.fixture
def unwalled(monkeypatch):
    """Judged by a stand-in, which says what lies beside each."""
    seen = {}

    def stand_in(handed, *, files, **_):
        seen[handed.path] = sorted(files)
        return GradedNotebook(tuple(Record(id, 1.0, 1.0) for id in handed.tasks), protected=False)

    monkeypatch.setattr(judging, "choose", refuse)
    monkeypatch.setattr(checked_files, "judged_in_kernel", stand_in)
    return seen


def test_a_file_that_cannot_be_judged_keeps_no_other_from_it(tmp_path, unwalled):
    right = notebook(tmp_path / "a/own.ipynb", START, RIGHT, 'check("eq1", loss)')
    nothing = notebook(tmp_path / "b/mine.ipynb", "x = 1")
    done = run("--json", "--junit", tmp_path / "x.xml", nothing, right, tmp_path / "gone.ipynb")
    assert done.exit_code == 1
    assert [one["judged"] for one in json.loads(done.stdout)] == [False, True, False]
    root = ET.parse(tmp_path / "x.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "0", "2")
    assert "gone.ipynb cannot be read" in root.findall(".//error")[1].get("message")
    table = run(nothing, right)
    assert f"{nothing}: not judged" in table.stdout.replace("\n", "")
    assert "### " in as_markdown(check_files([nothing, right], Course.find()))


def test_no_link_is_followed_no_pipe_waited_for_no_device_read(tmp_path):
    answers = tmp_path / "answers.ipynb"
    answers.write_bytes(as_bytes(handed_in(right_answers())))
    place = tmp_path / "eve"
    place.mkdir()
    os.mkfifo(place / "pipe.ipynb")
    for name, to in ((f"{ASSIGNMENT}.ipynb", answers), ("zero.ipynb", "/dev/zero")):
        (place / name).symlink_to(to)
        done = run(place / name)
        assert (done.exit_code, "is not a regular file" in done.stderr) == (2, True)
    done = run(place)
    assert done.exit_code == 2
    assert "pipe.ipynb is not judged" in done.stderr


def test_of_a_folder_nothing_that_may_be_work_is_passed_over(tmp_path, unwalled):
    content = as_bytes(handed_in({}))
    for name in (f"{ASSIGNMENT} (1).ipynb.txt", "Section-2.1.IPYNB", "sent.ipynb"):
        place = tmp_path / name[:4] / name
        place.parent.mkdir()
        place.write_bytes(content)
    program = notebook(tmp_path / "prog" / f"{ASSIGNMENT}.py", "x = 1")
    (tmp_path / "sent" / f"{ASSIGNMENT}.py").write_text("x = 1")  # Jupytext's other form
    cut = tmp_path / "cut" / f"{ASSIGNMENT}.ipynb"
    cut.parent.mkdir()
    cut.write_bytes(content[:500])
    (tmp_path / "torn.ipynb").write_text("{", encoding="utf-8")
    said = []
    found = notebooks_in([tmp_path], Course.find(), say=said.append)
    assert [path.parent.name for path in found] == ["Sect", "cut", "prog", "sect", "sent"]
    assert program in found
    (torn,) = said
    assert torn.startswith(f"{tmp_path / 'torn.ipynb'} is not judged: it is not a whole notebook")


def test_exercises_choose_among_the_notebooks_of_a_folder(tmp_path, unwalled):
    for name in ("section_1", "section_2_1"):
        shutil.copy(Course.find().release_file(name), tmp_path)
    for asked, judged in (
        (["eq4"], [["eq4"]]),
        (["eq4", "eq1"], [["eq1"], ["eq4"]]),
    ):
        done = run("--json", tmp_path, *asked)
        results = [one["results"] for one in json.loads(done.stdout)]
        assert [[r["exercise"] for r in some] for some in results] == judged
    done = run(tmp_path, "eq9")
    assert done.exit_code == 2
    assert "asks for eq9" in done.stderr
    done = run(tmp_path / "section_1.ipynb", "eq1", "eq4")
    assert "none of these files asks for eq4" in done.stderr


def test_nobody_finds_the_work_of_others_in_a_pile(tmp_path, unwalled):
    for name in ("ada", "eve"):
        (tmp_path / f"{name}.ipynb").write_bytes(as_bytes(handed_in({})))
    (tmp_path / "ada_work.py").write_text("x = 1", encoding="utf-8")
    ada, eve = tmp_path / "ada.ipynb", tmp_path / "eve.ipynb"
    for paths in ([ada, eve], [eve]):
        unwalled.clear()
        done = run(*paths)
        assert set(map(tuple, unwalled.values())) == {()}, done.output
        assert "none of them finds what lies beside it" in done.stderr.replace("\n", " ")
    ada.unlink()
    run(eve)
    assert unwalled[eve] == ["ada_work.py"]


def test_a_report_that_cannot_be_written_takes_nothing_away(tmp_path, unwalled):
    right = notebook(tmp_path / "own.ipynb", START, RIGHT, 'check("eq1", loss)')
    done = run("--junit", tmp_path, right)
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
    assert "1 / 1" in done.stdout
