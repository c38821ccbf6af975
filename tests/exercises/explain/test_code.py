"""A learner's text: what is changed in it, what runs, and what does not."""

import numpy as np
import pytest

from bplab.exercises import EXERCISES
from bplab.exercises.explain import changed, values
from bplab.exercises.explain.cases import SIZES, tried_on
from bplab.exercises.explain.edits import edits, swaps
from bplab.exercises.explain.values import once
from bplab.learner.traced import Kind, Place
from tests.exercises.explain.codes import code_of

GRAD_ALPHA = """import numpy as np

def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    delta = -2 * (Y - F) * g.derivative(T)  # δ
    back = delta @ beta[:, 1:]
    s = back * sigma.derivative(A)
    gradient = np.zeros((Z.shape[1], X.shape[1] + 1))
    gradient[:, 0] += s.sum(axis=0)
    gradient[:, 1:] = s.T @ X
    return gradient
"""


def given(id, seed=0):
    exercise = EXERCISES[id]
    case = tried_on(exercise, np.random.default_rng(seed))[0]
    return case.arguments(exercise.arguments)


@pytest.mark.parametrize(
    "says",
    [
        "in line 2 `-2` becomes `2`",
        "in line 2 `-2 * (Y - F)` becomes `(Y - F)`",
        "in line 2 `Y - F` becomes `F - Y`",
        "in line 2 `g.derivative(T)` becomes `g(T)`",
        "in line 3 `beta[:, 1:]` becomes `beta`",
        "in line 3 `delta @ beta[:, 1:]` becomes `beta[:, 1:] @ delta`",
        "in line 4 `back * sigma.derivative(A)` becomes `back`",
        "in line 6 `+=` becomes `=`",
        "in line 6 `axis=0` becomes `axis=1`",
        "in line 6 `s.sum(axis=0)` becomes `s`",
        "in line 7 `s.T` becomes `s`",
        "lines 3 and 4 change places",
        "lines 6 and 7 change places",
    ],
)
def test_these_changes_are_known(says):
    code = code_of("eq5", GRAD_ALPHA)
    assert says in [edit.says for edit in edits(code) + swaps(code)]


@pytest.mark.parametrize("letter", ["\f", "\x1c", "\x85", "\u2028"])
def test_only_what_ends_a_line_for_python_ends_one_here(letter):
    """``str.splitlines`` takes more letters for the end of a line."""
    plain, odd = (code_of("eq5", GRAD_ALPHA.replace("δ", by)) for by in ("δ", f"δ{letter}δ"))
    assert len(odd.lines) == len(plain.lines)
    assert odd.lines[2:] == plain.lines[2:]
    for line, text in enumerate(odd.source.split("\n"), start=1):
        if (begin := text.find("delta @ beta")) >= 0:
            place = Place("grad_alpha", Kind.PART, line, begin, line, begin + 12, "")
            assert odd.text(odd._span(place)) == "delta @ beta"
            break
    else:
        pytest.fail("the function has no such part")


def test_a_change_replaces_its_place_and_nothing_else():
    code = code_of("eq5", GRAD_ALPHA)
    for edit in edits(code):
        before, after = code.lines, code.with_(edit.span, edit.by).lines
        other = [i + 1 for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        assert other == [edit.line], edit
    for edit in swaps(code):
        after = code.with_(edit.span, edit.by).lines
        assert sorted(line.split("#")[0].strip() for line in after) == sorted(
            line.split("#")[0].strip() for line in code.lines
        )


def test_letters_of_more_than_one_byte_before_a_place_do_not_move_it():
    code = code_of("eq1", "def loss(Y, F):\n    δ, σ = 'ä', Y - F\n    return (σ ** 2).sum()\n")
    (minus,) = [edit for edit in edits(code) if edit.name == "reversed"]
    assert code.with_(minus.span, minus.by).lines[1] == "    δ, σ = 'ä', F - Y"


def test_a_change_that_has_no_end_is_none():
    text = """def loss(Y, F):
    i, total = 0, 0.0
    while i < len(Y):
        total += ((Y[i] - F[i]) ** 2).sum()
        i += 1
    return total
"""
    code = code_of("eq1", text)
    assert code.answer(given("eq1")).arrays is not None
    (endless,) = [e for e in edits(code) if e.name == "left-out" and e.line == 5]
    assert code.with_(endless.span, endless.by).answer(given("eq1")) is None
    cases = tried_on(EXERCISES["eq1"], np.random.default_rng(0))
    assert changed.runs(code, code.with_(endless.span, endless.by), cases) == []


def test_what_has_no_end_in_numpy_is_stopped(monkeypatch):
    monkeypatch.setattr("bplab.exercises.explain.code.SECONDS", 0.05)
    code = code_of("eq1", "import numpy as np\n\ndef loss(Y, F):\n    return sum(np.c_)\n")
    assert code.answer(given("eq1")) is None
    answer, seen = code.watched(given("eq1"))
    assert answer is None
    assert seen == []


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from pathlib import Path",
        "open('x', 'w')",
        "np.save('x', Y)",
        "exec('1')",
        "global counter",
        "from . import helpers",
    ],
)
def test_code_that_does_more_than_compute_is_not_run_changed(line):
    text = f"import numpy as np\n\ndef loss(Y, F):\n    {line}\n    return ((Y - F) ** 2).sum()\n"
    code = code_of("eq1", text)
    assert not code.only_computes
    rng = np.random.default_rng(0)
    assert changed.code_changed(code, rng) is None
    assert changed.lines_swapped(code, rng) is None
    assert code_of("eq1", text.replace(line, "pass")).only_computes


