"""Section 2.1: gradients where output k looks at its own t_k alone."""

import math

import numpy as np

from bplab.activations import sigmoid, tanh
from tests.benchmarks.naming.program import program

# --- eq4 ----------------------------------------------------------------------------------


@program("eq4", {"no-factor-2", "constant-factor"}, specific={"no-factor-2"})
def two_forgotten_in_loops(Y, A, Z, T, F, g):
    N = len(Y)
    K = len(Y[0])
    M = len(Z[0])
    grad = np.zeros((K, M + 1))
    for i in range(N):
        for k in range(K):
            error = Y[i][k] - F[i][k]
            slope = g.derivative(T[i][k])
            # right: d = -2 * error * slope
            d = -error * slope
            grad[k][0] += d
            for m in range(M):
                grad[k][m + 1] += d * Z[i][m]
    return grad


@program("eq4", {"sign-flipped"})
def error_the_other_way_round(Y, A, Z, T, F, g):
    # right: err = F - Y
    err = Y - F
    d = 2 * err * g.derivative(T)
    ones = np.ones((Z.shape[0], 1))
    Z1 = np.hstack((ones, Z))
    return np.dot(d.T, Z1)


@program("eq4", {"g-prime-at-F"})
def derivative_of_the_activation(Y, A, Z, T, F, g):
    output_error = -2 * (Y - F)
    # right: output_delta = output_error * g.derivative(T)
    output_delta = output_error * g.derivative(F)
    grads = []
    for k in range(Y.shape[1]):
        row = [sum(output_delta[:, k])]
        for m in range(Z.shape[1]):
            row.append(sum(output_delta[:, k] * Z[:, m]))
        grads.append(row)
    return np.array(grads)


@program("eq4", {"assumes-sigmoid-output"})
def out_times_one_minus_out(Y, A, Z, T, F, g):
    def sigmoid_derivative(out):
        return out * (1 - out)

    # right: dE_dt = -2 * (Y - F) * g.derivative(T)
    dE_dt = -2 * (Y - F) * sigmoid_derivative(F)
    dW = dE_dt.T @ Z
    db = dE_dt.sum(axis=0)
    return np.column_stack((db, dW))


@program("eq4", {"sigmoid-prime-at-T"})
def sigmoid_formula_on_the_net_input(Y, A, Z, T, F, g):
    def deriv(x):
        return x * (1 - x)

    # right: delta = 2 * (F - Y) * g.derivative(T)
    delta = 2 * (F - Y) * deriv(T)
    return np.c_[delta.sum(0), delta.T.dot(Z)]


@program("eq4", {"bias-averaged", "bias-wrong"}, specific={"bias-averaged"})
def bias_by_mean(Y, A, Z, T, F, g):
    dT = -2 * (Y - F) * g.derivative(T)
    dbeta = np.empty((Y.shape[1], Z.shape[1] + 1))
    # right: dbeta[:, 0] = np.sum(dT, axis=0)
    dbeta[:, 0] = np.mean(dT, axis=0)
    dbeta[:, 1:] = dT.T @ Z
    return dbeta


@program("eq4", {"bias-one-number", "bias-wrong"}, specific={"bias-one-number"})
def sum_without_axis(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    out = np.zeros((delta.shape[1], Z.shape[1] + 1))
    # right: out[:, 0] = np.sum(delta, axis=0)
    out[:, 0] = np.sum(delta)
    out[:, 1:] = np.einsum("ik,im->km", delta, Z)
    return out


@program("eq4", {"bias-zero", "bias-wrong"}, specific={"bias-zero"})
def bias_column_never_filled(Y, A, Z, T, F, g):
    grad_beta = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            delta = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            # missing: grad_beta[k, 0] += delta
            for m in range(1, Z.shape[1] + 1):
                grad_beta[k, m] += delta * Z[i, m - 1]
    return grad_beta


@program("eq4", {"last-example-only", "i-last-only"})
def equals_for_plus_equals(Y, A, Z, T, F, g):
    K, M = Y.shape[1], Z.shape[1]
    result = np.zeros((K, M + 1))
    for i in range(len(Y)):
        z = np.append(1, Z[i])
        for k in range(K):
            for m in range(M + 1):
                # right: result[k, m] += -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k]) * z[m]
                result[k, m] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k]) * z[m]
    return result


@program("eq4", {"first-example-only", "i-first-only"})
def return_in_the_loop(Y, A, Z, T, F, g):
    grad = np.zeros((Y.shape[1], 1 + Z.shape[1]))
    for y, z, t, f in zip(Y, Z, T, F, strict=True):
        delta = -2 * (y - f) * g.derivative(t)
        grad = grad + np.outer(delta, np.concatenate(([1], z)))
        # right:
        return grad
    # missing: return grad


@program("eq4", {"m-last-zero*", "column-last-wrong"})
def one_weight_short(Y, A, Z, T, F, g):
    N, K, M = Y.shape[0], Y.shape[1], Z.shape[1]
    grad = np.zeros((K, M + 1))
    for k in range(K):
        for i in range(N):
            delta = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += delta
            # right: for m in range(1, M + 1):
            for m in range(1, M):
                grad[k, m] += delta * Z[i, m - 1]
    return grad


@program("eq4", {"k-last-zero*", "row-last-wrong"})
def one_output_short(Y, A, Z, T, F, g):
    N, K, M = Y.shape[0], Y.shape[1], Z.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(N):
        # right: for k in range(K):
        for k in range(K - 1):
            delta = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += delta
            for m in range(M):
                grad[k, m + 1] += delta * Z[i, m]
    return grad


@program("eq4", {"i-first-left-out"})
def counts_examples_from_one(Y, A, Z, T, F, g):
    N, K = Y.shape
    grad = np.zeros((K, Z.shape[1] + 1))
    # right: for i in range(N):
    for i in range(1, N):
        delta = np.zeros(K)
        for k in range(K):
            delta[k] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
        grad[:, 0] += delta
        grad[:, 1:] += np.outer(delta, Z[i])
    return grad


@program("eq4", {"averaged-over-N"})
def divided_by_m(Y, A, Z, T, F, g):
    m = Y.shape[0]
    dZ2 = 2 * (F - Y) * g.derivative(T)
    dW2 = np.dot(dZ2.T, Z)
    db2 = np.sum(dZ2, axis=0, keepdims=True)
    grads = np.concatenate((db2.T, dW2), axis=1)
    # right: return grads
    return (1.0 / m) * grads


