"""In section 4 a slope is numerical if it is the derivative of other values, too."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.polynomial import Chebyshev

from bplab.exercises import EXERCISES
from bplab.exercises.judging import Here, Trial, credit, diagnose
from bplab.exercises.judging.derivative import differentiates
from bplab.learner import Answer
from tests.exercises.drawn import drawn
from tests.exercises.judging.honest_slopes import HONEST
from tests.thorough import ALL

L = np.longdouble
EIGHT = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
SIX = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))


def difference(f, x, h, points=EIGHT):
    return sum(w * (f(x + n * h) - f(x - n * h)) for n, w in points) / h


def mean(f, x, low=0.02, high=0.03, count=64):
    return np.mean([difference(f, x, h) for h in np.linspace(low, high, count)], axis=0)


def sigmoid_value(x):
    return 1 / (1 + np.exp(-x))


def near(x):
    return np.clip(x.astype(float), -300, 300)


def long_sigmoid(x):
    z = x.astype(L)
    return sigmoid_value(z).astype(float), difference(sigmoid_value, z, L(1e-3)).astype(float)


def long_from_half_tanh(x):
    def value(z):
        return (1 + np.tanh(z / 2)) / 2

    return value(x), difference(value, x.astype(L), L(1e-3), SIX).astype(float)


def mean_sigmoid(x):
    x = near(x)
    return sigmoid_value(x), mean(sigmoid_value, x)


def long_tanh(x):
    return np.tanh(x), difference(np.tanh, x.astype(L), L(1e-3)).astype(float)


def long_tanh_in_one_step(x):
    h = L(1e-6)
    z = x.astype(L)
    return np.tanh(x), ((np.tanh(z + h) - np.tanh(z - h)) / (2 * h)).astype(float)


def mean_tanh(x):
    return np.tanh(x), mean(np.tanh, x.astype(float))


def mean_tanh_all_at_once(x):
    h = np.linspace(0.02, 0.03, 64)[:, None, None]
    return np.tanh(x), difference(np.tanh, x[None].astype(float), h).mean(axis=0)


def imported_within(x):
    import math

    import numpy

    value = numpy.vectorize(math.tanh)

    def slope(z):
        return math.fsum(difference(math.tanh, z, h) for h in numpy.linspace(0.02, 0.03, 64)) / 64

    return value(x), numpy.array([[slope(float(z)) for z in row] for row in x])


def wide_tanh(x):
    x = x.astype(float)
    steps = np.linspace(0.1, 0.14, 32)
    romberg = [(4 * difference(np.tanh, x, h / 2) - difference(np.tanh, x, h)) / 3 for h in steps]
    return np.tanh(x), np.mean(romberg, axis=0)


def polynomial_tanh(x):
    nodes = np.cos(np.pi * (np.arange(24) + 0.5) / 24) / 2
    slope = np.empty(x.shape)
    for at, z in np.ndenumerate(x):
        slope[at] = Chebyshev.fit(nodes, np.tanh(z + nodes), 23).deriv()(0.0)
    return np.tanh(x), slope


def circle_tanh(x):
    w = 0.5 * np.exp(2j * np.pi * np.arange(32) / 32)
    return np.tanh(x), np.mean([np.tanh(x + z) / z for z in w], axis=0).real


def dyadic_relu(x):
    def value(z):
        return np.maximum(z, 0)

    return value(x), np.round((value(x) - value(x - 2.0**-30)) * 2.0**30)


def dyadic_where(x):
    def value(z):
        return np.where(z > 0, z, 0.0)

    return value(x), np.round((value(x) - value(x - 2.0**-20)) * 2.0**20)


def unrounded_relu(x):
    h = 2.0**-20
    x = np.round(x * 2.0**20) / 2.0**20 if x.dtype.kind == "f" else x
    return np.maximum(x, 0), (np.maximum(x, 0) - np.maximum(x - h, 0)) / h


def mask_relu(x):
    def value(z):
        return z * (z > 0)

    return value(x), np.round((value(x) - value(x - 2.0**-30)) * 2.0**30)


def zeroed_relu(x):
    def value(z):
        z = z.astype(float)
        z[z < 0] = 0
        return z

    return value(x), np.round((value(x) - value(x - 2.0**-30)) * 2.0**30)


def abs_relu(x):
    def value(z):
        return (z + abs(z)) / 2

    return value(x), np.round((value(x) - value(x - 2.0**-30)) * 2.0**30)


def built_in_relu(x):
    def slope(z):
        return round((max(z, 0.0) - max(z - 2.0**-30, 0.0)) * 2.0**30)

    return np.maximum(x, 0), np.array([[slope(float(z)) for z in row] for row in x])


def relu_of_one(z):
    return z if z > 0 else 0.0


def own_relu(x):
    def slope(z):
        return round((relu_of_one(z) - relu_of_one(z - 2.0**-30)) * 2.0**30)

    return np.vectorize(relu_of_one, otypes=[float])(x), np.vectorize(slope, otypes=[float])(
        x.astype(float)
    )


def relu_by_fractions(x):
    h = Fraction(1, 10**30)

    def slope(z):
        z = Fraction(float(z))
        return float((relu_of_one(z) - relu_of_one(z - h)) / h)

    return np.vectorize(relu_of_one, otypes=[float])(x), np.vectorize(slope, otypes=[float])(x)


def decided_leaky(x, alpha):
    def value(z):
        return np.maximum(z, 0) + alpha * np.minimum(z, 0)

    slope = (value(x) - value(x - 2.0**-30)) * 2.0**30
    return value(x), (slope > (1 + alpha) / 2) * (1 - alpha) + alpha


def long_leaky(x, alpha):
    def value(z):
        return np.where(z > 0, z, alpha * z)

    z, h = x.astype(L), L(2) ** -20
    return value(x), ((value(z) - value(z - h)) / h).astype(float)


def long_elu(x, alpha):
    low = np.minimum(x, 0).astype(L)

    def value(z):
        return alpha * np.expm1(z)

    slope = difference(value, low, L(1e-3))
    left = value(low)
    return np.where(x > 0, x, left).astype(float), np.where(x > 0, 1, slope).astype(float)


def elu_of(z, alpha):
    return alpha * np.expm1(np.minimum(z, 0)) + np.maximum(z, 0)


def mean_elu(x, alpha):
    x = x.astype(float)
    one_sided = np.where(x > 0, 1.0, mean(lambda z: alpha * np.expm1(z), np.minimum(x, 0)))
    return elu_of(x, alpha), one_sided


def long_softmax(t):
    def value(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    z, unit = t.astype(L), np.eye(t.shape[1], dtype=L)
    columns = [difference(lambda h, e=e: value(z + h * e), L(0), L(1e-3)) for e in unit]
    return value(z).astype(float), np.stack(columns, axis=2).astype(float)


def mean_softmax(t):
    t = t.astype(float)

    def value(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    columns = [mean(lambda h, e=e: value(t + h * e), 0.0) for e in np.eye(t.shape[1])]
    return value(t), np.stack(columns, axis=2)


NUMERICAL = {
    "sigmoid": [
        long_sigmoid,
        long_from_half_tanh,
        mean_sigmoid,
    ],
    "tanh": [
        long_tanh,
        long_tanh_in_one_step,
        mean_tanh,
        mean_tanh_all_at_once,
        imported_within,
        wide_tanh,
        polynomial_tanh,
        circle_tanh,
    ],
    "relu": [
        dyadic_relu,
        dyadic_where,
        unrounded_relu,
        mask_relu,
        zeroed_relu,
        abs_relu,
        built_in_relu,
        own_relu,
        relu_by_fractions,
    ],
    "leaky-relu": [decided_leaky, long_leaky],
    "elu": [long_elu, mean_elu],
    "softmax": [long_softmax, mean_softmax],
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("id", "function"), [(id, f) for id, several in NUMERICAL.items() for f in several]
)
def test_a_difference_earns_nothing_however_exact_it_is(id, function):
    trial = Trial.run(EXERCISES[id], Here(function), *drawn(id))
    finding = diagnose(trial)
    assert finding is not None
    assert finding.name == "numerical-derivative"
    assert credit(trial, finding) == 0


def blamed(id, function):
    """Whether this is called differentiation; the whole diagnosis would take its time."""
    exercise = EXERCISES[id]
    trial = Trial(exercise, Here(function), (), (), (), Answer(()))
    return differentiates(trial, next(case for case in drawn(id)[0] if case.neighbours))


@pytest.mark.parametrize("id", HONEST)
def test_no_way_of_writing_the_formula_is_blamed(id):
    ways = HONEST[id][:: 1 if ALL else 3]
    assert [name for name, function in ways if blamed(id, function)] == []


@pytest.mark.parametrize("id", HONEST)
def test_the_ways_are_right(id):
    wrong = {}
    for name, function in HONEST[id][:: 1 if ALL else 9]:
        finding = diagnose(Trial.run(EXERCISES[id], Here(function), *drawn(id)))
        if finding is not None:
            wrong[name] = finding.name, finding.says
    assert not wrong


def test_a_wrong_activation_with_its_derivative_is_only_wrong():
    def twice(x):
        a = np.tanh(x)
        return 2 * a, 2 * (1 - a**2)

    assert not blamed("tanh", twice)
    assert not blamed("sigmoid", lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2))


def test_there_are_many_ways_of_writing_each():
    assert {id: len(ways) for id, ways in HONEST.items() if len(ways) < 40} == {}
