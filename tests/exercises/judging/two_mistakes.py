"""Wrong answers as learners write them, each with two mistakes; and errors that nobody has listed.

They share no code with the library: each function is written out, and beside it stand the names
of the mistakes that it was written with.
"""

import numpy as np


def ones_before(a):
    return np.hstack([np.ones((len(a), 1)), a])


def softmax_delta(D, F):
    return F * (D - np.sum(F * D, axis=1, keepdims=True))


# --- sections 1 and 2.1 -------------------------------------------------------------------


def hidden_no_bias_and_tanh(X, alpha, sigma):
    return np.tanh(X @ alpha[:, 1:].T)


def hidden_loops_bias_last_and_transposed(X, alpha, sigma):
    Z = np.zeros((len(alpha), len(X)))
    for i in range(len(X)):
        for m in range(len(alpha)):
            Z[m, i] = sigma(alpha[m, -1] + sum(alpha[m, j] * X[i, j] for j in range(X.shape[1])))
    return Z


def output_bias_subtracted_and_swapped(Z, beta, g):
    T = Z @ beta[:, 1:].T - beta[:, 0]
    return g(T), T


def loss_halved_and_absolute(Y, F):
    return 0.5 * np.abs(Y - F).sum(axis=1)


def loss_mean_and_half(Y, F):
    return np.mean([0.5 * sum((y - f) ** 2) for y, f in zip(Y, F, strict=True)])


def eq4_half_and_bias_mean(Y, A, Z, T, F, g):
    delta = -(Y - F) * g.derivative(T)
    return np.column_stack([delta.mean(axis=0), delta.T @ Z])


def eq4_loops_no_slope_and_last(Y, A, Z, T, F, g):
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            out[k] = -2 * (Y[i, k] - F[i, k]) * np.array([1, *Z[i]])
    return out


def eq4_half_and_sign(Y, A, Z, T, F, g):
    return ((Y - F) * g.derivative(T)).T @ ones_before(Z)


def eq4_sign_and_transposed(Y, A, Z, T, F, g):
    delta = 2 * (Y - F) * g.derivative(T)
    return np.vstack([delta.sum(axis=0), Z.T @ delta])


def eq4_slope_at_f_and_a(Y, A, Z, T, F, g):
    return (-2 * (Y - F) * g.derivative(F)).T @ ones_before(A)


