"""Two mistakes at once are both named; one error that is on no list is never called two."""

import copy
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.exercises import EXERCISES
from bplab.exercises.judging import (
    Here,
    KnownAnswers,
    Trial,
    alike,
    answer,
    diagnose,
    pairs,
    unwarned,
)
from bplab.exercises.steps import Program, both
from bplab.exercises.task import VISIBLE, generator
from bplab.layers import output_delta, weight_gradient
from tests.exercises.drawn import EACH_KIND, drawn, found
from tests.exercises.judging.two_mistakes import UNKNOWN, WRITTEN
from tests.thorough import EXAMPLES, sampled

EACH_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)


# --- as learners write them ---------------------------------------------------------------


@pytest.mark.one_in(3)
@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function", "first", "second"), WRITTEN, ids=[f.__name__ for _, f, *_ in WRITTEN]
)
def test_both_mistakes_are_named(id, function, first, second, kind):
    finding = found(id, function, kind)
    assert set(finding.name.split("+")) == {first, second}
    words = {m.name: m for m in EXERCISES[id].mistakes}
    for name in (first, second):
        assert words[name].says in finding.says
        assert words[name].hint in finding.hint


def knowing(id, *mistakes):
    """An exercise that knows a few mistakes only."""
    return replace(EXERCISES[id], mistakes=mistakes)


def found_by(exercise, function):
    return diagnose(Trial.run(exercise, Here(function), *drawn(exercise.id)))


def added(Y, A, Z, T, F, g):
    return weight_gradient(2 * (F + Y) * g.derivative(T), Z)


def without_sign(Y, A, Z, T, F, g):
    return weight_gradient(2 * np.abs(F - Y) * g.derivative(T), Z)


@pytest.mark.parametrize("function", [added, without_sign], ids=lambda f: f.__name__)
def test_where_the_sign_of_the_residual_is_lost_none_is_called_flipped(function):
    """2 (f − y) is right: beside f + y in its place no sign is wrong."""
    assert "sign-flipped" not in found_by(EXERCISES["eq4"], function).name


def half_and_mean(Y, A, Z, T, F, g):
    delta = -(Y - F) * g.derivative(T)
    return np.column_stack([delta.mean(axis=0), delta.T @ Z])


def test_of_pairs_that_end_alike_the_mistake_that_is_in_all_is_named():
    known = {m.name: m for m in EXERCISES["eq4"].mistakes}
    half, mean = known["no-factor-2"], known["bias-averaged"]
    finding = found_by(knowing("eq4", half, mean, replace(mean, name="as-well")), half_and_mean)
    assert finding.name == half.name
    assert finding.says.startswith(half.says)
    assert finding.says.endswith("something else is wrong, which more than one mistake explains.")
    assert finding.hint == half.hint


def elu_with(value, slope):
    def function(x, alpha):
        e = np.exp(np.minimum(x, 0))
        a = np.where(x > 0, x, value(e, alpha))
        return a, np.where(x > 0, 1.0, slope(e, alpha))

    return function


@EACH_KIND
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (lambda e, alpha: alpha * e - 1, "alpha-inside"),
        (lambda e, alpha: alpha * e, "minus-1-missing"),
        (lambda e, alpha: alpha * (e + 1), "plus-1"),
        (lambda e, alpha: e - 1, "value-without-alpha"),
    ],
)
def test_a_slope_that_is_right_beside_a_wrong_value_is_no_second_mistake(value, name, kind):
    finding = found("elu", elu_with(value, lambda e, alpha: alpha * e), kind)
    assert finding.name == name
    assert finding.says.startswith("slope is right.")


def test_a_slope_made_of_a_wrong_value_is_its_consequence():
    def function(x, alpha):
        a = np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)) - 1)
        return a, np.where(x > 0, 1.0, a + alpha)

    assert found("elu", function).name == "alpha-inside"


