"""The table of a first wrong line: what it leaves behind, in which round, and what is due there."""

import linecache

import numpy as np
import pytest

from bplab.exercises import EXERCISES, first_wrong
from bplab.exercises.first_wrong import numbers
from bplab.exercises.judging import Here, Trial
from bplab.exercises.task import visible_cases


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
