"""Fair grading: right answers pass however they are written, lucky ones do not."""

import sys
import warnings
from collections import deque
from fractions import Fraction

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.task import VISIBLE
from bplab.learner import handed
from tests.exercises.drawn import HIDDEN, all_right, drawn
from tests.exercises.right_variants import RIGHT, UNUSUAL
from tests.thorough import one_in, one_of

ALL_RIGHT = [
    (id, f)
    for right in (RIGHT, UNUSUAL)
    for id, variants in right.items()
    if id in EXERCISES
    for f in variants
]
EACH_RIGHT = pytest.mark.parametrize(
    ("id", "function"), ALL_RIGHT, ids=[f"{id}-{f.__name__}" for id, f in ALL_RIGHT]
)
EACH_EQUATION = pytest.mark.parametrize("id", [id for id in RIGHT if id in EXERCISES])


@pytest.mark.one_in(2)
@EACH_RIGHT
@one_of("secret", ["", "one", "two"])
def test_a_right_answer_passes_however_it_is_written(id, function, secret, monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", secret)
    assert check(id, function, hidden=bool(secret))


# --- how the answer comes back ------------------------------------------------------------


def each(change):
    """Apply a change to every array of an answer, whatever the answer's structure."""

    def changed(value):
        if isinstance(value, (list, tuple)):
            return type(value)(map(changed, value)) if type(value) in (list, tuple) else tuple(
                map(changed, value)
            )  # fmt: skip
        return change(np.asarray(value))

    return changed


def read_only(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def strided(a):
    return np.repeat(a, 2, axis=-1)[..., ::2] if a.ndim else a


class Convertible:
    """What numpy makes an array of, as it does of data frames and tensors."""

    def __init__(self, a):
        self._a = a

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._a, dtype)


def rows(form):
    """A form of an array's rows; a number has none."""
    return each(lambda a: form(a) if a.ndim else a)


def fractions(a):
    return [fractions(row) for row in a] if a.ndim else Fraction(float(a))


FORMS = {
    "a tuple of rows": rows(tuple),
    "a list of rows": rows(list),
    "a deque of rows": rows(deque),
    "a generator of rows": rows(lambda a: (row for row in a)),
    "rows one after the other": rows(lambda a: map(list, a)),
    "values of a dictionary": rows(lambda a: dict(enumerate(a)).values()),
    "convertible": rows(Convertible),
    "an array of objects": rows(lambda a: a.astype(object)),
    "fractions": each(fractions),
    "a matrix": each(lambda a: np.asmatrix(a) if a.ndim == 2 else a),
    "long doubles": each(lambda a: a.astype(np.longdouble)),
    "numbers of numpy": each(lambda a: a if a.ndim else np.float64(a)),
    "lists": each(lambda a: a.tolist()),
    "Fortran order": each(lambda a: np.asarray(a, order="F")),
    "read-only": each(read_only),
    "strided view": each(strided),
    "reversed twice": each(lambda a: a[::-1].copy()[::-1] if a.ndim else a),
    "a subclass of arrays": each(lambda a: a.view(np.ma.MaskedArray) if a.ndim else a),
    "Python numbers": each(lambda a: float(a) if a.ndim == 0 else a),
    "big-endian": each(lambda a: a.astype(">f8")),
}


@pytest.mark.one_in(4)
@pytest.mark.parametrize(
    "each",
    one_in(4, [(id, form) for form in FORMS for id in RIGHT if id in EXERCISES]),
    ids="-".join,
)
def test_the_form_of_the_answer_does_not_matter(each):
    id, form = each
    assert check(id, lambda *a: FORMS[form](RIGHT[id][0](*a)))


LAYERED = {
    "a deque": deque,
    "reversed": lambda layers: reversed(list(layers)[::-1]),
    "a generator": lambda layers: (layer for layer in layers),
    "map": lambda layers: map(np.array, layers),
    "values of a dictionary": lambda layers: dict(enumerate(layers)).values(),
    "an array of objects": lambda layers: np.array([*layers, None], dtype=object)[:-1],
    "lists of rows": lambda layers: [tuple(layer) for layer in layers],
}


@pytest.mark.parametrize("id", [e.id for e in EXERCISES.values() if e.layered])
@pytest.mark.parametrize("form", LAYERED.values(), ids=LAYERED)
def test_layers_may_come_in_any_row(id, form):
    parts = EXERCISES[id].parts

    def answers(*arguments):
        answer = EXERCISES[id].reference(*arguments)
        if len(parts) == 1:
            return form(answer)
        return [form(a) if part.layered else a for a, part in zip(answer, parts, strict=True)]

    assert check(id, answers)


def test_layers_may_be_yielded():
    def one_by_one(*arguments):
        yield from EXERCISES["eq17"].reference(*arguments)

    assert check("eq17", one_by_one)


def test_truth_values_are_slopes_where_a_slope_is_0_or_1():
    assert check("relu", lambda x: (np.maximum(x, 0), x > 0))
    for id, slope in [("leaky-relu", lambda x, alpha: x > 0), ("elu", lambda x, alpha: x > 0)]:
        value = EXERCISES[id].reference
        with pytest.raises(CheckFailed):
            check(id, lambda *a, value=value, slope=slope: (value(*a)[0], slope(*a)))


@EACH_EQUATION
def test_harmless_noise_does_not_matter(id):
    def noisy(*arguments):
        print("called with", *map(type, arguments))
        print("to stderr", file=sys.stderr)
        warnings.warn("harmless", stacklevel=1)
        np.log(np.zeros(1))
        return RIGHT[id][0](*arguments)

    assert check(id, noisy)


# --- wrong answers that look right --------------------------------------------------------


def matrices(arguments):
    for value in arguments:
        if isinstance(value, (list, tuple)):
            yield from matrices(value)
        elif isinstance(value, np.ndarray) and value.ndim == 2:
            yield value


def rows(arguments):
    return len(next(matrices(arguments)))


LUCKY = {
    "one example": lambda arguments: rows(arguments) == 1,
    "square shapes": lambda arguments: all(a.shape[0] == a.shape[1] for a in matrices(arguments)),
    "several examples": lambda arguments: rows(arguments) > 1,
    "positive numbers": lambda arguments: all((a > 0).all() for a in matrices(arguments)),
    "small numbers": lambda arguments: all(abs(a).max() < 5 for a in matrices(arguments)),
    "floating point": lambda arguments: all(a.dtype.kind == "f" for a in matrices(arguments)),
    "one output": lambda arguments: any(a.shape[1] == 1 for a in matrices(arguments)),
}

# an update treats every entry alike, and takes weights, not examples; losses and products see
# no activation; delta and Z are floats whatever X is
DOES_NOT_APPLY = {
    ("eq12", "one example"), ("eq12", "several examples"), ("eq12", "small numbers"),
    ("eq1", "small numbers"), ("eq2", "small numbers"), ("output", "floating point"),
    ("eq14", "small numbers"), ("eq14", "floating point"),
}  # fmt: skip


@pytest.mark.one_in(4)
@EACH_EQUATION
@pytest.mark.parametrize("luck", LUCKY)
@one_of("hidden", [False, True])
def test_right_only_for_special_arguments_is_not_right(id, luck, hidden):
    if (id, luck) in DOES_NOT_APPLY:
        pytest.skip("nothing to be lucky with")

    def lucky(*arguments):
        factor = 1 if LUCKY[luck](arguments) else 1.001
        return each(lambda a: a * factor)(RIGHT[id][0](*arguments))

    assert not all_right(id, lucky, HIDDEN if hidden else VISIBLE)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", one_in(3, [id for id in RIGHT if id in EXERCISES]))
def test_what_is_remembered_from_the_visible_check_earns_nothing(id, monkeypatch):
    """Right on each visible case, learned by heart; wrong on every other."""
    cases, _ = drawn(id)
    every = [case.arguments(EXERCISES[id].arguments).values() for case in cases]
    known = {repr([handed(value) for value in given]) for given in every}

    def by_heart(*arguments):
        factor = 1 if repr(list(arguments)) in known else 2
        return each(lambda a: a * factor)(RIGHT[id][0](*arguments))

    assert check(id, by_heart)
    with pytest.raises(CheckFailed):
        check(id, by_heart, hidden=True)


def test_every_equation_of_the_paper_has_its_right_variants():
    from bplab.by_equation import EQUATIONS

    assert RIGHT.keys() == EQUATIONS.keys()