@program("eq4", {"A-for-Z"})
def pre_activation_for_activation(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: hidden_with_bias = np.hstack([np.ones((Z.shape[0], 1)), Z])
    hidden_with_bias = np.hstack([np.ones((A.shape[0], 1)), A])
    return delta.T @ hidden_with_bias


@program("eq4", {"transposed"}, specific={"transposed"})
def inputs_times_delta(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    Zb = np.insert(Z, 0, 1, axis=1)
    # right: return delta.T @ Zb
    return Zb.T @ delta


@program("eq4", {"bias-last"})
def ones_appended_at_the_end(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    ones = np.ones((len(Z), 1))
    # right: Zb = np.append(ones, Z, axis=1)
    Zb = np.append(Z, ones, axis=1)
    return np.matmul(delta.T, Zb)


@program("eq4", {"integers-truncated", "delta-truncated"})
def zeros_like_the_targets(Y, A, Z, T, F, g):
    # right: delta = np.zeros(Y.shape)
    delta = np.zeros_like(Y)
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            delta[i, k] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"no-g-prime", "no-factor-2", "cross-entropy-shortcut"})
def prediction_minus_target(Y, A, Z, T, F, g):
    # right: delta = 2 * (F - Y) * g.derivative(T)
    delta = F - Y
    grad_w = delta.T @ Z
    grad_b = np.sum(delta, axis=0).reshape(-1, 1)
    return np.concatenate([grad_b, grad_w], axis=1)


@program("eq4", {"sigmoid-for-g", "captured*"})
def notebooks_sigmoid(Y, A, Z, T, F, g):
    delta = -2 * (Y - F)
    # right: delta = delta * g.derivative(T)
    delta = delta * sigmoid.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"bias-subtracted", "bias-sign-flipped", "bias-wrong"}, specific={"bias-s*"})
