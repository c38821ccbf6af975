"""Right answers as different learners write them: loops, einsum, ones columns, other forms.

For each exercise, functions that must pass. They share no code with the library.
"""

# ruff: noqa: RUF005

from collections import deque
from math import exp, expm1
from math import tanh as scalar_tanh

import numpy as np


def ones_before(a):
    return np.hstack([np.ones((len(a), 1)), a])


# --- section 1 ----------------------------------------------------------------------------


def hidden_ones(X, alpha, sigma):
    return sigma(ones_before(X) @ alpha.T)


def hidden_loops(X, alpha, sigma):
    Z = np.zeros((len(X), len(alpha)))
    for i in range(len(X)):
        for m in range(len(alpha)):
            a = alpha[m, 0]
            for j in range(X.shape[1]):
                a += alpha[m, j + 1] * X[i, j]
            Z[i, m] = sigma(a)
    return Z


def hidden_row_by_row(X, alpha, sigma):
    return tuple(tuple(sigma(a[0] + a[1:] @ x) for a in alpha) for x in X)


def output_einsum(Z, beta, g):
    T = np.einsum("im,km->ik", Z, beta[:, 1:])
    T += beta[:, 0]
    return [T, g(T)]


def output_broadcast(Z, beta, g):
    T = (Z[:, None, :] * beta[None, :, 1:]).sum(axis=2) + beta[:, 0]
    return np.stack([T, g(T)])


def loss_rows(Y, F):
    return [sum((y - f) ** 2 for y, f in zip(ys, fs)) for ys, fs in zip(Y, F)]


def loss_norm(Y, F):
    return np.linalg.norm(F - Y) ** 2


def loss_trace(Y, F):
    return np.trace((Y - F).T @ (Y - F))


# --- sections 2.1 and 2.2 -----------------------------------------------------------------


def pulled(D, T, g):
    """D through g, by the full Jacobian where there is one."""
    if hasattr(g, "jacobian"):
        return np.einsum("il,ilk->ik", D, g.jacobian(T))
    return D * g.derivative(T)


def softmax_delta_product(Y, F):
    """Without a Jacobian: f_k (d_k − Σ_l f_l d_l)."""
    D = 2 * (F - Y)
    return F * (D - np.sum(F * D, axis=1, keepdims=True))


def grad_beta_ones(Y, A, Z, T, F, g):
    return pulled(-2 * (Y - F), T, g).T @ ones_before(Z)


def grad_beta_loops(Y, A, Z, T, F, g):
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i in range(len(Y)):
        delta = pulled(-2 * (Y[i : i + 1] - F[i : i + 1]), T[i : i + 1], g)[0]
        for k in range(Y.shape[1]):
            out[k, 0] += delta[k]
            for m in range(Z.shape[1]):
                out[k, m + 1] += delta[k] * Z[i, m]
    return out


def grad_beta_in_place(Y, A, Z, T, F, g):
    D = F - Y
    D *= 2
    delta = pulled(D, T, g)
    out = np.empty((Y.shape[1], Z.shape[1] + 1))
    np.sum(delta, axis=0, out=out[:, 0])
    out[:, 1:] = delta.T @ Z
    return out


def grad_beta_product(Y, A, Z, T, F, g):
    return softmax_delta_product(Y, F).T @ ones_before(Z)


def grad_beta_outer(Y, A, Z, T, F, g):
    delta = pulled(2 * F - 2 * Y, T, g)
    return sum(np.outer(d, [1, *z]) for d, z in zip(delta, Z))


def grad_alpha_einsum(X, Y, A, Z, T, F, beta, sigma, g):
    delta = pulled(-2 * (Y - F), T, g)
    slope = sigma.derivative(A)
    return np.einsum("ik,km,im,il->ml", delta, beta[:, 1:], slope, ones_before(X))


