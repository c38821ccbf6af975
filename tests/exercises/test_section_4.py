"""Section 4: right activations in every form pass, and what overflows is told so."""

import numpy as np
import pytest

from bplab import activations
from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.section_4.cases import kink_cases, relu_cases, smooth_cases, softmax_cases
from tests.exercises.drawn import EACH_KIND, found
from tests.thorough import SEEDS

IDS = ("sigmoid", "tanh", "softmax", "relu", "leaky-relu", "elu")


def fails(id, function):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    return failed.value


def one_by_one(function):
    """An elementwise function of one number, in two loops over an array."""

    def loops(x, *alpha):
        pairs = [[function(float(v), *alpha) for v in row] for row in x]
        return [[a for a, _ in row] for row in pairs], [[s for _, s in row] for row in pairs]

    return loops


def _stable_sigmoid(x):
    positive = x >= 0
    a = np.empty(x.shape)
    a[positive] = 1 / (1 + np.exp(-x[positive]))
    e = np.exp(x[~positive])
    a[~positive] = e / (1 + e)
    return a, a * (1 - a)


def _rows(t):
    F, J = [], []
    for row in t:
        e = np.exp(row - row.max())
        f = e / e.sum()
        F.append(f)
        J.append(np.diag(f) - np.outer(f, f))
    return F, J


def _einsum(t):
    e = np.exp(t - t.max(axis=1, keepdims=True) + 0.3)  # any harmless shift
    F = e / e.sum(axis=1, keepdims=True)
    return F, np.einsum("ik,kl->ikl", F, np.eye(F.shape[1])) - np.einsum("ik,il->ikl", F, F)


RIGHT = {
    "sigmoid": [
        lambda x: ((a := 1 / (1 + np.exp(-x))), a * (1 - a)),
        lambda x: ((a := 1 / (1 + np.exp(-x))), a - a**2),
        lambda x: ((a := (1 + np.tanh(x / 2)) / 2), a * (1 - a)),
        lambda x: ((a := 1 / (1 + np.exp(-np.clip(x, -500, 500)))), a * (1 - a)),
        lambda x: np.stack([1 / (1 + np.exp(-x)), np.exp(-abs(x)) / (1 + np.exp(-abs(x))) ** 2]),
        _stable_sigmoid,
    ],
    "tanh": [
        lambda x: ((a := np.tanh(x)), 1 - a**2),
        lambda x: (np.tanh(x), 1 / np.cosh(x) ** 2),
        lambda x: ((a := 2 / (1 + np.exp(-2 * x)) - 1), (1 - a) * (1 + a)),
    ],
    "softmax": [
        _rows,
        _einsum,
        lambda t: (activations.softmax(t), np.swapaxes(activations.softmax.jacobian(t), 1, 2)),
    ],
    "relu": [
        lambda x: (np.maximum(x, 0), (x > 0).astype(int)),
        lambda x: (x * (x > 0), np.where(x > 0, 1.0, 0.0)),
        lambda x: ((x + abs(x)) / 2, np.heaviside(x, 0)),
        lambda x: ((a := np.maximum(0, x)), np.sign(a)),  # the mask from the value does, with >
        one_by_one(lambda x: (x, 1) if x > 0 else (0, 0)),
    ],
    "leaky-relu": [
        lambda x, alpha: (np.maximum(x, alpha * x), np.where(x > 0, 1, alpha)),
        lambda x, alpha: (x * (s := (x > 0) + alpha * (x <= 0)), s),
        one_by_one(lambda x, alpha: (x, 1) if x > 0 else (alpha * x, alpha)),
    ],
    "elu": [
        # the branch that is not taken overflows, and does no harm
        lambda x, alpha: (
            (a := np.where(x > 0, x, alpha * (np.exp(x) - 1))),
            np.where(x > 0, 1, a + alpha),
        ),
        lambda x, alpha: (
            np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
            np.where(x > 0, 1, alpha * np.exp(x)),
        ),
    ],
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("id", "function"), [(id, f) for id in IDS for f in RIGHT[id]])
def test_right_forms_pass_on_visible_and_hidden_cases(id, function, monkeypatch):
    assert check(id, function)
    for secret in ("one", "two", "three"):
        monkeypatch.setenv("BPLAB_SECRET", secret)
        assert check(id, function, hidden=True)


