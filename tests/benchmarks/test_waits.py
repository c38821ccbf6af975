"""What ``bplab bench waits`` does with times; how long they are is its own business."""

import json

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from tests.benchmarks import waits
from tests.benchmarks.waits import Waited

FAST = Waited("build", 1.0, "all of it", 20.0, 0.1)
SLOW = Waited("check", 3.0, "numpy", 2.0, 0.5)
FREE = Waited("training", 3.0, "numpy", 2.0, None)


def test_a_wait_is_judged_by_its_ratio():
    assert [one.verdict for one in (FAST, SLOW, FREE)] == ["0.05 ≤ 0.1", "1.5 > 0.5", "1.5"]


def test_the_slowest_checks_are_shown_and_what_learns_has_no_goal():
    checked = {str(ms): (ms / 1000, ms != 90) for ms in (10, 90, 20, 70, 30, 40)}
    shown = waits._of_checks(checked, 0.1)
    assert [one.what for one in shown] == [f"check, {ms}" for ms in (90, 70, 40, 30, 20)]
    assert [one.goal for one in shown] == [None, 0.5, 0.5, 0.5, 0.5]


def test_imports_are_those_of_the_notebook_alone():
    notebook = (
        "# %%\nfrom bplab import (\n    check,\n    hint,\n)\nx = 1\n# %%\nimport numpy as np\n"
    )
    assert waits.imports_of(notebook) == "from bplab import check, hint\nimport numpy as np"


def test_a_right_answer_is_checked_after_a_first_time(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(
        waits, "TASKS", {"eq4": waits.TASKS["eq4"], "digits": waits.TASKS["digits"]}
    )
    monkeypatch.setattr(waits, "check", lambda id, function: calls.append((id, function)))
    found = waits.checks()
    assert {id: exact for id, (_, exact) in found.items()} == {"eq4": True, "digits": False}
    assert calls == 4 * [("eq4", waits.TASKS["eq4"].reference)] + 4 * [
        ("digits", waits.TASKS["digits"].reference)
    ]


def test_a_command_that_fails_is_said(tmp_path):
    with pytest.raises(RuntimeError, match=r"bplab nonsense failed: [^~]*nonsense"):
        waits._seconds(["bplab", "nonsense"], tmp_path)


def test_the_command(monkeypatch):
    monkeypatch.setattr(waits, "measure", lambda course, progress: [FAST, SLOW])
    result = CliRunner().invoke(app, ["bench", "waits"])
    assert "0.05 ≤ 0.1" in result.stdout
    (first, _) = json.loads(CliRunner().invoke(app, ["bench", "waits", "--json"]).stdout)
    assert first["ratio"] == 0.05
