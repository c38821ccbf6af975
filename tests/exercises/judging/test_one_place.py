"""A place is called wrong only if all is right with it written otherwise."""

import numpy as np
import pytest

from bplab.activations import relu
from tests.exercises.drawn import found


def gradient(delta, Z):
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def clipped(Y, A, Z, T, F, g):
    F = np.clip(F, 0, 1)
    return gradient(-2 * (Y - F) * g.derivative(T), Z)


def squeezed(Y, A, Z, T, F, g):
    return gradient(np.squeeze(-2 * (Y - F) * g.derivative(T)), Z)


def rolled(Y, A, Z, T, F, g):
    return gradient(-2 * (Y - F) * np.flip(g.derivative(T), axis=1), Z)


def with_epsilon(Y, A, Z, T, F, g):
    return gradient(-2 * (Y - F + 1e-8) * g.derivative(T), Z)


def of_an_empty_list(Y, A, Z, T, F, g):
    grad = np.ones((Y.shape[1], Z.shape[1] + 1))  # wrong in another way, too
    for i in range(len(Y)):
        for k, r in enumerate(-2 * [y - f for y, f in zip(Y[i], F[i], strict=True)]):
            grad[k] += r * g.derivative(T[i, k]) * np.append(1, Z[i])
    return grad


def last_for_all(Y, A, Z, T, F, g):
    return gradient(-2 * (Y - F) * g.derivative(T[-1]), Z)


def other_F(Y, A, Z, T, F, g):
    F = relu(T)
    return gradient(-2 * (Y - F) * g.derivative(T), Z)


def one_index(Y, A, Z, T, F, g):
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += d
            for m in range(Z.shape[1]):
                grad[k, m + 1] += d * Z[i - 3, m]
    return grad


@pytest.mark.parametrize(
    ("function", "name", "text"),
    [
        (clipped, "clipped", "np.clip(F, 0, 1)"),
        (squeezed, "squeezed", "np.squeeze(-2 * (Y - F) * g.derivative(T))"),
        (rolled, "rearranged", "np.flip(g.derivative(T), axis=1)"),
        (with_epsilon, "epsilon-added", "Y - F + 1e-8"),
        (of_an_empty_list, "list-repeated", "-2 * [y - f for y, f in zip("),
        (last_for_all, "part-for-whole", "T[-1]"),
        (other_F, "argument-overwritten", "F = relu(T)"),
        (one_index, "index-off", "Z[i - 3, m]"),
    ],
)
def test_the_place_is_shown_with_its_line(function, name, text):
    finding = found("eq4", function)
    assert finding.name == name
    assert text in finding.says
    line = int(finding.says.split("line ")[1].split(",")[0])
    with open(__file__, encoding="utf-8") as file:
        shown = file.read().splitlines()[line - 1]
    assert text.split("(")[0].split("e-")[0] in shown


def test_two_places_that_may_be_meant_otherwise_are_both_shown():
    def loss(Y, F):
        R = 0
        for i in range(len(Y)):
            for k in range(len(Y[i])):
                R += (Y[i, k] - F[i, k - 1]) ** 2
        return R

    finding = found("eq1", loss)
    assert finding.name == "index-off"
    assert "do not belong to each other: Y[i, k]; F[i, k - 1]" in finding.says


@pytest.mark.parametrize(
    "wrong",
    [
        lambda d: d * 1.37,
        lambda d: d + 0.1,
        lambda d: np.where(abs(d) > 0.1, d, 0),
        lambda d: np.cumsum(d, axis=0),
    ],
)
def test_a_place_that_is_not_all_that_is_wrong_is_not_called_so(wrong):
    def grad_beta(Y, A, Z, T, F, g):
        tiny = np.squeeze(np.array([1e-9])) + 0.0
        slopes = np.clip(g.derivative(T), -1e300, 1e300)[::1] + 1e-30
        return gradient(wrong(-2 * (Y - F) * slopes) + 0 * tiny, Z)

    names = {"clipped", "squeezed", "rearranged", "epsilon-added", "index-off", "part-for-whole"}
    assert found("eq4", grad_beta).name not in names


def test_an_error_keeps_its_own_cause_where_an_index_is_too_large():
    def loss_per_example(Y, F):
        return np.array([sum((Y[i + 1] - F[i]) ** 2) for i in range(len(Y))])

    assert found("eq2", loss_per_example).name == "index-out-of-range"


def test_a_slope_by_differences_is_no_right_answer_behind_a_clip():
    def grad_beta(Y, A, Z, T, F, g):
        h = 1e-5
        slope = (g(T + h) - g(T - h)) / (2 * h)
        return gradient(-2 * (Y - np.clip(F, 0, 1)) * slope, Z)

    assert found("eq4", grad_beta).name != "clipped"


def both_reversed(Y, A, Z, T, F, g):
    return gradient((-2 * (Y - F) * g.derivative(T))[::-1], Z[::-1])


def both_one_back(Y, A, Z, T, F, g):
    grad = 0
    for i in range(len(Y)):
        d = -2 * (Y[i - 1] - F[i - 1]) * g.derivative(T[i - 1])
        grad = grad + np.outer(d, np.append(1, Z[i - 1]))
    return grad


def squeezed_by_name(Y, A, Z, T, F, g):
    d = -2 * (Y - F) * g.derivative(T)
    terms = d[:, :, None, None] * np.insert(Z, 0, 1, axis=1)[:, None, None, :]
    return terms.sum(axis=0).squeeze(axis=1)


def clipped_where_nothing_is(Y, A, Z, T, F, g):
    return gradient(-2 * (Y - np.clip(F, -np.inf, np.inf)) * g.derivative(T), Z)


@pytest.mark.parametrize(
    "function", [both_reversed, both_one_back, squeezed_by_name, clipped_where_nothing_is]
)
def test_what_looks_like_a_fault_and_is_none_passes(function):
    assert found("eq4", function) is None
