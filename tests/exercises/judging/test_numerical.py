"""Numerical derivatives in place of the formula: told by what the answer hangs on."""

import numpy as np
import pytest
from numpy.polynomial import Chebyshev

from bplab.activations import tanh
from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, credit, diagnose
from tests.exercises.drawn import HIDDEN, drawn
from tests.thorough import one_of

# --- with activations that are given ------------------------------------------------------


def collect(delta, Z):
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


def five_point(g, T, h=1e-3):
    return (8 * (g(T + h) - g(T - h)) - (g(T + 2 * h) - g(T - 2 * h))) / (12 * h)


def richardson(g, T, h=0.01):
    def central(h):
        return (g(T + h) - g(T - h)) / (2 * h)

    first = [(4 * central(h / 2**k / 2) - central(h / 2**k)) / 3 for k in range(3)]
    second = [(16 * first[k + 1] - first[k]) / 15 for k in range(2)]
    return (64 * second[1] - second[0]) / 63


def complex_step(g, T):
    return g(T + 1e-20j).imag / 1e-20


def on_a_circle(g, T, points=32):
    w = 0.5 * np.exp(2j * np.pi * np.arange(points) / points)
    return np.mean([g(T + z) / z for z in w], axis=0).real


NODES = np.cos(np.pi * (np.arange(24) + 0.5) / 24)
TIMES = np.array([Chebyshev.fit(NODES, one, 23).deriv()(0.0) for one in np.eye(24)])


def polynomial(g, T, nodes=NODES, times=TIMES):
    """The slope of one through 24 values far from T: no step is small."""
    return g(T[..., None] + nodes) @ times


EXACT = (five_point, richardson, complex_step, on_a_circle, polynomial)


def earned(id, function, kind="visible"):
    trial = Trial.run(EXERCISES[id], Here(function), *drawn(id, kind))
    finding = diagnose(trial)
    return credit(trial, finding), finding and finding.name


@pytest.mark.parametrize("slope", EXACT, ids=lambda f: f.__name__)
@one_of("kind", ["visible", HIDDEN])
def test_it_earns_nothing_however_exact_it_is(slope, kind):
    def grad_beta(Y, A, Z, T, F, g):
        return collect(-2 * (Y - F) * slope(g, T), Z)

    share, name = earned("eq4", grad_beta, kind)
    assert share == 0
    assert name in {"numerical-derivative", "not-exact"}


def test_the_exact_ones_are_so_exact_that_precision_would_not_tell_them():
    T = np.linspace(-2, 2, 11)
    for slope in (richardson, complex_step, on_a_circle, polynomial):
        assert np.allclose(slope(tanh, T), tanh.derivative(T), rtol=0, atol=1e-11), slope


def jacobian_by_steps(t, g):
    K = t.shape[-1]
    step = np.eye(K) * 1e-20j
    return np.stack([g(t + step[k]).imag / 1e-20 for k in range(K)], axis=-1)


def test_so_it_is_for_the_softmax():
    def grad_beta(Y, A, Z, T, F, g):
        delta = -2 * np.einsum("il,ilk->ik", Y - F, jacobian_by_steps(T, g))
        return collect(delta, Z)

    assert earned("eq8", grad_beta) == (0, "numerical-derivative")


def test_so_it_is_in_one_case_only():
    def grad_beta(Y, A, Z, T, F, g):
        slope = complex_step(g, T) if len(Y) == 1 else g.derivative(T)
        return collect(-2 * (Y - F) * slope, Z)

    assert earned("eq4", grad_beta) == (0, "numerical-derivative")


def looks_beside_in_vain(Y, A, Z, T, F, g):
    """Compares the slope with a difference and says so, but answers by the formula."""
    slope = g.derivative(T)
    if not np.allclose(slope, five_point(g, T), atol=1e-2):
        print("the slopes differ")
    return collect(-2 * (Y - F) * slope, Z)


def shifts_the_softmax(Y, A, Z, T, F, g):
    F = g(T - T.max(axis=1, keepdims=True))
    D = -2 * (Y - F)
    return collect(F * (D - np.sum(F * D, axis=1, keepdims=True)), Z)