@pytest.mark.parametrize(
    ("id", "function", "words"),
    [
        ("sigmoid", lambda x: ((a := np.exp(x) / (1 + np.exp(x))), a * (1 - a)), "overflows"),
        ("tanh", lambda x: ((a := np.sinh(x) / np.cosh(x)), 1 - a**2), "overflows"),
        ("softmax", lambda t: _unshifted(t), r"e\^t is ∞"),
        ("elu", lambda x, alpha: _masked(x, alpha), r"0 · ∞ is NaN"),
        # none of the known forms: still told where NaN comes from
        ("sigmoid", lambda x: (np.exp(x - np.logaddexp(0, x)), np.exp(x) / np.exp(x)), "holds NaN"),
    ],
)
def test_nan_is_refused_and_explained(id, function, words):
    with pytest.raises(CheckFailed, match=words) as failed:
        check(id, function)
    assert "nan" in str(failed.value).lower()  # one entry that shows it


def _unshifted(t):
    F = np.exp(t) / np.exp(t).sum(axis=1, keepdims=True)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


def _masked(x, alpha):
    a = (x > 0) * x + (x <= 0) * alpha * (np.exp(x) - 1)
    return a, np.where(x > 0, 1, a + alpha)


def test_writing_into_x_is_found_before_anything_else():
    def in_place(x):
        x[x < 0] = 0
        return x, (x > 0).astype(float)

    assert fails("relu", in_place).mistake == "argument-changed"


def test_a_function_of_one_number_is_shown_its_line():
    def scalar(x):
        if x > 0:
            return x, 1.0
        return 0.0, 0.0

    error = fails("relu", scalar)
    assert error.mistake == "array-condition"
    assert "if x > 0:" in str(error)


@pytest.mark.parametrize("works_in_place", [lambda x: x.sort(), lambda x: np.putmask(x, x < 0, 0)])
def test_an_argument_may_be_changed_by_a_function_that_works_in_place(works_in_place):
    def relu(x):
        slope = np.where(x > 0, 1.0, 0.0)
        works_in_place(x)
        return np.maximum(x, 0), slope

    error = fails("relu", relu)
    assert error.mistake == "argument-changed"
    assert "a function that works in place" in str(error)


def test_a_mask_is_a_slope_of_0_and_1_and_no_other():
    assert check("relu", lambda x: (np.maximum(x, 0), x > 0))
    error = fails("leaky-relu", lambda x, alpha: (np.where(x > 0, x, alpha * x), x > 0))
    assert error.mistake == "slope-not-leaky"


@pytest.mark.parametrize(
    ("slope", "name"),
    [
        (lambda x, a, alpha: np.where(x < 0, 1.0, alpha * np.exp(x)), "slope-wrong-side"),
        (lambda x, a, alpha: np.where(x > 0, alpha * np.exp(x), 1.0), "slope-wrong-side"),
        (lambda x, a, alpha: np.where(x > 0, a + alpha, 1.0), "slope-by-value-wrong-side"),
        (lambda x, a, alpha: np.where(x < 0, 1.0, alpha + a), "slope-by-value-wrong-side"),
    ],
)
def test_a_slope_whose_sides_are_swapped_is_named(slope, name):
    def elu(x, alpha):
        a = elu_value(x, alpha)
        return a, slope(x, a, alpha)

    assert fails("elu", elu).mistake == name


def test_at_the_kink_the_convention_is_wanted_and_no_difference_is_shown():
    error = fails("relu", lambda x: (np.maximum(x, 0), np.heaviside(x, 0.5)))
    assert error.mistake == "half-at-kink"
    assert "finite differences says" not in str(error)


@pytest.mark.parametrize("ratio", [2, 4])
def test_differences_are_called_so_though_they_are_the_mean_at_the_kink(ratio):
    def richardson(x, alpha):
        def value(v):
            return np.where(v > 0, v, alpha * v)

        def central(h):
            return (value(x + h) - value(x - h)) / (2 * h)

        fine, coarse = central(1e-4), central(ratio * 1e-4)
        return value(x), (ratio**2 * fine - coarse) / (ratio**2 - 1)

    assert fails("leaky-relu", richardson).mistake == "numerical-derivative"


def test_alpha_one_alone_would_hide_an_elu_without_alpha():
    wrong = {m.name: m.wrong for m in EXERCISES["elu"].mistakes}
    cases = kink_cases(np.random.default_rng(0))
    one = next(case for case in cases if case.alpha == 1)
    right = EXERCISES["elu"].reference(one.x, one.alpha)
    hidden = ("a-plus-1", "slope-without-alpha", "value-without-alpha", "alpha-on-right")
    for name in hidden:
        np.testing.assert_allclose(wrong[name](one.x, one.alpha), right, rtol=1e-12, atol=1e-14)
        assert fails("elu", wrong[name]).mistake == name