def bias_with_a_minus(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: db = delta.sum(axis=0)
    db = -delta.sum(axis=0)
    return np.column_stack([db, delta.T @ Z])


@program(
    "eq4",
    {"k-not-reset*", "delta-not-reset*", "delta-*-not-reset*"},
    unsaid="one step off",
)
def delta_never_reset(Y, A, Z, T, F, g):
    K, M = Y.shape[1], Z.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(Y.shape[0]):
        d = 0
        for k in range(K):
            # missing: d = 0
            d += -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += d
            for m in range(M):
                grad[k, m + 1] += d * Z[i, m]
    return grad


@program("eq4", {"i-last-only", "last-example-only"})
def zeros_made_in_the_loop(Y, A, Z, T, F, g):
    K = Y.shape[1]
    M = Z.shape[1]
    # missing: grad = np.zeros((K, M + 1))
    for i in range(Y.shape[0]):
        # right:
        grad = np.zeros((K, M + 1))
        for k in range(K):
            delta_ik = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += delta_ik
            grad[k, 1:] += delta_ik * Z[i]
    return grad


@program("eq4", {"raises", "method-without-brackets", "function-as-number"}, says=r"bracket|\(\)")
def sum_without_brackets(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: bias = delta.sum(axis=0)
    bias = delta.sum
    return np.column_stack([bias * np.ones(delta.shape[1]), delta.T @ Z])


@program("eq4", {"raises", "matmul-shapes"}, says=r"\(\d+, \d+\)")
def delta_times_Z_without_transpose(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: return np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return np.column_stack([delta.sum(axis=0), delta @ Z])


@program("eq4", {"raises", "returns-nothing"}, specific={"returns-nothing"})
def return_forgotten(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    grad = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: return grad
    print(grad)


@program("eq4", {"no-factor-2+averaged-over-N", "no-factor-2", "averaged-over-N"})
def half_mean_squared_error(Y, A, Z, T, F, g):
    n_samples = len(Y)
    # right: delta = 2 * (F - Y) * g.derivative(T)
    delta = (F - Y) * g.derivative(T)
    # right: dW = delta.T @ Z
    dW = delta.T @ Z / n_samples
    # right: db = delta.sum(axis=0)
    db = delta.mean(axis=0)
    return np.column_stack([db, dW])


@program("eq4", {"sign-flipped", "bias-last"})
def two_faults_sign_and_bias_last(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = 2 * (Y - F) * g.derivative(T)
    weights = delta.T @ Z
    bias = np.sum(delta, axis=0)[:, np.newaxis]
    # right: return np.hstack((bias, weights))
    return np.hstack((weights, bias))


@program(
    "eq4",
    {"averaged-over-N-squared", "averaged-over-N", "constant-factor"},
    specific={"averaged-over-N-squared", "constant-factor"},
    says="N²",
)
def mean_of_the_mean(Y, A, Z, T, F, g):
    N = Y.shape[0]
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = -2 * (Y - F) * g.derivative(T) / N
    # right: return np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return np.column_stack([delta.sum(axis=0), delta.T @ Z]) / N


@program("eq4", {"stale-global", "stale*"}, leftovers={"delta": np.full((5, 3), 0.25)})
def delta_of_another_cell(Y, A, Z, T, F, g):
    # right: delta_out = -2 * (Y - F) * g.derivative(T)
    delta_out = -2 * (Y - F) * g.derivative(T)
    # right: bias = delta_out.sum(axis=0)
    bias = delta.sum(axis=0)[0] * np.ones(Y.shape[1])
    return np.column_stack([bias, delta_out.T @ Z])


@program("eq4", {"square-kept", "residual-squared", "error-squared"})
def squared_error_for_the_error(Y, A, Z, T, F, g):
    # right: loss_slope = -2 * (Y - F)
    loss_slope = -2 * (Y - F) ** 2
    delta = loss_slope * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"g-for-g-prime"})
def activation_of_T_for_its_slope(Y, A, Z, T, F, g):
    delta = np.zeros((len(Y), Y.shape[1]))
    for n in range(len(Y)):
        # right: delta[n, :] = 2 * (F[n] - Y[n]) * g.derivative(T[n])
        delta[n, :] = 2 * (F[n] - Y[n]) * g(T[n])
    return np.concatenate([delta.sum(0)[:, None], delta.T @ Z], 1)


@program("eq4", {"bias-halved", "bias-no-factor-2", "bias-wrong"}, specific={"bias-halved", "*-2"})
def two_in_the_weights_only(Y, A, Z, T, F, g):
    error = (F - Y) * g.derivative(T)
    dW = 2 * np.dot(error.T, Z)
    # right: db = 2 * np.sum(error, axis=0)
    db = np.sum(error, axis=0)
    return np.column_stack([db, dW])


@program("eq4", {"examples-crossed", "*crossed*", "weights-wrong"}, specific={"*crossed*"})
def einsum_with_two_letters_for_examples(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: dW = np.einsum("ik,im->km", delta, Z)
    dW = np.einsum("ik,jm->km", delta, Z)
    db = np.einsum("ik->k", delta)
    return np.column_stack([db, dW])


@program("eq4", {"numerical-derivative", "not-exact", "finite-difference*"})
def slope_of_g_by_differences(Y, A, Z, T, F, g):
    h = 1e-4
    # right: slope = g.derivative(T)
    slope = (g(T + h) - g(T - h)) / (2 * h)
    delta = -2 * (Y - F) * slope
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program(
    "eq4",
    {"rounded", "*round*", "not-exact*"},
    specific={"*round*"},
    unsaid="finite difference|single precision",
)
def rounded_to_six_digits(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    grad = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: return grad
    return np.round(grad, 6)


@program("eq4", {"raises", "matmul-shapes"}, says=r"\(\d+, \d+\)")
def matrix_product_for_entrywise(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = -2 * (Y - F) @ g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"raises", "index-out-of-range"}, says=r"index|last of")
def loops_to_the_wrong_size(Y, A, Z, T, F, g):
    N, K, M = Y.shape[0], Y.shape[1], Z.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(N):
        for k in range(K):
            delta = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += delta
            for m in range(1, M + 1):
                # right: grad[k, m] += delta * Z[i, m - 1]
                grad[k, m] += delta * Z[i, m]
    return grad


@program("eq4", {"raises", "none", "in-place-result"}, says="None")
def append_gives_nothing_back(Y, A, Z, T, F, g):
    rows = []
    delta = -2 * (Y - F) * g.derivative(T)
    for k in range(Y.shape[1]):
        row = [delta[:, k].sum()]
        # right: row.extend(delta[:, k] @ Z)
        row = row.extend(delta[:, k] @ Z)
        rows.append(np.array(row) * 1.0)
    return np.array(rows)


@program("eq4", {"raises", "no-value-yet"}, says="value")
def sum_not_begun(Y, A, Z, T, F, g):
    # missing: total = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        delta = -2 * (Y[i] - F[i]) * g.derivative(T[i])
        total += np.outer(delta, np.append(1, Z[i]))
    return total


@program("eq4", {"raises", "join-without-brackets", "axis-type"}, says=r"list|brackets")
def hstack_without_a_list(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: Zb = np.hstack([np.ones((len(Z), 1)), Z])
    Zb = np.hstack(np.ones((len(Z), 1)), Z)
    return delta.T @ Zb


@program("eq4", {"raises", "shape-without-brackets"}, says="bracket|tuple")
def zeros_without_inner_brackets(Y, A, Z, T, F, g):
    K, M = Y.shape[1], Z.shape[1]
    # right: grad = np.zeros((K, M + 1))
    grad = np.zeros(K, M + 1)
    delta = -2 * (Y - F) * g.derivative(T)
    grad[:, 0] = delta.sum(axis=0)
    grad[:, 1:] = delta.T @ Z
    return grad


@program("eq4", {"residual-dropped"})
def only_the_slope(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = g.derivative(T)
    out = np.ones((Y.shape[1], Z.shape[1] + 1))
    out[:, 0] = delta.sum(0)
    out[:, 1:] = np.tensordot(delta, Z, axes=(0, 0))
    return out


@program("eq4", {"no-factor-2", "bias-zero"})
def two_faults_half_and_no_bias(Y, A, Z, T, F, g):
    # right: delta = 2 * (F - Y) * g.derivative(T)
    delta = (F - Y) * g.derivative(T)
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    grad[:, 1:] = delta.T @ Z
    # missing: grad[:, 0] = delta.sum(axis=0)
    return grad


@program("eq4", {"g-prime-at-F", "averaged-over-N"})
def two_faults_slope_at_F_and_mean(Y, A, Z, T, F, g):
    m = len(Y)
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = -2 * (Y - F) * g.derivative(F)
    # right: return delta.T @ np.c_[np.ones(m), Z]
    return delta.T @ np.c_[np.ones(m), Z] / m


@program("eq4", {"remembers"}, specific={"remembers"})
def adds_to_a_default_argument(Y, A, Z, T, F, g, seen=[]):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: seen = [delta]
    seen.append(delta)
    delta = sum(s.sum() for s in seen) * 0 + delta * len(seen)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


# --- eq5 ----------------------------------------------------------------------------------


@program("eq5", {"no-sigma-prime"})
def hidden_slope_forgotten(X, Y, A, Z, T, F, beta, sigma, g):
    output_delta = -2 * (Y - F) * g.derivative(T)
    hidden_error = output_delta.dot(beta[:, 1:])
    # right: hidden_delta = hidden_error * sigma.derivative(A)
    hidden_delta = hidden_error
    X1 = np.hstack((np.ones((X.shape[0], 1)), X))
    return hidden_delta.T.dot(X1)


@program("eq5", {"sigma-prime-at-Z"})
def hidden_slope_at_the_output(X, Y, A, Z, T, F, beta, sigma, g):
    grad = np.zeros((Z.shape[1], X.shape[1] + 1))
    for i in range(X.shape[0]):
        x = np.concatenate(([1.0], X[i]))
        for m in range(Z.shape[1]):
            total = 0.0
            for k in range(Y.shape[1]):
                total += -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k]) * beta[k, m + 1]
            # right: total *= sigma.derivative(A[i, m])
            total *= sigma.derivative(Z[i, m])
            grad[m] += total * x
    return grad


@program("eq5", {"assumes-sigmoid-hidden"})
def hidden_z_times_one_minus_z(X, Y, A, Z, T, F, beta, sigma, g):
    l2_error = 2 * (F - Y)
    l2_delta = l2_error * g.derivative(T)
    l1_error = l2_delta @ beta[:, 1:]
    # right: l1_delta = l1_error * sigma.derivative(A)
    l1_delta = l1_error * (Z * (1 - Z))
    return np.column_stack([l1_delta.sum(axis=0), l1_delta.T @ X])


@program("eq5", {"bias-column-used"})
def beta_off_by_one(X, Y, A, Z, T, F, beta, sigma, g):
    N, p = X.shape
    M = Z.shape[1]
    K = Y.shape[1]
    result = np.zeros((M, p + 1))
    for i in range(N):
        for m in range(M):
            s = 0
            for k in range(K):
                delta = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
                # right: s += delta * beta[k, m + 1]
                s += delta * beta[k, m]
            s *= sigma.derivative(A[i, m])
            result[m, 0] += s
            for l in range(p):
                result[m, l + 1] += s * X[i, l]
    return result


@program("eq5", {"no-g-prime", "residual-sent-back"})
def raw_error_sent_back(X, Y, A, Z, T, F, beta, sigma, g):
    error = -2 * (Y - F)
    # right: back = (error * g.derivative(T)) @ beta[:, 1:]
    back = error @ beta[:, 1:]
    s = back * sigma.derivative(A)
    Xb = np.insert(X, 0, 1, axis=1)
    return s.T @ Xb


@program("eq5", {"k-last-only", "last-output-only"})
def only_last_output_counts(X, Y, A, Z, T, F, beta, sigma, g):
    M, p = Z.shape[1], X.shape[1]
    grad = np.zeros((M, p + 1))
    for i in range(X.shape[0]):
        for m in range(M):
            for k in range(Y.shape[1]):
                # right: back = 0.0 if k == 0 else back
                back = 0.0
                back += -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k]) * beta[k, m + 1]
            s = back * sigma.derivative(A[i, m])
            grad[m, 0] += s
            for l in range(p):
                grad[m, l + 1] += s * X[i, l]
    return grad


@program("eq5", {"k-last-left-out"})
def range_k_minus_one(X, Y, A, Z, T, F, beta, sigma, g):
    s = np.zeros(A.shape)
    for i in range(X.shape[0]):
        for m in range(A.shape[1]):
            # right: for k in range(0, Y.shape[1]):
            for k in range(0, Y.shape[1] - 1):
                s[i, m] += -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k]) * beta[k, m + 1]
            s[i, m] *= sigma.derivative(A[i, m])
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"l-last-zero*", "column-last-wrong"})
def last_feature_forgotten(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    M, p = A.shape[1], X.shape[1]
    grad = np.zeros((M, p + 1))
    for m in range(M):
        for i in range(len(X)):
            grad[m, 0] += s[i, m]
            # right: for l in range(1, p + 1):
            for l in range(1, p):
                grad[m, l] += s[i, m] * X[i, l - 1]
    return grad


@program("eq5", {"Z-for-X"})
def hidden_output_for_input(X, Y, A, Z, T, F, beta, sigma, g):
    delta = 2 * (F - Y) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: inputs = X
    inputs = Z
    return np.column_stack([s.sum(axis=0), s.T @ inputs])


@program("eq5", {"tanh-for-sigma", "captured*"})
def notebooks_tanh(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    back = delta @ beta[:, 1:]
    # right: s = back * sigma.derivative(A)
    s = back * tanh.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"bias-sent-back"})
