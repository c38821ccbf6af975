"""What comes of a call is kept, and an error is found in the learner's own code."""

# ruff: noqa: RUF005

import functools
import itertools
import json
import re
import signal
import sys
import time
import weakref
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from bplab import network
from bplab.learner import (
    Form,
    Layers,
    NoNumbers,
    Raised,
    TimeIsUp,
    call,
    lesson,
    time_limit,
)

X = {"X": np.ones((2, 3))}
ONE = (Form(2),)


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
    raised = call(function, X, ONE).raised
    assert re.match("line [0-9]+: ", raised.where)
    assert line in raised.where


def test_an_error_outside_of_the_learners_code_has_no_line():
    assert call(np.linalg.inv, X, ONE).raised.where == ""
    assert call(lambda: 0, X, ONE).raised.where == ""


def test_what_is_printed_and_warned_stays_inside(capsys, recwarn):
    def loud(X):
        print("here")
        return X / np.zeros(3)

    assert call(loud, X, ONE).printed == "here\n"
    assert capsys.readouterr().out == ""
    assert not recwarn


def test_the_first_changed_argument_is_named():
    def writes(a, b):
        b[0] += 1
        return a

    assert call(writes, {"a": np.ones(2), "b": np.ones(2)}, ONE).changed == "b"


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (None, "nothing"),
        ({}, "a dict"),
        ("0", "text"),
        (["1", "2"], "text"),
        (str(np.ones(2)), "text that float(…) cannot read"),
        ([str(row) for row in np.ones((2, 2))], "text that float(…) cannot read"),
        (1j, "complex numbers"),
    ],
)
def test_what_is_no_array_of_numbers_is_said_by_its_name(value, what):
    assert lesson(lambda X: value, X, 1).unusable == what
    (((item,),)) = call(lambda X: value, X, ONE).parts
    assert item.what == what


def test_what_is_advised_for_text_works_on_it():
    def cure(value):
        (((item,),)) = call(lambda X: value, X, ONE).parts
        return item.cure

    assert "float(…)" in cure("0.5")
    assert ".astype(float)" in cure(np.ones((2, 2)).astype(str))
    for text in (str(np.ones(2)), repr(np.ones(2)), "words", ["[1. 2.]", "[3. 4.]"]):
        assert "float" not in cure(text)
        assert "the numbers themselves" in cure(text)


ARRAY = np.arange(6.0).reshape(2, 3)


def came(value, *forms):
    return call(lambda X: value, X, forms or ONE).parts


@pytest.mark.parametrize("array", [ARRAY, ARRAY[:1], ARRAY[:, :1], ARRAY[:1, :1]])
def test_a_tuple_of_rows_is_an_array_also_if_there_is_only_one(array):
    for row in (tuple(array), tuple(map(tuple, array)), (row for row in array)):
        assert np.array_equal(came(row)[0][0], array)


def test_a_comma_after_the_only_part_does_no_harm():
    assert came((ARRAY,))[0][0].shape == (2, 3)
    assert came((ARRAY[0],), Form(1))[0][0].shape == (3,)
    assert came((3.0,), Form(0))[0][0].shape == ()
    assert [len(part) for part in came(([ARRAY, ARRAY],), Form(2, True))] == [2]


def test_several_arrays_in_place_of_one_are_told_apart_from_one():
    assert len(came((ARRAY, ARRAY))) == 2
    assert len(came([ARRAY, ARRAY[0]])) == 2
    assert len(came((ARRAY, None))) == 2


def test_an_array_of_one_number_is_told_apart_from_a_number():
    for value in ([3.0], np.array([3.0])):
        assert came(value, Form(0))[0][0].shape == (1,)


def test_one_unusable_part_leaves_the_others_as_they_are():
    value, nothing, text = (ARRAY, [ARRAY, None, ARRAY], "1"), NoNumbers("nothing"), "text"
    (first,), layers, (last,) = came(value, Form(2), Form(2, True), Form(2))
    assert np.array_equal(first, ARRAY)
    assert layers[1] == nothing
    assert np.array_equal(layers[2], ARRAY)
    assert last.what == text


async def waits(X):
    return X


def yields(X):
    yield X


async def waits_and_yields(X):
    yield X


def in_itself():
    rows = [[1.0, 2.0]]
    rows.append(rows)
    return rows


def test_a_row_may_be_there_twice():
    row = [1.0, 2.0]
    assert came([row, row])[0][0].tolist() == [[1.0, 2.0]] * 2


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("function", "what", "cure"),
    [
        (waits, "a coroutine", "Write def in place of async def."),
        (yields, "a generator", "Write return in place of yield."),
        (
            waits_and_yields,
            "an async generator",
            "Write def in place of async def, and return for yield.",
        ),
        (lambda X: helper, "a function", ""),
        (lambda X: np.linalg, "a module", ""),
        (lambda X: itertools.count(), "a count without an end", ""),
        (lambda X: np.c_, "a CClass without an end", ""),
        (lambda X: [np.r_], "a list without an end", ""),
        (lambda X: in_itself(), "a list without an end", ""),
        (lambda X: [[1, 2], [3]], "a list of things of different shapes", ""),
    ],
)
def test_what_comes_in_place_of_numbers_is_said_with_its_cure(function, what, cure):
    ((item,),) = call(function, X, ONE).parts
    assert item == NoNumbers(what, cure)


