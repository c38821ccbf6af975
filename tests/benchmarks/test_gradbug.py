"""GradBug's data are what they are said to be, and the scorer counts what it says it counts.

Right and wrong are judged here by automatic differentiation, and once more by central differences:
`check` is not asked.
"""

import ast
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bplab.cli.main import app
from bplab.exercises import EXERCISES
from bplab.exercises.judging import right_answers
from tests.benchmarks.gradbug import (
    HELD_OUT,
    Result,
    as_table,
    chosen,
    failures,
    faulty,
    right,
    rows,
    wilson,
)
from tests.benchmarks.gradbug.bank import by_hand, edited, marked, right_again, seeds
from tests.benchmarks.gradbug.checkers import (
    ALONE,
    CHECKERS,
    OURS,
    Told,
    cs231n,
    gradcheck,
    norms,
    told,
)
from tests.benchmarks.gradbug.generate import accepted, made_from, right_from
from tests.benchmarks.gradbug.judge import cases, shows
from tests.benchmarks.gradbug.mutations import Mutation, mutations
from tests.benchmarks.gradbug.oracle import central, expected
from tests.benchmarks.gradbug.program import Program, compiled, part_of
from tests.benchmarks.gradbug.truth import known_names
from tests.thorough import ALL

ROOT = Path(__file__).parents[2]
CHEAP = ("eq2", "eq4", "eq12", "eq16", "relu", "confusion")
"""Exercises that are judged in a few milliseconds."""


def sample(programs, each):
    """Every n-th of them, and of `make test` those that are cheap."""
    some = [one for one in programs if ALL or one.exercise in CHEAP]
    return some if ALL else some[::each]


# --- the data -------------------------------------------------------------------------------


def test_there_are_as_many_as_promised_in_six_styles_for_every_equation():
    assert len(faulty()) >= 1_000
    assert len(right()) >= 300
    assert {one.exercise for one in faulty()} == {one.exercise for one in right()} == set(EXERCISES)
    styles = Counter(one.style for one in faulty())
    assert len(styles) == 6
    assert min(styles.values()) > 100
    assert len({one.id for one in (*faulty(), *right())}) == len(faulty()) + len(right())
    assert sum("+" in one.kind for one in faulty()) >= 0.09 * len(faulty())
    assert len({(one.exercise, one.source) for one in faulty()}) == len(faulty())


def test_every_text_is_the_one_that_was_made():
    rows = [json.loads(line) for path in _data() for line in path.read_text("utf-8").splitlines()]
    known = {one.id: one for one in (*right(), *faulty())}
    assert all(known[row["id"]].checksum == row["sha"] for row in rows)


def _data():
    from tests.benchmarks.gradbug.bank import FAULTY, RIGHT

    return RIGHT, FAULTY


def test_the_lines_at_fault_are_lines_of_code():
    for one in faulty():
        lines = one.source.splitlines()
        assert one.lines, one.id
        assert all(1 <= n <= len(lines) and lines[n - 1].strip() for n in one.lines), one.id
        assert not one.source.count("# right:") + one.source.count("# missing:"), one.id
        ast.parse(one.source)


def test_most_faults_have_one_line_and_none_has_half_of_a_long_program():
    assert sum(len(one.lines) == 1 for one in faulty()) > 0.7 * len(faulty())
    long = [one for one in faulty() if one.source.count("\n") > 12]
    assert all(len(one.lines) <= one.source.count("\n") / 2 for one in long)


@pytest.mark.parametrize("one", sample(right(), 4), ids=lambda one: one.id)
def test_a_right_program_is_right(one):
    assert not shows(one.exercise, compiled(one.source, one.exercise))


@pytest.mark.parametrize("one", sample(faulty(), 12), ids=lambda one: one.id)
def test_a_faulty_program_is_wrong_as_it_is_said_to_be(one):
    assert shows(one.exercise, compiled(one.source, one.exercise)) == one.shows


