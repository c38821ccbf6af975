"""No size is left at which a loop, a slice or a batch may stop and still pass."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, diagnose
from bplab.exercises.task import MANY, VISIBLE
from tests.exercises.drawn import EACH_KIND, drawn
from tests.thorough import sampled

PER_EXAMPLE = {"X", "Y", "A", "Z", "T", "F", "delta", "inputs", "x", "t", "order"}
PER_EXAMPLE |= {"actual", "predicted"}
OF_OTHER_SIZES = {"numerical-gradient", "local-slopes", "reverse-pass"}
EACH = pytest.mark.parametrize("id", [id for id in EXERCISES if id not in OF_OTHER_SIZES])


def each(change, value):
    if isinstance(value, (list, tuple)):
        return tuple(each(change, item) for item in value)
    return change(np.asarray(value))


def first_rows_only(exercise, k):
    """Right for the first k examples; of the others it knows nothing."""

    def function(*arguments):
        rows = "order" if "order" in exercise.arguments else None  # which names the rows of X
        given = dict(zip(exercise.arguments, arguments, strict=True))
        stored = [given[name] for name in PER_EXAMPLE & given.keys()]
        N = max((len(v[0]) if isinstance(v, (tuple, list)) else len(v) for v in stored), default=0)
        for name in [rows] if rows else PER_EXAMPLE & given.keys():
            given[name] = each(lambda a: a[:k], given[name])
        value = exercise.reference(*given.values())
        parts = value if len(exercise.parts) > 1 else (value,)
        filled = [
            each(lambda a: with_rows(a, N), came) if part.axes[:1] == ("N",) else came
            for part, came in zip(exercise.parts, parts, strict=True)
        ]
        return tuple(filled) if len(filled) > 1 else filled[0]

    return function


def with_rows(a, N):
    return np.concatenate([a, np.zeros((N - len(a), *a.shape[1:]))])


def first_columns_only(exercise, k):
    """What comes after the first k columns of an answer is left at zero."""

    def function(*arguments):
        return each(lambda a: cut(np.array(a, dtype=float), k), exercise.reference(*arguments))

    return function


def cut(a, k):
    if a.ndim > 1:
        a[..., k:] = 0
    return a


def passes(id, function, kind):
    trial = Trial.run(EXERCISES[id], Here(function), *drawn(id, kind))
    return trial.all_right() and diagnose(trial) is None


@EACH
@EACH_KIND
def test_there_is_a_case_of_many_examples_and_many_columns(id, kind):
    cases, references = drawn(id, kind)
    large = [i for i, case in enumerate(cases) if case.sizes["N"] >= MANY]
    assert large
    for i in large:
        assert min(size for letter, size in cases[i].sizes.items() if letter not in "ND") > 6
        assert not cases[i].special
    if "D" in cases[0].sizes:
        assert max(cases[i].sizes["D"] for i in large) >= 6
    assert sum(a.nbytes for arrays in references for a in arrays) < 2**20


@pytest.mark.one_in(3)
@EACH
@EACH_KIND
@pytest.mark.parametrize("k", sampled(range(1, MANY), lambda k: k in (1, 7, 32, 49)))
def test_who_stops_after_some_examples_does_not_pass(id, kind, k):
    if id == "eq12":
        pytest.skip("it is given no examples")
    assert not passes(id, first_rows_only(EXERCISES[id], k), kind)


@EACH
@EACH_KIND
@pytest.mark.parametrize("k", [1, 3, 6])
def test_who_stops_after_some_columns_does_not_pass(id, kind, k):
    if id in ("eq1", "eq2"):
        pytest.skip("the answer has no columns")
    assert not passes(id, first_columns_only(EXERCISES[id], k), kind)


@EACH_KIND
@pytest.mark.parametrize("k", [1, 12, 30, 49])
def test_who_stops_after_some_entries_does_not_pass(kind, k):
    def function(f, params):
        gradient = EXERCISES["numerical-gradient"].reference(f, params)
        gradient.flat[k:] = 0
        return gradient

    assert not passes("numerical-gradient", function, kind)


@EACH
def test_who_does_not_stop_passes(id):
    """So that the tests above test something."""
    assert passes(id, first_rows_only(EXERCISES[id], 10_000), VISIBLE)
    assert passes(id, first_columns_only(EXERCISES[id], 10_000), VISIBLE)
