"""Section 0: a gradient found with no formula at all."""

import copy

import numpy as np

from tests.benchmarks.naming.program import program

NG = "numerical-gradient"


@program(NG, {"divided-by-h", "constant-factor"}, specific={"divided-by-h"})
def both_sides_over_h(f, params):
    params = np.array(params, dtype=float)
    grad = np.zeros_like(params)
    eps = 1e-5
    for index in np.ndindex(params.shape):
        plus = params.copy()
        minus = params.copy()
        plus[index] += eps
        minus[index] -= eps
        # right: grad[index] = (f(plus) - f(minus)) / (2 * eps)
        grad[index] = (f(plus) - f(minus)) / eps
    return grad


@program(NG, {"times-h"})
def brackets_forgotten_in_the_quotient(f, params):
    h = 1e-5
    w = params.astype(float)
    grad = np.zeros(w.shape)
    it = np.nditer(w, flags=["multi_index"])
    while not it.finished:
        i = it.multi_index
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        # right: grad[i] = (f(up) - f(down)) / (2 * h)
        grad[i] = (f(up) - f(down)) / 2 * h
        it.iternext()
    return grad


@program(NG, {"forward-1e-05"})
def one_sided(f, params):
    h = 1e-5
    x = np.array(params, dtype=np.float64)
    gradient = np.zeros(x.shape)
    base = f(x)
    for idx in np.ndindex(*x.shape):
        moved = x.copy()
        moved[idx] = moved[idx] + h
        # right: behind = x.copy()
        behind = base
        # right: behind[idx] -= h
        gradient[idx] = (f(moved) - behind) / h
        # missing: gradient[idx] = (f(moved) - f(behind)) / (2 * h)
    return gradient


@program(
    NG,
    {"forward-difference", "one-sided*", "not-near-enough"},
    specific={"forward-difference", "one-sided*"},
)
def one_sided_with_another_step(f, params):
    eps = 3e-5
    w = params.astype(float)
    g = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        w2 = w.copy()
        w2[i] += eps
        # right: g[i] = (f(w2) - f(2 * w - w2)) / (2 * eps)
        g[i] = (f(w2) - f(w)) / eps
    return g


@program(NG, {"central-1e-02"})
def wide_step(f, params):
    # right: h = 1e-5
    h = 0.01
    out = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        out[i] = (f(params + e) - f(params - e)) / (2 * h)
    return out


@program(NG, {"central-1e-12"})
def tiny_step(f, params):
    # right: h = 1e-5
    h = 1e-12
    flat = []
    for i in range(params.size):
        e = np.zeros(params.size)
        e[i] = h
        e = e.reshape(params.shape)
        flat.append((f(params + e) - f(params - e)) / (2 * h))
    return np.array(flat).reshape(params.shape)


@program(NG, {"not-put-back"})
def nudged_and_left_there(f, params):
    h = 1e-5
    w = params.astype(float).copy()
    grad = np.zeros(w.shape)
    for idx in np.ndindex(w.shape):
        w[idx] += h
        high = f(w.copy())
        w[idx] -= 2 * h
        low = f(w.copy())
        # missing: w[idx] += h
        grad[idx] = (high - low) / (2 * h)
    return grad


