"""Section 4: the activations and their derivatives."""

import math

import numpy as np

from tests.benchmarks.naming.program import program

# --- sigmoid ------------------------------------------------------------------------------


@program("sigmoid", {"slope-of-x"})
def slope_from_x(x):
    s = 1 / (1 + np.exp(-x))
    # right: ds = s * (1 - s)
    ds = x * (1 - x)
    return s, ds


@program("sigmoid", {"slope-at-value"})
def sigmoid_of_the_sigmoid(x):
    def sig(v):
        return 1 / (1 + np.exp(-v))

    a = sig(x)
    # right: slope = sig(x) * (1 - sig(x))
    slope = sig(a) * (1 - sig(a))
    return a, slope


@program("sigmoid", {"plus-x"})
def exponent_without_minus(x):
    # right: a = 1 / (1 + np.exp(-x))
    a = 1 / (1 + np.exp(x))
    return a, a * (1 - a)


@program("sigmoid", {"one-minus-a"})
def one_minus_a_only(x):
    a = 1.0 / (1.0 + np.exp(-x))
    # right: derivative = a * (1 - a)
    derivative = 1 - a
    return a, derivative


@program("sigmoid", {"overflow", "not-finite"}, specific={"overflow"})
def e_to_the_x_over_one_plus(x):
    e = np.exp(x)
    # right: a = 1 / (1 + np.exp(-x))
    a = e / (1 + e)
    return a, a * (1 - a)


@program("sigmoid", {"raises", "math-on-array"}, says=r"np\.|numpy")
def math_exp(x):
    # right: a = 1 / (1 + np.exp(-x))
    a = 1 / (1 + math.exp(-x))
    return a, a * (1 - a)


@program("sigmoid", {"value-truncated", "both-truncated", "*truncated"})
def filled_like_x(x):
    # right: a = np.zeros(x.shape)
    a = np.zeros_like(x)
    slope = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            v = 1 / (1 + np.exp(-float(x[i, j])))
            a[i, j] = v
            slope[i, j] = v * (1 - v)
    return a, slope


@program("sigmoid", {"sign-flipped"})
def sign_of_the_slope(x):
    a = 1 / (1 + np.exp(-x))
    # right: return a, a * (1 - a)
    return a, a * (a - 1)


@program(
    "sigmoid",
    {"x-clipped", "clipped", "not-exact*", "value-clipped", "some-cases"},
    specific={"x-clipped", "clipped", "*clip*"},
    unsaid="finite difference|single precision",
)
def clipped_at_ten(x):
    # right: x = np.clip(x, -700, 700)
    x = np.clip(x, -10, 10)
    a = 1 / (1 + np.exp(-x))
    return a, a * (1 - a)


@program(
    "sigmoid",
    {"slope-value-squared", "slope-squared", "slope-*"},
    specific={"slope-value-squared", "slope-squared", "square*"},
)
def value_squared_in_the_slope(x):
    a = 1 / (1 + np.exp(-x))
    # right: return a, a - a**2
    return a, a**2 * (1 - a)


# --- tanh ---------------------------------------------------------------------------------


@program("tanh", {"one-minus-a"})
def square_forgotten(x):
    t = np.tanh(x)
    # right: return t, 1 - t**2
    return t, 1 - t


@program("tanh", {"slope-of-x"})
def one_minus_x_squared(x):
    value = np.tanh(x)
    # right: slope = 1 - value**2
    slope = 1 - x**2
    return value, slope


@program("tanh", {"minus-a-squared", "one-missing", "slope-minus-a-squared", "offset"})
def minus_the_square(x):
    a = np.tanh(x)
    # right: return a, 1 - a * a
    return a, -(a**2)


@program("tanh", {"slope-at-value"})
def tanh_of_tanh(x):
    a = np.tanh(x)
    # right: return a, 1 - np.tanh(x) ** 2
    return a, 1 - np.tanh(a) ** 2


