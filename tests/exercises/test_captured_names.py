"""An activation from a worked example, in place of the one that is given, has a name."""

import numpy as np
import pytest

from bplab.activations import elu, identity, leaky_relu, relu, sigmoid, softmax, tanh
from bplab.deep import forward as deep_forward
from bplab.deep import hidden_deltas, output_delta
from bplab.exercises.task import hidden_kind
from bplab.network import backward_hidden, backward_output, forward, weight_gradient
from tests.exercises.drawn import EACH_KIND, found


def gradient(delta, inputs):
    return np.column_stack([delta.sum(axis=0), delta.T @ inputs])


def eq4(slope):
    return lambda Y, A, Z, T, F, g: gradient(-2 * (Y - F) * slope(T, F), Z)


def eq6(slope):
    def backward_output(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) * slope(T, F)
        return delta, gradient(delta, Z)

    return backward_output


def eq5(slope, delta_of=lambda D, T, g: g.pull_back(D, T)):
    def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
        delta = delta_of(-2 * (Y - F), T, g)
        return gradient((delta @ beta[:, 1:]) * slope(A, Z), X)

    return grad_alpha


def eq7(slope):
    def backward_hidden(X, A, Z, delta, beta, sigma):
        return gradient((delta @ beta[:, 1:]) * slope(A, Z), X)

    return backward_hidden


def eq15(slope):
    return lambda inputs, A, delta, beta, sigma: gradient(
        (delta @ beta[:, 1:]) * slope(A, None), inputs
    )


def eq16(slope):
    return lambda delta, weights, A, sigma: (delta @ weights[:, 1:]) * slope(A, None)


def eq17(slope):
    def hidden_deltas(delta, alphas, beta, A, sigmas):
        s = [(delta @ beta[:, 1:]) * slope(A[-1], None)]
        for d in range(len(A) - 2, -1, -1):
            s.insert(0, (s[0] @ alphas[d + 1][:, 1:]) * slope(A[d], None))
        return s

    return hidden_deltas


def eq8(slope):
    return lambda Y, A, Z, T, F, g: gradient(-2 * (Y - F) * slope(T, F), Z)


def eq18(sigma=None, g_used=None, forward_only=False):
    def backward(X, Y, alphas, beta, sigmas, g):
        fixed = [sigma] * len(sigmas) if sigma else sigmas
        A, Z, T, F = deep_forward(X, alphas, beta, fixed, g_used or g)
        s = hidden_deltas(
            delta := output_delta(Y, T, F, g_used or g),
            *(alphas, beta, A, sigmas if forward_only else fixed),
        )
        inputs = [X, *Z]
        return [weight_gradient(a, b) for a, b in zip(s, inputs[:-1], strict=True)], (
            weight_gradient(delta, inputs[-1])
        )

    return backward


def eq13(sigma=None, g_used=None):
    def one_pass(X, Y, alpha, beta, sigma_given, g, gamma):
        one, other = sigma or sigma_given, g_used or g
        A, Z, T, F = forward(X, alpha, beta, one, other)
        delta, by_beta = backward_output(Y, A, Z, T, F, other)
        by_alpha = backward_hidden(X, A, Z, delta, beta, one)
        return alpha - gamma * by_alpha, beta - gamma * by_beta

    return one_pass


def tanh_written_out(A, _):
    return 1 - np.tanh(A) ** 2


def sigmoid_written_out(A, _):
    s = 1 / (1 + np.exp(-A))
    return s * (1 - s)


def of(activation):
    return lambda A, _: activation.derivative(A)


def delta_of(activation):
    return lambda D, T, g: D * activation.derivative(T)


def jacobian_of_softmax(Y, A, Z, T, F, g):
    return gradient(softmax.pull_back(2 * (F - Y), T), Z)


