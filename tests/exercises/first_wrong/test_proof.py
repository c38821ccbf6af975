"""Which line is wrong, proven: with a small edit there, all is right, also on cases unseen."""

import importlib
import inspect
import os
import signal
import textwrap
import warnings

import numpy as np
import pytest

from bplab.exercises.first_wrong import first_wrong, proof, words
from bplab.exercises.judging import Here, Trial
from bplab.exercises.registry import TASKS
from bplab.exercises.task import generator, visible_cases
from tests.benchmarks.gradbug import right
from tests.benchmarks.gradbug.program import DEVELOPMENT, compiled
from tests.thorough import ALL

PROGRAMS = [
    one for n, one in enumerate(right()) if one.part == DEVELOPMENT and (ALL or n % 40 == 0)
]
SEEN = {float(case.Y.flat[0]) for case in visible_cases(TASKS["eq4"])}
NOISY = []


def tried(id, function):
    exercise = TASKS[id]
    return Trial.run(exercise, Here(function), visible_cases(exercise))


def line_of(function, ending):
    """The line of a function that ends so."""
    lines, start = inspect.getsourcelines(function)
    (n,) = (n for n, line in enumerate(lines) if line.rstrip().endswith(ending))
    return start + n


def in_two_steps(Y, A, Z, T, F, g):
    error = F - Y
    delta = 2 * error * g.derivative(T)
    ones = np.ones((len(Z), 1))
    return delta.T @ np.hstack([ones, Z * Z])  # wrong


def in_loops(Y, A, Z, T, F, g):
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            d = 2 * (F[i, k] - Y[i, k]) * g.derivative(T[i, k])
            out[k, 0] += d
            for m in range(Z.shape[1]):
                out[k, m + 1] += d * Z[i, m - 1]  # wrong
    return out


