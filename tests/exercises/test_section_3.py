"""Section 3: cases of every depth, and learners' own ways of getting lost between layers."""

import warnings

import numpy as np
import pytest

from bplab.activations import Softmax, relu
from bplab.deep import forward, hidden_delta, output_delta
from bplab.exercises import EXERCISES, CheckFailed, check
from bplab.exercises.judging import entry_words, known_answers
from bplab.exercises.section_3.cases import deep_cases, last_hidden_cases, output_cases
from bplab.network import weight_gradient
from tests.exercises.drawn import HIDDEN, found
from tests.thorough import SEEDS, one_of


def fails(id, function):
    with pytest.raises(CheckFailed) as failed:
        check(id, function)
    return failed.value


# --- the cases ------------------------------------------------------------------------------


@pytest.fixture(params=SEEDS)
def cases(request):
    return {case.name: case for case in deep_cases(np.random.default_rng(request.param))}


def widths(case):
    return [case.X.shape[1], *map(len, case.alphas), len(case.beta)]


def test_every_depth_and_every_special_case_is_there(cases):
    assert {case.sizes["D"] for case in cases.values()} == {1, 2, 3, 4, 6}
    assert {"N", "p", "D", "K"} == set(cases["square"].sizes)
    for name in ("two", "three", "four"):
        case = cases[f"{name} hidden layers"]
        assert len({len(case.X), *widths(case)}) == case.sizes["D"] + 3  # all different
    assert len({len(cases["square"].X), *widths(cases["square"])}) == 1
    assert cases["one example"].sizes["N"] == 1
    assert cases["one output"].sizes["K"] == 1
    assert widths(cases["one hidden unit"])[1:-1] == [1]
    assert widths(cases["a layer of one unit"])[2] == 1
    assert any(isinstance(case.g, Softmax) for case in cases.values())
    assert max(np.abs(A).max() for A in cases["large pre-activations"].A) > 10
    whole = cases["integer arrays"]
    arrays = (whole.X, whole.Y, *whole.alphas, whole.beta)
    assert {array.dtype.kind for array in arrays} == {"i"}


def test_the_activation_changes_from_layer_to_layer(cases):
    for case in cases.values():
        if case.name != "dead units":
            assert len(set(case.sigmas)) == case.sizes["D"], case.name


def test_relu_units_are_dead_and_half_on_and_on_but_never_near_the_kink(cases):
    case = cases["dead units"]
    for sigma, A in zip(case.sigmas, case.A, strict=True):
        if sigma is relu:
            on = A > 0
            assert 0 < on[:, 0].sum() < len(A)
            assert not on[:, 1].any()
            assert on[:, -1].all()
    assert case.smooth
    kink = cases["on the kink"]
    assert not kink.smooth
    assert all((A == 0).any() for A in kink.A)


def test_biases_are_never_zero_but_where_the_kink_needs_it(cases):
    for name, case in cases.items():
        assert (case.beta[:, 0] != 0).all()
        assert name == "on the kink" or all((alpha[:, 0] != 0).all() for alpha in case.alphas)


def test_a_single_layer_is_that_of_its_network():
    seed = 3
    deep = deep_cases(np.random.default_rng(seed))
    for make, inputs, A in (
        (output_cases, lambda c: c.Z[-1], lambda c: c.T),
        (last_hidden_cases, lambda c: (c.X, *c.Z)[-2], lambda c: c.A[-1]),
    ):
        *layers, whole = make(np.random.default_rng(seed))
        assert whole.inputs.dtype.kind == "i"
        for layer, case in zip(layers, deep, strict=True):
            assert str(layer) == str(case)
            assert np.array_equal(layer.inputs, inputs(case))
            assert np.array_equal(layer.A, A(case))


def test_a_case_says_how_wide_its_layers_are(cases):
    assert "D = 3, K = 2, hidden units: 5, 4, 7, σ: relu, relu, tanh" in str(cases["dead units"])


@pytest.mark.parametrize("make", [output_cases, last_hidden_cases])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_layer_is_given_integers_and_its_gradient_is_not_whole(make, seed):
    *_, layer = make(np.random.default_rng(seed))
    assert layer.inputs.dtype.kind == "i"
    delta = layer.delta
    if layer.sigma is not None:
        delta = hidden_delta(delta, layer.beta, layer.A, layer.sigma)
    gradient = weight_gradient(delta, layer.inputs)
    assert np.abs(gradient - np.rint(gradient)).max() > 0.01


# --- words ----------------------------------------------------------------------------------


