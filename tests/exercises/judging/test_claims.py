"""What is claimed has evidence of its own, and numbers that differ are seen to differ."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, diagnose
from bplab.learner import Answer
from bplab.network import backward_output, forward
from tests.exercises.drawn import EACH_KIND, drawn, found
from tests.thorough import one_in


def with_ones(Z):
    return np.column_stack([np.ones(len(Z)), Z])


def output_delta(Y, T, F, g):
    return -2 * (Y - F) * g.derivative(T)


def outer(d, Z, i):
    return np.outer(d[i], np.append(1, Z[i]))


def last_left_out_of_a_sum(Y, A, Z, T, F, g):
    return sum(outer(output_delta(Y, T, F, g), Z, i) for i in range(len(Y) - 1))


def first_left_out_from_zero_on(Y, A, Z, T, F, g):
    d, G = output_delta(Y, T, F, g), 0
    for i in range(1, len(Y)):
        G = G + outer(d, Z, i)
    return G


def last_left_out_of_a_stack(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    return np.array([outer(d, Z, i) for i in range(len(Y) - 1)]).sum(axis=0)


def last_left_out_by_np_sum(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    return np.sum([outer(d, Z, i) for i in range(len(Y) - 1)], axis=0)


def last_left_out_by_reduce(Y, A, Z, T, F, g):
    from functools import reduce

    d = output_delta(Y, T, F, g)
    return reduce(np.add, [outer(d, Z, i) for i in range(len(Y) - 1)])


def first_left_out_popped(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    terms = [outer(d, Z, i) for i in range(len(Y))][1:]
    total = terms.pop()
    for term in terms:
        total = total + term
    return total


def first_row_missing_from_a_list(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    return np.array([d[:, k] @ with_ones(Z) for k in range(1, Y.shape[1])])


def last_row_missing_from_a_list(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    return np.array([d[:, k] @ with_ones(Z) for k in range(Y.shape[1] - 1)])


def first_row_missing_from_a_stack(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    return np.stack([d[:, k] @ with_ones(Z) for k in range(1, Y.shape[1])])


def last_row_missing_from_a_vstack(Y, A, Z, T, F, g):
    d = output_delta(Y, T, F, g)
    return np.vstack([d[:, k] @ with_ones(Z) for k in range(Y.shape[1] - 1)])


@EACH_KIND
@pytest.mark.parametrize(
    "function",
    [
        last_left_out_of_a_sum,
        first_left_out_from_zero_on,
        last_left_out_of_a_stack,
        last_left_out_by_np_sum,
        last_left_out_by_reduce,
        first_left_out_popped,
        first_row_missing_from_a_list,
        last_row_missing_from_a_list,
        first_row_missing_from_a_stack,
        last_row_missing_from_a_vstack,
    ],
)
def test_a_shortened_loop_that_is_empty_in_a_special_case_is_one_mistake(function, kind):
    finding = found("eq4", function, kind)
    assert finding.name in {m.name for m in EXERCISES["eq4"].mistakes}
    assert finding.says.count(".") == 1


def half(Y, A, Z, T, F, g):
    return output_delta(Y, T, F, g).T @ with_ones(Z) / 2


def spoilt_where_there_is_one(spoil):
    def function(Y, A, Z, T, F, g):
        G = half(Y, A, Z, T, F, g)
        return spoil(G) if len(Y) == 1 else G

    return function


def test_plain_wrong_numbers_beside_a_mistake_that_has_others_are_told_apart():
    finding = found("eq4", spoilt_where_there_is_one(lambda G: G**2 + 1))
    assert finding.name == "no-factor-2"
    assert finding.says.endswith(
        " In special cases your answer differs from what this mistake alone gives: “one example”, "
        "“sizes of one”."
    )


@pytest.mark.parametrize("spoil", [np.ravel, lambda G: G * np.nan, lambda G: G * 0, lambda G: 1.0])
def test_of_what_may_come_from_the_same_slip_no_more_is_said(spoil):
    finding = found("eq4", spoilt_where_there_is_one(spoil))
    assert finding.name == "no-factor-2"
    assert finding.says.endswith(
        " In special cases it ends in another way, perhaps by the same slip: “one example”, "
        "“sizes of one”."
    )


# --- a part that comes back as it was given -----------------------------------------------


def both_returned(X, Y, alpha, beta, sigma, g, gamma):
    forward(X, alpha, beta, sigma, g)
    return alpha, beta


def only_alpha_returned(X, Y, alpha, beta, sigma, g, gamma):
    stored = forward(X, alpha, beta, sigma, g)
    _, grad_beta = backward_output(Y, *stored, g)
    return alpha, beta - gamma * grad_beta


def alpha_returned_beside_a_mistake(X, Y, alpha, beta, sigma, g, gamma):
    _, moved = only_alpha_returned(X, Y, alpha, beta, sigma, g, gamma)
    return alpha, 2 * beta - moved


def only_beta_returned(X, Y, alpha, beta, sigma, g, gamma):
    stored = forward(X, alpha, beta, sigma, g)
    delta, _ = backward_output(Y, *stored, g)
    s = sigma.derivative(stored[0]) * (delta @ beta[:, 1:])
    return alpha - gamma * s.T @ with_ones(X), beta


def returned_after_swapped_weights(X, Y, alpha, beta, sigma, g, gamma):
    X1 = np.column_stack([np.ones(len(X)), X])
    Z = sigma(X1 @ beta.T)
    g(np.column_stack([np.ones(len(Z)), Z]) @ alpha.T)
    return alpha, beta


def returned_after_the_targets(X, Y, alpha, beta, sigma, g, gamma):
    sigma(np.column_stack([np.ones(len(Y)), Y]) @ alpha.T)
    return alpha, beta


@EACH_KIND
@pytest.mark.parametrize(
    "function",
    [
        both_returned,
        only_alpha_returned,
        alpha_returned_beside_a_mistake,
        only_beta_returned,
        returned_after_swapped_weights,
        returned_after_the_targets,
    ],
)
def test_what_comes_back_as_given_is_no_sign_of_another_mistake(function, kind):
    finding = found("eq13", function, kind)
    assert "+" not in finding.name
    assert "(2)" not in finding.says
    if function.__name__.startswith("returned_after"):
        assert finding.says.startswith("Your function raises ValueError")
    else:
        assert any(
            words in finding.says for words in ("as they were.", "as it was.", "as it was given.")
        )


def test_a_part_that_is_another_argument_is_called_by_its_name():
    finding = found("eq6", lambda Y, A, Z, T, F, g: (Y, np.cos(T).T @ with_ones(Z)))
    assert finding.says == "delta is Y, as given."


# --- numbers that differ ------------------------------------------------------------------


@pytest.mark.parametrize("off", [1e-6, 1e-7, 1e-8, 1e-9])
def test_numbers_that_are_said_to_differ_are_printed_so(off):
    exercise = EXERCISES["eq4"]
    cases, references = drawn("eq4")

    class Off(Here):
        def answers(self, exercise, given):
            return [
                Answer(tuple(tuple(a * (1 + off) for a in part) for part in answer.parts))
                for answer in super().answers(exercise, given)
            ]

    seen = diagnose(Trial.run(exercise, Off(exercise.reference), cases, references)).seen
    one, other = seen.split(" is ")[1].rstrip(".").split("; finite differences of R say ")
    assert one != other


# --- an id that is no equation ------------------------------------------------------------


@pytest.mark.one_in(3)
@pytest.mark.parametrize("id", one_in(2, EXERCISES))
def test_only_an_equation_is_worked_out(id):
    exercise = EXERCISES[id]
    cases, references = drawn(id)

    class Spoilt(Here):
        def answers(self, exercise, given):
            def spoil(a):
                odd = np.cos(np.arange(a.size).reshape(a.shape) * 1.7 + a.size)
                return a + odd * (1 + np.abs(a)) + np.asarray(a) ** 2

            return [
                Answer(tuple(tuple(map(spoil, part)) for part in answer.parts))
                for answer in super().answers(exercise, given)
            ]

    hint = diagnose(Trial.run(exercise, Spoilt(exercise.reference), cases, references)).hint
    if hint.startswith("Work"):
        begin = (
            f"Work {exercise.equation} for one" if "equation" in exercise.equation else "Work an"
        )
        assert hint.startswith(begin)
    else:
        assert id == "numerical-gradient" or "section" in exercise.equation
