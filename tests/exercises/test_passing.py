"""Wrong on some arguments only, or after some calls only: no such program is left that passes."""

import re

import numpy as np
import pytest

from bplab.exercises import EXERCISES, check
from tests.exercises.drawn import EACH_KIND, all_right, found
from tests.exercises.test_fair import each


def arrays(value):
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from arrays(item)
    elif isinstance(value, np.ndarray):
        yield value


def wrong_if(id, condition):
    """The reference, a thousandth off where the arguments meet a condition."""
    exercise = EXERCISES[id]

    def function(*given):
        value = exercise.reference(*given)
        met = condition(**dict(zip(exercise.arguments, given, strict=True)))
        return each(lambda a: a * 1.001)(value) if met else value

    return function


def one_hot(Y):
    return Y.shape[1] > 1 and np.isin(Y, (0, 1)).all() and (Y.sum(axis=1) == 1).all()


TARGETS = {
    "one-hot": one_hot,
    "one-hot, in floats, of more than one example": lambda Y: (
        one_hot(Y) and len(Y) > 1 and Y.dtype.kind == "f"
    ),
    "shares": lambda Y: (
        Y.shape[1] > 1 and np.allclose(Y.sum(axis=1), 1) and not np.isin(Y, (0, 1)).all()
    ),
    "negative": lambda Y: (Y < 0).any(),
    "far": lambda Y: (np.abs(Y) > 30).any(),
}
WITH_TARGETS = [id for id, e in EXERCISES.items() if "Y" in e.arguments and id != "one-epoch"]


@pytest.mark.one_in(3)
@EACH_KIND
@pytest.mark.parametrize("id", WITH_TARGETS)
@pytest.mark.parametrize("targets", TARGETS)
def test_there_are_targets_of_every_sort(id, targets, kind):
    if targets in ("shares", "negative") and id in ("eq13", "eq18"):
        kind = "visible"  # one seed will do where few cases have them
    if (id, targets) in {("eq13", "shares"), ("eq18", "negative")}:
        pytest.skip("shown by the gradients of which it is made")
    assert not all_right(id, wrong_if(id, lambda Y, **_: TARGETS[targets](Y)), kind)


@EACH_KIND
@pytest.mark.parametrize("id", ["eq2", "eq1", "eq4", "eq5", "eq6", "eq8", "eq9", "eq10"])
def test_some_targets_are_met_to_the_last_digit(id, kind):
    met = wrong_if(id, lambda Y, F, **_: (Y == F).all(axis=1).any() and Y.shape[1] > 1)
    assert not all_right(id, met, kind)


def test_the_shortcut_of_cross_entropy_passes_for_no_kind_of_targets():
    def grad_beta(Y, A, Z, T, F, g):
        ones = np.c_[np.ones(len(Z)), Z]
        if np.allclose(Y.sum(axis=1), 1):
            return (F - Y).T @ ones
        return np.einsum("il,ilk->ik", -2 * (Y - F), g.jacobian(T)).T @ ones

    assert found("eq8", grad_beta).name == "some-cases"
    assert "only where each row of Y sums to 1" in found("eq8", grad_beta).says


@pytest.mark.one_in(3)
@EACH_KIND
@pytest.mark.parametrize("id", EXERCISES)
@pytest.mark.parametrize("bound", [5, 10, 100])
def test_no_answer_may_be_cut_off(id, bound, kind):
    if id in ("sigmoid", "tanh", "softmax", "confusion") and (id != "confusion" or bound > 10):
        pytest.skip("no answer is so large")
    clipped = each(lambda a: np.clip(a, -bound, bound))
    assert not all_right(id, lambda *given: clipped(EXERCISES[id].reference(*given)), kind)


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("id", "name"),
    [(id, n) for id in ("hidden", "output", "eq4", "eq5", "eq7", "eq8", "eq9", "eq12", "eq14",
                        "eq15", "eq16", "eq17", "eq18")
     for n in ("X", "Y", "Z", "F", "delta", "alpha", "beta", "weights", "gradient", "inputs")
     if n in EXERCISES[id].arguments and (id, n) not in {
         ("eq5", "Z"), ("eq7", "Z"), ("eq9", "Z"), ("eq8", "F"), ("eq9", "F")}],
)  # fmt: skip
def test_no_argument_may_be_cut_off_at_ten(id, name):
    exercise = EXERCISES[id]

    def function(*given):
        values = dict(zip(exercise.arguments, given, strict=True))
        values[name] = each(lambda a: np.clip(a, -10, 10))(values[name])
        return exercise.reference(*values.values())

    assert not all_right(id, function)


