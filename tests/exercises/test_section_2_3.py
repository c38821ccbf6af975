"""The exercises of section 2.3: their cases, and mistakes written as a learner writes them."""

import re
from fractions import Fraction

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.section_2_3.cases import update_cases
from bplab.gradcheck import numerical_gradient
from bplab.losses import loss
from bplab.network import backward, backward_hidden, backward_output, forward
from bplab.training import update
from tests.exercises.drawn import found
from tests.thorough import SEEDS, one_of


def fails(id, function, **kwargs):
    with pytest.raises(CheckFailed) as failed:
        check(id, function, **kwargs)
    return failed.value


# --- cases --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_every_case_has_a_rate_of_its_own_and_none_is_near_one(seed):
    cases = update_cases(np.random.default_rng(seed))
    rates = [case.gamma for case in cases]
    assert len(set(rates)) == len(cases)
    assert min(rates) > 0
    assert not [rate for rate in rates if 0.7 < rate < 2]
    for case in cases:
        assert f"γ = {case.gamma:.3g}" in str(case)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_kinds_of_output_and_integer_weights_are_there(seed):
    cases = {case.name: case for case in update_cases(np.random.default_rng(seed))}
    outputs = [str(case.g) for case in cases.values()]
    assert outputs.count("softmax") >= 4
    assert {"sigmoid", "identity"} < set(outputs)
    whole = cases["integer arrays"]
    for array in (whole.X, whole.Y, whole.alpha, whole.beta):
        assert array.dtype.kind == "i"
    assert (whole.alpha[:, 0] != 0).all()
    assert (whole.beta[:, 0] != 0).all()
    assert not cases["on the kink"].smooth
    assert cases["square"].alpha.shape == cases["square"].beta.shape


@pytest.mark.parametrize("seed", range(3))
def test_the_stored_gradients_are_those_of_R(seed):
    for case in update_cases(np.random.default_rng(seed)):
        _, by_beta = numerical_gradient(
            lambda w, case=case: loss(case.Y, forward(case.X, *w, case.sigma, case.g).F),
            (case.alpha.astype(float), case.beta.astype(float)),
        )
        scale = np.abs(by_beta).max()
        assert np.abs(case.gradient - by_beta).max() < 1e-6 * scale
        assert case.weights is case.beta


def test_the_second_opinion_of_the_update_is_exact_arithmetic_rounded():
    for case in update_cases(np.random.default_rng(0)):
        (written,) = EXERCISES["eq12"].second_opinion(case)
        for index in np.ndindex(written.shape):
            w, slope = (Fraction(float(a[index])) for a in (case.weights, case.gradient))
            exact = float(w - Fraction(case.gamma) * slope)
            assert written[index] == pytest.approx(exact, rel=1e-13, abs=1e-15)


# --- as a learner writes it ---------------------------------------------------------------


def in_place(weights, gradient, gamma):
    if weights.dtype.kind == "f":
        weights -= gamma * gradient
        return weights
    return weights - gamma * gradient


def test_an_update_in_place_is_told_which_argument_it_writes_to():
    error = fails("eq12", in_place)
    assert error.mistake == "argument-changed"
    assert "its argument weights" in str(error)
    assert "-=" in str(error)

    def one_pass(X, Y, alpha, beta, sigma, g, gamma):
        by_alpha, by_beta = backward(X, Y, alpha, beta, sigma, g)
        return alpha - gamma * by_alpha, in_place(beta, by_beta, gamma)

    error = fails("eq13", one_pass)
    assert error.mistake == "argument-changed"
    assert "its argument beta" in str(error)


