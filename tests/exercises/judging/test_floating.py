"""What is said of numbers that are not finite: what numpy met, and where."""

import warnings

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
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


def test_filters_of_warnings_do_not_hide_what_numpy_met():
    def filters(x):
        warnings.filterwarnings("ignore")
        return np.log(x)

    assert "the logarithm of a negative number (line" in not_finite_words(filters, ARRAYS, np.nan)


@pytest.mark.parametrize("product", [np.matmul, np.dot])
@pytest.mark.parametrize("kind", ["invalid value", "divide by zero", "overflow"])
def test_a_report_of_a_product_that_nothing_happened_in_is_not_told(product, kind):
    says = f"Warning: {kind} encountered in {product.__name__}\n"

    def reports(x):  # as numpy does on some machines, whatever is multiplied
        y = (product(x, x.T), np.geterrcall().write(says))[0]
        return np.log(y - y.max() - 1)

    said = not_finite_words(reports, ARRAYS, np.nan)
    assert "the logarithm of a negative number (line" in said
    assert "product" not in said
    assert product.__name__ not in said


@pytest.mark.parametrize("product", [np.matmul, np.dot])
def test_a_product_of_zero_and_infinity_is_told(product):
    said = not_finite_words(lambda x: product(x, np.full((3, 2), np.inf)), ARRAYS, np.nan)
    assert "zero times infinity, or infinity less infinity, in a product (line" in said


def test_check_says_so():
    with pytest.raises(CheckFailed, match="logarithm of a negative number"):
        check("eq1", lambda Y, F: np.sum(Y * np.log(Y / F)))


def test_what_is_divided_is_told_by_the_operands():
    def loop(x):
        return [[np.exp(1e4 * abs(v)) / np.exp(1e4 * abs(v)) for v in row] for row in x]

    def in_place(x):
        e = np.exp(abs(1e4 * x)) * (x != 0)
        e /= e
        return e

    assert "infinity divided by infinity (line" in not_finite_words(loop, ARRAYS, np.nan)
    said = not_finite_words(in_place, ARRAYS, np.nan)
    assert "zero divided by zero, or infinity by infinity" in said, "it is both"
    assert "zero divided by zero (line" in not_finite_words(lambda x: x / abs(x), ARRAYS, np.nan)


# --- known mistakes that show by NaN alone ------------------------------------------------


SHIFTS = ("shift-by-global-max", "shift-by-mean", "shift-by-min", "shift-added")
BY_NAN_ALONE = [
    pytest.param(exercise, mistake, id=f"{exercise.id}-{mistake.name}")
    for exercise in EXERCISES.values()
    for mistake in exercise.mistakes
    if mistake.because or mistake.name in ("no-shift", "relative-step", *SHIFTS)
]
"""Known mistakes whose finite numbers are all right, each with its exercise."""


def _silently(function, *arguments):
    with np.errstate(all="ignore"):
        return function(*arguments)


def _put(wrongly, right):
    """The right numbers, with NaN and infinity where another answer has them."""
    if isinstance(right, (tuple, list)):
        return [_put(a, b) for a, b in zip(wrongly, right, strict=True)]
    return np.where(np.isfinite(wrongly), right, wrongly)


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("exercise", "mistake"), BY_NAN_ALONE)
def test_nan_at_the_places_of_a_mistake_is_no_evidence_of_it(exercise, mistake):
    def twin(*arguments):
        return _put(_silently(mistake.wrong, *arguments), exercise.reference(*arguments))

    with pytest.raises(CheckFailed) as failed:
        check(exercise.id, twin)
    assert failed.value.mistake == "not-finite", failed.value
    assert "No operation is reported" in str(failed.value).replace("\n", " ")


@pytest.mark.parametrize(("exercise", "mistake"), BY_NAN_ALONE)
def test_the_mistake_itself_is_named_with_the_operation(exercise, mistake):
    with pytest.raises(CheckFailed) as failed:
        check(exercise.id, lambda *arguments: mistake.wrong(*arguments))
    assert failed.value.mistake == mistake.name
    assert mistake.because in failed.value.args[0]


