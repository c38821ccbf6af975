"""Scores: what they count, by hand and for random classes; and what they refuse."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab import scores
from bplab.scores import accuracy, confusion_matrix

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


def test_examples_run():
    assert doctest.testmod(scores).failed == 0


def test_rows_are_actual_and_columns_are_predicted():
    counts = confusion_matrix([2, 2, 2, 0], [1, 1, 2, 0], K=4)
    assert counts.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 2, 1, 0], [0, 0, 0, 0]]


@given(PAIRS)
def test_every_entry_counts_its_pair(pairs):
    actual, predicted = zip(*pairs, strict=True)
    counts = confusion_matrix(actual, predicted, K=5)
    for a in range(5):
        for b in range(5):
            assert counts[a, b] == pairs.count((a, b))
    assert accuracy(actual, predicted) == pytest.approx(np.trace(counts) / len(pairs))


@pytest.mark.parametrize("function", [accuracy, lambda a, p: confusion_matrix(a, p, K=3)])
@pytest.mark.parametrize(
    ("actual", "predicted", "message"),
    [
        ([0, 1], [0], "must have the same length; got 2 and 1"),
        ([], [], "actual must not be empty"),
        ([0, 1], [0.0, 1.0], "predicted must hold whole numbers; got dtype float64"),
        ([[0, 1]], [0, 1], r"actual must have shape \(N,\); got \(1, 2\)"),
        ([0, 1], [[0], [0, 1]], "predicted must have shape .* rows of different lengths"),
        (["a"], [0], "actual must hold whole numbers"),
    ],
)
def test_what_is_refused(function, actual, predicted, message):
    with pytest.raises(ValueError, match=message):
        function(actual, predicted)


@pytest.mark.parametrize(("actual", "predicted"), [([0, 3], [0, 0]), ([0, 0], [0, -1])])
def test_a_class_that_there_is_not_is_refused(actual, predicted):
    with pytest.raises(ValueError, match=r"must hold classes from 0 to K - 1 = 2; got (3|-1)"):
        confusion_matrix(actual, predicted, K=3)


@pytest.mark.parametrize("K", [0, 2.0, None])
def test_a_number_of_classes_that_is_none_is_refused(K):
    with pytest.raises(ValueError, match="K must be a whole number of at least 1"):
        confusion_matrix([0], [0], K=K)
