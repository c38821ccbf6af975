import warnings

import mpmath
import numpy as np
import pytest
from autograd import elementwise_grad
from hypothesis import given
from hypothesis import strategies as st

from bplab.activations import (
    Activation,
    as_activation,
    elu,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from tests.judges import AUTOGRAD

ELEMENTWISE = (sigmoid, tanh, identity, relu, leaky_relu(0.1), elu(0.5), elu(1.0), elu(-0.7))
EACH = pytest.mark.parametrize("activation", ELEMENTWISE, ids=str)

EPS = np.finfo(float).eps
SPECIAL = np.array(
    [
        *(0.0, -0.0, 5e-324, 1e-308, 1e-17, 1e-8, 0.5, 1.0, np.log(2), 18.0, 19.0, 22.0, 36.7),
        *(37.5, 300.0, 354.0, 355.0, 708.0, 709.8, 710.0, 744.4, 745.2, 746.0, 1e4),
    ]
)


def points(seed=0):
    """Numbers of every size up to 1e4, of both signs, and the places where branches meet."""
    rng = np.random.default_rng(seed)
    sizes = np.concatenate(
        [10 ** rng.uniform(-20, 4, 200), rng.uniform(0, 40, 200), rng.uniform(0, 800, 50), SPECIAL]
    )
    return np.concatenate([sizes, -sizes])


@pytest.fixture(autouse=True)
def no_warning_at_all():
    with warnings.catch_warnings(), mpmath.workdps(40):
        warnings.simplefilter("error")
        yield


def assert_exact(ours, exact):
    """Ours is within 4 ulp of the exact number, or within 1e-15 of it."""
    assert np.isfinite(ours).all()
    for value, right in zip(np.ravel(ours), exact, strict=True):
        ulp = np.spacing(abs(float(right)))
        assert abs(mpmath.mpf(float(value)) - right) <= max(4 * ulp, 1e-15), (value, right)


# --- values and derivatives -------------------------------------------------------------------

EXACT = {
    "sigmoid": (
        sigmoid,
        lambda x: 1 / (1 + mpmath.exp(-x)),
        lambda x: mpmath.exp(-abs(x)) / (1 + mpmath.exp(-abs(x))) ** 2,
    ),
    "tanh": (tanh, mpmath.tanh, lambda x: mpmath.sech(x) ** 2),
    "elu(0.5)": (
        elu(0.5),
        lambda x: x if x > 0 else mpmath.expm1(x) / 2,
        lambda x: 1 if x > 0 else mpmath.exp(x) / 2,
    ),
}


@pytest.mark.parametrize(("activation", "value", "slope"), EXACT.values(), ids=EXACT)
def test_values_and_derivatives_are_right_to_the_last_digits(activation, value, slope):
    x = points()
    exact = [mpmath.mpf(float(n)) for n in x]
    assert_exact(activation(x), map(value, exact))
    assert_exact(activation.derivative(x), map(slope, exact))


@pytest.mark.parametrize("K", [1, 2, 5, 20])
def test_softmax_and_its_jacobian_are_right_to_the_last_digits(K):
    rng = np.random.default_rng(K)
    rows = [
        rng.choice([1e-3, 1, 30, 1e4]) * rng.uniform(-1, 1, K) for _ in range(40 if K < 20 else 8)
    ]
    rows += [np.zeros(K), np.full(K, 1e4), -1e4 * np.arange(K), np.resize([0.0, 745.2], K)]
    for t in rows:
        e = [mpmath.exp(mpmath.mpf(float(n))) for n in t]
        f = [n / mpmath.fsum(e) for n in e]
        assert_exact(softmax(t), f)
        jacobian = [
            f[k] * (mpmath.fsum(f[:k] + f[k + 1 :]) if k == l else -f[l])
            for k in range(K)
            for l in range(K)  # noqa: E741
        ]
        assert_exact(softmax.jacobian(t), jacobian)


@pytest.mark.parametrize("activation", [a for a in AUTOGRAD if a is not softmax], ids=str)
def test_value_and_derivative_agree_with_autograd(activation):
    x = np.linspace(-6, 6, 241)
    x = x[x != 0]  # the kink is tested below
    theirs = AUTOGRAD[activation]
    np.testing.assert_allclose(activation(x), theirs(x), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        activation.derivative(x), elementwise_grad(theirs)(x), rtol=1e-11, atol=1e-14
    )


@EACH
def test_complex_steps_give_the_derivative_also_where_a_unit_is_saturated(activation):
    x, h = points(1), 1e-100
    x = x[np.abs(x) > 1e-18]  # below, x and the step are not far enough apart
    np.testing.assert_allclose(
        activation(x + 1j * h).imag / h, activation.derivative(x), rtol=2e-13, atol=1e-200
    )
    assert np.array_equal(activation(x + 1j * h).real, activation(x + 0j).real)


@pytest.mark.parametrize("spread", [1, 30, 300])
def test_complex_steps_give_the_jacobian_of_softmax_also_where_it_is_saturated(spread):
    t = spread * np.random.default_rng(spread).uniform(-1, 1, (30, 4))
    h = 1e-100
    steps = [softmax(t + 1j * h * np.eye(4)[l]).imag / h for l in range(4)]  # noqa: E741
    np.testing.assert_allclose(
        np.stack(steps, axis=-1), softmax.jacobian(t), rtol=2e-13, atol=1e-200
    )


def test_saturated_derivative_keeps_its_digits():
    # 1 - a would be 0 here, or have lost every digit
    np.testing.assert_allclose(sigmoid.derivative(40.0), np.exp(-40.0), rtol=1e-15)
    np.testing.assert_allclose(tanh.derivative(25.0), 4 * np.exp(-50.0), rtol=1e-15)


@EACH
def test_infinities_give_the_limits_and_nan_stays_nan(activation):
    left, right = activation(np.array([-np.inf, np.inf]))
    assert left == {sigmoid: 0, tanh: -1, relu: 0}.get(activation, left)
    assert right == {sigmoid: 1, tanh: 1}.get(activation, np.inf)
    assert not np.isnan(activation.derivative(np.array([-np.inf, np.inf]))).any()
    assert np.isnan(activation(np.nan))


@pytest.mark.parametrize(
    ("activation", "at_zero"),
    [(relu, 0), (leaky_relu(0.1), 0.1), (leaky_relu(), 0.01), (elu(0.5), 0.5), (elu(), 1)],
    ids=str,
)
def test_zero_belongs_to_the_left_as_in_the_paper(activation, at_zero):
    assert activation.derivative(0.0) == activation.derivative(-0.0) == at_zero
    assert activation(0.0) == 0
    # the derivative jumps there unless both sides agree
    assert activation.kink == (at_zero != 1)


# --- softmax ----------------------------------------------------------------------------------


def rows_of_outputs(most=6):
    return st.lists(st.floats(-800, 800), min_size=1, max_size=most).map(np.array)


@given(rows_of_outputs(), st.floats(-800, 800))
def test_softmax_is_a_distribution_that_a_shift_does_not_change(t, shift):
    f = softmax(t)
    assert (f >= 0).all()
    assert f.sum() == pytest.approx(1, abs=4 * len(t) * EPS)
    np.testing.assert_allclose(softmax(t + shift), f, atol=1e-12)


@given(rows_of_outputs())
def test_rows_and_columns_of_the_jacobian_sum_to_zero(t):
    jacobian = softmax.jacobian(t)
    assert np.abs(jacobian.sum(axis=0)).max() <= 4 * EPS
    assert np.abs(jacobian.sum(axis=1)).max() <= 4 * EPS
    assert np.array_equal(jacobian, jacobian.T)


@pytest.mark.parametrize("K", [1, 2, 3, 16, 17, 50])
@pytest.mark.parametrize("spread", [1, 30, 1e4])
def test_pull_back_is_the_product_with_the_jacobian(K, spread):
    rng = np.random.default_rng(K)
    t, d = spread * rng.standard_normal((20, K)), rng.standard_normal((20, K))
    jacobian = softmax.jacobian(t)
    product = np.einsum("nl,nlk->nk", d, jacobian)
    size = np.einsum("nl,nlk->nk", np.abs(d), np.abs(jacobian))
    assert (np.abs(softmax.pull_back(d, t) - product) <= 1e-13 * size + 1e-300).all()


@pytest.mark.parametrize("K", [3, 50])
def test_a_constant_is_pulled_back_to_zero(K):
    t = 10 * np.random.default_rng(0).standard_normal((20, K))
    assert not softmax.pull_back(np.full((20, K), 0.3), t).any()


def test_softmax_works_on_the_last_axis_of_any_array():
    t = np.random.default_rng(0).standard_normal((2, 3, 4))
    assert softmax(t).shape == (2, 3, 4)
    assert softmax.jacobian(t).shape == (2, 3, 4, 4)
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(softmax(t)[i], softmax(t[i]), rtol=1e-15)
        np.testing.assert_allclose(softmax.jacobian(t)[i], softmax.jacobian(t[i]), rtol=1e-15)


# --- arrays, names, arguments -----------------------------------------------------------------


@EACH
def test_pull_back_is_the_chain_rule(activation):
    d, x = np.random.default_rng(0).standard_normal((2, 5, 3))
    assert np.array_equal(activation.pull_back(d, x), d * activation.derivative(x))


@pytest.mark.parametrize("activation", [*ELEMENTWISE, softmax], ids=str)
@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (np.float32, np.float32),
        (np.float16, np.float64),
        (np.int64, np.float64),
        (bool, np.float64),
    ],
)
def test_float32_stays_float32_and_everything_else_becomes_float64(activation, dtype, expected):
    x = np.array([[-2, 0, 3]]).astype(dtype)
    derivative = activation.jacobian if activation is softmax else activation.derivative
    for result in (activation(x), derivative(x), activation.pull_back(x, x)):
        assert result.dtype == expected
    assert activation(x).shape == activation.pull_back(x, x).shape == x.shape


