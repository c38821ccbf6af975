"""What comes of a call is kept, and an error is found in the learner's own code."""

import functools
import json
import re

import numpy as np
import pytest

from bplab import network
from bplab.learner import call, lesson

X = {"X": np.ones((2, 3))}


def helper(array):
    return array @ array


def in_a_helper(X):
    return helper(X)


def in_the_library(X):
    return network.affine(X, X)


def in_pythons_own(X):
    return json.dumps(X)


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (in_a_helper, "return array @ array"),
        (in_pythons_own, "return json.dumps(X)"),
        (in_the_library, "return network.affine(X, X)"),
        (lambda X: in_a_helper(X), "return array @ array"),
        (lambda X: np.linalg.inv(X), "(lambda X: np.linalg.inv(X),"),
        (functools.partial(helper), "return array @ array"),
    ],
)
def test_an_error_is_found_in_the_last_line_of_the_learners_own(function, line):
    raised = call(function, X, (False,)).raised
    assert re.match("line [0-9]+: ", raised.where)
    assert line in raised.where


def test_an_error_outside_of_the_learners_code_has_no_line():
    assert call(np.linalg.inv, X, (False,)).raised.where == ""
    assert call(lambda: 0, X, (False,)).raised.where == ""


def test_what_is_printed_and_warned_stays_inside(capsys, recwarn):
    def loud(X):
        print("here")
        return X / np.zeros(3)

    assert call(loud, X, (False,)).printed == "here\n"
    assert capsys.readouterr().out == ""
    assert not recwarn


def test_the_first_changed_argument_is_named():
    def writes(a, b):
        b[0] += 1
        return a

    assert call(writes, {"a": np.ones(2), "b": np.ones(2)}, (False,)).changed == "b"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "nothing"),
        ({}, "a dict"),
        ("0", "text"),
        (np.ones(2) > 0, "truth values"),
        (1j, "complex numbers"),
    ],
)
def test_what_is_no_array_of_numbers_is_said_by_its_name(value, what):
    assert lesson(lambda X: value, X, 1).unusable == what
    expected = f"{what} that is no array of numbers" if what.startswith("a ") else what
    assert call(lambda X: value, X, (False,)).unusable == expected


def test_a_lesson_that_takes_too_long_is_stopped():
    def endless(X):
        while True:
            try:
                X = X + 1
            except Exception:
                continue

    came = lesson(endless, X, 0.05)
    assert not came.in_time
    assert came.labels is None
    assert came.seconds < 1
