"""How near is right: ten digits for float64, and what float32 can do for what works in it."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, credit, diagnose, unwarned
from bplab.exercises.task import VISIBLE
from tests.exercises.drawn import HIDDEN, all_right, drawn, found
from tests.exercises.right_variants import RIGHT
from tests.thorough import EXAMPLES, one_in, one_of

FORMULAS = [id for id in EXERCISES if id != "numerical-gradient"]
EACH_FORMULA = pytest.mark.parametrize("id", one_in(2, FORMULAS))


def each(change, value):
    """Apply a change to every array in a value; activations and numbers stay."""
    if isinstance(value, (list, tuple)):
        return tuple(each(change, item) for item in value)
    return change(value) if isinstance(value, (np.ndarray, np.generic)) else value


def single(value):
    return each(lambda a: a.astype(np.float32), value)


def floats_single(value):
    return each(lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a, value)


def throughout(function):
    """The same function in float32 from start to end."""
    return lambda *arguments: single(function(*map(floats_single, arguments)))


def off_by(function, e, at, dress):
    """The function, off by ``e`` of the scale: everywhere, or at one entry of each array."""

    def change(a):
        a = np.array(a, dtype=np.float64)
        if at is None:
            return a * (1 + e)
        if a.size:
            a.flat[at % a.size] += e * np.abs(a).max()
        return a

    return lambda *arguments: each(lambda a: change(a).astype(dress), function(*arguments))


@pytest.mark.one_in(3)
@EACH_FORMULA
@settings(max_examples=EXAMPLES // 5)
@example(e=1e-9, at=None, sign=1, dress=np.float64)
@example(e=5e-5, at=None, sign=1, dress=np.float32)
@example(e=9e-5, at=None, sign=-1, dress=np.float32)
@given(
    e=st.floats(-9, -1).map(lambda power: 10**power),
    at=st.none() | st.integers(0, 100),
    sign=st.sampled_from([-1, 1]),
    dress=st.sampled_from([np.float64, np.float32]),
)
def test_nothing_passes_that_is_off_by_a_billionth_of_its_scale_or_more(id, e, at, sign, dress):
    reference = EXERCISES[id].reference
    # what float32 holds of these is what a function in float32 gives
    assume(dress == np.float64 or id not in ("relu", "confusion") or e > 1e-5)
    assert not all_right(id, off_by(reference, sign * e, at, dress))


@pytest.mark.one_in(3)
@EACH_FORMULA
@one_of("kind", [HIDDEN, VISIBLE])
def test_a_function_in_float32_from_start_to_end_is_right(id, kind):
    assert found(id, throughout(EXERCISES[id].reference), kind) is None


def in_single(id):
    """The ways of writing it that stay in float32 when their arguments are in it."""
    for function in RIGHT.get(id, ()):
        cases, _ = drawn(id)
        given_ = [tuple(case.arguments(EXERCISES[id].arguments).values()) for case in cases]
        with unwarned():
            stays = all(stays_single(function(*single(arguments))) for arguments in given_)
        if stays:
            yield function


def stays_single(value):
    if isinstance(value, (list, tuple)):
        return all(map(stays_single, value))
    return np.asarray(value).dtype == np.float32


def test_so_it_is_however_it_is_written():
    tried = [(id, function) for id in FORMULAS for function in in_single(id)]
    for id, function in tried:
        assert found(id, lambda *a, f=function: f(*single(a))) is None, (id, function.__name__)
    assert len(tried) >= 10


@pytest.mark.one_in(3)
@EACH_FORMULA
def test_in_float32_it_must_be_right_to_what_float32_can_do(id):
    function = throughout(EXERCISES[id].reference)
    assert not all_right(id, off_by(function, 3e-5, None, np.float32))
    assert not all_right(id, off_by(function, 3e-5, 3, np.float32))


@pytest.mark.one_in(3)
@EACH_FORMULA
def test_a_right_answer_that_is_rounded_at_the_end_is_not_right_and_called_so(id):
    if id in ("relu", "confusion"):
        pytest.skip("rounding at the end is the same as rounding before")
    finding = found(id, lambda *a: single(EXERCISES[id].reference(*a)))
    assert finding.name == "single-precision"
    assert "float64" in finding.hint


def test_arguments_in_float32_do_not_excuse_double_precision_that_is_rounded():
    def rounded_before_and_after(*arguments):
        doubled = map(lambda v: each(lambda a: a.astype(np.float64), floats_single(v)), arguments)
        return single(EXERCISES["eq4"].reference(*doubled))

    assert found("eq4", rounded_before_and_after).name == "single-precision"


def test_one_part_in_float32_does_not_spoil_the_other():
    exercise = EXERCISES["eq6"]

    def delta_rounded(*arguments):
        delta, gradient = exercise.reference(*arguments)
        return delta.astype(np.float32), gradient

    trial = Trial.run(exercise, Here(delta_rounded), *drawn("eq6"))
    assert credit(trial, diagnose(trial)) == 0.5