@EACH_KIND
@pytest.mark.parametrize("id", ["sigmoid", "tanh", "relu", "leaky-relu", "elu"])
def test_small_pre_activations_are_not_taken_for_zero(id, kind):
    def function(x, *alpha):
        value, slope = EXERCISES[id].reference(x, *alpha)
        return value, slope * np.where((x != 0) & (np.abs(x) < 1e-9), 0.99, 1)

    assert not all_right(id, function, kind)


@EACH_KIND
def test_a_relu_divided_by_itself_and_a_little_does_not_pass(kind):
    for little in (1e-8, 1e-12, 1e-15):
        finding = found("relu", lambda x, e=little: (x * (x > 0), x * (x > 0) / (abs(x) + e)), kind)
        assert finding is not None


@EACH_KIND
@pytest.mark.parametrize("id", [id for id, e in EXERCISES.items() if "X" in e.arguments])
def test_inputs_of_one_feature_or_without_negative_numbers_are_among_the_cases(id, kind):
    conditions = [lambda X, **_: X.shape[1] == 1, lambda X, **_: X.min() >= 0]
    for condition in [] if id == "one-epoch" else conditions[: 1 if id == "eq15" else 2]:
        assert not all_right(id, wrong_if(id, condition), kind)


SIGNS = {
    "no x is positive": lambda x, *_: (x <= 0).all(),
    "no x is negative": lambda x, *_: (x >= 0).all(),
}


@EACH_KIND
@pytest.mark.parametrize("id", ["sigmoid", "tanh", "relu", "leaky-relu", "elu"])
@pytest.mark.parametrize("clause", SIGNS)
def test_arrays_of_one_sign_are_among_the_cases_and_said(id, clause, kind):
    """As where `if x.max() > 0:` chooses one formula for the whole array."""
    reference = EXERCISES[id].reference

    def function(x, *alpha):
        value, slope = reference(x, *alpha)
        return (value + 0.1, slope) if SIGNS[clause](x) else (value, slope)

    finding = found(id, function, kind)
    assert finding is not None
    assert clause in finding.says


@EACH_KIND
@pytest.mark.parametrize("id", ["leaky-relu", "elu"])
@pytest.mark.parametrize("bound", [-0.5, -1])
def test_no_alpha_may_be_cut_off_on_the_left(id, bound, kind):
    """The notebook allows any that is at most 1."""
    reference = EXERCISES[id].reference
    assert not all_right(id, lambda x, alpha: reference(x, max(alpha, bound)), kind)


@EACH_KIND
@pytest.mark.parametrize("id", [id for id, e in EXERCISES.items() if "gamma" in e.arguments])
def test_a_learning_rate_above_1_is_among_the_cases(id, kind):
    assert not all_right(id, wrong_if(id, lambda gamma, **_: gamma > 1), kind)


@EACH_KIND
def test_an_array_of_more_than_three_axes_is_among_the_params(kind):
    assert not all_right("numerical-gradient", wrong_if(
        "numerical-gradient", lambda params, **_: params.ndim > 3), kind)  # fmt: skip


# --- what is kept from call to call -------------------------------------------------------


# --- smallest sizes, zeros everywhere, the order in memory --------------------------------


def ones(*values):
    return all(n == 1 for value in values for n in np.shape(value))


