"""What is said of numbers that are not finite: what numpy met, and where."""

import numpy as np
import pytest

from bplab.exercises import CheckFailed, check
from bplab.exercises.judging.floating import not_finite_words

ARRAYS = {"x": np.array([[-2.0, 0.0, 3.0]])}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (np.log, "the logarithm of a negative number"),
        (lambda x: np.log2(x), "the logarithm of a negative number (line"),
        (lambda x: np.sqrt(x), "the root of a negative number (line"),
        (lambda x: x**1.5, "a negative number raised to a power that is no whole number"),
        (lambda x: (x * 0) / (x * 0), "zero divided by zero"),
        (lambda x: np.exp(1e4 * x) / np.exp(1e4 * x), "the exponential of a large number (line"),
        (lambda x: 1 / x - 1 / x, "a division by zero (line"),
    ],
)
def test_nan_is_told_by_what_numpy_met(function, words):
    with np.errstate(all="ignore"):
        said = not_finite_words(function, ARRAYS, np.nan)
    assert words in said


def test_what_numpy_met_is_told_in_its_order():
    said = not_finite_words(lambda x: abs(x) * np.log(abs(x)), ARRAYS, np.nan)
    zero, product = said.index("the logarithm of zero"), said.index("zero times infinity")
    assert zero < product


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: np.exp(1e4 * x), "the exponential of a large number"),
        (lambda x: 1 / x, "a division by zero"),
        (lambda x: np.log(abs(x)), "the logarithm of zero"),
        (lambda x: x**-1.0, "zero raised to a negative power"),
        (lambda x: (x * 1e200) ** 2, "a number that becomes too large in"),
    ],
)
def test_infinity_is_told_by_what_numpy_met(function, words):
    assert words in not_finite_words(function, ARRAYS, np.inf)


def test_where_nothing_is_reported_the_array_was_not_filled():
    assert "np.empty" in not_finite_words(lambda x: x * np.nan, ARRAYS, np.nan)
    assert "logarithm" not in not_finite_words(lambda x: x * np.nan, ARRAYS, np.nan)


def test_a_function_that_silences_numpy_hears_all_that_is_usual():
    def silent(x):
        with np.errstate(all="ignore"):
            return np.log(x)

    said = not_finite_words(silent, ARRAYS, np.nan)
    assert said == not_finite_words(None, ARRAYS, np.nan)
    assert "Look for the logarithm or the root" in said


def test_check_says_so():
    with pytest.raises(CheckFailed, match="logarithm of a negative number"):
        check("eq1", lambda Y, F: np.sum(Y * np.log(Y / F)))
