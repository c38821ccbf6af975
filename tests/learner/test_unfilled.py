"""A function called where np.empty holds numbers that are known."""

import numpy as np
import pytest

from bplab.learner import Form, answer_with_other_memory

GIVEN = {"X": np.ones((2, 3))}
ONE = (Form(2),)


def answers(function):
    return [answer_with_other_memory(function, GIVEN, ONE, fill) for fill in (0, 7)]


def empty_of_numpy(X):
    return np.empty((2, 3)) + X


def empty_like_with_a_type(X):
    return np.empty_like(X, dtype=int) + X


def a_plain_ndarray(X):
    assert isinstance(X, np.ndarray)
    return np.ndarray(shape=(2, 3)) + X


@pytest.mark.parametrize("function", [empty_of_numpy, empty_like_with_a_type, a_plain_ndarray])
def test_what_is_not_filled_holds_the_number(function):
    assert [answer.arrays[0].min() for answer in answers(function)] == [1, 8]


def test_a_helper_is_called_so_too():
    assert [answer.arrays[0].max() for answer in answers(lambda X: empty_of_numpy(X))] == [1, 8]


def test_memory_that_somebody_else_has_filled_stays_as_it_is():
    def looks_at(X):
        return np.ndarray(X.shape, X.dtype, buffer=X.tobytes())

    assert [answer.arrays[0].max() for answer in answers(looks_at)] == [1, 1]


def test_without_such_an_array_nothing_is_called():
    assert answers(lambda X: X) == [None, None]
