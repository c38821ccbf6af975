"""Section 2.2: mistakes with the Jacobian are named however they are written."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.task import softmax_cases
from tests.exercises.drawn import found
from tests.thorough import SEEDS, one_in

IDS = ("eq8", "eq9", "eq10", "eq11")
EACH = pytest.mark.parametrize("id", IDS)


def named(id, function):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    return failed.value.mistake


def with_ones(inputs):
    return np.column_stack([np.ones(len(inputs)), inputs])


def grad_beta(delta):
    """Equation (8) from a function that gives delta."""
    return lambda Y, A, Z, T, F, g: delta(-2 * (Y - F), T, F, g).T @ with_ones(Z)


def grad_alpha(delta, weights=lambda beta: beta[:, 1:]):
    def wrong(X, Y, A, Z, T, F, beta, sigma, g):
        back = delta(-2 * (Y - F), T, F, g) @ weights(beta)
        return (back * sigma.derivative(A)).T @ with_ones(X)

    return wrong


def backward_output(delta):
    return lambda *a: (
        delta(-2 * (a[0] - a[4]), a[3], a[4], a[5]),
        grad_beta(delta)(*a),
    )


def right(D, T, F, g):
    return np.einsum("il,ilk->ik", D, g.jacobian(T))


# --- matrices in place of the Jacobian, one a mistake ---------------------------------


def matrix(of, P):
    """of(p_k, p_j, k == j) for every example, k and j."""
    K = P.shape[1]
    return np.array([[[of(p[k], p[j], k == j) for j in range(K)] for k in range(K)] for p in P])


F_MATRICES = {
    "diagonal-only": lambda f, h, same: f * (1 - f) if same else 0,
    "off-diagonal-only": lambda f, h, same: 0 if same else -f * h,
    "off-diagonal-sign": lambda f, h, same: f * (1 - f) if same else f * h,
    "diagonal-without-1-minus-f": lambda f, h, same: f if same else -f * h,
    "denominator-forgotten": lambda f, h, same: f if same else 0,
    "one-minus-F": lambda f, h, same: 1 - f if same else 0,
    "jacobian-left-out": lambda f, h, same: 1 if same else 0,
    "product-with-plus": lambda f, h, same: f * (1 + f) if same else f * h,
    "product-without-inner-F": lambda f, h, same: 0 if same else -f,
    "product-without-outer-F": lambda f, h, same: 0 if same else -h,
    "off-diagonal-squares-k": lambda f, h, same: f * (1 - f) if same else -f * f,
    "off-diagonal-squares-l": lambda f, h, same: f * (1 - f) if same else -h * h,
}
PER_EXAMPLE = {name: (lambda T, F, of=of: matrix(of, F)) for name, of in F_MATRICES.items()} | {
    "jacobian-from-T": lambda T, F: (
        matrix(F_MATRICES["diagonal-only"], T) + matrix(F_MATRICES["off-diagonal-only"], T)
    ),
    "off-diagonal-from-T": lambda T, F: (
        matrix(F_MATRICES["diagonal-only"], F) + matrix(F_MATRICES["off-diagonal-only"], T)
    ),
}


@pytest.mark.parametrize("name", PER_EXAMPLE)
def test_a_wrong_matrix_is_named_in_every_exercise_that_has_it(name):
    def delta(D, T, F, g):
        return np.einsum("ikl,il->ik", PER_EXAMPLE[name](T, F), D)

    assert named("eq8", grad_beta(delta)) == name
    assert named("eq9", grad_alpha(delta)) == name
    assert named("eq10", backward_output(delta)) == name


def big_matrix(D, T, F, g):
    f = F.ravel()
    return ((np.diag(f) - np.outer(f, f)) @ D.ravel()).reshape(F.shape)


BATCHES = {
    "jacobian-across-batch": big_matrix,
    "summed-over-examples": lambda D, T, F, g: F * D - F * np.einsum("il,il->l", F, D),
    "jacobians-summed": lambda D, T, F, g: np.einsum("il,jlk->ik", D, g.jacobian(T)),
    "jacobian-of-one-example": lambda D, T, F, g: np.einsum("il,lk->ik", D, g.jacobian(T[0])),
    "one-index-too-many": lambda D, T, F, g: D @ g.jacobian(T),
}


@pytest.mark.parametrize("name", BATCHES)
def test_examples_that_mix_are_named(name):
    assert named("eq8", grad_beta(BATCHES[name])) == name
    assert named("eq9", grad_alpha(BATCHES[name])) == name
    assert named("eq10", backward_output(BATCHES[name])) == name


# --- what vanishes ------------------------------------------------------------------------


def printed_loops(Y, A, Z, T, F, g):
    """The paper's last line before (8), by the letter."""
    out = np.zeros((Y.shape[1], Z.shape[1] + 1))
    for i, z in enumerate(with_ones(Z)):
        J = g.jacobian(T[i])
        for k in range(Y.shape[1]):
            for j in range(Y.shape[1]):
                out[k] += -2 * (Y[i, k] - F[i, k]) * J[j, k] * z
    return out


