"""What is said of each program of the bank: specific and true, vague, nothing, or false.

A program is judged on the visible cases, as a learner is, and on hidden ones. What it is told is
looked up in what is true of it, which was worked out by hand and not by asking `check`.
"""

import ast
import fnmatch
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from rich.table import Table

from bplab.exercises import judging
from bplab.exercises.judging import Finding, Here, Trial, diagnose, right_answers
from bplab.exercises.registry import TASKS
from bplab.exercises.task import VISIBLE, Case, Challenge, Exercise, generator, hidden_kind
from bplab.learner import Cause
from tests.benchmarks.naming.program import Function, Program
from tests.benchmarks.naming.programs import PROGRAMS
from tests.benchmarks.naming.rewrites import in_another_form, rewritten

KINDS = (VISIBLE, hidden_kind("bank"))
"""The cases on which each program is judged."""

FACTS = frozenset(
    {
        *("all-zero", "argument-changed", "bias-wrong", "constant-factor", "last-layer-only"),
        *("last-layer-wrong", "no-numbers", "not-finite", "raises", "returns-nothing"),
        *("some-cases", "transposed", "weights-wrong", "wrong-parts", "wrong-shape"),
        *("hardly-learns", "guessing", "not-there-yet"),
        *("one-number", "offset", "signs-lost", "signs-wrong", "factor-by-row", "factor-by-column"),
        *("rows-reversed", "rows-shifted", "columns-reversed", "columns-shifted", "other-order"),
        *(
            f"{line}-{which}"
            for line in ("row", "column", "entry")
            for which in ("first-only", "last-only", "first-wrong", "last-wrong")
        ),
    }
)
"""What is measured is true of any program that it is said of, but does not say what is wrong."""

SILENCE = frozenset({"unnamed"})

ELSE = "something-else"
"""The name of a second cause that is claimed without a name."""


class Verdict(StrEnum):
    """How good the words are; the later, the worse."""

    SPECIFIC = "specific"
    VAGUE = "vague"
    NOTHING = "nothing"
    FALSE = "false"
    PASSED = "passed"


@dataclass(frozen=True)
class Judgement:
    """What one program was told, on the cases where it was told the worst."""

    program: Program
    verdict: Verdict
    name: str
    says: str
    kind: str


def programs(ids: Iterable[str] = (), *, slow: bool = True) -> list[Program]:
    """Return the programs of these exercises, or all."""
    wanted = set(ids)
    return [
        program
        for program in PROGRAMS.values()
        if (not wanted or program.exercise in wanted) and (slow or not program.slow)
    ]


# --- judging ------------------------------------------------------------------------------


@cache
def _drawn(id: str, kind: str) -> tuple[Sequence[Case], Sequence[tuple[np.ndarray, ...]]]:
    exercise = TASKS[id]
    assert isinstance(exercise, Exercise)
    cases = exercise.cases(generator(exercise, kind))
    return cases, right_answers(exercise, cases)


def found(function: Function, exercise: str, kind: str) -> Finding | None:
    """Return what is found wrong with a function, as a check does."""
    task = TASKS[exercise]
    if isinstance(task, Challenge):
        hidden = kind != VISIBLE
        return judging.judge(task, Here(function), generator(task, kind), hidden=hidden)[1]
    return diagnose(Trial.run(task, Here(function), *_drawn(exercise, kind)))


def judge(program: Program, kinds: Sequence[str] = KINDS) -> Judgement:
    """Judge a program on each kind of cases; return the worst."""
    told = [_judge(program, kind) for kind in (kinds[:1] if program.slow else kinds)]
    return max(told, key=lambda judgement: list(Verdict).index(judgement.verdict))


def _judge(program: Program, kind: str) -> Judgement:
    finding = found(program.function, program.exercise, kind)
    if finding is None:
        return Judgement(program, Verdict.PASSED, "", "", kind)
    verdict = verdict_of(program, finding)
    text = " | ".join(filter(None, (finding.says, finding.hint, finding.seen)))
    return Judgement(program, verdict, finding.name, text, kind)


def claimed(finding: Finding) -> list[str]:
    """Return the names of what a finding says is wrong: of an error that of its cause."""
    names = finding.name.split("+")
    if names == ["raises"]:
        names = [cause.value for cause in Cause if cause.says in finding.says] or names
    if "something else is wrong" in finding.says:
        names.append(ELSE)
    return names


def verdict_of(program: Program, finding: Finding) -> Verdict:
    """Look up what is said in what is true."""
    names = claimed(finding)
    if names[0] in SILENCE:
        return Verdict.NOTHING
    words = f"{finding.says} {finding.hint}"
    if not all(name in FACTS or _among(name, program.true) for name in names):
        return Verdict.FALSE
    if program.unsaid and re.search(program.unsaid, words):
        return Verdict.FALSE
    shown = f"{words} {finding.seen}"
    if any(_among(name, program.specific) for name in names) and re.search(program.says, shown):
        return Verdict.SPECIFIC
    return Verdict.VAGUE


