"""The list of mistakes that learners make, number by number: each is rejected and named.

Collected from public threads and repositories. ``NAMED`` says by which name each is called in
the exercises where it applies; what a checker finds in another way is tried here.
"""

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.network import backward_hidden, backward_output, forward, grad_beta
from bplab.training import update
from tests.exercises.drawn import EACH_KIND, found

DELTA = ("eq4", "eq5", "eq6", "eq8", "eq9", "eq10", "eq18")  # from the residual on
WEIGHTS = ("eq4", "eq5", "eq6", "eq7", "eq8", "eq9", "eq10", "eq11", "eq14", "eq15", "eq18")
OUTPUT = ("eq4", "eq5", "eq6", "eq18")  # an elementwise g
JACOBIAN = ("eq8", "eq9", "eq10")
HIDDEN = ("eq5", "eq7", "eq9", "eq11", "eq15", "eq16", "eq17", "eq18")
BACK = ("eq5", "eq7", "eq9", "eq11", "eq15")
DEEP = ("eq16", "eq17", "eq18")


def in_all(ids, name):
    return [(id, name) for id in ids]


NAMED = {
    1: [*in_all(DELTA, "no-factor-2"), ("eq13", "no-factor-2")],
    2: [*in_all(DELTA, "sign-flipped"), *in_all(("eq12", "eq13"), "ascends")],
    3: in_all((*WEIGHTS, "eq13", "eq1"), "averaged-over-N"),
    4: [*in_all(WEIGHTS, "averaged-over-all"), ("eq1", "averaged-over-all")],
    5: in_all(WEIGHTS, "bias-averaged"),
    6: in_all(("eq4", "eq5", "eq6", "eq7", "eq14", "eq15", "eq18"), "bias-one-number"),
    7: in_all(WEIGHTS, "bias-not-summed"),
    8: [*in_all(OUTPUT, "no-g-prime"), ("eq13", "no-g-prime")],
    9: [*in_all(DELTA, "cross-entropy-shortcut"), ("eq13", "cross-entropy-shortcut")],
    10: [*in_all(OUTPUT, "g-prime-at-F"), ("sigmoid", "slope-of-x"), ("sigmoid", "slope-at-value")],
    11: in_all(HIDDEN, "sigma-prime-at-Z"),
    12: [*in_all(HIDDEN, "one-minus-Z"), ("tanh", "one-minus-a")],
    13: [*in_all(HIDDEN, "sigmoid-prime-plus-hidden"), ("sigmoid", "a-times-1-plus-a")],
    14: in_all(HIDDEN, "no-sigma-prime"),
    15: [*in_all(HIDDEN, "sigma-for-sigma-prime"), ("sigmoid", "slope-is-value")],
    16: [*in_all(OUTPUT, "g-prime-twice"), *in_all(HIDDEN, "sigma-prime-twice")],
    17: in_all(OUTPUT, "no-g-prime"),
    18: [*in_all(BACK, "beta-not-transposed"), *in_all(DEEP, "weights-not-transposed")],
    19: [*in_all(WEIGHTS, "transposed")],
    20: [("eq13", "beta-updated-too-early")],
    21: in_all(HIDDEN, "bias-sent-back"),
    22: [*in_all(BACK, "first-output-only"), *in_all(DEEP, "first-unit-only")],
    23: [*in_all(BACK, "outputs-averaged"), *in_all(DEEP, "units-averaged")],
    24: [
        *in_all(("eq5", "eq7", "eq15", "eq16", "eq17", "eq18"), "weights-left-out"),
        *in_all(HIDDEN, "weights-absolute"),
    ],
    25: in_all(("eq4", "eq6", "eq8", "eq10", "eq18"), "A-for-Z"),
    26: [
        *in_all(DELTA, "examples-shifted"),
        *in_all(DELTA, "examples-sorted"),
        *in_all(WEIGHTS, "inputs-shifted"),
        ("one-epoch", "targets-not-shuffled"),
    ],
    27: in_all(WEIGHTS, "last-example-only"),
    29: [*in_all(BACK, "delta-dropped"), *in_all(DEEP, "above-dropped")],
    30: in_all(HIDDEN, "mask-from-gradient"),
    31: [*in_all(HIDDEN, "mask-from-Z"), *in_all(("leaky-relu", "elu"), "mask-from-value")],
    32: [
        *in_all(("leaky-relu",), "value-wrong-side"),
        *in_all(("leaky-relu",), "slope-not-leaky"),
        *in_all(("leaky-relu",), "value-not-leaky"),
    ],
    33: [*in_all((*JACOBIAN, "softmax"), "diagonal-only"), ("eq13", "softmax-diagonal")],
    34: in_all(JACOBIAN, "cross-entropy-shortcut"),
    35: in_all(JACOBIAN, "jacobian-left-out"),
    36: in_all(JACOBIAN, "summed-over-examples"),
    37: [
        *in_all(JACOBIAN, "product-with-plus"),
        *in_all(JACOBIAN, "product-without-inner-F"),
        *in_all(JACOBIAN, "product-without-outer-F"),
    ],
    38: [*in_all(JACOBIAN, "jacobian-across-batch"), ("softmax", "across-examples")],
    39: [*in_all(JACOBIAN, "off-diagonal-from-T"), ("softmax", "off-diagonal-from-t")],
    40: [("softmax", "shift-by-global-max")],
    41: [("softmax", "no-shift"), ("sigmoid", "overflow"), ("tanh", "overflow")],
    42: [
        *in_all(("eq17", "eq18"), "A-of-layer-below"),
        *in_all(("eq17", "eq18"), "A-of-layer-above"),
        *in_all(("eq17", "eq18"), "own-weights"),
        *in_all(("eq17", "eq18"), "delta-sent-down"),
    ],
    45: [("eq12", "weights-scaled"), *in_all(WEIGHTS, "inputs-dropped")],
    46: in_all(("eq17", "eq18"), "s-by-division"),
    47: [("elu", "slope-without-alpha"), ("elu", "a-plus-1"), ("elu", "alpha-on-right")],
    48: [
        *in_all(DELTA, "integers-truncated"),
        ("eq12", "integers-truncated"),
        ("hidden", "integers-truncated"),
        ("softmax", "integers-truncated"),
    ],
}  # fmt: skip


