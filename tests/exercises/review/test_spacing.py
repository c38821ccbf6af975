"""When an exercise comes again, and what becomes of results in files."""

import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.exercises.review import spacing
from bplab.exercises.review.spacing import Result, due, due_on, note, results

START = datetime(2026, 3, 2, 18, 0)


def at(days, hour=18):
    return (START + timedelta(days=days)).replace(hour=hour).isoformat()


def on(days):
    return START.date() + timedelta(days=days)


def right(days, hour=18):
    return Result(at(days, hour), True, "step")


def wrong(days, hour=18):
    return Result(at(days, hour), False, "step")


def test_it_comes_after_1_3_7_and_21_days_and_then_every_21():
    answers, day = [], 0
    for wait in (1, 3, 7, 21, 21, 21):
        assert due_on(at(0), answers) == on(day + wait)
        day += wait
        answers.append(right(day))


def test_a_wrong_answer_goes_back_to_one_day():
    answers = [right(1), right(4), right(11), wrong(32)]
    assert due_on(at(0), answers) == on(33)
    assert due_on(at(0), [*answers, right(33)]) == on(36)


def test_many_right_answers_on_one_day_are_one_step():
    assert due_on(at(0), [right(1, hour) for hour in range(8, 20)]) == on(4)


def test_a_right_answer_after_a_wrong_one_on_the_same_day_takes_nothing_back():
    assert due_on(at(0), [right(1), wrong(4, 8), right(4, 9)]) == on(5)


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=20))
def test_the_next_day_is_1_to_21_days_after_the_last_answer(answers):
    answers = sorted(answers)
    noted = [Result(at(day), good, "shape") for day, good in answers]
    last = answers[-1][0] if answers else 0
    wait = (due_on(at(0), noted) - on(last)).days
    assert wait in spacing.DAYS
    if answers and not answers[-1][1]:
        assert wait == 1


def test_due_are_those_of_today_and_before_the_longest_waiting_first(tmp_path):
    passed = {"eq4": at(0), "eq5": at(-9), "eq1": at(5)}
    note(tmp_path, "eq4", right(1))  # due on day 4
    assert list(due(tmp_path, passed, on(4))) == ["eq5", "eq4"]
    assert list(due(tmp_path, passed, on(6))) == ["eq5", "eq4", "eq1"]
    assert due(tmp_path, {}, on(4)) == {}


def test_results_are_read_as_they_were_noted_and_no_other_file_is_left(tmp_path):
    noted = [right(1), wrong(2), Result(at(3), True, "curve")]
    for result in noted:
        note(tmp_path, "eq4", result)
    assert results(tmp_path, "eq4") == noted
    assert [file.name for file in (tmp_path / spacing.FOLDER).iterdir()] == ["eq4.json"]


@pytest.mark.parametrize(
    "spoilt",
    [
        *(b"", b"{", b"null", b"[1, 2]", b'{"when": 1}', b"\xff\xfe", b"[" * 100_000),
        b'[{"when": "soon", "right": true, "kind": "step"}]',
        b'[{"when": "2026-03-02", "right": "yes", "kind": "step"}]',
        b'[{"when": 5, "right": true, "kind": "step"}, {"other": 1}]',
    ],
)
def test_a_spoilt_file_counts_as_nothing_and_is_written_anew(tmp_path, spoilt):
    file = tmp_path / spacing.FOLDER / "eq4.json"
    file.parent.mkdir()
    file.write_bytes(spoilt)
    assert results(tmp_path, "eq4") == []
    note(tmp_path, "eq4", right(1))
    assert results(tmp_path, "eq4") == [right(1)]


def test_of_a_file_half_of_which_is_spoilt_the_rest_counts(tmp_path):
    note(tmp_path, "eq4", right(1))
    file = tmp_path / spacing.FOLDER / "eq4.json"
    file.write_text(json.dumps([*json.loads(file.read_text()), {"when": 1}]))
    assert results(tmp_path, "eq4") == [right(1)]


def test_what_cannot_be_written_is_not_noted_and_nothing_is_raised(tmp_path):
    (tmp_path / spacing.FOLDER).write_text("a file in its place")
    note(tmp_path, "eq4", right(1))
    assert results(tmp_path, "eq4") == []


def test_a_file_does_not_grow_for_ever(tmp_path):
    for _ in range(spacing.KEPT + 5):
        note(tmp_path, "eq4", right(1))
    assert len(results(tmp_path, "eq4")) == spacing.KEPT


def test_a_time_of_passing_that_is_none_is_long_ago():
    assert due_on("yesterday", []) < date(2026, 1, 1)