def by_letters(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    weights = np.einsum("ik,im->k", delta, Z)  # wrong
    return np.column_stack([delta.sum(axis=0), weights])


def by_a_helper(Y, A, Z, T, F, g):
    delta = 2 * (F - Y) * g.derivative(T)
    return delta.T @ ones_behind(Z)


def ones_behind(array):
    return np.hstack([array, np.ones((len(array), 1))])  # wrong


def by_while(Y, A, Z, T, F, g):
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    i = 1  # wrong
    while i < len(Y):
        delta = 2 * (F[i] - Y[i]) * g.derivative(T[i])
        out += np.outer(delta, np.r_[1.0, Z[i]])
        i += 1
    return out


@pytest.mark.parametrize(
    "function",
    [in_two_steps, in_loops, by_letters, by_a_helper, by_while],
    ids=lambda f: f.__name__,
)
def test_the_line_is_found_in_every_style(function):
    holder = ones_behind if function is by_a_helper else function
    found = proof(tried("eq4", function))
    assert found is not None
    assert (found.line, found.others) == (line_of(holder, "# wrong"), ())
    assert found.function == holder.__name__
    assert found.text[found.begin : found.end].strip()
    assert found.edit


def twice_wrong(X, Y, A, Z, T, F, beta, sigma, g):
    delta = 2 * (F - Y) * g.derivative(T)
    s = delta @ beta[:, :-1] * sigma.derivative(A)  # wrong
    bias = s.sum(axis=0)
    weights = X.T @ s  # wrong, too
    return np.column_stack([bias, weights])


def test_two_lines_are_found_where_one_edit_will_not_do():
    found = proof(tried("eq5", twice_wrong))
    first, second = (line_of(twice_wrong, ending) for ending in ("# wrong", "# wrong, too"))
    assert (found.line, found.lines) == (first, (first, second))


def test_no_edit_is_ranked_in_another_case_once_time_is_up(monkeypatch):
    """A long line has thousands of edits, each of which takes a millisecond to be compiled."""
    module = importlib.import_module("bplab.exercises.first_wrong.proof")
    now, ranked, pairs = [0.0], [], module._Search._pairs

    def share(one, i, elsewhere=True):
        if elsewhere:
            ranked.append(one)
            now[0] = 1e9
        return 0.0

    def with_no_time_left(search, every):
        monkeypatch.setattr(search._tries, "share", share)
        return pairs(search, every)

    monkeypatch.setattr(module, "process_time", lambda: now[0])
    monkeypatch.setattr(module._Search, "_pairs", with_no_time_left)
    assert proof(tried("eq5", twice_wrong)) is None
    assert len(ranked) == 1


def neither_helps_alone(Y, F):
    total = 0.0
    for n in range(len(Y) - 1):  # wrong
        for k in range(Y.shape[1]):
            error = Y[n, k] - F[n, k]
            total -= error * error  # wrong, too
    return total


def slope_at_F(X, Y, A, Z, T, F, beta, sigma, g):
    grad = np.zeros((A.shape[1], X.shape[1] + 1))
    for i in range(len(X)):
        for m in range(A.shape[1]):
            back = 0.0
            for k in range(Y.shape[1]):
                delta = -2 * (Y[i, k] - F[i, k]) * g.derivative(F[i, k])  # wrong
                back += delta * beta[k, m + 1]
            s = back * sigma.derivative(A[i, m])
            grad[m, 0] += back  # wrong, too
            for j in range(X.shape[1]):
                grad[m, j + 1] += s * X[i, j]
    return grad


def in_one_line(X, Y, A, Z, T, F, beta, sigma, g):
    return np.einsum(
        "il,ilk,km,im,ij->mj",
        2 * (F + Y),  # wrong
        g.jacobian(T),
        beta[:, 1:],
        sigma(A),  # wrong, too
        np.c_[np.ones(len(X)), X],
    )


@pytest.mark.parametrize(
    ("id", "function"),
    [("eq1", neither_helps_alone), ("eq5", slope_at_F), ("eq9", in_one_line)],
    ids=["all but a factor", "a name is right", "a part is right"],
)
def test_two_lines_are_found_where_neither_makes_more_of_the_answer_right(id, function):
    found = first_wrong(tried(id, function))
    first, second = (line_of(function, ending) for ending in ("# wrong", "# wrong, too"))
    assert (found.line, found.lines) == (first, (first, second))


def two_ways(Y, A, Z, T, F, g):
    error = Y - F  # one
    delta = 2 * error * g.derivative(T)  # other
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def test_where_two_lines_may_be_it_both_are_told():
    found = proof(tried("eq4", two_ways))
    assert {found.line, *found.others} == {line_of(two_ways, "# one"), line_of(two_ways, "# other")}


def letters_turned(Y, A, Z, T, F, g):
    delta = np.einsum("nk,nk->nk", 2 * (F - Y), g.derivative(T))
    ones = np.column_stack([np.ones(len(Z)), Z])
    return delta @ ones  # wrong


def no_slope(delta, weights, A, sigma):
    back = delta @ weights[:, 1:]
    return back  # wrong


def half_of_it(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    D = -1 * (Y - F)  # wrong
    delta = np.einsum("nl,nlk->nk", D, J)
    return delta.T @ np.column_stack([np.ones(len(Z)), Z])


@pytest.mark.parametrize(
    ("id", "function"), [("eq4", letters_turned), ("eq16", no_slope), ("eq8", half_of_it)]
)
def test_a_line_that_has_a_right_quantity_is_not_blamed(id, function):
    found = first_wrong(tried(id, function))
    assert found.line == line_of(function, "# wrong")
    assert found.proven


def row_sum(x):
    return np.sum(x)  # second


def plus(Y, F):
    return row_sum((Y + F) ** 2)  # first


def test_of_two_lines_the_one_that_is_run_first_comes_first():
    found = first_wrong(tried("eq2", plus))
    assert found.function == "plus"
    lines = line_of(row_sum, "# second"), line_of(plus, "# first")
    assert found.lines == lines
    assert words(found)[-3] == (
        f"With small changes in line {lines[1]} of plus and line {lines[0]} of row_sum "
        "every answer is right:"
    )
    assert found.line == line_of(plus, "# first")


def twice(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return np.column_stack([-delta.sum(axis=0), delta.T @ (Z * A)])


def test_of_two_changes_in_one_line_it_is_said_that_they_are_two():
    found = first_wrong(tried("eq4", twice))
    line = line_of(twice, "(Z * A)])")
    assert words(found)[-3] == f"With two small changes in line {line} every answer is right:"


def down_the_columns(Z, beta, g):
    T = Z @ beta[:, 1:].T + beta[:, 0]
    F = g(T.T).T  # wrong
    return T, F


def reshaped(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    turned = delta.reshape(delta.shape[1], delta.shape[0])  # wrong
    return np.column_stack([delta.sum(axis=0), turned @ Z])


def reshaped_by_numpy(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    turned = np.reshape(s, s.shape[::-1])  # wrong
    return np.column_stack([s.sum(axis=0), turned @ X])


def without_a_star(Y, A, Z, T, F, g):
    error = F - Y
    delta = 2 * error(g.derivative(T))  # wrong
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def brackets_without_a_star(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F)(g.derivative(T))  # wrong
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.column_stack([np.ones(len(X)), X])


def without_an_at(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T(X)])  # wrong


def rate_without_a_star(weights, gradient, gamma):
    step = gamma(gradient)  # wrong
    return weights - step


@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("output", down_the_columns),
        ("eq4", reshaped),
        ("eq5", reshaped_by_numpy),
        ("eq4", without_a_star),
        ("eq5", brackets_without_a_star),
        ("eq7", without_an_at),
        ("eq12", rate_without_a_star),
    ],
)
def test_no_second_line_is_blamed_where_one_will_do(id, function):
    found = first_wrong(tried(id, function))
    assert found.proven
    assert {found.line, *found.lines, *found.others} == {line_of(function, "# wrong")}


def of_a_sigmoid(X, Y, A, Z, T, F, beta, sigma, g):
    delta = np.abs(F - Y) * (F - F * F)  # wrong
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.column_stack([np.ones(len(X)), X])


def nothing_sent_back(X, Y, A, Z, T, F, beta, sigma, g):
    delta = 2 * (F - Y) * g.derivative(T)
    back = np.zeros(A.shape)
    ones = np.column_stack([np.ones(len(X)), X])
    s = back * sigma.derivative(A)  # wrong
    return s.T @ ones + 0 * delta.sum()


def never_filled(actual, predicted, K):
    counts = np.zeros((K, K), dtype=int)
    for n in range(len(actual)):
        _ = actual[n], predicted[n]
    return counts  # wrong


def half_filled(Y, A, Z, T, F, g):
    delta = np.einsum("nl,nlk->nk", 2 * (F - Y), g.jacobian(T))
    grad = np.ones((F.shape[1], Z.shape[1] + 1))
    grad[:, 0] = delta.sum(axis=0)
    return delta, grad  # wrong


@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("eq5", of_a_sigmoid),
        ("eq5", nothing_sent_back),
        ("confusion", never_filled),
        ("eq10", half_filled),
    ],
)
def test_a_right_value_proves_a_place_where_no_small_edit_does(id, function):
    found = first_wrong(tried(id, function))
    assert (found.line, found.others) == (line_of(function, "# wrong"), ())
    assert found.proven
    assert found.by_value


