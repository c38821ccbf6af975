"""Section 3: any number of hidden layers."""

import numpy as np

from bplab.activations import tanh
from tests.benchmarks.naming.program import program

# --- eq14 ---------------------------------------------------------------------------------


@program("eq14", {"transposed"}, specific={"transposed"})
def inputs_first(delta, inputs):
    X1 = np.hstack([np.ones((inputs.shape[0], 1)), inputs])
    # right: return np.dot(delta.T, X1)
    return np.dot(X1.T, delta)


@program("eq14", {"bias-missing"})
def no_column_of_ones(delta, inputs):
    # right: return delta.T @ np.insert(inputs, 0, 1, axis=1)
    return delta.T @ inputs


@program("eq14", {"averaged-over-N"})
def batch_average(delta, inputs):
    N = inputs.shape[0]
    grad = np.zeros((delta.shape[1], inputs.shape[1] + 1))
    for i in range(N):
        grad += np.outer(delta[i], np.append([1], inputs[i]))
    # right: return grad
    return grad / N


@program("eq14", {"bias-averaged", "bias-wrong"}, specific={"bias-averaged"})
def mean_for_the_bias(delta, inputs):
    dW = np.einsum("ik,il->kl", delta, inputs)
    # right: db = np.sum(delta, 0)
    db = np.mean(delta, 0)
    return np.column_stack([db, dW])


@program("eq14", {"i-last-only", "last-example-only"})
def outer_product_overwritten(delta, inputs):
    K, M = delta.shape[1], inputs.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(len(delta)):
        # right: grad[:, 0] += delta[i]
        grad[:, 0] = delta[i]
        # right: grad[:, 1:] += np.outer(delta[i], inputs[i])
        grad[:, 1:] = np.outer(delta[i], inputs[i])
    return grad


@program("eq14", {"bias-last"})
def bias_appended(delta, inputs):
    rows = []
    for k in range(delta.shape[1]):
        row = [np.dot(delta[:, k], inputs[:, m]) for m in range(inputs.shape[1])]
        # right: row.insert(0, np.sum(delta[:, k]))
        row.append(np.sum(delta[:, k]))
        rows.append(row)
    return rows


@program("eq14", {"m-last-zero*", "column-last-wrong"})
def last_input_unit_missing(delta, inputs):
    K, M = delta.shape[1], inputs.shape[1]
    grad = np.zeros((K, M + 1))
    for k in range(K):
        grad[k, 0] = delta[:, k].sum()
        # right: for m in range(1, M + 1):
        for m in range(1, M):
            for i in range(len(delta)):
                grad[k, m] += delta[i, k] * inputs[i, m - 1]
    return grad


@program(
    "eq14",
    {"inputs-off-by-one", "weights-wrong", "inputs-shifted-by-a-unit", "weights-rolled"},
    specific={"inputs-off-by-one", "inputs-shifted-by-a-unit", "weights-rolled"},
)
def input_index_one_back(delta, inputs):
    K, M = delta.shape[1], inputs.shape[1]
    grad = np.zeros((K, M + 1))
    for i in range(len(delta)):
        for k in range(K):
            grad[k, 0] += delta[i, k]
            for m in range(M):
                # right: grad[k, m + 1] += delta[i, k] * inputs[i, m]
                grad[k, m + 1] += delta[i, k] * inputs[i, m - 1]
    return grad


@program("eq14", {"not-summed", "wrong-shape"}, specific={"not-summed"})
def one_matrix_an_example(delta, inputs):
    ones = np.ones((len(inputs), 1))
    Z = np.hstack([ones, inputs])
    # right: return (delta[:, :, None] * Z[:, None, :]).sum(axis=0)
    return delta[:, :, None] * Z[:, None, :]


@program("eq14", {"inputs-dropped"})
def delta_in_every_column(delta, inputs):
    grad = np.zeros((delta.shape[1], inputs.shape[1] + 1))
    for i in range(len(delta)):
        for k in range(delta.shape[1]):
            grad[k, 0] += delta[i, k]
            # right: grad[k, 1:] += delta[i, k] * inputs[i]
            grad[k, 1:] += delta[i, k]
    return grad


# --- eq15 ---------------------------------------------------------------------------------