@EACH
def test_numbers_lists_and_empty_arrays_are_taken(activation):
    assert np.ndim(activation(0.3)) == np.ndim(activation.derivative(0.3)) == 0
    assert activation([0.3, -1]).shape == (2,)
    assert activation(np.empty((0, 3))).shape == activation.derivative(np.empty((0, 3))).shape


@pytest.mark.parametrize("activation", [*ELEMENTWISE, softmax], ids=str)
def test_the_argument_is_neither_changed_nor_returned(activation):
    x = np.array([[-2.0, 0.0, 3.0]])
    x.setflags(write=False)
    derivative = activation.jacobian if activation is softmax else activation.derivative
    for result in (activation(x), derivative(x), activation.pull_back(x, x)):
        assert not np.shares_memory(result, x)
        assert result.flags.writeable


@pytest.mark.parametrize("make", [leaky_relu, elu])
@pytest.mark.parametrize("alpha", [1.5, np.nan, np.inf, -np.inf, "0.1", None, 1j, [0.1]])
def test_an_alpha_that_is_not_a_number_of_at_most_1_is_refused(make, alpha):
    with pytest.raises(ValueError, match="alpha must be a finite number of at most 1; got"):
        make(alpha)


@pytest.mark.parametrize("make", [leaky_relu, elu])
@pytest.mark.parametrize("alpha", [1, 0, -2.5, np.float32(0.25)])
def test_other_alphas_are_taken(make, alpha):
    activation = make(alpha)
    assert activation.derivative(-1e-9) == pytest.approx(float(alpha), rel=1e-8)
    assert activation.derivative(1e-9) == 1
    assert activation.kink == (alpha != 1)