@program("tanh", {"overflow", "overflow-*", "not-finite"}, specific={"overflow*"})
def fraction_as_printed(x):
    up, down = np.exp(x), np.exp(-x)
    # right: a = np.tanh(x)
    a = (up - down) / (up + down)
    return a, 1 - a**2


@program("tanh", {"one-plus-a-squared"})
def plus_the_square(x):
    a = np.tanh(x)
    # right: slope = 1.0 - a * a
    slope = 1.0 + a * a
    return [a, slope]


@program("tanh", {"slope-of-sigmoid"})
def the_other_formula(x):
    a = np.tanh(x)
    # right: da = 1 - a**2
    da = a * (1 - a)
    return a, da


@program("tanh", {"raises", "power"}, says=r"\*\*")
def caret(x):
    a = np.tanh(x)
    # right: return a, 1 - a**2
    return a, 1 - a ^ 2


@program("tanh", {"half-x"})
def two_sigmoids_of_x(x):
    s = 1 / (1 + np.exp(-np.clip(x, -700, 700)))
    # right: a = np.tanh(x)
    a = 2 * s - 1
    return a, 1 - a**2


# --- softmax ------------------------------------------------------------------------------


@program("softmax", {"shift-by-global-max"})
def max_of_the_whole_array(t):
    # right: e = np.exp(t - np.max(t, axis=1, keepdims=True))
    e = np.exp(t - np.max(t))
    F = e / e.sum(axis=1, keepdims=True)
    J = np.einsum("ik,kl->ikl", F, np.eye(F.shape[1])) - F[:, :, None] * F[:, None, :]
    return F, J


@program("softmax", {"no-shift", "not-finite"}, specific={"no-shift"})
def straight_from_the_formula(t):
    # right: e = np.exp(t - t.max(axis=1)[:, None])
    e = np.exp(t)
    F = e / np.sum(e, axis=1, keepdims=True)
    jac = np.zeros((t.shape[0], t.shape[1], t.shape[1]))
    for i in range(len(t)):
        jac[i] = np.diag(F[i]) - np.outer(F[i], F[i])
    return F, jac