NEARLY_NOWHERE = {
    "relu, nothing positive": ("relu", lambda x: not (x > 0).any()),
    "softmax, one output": ("softmax", lambda t: t.shape[1] == 1),
    "confusion, one class": ("confusion", lambda actual, predicted, K: K == 1),
    "eq4, N = M = 1": ("eq4", lambda Z, **_: ones(Z)),
    "eq5, N = p = 1": ("eq5", lambda X, **_: ones(X)),
    "eq9, N = p = M = 1": ("eq9", lambda X, A, **_: ones(X, A)),
    "eq13, all 1": ("eq13", lambda X, Y, alpha, **_: ones(X, Y) and len(alpha) == 1),
    "eq17, N = D = 1": ("eq17", lambda delta, A, **_: len(delta) == len(A) == 1),
    "eq18, D = p = 1": ("eq18", lambda X, alphas, **_: X.shape[1] == len(alphas) == 1),
    "one-epoch, D = K = 1": ("one-epoch", lambda alphas, beta, **_: len(alphas) == len(beta) == 1),
    "eq2, targets": ("eq2", lambda Y, F: np.isin(Y, (-1, 1)).all()),
    "eq8, targets": ("eq8", lambda Y, **_: len(Y) > 1 and np.isin(Y, (-1, 1)).all()),
    "eq18, targets": ("eq18", lambda Y, **_: Y.size > 1 and np.isin(Y, (-1, 1)).all()),
    "one-epoch, targets": ("one-epoch", lambda Y, **_: np.isin(Y, (-1, 1)).all()),
    "eq7, equal rows": ("eq7", lambda X, **_: equal_rows(X)),
    "eq18, equal rows": ("eq18", lambda X, **_: len(X) > 6 and equal_rows(X)),
    "softmax, equal rows": ("softmax", lambda t: np.ptp(t) > 0 and equal_rows(t)),
    "one-epoch, equal rows": ("one-epoch", lambda X, **_: X.dtype.kind == "f" and equal_rows(X)),
    "eq5, in Fortran's order": ("eq5", lambda X, **_: by_columns(X)),
    "eq8, in Fortran's order": ("eq8", lambda Y, **_: by_columns(Y)),
    "eq18, in Fortran's order": ("eq18", lambda X, **_: by_columns(X)),
    "tanh, in Fortran's order": ("tanh", lambda x: by_columns(x)),
    "softmax, in Fortran's order": ("softmax", lambda t: by_columns(t)),
    "one-epoch, in Fortran's order": ("one-epoch", lambda X, **_: by_columns(X)),
}


def equal_rows(array):
    return len(np.unique(array, axis=0)) < len(array)


def by_columns(array):
    return array.flags.f_contiguous and not array.flags.c_contiguous


@EACH_KIND
@pytest.mark.parametrize("which", NEARLY_NOWHERE)
def test_what_is_wrong_only_in_a_corner_does_not_pass(which, kind):
    id, corner = NEARLY_NOWHERE[which]
    exercise = EXERCISES[id]

    def function(*given):
        value = exercise.reference(*given)
        spoils = each(lambda a: np.where(a == 0, 1e-3, 0.9 * a))
        return (
            spoils(value) if corner(**dict(zip(exercise.arguments, given, strict=True))) else value
        )

    assert not all_right(id, function, kind)


@EACH_KIND
def test_a_buffer_that_is_a_view_of_rows_only_does_not_pass(kind):
    """Of an array that is stored column by column ravel makes a copy, which f never sees."""

    def numerical_gradient(f, params):
        w = np.copy(params).astype(float, copy=False)
        gradient, flat = np.zeros(w.size), w.ravel()
        for i in range(w.size):
            kept = flat[i]
            flat[i] = kept + 1e-5
            ahead = f(w)
            flat[i] = kept - 1e-5
            gradient[i] = (ahead - f(w)) / 2e-5
            flat[i] = kept
        return gradient.reshape(w.shape)

    assert "Fortran order" in found("numerical-gradient", numerical_gradient, kind).says


@EACH_KIND
def test_an_elu_that_is_straight_near_zero_does_not_pass(kind):
    def elu(x, alpha):
        a = np.where(x > 0, x, alpha * np.where(x > -1e-3, x, np.expm1(np.minimum(x, 0))))
        return a, np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))

    assert not all_right("elu", elu, kind)


@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("relu", lambda x: (np.clip(x, 0, None), x > 0)),
        ("relu", lambda x: (x * (x > 0), np.heaviside(x, 0))),
        (
            "softmax",
            lambda t: (
                (g := np.exp(t - np.logaddexp.reduce(t, axis=1, keepdims=True))) is not None
                and (g, g[:, :, None] * (np.eye(t.shape[1]) - g[:, None]))
            ),
        ),
    ],
)
def test_zeros_that_are_right_pass_however_they_come(id, function):
    assert found(id, function) is None


