"""Words are words: what messages call a case, a judge or a mistake decides no mark."""

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from bplab import network
from bplab.by_equation import Equation
from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, credit, diagnose
from tests.exercises.drawn import drawn
from tests.thorough import ALL, one_in


def reworded(exercise):
    """The exercise with every string that a person reads replaced, mistakes numbered."""
    mistakes = tuple(
        replace(mistake, name=f"{k}", says=f"Says {k}.", hint=f"Hint {k}.")
        for k, mistake in enumerate(exercise.mistakes)
    )
    about = Equation(exercise.id, "somewhere", "2.1", "a title", (), ())
    hints = ("one", "two", "three")
    return replace(exercise, judge="a friend", mistakes=mistakes, about=about, hints=hints)


def renamed(case, name):
    """The case with another name, and all that is below it too."""
    case = copy(case)
    object.__setattr__(case, "name", name)
    return case


def outcome(exercise, function, cases, references):
    """Credit, and which known mistake it is (by its place), or what else is found."""
    trial = Trial.run(exercise, Here(function), cases, references)
    finding = diagnose(trial)
    names = [mistake.name for mistake in exercise.mistakes]
    name = finding and finding.name
    return credit(trial, finding), names.index(name) if name in names else name


def same_in_other_words(id, *functions):
    """What comes of the functions; with all words replaced the same must come."""
    exercise, other = EXERCISES[id], reworded(EXERCISES[id])
    cases, references = drawn(id)
    # a name that stood for a special case, and another for each of the ordinary ones
    others = [renamed(case, "one example" if i % 2 else f"no. {i}") for i, case in enumerate(cases)]
    now = [outcome(exercise, function, cases, references) for function in functions]
    assert [outcome(other, function, others, references) for function in functions] == now
    return now


def wrong_where(exercise, forgets):
    """Right but where a case has the trait: integers, zeros, one example …"""

    def function(*arguments):
        value = exercise.reference(*arguments)
        if not forgets(*arguments):
            return value
        return tuple(np.asarray(a) + 1 for a in value) if isinstance(value, tuple) else value + 1

    return function


def _has_one_example(*arguments):
    return next(len(a) for a in arguments if isinstance(a, np.ndarray)) == 1


def _has_integers(*arguments):
    return any(isinstance(a, np.ndarray) and a.dtype.kind == "i" for a in arguments)


@pytest.mark.parametrize("exercise", one_in(8, EXERCISES.values()), ids=lambda e: e.id)
def test_other_words_change_neither_verdict_nor_mark(exercise):
    functions = [
        exercise.reference,
        *(mistake.wrong for mistake in exercise.mistakes[:: 7 if ALL else 20]),
        wrong_where(exercise, _has_one_example),
        wrong_where(exercise, _has_integers),
        lambda *arguments: None,
    ]
    (share, _), *_ = same_in_other_words(exercise.id, *functions)
    assert share == 1


def test_what_forgets_a_corner_earns_half_whatever_the_corner_is_called():
    ((share, _),) = same_in_other_words("eq4", wrong_where(EXERCISES["eq4"], _has_one_example))
    assert share == 0.5


def test_numerical_derivatives_earn_nothing_whatever_the_judge_is_called():
    def by_complex_step(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * g(T + 1e-30j).imag / 1e-30
        return np.column_stack([delta.sum(axis=0), delta.T @ Z])

    assert same_in_other_words("eq4", by_complex_step) == [(0.0, "numerical-derivative")]


def test_findings_carry_what_they_are_worth():
    exercise = EXERCISES["eq6"]

    def delta_only(*arguments):
        delta, gradient = network.backward_output(*arguments)
        return delta, gradient + 1

    trial = Trial.run(exercise, Here(delta_only), *drawn("eq6"))
    finding = diagnose(trial)
    assert credit(trial, finding) == 0.5
    assert credit(trial, replace(finding, name="not-written")) == 0.5
    assert credit(trial, replace(finding, forfeits=True)) == 0
