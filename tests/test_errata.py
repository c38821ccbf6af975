"""What the paper misprints: the printed form is rejected, the corrected one passes.

Each printed formula is the gradient of R(θ) that one gets by following the paper to the letter.
"""

import numpy as np
import pytest

from bplab import by_equation as eq
from bplab import check_gradient, deep, layers, network
from bplab.activations import relu, sigmoid, softmax, tanh
from bplab.risk import Risk

N, P, M, K = 5, 2, 3, 4


def network_with(sigma, g):
    """A generic network with one hidden layer: X, Y, alpha, beta, sigma, g."""
    rng = np.random.default_rng(7)
    X, Y = rng.standard_normal((N, P)), rng.uniform(0.1, 0.9, (N, K))
    alpha, beta = rng.standard_normal((M, P + 1)), rng.standard_normal((K, M + 1))
    return X, Y, alpha, beta, sigma, g


def deep_network_with(*sigmas, units=(4, 4), p=P):
    rng = np.random.default_rng(8)
    X, Y = rng.standard_normal((N, p)), rng.uniform(0.1, 0.9, (N, K))
    *alphas, beta = (
        rng.standard_normal((units, inputs + 1))
        for inputs, units in zip((p, *units), (*units, K), strict=True)
    )
    return X, Y, alphas, beta, sigmas, sigmoid


def of_beta(net):
    """R as a function of beta alone, in a network with one hidden layer."""
    X, Y, alpha, beta, sigma, g = net
    R = Risk(X, Y, sigma, g)
    return lambda beta: R((alpha, beta))


def of_alpha(net):
    X, Y, alpha, beta, sigma, g = net
    R = Risk(X, Y, sigma, g)
    return lambda alpha: R((alpha, beta))


def rows(*arrays):
    return zip(*arrays, strict=True)


def with_ones(array):
    return np.array([eq.with_one(row) for row in array])


def assert_rejected(f, printed, weights):
    assert check_gradient(f, printed, weights).wrong


def assert_passes(f, gradient, weights):
    assert check_gradient(f, gradient, weights)


def test_section_1_hidden_layer_of_copies_of_its_first_unit():
    X, Y, alpha, beta, sigma, g = net = network_with(tanh, sigmoid)
    A, Z, T, F = network.forward(*net[:1], *net[2:])
    copies = np.repeat(Z[:, :1], M, axis=1)  # (Z_1, Z_1, …)
    T_printed, F_printed = network.output(copies, beta, g)
    printed = network.grad_beta(Y, A, copies, T_printed, F_printed, g)
    assert_rejected(of_beta(net), printed, beta)
    assert_passes(of_beta(net), network.grad_beta(Y, A, Z, T, F, g), beta)


def test_start_of_section_2_the_square_is_lost():
    X, Y, alpha, beta, sigma, g = net = network_with(tanh, sigmoid)
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    # the derivative of Σ_l (y_il − f_l)
    printed = sum(np.outer(-g.derivative(t), z) for t, z in rows(T, with_ones(Z)))
    right = sum(eq.eq4(y, f, t, z, g) for y, f, t, z in rows(Y, F, T, with_ones(Z)))
    assert_rejected(of_beta(net), printed, beta)
    assert_passes(of_beta(net), right, beta)


def test_last_line_before_8_is_identically_zero_for_softmax():
    X, Y, alpha, beta, sigma, g = net = network_with(tanh, softmax)
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    printed = np.zeros_like(beta)
    for y, f, t, z in rows(Y, F, T, with_ones(Z)):
        dg = g.jacobian(t)
        for k in range(K):
            printed[k] += -2 * sum((y[k] - f[k]) * dg_l[k] * z for dg_l in dg)
    right = sum(eq.eq8(y, f, t, z, g) for y, f, t, z in rows(Y, F, T, with_ones(Z)))
    assert np.abs(printed).max() < 1e-14 * np.abs(right).max()
    assert_rejected(of_beta(net), printed, beta)
    assert_passes(of_beta(net), right, beta)


def test_equation_4_for_softmax_is_wrong_by_tens_of_per_cent():
    X, Y, alpha, beta, sigma, g = net = network_with(tanh, softmax)
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    delta = -2 * (Y - F) * F * (1 - F)  # the diagonal of the Jacobian alone
    diagonal = network.weight_gradient(delta, Z)
    right = network.grad_beta(Y, A, Z, T, F, g)
    assert np.abs(diagonal - right).max() > 0.1 * np.abs(right).max()
    assert_rejected(of_beta(net), diagonal, beta)
    assert_passes(of_beta(net), right, beta)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("j", range(K))
