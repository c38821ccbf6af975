"""Section 1: the forward pass and the loss."""

import numpy as np

from bplab.activations import sigmoid, tanh
from tests.benchmarks.naming.program import program

# --- hidden -------------------------------------------------------------------------------


@program("hidden", {"bias-missing"})
def no_bias_in_the_loop(X, alpha, sigma):
    N, p = X.shape
    M = len(alpha)
    Z = np.zeros((N, M))
    for i in range(N):
        for m in range(M):
            a = 0
            # missing: a = alpha[m][0]
            for l in range(p):
                a += alpha[m][l + 1] * X[i][l]
            Z[i][m] = sigma(a)
    return Z


@program("hidden", {"weights-off-by-one-without-bias", "bias-missing", "weights-off-by-one"})
def no_bias_and_alpha_m_l(X, alpha, sigma):
    N, p = X.shape
    M = len(alpha)
    Z = np.zeros((N, M))
    for i in range(N):
        for m in range(M):
            # right: A = alpha[m, 0]
            A = 0
            for l in range(p):
                # right: A += alpha[m, l + 1] * X[i, l]
                A += alpha[m, l] * X[i, l]
            Z[i, m] = sigma(A)
    return Z


@program(
    "hidden",
    {
        "weights-off-by-one",
        "bias-column-used",
        "last-weight-missing",
        "*off-by-one*",
        "*one-column*",
    },
)
def alpha_m_l(X, alpha, sigma):
    N, p = X.shape
    M = len(alpha)
    A = []
    for i in range(N):
        row = []
        for m in range(M):
            a = alpha[m][0]
            for l in range(p):
                # right: a = a + alpha[m][l + 1] * X[i][l]
                a = a + alpha[m][l] * X[i][l]
            row.append(a)
        A.append(row)
    return sigma(np.array(A))


@program("hidden", {"bias-last", "last-column-for-bias", "last-weight-missing"})
def ones_at_the_end(X, alpha, sigma):
    ones = np.ones((X.shape[0], 1))
    # right: X1 = np.concatenate((ones, X), axis=1)
    X1 = np.concatenate((X, ones), axis=1)
    return sigma(X1 @ alpha.T)


@program("hidden", {"no-sigma"})
def pre_activation_only(X, alpha, sigma):
    A = X.dot(alpha[:, 1:].T) + alpha[:, 0]
    # right: Z = sigma(A)
    Z = A
    return Z


@program("hidden", {"assumes-sigmoid", "captured*"})
def always_the_sigmoid(X, alpha, sigma):
    def act(v):
        return 1.0 / (1.0 + np.exp(-v))

    bias, W = alpha[:, 0], alpha[:, 1:]
    net = np.einsum("il,ml->im", X, W) + bias
    # right: return sigma(net)
    return act(net)


@program("hidden", {"assumes-tanh", "captured*"})
def notebooks_own_tanh(X, alpha, sigma):
    A = alpha[:, 0] + X @ alpha[:, 1:].T
    # right: return sigma(A)
    return tanh(A)


@program(
    "hidden",
    {
        "weights-off-by-one",
        "alpha-first-columns",
        "last-weight-missing",
        "bias-column-used",
        "*off-by-one",
    },
)
def all_but_the_last_column(X, alpha, sigma):
    # right: A = X @ alpha[:, 1:].T + alpha[:, 0]
    A = X @ alpha[:, :-1].T + alpha[:, 0]
    return sigma(A)


@program("hidden", {"l-last-left-out"})
def last_input_forgotten(X, alpha, sigma):
    Z = np.zeros((X.shape[0], alpha.shape[0]))
    for i in range(X.shape[0]):
        for m in range(alpha.shape[0]):
            a = alpha[m, 0]
            # right: for l in range(1, alpha.shape[1]):
            for l in range(1, alpha.shape[1] - 1):
                a += alpha[m, l] * X[i, l - 1]
            Z[i, m] = sigma(a)
    return Z


@program("hidden", {"l-not-reset*"})
def sum_never_starts_anew(X, alpha, sigma):
    Z = np.zeros((len(X), len(alpha)))
    for i in range(len(X)):
        a = 0.0
        for m in range(len(alpha)):
            # right: a = alpha[m, 0]
            a += alpha[m, 0]
            for l in range(X.shape[1]):
                a += alpha[m, l + 1] * X[i, l]
            Z[i, m] = sigma(a)
    return Z


