"""What a function changes in its notebook is put back: lists, arrays, names, defaults."""

from collections import Counter, deque
from importlib import import_module

import numpy as np
import pytest

from bplab.exercises import CheckFailed, check
from bplab.exercises.registry import TASKS
from bplab.exercises.task import visible_cases
from bplab.learner import may_leave_traces, put_back

first_wrong = import_module("bplab.exercises.first_wrong")

log, rows, table = [1], [[1, 2], np.ones(2)], np.arange(4.0)
seen, counts, last = {"a": 1}, Counter("ab"), deque([1, 2], maxlen=2)
number = 3


class Meter:
    def __init__(self):
        self.values = []


meter = Meter()


def helper():
    counts["c"] += 1
    last.append(3)
    meter.values.append(1)
    meter.new = 1


def writes(by=1, kept=[]):  # noqa: B006 - as learners do
    global number, made
    number += by
    made = number
    log.append(by)
    rows[0].append(3)
    rows[1][:] = 7
    table[1:] = 0
    seen["b"] = 2
    kept.append(by)
    writes.calls = getattr(writes, "calls", 0) + 1
    helper()


def test_all_that_a_function_changes_is_as_it_was():
    before = log, table, rows[1], meter.values
    with put_back(writes):
        writes()
        assert (number, len(log), made) == (4, 2, 4)
    assert (log, number, seen, writes.__defaults__) == ([1], 3, {"a": 1}, (1, []))
    assert (rows[0], rows[1].tolist(), table.tolist()) == ([1, 2], [1, 1], [0, 1, 2, 3])
    assert (counts, last) == (Counter("ab"), deque([1, 2], maxlen=2))
    assert vars(meter) == {"values": []}
    assert "made" not in globals()
    assert not hasattr(writes, "calls")
    assert all(a is b for a, b in zip(before, (log, table, rows[1], meter.values), strict=True))


def test_of_what_is_no_plain_function_or_is_large_nothing_is_looked_after():
    with put_back(np.sum), put_back(Meter()):
        pass
    many = []

    def adds():
        many.append(1)

    many += [0] * 200_000
    with put_back(adds):
        adds()
    assert len(many) == 200_001


notes = []


def grad_beta(Y, A, Z, T, F, g):
    notes.append(len(Y))
    delta = -2 * (Y - F) * g.derivative(T)
    return delta.T @ np.hstack([np.ones((len(Z), 1)), Z * A])


def right(Y, A, Z, T, F, g):
    notes.append(len(Y))
    delta = -2 * (Y - F) * g.derivative(T)
    return delta.T @ np.hstack([np.ones((len(Z), 1)), Z])


def test_a_check_leaves_one_trace_of_each_case_and_two_more_of_the_first(monkeypatch):
    monkeypatch.setattr(first_wrong, "LOOKS", True)
    due = len(visible_cases(TASKS["eq4"])) + 2
    notes.clear()
    check("eq4", right)
    assert len(notes) == due
    notes.clear()
    with pytest.raises(CheckFailed) as failed:
        check("eq4", grad_beta)
    assert failed.value.first_wrong is not None
    assert len(notes) == due


def assigns():
    global number
    number += 1


def counts_its_calls():
    counts_its_calls.calls = 1


def inside():
    def deep():
        global number
        number = 4

    deep()


def in_a_helper():
    return helper()


def by_default(kept=[]):  # noqa: B006 - as learners do
    kept.append(1)


def computes(X, by=2.0):
    return np.sum(X) * by * number


@pytest.mark.parametrize(
    "function", [writes, assigns, counts_its_calls, inside, in_a_helper, by_default]
)
def test_what_can_change_something_that_lasts_is_seen_before_it_runs(function):
    assert may_leave_traces(function)


def test_what_only_computes_is_not_looked_after():
    assert not may_leave_traces(computes)
    assert not may_leave_traces(np.sum)
