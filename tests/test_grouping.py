"""Tests that share what is costly are run by one worker, and what measures them stands still.

`pytest-xdist` keeps groups together by a suffix of their names, and says nothing where it cannot.
"""

import os
import sys
import threading
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from tests import measured, order


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one worker only")
@pytest.mark.xdist_group("some")
def test_a_test_is_in_its_group(request):
    assert request.node.nodeid.endswith("@some")


@pytest.mark.parametrize(
    ("scope", "unit"),
    [
        ("browser", "browser"),
        ("tests/test_tree.py::test_one", "tests/test_tree.py"),
        ("tests/exercises/judging/test_credit.py::test_one", "tests/exercises/judging"),
        ("tests/cli/test_grade.py::TestIt::test_two[a::b]", "tests/cli/test_grade.py"),
    ],
)
def test_a_modules_tests_are_handed_out_together_and_so_is_a_group(scope, unit):
    assert order.unit(scope) == unit


def test_what_waits_has_something_beside_it_that_computes():
    def tests(name, count):
        return [SimpleNamespace(path=measured.TESTS / name, number=i) for i in range(count)]

    short, long = tests("exercises/test_short.py", 1), tests("test_long.py", 3)
    kernels, browser = tests("grading/kernels/test_a.py", 2), tests("browser/test_b.py", 2)
    given = [*kernels, *short, *long, *browser]
    assert order.ordered(given) == [*browser, *long, *kernels, *short]


def test_every_folder_that_is_named_is_there():
    for folder in (*order.WAITING, *measured.FOLDERS):
        assert (measured.TESTS / folder).is_dir(), folder
    for folder in order.TOGETHER:
        assert (measured.TESTS.parent / folder).is_dir(), folder


@pytest.mark.parametrize(
    ("path", "yes"),
    [
        ("test_network.py", True),
        ("gradcheck/test_line.py", True),
        ("widgets/learning_rate/test_model.py", True),
        ("widgets/test_softmax.py", False),
        ("exercises/test_check.py", False),
    ],
)
def test_the_library_is_measured_by_its_own_tests(path, yes):
    assert measured.is_measured(measured.TESTS / path) == yes


@pytest.mark.unmeasured
@pytest.mark.skipif(sys.version_info < (3, 12), reason="tracing slows down its own thread only")
def test_no_thread_that_waits_since_it_was_measured_slows_down_what_is_not_measured(monkeypatch):
    """It has to wait: what goes on notices by itself that measuring stands still."""
    asked, told = SimpleQueue(), SimpleQueue()

    def waits():
        asked.get()
        told.put(sys.gettrace())

    def traced():
        sys.settrace(lambda *event: None)
        told.put(True)
        waits()

    stands_still = SimpleNamespace(start=lambda: None, stop=lambda: None)
    monkeypatch.setattr(measured, "_measuring", stands_still)
    measured.measure(True)
    thread = threading.Thread(target=traced)
    thread.start()
    assert told.get()
    measured.measure(False)
    asked.put(True)
    thread.join()
    assert told.get() is None
