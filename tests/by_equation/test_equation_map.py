"""The equation map: complete, in the paper's order, and made from what it describes."""

import inspect
from importlib import import_module

import pytest

import bplab
from bplab import by_equation
from bplab.by_equation import EQUATIONS
from bplab.exercises import EXERCISES

IDS = [
    *("hidden", "output", "eq2", "eq1"),
    *(f"eq{number}" for number in range(4, 19)),
    *("sigmoid", "tanh", "softmax", "relu", "leaky-relu", "elu"),
]

ERRATA = {
    "hidden": ["(Z_1, Z_1, …)", "(Z_1, Z_2, …)"],
    "eq4": ["Σ_l (y_il − f_l)²", "δg_k(t_ik)/δβ_k", "∂g_k/∂t_ik"],
    "eq6": ["δ_km", "δ_ki"],
    "eq8": ["(y_ik − f_k)", "(y_il − f_l)", "identically zero"],
    "eq9": ["Σ_{i=1}^K", "Σ_{j=1}^K"],
    "eq10": ["δ_km", "δ_ki"],
    "eq14": ["Z^(d) from X", "Z^(d−1)", "M_{d−1}"],
    "eq17": ["(∂R_i/∂α_kl^(d+1)) / z_il^(d)", "0/0"],
    "eq18": ["(σ^(1))′", "derivative"],
    "softmax": ["t_ikl", "t_il", "δ_k"],
}

EACH_EQUATION = pytest.mark.parametrize("equation", EQUATIONS.values(), ids=lambda e: e.id)
EACH_FORMULA = pytest.mark.parametrize(
    "formula",
    [formula for equation in EQUATIONS.values() for formula in equation.formulas],
    ids=lambda formula: formula.__name__,
)


def test_a_row_for_every_equation_and_activation_in_the_papers_order():
    assert [row.id for row in bplab.equations()] == IDS
    numbers = " ".join(row.paper for row in bplab.equations())
    for number in range(1, 19):
        assert f"({number})" in numbers
    sections = dict.fromkeys(row.section for row in bplab.equations())
    assert list(sections) == ["1", "2.1", "2.2", "2.3", "3", "4"]


def test_every_erratum_stands_in_its_row_and_nowhere_else():
    found = {row.id: row.erratum for row in bplab.equations() if row.erratum}
    assert found.keys() == ERRATA.keys()
    for id, phrases in ERRATA.items():
        for phrase in phrases:
            assert phrase in found[id]


def test_a_row_has_its_exercise_or_says_that_there_is_none():
    for id, exercise in EXERCISES.items():
        assert (id in EQUATIONS) == (exercise.about is None), id
    for row in bplab.equations():
        if row.id in EXERCISES:
            exercise = EXERCISES[row.id]
            assert row.exercise == exercise.signature
            assert row.notebook == exercise.notebook
            assert row.points == exercise.points
            assert row.mistakes == len(exercise.mistakes)
        else:
            assert (row.exercise, row.notebook, row.points, row.mistakes) == ("–", "–", None, None)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)
def test_an_exercise_takes_its_words_from_the_map(exercise):
    row = exercise.about or EQUATIONS[exercise.id]
    assert exercise.equation == row.paper
    assert exercise.title == row.title
    assert exercise.section == row.section
    assert exercise.erratum == row.erratum


def test_every_name_in_the_map_can_be_imported():
    for row in bplab.equations():
        for name in row.by_equation:
            assert callable(getattr(by_equation, name))
        for name in row.vectorised:
            module, _, function = name.partition(".")
            assert callable(getattr(import_module(f"bplab.{module}"), function))


@EACH_FORMULA
def test_every_formula_is_public_and_its_docstring_gives_the_shapes(formula):
    assert formula.__name__ in by_equation.__all__
    text = inspect.getdoc(formula)
    assert "Returns\n-------" in text
    for name in inspect.signature(formula).parameters:
        assert any(name in line.split(" : ")[0].split(", ") for line in text.splitlines()), name


@EACH_EQUATION
def test_an_erratum_is_in_the_docstring_too(equation):
    text = inspect.getdoc(equation.formulas[0])
    assert ("Erratum" in text) == bool(equation.erratum)
    assert equation.erratum in text
