"""What a notebook shows of an argument that is not as it should be."""

import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

from bplab.errors import InputError
from bplab.exercises import NotWritten
from bplab.learner import LearnerError

SETUP = """
import numpy as np
import bplab
from bplab import check_gradient, deep, forward, numerical_gradient, train
from bplab.activations import sigmoid, tanh
from bplab.training import one_epoch, update
X, Y = np.ones((5, 3)), np.ones((5, 2))
alpha, beta = bplab.initial_weights(3, 4, 2)
alphas, last = bplab.initial_weights(3, [4, 6], 2)
w = np.ones(3)
f = lambda w: (w**2).sum()
def train_with(gradients):
    return train(X, Y, alpha, beta, tanh, sigmoid, gamma=0.1, epochs=3, gradients=gradients)
def train_deep(gradients):
    return train(X, Y, alphas, last, tanh, sigmoid, gamma=0.1, epochs=3, gradients=gradients)
def right(*arguments):
    return bplab.backward(*arguments)
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Run a cell, and return what the notebook shows of its error, without colours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        shell = InteractiveShell.instance()
    lines = []
    shell._showtraceback = lambda kind, value, tb: lines.extend(tb)
    shell.run_cell(SETUP).raise_error()

    def run(cell):
        lines.clear()
        result = shell.run_cell(cell)
        assert result.error_in_exec is not None, f"{cell!r} raised nothing"
        return re.sub("\x1b\\[[0-9;]*m", "", "\n".join(lines))

    yield run
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("train_with(lambda *a: None)", "gradients must return two things, .*; got None. Has it"),
        ("train_with(lambda *a: right(*a)[0])", "two things, .*; got an array of shape"),
        ("train_with(lambda *a: (*right(*a), 1))", "two things, .*; got a tuple of 3"),
        ("train_with(lambda *a: 'both')", "two things, .*; got a str"),
        ("train_with(lambda *a: {'alpha': 1, 'beta': 2})", "two things, .*; got a dictionary"),
        (
            "train_with(lambda *a: (right(*a)[0], None))",
            "respect to beta .* real numbers; got None",
        ),
        ("train_with(lambda *a: right(*a)[::-1])", "must have the shape of alpha, .4, 4.; got"),
        ("train_with(lambda *a: (right(*a)[0], 'text'))", "beta must hold real numbers; got dtype"),
        ("train_with(lambda *a: ([[1], [1, 2]], 1))", "alpha must be an array; got rows of diff"),
        ("train_with(lambda *a: [g * np.nan for g in right(*a)])", "alpha holds a number that is"),
        ("train_deep(lambda *a: None)", "gradients must return two things"),
        ("train_deep(lambda *a: (None, last))", "must be a sequence, .* 2 hidden layers; got None"),
        ("train_deep(lambda *a: (alphas[:1], last))", "as many parts as alpha, 2; got 1"),
        ("train_with(7)", "gradients must be a function"),
        ("train(X, Y[:3], alpha, beta, tanh, sigmoid, gamma=0.1, epochs=3)", "number N of rows"),
        ("train(X, Y, alpha, beta, tanh, sigmoid, gamma=-1, epochs=3)", "gamma must be a positive"),
        ("one_epoch(X, Y, alphas, last, lambda *a: None, 0.1, range(5), 2)", "return two things"),
        ("update(w, w[:2], 0.1)", "must have the shape of the weights, .3,.; got"),
        ("check_gradient(f, np.ones(4), w)", "the gradient of params must have its shape, .3,."),
        ("check_gradient(lambda p: 1.0, {'w': 2 * w}, {'v': w})", "no 'v' and a foreign 'w'"),
        ("check_gradient(f, 2 * w, w, rtol=1)", "rtol must be from 1e-9 to 1e-2; got 1"),
        (
            "check_gradient(lambda w: None, 2 * w, w)",
            "must return one finite real number; got None",
        ),
        (
            "check_gradient(lambda w: 'text', 2 * w, w)",
            "must return one finite real number; got 't",
        ),
        ("check_gradient(lambda w: w, 2 * w, w)", "got an array of shape .3,."),
        ("check_gradient(2 * w, f, w)", "f must be a function of params"),
        ("check_gradient(lambda w: (1.0, w), lambda w: None, w)", "got a tuple of 2"),
        ("check_gradient(f, lambda w: None, w)", "must be an array; got None"),
        ("numerical_gradient(f, w, method='middle')", "method must be one of"),
        ("forward(X, alpha[:, :-1], beta, tanh, sigmoid)", "alpha must have shape"),
        ("deep.forward(X, alpha, beta, tanh, sigmoid)", "for a single hidden layer write .alpha."),
        ("bplab.losses.loss(Y, Y[:, :1])", "Y and F must have the same shape"),
        ("bplab.initial_weights(3, 0, 2)", "M must be at least 1; got 0"),
        ("bplab.activations.elu(2)", "alpha must be a finite number of at most 1; got 2"),
        ("train_with(lambda X: 1)", "called as gradients.X, Y, alpha.*: too many positional arg"),
        ("check_gradient(lambda w, X: 1, w, w)", "called as f.params.* required argument: 'X'"),
        ("check_gradient(f, lambda: 1, w)", "called as grad.params.*: too many positional arg"),
        ("bplab.mistakes_gallery('eq4', epochs=0)", "epochs must be a whole number"),
    ],
)
def test_a_wrong_argument_is_one_message_and_ones_own_line(shown, cell, said):
    text = shown(f"a = 1\n{cell}  # here")
    first, *own = text.splitlines()
    assert re.search(said, first), text
    assert f"  line 2: {cell}  # here" in own, text
    assert len(own) <= 4, text
    assert "site-packages" not in text, text
    assert "Traceback" not in text, text


def test_the_line_of_a_function_of_ones_own_is_shown_too(shown):
    text = shown("def mine(X):\n    return forward(X, alpha, alpha, tanh, sigmoid)\nmine(X)")
    assert text.splitlines()[1:] == [
        "  line 3: mine(X)",
        "  line 2, in mine: return forward(X, alpha, alpha, tanh, sigmoid)",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "train_with(lambda *a: 1 / 0)",
        "check_gradient(lambda w: 1 / 0, w, w)",
        "check_gradient(f, lambda w: 1 / 0, w)",
        "numerical_gradient(lambda w: 1 / 0, w)",
        "numerical_gradient(lambda w: 1 / (w[0] - 1 or 1) if w[0] == 1 else 1 / 0, w)",
        "one_epoch(X, Y, alphas, last, lambda *a: 1 / 0, 0.1, range(5), 2)",
    ],
)
def test_an_error_in_ones_own_function_shows_no_library_frames(shown, cell):
    text = shown(cell)
    assert "Error: " in text
    assert "bplab/" not in text, text


def test_a_function_that_takes_whatever_it_is_given_is_called(shown):
    """What a wrapper says of its arguments are those of the function in it."""
    setup = "import functools\n@functools.wraps(lambda w, X: 1)\ndef f2(w): return {}(w**2).sum()\n"
    text = shown(setup.format("") + "check_gradient(f2, lambda w: 2 * w, w)\n1 / 0")
    assert "ZeroDivisionError" in text
    text = shown(setup.format("None + ") + "check_gradient(f2, lambda w: 2 * w, w)")
    assert "unsupported operand" in text


def test_an_input_error_is_a_value_error_with_its_notes():
    error = InputError("So.")
    error.add_note("(And so.)")
    assert isinstance(error, ValueError)
    assert error._render_traceback_() == ["\x1b[1m✗ So.\x1b[0m", "(And so.)"]


@pytest.mark.parametrize(
    "error",
    [
        InputError("X must have the features of alpha, 4; it has 3: is it transposed?"),
        LearnerError("Your grad_beta returns nothing: is a return missing in its last line?"),
        NotWritten("backward_output is not written yet: write it in its cell above."),
    ],
)
def test_on_a_page_that_is_narrow_its_message_is_broken_between_words(error, monkeypatch):
    """JupyterLab breaks the lines of errors, and does not look where words end."""
    (whole,) = error._render_traceback_()
    monkeypatch.setenv("JPY_SESSION_NAME", "section_1.ipynb")
    (narrow,) = error._render_traceback_()
    assert "\n" not in whole
    assert narrow.split() == whole.split()
    assert max(map(len, re.sub(r"\x1b\[\d+m", "", narrow).split("\n"))) <= 44
