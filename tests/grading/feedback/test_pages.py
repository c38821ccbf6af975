"""Feedback pages: a summary first, each lost point explained, nothing hidden shown."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import psutil
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import Course
from bplab.exercises import RECORD_TYPE
from bplab.exercises.registry import EXERCISES, TASKS
from bplab.grading.feedback import notes
from bplab.grading.feedback.whole_class import feedback_pages
from bplab.grading.folder import ClassFolder
from bplab.grading.records import Record, task_html, task_line, task_text
from tests.grading.class_run.mini_class import nbgrader
from tests.grading.report.made_class import Made, make_class, outcome
from tests.thorough import ALL

NAME = "section_2_1"
IDS = ("eq4", "eq5", "eq6", "eq7")


class Words(HTMLParser):
    """The words of a page, and its tags."""

    def __init__(self, page):
        super().__init__()
        self.words, self.tags = "", []
        self.feed(page)

    def handle_data(self, data):
        self.words += data

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def of_mistake(task, mistake, **more):
    words = {"says": mistake.says, "hint": mistake.hint, "step": str(mistake.subgoal)}
    return Record(task.id, 0.0, task.points, mistake.name, **(words | more))


EVERY = [(task, mistake) for task in EXERCISES.values() for mistake in task.mistakes]


def test_every_known_mistake_is_explained_in_full():
    assert len(EVERY) > 300
    for task, mistake in EVERY:
        result = of_mistake(task, mistake)
        shown = Words(task_html(task, result)).words
        for text in (task_text(task, result), shown):
            assert mistake.says in text
            assert mistake.hint in text
            assert f"Step: {mistake.subgoal}." in text
            assert f"[{task.id}/{mistake.name}]" in text
            assert f"0 of {task.points} point{'s' * (task.points != 1)}" in text
            assert task.equation in text


def test_the_verdict_is_told_in_words():
    task = TASKS["eq4"]
    known = next(m for m in task.mistakes if m.name == "no-factor-2")
    assert task_text(task, Record("eq4", 3.0, 3.0)) == (
        f"✓ Right: 3 of 3 points · equation (4) · {task.title}"
    )
    half = task_text(task, replace(of_mistake(task, known), points=1.5))
    assert half.startswith("◐ Partly right: 1.5 of 3 points")
    assert "1.5 points are kept for what is right in it." in half
    assert task_text(task, of_mistake(task, known)).startswith("✗ Not right: 0 of 3 points")


def test_what_happened_to_the_cell_is_told_also_if_it_is_right():
    task = TASKS["eq4"]
    for mistake in (None, "too-slow"):
        text = task_text(task, Record("eq4", 0.0, 3.0, mistake, note="took longer than 30 s"))
        assert "What happened: took longer than 30 s." in text


def test_what_happened_is_not_told_twice():
    result = Record("eq4", 0.0, 3.0, "too-slow", says="It took too long.", note="It took too long.")
    for text in (task_text, task_html, task_line):
        assert text(TASKS["eq4"], result).count("It took too long.") == 1


@pytest.mark.parametrize("field", ["mistake", "says", "hint", "step", "note"])
@pytest.mark.parametrize("mistake", ["raises", "unnamed"])
def test_all_is_escaped(field, mistake):
    result = Record("eq4", 0.0, 3.0, mistake)
    result = replace(result, **{field: "\"><script>alert(x)</script>'<img src=x>"})
    page = task_html(TASKS["eq4"], result)
    assert "alert" in page
    tags = Words(page).tags
    assert {tag for tag, _ in tags} <= {"div", "p", "strong", "a", "small"}
    for _, attributes in tags:
        assert attributes.keys() <= {"style", "href"}


def test_an_error_of_the_students_own_shows_no_number_of_a_hidden_case():
    says = (
        "Your function raises ValueError: Y is [[0.1234, -1.5e-3], [7, 8]], shape (17,23) "
        f"and so on {'0x1f' * 99} beta=0.75; names stay " + "word " * 99
    )
    result = Record("eq4", 0.0, 3.0, "raises", says=says, hint="It happens in line 3: Z @ beta")
    for text in (task_text, task_html, task_line):
        shown = text(TASKS["eq4"], result)
        words = re.sub(r"<[^>]*>|equation \(4\)|eq4|0 of 3|line 3", "", shown)
        assert not re.search(r"\d", words), words
        assert "Your function raises ValueError: Y is … shape … and so on" in shown
        assert len(shown) < 1500


def test_words_of_any_length_stay_short():
    result = Record(
        "eq4", 0.0, 3.0, "unnamed", says="a" * 10**6, hint="b\n\x1b" * 10**5, note="c" * 10**6
    )
    assert len(task_text(TASKS["eq4"], result)) < 2500
    assert "\x1b" not in task_text(TASKS["eq4"], result)


# --- nbgrader's pages ---------------------------------------------------------------------


def outputs(task, record):
    """What the grader leaves in a test cell."""
    result = Record(**{name: told for name, told in record.items() if name != "passed"})
    data = {"text/plain": task_text(task, result), "text/html": task_html(task, result)}
    left = [{"output_type": "display_data", "data": data | {RECORD_TYPE: record}, "metadata": {}}]
    if result.mistake and not result.points:
        title = f"0 of {result.max_points:g} points"
        error = {"ename": "CheckFailed", "evalue": title, "traceback": [title]}
        left.append({"output_type": "error", **error})
    return left


NOTES = """
"eq4/no-factor-2" = "See **slide 12**: $(y - f)^2$ <script>alert(1)</script>"
"eq5" = "Of equation (5) there is a film."
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A class with pages made by nbgrader's own command, moved to theirs/."""
    raised = {"says": "Your function raises ValueError: 0.25 <b>bold</b>", "hint": "In line 3."}
    ben = {
        "eq4": outcome("eq4", "no-factor-2", 1.5),
        "eq5": outcome("eq5", "raises", **raised),
        "eq6": outcome("eq6", "not-written", says="backward_output is not written yet."),
        "eq7": outcome("eq7", "too-slow", note="took longer than 30 s"),
    }
    made = [
        Made("ada", {id: outcome(id) for id in IDS}, manual={"eq4": 2.0}),
        Made("ben", ben, late_penalty=1.0),
        Made("o'neil [x]", {id: outcome(id) for id in IDS}),
    ]
    folder = make_class(tmp_path_factory.mktemp("class"), NAME, made, outputs)
    shutil.copy(Course.find().root / "course" / "nbgrader_config.py", folder)
    (folder / "notes.toml").write_text(NOTES, encoding="utf-8")
    nbgrader(folder, "generate_feedback", NAME)
    (folder / "feedback").rename(folder / "theirs")
    return folder


