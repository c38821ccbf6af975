"""What `check` refuses, what it says, and what it never shows."""

import os
import re
import struct
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from bplab.exercises import EXERCISES, CheckFailed, check, todo
from bplab.exercises.check import _generator
from bplab.network import backward_output, grad_beta, output
from tests.exercises.drawn import drawn
from tests.thorough import one_in

EACH_EXERCISE = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)


def fails(id, function, **kwargs):
    with pytest.raises(CheckFailed) as failed:
        check(id, function, **kwargs)
    return failed.value


@EACH_EXERCISE
def test_the_untouched_starter_is_refused_by_its_own_id(exercise):
    for starter in (lambda *a: todo(), _raise_not_implemented):
        error = fails(exercise.id, starter)
        assert error.mistake == "not-written"
        assert exercise.id in str(error)


def _raise_not_implemented(*arguments):
    raise NotImplementedError


@pytest.mark.one_in(3)
@EACH_EXERCISE
@pytest.mark.parametrize("value", one_in(2, [np.nan, np.inf]))
def test_nan_and_infinity_are_refused(exercise, value):
    def poisoned(*arguments):
        return _with_last(value, exercise.reference(*arguments))

    assert fails(exercise.id, poisoned).mistake == "not-finite"


def _with_last(number, answer):
    """The answer with its last number replaced; it may have parts, and these layers."""
    if isinstance(answer, tuple):
        return (*answer[:-1], _with_last(number, answer[-1]))
    array = np.array(answer, float)
    array.flat[-1] = number
    return array


@pytest.mark.one_in(3)
@EACH_EXERCISE
def test_zeros_none_and_empty_structures_are_refused(exercise):
    def zeros(*arguments):
        return _zeros(exercise.reference(*arguments))

    assert fails(exercise.id, zeros).mistake in {"all-zero", "unnamed", "no-seed"}
    assert fails(exercise.id, lambda *a: None).mistake == "returns-nothing"
    for empty in ({}, [], (), np.empty((0, 0))):
        assert fails(exercise.id, lambda *a, empty=empty: empty)
    assert fails(exercise.id, lambda *a: "right").mistake == "no-numbers"
    assert fails(exercise.id, lambda *a: exercise.reference).mistake == "no-numbers"


def _zeros(answer):
    return tuple(map(_zeros, answer)) if isinstance(answer, tuple) else 0 * answer


def test_a_shape_that_would_broadcast_is_refused_and_said():
    error = fails("eq4", lambda *a: grad_beta(*a)[:, :1])
    assert error.mistake == "wrong-shape"
    assert "would broadcast" in str(error)
    # a gradient with an extra axis of length 1 compares equal under broadcasting
    assert fails("eq4", lambda *a: grad_beta(*a)[None]).mistake == "wrong-shape"
    assert fails("eq2", lambda Y, F: ((Y - F) ** 2).sum(axis=1)[:, None]).mistake == "column-kept"


def test_missing_and_extra_parts_are_refused():
    assert fails("eq6", lambda *a: backward_output(*a)[0]).mistake == "gradient-missing"
    assert fails("eq6", lambda *a: (*backward_output(*a), 1.0)).mistake == "wrong-parts"
    assert fails("output", lambda *a: output(*a)[1]).mistake == "T-missing"
    assert fails("output", lambda *a: ()).mistake == "wrong-parts"
    assert fails("output", lambda *a: (output(*a)[0], None)).mistake == "no-numbers"


def test_an_argument_that_is_written_to_is_named():
    def in_place(Y, A, Z, T, F, g):
        F -= Y
        return np.column_stack([(2 * F * g.derivative(T)).sum(0), (2 * F * g.derivative(T)).T @ Z])

    error = fails("eq4", in_place)
    assert error.mistake == "argument-changed"
    assert "its argument F" in str(error)
    assert " ".join(str(error).split()).count("F -= Y") == 1  # the line is quoted


