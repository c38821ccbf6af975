"""The table of a first wrong line: what it leaves behind, in which round, and what is due there."""

import linecache

import numpy as np
import pytest

from bplab.exercises import EXERCISES, first_wrong
from bplab.exercises.first_wrong import numbers
from bplab.exercises.judging import Here, Trial
from bplab.exercises.task import visible_cases
from bplab.exercises.where import Where


def table(id, *cells):
    """Run cells as a notebook does, the last with the function, and make its table."""
    names = {"np": np, "__name__": "__main__"}
    for n, cell in enumerate(cells):
        file = f"<numbers {n} {hash(cell)}>"
        linecache.cache[file] = (len(cell), None, cell.splitlines(True), file)
        exec(compile(cell, file, "exec"), names)
    trial = Trial.run(EXERCISES[id], Here(names["answer"]), visible_cases(EXERCISES[id]))
    found = first_wrong.first_wrong(trial)
    assert found.proven
    return numbers(trial, found), found, trial.cases[0]


RAISES = """\
def answer(Y, A, Z, T, F, g):
    delta = 2.0 * (F - Y)
    delta -= np.sum(F * delta, axis=1, keepdims=True)
    delta *= F
    out = np.ones((F.shape[1], Z.shape[1] + 1))
    out[:, 0] = delta.sum(axis=0)
    out[:, 1:] = delta @ Z
    return delta, out
"""


def test_of_a_line_that_raises_it_shows_what_was_there_before():
    shown, found, case = table("eq10", RAISES)
    assert found.line == 7
    assert shown.name == "out"
    assert shown.due == "∂R/∂β, by finite differences"
    due = case.delta.sum(axis=0)[0]
    assert [one.mine for one in shown.entries[:3]] == pytest.approx([due, 1, 1])
    assert [one.differs for one in shown.entries[:3]] == [False, True, True]


TWO_VARIABLES = """\
def answer(Y, A, Z, T, F, g):
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i, k in np.ndindex(Y.shape):
        d = -2 * (Y[i, k] - F[i, k])
        d = d + g.derivative(T[i, k])
        out[k, 0] += d
        out[k, 1:] += d * Z[i]
    return out
"""


def test_a_loop_with_two_variables_has_both_in_its_round():
    shown, found, case = table("eq4", TWO_VARIABLES)
    assert (found.line, shown.name) == (5, "d")
    assert shown.rounds == shown.when == (("i", 0), ("k", 0))
    assert shown.due == "∂R/∂T[0, 0], by finite differences"
    assert [one.due for one in shown.entries] == pytest.approx([case.delta[0, 0]])


SLOPE = """\
# what the other cell has in these lines is not looked at

def slope(F, Y, T, g):
    d = F - Y
    d = 2 * d + g.derivative(T)
    return d
"""

BY_ROWS = """\
def answer(X, Y, A, Z, T, F, beta, sigma, g):
    out = np.zeros((Z.shape[1], X.shape[1] + 1))

    one = np.ones(1)
    for i in range(len(X)):
        d = slope(F[i], Y[i], T[i], g)
        s = (d @ beta[:, 1:]) * sigma.derivative(A[i])
        out += np.outer(s, np.append(one, X[i]))
    return out
"""


def test_of_a_helper_in_another_cell_it_shows_the_helpers_line():
    shown, found, case = table("eq5", SLOPE, BY_ROWS)
    assert (found.line, found.function) == (5, "slope")
    assert shown.name == "d"
    assert shown.rounds == ()
    assert shown.due.startswith("∂R/∂T[")
    assert [one.due for one in shown.entries] in [pytest.approx(list(row)) for row in case.delta]


IN_ONE_LINE = """\
def answer(X, Y, A, Z, T, F, beta, sigma, g):
    d = 2*(F - Y)*g.derivative(T); s = d @ beta[:, 1:]; s = s * sigma.derivative(A) * s; o = 1
    return np.c_[s.sum(0), s.T @ X]
"""
TWO_NAMES = """\
def answer(X, Y, A, Z, T, F, beta, sigma, g):
    d, ones = 2 * (F - Y) * g.derivative(T), np.c_[np.ones(len(X)), X]
    (w, s), o = (beta[:, 1:], d @ beta[:, 1:] * (sigma.derivative(A) + 1)), ones
    return s.T @ o
"""
ONE_TOO_MANY = """\
def answer(X, Y, A, Z, T, F, beta, sigma, g):
    s = 2 * (F - Y) * g.derivative(T)
    s = s @ beta[:, 1:] * sigma.derivative(A); s += s.mean()
    return np.c_[s.sum(0), s.T @ X]
"""
BY_VALUE = """\
def answer(X, Y, A, Z, T, F, beta, sigma, g):
    d = 2 * (F - Y) * g.derivative(T)
    s = np.sqrt((d @ beta[:, 1:]) ** 2) * sigma.derivative(A)
    return np.c_[s.sum(0), s.T @ X]
"""