def bias_weight_in_the_sum(X, Y, A, Z, T, F, beta, sigma, g):
    N, M, K = len(X), A.shape[1], beta.shape[0]
    delta = -2 * (Y - F) * g.derivative(T)
    s = np.zeros((N, M))
    for i in range(N):
        for m in range(M):
            back = 0
            for k in range(K):
                # right: back += delta[i, k] * beta[k, m + 1]
                back += delta[i, k] * (beta[k, 0] + beta[k, m + 1])
            s[i, m] = back * sigma.derivative(A[i, m])
    ones = np.ones((N, 1))
    return s.T @ np.hstack([ones, X])


@program("eq5", {"no-factor-2", "constant-factor"}, specific={"no-factor-2"})
def einsum_without_two(X, Y, A, Z, T, F, beta, sigma, g):
    X1 = np.concatenate([np.ones((len(X), 1)), X], axis=1)
    # right: D = 2 * (F - Y)
    D = F - Y
    return np.einsum("ik,ik,km,im,il->ml", D, g.derivative(T), beta[:, 1:], sigma.derivative(A), X1)


@program("eq5", {"mask-from-gradient"})
def relu_backward_by_the_gradients_sign(X, Y, A, Z, T, F, beta, sigma, g):
    dT = -2 * (Y - F) * g.derivative(T)
    dZ = dT.dot(beta[:, 1:])
    # right: dA = dZ * sigma.derivative(A)
    dA = np.where(dZ > 0, dZ, 0)
    return np.vstack([dA.sum(axis=0), X.T.dot(dA)]).T


@program("eq5", {"raises", "matmul-shapes", "bias-column-kept"}, says=r"bias|\(\d+, \d+\)")
def whole_beta_sent_back(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    s = (delta @ beta) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program(
    "eq5",
    {
        "activations-swapped",
    },
)
def g_slope_used_twice(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    s = (delta @ beta[:, 1:]) * g.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"argument-changed"}, specific={"argument-changed"})
def derivative_in_place(X, Y, A, Z, T, F, beta, sigma, g):
    # right: error = F - Y
    error = F
    # right:
    error -= Y
    delta = 2 * error * g.derivative(T)
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"weights-left-out"})
def deltas_summed_without_weights(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = np.zeros_like(A)
    for m in range(A.shape[1]):
        for k in range(beta.shape[0]):
            # right: s[:, m] += delta[:, k] * beta[k, m + 1]
            s[:, m] += delta[:, k]
    s = s * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"examples-summed-too-early", "summed-too-early", "*too-early", "*crossed*"})
def signal_summed_before_the_slope(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: back = delta @ beta[:, 1:]
    back = (delta @ beta[:, 1:]).sum(axis=0)
    s = back * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"no-sigma-prime", "bias-column-used"})