def test_an_entry_of_a_layer_is_named():
    by_alphas, by_beta = EXERCISES["eq18"].parts
    case = deep_cases(np.random.default_rng(0))[2]
    layer = by_alphas.arrays(case)[2]
    assert entry_words(layer, (1, 3)) == "by_alphas[2][1, 3] (hidden unit 2, weight of input 3)"
    assert entry_words(layer, (1, 0)) == "by_alphas[2][1, 0] (hidden unit 2, bias)"
    assert entry_words(by_beta, (0, 2)) == "by_beta[0, 2] (output 1, weight of hidden unit 2)"
    (s,) = EXERCISES["eq17"].parts
    assert entry_words(s.arrays(case)[0], (4, 1)) == "s[0][4, 1] (example 5, hidden unit 2)"


# --- as learners write it -------------------------------------------------------------------


def walk(weights=None, sigma=None, a=None, collect=lambda s: s[::-1]):
    """A learner's eq17: a loop down, with its own idea of which layer's things it needs."""

    def hidden_deltas(delta, alphas, beta, A, sigmas):
        s = []
        for d in range(len(A) - 1, -1, -1):
            above = beta if d == len(A) - 1 else alphas[d + 1]
            w = weights(d, alphas, beta) if weights else above
            slope = sigmas[sigma(d) if sigma else d].derivative(A[a(d) if a else d])
            delta = (delta @ w[:, 1:]) * slope
            s.append(delta)
        return collect(s)

    return hidden_deltas


def backward(recursion=None, inputs=lambda X, Z: [X, *Z]):
    """A learner's eq18 around it."""

    def backward(X, Y, alphas, beta, sigmas, g):
        A, Z, T, F = forward(X, alphas, beta, sigmas, g)
        delta = output_delta(Y, T, F, g)
        s = (recursion or walk())(delta, alphas, beta, A, sigmas)
        given = zip(s, inputs(X, Z), strict=False)
        return [weight_gradient(*pair) for pair in given], weight_gradient(delta, Z[-1])

    return backward


LOST = {
    "own-weights": {"weights": lambda d, alphas, beta: alphas[d]},
    "beta-everywhere": {"weights": lambda d, alphas, beta: beta},
    "sigma-of-layer-below": {"sigma": lambda d: d - 1},
    "sigma-of-first-layer": {"sigma": lambda d: 0},
    "sigma-of-last-layer": {"sigma": lambda d: -1},
    "A-of-layer-below": {"a": lambda d: d - 1},
    "A-of-last-layer": {"a": lambda d: -1},
    "derivative-of-layer-below": {"a": lambda d: d - 1, "sigma": lambda d: d - 1},
    "s-reversed": {"collect": lambda s: s},
}


@pytest.mark.parametrize("name", LOST)
def test_the_wrong_layer_is_named(name):
    wrong = walk(**LOST[name])
    assert fails("eq17", wrong).mistake == name
    assert fails("eq18", backward(wrong)).mistake == name


def test_the_walk_itself_is_right():
    assert check("eq17", walk())
    assert check("eq18", backward())


@pytest.mark.parametrize(
    ("collect", "name"),
    [
        (lambda s: s[-1], "s-not-collected"),
        (lambda s: s[0], "first-step-only"),
        (lambda s: s[::-1][1:], "first-layer-missing"),
        (lambda s: np.array(s[-1:]), "s-not-collected"),
    ],
)
def test_layers_that_are_missing_are_named(collect, name):
    assert fails("eq17", walk(collect=collect)).mistake == name


def test_the_input_of_another_layer_is_named():
    for inputs, name in [
        (lambda X, Z: [X] * 9, "X-for-every-layer"),
        (lambda X, Z: Z, "own-Z-for-inputs"),
        (lambda X, Z: [X, *Z[:-1]][::-1], "inputs-reversed"),
    ]:
        assert fails("eq18", backward(inputs=inputs)).mistake == name


@pytest.mark.parametrize("numpy_does", ["warn", "raise"])
def test_what_a_mistake_answers_does_not_hang_on_the_filters_of_whoever_asks_first(numpy_does):
    exercise = EXERCISES["eq17"]
    by_division = next(m for m in exercise.mistakes if m.name == "s-by-division")
    cases = deep_cases(np.random.default_rng(0))
    with warnings.catch_warnings(), np.errstate(all=numpy_does):
        warnings.simplefilter("error")
        answers = [known_answers(exercise, case).of(by_division.wrong) for case in cases]
    assert not any(answer.raised for answer in answers)
    assert any(np.isnan(array).any() for answer in answers for array in answer.arrays)


@pytest.mark.filterwarnings("ignore:invalid value")
def test_s_by_division_as_printed_is_named():
    def hidden_deltas(delta, alphas, beta, A, sigmas):
        s = [hidden_delta(delta, beta, A[-1], sigmas[-1])]
        for d in range(len(A) - 2, -1, -1):
            z = sigmas[d](A[d])
            gradient = s[0][:, :, None] * z[:, None, :]  # of each example
            quotient = gradient[:, :, 0] / z[:, :1]
            s.insert(0, (quotient @ alphas[d + 1][:, 1:]) * sigmas[d].derivative(A[d]))
        return s

    error = fails("eq17", hidden_deltas)
    assert error.mistake == "s-by-division", str(error)
    assert "0/0" in str(error)
    assert fails("eq18", _unchecked(hidden_deltas)).mistake == "s-by-division"