def _accumulates():
    total = {}

    def function(*arguments):
        gradient = grad_beta(*arguments)
        total[gradient.shape] = total.get(gradient.shape, 0) + gradient
        return total[gradient.shape]

    return function


def _activation_in_place(X, A, Z, delta, beta, sigma):
    A[...] = sigma(A)
    return backward_hidden(X, A, Z, delta, beta, sigma)


def _update_in_place(weights, gradient, gamma):
    weights -= (gamma * gradient).astype(weights.dtype)
    return weights


def _ascends_in_place(weights, gradient, gamma):
    weights += (gamma * gradient).astype(weights.dtype)
    return weights


FOUND = {
    (28, "accumulates"): ("eq4", _accumulates(), "remembers"),
    (43, "activation in place"): ("eq7", _activation_in_place, "argument-changed"),
    (44, "update in place"): ("eq12", _update_in_place, "argument-changed"),
    (44, "update in place, upwards"): ("eq12", _ascends_in_place, "argument-changed"),
    (49, "NaN"): ("eq4", lambda *a: grad_beta(*a) * np.nan, "not-finite"),
    (49, "empty"): ("eq4", lambda *a: np.empty((0, 0)), "wrong-shape"),
    (49, "broadcasts"): ("eq4", lambda *a: grad_beta(*a)[None], "wrong-shape"),
    (49, "no part"): ("eq10", lambda *a: (), "wrong-parts"),
    (49, "dictionary"): ("eq4", lambda *a: {}, "no-numbers"),
    (44, "the update itself, for comparison"): ("eq12", update, None),
}


def test_each_of_the_49_is_there():
    assert NAMED.keys() | {number for number, _ in FOUND} == set(range(1, 50))


@pytest.mark.parametrize("number", NAMED)
def test_it_has_its_name_wherever_it_applies(number):
    """That each name is also given, test_mistakes.py shows."""
    for id, name in NAMED[number]:
        assert name in {mistake.name for mistake in EXERCISES[id].mistakes}, (id, name)


@pytest.mark.parametrize(("id", "function", "finding"), FOUND.values(), ids=map(str, FOUND))
def test_what_no_wrong_formula_shows_is_found_too(id, function, finding):
    if finding is None:
        assert check(id, function)
        return
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    assert failed.value.mistake == finding