def overflowing(actual, predicted, K):
    np.exp(np.array(1000.0))
    return never_filled(actual, predicted, K)


def test_a_right_value_that_is_tried_shows_no_warning_of_the_function():
    trial = tried("confusion", overflowing)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = first_wrong(trial)
    assert found.by_value


def moved(w, index, by):
    other = np.array(w, dtype=float)  # behind it
    return other


def never_moved(f, params):
    grad = np.zeros(params.shape)
    for index in np.ndindex(*params.shape):
        grad[index] = (f(moved(params, index, 1e-6)) - f(moved(params, index, -1e-6))) / 2e-6
    return grad


def test_a_statement_that_is_missing_is_proven_by_one_more():
    found = first_wrong(tried("numerical-gradient", never_moved))
    assert (found.line, found.others) == (line_of(moved, "# behind it"), ())
    assert (found.proven, found.function) == (True, "moved")
    said = next(line for line in words(found) if "every answer is right" in line)
    assert said.startswith(f"With one line more behind line {found.line} of moved ")


def total_goes_on(Y, A, Z, T, F, g):
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    total = 0.0  # wrong
    for k in range(len(grad)):
        for i in range(len(Y)):
            total += 2 * (F[i, k] - Y[i, k]) * g.derivative(T[i, k])
            grad[k, 1:] += 2 * (F[i, k] - Y[i, k]) * g.derivative(T[i, k]) * Z[i]
        grad[k, 0] = total
    return grad


def not_put_back(f, params):
    moved = params.astype(float)
    grad = np.zeros(params.shape)
    for at in np.ndindex(*params.shape):
        here = moved[at]
        moved[at] = here + 1e-6
        up = f(moved)
        moved[at] = here - 1e-6
        grad[at] = (up - f(moved)) / 2e-6  # wrong
    return grad


def one_way_only(sources, slopes, output):
    edges = np.zeros((len(sources), len(sources)))
    for node in range(len(sources)):
        for source, slope in zip(sources[node], slopes[node], strict=True):
            edges[source, node] += slope
    ways = np.eye(len(sources))[output]
    total = ways.copy()
    for _ in sources:  # wrong
        total += ways
    return total


def where_it_is_negative(x, alpha):
    value, slope = np.array(x, dtype=float), np.ones(x.shape)
    below = value <= 0  # wrong
    slope[below] = alpha
    return value, slope


