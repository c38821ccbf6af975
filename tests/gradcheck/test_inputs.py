"""What `check_gradient` says of functions, parameters and gradients that come otherwise."""

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bplab.errors import InputError
from bplab.gradcheck import Verdict, check_gradient, numerical_gradient
from tests.gradcheck.printed import one_line

w = np.array([1.0, -2.0, 3.0])


def square(w):
    return np.sum(w**2)


# --- structures ---------------------------------------------------------------------------


@dataclass
class Layer:
    W: Any
    b: Any


Pair = namedtuple("Pair", "W b")


def test_a_dictionary_is_matched_by_key_in_any_order():
    params = {"W1": w, "W2": 2 * w}
    f = lambda p: np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 3)  # noqa: E731
    right = {"W2": 3 * params["W2"] ** 2, "W1": 2 * w}
    assert check_gradient(f, right, params)
    assert check_gradient(f, lambda p: {"W2": 3 * p["W2"] ** 2, "W1": 2 * p["W1"]}, params)
    swapped = {"W1": right["W2"], "W2": right["W1"]}
    assert len(check_gradient(f, swapped, params).wrong) == 6
    with pytest.raises(ValueError, match="no 'W1' and a foreign 'x'"):
        check_gradient(f, {"x": w, "W2": w}, params)


@pytest.mark.parametrize(
    "params",
    [Layer(w, w), Pair(w, w), OrderedDict(W=w, b=w), [{"W": w}, Pair(Layer(w, w), 2.0)]],
    ids=["dataclass", "named tuple", "ordered dictionary", "nested"],
)
def test_functions_get_the_structure_that_the_caller_has(params):
    got = []

    def f(p):
        got.append(type(p))
        flat = [p[0]["W"], p[1].W.W, p[1].W.b, p[1].b] if isinstance(p, list) else None
        flat = flat or (p.values() if isinstance(p, dict) else [p.W, p.b])
        return sum(np.sum(np.asarray(part) ** 2) for part in flat)

    def grad(p):
        got.append(type(p))
        return numerical_gradient(f, p, method="richardson")

    report = check_gradient(f, grad, params)
    assert report
    assert {e.verdict for e in report.entries} == {Verdict.RIGHT}
    assert set(got) == {type(params)}


# --- what f and grad may do to their arguments --------------------------------------------


def test_neither_function_can_change_the_parameters_of_the_caller():
    params = {"W": w.copy(), "b": np.ones(2)}

    def f(p):
        p["W"] *= 3
        p["b"] += 1
        return np.sum(p.pop("W") ** 2) + np.sum(p.pop("b") ** 2)

    def grad(p):
        p["W"] *= 18
        p["b"] += 1
        p["b"] *= 2
        return p

    for fast in (False, True):
        assert check_gradient(f, grad, params, fast=fast)
        assert np.array_equal(params["W"], w)
        assert np.array_equal(params["b"], np.ones(2))


# --- what f may return --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (None, "got None. Has it a `return`"),
        ((3.0, w), r"got a tuple of 2.* pass it alone: lambda w: f\(w\)\[0\]"),
        ([np.float64(3), {"W": w}], r"got a list of 2.*lambda w: f\(w\)\[0\]"),
        (
            {"loss": 3.0, "gradient": w},
            r"got a dictionary.*'loss', 'gradient'.*lambda w: f\(w\)\['loss'\]",
        ),
        ("3.0", "got '3.0'"),
        (3 + 1j, r"got complex numbers \(3\+1j\). Return the real part"),
        (w, r"got an array of shape \(3,\). Sum it"),
        (w[:2], r"got an array of shape \(2,\). Sum it"),
        (np.nan, "got nan"),
        (-np.inf, "got -inf"),
        (True, "got True"),
        (object(), "got an object"),
        (np.sum, "got a _?Array"),
    ],
)
def test_a_result_that_is_no_number_is_named(returned, words):
    with pytest.raises(ValueError, match=f"must return one finite real number; {words}"):
        check_gradient(lambda w: returned, w, w)


@pytest.mark.parametrize("kind", [float, np.float64, np.array, lambda x: np.array([[x]])])
def test_one_number_in_an_array_is_a_number(kind):
    assert check_gradient(lambda w: kind(square(w)), 2 * w, w)


