"""Where an answer is right in some cases only, what these have in common is said if they do."""

import re

import numpy as np
import pytest

from bplab.deep import hidden_deltas
from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, diagnose, shared
from bplab.exercises.judging.conditions import Condition, candidates
from bplab.exercises.task import VISIBLE, Case
from bplab.layers import forward, output_delta
from bplab.learner import Answer
from bplab.network import weight_gradient
from tests.exercises.drawn import EACH_KIND, drawn, found
from tests.thorough import one_in


def spoilt(value):
    """Wrong in every entry, by no rule that anything measures."""
    if isinstance(value, (tuple, list)):
        return tuple(map(spoilt, value))
    value = np.asarray(value, dtype=float)
    odd = np.cos(np.arange(value.size).reshape(value.shape) * 1.7)
    return value + odd * (1 + np.abs(value)) + value**2


def where(id, holds, kind=VISIBLE):
    """What is said of a function that is right in those cases of which ``holds`` is true."""
    exercise = EXERCISES[id]
    cases, references = drawn(id, kind)

    class Chosen(Here):
        def answers(self, exercise, given):
            answers = super().answers(exercise, given)
            return [
                answer if holds(case) else Answer(spoilt(answer.parts))
                for answer, case in zip(answers, given, strict=True)
            ]

    return diagnose(Trial.run(exercise, Chosen(exercise.reference), cases, references))


def having(exercise, trait):
    """Somebody who is right in those cases that have a trait."""
    return lambda cases: [trait in case.traits(exercise.arguments) for case in cases]


def sized(**sizes):
    return lambda case: all(case.sizes.get(letter) == n for letter, n in sizes.items())


@pytest.mark.one_in(3)
@EACH_KIND
@pytest.mark.parametrize(
    ("id", "holds", "words"),
    [
        ("eq4", sized(N=1), "right in 2 of 16 cases: only where N = 1."),
        ("eq4", sized(K=1), "right in 2 of 16 cases: only where K = 1."),
        ("eq7", lambda case: str(case.sigma) == "sigmoid", "only where sigma is sigmoid."),
        (
            "eq5",
            lambda case: str(case.g) == "identity",
            "only where g is identity.",
        ),
        ("eq17", lambda case: case.sizes["D"] == 1, "right in 3 of 19 cases: only where D = 1."),
        ("hidden", lambda case: not case.alpha[:, 0].any(), "alpha has a first column of zeros"),
        ("eq4", lambda case: len(set(case.sizes.values())) == 1, "only where N = p = M = K."),
        ("elu", lambda case: case.alpha == 1, "only where alpha is 1."),
        ("eq4", lambda case: 1 in (case.sizes["N"], case.sizes["K"]), "where K = 1 or where N = 1"),
    ],
)
def test_below_half_it_is_said_what_the_right_ones_have_in_common(id, holds, words, kind):
    finding = where(id, holds, kind)
    assert finding.name == "some-cases"
    assert words in finding.says
    assert "wrong" not in finding.says


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "spoils", "words"),
    [
        ("eq4", sized(N=1), "right in 14 of 16 cases, and wrong only where N = 1."),
        ("eq1", sized(K=1), "right in 14 of 16 cases, and wrong only where K = 1."),
        ("eq9", lambda case: str(case.sigma) == "sigmoid", "wrong only where sigma is sigmoid."),
        ("elu", lambda case: case.alpha < 0, "wrong only where alpha is negative."),
        ("eq4", lambda case: 1 in (case.sizes["N"], case.sizes["M"]), "where M = 1 or where N = 1"),
    ],
)
def test_from_half_on_it_is_said_what_the_wrong_ones_have_in_common(id, spoils, words, kind):
    finding = where(id, lambda case: not spoils(case), kind)
    assert finding.name == "some-cases"
    assert words in finding.says


@EACH_KIND
def test_of_integers_it_is_said_that_the_same_numbers_as_floats_are_right(kind):
    finding = where("softmax", lambda case: case.arguments(["t"])["t"].dtype.kind != "i", kind)
    assert finding.name == "wrong-for-integers"
    assert "wrong only where t holds integers: with the same numbers as floats" in finding.says


@EACH_KIND
def test_without_a_common_trait_only_the_count_is_said(kind):
    finding = where("eq4", lambda case: case.name in {"generic", "one output", "square"}, kind)
    assert finding.says == (
        "grad_beta is right in 3 of 16 cases. "
        "The first one in which it is wrong is “hidden units in another order”."
    )