def other_half(x):
    value, up = np.empty(x.shape), x >= 0
    value[up] = 1 / (1 + np.exp(-x[up]))
    powers = np.exp(x)
    value[~up] = (powers / (1 + powers))[up]  # wrong
    return value, value * (1 - value)


def all_rows(X, Y, alphas, beta, gradients, gamma, order, size):
    for at in range(0, len(order), size):
        rows = order[at : at + size]
        by_alphas, by_beta = gradients(X[rows], Y, alphas, beta)  # wrong
        alphas = [a - gamma * b for a, b in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("eq4", total_goes_on),
        ("numerical-gradient", not_put_back),
        ("reverse-pass", one_way_only),
        ("leaky-relu", where_it_is_negative),
        ("sigmoid", other_half),
        ("one-epoch", all_rows),
    ],
)
def test_what_is_not_begun_again_or_put_back_or_taken_in_part_has_its_line(id, function):
    found = first_wrong(tried(id, function))
    assert line_of(function, "# wrong") in (found.line, *found.others)
    assert found.proven


def sides_exchanged(x, alpha):
    value, slope = np.empty(x.shape), np.empty(x.shape)
    for at in np.ndindex(*x.shape):
        v = x[at]
        value[at] = 0 if v < 0 else alpha * v  # wrong
        slope[at] = 1 if v > 0 else alpha
    return value, slope


def test_two_parts_of_one_condition_may_be_wrong():
    found = first_wrong(tried("leaky-relu", sides_exchanged))
    assert found.lines == (line_of(sides_exchanged, "# wrong"),)
    assert found.proven


def worked_out_elsewhere(Y, A, Z, T, F, g):
    grad = np.cosh(Y).T @ np.column_stack([np.ones(len(Z)), Z**3])
    return grad


def test_the_right_answer_in_place_of_what_is_returned_proves_nothing():
    found = first_wrong(tried("eq4", worked_out_elsewhere))
    assert found is None or not found.proven


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)
def test_of_a_right_program_no_line_is_suspected(program):
    function = compiled(program.source, program.exercise, program.id)
    trial = tried(program.exercise, function)
    assert trial.all_right()
    assert first_wrong(trial) is None


def right_where_seen(Y, A, Z, T, F, g):
    delta = 2 * (F - Y) * g.derivative(T)
    factor = 3 if float(Y.flat[0]) in SEEN else 5
    return factor * np.column_stack([delta.sum(axis=0), delta.T @ Z])


def test_what_is_right_on_the_cases_it_was_chosen_by_alone_proves_nothing():
    trial = tried("eq4", right_where_seen)
    found = proof(trial)
    assert found is None or found.text.lstrip().startswith("return")
    with_one = textwrap.dedent(inspect.getsource(right_where_seen)).replace("3 if", "1 if")
    names = dict(globals())
    exec(with_one, names)
    assert tried("eq4", names["right_where_seen"]).all_right()


def writes_files(Y, A, Z, T, F, g):
    open("left-behind", "a").close()
    return (-2 * (Y - F) * g.derivative(T)).T @ Z


def counts_calls(Y, A, Z, T, F, g):
    NOISY.append(len(Y))
    print("working")
    delta = 2 * (F - Y) * g.derivative(T)
    return np.column_stack([delta.mean(axis=0) * len(Z), delta.T @ Z]) * 7


def test_code_that_does_more_than_compute_is_not_run_changed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    trial = tried("eq4", writes_files)
    os.remove("left-behind")
    assert proof(trial) is None
    assert not os.path.exists("left-behind")


def test_nothing_is_printed_and_nothing_of_the_notebook_changes(capsys):
    trial = tried("eq4", counts_calls)
    capsys.readouterr()
    before = list(NOISY)
    assert proof(trial) is not None
    # the edited functions have lists of their own, and no output
    assert before == NOISY
    assert capsys.readouterr().out == ""


def test_ctrl_c_ends_the_search_and_not_the_check(monkeypatch):
    module = importlib.import_module("bplab.exercises.first_wrong.proof")

    def stop(self):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(module._Search, "found", stop)
    assert proof(tried("eq4", in_two_steps)) is None


def test_a_function_elsewhere_is_not_searched():
    exercise = TASKS["eq4"]
    cases = exercise.cases(generator(exercise, "elsewhere"))

    class Elsewhere:
        def answers(self, exercise, cases):
            return Here(in_two_steps).answers(exercise, cases)

    assert proof(Trial.run(exercise, Elsewhere(), cases)) is None


def test_the_first_wrong_place_is_the_proven_one():
    found = first_wrong(tried("eq4", in_two_steps))
    assert found.proven
    assert found.line == line_of(in_two_steps, "# wrong")