def one_row_after_the_other(Y, A, Z, T, F, g):
    F = np.array([g(t) for t in T])
    delta = np.array([-2 * (y - f) @ g.jacobian(t) for y, f, t in zip(Y, F, T, strict=True)])
    return collect(delta, Z)


@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("eq4", looks_beside_in_vain),
        ("eq8", shifts_the_softmax),
        ("eq8", one_row_after_the_other),
    ],
)
def test_who_only_looks_beside_or_takes_the_same_value_elsewhere_is_not_blamed(id, function):
    assert earned(id, function) == (1, None)


# --- where the learner knows which activation is given, and has a copy of it ---------------


def copy_of(g):
    """The learner's own activation with the values of the given one, for complex numbers too."""
    low, high = (float(g(np.array([[x]]))[0, 0]) for x in (-1.0, 1.0))
    if abs(high - 1 / (1 + np.exp(-1.0))) < 1e-9:
        return lambda t: 1 / (1 + np.exp(-t))
    if abs(high - np.tanh(1.0)) < 1e-9:
        return lambda t: np.where(
            np.abs(t.real) < 20, np.tanh(np.where(abs(t.real) < 20, t, 0)), np.sign(t.real)
        )
    lower = float(g(np.array([[-2.0]]))[0, 0])
    if abs(lower - 2 * low) < 1e-9:
        return lambda t: np.where(t.real > 0, t, -low * t)
    alpha = low / (np.exp(-1.0) - 1)
    return lambda t: np.where(t.real > 0, t, alpha * (np.exp(np.where(t.real > 0, 0, t)) - 1))


def R_of(T, Y, g):
    return np.sum((Y - g(T)) ** 2)


def literal(R, T, at):
    T = T.astype(complex)
    T[at] += 1e-30j
    return R(T).imag / 1e-30


def by_complex(R, T, at):
    T = T.astype(complex)
    T[at] += complex(0, 1e-30)
    return np.imag(R(T)) / 1e-30


def by_conjugates(R, T, at):
    T = np.array(T, dtype=complex)
    T[at] += complex(0, 1e-30)
    z = R(T)
    return ((z - z.conjugate()) / complex(0, 2e-30)).real


UNIT = np.array([1e-30j])


def by_an_array(R, T, at):
    T = T + np.zeros(T.shape) * UNIT
    T[at] += UNIT[0]
    return np.array([R(T)]).view(float)[1] / 1e-30


@pytest.mark.parametrize("slope", [literal, by_complex, by_conjugates, by_an_array])
def test_a_complex_step_through_a_copy_of_the_activation_earns_nothing(slope):
    def backward_output(Y, A, Z, T, F, g):
        own = copy_of(g)
        delta = np.empty(T.shape)
        for at in np.ndindex(T.shape):
            delta[at] = slope(lambda T: R_of(T, Y, own), T, at)
        return delta, collect(delta, Z)

    def grad_beta(*given):
        return backward_output(*given)[1]

    assert earned("eq4", grad_beta) == (0, "numerical-derivative")
    assert earned("eq6", backward_output) == (0, "numerical-derivative")


def takes_real_parts_of_everything(Y, A, Z, T, F, g):
    slope = np.real(g.derivative(T)).astype(complex)
    return collect((-2 * (Y - F) * slope).real, Z)


def in_complex_numbers(Y, A, Z, T, F, g):
    residual = np.array(Y - F, dtype=complex)
    if isinstance(residual, complex):
        return None
    return collect(residual * -2 * g.derivative(T), Z).real


@pytest.mark.parametrize("function", [takes_real_parts_of_everything, in_complex_numbers])
def test_a_formula_in_complex_numbers_is_a_formula(function):
    assert earned("eq4", function) == (1, None)


# --- where the activation is the learner's own --------------------------------------------


def logistic(x):
    return 1 / (1 + np.exp(-x))


