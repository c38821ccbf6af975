import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st

from bplab import deep, network
from bplab.activations import relu, sigmoid, softmax, tanh
from tests.judges import autograd_gradients, autograd_risk, close, torch_gradients
from tests.strategies import deep_networks

with_softmax = deep_networks(outputs=[softmax])

# the judges take 1 − a² from a rounded a: beside saturated units they are the ones that err
calm = deep_networks(scales=[1.0])
JUDGE_ERROR = 1e-12


def agree(ours, theirs, relative=1e-10, absolute=0.0):
    """Whether two pairs of gradients, by the alphas and by beta, agree."""
    (our_alphas, our_beta), (their_alphas, their_beta) = ours, theirs
    assert len(our_alphas) == len(their_alphas)
    pairs = [*zip(our_alphas, their_alphas, strict=True), (our_beta, their_beta)]
    return all(close(a, b, relative, absolute) for a, b in pairs)


def replaced(net, **arrays):
    return net._replace(**arrays)


# --- against independent judges ---------------------------------------------------------------


@given(calm)
def test_gradients_agree_with_autograd(net):
    assert agree(deep.backward(*net), autograd_gradients(net), absolute=JUDGE_ERROR)


@given(deep_networks(outputs=[softmax], scales=[1.0]), st.integers(0, 2**32 - 1))
def test_cross_entropy_gradients_agree_with_autograd(net, seed):
    K = len(net.beta)
    net = replaced(net, Y=np.eye(K)[np.random.default_rng(seed).integers(K, size=len(net.X))])
    ours = deep.backward(*net, loss="cross-entropy")
    assert agree(ours, autograd_gradients(net, "cross-entropy"), absolute=JUDGE_ERROR)


@given(calm)
def test_gradients_agree_with_torch(net):
    torch = pytest.importorskip("torch")
    assert agree(deep.backward(*net), torch_gradients(torch, net), absolute=JUDGE_ERROR)


@given(deep_networks(layers=(1, 1)))
def test_one_hidden_layer_equals_the_network_of_section_2(net):
    X, Y, (alpha,), beta, (sigma,), g = net
    shallow = network.backward(X, Y, alpha, beta, sigma, g)
    found = deep.backward(*net)
    assert np.array_equal(found.alphas[0], shallow.alpha)
    assert np.array_equal(found.beta, shallow.beta)
    A, Z, T, F = deep.forward(*net.forward)
    for ours, theirs in zip(
        (A[0], Z[0], T, F), network.forward(X, alpha, beta, sigma, g), strict=True
    ):
        assert np.array_equal(ours, theirs)


# --- symmetries -------------------------------------------------------------------------------


@given(deep_networks())
def test_gradient_of_a_batch_is_the_sum_over_its_examples(net):
    singles = [
        deep.backward(*replaced(net, X=net.X[i : i + 1], Y=net.Y[i : i + 1]))
        for i in range(len(net.X))
    ]
    by_alphas = [sum(layers) for layers in zip(*(s.alphas for s in singles), strict=True)]
    assert agree((by_alphas, sum(s.beta for s in singles)), deep.backward(*net))


@given(deep_networks(), st.data())
def test_permuting_the_units_of_a_layer_permutes_the_gradient(net, data):
    d = data.draw(st.integers(0, len(net.alphas) - 1))
    order = np.array(data.draw(st.permutations(range(len(net.alphas[d])))))
    columns = np.concatenate([[0], 1 + order])

    def permuted(alphas, beta):
        layers = [*alphas, beta]
        layers[d], layers[d + 1] = layers[d][order], layers[d + 1][:, columns]
        return tuple(layers[:-1]), layers[-1]

    alphas, beta = permuted(net.alphas, net.beta)
    moved = deep.backward(*replaced(net, alphas=alphas, beta=beta))
    assert agree(moved, permuted(*deep.backward(*net)))


@given(deep_networks(), st.integers(0, 2**32 - 1), st.integers(-3, 3), st.integers(-3, 3))
def test_the_gradient_is_linear_in_the_residual(net, seed, a, b):
    F = deep.forward(*net.forward).F
    C, D = np.random.default_rng(seed).standard_normal((2, *F.shape))
    first, second, both = (
        deep.backward(*replaced(net, Y=F + step)) for step in (C, D, a * C + b * D)
    )
    for one, two, together in zip(
        (*first.alphas, first.beta),
        (*second.alphas, second.beta),
        (*both.alphas, both.beta),
        strict=True,
    ):
        scale = np.abs(one).max() + np.abs(two).max()
        assert np.abs(a * one + b * two - together).max() <= 1e-10 * scale