@EACH_KIND
@pytest.mark.parametrize(("id", "function"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_error_gets_no_known_name(id, function, kind):
    finding = found(id, function, kind)
    known = {mistake.name for mistake in EXERCISES[id].mistakes}
    assert not known & set(finding.name.split("+"))
    assert "mistakes at once" not in finding.says


@pytest.mark.one_in(3)
@EACH_EXERCISE
@settings(max_examples=EXAMPLES // 12)
@given(seed=st.integers(0, 2**32), scale=st.sampled_from([1e-3, 1.0, 1e3]))
def test_noise_of_the_right_shape_is_never_named(exercise, seed, scale):
    def noise(*arguments):
        rng = np.random.default_rng(seed)

        def random(value):
            if isinstance(value, (tuple, list)):
                return tuple(map(random, value))
            return scale * rng.standard_normal(np.shape(value))

        return random(exercise.reference(*arguments))

    name = found(exercise.id, noise).name
    assert name not in {mistake.name for mistake in exercise.mistakes}
    assert "+" not in name


@pytest.mark.one_in(3)
@EACH_EXERCISE
def test_a_nearly_right_answer_is_no_known_mistake(exercise):
    """It is as near as that to every mistake that shows in a few cases only."""
    factor = 1 + max(1e-8, 5 * exercise.rtol)

    def nearly(*arguments):
        def change(value):
            return tuple(map(change, value)) if isinstance(value, (tuple, list)) else value * factor

        return change(exercise.reference(*arguments))

    name = found(exercise.id, nearly).name
    assert not {mistake.name for mistake in exercise.mistakes} & set(name.split("+"))


def with_jacobian(id, jacobian):
    """Delta with a Jacobian of the learner's own, in equation ``id``, or softmax itself."""

    def wrong(*arguments):
        given = dict(zip(EXERCISES[id].arguments, arguments, strict=True))
        if id == "softmax":
            F = EXERCISES[id].reference(*arguments)[0]
            return F, jacobian(F)
        Y, F, Z = given["Y"], given["F"], given["Z"]
        delta = np.einsum("il,ilk->ik", -2 * (Y - F), jacobian(F))
        if id == "eq9":
            back = delta @ given["beta"][:, 1:] * given["sigma"].derivative(given["A"])
            return back.T @ np.column_stack([np.ones(len(Y)), given["X"]])
        gradient = delta.T @ np.column_stack([np.ones(len(Y)), Z])
        return gradient if id == "eq8" else (delta, gradient)

    return wrong


def products(F):
    return F[:, :, None] * F[:, None, :]


def diagonal(values):
    return np.einsum("ik,kl->ikl", values, np.eye(values.shape[1]))


ONE_SIGN = {
    "diagonal-subtracted": lambda F: -diagonal(F) - products(F),
    "diagonal-sign": lambda F: -products(F) + diagonal(F * F - F * (1 - F)),
    "added": lambda F: diagonal(F) + products(F),
}


@EACH_KIND
@pytest.mark.parametrize("id", ["eq8", "eq9", "eq10", "softmax"])
@pytest.mark.parametrize("slip", ONE_SIGN)
def test_one_wrong_sign_in_a_jacobian_is_one_mistake(id, slip, kind):
    finding = found(id, with_jacobian(id, ONE_SIGN[slip]), kind)
    added = "product-added" if id == "softmax" else "product-with-plus"
    assert finding.name == (added if slip == "added" else slip)


# --- part by part -------------------------------------------------------------------------


def test_a_mistake_in_one_part_is_named_though_the_other_does_not_follow_from_it():
    def sinh_beside_the_right_slope(x):
        return np.sinh(x), 1 - np.tanh(x) ** 2

    finding = found("tanh", sinh_beside_the_right_slope)
    assert finding.name == "sinh"
    assert finding.says.startswith("slope is right. In value: This is sinh")


def test_a_step_whose_result_is_right_elsewhere_is_not_where_it_goes_wrong():
    def right_delta_beside_a_gradient_of_another(Y, A, Z, T, F, g):
        D = -2 * (Y - F)
        gradient = D.T @ np.column_stack([np.ones(len(Z)), Z])
        return g.pull_back(D, T), gradient

    finding = found("eq10", right_delta_beside_a_gradient_of_another)
    assert finding.says.startswith(
        "delta is right. In grad_beta, as if it were made of another delta: The Jacobian is left"
    )
    assert finding.subgoal == ""


def test_two_mistakes_in_two_parts_are_both_named():
    def sinh_beside_one_minus_tanh(x):
        return np.sinh(x), 1 - np.tanh(x)

    finding = found("tanh", sinh_beside_one_minus_tanh)
    assert finding.name == "sinh+one-minus-a"
    assert "In value: " in finding.says
    assert "In slope: " in finding.says


def test_a_known_mistake_beside_something_else_in_special_cases_is_named():
    def half_and_one_example_lost(Y, A, Z, T, F, g):
        if len(Y) == 1:
            raise IndexError("list index out of range")
        delta = -(Y - F) * g.derivative(T)
        return delta.T @ np.column_stack([np.ones(len(Z)), Z])

    finding = found("eq4", half_and_one_example_lost)
    assert finding.name == "no-factor-2"
    assert finding.says.endswith("perhaps by the same slip: “one example”, “sizes of one”.")


def _relu_of_negative(x):
    return np.maximum(x, 0), np.where(x < 0, 1.0, 0)


def _relu_falling(x):
    return np.maximum(x, 0), np.where(x <= 0, 0.0, -1.0 * (x > 0))


def _leaky_sides_but_at_zero(x, alpha):
    return np.where(x > 0, x, alpha * x), np.where(x < 0, 1.0, alpha)


def _elu_left_is_e_to_x_but_at_zero(x, alpha):
    slope = np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1)), np.where(x, slope, alpha)


def _eq4_half_in_whole_units(Y, A, Z, T, F, g):
    delta = -(Y - F) * g.derivative(T)
    G = delta.T @ np.column_stack([np.ones(len(Z)), Z])
    return np.where(np.arange(G.size).reshape(G.shape) % 2, G, 2 * G) if len(Y) == 1 else G


ONE_ALONE = {
    "relu": ("relu", _relu_of_negative, "slope-wrong-side"),
    "leaky ReLU": ("leaky-relu", _leaky_sides_but_at_zero, "slope-wrong-side"),
    "elu": ("elu", _elu_left_is_e_to_x_but_at_zero, "slope-without-alpha"),
    "sign": ("relu", _relu_falling, "sign-flipped"),
    "eq4": ("eq4", _eq4_half_in_whole_units, "no-factor-2"),
}


@EACH_KIND
@pytest.mark.parametrize(("id", "function", "name"), ONE_ALONE.values(), ids=ONE_ALONE)
def test_where_it_is_right_no_second_mistake_is_claimed(id, function, name, kind):
    """Every entry is right, or what the first mistake makes of it."""
    finding = found(id, function, kind)
    assert finding.name == name
    assert "something else" not in finding.says
    assert "at once" not in finding.says


def test_no_mistake_is_claimed_that_is_not_made_where_it_would_show():
    def half_but_right_for_one_example(Y, A, Z, T, F, g):
        delta = (-2 if len(Y) == 1 else -1) * (Y - F) * g.derivative(T)
        return delta.T @ np.column_stack([np.ones(len(Z)), Z])

    assert "no-factor-2" not in found("eq4", half_but_right_for_one_example).name


def test_words_for_a_whole_function_are_not_said_of_one_part():
    def tanh_beside_something_else(x):
        return np.tanh(x), np.cos(x)

    finding = found("sigmoid", tanh_beside_something_else)
    assert "and its derivative" not in finding.says

    def tanh_and_one_minus(x):
        a = 1 / (1 + np.exp(-x))
        return np.tanh(x), 1 - a

    finding = found("sigmoid", tanh_and_one_minus)
    assert "This is tanh and its derivative" not in finding.says


# --- one mistake is not called two --------------------------------------------------------


def counts_in_one_list(actual, predicted, K):
    C = [[0] * K] * K
    for a, p in zip(actual, predicted, strict=True):
        C[a][p] += 1
    return np.array(C)


def counts_of_classes_that_occur(actual, predicted, K):
    classes = np.unique(np.r_[actual, predicted])
    return np.array([[np.sum((actual == a) & (predicted == b)) for b in classes] for a in classes])


def counts_that_fit_in_a_list(actual, predicted, K):
    """Labels are used as indices: as floats they would be none."""
    n = max([*actual, *predicted]) + 1
    C = [[0] * n for _ in range(n)]
    for a, p in zip(actual, predicted, strict=True):
        C[a][p] += 1
    return np.array(C)


@EACH_KIND
@pytest.mark.parametrize(
    ("function", "name"),
    [
        (counts_in_one_list, "rows-aliased"),
        (counts_of_classes_that_occur, "classes-left-out"),
        (counts_that_fit_in_a_list, "as-large-as-needed"),
    ],
)
def test_what_one_mistake_explains_is_not_called_two(function, name, kind):
    """Labels are integers in every case: that a case has integers tells nothing."""
    assert found("confusion", function, kind).name == name


def errors_of_the_first_output(Y, F):
    """Σ|y − f| or √Σ(y − f)²: of one output nobody can tell."""
    return np.abs(Y - F)[:, 0]


def zero_bias_and_a_mean(Y, A, Z, T, F, g):
    """The mean of all, or of the weights alone: where the bias is 0 nobody can tell."""
    delta = -2 * (Y - F) * g.derivative(T)
    return np.column_stack([np.zeros(Y.shape[1]), delta.T @ Z / len(Y)])


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function"), [("eq2", errors_of_the_first_output), ("eq4", zero_bias_and_a_mean)]
)
def test_of_two_pairs_that_explain_an_answer_none_is_named(id, function, kind):
    finding = found(id, function, kind)
    assert "+" not in finding.name
    assert "at once" not in finding.says


