"""What lists and tuples hold in the end, where they have one."""

from itertools import islice

import numpy as np
import pytest

from bplab.learner import size_of
from bplab.learner.rows import Endless, leaves


def in_itself():
    row = [1.0]
    row.append((row, row))
    return row


def test_leaves_come_in_their_order_whatever_they_are_in():
    assert list(leaves([1, (2, [3]), [], "45", {6: 7}])) == [1, 2, 3, "45", {6: 7}]
    assert list(leaves(8)) == [8]


def test_a_row_that_is_in_itself_is_told():
    for known in (None, set()):
        found = leaves(in_itself(), known)
        assert list(islice(found, 1)) == [1.0]
        with pytest.raises(Endless):
            list(found)


def test_what_stands_in_many_places_is_read_once_if_that_is_asked_for():
    row = [1.0]
    for _ in range(40):
        row = [row, row]
    assert list(leaves(row, set())) == [1.0]


def test_a_size_counts_numbers_and_stops_where_they_are_too_many():
    assert size_of([np.ones((2, 3)), (4, 5)], 8) == 8
    assert size_of([np.ones((2, 3)), (4, 5)], 7) == np.inf
    assert size_of(np.ones(9), 8) == np.inf
    assert size_of(in_itself(), np.inf) == np.inf
    endlessly = [0.0]
    for _ in range(40):
        endlessly = [endlessly, endlessly]
    assert size_of(endlessly, 1000) == np.inf