# --- slips as learners write them ---------------------------------------------------------


def _with_ones(inputs):
    return np.column_stack([np.ones(len(inputs)), inputs])


def _g_prime_at_a(X, Y, A, Z, T, F, beta, sigma, g):
    back = -2 * (Y - F) @ beta[:, 1:]
    return (back * g.derivative(A) * sigma.derivative(A)).T @ _with_ones(X)


def _no_outer_f(Y, A, Z, T, F, g):
    residual = -2 * (Y - F)
    return (residual - (F * residual).sum(axis=1, keepdims=True)).T @ _with_ones(Z)


def _no_diagonal(Y, A, Z, T, F, g):
    jacobian = -F[:, :, None] * F[:, None, :]
    return np.einsum("il,ilk->ik", -2 * (Y - F), jacobian).T @ _with_ones(Z)


def _equal_weights(Y, A, Z, T, F, g):
    residual = -2 * (Y - F)
    return (F * (residual - residual.mean(axis=1, keepdims=True))).T @ _with_ones(Z)


def _slope_of(choose):
    def grad_alpha(X, A, Z, delta, beta, sigma):
        return (delta @ beta[:, 1:] * sigma.derivative(choose(A))).T @ _with_ones(X)

    return grad_alpha


def _pass(*, swapped=False, forward_swapped=False, times=lambda X: 1):
    def one_pass(X, Y, alpha, beta, sigma, g, gamma):
        A, Z, T, F = forward(X, alpha, beta, *((g, sigma) if forward_swapped else (sigma, g)))
        delta, by_beta = backward_output(Y, *((Z, A) if swapped else (A, Z)), T, F, g)
        by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)
        return alpha - gamma * times(X) * by_alpha, beta - gamma * times(X) * by_beta

    return one_pass


def _counted_to(K, size):
    def confusion_matrix(actual, predicted, classes):
        counts = np.zeros((size(classes), size(classes)), dtype=int)
        for a in range(K(classes)):
            for b in range(K(classes)):
                counts[a, b] = np.sum((actual == a) & (predicted == b))
        return counts

    return confusion_matrix


def _epoch(rows, starts=range):
    def one_epoch(X, Y, alphas, beta, gradients, gamma, order, size):
        for start in starts(0, len(order), size):
            batch = rows(order, start, size)
            by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
            alphas = [a - gamma * by for a, by in zip(alphas, by_alphas, strict=True)]
            beta = beta - gamma * by_beta
        return alphas, beta

    return one_epoch


SLIPS = [
    ("eq1", lambda Y, F: int(np.sum((Y - F) ** 2) * 1000) / 1000, "cut-off"),
    ("eq1", lambda Y, F: round(np.sum((Y - F) ** 2), 4), "rounded"),
    ("eq5", _g_prime_at_a, "g-prime-at-A"),
    ("eq7", _slope_of(lambda A: A[:, :1]), "sigma-prime-of-first-unit"),
    ("eq7", _slope_of(lambda A: A[0]), "sigma-prime-of-first-example"),
    ("eq8", _no_outer_f, "product-without-F"),
    ("eq8", _no_diagonal, "product-without-D"),
    ("eq8", _equal_weights, "product-with-mean"),
    ("eq13", _pass(swapped=True), "A-for-Z"),
    ("eq13", _pass(forward_swapped=True), "activations-swapped-forward"),
    ("eq13", _pass(times=len), "multiplied-by-N"),
    ("confusion", _counted_to(lambda K: K - 1, lambda K: K), "last-class-zero"),
    ("confusion", _counted_to(lambda K: K - 1, lambda K: K - 1), "last-class-cut-off"),
    ("one-epoch", _epoch(lambda order, start, size: order[start:size]), "slice-ends-at-size"),
    # batches that are empty for other reasons
    ("one-epoch", _epoch(lambda order, start, size: order[start:start]), "raises"),
    ("one-epoch", _epoch(lambda order, start, size: order[start + size : start]), "raises"),
]


@EACH_KIND
@pytest.mark.parametrize(("id", "function", "name"), SLIPS, ids=[f"{s[0]}-{s[2]}" for s in SLIPS])
def test_a_common_slip_is_called_what_it_is(id, function, name, kind):
    assert found(id, function, kind).name == name
