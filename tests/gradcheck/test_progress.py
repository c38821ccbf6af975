"""A long check says how much is left, and what is known when it is stopped."""

import io
import sys
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

from bplab.gradcheck import Verdict, check_gradient, network, progress
from bplab.gradcheck.ladder import Ladder
from tests.benchmarks.gradcheck.networks import random_network
from tests.gradcheck.printed import one_line


class Screen:
    stop = "Ctrl-C"

    def __init__(self):
        self.lines, self.cleared = [], False

    def show(self, words):
        self.lines.append(words)

    def clear(self):
        self.cleared = True


@pytest.fixture
def clock(monkeypatch):
    """A clock that only stands for time: it goes on by what `look` adds."""
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def looking(clock, seconds, stop_at=None):
    def look(some):
        if stop_at is not None and stop_at in some:
            raise KeyboardInterrupt
        clock[0] += seconds * len(some)
        return [-place for place in some]

    return look


def test_a_long_look_shows_the_time_that_is_left_and_takes_it_away(clock, monkeypatch):
    screen = Screen()
    monkeypatch.setattr(progress, "_screen", lambda: screen)
    found = progress.over(range(2_000), looking(clock, 0.1))
    assert found == [-place for place in range(2_000)]
    assert screen.lines[0].startswith("1 of 2,000 entries, about 3 min 20 s left; Ctrl-C")
    assert "of 2,000 entries, about 1 s left" in "".join(screen.lines)
    assert len(screen.lines) >= 500
    assert screen.cleared


def test_a_short_look_shows_nothing_and_looks_at_the_clock_seldom(clock, monkeypatch):
    screen, sizes = Screen(), []
    monkeypatch.setattr(progress, "_screen", lambda: screen)
    look = looking(clock, 1e-4)
    progress.over(range(10_000), lambda some: sizes.append(len(some)) or look(some))
    assert screen.lines == []
    assert not screen.cleared
    assert len(sizes) < 30


def test_what_was_found_is_kept_when_it_is_stopped(clock, monkeypatch):
    screen = Screen()
    monkeypatch.setattr(progress, "_screen", lambda: screen)
    assert progress.over(range(100), looking(clock, 1.0, stop_at=7)) == [-p for p in range(7)]
    assert screen.cleared


def test_a_check_that_is_stopped_is_neither_right_nor_complete_in_silence(monkeypatch):
    w = np.linspace(1, 2, 500)
    begun = []
    over = progress.over

    def stopped(places, look):
        def until(some):
            if begun and places.index(some[-1]) > 200:
                raise KeyboardInterrupt
            begun.append(some)
            return look(some)

        return over(places, until)

    monkeypatch.setattr(progress, "over", stopped)
    report = check_gradient(lambda w: np.sum(w**3), 3 * w**2, w)
    looked = len(report.entries)
    assert 0 < looked < 500
    assert report.total == 500
    assert report.verdict == Verdict.CANNOT_TELL
    assert not report
    assert one_line(report).startswith(
        f"looked at {looked} of 500 entries: {looked} right, 0 wrong"
    )
    assert "Stopped" in one_line(report)
    begun.clear()
    wrong = 3 * w**2
    wrong[0] *= 2
    assert check_gradient(lambda w: np.sum(w**3), wrong, w).verdict == Verdict.WRONG


def test_the_line_in_a_terminal_is_one_line_and_goes_away(monkeypatch):
    stream = io.StringIO()
    stream.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setitem(sys.modules, "IPython", None)
    screen = progress._screen()
    screen.show("looked at 10")
    screen.show("at 11")
    screen.clear()
    assert stream.getvalue() == "\rlooked at 10\rat 11       \r     \r"


def test_the_line_in_a_notebook_is_one_output_and_becomes_empty(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    said = []
    handle = SimpleNamespace(update=lambda data, raw: said.append(data))

    def display(data, *, raw, display_id):
        said.append(data)
        return handle

    ipython = SimpleNamespace(
        get_ipython=lambda: SimpleNamespace(kernel=object()),
        display=SimpleNamespace(display=display),
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    screen = progress._screen()
    for words in ("one", "two"):
        screen.show(words)
    screen.clear()
    texts = [data["text/plain"] for data in said]
    assert texts == ["one", "two", ""]
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert progress._screen() is None


def test_where_nobody_looks_there_is_no_line(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress._screen() is None
    monkeypatch.setattr(sys, "stderr", None)  # as under pythonw
    assert progress._screen() is None


def test_the_fast_mode_says_that_it_was_stopped():
    calls = []

    def f(w):
        calls.append(1)
        if len(calls) > 100:
            raise KeyboardInterrupt
        return np.sum(w**2)

    report = check_gradient(f, lambda w: 2 * w, np.ones(50), fast=True)
    assert report.directions == Verdict.CANNOT_TELL
    assert "Stopped" in one_line(report)


def test_the_check_of_a_risk_says_that_it_was_stopped(monkeypatch):
    def stopped(self):
        raise KeyboardInterrupt

    net = random_network(np.random.default_rng(0))
    monkeypatch.setattr(network.State, "gradient", stopped)
    report = check_gradient(net.risk, net.risk.gradient(net.weights), net.weights)
    assert report.verdict == Verdict.CANNOT_TELL
    assert "Stopped" in one_line(report)


@pytest.mark.parametrize(
    ("f", "g", "dear"),  # are they many that stay open
    [
        (lambda w: 1e7 + np.sin(w).sum(), np.cos, False),
        (lambda w: (w**8).sum(), lambda w: 8 * w**7, True),
    ],
)
def test_what_is_looked_at_does_not_depend_on_how_fast_the_machine_is(f, g, dear, monkeypatch):
    w = np.random.default_rng(0).normal(size=200)
    seen, finely, found = [], Ladder.finely, []

    def seeing(self, at, *steps):
        if not steps or steps[0] is None:
            seen.append(at)
        return finely(self, at, *steps)

    monkeypatch.setattr(Ladder, "finely", seeing)
    for tick in (0.0, 10.0):  # seconds from one look at the clock to the next
        monkeypatch.setattr(progress, "monotonic", count(0.0, tick).__next__)
        report = check_gradient(f, g, w)
        found.append((report.entries, len(seen)))
        seen.clear()
    assert found[0] == found[1]
    assert (found[0][1] >= 10) == dear


def test_no_entry_is_looked_at_closely_twice(monkeypatch):
    w = np.random.default_rng(0).normal(size=200)
    seen, closely = [], Ladder.closely
    monkeypatch.setattr(Ladder, "closely", lambda self, at: seen.append(at) or closely(self, at))
    check_gradient(lambda w: 1e8 + np.sin(w).sum(), np.cos, w)
    assert len(seen) == len(set(seen)) > 0