def eq5_no_slope_and_bias_column(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return (delta @ beta[:, :-1]).T @ ones_before(X)


def eq5_slope_at_z_and_mean(X, Y, A, Z, T, F, beta, sigma, g):
    delta = 2 * (F - Y) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(Z)
    return s.T @ ones_before(X) / len(X)


def eq6_half_and_gradient_first(Y, A, Z, T, F, g):
    delta = (F - Y) * g.derivative(T)
    return delta.T @ ones_before(Z), delta


def eq7_average_and_zero_bias(X, A, Z, delta, beta, sigma):
    s = np.zeros_like(Z)
    for i in range(len(Z)):
        for m in range(Z.shape[1]):
            s[i, m] = np.mean(delta[i] * beta[:, 1 + m]) * sigma.derivative(A[i, m])
    out = np.zeros((Z.shape[1], X.shape[1] + 1))
    out[:, 1:] = s.T @ X
    return out


def eq7_two_again_and_z(X, A, Z, delta, beta, sigma):
    s = 2 * (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ ones_before(Z)


# --- sections 2.2 and 2.3 -----------------------------------------------------------------


def eq8_half_and_plus(Y, A, Z, T, F, g):
    D = F - Y
    return (F * (D + np.sum(F * D, axis=1, keepdims=True))).T @ ones_before(Z)


def eq8_diagonal_and_averaged(Y, A, Z, T, F, g):
    return (2 * (F - Y) * F * (1 - F)).T @ ones_before(Z) / len(Y)


def eq9_sign_and_own_mask(X, Y, A, Z, T, F, beta, sigma, g):
    delta = softmax_delta(2 * (Y - F), F)
    back = delta @ beta[:, 1:]
    return (back * (back > 0)).T @ ones_before(X)


def eq10_wrong_axis_and_bias_last(Y, A, Z, T, F, g):
    D = 2 * (F - Y)
    delta = F * (D - np.sum(F * D, axis=0))
    return delta, delta.T @ np.hstack([Z, np.ones((len(Z), 1))])


def eq12_uphill_and_square(weights, gradient, gamma):
    return weights + gamma**2 * gradient


def eq12_rows_averaged_and_bias_left(weights, gradient, gamma):
    new = np.array(weights, dtype=float)
    new[:, 1:] -= gamma * gradient.mean(axis=0)[1:]
    return new


def eq13_half_and_swapped(X, Y, alpha, beta, sigma, g, gamma):
    A = ones_before(X) @ alpha.T
    Z = sigma(A)
    T = ones_before(Z) @ beta.T
    D = -(Y - g(T))
    delta = g.pull_back(D, T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return beta - gamma * delta.T @ ones_before(Z), alpha - gamma * s.T @ ones_before(X)


def eq13_new_beta_and_no_slope(X, Y, alpha, beta, sigma, g, gamma):
    A = ones_before(X) @ alpha.T
    Z = sigma(A)
    T = ones_before(Z) @ beta.T
    delta = g.pull_back(-2 * (Y - g(T)), T)
    beta = beta - gamma * delta.T @ ones_before(Z)
    s = delta @ beta[:, 1:]
    return alpha - gamma * s.T @ ones_before(X), beta


# --- section 3 ----------------------------------------------------------------------------


def eq14_averaged_and_bias_last(delta, inputs):
    return delta.T @ np.hstack([inputs, np.ones((len(inputs), 1))]) / len(delta)


def eq15_bias_sent_and_no_slope(inputs, A, delta, beta, sigma):
    s = delta @ beta[:, 1:] + delta @ beta[:, :1]
    return s.T @ ones_before(inputs)


def eq16_sigma_and_absolute(delta, weights, A, sigma):
    return (delta @ abs(weights[:, 1:])) * sigma(A)


def eq17_at_z_and_reversed(delta, alphas, beta, A, sigmas):
    s = []
    for weights, a, sigma in zip([beta, *alphas[:0:-1]], A[::-1], sigmas[::-1], strict=True):
        delta = (delta @ weights[:, 1:]) * sigma.derivative(sigma(a))
        s.append(delta)
    return s


def eq17_two_each_layer_and_first_missing(delta, alphas, beta, A, sigmas):
    above, s = [*alphas[1:], beta], []
    for d in range(len(A) - 1, 0, -1):
        delta = 2 * (delta @ above[d][:, 1:]) * sigmas[d].derivative(A[d])
        s.insert(0, delta)
    return s


def eq18_half_and_x_everywhere(X, Y, alphas, beta, sigmas, g):
    A, Z = [], [X]
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(ones_before(Z[-1]) @ alpha.T)
        Z.append(sigma(A[-1]))
    T = ones_before(Z[-1]) @ beta.T
    delta = above = g.pull_back(g(T) - Y, T)
    by_alphas = []
    for weights, a, sigma in zip([beta, *alphas[:0:-1]], A[::-1], sigmas[::-1], strict=True):
        above = (above @ weights[:, 1:]) * sigma.derivative(a)
        by_alphas.insert(0, above.T @ ones_before(X))
    return by_alphas, delta.T @ ones_before(Z[-1])


# --- section 4 and the others -------------------------------------------------------------


def sigmoid_minus_x_and_tanh_slope(x):
    a = 1 / (1 + np.exp(np.minimum(x, 700)))
    return a, 1 - a**2


def tanh_half_and_one_minus(x):
    a = np.tanh(x / 2)
    return a, 1 - a


def softmax_columns_and_sign(t):
    e = np.exp(t - t.max(axis=1, keepdims=True))
    g = e / e.sum(axis=0)
    return g, np.array([np.outer(row, row) - np.diag(row) for row in g])


def leaky_value_and_sides(x, alpha):
    return np.where(x > 0, x, -alpha * x), np.where(x > 0, alpha, 1.0)


def elu_no_one_and_slope_one(x, alpha):
    a = np.where(x > 0, x, alpha * np.exp(np.minimum(x, 0)))
    return a, np.where(x > 0, 1.0, a + 1)


def epoch_order_and_average(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(X), size):
        x, y = X[start : start + size], Y[start : start + size]
        by_alphas, by_beta = gradients(x, y, alphas, beta)
        alphas = [w - gamma * d / len(x) for w, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta / len(x)
    return alphas, beta


def counts_transposed_and_last(actual, predicted, K):
    counts = np.zeros((K, K))
    for i in range(len(actual) - 1):
        counts[predicted[i], actual[i]] += 1
    return counts


def gradient_by_h_and_flat(f, params):
    slopes = []
    for index in np.ndindex(params.shape):
        ahead, behind = np.array(params, dtype=float), np.array(params, dtype=float)
        ahead[index] += 1e-5
        behind[index] -= 1e-5
        slopes.append((f(ahead) - f(behind)) / 1e-5)
    return np.array(slopes)


WRITTEN = (
    ("hidden", hidden_no_bias_and_tanh, "bias-missing", "assumes-tanh"),
    ("hidden", hidden_loops_bias_last_and_transposed, "bias-last", "transposed"),
    ("output", output_bias_subtracted_and_swapped, "bias-subtracted", "order-swapped"),
    ("eq2", loss_halved_and_absolute, "halved", "absolute-error"),
    ("eq1", loss_mean_and_half, "halved", "averaged-over-N"),
    ("eq4", eq4_half_and_bias_mean, "no-factor-2", "bias-averaged"),
    ("eq4", eq4_loops_no_slope_and_last, "no-g-prime", "last-example-only"),
    ("eq4", eq4_half_and_sign, "no-factor-2", "sign-flipped"),
    ("eq4", eq4_sign_and_transposed, "sign-flipped", "transposed"),
    ("eq4", eq4_slope_at_f_and_a, "g-prime-at-F", "A-for-Z"),
    ("eq5", eq5_no_slope_and_bias_column, "no-sigma-prime", "bias-column-used"),
    ("eq5", eq5_slope_at_z_and_mean, "sigma-prime-at-Z", "averaged-over-N"),
    ("eq6", eq6_half_and_gradient_first, "no-factor-2", "gradient-first"),
    ("eq7", eq7_average_and_zero_bias, "outputs-averaged", "bias-zero"),
    ("eq7", eq7_two_again_and_z, "two-again", "Z-for-X"),
    ("eq8", eq8_half_and_plus, "no-factor-2", "product-with-plus"),
    ("eq8", eq8_diagonal_and_averaged, "diagonal-only", "averaged-over-N"),
    ("eq9", eq9_sign_and_own_mask, "sign-flipped", "mask-from-gradient"),
    ("eq10", eq10_wrong_axis_and_bias_last, "summed-over-examples", "bias-last"),
    ("eq12", eq12_uphill_and_square, "ascends", "gamma-twice"),
    ("eq12", eq12_rows_averaged_and_bias_left, "averaged-over-rows", "bias-not-updated"),
    ("eq13", eq13_half_and_swapped, "no-factor-2", "beta-returned-first"),
    ("eq13", eq13_new_beta_and_no_slope, "beta-updated-too-early", "no-sigma-prime"),
    ("eq14", eq14_averaged_and_bias_last, "averaged-over-N", "bias-last"),
    ("eq15", eq15_bias_sent_and_no_slope, "bias-sent-back", "no-sigma-prime"),
    ("eq16", eq16_sigma_and_absolute, "sigma-for-sigma-prime", "weights-absolute"),
    ("eq17", eq17_at_z_and_reversed, "sigma-prime-at-Z", "s-reversed"),
    ("eq17", eq17_two_each_layer_and_first_missing, "two-each-layer", "first-layer-missing"),
    ("eq18", eq18_half_and_x_everywhere, "no-factor-2", "X-for-every-layer"),
    ("sigmoid", sigmoid_minus_x_and_tanh_slope, "plus-x", "slope-of-tanh"),
    ("tanh", tanh_half_and_one_minus, "half-x", "one-minus-a"),
    ("softmax", softmax_columns_and_sign, "sum-over-examples", "sign-flipped"),
    ("leaky-relu", leaky_value_and_sides, "value-minus", "slope-wrong-side"),
    ("elu", elu_no_one_and_slope_one, "minus-1-missing", "a-plus-1"),
    ("one-epoch", epoch_order_and_average, "order-ignored", "averaged-over-batch"),
    ("confusion", counts_transposed_and_last, "transposed", "last-left-out"),
    ("numerical-gradient", gradient_by_h_and_flat, "divided-by-h", "flat"),
)
"""Exercise, function, and the two mistakes in it."""


# --- one error that is on no list ---------------------------------------------------------


def _delta(Y, T, F, g):
    return -2 * (Y - F) * g.derivative(T)


UNKNOWN = {
    "delta cubed": ("eq4", lambda Y, A, Z, T, F, g: _delta(Y, T, F, g).T ** 3 @ ones_before(Z)),
    "inputs squared": ("eq4", lambda Y, A, Z, T, F, g: _delta(Y, T, F, g).T @ ones_before(Z) ** 2),
    "T added": ("eq4", lambda Y, A, Z, T, F, g: _delta(Y, T, F, g).T @ ones_before(Z) + T.sum()),
    "factor 3": ("eq4", lambda Y, A, Z, T, F, g: 3 * _delta(Y, T, F, g).T @ ones_before(Z)),
    "columns reversed": (
        "eq4",
        lambda Y, A, Z, T, F, g: (_delta(Y, T, F, g).T @ ones_before(Z))[:, ::-1],
    ),
    "no 2, and 1/3": ("eq4", lambda Y, A, Z, T, F, g: _delta(Y, T, F, g).T @ ones_before(Z) / 6),
    "tanh of s": (
        "eq7",
        lambda X, A, Z, delta, beta, sigma: (
            np.tanh(delta @ beta[:, 1:] * sigma.derivative(A)).T @ ones_before(X)
        ),
    ),
    "a seventh of gamma": ("eq12", lambda weights, gradient, gamma: weights - gamma / 7 * gradient),
    "weights doubled": ("eq12", lambda weights, gradient, gamma: 2 * weights - gamma * gradient),
    "zeros": ("eq4", lambda Y, A, Z, T, F, g: np.zeros((Y.shape[1], Z.shape[1] + 1))),
    "ones": ("eq4", lambda Y, A, Z, T, F, g: np.ones((Y.shape[1], Z.shape[1] + 1))),
    "NaN": ("eq4", lambda Y, A, Z, T, F, g: np.full((Y.shape[1], Z.shape[1] + 1), np.nan)),
    "zeros of relu": ("relu", lambda x: (0 * x, 0 * x)),
    "zeros of counts": ("confusion", lambda actual, predicted, K: np.zeros((K, K))),
    "counts of one kind": ("confusion", lambda actual, predicted, K: np.full((K, K), 1)),
    "one raised": ("eq4", lambda *a: np.zeros((2, 3)) @ np.zeros((2, 3))),
}