@pytest.mark.parametrize("activation", [*ELEMENTWISE, softmax], ids=str)
@pytest.mark.parametrize(
    "bad", [np.array(["a"]), np.array([None]), np.array([1j], np.complex64)], ids=lambda b: b.dtype
)
def test_what_is_not_a_real_number_is_refused(activation, bad):
    name = "t" if activation is softmax else "x"
    derivative = activation.jacobian if activation is softmax else activation.derivative
    for call in (activation, derivative, lambda x: activation.pull_back(np.ones(1), x)):
        with pytest.raises(ValueError, match=f"{name} must hold real numbers; got dtype"):
            call(bad)
    with pytest.raises(ValueError, match="d must hold real numbers; got dtype"):
        activation.pull_back(bad, np.ones(1))


@pytest.mark.parametrize("activation", [*ELEMENTWISE, softmax], ids=str)
def test_derivatives_refuse_complex_numbers(activation):
    derivative = activation.jacobian if activation is softmax else activation.derivative
    with pytest.raises(ValueError, match="must hold real numbers; got dtype complex128"):
        derivative(np.array([1j]))


@pytest.mark.parametrize("activation", [*ELEMENTWISE, softmax], ids=str)
def test_pull_back_never_broadcasts(activation):
    with pytest.raises(ValueError, match=r"must have the same shape; got \(4, 1\) and \(4, 3\)"):
        activation.pull_back(np.ones((4, 1)), np.ones((4, 3)))


@pytest.mark.parametrize("bad", [1.0, np.empty((3, 0))])
def test_softmax_refuses_a_number_and_empty_rows(bad):
    for call in (softmax, softmax.jacobian):
        with pytest.raises(ValueError, match="t must be a vector, or an array of rows"):
            call(bad)


def test_activations_are_compared_and_shown_by_name():
    assert leaky_relu(0.1) == leaky_relu(0.1) != leaky_relu(0.2)
    assert hash(elu(0.5)) == hash(elu(0.5))
    assert [repr(a) for a in (sigmoid, leaky_relu(0.1), elu(), softmax)] == [
        "sigmoid",
        "leaky_relu(0.1)",
        "elu(1)",
        "softmax",
    ]


def test_an_activation_of_ones_own_is_a_name_a_value_and_a_slope():
    square = Activation("square", np.square, lambda x: 2 * x)
    assert square(3) == 9
    assert square.derivative(3) == 6
    assert as_activation("sigma", square) is square


@pytest.mark.parametrize("bad", [np.tanh, leaky_relu, "tanh", None])
def test_what_is_no_activation_is_refused(bad):
    with pytest.raises(ValueError, match=r"sigma must be an activation .* got"):
        as_activation("sigma", bad)