def page_of(folder, student, where="theirs"):
    path = folder / where / student / NAME / f"{NAME}.html"
    return path.read_text(encoding="utf-8")


def read(page):
    return BeautifulSoup(page, "html.parser")


def plain(element):
    return re.sub(r"\s+", " ", element.get_text(" ")).strip()


def rows_of(page):
    table = read(page).select_one("table.summary")
    return [[plain(cell) for cell in row.find_all(["th", "td"])] for row in table("tr")]


def test_a_summary_stands_first(folder):
    page = read(page_of(folder, "ben"))
    assert plain(page.find("h1")) == NAME
    assert plain(page.select_one(".mark")) == "0.5 of 13 points"
    assert "1.5 points, less 1 for being handed in late." in plain(page.header)
    head, *rows = rows_of(page_of(folder, "ben"))
    assert head == ["exercise", "verdict", "points", "what to know"]
    assert [row[:3] for row in rows] == [
        [f"equation (4) {TASKS['eq4'].title}", "◐ Partly right", "1.5 of 3"],
        [f"equation (5) {TASKS['eq5'].title}", "✗ Not right", "0 of 4"],
        [f"equation (6) {TASKS['eq6'].title}", "– Not there", "0 of 3"],
        [f"equation (7) {TASKS['eq7'].title}", "✗ Not right", "0 of 3"],
    ]
    assert rows[0][3].startswith("The factor 2 is missing.")
    assert rows[1][3].startswith("Your function raises ValueError: … <b>bold</b>")


def test_points_by_hand_count_and_are_said_to_be(folder):
    page = page_of(folder, "ada")
    assert rows_of(page)[1][1:3] == ["◐ Partly right", "2 of 3 given by hand"]
    assert plain(read(page).select_one(".mark")) == "12 of 13 points"
    assert "late" not in plain(read(page).header)


def test_the_page_explains_every_lost_point(folder):
    words = plain(read(page_of(folder, "ben")).select_one("section[aria-labelledby=notebook]"))
    assert "The factor 2 is missing." in words
    assert "1.5 points are kept" in words
    assert "backward_output is not written yet." in words
    assert "What happened: took longer than 30 s." in words
    assert "ValueError: … <b>bold</b>" in words


def test_each_link_leads_to_a_place_in_the_page(folder):
    page = read(page_of(folder, "ben"))
    ids = [one["id"] for one in page.select("[id]")]
    assert len(ids) == len(set(ids))
    links = [a["href"] for a in page("a")]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    for id, row in zip(IDS, page.select("table.summary tbody tr"), strict=True):
        cell = page.find(id=row.a["href"][1:])
        assert f'check("{id}"' in cell.get_text()
        answer = page.find(id=cell.select_one(".verdict a")["href"][1:])
        assert f"def {TASKS[id].function}" in answer.get_text()
    assert links.count("#top") > 2 * len(IDS)


def test_an_instructors_note_stands_on_every_such_page_and_on_no_other(folder):
    ben, ada = page_of(folder, "ben"), page_of(folder, "ada")
    for part in (".summary", "section[aria-labelledby=notebook]"):
        note = read(ben).select_one(part).select_one(".note")
        assert note.strong.get_text() == "slide 12"
        assert note.find("math").get_text() == "(y−f)2"
        assert note.script is None
    assert "slide 12" not in ada
    assert "there is a film" in ben
    assert "there is a film" in ada


