"""What `check` says is the same on every computer, though the last digits of numbers are not."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.judging.trial import told_apart
from tests.exercises.right_variants import RIGHT, UNUSUAL
from tests.thorough import SEEDS, one_in

EPS = np.finfo(float).eps


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", EXERCISES)
def test_how_near_a_right_answer_comes_is_said_without_its_last_digits(id):
    for function in (EXERCISES[id].reference, *RIGHT.get(id, ()), *UNUSUAL.get(id, ())):
        passed = check(id, function)
        assert passed.agreement <= passed._bound
        for factor in (1 / 8, 8):  # as measured with another numpy, or by another processor
            assert repr(replace(passed, agreement=factor * passed.agreement)) == repr(passed)


@pytest.mark.parametrize("measured", [2.2e-16, 1e-13, 1.1e-13, 1e-6, 1.1e-6, 9.9e-6, 0.02])
def test_what_is_said_to_be_within_a_bound_is_within_it(measured):
    passed = replace(check("eq4", EXERCISES["eq4"].reference), agreement=measured)
    said = float(repr(passed).partition("within ")[2].partition(" of")[0])
    assert measured <= said


@pytest.mark.parametrize("left", [6.6e-18, -3e-17, 1e-15])
def test_what_is_left_where_numbers_cancel_is_shown_without_digits(left):
    assert told_apart(left, 0.36852) == ("0, within 1e-13", "0.36852")
    assert told_apart(1000 * left, 368.52) == ("0, within 1e-10", "368.52")


def test_small_numbers_that_are_no_rounding_are_shown():
    assert told_apart(0.0, 0.5) == ("0", "0.5")
    assert told_apart(-7e-78, -2e-77) == ("-7e-78", "-2e-77")
    assert told_apart(3e-14, 0.5) == ("3e-14", "0.5")
    assert told_apart(0.5, 3e-17) == ("0.5", "3e-17")
    assert told_apart(1e-3, np.inf) == ("0.001", "infinity")
    assert told_apart(np.nan, 1.0) == ("NaN", "1")


def nudged(value, seed):
    """Change numbers in their last binary digit, the same ones alike."""
    if isinstance(value, (list, tuple)):
        return tuple(nudged(one, seed) for one in value)
    array = np.asarray(value)
    if array.dtype.kind != "f" or (array == np.round(array)).all():
        return value
    rng = np.random.default_rng([seed, zlib.crc32(array.tobytes())])
    return array * (1 + (seed > 0) * EPS * rng.integers(-1, 2, array.shape))


def said(id, function, seed):
    try:
        return repr(check(id, lambda *given: nudged(function(*given), seed)))
    except CheckFailed as failed:
        return str(failed)


MISTAKES = [(e.id, m.name) for e in EXERCISES.values() for m in e.mistakes]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("id", "name"), one_in(40, MISTAKES))
def test_a_mistake_is_told_in_the_same_words_whatever_the_last_digits(id, name):
    [wrong] = [mistake.wrong for mistake in EXERCISES[id].mistakes if mistake.name == name]
    exact = said(id, wrong, 0)
    for seed in list(SEEDS)[1:3]:
        assert said(id, wrong, seed) == exact