def test_what_a_function_raises_stays_and_says_what_it_was_given():
    def broken(p):
        return p["W3"]

    with pytest.raises(KeyError, match="W3") as caught:
        check_gradient(broken, {"W": w}, {"W": w})
    assert "f was called with one argument, a copy of params" in caught.value.__notes__[0]
    assert "key 'W'" in caught.value.__notes__[0]
    with pytest.raises(ValueError, match=r"lambda params: grad\(params, …\)"):
        check_gradient(square, lambda w, X: w, w)
    with pytest.raises(ValueError, match=r"params come last: check_gradient\(f, grad, params\)"):
        check_gradient(square, w, lambda w: 2 * w)
    with pytest.raises(ValueError, match="f must be a function of params"):
        check_gradient(w, square, w)


def test_a_gradient_after_the_loss_is_named():
    with pytest.raises(ValueError, match="got a tuple of 2") as caught:
        check_gradient(square, lambda w: (square(w), 2 * w), w)
    assert "after the loss" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("grad", "params", "words"),
    [
        (2 * w, [1.0, np.nan], "params must hold finite real numbers; got nan at"),
        (2 * w, np.array([1j]), "got dtype complex128"),
        (2 * w, {"W": w, "name": "first"}, "name must hold finite real numbers; got text"),
        (np.array([1, np.inf, 2]), w, r"gradient of params must hold.*got inf at \[1\]"),
        (np.array([None] * 3), w, "got objects"),
        (None, w, "must be an array; got None"),
    ],
)
def test_numbers_that_are_none_are_named_with_their_place(grad, params, words):
    with pytest.raises(ValueError, match=words):
        check_gradient(square, grad, params)


def test_a_gradient_of_booleans_holds_numbers():
    report = check_gradient(lambda w: np.maximum(w, 0).sum(), w > 0, w)
    assert report.with_verdict(Verdict.RIGHT)
    assert not report.wrong


# --- functions that cannot be judged ------------------------------------------------------


@pytest.mark.parametrize("fast", [False, True])
def test_a_function_that_draws_anew_each_time_is_called_random(fast):
    rng = np.random.default_rng(0)
    report = check_gradient(
        lambda w: np.sum(w**2 * rng.integers(0, 2, w.shape)), 2 * w, w, fast=fast
    )
    assert report.verdict == Verdict.CANNOT_TELL
    assert not report.wrong
    assert "f gives different answers at the same params" in one_line(report)
    assert "set the seed inside f" in report._repr_html_()
    assert "nan" not in one_line(report)
    drawn = check_gradient(square, lambda w: 2 * w * rng.random(3), w, fast=fast)
    assert drawn.verdict == Verdict.CANNOT_TELL
    assert "grad gives different answers" in one_line(drawn)


@pytest.mark.parametrize("fast", [False, True])
def test_a_function_that_counts_its_calls_is_not_called_random(fast):
    calls = []

    def counts(w):
        calls.append(1)
        return square(w) * (1 + 1e-3 * len(calls))

    said = one_line(check_gradient(counts, 2 * w, w, fast=fast))
    assert "f gives different answers at the same params" in said
    assert "counts or keeps something from call to call" in said
    assert "is random" not in said


def test_noise_of_sums_in_another_order_is_not_called_random():
    rng = np.random.default_rng(0)
    report = check_gradient(lambda w: square(w) * (1 + 1e-15 * rng.normal()), 2 * w, w)
    assert report
    assert not report.notes


@pytest.mark.parametrize("fast", [False, True])
def test_a_function_that_looks_at_other_arrays_than_its_own_is_told(fast):
    other = w.copy()
    report = check_gradient(lambda w: square(other), np.zeros(3), w, fast=fast)
    assert "f gave 14 at params and at three points around them" in one_line(report)
    assert "in place of params" in one_line(report)
    assert not check_gradient(lambda w: w[0] ** 2, np.array([2.0, 0, 0]), w).notes


# --- arrays of other libraries ------------------------------------------------------------


