"""What ``bplab bench grading | cluster`` do with times; how long they are is their own business."""

import json

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from tests.benchmarks import cluster, grading
from tests.benchmarks.grading import Measured

MARKS = {"ada": 13.0, "ben": 9.0}
THEIRS = Measured("nbgrader autograde", 2, 30.0, MARKS)
OURS = Measured("bplab grade", 2, 5.0, MARKS)


def column(table, index):
    return [str(cell) for cell in table.columns[index].cells]


def test_the_rate_is_in_submissions_a_minute_and_the_ratio_against_nbgrader():
    table = grading.as_table([THEIRS, OURS])
    assert column(table, 2) == ["4", "24"]
    assert column(table, 3) == ["1.0", "6.0"]
    assert [one["rate"] for one in json.loads(grading.as_json([THEIRS, OURS]))] == [4, 24]


@pytest.mark.parametrize("marks", [MARKS | {"ben": 8.5}, {"ada": 13.0}, MARKS | {"zoe": 1.0}])
def test_other_marks_are_no_result(marks):
    with pytest.raises(RuntimeError, match="are to be the same"):
        grading._compare(THEIRS, Measured("bplab grade", 2, 5.0, marks))


def test_nobody_graded_is_no_result():
    with pytest.raises(RuntimeError, match="are to be the same"):
        grading._compare(Measured("a", 2, 1.0, {}), Measured("b", 2, 1.0, {}))


def test_a_failing_command_is_said(tmp_path):
    with pytest.raises(RuntimeError, match=r"nbgrader autograde nothing failed:[^~]*No notebooks"):
        grading._timed(tmp_path, ["nbgrader", "autograde", "nothing"])


def test_the_speed_up_counts_from_the_first_number_of_workers(monkeypatch):
    seconds = {2: 16.0, 4: 8.0, 8: 5.0}
    monkeypatch.setattr(cluster, "_on", lambda workers, submissions, each: seconds[workers])
    measured = cluster.measure((2, 4, 8), submissions=64, seconds=0.5)
    assert [one.speedup for one in measured] == [2.0, 4.0, 6.4]
    assert [one.ideal for one in measured] == [16.0, 8.0, 4.0]


def test_every_submission_comes_back():
    pytest.importorskip("distributed", reason="needs bplab[cluster]")
    (measured,) = cluster.measure((1,), submissions=10, seconds=0.01)
    assert measured.seconds >= measured.ideal == 0.1


def test_numbers_of_workers_are_numbers():
    result = CliRunner().invoke(app, ["bench", "cluster", "--workers", "two"])
    assert "takes numbers like 1,2,4; got 'two'" in str(result.exception) + result.output