@program("eq15", {"sigma-prime-at-Z"})
def slope_of_what_came_out(inputs, A, delta, beta, sigma):
    back = delta @ beta[:, 1:]
    Z = sigma(A)
    # right: s = back * sigma.derivative(A)
    s = back * sigma.derivative(Z)
    return np.column_stack([s.sum(axis=0), s.T @ inputs])


@program("eq15", {"A-for-inputs"})
def own_pre_activation_for_inputs(inputs, A, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: ones_and = np.insert(inputs, 0, 1.0, axis=1)
    ones_and = np.insert(A, 0, 1.0, axis=1)
    return s.T @ ones_and


@program("eq15", {"tanh-for-sigma", "captured*"})
def one_minus_tanh_squared(inputs, A, delta, beta, sigma):
    s = delta @ beta[:, 1:]
    # right: s = s * sigma.derivative(A)
    s = s * tanh.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ inputs])


@program("eq15", {"no-sigma-prime"})
def linear_last_layer(inputs, A, delta, beta, sigma):
    W = beta[:, 1:]
    grad = np.zeros((A.shape[1], inputs.shape[1] + 1))
    for i in range(len(inputs)):
        for m in range(A.shape[1]):
            s = 0
            for k in range(delta.shape[1]):
                s += delta[i, k] * W[k, m]
            # right: s *= sigma.derivative(A[i, m])
            s *= 1
            grad[m, 0] += s
            grad[m, 1:] += s * inputs[i]
    return grad


@program("eq15", {"bias-zero", "bias-wrong"}, specific={"bias-zero"})
def bias_row_forgotten(inputs, A, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    grad = np.zeros((A.shape[1], inputs.shape[1] + 1))
    # missing: grad[:, 0] = s.sum(axis=0)
    grad[:, 1:] = s.T @ inputs
    return grad


@program("eq15", {"two-again", "constant-factor"}, specific={"two-again"})
def two_comes_in_again(inputs, A, delta, beta, sigma):
    s = delta @ beta[:, 1:]
    s = s * sigma.derivative(A)
    # right: return s.T @ np.c_[np.ones(len(inputs)), inputs]
    return 2 * s.T @ np.c_[np.ones(len(inputs)), inputs]


@program("eq15", {"first-output-only", "k-first-only"})
def beta_of_the_first_output(inputs, A, delta, beta, sigma):
    back = np.zeros(A.shape)
    for i in range(A.shape[0]):
        for m in range(A.shape[1]):
            # right: for k in range(beta.shape[0]):
            for k in range(1):
                back[i, m] += delta[i, k] * beta[k, m + 1]
    s = back * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ inputs])


# --- eq16 ---------------------------------------------------------------------------------


@program("eq16", {"bias-column-used"})
def weights_k_m(delta, weights, A, sigma):
    s = np.zeros(A.shape)
    for i in range(A.shape[0]):
        for m in range(A.shape[1]):
            for k in range(delta.shape[1]):
                # right: s[i, m] += delta[i, k] * weights[k, m + 1]
                s[i, m] += delta[i, k] * weights[k, m]
            s[i, m] *= sigma.derivative(A[i, m])
    return s


@program("eq16", {"sigma-prime-twice"})
def slope_inside_the_sum_and_outside(delta, weights, A, sigma):
    slope = sigma.derivative(A)
    s = np.zeros(A.shape)
    for i in range(len(A)):
        for m in range(A.shape[1]):
            for k in range(len(weights)):
                s[i, m] += delta[i, k] * weights[k, m + 1] * slope[i, m]
    # right: return s
    return s * slope


@program("eq16", {"k-last-only", "last-unit-only"})
def last_unit_above_wins(delta, weights, A, sigma):
    s = np.zeros(A.shape)
    for i in range(len(A)):
        for m in range(A.shape[1]):
            total = 0
            for k in range(weights.shape[0]):
                # right: total = total + delta[i][k] * weights[k][m + 1]
                total = delta[i][k] * weights[k][m + 1]
            s[i][m] = total * sigma.derivative(A[i][m])
    return s


@program("eq16", {"no-sigma-prime"})
def only_sent_back(delta, weights, A, sigma):
    s = delta.dot(weights[:, 1:])
    # right: return s * sigma.derivative(A)
    return s