def test_a_function_that_remembers_is_found():
    total = []

    def accumulating(*arguments):
        total.append(grad_beta(*arguments))
        return sum(t for t in total if t.shape == total[-1].shape)

    assert fails("eq4", accumulating).mistake == "remembers"
    rng = np.random.default_rng()
    assert fails("eq4", lambda *a: grad_beta(*a) * rng.random()).mistake == "remembers"


def test_an_error_in_the_learners_code_comes_with_its_line():
    def broken(Y, A, Z, T, F, g):
        delta = -2 * (Y - F)
        return delta @ Z @ np.ones((77, 77))

    error = fails("eq4", broken)
    assert error.mistake == "matmul-shapes"
    assert re.search(r"line \d+: return delta @ Z", str(error))
    assert "shapes: Y (" in str(error)


def test_another_signature_is_explained():
    error = fails("eq4", lambda Y, F: Y)
    assert error.mistake == "wrong-signature"
    assert "def grad_beta(Y, A, Z, T, F, g):" in str(error)


def test_what_is_no_function_or_no_exercise_is_explained():
    with pytest.raises(ValueError, match="takes the function itself, without brackets"):
        check("eq4", np.ones(3))
    with pytest.raises(ValueError, match='Did you mean "eq4"'):
        check("eq_4", grad_beta)
    with pytest.raises(ValueError, match=r"no exercise “nonsense”.*progress\(\) lists them all"):
        check("nonsense", grad_beta)
    with pytest.raises(ValueError, match=r'Did you mean "eq4" or "eq8"\?'):
        check("grad_beta", grad_beta)
    with pytest.raises(ValueError, match=r'first, then your function: check\("eq4", grad_beta\)'):
        check(grad_beta)
    with pytest.raises(ValueError, match=r'check\("eq4", grad_beta\); got nothing') as error:
        check("eq4")
    assert error.value._render_traceback_() == [f"\x1b[1m✗ {error.value}\x1b[0m"]


# --- no known mistake: say what can be measured -------------------------------------------


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (lambda G, Z: 3 * G, "constant-factor", "times 3, everywhere"),
        (lambda G, Z: G * Z.shape[1], "constant-factor", "times M, everywhere"),
        (lambda G, Z: G / Z.shape[1] / 2, "constant-factor", r"times 0.5 / M"),
        (lambda G, Z: G * (1 + Z[0, 0] ** 2), "factor-by-case", "changes from case to case"),
        (lambda G, Z: G + np.eye(1, G.shape[1]), "bias-wrong", "Only the bias column"),
        (
            lambda G, Z: np.column_stack([G[:, 0], G[:, 1:] ** 2]),
            "weights-wrong",
            "bias column of grad_beta is right",
        ),
        (lambda G, Z: G if len(Z) > 1 else G + 1, "some-cases", "wrong only where N = 1"),
        (lambda G, Z: G * (1 + 1e-8 * np.cos(G)), "not-exact", "entries are off"),
        (lambda G, Z: G + 1, "offset", "plus 1, everywhere"),
        (lambda G, Z: G + G**2, "unnamed", "none of the mistakes known here"),
    ],
)
def test_a_new_mistake_is_described_by_what_can_be_measured(change, name, words):
    error = fails("eq4", lambda Y, A, Z, T, F, g: change(grad_beta(Y, A, Z, T, F, g), Z))
    assert error.mistake == name
    assert re.search(words, str(error))


def test_of_two_parts_the_right_one_is_said_to_be_right():
    def cubed(*arguments):
        delta, gradient = backward_output(*arguments)
        return delta, gradient**3

    assert "delta is right." in str(fails("eq6", cubed))


def test_finite_differences_do_not_pass_for_the_formula():
    from bplab.gradcheck import numerical_gradient

    def differences(Y, A, Z, T, F, g):
        R = lambda T: np.sum((Y - g(T)) ** 2)  # noqa: E731
        delta = numerical_gradient(R, T)
        return np.column_stack([delta.sum(axis=0), delta.T @ Z])

    assert fails("eq4", differences).mistake == "numerical-derivative"


# --- what is shown ------------------------------------------------------------------------


