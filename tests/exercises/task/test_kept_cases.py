"""The visible cases are drawn once in a session, and no learner's function gets at them."""

from dataclasses import replace

import numpy as np
import pytest

from bplab.exercises import EXERCISES, check
from bplab.exercises.registry import TASKS
from bplab.exercises.task import visible_cases


def arrays_within(value):
    """Every array that can be reached from a value."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from arrays_within(item)
    elif hasattr(value, "__self__"):
        yield from arrays_within(value.__self__)
    else:
        for item in vars(value).values() if hasattr(value, "__dict__") else ():
            yield from arrays_within(item)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)
def test_what_a_function_is_given_shares_no_array_with_the_cases(exercise):
    for case in visible_cases(exercise):
        kept = list(arrays_within(case))
        given = list(arrays_within(list(case.arguments(exercise.arguments).values())))
        assert kept
        assert given
        assert not any(np.shares_memory(a, b) for a in given for b in kept), str(case)


def test_a_function_that_spoils_what_it_is_given_does_not_spoil_the_next_check():
    def spoils(params, f):
        for array in arrays_within([params, f]):
            array[...] = 0

    for _ in range(2):
        assert check("numerical-gradient", EXERCISES["numerical-gradient"].reference)
        with pytest.raises(AssertionError):
            check("numerical-gradient", lambda f, params: spoils(params, f))


@pytest.mark.parametrize("id", ["eq4", "sigmoid", "hidden"])
def test_a_second_check_draws_no_cases_and_asks_for_no_second_opinion(id, monkeypatch):
    asked = []

    def noted(function):
        def noting(*arguments):
            asked.append(function)
            return function(*arguments)

        return noting

    exercise = EXERCISES[id]
    noting = replace(
        exercise,
        cases=noted(exercise.cases),
        second_opinion=noted(exercise.second_opinion),
    )
    monkeypatch.setitem(TASKS, id, noting)
    first = check(id, exercise.reference)
    once = len(asked)
    assert once > 1
    assert repr(check(id, exercise.reference)) == repr(first)
    assert len(asked) == once