def key(value):
    found = tuple((a.shape, a.tobytes()) for a in arrays(value))
    return found or repr(value)


def keeping(id, name=None):
    """The reference, which gives its first answer again to the same value of one argument.

    Without a name: to arguments of the same shapes.
    """
    exercise, kept = EXERCISES[id], {}

    def function(*given):
        if name is None:
            about = tuple(a.shape for a in arrays(given))
        else:
            about = key(given[exercise.arguments.index(name)])
        return kept.setdefault(about, exercise.reference(*given))

    return function


def momentum(id):
    """The reference, and half of the last answer if that had the same shapes."""
    exercise, last = EXERCISES[id], []

    def function(*given):
        value = exercise.reference(*given)
        before, last[:] = [*last], [value]
        if before and [a.shape for a in arrays(before[0])] == [a.shape for a in arrays(value)]:
            return added(value, before[0])
        return value

    return function


def added(value, before):
    if isinstance(value, (list, tuple)):
        return tuple(map(added, value, before))
    return value + 0.5 * np.asarray(before)


def in_turn(id, period):
    exercise, calls = EXERCISES[id], []

    def function(*given):
        calls.append(1)
        value = exercise.reference(*given)
        return each(lambda a: a * 1.5)(value) if len(calls) % period == 0 else value

    return function


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", EXERCISES)
@EACH_KIND
def test_momentum_is_called_memory(id, kind):
    assert found(id, momentum(id), kind).name == "remembers"


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", EXERCISES)
def test_what_changes_with_the_count_of_calls_is_called_memory(id):
    assert found(id, in_turn(id, 2)).name == "remembers"
    assert not all_right(id, in_turn(id, 3))


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", EXERCISES)
def test_an_answer_kept_by_the_shapes_does_not_pass(id):
    finding = found(id, keeping(id))
    assert finding is not None
    if id in ("hidden", "output", "eq4", "eq5", "eq6", "eq7", "eq8", "eq9", "eq10", "eq11", "eq12",
              "eq13", "eq14", "eq15", "eq16", "eq17", "eq18", "one-epoch"):  # fmt: skip
        assert finding.name == "remembers"
        assert re.search("keeps (an answer|something in kept)", finding.says)


KEPT = [
    (id, name)
    for id, exercise in EXERCISES.items()
    for name in exercise.arguments
    # the same answer is right there; or no two cases may have it in common
    if len(exercise.arguments) > 1
    and (id, name)
    not in {("eq1", "F"), ("eq2", "F"), ("eq12", "gradient"), ("eq12", "gamma"), ("eq13", "gamma")}
    and name not in ("f", "gradients")
]


@pytest.mark.one_in(6)
@pytest.mark.parametrize(("id", "name"), KEPT)
def test_an_answer_kept_by_one_argument_does_not_pass(id, name):
    assert found(id, keeping(id, name)) is not None


def test_a_cache_that_looks_at_every_argument_is_right():
    kept = {}

    def grad_beta(*given):
        return kept.setdefault((*key(list(given[:5])), str(given[5])), reference(*given))

    reference = EXERCISES["eq4"].reference
    assert found("eq4", grad_beta) is None


def test_what_is_the_same_wherever_an_argument_is_left_out_is_no_memory():
    """Right for α = 1, and the same for every other α."""
    finding = found("elu", lambda x, alpha: EXERCISES["elu"].reference(x, 1.0))
    assert finding.name != "remembers"
    finding = found("confusion", lambda actual, predicted, K: np.diag(np.bincount(actual, None, K)))
    assert finding.name != "remembers"


# --- single precision ---------------------------------------------------------------------


@pytest.mark.parametrize("id", ["sigmoid", "eq14"])
def test_of_a_function_in_float32_it_is_said_how_near_its_own_numbers_come(id):
    exercise = EXERCISES[id]

    def single(*given):
        given = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in given]
        return each(lambda a: a.astype(np.float32))(exercise.reference(*given))

    passed = check(id, single)
    assert 1e-8 < passed.agreement < 1e-5
    assert "to the seven digits of float32" in repr(passed)
    assert "float32" not in repr(check(id, exercise.reference))
