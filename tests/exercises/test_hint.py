"""Hints: three steps an exercise, one at a time, nothing before it is asked for."""

import re
import sys

import pytest

from bplab.exercises import failing_case, hint
from bplab.exercises.registry import EXERCISES

EACH_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    monkeypatch.setattr(sys.modules["bplab.exercises.hint"], "_given", {})


def test_each_call_gives_one_step_more_and_the_last_stays():
    assert [hint("eq4").step for _ in range(4)] == [1, 2, 3, 3]
    assert hint("eq5").step == 1
    assert hint("eq4", 1).step == 1
    assert hint("eq4").step == 2


def test_it_says_what_comes_next():
    assert 'hint("eq4") again' in repr(hint("eq4", 1))
    assert "the last" in repr(hint("eq4", 3))
    assert "&lt;" not in repr(hint("eq4", 3))
    page = hint("eq4", 3)._repr_html_()
    assert "<script" not in page
    assert page.count("<div") == page.count("</div>") == 1


def test_an_unknown_exercise_or_step_is_explained():
    with pytest.raises(ValueError, match='Did you mean "eq4"'):
        hint("eq_4")
    for step in (0, 4, "1", True, False, 1.0):
        with pytest.raises(ValueError, match="step must be 1, 2 or 3"):
            hint("eq4", step)


@EACH_EXERCISE
def test_every_exercise_has_three_different_hints_that_grow(exercise):
    assert len(set(exercise.hints)) == 3
    for text in exercise.hints:
        assert len(text) >= 40, exercise.id
        assert not re.search(r"\{\w*\}", text)
    # the first gives no code away, the last nearly all of it
    assert "return " not in exercise.hints[0]


@pytest.mark.parametrize("ask", [hint, failing_case])
def test_a_function_in_place_of_an_id_is_answered_with_its_id(ask):
    def hidden(X, alpha, sigma):
        return None

    with pytest.raises(ValueError, match='such as "hidden"; got the function hidden'):
        ask(hidden)


@pytest.mark.parametrize("id", ["4", "(4)", "eq 4", "Eq. 4", "equation 4", "equation (4)", 4])
def test_the_number_of_an_equation_is_near_to_its_id(id):
    with pytest.raises(ValueError, match='Did you mean "eq4"'):
        hint(id)
