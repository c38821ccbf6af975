"""Other answers to the same arguments: no cause is named that the function does not have."""

import re

import numpy as np
import pytest

from bplab.network import grad_beta
from tests.exercises.drawn import EACH_KIND, found


def added_to_empty(Y, A, Z, T, F, g):
    G = np.empty((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        G += np.outer(-2 * (Y[i] - F[i]) * g.derivative(T[i]), np.r_[1, Z[i]])
    return G


def _with_ones_forgotten(inputs):
    filled = np.empty((inputs.shape[0], inputs.shape[1] + 1))
    filled[:, 1:] = inputs
    return filled


def ones_left_empty_in_a_helper(X, A, Z, delta, beta, sigma):
    return (delta @ beta[:, 1:] * sigma.derivative(A)).T @ _with_ones_forgotten(X)


def last_row_left_empty(delta, inputs):
    G = np.empty_like(delta.T @ np.column_stack([np.ones(len(inputs)), inputs]))
    for k in range(delta.shape[1] - 1):
        G[k] = delta[:, k] @ np.column_stack([np.ones(len(inputs)), inputs])
    return G


def made_as_ndarray(delta, inputs):
    G = np.ndarray((delta.shape[1], inputs.shape[1] + 1))
    G[:, 1:] = delta.T @ inputs
    return G


@EACH_KIND
@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("eq4", added_to_empty),
        ("eq7", ones_left_empty_in_a_helper),
        ("eq14", last_row_left_empty),
        ("eq14", made_as_ndarray),
    ],
)
def test_an_array_of_np_empty_that_is_not_filled_is_found_whatever_it_holds(id, function, kind):
    finding = found(id, function, kind)
    assert finding.name == "not-filled"
    assert "np.zeros" in finding.hint
    assert "global" not in finding.hint
    assert "random" not in finding.hint


def test_an_array_of_np_empty_that_is_filled_is_right():
    def filled(delta, inputs):
        G = np.empty((delta.shape[1], inputs.shape[1] + 1))
        assert isinstance(G, np.ndarray)
        G[:, 0], G[:, 1:] = delta.sum(axis=0), delta.T @ inputs
        return G

    assert found("eq14", filled) is None


def test_what_is_wrong_beside_an_array_that_is_filled_is_named_as_ever():
    def doubled(delta, inputs):
        G = np.empty((delta.shape[1], inputs.shape[1] + 1))
        G[:, 0], G[:, 1:] = delta.sum(axis=0), delta.T @ inputs
        return 3 * G

    assert found("eq14", doubled).name == "constant-factor"


total = np.zeros(1)


def adds_to_an_array_of_its_notebook(*given):
    global total
    total += 1
    return total * grad_beta(*given)


def adds_to_a_default(Y, A, Z, T, F, g, seen=[]):  # noqa: B006 - that is the mistake
    seen.append(1)
    return len(seen) * grad_beta(Y, A, Z, T, F, g)


def draws(*given):
    return grad_beta(*given) * np.random.default_rng().random()


tally = 0


def counts_in_its_notebook(*given):
    global tally
    tally += 1
    return tally * grad_beta(*given)


class _Counter:
    n = 0


counter = _Counter()


def counts(*given):
    counter.n += 1
    return counter.n * grad_beta(*given)


@pytest.mark.parametrize(
    ("function", "named"),
    [
        (adds_to_an_array_of_its_notebook, "total"),
        (adds_to_a_default, "default argument seen"),
        (draws, "random numbers"),
        (counts_in_its_notebook, "tally"),
        (counts, ""),
    ],
)
def test_a_cause_is_named_only_where_the_function_has_it(function, named):
    finding = found("eq4", function)
    assert finding.name == "remembers"
    causes = ("total", "tally", "default argument seen", "random numbers")
    assert [cause for cause in causes if cause in finding.hint] == ([named] if named else [])


def kept_by_the_first_argument():
    kept = {}

    def function(Y, *others):
        return kept.setdefault(Y.tobytes(), grad_beta(Y, *others))

    return function


@EACH_KIND
def test_an_answer_that_is_kept_is_told_with_the_case_of_which_it_is(kind):
    finding = found("eq4", kept_by_the_first_argument(), kind)
    assert finding.name == "remembers"
    assert finding.forfeits
    assert re.search("keeps something in kept|to the last digit, what is right for", finding.says)


def test_every_second_answer_is_no_array_that_is_not_filled():
    calls = []

    def every_second(*given):
        calls.append(np.empty(0))
        return (1 + len(calls) % 2) * grad_beta(*given)

    assert found("eq4", every_second).name == "remembers"


def test_more_layers_than_there_should_be_are_counted():
    def always_two(delta, alphas, beta, A, sigmas):
        return [np.zeros((len(delta), 1)), np.zeros((len(delta), 1))]

    assert found("eq17", always_two) is not None
