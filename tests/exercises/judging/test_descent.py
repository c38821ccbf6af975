"""Steps of gradient descent that are off: what is said is computed from their numbers."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.exercises.judging.trial import multiple_of_step
from bplab.exercises.task import VISIBLE, generator
from bplab.learner import Answer
from bplab.training import one_epoch, one_pass
from tests.exercises.drawn import EACH_KIND, found


def shrunk(w):
    return np.column_stack([np.zeros(len(w)), w[:, 1:]])


SIZES = {
    "K": (lambda Y, A: Y.shape[1], "times 1 / K."),
    "N and K": (lambda Y, A: Y.size, "times 1 / K / N."),
    "M": (lambda Y, A: A.shape[1], "times 1 / M."),
}


@EACH_KIND
@pytest.mark.parametrize(("size", "words"), SIZES.values(), ids=SIZES)
def test_a_size_in_the_step_is_found(size, words, kind):
    def one(X, Y, alpha, beta, sigma, g, gamma):
        return one_pass(X, Y, alpha, beta, sigma, g, gamma / size(Y, X @ alpha[:, 1:].T))

    finding = found("eq13", one, kind)
    assert finding.name == "step-scaled"
    assert words in finding.says


@EACH_KIND
def test_a_rate_divided_by_the_entries_of_delta_is_not_blamed_on_the_gradient(kind):
    def one(X, Y, alpha, beta, sigma, g, gamma):
        new_alpha, _ = one_pass(X, Y, alpha, beta, sigma, g, gamma / (len(X) * len(alpha)))
        return new_alpha, one_pass(X, Y, alpha, beta, sigma, g, gamma / Y.size)[1]

    finding = found("eq13", one, kind)
    assert finding.name == "averaged-over-all"
    assert finding.says.startswith("Your step is divided by")
    assert "or gamma divided by it" in finding.hint
    assert finding.subgoal == "update"


STEPS = {
    "a factor of one's own": (lambda w, d, r: w - 0.37 * r * d, "step-scaled", "is 0.37 times as"),
    "up, and shorter": (lambda w, d, r: w + 0.7 * r * d, "step-scaled", "0.7 times as long as it"),
    "up": (lambda w, d, r: w + 3 * r * d, "step-scaled", "and goes uphill"),
    "a rate of one's own": (lambda w, d, r: w - 0.0042 * d, "gamma-constant", "the rate 0.0042"),
    "a large rate": (lambda w, d, r: w - 7 * d, "gamma-constant", "the rate 7"),
    "the root": (lambda w, d, r: w - np.sqrt(r) * d, "gamma-power", "gamma to the power 0.5"),
    "the cube": (lambda w, d, r: w - r**3 * d, "gamma-power", "gamma to the power 3"),
    "a square halved": (lambda w, d, r: w - r**2 / 2 * d, "gamma-power", "power 2, times 0.5"),
    "divided": (lambda w, d, r: w - d / (2 * r), "gamma-power", "gamma to the power -1, times 0.5"),
    "decay": (lambda w, d, r: w - r * (d + 0.037 * w), "weight-decay", "gamma times 0.037 times"),
    "decay, twice": (lambda w, d, r: w - r * (d + 2 * 3e-5 * w), "weight-decay", "times 6e-05"),
    "growth": (lambda w, d, r: w - r * (d - 0.2 * w), "weight-decay", "also adds gamma times 0.2"),
    "decay without gamma": (lambda w, d, r: 0.97 * w - r * d, "weight-decay", "subtracts 0.03"),
    "no decay of biases": (
        lambda w, d, r: w - r * (d + 0.04 * shrunk(w)),
        "weight-decay",
        "0.04 times each weight but the biases",
    ),
    "decay by sign": (
        lambda w, d, r: w - r * (d + 0.003 * np.sign(w)),
        "weight-decay",
        "0.003 times the sign of each weight",
    ),
}


@EACH_KIND
@pytest.mark.parametrize(("step", "name", "words"), STEPS.values(), ids=STEPS)
def test_the_number_in_a_wrong_step_is_found(step, name, words, kind):
    finding = found("eq12", lambda w, d, r: step(w, d, r), kind)
    assert finding.name == name
    assert words in finding.says


def a_pass(alpha_step, beta_step):
    def one(X, Y, alpha, beta, sigma, g, gamma):
        new = one_pass(X, Y, alpha, beta, sigma, g, gamma)
        by_alpha, by_beta = ((w - n) / gamma for w, n in zip((alpha, beta), new, strict=True))
        return alpha_step(alpha, by_alpha, gamma), beta_step(beta, by_beta, gamma)

    return one


def right(w, d, r):
    return w - r * d


@EACH_KIND
def test_of_a_pass_both_steps_are_told_at_once_if_they_are_off_alike(kind):
    off = STEPS["a rate of one's own"][0]
    finding = found("eq13", a_pass(off, off), kind)
    assert (finding.name, finding.says[:9]) == ("gamma-constant", "Your step")


@EACH_KIND
def test_of_a_pass_the_step_that_is_off_is_told_beside_the_right_one(kind):
    finding = found("eq13", a_pass(right, STEPS["a factor of one's own"][0]), kind)
    assert finding.says == "alpha is right. The step of beta is 0.37 times as long as it should be."
    finding = found("eq13", a_pass(STEPS["decay"][0], right), kind)
    assert finding.says.startswith("beta is right. The step of alpha is right, but also subtracts")


NEITHER = {
    "a rate by the gradient": lambda w, d, r: w - r * d / (1 + np.abs(d).sum()),
    "a decay that changes": lambda w, d, r: w - r * (d + np.abs(d).mean() * w),
    "noise": lambda w, d, r: w - r * np.cos(w) * d,
    "a rate by the first weight": lambda w, d, r: w - r * (1 + w[0, 0] ** 2) * d,
    "a cosine of gamma": lambda w, d, r: w - np.cos(r) * d,
}


@EACH_KIND
@pytest.mark.parametrize("step", NEITHER.values(), ids=NEITHER)
def test_a_step_that_no_number_explains_is_told_none(step, kind):
    finding = found("eq12", lambda w, d, r: step(w, d, r), kind)
    assert finding.name not in {"step-scaled", "gamma-constant", "gamma-power", "weight-decay"}


def an_epoch(rate):
    def epoch(X, Y, alphas, beta, gradients, gamma, order, size):
        return one_epoch(X, Y, alphas, beta, gradients, rate(gamma), order, size)

    return epoch


@EACH_KIND
@pytest.mark.parametrize(
    ("rate", "name", "words"),
    [
        (lambda gamma: 0.5 * gamma, "step-scaled", "Each step is 0.5 times as long"),
        (lambda gamma: 1.3 * gamma, "step-scaled", "Each step is 1.3 times as long"),
        (lambda gamma: 0.137, "gamma-constant", "Each step always has the rate 0.137"),
        (lambda gamma: gamma**2, "gamma-power", "gamma to the power 2,"),
    ],
)
def test_of_many_steps_the_rate_is_found(rate, name, words, kind):
    finding = found("one-epoch", an_epoch(rate), kind)
    assert finding.name == name
    assert words in finding.says


@EACH_KIND
def test_of_many_steps_with_rates_that_no_law_gives_none_is_said(kind):
    finding = found("one-epoch", an_epoch(lambda gamma: gamma * np.cos(7 * gamma)), kind)
    assert finding.name not in {"step-scaled", "gamma-constant", "gamma-power"}


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_is_not_finite_is_no_multiple_of_the_step(number):
    exercise = EXERCISES["eq13"]
    case = exercise.cases(generator(exercise, VISIBLE))[0]
    right = exercise.reference(*case.arguments(exercise.arguments).values())
    came = Answer(tuple((number * np.ones_like(weights),) for weights in right))
    assert multiple_of_step(exercise, case, came) is None
    assert multiple_of_step(exercise, case, came, [0]) is None
    assert multiple_of_step(exercise, case, Answer(tuple((w,) for w in right))) == pytest.approx(1)


# --- a step of another length, whatever made it so ----------------------------------------


def with_the_rate(change):
    def one(X, Y, alpha, beta, sigma, g, gamma):
        return one_pass(X, Y, alpha, beta, sigma, g, change(gamma, len(X)))

    return one


def averaged_weights(X, Y, alpha, beta, sigma, g, gamma):
    new = one_pass(X, Y, alpha, beta, sigma, g, gamma)
    return (alpha + new[0]) / 2, (beta + new[1]) / 2


def beta_slower(X, Y, alpha, beta, sigma, g, gamma):
    new_alpha, _ = one_pass(X, Y, alpha, beta, sigma, g, gamma)
    return new_alpha, one_pass(X, Y, alpha, beta, sigma, g, gamma / len(X))[1]


RATES = {
    "gamma halved": (with_the_rate(lambda r, N: r / 2), "Your step is half as long as"),
    "old and new weights averaged": (averaged_weights, "Your step is half as long as"),
    "gamma over N": (with_the_rate(lambda r, N: r / N), "Your step is divided by N"),
    "gamma over N for beta": (beta_slower, "In beta: Your step is divided by N"),
    "gamma times N": (with_the_rate(lambda r, N: r * N), "Your step is multiplied by N"),
    "gamma doubled": (with_the_rate(lambda r, N: 2 * r), "Your step is twice as long as"),
}


@EACH_KIND
@pytest.mark.parametrize(("function", "says"), RATES.values(), ids=RATES)
def test_a_step_of_another_length_blames_neither_the_gradient_nor_the_rate(function, says, kind):
    finding = found("eq13", function, kind)
    assert says in finding.says
    assert "gradient" not in finding.says
    assert "One way to get this:" in finding.hint or "Ways to get this:" in finding.hint
    assert finding.subgoal in ("update", "")


@EACH_KIND
@pytest.mark.parametrize("by", ["size", "N"])
def test_an_epoch_with_a_divided_rate_is_not_said_to_divide_the_gradient(by, kind):
    def epoch(X, Y, alphas, beta, gradients, gamma, order, size):
        rate = gamma / (size if by == "size" else len(X))
        return one_epoch(X, Y, alphas, beta, gradients, rate, order, size)

    finding = found("one-epoch", epoch, kind)
    assert finding.name == f"averaged-over-{by}"
    assert f"Each step is divided by {by}" in finding.says


@EACH_KIND
@pytest.mark.parametrize(("by", "words"), [(len, "number of rows"), (np.size, "number of entries")])
def test_an_update_with_a_divided_rate_is_not_said_to_divide_the_gradient(by, words, kind):
    finding = found("eq12", lambda w, d, r: w - (r / by(d)) * d, kind)
    assert f"Your step is divided by the {words} of gradient" in finding.says


@EACH_KIND
def test_new_weights_of_the_wrong_sign_are_told_as_one_mistake(kind):
    finding = found("eq12", lambda w, d, r: -(w - r * d), kind)
    assert finding.name == "sign-flipped"
    assert finding.says == "The sign of new_weights is flipped."
    both = found("eq13", lambda *given: tuple(-new for new in one_pass(*given)), kind)
    assert both.name == finding.name