@pytest.mark.one_in(2)
@pytest.mark.parametrize("id", one_in(9, EXERCISES))
def test_what_is_said_of_the_right_cases_is_true_of_them_and_of_no_other(id):
    """Every trait of an exercise's cases is tried as the one that decides."""
    from bplab.exercises.judging.shared import set_apart

    exercise = EXERCISES[id]
    cases, _ = drawn(id)
    traits = [case.traits(exercise.arguments) for case in cases]
    for trait in frozenset.union(*traits):
        right = [trait in t for t in traits]
        if all(right):
            continue
        few = 2 * sum(right) < len(right)
        said = set_apart(exercise, cases, right, having(exercise, trait))
        for clause in said.removeprefix("only where ").split(" or where "):
            for one in (
                clause.removesuffix(", among other things").replace(" and ", ", ").split(", ")
            ):
                if one.count(" = ") > 1 or not one:
                    continue
                held = [one in t for t in traits]
                assert not any(h and r is not few for h, r in zip(held, right, strict=True))


def test_a_trait_of_one_draw_by_chance_is_not_taken_for_the_cause():
    from bplab.exercises.judging.shared import set_apart

    exercise = EXERCISES["eq10"]
    cases, _ = drawn("eq10")

    class Marked(Case):
        def __init__(self, case):
            self.case = case
            self.sizes_, self.name = case.sizes, case.name

        @property
        def sizes(self):
            return self.sizes_

        def traits(self, names):
            return self.case.traits(names) | {"the moon is full"}

        def arguments(self, names):
            return self.case.arguments(names)

    marked = [Marked(case) if i == 0 else case for i, case in enumerate(cases)]
    first = [i == 0 for i in range(len(cases))]
    for again in ([True] * 99, [False] * 99):
        assert set_apart(exercise, marked, first, lambda cases, a=again: a[: len(cases)]) == ""


def test_where_a_part_of_an_array_is_wrong_in_some_cases_both_is_said():
    def function(Y, A, Z, T, F, g):
        G = EXERCISES["eq4"].reference(Y, A, Z, T, F, g)
        return G if len(Y) == 1 else np.column_stack([G[:, 0] + np.cos(G[:, 0]), G[:, 1:]])

    says = found("eq4", function).says
    assert says.startswith("Only the bias column of grad_beta is wrong.")
    assert says.endswith("It is right only where N = 1.")


def decided(id, decides):
    """What is said of an answer that is right where ``decides`` says so, from its arguments."""
    exercise = EXERCISES[id]

    def function(*given):
        value = exercise.reference(*given)
        return (
            value if decides(**dict(zip(exercise.arguments, given, strict=True))) else spoilt(value)
        )

    return found(id, function).says


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("id", "decides"),
    [
        ("eq4", lambda Y, F, **_: bool((Y >= F).all())),
        ("eq4", lambda T, **_: T[0, 0] > 0.7),
        ("eq4", lambda Z, **_: Z.sum() > 2),
        ("eq5", lambda X, **_: X[0, 0] > 0.6),
        ("eq5", lambda beta, **_: beta[0, 0] > 0.5),
        ("eq7", lambda delta, **_: delta.max() < 0.5),
        ("eq8", lambda Y, **_: Y[0, 0] > 0.6),
        ("eq9", lambda A, **_: (A > 0).mean() > 0.55),
        ("hidden", lambda alpha, **_: alpha[:, 0].sum() > 1),
        ("eq13", lambda gamma, **_: gamma > 0.3),
        ("eq17", lambda delta, **_: delta[0, 0] > 0.2),
        ("eq17", lambda beta, **_: len(beta) == beta.shape[1] - 1),
    ],
)
def test_what_hangs_on_the_numbers_is_not_laid_on_a_trait(id, decides):
    says = decided(id, decides)
    assert "only where" not in says


@pytest.mark.parametrize(
    ("id", "decides", "words"),
    [
        ("eq13", lambda sigma, g, **_: str(sigma) == str(g), "only where sigma is g."),
        ("eq5", lambda sigma, g, **_: str(sigma) == str(g), "only where sigma is g."),
        ("eq13", lambda beta, **_: len(beta) == 1, "only where K = 1."),
        ("hidden", lambda alpha, **_: not alpha[:, 0].any(), "alpha has a first column of zeros."),
        ("eq7", lambda X, **_: X.dtype.kind == "i", "only where X holds integers."),
        ("eq9", lambda X, **_: len(X) == 1, "only where N = 1."),
        ("eq16", lambda weights, **_: len(weights) == weights.shape[1] - 1, "where K = M_D."),
    ],
)
def test_of_several_traits_that_come_together_the_one_that_matters_is_said(id, decides, words):
    assert decided(id, decides).endswith(words)


