"""Section 2.2: gradients where every output looks at all of t, as softmax does."""

import numpy as np

from tests.benchmarks.naming.program import program

# --- eq8 ----------------------------------------------------------------------------------


@program("eq8", {"diagonal-only"})
def elementwise_slope_of_softmax(Y, A, Z, T, F, g):
    error = -2 * (Y - F)
    # right: delta = F * (error - (error * F).sum(axis=1, keepdims=True))
    delta = error * (F * (1 - F))
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"cross-entropy-shortcut"})
def softmax_with_cross_entropy(Y, A, Z, T, F, g):
    # right: delta = np.einsum("il,ilk->ik", -2 * (Y - F), g.jacobian(T))
    delta = F - Y
    dW = np.dot(delta.T, Z)
    db = delta.sum(axis=0)[:, None]
    return np.append(db, dW, axis=1)


@program("eq8", {"vanishes"})
def the_papers_misprint(Y, A, Z, T, F, g):
    N, K = Y.shape
    M = Z.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(N):
        J = g.jacobian(T[i : i + 1])[0]
        for k in range(K):
            delta = 0
            for l in range(K):
                # right: delta += -2 * (Y[i, l] - F[i, l]) * J[l, k]
                delta += -2 * (Y[i, k] - F[i, k]) * J[l, k]
            grad[k, 0] += delta
            for m in range(M):
                grad[k, m + 1] += delta * Z[i, m]
    return grad


@program("eq8", {"raises", "derivative-of-softmax"}, specific={"derivative-of-softmax"})
def asks_softmax_for_a_derivative(Y, A, Z, T, F, g):
    D = -2 * (Y - F)
    # right: delta = g.pull_back(D, T)
    delta = D * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"off-diagonal-sign"})
def plus_off_the_diagonal(Y, A, Z, T, F, g):
    N, K = F.shape
    delta = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            for l in range(K):
                if k == l:
                    dfdt = F[i, k] * (1 - F[i, k])
                else:
                    # right: dfdt = -F[i, k] * F[i, l]
                    dfdt = F[i, k] * F[i, l]
                delta[i, k] += -2 * (Y[i, l] - F[i, l]) * dfdt
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"off-diagonal-from-T"})
def off_diagonal_takes_the_input(Y, A, Z, T, F, g):
    N, K = F.shape
    grad = np.zeros((K, Z.shape[1] + 1))
    for i in range(N):
        J = np.zeros((K, K))
        for a in range(K):
            for b in range(K):
                if a == b:
                    J[a, b] = F[i, a] * (1 - F[i, a])
                else:
                    # right: J[a, b] = -F[i, a] * F[i, b]
                    J[a, b] = -T[i, a] * T[i, b]
        delta = J @ (-2 * (Y[i] - F[i]))
        grad += np.outer(delta, np.insert(Z[i], 0, 1.0))
    return grad


@program("eq8", {"jacobian-of-one-example"})
def first_jacobian_for_all(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    delta = np.zeros_like(F)
    for i in range(len(F)):
        # right: delta[i] = -2 * (Y[i] - F[i]) @ J[i]
        delta[i] = -2 * (Y[i] - F[i]) @ J[0]
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"summed-over-examples"})
def inner_sum_over_axis_zero(Y, A, Z, T, F, g):
    D = -2 * (Y - F)
    FD = F * D
    # right: delta = FD - F * FD.sum(axis=1, keepdims=True)
    delta = FD - F * FD.sum(axis=0, keepdims=True)
    return delta.T @ np.hstack([np.ones((len(Z), 1)), Z])


