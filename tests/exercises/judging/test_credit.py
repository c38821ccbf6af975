"""Partial credit: never more than all, all only for right answers, and more parts earn more."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab import network
from bplab.exercises import CHALLENGES, EXERCISES
from bplab.exercises.judging import (
    Finding,
    Here,
    Trial,
    challenge_credit,
    credit,
    diagnose,
    judge,
)
from bplab.exercises.task import VISIBLE, generator
from bplab.learner import Answer, Lesson
from tests.exercises.drawn import drawn
from tests.thorough import ALL, EXAMPLES

EACH_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)
SHARED = ("eq4", "eq6", "eq13", "eq18", "sigmoid")


def earned(id, function):
    trial = Trial.run(EXERCISES[id], Here(function), *drawn(id))
    return credit(trial, diagnose(trial))


# --- by any wrong answers -----------------------------------------------------------------


def trial_with(id, wrong):
    """A trial in which the parts in ``wrong``, pairs of case and part, are not right."""
    exercise = EXERCISES[id]
    cases, references = drawn(id)
    answers = []
    for i, (case, reference) in enumerate(zip(cases, references, strict=True)):
        arrays = iter(reference)
        came = []
        for k, part in enumerate(exercise.parts):
            its = [next(arrays) for _ in part.arrays(case)]
            came.append(tuple(array + 1 if (i, k) in wrong else array for array in its))
        answers.append(Answer(tuple(came)))
    return Trial(exercise, Here(exercise.reference), cases, answers, references, answers[0])


def places(id):
    exercise = EXERCISES[id]
    cases, _ = drawn(id)
    every = [(i, k) for i in range(len(cases)) for k in range(len(exercise.parts))]
    return st.sets(st.sampled_from(every), max_size=6)


@st.composite
def two_trials(draw):
    id = draw(st.sampled_from(SHARED))
    wrong = draw(places(id))
    return trial_with(id, wrong), trial_with(id, wrong | draw(places(id))), wrong


FOUND = Finding("unnamed", "It is wrong.", "Look again.")


@given(two_trials())
@settings(max_examples=EXAMPLES)
def test_it_is_a_share_and_whole_only_if_all_is_right_and_grows_with_what_is_right(trials):
    better, worse, wrong = trials
    share = credit(better, FOUND if wrong else None)
    assert 0 <= share <= 1
    assert (share == 1) == (not wrong)
    assert credit(worse, FOUND) <= share
    assert (share * 2 * len(better.exercise.parts)).is_integer()


@given(places("eq6"))
def test_nothing_is_earned_whatever_the_numbers_are(wrong):
    assert credit(trial_with("eq6", wrong), replace(FOUND, forfeits=True)) == 0


# --- by functions -------------------------------------------------------------------------


@pytest.mark.one_in(2)
@EACH_EXERCISE
def test_the_reference_earns_all_and_no_known_mistake_does(exercise):
    assert earned(exercise.id, exercise.reference) == 1
    for mistake in exercise.mistakes[:: 5 if ALL else 15]:
        assert earned(exercise.id, mistake.wrong) < 1


@EACH_EXERCISE
def test_there_are_ordinary_cases_and_special_ones(exercise):
    cases = exercise.cases(generator(exercise, VISIBLE))
    assert sum(not case.special for case in cases) >= 2
    assert any(case.special for case in cases)
    assert not cases[0].special


def _derivative_wrong(x):
    a = 1 / (1 + np.exp(-np.clip(x, -700, 700)))
    return a, a


def _right_for_floats(weights, gradient, gamma):
    return (weights - gamma * gradient).astype(weights.dtype)


def _fails_for_one_example(Y, A, Z, T, F, g):
    if len(Y) == 1:
        raise IndexError("no second example")
    return network.backward_output(Y, A, Z, T, F, g)


def _only_delta_is_right_and_that_not_always(Y, A, Z, T, F, g):
    delta, gradient = network.backward_output(Y, A, Z, T, F, g)
    return (delta, 2 * gradient) if Y.dtype.kind == "f" else (delta.round(), 2 * gradient)


def _writes_into_its_argument(weights, gradient, gamma):
    gradient *= gamma
    return weights - gradient


def _differentiates(Y, A, Z, T, F, g):
    """Delta as exact as by the formula, but from a complex step; the gradient is wrong."""
    slope = g(T + 1e-30j).imag / 1e-30
    return -2 * (Y - F) * slope, np.zeros((Y.shape[1], Z.shape[1] + 1))


def _has_the_formula(Y, A, Z, T, F, g):
    return -2 * (Y - F) * g.derivative(T), np.zeros((Y.shape[1], Z.shape[1] + 1))


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("id", "function", "share"),
    [
        ("sigmoid", _derivative_wrong, 0.5),
        ("eq12", _right_for_floats, 0.5),
        ("eq6", _fails_for_one_example, 0.5),
        ("eq6", _only_delta_is_right_and_that_not_always, 0.25),
        ("eq4", lambda Y, A, Z, T, F, g: network.grad_beta(Y, A, Z, T, F, g) * 2, 0.0),
        ("eq6", lambda *a: network.backward_output(*a)[0], 0.0),
        ("eq6", lambda *a: None, 0.0),
        ("eq12", _writes_into_its_argument, 0.0),
        ("eq6", _has_the_formula, 0.5),
        ("eq6", _differentiates, 0.0),
        ("relu", lambda x: (np.maximum(x, 0), np.where(x >= 0, 1.0, 0.0)), 0.75),
    ],
)
def test_by_hand(id, function, share):
    assert earned(id, function) == share


# --- challenges ---------------------------------------------------------------------------


class Recogniser:
    """Answers a share of the questions rightly, by the names it was shown or by the old ones."""

    def __init__(self, share, *, learns=True):
        self.share, self.learns, self.first = share, learns, None

    def learn(self, challenge, split, seconds):
        self.first = split if self.first is None else self.first
        source = split if self.learns else self.first
        labels = source.classes[: len(split.classes)].copy()
        wrong = round((1 - self.share) * len(labels))
        labels[:wrong] = (labels[:wrong] + np.arange(wrong) % 7 + 1) % split.Y.shape[1]
        return Lesson(1.0, labels)


def earned_by(learner, *, hidden=False):
    challenge = CHALLENGES["digits"]
    rng = generator(challenge, VISIBLE)
    tried, finding = judge(challenge, learner, rng, hidden=hidden)
    return challenge_credit(challenge, learner, tried, finding, rng, hidden=hidden)


@pytest.mark.parametrize(
    ("share", "earns"), [(1.0, 1), (0.96, 1), (0.94, 0.5), (0.86, 0.5), (0.84, 0), (0.1, 0)]
)
def test_a_challenge_that_is_nearly_met_earns_half(share, earns):
    assert earned_by(Recogniser(share)) == earns


def test_a_hidden_challenge_asks_a_little_less():
    assert earned_by(Recogniser(0.84), hidden=True) == 0.5
    assert earned_by(Recogniser(0.82), hidden=True) == 0


@pytest.mark.parametrize("share", [1.0, 0.9])
def test_who_brought_the_answers_along_earns_nothing(share):
    assert earned_by(Recogniser(share, learns=False)) == 0