def grad_alpha_loops(X, Y, A, Z, T, F, beta, sigma, g):
    delta, slope = pulled(-2 * (Y - F), T, g), sigma.derivative(A)
    out = np.zeros((Z.shape[1], X.shape[1] + 1))
    for i in range(len(X)):
        for m in range(Z.shape[1]):
            s = sum(delta[i, k] * beta[k, m + 1] for k in range(len(beta))) * slope[i, m]
            out[m] += s * np.array([1, *X[i]])
    return out


def backward_output_jacobian(Y, A, Z, T, F, g):
    delta = pulled(-2 * (Y - F), T, g)
    return [delta, np.vstack([delta.sum(0), Z.T @ delta]).T]


def backward_output_loops(Y, A, Z, T, F, g):
    delta = np.array([pulled(-2 * (Y[i : i + 1] - F[i : i + 1]), T[i : i + 1], g)[0]
                      for i in range(len(Y))])  # fmt: skip
    return delta, grad_beta_loops(Y, A, Z, T, F, g)


def backward_hidden_einsum(X, A, Z, delta, beta, sigma):
    s = np.einsum("ik,km,im->im", delta, beta[:, 1:], sigma.derivative(A))
    return np.vstack([s.sum(axis=0), X.T @ s]).T


def backward_hidden_bias_dropped_late(X, A, Z, delta, beta, sigma):
    back = (delta @ beta)[:, 1:]  # the bias's column goes after the product
    return (back * sigma.derivative(A)).T @ ones_before(X)


# --- section 2.3 --------------------------------------------------------------------------


def update_loops(weights, gradient, gamma):
    new = np.array(weights, dtype=float)
    for k in range(new.shape[0]):
        for m in range(new.shape[1]):
            new[k, m] -= gamma * gradient[k, m]
    return new


def update_added(weights, gradient, gamma):
    return np.add(weights, -gamma * np.asarray(gradient))


def one_pass_whole(X, Y, alpha, beta, sigma, g, gamma):
    A = ones_before(X) @ alpha.T
    Z = sigma(A)
    T = ones_before(Z) @ beta.T
    delta = pulled(-2 * (Y - g(T)), T, g)
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return alpha - gamma * s.T @ ones_before(X), beta - gamma * delta.T @ ones_before(Z)


def one_pass_beta_first(X, Y, alpha, beta, sigma, g, gamma):
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    Z = sigma(A)
    T = Z @ beta[:, 1:].T + beta[:, 0]
    delta = pulled(2 * (g(T) - Y), T, g)
    new_beta = beta - gamma * delta.T @ ones_before(Z)  # beta itself is not touched
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return [alpha - gamma * (s.T @ ones_before(X)), new_beta]


# --- section 3 ----------------------------------------------------------------------------


def weight_gradient_einsum(delta, inputs):
    return np.einsum("ik,im->km", delta, ones_before(inputs))


def weight_gradient_loop(delta, inputs):
    return sum(np.outer(d, np.append(1.0, z)) for d, z in zip(delta, inputs))


def grad_last_hidden_einsum(inputs, A, delta, beta, sigma):
    slope = sigma.derivative(A)
    return np.einsum("ik,km,im,il->ml", delta, beta[:, 1:], slope, ones_before(inputs))


def hidden_delta_loops(delta, weights, A, sigma):
    s = np.zeros_like(A, dtype=float)
    for i in range(A.shape[0]):
        for m in range(A.shape[1]):
            back = sum(delta[i, k] * weights[k, 1 + m] for k in range(len(weights)))
            s[i, m] = back * sigma.derivative(A[i, m])
    return s


def hidden_deltas_backwards(delta, alphas, beta, A, sigmas):
    s = []
    above = [*alphas[1:], beta]
    for weights, a, sigma in zip(reversed(above), reversed(A), reversed(sigmas)):
        delta = (delta @ weights[:, 1:]) * sigma.derivative(a)
        s.insert(0, delta)
    return tuple(s)


