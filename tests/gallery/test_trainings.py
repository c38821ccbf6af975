"""The trainings: the right function learns, every mistake ends in words, and nothing leaks."""

import numpy as np
import pytest

from bplab import deep, network
from bplab.activations import relu, sigmoid, softmax, tanh
from bplab.exercises import EXERCISES
from bplab.exercises.task import Exercise
from bplab.gallery.gallery import _runs
from bplab.gallery.trainings import TRAININGS, Network
from bplab.gallery.verdict import Kind
from bplab.losses import loss
from bplab.training import train

EACH = pytest.mark.parametrize("id", TRAININGS)
FEW = 4


def right(id, epochs=None):
    training, exercise = TRAININGS[id], EXERCISES[id]
    run = training.run(exercise, exercise.reference, epochs or training.epochs)
    assert run.refused == ""
    return run.losses


def wrong(id, name, epochs=None):
    mistake = next(m for m in EXERCISES[id].mistakes if m.name == name)
    _, (shown,) = _runs(EXERCISES[id], [mistake], epochs or TRAININGS[id].epochs)
    return shown


def test_every_formula_of_the_paper_can_be_seen_in_training():
    formulas = {id for id, e in EXERCISES.items() if isinstance(e, Exercise) and e.about is None}
    assert set(TRAININGS) == formulas


@pytest.mark.one_in(3)
@EACH
def test_the_right_function_learns(id):
    losses = right(id)
    assert losses[-1] < losses[0] / 2
    assert len(losses) == TRAININGS[id].epochs + 1


# eq4 and eq8 train beta alone, eq1 and eq2 by finite differences
@pytest.mark.parametrize("id", [id for id in TRAININGS if id not in ("eq1", "eq2", "eq4", "eq8")])
def test_with_the_right_function_it_is_the_training_of_the_library(id):
    start = TRAININGS[id].network()
    *alphas, beta = start.start
    arguments = (start.X, start.Y, alphas, beta, list(start.sigmas), start.g)
    trained = train(*arguments, gamma=start.gamma, epochs=30)
    np.testing.assert_allclose(right(id, 30), trained.losses, rtol=1e-9)


@pytest.mark.parametrize("id", ["eq4", "eq8"])
def test_beta_alone_learns_while_there_is_no_gradient_by_alpha(id):
    start = TRAININGS[id].network()
    alpha, beta = start.start
    for R in right(id, 5):
        A, Z, T, F = network.forward(start.X, alpha, beta, tanh, start.g)
        assert loss(start.Y, F) == pytest.approx(R, rel=1e-12)
        beta = beta - start.gamma * network.grad_beta(start.Y, A, Z, T, F, start.g)


@pytest.mark.parametrize("id", ["eq1", "eq2"])
def test_finite_differences_of_the_loss_descend_like_its_gradient(id):
    start = TRAININGS[id].network()
    trained = train(*(start.X, start.Y, *start.start, tanh, sigmoid), gamma=start.gamma, epochs=20)
    np.testing.assert_allclose(right(id, 20), trained.losses, rtol=1e-6)


@pytest.mark.one_in(3)
@EACH
def test_every_known_mistake_gets_a_verdict(id):
    exercise = EXERCISES[id]
    losses, shown = _runs(exercise, exercise.mistakes, FEW)
    assert len(losses) == FEW + 1
    assert [s.mistake.name for s in shown] == [m.name for m in exercise.mistakes]
    for s in shown:
        assert s.verdict.kind in Kind
        assert len("; ".join(s.verdict.clauses)) > 10
        if s.verdict.kind is Kind.DOES_NOT_RUN:
            assert len(s.losses) <= FEW
        elif s.verdict.kind is Kind.BLOWS_UP:
            assert not np.isfinite(s.losses[-1])
        else:
            assert np.isfinite(s.losses).all()
            assert len(s.losses) == FEW + 1


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("id", "name", "kind"),
    [
        ("eq8", "vanishes", Kind.NEVER),  # the printed line before (8), summed over l
        ("eq10", "vanishes", Kind.NEVER),
        ("eq4", "sign-flipped", Kind.CLIMBS),
        ("eq5", "sign-flipped", Kind.BACK),  # it swings, mostly below its start
        ("eq4", "no-factor-2", Kind.SLOWER),
        ("eq4", "averaged-over-N", Kind.SLOWER),
        ("eq4", "assumes-sigmoid-output", Kind.SAME),
        ("eq4", "sigmoid-prime-at-T", Kind.BLOWS_UP),
        ("eq4", "bias-not-summed", Kind.DOES_NOT_RUN),
        ("eq4", "delta-truncated", Kind.NEVER),
        ("eq10", "cross-entropy-shortcut", Kind.FASTER),
        ("eq12", "ascends", Kind.CLIMBS),
        ("eq12", "not-updated", Kind.NEVER),
        ("eq13", "beta-updated-too-early", Kind.SAME),
        ("eq17", "s-by-division", Kind.BLOWS_UP),  # 0/0 where a ReLU unit is off, after (17)
        ("eq1", "halved", Kind.SLOWER),
        ("eq1", "square-lost", Kind.CLIMBS),  # the start of section 2 as printed
        ("output", "T-missing", Kind.DOES_NOT_RUN),
        ("relu", "one-at-kink", Kind.SAME),
    ],
)
def test_what_a_mistake_does(id, name, kind):
    assert wrong(id, name).verdict.kind is kind


