"""Calls of check, hint and failing_case with other arguments than they take."""

import inspect
import io
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

import bplab
from bplab import check, check_gradient, failing_case, hint, mistakes_gallery, progress, train
from bplab.exercises.check import Last


def f(*arguments):
    return 0


def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    return 0


EQ4 = 'check("eq4", grad_beta)'
CALLS = [
    (lambda: check(), EQ4, "got nothing"),
    (lambda: check(f), EQ4, "got the function f"),
    (lambda: check(grad_alpha), 'check("eq5", grad_alpha)', "got the function grad_alpha"),
    (lambda: check(f, "eq4"), EQ4, "got the function f"),
    (lambda: check("eq4"), EQ4, "got nothing"),
    (lambda: check("eq4", None), EQ4, "got nothing"),
    (lambda: check("eq4", "grad_beta"), EQ4, 'got "grad_beta"'),
    (lambda: check("eq4", np.ones(3)), EQ4, "got an array"),
    (lambda: check("eq4", 3.0), EQ4, "got 3.0"),
    (lambda: check("eq4", (1, 2)), EQ4, "got a tuple"),
    (lambda: check("eq4", f, f), EQ4, 'got "eq4", the function f and the function f'),
    (lambda: check("eq5", f, 1, 2), 'check("eq5", grad_alpha)', "got"),
    (lambda: check("eq4", f, hiden=True), EQ4, "no argument called hiden"),
    (lambda: check("eq4", f, id="eq4"), EQ4, "got"),
    (lambda: check("eq44", f), "eq4", "no exercise “eq44”"),
    (lambda: check("eq44"), "eq4", "no exercise “eq44”"),
    (lambda: check("nope", f), "progress()", "no exercise “nope”"),
    (lambda: check("", f), "progress()", "no exercise “”"),
    (lambda: check(4, f), '"eq4"', "no exercise “4”"),
    (lambda: check(None, f), EQ4, "got nothing"),
    (lambda: check([1], f), EQ4, "got a list"),
    (lambda: check(np.ones(3), f), EQ4, "got an array"),
    (lambda: hint(), 'hint("eq4")', "got nothing"),
    (lambda: hint(4), '"eq4"', "no exercise “4”"),
    (lambda: hint(f), '"eq4"', "got the function f"),
    (lambda: hint(np.ones(2)), '"eq4"', "got an array"),
    (lambda: hint({}), '"eq4"', "got a dict"),
    (lambda: hint("eq4", 5), 'hint("eq4", 1)', "got 5"),
    (lambda: hint("eq4", np.ones(2)), 'hint("eq4", 1)', "got an array"),
    (lambda: hint("eq4", 1, 2), 'hint("eq4")', 'got "eq4", 1 and 2'),
    (lambda: hint("eq4", number=2), 'hint("eq4")', "no argument called number"),
    (lambda: failing_case(), 'failing_case("eq4")', "got nothing"),
    (lambda: failing_case("nope"), "progress()", "no exercise “nope”"),
    (lambda: failing_case("eq4", f), 'failing_case("eq4")', 'got "eq4" and the function f'),
    (lambda: failing_case([]), '"eq4"', "got a list"),
    (lambda: failing_case(f), '"eq4"', "got the function f"),
    (lambda: progress("eq4"), "progress()", 'got "eq4"'),
    (lambda: progress(rest=True), "progress()", "no argument called rest"),
    (lambda: mistakes_gallery(), 'mistakes_gallery("eq4")', "got nothing"),
    (lambda: mistakes_gallery("eq4", (), 3), 'mistakes_gallery("eq4")', "got"),
    (lambda: check_gradient(f), "check_gradient(f, grad, params)", "got the function f"),
    (lambda: check_gradient(), "check_gradient(f, grad, params)", "got nothing"),
    (lambda: train(np.ones((2, 2)), 1), "train(X, Y, alpha, beta, sigma, g, gam", "an array and 1"),
    (lambda: mistakes_gallery(f), "There is one for", "for the function f"),
    (lambda: mistakes_gallery(np.ones(2)), "There is one for", "for an array"),
    (lambda: bplab.equations("eq4"), "equations()", 'got "eq4"'),
]


@pytest.mark.parametrize(("call", "next_step", "came"), CALLS)
def test_a_call_with_other_arguments_is_one_short_sentence_with_a_right_call(call, next_step, came):
    with pytest.raises(ValueError, match=r"\S") as wrong:
        call()
    said = str(wrong.value)
    assert next_step in said
    assert came in said
    assert len(said) < (400 if "There is one for" in said else 160)
    assert "positional" not in said
    assert "\n" not in said
    shown = wrong.value._render_traceback_()
    assert said in shown[0]
    assert not any("bplab/" in line for line in shown)


@pytest.mark.parametrize(
    "function", [check, hint, failing_case, progress, mistakes_gallery, check_gradient, train]
)
def test_help_shows_the_signature_and_the_words_of_the_function_itself(function):
    assert "*arguments" not in str(inspect.signature(function))
    assert function.__doc__.count("\n") > 5
    assert f"def {function.__name__}(" in inspect.getsource(function)


def test_a_notebook_shows_the_sentence_and_nothing_of_the_library():
    shell = InteractiveShell.instance()
    shown = io.StringIO()
    try:
        with redirect_stdout(shown):
            shell.run_cell("from bplab import check\ncheck('eq4', print, 3)")
    finally:
        InteractiveShell.clear_instance()
    assert 'check is called as check("eq4", grad_beta)' in shown.getvalue()
    assert "Traceback" not in shown.getvalue()
    assert "bplab/" not in shown.getvalue()


def test_an_error_inside_is_no_wrong_call(monkeypatch):
    """Whoever called it rightly does not hear that the call was wrong."""

    def broken(*_, **__):
        raise TypeError("takes 1 positional argument but 2 were given")

    monkeypatch.setattr(sys.modules["bplab.exercises.hint"], "Hint", broken)
    with pytest.raises(TypeError, match="positional"):
        hint("eq4")


def test_a_case_says_which_arguments_it_has(monkeypatch):
    monkeypatch.setattr("bplab.exercises.failing.last_check", lambda task: Last(0, None, None))
    case = failing_case("eq4")
    with pytest.raises(KeyError, match="no W; it has Y, A, Z, T, F, g"):
        case["W"]
    with pytest.raises(AttributeError, match="no W; it has Y, A, Z, T, F, g"):
        _ = case.W