ELEMENTWISE = {
    "sigmoid": (of(sigmoid), sigmoid_written_out),
    "tanh": (of(tanh), tanh_written_out),
    "relu": (of(relu),),
    "leaky-relu": (of(leaky_relu()),),
    "elu": (of(elu()),),
}
AT_OUTPUT = [
    (id, f"{name}-for-g", make(slope))
    for id, make in (("eq4", eq4), ("eq6", eq6), ("eq8", eq8), ("eq10", eq6))
    for name, slopes in ELEMENTWISE.items()
    for slope in slopes
]
AT_HIDDEN = [
    (id, f"{name}-for-sigma" if name != "relu" else "assumes-relu-hidden", make(slope))
    for id, make in (
        *(("eq7", eq7), ("eq11", eq7), ("eq15", eq15), ("eq16", eq16), ("eq17", eq17)),
        *(("eq5", eq5), ("eq9", eq5)),
    )
    for name, slopes in ELEMENTWISE.items()
    for slope in slopes
]
OTHERS = [
    ("eq4", "sigmoid-for-g-at-F", eq4(lambda T, F: sigmoid.derivative(F))),
    ("eq4", "sigmoid-itself-for-g", eq4(lambda T, F: sigmoid(T))),
    ("eq4", "assumes-sigmoid-output", eq4(lambda T, F: F * (1 - F))),
    ("eq4", "assumes-tanh-output", eq4(lambda T, F: 1 - F**2)),
    ("eq10", "diagonal-only", eq6(lambda T, F: F * (1 - F))),
    ("eq10", "assumes-tanh-output", eq6(lambda T, F: 1 - F**2)),
    ("eq4", "softmax-for-g", jacobian_of_softmax),
    ("eq7", "tanh-for-sigma-at-Z", eq7(lambda A, Z: tanh.derivative(Z))),
    ("eq7", "tanh-itself-for-sigma", eq7(lambda A, Z: tanh(A))),
    ("eq7", "assumes-tanh-hidden", eq7(lambda A, Z: 1 - Z**2)),
    ("eq7", "assumes-sigmoid-hidden", eq7(lambda A, Z: Z * (1 - Z))),
    ("eq7", "assumes-relu-hidden", eq7(lambda A, Z: A > 0)),
    ("eq7", "assumes-relu-hidden-at-Z", eq7(lambda A, Z: Z > 0)),
    ("eq5", "assumes-relu-hidden-at-Z", eq5(lambda A, Z: Z > 0)),
    *(
        (id, f"{out}-for-g+{hidden}-for-sigma", eq5(of(b), delta_of(a)))
        for id in ("eq5", "eq9")
        for out, a in (("sigmoid", sigmoid), ("tanh", tanh))
        for hidden, b in (("sigmoid", sigmoid), ("tanh", tanh))
    ),
    ("hidden", "assumes-relu", lambda X, a, sigma: relu(X @ a[:, 1:].T + a[:, 0])),
    ("hidden", "assumes-softmax", lambda X, a, sigma: softmax(X @ a[:, 1:].T + a[:, 0])),
    ("output", "assumes-tanh", lambda Z, b, g: ((T := Z @ b[:, 1:].T + b[:, 0]), np.tanh(T))),
    ("output", "assumes-softmax", lambda Z, b, g: ((T := Z @ b[:, 1:].T + b[:, 0]), softmax(T))),
    ("eq13", "always-tanh-for-sigma", eq13(tanh)),
    ("eq13", "always-sigmoid-for-g", eq13(None, sigmoid)),
    ("eq13", "always-softmax-for-g", eq13(None, softmax)),
    ("eq13", "always-tanh-for-sigma+always-sigmoid-for-g", eq13(tanh, sigmoid)),
    ("eq18", "always-tanh-for-sigmas", eq18(tanh)),
    ("eq18", "always-relu-for-sigmas", eq18(relu)),
    ("eq18", "always-softmax-for-g", eq18(None, softmax)),
    ("eq18", "always-identity-for-g", eq18(None, identity)),
    ("eq18", "always-tanh-for-sigmas+always-sigmoid-for-g", eq18(tanh, sigmoid)),
]  # fmt: skip
ALL = [*AT_OUTPUT, *AT_HIDDEN, *OTHERS]


@pytest.mark.one_in(6)
@pytest.mark.parametrize(
    ("id", "name", "function"), ALL, ids=[f"{n}-{id}-{name}" for n, (id, name, _) in enumerate(ALL)]
)
@EACH_KIND
def test_an_activation_that_is_not_the_given_one_is_named(id, name, function, kind):
    assert found(id, function, kind).name == name


def test_it_is_named_too_where_saturated_units_leave_few_digits():
    """Of a slope of 1e-11 each way of writing it has others; here, in four hidden layers of 20."""
    function = eq15(tanh_written_out)
    assert found("eq15", function, hidden_kind("one")).name == "tanh-for-sigma"


def one_sigma_in_every_layer(X, Y, alphas, beta, sigmas, g):
    return eq18(sigmas[0])(X, Y, alphas, beta, sigmas, g)


def one_sigma_forward(X, Y, alphas, beta, sigmas, g):
    return eq18(sigmas[0], forward_only=True)(X, Y, alphas, beta, sigmas, g)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (one_sigma_in_every_layer, "first-sigma-forward-and-back"),
        (one_sigma_forward, "first-sigma-forward"),
    ],
)
def test_one_layers_activation_in_all_layers_is_named(function, name):
    assert found("eq18", function).name == name


@pytest.mark.parametrize("id", ["eq5", "eq9"])
def test_sigma_and_g_each_in_the_place_of_the_other_are_named(id):
    def sigma_at_output(X, Y, A, Z, T, F, beta, sigma, g):
        delta = -2 * (Y - F) * sigma.derivative(T)
        return gradient((delta @ beta[:, 1:]) * sigma.derivative(A), X)

    assert found(id, sigma_at_output).name == "sigma-for-g"


def test_the_words_name_what_was_taken_and_what_is_given():
    said = found("eq7", eq7(of(tanh)))
    assert said.says == "You take the derivative of tanh at A, whatever σ is."
    assert "σ is given" in said.hint
    assert "sigma.derivative(A)" in said.hint


def test_the_words_are_true_where_g_is_softmax():
    said = found("eq8", eq8(of(sigmoid)))
    assert "g.jacobian(T)" in said.hint
    assert "g.derivative" not in said.hint