def _unchecked(recursion):
    """The whole pass with products that let NaN through, as a learner's own would."""

    def backward(X, Y, alphas, beta, sigmas, g):
        A, Z, T, F = forward(X, alphas, beta, sigmas, g)
        delta = output_delta(Y, T, F, g)
        s = [*recursion(delta, alphas, beta, A, sigmas), delta]
        ones = [np.insert(z, 0, 1, axis=1) for z in (X, *Z)]
        *by_alphas, by_beta = (s_d.T @ z for s_d, z in zip(s, ones, strict=True))
        return by_alphas, by_beta

    return backward


def test_a_crash_for_one_layer_comes_with_its_case_and_line():
    def hidden_deltas(delta, alphas, beta, A, sigmas):
        s = list(walk()(delta, alphas, beta, A, sigmas))
        s[0] = hidden_delta(s[1], alphas[1], A[0], sigmas[0])  # (18), also for D = 1
        return s

    error = fails("eq17", hidden_deltas)
    assert error.mistake == "index-out-of-range"
    assert "IndexError" in str(error)
    assert "s[0] = hidden_delta(s[1]" in str(error)
    assert "one hidden layer" in str(error)
    assert "D = 1" in str(error)


def test_nothing_for_one_layer_is_named():
    def for_more(recursion):
        return lambda *a: [] if len(a[3]) == 1 else recursion(*a)

    assert fails("eq17", for_more(walk())).mistake == "nothing-for-one-layer"
    assert fails("eq18", backward(for_more(walk()))).mistake == "nothing-for-one-layer"


def test_an_activation_written_over_its_layer_is_noticed():
    def in_place(delta, alphas, beta, A, sigmas):
        for a, sigma in zip(A, sigmas, strict=True):
            a[...] = sigma(a)
        return walk()(delta, alphas, beta, A, sigmas)

    error = fails("eq17", in_place)
    assert error.mistake == "argument-changed"
    assert "its argument A" in str(error)

    def own_forward(X, Y, alphas, beta, sigmas, g):
        A, Z, T, F = forward(X, alphas, beta, sigmas, g)
        for a, z in zip(A, Z, strict=True):
            a[...] = z  # as with out=A
        delta = output_delta(Y, T, F, g)
        s = walk()(delta, alphas, beta, A, sigmas)
        return [weight_gradient(*p) for p in zip(s, (X, *Z), strict=False)], (
            weight_gradient(delta, Z[-1])
        )

    error = fails("eq18", own_forward)
    assert error.mistake == "sigma-prime-at-Z"
    assert "its activation has been written into" in str(error)


def test_a_list_that_grows_from_call_to_call_is_noticed():
    kept = []

    def accumulates(*arguments):
        kept[:0] = walk()(*arguments)
        return kept

    assert fails("eq17", accumulates).mistake == "remembers"


def test_all_arrays_in_one_row_are_refused():
    def flat(*arguments):
        by_alphas, by_beta = backward()(*arguments)
        return [*by_alphas, by_beta]

    assert "3 arrays in one row; 2 parts are wanted" in str(fails("eq18", flat))


def test_another_factor_in_every_layer_is_described_layer_by_layer():
    def wrong_below(*arguments):
        *below, last = walk()(*arguments)
        return [np.cbrt(s) for s in below] + [last]

    error = fails("eq17", wrong_below)
    assert error.mistake == "last-layer-only"
    assert "right for the last hidden layer, and wrong further down" in str(error)


def stack(delta, inputs):
    return np.column_stack([delta.sum(axis=0), delta.T @ inputs])


def buffer_like_inputs(delta, inputs):
    gradient = np.zeros((delta.shape[1], inputs.shape[1] + 1), dtype=inputs.dtype)
    gradient[:, 0], gradient[:, 1:] = delta.sum(axis=0), delta.T @ inputs
    return gradient


def cast_to_inputs(inputs, A, delta, beta, sigma):
    return stack(delta @ beta[:, 1:] * sigma.derivative(A), inputs).astype(inputs.dtype)


@one_of("kind", ["visible", HIDDEN])
@pytest.mark.parametrize(
    ("id", "function"), [("eq14", buffer_like_inputs), ("eq15", cast_to_inputs)]
)
def test_a_gradient_in_the_type_of_integer_inputs_is_cut_to_whole_numbers(id, function, kind):
    assert found(id, function, kind).name == "integers-truncated"
