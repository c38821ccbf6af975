"""Finite differences: every sensible step passes, the gradients by hand are right, f is strict."""

import pickle

import numpy as np
import pytest
from autograd import grad
from autograd import numpy as anp

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.section_0.cases import (
    Bowl,
    Cubic,
    Growth,
    LeastSquares,
    Reciprocal,
    SquaredError,
    Wave,
    function_cases,
)
from tests.thorough import SEEDS

ID = "numerical-gradient"
EXERCISE = EXERCISES[ID]
EACH_SEED = pytest.mark.parametrize("seed", SEEDS)


def fails(function, **kwargs):
    with pytest.raises(CheckFailed) as failed:
        check(ID, function, **kwargs)
    return failed.value


def cases(seed=0):
    return function_cases(np.random.default_rng(seed))


def central(h):
    def numerical_gradient(f, params):
        gradient = np.zeros(params.shape)
        for index in np.ndindex(params.shape):
            ahead, behind = np.array(params, dtype=float), np.array(params, dtype=float)
            ahead[index] += h
            behind[index] -= h
            gradient[index] = (f(ahead) - f(behind)) / (2 * h)
        return gradient

    return numerical_gradient


def forward(h):
    def numerical_gradient(f, params):
        w = params.astype(float)
        moves = h * np.eye(w.size).reshape(w.size, *w.shape)
        return np.array([(f(w + move) - f(w)) / h for move in moves]).reshape(w.shape)

    return numerical_gradient


# --- what passes, and what does not -------------------------------------------------------


@pytest.mark.one_in(3)
@pytest.mark.parametrize("h", [2e-4, 1e-4, 1e-5, 2.0**-17, 1e-6, 1e-7, 1e-8])
@pytest.mark.parametrize("secret", ["", "one", "two", "three"])
def test_a_central_difference_passes_with_every_sensible_step(h, secret, monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", secret)
    assert check(ID, central(h), hidden=bool(secret))


@pytest.mark.parametrize("secret", ["", "one", "two", "three"])
def test_a_forward_difference_passes_with_no_step(secret, monkeypatch):
    monkeypatch.setenv("BPLAB_SECRET", secret)
    hidden = bool(secret)
    for h in (1e-2, 1e-5, 1e-6, 1e-7, 1e-8):
        assert fails(forward(h), hidden=hidden).mistake == f"forward-{h:.0e}"


def flat_loop(f, params):
    flat, slopes = params.ravel().tolist(), []
    for i, kept in enumerate(flat):
        values = []
        for moved in (kept + 1e-5, kept - 1e-5):
            flat[i] = moved
            values.append(f(np.array(flat).reshape(params.shape)))
        flat[i] = kept
        slopes.append((values[0] - values[1]) / 2e-5)
    return np.reshape(slopes, params.shape).tolist()


def one_buffer(f, params):
    w, gradient = 1.0 * params, np.empty(params.shape)
    for index, kept in np.ndenumerate(params):
        w[index] = kept + 1e-6
        gradient[index] = f(w)
        w[index] = kept - 1e-6
        gradient[index] -= f(w)
        w[index] = kept
    return gradient / 2e-6


def richardson(f, params):
    return (4 * central(1e-4)(f, params) - central(2e-4)(f, params)) / 3


@pytest.mark.parametrize("function", [flat_loop, one_buffer, richardson])
def test_a_right_answer_passes_however_it_is_written(function):
    assert check(ID, function)


# --- mistakes that depend on the learner's own step ---------------------------------------


@pytest.mark.parametrize("h", [1e-4, 1e-6, 1e-7])
@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda G: 2 * G, "divided-by-h"),
        (lambda G: -G, "sign-flipped"),
        (abs, "absolute"),
        (lambda G: G / G.size, "averaged"),
        (np.ravel, "flat"),
        (np.transpose, "transposed"),
    ],
)
def test_a_mistake_is_named_whatever_the_step(h, change, name):
    assert fails(lambda f, params: change(central(h)(f, params))).mistake == name


def test_two_mistakes_are_both_named_when_one_of_them_is_params_copy():
    def halved(f, params):
        gradient = np.zeros_like(params)
        for index in np.ndindex(params.shape):
            w = params.copy()
            w[index] += 1e-5
            ahead = f(w)
            w[index] -= 1e-5
            gradient[index] = (ahead - f(w)) / 2e-5
        return gradient

    error = fails(halved)
    assert error.mistake == "one-side-over-2h-and-nudge-truncated"
    assert "f(w + h) − f(w), is divided by 2h" in str(error)
    assert "floating-point copy" in str(error)


def test_two_names_of_one_array_are_thought_of():
    def alias(f, params):
        ahead = behind = params.astype(float)
        return 0 * params + f(ahead) - f(behind)

    error = fails(alias)
    assert error.mistake == "all-zero"
    assert "two names of one" in str(error)


def test_an_unknown_mistake_gets_numbers_to_try():
    error = fails(lambda f, params: central(1e-5)(f, params) ** 3)
    assert error.mistake == "unnamed"
    assert "f(w) = w[0]² + 3 w[1] at (1, 2)" in str(error)


def test_what_is_not_divided_is_measured_when_its_step_is_unknown():
    error = fails(lambda f, params: central(3e-6)(f, params) * 6e-6)
    assert error.mistake == "constant-factor"
    assert "times 6e-06, everywhere" in str(error)