@program("eq16", {"assumes-relu-hidden"})
def mask_for_every_sigma(delta, weights, A, sigma):
    back = np.einsum("ik,km->im", delta, weights[:, 1:])
    # right: back *= sigma.derivative(A)
    back[A <= 0] = 0
    return back


@program("eq15", {"assumes-relu-hidden-at-Z"})
def mask_of_the_activation(inputs, A, delta, beta, sigma):
    Z = sigma(A)
    dhidden = np.dot(delta, beta[:, 1:])
    # right: dhidden = dhidden * sigma.derivative(A)
    dhidden[Z <= 0] = 0
    return np.column_stack([dhidden.sum(axis=0), np.dot(dhidden.T, inputs)])


@program("eq16", {"sigma-prime-added", "sum-for-product", "plus-for-times"})
def plus_for_times(delta, weights, A, sigma):
    back = delta @ weights[:, 1:]
    # right: return back * sigma.derivative(A)
    return back + sigma.derivative(A)


@program("eq16", {"units-averaged"})
def mean_over_units_above(delta, weights, A, sigma):
    terms = delta[:, :, None] * weights[None, :, 1:]
    # right: back = terms.sum(axis=1)
    back = terms.mean(axis=1)
    return back * sigma.derivative(A)


@program("eq16", {"raises", "broadcast-shapes", "bias-column-kept"}, says=r"bias|\(\d+, \d+\)")
def bias_column_not_cut(delta, weights, A, sigma):
    # right: return delta @ weights[:, 1:] * sigma.derivative(A)
    return delta @ weights * sigma.derivative(A)


# --- eq17 ---------------------------------------------------------------------------------


@program("eq17", {"s-reversed"})
def list_from_the_top(delta, alphas, beta, A, sigmas):
    D = len(A)
    s = (delta @ beta[:, 1:]) * sigmas[D - 1].derivative(A[D - 1])
    all_s = [s]
    for d in range(D - 2, -1, -1):
        s = (s @ alphas[d + 1][:, 1:]) * sigmas[d].derivative(A[d])
        all_s.append(s)
    # right: return all_s[::-1]
    return all_s


@program(
    "eq17",
    {"own-weights-between", "raises", "matmul-shapes", "broadcast-shapes"},
    says=r"weights|\(\d+, \d+\)",
)
def weights_of_the_layer_itself(delta, alphas, beta, A, sigmas):
    s = [None] * len(A)
    s[-1] = (delta @ beta[:, 1:]) * sigmas[-1].derivative(A[-1])
    for d in reversed(range(len(A) - 1)):
        # right: s[d] = (s[d + 1] @ alphas[d + 1][:, 1:]) * sigmas[d].derivative(A[d])
        s[d] = (s[d + 1] @ alphas[d][:, 1:]) * sigmas[d].derivative(A[d])
    return s


@program("eq17", {"no-sigma-prime-last"})
def slope_missing_at_the_top(delta, alphas, beta, A, sigmas):
    # right: s = [delta @ beta[:, 1:] * sigmas[-1].derivative(A[-1])]
    s = [delta @ beta[:, 1:]]
    for d in range(len(A) - 2, -1, -1):
        s.insert(0, s[0] @ alphas[d + 1][:, 1:] * sigmas[d].derivative(A[d]))
    return s


@program("eq17", {"delta-sent-down", "raises", "matmul-shapes"}, says=r"delta")
def delta_in_every_layer(delta, alphas, beta, A, sigmas):
    weights = [*alphas[1:], beta]
    out = []
    above = delta
    for d in range(len(A) - 1, -1, -1):
        # right: s = (above @ weights[d][:, 1:]) * sigmas[d].derivative(A[d])
        s = (delta @ weights[d][:, 1:]) * sigmas[d].derivative(A[d])
        out.append(s)
        above = s
    return out[::-1]


@program("eq17", {"back-sent-down"})
def sends_down_what_has_no_slope(delta, alphas, beta, A, sigmas):
    weights = list(alphas[1:]) + [beta]
    signal = delta
    result = [0] * len(A)
    for d in reversed(range(len(A))):
        signal = signal @ weights[d][:, 1:]
        result[d] = signal * sigmas[d].derivative(A[d])
        # missing: signal = result[d]
    return result