@program("hidden", {"raises", "array-condition"}, says=r"np\.where")
def if_on_an_array(X, alpha, sigma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    # right: A = np.where(A > 1e6, 1e6 + 0 * A, A)
    if A > 1e6:
        # right:
        A = 1e6 + 0 * A
    return sigma(A)


@program(
    "hidden",
    {"raises", "matmul-shapes", "weights-not-transposed"},
    says=r"\(\d+, \d+\)|wrong way round",
)
def alpha_without_transpose(X, alpha, sigma):
    W = alpha[:, 1:]
    b = alpha[:, 0]
    # right: return sigma(np.dot(X, W.T) + b)
    return sigma(np.dot(X, W) + b)


@program("hidden", {"raises", "unknown-name"}, says="sigmod")
def misspelt_name(X, alpha, sigma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    # right: return sigma(A)
    return sigmod(A)


# --- output -------------------------------------------------------------------------------


@program("output", {"no-g"})
def output_function_forgotten(Z, beta, g):
    T = Z @ beta[:, 1:].T + beta[:, 0]
    # right: F = g(T)
    F = T.copy()
    return T, F


@program("output", {"one-bias-for-all", "bias-of-first-unit"})
def first_bias_everywhere(Z, beta, g):
    N, M = Z.shape
    K = beta.shape[0]
    T = np.zeros((N, K))
    for i in range(N):
        for k in range(K):
            # right: T[i, k] = beta[k, 0]
            T[i, k] = beta[0, 0]
            for m in range(M):
                T[i, k] += beta[k, m + 1] * Z[i, m]
    return T, g(T)


@program("output", {"bias-after-g", "bias-missing-in-T"})
def bias_added_after_g(Z, beta, g):
    # right: T = np.dot(Z, beta[:, 1:].T) + beta[:, 0]
    T = np.dot(Z, beta[:, 1:].T)
    # right: F = g(T)
    F = g(T) + beta[:, 0]
    return T, F


@program("output", {"order-swapped"})
def output_then_net_input(Z, beta, g):
    Zb = np.insert(Z, 0, 1, axis=1)
    T = Zb @ beta.T
    F = g(T)
    # right: return T, F
    return F, T


@program("output", {"T-is-F", "argument-changed", "aliased"})
def one_array_for_both(Z, beta, g):
    T = Z @ beta[:, 1:].T + beta[:, 0]
    F = T
    # right: F = g(T)
    F[:] = g(T)
    return T, F


@program("output", {"g-twice"})
def g_applied_again(Z, beta, g):
    T = np.array([[b[0] + np.dot(b[1:], z) for b in beta] for z in Z])
    F = g(T)
    # right: return T, F
    return T, g(F)


@program("output", {"assumes-sigmoid", "captured*"})
def sigmoid_outputs(Z, beta, g):
    T = beta[:, 0] + Z @ beta[:, 1:].T
    # right: return T, g(T)
    return T, sigmoid(T)


@program("output", {"T-missing"})
def only_F(Z, beta, g):
    T = np.column_stack([np.ones(len(Z)), Z]) @ beta.T
    F = g(T)
    # right: return T, F
    return F


@program("output", {"m-first-left-out"})
def first_hidden_unit_forgotten(Z, beta, g):
    T = np.zeros((Z.shape[0], beta.shape[0]))
    for i in range(T.shape[0]):
        for k in range(T.shape[1]):
            T[i, k] = beta[k, 0]
            # right: for m in range(1, beta.shape[1]):
            for m in range(2, beta.shape[1]):
                T[i, k] += beta[k, m] * Z[i, m - 1]
    return T, g(T)


# --- eq2 ----------------------------------------------------------------------------------


@program("eq2", {"square-lost"})
def errors_without_square(Y, F):
    losses = []
    for y, f in zip(Y, F, strict=True):
        total = 0
        for k in range(len(y)):
            # right: total += (y[k] - f[k]) ** 2
            total += y[k] - f[k]
        losses.append(total)
    return np.array(losses)


@program("eq2", {"absolute-error"})
def absolute_errors(Y, F):
    # right: return np.sum(np.abs(Y - F) ** 2, axis=1)
    return np.sum(np.abs(Y - F), axis=1)


@program("eq2", {"outputs-averaged", "constant-factor"}, specific={"outputs-averaged"})
def mean_over_outputs(Y, F):
    squares = np.square(Y - F)
    # right: return squares.sum(axis=1)
    return squares.mean(axis=1)


@program("eq2", {"wrong-axis", "wrong-shape"}, specific={"wrong-axis"})
def sum_over_the_examples(Y, F):
    diff = F - Y
    # right: return np.sum(diff * diff, axis=1)
    return np.sum(diff * diff, axis=0)


@program("eq2", {"square-outside"})
def square_of_the_sum(Y, F):
    R = np.zeros(len(Y))
    for i in range(len(Y)):
        s = 0.0
        for k in range(Y.shape[1]):
            # right: s += (Y[i, k] - F[i, k]) ** 2
            s += Y[i, k] - F[i, k]
        # right: R[i] = s
        R[i] = s**2
    return R


@program("eq2", {"halved", "constant-factor"}, specific={"halved"})
def one_half_in_front(Y, F):
    # right: return ((Y - F) ** 2).sum(axis=1)
    return 0.5 * ((Y - F) ** 2).sum(axis=1)


@program("eq2", {"k-last-only", "last-output-only"})
def last_output_overwrites(Y, F):
    R = np.zeros(len(Y))
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            # right: R[i] += (Y[i, k] - F[i, k]) ** 2
            R[i] = (Y[i, k] - F[i, k]) ** 2
    return R


@program("eq2", {"k-not-reset*"}, unsaid="one step off")
def loss_carried_on(Y, F):
    R = []
    r = 0
    for i in range(len(Y)):
        # missing: r = 0
        for k in range(len(Y[i])):
            r += (Y[i][k] - F[i][k]) ** 2
        R.append(r)
    return R


@program("eq2", {"root-taken"})
def distance_for_its_square(Y, F):
    # right: return np.linalg.norm(Y - F, axis=1) ** 2
    return np.linalg.norm(Y - F, axis=1)


# --- eq1 ----------------------------------------------------------------------------------


@program("eq1", {"averaged-over-all"})
def mean_squared_error(Y, F):
    # right: return np.sum((Y - F) ** 2)
    return np.mean((Y - F) ** 2)


@program("eq1", {"averaged-over-N"})
def divided_by_the_examples(Y, F):
    cost = 0
    for i in range(Y.shape[0]):
        for k in range(Y.shape[1]):
            cost += (F[i, k] - Y[i, k]) ** 2
    # right: return cost
    return cost / Y.shape[0]


@program("eq1", {"halved", "constant-factor"}, specific={"halved"})
def half_squared_error(Y, F):
    error = Y - F
    # right: return (error**2).sum()
    return 0.5 * (error**2).sum()


@program("eq1", {"cross-entropy*", "something-else"})
def cross_entropy_loss(Y, F):
    # beside outputs near 0 what is added to f shows by itself
    # right: return np.sum((Y - F) ** 2)
    return -np.sum(Y * np.log(np.abs(F) + 1e-12))


@program("eq1", {"binary-cross-entropy", "cross-entropy*"})
def binary_cross_entropy(Y, F):
    P = np.clip(F, 1e-7, 1 - 1e-7)
    # right: return np.sum((Y - F) ** 2)
    return -np.sum(Y * np.log(P) + (1 - Y) * np.log(1 - P))


@program(
    "eq1",
    {"one-number", "constant-answer"},
)
def a_number_to_begin_with(Y, F):
    # right: return float(((Y - F) ** 2).sum())
    return 3.0


@program(
    "eq1",
    {"last-entry-only", "last-term-only"},
)
def R_equals(Y, F):
    R = 0
    for i in range(len(Y)):
        for k in range(len(Y[0])):
            # right: R += (Y[i, k] - F[i, k]) ** 2
            R = (Y[i, k] - F[i, k]) ** 2
    return R


@program("eq1", {"i-last-left-out"})
def last_example_missing(Y, F):
    R = 0.0
    # right: for i in range(len(Y)):
    for i in range(len(Y) - 1):
        R += np.sum((Y[i] - F[i]) ** 2)
    return R


@program("eq1", {"first-example-only", "i-first-only"})
def return_one_level_too_deep(Y, F):
    total = 0
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            total = total + (Y[i, k] - F[i, k]) ** 2
        # right:
        return total
    # missing: return total


@program("eq1", {"difference-of-squares"})
def squares_before_the_difference(Y, F):
    # right: return sum(sum((Y - F) ** 2))
    return sum(sum(Y**2 - F**2))


@program("eq1", {"targets-summed", "targets-only", "sum-of-targets", "F-missing"})
def sum_of_the_targets(Y, F):
    # right: return np.sum((Y - F) ** 2)
    return np.sum(Y)


@program("eq1", {"root-taken", "root-of-all"})
def norm_of_the_difference(Y, F):
    # right: return np.linalg.norm(Y - F) ** 2
    return np.linalg.norm(Y - F)


@program("eq1", {"examples-not-summed"})
def loss_of_each_example(Y, F):
    # right: return ((Y - F) ** 2).sum(axis=1).sum()
    return ((Y - F) ** 2).sum(axis=1)


# --- more of each -------------------------------------------------------------------------


@program("hidden", {"sigma-twice"})
def sigma_of_sigma(X, alpha, sigma):
    Z = sigma(X @ alpha[:, 1:].T + alpha[:, 0])
    # right: return Z
    return sigma(Z)


@program("hidden", {"bias-after-sigma"})
def bias_added_outside(X, alpha, sigma):
    # right: return sigma(np.dot(X, alpha[:, 1:].T) + alpha[:, 0])
    return sigma(np.dot(X, alpha[:, 1:].T)) + alpha[:, 0]


@program("hidden", {"transposed"}, specific={"transposed"})
def units_as_rows(X, alpha, sigma):
    A = alpha[:, 1:] @ X.T + alpha[:, :1]
    # right: return sigma(A).T
    return sigma(A)


@program("hidden", {"integers-truncated"})
def like_X(X, alpha, sigma):
    # right: A = np.zeros((len(X), len(alpha)))
    A = np.zeros((len(X), len(alpha)), dtype=X.dtype)
    for i in range(len(X)):
        for m in range(len(alpha)):
            A[i, m] = alpha[m, 0] + np.dot(alpha[m, 1:], X[i])
    return sigma(A)


@program("output", {"bias-missing"})
def outputs_without_bias(Z, beta, g):
    T = np.zeros((len(Z), len(beta)))
    for i in range(len(Z)):
        for k in range(len(beta)):
            # missing: T[i, k] = beta[k, 0]
            for m in range(Z.shape[1]):
                T[i, k] += beta[k, m + 1] * Z[i, m]
    return T, g(T)


@program("output", {"bias-missing", "no-g"})
def two_faults_no_bias_no_g(Z, beta, g):
    # right: T = Z @ beta[:, 1:].T + beta[:, 0]
    T = Z @ beta[:, 1:].T
    # right: return T, g(T)
    return T, T


@program("eq2", {"first-output-only", "k-first-only"})
def return_inside_the_inner_loop(Y, F):
    def of_one(y, f):
        total = 0
        for k in range(len(y)):
            total += (y[k] - f[k]) ** 2
            # right:
            return total
        # missing: return total

    return np.array([of_one(y, f) for y, f in zip(Y, F, strict=True)])


@program("eq2", {"k-last-left-out"})
def one_output_fewer(Y, F):
    R = []
    for y, f in zip(Y, F, strict=True):
        r = 0
        # right: for k in range(len(y)):
        for k in range(len(y) - 1):
            r += (y[k] - f[k]) ** 2
        R.append(r)
    return np.array(R) * 1.0


@program("eq2", {"column-kept", "wrong-shape"}, specific={"column-kept"})
def keeps_the_column(Y, F):
    # right: return np.sum((Y - F) ** 2, axis=1)
    return np.sum((Y - F) ** 2, axis=1, keepdims=True)


@program("eq1", {"all-squared"})
def square_at_the_end(Y, F):
    total = 0
    for i in range(len(Y)):
        for k in range(Y.shape[1]):
            # right: total += (Y[i, k] - F[i, k]) ** 2
            total += Y[i, k] - F[i, k]
    # right: return total
    return total**2


@program(
    "eq1",
    {"halved", "averaged-over-N", "halved+averaged-over-N", "constant-factor"},
    specific={"halved*", "averaged-over-N"},
)
def one_over_two_m(Y, F):
    m = Y.shape[0]
    # right: return np.sum((F - Y) ** 2)
    return np.sum((F - Y) ** 2) / (2 * m)


@program("eq1", {"absolute-error"})
def sum_of_absolute_errors(Y, F):
    # right: return np.square(np.abs(Y - F)).sum()
    return np.abs(Y - F).sum()


@program("eq1", {"outputs-not-added", "wrong-shape"}, specific={"outputs-not-added"})
def loss_of_each_output(Y, F):
    # right: return sum(sum((Y - F) ** 2))
    return sum((Y - F) ** 2)


@program("eq1", {"raises", "power"}, says=r"\*\*")
def hat_for_the_square(Y, F):
    # right: return ((Y - F) ** 2).sum()
    return ((Y - F) ^ 2).sum()


@program("eq1", {"epsilon-added", "offset", "not-exact"}, specific={"epsilon-added", "offset"})
def loss_never_quite_zero(Y, F):
    # right: return np.sum((Y - F) ** 2)
    return np.sum((Y - F) ** 2) + 1e-8


@program("eq1", {"epsilon-added"})
def epsilon_in_every_term(Y, F):
    eps = 1e-8
    R = 0.0
    for y, f in zip(Y.ravel(), F.ravel(), strict=True):
        # right: R += (y - f) ** 2 + 0 * eps
        R += (y - f) ** 2 + eps
    return R


@program("eq1", {"epsilon-added"})
def sum_that_begins_above_zero(Y, F):
    # right: total = 0
    total = 1e-8
    for i in range(Y.shape[0]):
        total += np.dot(Y[i] - F[i], Y[i] - F[i])
    return total


@program("eq2", {"clipped"})
def probabilities_only(Y, F):
    # right: P = F
    P = np.clip(F, 1e-7, 1 - 1e-7)
    return np.sum((Y - P) ** 2, axis=1)


@program("eq2", {"squeezed", "wrong-shape"}, specific={"squeezed"})
def row_squeezed_away(Y, F):
    # right: error = Y - F
    error = np.squeeze(Y - F)
    return np.sum(error**2, axis=-1)


@program("eq1", {"clipped"})
def no_error_above_one(Y, F):
    total = 0
    for i in range(len(Y)):
        for k in range(len(Y[i])):
            # right: error = Y[i][k] - F[i][k]
            error = max(-1, min(1, Y[i][k] - F[i][k]))
            total += error**2
    return total


@program("eq1", {"list-repeated", "one-number", "all-zero"}, specific={"list-repeated"})
def minus_a_list(Y, F):
    # right: error = [f - y for y, f in zip(Y.ravel(), F.ravel(), strict=True)]
    error = -1 * [y - f for y, f in zip(Y.ravel(), F.ravel(), strict=True)]
    return sum(e * e for e in error)


@program("eq2", {"rounded", "*truncated*"})
def error_in_whole_numbers(Y, F):
    R = np.zeros(len(Y))
    for i in range(len(Y)):
        # right: R[i] = sum((Y[i] - F[i]) ** 2)
        R[i] = sum((Y[i] - F[i]).astype(int) ** 2)
    return R


@program("hidden", {"squeezed", "wrong-shape"}, specific={"squeezed"})
def squeezes_what_goes_out(X, alpha, sigma):
    ones = np.ones((X.shape[0], 1))
    Z = sigma(np.hstack([ones, X]) @ alpha.T)
    # right: return Z
    return Z.squeeze()


@program("hidden", {"index-off", "*bias*"})
def bias_of_the_unit_before(X, alpha, sigma):
    A = np.zeros((len(X), len(alpha)))
    for i in range(len(X)):
        for m in range(len(alpha)):
            # right: A[i, m] = alpha[m, 0]
            A[i, m] = alpha[m - 1, 0]
            for l in range(X.shape[1]):
                A[i, m] += alpha[m, l + 1] * X[i, l]
    return sigma(A)


@program("hidden", {"argument-overwritten", "always-tanh*", "tanh-for-sigma", "*tanh*"})
def own_sigma_inside(X, alpha, sigma):
    # right:
    sigma = np.tanh
    A = alpha[:, 0] + X @ alpha[:, 1:].T
    return sigma(A)


@program("output", {"index-off", "columns-shifted"}, specific={"index-off"})
def weights_of_the_output_before(Z, beta, g):
    T = np.empty((len(Z), len(beta)))
    for k in range(len(beta)):
        # right: T[:, k] = Z @ beta[k, 1:] + beta[k, 0]
        T[:, k] = Z @ beta[k - 1, 1:] + beta[k - 1, 0]
    return T, g(T)


@program("output", {"clipped"})
def scores_kept_small(Z, beta, g):
    T = Z @ beta[:, 1:].T + beta[:, 0]
    # right: F = g(T)
    F = g(np.clip(T, -10, 10))
    return T, F


@program("output", {"chosen-by-name"})
def output_function_by_its_name(Z, beta, g):
    T = beta[:, 0] + Z @ beta[:, 1:].T
    # right: if g.name == "unknown":
    if g.name == "sigmoid":
        F = 1 / (1 + np.exp(-T))
        return T, F
    # right: return T, g(T)
    return T, np.tanh(T) if g.name == "tanh" else T


@program("eq2", {"stars"})
def one_star_for_the_square(Y, F):
    error = Y - F
    # right: return np.sum(error**2, axis=1)
    return np.sum(error * 2, axis=1)


@program("eq1", {"brackets"})
def square_before_the_difference(Y, F):
    # right: return np.sum((Y - F) ** 2)
    return np.sum(Y - F**2)


@program("eq1", {"stars"})
def loop_with_one_star(Y, F):
    R = 0
    for i in range(len(Y)):
        for k in range(len(Y[0])):
            # right: R = R + (F[i, k] - Y[i, k]) ** 2
            R = R + (F[i, k] - Y[i, k]) * 2
    return R