@pytest.mark.parametrize(
    ("id", "letter", "name"), [("hidden", "sigma", "relu"), ("eq5", "g", "identity")]
)
def test_of_a_function_that_goes_by_a_name_it_is_said_for_which_it_is_wrong(id, letter, name):
    said = decided(id, lambda **given: str(given[letter]) == name)
    begins = f"Your function goes by which activation {letter} is, and is wrong for "
    assert said.startswith(begins)
    wrong = said.removeprefix(begins)
    assert "tanh" in wrong
    assert "sigmoid" in wrong
    assert name not in wrong.replace("leaky_relu", "")


def test_nothing_more_is_asked_once_no_trait_is_left():
    from bplab.exercises.judging.shared import set_apart

    exercise = EXERCISES["eq4"]
    cases, _ = drawn("eq4")
    right = [case.sizes["N"] != 1 for case in cases]
    asked = []

    def always_right(cases):
        asked.append(len(cases))
        return [True] * len(cases)

    assert set_apart(exercise, cases, right, always_right) == ""
    assert asked == [len(cases)]


class OneRow(Condition):
    """What is true of the same cases as N = 1, and can be tried as well."""

    def holds(self, exercise, case):
        return case.sizes["N"] == 1

    def put(self, case):
        yield case.resized(N=1)

    def taken(self, case):
        yield case.resized(N=3)


@pytest.mark.parametrize(
    ("of_sizes", "said"), [(True, "only where N = 1 and X is a row."), (False, "")]
)
def test_of_sizes_and_something_else_that_decide_alike_neither_is_said(monkeypatch, of_sizes, said):
    def with_one_more(*given):
        every, plain = candidates(*given)
        return [*every, OneRow("X is a row")], plain

    monkeypatch.setattr(OneRow, "of_sizes", of_sizes)
    monkeypatch.setattr(shared, "candidates", with_one_more)
    says = where("eq4", sized(N=1)).says
    assert says.endswith(said) if said else "only where" not in says


# --- a trait is tried by itself -----------------------------------------------------------


def clipped_outputs(Y, A, Z, T, F, g):
    """Wrong where an output is below 0.001, as it is where t is large: Z has no part in it."""
    F = np.clip(F, 1e-3, 1 - 1e-3)
    D = -2 * (Y - F)
    delta = F * (D - (F * D).sum(axis=1, keepdims=True))
    return delta, np.c_[delta.sum(0), delta.T @ Z]


def float32_copies(f, params):
    gradient = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        ahead, behind = params.astype(np.float32), params.astype(np.float32)
        ahead[i] += 1e-3
        behind[i] -= 1e-3
        gradient[i] = (f(ahead.astype(float)) - f(behind.astype(float))) / 2e-3
    return gradient


@pytest.mark.parametrize(
    ("id", "function", "untrue"),
    [("eq10", clipped_outputs, "beyond"), ("numerical-gradient", float32_copies, "column of")],
)
@EACH_KIND
def test_what_goes_with_the_cause_by_accident_is_not_named(id, function, untrue, kind):
    assert untrue not in found(id, function, kind).says


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "argument", "holds", "words"),
    [
        ("eq4", "Z", lambda Z: (np.abs(Z) > 20).any(), "Z has entries beyond about ±20"),
        ("sigmoid", "x", lambda x: (np.abs(x) > 20).any(), "x has entries beyond about ±20"),
        ("hidden", "alpha", lambda w: not w[:, 0].any(), "alpha has a first column of zeros"),
    ],
)
def test_what_is_the_cause_is_named(id, argument, holds, words, kind):
    finding = where(id, lambda case: not holds(case.arguments([argument])[argument]), kind)
    assert words in finding.says or "Try your function on such arrays" in finding.hint
    # nothing rougher is said of the same array beside it
    assert id == "eq4" or finding.says.endswith(f"only where {words}.")


@EACH_KIND
@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-100, 100, "beyond about ±100"),
        (-37, 37, "beyond about ±37"),
        (-250, 250, "beyond about ±250"),
        (-90, np.inf, "below about −90"),
    ],
)
def test_the_number_beyond_which_it_is_wrong_is_found(low, high, words, kind):
    def leaky_relu(x, alpha):
        cut = np.clip(x, low, high)
        return np.where(cut > 0, cut, alpha * cut), np.where(x > 0, 1, alpha)

    finding = found("leaky-relu", leaky_relu, kind)
    assert finding.says.endswith(f", and wrong only where x has entries {words}.")


