"""The failing case in the hand: what a function was given, ready to call with, and nothing more."""

import sys

import numpy as np
import pytest

from bplab.exercises import (
    EXERCISES,
    TASKS,
    Challenge,
    CheckFailed,
    NoFailingCase,
    check,
    failing_case,
)
from bplab.network import backward_output, grad_beta
from tests.exercises.drawn import drawn


@pytest.fixture(autouse=True)
def no_check_yet(monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.exercises.check"], "_last", {})


def said(id, function, **more):
    with pytest.raises(CheckFailed) as failed:
        check(id, function, **more)
    return str(failed.value)


def noise(*arguments):
    return np.cos(grad_beta(*arguments))


POINTER = 'To look at it: case = failing_case("eq4")'


@pytest.mark.parametrize("id", EXERCISES)
def test_every_exercise_gives_the_arguments_of_its_first_case(id):
    exercise = EXERCISES[id]

    def raises(*arguments):
        raise ValueError("mine")

    assert said(id, raises).endswith(f'To look at it: case = failing_case("{id}")')
    case = failing_case(id)
    (first, *_), _ = drawn(id)
    assert list(case.keys()) == list(exercise.arguments)
    assert len(list(case)) == len(case) == len(exercise.arguments)
    assert str(first) in repr(case)
    exercise.reference(*case)
    exercise.reference(**case)
    for name, value in first.arguments(exercise.arguments).items():
        assert getattr(case, name) is case[name]
        if isinstance(value, np.ndarray):
            assert np.array_equal(value, case[name])
            assert f"{name} " in repr(case)
            assert f"{value.shape}  {value.dtype}" in repr(case)


@pytest.mark.parametrize("id", [id for id in TASKS if isinstance(TASKS[id], Challenge)])
def test_a_challenge_gives_the_examples_and_not_the_answers(id):
    said(id, lambda X, Y, X_new: X_new)
    assert list(failing_case(id).keys()) == ["X", "Y", "X_new"]


def test_the_answer_is_wrong_on_the_case_that_is_given():
    def wrong_for_one_output(Y, A, Z, T, F, g):
        right = grad_beta(Y, A, Z, T, F, g)
        return np.cos(right) if Y.shape[1] == 1 else right

    assert said("eq4", wrong_for_one_output).endswith(POINTER)
    case = failing_case("eq4")
    assert case.Y.shape[1] == 1
    assert "“one output”" in repr(case)


def test_the_case_is_the_one_that_the_message_speaks_of():
    def wrong_then_raises(Y, A, Z, T, F, g):
        if len(Y) == 1:
            raise ValueError("mine")
        return np.cos(grad_beta(Y, A, Z, T, F, g))

    assert "“one example”" in said("eq4", wrong_then_raises)
    assert failing_case("eq4").Y.shape[0] == 1


def test_copies_are_fresh_each_time():
    said("eq4", noise)
    failing_case("eq4").Z[:] = 7
    assert not (failing_case("eq4").Z == 7).any()


def test_nothing_in_it_is_the_right_answer():
    said("eq4", noise)
    case = failing_case("eq4")
    right = grad_beta(*case)
    assert not any(np.shape(value) == right.shape for value in case)


@pytest.mark.parametrize(
    "function",
    [
        noise,
        lambda *a: grad_beta(*a)[:, :1],
        lambda *a: grad_beta(*a) * np.nan,
        lambda *a: 3 * grad_beta(*a),
        lambda *a: None,
        lambda *a: a[0] @ a[1],
    ],
)
def test_what_has_no_known_name_points_to_it(function):
    assert said("eq4", function).endswith(POINTER)


def test_a_known_mistake_does_not_point_to_it_but_has_it():
    assert POINTER not in said("eq4", lambda *a: grad_beta(*a) / 2)
    assert failing_case("eq4").Y.shape
    assert "failing_case" not in said("eq6", lambda *a: backward_output(*a)[0])


def test_without_a_check_it_says_what_to_do():
    with pytest.raises(NoFailingCase, match=r'no check of eq4.* First: check\("eq4", grad_beta\)'):
        failing_case("eq4")
    with pytest.raises(ValueError, match="Did you mean"):
        failing_case("eq_4")


def test_after_a_check_that_passed_it_says_so():
    said("eq4", noise)
    check("eq4", grad_beta)
    with pytest.raises(NoFailingCase, match="has passed") as caught:
        failing_case("eq4")
    assert caught.value._render_traceback_() == [str(caught.value)]


def test_hidden_cases_are_never_kept(monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", "s" * 32)
    assert "failing_case" not in said("eq4", noise, hidden=True)
    with pytest.raises(NoFailingCase):
        failing_case("eq4")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    said("eq4", noise)
    with pytest.raises(NoFailingCase):
        failing_case("eq4")


def test_a_name_that_is_not_there_is_told_with_those_that_are():
    said("eq4", noise)
    with pytest.raises(AttributeError, match="has no X; it has Y, A, Z, T, F, g"):
        _ = failing_case("eq4").X