@program(NG, {"nudge-truncated"})
def copies_of_whole_numbers(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        # right: x1 = np.array(params, dtype=float)
        x1 = copy.deepcopy(params)
        # right: x2 = np.array(params, dtype=float)
        x2 = copy.deepcopy(params)
        x1[i] = params[i] + h
        x2[i] = params[i] - h
        grad[i] = (f(x1) - f(x2)) / (2 * h)
    return grad


@program(NG, {"gradient-truncated"})
def zeros_like_whole_numbers(f, params):
    step = 1e-5
    # right: grad = np.zeros_like(params, dtype=float)
    grad = np.zeros_like(params)
    for i in np.ndindex(params.shape):
        plus, minus = params.astype(float), params.astype(float)
        plus[i] += step
        minus[i] -= step
        grad[i] = (f(plus) - f(minus)) / (2 * step)
    return grad


@program(
    NG,
    {"in-place", "argument-changed", "nudge-truncated", "in-place+*"},
    specific={"in-place*", "argument-changed"},
)
def nudges_what_it_was_given(f, params):
    eps = 1e-5
    # missing: params = params.astype(float)
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        old = params[i]
        params[i] = old + eps
        high = f(params)
        params[i] = old - eps
        low = f(params)
        params[i] = old
        grad[i] = (high - low) / (2 * eps)
    return grad


@program(NG, {"rows-nudged"})
def nudges_rows(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    # right: for i in np.ndindex(params.shape):
    for i in range(len(params)):
        p = params.astype(float)
        q = params.astype(float)
        p[i] += h
        q[i] -= h
        grad[i] = (f(p) - f(q)) / (2 * h)
    return grad


@program(NG, {"all-at-once", "wrong-shape"}, specific={"all-at-once"})
def one_slope_for_all(f, params):
    h = 1e-5
    # right: parts = np.zeros(params.shape)
    slope = (f(params + h) - f(params - h)) / (2 * h)
    # missing: for i in np.ndindex(params.shape):
    # missing:     e = np.zeros(params.shape)
    # missing:     e[i] = h
    # missing:     parts[i] = (f(params + e) - f(params - e)) / (2 * h)
    # right: return parts
    return slope


@program(
    NG, {"all-zero", "aliased", "same-array-twice"}, specific={"aliased", "same-*", "all-zero"}
)
def two_names_for_one_array(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        plus = params.astype(float)
        # right: minus = params.astype(float)
        minus = plus
        plus[i] += h
        minus[i] -= h
        grad[i] = (f(plus) - f(minus)) / (2 * h)
    return grad


@program(NG, {"flat", "wrong-shape"}, specific={"flat"})
def list_of_slopes(f, params):
    h = 1e-5
    slopes = []
    for i in range(params.size):
        e = np.zeros(params.size)
        e[i] = h
        e = e.reshape(params.shape)
        slopes.append((f(params + e) - f(params - e)) / (2 * h))
    # right: return np.array(slopes).reshape(params.shape)
    return slopes


@program(NG, {"first-entry-only"})
def returns_after_the_first_entry(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        plus, minus = params.astype(float), params.astype(float)
        plus[i] += h
        minus[i] -= h
        grad[i] = (f(plus) - f(minus)) / (2 * h)
        # right:
        return grad
    # missing: return grad


@program(NG, {"sign-flipped"})
def backward_minus_forward(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        left = f(params - e)
        right = f(params + e)
        # right: grad[i] = (right - left) / (2 * h)
        grad[i] = (left - right) / (2 * h)
    return grad


@program(NG, {"one-side-over-2h", "constant-factor"}, specific={"one-side-over-2h"})
def forward_over_two_h(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        # right: grad[i] = (f(params + e) - f(params - e)) / (2 * h)
        grad[i] = (f(params + e) - f(params)) / (2 * h)
    return grad


@program(NG, {"raises", "power"}, says=r"\*\*")
def caret_for_power(f, params):
    # right: h = 10 ** -5.0
    h = 10.0 ^ -5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        grad[i] = (f(params + e) - f(params - e)) / (2 * h)
    return grad


@program(NG, {"last-entry-missing", "last-entry-left-out", "entry-last-wrong", "*last-zero*"})
def last_entry_left_out(f, params):
    h = 1e-5
    grad = np.zeros(params.size)
    # right: for j in range(params.size):
    for j in range(params.size - 1):
        e = np.zeros(params.size)
        e[j] = h
        e = e.reshape(params.shape)
        grad[j] = (f(params + e) - f(params - e)) / (2 * h)
    return grad.reshape(params.shape)


@program(NG, {"not-divided", "constant-factor"}, specific={"not-divided"})
def difference_only(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        # right: grad[i] = (f(params + e) - f(params - e)) / (2 * h)
        grad[i] = f(params + e) - f(params - e)
    return grad


@program(NG, {"relative-step"})
def step_in_proportion(f, params):
    w = params.astype(float)
    grad = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        # right: h = 1e-5
        h = 1e-5 * w[i]
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        grad[i] = (f(up) - f(down)) / (2 * h)
    return grad


@program(NG, {"copied-once"})
def copies_made_before_the_loop(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    plus, minus = params.astype(float), params.astype(float)
    for i in np.ndindex(params.shape):
        # missing: plus, minus = params.astype(float), params.astype(float)
        plus[i] += h
        minus[i] -= h
        grad[i] = (f(plus.copy()) - f(minus.copy())) / (2 * h)
    return grad


@program(NG, {"transposed"}, specific={"transposed"})
def transposed_at_the_end(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        grad[i] = (f(params + e) - f(params - e)) / (2 * h)
    # right: return grad
    return grad.T


@program(
    NG,
    {"sign-flipped", "divided-by-h", "sign-flipped+divided-by-h", "constant-factor"},
    specific={"sign-flipped*", "divided-by-h*"},
)
def two_faults_sign_and_h(f, params):
    h = 1e-5
    grad = np.zeros(params.shape)
    for i in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[i] = h
        # right: grad[i] = (f(params + e) - f(params - e)) / (2 * h)
        grad[i] = (f(params - e) - f(params + e)) / h
    return grad


@program("numerical-gradient", {"other-order", "*transposed*"})
def slopes_laid_out_column_by_column(f, params):
    h = 1e-5
    slopes = []
    for index in np.ndindex(params.shape):
        e = np.zeros(params.shape)
        e[index] = h
        slopes.append((f(params + e) - f(params - e)) / (2 * h))
    # right: return np.reshape(slopes, params.shape)
    return np.reshape(slopes, params.shape, order="F")


@program("confusion", {"index-off", "*"}, specific={"index-off"})
def predicted_of_the_one_before(actual, predicted, K):
    counts = np.zeros((K, K), dtype=int)
    for i in range(len(actual)):
        # right: counts[actual[i], predicted[i]] += 1
        counts[actual[i], predicted[i - 1]] += 1
    return counts