def test_what_nobody_has_put_into_an_array_is_no_key():
    text = """import numpy as np

def loss_per_example(Y, F):
    R = np.empty(len(Y))
    for i in range(len(Y)):
        R[i] = ((Y[i] - F[i]) ** 2).sum()
    return R
"""
    code = code_of("eq2", text)
    assert code.answer(given("eq2")).arrays is not None
    (fewer,) = [edit for edit in edits(code) if edit.by == "range(len(Y) - 1)"]
    assert code.with_(fewer.span, fewer.by).answer(given("eq2")) is None
    _, seen = code.watched(given("eq2"))
    assert ("R", 2) not in [(one.what, one.line) for one in seen]


def test_values_are_those_that_were_there_and_the_answer_is_the_same():
    code = code_of("eq5", GRAD_ALPHA)
    usual = given("eq5")
    answer, seen = code.watched(usual)
    there = {(one.what, one.line): one.value for one in once(seen)}
    delta = -2 * (usual["Y"] - usual["F"]) * usual["g"].derivative(usual["T"])
    np.testing.assert_allclose(there["delta", 2], delta)
    np.testing.assert_allclose(there["back", 3], delta @ usual["beta"][:, 1:])
    assert not there["gradient", 5].any()  # before it is filled
    np.testing.assert_array_equal(answer.arrays[0], code.answer(usual).arrays[0])


def test_a_name_in_a_loop_is_told_by_its_round():
    text = """def loss(Y, F):
    total = 0.0
    for i in range(len(Y)):
        error = Y[i] - F[i]
        total += (error ** 2).sum()
    return total
"""
    usual = given("eq1")
    _, seen = code_of("eq1", text).watched(usual)
    errors = [one for one in once(seen) if one.what == "error"]
    assert [one.rounds for one in errors] == [(("i", i),) for i in range(len(usual["Y"]))]
    np.testing.assert_allclose(errors[1].value, usual["Y"][1] - usual["F"][1])
    assert "with `i` = 1" in values.called(errors[1])


def test_sizes_are_all_different_and_so_are_the_numbers():
    for id in ("eq4", "eq16", "eq18", "relu"):
        cases = tried_on(EXERCISES[id], np.random.default_rng(3))
        assert len({tuple(case.measures.items()) for case in cases}) == 1
        letters = [letter for letter in ("N", "p", "M", "K") if letter in cases[0].measures]
        sizes = [cases[0].measures[letter] for letter in letters]
        assert len(set(sizes)) == len(sizes)
        assert set(sizes) <= set(SIZES)
        firsts = [next(iter(c.arguments(EXERCISES[id].arguments).values())) for c in cases]
        assert not np.array_equal(firsts[0], firsts[1])


def test_the_learner_s_own_names_and_what_is_printed_stay_inside(capsys):
    text = "def loss(Y, F):\n    print('here')\n    return ((Y - F) ** 2).sum()\n"
    code = code_of("eq1", f"print('defined')\n{text}")
    assert code.answer(given("eq1")).printed == "here\n"
    assert capsys.readouterr().out == ""
