"""In which line a function writes into what it was given."""

import sys

import numpy as np

from bplab.learner import where_it_writes

X = np.array([[1.0, 2.0], [3.0, 4.0]])


def shifts(array, by):
    other = array
    other[0] += by  # there
    return other


def by_a_helper(x, steps):
    total = np.zeros(2)
    for step in steps:
        total += shifts(x, step)[0]
    return total


def in_a_list(x, steps):
    for step in steps:
        step -= x[0]  # there, too
    raise ValueError


def leaves_it(x, steps):
    x = x.copy()
    x[0] = 0
    return x


def test_the_line_that_writes_is_found_also_in_a_helper_and_before_an_error():
    given = {"x": X.copy(), "steps": [np.ones(2), np.zeros(2)]}
    assert where_it_writes(by_a_helper, given).endswith(": other[0] += by  # there")
    assert where_it_writes(in_a_list, given).endswith(": step -= x[0]  # there, too")
    np.testing.assert_array_equal(given["x"], X)
    np.testing.assert_array_equal(given["steps"][0], np.ones(2))


def test_of_a_function_that_writes_nowhere_there_is_none():
    tracer = sys.gettrace()
    assert where_it_writes(leaves_it, {"x": X, "steps": []}) == ""
    assert sys.gettrace() is tracer