OTHER_CAUSES = {
    "0 · ∞ for ∞/∞": (
        *("sigmoid", lambda x: ((a := 1 / (1 + np.exp(-x))), a**2 * np.exp(-x))),
        "zero times infinity",
    ),
    "∞ − ∞ for 0 · ∞": (
        "elu",
        lambda x, alpha: (
            (left := alpha * (np.exp(x) - 1)) - left * (x > 0) + x * (x > 0),
            np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))),
        ),
        "infinity less infinity",
    ),
    "∞ − ∞ for ∞/∞": (
        *("sigmoid", lambda x: ((a := (e := np.exp(x)) - e + 1 / (1 + np.exp(-x))), a * (1 - a))),
        "infinity less infinity",
    ),
    "a logarithm for ∞/∞": (
        "tanh",
        lambda x: ((a := np.tanh(x) + 0 * np.log(300 - np.maximum(x, 0))), 1 - a**2),
        "the logarithm of a negative number",
    ),
    "only the slope is NaN, not the sigmoid": (
        *("sigmoid", lambda x: (1 - 1 / (1 + (e := np.exp(x))), e / (1 + e) ** 2)),
        "infinity divided by infinity",
    ),
    "only the slope is NaN, not tanh": (
        *("tanh", lambda x: (1 - 2 / ((e := np.exp(2 * x)) + 1), 4 * e / (e + 1) ** 2)),
        "infinity divided by infinity",
    ),
}


@pytest.mark.parametrize(("id", "function", "words"), OTHER_CAUSES.values(), ids=OTHER_CAUSES)
def test_of_nan_no_other_cause_is_told_than_its_own(id, function, words):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    assert failed.value.mistake == "not-finite"
    assert words in failed.value.args[0]
    assert "NaN for large" not in failed.value.args[0]


def test_of_0_over_0_no_numerator_is_told():
    with pytest.raises(CheckFailed) as failed:
        check("relu", lambda x: (np.maximum(x, 0), (1 + x / np.abs(x)) / 2))
    assert "0/0" in failed.value.args[0]
    assert "value divided by x:" not in failed.value.args[0]


MIDDLES = {
    "median": lambda t: np.median(t, axis=1, keepdims=True),
    "middle of the range": lambda t: (t.max(1, keepdims=True) + t.min(1, keepdims=True)) / 2,
    "first entry": lambda t: t[:, :1],
    "last entry": lambda t: t[:, -1:],
    "second largest": lambda t: np.sort(t, axis=1)[:, -2:][:, :1],
    "mean without the largest": lambda t: np.sort(t, axis=1)[:, :-1].mean(axis=1, keepdims=True),
    "mean of all": lambda t: t.mean(),
    "smallest of all": lambda t: t.min(),
    "largest |t| of all": lambda t: np.abs(t).max(),
    "largest of the first row": lambda t: t[0].max(),
    "largest of the last row": lambda t: t[-1].max(),
    "largest of the row before": lambda t: np.roll(t.max(axis=1, keepdims=True), 1, axis=0),
    "half of the largest": lambda t: t.max(axis=1, keepdims=True) / 2,
    "a constant": lambda t: 20.0,
}


@pytest.mark.parametrize("shift", MIDDLES.values(), ids=MIDDLES)
def test_no_shift_of_softmax_is_taken_for_another(shift):
    def softmax(t):
        e = np.exp(t - shift(t))
        F = e / e.sum(axis=1, keepdims=True)
        return F, F[:, :, None] * (np.eye(F.shape[1]) - F[:, None, :])

    with pytest.raises(CheckFailed) as failed:
        check("softmax", softmax)
    assert failed.value.mistake == "not-finite", failed.value


def test_beside_nan_it_is_told_whether_the_finite_numbers_are_right():
    def said(function):
        with pytest.raises(CheckFailed) as failed:
            check("eq16", function)
        assert failed.value.mistake == "not-finite"
        return failed.value.args[0]

    def square_over_itself(delta, weights, A, sigma):
        slope = sigma.derivative(A)
        return (delta @ weights[:, 1:]) * slope**2 / slope

    def value_over_a(delta, weights, A, sigma):
        return (delta @ weights[:, 1:]) * sigma(A) / A

    assert "All finite numbers are right." in said(square_over_itself)
    assert "it is not that alone: finite numbers are wrong, too." in said(value_over_a)


def test_all_that_numpy_calls_invalid_is_told():
    def two(x):
        e = np.exp(1e4 * np.abs(x))
        return 0 * e, e / e

    said = not_finite_words(two, ARRAYS, np.nan)
    assert said.index("zero times infinity") < said.index("infinity divided by infinity")


def test_a_shift_beside_another_mistake_is_judged_by_what_comes_of_both():
    """Divided by the sums of columns, no row vanishes that the shift alone makes vanish."""

    def softmax(t):
        e = np.exp(t - t.max())
        F = e / e.sum(axis=0)
        return F, F[:, :, None] * (np.eye(F.shape[1]) - F[:, None, :])

    with pytest.raises(CheckFailed) as failed:
        check("softmax", softmax)
    assert failed.value.mistake == "shift-by-global-max+sum-over-examples"
