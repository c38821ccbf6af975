"""A function without an end: what is said while it runs, and when it is stopped."""

import signal
import sys
import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check, failing_case, progress
from bplab.layers import weight_gradient
from bplab.learner import Interrupted

MODULE = sys.modules["bplab.exercises.check"]


def right(Y, A, Z, T, F, g):
    return weight_gradient(-2 * (Y - F) * g.derivative(T), Z)


def in_one_case(do):
    """The right function, which does something else first when it is called for the third time."""
    calls = []

    def grad_beta(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            do()
        return right(*arguments)

    grad_beta.calls = calls
    return grad_beta


def press():
    signal.raise_signal(signal.SIGINT)


def pressed_deep_inside():
    np.apply_along_axis(lambda row: press(), 0, np.zeros(1))


@pytest.fixture
def at_once(monkeypatch):
    """A twentieth of a second is long."""
    monkeypatch.setattr(MODULE, "LONG", 0.05)


def test_a_function_that_runs_for_long_is_said_to_run_with_its_case(at_once, capsys):
    check("eq4", in_one_case(lambda: time.sleep(0.2)))
    said = capsys.readouterr().out
    assert said.startswith("eq4: grad_beta has been running for ")
    assert "seconds, now in case “" in said
    assert said.endswith("To stop it, press Ctrl-C.\n")
    assert said.count("\n") == 1


def test_many_calls_that_are_long_together_are_said_too(at_once, capsys):
    def slow(*arguments):
        time.sleep(0.01)
        return right(*arguments)

    check("eq4", slow)
    assert capsys.readouterr().out.count("has been running for") == 1


def test_of_an_ordinary_function_nothing_is_said(capsys):
    check("eq4", right)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("grading", ["hidden", "nbgrader"])
def test_in_grading_nothing_is_said_and_whoever_stops_it_knows(
    grading, at_once, capsys, monkeypatch
):
    if grading == "nbgrader":
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    else:
        monkeypatch.setenv("BPLAB_SECRET", "a secret")
    monkeypatch.setattr(threading.Thread, "start", lambda self: pytest.fail("a thread"))
    check("eq4", in_one_case(lambda: time.sleep(0.1)), hidden=grading == "hidden")
    assert "running" not in capsys.readouterr().out
    with pytest.raises(KeyboardInterrupt):
        check("eq4", in_one_case(press), hidden=grading == "hidden")


def test_without_threads_it_is_checked_and_nothing_is_said(at_once, capsys, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    assert check("eq4", in_one_case(lambda: time.sleep(0.1)))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("do", [press, pressed_deep_inside], ids=["own", "numpy"])
def test_an_interrupt_is_a_finding_with_the_line_and_the_case(do):
    with pytest.raises(CheckFailed) as failed:
        check("eq4", in_one_case(do))
    said = failed.value.args[0]
    assert failed.value.mistake == "interrupted"
    assert "You stopped your function: it had been running for" in said
    line = do.__code__.co_firstlineno + 1 if do is press else press.__code__.co_firstlineno + 1
    assert f"It was in line {line}: signal.raise_signal(signal.SIGINT)" in said
    assert 'failing_case("eq4")' in said
    assert failed.value.__cause__ is None
    assert failed.value.__suppress_context__


def test_the_case_in_hand_is_the_one_in_which_it_was_stopped():
    stopped = in_one_case(press)
    with pytest.raises(CheckFailed):
        check("eq4", stopped)
    assert np.array_equal(failing_case("eq4").Y, stopped.calls[2][0])


def test_an_interrupt_of_the_check_itself_shows_a_line_and_no_frames(monkeypatch):
    def diagnose(trial):
        raise KeyboardInterrupt

    monkeypatch.setattr(MODULE, "diagnose", diagnose)
    with pytest.raises(KeyboardInterrupt) as stopped:
        check("eq4", right)
    assert stopped.value._render_traceback_() == ["eq4: stopped before there was a verdict."]


def test_a_function_that_was_stopped_is_no_try():
    before = str(progress())
    with pytest.raises(CheckFailed):
        check("eq4", in_one_case(press))
    assert str(progress()) == before


@pytest.mark.parametrize("do", [lambda: None, press, lambda: 1 / 0], ids=["right", "stop", "error"])
def test_no_thread_is_left(do):
    before = threading.enumerate()
    with suppress(CheckFailed):
        check("eq4", in_one_case(do))
    assert threading.enumerate() == before


def test_minutes_are_told_in_seconds_and_no_line_where_none_is_known():
    stopped = MODULE._stopped(EXERCISES["eq4"], Interrupted("", 123.4))
    assert "running for 123.4 seconds" in stopped.says
    assert "It was in" not in stopped.hint