def test_one_entry_is_shown_and_never_the_expected_array():
    exercise = EXERCISES["eq4"]
    text = str(fails("eq4", lambda *a: grad_beta(*a) + 1))
    shown = re.findall(r"-?\d+\.\d{3,}(?:e-?\d+)?", text)
    assert len(shown) == 2  # the learner's number and the finite difference
    case = exercise.cases(_generator(exercise, hidden=False))[0]
    expected = grad_beta(*case.arguments(exercise.arguments).values())
    others = {f"{v:.6g}" for v in expected.flat[1:]}
    assert not others & set(shown)


def test_the_message_is_short_and_replaces_the_traceback():
    error = fails("eq4", lambda *a: -grad_beta(*a))
    lines = error._render_traceback_()
    assert len(lines) <= 8
    assert "[eq4/sign-flipped]" in lines[-1]
    assert "finite differences of R say" in str(error)


def test_a_pass_says_what_it_was_compared_with():
    passed = check("eq4", grad_beta)
    cases, _ = drawn("eq4")
    assert f"{len(cases)} cases" in repr(passed)
    assert "finite differences of R" in repr(passed)
    assert passed.agreement < 1e-7
    assert "✓" in passed._repr_html_()


def test_only_an_overflow_of_the_learner_differs_not_the_verdict():
    """A naive sigmoid of the learner's own overflows on saturated cases and must not be blamed."""

    def naive(Y, A, Z, T, F, g):
        return grad_beta(Y, A, Z, T, F, g) + 0 * np.exp(-np.abs(T)).sum()

    assert check("eq4", naive)


WRONG = [
    ("eq4", lambda *a: -grad_beta(*a)),
    ("eq4", lambda *a: grad_beta(*a)[:, ::-1]),
    ("eq4", lambda Y, A, Z, T, F, g: Y @ Z),
    ("eq4", lambda *a: 1.5 * grad_beta(*a) + 2),
]
PRINTS = """
from bplab import CheckFailed, check
try:
    check("eq4", lambda Y, A, Z, T, F, g: Y @ Z)
except CheckFailed as failed:
    print(failed)
"""


def words(text):
    return text.replace("\u00a0", " ").split()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize(("id", "wrong"), WRONG)
def test_what_is_printed_breaks_no_word(id, wrong, width, monkeypatch):
    error = fails(id, wrong)
    whole = str(error)
    monkeypatch.setenv("COLUMNS", str(width))
    narrow = str(error)
    assert words(narrow) == words(whole)
    assert all(len(line) <= width for line in narrow.splitlines())
    assert max(map(len, narrow.splitlines())) > width - 20
    shown = re.sub("\x1b\\[[0-9;]*m", "", "\n".join(error._render_traceback_()))
    assert words(shown) == words(whole)
    assert all(len(line) <= width for line in shown.splitlines())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_is_filled_as_far_as_it_can_be_read(width):
    """In a real one, which says how wide it is."""
    pty = pytest.importorskip("pty")
    fcntl, termios = (pytest.importorskip(name) for name in ("fcntl", "termios"))
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environ = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-c", PRINTS]
    done = subprocess.Popen(command, stdout=its, stderr=subprocess.PIPE, stdin=its, env=environ)
    os.close(its)
    shown = b""
    with suppress(OSError):  # its end
        while more := os.read(ours, 1 << 16):
            shown += more
    assert done.wait() == 0, done.stderr.read().decode()
    lines = shown.decode().split("\r\n")
    os.close(ours)
    assert max(map(len, lines)) <= min(width, 96)
    assert max(map(len, lines)) > min(width, 96) - 20


def test_a_notebook_is_filled_to_80_columns(monkeypatch):
    error = fails("eq4", lambda Y, A, Z, T, F, g: Y @ Z)
    InteractiveShell.instance()
    try:
        monkeypatch.setenv("COLUMNS", "200")  # of the terminal where Jupyter was started
        lines = str(error).splitlines()
    finally:
        InteractiveShell.clear_instance()
    assert 60 < max(map(len, lines)) <= 80