@program("eq17", {"sigma-of-last-layer"})
def one_sigma_for_all(delta, alphas, beta, A, sigmas):
    # right: pick = lambda d: sigmas[d]
    pick = lambda d: sigmas[-1]
    s = {}
    D = len(A)
    s[D - 1] = delta @ beta[:, 1:] * pick(D - 1).derivative(A[D - 1])
    for d in range(D - 2, -1, -1):
        s[d] = s[d + 1] @ alphas[d + 1][:, 1:] * pick(d).derivative(A[d])
    return [s[d] for d in range(D)]


@program("eq17", {"first-layer-missing-below", "first-layer-missing"})
def range_stops_at_one(delta, alphas, beta, A, sigmas):
    D = len(A)
    s = delta @ beta[:, 1:] * sigmas[D - 1].derivative(A[D - 1])
    deltas = [s]
    # right: for d in range(D - 2, -1, -1):
    for d in range(D - 2, 0, -1):
        s = s @ alphas[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        deltas.append(s)
    deltas.reverse()
    return deltas


@program(
    "eq17", {"A-of-layer-above", "raises", "broadcast-shapes"}, says=r"another layer|\(\d+, \d+\)"
)
def pre_activation_of_the_wrong_layer(delta, alphas, beta, A, sigmas):
    s = [delta @ beta[:, 1:] * sigmas[-1].derivative(A[-1])]
    for d in range(len(alphas) - 2, -1, -1):
        back = s[0] @ alphas[d + 1][:, 1:]
        # right: s.insert(0, back * sigmas[d].derivative(A[d]))
        s.insert(0, back * sigmas[d].derivative(A[d + 1]))
    return s


@program(
    "eq17",
    {"s-not-updated*", "same-s", "s-not-updated", "matmul-shapes"},
    specific={"s-not-updated*", "same-s", "s-not-updated"},
)
def same_array_again_and_again(delta, alphas, beta, A, sigmas):
    s = delta @ beta[:, 1:] * sigmas[-1].derivative(A[-1])
    every = [s]
    for d in range(len(A) - 2, -1, -1):
        new = s @ alphas[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        # right: every.insert(0, new)
        every.insert(0, s)
        # right: s = new
        new = s
    return every


@program("eq17", {"sigma-prime-at-Z"})
def slopes_of_activations(delta, alphas, beta, A, sigmas):
    Z = [sigma(a) for sigma, a in zip(sigmas, A, strict=True)]
    above = [*alphas[1:], beta]
    s = []
    for d in range(len(A))[::-1]:
        # right: delta = delta @ above[d][:, 1:] * sigmas[d].derivative(A[d])
        delta = delta @ above[d][:, 1:] * sigmas[d].derivative(Z[d])
        s.append(delta)
    s.reverse()
    return s


# --- eq18 ---------------------------------------------------------------------------------


@program("eq18", {"no-factor-2", "constant-factor"}, specific={"no-factor-2"})
def deep_without_two(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    # right: delta = g.pull_back(2 * (g(T) - Y), T)
    delta = g.pull_back(g(T) - Y, T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
    return by_alphas, by_beta


@program("eq18", {"own-Z-for-inputs", "raises", "wrong-shape"}, specific={"own-Z-for-inputs"})
def own_outputs_as_inputs(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(2 * (g(T) - Y), T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        # right: by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d + 1]]))
    return by_alphas, by_beta


@program("eq18", {"gradients-reversed"})
def gradients_from_the_top(X, Y, alphas, beta, sigmas, g):
    outputs = [X]
    nets = []
    for d in range(len(alphas)):
        net = alphas[d][:, 0] + outputs[d] @ alphas[d][:, 1:].T
        nets.append(net)
        outputs.append(sigmas[d](net))
    t = beta[:, 0] + outputs[-1] @ beta[:, 1:].T
    delta = g.pull_back(-2 * (Y - g(t)), t)
    gradient_beta = delta.T @ np.insert(outputs[-1], 0, 1, axis=1)
    grads = []
    above = beta
    for d in range(len(alphas) - 1, -1, -1):
        delta = (delta @ above[:, 1:]) * sigmas[d].derivative(nets[d])
        grads.append(delta.T @ np.insert(outputs[d], 0, 1, axis=1))
        above = alphas[d]
    # right: return grads[::-1], gradient_beta
    return grads, gradient_beta


@program("eq18", {"bias-zero", "bias-wrong"}, specific={"bias-zero"})
def biases_stay_zero(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]

    def grads_of(d, z):
        out = np.zeros((d.shape[1], z.shape[1] + 1))
        out[:, 1:] = d.T @ z
        # missing: out[:, 0] = d.sum(axis=0)
        return out

    delta = g.pull_back(-2 * (Y - g(T)), T)
    by_beta = grads_of(delta, Z[-1])
    by_alphas = [None] * len(alphas)
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        by_alphas[d] = grads_of(delta, Z[d])
    return by_alphas, by_beta


@program("eq18", {"averaged-over-N"})
def deep_batch_average(X, Y, alphas, beta, sigmas, g):
    n = X.shape[0]
    a_list = [np.insert(X, 0, 1, axis=1)]
    z_list = []
    for W, act in zip(alphas, sigmas, strict=True):
        z = a_list[-1] @ W.T
        z_list.append(z)
        a_list.append(np.insert(act(z), 0, 1, axis=1))
    t = a_list[-1] @ beta.T
    delta = g.pull_back(2 * (g(t) - Y), t)
    # right: grad_beta = delta.T @ a_list[-1]
    grad_beta = delta.T @ a_list[-1] / n
    grads = []
    W_above = beta
    for layer in range(len(alphas) - 1, -1, -1):
        delta = (delta @ W_above)[:, 1:] * sigmas[layer].derivative(z_list[layer])
        # right: grads.append(delta.T @ a_list[layer])
        grads.append(delta.T @ a_list[layer] / n)
        W_above = alphas[layer]
    return grads[::-1], grad_beta


@program("eq18", {"no-g-prime"})
def deep_residual_as_delta(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    # right: s = g.pull_back(-2 * (Y - g(T)), T)
    s = -2 * (Y - g(T))
    by_beta = np.column_stack([s.sum(axis=0), s.T @ Z[-1]])
    by_alphas = []
    weights = [*alphas[1:], beta]
    for W, a, z, sigma in list(zip(weights, A, Z[:-1], sigmas, strict=True))[::-1]:
        s = (s @ W[:, 1:]) * sigma.derivative(a)
        by_alphas.append(np.column_stack([s.sum(axis=0), s.T @ z]))
    by_alphas.reverse()
    return by_alphas, by_beta


@program("eq18", {"every-layer-fed-with-X", "raises", "matmul-shapes"}, says=r"X")
def layers_all_read_X(X, Y, alphas, beta, sigmas, g):
    A, Z = [], []
    below = X
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        # right: a = below @ alpha[:, 1:].T + alpha[:, 0]
        a = X @ alpha[:, 1:].T + alpha[:, 0]
        A.append(a)
        Z.append(sigma(a))
        below = Z[-1]
    T = below @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ below])
    inputs = [X, *Z[:-1]]
    by_alphas = []
    above = beta
    for d in reversed(range(len(alphas))):
        delta = delta @ above[:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ inputs[d]]))
        above = alphas[d]
    return by_alphas, by_beta


@program("eq18", {"beta-missing", "wrong-parts", "no-numbers"}, specific={"beta-missing"})
def forgets_to_return_beta(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    above = beta
    for d in reversed(range(len(alphas))):
        delta = delta @ above[:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
        above = alphas[d]
    # right: return by_alphas, by_beta
    return by_alphas


@program("eq18", {"no-sigma-prime"})
def deep_linear_backwards(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    above = beta
    for d in reversed(range(len(alphas))):
        # right: delta = delta @ above[:, 1:] * sigmas[d].derivative(A[d])
        delta = delta @ above[:, 1:]
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
        above = alphas[d]
    return by_alphas, by_beta


@program(
    "eq18",
    {"raises", "derivative-of-softmax", "unknown-attribute", "softmax-*"},
    says="acobian|pull|no derivative|not have",
)
def derivative_of_any_g(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    # right: delta = g.pull_back(-2 * (Y - g(T)), T)
    delta = -2 * (Y - g(T)) * g.derivative(T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    above = beta
    for d in reversed(range(len(alphas))):
        delta = delta @ above[:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
        above = alphas[d]
    return by_alphas, by_beta


@program("eq18", {"sign-flipped"})
def deep_sign(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    # right: delta = g.pull_back(2 * (g(T) - Y), T)
    delta = g.pull_back(2 * (Y - g(T)), T)
    s = {len(alphas): delta}
    weights = {d: w for d, w in enumerate([*alphas, beta])}
    grads = {}
    for d in range(len(alphas), -1, -1):
        grads[d] = np.column_stack([s[d].sum(axis=0), s[d].T @ Z[d]])
        if d > 0:
            s[d - 1] = s[d] @ weights[d][:, 1:] * sigmas[d - 1].derivative(A[d - 1])
    return [grads[d] for d in range(len(alphas))], grads[len(alphas)]


# --- more of each -------------------------------------------------------------------------


@program("eq14", {"examples-crossed", "*crossed*", "weights-wrong"}, specific={"*crossed*"})
def sums_multiplied(delta, inputs):
    db = delta.sum(axis=0)
    # right: dW = delta.T @ inputs
    dW = np.outer(delta.sum(axis=0), inputs.sum(axis=0))
    return np.column_stack([db, dW])


@program(
    "eq14",
    {"bias-is-N", "bias-from-inputs", "bias-wrong"},
    specific={"bias-is-N", "bias-from-inputs"},
)
def counts_for_the_bias(delta, inputs):
    grad = np.zeros((delta.shape[1], inputs.shape[1] + 1))
    for d, z in zip(delta, inputs, strict=True):
        # right: grad[:, 0] += d
        grad[:, 0] += 1
        grad[:, 1:] += np.outer(d, z)
    return grad


@program("eq14", {"bias-twice", "wrong-shape"}, specific={"bias-twice"})
def ones_and_a_bias_column(delta, inputs):
    ones = np.ones((len(inputs), 1))
    inputs = np.hstack([ones, inputs])
    # right: return delta.T @ inputs
    return np.column_stack([delta.sum(axis=0), delta.T @ inputs])


@program("eq14", {"raises", "matmul-shapes"}, says=r"\(\d+, \d+\)")
def product_without_transpose(delta, inputs):
    ones_inputs = np.insert(inputs, 0, 1, axis=1)
    # right: return np.matmul(delta.T, ones_inputs)
    return np.matmul(delta, ones_inputs)


@program("eq14", {"i-first-left-out"})
def starts_with_the_second_example(delta, inputs):
    N = len(delta)
    grad = np.zeros((delta.shape[1], inputs.shape[1] + 1))
    # right: i = 0
    i = 1
    while i < N:
        grad += np.outer(delta[i], np.concatenate([[1.0], inputs[i]]))
        i += 1
    return grad


@program("eq15", {"bias-column-used"})
def beta_k_m_in_three_loops(inputs, A, delta, beta, sigma):
    N, M, K = len(A), A.shape[1], delta.shape[1]
    s = [[0.0] * M for _ in range(N)]
    for i in range(N):
        for m in range(M):
            for k in range(K):
                # right: s[i][m] += delta[i][k] * beta[k][m + 1]
                s[i][m] += delta[i][k] * beta[k][m]
            s[i][m] *= sigma.derivative(A[i][m])
    s = np.array(s)
    return np.column_stack([s.sum(axis=0), s.T @ inputs])


@program("eq15", {"averaged-over-N"})
def last_hidden_mean(inputs, A, delta, beta, sigma):
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    n = inputs.shape[0]
    # right: return np.c_[s.sum(axis=0), s.T @ inputs]
    return np.c_[s.mean(axis=0), s.T @ inputs / n]


@program("eq15", {"no-sigma-prime", "averaged-over-N"})
def two_faults_linear_mean(inputs, A, delta, beta, sigma):
    # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    s = delta @ beta[:, 1:]
    ones = np.ones((len(inputs), 1))
    # right: return s.T @ np.hstack([ones, inputs])
    return s.T @ np.hstack([ones, inputs]) / len(inputs)


@program("eq16", {"sigma-prime-at-Z"})
def slope_of_sigma_of_A(delta, weights, A, sigma):
    Z = sigma(A)
    back = np.zeros(A.shape)
    for k in range(delta.shape[1]):
        back += delta[:, [k]] * weights[[k], 1:]
    # right: return back * sigma.derivative(A)
    return back * sigma.derivative(Z)


@program("eq16", {"sign-again", "sign-flipped"})
def minus_once_more(delta, weights, A, sigma):
    back = -delta @ weights[:, 1:]
    # right: return -back * sigma.derivative(A)
    return back * sigma.derivative(A)


@program("eq16", {"above-dropped"})
def weights_alone(delta, weights, A, sigma):
    # right: back = delta @ weights[:, 1:]
    back = np.ones(A.shape)
    return back * sigma.derivative(A)


@program("eq17", {"bias-column-used"})
def every_layer_one_column_off(delta, alphas, beta, A, sigmas):
    above = [*alphas[1:], beta]
    s = [None] * len(A)
    signal = delta
    for d in range(len(A) - 1, -1, -1):
        # right: W = above[d][:, 1:]
        W = above[d][:, :-1]
        signal = (signal @ W) * sigmas[d].derivative(A[d])
        s[d] = signal
    return s


@program("eq17", {"last-layer-missing"})
def forgets_the_first_one_it_made(delta, alphas, beta, A, sigmas):
    s = delta @ beta[:, 1:] * sigmas[-1].derivative(A[-1])
    # right: found = [s]
    found = []
    for d in range(len(alphas) - 2, -1, -1):
        s = s @ alphas[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        found.insert(0, s)
    return found


@program("eq17", {"delta-in-the-list", "wrong-parts"}, specific={"delta-in-the-list"})
def list_begins_with_delta(delta, alphas, beta, A, sigmas):
    weights = [*alphas[1:], beta]
    s = [delta]
    for d in reversed(range(len(A))):
        s.insert(0, s[0] @ weights[d][:, 1:] * sigmas[d].derivative(A[d]))
    # right: return s[:-1]
    return s


@program("eq17", {"no-sigma-prime"})
def recursion_without_slopes(delta, alphas, beta, A, sigmas):
    def down(s, W, a, sigma):
        back = s @ W[:, 1:]
        # right: return back * sigma.derivative(a)
        return back

    result = [down(delta, beta, A[-1], sigmas[-1])]
    for d in range(len(A) - 2, -1, -1):
        result = [down(result[0], alphas[d + 1], A[d], sigmas[d]), *result]
    return result


@program("eq17", {"raises", "index-out-of-range"}, says=r"index|last of")
def asks_for_a_layer_too_many(delta, alphas, beta, A, sigmas):
    s = [None] * len(A)
    above = delta
    # right: for d in range(len(A) - 1, -1, -1):
    for d in range(len(A), 0, -1):
        W = beta if d == len(A) - 1 else alphas[d + 1]
        above = above @ W[:, 1:] * sigmas[d].derivative(A[d])
        s[d] = above
    return s


@program("eq18", {"A-for-Z"})
def pre_activations_as_inputs(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    # right: inputs = Z
    inputs = [X, *A]
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ inputs[-1]])
    by_alphas = []
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ inputs[d]]))
    return by_alphas, by_beta


@program("eq18", {"sigma-of-first-layer"})
def first_sigma_for_all_slopes(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        # right: slope = sigmas[d].derivative(A[d])
        slope = sigmas[0].derivative(A[d])
        delta = delta @ weights[d + 1][:, 1:] * slope
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
    return by_alphas, by_beta


@program("eq18", {"no-factor-2", "averaged-over-N"})
def two_faults_deep_half_mean(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    # right: error = 2 * (g(T) - Y)
    error = (g(T) - Y) / len(X)
    delta = g.pull_back(error, T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
    return by_alphas, by_beta


@program("eq14", {"squeezed", "matmul-shapes", "raises"}, specific={"squeezed"})
def inputs_squeezed(delta, inputs):
    # right: Z = inputs
    Z = inputs.squeeze()
    ones = np.ones((len(delta), 1))
    return delta.T @ np.hstack([ones, Z.reshape(len(delta), -1)[:, : Z.shape[1]]])


@program("eq14", {"weights-over-bias"})
def no_room_left_for_the_bias(delta, inputs):
    grad = np.zeros((delta.shape[1], inputs.shape[1] + 1))
    for d, z in zip(delta, inputs, strict=True):
        for k in range(len(d)):
            # right: grad[k, 0] += d[k]
            grad[k, 0] += 0 * d[k]
            for m in range(len(z)):
                # right: grad[k, m + 1] += d[k] * z[m]
                grad[k, m] += d[k] * z[m]
    return grad


@program("eq15", {"bias-over-last-weight"})
def bias_at_index_minus_one(inputs, A, delta, beta, sigma):
    s = delta @ beta[:, 1:] * sigma.derivative(A)
    grad = np.zeros((s.shape[1], inputs.shape[1] + 1))
    grad[:, 1:] = s.T @ inputs
    # right: grad[:, 0] = s.sum(axis=0)
    grad[:, -1] = s.sum(axis=0)
    return grad


@program("eq16", {"numerical-derivative"})
def slope_in_the_formula_by_a_step(delta, weights, A, sigma):
    h = 1e-2
    # right: slope = sigma.derivative(A)
    slope = (sigma(A + h) - sigma(A - h)) / (2 * h)
    return delta @ weights[:, 1:] * slope


@program("eq17", {"numerical-derivative"})
def slope_by_a_step_in_every_layer(delta, alphas, beta, A, sigmas):
    weights = [*alphas[1:], beta]
    s = []
    for a, w, sigma in zip(A[::-1], weights[::-1], sigmas[::-1], strict=True):
        # right: slope = sigma.derivative(a)
        slope = (sigma(a + 1e-3) - sigma(a)) / 1e-3
        delta = delta @ w[:, 1:] * slope
        s.insert(0, delta)
    return s


@program("eq17", {"chosen-by-name"})
def slopes_by_name_in_every_layer(delta, alphas, beta, A, sigmas):
    def slope(sigma, a):
        z = sigma(a)
        # right: if sigma.name == "unknown":
        if sigma.name == "sigmoid":
            return z * (1 - z)
        # right: if sigma.name == "unknown, too":
        if sigma.name == "tanh":
            return 1 - z * z
        # right: return sigma.derivative(a)
        return np.where(a > 0, 1.0, 0.0)

    weights = [*alphas[1:], beta]
    s = [delta]
    for d in reversed(range(len(A))):
        s.insert(0, s[0] @ weights[d][:, 1:] * slope(sigmas[d], A[d]))
    return s[:-1]


@program("eq16", {"weights-of-unit-before", "index-off"})
def row_of_the_unit_before(delta, weights, A, sigma):
    N, M = A.shape
    s = np.zeros((N, M))
    for m in range(M):
        for k in range(len(weights)):
            # right: s[:, m] += delta[:, k] * weights[k, m + 1]
            s[:, m] += delta[:, k] * weights[k - 1, m + 1]
    return s * sigma.derivative(A)


@program("eq18", {"clipped"})
def outputs_made_safe(X, Y, alphas, beta, sigmas, g):
    Z, A = [X], []
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0])
        Z.append(sigma(A[-1]))
    T = Z[-1] @ beta[:, 1:].T + beta[:, 0]
    # right: F = g(T)
    F = np.clip(g(T), -1, 1)
    delta = g.pull_back(-2 * (Y - F), T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z[-1]])
    by_alphas = []
    weights = [*alphas, beta]
    for d in reversed(range(len(alphas))):
        delta = delta @ weights[d + 1][:, 1:] * sigmas[d].derivative(A[d])
        by_alphas.insert(0, np.column_stack([delta.sum(axis=0), delta.T @ Z[d]]))
    return by_alphas, by_beta


@program("eq17", {"index-type", "raises"}, specific={"index-type"}, says="a float")
def half_of_the_layers(delta, alphas, beta, A, sigmas):
    # right: D = len(A)
    D = 2 * len(A) / 2
    weights = [*alphas[1:], beta]
    s = []
    for a, w, sigma in zip(A[:D][::-1], weights[::-1], sigmas[::-1], strict=True):
        delta = delta @ w[:, 1:] * sigma.derivative(a)
        s.insert(0, delta)
    return s


@program("eq15", {"sigma-prime-of-example-before", "index-off"})
def slope_of_the_example_before(inputs, A, delta, beta, sigma):
    grad = np.zeros((A.shape[1], inputs.shape[1] + 1))
    for i in range(len(inputs)):
        # right: s = delta[i] @ beta[:, 1:] * sigma.derivative(A[i])
        s = delta[i] @ beta[:, 1:] * sigma.derivative(A[i - 1])
        grad[:, 0] += s
        grad[:, 1:] += np.outer(s, inputs[i])
    return grad