@pytest.mark.parametrize("one", sample(by_hand(), 2), ids=lambda one: one.id)
def test_a_program_after_a_thread_is_wrong_by_its_marked_fault_alone(one):
    assert shows(one.exercise, compiled(one.source, one.exercise))
    assert not shows(one.exercise, compiled(right_again(one.id), one.exercise))


def test_every_thread_stands_in_the_table_of_sources():
    text = (_data()[0].parents[1] / "DATASHEET.md").read_text("utf-8")
    for one in by_hand():
        assert one.id.partition("after-")[2].rpartition(":")[0] in text, one.id


@pytest.mark.parametrize(
    "seed", [one for one in seeds() if ALL or one.id == "eq12:loops:entries"], ids=lambda s: s.id
)
def test_the_data_are_what_the_generator_makes(seed):
    rewritten = [program for program, _ in right_from(seed)]
    made = [program for program, _, _ in made_from([seed, *rewritten])]
    kept = [one for one in faulty() if one.base == seed.base and one.exercise == seed.exercise]
    assert made == kept
    assert [one.source for one in rewritten] == [
        one.source for one in right() if one.id.startswith(f"{seed.id}:in-other-words")
    ]


def test_a_third_is_held_out_by_seed_and_stays_so():
    held_out = [one for one in faulty() if one.part == HELD_OUT]
    assert 0.28 < len(held_out) / len(faulty()) < 0.4
    bases = {one.base for one in held_out}
    assert not bases & {one.base for one in (*faulty(), *right()) if one.part != HELD_OUT}
    assert part_of("eq4:vectorised:steps") == "development"
    assert part_of("eq4:einsum:examples") == HELD_OUT


# --- bounds ---------------------------------------------------------------------------------


def test_a_program_without_an_end_is_stopped_and_one_that_catches_all_errors_too():
    text = "def loss(Y, F):\n    try:\n        stop()\n    except Exception:\n        return 0\n"
    endless = compiled(text, "eq1")
    endless.__globals__["stop"] = lambda: os.kill(os.getpid(), signal.SIGALRM)
    assert shows("eq1", endless) == "no end"


