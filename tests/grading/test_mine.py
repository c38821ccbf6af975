"""`mine` where work is graded: the library's functions that are there, no file, and no answer."""

import json
import subprocess
import sys

import pytest

from bplab.course import Course, instructor_notebook, solved
from bplab.exercises import TASKS
from bplab.exercises.mine.library import KNOWN, THERE
from bplab.grading.edition import write_edition
from bplab.grading.judge.submission import Grader
from tests.grading.hostile.notebook import as_bytes, handed_in, right_answers
from tests.grading.hostile.ours import assignment

CHILD = """
import json, sys
sys.path.insert(0, sys.argv[1])
from bplab import activations, mine
from bplab.grading import _withheld
import numpy as np
_withheld.close()
there = {}
for id, name in json.loads(sys.argv[2]):
    try:
        function = mine[id]
        there[id] = type(function).__name__ == "function"
        assert not there[id] or function is getattr(mine, name) or name in dir(activations)
    except AttributeError:
        there[id] = False
    if name in dir(activations):
        try:
            there[id] = bool(function(np.ones((1, 1)), *[0.5] * (name in ("leaky_relu", "elu"))))
        except _withheld.Withheld:
            there[id] = False
print(json.dumps([there, mine.whose("loss"), repr(mine)]))
"""


@pytest.mark.one_in(3)
@pytest.mark.parametrize("notebook", THERE)
def test_in_an_edition_mine_is_what_the_library_has_there_and_no_answer(
    notebook, tmp_path, monkeypatch
):
    kept = tmp_path / "progress" / "functions"
    kept.mkdir(mode=0o700, parents=True)
    source = f"open({str(tmp_path / 'ran')!r}, 'w').close()\ndef loss(Y, F): return 7\n"
    text = json.dumps({"function": "loss", "kept": "2026-01-01", "source": source})
    (kept / "eq1.json").write_text(text, encoding="utf-8")
    (kept / "eq1.json").chmod(0o600)
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path / "progress"))

    folder = write_edition(notebook, tmp_path / "edition")
    asked = json.dumps([(known.id, known.name) for known in KNOWN])
    run = [sys.executable, "-P", "-c", CHILD, str(folder), asked]
    came = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert came.returncode == 0, came.stderr
    there, whose, shown = json.loads(came.stdout)

    assert not (tmp_path / "ran").exists()
    names = {known.name for known in KNOWN if there[known.id]}
    assert names >= THERE[notebook]
    assert names.isdisjoint(t.function for t in TASKS.values() if t.notebook == notebook)
    assert "the library's in this network: loss" in whose
    assert "yours" not in shown.partition("\n")[2]


def results(graded):
    return {record.exercise: record.passed for record in graded.results}


def test_what_mine_has_is_no_answer_of_what_is_graded(grader):
    answers = dict(right_answers())
    answers["eq4"] = "from bplab import mine\ngrad_beta = mine.grad_beta"
    answers["eq6"] = (
        "from bplab import mine\ndef backward_output(*given):\n    return mine['eq10'](*given)"
    )
    graded = grader.grade(as_bytes(handed_in(answers)))
    assert results(graded) == {"eq4": False, "eq5": True, "eq6": False, "eq7": True}


def test_a_pass_may_be_made_of_functions_of_other_notebooks():
    name = "section_2_3"
    course = Course.find()
    notebook = solved(instructor_notebook(course.notebooks / f"{name}.py"))
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "eq13":
            cell.source = "from bplab import mine\n" + cell.source.replace(
                "backward_output(", "mine.backward_output("
            ).replace("backward_hidden(", "mine.backward_hidden(")
            assert cell.source.count("mine.") == 2
    release = course.release_file(name).read_text(encoding="utf-8")
    with Grader(assignment(name=name, release=release)) as grader:
        graded = grader.grade(as_bytes(notebook))
    assert results(graded) == {"eq12": True, "eq13": True}