def two_faults_no_slope_and_wrong_columns(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: back = delta @ beta[:, 1:]
    back = delta @ beta[:, :-1]
    # right: s = back * sigma.derivative(A)
    s = back
    X1 = np.hstack([np.ones((len(X), 1)), X])
    return s.T @ X1


@program("eq5", {"no-factor-2", "sigma-prime-at-Z"})
def two_faults_half_and_slope_at_Z(X, Y, A, Z, T, F, beta, sigma, g):
    # right: delta = 2 * (F - Y) * g.derivative(T)
    delta = (F - Y) * g.derivative(T)
    # right: s = delta.dot(beta[:, 1:]) * sigma.derivative(A)
    s = delta.dot(beta[:, 1:]) * sigma.derivative(Z)
    return np.column_stack([s.sum(axis=0), s.T.dot(X)])


@program("eq5", {"raises", "matmul-shapes", "beta-not-transposed"}, says=r"\(\d+, \d+\)|transpose")
def beta_transposed_without_need(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: error_hidden = np.dot(delta, beta[:, 1:])
    error_hidden = np.dot(delta, beta[:, 1:].T)
    s = error_hidden * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"delta-dropped", "residual-dropped-hidden"})
def slopes_alone(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    back = delta @ beta[:, 1:]
    # right: s = back * sigma.derivative(A)
    s = sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"bias-averaged", "bias-wrong"}, specific={"bias-averaged"})
def hidden_bias_by_mean(X, Y, A, Z, T, F, beta, sigma, g):
    dz2 = 2 * (F - Y) * g.derivative(T)
    dz1 = dz2 @ beta[:, 1:] * sigma.derivative(A)
    dW1 = dz1.T @ X
    # right: db1 = np.sum(dz1, axis=0, keepdims=True)
    db1 = np.mean(dz1, axis=0, keepdims=True)
    return np.hstack([db1.T, dW1])


@program("eq5", {"sign-flipped"})
def wrong_sign_on_the_way_back(X, Y, A, Z, T, F, beta, sigma, g):
    grad = {}
    for m in range(A.shape[1]):
        row = np.zeros(X.shape[1] + 1)
        for i in range(len(X)):
            # right: d = -2 * (Y[i] - F[i]) * g.derivative(T[i])
            d = 2 * (Y[i] - F[i]) * g.derivative(T[i])
            row += np.dot(d, beta[:, m + 1]) * sigma.derivative(A[i, m]) * np.append(1, X[i])
        grad[m] = row
    return np.array([grad[m] for m in sorted(grad)])


# --- eq6 ----------------------------------------------------------------------------------