@EACH_KIND
@pytest.mark.parametrize(
    ("far", "words"),
    [
        (lambda x: np.abs(x).max() > 35, "beyond about ±35"),
        (lambda x: np.abs(x).max() > 400, "beyond about ±400"),
        (lambda x: x.max() > 120, "above about 120"),
        (lambda x: x.min() < -120, "below about −120"),
    ],
)
def test_what_an_array_passes_is_told_with_its_side(far, words, kind):
    finding = where("sigmoid", lambda case: not far(case.arguments(("x",))["x"]), kind)
    assert finding.says.endswith(f"x has entries {words}.")


def test_of_a_single_example_no_column_is_said_to_be_right_inside():
    def hidden_delta(delta, weights, A, sigma):
        back = delta @ weights[:, 1:]
        return back if len(delta) == 1 else back * sigma.derivative(A)

    finding = found("eq16", hidden_delta)
    assert "only where N = 1" in finding.says
    assert "inside it is right" not in finding.hint


def wrong_for_zeros(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A) + (Z == 0).any()
    return np.c_[s.sum(0), s.T @ X]


@EACH_KIND
def test_what_goes_with_a_trait_that_decides_by_itself_is_not_named_beside_it(kind):
    """Z holds a zero where sigma is relu, and nowhere else."""
    said = found("eq11", wrong_for_zeros, kind).says
    assert said.endswith("wrong only where Z holds a zero.")


def outputs_cut_off(X, Y, A, Z, T, F, beta, sigma, g):
    """Wrong where an output is below 0.001; where t is large, sigma is the leaky ReLU."""
    F = np.clip(F, 1e-3, 1)
    D = -2 * (Y - F)
    delta = F * (D - (F * D).sum(axis=1, keepdims=True))
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.c_[np.ones(len(X)), X]


@EACH_KIND
def test_an_activation_that_goes_with_the_cause_by_accident_is_not_named(kind):
    assert "sigma is" not in found("eq9", outputs_cut_off, kind).says


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "holds", "words"),
    [
        ("eq9", lambda case: str(case.sigma) == "leaky_relu(0.1)", "sigma is leaky_relu(0.1)"),
        ("elu", lambda case: case.alpha == 0, "alpha is 0"),
    ],
)
def test_an_activation_or_a_number_that_decides_is_named(id, holds, words, kind):
    assert f"wrong only where {words}." in where(id, lambda case: not holds(case), kind).says


# --- a condition is put into other cases, and taken out of its own ------------------------


def first_left_out_of_the_weights(delta, inputs):
    """Right on the kink: there the inputs of the first example are zero."""
    return np.column_stack([delta.sum(axis=0), delta[1:].T @ inputs[1:]])


def upper_biases_left_out(X, Y, alphas, beta, sigmas, g):
    """Right on the kink: there all biases of hidden layers are zero."""
    first, *others = alphas
    without = [np.c_[np.zeros(len(alpha)), alpha[:, 1:]] for alpha in others]
    A, Z, T, F = forward(X, (first, *without), beta, sigmas, g)
    delta = output_delta(Y, T, F, g)
    s = hidden_deltas(delta, alphas, beta, A, sigmas)
    by_alphas = [weight_gradient(s_d, z) for s_d, z in zip(s, (X, *Z), strict=False)]
    return by_alphas, weight_gradient(delta, Z[-1])


def first_sigma_in_all_lower_layers(delta, alphas, beta, A, sigmas):
    """Wrong from three layers on, where the second of them is none like the first."""
    below = [*(sigmas[:1] * (len(sigmas) - 1)), sigmas[-1]]
    return hidden_deltas(delta, alphas, beta, A, below)


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("eq14", first_left_out_of_the_weights),
        ("eq18", upper_biases_left_out),
        ("eq17", first_sigma_in_all_lower_layers),
    ],
)
def test_what_only_goes_with_the_cause_is_not_named(id, function, kind):
    says = found(id, function, kind).says
    assert not re.search("kink|elu|≥ 50|one of the sigmas", says)


def classes_summed(K_most):
    def grad_beta(Y, A, Z, T, F, g):
        D = -2 * (Y - F)
        delta = F * (D - (F * D)[:, :K_most].sum(axis=1, keepdims=True))
        return weight_gradient(delta, Z)

    return grad_beta


def layers_reached(D_most):
    def function(delta, alphas, beta, A, sigmas):
        s = list(hidden_deltas(delta, alphas, beta, A, sigmas))
        return [0 * s_d if d < len(s) - D_most else s_d for d, s_d in enumerate(s)]

    return function


def rate_cut_to(most):
    return lambda weights, gradient, gamma: weights - min(gamma, most) * gradient


def alpha_not_below(least):
    def function(x, alpha):
        alpha = max(alpha, least)
        return np.where(x > 0, x, alpha * x), np.where(x > 0, 1.0, alpha)

    return function