# --- how they are combined ----------------------------------------------------------------


def _sum_of_squares(pieces, a):
    return pieces.add(pieces.square(a))


PROGRAM = Program(_sum_of_squares, {"square": np.square, "add": np.sum})


def test_two_pieces_are_both_changed_and_one_piece_is_not_changed_twice():
    absolute, cube = PROGRAM.with_(square=np.abs), PROGRAM.with_(square=lambda a: a**3)
    largest, negative = PROGRAM.with_(add=np.max), PROGRAM.with_(returned=np.negative)
    a = np.array([1.0, -3.0])
    assert PROGRAM.with_()(a) == 10
    assert both(absolute, largest)(a) == 3
    assert both(cube, negative)(a) == 26
    assert both(absolute, cube) is None
    with pytest.raises(ValueError, match="there are: square, add"):
        PROGRAM.with_(sqare=np.abs)


def test_what_is_done_with_the_answer_is_done_in_the_order_that_is_asked_for():
    plus_one, doubled = (
        PROGRAM.with_(returned=change) for change in (lambda s: s + 1, lambda s: 2 * s)
    )
    assert both(plus_one, doubled)(np.array([1.0])) == 4
    assert both(doubled, plus_one)(np.array([1.0])) == 3


@pytest.mark.one_in(3)
@EACH_EXERCISE
def test_what_is_remembered_is_what_is_answered_and_no_argument_is_changed(exercise):
    """Known functions share their arguments, and what their pieces have answered."""
    case = exercise.cases(generator(exercise, VISIBLE))[0]
    known = KnownAnswers(exercise, case)
    before = copy.deepcopy(known._given)
    wrong = [mistake.wrong for mistake in exercise.mistakes]
    wrong += [pair.wrong for pair in islice(pairs(exercise.mistakes), 0, None, 7)]
    with unwarned():
        for function in wrong:
            assert alike(known.of(function), answer(exercise, function, case), 1e-12, 1e-12)
    for now, then in zip(known._given, before, strict=True):
        for a, b in zip(_arrays(now), _arrays(then), strict=True):
            np.testing.assert_array_equal(a, b)