@given(deep_networks(outputs=[softmax], scales=[1.0]), st.integers(-3, 3), st.integers(-3, 3))
def test_the_gradient_of_a_sum_of_losses_is_the_sum_of_their_gradients(net, a, b):
    squared = autograd_risk(net.X, net.Y, net.sigmas, net.g)
    entropy = autograd_risk(net.X, net.Y, net.sigmas, net.g, "cross-entropy")
    alphas = list(net.alphas)
    theirs = grad(lambda beta: a * squared(alphas, beta) + b * entropy(alphas, beta))(net.beta)
    ours = a * deep.backward(*net).beta + b * deep.backward(*net, loss="cross-entropy").beta
    assert close(ours, theirs, absolute=JUDGE_ERROR)


@given(with_softmax, st.floats(-100, 100))
def test_a_shift_of_all_outputs_changes_nothing_after_softmax(net, shift):
    beta = net.beta.copy()
    beta[:, 0] += shift
    moved = replaced(net, beta=beta)
    np.testing.assert_allclose(
        deep.forward(*moved.forward).F, deep.forward(*net.forward).F, rtol=1e-10
    )
    plain, other = deep.backward(*net).beta, deep.backward(*moved).beta
    largest_input = 1 + np.abs(deep.forward(*net.forward).Z[-1]).max()
    assert np.abs(plain - other).max() <= 1e-10 * largest_input
    # and so the gradient has no part along that shift
    assert np.abs(plain.sum(axis=0)).max() <= 1e-12 * largest_input


@given(with_softmax)
def test_cross_entropy_makes_delta_f_minus_y(net):
    _, _, T, F = deep.forward(*net.forward)
    classes = np.eye(T.shape[1])[np.arange(len(T)) % T.shape[1]]
    delta = deep.output_delta(classes, T, F, softmax, loss="cross-entropy")
    np.testing.assert_allclose(delta, F - classes, rtol=1e-12, atol=1e-15)
    # for targets with another sum, F is weighted by it
    delta = deep.output_delta(3 * classes, T, F, softmax, loss="cross-entropy")
    np.testing.assert_allclose(delta, 3 * (F - classes), rtol=1e-12, atol=1e-15)


def test_the_delta_of_cross_entropy_keeps_its_digits_where_the_net_is_sure():
    T = np.array([[0.0, -40.0]])
    delta = deep.output_delta([[1, 0]], T, softmax(T), softmax, loss="cross-entropy")
    np.testing.assert_allclose(delta, np.exp(-40) * np.array([[-1, 1]]), rtol=1e-14)


def test_units_that_start_equal_stay_equal():
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((5, 3)), rng.uniform(0, 1, (5, 2))
    alphas = [np.full((4, 4), 0.3), np.full((3, 5), -0.2)]
    by_alphas, by_beta = deep.backward(X, Y, alphas, np.full((2, 4), 0.1), tanh, sigmoid)
    for gradient in by_alphas:
        assert np.abs(gradient - gradient[0]).max() < 1e-15
    assert np.abs(by_beta[:, 1:] - by_beta[:, 1:2]).max() < 1e-15


def test_a_unit_that_is_off_for_every_example_gets_no_gradient():
    rng = np.random.default_rng(1)
    X, Y = rng.standard_normal((5, 3)), rng.uniform(0, 1, (5, 2))
    alphas, beta = [rng.standard_normal((4, 4)), rng.standard_normal((3, 5))], np.ones((2, 4))
    alphas[0][2, 0] = -100
    by_alphas, _ = deep.backward(X, Y, alphas, beta, relu, sigmoid)
    assert not by_alphas[0][2].any()
    assert by_alphas[0].any()


# --- layer by layer ---------------------------------------------------------------------------


@given(deep_networks(), st.integers(0, 2**32 - 1))
def test_hidden_deltas_are_one_step_after_another(net, seed):
    A, _, T, _ = deep.forward(*net.forward)
    delta = above = np.random.default_rng(seed).standard_normal(T.shape)
    s = deep.hidden_deltas(delta, net.alphas, net.beta, A, net.sigmas)
    assert len(s) == len(A)
    for weights, a, sigma, found in zip(
        (net.beta, *net.alphas[:0:-1]), A[::-1], net.sigmas[::-1], s[::-1], strict=True
    ):
        above = deep.hidden_delta(above, weights, a, sigma)
        assert np.array_equal(found, above)


@given(calm)
def test_hidden_deltas_are_derivatives_by_the_biases_of_single_examples(net):
    """A bias moves its unit's pre-activation alone: s is a judge's gradient by it."""
    A, _, T, F = deep.forward(*net.forward)
    delta = deep.output_delta(net.Y, T, F, net.g)
    s = deep.hidden_deltas(delta, net.alphas, net.beta, A, net.sigmas)
    i = len(net.X) // 2
    theirs, _ = autograd_gradients(replaced(net, X=net.X[i : i + 1], Y=net.Y[i : i + 1]))
    for ours, by_alpha in zip(s, theirs, strict=True):
        assert close(ours[i], by_alpha[:, 0], absolute=JUDGE_ERROR)