def test_a_factor_2_is_another_learning_rate():
    """The gradients of (6) without the 2: the right curve, one epoch for two of its own half."""
    start = TRAININGS["eq6"].network()
    trained = train(
        *(start.X, start.Y, *start.start, tanh, sigmoid), gamma=start.gamma / 2, epochs=50
    )
    np.testing.assert_allclose(wrong("eq6", "no-factor-2", 50).losses, trained.losses, rtol=1e-9)


# --- functions of any kind ----------------------------------------------------------------


def run(function, id="eq4", epochs=FEW):
    return TRAININGS[id].run(EXERCISES[id], function, epochs)


def raises(*_):
    raise KeyError("what is missing")


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (raises, "it raises KeyError: 'what is missing'"),
        (lambda *_: None, "it returns nothing"),
        (lambda *_: "text", "it returns text that float(…) cannot read"),
        (lambda *_: np.zeros((7, 3)), "grad_beta has shape (7, 3), in place of (3, 7)"),
        (lambda *_: np.zeros((1, 7)), "grad_beta has shape (1, 7), in place of (3, 7)"),
        (lambda *_: 0.0, "grad_beta has shape (), in place of (3, 7)"),
        (lambda *_: (np.zeros((3, 7)), np.zeros(2)), "it returns 2 arrays, in place of 1"),
    ],
)
def test_what_does_not_fit_ends_the_training(function, why):
    losses, refused = run(function)
    assert refused == why
    assert len(losses) == 0


def test_a_long_error_is_cut():
    def verbose(*_):
        raise ValueError("on and on " * 50)

    refused = run(verbose).refused
    assert refused.startswith("it raises ValueError: on and on")
    assert refused.endswith("…")
    assert len(refused) < 110


def test_a_refusal_in_the_middle_keeps_the_losses_so_far():
    calls = []

    def at_the_third_call(Y, A, Z, T, F, g):
        calls.append(1)
        return network.grad_beta(Y, A, Z, T, F, g) if len(calls) < 3 else None

    losses, refused = run(at_the_third_call)
    assert refused == "it returns nothing"
    np.testing.assert_array_equal(losses, right("eq4", FEW)[:2])


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("id", ["eq4", "eq18"])
def test_no_number_ends_the_training(id, number):
    def spoilt(*arguments):
        answer = EXERCISES[id].reference(*arguments)
        return [[a + number for a in answer[0]], answer[1]] if id == "eq18" else answer + number

    losses, refused = run(spoilt, id)
    assert refused == ""
    assert np.isfinite(losses[0])
    assert np.isnan(losses[-1])
    assert len(losses) == 2


@pytest.mark.filterwarnings("error")
def test_an_error_over_what_is_no_number_any_more_is_no_refusal():
    """The library's own functions refuse infinite arrays, which here are the mistake's doing."""

    refusals = []

    def grows(*arguments):
        try:
            return np.full_like(network.grad_alpha(*arguments), -1.7e308)
        except ValueError as error:
            refusals.append(str(error))
            raise

    losses, refused = run(grows, "eq5", 300)
    assert "must be finite" in refusals[0]
    assert refused == ""
    assert np.isnan(losses[-1])
    assert 2 < len(losses) < 300


@pytest.mark.filterwarnings("error")
def test_warnings_are_silent_and_settings_as_before():
    before = np.geterr()
    run(lambda Y, A, Z, T, F, g: np.zeros((3, 7)) + np.log(np.zeros(1)))
    assert np.geterr() == before


def test_what_a_function_writes_into_its_arguments_stays_in_its_training():
    expected = right("eq4", FEW)

    def spoils(*arguments):
        answer = network.grad_beta(*arguments)
        for array in arguments[:-1]:
            array[...] = 0
        return answer

    run(spoils)
    np.testing.assert_array_equal(right("eq4", FEW), expected)


# --- the network --------------------------------------------------------------------------


def test_the_network_computes_what_the_library_does():
    net = Network.of([5, 4], [tanh, relu], softmax, 0.1, every=7)
    *alphas, beta = weights = net.start
    stored = net.forward(weights)
    expected = deep.forward(net.X, alphas, beta, net.sigmas, softmax)
    for mine, library in zip(stored.A, expected.A, strict=True):
        np.testing.assert_allclose(mine, library)
    np.testing.assert_allclose(stored.F, expected.F)
    assert net.risk(stored.F) == pytest.approx(loss(net.Y, expected.F))
    found = net.gradients(weights, stored, net.delta(stored.T, stored.F))
    gradients = deep.backward(net.X, net.Y, alphas, beta, net.sigmas, softmax)
    for mine, library in zip(found, (*gradients.alphas, gradients.beta), strict=True):
        np.testing.assert_allclose(mine, library)


def test_birds_are_not_in_order_and_targets_are_whole_numbers():
    net = TRAININGS["eq4"].network()
    neighbours = (net.Y[1:] == net.Y[:-1]).all(axis=1).mean()
    assert neighbours < 0.5  # in the file's order nearly 1
    assert net.Y.dtype.kind == "i"
    np.testing.assert_allclose(net.X.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(net.X.std(axis=0), 1)