@pytest.mark.parametrize("cell", [IN_ONE_LINE, TWO_NAMES, ONE_TOO_MANY, BY_VALUE])
def test_it_shows_what_the_statement_at_the_place_leaves_behind(cell):
    shown, found, case = table("eq5", cell)
    assert found.by_value == (cell is BY_VALUE)
    assert (shown.name, shown.due) == ("s", "∂R/∂A, by finite differences")
    names = {"np": np}
    exec(cell.rpartition("    return")[0] + "    return s\n", names)
    due = case.delta @ case.beta[:, 1:] * case.sigma.derivative(case.A)
    mine = names["answer"](*case.arguments(EXERCISES["eq5"].arguments).values())
    for one in shown.entries:
        at = tuple(map(int, one.at.strip("[]").split(", ")))
        assert (one.mine, one.due) == (pytest.approx(mine[at]), pytest.approx(due[at]))


def test_what_stands_before_the_place_in_its_line_is_said_to_be_right_and_nothing_behind_it():
    _, found, _ = table("eq5", IN_ONE_LINE)
    assert first_wrong.all_words(found)[:3] == [
        "Right so far: d in line 2 is the output delta.",
        "Right so far: s in line 2 is what is sent back.",
        "With one small change in line 2 every answer is right:",
    ]


BY_ENTRIES = """\
def answer(X, Y, A, Z, T, F, beta, sigma, g):
    s = 2 * (F - Y) * g.derivative(T) @ beta[:, 1:] * sigma.derivative(A)
    out = np.zeros((A.shape[1], X.shape[1] + 1))
    for m in range(A.shape[1]):
        for j in range(X.shape[1]):
            for i in range(len(X)):
                out[m, j + 1] += s[i, m] * np.abs(X[i, j])
        out[m, 0] = s[:, m].sum()
    return out
"""


def test_of_an_array_that_is_never_whole_there_it_shows_the_entry():
    shown, _, case = table("eq5", BY_ENTRIES)
    (m, j) = (value for _, value in shown.when)
    assert (shown.name, shown.due) == (
        f"out[{m}, {j + 1}]",
        f"∂R/∂α[{m}, {j + 1}], by finite differences",
    )
    s = case.delta @ case.beta[:, 1:] * case.sigma.derivative(case.A)
    (one,) = shown.entries
    assert one.due == pytest.approx(s[:, m] @ case.X[:, j])
    assert one.mine == pytest.approx(s[:, m] @ abs(case.X[:, j]))


ONE_PASS = """\
from bplab.network import forward

def answer(X, Y, alpha, beta, sigma, g, gamma):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    d = g.pull_back(2 * (F - Y), T)
    by_beta = np.c_[d.sum(0), d.T @ Z]
    new = beta - gamma * by_beta
    {}
    s = (d @ beta[:, 1:]) * sigma.derivative(A)
    return alpha - gamma * np.c_[s.sum(0), s.T @ X], new
"""


def new_alpha(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    T = sigma(A) @ beta[:, 1:].T + beta[:, 0]
    s = (g.pull_back(-2 * (Y - g(T)), T) @ beta[:, 1:]) * sigma.derivative(A)
    return alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])


@pytest.mark.parametrize(
    "line",
    [
        "beta = new",
        "d = g.pull_back(2 * (forward(X, alpha, new, sigma, g).F - Y), T)",
        "beta = 1.0001 * beta",
        "A = A + 1e-4",
        "gamma = 1.00001 * gamma",
    ],
)
def test_each_number_that_differs_is_marked_also_beside_larger_ones(line):
    cell = ONE_PASS.format(line)
    names = {"np": np, "__name__": "__main__"}
    file = f"<marks {hash(cell)}>"
    linecache.cache[file] = (len(cell), None, cell.splitlines(True), file)
    exec(compile(cell, file, "exec"), names)
    exercise = EXERCISES["eq13"]
    trial = Trial.run(exercise, Here(names["answer"]), visible_cases(exercise))
    shown = numbers(trial, None)
    given = trial.cases[0].arguments(exercise.arguments)
    exact = new_alpha(*(given[name] for name in exercise.arguments))
    assert shown.name == "alpha"
    for one in shown.entries:
        right = exact[tuple(map(int, one.at.strip("[]").split(",")))]
        off = abs(one.mine - right)
        assert one.differs or off <= 1e-7 * abs(right)
        assert not one.differs or off > 1e-12 * abs(right)
    rows = repr(Where(exercise, None, None, shown)).split("\n")
    marked = [row.split() for row in rows if "✗" in row]
    assert marked
    assert all(row[-3] != row[-2] for row in marked)