def test_a_process_that_runs_programs_has_bounded_memory():
    pytest.importorskip("resource")
    program = (
        "from tests.benchmarks.gradbug.limits import MEMORY, limited\nlimited()\n"
        "try:\n    bytearray(2 * MEMORY)\nexcept MemoryError:\n    print('refused')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "refused\n"


# --- the oracle -----------------------------------------------------------------------------


@pytest.mark.parametrize("id", EXERCISES if ALL else CHEAP)
def test_the_oracle_agrees_with_central_differences_and_with_the_library(id):
    smooth = [case for case in cases(id) if case.smooth][:2]
    for case, library in zip(smooth, right_answers(EXERCISES[id], smooth), strict=True):
        numbers = zip(expected(id, case), expected(id, case, central(1e-5)), library, strict=True)
        for exact, numerical, theirs in numbers:
            scale = np.abs(exact).max(initial=0) or 1
            np.testing.assert_allclose(numerical, exact, rtol=0, atol=1e-5 * scale)
            np.testing.assert_allclose(theirs, exact, rtol=0, atol=1e-8 * scale)


# --- the truth about a line -----------------------------------------------------------------

STEPS = """\
def grad_beta(Y, A, Z, T, F, g):
    E = F - Y
    delta = 2 * E * g.derivative(T)
    Z1 = np.hstack([np.ones((len(Z), 1)), Z])
    return delta.T @ Z1
"""


def _only(source, kind, text):
    found = [m for m in mutations(source) if m.kind == kind and text in m.applied(source)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("kind", "text", "lines"),
    [
        # a 2 may come later, or with the error; the ones beside Z have nothing to do with it
        ("a factor lost", "delta = E * g", {2, 3, 5}),
        # the derivative can be nowhere else, but for the error that it multiplies
        ("a factor lost", "delta = 2 * E\n", {2, 3, 5}),
        ("derivative at the wrong argument", "derivative(F)", {3}),
        ("zeros for ones", "np.zeros(", {4}),
        ("sign", "E = Y - F", {2, 3, 5}),
    ],
)
def test_a_fault_that_is_made_good_elsewhere_has_more_than_one_line(kind, text, lines):
    of = Program("x", "eq4", "vectorised", "x", "by hand", STEPS)
    assert accepted(of, _only(STEPS, kind, text)) == lines


def test_a_missing_line_is_beside_its_gap_or_where_it_is_missed():
    source = (
        "def update(weights, gradient, gamma):\n    new = weights.copy()\n    step = gamma\n"
        "    new = new - step * gradient\n\n    # that is all\n    return new\n"
    )
    (gone,) = [m for m in mutations(source) if m.kind == "a line left out"]
    of = Program("x", "eq12", "vectorised", "x", "by hand", source)
    assert accepted(of, gone) == {3, 6}


def test_marks_are_taken_out_and_tell_the_line():
    text, lines = marked("def f(x):\n    # right: y = 2 * x\n    y = x\n    return y\n")
    assert (text, lines) == ("def f(x):\n    y = x\n    return y\n", {2})
    text, lines = marked("def f(x):\n    y = x\n    # missing: y += 1\n    return y\n")
    assert lines == {2, 3}


def test_edits_and_faults_change_bytes_not_letters():
    assert edited("dé = 1\n", [(0, 3, "b")]) == "b = 1\n"
    assert Mutation("", ((6, 7, "2"),)).applied("dé = 1\n") == "dé = 2\n"


def test_two_faults_at_one_place_are_not_put_together():
    one, other = Mutation("a", ((0, 4, "x"),)), Mutation("b", ((2, 6, "y"),))
    assert one.together(other) is None
    assert one.together(Mutation("b", ((5, 6, "y"),))).kind == "a + b"


def test_a_name_is_true_of_a_program_that_answers_as_the_known_mistake_does():
    assert known_names("eq4", STEPS) == frozenset()
    assert "sign-flipped" in known_names("eq4", STEPS.replace("F - Y", "Y - F"))
    assert "no-factor-2" in known_names("eq4", STEPS.replace("2 * E", "E"))
    assert known_names("eq4", STEPS.replace("2 * E", "1.37 * E")) == frozenset()


# --- checkers -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHECKERS)
def test_a_checker_tells_right_from_plainly_wrong(name):
    text = "def loss_per_example(Y, F):\n    return ((Y - F) ** 2).sum(axis=1)\n"
    assert told(CHECKERS[name], "eq2", compiled(text, "eq2")).right
    wrong = compiled(text.replace("** 2", "* 2"), "eq2")
    assert not told(CHECKERS[name], "eq2", wrong).right
    assert not told(CHECKERS[name], "eq2", lambda Y, F: None).right


def test_rules_are_as_published_with_their_holes():
    one, nan = np.ones((2, 2)), np.full((2, 2), np.nan)
    assert cs231n(1e-2)(one * 1.01, one)
    assert not cs231n(1e-2)(one * 1.03, one)
    assert gradcheck(one * 1.0009, one)
    assert not gradcheck(one * 1.002, one)
    assert not gradcheck(np.ones(2), one)
    assert norms([nan], [one]), "NaN is not above 2e-7"
    assert not norms([one * 1.001], [one])


def test_ours_says_the_line_of_an_error_and_the_name_of_a_mistake(monkeypatch, tmp_path):
    monkeypatch.setenv("BPLAB_PROGRESS", str(tmp_path))
    raising = compiled("def loss(Y, F):\n    return (Y - F.T[:-1]) ** 2\n", "eq1")
    assert told(CHECKERS[OURS], "eq1", raising).lines == (2,)
    half = compiled("def loss(Y, F):\n    return ((Y - F) ** 2).sum() / 2\n", "eq1")
    assert told(CHECKERS[OURS], "eq1", half).names == ("halved",)
    assert told(CHECKERS[ALONE], "eq1", half).right is False


# --- the score ------------------------------------------------------------------------------

SIGN = Program(
    "s", "eq4", "loops", "eq4:vectorised:steps", "sign", STEPS.replace("F - Y", "Y - F"),
    frozenset({2, 5}), frozenset({"sign-flipped"}), "ordinary",
)  # fmt: skip
FINE = Program("r", "eq4", "loops", "eq4:vectorised:steps", "by hand", STEPS)


def test_a_result_is_looked_up_in_what_is_true():
    def result(*names, lines=()):
        return Result.of(SIGN, OURS, Told(False, names, lines))

    assert result("sign-flipped").specific
    assert result("sign-flipped").true
    assert result("no-factor-2").specific
    assert not result("no-factor-2").true
    assert not result("transposed-somehow").specific
    assert result(lines=(5, 1)).line
    assert result(lines=(4,)).near
    assert not result(lines=(4,)).line
    assert not Result.of(SIGN, OURS, Told(True)).verdict


def test_two_names_are_true_of_a_program_that_has_both_mistakes():
    text = STEPS.replace("2 * E", "E").replace("np.ones", "np.zeros")
    two = Program("t", "eq4", "loops", "x", "two", text, frozenset({3}), frozenset(), "ordinary")
    both = Result.of(two, OURS, Told(False, ("no-factor-2", "bias-zero")))
    assert both.specific
    assert both.true
    assert not Result.of(two, OURS, Told(False, ("no-factor-2", "sign-flipped"))).true


def test_rows_count_each_program_once_and_keep_the_held_out_apart():
    told_all = [
        Result.of(SIGN, OURS, Told(False, ("sign-flipped",), (3,), 1.0)),
        Result.of(FINE, OURS, Told(True)),
        Result.of(FINE, "other", Told(False)),
    ]
    ours, other = rows(told_all)
    assert (ours.right, ours.accepted, ours.faulty, ours.rejected) == (1, 1, 1, 1)
    assert (ours.named, ours.true, ours.lined, ours.line, ours.near) == (1, 1, 1, 0, 1)
    assert (other.right, other.accepted) == (1, 0)
    assert as_table([ours, other]).row_count == 3
    assert list(failures(told_all)) == ["line 3: s [sign] (line 2, 5)"]


def test_wilsons_interval():
    low, high = wilson(9, 10)
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)  # Newcombe 1998 has such a table
    assert wilson(0, 10)[0] == 0
    assert wilson(10, 10)[1] == 1
    assert wilson(0, 0) == (0, 1)