def hidden_deltas_recursive(delta, alphas, beta, A, sigmas):
    def s(d):
        if d == len(A) - 1:
            return hidden_delta_loops(delta, beta, A[d], sigmas[d])
        return hidden_delta_loops(s(d + 1), alphas[d + 1], A[d], sigmas[d])

    return [s(d) for d in range(len(A))]


def backward_whole(X, Y, alphas, beta, sigmas, g):
    inputs, A = [X], []
    for alpha, sigma in zip(alphas, sigmas):
        A.append(ones_before(inputs[-1]) @ alpha.T)
        inputs.append(sigma(A[-1]))
    T = ones_before(inputs[-1]) @ beta.T
    delta = pulled(-2 * (Y - g(T)), T, g)
    by_beta = delta.T @ ones_before(inputs[-1])
    by_alphas = []
    for s, below in zip(hidden_deltas_backwards(delta, alphas, beta, A, sigmas), inputs):
        by_alphas.append(s.T @ ones_before(below))
    return [by_alphas, by_beta]


# what has a part for each layer is a sequence of the learner's own: it is added to, taken from and
# turned round, and goes together with lists and with tuples


def hidden_deltas_plus_list(delta, alphas, beta, A, sigmas):
    weights, s = alphas + [beta], []
    for d in range(len(A) - 1, -1, -1):
        delta = (delta @ weights[d + 1][:, 1:]) * sigmas[d].derivative(A[d])
        s.append(delta)
    return s[::-1]


def hidden_deltas_plus_tuple(delta, alphas, beta, A, sigmas):
    weights, s = alphas[1:] + (beta,), ()
    for w, a, sigma in zip(weights[::-1], A[::-1], sigmas[::-1]):
        delta = (delta @ w[:, 1:]) * sigma.derivative(a)
        s = (delta,) + s
    return s


def hidden_deltas_append(delta, alphas, beta, A, sigmas):
    alphas.append(beta)
    s = [delta]
    while A:
        back = s[0] @ alphas.pop()[:, 1:]
        s.insert(0, back * sigmas.pop().derivative(A.pop()))
    return s[:-1]


def hidden_deltas_in_reverse(delta, alphas, beta, A, sigmas):
    above = alphas.copy()
    above += [beta]
    above.reverse()
    A.reverse()
    s = deque()
    for w, a, sigma in zip(above, A, reversed(sigmas)):
        delta = (delta @ w[:, 1:]) * sigma.derivative(a)
        s.appendleft(delta)
    return s


def backward_popping(X, Y, alphas, beta, sigmas, g):
    weights = list(alphas) + [beta]
    A, Z = [], [X]
    for w, sigma in zip(weights, sigmas):
        A += [ones_before(Z[-1]) @ w.T]
        Z += [sigma(A[-1])]
    T = ones_before(Z[-1]) @ beta.T
    delta = pulled(2 * (g(T) - Y), T, g)
    gradients = {len(A): delta.T @ ones_before(Z.pop())}
    while sigmas:
        delta = (delta @ weights.pop()[:, 1:]) * sigmas.pop().derivative(A.pop())
        gradients[len(A)] = delta.T @ ones_before(Z.pop())
    by_beta = gradients.pop(len(alphas))
    return reversed(gradients.values()), by_beta


# --- section 4 ----------------------------------------------------------------------------


def sigmoid_two_branches(x):
    e = np.exp(-np.abs(x))
    a = np.where(x >= 0, 1 / (1 + e), e / (1 + e))
    return a, a * (1 - a)


def sigmoid_as_printed(x):
    a = 1 / (1 + np.exp(-x))  # warns of an overflow, and is right
    return a, a * (1 - a)


def sigmoid_by_tanh(x):
    a = (1 + np.tanh(np.asarray(x) / 2)) / 2
    return [a, a - a**2]


def tanh_one_minus(x):
    a = np.tanh(x)
    return a, 1 - a**2