@given(calm)
def test_the_last_hidden_layers_gradient_agrees_with_autograd(net):
    A, Z, T, F = deep.forward(*net.forward)
    delta = deep.output_delta(net.Y, T, F, net.g)
    ours = deep.grad_last_hidden((net.X, *Z)[-2], A[-1], delta, net.beta, net.sigmas[-1])
    theirs, _ = autograd_gradients(net)
    assert close(ours, theirs[-1], absolute=JUDGE_ERROR)


# --- arrays -----------------------------------------------------------------------------------


@given(deep_networks())
def test_inputs_are_never_changed_and_may_be_read_only(net):
    arrays = [net.X, net.Y, *net.alphas, net.beta]
    before = [a.copy() for a in arrays]
    for array in arrays:
        array.setflags(write=False)
    A, Z, T, F = stored = deep.forward(*net.forward)
    for array in (*A, *Z, T, F):
        array.setflags(write=False)
    delta = deep.output_delta(net.Y, T, F, net.g)
    delta.setflags(write=False)
    deep.hidden_delta(delta, net.beta, A[-1], net.sigmas[-1])
    deep.hidden_deltas(delta, net.alphas, net.beta, A, net.sigmas)
    deep.grad_last_hidden((net.X, *Z)[-2], A[-1], delta, net.beta, net.sigmas[-1])
    network.weight_gradient(delta, Z[-1])
    deep.backward(*net)
    assert all(np.array_equal(a, b) for a, b in zip(arrays, before, strict=True))
    assert stored.T is T


@given(deep_networks())
def test_what_comes_back_belongs_to_the_caller(net):
    """Writing into a result reaches no argument: none of them is a view of an input."""
    A, Z, T, F = deep.forward(*net.forward)
    results = [*A, *Z, T, F, *deep.backward(*net).alphas, deep.backward(*net).beta]
    for result in results:
        for array in (net.X, net.Y, *net.alphas, net.beta):
            assert not np.shares_memory(result, array)
    assert not any(np.shares_memory(a, z) for a, z in zip((*A, T), (*Z, F), strict=True))


@given(deep_networks())
@pytest.mark.parametrize("loss", ["squared", "cross-entropy"])
def test_float32_stays_float32(loss, net):
    net = replaced(net, g=softmax if loss == "cross-entropy" else net.g)
    X, Y, beta = (a.astype(np.float32) for a in (net.X, net.Y, net.beta))
    alphas = [alpha.astype(np.float32) for alpha in net.alphas]
    A, Z, T, F = deep.forward(X, alphas, beta, net.sigmas, net.g)
    gradients = deep.backward(X, Y, alphas, beta, net.sigmas, net.g, loss=loss)
    for array in (*A, *Z, T, F, *gradients.alphas, gradients.beta):
        assert array.dtype == np.float32


@pytest.mark.parametrize("dtype", [bool, np.int8, np.int64, np.uint8, np.float16, np.float64])
def test_other_numbers_become_float64(dtype):
    arrays = {
        "X": np.array([[0, 1], [1, 1], [1, 0]], dtype),
        "Y": np.array([[0], [1], [1]], dtype),
    }
    weights = [np.ones((2, 3), dtype)], np.ones((1, 3), dtype)
    A, Z, T, F = deep.forward(arrays["X"], *weights, tanh, sigmoid)
    gradients = deep.backward(*arrays.values(), *weights, tanh, sigmoid)
    for array in (*A, *Z, T, F, *gradients.alphas, gradients.beta):
        assert array.dtype == np.float64


def test_lists_views_and_fortran_order_give_the_same():
    rng = np.random.default_rng(3)
    X, Y = rng.standard_normal((5, 3)), rng.uniform(0, 1, (5, 2))
    alphas, beta = [rng.standard_normal((4, 4))], rng.standard_normal((2, 5))
    plain = deep.backward(X, Y, alphas, beta, tanh, sigmoid)
    for change in (np.ndarray.tolist, np.asfortranarray, lambda a: np.repeat(a, 2, axis=0)[::2]):
        changed = deep.backward(
            change(X), change(Y), [change(a) for a in alphas], change(beta), tanh, sigmoid
        )
        assert agree(changed, plain, relative=1e-14)


def test_complex_weights_pass_forward_for_complex_steps():
    rng = np.random.default_rng(4)
    X, alphas, beta = rng.standard_normal((5, 3)), [np.ones((4, 4)) + 1e-30j], np.ones((2, 5))
    A, Z, T, F = deep.forward(X, alphas, beta, tanh, softmax)
    assert {a.dtype for a in (*A, *Z, T, F)} == {np.dtype(np.complex128)}
    with pytest.raises(ValueError, match="T must hold real numbers; got dtype complex128"):
        deep.backward(X, np.ones((5, 2)), alphas, beta, tanh, softmax)