# --- the command ----------------------------------------------------------------------------


def test_the_command_prints_both_parts():
    asked = ["bench", "gradbug", "eq12", "--only", "12", "--jobs", "1", "--json"]
    done = CliRunner().invoke(app, [*asked, "--checker", "PyTorch gradcheck"])
    assert done.exit_code == 0, done.output
    counted = json.loads(done.stdout)
    assert {row["part"] for row in counted} <= {"development", HELD_OUT}
    assert sum(row["right"] + row["faulty"] for row in counted) == 12


def test_what_is_not_there_is_said_in_words_and_the_held_out_are_not_shown():
    for given, words in (
        (["eq99"], "no programs for eq99"),
        (["--checker", "mine"], "no checker mine"),
        (["--show", next(one.id for one in faulty() if one.part == HELD_OUT)], "is held out"),
    ):
        done = CliRunner().invoke(app, ["bench", "gradbug", *given])
        assert done.exit_code == 1
        assert words in done.output
    shown = next(one for one in faulty() if one.part != HELD_OUT)
    assert shown.kind in CliRunner().invoke(app, ["bench", "gradbug", "--show", shown.id]).output


def test_a_sample_is_always_the_same():
    assert [one.id for one in chosen(["eq4"], 5)] == [one.id for one in chosen(["eq4"], 5)]
    assert len(chosen(only=7)) == 7