@program("eq8", {"off-diagonal-only"})
def skips_l_equal_k(Y, A, Z, T, F, g):
    N, K = F.shape
    delta = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            for l in range(K):
                # right: df = F[i, k] * ((1.0 if l == k else 0.0) - F[i, l])
                df = -F[i, k] * F[i, l] if l != k else 0.0
                delta[i, k] += -2 * (Y[i, l] - F[i, l]) * df
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"l-last-left-out"})
def last_output_left_out_of_the_sum(Y, A, Z, T, F, g):
    N, K = F.shape
    J = g.jacobian(T)
    delta = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            # right: for l in range(K):
            for l in range(K - 1):
                delta[i, k] += -2 * (Y[i, l] - F[i, l]) * J[i, l, k]
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"no-factor-2", "constant-factor"}, specific={"no-factor-2"})
def jacobian_without_two(Y, A, Z, T, F, g):
    rows = []
    for y, f, z in zip(Y, F, Z, strict=True):
        J = np.diag(f) - np.outer(f, f)
        # right: d = 2 * J @ (f - y)
        d = J @ (f - y)
        rows.append(np.outer(d, np.r_[1.0, z]))
    return np.sum(rows, axis=0)


@program("eq8", {"averaged-over-N", "sign-flipped", "averaged-over-N+sign-flipped"})
def two_faults_mean_and_sign(Y, A, Z, T, F, g):
    # right: D = -2 * (Y - F)
    D = 2 * (Y - F)
    delta = F * (D - np.sum(D * F, axis=1, keepdims=True))
    grad = delta.T @ np.c_[np.ones(len(Z)), Z]
    # right: return grad
    return grad / len(Y)


@program("eq8", {"product-without-outer-F"})
def brackets_in_the_product(Y, A, Z, T, F, g):
    D = 2 * (F - Y)
    # right: delta = F * (D - np.sum(F * D, axis=1, keepdims=True))
    delta = F * D - np.sum(F * D, axis=1, keepdims=True)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"jacobian-left-out"})
def error_is_delta(Y, A, Z, T, F, g):
    # right: delta = np.einsum("il,ilk->ik", 2 * (F - Y), g.jacobian(T))
    delta = 2 * (F - Y)
    return np.column_stack([delta.sum(axis=0), np.einsum("ik,im->km", delta, Z)])


@program("eq8", {"bias-zero", "bias-one-number", "bias-wrong"}, specific={"bias-[zo]*"})
def bias_sum_of_everything(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    delta = np.array([-2 * (Y[i] - F[i]) @ J[i] for i in range(len(Y))])
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    # right: grad[:, 0] = delta.sum(axis=0)
    grad[:, 0] = delta.sum()
    grad[:, 1:] = delta.T @ Z
    return grad


# --- eq9 ----------------------------------------------------------------------------------


@program("eq9", {"diagonal-only"})
def diagonal_then_back(X, Y, A, Z, T, F, beta, sigma, g):
    # right: d = np.einsum("ij,ijk->ik", -2 * (Y - F), g.jacobian(T))
    d = -2 * (Y - F) * F * (1 - F)
    s = d @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq9", {"no-sigma-prime"})
def back_without_slope(X, Y, A, Z, T, F, beta, sigma, g):
    D = -2 * (Y - F)
    delta = F * (D - (F * D).sum(axis=1)[:, None])
    M = A.shape[1]
    grad = np.zeros((M, X.shape[1] + 1))
    for i in range(len(X)):
        for m in range(M):
            s = 0
            for k in range(len(beta)):
                s += delta[i, k] * beta[k, m + 1]
            # right: s = s * sigma.derivative(A[i, m])
            s = s * 1.0
            grad[m, 0] += s
            grad[m, 1:] += s * X[i]
    return grad


@program("eq9", {"jacobian-at-F"})
def jacobian_of_the_outputs(X, Y, A, Z, T, F, beta, sigma, g):
    # right: J = g.jacobian(T)
    J = g.jacobian(F)
    delta = np.einsum("ij,ijk->ik", -2 * (Y - F), J)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return s.T @ np.column_stack([np.ones(len(X)), X])


@program("eq9", {"[jl]-last-only", "last-output-only"})
def sum_over_j_overwritten(X, Y, A, Z, T, F, beta, sigma, g):
    N, K = Y.shape
    J = g.jacobian(T)
    delta = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            for j in range(K):
                # right: delta[i, k] += -2 * (Y[i, j] - F[i, j]) * J[i, j, k]
                delta[i, k] = -2 * (Y[i, j] - F[i, j]) * J[i, j, k]
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq9", {"cross-entropy-shortcut"})
def classification_habit(X, Y, A, Z, T, F, beta, sigma, g):
    # right: dZ2 = g.pull_back(2 * (F - Y), T)
    dZ2 = F - Y
    dA1 = np.dot(dZ2, beta[:, 1:])
    dZ1 = dA1 * sigma.derivative(A)
    dW1 = np.dot(dZ1.T, X)
    db1 = np.sum(dZ1, axis=0).reshape(-1, 1)
    return np.hstack((db1, dW1))


@program("eq9", {"bias-column-used"})
def last_column_dropped(X, Y, A, Z, T, F, beta, sigma, g):
    D = -2 * (Y - F)
    delta = F * (D - (F * D).sum(axis=1, keepdims=True))
    # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    s = (delta @ beta[:, :-1]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


# --- eq10 ---------------------------------------------------------------------------------


@program("eq10", {"gradient-missing"})
def only_delta_returned(Y, A, Z, T, F, g):
    delta = np.einsum("il,ilk->ik", -2 * (Y - F), g.jacobian(T))
    # right: return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return delta


@program("eq10", {"denominator-forgotten"})
def error_times_output(Y, A, Z, T, F, g):
    error = -2 * (Y - F)
    # right: delta = F * (error - np.sum(F * error, axis=1, keepdims=True))
    delta = F * error
    grad = delta.T @ np.hstack([np.ones((len(Z), 1)), Z])
    return delta, grad


@program("eq10", {"jacobians-summed"})
def matrix_product_of_all(Y, A, Z, T, F, g):
    D = -2 * (Y - F)
    J = g.jacobian(T)
    # right: delta = np.einsum("il,ilk->ik", D, J)
    delta = np.einsum("il,jlk->ik", D, J)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"sign-flipped"})
