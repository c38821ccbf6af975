"""Slopes from differences, and slopes that are chosen by a name, in a wrong function."""

import numpy as np
import pytest

from bplab.activations import relu, tanh
from bplab.learner import answer_if_straight, answer_if_unknown
from bplab.learner.call import Form
from tests.exercises.drawn import found


def gradient(delta, Z):
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def hidden(slope):
    """Equation (7) with a slope of one's own."""

    def backward_hidden(X, A, Z, delta, beta, sigma):
        return gradient(delta @ beta[:, 1:] * slope(sigma, A, Z), X)

    return backward_hidden


DIFFERENCES = {
    "ahead": lambda f, x, z: (f(x + 1e-3) - z) / 1e-3,
    "behind": lambda f, x, z: (z - f(x - 1e-2)) / 1e-2,
    "both sides": lambda f, x, z: (f(x + 0.1) - f(x - 0.1)) / 0.2,
    "by the size": lambda f, x, z: (f(x + 1e-3 * (1 + abs(x))) - z) / (1e-3 * (1 + abs(x))),
    "one by one": lambda f, x, z: np.array([[(f(v + 1e-4) - f(v)) / 1e-4 for v in r] for r in x]),
}


@pytest.mark.parametrize("slope", DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_coarse_difference_is_called_one(slope):
    finding = found("eq7", hidden(slope))
    assert finding.name == "numerical-derivative"
    assert finding.seen


def test_a_known_mistake_beside_it_is_named():
    def grad_beta(Y, A, Z, T, F, g):
        return gradient((F - Y) * (g(T + 1e-4) - F) / 1e-4, Z)

    assert found("eq4", grad_beta).name == "numerical-derivative+no-factor-2"


@pytest.mark.parametrize(
    "slope",
    [
        lambda f, x, z: f.derivative(x + 0.1),
        lambda f, x, z: f(x + 0.1) * (1 - f(x + 0.1)),
        lambda f, x, z: f(f(x)) - f(x + 0.2),
        lambda f, x, z: (f(x + 0.1) - f(x)) / 0.1 + 0.3,
    ],
)
def test_values_elsewhere_alone_are_no_difference(slope):
    assert "numerical" not in found("eq7", hidden(slope)).name


NAMED = {
    "tanh, else the sigmoid": lambda f, x, z: 1 - z**2 if f.name == "tanh" else z * (1 - z),
    "a table": lambda f, x, z: {"sigmoid": z * (1 - z), "tanh": 1 - z**2}.get(str(f), 1.0),
    "by equality": lambda f, x, z: 1 - z**2 if f == tanh else (x > 0) * 1.0,
}


@pytest.mark.parametrize("slope", NAMED.values(), ids=NAMED)
def test_a_slope_by_name_is_called_one_with_those_that_it_has_wrong(slope):
    finding = found("eq7", hidden(slope))
    assert finding.name == "chosen-by-name"
    assert "which activation sigma is" in finding.says
    assert "tanh" not in finding.says.partition("wrong for")[2]


def test_who_looks_at_the_name_and_is_right_for_all_is_right():
    right = hidden(lambda f, x, z: 1 - z**2 if f.name == "tanh" else f.derivative(x))
    assert found("eq7", right) is None


def test_who_looks_at_the_name_and_is_wrong_for_another_reason_is_not_told_of_the_name():
    def backward_hidden(X, A, Z, delta, beta, sigma):
        slope = 1 - Z**2 if sigma.name == "tanh" else sigma.derivative(A)
        s = delta @ beta[:, 1:] * slope
        return gradient(s if len(X) > 1 else 0.9 * s, X)

    assert found("eq7", backward_hidden).name != "chosen-by-name"


def test_a_difference_of_a_straight_activation_is_its_slope():
    x = np.array([[0.3, -0.7], [1.2, 0.1]])

    def slope(A, sigma):
        return (sigma(A + 0.05) - sigma(A - 0.2)) / 0.25

    answer = answer_if_straight(slope, {"A": x, "sigma": tanh}, [Form(2)], [x])
    assert np.allclose(answer.arrays[0], 1 - np.tanh(x) ** 2, rtol=1e-13)
    none = answer_if_straight(lambda A, sigma: sigma(A), {"A": x, "sigma": tanh}, [Form(2)], [x])
    assert none is None


def test_an_activation_of_an_unknown_name_is_the_same_in_all_else():
    given = {"x": np.array([0.5]), "sigmas": [tanh, relu]}

    def names(x, sigmas):
        assert [s.name for s in sigmas] == ["unknown", "unknown"]
        return sigmas[0](x) + sigmas[1].derivative(x)

    answer = answer_if_unknown(names, given, [Form(1)], "sigmas")
    assert answer.arrays[0] == np.tanh(0.5) + 1