def other_axis(D, T, F, g):
    return np.einsum("ik,ikl->ik", D, g.jacobian(T))


def by_hand(D, T, F, g):
    return D * F * (1 - F.sum(axis=1, keepdims=True))


def square_lost(D, T, F, g):
    return right(-np.ones_like(D), T, F, g)


def test_the_printed_line_is_named_however_its_zeros_are_rounded():
    assert named("eq8", printed_loops) == "vanishes"
    for delta in (other_axis, by_hand, square_lost):
        assert named("eq8", grad_beta(delta)) == "vanishes"
        assert named("eq9", grad_alpha(delta)) == "vanishes"
        assert named("eq10", backward_output(delta)) == "vanishes"


@pytest.mark.parametrize("id", ["eq8", "eq9", "eq10"])
def test_no_list_of_ways_to_a_zero_is_said_to_be_complete(id):
    make = {"eq8": grad_beta, "eq9": grad_alpha, "eq10": backward_output}[id]
    with pytest.raises(CheckFailed) as failed:
        check(id, make(lambda D, T, F, g: (D[:, :, None] * g.jacobian(T)).sum(axis=2)))
    said = failed.value.args[0]
    assert "a sum over the other index of the Jacobian" in said
    assert "Ways to get this:" in said
    assert "Two ways" not in said


def test_what_is_sent_back_to_zero_is_not_blamed_on_the_output_delta():
    def mean_of_beta(beta):
        return np.repeat(beta[:, 1:].mean(axis=0, keepdims=True), len(beta), axis=0)

    with pytest.raises(CheckFailed) as failed:
        check("eq9", grad_alpha(right, mean_of_beta))
    assert failed.value.mistake == "vanishes"
    assert "Step: output delta" not in failed.value.args[0]


def test_weights_left_out_send_nothing_back():
    assert named("eq9", grad_alpha(right, lambda beta: np.ones_like(beta[:, 1:]))) == "vanishes"


@pytest.mark.parametrize(
    "of_beta",
    [
        lambda beta: 1,
        lambda beta: beta[:, 1:].sum(axis=0),
        lambda beta: beta[:, 1:].mean(axis=0),
        lambda beta: beta[0, 1:],
        lambda beta: beta[:, 1:].max(axis=0),
    ],
)
def test_of_what_vanishes_in_eq11_no_more_is_said_than_that(of_beta):
    def wrong(X, A, Z, delta, beta, sigma):
        back = delta.sum(axis=1, keepdims=True) * of_beta(beta)
        return (back * sigma.derivative(A)).T @ with_ones(X)

    with pytest.raises(CheckFailed) as failed:
        check("eq11", wrong)
    said = failed.value.args[0]
    assert failed.value.mistake == "vanishes"
    assert "zero up to rounding" in said
    assert "special cases" not in said


def test_one_sum_in_the_bias_column_is_named_though_it_is_all_rounding():
    def wrong(Y, A, Z, T, F, g):
        delta = right(-2 * (Y - F), T, F, g)
        return np.column_stack([np.full(F.shape[1], delta.sum()), delta.T @ Z])

    assert named("eq8", wrong) == "bias-zero"


@EACH
def test_an_array_that_nobody_filled_is_no_formula(id):
    def zeros(*arguments):
        parts = EXERCISES[id].reference(*arguments)
        return tuple(map(np.zeros_like, parts)) if isinstance(parts, tuple) else 0 * parts

    assert named(id, zeros) == "all-zero"


def test_zero_in_some_cases_only_is_not_taken_for_the_printed_line():
    # a formula that is right where there is one example, and else vanishes
    def wrong(Y, A, Z, T, F, g):
        delta = right if len(Y) == 1 else other_axis
        return grad_beta(delta)(Y, A, Z, T, F, g)

    assert named("eq8", wrong) != "vanishes"


# --- functions that raise -----------------------------------------------------------------


def test_section_2_1s_functions_are_told_that_softmax_has_no_derivative():
    def delta(D, T, F, g):
        return D * g.derivative(T)

    assert named("eq8", grad_beta(delta)) == "derivative-of-softmax"
    assert named("eq9", grad_alpha(delta)) == "derivative-of-softmax"
    assert named("eq10", backward_output(delta)) == "derivative-of-softmax"


def test_another_missing_attribute_is_another_error():
    assert named("eq8", grad_beta(lambda D, T, F, g: D * g.slope(T))) == "unknown-attribute"
    assert named("eq8", grad_beta(lambda D, T, F, g: D * T.jacobian(g))) == "unknown-attribute"


def test_a_bias_column_that_no_longer_fits_is_told_why():
    def wrong(Y, A, Z, T, F, g):
        delta = -2 * (Y - F) @ g.jacobian(T)
        return np.column_stack([delta.sum(axis=0), delta.T @ Z])

    assert named("eq8", wrong) == "jacobians-crossed"