def _among(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def rejected(program: Program, rewrites: int, seed: int = 0) -> Iterator[tuple[str, Finding]]:
    """Yield the rejected ones among a mended program and its rewritings: source, and words."""
    variants = [(program.tree, program.compiled(program.tree))]
    for n in range(0 if program.slow else rewrites):
        rng = random.Random(f"{program.id} {seed} {n}")
        tree = rewritten(program.tree, rng)
        variants.append((tree, in_another_form(program.compiled(tree), rng)))
    for tree, function in variants:
        for kind in KINDS[:1] if program.slow else KINDS:
            if finding := found(function, program.exercise, kind):
                yield ast.unparse(tree), finding
                break


def one_program(id: str) -> str:
    """Return a program, what is true of it, and what it is told on each kind of cases.

    Raises
    ------
    ValueError
        If there is no such program.
    """
    if id not in PROGRAMS:
        near = [known for known in PROGRAMS if known.partition(":")[0] == id.partition(":")[0]]
        raise ValueError(f"no program {id}; there are: {', '.join(near or PROGRAMS)}")
    program = PROGRAMS[id]
    lines = [program.source, f"true: {', '.join(sorted(program.true))}"]
    for kind in KINDS[:1] if program.slow else KINDS:
        told = _judge(program, kind)
        lines.append(f"{kind}: {told.verdict} [{told.name}] {told.says}")
    return "\n".join(lines)


# --- what is shown ------------------------------------------------------------------------


@dataclass(frozen=True)
class BankRow:
    """The counts of one exercise.

    Attributes
    ----------
    exercise : str
    programs : int
    specific, vague, nothing, false, passed : int
        How many of them were told so.
    variants, rejected : int
        Right rewritings of the mended programs, and those called wrong.
    """

    exercise: str
    programs: int = 0
    specific: int = 0
    vague: int = 0
    nothing: int = 0
    false: int = 0
    passed: int = 0
    variants: int = 0
    rejected: int = 0

    @property
    def precision(self) -> float:
        """Of those who are given a name or cause, the share that is given a true one."""
        named = self.specific + self.vague + self.false
        return (self.specific + self.vague) / named if named else 1.0

    @property
    def coverage(self) -> float:
        """The share that is told specifically, and truly, what is wrong."""
        return self.specific / self.programs if self.programs else 1.0


@dataclass(frozen=True)
class Report:
    """The whole bank, judged."""

    rows: Sequence[BankRow]
    judgements: Sequence[Judgement]
    rejected: Sequence[tuple[str, str, str]]  # program, source, words

    def total(self) -> BankRow:
        """Return the sums of all rows."""
        counts: Counter = Counter()
        for row in self.rows:
            counts.update({name: n for name, n in asdict(row).items() if name != "exercise"})
        return BankRow("all", **counts)

    def not_specific(self) -> list[Judgement]:
        """Those who are not told specifically, the worst first."""
        rank = list(Verdict).index
        missed = [told for told in self.judgements if told.verdict is not Verdict.SPECIFIC]
        return sorted(missed, key=lambda told: (-rank(told.verdict), told.name))

    def as_table(self) -> Table:
        """Return the table, with the sums in its last row."""
        table = Table(title="Programs as learners write them: what they are told")
        for heading in (
            *("exercise", "programs", "specific", "vague", "nothing", "false", "passed"),
            *("precision", "coverage", "right variants", "rejected"),
        ):
            table.add_column(heading, justify="left" if heading == "exercise" else "right")
        for row in (*self.rows, self.total()):
            if row.exercise == "all":
                table.add_section()
            counts = (row.programs, row.specific, row.vague, row.nothing, row.false, row.passed)
            shares = (f"{row.precision:.1%}", f"{row.coverage:.1%}")
            ends = (str(row.variants), str(row.rejected))
            table.add_row(row.exercise, *map(str, counts), *shares, *ends)
        return table

    def as_text(self) -> str:
        """Return what is not told specifically, by kind, and which right ones are rejected."""
        lines = []
        for told in self.not_specific():
            true = ", ".join(sorted(told.program.true))
            lines.append(
                f"{told.verdict}: {told.program.id} [{told.name}] (true: {true}) {told.says}"
            )
        lines += [f"rejected: {id}: {words}\n{source}" for id, source, words in self.rejected]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """Return rows, sums and words for JSON."""
        extra = {"precision": self.total().precision, "coverage": self.total().coverage}
        return {
            "exercises": [asdict(row) for row in self.rows],
            "all": asdict(self.total()) | extra,
            "told": [
                {
                    "program": told.program.id,
                    "verdict": told.verdict,
                    "name": told.name,
                    "says": told.says,
                }
                for told in self.judgements
            ],
            "rejected": [
                {"program": id, "source": s, "says": says} for id, s, says in self.rejected
            ],
        }


def together(reports: Iterable[Report]) -> Report:
    """Return the reports of several exercises as one."""
    parts = list(reports)
    return Report(
        [row for part in parts for row in part.rows],
        [told for part in parts for told in part.judgements],
        [one for part in parts for one in part.rejected],
    )


def report(
    chosen: Sequence[Program],
    *,
    rewrites: int = 2,
    progress: Callable[[str], None] = lambda text: None,
) -> Report:
    """Judge these programs, and rewritings of their mended selves.

    Parameters
    ----------
    chosen : sequence of Program
    rewrites : int
        How often each mended program is rewritten at random.
    progress : callable
        Told which program is judged.
    """
    counts: dict[str, Counter] = {}
    judgements: list[Judgement] = []
    wrongly: list[tuple[str, str, str]] = []
    for program in chosen:
        progress(program.id)
        told = judge(program)
        refused = list(rejected(program, rewrites))
        wrongly += [(program.id, source, f"[{f.name}] {f.says}") for source, f in refused]
        judgements.append(told)
        count = counts.setdefault(program.exercise, Counter())
        count.update({"programs": 1, told.verdict.value: 1})
        variants = 1 if program.slow else 1 + rewrites
        count.update({"variants": variants, "rejected": len(refused)})
    rows = [BankRow(id, **count) for id, count in counts.items()]
    return Report(rows, judgements, wrongly)
