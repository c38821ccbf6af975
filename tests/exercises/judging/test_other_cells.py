"""Values of other cells that a function uses are named, on evidence; or remarked on."""

import numpy as np
import pytest

from bplab import check
from bplab.activations import tanh
from bplab.exercises import CheckFailed
from tests.exercises.drawn import found


def cells(code, name):
    """Return a function of a notebook whose cells are this code."""
    notebook = {"__name__": "__main__", "np": np, "tanh": tanh, "sigma": tanh}
    exec(code, notebook)
    return notebook[name]


LEFT = """
rng = np.random.default_rng(0)
Y = rng.random((7, 3))
Z, A, X = rng.random((7, 4)), rng.random((7, 4)), rng.random((7, 2))
beta, delta = rng.random((3, 5)), rng.random((7, 3))
s, residual, f, t = rng.random((7, 4)), 0.25, rng.random((7, 3)), 0.4
small_beta = [rng.random((3, 5)), rng.random((3, 5))]
store = {"delta": delta}
h, N, K, EPS, VERBOSE = 1e-5, 7, 4, 1e-12, False
"""

GRAD_BETA = """
def grad_beta(Y, A, Z, T, F, g):
    delta = -2 * (Y - F) * g.derivative(T)
    return np.column_stack([delta.sum(axis=0), delta.T @ Z])
"""