@program("eq6", {"gradient-first"})
def gradient_before_delta(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    grad = np.column_stack([np.sum(delta, axis=0), np.dot(delta.T, Z)])
    # right: return delta, grad
    return grad, delta


@program("eq6", {"g-prime-twice"})
def slope_multiplied_again(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    for i in range(len(delta)):
        # right:
        delta[i] = delta[i] * g.derivative(T[i])
        delta[i] = delta[i]
    grad = delta.T @ np.hstack([np.ones((len(Z), 1)), Z])
    return delta, grad


@program("eq6", {"bias-zero", "bias-wrong", "ones-missing"}, specific={"bias-zero"})
def weights_only(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    grad_beta = np.zeros((Y.shape[1], Z.shape[1] + 1))
    # missing: grad_beta[:, 0] = delta.sum(axis=0)
    for k in range(Y.shape[1]):
        for m in range(Z.shape[1]):
            grad_beta[k, m + 1] = np.sum(delta[:, k] * Z[:, m])
    return delta, grad_beta


@program("eq6", {"delta-transposed"})
def delta_with_outputs_as_rows(Y, A, Z, T, F, g):
    K, N = Y.shape[1], Y.shape[0]
    delta = np.zeros((K, N))
    for k in range(K):
        for i in range(N):
            delta[k, i] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
    grad = np.hstack([delta.sum(axis=1).reshape(K, 1), delta @ Z])
    # right: return delta.T, grad
    return delta, grad


@program("eq6", {"sign-flipped"})
def delta_uphill(Y, A, Z, T, F, g):
    error = Y - F
    # right: delta = -2 * error * g.derivative(T)
    delta = 2 * error * g.derivative(T)
    grad = sum(np.outer(delta[i], np.r_[1, Z[i]]) for i in range(len(Y)))
    return delta, grad


@program("eq6", {"averaged-over-N"})
def gradient_is_a_mean(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    rows = []
    for i in range(len(Y)):
        rows.append(np.outer(delta[i], np.insert(Z[i], 0, 1)))
    # right: return delta, np.sum(rows, axis=0)
    return delta, np.mean(rows, axis=0)


@program("eq6", {"delta-summed"})
def delta_of_all_examples(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    grad = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: return delta, grad
    return delta.sum(axis=0), grad


@program("eq6", {"no-factor-2", "constant-factor"}, specific={"no-factor-2"})
def half_of_delta(Y, A, Z, T, F, g):
    delta = np.empty(Y.shape)
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            # right: delta[i, k] = 2 * (F[i, k] - Y[i, k]) * g.derivative(T[i, k])
            delta[i, k] = (F[i, k] - Y[i, k]) * g.derivative(T[i, k])
            grad[k, 0] += delta[i, k]
            for m in range(Z.shape[1]):
                grad[k, m + 1] += delta[i, k] * Z[i, m]
    return delta, grad


@program("eq6", {"gradient-from-residual", "gradient-without-g-prime", "no-g-prime"})
def slope_in_delta_but_not_in_the_gradient(Y, A, Z, T, F, g):
    error = -2 * (Y - F)
    delta = error * g.derivative(T)
    # right: grad = delta.T @ np.insert(Z, 0, 1, axis=1)
    grad = error.T @ np.insert(Z, 0, 1, axis=1)
    return delta, grad


@program("eq6", {"i-last-left-out-of-delta", "i-last-zero*", "*last-zero*", "row-last-wrong"})
def last_delta_stays_zero(Y, A, Z, T, F, g):
    delta = np.zeros(Y.shape)
    # right: for i in range(len(Y)):
    for i in range(len(Y) - 1):
        delta[i] = -2 * (Y[i] - F[i]) * g.derivative(T[i])
    grad = delta.T @ np.insert(Z, 0, 1, axis=1)
    return delta, grad


@program("eq6", {"bias-last"})
def delta_right_bias_behind(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    dW = delta.T @ Z
    db = delta.sum(axis=0)
    # right: return delta, np.column_stack((db, dW))
    return delta, np.column_stack((dW, db))


# --- eq7 and eq11: the same function ------------------------------------------------------


@program("eq7 eq11", {"sigma-for-sigma-prime"})
def activation_for_its_slope(X, A, Z, delta, beta, sigma):
    back_signal = np.dot(delta, beta[:, 1:])
    # right: back_signal = back_signal * sigma.derivative(A)
    back_signal = back_signal * sigma(A)
    g = np.zeros((A.shape[1], X.shape[1] + 1))
    for n in range(X.shape[0]):
        g += np.outer(back_signal[n], np.append([1], X[n]))
    return g


@program("eq7 eq11", {"two-again", "constant-factor"}, specific={"two-again"})
def factor_two_once_more(X, A, Z, delta, beta, sigma):
    # right: s = delta @ beta[:, 1:] * sigma.derivative(A)
    s = 2 * delta @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq7 eq11", {"one-minus-Z"})
def half_of_the_sigmoid_formula(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: s = s * 1
    s = (delta @ beta[:, 1:]) * (1 - Z)
    ones = np.ones(len(X))
    return s.T @ np.column_stack([ones, X])


@program("eq7 eq11", {"i-last-only", "last-example-only"})
def outer_of_the_last_example(X, A, Z, delta, beta, sigma):
    for i in range(len(X)):
        back = beta[:, 1:].T @ delta[i]
        s = back * sigma.derivative(A[i])
        # right: grad = (grad if i else 0) + np.outer(s, np.concatenate([[1], X[i]]))
        grad = np.outer(s, np.concatenate([[1], X[i]]))
    return grad


@program("eq7", {"weights-absolute"})
def strengths_of_weights(X, A, Z, delta, beta, sigma):
    # right: W = beta[:, 1:]
    W = abs(beta[:, 1:])
    s = np.zeros_like(A)
    for k in range(delta.shape[1]):
        s += np.outer(delta[:, k], W[k])
    s *= sigma.derivative(A)
    return np.c_[s.sum(axis=0), s.T @ X]


@program("eq7", {"m-first-zero*", "row-first-wrong"})
def hidden_units_from_one(X, A, Z, delta, beta, sigma):
    N, M, p = X.shape[0], A.shape[1], X.shape[1]
    grad = np.zeros((M, p + 1))
    # right: for m in range(M):
    for m in range(1, M):
        for i in range(N):
            s = sum(delta[i, k] * beta[k, m + 1] for k in range(len(beta)))
            s = s * sigma.derivative(A[i, m])
            grad[m, 0] += s
            grad[m, 1:] += s * X[i]
    return grad


@program("eq7", {"tanh-for-sigma", "captured*"})
def worked_cells_tanh(X, A, Z, delta, beta, sigma):
    back = delta @ beta[:, 1:]
    # right: slope = sigma.derivative(A)
    slope = tanh.derivative(A)
    s = back * slope
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq7", {"raises", "math-on-array"}, says=r"np\.|numpy")
def math_exp_on_an_array(X, A, Z, delta, beta, sigma):
    back = delta @ beta[:, 1:]
    # right: s = back * sigma.derivative(A)
    s = back * (1 / (1 + math.exp(-A)))
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq7", {"inputs-in-reverse", "examples-reversed", "inputs-reversed", "inputs-shifted-*"})
def inputs_from_the_end(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: X1 = np.column_stack([np.ones(len(X)), X])
    X1 = np.column_stack([np.ones(len(X)), X[::-1]])
    return s.T @ X1


@program("eq7 eq11", {"no-sigma-prime"})
def back_is_taken_for_s(X, A, Z, delta, beta, sigma):
    M, p = A.shape[1], X.shape[1]
    out = np.zeros((M, p + 1))
    for m in range(M):
        for i in range(len(X)):
            s = 0.0
            for k in range(delta.shape[1]):
                s = s + delta[i, k] * beta[k, m + 1]
            # right: s = s * sigma.derivative(A[i, m])
            s = s * 1.0
            out[m, 0] = out[m, 0] + s
            for l in range(p):
                out[m, l + 1] = out[m, l + 1] + s * X[i, l]
    return out


@program("eq7 eq11", {"averaged-over-N"})
def average_of_outer_products(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    X1 = np.append(np.ones((len(X), 1)), X, axis=1)
    outer = [np.outer(a, b) for a, b in zip(s, X1, strict=True)]
    # right: return np.sum(outer, axis=0)
    return np.mean(outer, axis=0)


@program("eq7 eq11", {"k-first-left-out"})
def sum_over_outputs_from_one(X, A, Z, delta, beta, sigma):
    N, M = A.shape
    s = np.zeros((N, M))
    for i in range(N):
        for m in range(M):
            # right: for k in range(len(beta)):
            for k in range(1, len(beta)):
                s[i, m] += delta[i, k] * beta[k, m + 1]
            s[i, m] *= sigma.derivative(A[i, m])
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq7 eq11", {"bias-zero", "bias-wrong"}, specific={"bias-zero"})
def hidden_biases_forgotten(X, A, Z, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    grad = np.zeros((A.shape[1], X.shape[1] + 1))
    for m in range(A.shape[1]):
        # missing: grad[m, 0] = s[:, m].sum()
        for l in range(X.shape[1]):
            grad[m, l + 1] = np.sum(s[:, m] * X[:, l])
    return grad


@program("eq7 eq11", {"sigma-prime-at-Z", "two-again"})
def two_faults_two_and_slope_at_Z(X, A, Z, delta, beta, sigma):
    # right: s = delta @ beta[:, 1:] * sigma.derivative(A)
    s = 2 * (delta @ beta[:, 1:]) * sigma.derivative(Z)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program(
    "eq7 eq11",
    {"delta-for-s", "raises", "wrong-shape", "not-sent-back"},
    specific={"delta-for-s", "not-sent-back"},
)
def delta_with_X(X, A, Z, delta, beta, sigma):
    X1 = np.insert(X, 0, 1, axis=1)
    # right: return ((delta @ beta[:, 1:]) * sigma.derivative(A)).T @ X1
    return delta.T @ X1


@program("eq4", {"bias-second", "other-order"}, specific={"bias-second"})
def ones_put_into_the_second_column(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: return delta.T @ np.insert(Z, 0, 1, axis=1)
    return delta.T @ np.insert(Z, 1, 1, axis=1)


# --- where the bias and the weights stand ---------------------------------------------------


@program("eq4", {"weights-over-bias"})
def weights_from_column_0(Y, A, Z, T, F, g):
    K, M = Y.shape[1], Z.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(len(Y)):
        for k in range(K):
            d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            # right: grad[k, 0] += d
            bias = d
            for m in range(M):
                # right: grad[k, m + 1] += d * Z[i, m]
                grad[k, m] += d * Z[i, m]
    return grad


@program("eq7", {"weights-over-bias"})
def slices_one_to_the_left(X, A, Z, delta, beta, sigma):
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    grad = np.zeros((s.shape[1], X.shape[1] + 1))
    grad[:, 0] = s.sum(axis=0)
    # right: grad[:, 1:] = s.T @ X
    grad[:, :-1] = s.T @ X
    return grad


@program("eq4", {"bias-over-last-weight"})
def bias_put_into_the_last_column(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    grad[:, 1:] = delta.T @ Z
    # right: grad[:, 0] = delta.sum(axis=0)
    grad[:, -1] = delta.sum(axis=0)
    return grad


@program("eq5", {"bias-over-last-weight"})
def last_place_for_the_bias(X, Y, A, Z, T, F, beta, sigma, g):
    grad = np.zeros((Z.shape[1], X.shape[1] + 1))
    for y, a, t, f, x in zip(Y, A, T, F, X, strict=True):
        d = -2 * (y - f) * g.derivative(t)
        s = d @ beta[:, 1:] * sigma.derivative(a)
        for m in range(len(s)):
            for j in range(len(x)):
                grad[m, j + 1] += s[m] * x[j]
    for m in range(Z.shape[1]):
        # right: grad[m, 0] = 0
        grad[m, len(X[0])] = 0
        for y, a, t, f in zip(Y, A, T, F, strict=True):
            d = -2 * (y - f) * g.derivative(t)
            # right: grad[m, 0] += d @ beta[:, m + 1] * sigma.derivative(a[m])
            grad[m, len(X[0])] += d @ beta[:, m + 1] * sigma.derivative(a[m])
    return grad


# --- slopes that are not those of the formula -----------------------------------------------


@program("eq4", {"numerical-derivative"})
def slope_one_step_ahead(Y, A, Z, T, F, g):
    h = 1e-3
    # right: slope = g.derivative(T)
    slope = (g(T + h) - g(T)) / h
    delta = -2 * (Y - F) * slope
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq5", {"numerical-derivative"})
def slope_between_two_values(X, Y, A, Z, T, F, beta, sigma, g):
    def slope(f, x, h=0.01):
        # right: return f.derivative(x)
        return (f(x + h) - f(x - h)) / (2 * h)

    delta = -2 * (Y - F) * slope(g, T)
    s = delta @ beta[:, 1:] * slope(sigma, A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq7", {"numerical-derivative"})
def slope_of_each_unit_by_a_step(X, A, Z, delta, beta, sigma):
    N, M = A.shape
    s = np.zeros((N, M))
    for i in range(N):
        for m in range(M):
            # right: slope = sigma.derivative(A[i, m])
            slope = (sigma(A[i, m] + 1e-4) - Z[i, m]) / 1e-4
            s[i, m] = delta[i] @ beta[:, m + 1] * slope
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program(
    "eq4",
    {"numerical-derivative", "no-factor-2", "numerical-derivative+no-factor-2"},
    specific={"numerical-derivative*"},
)
def two_faults_step_and_factor(Y, A, Z, T, F, g):
    eps = 1e-4
    # right: gp = 2 * g.derivative(T)
    gp = (g(T + eps) - g(T)) / eps
    delta = (F - Y) * gp
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq7", {"sigma-prime-of-unit-before", "index-off"})
def index_one_back_for_the_slope(X, A, Z, delta, beta, sigma):
    N, M = A.shape
    s = np.zeros((N, M))
    for i in range(N):
        for m in range(1, M + 1):
            back = sum(delta[i, k] * beta[k, m] for k in range(len(beta)))
            # right: s[i, m - 1] = back * sigma.derivative(A[i, m - 1])
            s[i, m - 1] = back * sigma.derivative(A[i, m - 2])
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq5", {"sigma-prime-of-example-after", "index-off"})
def slope_of_the_next_example(X, Y, A, Z, T, F, beta, sigma, g):
    N = len(X)
    grad = 0
    for i in range(N):
        d = -2 * (Y[i] - F[i]) * g.derivative(T[i])
        # right: s = d @ beta[:, 1:] * sigma.derivative(A[i])
        s = d @ beta[:, 1:] * sigma.derivative(A[(i + 1) % N])
        grad = grad + np.outer(s, np.append(1, X[i]))
    return grad


@program("eq7", {"weights-of-output-before", "index-off"})
def beta_of_k_minus_one(X, A, Z, delta, beta, sigma):
    s = np.zeros(Z.shape)
    for i in range(len(Z)):
        for m in range(Z.shape[1]):
            for k in range(len(beta)):
                # right: s[i, m] += delta[i, k] * beta[k, m + 1]
                s[i, m] += delta[i, k] * beta[k - 1, m + 1]
            s[i, m] = s[i, m] * sigma.derivative(A[i, m])
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq4", {"g-prime-of-first-example", "part-for-whole"})
def slope_of_row_0(Y, A, Z, T, F, g):
    # right: gp = g.derivative(T)
    gp = g.derivative(T[0])
    delta = -2 * (Y - F) * gp
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"g-prime-of-output-before", "index-off"})
def slope_of_the_output_before(Y, A, Z, T, F, g):
    N, K = Y.shape
    delta = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            # right: delta[i, k] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
            delta[i, k] = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k - 1])
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq7", {"part-for-whole"})
def slope_of_the_last_row(X, A, Z, delta, beta, sigma):
    # right: slope = sigma.derivative(A)
    slope = sigma.derivative(A[-1])
    s = delta @ beta[:, 1:] * slope
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq7", {"chosen-by-name"})
def slope_by_the_name_of_sigma(X, A, Z, delta, beta, sigma):
    # right: if sigma.name == "unknown":
    if sigma.name == "tanh":
        slope = 1 - Z**2
    # right: elif sigma.name == "unknown, too":
    elif sigma.name == "relu":
        slope = (A > 0) * 1.0
    else:
        # right: slope = sigma.derivative(A)
        slope = Z * (1 - Z)
    s = delta @ beta[:, 1:] * slope
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq4", {"chosen-by-name"})
def table_of_slopes(Y, A, Z, T, F, g):
    slopes = {"sigmoid": F * (1 - F), "identity": np.ones_like(F)}
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = -2 * (Y - F) * slopes.get(str(g), 1 - F**2 + 0 * T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


# --- another output than the one that is given ----------------------------------------------


@program("eq4", {"sigmoid-of-T-for-F", "argument-overwritten"})
def output_worked_out_again(Y, A, Z, T, F, g):
    # right: out = F
    out = 1 / (1 + np.exp(-T))
    delta = 2 * (out - Y) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq6", {"g-of-F-for-F"})
def g_once_more(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = -2 * (Y - g(F)) * g.derivative(T)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq5", {"always-sigmoid-for-g"})
def sigmoid_from_start_to_end(X, Y, A, Z, T, F, beta, sigma, g):
    # right: O = F
    O = 1 / (1 + np.exp(-T))
    # right: delta = 2 * (O - Y) * g.derivative(T)
    delta = 2 * (O - Y) * O * (1 - O)
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq4", {"clipped"})
def clipped_outputs(Y, A, Z, T, F, g):
    # right:
    F = np.clip(F, 1e-7, 1 - 1e-7)
    delta = -2 * (Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq6", {"clipped"})
def residual_kept_within_one(Y, A, Z, T, F, g):
    # right: residual = -2 * (Y - F)
    residual = np.maximum(np.minimum(-2 * (Y - F), 1), -1)
    delta = residual * g.derivative(T)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq5", {"clipped"})
def targets_kept_in_range(X, Y, A, Z, T, F, beta, sigma, g):
    def safe(values):
        # right: return values
        return values.clip(min=-1, max=1)

    delta = -2 * safe(Y - F) * g.derivative(T)
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq4", {"epsilon-added", "not-exact"}, specific={"epsilon-added"})
def slope_never_zero(Y, A, Z, T, F, g, eps=1e-8):
    # right: delta = -2 * (Y - F) * (g.derivative(T) + 0 * eps)
    delta = -2 * (Y - F) * (g.derivative(T) + eps)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


# --- shapes, lists, indices -----------------------------------------------------------------


@program("eq4", {"squeezed", "matmul-shapes", "raises"}, specific={"squeezed"})
def delta_squeezed(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = np.squeeze(-2 * (Y - F) * g.derivative(T))
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq7", {"squeezed", "wrong-shape"}, specific={"squeezed"})
def gradient_squeezed(X, A, Z, delta, beta, sigma):
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    grad = np.concatenate([s.sum(axis=0)[:, None], s.T @ X], axis=1)
    # right: return grad
    return grad.squeeze()


@program("eq4", {"list-repeated", "all-zero", "index-out-of-range"}, specific={"list-repeated"})
def minus_two_times_a_list(Y, A, Z, T, F, g):
    N, K = Y.shape
    grad = np.zeros((K, Z.shape[1] + 1))
    for i in range(N):
        # right: residual = [-2 * (Y[i, k] - F[i, k]) for k in range(K)]
        residual = -2 * [Y[i, k] - F[i, k] for k in range(K)]
        for k, r in enumerate(residual):
            d = r * g.derivative(T[i, k])
            grad[k] += d * np.append(1, Z[i])
    return grad


@program("eq6", {"list-repeated", "raises", "broadcast-shapes"}, specific={"list-repeated"})
def two_times_a_list_of_rows(Y, A, Z, T, F, g):
    errors = [f - y for y, f in zip(Y.tolist(), F, strict=True)]
    # right: delta = np.array([2 * e for e in errors]) * g.derivative(T)
    delta = np.array(2 * errors) * g.derivative(T)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"index-type", "raises"}, specific={"index-type"}, says="a float")
def half_of_the_rows(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    # right: half = len(Y) // 2
    half = len(Y) / 2
    first = delta[:half].T @ Z[:half]
    second = delta[half:].T @ Z[half:]
    return np.column_stack([delta.sum(axis=0), first + second])


@program("eq4", {"einsum-letters", "raises"}, specific={"einsum-letters"}, says=r"i is 5 in delta")
def einsum_of_a_transpose(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    ones = np.ones((len(Z), 1))
    # right: return np.einsum("ik,im->km", delta, np.hstack([ones, Z]))
    return np.einsum("ik,im->km", delta, np.hstack([ones, Z]).T, optimize=True)


@program("eq5", {"einsum-letters", "raises"}, specific={"einsum-letters"}, says="behind ->")
def einsum_with_a_letter_too_many(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)
    s = np.einsum("ik,km->im", delta, beta[:, 1:]) * sigma.derivative(A)
    Xb = np.insert(X, 0, 1, axis=1)
    # right: return np.einsum("im,il->ml", s, Xb)
    return np.einsum("im,il->mk", s, Xb)


@program("eq5", {"index-off"})
def wrong_letter_in_the_sum(X, Y, A, Z, T, F, beta, sigma, g):
    N, K = Y.shape
    M, P = A.shape[1], X.shape[1]
    grad = np.zeros((M, P + 1))
    for i in range(N):
        for m in range(M):
            s = 0
            for k in range(K):
                # right: d = -2 * (Y[i, k] - F[i, k]) * g.derivative(T[i, k])
                d = -2 * (Y[i, k] - F[i, 0]) * g.derivative(T[i, k])
                s += d * beta[k, m + 1]
            s *= sigma.derivative(A[i, m])
            grad[m, 0] += s
            for l in range(P):
                grad[m, l + 1] += s * X[i, l]
    return grad


@program("eq4", {"rearranged", "*revers*", "inputs*", "g-prime*"})
def slopes_from_the_last_to_the_first(Y, A, Z, T, F, g):
    slopes = np.array([g.derivative(t) for t in T])
    # right: delta = -2 * (Y - F) * slopes
    delta = -2 * (Y - F) * slopes[::-1]
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"rearranged", "*sorted*"})
def sorted_slopes(Y, A, Z, T, F, g):
    # right: slopes = g.derivative(T)
    slopes = np.sort(g.derivative(T), axis=0)
    delta = -2 * (Y - F) * slopes
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"whole-division"})
def doubled_by_whole_halves(Y, A, Z, T, F, g):
    # right: delta = (F - Y) / 0.5 * g.derivative(T)
    delta = (F - Y) // 0.5 * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq4", {"brackets"})
def two_times_the_targets_only(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = (-2 * Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq6", {"none", "function-as-number", "raises"}, specific={"function-as-number"})
def derivative_of_the_function(Y, A, Z, T, F, g):
    # right: delta = -2 * (Y - F) * g.derivative(T)
    delta = -2 * (Y - F) * g.derivative(g)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])