def test_objects_are_numbers_if_all_are_and_else_the_entry_is_named():
    numbers = np.array([[Fraction(1, 2), Decimal("0.25"), 2**80]], dtype=object)
    assert came(numbers)[0][0].tolist() == [[0.5, 0.25, 2.0**80]]
    numbers[0, 1] = "0.25"
    assert came(numbers)[0][0].what == "an array of dtype object, with a str at [0, 1]"


def test_masked_numbers_are_missing():
    assert came(np.ma.masked_array(ARRAY))[0][0].shape == (2, 3)
    masked = np.ma.masked_array(ARRAY, mask=ARRAY > 2)
    assert came(masked)[0][0].what == "a masked array in which numbers are missing"


class Own(BaseException):
    """Nothing that `except Exception` would catch."""


class Unsayable(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    "error",
    [SystemExit, KeyboardInterrupt, GeneratorExit, MemoryError, Own, StopIteration, Unsayable],
)
def test_whatever_a_function_raises_is_kept(error):
    def ends(X):
        raise error

    raised = call(ends, X, ONE).raised
    assert raised.kind == error.__name__
    assert raised.where.endswith("raise error")


def test_quit_and_exit_end_the_function_only():
    for end in (sys.exit, quit, exit):
        assert call(lambda X, end=end: end(), X, ONE).raised.kind == "SystemExit"
    assert not sys.stdin.closed


def test_ipythons_quit_ends_the_function_and_not_the_kernel():
    from IPython.core.autocall import ExitAutocall
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        assert call(lambda X: ExitAutocall(shell)(), X, ONE).raised.kind == "SystemExit"
        assert "ask_exit" not in vars(shell)
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("caught", [False, True])
def test_control_c_stops_a_check_whatever_the_function_does(caught):
    def pressed(X):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            if not caught:
                raise
        return X

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt) as stopped:
        call(pressed, X, ONE)
    assert Raised.of(stopped.value).kind == "KeyboardInterrupt"  # as graders are told
    assert caught or "signal.raise_signal" in stopped.value.where
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_in_a_generator_is_the_functions():
    raised = call(lambda X: (row / 0 for row in [1]), X, ONE).raised
    assert raised.kind == "ZeroDivisionError"


def test_a_sequence_that_is_given_is_the_functions_own_and_its_arrays_are_not():
    given = {"layers": (np.ones(2), np.zeros(2))}

    def adds(layers):
        layers.append(layers[0])
        layers.reverse()
        return layers[:2] + (layers[2],) + [layers[0]]

    answer = call(adds, given, [Form(1, True)])
    assert not answer.changed
    assert len(answer.parts[0]) == 4
    assert len(given["layers"]) == 2

    def writes(layers):
        layers[1][0] = 1
        return layers

    assert call(writes, given, [Form(1, True)]).changed == "layers"


def test_layers_go_together_with_lists_and_tuples():
    layers = Layers([1, 2])
    assert layers + [3] == layers + (3,) == [1, 2, 3]
    assert [0] + layers == (0,) + layers == [0, 1, 2]
    assert layers.copy() + (3,) == layers[:] + (3,) == [1, 2, 3]
    with pytest.raises(TypeError):
        layers + 3


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


def test_what_a_cell_has_made_an_error_is_none_in_a_right_answer():
    def underflows(x):
        return np.exp(-1e3 * x) * x / x

    with np.errstate(all="raise"):
        came = call(underflows, {"x": np.array([1.0, 0.0])}, ONE)
        assert np.geterr()["under"] == "raise"  # the notebook's own setting is left alone
    assert came.raised is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_time_that_is_up_while_python_cleans_up_is_up_a_little_later():
    class Gone:
        pass

    def cleans_up(_: object) -> None:
        until = time.monotonic() + 0.2
        while time.monotonic() < until:
            pass

    def endless() -> None:
        one = Gone()
        kept = weakref.ref(one, cleans_up)
        del one
        assert kept() is None
        until = time.monotonic() + 60
        while time.monotonic() < until:
            pass

    with pytest.raises(TimeIsUp), time_limit(0.05):
        endless()


@pytest.mark.parametrize(
    ("product", "says"),
    [
        (
            lambda: np.ones((2, 3)) @ np.ones((2, 3)),
            "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0 "
            "(size 2 is different from 3)",
        ),
        (
            lambda: np.matmul(None, np.ones((2, 2))),
            "ValueError: matmul: Input operand 0 does not have enough dimensions "
            "(has 0, requires 1)",
        ),
    ],
)
def test_what_only_numpys_makers_read_is_left_out_of_its_words(product, says):
    with pytest.raises(ValueError, match="matmul") as caught:
        product()
    assert Raised.of(caught.value).own_words == says