def _arrays(value):
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) else []


# --- a sample of all pairs ----------------------------------------------------------------


# an exercise of an instructor's own may have few mistakes, and no five pairs
PAIRED = [exercise for exercise in EXERCISES.values() if len(exercise.mistakes) >= 8]


@pytest.mark.parametrize("exercise", sampled(PAIRED, lambda e: e.id == "eq5"), ids=lambda e: e.id)
def test_four_of_five_pairs_are_named(exercise):
    from tests.benchmarks.naming import measure

    (row,) = measure([exercise.id], secrets=1, sample=10)
    assert row.named == row.mistakes
    assert row.one_named >= 0.8 * row.pairs - 1  # ten pairs say no more than that
    assert row.wrong_names == row.false_passes == row.false_fails == 0
    assert row.pairs >= 5


def a_row_zeroed_afterwards(which):
    def backward_output(Y, A, Z, T, F, g):
        delta = output_delta(Y, T, F, g)
        gradient = weight_gradient(delta, Z)
        delta[which] = 0
        return delta, gradient

    return backward_output


@pytest.mark.parametrize("id", ["eq6", "eq10"])
@pytest.mark.parametrize("which", [0, -1])
def test_nothing_is_said_to_come_of_a_wrong_part_where_the_other_is_right(id, which):
    finding = found(id, a_row_zeroed_afterwards(which))
    assert finding.name == f"i-{'last' if which else 'first'}-zero-of-delta"
    assert finding.says.startswith("grad_beta is right. In delta: The row of delta for the ")
    assert "made of it" not in finding.says


@pytest.mark.parametrize("id", ["eq6", "eq10"])
def test_what_comes_of_a_wrong_part_is_said_where_the_other_is_made_of_it(id):
    def backward_output(Y, A, Z, T, F, g):
        delta = output_delta(Y, T, F, g)
        delta[0] = 0
        return delta, weight_gradient(delta, Z)

    assert "The gradient is made of it" in found(id, backward_output).says


@pytest.mark.parametrize("id", ["eq6", "eq10"])
def test_words_of_one_part_are_not_said_of_another(id):
    """The gradient is as if only the first entry of delta were filled; delta is all right."""

    def backward_output(Y, A, Z, T, F, g):
        delta = output_delta(Y, T, F, g)
        first = np.zeros_like(delta)
        first[0, 0] = delta[0, 0]
        return delta, weight_gradient(first, Z)

    says = found(id, backward_output).says
    assert says.startswith("delta is right.")
    assert "of delta" not in says
