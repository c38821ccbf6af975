"""What the code of a function holds is read in the text of what runs, or nothing is said of it."""

import linecache

import pytest

from bplab.exercises.judging.source import held
from bplab.exercises.task import Construct

CELL = "<a cell of this test>"


@pytest.fixture
def cell():
    """Run a text as a cell; return its names."""

    def run(text):
        put(text)
        names = {"__name__": "__main__"}
        exec(compile(text, CELL, "exec"), names)
        return names

    yield run
    del linecache.cache[CELL]


def put(text):
    linecache.cache[CELL] = len(text), None, text.splitlines(keepends=True), CELL


def test_a_loop_is_held(cell):
    names = cell("def f(x):\n    for i in range(3):\n        x = x + i\n    return x\n")
    assert {Construct.LOOP, "range"} <= held([names["f"]])


def test_a_function_in_the_middle_of_a_statement_is_read_alone(cell):
    names = cell("n = 3; fs = [len, lambda a: a.sum(\n    axis=0)]; m = n\n")
    assert held([names["fs"][1]]) == {"a", "sum", "axis"}


def test_a_text_that_has_changed_since_it_was_run_says_nothing(cell):
    names = cell("def f(x):\n    for i in range(3):\n        x = x + i\n    return x\n")
    put("def f(x):\n    return x + 3\n")
    assert held([names["f"]]) is None


def test_of_one_function_that_cannot_be_read_and_another_nothing_is_said(cell):
    names = cell("def f(x):\n    return x\n")
    assert held([names["f"], held]) is None
    assert held([]) is None