def rows_as_many_as_units(delta, weights, A, sigma):
    s = np.zeros(A.shape)
    for i in range(min(A.shape)):
        s[i] = (delta[i] @ weights[:, 1:]) * sigma.derivative(A[i])
    return s


def units_as_many_as_outputs(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    gradient = np.zeros((Y.shape[1], Z.shape[1] + 1))
    gradient[:, 0] = delta.sum(axis=0)
    for k in range(Y.shape[1]):
        for m in range(min(Y.shape[1], Z.shape[1])):
            gradient[k, m + 1] = (delta[:, k] * Z[:, m]).sum()
    return gradient


def whole_batches(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(order) - size + 1, size):
        rows = order[start : start + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        alphas = [a - gamma * b for a, b in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@pytest.mark.one_in(2)
@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function", "words"),
    [
        ("eq8", classes_summed(8), "wrong only where K ≥ 9."),
        ("eq8", classes_summed(7), "wrong only where K ≥ 8."),
        ("eq14", lambda delta, z: weight_gradient(delta[:12], z[:12]), "only where N ≥ 13."),
        ("eq14", lambda delta, z: weight_gradient(delta[:40], z[:40]), "only where N ≥ 41."),
        ("eq17", layers_reached(4), "only where D ≥ 5."),
        ("eq17", layers_reached(5), "only where D ≥ 6."),
        ("eq12", rate_cut_to(1), "only where gamma is above 1."),
        ("leaky-relu", alpha_not_below(0), "only where alpha is negative."),
        ("eq16", rows_as_many_as_units, r"only where (N > M_D|M_D ≥ N)\."),
        ("eq4", units_as_many_as_outputs, r"only where (M > K|K ≥ M)\."),
    ],
)
def test_the_size_or_the_number_from_which_on_it_is_wrong_is_found(id, function, words, kind):
    assert re.search(words, found(id, function, kind).says)


@pytest.mark.parametrize("id", [id for id in EXERCISES if id != "reverse-pass"])
def test_an_array_that_is_changed_alone_has_the_sizes_that_it_had(id):
    for case in drawn(id)[0][:3]:
        name = next(n for n in EXERCISES[id].arguments if isinstance(getattr(case, n), np.ndarray))
        alone = case.with_array(name, np.array)
        assert (alone.sizes, alone.measures) == (case.sizes, case.measures)


def test_what_hangs_on_a_size_and_on_an_array_is_asked_of_cases_with_one_array_changed():
    exercise = EXERCISES["one-epoch"]

    def one_epoch(X, Y, alphas, beta, gradients, gamma, order, size):
        value = exercise.reference(X, Y, alphas, beta, gradients, gamma, order, size)
        return spoilt(value) if size > 10 else value

    assert found("one-epoch", one_epoch).says.endswith("only where size ≥ 11.")


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function", "untrue"),
    [
        ("eq12", rate_cut_to(2), "above 1"),
        ("leaky-relu", alpha_not_below(-0.5), "is negative"),
        ("one-epoch", whole_batches, "only where size ≥ N"),
    ],
)
def test_a_number_that_is_not_the_limit_is_not_named(id, function, untrue, kind):
    assert untrue not in found(id, function, kind).says


@pytest.mark.parametrize("id", EXERCISES)
def test_a_case_that_is_given_a_trait_has_it_and_one_that_it_is_taken_from_has_it_not(id):
    exercise = EXERCISES[id]
    cases, _ = drawn(id)
    names = exercise.arguments
    traits = [case.traits(names) for case in cases]
    for trait in frozenset.union(*traits):
        have = [case for case, t in zip(cases, traits, strict=True) if trait in t]
        lack = [case for case, t in zip(cases, traits, strict=True) if trait not in t]
        if not lack:
            continue
        within = [c for case in lack for c in case.put(trait, have[0]) if c]
        without = [c for c in have[0].taken(trait, lack[0]) if c]
        assert not within or any(trait in c.traits(names) for c in within), trait
        assert not without or any(trait not in c.traits(names) for c in without), trait


def test_wrong_cases_of_which_nothing_can_be_said_are_listed():
    finding = where("eq4", lambda case: case.name not in {"square", "one output"})
    assert finding.says == (
        "grad_beta is right in 14 of 16 cases. It is wrong in “square” and “one output”."
    )


def test_no_array_is_to_be_made_of_an_activation():
    finding = where("eq7", lambda case: str(case.sigma) != "sigmoid")
    assert "only where sigma is sigmoid." in finding.says
    assert "array" not in finding.hint