def test_nearly_right_is_no_reason_to_ask_for_a_formula():
    error = fails(forward(7e-10))
    assert error.mistake == "not-near-enough"
    assert "step near 1e-5" in str(error)


def test_params_that_stay_nudged_are_named():
    def nudging(f, params):
        params[(0,) * params.ndim] += 1e-5
        return central(1e-5)(f, params)

    assert fails(nudging).mistake == "argument-changed"


def test_f_of_one_number_is_explained_with_the_learners_line():
    def by_number(f, params):
        return np.array([f(w + 1e-5) - f(w - 1e-5) for w in params]) / 2e-5

    error = fails(by_number)
    assert error.mistake == "raises"
    assert "f takes an array of shape (3,); it got ()" in str(error)
    assert "return np.array([f(w + 1e-5)" in str(error)


def test_the_shape_and_the_entry_are_said_by_index_alone():
    error = fails(lambda f, params: central(1e-5)(f, params)[None])
    assert "gradient should have shape (3,)." in str(error)
    error = fails(lambda f, params: central(1e-5)(f, params) + 1)
    assert "gradient[0] is" in str(error)
    assert "the derivative written out by hand says" in str(error)


# --- the cases ----------------------------------------------------------------------------


def with_autograd(f, w):
    """The gradient by automatic differentiation, from the formula in the function's docstring."""
    formulas = {
        Cubic: lambda w: -(f.a * w[0] ** 2 * w[1] + f.b * w[1] * w[2] ** 3 + f.c * w[0]),
        Reciprocal: lambda w: f.a * w[0] ** 3 - f.b / w[0],
        Wave: lambda w: f.height + f.size * anp.sin(f.phase + anp.sum(f.v * w)),
        Growth: lambda w: anp.exp(anp.sum(f.v * (w - f.origin))),
        SquaredError: lambda w: (1 - 1 / (1 + anp.exp(-f.bias - anp.sum(f.x * w)))) ** 2,
        LeastSquares: lambda w: anp.sum((anp.dot(w, f.x) - f.y) ** 2),
        Bowl: lambda w: anp.sum((f.v + f.bend / 2 * (w - f.origin)) * (w - f.origin)),
    }
    formula = formulas[type(f)]
    return formula(w), grad(formula)(w)


@EACH_SEED
def test_values_and_gradients_by_hand_are_those_of_automatic_differentiation(seed):
    for case in cases(seed):
        w = case.params.astype(float)
        value, gradient = with_autograd(case.f, w)
        assert case.f(w) == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(case.f.gradient(case.params), gradient, rtol=1e-10)


@EACH_SEED
def test_kinds_shapes_and_special_values(seed):
    found = {case.name: case for case in cases(seed)}
    assert len({type(case.f) for case in found.values()}) >= 5
    shapes = {case.params.shape for case in found.values()}
    assert {(1,), (3,), (2, 3), (3, 3)} <= shapes
    rows, columns = found["a matrix"].params.shape
    assert rows != columns
    assert found["an integer array"].params.dtype.kind == "i"
    assert 0 < np.count_nonzero(found["zeros among the entries"].params) < 5
    signs = {np.sign(g) for case in found.values() for g in case.f.gradient(case.params).flat}
    assert signs == {-1.0, 1.0}


@EACH_SEED
def test_no_slope_of_the_integer_case_is_whole_and_some_are_beyond_one(seed):
    case = {case.name: case for case in cases(seed)}["an integer array"]
    gradient = case.f.gradient(case.params)
    assert (gradient % 1 != 0).all()
    assert (abs(gradient) > 1).any()


def test_f_and_params_survive_a_process_together():
    for case in cases():
        given = pickle.loads(pickle.dumps(case.arguments(["f", "params"])))
        assert given["f"](given["params"]) == case.f(case.params)
        if case.keeps:
            assert given["f"].origin is given["params"]


def test_the_exercise_is_no_row_of_the_equation_map():
    import bplab

    assert ID not in {row.id for row in bplab.equations()}
    assert EXERCISE.notebook == "section_0"
    assert EXERCISE.signature == "numerical_gradient(f, params)"


def test_nudging_the_given_array_is_named_though_every_number_is_put_back():
    def gradient(f, params):
        x = np.asarray(params, dtype=float)
        slopes = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            kept = x[i]
            x[i] = kept + 1e-5
            ahead = f(x)
            x[i] = kept - 1e-5
            slopes[i] = (ahead - f(x)) / 2e-5
            x[i] = kept
        return slopes

    with pytest.raises(CheckFailed) as raised:
        check("numerical-gradient", gradient)
    assert raised.value.mistake == "in-place-as-float"
    assert "nudge the very array that you were given" in str(raised.value)
    assert "nudge a copy" in str(raised.value)


def test_of_an_array_that_is_nudged_in_place_both_things_that_go_wrong_are_said():
    """f holds on to it in one case only, and that is not the one whose numbers are shown."""

    def in_place(f, params):
        gradient = np.zeros(params.shape)
        for index in np.ndindex(params.shape):
            was = params[index]
            params[index] = was + 1e-5
            ahead = f(params)
            params[index] = was - 1e-5
            gradient[index] = (ahead - f(params)) / 2e-5
            params[index] = was
        return gradient

    with pytest.raises(CheckFailed, match="an integer array") as raised:
        check("numerical-gradient", in_place)
    assert raised.value.mistake == "in-place"
    assert "Here f holds" not in str(raised.value)
    assert "integers" in str(raised.value)
