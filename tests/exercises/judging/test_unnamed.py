"""What is measured is true of the numbers, and is said only where it could have been false."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.losses import loss
from bplab.network import grad_beta
from tests.exercises.drawn import EACH_KIND, found

FACTORS = {"constant-factor", "factor-by-case", "factor-by-row", "factor-by-column"}


# --- one number a case --------------------------------------------------------------------


def last_output_only(Y, F):
    R = 0
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            R = (Y[i, k] - F[i, k]) ** 2
    return R


NO_FACTOR = {
    "a sum of the targets": lambda Y, F: Y.sum(),
    "a cubed error": lambda Y, F: (abs(Y - F) ** 3).sum(),
    "a product": lambda Y, F: loss(Y, F) * F[0, 0],
    "noise": lambda Y, F: float(np.random.default_rng(len(Y) + Y.shape[1]).normal()),
    "the largest": lambda Y, F: ((Y - F) ** 2).max(),
    "= for +=": last_output_only,
}


@EACH_KIND
@pytest.mark.parametrize("function", NO_FACTOR.values(), ids=NO_FACTOR)
def test_any_number_is_a_multiple_of_any_other_so_that_is_not_said(function, kind):
    finding = found("eq1", function, kind)
    assert finding.name not in FACTORS
    assert "times a number" not in finding.says
    assert "division" not in finding.hint


@EACH_KIND
@pytest.mark.parametrize(
    ("function", "name", "words"),
    [
        (lambda Y, F: 3.0, "one-number", "R is 3 in every case, whatever"),
        (lambda Y, F: 0.0, "all-zero", "R is 0 in every case"),
        (lambda Y, F: 3 * loss(Y, F), "constant-factor", "times 3, everywhere"),
        (lambda Y, F: 1.00005 * loss(Y, F), "constant-factor", "times 1.00005, everywhere"),
        (lambda Y, F: -loss(Y, F), "sign-flipped", "sign of R is flipped"),
        (lambda Y, F: loss(Y, F) / len(Y) ** 2, "constant-factor", "times 1 / N²,"),
        (lambda Y, F: loss(Y, F) * Y.shape[1] / len(Y), "constant-factor", "times K / N,"),
        (lambda Y, F: loss(Y, F) + 2, "offset", "plus 2, everywhere"),
        (lambda Y, F: loss(Y, F) - 0.5, "offset", "minus 0.5, everywhere"),
        (lambda Y, F: sum([loss(Y, F), float("1e-8")]), "offset", "plus 1e-08, everywhere"),
    ],
)
def test_what_ten_numbers_have_in_common_is_said(function, name, words, kind):
    finding = found("eq1", function, kind)
    assert finding.name == name
    assert words in finding.says


# --- arrays -------------------------------------------------------------------------------


@EACH_KIND
def test_what_cancels_up_to_rounding_is_called_zero(kind):
    def of_what_is_taken_away_again(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g.derivative(T)
        large = np.abs(delta).max()
        delta = (large + delta) - large - delta
        return np.column_stack([delta.sum(axis=0), delta.T @ Z])

    finding = found("eq4", of_what_is_taken_away_again, kind)
    assert finding.name == "all-zero"
    assert "zero but for rounding" in finding.says


def gradient(*arguments):
    return grad_beta(*arguments)


MEASURED = {
    "divided by N²": (lambda G, Y, Z: G / len(Y) ** 2, "constant-factor", "times 1 / N²,"),
    "divided by N K": (lambda G, Y, Z: 2 * G / len(Y) / len(G) / 3, "constant-factor", "0.6667 / "),
    "times M": (lambda G, Y, Z: G * Z.shape[1], "constant-factor", "times M,"),
    "absolute": (lambda G, Y, Z: abs(G), "signs-lost", "none is negative"),
    "a sign here and there": (
        lambda G, Y, Z: G * np.where(np.arange(G.size).reshape(G.shape) % 3, 1, -1),
        "signs-wrong",
        "but for its sign",
    ),
    "rows reversed": (lambda G, Y, Z: G[::-1], "rows-reversed", "reverse order"),
    "columns reversed": (lambda G, Y, Z: G[:, ::-1], "columns-reversed", "columns of grad_beta"),
    "reshaped": (lambda G, Y, Z: G.T.reshape(G.shape), "other-order", "in other places"),
    "last row": (
        lambda G, Y, Z: np.vstack([G[:-1], G[-1:] ** 2]),
        "row-last-wrong",
        "Only the last row of grad_beta is wrong. A row is one output.",
    ),
    "first row only": (
        lambda G, Y, Z: np.vstack([G[:1], G[1:] ** 2]),
        "row-first-only",
        "Only the first row of grad_beta is right.",
    ),
    "last column": (
        lambda G, Y, Z: np.column_stack([G[:, :-1], G[:, -1] ** 2]),
        "column-last-wrong",
        "Only the last column of grad_beta is wrong.",
    ),
    "a factor a row": (
        lambda G, Y, Z: G * np.arange(2, 2 + len(G))[:, None] ** 1.5,
        "factor-by-row",
        "Each row of grad_beta is the right one times a number of its own (a row is one output).",
    ),
    "a factor a column": (
        lambda G, Y, Z: G * np.arange(2, 2 + G.shape[1]) ** 1.5,
        "factor-by-column",
        "Each column of grad_beta",
    ),
}


@EACH_KIND
@pytest.mark.parametrize(("change", "name", "words"), MEASURED.values(), ids=MEASURED)
def test_what_the_arrays_show_is_said(change, name, words, kind):
    finding = found("eq4", lambda Y, A, Z, T, F, g: change(gradient(Y, A, Z, T, F, g), Y, Z), kind)
    assert finding.name == name
    assert words in finding.says


CUT = {
    "above": (lambda G: np.minimum(G, 0.01), "cut off at 0.01:"),
    "below": (lambda G: np.maximum(G, -0.01), "cut off at -0.01:"),
    "on both sides": (lambda G: np.clip(G, -0.02, 0.01), "cut off at -0.02 and 0.01:"),
}


@EACH_KIND
@pytest.mark.parametrize(("cut", "words"), CUT.values(), ids=CUT)
def test_numbers_that_end_at_a_bound_are_cut_off_there(cut, words, kind):
    finding = found("eq4", lambda *arguments: cut(gradient(*arguments)), kind)
    assert finding.name == "clipped"
    assert words in finding.says


@EACH_KIND
def test_one_number_in_place_of_some_is_not_always_a_bound(kind):
    def function(*arguments):
        G = gradient(*arguments)
        return np.where(np.abs(G) > 0.01, 0.0, G)

    assert found("eq4", function, kind).name != "clipped"


@EACH_KIND
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-0.25, np.inf), (-np.inf, 3)])
def test_of_new_weights_it_is_the_gradient_that_is_cut_off(low, high, kind):
    def cut(weights, gradient, gamma):
        return weights - gamma * np.clip(gradient, low, high)

    finding = found("eq12", cut, kind)
    assert finding.name == "clipped"
    bounds = " and ".join(f"{bound:g}" for bound in (low, high) if np.isfinite(bound))
    assert f"The gradient in the step of new_weights is cut off at {bounds}:" in finding.says


@EACH_KIND
@pytest.mark.parametrize("id", ["eq4", "eq8", "eq14"])
def test_a_bias_column_in_the_second_place_is_told(id, kind):
    reference = EXERCISES[id].reference

    def second(*arguments):
        G = reference(*arguments)
        return G[:, [1, 0, *range(2, G.shape[1])]]

    finding = found(id, second, kind)
    assert finding.name == "bias-second"
    assert "stands second, and belongs first" in finding.says


def test_a_size_is_named_only_if_it_alone_explains_the_factor():
    """In two dimensions of one size nobody can tell which of them was meant."""
    from bplab.exercises.judging.factors import _laws, _sizes

    class Sized:
        sizes = {"N": 4, "K": 4}  # noqa: RUF012

    words = [law.words(1.0) for law in _laws(_sizes([Sized()]))]
    assert words[:4] == ["K", "1 / K", "N", "1 / N"]
    assert {"N²", "1 / N²", "K · N", "K / N", "N / K", "1 / K / N"} <= set(words)


def test_a_right_bias_column_does_not_make_delta_right():
    """Deltas of other examples have the same sum."""
    finding = found(
        "eq4",
        lambda Y, A, Z, T, F, g: np.column_stack(
            [
                (delta := -2 * (Y - F) * g.derivative(T)).sum(axis=0),
                np.sort(delta, axis=0).T @ Z,
            ]
        ),
    )
    assert finding.name == "weights-wrong"
    assert "delta is right" not in finding.hint


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", [e.id for e in EXERCISES.values()])
def test_noise_is_no_multiple_and_in_no_other_order(id):
    def noise(*arguments):
        right = EXERCISES[id].reference(*arguments)
        rng = np.random.default_rng(list(str(right).encode()))

        def random(value):
            if isinstance(value, (tuple, list)):
                return tuple(map(random, value))
            return rng.standard_normal(np.shape(value))

        return random(right)

    assert found(id, noise).name in {"unnamed", "raises"}


# --- the right numbers in another shape ---------------------------------------------------

TURNED = {
    "transposed": ("eq6", lambda delta, G: (delta, G.T[::1] * 1.0), {"transposed"}, "grad_beta"),
    "summed over the examples": (
        *("eq2", lambda R: R.sum(), {"all-summed", "summed-down"}),
        "R",
    ),
    "over the units": ("eq4", lambda G: G.sum(axis=0), {"summed-down"}, "grad_beta"),
    "over the columns": ("eq4", lambda G: G.sum(axis=1), {"summed-along"}, "grad_beta"),
    "in one row": ("eq4", np.ravel, {"flattened"}, "grad_beta"),
    "a column": ("eq4", lambda G: G[:, :, None], {"column-kept"}, "grad_beta"),
}


@EACH_KIND
@pytest.mark.parametrize(("id", "turn", "names", "part"), TURNED.values(), ids=TURNED)
def test_right_numbers_in_another_shape_are_recognised(id, turn, names, part, kind):
    def function(*arguments):
        right = EXERCISES[id].reference(*arguments)
        return turn(*right) if isinstance(right, tuple) else turn(right)

    finding = found(id, function, kind)
    assert set(finding.name.split("+")) <= names, finding.says


@EACH_KIND
def test_a_shape_turned_round_with_other_numbers_is_not_called_transposed(kind):
    def function(*arguments):
        return np.cos(gradient(*arguments)).T

    assert found("eq4", function, kind).name == "wrong-shape"


# --- a mean over one less -----------------------------------------------------------------


ONE_LESS = {
    "eq1 over N − 1": ("eq1", lambda Y, F: loss(Y, F) / np.float64(len(Y) - 1), "1 / (N − 1)"),
    "eq1 twice over": ("eq1", lambda Y, F: 2 * loss(Y, F) / np.float64(len(Y) - 1), "2 / (N − 1)"),
    "eq1 over K − 1": ("eq1", lambda Y, F: loss(Y, F) / np.float64(Y.shape[1] - 1), "1 / (K − 1)"),
    "eq4 over N − 1": ("eq4", lambda *a: grad_beta(*a) / np.float64(len(a[0]) - 1), "1 / (N − 1)"),
    "N over N − 1": (
        "eq4",
        lambda *a: grad_beta(*a) * len(a[0]) / np.float64(len(a[0]) - 1),
        "N / (N − 1)",
    ),
}


@EACH_KIND
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("id", "function", "law"), ONE_LESS.values(), ids=ONE_LESS)
def test_a_division_by_one_less_than_a_size_is_told_where_it_divides_by_zero(
    id, function, law, kind
):
    finding = found(id, lambda *given: function(*given), kind)
    size = law[-6]
    assert finding.name == "not-finite"
    assert f"the right one times {law}, and where that divides by zero, at {size} = 1, " in (
        finding.says.replace(" · ", " ")
    )
    assert f"a division by {size} − 1:" in finding.hint


@EACH_KIND
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "factor",
    [
        lambda Y: 1 / np.log(np.float64(len(Y))),
        lambda Y: 1 / np.float64(len(Y) - 2),
        lambda Y: np.nan if len(Y) == 1 else 1 / len(Y),
        lambda Y: 1 / np.float64(len(Y) - 1) if Y.shape[1] > 1 else np.nan,
    ],
)
def test_without_that_law_nothing_is_said_of_it(factor, kind):
    finding = found("eq4", lambda *a: grad_beta(*a) * factor(a[0]), kind)
    assert finding.name in {"not-finite", "averaged-over-N"}
    assert "− 1" not in finding.says + finding.hint


@EACH_KIND
def test_a_division_by_one_more_than_a_size_is_told(kind):
    finding = found("eq4", lambda *a: grad_beta(*a) / (len(a[0]) + 1), kind)
    assert finding.name == "constant-factor"
    assert "times 1 / (N + 1), everywhere" in finding.says


@EACH_KIND
def test_a_division_by_the_number_of_entries_less_one_is_told(kind):
    finding = found("eq1", lambda Y, F: loss(Y, F) / (Y.size - 1), kind)
    assert "times 1 / (K·N − 1), and where that divides by zero, at K·N = 1" in finding.says


def test_a_factor_of_each_layer_is_not_said_to_be_one_of_each_case():
    def hidden_deltas(delta, alphas, beta, A, sigmas):
        right = EXERCISES["eq17"].reference(delta, alphas, beta, A, sigmas)
        return [(d + 2) * s for d, s in enumerate(right)]

    finding = found("eq17", hidden_deltas)
    assert finding.name == "factor-by-layer"
    assert "not the same in all layers" in finding.says


# --- which rows or columns ----------------------------------------------------------------


PLACED = [
    (id, k, axis)
    for id, k in (("eq4", 0), ("eq6", 0), ("softmax", 0), ("softmax", 1), ("eq17", 0))
    for axis in range(len(EXERCISES[id].parts[k].axes))
]


@pytest.mark.parametrize("which", ["first", "last"])
@pytest.mark.parametrize(("id", "k", "axis"), PLACED)
def test_a_row_is_the_second_axis_from_the_end_and_a_column_the_last(id, k, axis, which):
    exercise = EXERCISES[id]
    count = len(exercise.parts[k].axes)
    word = ("matrix", "row", "column")[axis + 3 - count]
    at = 0 if which == "first" else -1

    def spoilt(array):
        array = np.array(array)
        line = np.moveaxis(array, axis, 0)
        line[at] = np.cos(line[at]) + 2
        return array

    def function(*given):
        right = exercise.reference(*given)
        if exercise.parts[k].layered:
            return [spoilt(array) for array in right]
        if len(exercise.parts) == 1:
            return spoilt(right)
        return tuple(spoilt(array) if j == k else array for j, array in enumerate(right))

    finding = found(id, function)
    if word == "column" and exercise.parts[k].has_bias and at == 0:
        word = "bias column"
    else:
        word = f"{which} {word}"
    assert f"Only the {word} of" in finding.says
    assert finding.says.endswith(("is wrong.", "is one example.", "is one output."))


@EACH_KIND
@pytest.mark.parametrize(
    ("take", "filled", "empty"),
    [(np.triu, "above", "below"), (np.tril, "below", "above")],
    ids=["upper", "lower"],
)
def test_of_a_jacobian_that_is_half_filled_the_empty_side_is_told(take, filled, empty, kind):
    def softmax(t):
        value, jacobian = EXERCISES["softmax"].reference(t)
        return value, take(jacobian)

    finding = found("softmax", softmax, kind)
    assert finding.name == "triangle-only"
    assert f"right on the diagonal and {filled} it, and zero {empty} it" in finding.says
    assert "stands still" not in finding.hint


@EACH_KIND
def test_a_factor_of_each_row_of_the_jacobian_leaves_the_first_row_right(kind):
    def softmax(t):
        value, jacobian = EXERCISES["softmax"].reference(t)
        return value, jacobian * np.arange(1, t.shape[1] + 1)[None, :, None]

    says = found("softmax", softmax, kind).says
    assert "Only the first row of each matrix in jacobian is right" in says


# --- what is never filled -----------------------------------------------------------------


def rows_kept(count):
    def change(array):
        array = np.array(array)
        array[count(array) :] = 0
        return array

    return change


def eq16_rows(*given):
    return rows_kept(lambda array: min(array.shape))(EXERCISES["eq16"].reference(*given))


def eq17_top_two(*given):
    right = EXERCISES["eq17"].reference(*given)
    return [s * (d >= len(right) - 2) for d, s in enumerate(right)]


def eq17_not_the_first(*given):
    right = EXERCISES["eq17"].reference(*given)
    return [s * (d > 0 or len(right) == 1) for d, s in enumerate(right)]


def eq18_first_zero(*given):
    by_alphas, by_beta = EXERCISES["eq18"].reference(*given)
    return [a * (d > 0 or len(by_alphas) == 1) for d, a in enumerate(by_alphas)], by_beta


def eq16_middle_column(*given):
    right = np.array(EXERCISES["eq16"].reference(*given))
    right[:, 1:2] = 0
    return right


UNFILLED = {
    "rows beyond the columns": ("eq16", eq16_rows, "Some rows of s are zero, the others are right"),
    "layers further down": ("eq17", eq17_top_two, "some layers of s are zero"),
    "the first layer": ("eq17", eq17_not_the_first, "some layers of s are zero"),
    "the first layer's gradient": ("eq18", eq18_first_zero, "some layers of by_alphas are zero"),
    "a column": ("eq16", eq16_middle_column, "Some columns of s are zero, the others are right"),
}


@pytest.mark.one_in(2)
@EACH_KIND
@pytest.mark.parametrize(("id", "function", "says"), UNFILLED.values(), ids=UNFILLED)
def test_what_is_zero_is_not_said_to_have_a_factor(id, function, says, kind):
    finding = found(id, function, kind)
    assert says in finding.says
    assert "times a number" not in finding.says
    assert "multiplies" not in finding.hint


def with_ones(inputs):
    return np.column_stack([np.ones(len(inputs)), inputs])


def scaled_rows(factor):
    """Equation (4), where each row has a factor of its own."""

    def function(Y, A, Z, T, F, g):
        gradient = grad_beta(Y, A, Z, T, F, g)
        return gradient * factor(np.arange(len(gradient)), len(gradient))[:, None]

    return function


SCALED = {
    "each by its index": (
        lambda k, K: k + 1,
        "Only the first row of grad_beta is right; each of the others is the right one times a",
    ),
    "each by its index from the end": (
        lambda k, K: K - k,
        "Only the last row of grad_beta is right; each of the others is the right one times a",
    ),
    "the first twice": (
        lambda k, K: np.where(k == 0, 2, 1),
        "The first row of grad_beta is the right one times 2, all others are right.",
    ),
    "the first with another sign": (
        lambda k, K: np.where(k == 0, -1, 1),
        "The first row of grad_beta is the right one times -1, all others are right.",
    ),
    "all but the last halved": (
        lambda k, K: np.where(k == K - 1, 1, 0.5),
        "Only the last row of grad_beta is right; each of the others is the right one times 0.5.",
    ),
    "the last by K + 1": (
        lambda k, K: np.where(k == K - 1, K + 1, 1),
        "The last row of grad_beta is the right one times a number that is not always the same",
    ),
}


@EACH_KIND
@pytest.mark.parametrize(("factor", "words"), SCALED.values(), ids=SCALED)
def test_a_row_with_a_factor_is_told_so_and_no_loop_is_blamed(factor, words, kind):
    finding = found("eq4", scaled_rows(factor), kind)
    assert words in finding.says
    assert "to get this" not in finding.hint


@EACH_KIND
def test_of_new_weights_it_is_the_step_of_a_row_that_has_a_factor(kind):
    def update(weights, gradient, gamma):
        return weights - gamma * gradient * np.arange(1, len(weights) + 1)[:, None]

    finding = found("eq12", update, kind)
    assert "the step of each of the others is the right one times a number" in finding.says
    assert "to get this" not in finding.hint


@EACH_KIND
def test_rows_that_are_another_sum_are_right_only_in_the_first(kind):
    def still(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g.derivative(T)
        return np.array([[1.0]] * delta.shape[1]) * (delta[:, :1].T @ with_ones(Z))

    finding = found("eq4", still, kind)
    assert "times a number" not in finding.says


# --- what is zero, and what the weights have beside the biases ----------------------------


def zeroed(which):
    def function(Y, A, Z, T, F, g):
        gradient = grad_beta(Y, A, Z, T, F, g)
        gradient[:, 1:][which(gradient[:, 1:])] = 0
        return gradient

    return function


ZEROED = {
    "small ones": (lambda w: np.abs(w) < 0.02, "Some entries of grad_beta are zero, all others"),
    "above the diagonal": (
        lambda w: np.triu(np.ones(w.shape, bool), 1),
        "Some entries of grad_beta are zero, all others are right",
    ),
    "from the third unit on": (
        lambda w: np.arange(w.shape[1]) * np.ones(w.shape) > 1,
        "Some columns of grad_beta are zero, the others are right",
    ),
}


@EACH_KIND
@pytest.mark.parametrize(("which", "words"), ZEROED.values(), ids=ZEROED)
def test_weights_that_are_zero_are_told_and_no_input_is_blamed(which, words, kind):
    finding = found("eq4", zeroed(which), kind)
    assert words in finding.says
    assert "input" not in finding.hint


@EACH_KIND
def test_where_there_are_no_inputs_none_are_blamed(kind):
    def update(weights, gradient, gamma):
        return weights - gamma * np.take(gradient, [0], axis=1)

    finding = found("eq12", update, kind)
    assert finding.name == "weights-wrong"
    assert "input" not in finding.hint
    assert "example" not in finding.hint


def in_layers(change):
    """The deltas of equation (17), each array changed by its place, counted from the last."""

    def function(*arguments):
        s = EXERCISES["eq17"].reference(*arguments)
        return [change(one, len(s) - 1 - d) for d, one in enumerate(s)]

    return function


@EACH_KIND
@pytest.mark.parametrize(
    "change",
    [
        lambda s, from_last: 0 * s if from_last == 0 else s,
        lambda s, from_last: 0 * s if from_last else s,
        lambda s, from_last: 0 * s if from_last == 1 else s,
    ],
    ids=["the last", "all others", "the last but one"],
)
def test_layers_that_are_zero_are_told_and_no_weights_are_blamed(change, kind):
    finding = found("eq17", in_layers(change), kind)
    assert "The arrays of some layers of s are zero, those of the others are right." in finding.says
    assert "alpha" not in finding.hint


def in_some_cases(id, chosen):
    """A function that is right where it is chosen by what it is given first, and else zero."""
    reference = EXERCISES[id].reference

    def function(*given):
        right = reference(*given)
        if chosen(given[0]):
            return right
        if isinstance(right, tuple):
            return tuple(
                [0 * a for a in one] if isinstance(one, list) else 0 * one for one in right
            )
        return [0 * one for one in right] if isinstance(right, list) else 0 * right

    return function


@EACH_KIND
@pytest.mark.parametrize("id", ["eq1", "eq2", "hidden", "eq4", "eq5", "eq7", "eq8", "eq16", "eq17"])
@pytest.mark.parametrize(
    "chosen",
    [
        lambda first: len(first) > 4,
        lambda first: len(first) <= 3,
        lambda first: first.shape == (5, 4) or first.size % 2,
    ],
)
def test_of_cases_that_are_all_zeros_no_row_is_said_to_be_right(id, chosen, kind):
    finding = found(id, in_some_cases(id, chosen), kind)
    if finding is None:
        return
    assert "others are right" not in finding.says
    assert "are zero" not in finding.says
    assert "all zeros" in finding.says or "is 0" in finding.says