WRONG = {
    "another name for an argument": (
        "eq4",
        GRAD_BETA.replace("(Y, A", "(y, A"),
        "Y",
        "The argument Y is called y in your first line",
    ),
    "another name for what it computes": (
        "eq4",
        GRAD_BETA.replace("    delta =", "    Delta ="),
        "delta",
        "Inside there is Delta",
    ),
    "never computed": (
        "eq4",
        "def grad_beta(Y, A, Z, T, F, g):\n"
        "    return np.column_stack([delta.sum(axis=0), delta.sum() * np.ones((len(delta.T), 4))])",
        "delta",
        "Compute delta inside",
    ),
    "in a helper": (
        "eq4",
        "def bias():\n    return delta.sum(axis=0)\n"
        + GRAD_BETA.replace("delta.sum(axis=0)", "bias()[0] * np.ones(Y.shape[1])"),
        "delta",
        "A function that yours calls reads delta",
    ),
    "in a comprehension": (
        "eq4",
        GRAD_BETA.replace("delta.sum(axis=0)", "[f[0, 0] for k in range(Y.shape[1])]"),
        "f",
        "Inside there is F",
    ),
    "in a lambda": (
        "eq4",
        GRAD_BETA.replace("delta.sum(axis=0)", "(lambda: s[0, 0] * np.ones(Y.shape[1]))()"),
        "s",
        "Compute s inside",
    ),
    "in a function inside": (
        "eq4",
        GRAD_BETA.replace(
            "    return", "    def b():\n        return s[1, 1] * np.ones(Y.shape[1])\n    return"
        ).replace("delta.sum(axis=0)", "b()"),
        "s",
        "Compute s inside",
    ),
    "in a list": (
        "eq7",
        "def backward_hidden(X, A, Z, delta, beta, sigma):\n"
        "    s = (delta.sum() + small_beta[0].sum()) * sigma.derivative(A)\n"
        "    return np.column_stack([s.sum(axis=0), s.T @ X])",
        "small_beta",
        "Compute small_beta inside",
    ),
    "in a dictionary": (
        "eq7",
        "def backward_hidden(X, A, Z, delta, beta, sigma):\n"
        "    s = store['delta'].sum() * sigma.derivative(A)\n"
        "    return np.column_stack([s.sum(axis=0), s.T @ X])",
        "store",
        "Compute store inside",
    ),
    "an activation": (
        "eq16",
        "def hidden_delta(delta, weights, A, activation):\n"
        "    return (delta @ weights[:, 1:]) * sigma.derivative(A)",
        "sigma",
        "The argument sigma is called activation",
    ),
    "an activation that is no argument": (
        "eq17",
        "def hidden_deltas(delta, alphas, beta, A, sigmas):\n"
        "    s = []\n"
        "    for w, a in zip([beta, *alphas[:0:-1]], A[::-1]):\n"
        "        delta = (delta @ w[:, 1:]) * sigma.derivative(a)\n"
        "        s.insert(0, delta)\n"
        "    return s",
        "sigma",
        "Compute sigma inside",
    ),
    "a number": (
        "eq4",
        GRAD_BETA.replace("-2 * (Y - F)", "residual"),
        "residual",
        "Compute residual inside",
    ),
    "a size, and a counter in its letter": (
        "eq2",
        "def loss_per_example(Y, F):\n    return [((Y[n] - F[n]) ** 2).sum() for n in range(N)]",
        "N",
        "Compute N inside",
    ),
    "a size that ends in an error in most cases": (
        "eq4",
        "def grad_beta(Y, A, Z, T, F, g):\n"
        "    out = np.zeros((K, Z.shape[1] + 1))\n"
        "    for k in range(K):\n"
        "        delta = -2 * (Y[:, k] - F[:, k]) * g.derivative(T)[:, k]\n"
        "        out[k] = [delta.sum(), *(delta @ Z)]\n"
        "    return out",
        "K",
        "Compute K inside",
    ),
    "a size": (
        "eq2",
        "def loss_per_example(Y, F):\n    return [((Y[i] - F[i]) ** 2).sum() for i in range(N)]",
        "N",
        "Compute N inside",
    ),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_a_value_of_another_cell_that_a_wrong_function_uses_is_named(case):
    id, code, name, advice = case
    function = cells(
        LEFT + code, code.rpartition("\ndef ")[2].removeprefix("def ").partition("(")[0]
    )
    said = found(id, function)
    assert said.name == "stale-global"
    assert f"uses {name} from outside" in said.says
    assert advice in said.hint


def test_it_is_named_before_the_error_that_it_leads_to():
    function = cells(LEFT + GRAD_BETA.replace("(Y, A", "(y, A"), "grad_beta")
    said = found("eq4", function)
    assert "Y (7, 3)" in said.seen
    assert "ValueError" in said.seen


def test_all_that_are_used_are_named():
    code = GRAD_BETA.replace("    delta = -2 * (Y - F)", "    Delta = residual * (f - Y)")
    said = found("eq4", cells(LEFT + code, "grad_beta"))
    assert "f" in said.says
    assert said.name == "stale-global"


NOT_USED = {
    "read, and without effect": GRAD_BETA.replace(
        "    return", "    shape = s.shape\n    return"
    ).replace("-2 *", "-1 *"),
    "behind an if that is never true": GRAD_BETA.replace(
        "    return", "    if VERBOSE:\n        print(s)\n    return"
    ).replace("-2 *", "-1 *"),
    "a constant": GRAD_BETA.replace("(Y - F)", "(Y - F + 0 * EPS)").replace("-2 *", "-1 *"),
    "assigned inside": GRAD_BETA.replace("-2 *", "-1 *"),
}


@pytest.mark.parametrize("code", NOT_USED.values(), ids=NOT_USED)
def test_a_value_that_changes_nothing_is_no_cause(code):
    assert found("eq4", cells(LEFT + code, "grad_beta")).name == "no-factor-2"


CONSTANTS = """
c, w = np.array([-1.0]), [np.array([0.0]), np.array([1.0])]
off, coef = np.array([-2, -1, 1, 2]) * 1e-3, np.array([1, -8, 8, -1]) / 12e-3
GRID = np.linspace(-9, 9, 9001)
TABLE = tanh(GRID)
def slope(g, T):
    return sum(c * g(T + o) for c, o in zip(coef, off))
"""

OF_CONSTANTS = {
    "a factor": (GRAD_BETA.replace("-2 *", "c *"), "no-factor-2"),
    "a list of factors": (
        GRAD_BETA.replace("delta.sum(axis=0)", "w[0] * delta.sum(axis=0)"),
        "bias-zero",
    ),
    "the steps of a difference": (
        GRAD_BETA.replace("g.derivative(T)", "slope(g, T)"),
        "numerical-derivative",
    ),
    "the steps of a difference, and a mistake": (
        GRAD_BETA.replace("g.derivative(T)", "slope(g, T)").replace("-2", "2"),
        "sign-flipped",
    ),
    "a table": (GRAD_BETA.replace("g.derivative(T)", "(1 - np.interp(T, GRID, TABLE)**2)"), None),
}


@pytest.mark.parametrize(("code", "name"), OF_CONSTANTS.values(), ids=OF_CONSTANTS)
def test_an_array_of_constants_is_no_cause_where_the_formula_is_wrong(code, name):
    said = found("eq4", cells(CONSTANTS + code, "grad_beta")).name
    assert said == name if name else said != "stale-global"


def test_a_capital_name_that_fits_no_case_is_no_constant():
    code = "X_TRAIN = np.ones((100, 4))\n" + GRAD_BETA.replace("delta.T @ Z", "delta.T @ X_TRAIN")
    assert "uses X_TRAIN" in found("eq4", cells(code, "grad_beta")).says


def test_an_error_elsewhere_is_not_put_down_to_it():
    code = GRAD_BETA.replace("    return", "    shape = s.shape\n    wrong = Z @ Z\n    return")
    assert found("eq4", cells(LEFT + code, "grad_beta")).name != "stale-global"


def test_a_right_function_that_reads_one_passes_with_a_remark():
    code = GRAD_BETA.replace("    return", "    shape = s.shape\n    return")
    passed = check("eq4", cells(LEFT + code, "grad_beta"))
    assert "It reads s from outside the function" in repr(passed)
    assert "✓" in repr(passed)


@pytest.mark.parametrize("code", [GRAD_BETA, NOT_USED["a constant"].replace("-1 *", "-2 *")])
def test_a_right_function_without_one_passes_without_a_remark(code):
    assert "reads" not in repr(check("eq4", cells(LEFT + code, "grad_beta")))


def test_an_activation_of_the_library_is_no_value_of_the_notebook():
    code = GRAD_BETA.replace("g.derivative(T)", "tanh.derivative(T)")
    assert found("eq4", cells(LEFT + code, "grad_beta")).name == "tanh-for-g"


def test_helpers_that_call_each_other_are_followed_once():
    code = "def a(n):\n    return b(n - 1) if n else s[0, 0]\ndef b(n):\n    return a(n)\n"
    code += GRAD_BETA.replace("delta.sum(axis=0)", "a(2) * np.ones(Y.shape[1])")
    assert "uses s" in found("eq4", cells(LEFT + code, "grad_beta")).says


def test_the_notebook_is_as_it_was():
    function = cells(LEFT + GRAD_BETA.replace("(Y, A", "(y, A"), "grad_beta")
    before = function.__globals__["Y"].copy()
    with pytest.raises(CheckFailed):
        check("eq4", function)
    assert np.array_equal(function.__globals__["Y"], before)


def in_one_cell(source):
    """The function that a cell defines beside what it keeps."""
    notebook = {"np": np}
    exec(source, notebook)
    return notebook


@pytest.mark.parametrize(
    "kept", ["cache = {}", "from collections import OrderedDict\ncache = OrderedDict()"]
)
def test_what_is_kept_from_call_to_call_is_called_so(kept):
    notebook = in_one_cell(
        f"""{kept}
def hidden(X, alpha, sigma):
    if X.shape + alpha.shape not in cache:
        cache[X.shape + alpha.shape] = X @ alpha[:, 1:].T + alpha[:, 0]
    return sigma(cache[X.shape + alpha.shape])
"""
    )
    with pytest.raises(CheckFailed) as failed:
        check("hidden", notebook["hidden"])
    said = str(failed.value)
    assert failed.value.mistake == "remembers"
    assert "keeps something in cache from one call to the next" in said
    assert "another cell" not in said


def test_a_list_of_calls_that_no_answer_hangs_on_is_not_blamed():
    notebook = in_one_cell(
        """calls = [0.0]
def hidden(X, alpha, sigma):
    calls.append(X.sum())
    return X @ alpha[:, 1:].T
"""
    )
    with pytest.raises(CheckFailed) as failed:
        check("hidden", notebook["hidden"])
    assert failed.value.mistake != "remembers"


def test_what_stands_in_the_same_cell_is_not_said_to_be_in_another():
    notebook = in_one_cell(
        """delta = np.ones((2, 3))
def weight_gradient(deltas, inputs):
    return delta.T @ np.ones((2, 4))
"""
    )
    with pytest.raises(CheckFailed) as failed:
        check("eq14", notebook["weight_gradient"])
    assert failed.value.mistake == "stale-global"
    assert "uses delta from outside" in str(failed.value)
    assert "cell" not in str(failed.value).replace("exercise", "")


def test_a_constant_in_place_of_an_argument_is_named():
    notebook = in_one_cell(
        """ALPHA = 0.3
def leaky_relu(x, alpha):
    return np.where(x > 0, x, ALPHA * x), np.where(x > 0, 1.0, ALPHA)
"""
    )
    finding = found("leaky-relu", notebook["leaky_relu"])
    assert finding.name == "stale-global"
    assert "uses ALPHA from outside" in finding.says
    assert "Inside there is alpha" in finding.hint