def test_pages_ask_for_nothing_and_have_no_script(folder):
    for tag, attributes in Words(page_of(folder, "ben")).tags:
        assert tag not in ("script", "link", "iframe", "object", "base")
        assert not {"src", "srcset", "background"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]


def test_the_pages_made_in_parallel_are_nbgraders_to_the_byte(folder):
    done = dict(feedback_pages(ClassFolder.open(folder), NAME, jobs=2))
    assert done == {"ada": "", "ben": "", "o'neil [x]": ""}
    for student in ("ada", "ben"):
        assert page_of(folder, student, "feedback") == page_of(folder, student)
    # nbgrader takes brackets in a name for a pattern, and passes that student over
    assert "13 of 13 points" in page_of(folder, "o'neil [x]", "feedback")


MAKES = """
import sys, time
from pathlib import Path
from bplab.grading.feedback.whole_class import feedback_pages
from bplab.grading.folder import ClassFolder
folder = ClassFolder.open(Path(sys.argv[1]))
for done in feedback_pages(folder, sys.argv[2], jobs=2, force=True):
    print(done, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("killed", [signal.SIGKILL, signal.SIGTERM][: 1 + ALL])
def test_where_who_makes_them_is_killed_no_process_stays(folder, killed):
    command = [sys.executable, "-c", MAKES, str(folder), NAME]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as made:
        assert made.stdout.readline()
        children = psutil.Process(made.pid).children(recursive=True)
        made.send_signal(killed)
    assert len(children) >= 3  # what workers are forked from, and two of them
    _, alive = psutil.wait_procs(children, timeout=30)
    for left in alive:
        left.kill()
    assert not alive


def test_a_notebook_that_is_no_notebook_costs_only_its_own_page(folder, tmp_path):
    one, other = (Made(id, {i: outcome(i) for i in IDS}) for id in ("ada", "ben"))
    make_class(tmp_path, NAME, [one, other], outputs)
    path = tmp_path / f"autograded/ada/{NAME}/{NAME}.ipynb"
    path.write_text(json.dumps({"cells": 3}), encoding="utf-8")
    result = CliRunner().invoke(app, ["feedback", NAME, "--course", str(tmp_path), "--jobs", "1"])
    assert result.exit_code == 1
    assert "no page for ada:" in result.output
    assert "1 feedback page is" in result.output
    assert "13 of 13 points" in page_of(tmp_path, "ben", "feedback")


def test_a_note_for_an_exercise_of_the_instructors_own_is_known(tmp_path, monkeypatch):
    monkeypatch.setattr(notes, "TASKS", {id: task for id, task in TASKS.items() if id != "eq4"})
    make_class(tmp_path, NAME, [Made("ada", {id: outcome(id) for id in IDS})], outputs)
    (tmp_path / "notes.toml").write_text('"eq4" = "Mine."\n"eq44" = "b"\n', encoding="utf-8")
    result = CliRunner().invoke(app, ["feedback", NAME, "--course", str(tmp_path), "--jobs", "1"])
    assert '"eq44" is no exercise and no step; near it: eq4' in result.output
    assert '"eq4" is no exercise' not in result.output


def test_a_page_is_made_again_when_a_note_is_new(tmp_path):
    made = [Made("ada", {id: outcome(id, "no-factor-2" if id == "eq4" else None) for id in IDS})]
    folder = ClassFolder.open(make_class(tmp_path, NAME, made, outputs))
    assert list(feedback_pages(folder, NAME, jobs=1)) == [("ada", "")]
    page = tmp_path / "feedback" / "ada" / NAME / f"{NAME}.html"
    page.write_text("as it was", encoding="utf-8")
    list(feedback_pages(folder, NAME, jobs=1))
    assert page.read_text(encoding="utf-8") == "as it was"
    own = tmp_path / "notes.toml"
    own.write_text('"residual" = "Draw it."', encoding="utf-8")
    later = page.stat().st_mtime + 5
    os.utime(own, (later, later))
    list(feedback_pages(folder, NAME, jobs=1))
    assert "Draw it." in page.read_text(encoding="utf-8")


def test_a_notice_stands_on_the_page_of_its_student_alone(tmp_path):
    made = [Made(name, {id: outcome(id) for id in IDS}) for name in ("ada", "ben")]
    folder = ClassFolder.open(make_class(tmp_path, NAME, made, outputs))
    notices = {"ada": "Again from 15:47 CET on & not <b>before</b>."}
    assert not any(why for _, why in feedback_pages(folder, NAME, jobs=1, notices=notices))
    head, _, rest = page_of(tmp_path, "ada", "feedback").partition("<main>")
    assert "Again from 15:47 CET on &amp; not &lt;b&gt;before&lt;/b&gt;." in head
    assert "Again" not in rest + page_of(tmp_path, "ben", "feedback")