@pytest.mark.parametrize("seed", SEEDS)
def test_cases_reach_every_place_where_mistakes_show(seed):
    rng = np.random.default_rng(seed)
    for make in (smooth_cases, relu_cases, kink_cases):
        cases = {case.name: case for case in make(rng)}
        for case in cases.values():
            assert (case.x > 0).any() == (case.name != "none positive"), case.name
            assert (case.x < 0).any() == (case.name != "square"), case.name
        x = cases["large x"].x
        for limit in (355, 710):  # of exp(2x) and of exp(x), on either side
            assert x.max() > limit
            assert x.min() < -limit
        assert ((abs(x) > 355) & (abs(x) < 709)).any()
        assert (abs(cases["huge x"].x) == 1e4).any()
        assert cases["one example"].x.shape[0] == 1 < cases["one example"].x.shape[1]
        assert cases["integer arrays"].x.dtype.kind == "i"
        assert (cases["integer arrays"].x == 0).any()
        assert cases["generic"].x.shape[0] != cases["generic"].x.shape[1]
        assert cases["square"].x.shape[0] == cases["square"].x.shape[1]
    alphas = [case.alpha for case in kink_cases(rng)]
    assert {0, 1} < set(alphas)
    assert min(alphas) < -1
    assert max(alphas) <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_cases_tell_the_shifts_apart(seed):
    cases = {case.name: case.t for case in softmax_cases(np.random.default_rng(seed))}
    with np.errstate(all="ignore"):
        for name in ("large t", "rows far from each other", "entries far from each other"):
            assert np.isnan(_unshifted(cases[name])[0]).any(), name
        far = cases["rows far from each other"]
        assert np.isnan(_unshifted(far - far.max())[0]).any()
        large = cases["large t"]
        assert not np.isnan(_unshifted(large - large.max())[0]).any()
    assert all((t.shape[1] >= 2) is (name != "one output") for name, t in cases.items())
    assert np.ptp(cases["equal entries"], axis=1).max() == 0


@pytest.mark.parametrize("id", IDS)
def test_the_last_hint_is_not_yet_a_solution(id):
    last = EXERCISES[id].hints[2]
    assert "…" in last or "one of the two" in last


# --- slips that had no name, as learners write them ---------------------------------------


def softmax_from(exponentials, total):
    def function(t):
        with np.errstate(all="ignore"):
            e = exponentials(t)
            F = e / total(e)
        return F, np.array([np.diag(f) - np.outer(f, f) for f in F])

    return function


def by_row(e):
    return e.sum(axis=1, keepdims=True)


def row_shifted(t):
    return np.exp(t - t.max(axis=1, keepdims=True))


def with_value(value, slope):
    def function(x, *alpha):
        with np.errstate(all="ignore"):
            a = value(x, *alpha)
            return a, slope(x, a, *alpha)

    return function


def elu_value(x, alpha):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def softmax_with(jacobian):
    def function(t):
        e = row_shifted(t)
        F = e / by_row(e)
        return F, np.array([jacobian(f) for f in F])

    return function


def last_jacobian(t):
    F, J = softmax_with(lambda f: np.diag(f) - np.outer(f, f))(t)
    return F, np.array([J[-1]] * len(t))


def left_of_elu(value, slope):
    def function(x, alpha):
        m = np.minimum(x, 0)
        return np.where(x > 0, x, value(m, alpha)), np.where(x > 0, 1.0, slope(m, alpha))

    return function


def one_in_the_exponents(x, alpha):
    e = alpha * np.exp(np.minimum(x, 0) - 1)
    return np.where(x > 0, x, e), np.where(x > 0, 1.0, e)


