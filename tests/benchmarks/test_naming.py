"""``bplab bench naming`` counts what it says it counts."""

import json

import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.exercises import EXERCISES
from bplab.exercises.judging import Finding
from tests.benchmarks.naming import (
    Row,
    as_json,
    as_table,
    known,
    load_right,
    measure,
    together,
    total,
    whole,
)


def test_every_mistake_is_judged_with_every_secret_and_a_sample_of_the_pairs():
    (row,) = measure(["eq12"], secrets=2, sample=6)
    assert row.mistakes == row.named == 2 * len(EXERCISES["eq12"].mistakes)
    assert 0 < row.pairs <= 12
    assert row.one_named + row.same_numbers + row.unnamed + row.wrong_names == row.pairs
    assert row.both_named <= row.one_named
    assert row.right == 2
    assert row.unknown > 0


@pytest.mark.parametrize(
    ("finding", "counted"),
    [
        (None, "false_passes"),
        (Finding("gamma-always-0.1", "", ""), "wrong_names"),
        (Finding("unnamed", "", ""), "unnamed"),
    ],
)
def test_a_diagnosis_that_is_always_the_same_is_found_out(finding, counted, monkeypatch):
    monkeypatch.setattr(known, "diagnose", lambda trial: finding)
    (row,) = measure(["eq12"], secrets=1, sample=8)
    assert getattr(row, counted) >= 4
    assert row.named == (finding is not None and finding.name.startswith("gamma-always"))
    assert row.false_fails == (finding is not None)
    assert row.one_named <= 3


def test_right_functions_come_from_a_file(tmp_path):
    bank = tmp_path / "bank.py"
    bank.write_text("RIGHT = {'eq12': (lambda w, d, gamma: w + -gamma * d, lambda w, d, gamma: w)}")
    (row,) = measure(["eq12"], right=load_right(bank), secrets=1, sample=1)
    assert (row.right, row.false_fails) == (3, 1)
    bank.write_text("")
    with pytest.raises(ValueError, match="no dictionary RIGHT"):
        load_right(bank)


def test_sums_and_forms():
    rows = [Row("eq1", pairs=4, one_named=3), Row("eq2", pairs=6, one_named=6)]
    assert total(rows) == Row("all", pairs=10, one_named=9)
    assert json.loads(as_json(rows))["all"]["one_named"] == 9
    assert as_table(rows).row_count == 3


def test_two_processes_count_what_one_does():
    chosen = {"secrets": 1, "sample": 2}
    one, two = (
        {done.id: done for done in whole(["eq2", "local-slopes"], jobs=jobs, **chosen)}
        for jobs in (1, 2)
    )
    assert {id: done.row for id, done in one.items()} == {id: done.row for id, done in two.items()}
    assert {id: str(done) for id, done in one.items()} == {id: str(d) for id, d in two.items()}
    told = together(done.told for done in two.values())
    assert told.total().programs == len(told.judgements) > 0
    assert all(judgement.program.function for judgement in told.judgements)


def test_an_exercise_that_there_is_not_is_refused_before_anything_is_judged():
    with pytest.raises(ValueError, match="no exercise eq99; there are: "):
        next(whole(["eq99"]))


def test_the_command():
    chosen = ["bench", "naming", "eq2", "--secrets", "1", "--sample", "2", "--json"]
    done = CliRunner().invoke(app, chosen)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["exercises"][0]["exercise"] == "eq2"


def test_an_unknown_exercise_is_said_in_words():
    unknown = CliRunner().invoke(app, ["bench", "naming", "eq99"])
    assert unknown.exit_code == 1
    assert "no exercise eq99" in unknown.output
