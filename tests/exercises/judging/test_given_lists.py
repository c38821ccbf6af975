"""Lists that a function is given: it may add to them, and replaces nothing in them."""

import numpy as np
import pytest

from bplab import initial_weights
from bplab.activations import sigmoid, tanh
from bplab.deep import forward
from bplab.exercises import check
from tests.exercises.drawn import EACH_KIND, found


def up(weights, delta, A, sigmas):
    found = []
    for d in reversed(range(len(A))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        found.insert(0, delta)
    return found


def append(delta, alphas, beta, A, sigmas):
    alphas.append(beta)
    return up(alphas, delta, A, sigmas)


def extend(delta, alphas, beta, A, sigmas):
    alphas.extend([beta])
    return up(alphas, delta, A, sigmas)


def add_in_place(delta, alphas, beta, A, sigmas):
    weights = alphas
    weights += [beta]
    return up(weights, delta, A, sigmas)


def add(delta, alphas, beta, A, sigmas):
    return up(alphas + [beta], delta, A, sigmas)  # noqa: RUF005


def add_to_a_tuple(delta, alphas, beta, A, sigmas):
    return up(tuple(alphas) + (beta,), delta, A, sigmas)  # noqa: RUF005


def copy(delta, alphas, beta, A, sigmas):
    weights = alphas.copy()
    weights.append(beta)
    weights[0] = None
    return up(weights, delta, A, sigmas)


def as_a_list(delta, alphas, beta, A, sigmas):
    weights, slots = [*list(alphas), beta], list(A)
    for d in reversed(range(len(A))):
        slots[d] = delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(slots[d])
    return slots


def a_slice(delta, alphas, beta, A, sigmas):
    weights = alphas[1:]
    weights.append(beta)
    weights.insert(0, None)
    return up(weights, delta, A, sigmas)


ALLOWED = [append, extend, add_in_place, add, add_to_a_tuple, copy, as_a_list, a_slice]


@EACH_KIND
@pytest.mark.parametrize("hidden_deltas", ALLOWED)
def test_it_may_be_added_to_and_copied(hidden_deltas, kind):
    assert found("eq17", hidden_deltas, kind) is None


@pytest.mark.parametrize("hidden_deltas", ALLOWED)
def test_what_passes_runs_with_the_notebooks_own_weights(hidden_deltas):
    alphas, beta = initial_weights(p=3, M=[4, 5], K=2, seed=0)
    X, sigmas = np.ones((6, 3)), [tanh, sigmoid]
    A = forward(X, alphas, beta, sigmas, sigmoid).A
    assert [s.shape for s in hidden_deltas(np.ones((6, 2)), alphas, beta, A, sigmas)] == [
        (6, 4),
        (6, 5),
    ]


def set_item(delta, alphas, beta, A, sigmas):
    weights = [*alphas, beta]
    for d in reversed(range(len(A))):
        A[d] = delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
    return A


def slice_set(delta, alphas, beta, A, sigmas):
    values = up([*alphas, beta], delta, A, sigmas)
    alphas[:] = values
    return values


@EACH_KIND
@pytest.mark.parametrize("hidden_deltas", [set_item, slice_set])
def test_nothing_new_may_stand_in_place_of_what_was_given(hidden_deltas, kind):
    finding = found("eq17", hidden_deltas, kind)
    assert finding.name == "argument-changed"
    assert finding.forfeits


def one_epoch(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(X), size):
        rows = order[start : start + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        for d in range(len(alphas)):
            alphas[d] = alphas[d] - gamma * by_alphas[d]
        beta = beta - gamma * by_beta
    return alphas, beta


@EACH_KIND
def test_an_epoch_leaves_the_list_that_it_was_given(kind):
    assert found("one-epoch", one_epoch, kind).name == "argument-changed"

    def on_a_copy(X, Y, alphas, beta, *more):
        return one_epoch(X, Y, list(alphas), beta, *more)

    assert found("one-epoch", on_a_copy, kind) is None


def pop(delta, alphas, beta, A, sigmas):
    found, above = [], beta
    while A:
        delta = delta @ above[:, 1:] * sigmas.pop().derivative(A.pop())
        found.insert(0, delta)
        above = alphas.pop()
    return found


def turn_round(delta, alphas, beta, A, sigmas):
    A.reverse()
    found, above = [], [*alphas[1:], beta]
    for d, a in enumerate(A, start=1):
        delta = delta @ above[-d][:, 1:] * sigmas[-d].derivative(a)
        found.insert(0, delta)
    return found


@pytest.mark.parametrize(
    ("hidden_deltas", "name"),
    [(append, "alphas"), (extend, "alphas"), (pop, "alphas"), (turn_round, "A")],
)
def test_a_list_that_is_changed_is_remarked_on_where_it_passes(hidden_deltas, name):
    passed = check("eq17", hidden_deltas)
    assert f"changes the list {name} that it is given" in repr(passed)


@pytest.mark.parametrize("hidden_deltas", [add, add_to_a_tuple, copy, as_a_list, a_slice])
def test_a_list_of_its_own_is_not_remarked_on(hidden_deltas):
    assert "list" not in repr(check("eq17", hidden_deltas))