@pytest.mark.parametrize(
    "delta",
    [
        lambda r, J: J @ r[:, :, None],  # right, but for its last axis
        lambda r, J: np.dot(J, r),
        lambda r, J: J @ r,
        lambda r, J: r.T @ J,
        lambda r, J: J.T @ r,
        lambda r, J: r[:, None, :] @ J,
        lambda r, J: r[..., None],
        lambda r, J: r[None],
        lambda r, J: J,
        lambda r, J: r[:, :, None] * J,
        lambda r, J: np.einsum("il,ilk->ilk", r, J),
        lambda r, J: J * J,
    ],
)
@pytest.mark.parametrize(
    "join", one_in(3, [np.column_stack, np.hstack, lambda p: np.concatenate(p, axis=1)])
)
def test_other_shapes_that_do_not_fit_have_no_name_of_crossed_jacobians(delta, join):
    def wrong(Y, A, Z, T, F, g):
        d = delta(-2 * (Y - F), g.jacobian(T))
        bias = d.sum(axis=0)
        return join([bias, d.T @ Z])

    assert named("eq8", wrong) != "jacobians-crossed"


# --- right answers, and the cases ---------------------------------------------------------


def loops(D, T, F, g):
    pairs = zip(D, T, strict=True)
    return np.array([sum(d[j] * g.jacobian(t)[j] for j in range(len(d))) for d, t in pairs])


RIGHT = {
    "einsum": right,
    "transposed": lambda D, T, F, g: np.einsum("ikl,il->ik", g.jacobian(T), D),
    "matmul": lambda D, T, F, g: (D[:, None, :] @ g.jacobian(T))[:, 0],
    "product": lambda D, T, F, g: F * (D - (F * D).sum(axis=1, keepdims=True)),
    "own Jacobian": lambda D, T, F, g: np.einsum(
        "il,ilk->ik", D, F[:, :, None] * (np.eye(F.shape[1]) - F[:, None, :])
    ),
    "loops": loops,
    "pull_back": lambda D, T, F, g: g.pull_back(D, T),
}


@pytest.mark.one_in(2)
@pytest.mark.parametrize("delta", RIGHT.values(), ids=RIGHT)
def test_a_right_delta_passes_however_it_is_made(delta):
    assert check("eq8", grad_beta(delta))
    assert check("eq9", grad_alpha(delta))
    assert check("eq10", backward_output(delta))


def test_equation_7_is_equation_11():
    def backward_hidden(X, A, Z, delta, beta, sigma):
        s = (delta @ beta[:, 1:]) * sigma.derivative(A)
        return np.column_stack([s.sum(axis=0), s.T @ X])

    assert check("eq7", backward_hidden)
    assert check("eq11", backward_hidden)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cases_leave_no_mistake_hidden_and_agree_with_finite_differences(seed):
    cases = {case.name: case for case in softmax_cases(np.random.default_rng(seed))}
    assert len(set(cases["generic"].sizes.values())) == 4
    assert len(set(cases["square"].sizes.values())) == 1
    assert cases["one example"].sizes["N"] == 1
    assert cases["two outputs"].sizes["K"] == 2
    assert not np.allclose(cases["targets that do not sum to 1"].Y.sum(axis=1), 1)
    assert np.abs(cases["large t"].T).max() > 5
    assert cases["integer arrays"].Y.dtype.kind == "i"
    for case in cases.values():
        assert case.sizes["K"] >= 2
        rows = np.abs(case.delta.sum(axis=1)).max()
        assert rows < 1e-14 * np.abs(case.Y).max(initial=1)  # every row sums to zero
        for id in IDS:
            answer = EXERCISES[id].reference(*case.arguments(EXERCISES[id].arguments).values())
            answer = answer if isinstance(answer, tuple) else (answer,)
            for part, opinion in zip(answer, EXERCISES[id].second_opinion(case), strict=True):
                if opinion is not None:
                    assert np.abs(part - opinion).max() < 1e-6 * np.abs(opinion).max()


def test_a_mean_over_the_outputs_inside_delta_is_blamed_on_no_step():
    def gradient(X, Y, A, Z, T, F, beta, sigma, g):
        delta = (-2 * (Y - F)[:, :, None] * g.jacobian(T)).mean(axis=1)
        back = delta @ beta[:, 1:] * sigma.derivative(A)
        return back.T @ with_ones(X)

    finding = found("eq9", gradient)
    assert (finding.name, finding.subgoal) == ("outputs-averaged", "code")
    assert "Σ_j or Σ_k" in finding.hint


def test_the_mean_of_the_jacobians_is_one_mistake_and_no_mean_over_the_examples():
    def gradient(X, Y, A, Z, T, F, beta, sigma, g):
        back = -2 * (Y - F) @ g.jacobian(T).mean(0) @ beta[:, 1:] * sigma.derivative(A)
        return back.T @ with_ones(X)

    assert found("eq9", gradient).name == "jacobians-averaged"