def test_a_pass_in_the_wrong_order_is_named_as_it_is_written():
    def early_beta(X, Y, alpha, beta, sigma, g, gamma):
        A, Z, T, F = forward(X, alpha, beta, sigma, g)
        delta, by_beta = backward_output(Y, A, Z, T, F, g)
        beta = update(beta, by_beta, gamma)
        return update(alpha, backward_hidden(X, A, Z, delta, beta, sigma), gamma), beta

    def early_alpha(X, Y, alpha, beta, sigma, g, gamma):
        alpha = update(alpha, backward(X, Y, alpha, beta, sigma, g).alpha, gamma)
        return alpha, update(beta, backward(X, Y, alpha, beta, sigma, g).beta, gamma)

    def beta_and_forward(X, Y, alpha, beta, sigma, g, gamma):
        beta = update(beta, backward(X, Y, alpha, beta, sigma, g).beta, gamma)
        return update(alpha, backward(X, Y, alpha, beta, sigma, g).alpha, gamma), beta

    for wrong, name in [
        (early_beta, "beta-updated-too-early"),
        (early_alpha, "alpha-updated-too-early"),
        (beta_and_forward, "forward-with-new-beta"),
    ]:
        for hidden in (False, True):
            assert fails("eq13", wrong, hidden=hidden).mistake == name


def test_an_update_of_only_one_layer_is_named():
    def only_beta(X, Y, alpha, beta, sigma, g, gamma):
        return alpha, update(beta, backward(X, Y, alpha, beta, sigma, g).beta, gamma)

    assert fails("eq13", only_beta).mistake == "only-beta-updated"


def test_what_is_no_known_mistake_is_said_part_by_part():
    def shortened(X, Y, alpha, beta, sigma, g, gamma):
        by_alpha, by_beta = backward(X, Y, alpha, beta, sigma, g)
        return alpha - gamma * np.tanh(by_alpha), beta - gamma * by_beta

    error = fails("eq13", shortened)
    assert error.mistake == "unnamed"
    assert re.search(r"beta is right\. alpha is not right", str(error))


# --- updates that look at R ---------------------------------------------------------------


def risk(X, Y, weights, sigma, g):
    return loss(Y, forward(X, *weights, sigma, g).F)


def with_rate(choose):
    """The exact gradients, and a step with the rate that ``choose`` makes of gamma."""

    def one(X, Y, alpha, beta, sigma, g, gamma):
        by_alpha, by_beta = backward(X, Y, alpha, beta, sigma, g)

        def at(rate):
            return alpha - rate * by_alpha, beta - rate * by_beta

        return at(choose(lambda rate: risk(X, Y, at(rate), sigma, g), gamma))

    return one


def halved(R_at, gamma):
    for _ in range(20):
        if R_at(gamma) < R_at(0):
            break
        gamma = gamma / 2
    return gamma


LOOKS = {
    "steps only if R falls": lambda R_at, gamma: gamma if R_at(gamma) < R_at(0) else 0,
    "halves gamma until R falls": halved,
    "a tenth of the step if R rises": lambda R_at, gamma: (
        gamma if R_at(gamma) < R_at(0) else gamma / 10
    ),
}


@one_of("kind", ["visible", "hidden"])
@pytest.mark.parametrize("choose", LOOKS.values(), ids=LOOKS)
def test_an_update_that_looks_at_R_is_no_numerical_derivative(choose, kind):
    finding = found("eq13", with_rate(choose), kind)
    if choose is halved:  # the line is proven to be the one
        assert finding.name == "argument-overwritten"
        assert "gamma = gamma / 2 gives an argument" in finding.says
        return
    assert finding.name == "step-where-R-rises"
    assert "another one where the right step makes R larger: “identity output”" in finding.says


def test_a_choice_for_one_part_only_is_no_numerical_derivative_either():
    def one(X, Y, alpha, beta, sigma, g, gamma):
        by_alpha, by_beta = backward(X, Y, alpha, beta, sigma, g)
        ahead = alpha - 1e-9 * gamma * by_alpha
        falls = risk(X, Y, (ahead, beta), sigma, g) < risk(X, Y, (alpha, beta), sigma, g)
        return (alpha - gamma * by_alpha if falls else alpha), beta - gamma * by_beta

    assert found("eq13", one) is None


@pytest.mark.parametrize("seed", range(5))
def test_some_right_step_makes_R_larger(seed):
    case = update_cases(np.random.default_rng(seed))[2]
    assert case.name == "identity output"
    assert case.gamma == max(c.gamma for c in update_cases(np.random.default_rng(seed)))
    new = EXERCISES["eq13"].reference(*case.arguments(EXERCISES["eq13"].arguments).values())
    before = risk(case.X, case.Y, (case.alpha, case.beta), case.sigma, case.g)
    assert risk(case.X, case.Y, new, case.sigma, case.g) > before