def own(value, slope):
    """Sigmoid or tanh with a derivative from its own values, safe far out."""
    return lambda x: (value(x), slope(value, np.clip(np.asarray(x, float), -300, 300)))


def entry_by_entry(value):
    def function(x):
        slope = np.empty(np.shape(x))
        for at, v in np.ndenumerate(np.clip(x, -300, 300)):
            z = complex(v, 1e-25)
            slope[at] = value(z).imag / 1e-25
        return value(x), slope

    return function


def nine_point(g, T, h=0.02):
    weights = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    return sum(w * (g(T + k * h) - g(T - k * h)) for k, w in weights.items()) / h


def with_a_step_of(h):
    return lambda g, T: five_point(g, T, h)


def safe_logistic(x):
    return logistic(np.clip(x, -700, 700)) if np.isrealobj(x) else logistic(x)


VALUES = {"sigmoid": safe_logistic, "tanh": np.tanh}
SLOPES = {
    "complex step": complex_step,
    "on a circle": on_a_circle,
    "five-point, 1e-3": five_point,
    "five-point, 2e-3": with_a_step_of(2e-3),
    "nine-point": nine_point,
    "richardson": richardson,
}


@pytest.mark.parametrize("id", VALUES)
@pytest.mark.parametrize("slope", SLOPES.values(), ids=SLOPES)
@one_of("kind", ["visible", HIDDEN])
def test_in_section_4_it_earns_nothing_either(id, slope, kind):
    share, name = earned(id, own(VALUES[id], slope), kind)
    assert (share, name) == (0, "numerical-derivative")


@pytest.mark.parametrize("id", VALUES)
def test_a_complex_step_is_found_in_whatever_the_function_calls(id):
    assert earned(id, own(VALUES[id], complex_step)) == (0, "numerical-derivative")
    assert earned(id, entry_by_entry(VALUES[id])) == (0, "numerical-derivative")


def plain_logistic(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("slope", [complex_step, on_a_circle])
def test_it_is_said_before_what_is_wrong_in_special_cases_alone(slope):
    def overflows(x):
        return plain_logistic(x), slope(plain_logistic, np.asarray(x, float))

    assert earned("sigmoid", overflows) == (0, "numerical-derivative")


@pytest.mark.parametrize("id", VALUES)
@pytest.mark.parametrize("before", [np.float64, np.float32])
@pytest.mark.parametrize("after", [np.float64, np.float32])
def test_differences_that_are_rounded_do_not_pass(id, before, after):
    for slope in (five_point, with_a_step_of(1e-2), with_a_step_of(1e-5)):
        function = own(VALUES[id], slope)

        def rounded(x, function=function):
            return tuple(array.astype(after) for array in function(x.astype(before)))

        assert earned(id, rounded)[0] < 1


def checks_itself_by_a_complex_step(x):
    a = np.tanh(x)
    slope = 1 - a**2
    if not np.allclose(slope, np.tanh(x + 1e-20j).imag / 1e-20, atol=1e-3):
        print("they differ")
    return a, slope


def rounds_to_twelve_digits(x):
    a = np.tanh(x)
    return a, np.round(1 - a**2, 12)


def takes_another_form(x):
    e = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - e) / (1 + e), 4 * e / (1 + e) ** 2


@pytest.mark.parametrize(
    "function",
    [checks_itself_by_a_complex_step, rounds_to_twelve_digits, takes_another_form],
)
def test_no_formula_is_blamed(function):
    assert earned("tanh", function) == (1, None)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (a := 1 / (1 + np.exp(-x)), a - a**2),
        lambda x: ((1 + np.tanh(x / 2)) / 2, (1 - np.tanh(x / 2) ** 2) / 4),
        lambda x: (logistic(x), np.exp(-np.logaddexp(0, x) - np.logaddexp(0, -x))),
        lambda x: (logistic(x), 1 / (2 + np.exp(-np.abs(x)) + np.exp(np.minimum(np.abs(x), 700)))),
    ],
)
def test_nor_one_of_the_sigmoid(function):
    assert earned("sigmoid", function) == (1, None)
