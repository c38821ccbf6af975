"""Section 2.3: the update, and one pass of back-propagation."""

import numpy as np

from bplab.network import backward_hidden, backward_output, forward
from tests.benchmarks.naming.program import program

# --- eq12 ---------------------------------------------------------------------------------


@program("eq12", {"ascends"})
def plus_gamma(weights, gradient, gamma):
    new = np.array(weights, dtype=float)
    for k in range(new.shape[0]):
        for m in range(new.shape[1]):
            # right: new[k, m] = new[k, m] - gamma * gradient[k, m]
            new[k, m] = new[k, m] + gamma * gradient[k, m]
    return new


@program("eq12", {"gamma-missing"})
def whole_gradient(weights, gradient, gamma):
    # right: return weights - gamma * gradient
    return weights - gradient


@program("eq12", {"argument-changed"}, specific={"argument-changed"})
def minus_equals_on_the_argument(weights, gradient, gamma):
    # right: weights = weights - gamma * gradient
    weights -= gamma * gradient
    return weights


@program("eq12", {"integers-truncated"})
def new_array_like_the_old(weights, gradient, gamma):
    # right: new = np.zeros(weights.shape)
    new = np.zeros_like(weights)
    for k in range(len(weights)):
        new[k] = weights[k] - gamma * gradient[k]
    return new


@program("eq12", {"step-only"})
def the_step_alone(weights, gradient, gamma):
    step = -gamma * gradient
    # right: return weights + step
    return step


@program("eq12", {"gamma-always-0.01"})
def own_learning_rate(weights, gradient, gamma):
    # right: learning_rate = gamma
    learning_rate = 0.01
    return weights - learning_rate * gradient


@program("eq12", {"gamma-always-*", "gamma-ignored", "gamma-constant"})
def learning_rate_of_half(weights, gradient, gamma):
    # right: lr = gamma
    lr = 0.5
    return np.subtract(weights, lr * gradient)


@program("eq12", {"bias-not-updated"})
def bias_stays(weights, gradient, gamma):
    new = weights.astype(float)
    for k in range(weights.shape[0]):
        # right: for m in range(weights.shape[1]):
        for m in range(1, weights.shape[1]):
            new[k, m] -= gamma * gradient[k, m]
    return new


@program("eq12", {"divided-by-rows"})
def average_gradient(weights, gradient, gamma):
    n = len(gradient)
    # right: return weights - gamma * gradient
    return weights - gamma * gradient / n


@program("eq12", {"k-last-*", "last-row-*", "row-last-wrong"})
def last_row_stays(weights, gradient, gamma):
    new = weights * 1.0
    # right: for k in range(len(weights)):
    for k in range(len(weights) - 1):
        new[k] = weights[k] - gamma * gradient[k]
    return new


@program("eq12", {"raises", "whole-numbers"}, says="integer|int64|whole")
def minus_equals_on_a_copy(weights, gradient, gamma):
    # right: w = weights.astype(float)
    w = weights.copy()
    w -= gamma * gradient
    return w


# --- eq13 ---------------------------------------------------------------------------------


