"""The check of a network's own gradient: exact derivatives, and an analysis of rounding."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.activations import identity, relu, sigmoid, softmax, tanh
from bplab.gradcheck import Verdict, check_gradient
from bplab.gradcheck import check as checking
from bplab.risk import Risk
from bplab.training import initial_weights
from tests.benchmarks.gradcheck.networks import KINDS, random_network
from tests.gradcheck.printed import one_line

SEEDS = st.integers(0, 100_000)


def changed(gradient, rng, factor):
    """The gradient with one random non-zero entry multiplied; and which entry that is."""
    sizes = np.concatenate([g.ravel() for g in gradient])
    place = int(rng.choice(np.flatnonzero(sizes)))
    sizes[place] *= factor
    ends = np.cumsum([g.size for g in gradient])[:-1]
    parts = zip(np.split(sizes, ends), gradient, strict=True)
    return tuple(part.reshape(g.shape) for part, g in parts), place


@given(SEEDS)
def test_no_right_gradient_is_rejected_however_it_is_rounded(seed):
    net = random_network(np.random.default_rng(seed))
    for gradient in (net.risk.gradient(net.weights), net.textbook_gradient()):
        assert not check_gradient(net.risk, gradient, net.weights).wrong
        fast = check_gradient(net.risk, gradient, net.weights, fast=True)
        assert fast.directions != Verdict.WRONG


@given(SEEDS)
def test_one_entry_off_by_a_hundred_thousandth_never_passes_in_silence(seed):
    rng = np.random.default_rng(seed)
    net = random_network(rng)
    gradient = net.risk.gradient(net.weights)
    before = check_gradient(net.risk, gradient, net.weights)
    if not any(e.analytic for e in before.entries):
        return
    wrong, place = changed(gradient, rng, 1 + 1e-5)
    if before.entries[place].verdict == Verdict.RIGHT:
        entry = check_gradient(net.risk, wrong, net.weights).entries[place]
        assert entry.verdict != Verdict.RIGHT
        if net.kind in ("plain", "residual") and abs(entry.analytic) > entry.error * 1e5:
            assert entry.verdict == Verdict.WRONG


def test_all_kinds_of_networks_are_drawn():
    drawn = {random_network(np.random.default_rng(seed)).kind for seed in range(60)}
    assert drawn == set(KINDS)


@pytest.fixture(scope="module")
def network():
    rng = np.random.default_rng(3)
    R = Risk(rng.standard_normal((20, 4)), rng.random((20, 3)), (tanh, relu), sigmoid)
    alphas, beta = initial_weights(4, (6, 5), 3, seed=1)
    return R, (*alphas, beta)


def test_the_place_of_a_wrong_entry_is_named(network):
    R, W = network
    for index, kind in (((2, 0), "bias"), ((2, 3), "weight")):
        wrong = [g.copy() for g in R.gradient(W)]
        wrong[1][index] *= 1.001
        report = check_gradient(R, tuple(wrong), W)
        (entry,) = report.wrong
        assert (entry.block, entry.index, entry.kind) == ("alpha^(2)", index, kind)
        assert f"alpha^(2){list(index)} ({kind})" in one_line(report)
        assert not report


def test_names_are_those_of_the_structure_where_it_has_some(network):
    R, (first, second, beta) = network
    W = {"alphas": (first, second), "beta": beta}
    names = {e.block for e in check_gradient(R, R.gradient(W), W).entries}
    assert names == {"alphas[0]", "alphas[1]", "beta"}
    one = Risk(R.X, R.Y, tanh, softmax)
    pair = initial_weights(4, 2, 3)
    assert {e.block for e in check_gradient(one, one.gradient, pair).entries} == {"alpha", "beta"}


def test_a_unit_exactly_on_its_kink_is_judged_on_the_side_of_the_convention():
    X, Y = np.array([[1.0, 2.0]]), np.array([[0.3]])
    alpha, beta = np.array([[0.0, 2.0, -1.0]]), np.array([[0.1, 0.7]])  # A = 0
    R = Risk(X, Y, relu, identity)
    left = R.gradient((alpha, beta))
    assert check_gradient(R, left, (alpha, beta))
    s = -2 * (0.3 - 0.1) * 0.7  # with the slope on the right
    right = (s * np.array([[1.0, 1.0, 2.0]]), left[1])
    report = check_gradient(R, right, (alpha, beta))
    assert {e.verdict for e in report.entries if e.block == "alpha"} == {Verdict.CANNOT_TELL}
    assert not report.wrong


def test_near_an_optimum_cancellation_is_not_called_a_mistake():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((6, 3))
    W = initial_weights(3, 4, 2)
    F = Risk(X, np.zeros((6, 2)), tanh, identity)
    from bplab.network import forward

    F = forward(X, *W, tanh, identity).F
    R = Risk(X, F + 1e-13 * rng.standard_normal(F.shape), tanh, identity)
    gradient = R.gradient(W)
    assert not check_gradient(R, gradient, W).wrong
    doubled = tuple(2 * g for g in gradient)
    assert check_gradient(R, doubled, W).wrong


def test_without_a_wider_type_it_says_cannot_tell_more_often_and_nothing_false(monkeypatch):
    rng = np.random.default_rng(5)
    nets = [random_network(rng) for _ in range(60)]
    undecided = []
    for wider in (True, False):
        monkeypatch.setattr(checking, "EXTENDED", wider and checking.EXTENDED)
        reports = [check_gradient(n.risk, n.risk.gradient(n.weights), n.weights) for n in nets]
        assert not any(report.wrong for report in reports)
        undecided.append(sum(len(report.undecided) for report in reports))
    assert undecided[0] <= undecided[1]


# --- the fast mode ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large():
    rng = np.random.default_rng(0)
    R = Risk(rng.standard_normal((50, 20)), rng.random((50, 5)), (tanh, relu), sigmoid)
    alphas, beta = initial_weights(20, (30, 12), 5)
    return R, (*alphas, beta)


def test_a_right_gradient_is_compared_along_two_directions_only(large, monkeypatch):
    R, W = large
    calls = []
    along = checking._NetworkJudge.along
    monkeypatch.setattr(
        checking._NetworkJudge, "along", lambda self, v: calls.append(1) or along(self, v)
    )
    report = check_gradient(R, R.gradient(W), W, fast=True)
    assert report
    assert report.directions == Verdict.RIGHT
    assert report.entries == ()
    assert report.total == sum(w.size for w in W)
    assert len(calls) == 2


@given(SEEDS)
def test_one_wrong_entry_among_many_is_found(large, seed):
    R, W = large
    rng = np.random.default_rng(seed)
    gradient = R.gradient(W)
    wrong, place = changed(gradient, rng, 1 + 1e-4)
    sizes = np.concatenate([g.ravel() for g in gradient])
    if abs(sizes[place]) < 1e-5 * np.abs(sizes).max():
        return  # too small to be weighted up
    report = check_gradient(R, wrong, W, fast=True, seed=seed)
    (entry,) = report.wrong
    assert entry.analytic == sizes[place] * (1 + 1e-4)
    assert report.directions == Verdict.WRONG


def test_a_layer_that_is_wrong_is_shown_by_some_of_its_entries(large):
    R, W = large
    gradient = list(R.gradient(W))
    gradient[1] = 2 * gradient[1]
    report = check_gradient(R, tuple(gradient), W, fast=True)
    assert len(report.wrong) == 5
    assert {entry.block for entry in report.wrong} == {"alpha^(2)"}
    zeros = tuple(np.zeros_like(g) for g in gradient)
    assert not check_gradient(R, zeros, W, fast=True)


def test_weights_that_do_not_fit_are_named(network):
    R, W = network
    with pytest.raises(ValueError, match="one matrix for each hidden layer"):
        check_gradient(R, (W[0],), (W[0],))
    with pytest.raises(ValueError, match=r"alphas\[1\] must have shape"):
        check_gradient(R, W, (W[0], W[2], W[1]))