def tanh_scalar(x):
    a = np.vectorize(scalar_tanh, otypes=[float])(x)
    return a, 1 - a * a


def softmax_rows(t):
    g, jacobian = [], []
    for row in t:
        e = np.array([exp(v - max(row)) for v in row])
        f = e / sum(e)
        g.append(f)
        jacobian.append(np.diag(f) - np.outer(f, f))
    return np.array(g), np.array(jacobian)


def softmax_einsum(t):
    e = np.exp(t - np.max(t, axis=1)[:, None])
    f = e / e.sum(axis=1)[:, None]
    return f, np.einsum("ik,kl->ikl", f, np.eye(f.shape[1])) - np.einsum("ik,il->ikl", f, f)


def relu_maximum(x):
    return np.maximum(x, 0), np.where(x > 0, 1.0, 0.0)


def relu_mask(x):
    mask = x > 0
    return x * mask, mask.astype(int)


def relu_truth(x):
    return np.where(x > 0, x, 0), x > 0


def leaky_where(x, alpha):
    return np.where(x > 0, x, alpha * x), np.where(x > 0, 1, alpha)


def leaky_mask(x, alpha):
    slope = alpha + (1 - alpha) * (x > 0)
    return x * slope, slope


def elu_printed(x, alpha):
    a = np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))
    return a, np.where(x > 0, 1, a + alpha)


def elu_scalar(x, alpha):
    pairs = np.array([[(v, 1.0) if v > 0 else (alpha * expm1(v), alpha * exp(v)) for v in row]
                      for row in np.atleast_2d(x)], dtype=float)  # fmt: skip
    return pairs[..., 0].reshape(np.shape(x)), pairs[..., 1].reshape(np.shape(x))


_BETA = (grad_beta_ones, grad_beta_loops, grad_beta_in_place, grad_beta_outer)

RIGHT = {
    "hidden": (hidden_ones, hidden_loops),
    "output": (output_einsum, output_broadcast),
    "eq2": (loss_rows, lambda Y, F: np.einsum("ik,ik->i", Y - F, Y - F)),
    "eq1": (loss_norm, loss_trace, lambda Y, F: sum(loss_rows(Y, F))),
    "eq4": _BETA,
    "eq5": (grad_alpha_einsum, grad_alpha_loops),
    "eq6": (backward_output_jacobian, backward_output_loops),
    "eq7": (backward_hidden_einsum, backward_hidden_bias_dropped_late),
    "eq8": (*_BETA, grad_beta_product),
    "eq9": (grad_alpha_einsum, grad_alpha_loops),
    "eq10": (backward_output_jacobian, backward_output_loops),
    "eq11": (backward_hidden_einsum, backward_hidden_bias_dropped_late),
    "eq12": (update_loops, update_added),
    "eq13": (one_pass_whole, one_pass_beta_first),
    "eq14": (weight_gradient_einsum, weight_gradient_loop),
    "eq15": (grad_last_hidden_einsum,),
    "eq16": (hidden_delta_loops,),
    "eq17": (hidden_deltas_backwards, hidden_deltas_recursive),
    "eq18": (backward_whole,),
    "sigmoid": (sigmoid_two_branches, sigmoid_as_printed, sigmoid_by_tanh),
    "tanh": (tanh_one_minus, tanh_scalar),
    "softmax": (softmax_rows, softmax_einsum),
    "relu": (relu_maximum, relu_mask),
    "leaky-relu": (leaky_where, leaky_mask),
    "elu": (elu_printed, elu_scalar),
}

UNUSUAL = {
    "hidden": (hidden_row_by_row,),
    "eq17": (
        hidden_deltas_plus_list,
        hidden_deltas_plus_tuple,
        hidden_deltas_append,
        hidden_deltas_in_reverse,
    ),
    "eq18": (backward_popping,),
    "relu": (relu_truth,),
}
"""Right, too, but they count on a sequence of their own, or answer in a form that other code of the
same notebook may not go on with."""
