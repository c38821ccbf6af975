"""The bank of programs: each is wrong by its marked fault alone, and is told what is true."""

import ast
import random
from functools import cache

import pytest

from bplab.exercises.judging import Finding
from bplab.exercises.registry import TASKS
from tests.benchmarks.naming import Verdict, judge, one_program, programs, rejected, report
from tests.benchmarks.naming.bank import verdict_of
from tests.benchmarks.naming.program import PROGRAMS, mended
from tests.benchmarks.naming.rewrites import rewritten
from tests.thorough import ALL, one_in

pytestmark = pytest.mark.xdist_group("programs")  # what was judged once is kept

QUICK = programs(slow=False)
SAMPLE = QUICK if ALL else QUICK[::16]
judged = cache(judge)


def test_every_exercise_has_programs():
    assert {program.exercise for program in programs()} == set(TASKS)
    assert len(PROGRAMS) >= 200


@pytest.mark.one_in(3)
@pytest.mark.parametrize("program", SAMPLE, ids=lambda program: program.id)
def test_a_mended_program_is_called_right_and_so_are_its_rewritings(program):
    assert not list(rejected(program, rewrites=4 if ALL else 1))


@pytest.mark.parametrize("program", one_in(3, SAMPLE), ids=lambda program: program.id)
def test_a_program_with_its_fault_is_called_wrong(program):
    assert judged(program).verdict is not Verdict.PASSED


def test_what_is_said_is_true_and_mostly_specific():
    """The goals: 99 of 100 names and causes are true, and 85 of 100 programs get one."""
    told = [judged(program) for program in SAMPLE]
    false = [judgement for judgement in told if judgement.verdict is Verdict.FALSE]
    specific = [judgement for judgement in told if judgement.verdict is Verdict.SPECIFIC]
    assert len(false) <= (0.01 * len(told) if ALL else 0), false
    assert len(specific) >= 0.85 * len(told)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "program", [p for p in programs() if p.slow], ids=lambda program: program.id
)
def test_a_network_trained_wrongly_fails_and_mended_it_passes(program):
    assert judge(program).verdict is Verdict.SPECIFIC
    assert not list(rejected(program, rewrites=0))


# --- the bench itself ---------------------------------------------------------------------

FAULTY = """\
def f(x):
    # right: y = 2 * x
    y = x
    # missing: y = y + 1
    # right:
    y = 0 * y
    return y
"""


def test_a_fault_is_mended_where_it_is_marked():
    assert mended(FAULTY) == "def f(x):\n    y = 2 * x\n    y = y + 1\n    return y\n"
    with pytest.raises(ValueError, match="no fault is marked"):
        mended("def f(x):\n    return x\n")


def test_a_rewriting_computes_the_same_in_other_words():
    source = (
        "def f(n):\n    out = [0] * 3\n    for i in range(n):\n        for j in range(3):\n"
        "            out[j] += 2 * i * j\n    return out\n"
    )
    texts = set()
    for seed in range(30):
        tree = rewritten(ast.parse(source), random.Random(seed))
        names = {}
        exec(compile(tree, "rewritten", "exec"), names)
        assert names["f"](4) == [0, 12, 24]
        texts.add(ast.unparse(tree))
    assert len(texts) > 10
    assert any("while" in text for text in texts)
    assert any("reversed" in text for text in texts)


@pytest.mark.parametrize(
    ("name", "says", "verdict"),
    [
        ("bias-averaged", "", Verdict.SPECIFIC),
        ("bias-wrong", "", Verdict.VAGUE),
        ("unnamed", "", Verdict.NOTHING),
        ("no-factor-2", "", Verdict.FALSE),
        ("bias-averaged+no-factor-2", "", Verdict.FALSE),
        (
            "bias-averaged",
            "And something else is wrong, which more than one mistake explains.",
            Verdict.FALSE,
        ),
    ],
)
def test_a_verdict_is_looked_up_in_what_is_true(name, says, verdict):
    assert verdict_of(PROGRAMS["eq4:bias_by_mean"], Finding(name, says, "")) is verdict


def test_the_report_counts_each_program_once_and_shows_the_worst_first():
    found = report(programs(["eq12"]), rewrites=1)
    (row,) = found.rows
    assert row.programs == len(programs(["eq12"])) == len(found.judgements)
    assert row.specific + row.vague + row.nothing + row.false + row.passed == row.programs
    assert row.variants == 2 * row.programs
    assert 0 < row.coverage <= 1
    assert found.as_table().row_count == 2
    ranks = [list(Verdict).index(told.verdict) for told in found.not_specific()]
    assert ranks == sorted(ranks, reverse=True)
    assert found.as_dict()["all"]["programs"] == row.programs


def test_one_program_is_shown_with_what_it_is_told():
    text = one_program("eq4:bias_by_mean")
    assert "np.mean(dT, axis=0)" in text
    assert "[bias-averaged]" in text
    with pytest.raises(ValueError, match="no program eq4:nothing"):
        one_program("eq4:nothing")