@program("eq13", {"beta-updated-too-early"})
def updates_as_it_goes(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    F = g(T)
    delta = g.pull_back(-2 * (Y - F), T)
    # missing: old = beta
    beta = beta - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: back = delta @ old[:, 1:]
    back = delta @ beta[:, 1:]
    s = back * sigma.derivative(A)
    alpha = alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    return alpha, beta


@program("eq13", {"ascends", "sign-flipped"})
def adds_the_gradient(X, Y, alpha, beta, sigma, g, gamma):
    X1 = np.insert(X, 0, 1, axis=1)
    A = X1 @ alpha.T
    Z1 = np.insert(sigma(A), 0, 1, axis=1)
    T = Z1 @ beta.T
    delta = g.pull_back(2 * (g(T) - Y), T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: return alpha - gamma * s.T @ X1, beta - gamma * delta.T @ Z1
    return alpha + gamma * s.T @ X1, beta + gamma * delta.T @ Z1


@program("eq13", {"no-factor-2"})
def error_only(X, Y, alpha, beta, sigma, g, gamma):
    X1 = np.hstack([np.ones((len(X), 1)), X])
    A = X1 @ alpha.T
    Z = sigma(A)
    Z1 = np.hstack([np.ones((len(Z), 1)), Z])
    T = Z1 @ beta.T
    F = g(T)
    # right: error = 2 * (F - Y)
    error = F - Y
    delta = g.pull_back(error, T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return alpha - gamma * (s.T @ X1), beta - gamma * (delta.T @ Z1)


@program("eq13", {"example-by-example"})
def stochastic_updates(X, Y, alpha, beta, sigma, g, gamma):
    # right: a, b = alpha.astype(float), beta.astype(float)
    a, b = alpha, beta
    for i in range(len(X)):
        x, y = X[i : i + 1], Y[i : i + 1]
        # right: A = x @ alpha[:, 1:].T + alpha[:, 0]
        A = x @ a[:, 1:].T + a[:, 0]
        Z = sigma(A)
        # right: T = Z @ beta[:, 1:].T + beta[:, 0]
        T = Z @ b[:, 1:].T + b[:, 0]
        delta = g.pull_back(-2 * (y - g(T)), T)
        # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
        s = (delta @ b[:, 1:]) * sigma.derivative(A)
        a = a - gamma * np.column_stack([s.sum(axis=0), s.T @ x])
        b = b - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return a, b


@program("eq13", {"softmax-diagonal"})
def every_output_elementwise(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    F = g(T)
    if hasattr(g, "derivative"):
        delta = -2 * (Y - F) * g.derivative(T)
    else:
        # right: delta = g.pull_back(-2 * (Y - F), T)
        delta = -2 * (Y - F) * F * (1 - F)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    new_alpha = alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    new_beta = beta - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return new_alpha, new_beta


@program(
    "eq13",
    {"raises", "derivative-of-softmax", "unknown-attribute", "softmax-*"},
    says="acobian|pull|no derivative|not have",
)
def asks_every_g_for_its_slope(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    # right: delta = g.pull_back(-2 * (Y - g(T)), T)
    delta = -2 * (Y - g(T)) * g.derivative(T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    new_alpha = alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    new_beta = beta - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return new_alpha, new_beta


@program("eq13", {"no-sigma-prime"})
def hidden_layer_taken_for_linear(X, Y, alpha, beta, sigma, g, gamma):
    X1 = np.c_[np.ones(len(X)), X]
    A = X1 @ alpha.T
    Z1 = np.c_[np.ones(len(X)), sigma(A)]
    T = Z1 @ beta.T
    delta = g.pull_back(-2 * (Y - g(T)), T)
    # right: s = delta @ beta[:, 1:] * sigma.derivative(A)
    s = delta @ beta[:, 1:]
    return alpha - gamma * s.T @ X1, beta - gamma * delta.T @ Z1


@program("eq13", {"only-beta-updated"})
def alpha_forgotten(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    grad_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: alpha = alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    alpha = alpha - 0 * np.column_stack([s.sum(axis=0), s.T @ X])
    return alpha, beta - gamma * grad_beta


@program("eq13", {"averaged-over-N"})
def mean_gradient_step(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    # right: D = -2 * (Y - g(T))
    D = -2 * (Y - g(T)) / len(X)
    delta = g.pull_back(D, T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    grad_alpha = np.column_stack([s.sum(axis=0), s.T @ X])
    grad_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return alpha - gamma * grad_alpha, beta - gamma * grad_beta


@program("eq13", {"beta-returned-first"})
def beta_then_alpha(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    new_b = beta - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    new_a = alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    # right: return new_a, new_b
    return new_b, new_a


@program("eq13", {"bias-not-updated", "bias-zero", "bias-gradient-missing"})
def weights_without_biases(X, Y, alpha, beta, sigma, g, gamma):
    a, b = alpha.astype(float), beta.astype(float)
    A = X @ a[:, 1:].T + a[:, 0]
    Z = sigma(A)
    T = Z @ b[:, 1:].T + b[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    s = (delta @ b[:, 1:]) * sigma.derivative(A)
    a[:, 1:] -= gamma * s.T @ X
    b[:, 1:] -= gamma * delta.T @ Z
    # missing: a[:, 0] -= gamma * s.sum(axis=0)
    # missing: b[:, 0] -= gamma * delta.sum(axis=0)
    return a, b


@program("eq13", {"i-last-only", "last-example-only"})
def gradient_of_the_last_example(X, Y, alpha, beta, sigma, g, gamma):
    grad_a, grad_b = np.zeros(alpha.shape), np.zeros(beta.shape)
    for i in range(len(X)):
        x = np.r_[1, X[i]]
        a = alpha @ x
        z = np.r_[1, sigma(a)]
        t = beta @ z
        delta = g.pull_back(-2 * (Y[i] - g(t[None])[0])[None], t[None])[0]
        s = beta[:, 1:].T @ delta * sigma.derivative(a)
        # right: grad_a += np.outer(s, x)
        grad_a = np.outer(s, x)
        # right: grad_b += np.outer(delta, z)
        grad_b = np.outer(delta, z)
    return alpha - gamma * grad_a, beta - gamma * grad_b


@program("eq12", {"normalised"})
def unit_step(weights, gradient, gamma):
    length = np.sqrt(np.sum(gradient**2))
    # right: direction = gradient
    direction = gradient / length
    return weights - gamma * direction


@program("eq12", {"weight-decay-*", "weight-decay"})
def decays_the_weights(weights, gradient, gamma):
    # right: decay = 0
    decay = 0.01
    return weights - gamma * (gradient + decay * weights)


@program("eq12", {"momentum", "step-scaled", "constant-step-factor", "gamma-scaled", "step-*"})
def step_of_nine_tenths(weights, gradient, gamma):
    velocity = np.zeros(weights.shape)
    # right: velocity = velocity + gamma * gradient
    velocity = 0.9 * velocity + 0.1 * gamma * gradient
    return weights - velocity


@program("eq12", {"gamma-missing", "ascends"})
def two_faults_plus_whole_gradient(weights, gradient, gamma):
    # right: return weights - gamma * gradient
    return weights + gradient


@program("eq12", {"brackets"})
def gamma_before_the_bracket(weights, gradient, gamma):
    # right: new_weights = weights - gamma * gradient
    new_weights = gamma * (weights - gradient)
    return new_weights


@program("eq12", {"not-updated"})
def forgets_to_use_the_step(weights, gradient, gamma):
    step = gamma * gradient
    # right: return weights - step
    return weights


@program("eq13", {"sigma-prime-at-Z"})
def one_pass_slope_at_Z(X, Y, alpha, beta, sigma, g, gamma):
    hidden_in = X @ alpha[:, 1:].T + alpha[:, 0]
    hidden_out = sigma(hidden_in)
    out_in = hidden_out @ beta[:, 1:].T + beta[:, 0]
    out = g(out_in)
    d_out = g.pull_back(2 * (out - Y), out_in)
    # right: d_hid = d_out @ beta[:, 1:] * sigma.derivative(hidden_in)
    d_hid = d_out @ beta[:, 1:] * sigma.derivative(hidden_out)
    alpha = alpha - gamma * np.column_stack([d_hid.sum(axis=0), d_hid.T @ X])
    beta = beta - gamma * np.column_stack([d_out.sum(axis=0), d_out.T @ hidden_out])
    return alpha, beta


@program("eq13", {"forward-with-new-beta"})
def second_forward_pass(X, Y, alpha, beta, sigma, g, gamma):
    def forward(a, b):
        A = X @ a[:, 1:].T + a[:, 0]
        Z = sigma(A)
        T = Z @ b[:, 1:].T + b[:, 0]
        return A, Z, T

    A, Z, T = forward(alpha, beta)
    delta = g.pull_back(-2 * (Y - g(T)), T)
    new_beta = beta - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    # right: b = beta
    b = new_beta
    A, Z, T = forward(alpha, b)
    delta = g.pull_back(-2 * (Y - g(T)), T)
    s = (delta @ b[:, 1:]) * sigma.derivative(A)
    return alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X]), new_beta


@program("eq13", {"argument-changed"}, specific={"argument-changed"})
def one_pass_in_place(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    # right: alpha = alpha - gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    alpha -= gamma * np.column_stack([s.sum(axis=0), s.T @ X])
    # right: beta = beta - gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    beta -= gamma * np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return alpha, beta


@program("eq13", {"bias-column-used"})
def one_pass_wrong_columns_back(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    delta = g.pull_back(-2 * (Y - g(T)), T)
    # right: s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    s = (delta @ beta[:, :-1]) * sigma.derivative(A)
    grad_alpha = np.column_stack([s.sum(axis=0), s.T @ X])
    grad_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return alpha - gamma * grad_alpha, beta - gamma * grad_beta


@program("eq13", {"no-factor-2", "averaged-over-N"})
def two_faults_half_mean(X, Y, alpha, beta, sigma, g, gamma):
    m = len(X)
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    # right: delta = g.pull_back(2 * (g(T) - Y), T)
    delta = g.pull_back(g(T) - Y, T) / m
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    grad_alpha = np.column_stack([s.sum(axis=0), s.T @ X])
    grad_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return alpha - gamma * grad_alpha, beta - gamma * grad_beta


@program("eq13", {"clipped"})
def gradients_clipped_to_one(X, Y, alpha, beta, sigma, g, gamma):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta, by_beta = backward_output(Y, A, Z, T, F, g)
    by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)
    # right:
    by_alpha, by_beta = np.clip(by_alpha, -1, 1), np.clip(by_beta, -1, 1)
    return alpha - gamma * by_alpha, beta - gamma * by_beta


@program("eq13", {"two-passes"})
def a_loop_around_the_pass(X, Y, alpha, beta, sigma, g, gamma):
    # right: for _ in range(1):
    for _ in range(2):
        A, Z, T, F = forward(X, alpha, beta, sigma, g)
        delta, by_beta = backward_output(Y, A, Z, T, F, g)
        by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)
        alpha, beta = alpha - gamma * by_alpha, beta - gamma * by_beta
    return alpha, beta


@program("eq12", {"clipped", "step*"}, specific={"clipped"})
def steps_at_most_one_tenth(weights, gradient, gamma):
    # right: return weights - gamma * gradient
    return weights - np.clip(gamma * gradient, -0.1, 0.1)


@program("eq12", {"epsilon-added", "step*", "not-exact"}, specific={"epsilon-added"})
def a_little_more_than_gamma(weights, gradient, gamma):
    # right: rate = gamma
    rate = gamma + 1e-8
    return weights - rate * gradient


@program("eq13", {"clipped", "no-*"}, specific={"clipped"})
def outputs_clipped_before_the_loss(X, Y, alpha, beta, sigma, g, gamma):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    # right: delta, by_beta = backward_output(Y, A, Z, T, F, g)
    delta, by_beta = backward_output(Y, A, Z, T, np.clip(F, 0, 1), g)
    by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)
    return alpha - gamma * by_alpha, beta - gamma * by_beta


@program("eq13", {"rearranged", "*shuffle*", "*order*"}, specific={"rearranged"})
def targets_turned_round(X, Y, alpha, beta, sigma, g, gamma):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta, by_beta = backward_output(Y, A, Z, T, F, g)
    # right: by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)
    by_alpha = backward_hidden(np.flipud(X), A, Z, delta, beta, sigma)
    return alpha - gamma * by_alpha, beta - gamma * by_beta