def sign_of_the_loss(Y, A, Z, T, F, g):
    delta = []
    for y, f in zip(Y, F, strict=True):
        jac = np.diagflat(f) - np.outer(f, f)
        # right: delta.append(jac @ (2 * (f - y)))
        delta.append(jac @ (2 * (y - f)))
    delta = np.array(delta)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"transposed", "gradient-transposed"}, specific={"transposed", "*-transposed"})
def gradient_of_weights_transposed(Y, A, Z, T, F, g):
    D = -2 * (Y - F)
    delta = F * (D - np.sum(F * D, axis=1, keepdims=True))
    Z1 = np.hstack([np.ones((len(Z), 1)), Z])
    # right: return delta, delta.T @ Z1
    return delta, Z1.T @ delta


@program("eq10", {"diagonal-is-F", "diagonal-without-1-minus-f"})
def diagonal_is_f(Y, A, Z, T, F, g):
    N, K = F.shape
    delta = np.zeros((N, K))
    for i in range(N):
        J = np.zeros((K, K))
        for k in range(K):
            for l in range(K):
                # right: J[k, l] = F[i, k] * (1 - F[i, k]) if k == l else -F[i, k] * F[i, l]
                J[k, l] = F[i, k] if k == l else -F[i, k] * F[i, l]
        delta[i] = -2 * (Y[i] - F[i]) @ J
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"no-factor-2", "constant-factor"}, specific={"no-factor-2"})
def softmax_delta_without_two(Y, A, Z, T, F, g):
    D = F - Y
    # right: D = 2 * D
    D = 1 * D
    delta = F * (D - np.sum(F * D, axis=1).reshape(-1, 1))
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"product-with-plus"})
def plus_inside_the_product(Y, A, Z, T, F, g):
    D = -2 * (Y - F)
    # right: delta = F * (D - np.einsum("ik,ik->i", F, D)[:, None])
    delta = F * (D + np.einsum("ik,ik->i", F, D)[:, None])
    grad = delta.T @ np.column_stack([np.ones(len(Z)), Z])
    return delta, grad