@program("softmax", {"sum-over-all"})
def one_sum_for_the_batch(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    # right: F = e / np.sum(e, axis=1, keepdims=True)
    F = e / np.sum(e)
    J = [np.diag(f) - np.outer(f, f) for f in F]
    return F, np.array(J)


@program(
    "softmax",
    {
        "over-all",
        "shift-by-global-max",
        "sum-over-all",
        "shift-by-global-max+sum-over-all",
        "global-softmax",
        "whole-array*",
    },
)
def famous_one_liner_on_a_batch(t):
    # right: e_x = np.exp(t - np.max(t, axis=1, keepdims=True))
    e_x = np.exp(t - np.max(t))
    # right: F = e_x / e_x.sum(axis=1, keepdims=True)
    F = e_x / e_x.sum()
    J = np.array([np.diag(f) - np.outer(f, f) for f in F])
    return F, J


@program(
    "softmax",
    {
        "shift-by-global-max",
        "sum-over-examples",
        "softmax-of-columns",
        "*column*",
        "shift-by-global-max+sum-over-examples",
    },
)
def famous_one_liner_over_axis_zero(t):
    # right: e_x = np.exp(t - np.max(t, axis=1, keepdims=True))
    e_x = np.exp(t - np.max(t))
    # right: F = e_x / e_x.sum(axis=1, keepdims=True)
    F = e_x / e_x.sum(axis=0)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program(
    "softmax",
    {"sum-over-examples", "no-shift", "no-shift+sum-over-examples", "not-finite"},
    specific={"sum-over-examples", "no-shift"},
)
def columns_without_shift(t):
    # right: e = np.exp(t - t.max(axis=1, keepdims=True))
    e = np.exp(t)
    # right: F = e / np.sum(e, axis=1)[:, None]
    F = e / np.sum(e, axis=0)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program("softmax", {"diagonal-as-vector", "diagonal-only"})
def slope_like_the_sigmoids(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    # right: return p, np.einsum("ik,kl->ikl", p, np.eye(p.shape[1])) - p[:, :, None] * p[:, None]
    return p, p * (1 - p)


@program("softmax", {"diagonal-forgotten"})
def only_outer_products(t):
    shifted = t - np.amax(t, axis=1).reshape(-1, 1)
    e = np.exp(shifted)
    s = e / np.sum(e, axis=1).reshape(-1, 1)
    N, K = s.shape
    J = np.zeros((N, K, K))
    for i in range(N):
        for a in range(K):
            for b in range(K):
                J[i, a, b] = -s[i, a] * s[i, b]
            # missing:     if a == b:
            # missing:         J[i, a, b] += s[i, a]
    return s, J


@program("softmax", {"off-diagonal-positive"})
def plus_beside_the_diagonal(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    N, K = s.shape
    J = np.empty((N, K, K))
    for n in range(N):
        for i in range(K):
            for j in range(K):
                if i == j:
                    J[n, i, j] = s[n, i] * (1 - s[n, i])
                else:
                    # right: J[n, i, j] = -s[n, i] * s[n, j]
                    J[n, i, j] = s[n, i] * s[n, j]
    return s, J


@program("softmax", {"off-diagonal-second-from-t", "off-diagonal-from-t"})
def input_beside_the_diagonal(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    N, K = s.shape
    J = np.zeros((N, K, K))
    for n in range(N):
        for i in range(K):
            for j in range(K):
                if i == j:
                    J[n, i, i] = s[n, i] * (1 - s[n, i])
                else:
                    # right: J[n, i, j] = -s[n, i] * s[n, j]
                    J[n, i, j] = -s[n, i] * t[n, j]
    return s, J


@program(
    "softmax",
    {"raises", "broadcast-shapes", "keepdims-missing"},
    says=r"keepdims|\(\d+,",
)
def keepdims_forgotten(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    # right: F = e / e.sum(axis=1, keepdims=True)
    F = e / e.sum(axis=1)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program("softmax", {"across-examples", "wrong-shape"}, specific={"across-examples"})
def diagflat_of_the_batch(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    # right: J = np.array([np.diag(row) - np.outer(row, row) for row in s])
    SM = s.reshape(-1, 1)
    # right:
    J = np.diagflat(s) - np.dot(SM, SM.T)
    return s, J


@program("softmax", {"first-example-only"})
def jacobian_of_row_zero(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    s = e / e.sum(axis=1, keepdims=True)
    J = np.zeros((len(t), t.shape[1], t.shape[1]))
    for i in range(len(t)):
        # right: J[i] = np.diag(s[i]) - np.outer(s[i], s[i])
        J[i] = np.diag(s[0]) - np.outer(s[0], s[0])
    return s, J


@program(
    "softmax",
    {"epsilon-added", "not-exact*", "*epsilon*"},
    specific={"*epsilon*"},
    unsaid="finite difference|single precision",
)
def epsilon_in_the_denominator(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    # right: F = e / e.sum(axis=1, keepdims=True)
    F = e / (e.sum(axis=1, keepdims=True) + 1e-8)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program(
    "softmax",
    {"clipped", "*clip*", "not-exact*"},
    specific={"*clip*"},
    unsaid="finite difference|single precision",
)
def clipped_away_from_zero(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    F = e / e.sum(axis=1, keepdims=True)
    # right:
    F = np.clip(F, 1e-7, 1 - 1e-7)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


# --- relu ---------------------------------------------------------------------------------


@program("relu", {"one-at-kink"})
def greater_or_equal(x):
    # right: slope = np.where(x > 0, 1.0, 0.0)
    slope = np.where(x >= 0, 1.0, 0.0)
    return np.maximum(0, x), slope


@program("relu", {"slope-wrong-side"})
def one_for_negative(x):
    # right: return np.maximum(x, 0), np.where(x > 0, 1.0, 0)
    return np.maximum(x, 0), np.where(x < 0, 1.0, 0)


@program("relu", {"always-one"})
def slope_of_a_line(x):
    value = x * (x > 0)
    # right: slope = (x > 0) * 1.0
    slope = np.ones(x.shape)
    return value, slope


@program("relu", {"absolute"})
def absolute_value(x):
    # right: a = (abs(x) + x) / 2
    a = abs(x)
    return a, (x > 0).astype(float)


@program("relu", {"slope-is-value"})
def value_twice(x):
    out = np.zeros(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = max(0, x[i, j])
    # right: slope = np.where(out > 0, 1.0, 0.0)
    slope = out
    return out, slope


@program("relu", {"argument-changed"}, specific={"argument-changed"})
def relu_in_place(x):
    # right: a = x.copy()
    a = x
    a[a < 0] = 0
    return a, np.where(a > 0, 1.0, 0.0)


@program("relu", {"raises", "array-condition"}, says=r"np\.where")
def if_for_an_array(x):
    # right: slope = np.where(x > 0, 1.0, 0.0)
    if x > 0:
        # right:
        slope = np.ones(x.shape)
    # right:
    else:
        # right:
        slope = np.zeros(x.shape)
    return np.maximum(x, 0), slope


@program(
    "relu",
    {"raises", "max-of-arrays"},
    says=r"np\.maximum",
)
def builtin_max(x):
    # right: a = np.maximum(0, x)
    a = max(0, x)
    return a, np.where(x > 0, 1.0, 0.0)


@program(
    "relu",
    {"largest-number", "max-of-all", "np-max-for-maximum", "wrong-shape"},
    specific={"largest-number", "max-*", "np-max*"},
)
def np_max_for_np_maximum(x):
    # right: a = np.maximum(0, x)
    a = np.max(x, 0)
    return a, np.where(x > 0, 1.0, 0.0)


# --- leaky-relu ---------------------------------------------------------------------------


@program("leaky-relu", {"slope-not-leaky"})
def slope_of_the_plain_relu(x, alpha):
    value = np.where(x > 0, x, alpha * x)
    # right: slope = np.where(x > 0, 1.0, alpha)
    slope = np.where(x > 0, 1.0, 0.0)
    return value, slope


@program("leaky-relu", {"alpha-fixed"})
def one_hundredth(x, alpha):
    # right: leak = alpha
    leak = 0.01
    return np.where(x > 0, x, leak * x), np.where(x > 0, 1.0, leak)


@program("leaky-relu", {"sides-swapped"})
def leaks_on_the_right(x, alpha):
    # right: left = x <= 0
    left = x > 0
    value = 1.0 * x
    value[left] = alpha * value[left]
    slope = np.ones(x.shape)
    slope[left] = alpha
    return value, slope


@program("leaky-relu", {"value-minus"})
def minus_on_the_left(x, alpha):
    # right: value = np.maximum(x, 0) + alpha * np.minimum(x, 0)
    value = np.maximum(x, 0) - alpha * np.minimum(x, 0)
    return value, np.where(x > 0, 1.0, alpha)


@program("leaky-relu", {"one-at-kink"})
def kink_belongs_to_the_right(x, alpha):
    value = np.empty(x.shape)
    slope = np.empty(x.shape)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            # right: if x[i, j] > 0:
            if x[i, j] >= 0:
                value[i, j] = x[i, j]
                slope[i, j] = 1
            else:
                value[i, j] = alpha * x[i, j]
                slope[i, j] = alpha
    return value, slope


@program("leaky-relu", {"slope-times-x"})
def slope_alpha_x(x, alpha):
    value = np.where(x > 0, x, alpha * x)
    # right: slope = np.where(x > 0, 1.0, alpha)
    slope = np.where(x > 0, 1.0, alpha * x)
    return value, slope


# --- elu ----------------------------------------------------------------------------------


@program("elu", {"a-plus-1"})
def value_plus_one(x, alpha):
    left = alpha * (np.exp(np.minimum(x, 0)) - 1)
    a = np.where(x > 0, x, left)
    # right: return a, np.where(x > 0, 1.0, a + alpha)
    return a, np.where(x > 0, 1.0, a + 1)


@program("elu", {"minus-1-missing"})
def one_not_subtracted(x, alpha):
    e = np.exp(np.minimum(x, 0))
    # right: a = np.where(x > 0, x, alpha * (e - 1))
    a = np.where(x > 0, x, alpha * e)
    return a, np.where(x > 0, 1.0, alpha * e)


@program("elu", {"alpha-inside", "brackets"})
def bracket_missing(x, alpha):
    e = np.exp(np.minimum(x, 0))
    value = np.zeros(x.shape)
    value[x > 0] = x[x > 0]
    # right: value[x <= 0] = (alpha * (e - 1))[x <= 0]
    value[x <= 0] = (alpha * e - 1)[x <= 0]
    return value, np.where(x > 0, 1.0, alpha * e)


@program("elu", {"x-plus-alpha", "slope-x-plus-alpha"})
def x_plus_alpha(x, alpha):
    a = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    # right: return a, np.where(x > 0, 1.0, a + alpha)
    return a, np.where(x > 0, 1.0, x + alpha)


@program("elu", {"slope-without-alpha"})
def slope_is_e_to_the_x(x, alpha):
    e = np.exp(np.minimum(x, 0))
    a = np.where(x > 0, x, alpha * (e - 1))
    # right: slope = np.where(x > 0, 1.0, alpha * e)
    slope = np.where(x > 0, 1.0, e)
    return a, slope


@program(
    "elu",
    {
        "value-without-alpha",
        "slope-without-alpha",
        "alpha-fixed",
        "value-without-alpha+slope-without-alpha",
    },
)
def alpha_left_out(x, alpha):
    e = np.exp(np.minimum(x, 0))
    # right: a = np.where(x > 0, x, alpha * (e - 1))
    a = np.where(x > 0, x, e - 1)
    # right: slope = np.where(x > 0, 1.0, alpha * e)
    slope = np.where(x > 0, 1.0, e)
    return a, slope


@program("elu", {"mask-times-infinity", "masks-times-infinity", "not-finite"}, specific={"mask*"})
def masks_and_overflow(x, alpha):
    mask = x > 0
    # right: e = np.exp(np.minimum(x, 0))
    e = np.exp(x)
    value = mask * x + (1 - mask) * alpha * (e - 1)
    slope = mask * 1.0 + (1 - mask) * alpha * e
    return value, slope


@program("elu", {"slope-of-relu"})
def zero_on_the_left(x, alpha):
    a = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    # right: slope = np.where(x > 0, 1.0, a + alpha)
    slope = np.where(x > 0, 1.0, 0.0)
    return a, slope


@program("elu", {"one-at-kink"})
def slope_one_at_zero(x, alpha):
    a = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    # right: return a, np.where(x > 0, 1.0, a + alpha)
    return a, np.where(x >= 0, 1.0, a + alpha)


# --- more of each -------------------------------------------------------------------------


@program("sigmoid", {"chain-lost"})
def quotient_rule_by_halves(x):
    e = np.exp(-x)
    a = 1 / (1 + e)
    # right: return a, a * (1 - a)
    return a, -1 / (1 + e) ** 2


@program("sigmoid", {"slope-is-value"})
def value_for_both(x):
    value = 1 / (1 + np.exp(-x))
    # right: slope = value * (1 - value)
    slope = value
    return value, slope


@program("sigmoid", {"order-swapped"})
def slope_before_value(x):
    a = 1 / (1 + np.exp(-x))
    # right: return a, a * (1 - a)
    return a * (1 - a), a


@program("tanh", {"sign-flipped"})
def square_minus_one(x):
    a = np.tanh(x)
    # right: return a, 1 - a**2
    return a, a**2 - 1


@program("tanh", {"tan"})
def tangent(x):
    # right: a = np.tanh(x)
    a = np.tan(x)
    return a, 1 - a * a


@program("tanh", {"cosh-not-squared"})
def one_over_cosh(x):
    a = np.tanh(x)
    # right: return a, 1 / np.cosh(np.clip(x, -300, 300)) ** 2
    return a, 1 / np.cosh(np.clip(x, -300, 300))


@program("softmax", {"not-divided"})
def exponentials_only(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    # right: F = e / e.sum(axis=1, keepdims=True)
    F = e
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program("softmax", {"sigmoid"})
def sigmoid_of_each_output(t):
    # right: e = np.exp(t - t.max(axis=1, keepdims=True))
    e = 1 / (1 + np.exp(-t))
    # right: F = e / e.sum(axis=1, keepdims=True)
    F = e
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program("softmax", {"sign-flipped"})
def jacobian_negated(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    F = e / e.sum(axis=1, keepdims=True)
    # right: return F, np.array([np.diag(f) - np.outer(f, f) for f in F])
    return F, np.array([np.outer(f, f) - np.diag(f) for f in F])


@program(
    "softmax",
    {
        "over-examples",
        "softmax-of-columns",
        "shift-by-column-max",
        "sum-over-examples",
        "shift-by-column-max+sum-over-examples",
        "*column*",
    },
)
def axis_zero_throughout(t):
    # right: e = np.exp(t - t.max(axis=1, keepdims=True))
    e = np.exp(t - t.max(axis=0, keepdims=True))
    # right: F = e / e.sum(axis=1, keepdims=True)
    F = e / e.sum(axis=0, keepdims=True)
    return F, np.array([np.diag(f) - np.outer(f, f) for f in F])


@program("relu", {"sign-of-x"})
def np_sign_for_the_slope(x):
    value = np.maximum(x, 0)
    # right: slope = np.sign(value)
    slope = np.sign(x)
    return value, slope


@program("relu", {"leaky"})
def a_little_leak(x):
    # right: leak = 0
    leak = 0.01
    return np.where(x > 0, x, leak * x), np.where(x > 0, 1, leak)


@program("relu", {"clipped-at-1"})
def clip_to_one(x):
    # right: value = np.clip(x, 0, np.inf)
    value = np.clip(x, 0, 1)
    return value, np.where(x > 0, 1.0, 0.0)


@program("leaky-relu", {"slope-alpha-fixed", "alpha-fixed-in-slope", "alpha-fixed"})
def slope_of_one_hundredth(x, alpha):
    value = np.where(x > 0, x, alpha * x)
    # right: slope = np.where(x > 0, 1.0, alpha)
    slope = np.where(x > 0, 1.0, 0.01)
    return value, slope


@program("leaky-relu", {"value-alpha"})
def alpha_without_x(x, alpha):
    # right: value = np.where(x > 0, x, alpha * x)
    value = np.where(x > 0, x, alpha)
    return value, np.where(x > 0, 1.0, alpha)


@program("leaky-relu", {"both-truncated", "value-truncated", "slope-truncated"})
def filled_in_integer_arrays(x, alpha):
    # right: value, slope = np.zeros(x.shape), np.ones(x.shape)
    value, slope = np.zeros_like(x), np.ones_like(x)
    for index in np.ndindex(x.shape):
        if x[index] > 0:
            value[index] = x[index]
        else:
            value[index] = alpha * x[index]
            slope[index] = alpha
    return value, slope


@program("elu", {"a-without-alpha"})
def value_for_the_slope_on_the_left(x, alpha):
    a = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    # right: return a, np.where(x > 0, 1.0, a + alpha)
    return a, np.where(x > 0, 1.0, a)


@program("elu", {"slope-of-leaky"})
def alpha_on_the_left(x, alpha):
    value = np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))
    # right: slope = np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))
    slope = np.where(x > 0, 1.0, alpha)
    return value, slope


@program("elu", {"alpha-in-exponent", "value-without-alpha", "alpha-in-exponent+*"})
def exponent_of_alpha_x(x, alpha):
    # right: left = alpha * (np.exp(np.minimum(x, 0)) - 1)
    left = np.exp(alpha * np.minimum(x, 0)) - 1
    slope = np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))
    return np.where(x > 0, x, left), slope


@program("elu", {"raises", "array-condition"}, says=r"np\.where")
def if_for_elu(x, alpha):
    # right: left = alpha * np.expm1(np.minimum(x, 0))
    left = x if x > 0 else alpha * np.expm1(x)
    return np.where(x > 0, x, left), np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))


@program("elu", {"minus-1-in-both-exponents"})
def one_taken_from_the_exponents(x, alpha):
    m = np.minimum(x, 0)
    # right: value = np.where(x > 0, x, alpha * (np.exp(m) - 1))
    value = np.where(x > 0, x, alpha * np.exp(m - 1))
    # right: return value, np.where(x > 0, 1, alpha * np.exp(m))
    return value, np.where(x > 0, 1, alpha * np.exp(m - 1))


@program("softmax", {"exp-of-shift-minus-t", "exp-of-minus-t"}, unsaid="smallest t of the row")
def minus_before_the_shifted_scores(t):
    shifted = t - t.max(axis=1, keepdims=True)
    # right: e = np.exp(shifted)
    e = np.exp(-shifted)
    a = e / e.sum(axis=1, keepdims=True)
    return a, a[:, :, None] * (np.eye(t.shape[1])[None] - a[:, None, :])


@program("softmax", {"last-example-only"})
def one_matrix_written_over(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    J = np.zeros((*t.shape, t.shape[1]))
    for i, row in enumerate(a):
        # right: J[i] = np.diagflat(row) - np.dot(row.reshape(-1, 1), row.reshape(1, -1))
        J[:] = np.diagflat(row) - np.dot(row.reshape(-1, 1), row.reshape(1, -1))
    return a, J


@program("sigmoid", {"double-x"})
def half_of_one_plus_tanh(x):
    # right: a = 0.5 * (1 + np.tanh(0.5 * x))
    a = 0.5 * (1 + np.tanh(x))
    return a, a * (1 - a)


@program("sigmoid", {"clipped", "*clipped*", "some-cases"}, specific={"clipped", "*clipped*"})
def x_kept_within_ten(x):
    # right: a = 0.5 * (1 + np.tanh(x / 2))
    a = 0.5 * (1 + np.tanh(np.clip(x, -10, 10) / 2))
    return a, a * (1 - a)


@program("softmax", {"epsilon-added", "not-exact"}, specific={"epsilon-added"})
def softmax_with_epsilon_below(t):
    e = np.exp(t - np.max(t, axis=1, keepdims=True))
    # right: a = e / np.sum(e, axis=1, keepdims=True)
    a = e / (np.sum(e, axis=1, keepdims=True) + 1e-8)
    return a, np.einsum("ik,kl->ikl", a, np.eye(t.shape[1])) - a[:, :, None] * a[:, None, :]


@program("softmax", {"squeezed", "wrong-shape"}, specific={"squeezed"})
def softmax_squeezed(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    J = np.array([np.diag(row) - np.outer(row, row) for row in a])
    # right: return a, J
    return np.squeeze(a), np.squeeze(J)


@program("elu", {"whole-division"})
def exponential_in_whole_steps(x, alpha):
    m = np.minimum(x, 0)
    # right: value = np.where(x > 0, x, alpha * np.expm1(m) / 1)
    value = np.where(x > 0, x, alpha * np.expm1(m) // 1)
    return value, np.where(x > 0, 1.0, alpha * np.exp(m))


@program("softmax", {"index-off", "*off-diagonal*", "*jacobian*"})
def jacobian_with_the_output_before(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    a = e / e.sum(axis=1, keepdims=True)
    N, K = t.shape
    J = np.zeros((N, K, K))
    for i in range(N):
        for k in range(K):
            for l in range(K):
                # right: J[i, k, l] = a[i, k] * ((k == l) - a[i, l])
                J[i, k, l] = a[i, k] * ((k == l) - a[i, l - 1])
    return a, J


@program("sigmoid", {"brackets", "*zero*"}, specific={"brackets"})
def a_times_one_minus_a_without_brackets(x):
    a = 0.5 * (1 + np.tanh(x / 2))
    # right: return a, a * (1 - a)
    return a, a * 1 - a


@program("tanh", {"stars"})
def one_star_in_the_slope(x):
    a = np.tanh(x)
    # right: return a, 1 - a**2
    return a, 1 - a * 2
