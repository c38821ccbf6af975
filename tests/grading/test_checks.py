"""`bplab check`: what a notebook is worth, without nbgrader."""

import json

import nbformat
import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.course import CourseError
from bplab.grading.checks import check_notebook

RIGHT = "def loss(Y, F):\n    return ((Y - F) ** 2).sum()"
WRONG = "def loss_per_example(Y, F):\n    return ((Y - F) ** 2).mean(axis=1)"
START = "from bplab import check, todo"


def notebook(path, *cells):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nbformat.write(nb, path)
    return path


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """One right, one wrong, one after a cell that raises."""
    return notebook(
        tmp_path_factory.mktemp("checks") / "mixed.ipynb",
        *(START, RIGHT, 'check("eq1", loss)', WRONG, "1 / 0", 'check("eq2", loss_per_example)'),
        'check("eq4", grad_beta)',
    )


@pytest.mark.parametrize("secret", ["", "abc"])
def test_it_says_right_the_mistake_or_no_result(mixed, secret):
    before = mixed.read_bytes()
    checked = check_notebook(mixed, secret=secret)
    words = {task.id: checked.words(task) for task in checked.tasks}
    assert words == {"eq1": "right", "eq2": "outputs-averaged", "eq4": "no result"}
    assert (checked.score, checked.max_score) == (1, 5)
    assert checked.stopped == ""
    assert mixed.read_bytes() == before


def test_what_is_right_on_the_visible_cases_only_earns_nothing_hidden(tmp_path):
    path = notebook(
        tmp_path / "lucky.ipynb",
        START,
        "def loss(Y, F):\n    return ((Y - F) ** 2).sum() if Y.sum() in visible else 0.0",
        "from bplab.exercises import EXERCISES\nfrom bplab.exercises.check import _generator\n"
        "e = EXERCISES['eq1']\nvisible = {c.Y.sum() for c in e.cases(_generator(e, False))}",
        'check("eq1", loss)',
    )
    assert check_notebook(path).score == 1
    assert check_notebook(path, secret="other").score == 0


def test_a_dead_kernel_and_an_endless_loop_end_the_run_and_are_said(tmp_path):
    first = (START, RIGHT, 'check("eq1", loss)')
    dead = notebook(tmp_path / "dead.ipynb", *first, "import os; os._exit(1)", 'check("eq2", x)')
    checked = check_notebook(dead)
    assert (checked.score, checked.words(checked.tasks[1])) == (1, "no result")
    assert "kernel died" in checked.stopped
    endless = notebook(tmp_path / "endless.ipynb", *first, "while True: pass", 'check("eq2", x)')
    checked = check_notebook(endless, seconds=5)
    assert checked.score == 1
    assert "longer than 5 s" in checked.stopped


def test_what_is_no_notebook_of_the_course_is_explained(tmp_path):
    for text in ("", "{", '{"cells": 1}'):
        path = tmp_path / "broken.ipynb"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CourseError, match="cannot be read as a notebook"):
            check_notebook(path)
    with pytest.raises(CourseError, match="nothing to check"):
        check_notebook(notebook(tmp_path / "other.ipynb", "x = 1"))
    with pytest.raises(CourseError, match='Did you mean "eq4"'):
        check_notebook(notebook(tmp_path / "typo.ipynb", 'check("eq_4", f)'))


def test_the_command_prints_a_table_or_json(mixed):
    result = CliRunner().invoke(app, ["check", str(mixed)])
    assert result.exit_code == 0
    assert "outputs-averaged" in result.stdout
    assert "1 / 5" in result.stdout
    (one,) = json.loads(CliRunner().invoke(app, ["check", "--json", str(mixed)]).stdout)
    assert one["score"] == 1
    assert one["results"]["eq4"] == "no result"