def test_equation_9_with_the_inner_sum_over_i(j):
    X, Y, alpha, beta, sigma, g = net = network_with(tanh, softmax)
    A, Z, T, F = network.forward(X, alpha, beta, sigma, g)
    x = with_ones(X)
    # Σ_{i=1}^K leaves j without a value: whichever it has, the gradient is wrong
    printed = np.zeros_like(alpha)
    for n in range(N):
        for i in range(K):
            dg = g.jacobian(T[i])
            back = (Y[i, j] - F[i, j]) * dg[j] @ beta[:, 1:] * sigma.derivative(A[n])
            printed += -2 * np.outer(back, x[n])
    right = sum(eq.eq9(x, y, f, t, a, beta, sigma, g) for x, y, f, t, a in rows(x, Y, F, T, A))
    assert_rejected(of_alpha(net), printed, alpha)
    assert_passes(of_alpha(net), right, alpha)


def test_section_3_every_layer_of_length_p_does_not_fit():
    X, Y, alphas, beta, sigmas, g = deep_network_with(tanh, sigmoid)
    alphas[1] = np.ones((4, P + 1))  # printed: α_m^(d) has p weights and a bias for every d
    with pytest.raises(ValueError, match=r"alphas\[1\] must have shape \(M_2, M_1\+1\)"):
        deep.forward(X, alphas, beta, sigmas, g)


def test_section_3_every_layer_fed_with_the_input():
    # p = M_1, so that the printed form can be computed at all
    X, Y, alphas, beta, sigmas, g = deep_network_with(tanh, sigmoid, units=(P, 4))
    A = [layers.affine(X, alpha) for alpha in alphas]  # printed: Z^(d) from X
    Z = [sigma(a) for sigma, a in rows(sigmas, A)]
    T, F = network.output(Z[-1], beta, g)
    delta, by_beta = network.backward_output(Y, A[-1], Z[-1], T, F, g)
    s = deep.hidden_delta(delta, beta, A[1], sigmas[1])
    printed = (
        network.weight_gradient(deep.hidden_delta(s, alphas[1], A[0], sigmas[0]), X),
        network.weight_gradient(s, X),
        by_beta,
    )
    R, weights = Risk(X, Y, sigmas, g), (*alphas, beta)
    assert_rejected(R, printed, weights)
    assert_passes(R, R.gradient(weights), weights)


def test_after_17_dividing_by_z_is_0_over_0_where_a_relu_unit_is_off():
    X, Y, alphas, beta, sigmas, g = deep_network_with(relu, relu, tanh, units=(4, 4, 4))
    A, Z, T, F = deep.forward(X, alphas, beta, sigmas, g)
    delta = deep.output_delta(Y, T, F, g)
    s_3 = deep.hidden_delta(delta, beta, A[2], sigmas[2])
    # s_ki^(3) = (∂R_i/∂α_kl^(3)) / z_il^(2), for every unit l of layer 2
    with np.errstate(invalid="ignore"):
        printed = s_3[:, :, None] * Z[1][:, None, :] / Z[1][:, None, :]
    off = np.broadcast_to(A[1][:, None, :] <= 0, printed.shape)
    assert off.any()
    assert np.isnan(printed[off]).all()
    np.testing.assert_allclose(printed[~off], np.broadcast_to(s_3[:, :, None], off.shape)[~off])
    R, weights = Risk(X, Y, sigmas, g), (*alphas, beta)
    assert_passes(R, R.gradient(weights), weights)


def test_after_18_the_activation_for_its_derivative():
    X, Y, alphas, beta, sigmas, g = deep_network_with(tanh, sigmoid)
    A, Z, T, F = deep.forward(X, alphas, beta, sigmas, g)
    right = deep.backward(X, Y, alphas, beta, sigmas, g)
    s_2 = deep.hidden_delta(deep.output_delta(Y, T, F, g), beta, A[1], sigmas[1])
    s_1 = s_2 @ alphas[1][:, 1:] * sigmas[0](A[0])
    printed = network.weight_gradient(s_1, X)
    R = Risk(X, Y, sigmas, g)
    of_first = lambda alpha: R((alpha, alphas[1], beta))  # noqa: E731
    assert_rejected(of_first, printed, alphas[0])
    assert_passes(of_first, right.alphas[0], alphas[0])


def test_after_17_by_the_recursion_every_example_agrees_with_the_formulas():
    X, Y, alphas, beta, sigmas, g = net = deep_network_with(relu, relu, tanh, units=(4, 5, 2))
    pairs = [eq.back_propagation(x, y, *net[2:]) for x, y in rows(with_ones(X), Y)]
    R, weights = Risk(X, Y, sigmas, g), (*alphas, beta)
    by_alphas = [sum(layers) for layers in zip(*(alphas for alphas, _ in pairs), strict=True)]
    assert_passes(R, (*by_alphas, sum(by_beta for _, by_beta in pairs)), weights)