class Host:
    """Stands in for CuPy: its arrays come to the host on request only."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, *_, **__):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def get(self):
        return self.values

    def __array_namespace__(self):
        class Library:
            asarray = Host

        return Library


class Elsewhere:
    device, dtype = "cuda:0", "float64"

    def __array__(self, *_, **__):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")


def test_arrays_that_come_to_the_host_on_request():
    report = check_gradient(
        lambda p: Host(np.sum(p["W"].get() ** 2)),
        lambda p: {"W": Host(2 * p["W"].get())},
        {"W": Host(w)},
    )
    assert report
    assert not report.notes


def test_arrays_that_cannot_be_read_get_one_sentence():
    for call in (
        lambda: check_gradient(square, 2 * w, Elsewhere()),
        lambda: check_gradient(lambda w: Elsewhere(), 2 * w, w),
        lambda: check_gradient(square, Elsewhere(), w),
    ):
        with pytest.raises(ValueError, match="on the device cuda:0, which NumPy cannot read"):
            call()


def test_parameters_in_single_precision_become_double_and_the_report_says_so():
    dtypes = set()

    def f(w):
        dtypes.add(w.dtype.name)
        return square(w)

    report = check_gradient(f, lambda w: 2 * w, w.astype(np.float32))
    assert report
    assert dtypes == {"float64"}
    assert "params came in float32 and were taken as float64" in one_line(report)
    assert not check_gradient(square, 2 * w, w.astype(int)).notes


def test_data_in_single_precision_beside_parameters_that_became_double_are_named():
    torch = pytest.importorskip("torch")
    X = torch.ones(2, 3)
    with pytest.raises(RuntimeError) as caught:
        check_gradient(lambda w: (X @ w).sum(), np.full(3, 2.0), torch.ones(3))
    assert "params are float64 in place of float32: its data" in caught.value.__notes__[1]


def test_a_network_of_pytorch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X, y = torch.asarray(rng.normal(size=(6, 3))), torch.asarray(rng.normal(size=6))

    def f(p):
        return ((torch.tanh(X @ p["W"].T + p["b"]) @ p["v"] - y) ** 2).sum()

    def grad(p):
        return dict(zip(p, torch.autograd.grad(f(p), list(p.values())), strict=True))

    params = {
        "W": torch.nn.Parameter(torch.asarray(rng.normal(size=(2, 3)))),
        "b": torch.zeros(2, dtype=torch.float64, requires_grad=True),
        "v": torch.nn.Parameter(torch.asarray(rng.normal(size=2), dtype=torch.float32)),
    }
    report = check_gradient(f, grad, params)
    assert len(report.with_verdict(Verdict.RIGHT)) == report.total == 10
    assert "params came in float32" in one_line(report)
    right = grad(params | {"v": params["v"].double()})
    assert check_gradient(f, right, params)
    assert len(check_gradient(f, right | {"b": 2 * right["b"]}, params).wrong) == 2


def test_a_function_of_jax():
    jax = pytest.importorskip("jax")

    def f(p):
        return jax.numpy.tanh(p["W"] @ p["x"]).sum()

    params = {"W": jax.numpy.ones((2, 3)) / 2, "x": jax.numpy.asarray(w) / 3}
    report = check_gradient(f, jax.grad(f), params)
    assert not report.wrong
    assert "jax_enable_x64" in one_line(report)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (lambda w: (np.ones(3), np.ones((2, 2))), "got a tuple of 2. Sum what they hold, or take"),
        (lambda w: [2 * w, 1.0], "got a list of 2. If the last of them is the loss, pass it alone"),
        (lambda w: ([w, w[:2]], np.float64(3), "ok"), "If one of them is the loss, pass it"),
        (lambda w: ((w**2).sum(), 2 * w), "If the first of them is the loss, pass it alone: lam"),
        (lambda w: [1, [2, 3]], "If the first of them is the loss"),
        (lambda w: ([1, 2], [3, [4]]), "got a tuple of 2. Sum what they hold"),
        (lambda w: [], "got a list of 0. It holds nothing"),
    ],
)
def test_several_answers_are_told_without_words_of_numpys(answers, said):
    with pytest.raises(InputError) as error:
        check_gradient(answers, w, w)
    assert said in str(error.value)
    assert "inhomogeneous" not in str(error.value)


@pytest.mark.parametrize("fast", [False, True])
def test_an_empty_array_among_the_parameters_disturbs_nothing(fast):
    params = (np.array([1.0, 2.0]), np.zeros(0), np.zeros((3, 0)))
    f = lambda p: (p[0] ** 2).sum() + p[1].sum() + p[2].sum()  # noqa: E731
    right = lambda p: (2 * p[0], p[1], p[2])  # noqa: E731
    assert check_gradient(f, right, params, fast=fast)
    assert check_gradient(f, lambda p: (3 * p[0], p[1], p[2]), params, fast=fast).wrong