SLIPS = {
    "global shift, whole sum": (
        *("softmax", softmax_from(lambda t: np.exp(t - np.max(t)), np.sum)),
        "over-all",
    ),
    "down the columns": (
        *("softmax", softmax_from(lambda t: np.exp(t - t.max(axis=0)), lambda e: e.sum(axis=0))),
        "over-examples",
    ),
    "no shift": ("softmax", softmax_from(np.exp, by_row), "no-shift"),
    "no shift, whole sum": (
        *("softmax", softmax_from(np.exp, np.sum)),
        "no-shift+sum-over-all",
    ),
    "no shift, down the columns": (
        *("softmax", softmax_from(np.exp, lambda e: e.sum(axis=0))),
        "no-shift+sum-over-examples",
    ),
    "row shift, whole sum": ("softmax", softmax_from(row_shifted, np.sum), "sum-over-all"),
    "global shift alone": (
        *("softmax", softmax_from(lambda t: np.exp(t - t.max()), by_row)),
        "shift-by-global-max",
    ),
    "global shift, down the columns": (
        *("softmax", softmax_from(lambda t: np.exp(t - t.max()), lambda e: e.sum(axis=0))),
        "shift-by-global-max+sum-over-examples",
    ),
    "the minus before what is shifted": (
        *("softmax", softmax_from(lambda t: np.exp(-(t - t.max(axis=1, keepdims=True))), by_row)),
        "exp-of-shift-minus-t",
    ),
    "−t, shifted by its own largest": (
        *("softmax", softmax_from(lambda t: np.exp(t.min(axis=1, keepdims=True) - t), by_row)),
        "exp-of-minus-t",
    ),
    "the last one's Jacobian": (
        *("softmax", last_jacobian),
        "last-example-only",
    ),
    "np.diag(f) - f * f": (
        "softmax",
        softmax_with(lambda f: np.diag(f) - f * f),
        "off-diagonal-squares-l",
    ),
    "its transpose": (
        "softmax",
        softmax_with(lambda f: (np.diag(f) - f * f).T),
        "off-diagonal-squares-k",
    ),
    "sigmoid, (1 + tanh x) / 2": (
        *("sigmoid", with_value(lambda x: (1 + np.tanh(x)) / 2, lambda x, a: a * (1 - a))),
        "double-x",
    ),
    "sigmoid of −x with its slope": (
        *("sigmoid", with_value(lambda x: 1 / (1 + np.exp(x)), lambda x, a: -a * (1 - a))),
        "is-of-minus-x",
    ),
    "sigmoid of 2x with its slope": (
        *("sigmoid", with_value(lambda x: (1 + np.tanh(x)) / 2, lambda x, a: 2 * a * (1 - a))),
        "is-of-double-x",
    ),
    "tanh of x/2 with its slope": (
        *("tanh", with_value(lambda x: np.tanh(x / 2), lambda x, a: (1 - a**2) / 2)),
        "is-of-half-x",
    ),
    "elu, α in both exponents": (
        *("elu", left_of_elu(lambda m, al: np.exp(al * m) - 1, lambda m, al: al * np.exp(al * m))),
        "alpha-in-both-exponents",
    ),
    "elu, both signs": (
        *("elu", left_of_elu(lambda m, al: al - al * np.exp(m), lambda m, al: -al * np.exp(m))),
        "both-minus",
    ),
    "elu, the 1 in both exponents": (
        *("elu", one_in_the_exponents),
        "minus-1-in-both-exponents",
    ),
    "the mean taken away": (
        *("softmax", softmax_from(lambda t: np.exp(t - t.mean(axis=1, keepdims=True)), by_row)),
        "shift-by-mean",
    ),
    "tanh, −a²": ("tanh", with_value(np.tanh, lambda x, a: -(a**2)), "minus-a-squared"),
    "tanh, 1 + a²": ("tanh", with_value(np.tanh, lambda x, a: 1 + a**2), "one-plus-a-squared"),
    "sigmoid, f (1 + f)": (
        *("sigmoid", with_value(lambda x: 1 / (1 + np.exp(-x)), lambda x, f: f * (1 + f))),
        "a-times-1-plus-a",
    ),
    "sigmoid without brackets": (
        *("sigmoid", with_value(lambda x: 1 / 1 + np.exp(-x), lambda x, a: a * (1 - a))),
        "not-one-over",
    ),
    "elu, x + α": (
        *("elu", with_value(elu_value, lambda x, a, alpha: np.where(x > 0, 1, x + alpha))),
        "x-plus-alpha",
    ),
    "leaky, −α": (
        "leaky-relu",
        with_value(
            lambda x, alpha: np.where(x > 0, x, alpha * x),
            lambda x, a, alpha: np.where(x > 0, 1, -alpha),
        ),
        "slope-minus-alpha",
    ),
}


@pytest.mark.parametrize(("id", "function", "name"), SLIPS.values(), ids=SLIPS)
@EACH_KIND
def test_a_slip_has_its_name(id, function, name, kind):
    assert found(id, function, kind).name == name