@program("eq10", {"bias-zero", "bias-wrong"}, specific={"bias-zero"})
def softmax_bias_forgotten(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    delta = np.stack([-2 * (Y[i] - F[i]) @ J[i] for i in range(len(Y))])
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    # missing: grad[:, 0] = delta.sum(axis=0)
    grad[:, 1:] = delta.T @ Z
    return delta, grad


@program("eq9", {"vanishes"})
def residual_with_the_index_k(X, Y, A, Z, T, F, beta, sigma, g):
    J = g.jacobian(T)
    delta = np.zeros(Y.shape)
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            for j in range(Y.shape[1]):
                # right: delta[i, k] += -2 * (Y[i, j] - F[i, j]) * J[i, j, k]
                delta[i, k] += -2 * (Y[i, k] - F[i, k]) * J[i, j, k]
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq9", {"Z-for-X"})
def softmax_then_wrong_inputs(X, Y, A, Z, T, F, beta, sigma, g):
    delta = g.pull_back(-2 * (Y - F), T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: return s.T @ np.insert(X, 0, 1, axis=1)
    return s.T @ np.insert(Z, 0, 1, axis=1)


@program("eq9", {"no-sigma-prime", "diagonal-only"})
def two_faults_diagonal_and_no_slope(X, Y, A, Z, T, F, beta, sigma, g):
    # right: delta = g.pull_back(-2 * (Y - F), T)
    delta = -2 * (Y - F) * F * (1 - F)
    # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    s = delta @ beta[:, 1:]
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq9", {"averaged-over-N"})
def softmax_batch_mean(X, Y, A, Z, T, F, beta, sigma, g):
    batch_size = X.shape[0]
    D = 2 * (F - Y)
    delta = F * (D - (F * D).sum(axis=1, keepdims=True))
    s = np.multiply(delta.dot(beta[:, 1:]), sigma.derivative(A))
    grad = np.concatenate((s.sum(axis=0).reshape(-1, 1), s.T.dot(X)), axis=1)
    # right: return grad
    return grad / batch_size


@program("eq8", {"jacobian-from-T"})
def jacobian_made_of_T(Y, A, Z, T, F, g):
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        # right: J = np.diag(F[i]) - np.outer(F[i], F[i])
        J = np.diag(T[i]) - np.outer(T[i], T[i])
        delta = J @ (-2 * (Y[i] - F[i]))
        grad[:, 0] += delta
        grad[:, 1:] += np.outer(delta, Z[i])
    return grad


@program("eq8", {"i-last-only", "last-example-only"})
def softmax_last_example_wins(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    grad = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        delta = -2 * (Y[i] - F[i]) @ J[i]
        # right: grad += np.outer(delta, np.append(1, Z[i]))
        grad = np.outer(delta, np.append(1, Z[i]))
    return grad


@program(
    "eq8",
    {"raises", "matmul-shapes", "jacobians-crossed", "one-index-too-many", "joined-shapes"},
    says=r"example|\(\d+, \d+",
)
def residuals_times_all_jacobians(Y, A, Z, T, F, g):
    D = -2 * (Y - F)
    # right: delta = np.einsum("il,ilk->ik", D, g.jacobian(T))
    delta = D @ g.jacobian(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq11", {"vanishes"})
def beta_summed_over_the_outputs_first(X, A, Z, delta, beta, sigma):
    # right: back = delta @ beta[:, 1:]
    back = delta.sum(axis=1, keepdims=True) * beta[:, 1:].sum(axis=0)
    s = back * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq8", {"off-diagonal-squares-k"})
def diag_less_squares(Y, A, Z, T, F, g):
    rows = []
    for y, f in zip(Y, F, strict=True):
        # right: J = np.diag(f) - np.outer(f, f)
        J = np.diag(f) - f * f
        rows.append(-2 * (y - f) @ J)
    delta = np.array(rows)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq9", {"off-diagonal-squares-k"})
def kronecker_with_its_own_output(X, Y, A, Z, T, F, beta, sigma, g):
    N, K = Y.shape
    delta = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            for j in range(K):
                # right: dgdt = F[i, k] * ((1 if j == k else 0) - F[i, j])
                dgdt = F[i, k] * ((1 if j == k else 0) - F[i, k])
                delta[i, k] += -2 * (Y[i, j] - F[i, j]) * dgdt
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq8 eq4", {"delta-not-reset-in-a-row", "l-not-reset-in-a-row"}, unsaid="your delta|sums")
def rows_of_the_gradient_added_up(Y, A, Z, T, F, g):
    delta = g.pull_back(-2 * (Y - F), T)
    G = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: return G
    return np.cumsum(G, axis=0)


@program("eq10 eq6", {"delta-not-reset-in-a-row", "l-not-reset-in-a-row"}, unsaid="In grad_beta: ")
def rows_of_its_second_part_added_up(Y, A, Z, T, F, g):
    delta = g.pull_back(-2 * (Y - F), T)
    G = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: return delta, G
    return delta, np.cumsum(G, axis=0)


@program("eq8", {"all-zero", "numerical-derivative", "vanishes"})
def all_of_t_moved_at_once(Y, A, Z, T, F, g):
    h = 1e-6
    # right: delta = g.pull_back(-2 * (Y - F), T)
    delta = -2 * (Y - F) * (g(T + h) - g(T - h)) / (2 * h)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"numerical-derivative"})
def jacobian_column_by_column(Y, A, Z, T, F, g):
    N, K = T.shape
    h = 1e-3
    delta = np.zeros((N, K))
    for k in range(K):
        step = np.zeros(K)
        step[k] = h
        # right: column = g.jacobian(T)[:, :, k]
        column = (g(T + step) - g(T)) / h
        delta[:, k] = np.sum(-2 * (Y - F) * column, axis=1)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq8", {"index-off", "*jacobian*", "*example*"})
def jacobian_of_the_example_before(Y, A, Z, T, F, g):
    N, K = Y.shape
    delta = np.zeros((N, K))
    for i in range(N):
        # right: J = np.diag(F[i]) - np.outer(F[i], F[i])
        J = np.diag(F[i - 1]) - np.outer(F[i - 1], F[i - 1])
        delta[i] = -2 * (Y[i] - F[i]) @ J
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"squeezed", "raises", "matmul-shapes"}, specific={"squeezed"})
def jacobian_product_squeezed(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    # right: delta = (-2 * (Y - F)[:, None, :] @ J)[:, 0]
    delta = np.squeeze(-2 * (Y - F)[:, None, :] @ J)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq10", {"einsum-letters", "raises"}, specific={"einsum-letters"}, says="J is")
def einsum_of_too_few_letters(Y, A, Z, T, F, g):
    J = g.jacobian(T)
    # right: delta = np.einsum("il,ilk->ik", -2 * (Y - F), J)
    delta = np.einsum("il,lk->ik", -2 * (Y - F), J)
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])


@program("eq11", {"sigma-prime-of-unit-before", "rearranged"})
def slopes_rolled(X, A, Z, delta, beta, sigma):
    # right: slope = sigma.derivative(A)
    slope = np.roll(sigma.derivative(A), 1, axis=1)
    s = delta @ beta[:, 1:] * slope
    return np.column_stack([s.sum(axis=0), s.T @ X])


@program("eq8", {"index-off", "*jacobian*", "off-diagonal*"})
def product_with_the_wrong_output(Y, A, Z, T, F, g):
    N, K = Y.shape
    grad = np.zeros((K, Z.shape[1] + 1))
    for i in range(N):
        for k in range(K):
            d = 0
            for l in range(K):
                if l == k:
                    slope = F[i, k] * (1 - F[i, k])
                else:
                    # right: slope = -F[i, k] * F[i, l]
                    slope = -F[i, k] * F[i, l - 1]
                d += -2 * (Y[i, l] - F[i, l]) * slope
            grad[k] += d * np.append(1, Z[i])
    return grad
