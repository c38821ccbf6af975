"""How well wrong answers are named: every known mistake, pairs of them, and unknown errors.

Each function is judged as a grader judges it, on hidden cases of several secrets. What it is
called is then tried on other cases: only a function that agrees there as well has that name
rightly.
"""

import importlib.util
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from bplab.exercises.judging import (
    Finding,
    Here,
    KnownAnswers,
    Pair,
    Trial,
    alike,
    diagnose,
    pairs,
    right_answers,
    unwarned,
)
from bplab.exercises.registry import EXERCISES
from bplab.exercises.steps import Variant
from bplab.exercises.task import Case, Exercise, Mistake, Part, generator, hidden_kind
from bplab.learner import Answer

__all__ = ["Row", "as_json", "as_table", "load_right", "measure", "total"]

FRESH = 3
"""The number of other sets of cases on which two functions are compared."""

Function = Callable[..., Any]


@dataclass(frozen=True)
class Row:
    """The counts of one exercise, over all secrets.

    Attributes
    ----------
    exercise : str
    right, false_fails : int
        Right functions judged, and those called wrong.
    mistakes, named : int
        Known mistakes judged, and those called by their own name.
    pairs, one_named, both_named : int
        Pairs of known mistakes that are neither right, nor one of the two alone, nor without any
        number; those of which at least one mistake is named, and both.
    same_numbers : int
        Pairs called by a third name that fits: the function of that name always agrees.
    unnamed : int
        Pairs that are measured, but called by no mistake's name.
    unknown : int
        Functions with an error that is none of the known mistakes, nor equal to any.
    wrong_names : int
        Pairs and unknown errors called by a name whose function does not always agree.
    false_passes : int
        Wrong functions called right.
    """

    exercise: str
    right: int = 0
    false_fails: int = 0
    mistakes: int = 0
    named: int = 0
    pairs: int = 0
    one_named: int = 0
    both_named: int = 0
    same_numbers: int = 0
    unnamed: int = 0
    unknown: int = 0
    wrong_names: int = 0
    false_passes: int = 0


def load_right(path: Path) -> Mapping[str, Sequence[Function]]:
    """Return the right functions of a Python file: its dictionary ``RIGHT``, by exercise.

    Raises
    ------
    ValueError
        If it has none.
    """
    spec = importlib.util.spec_from_file_location("right_variants", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not isinstance(right := getattr(module, "RIGHT", None), dict):
        raise ValueError(f"{path} defines no dictionary RIGHT of right functions by exercise id")
    return right


def measure(
    ids: Sequence[str] = (),
    *,
    right: Mapping[str, Sequence[Function]] | None = None,
    secrets: int = 2,
    sample: int = 60,
    progress: Callable[[str], None] = lambda text: None,
) -> list[Row]:
    """Judge every known mistake, and a sample of the pairs and of unknown errors.

    Parameters
    ----------
    ids : sequence of str
        Which exercises; else all.
    right : mapping of str to functions, optional
        Right functions by exercise, judged beside the reference.
    secrets : int
        How many secrets the hidden cases are drawn from.
    sample : int
        How many pairs of an exercise, and how many unknown errors; 0 for all.
    progress : callable
        Told what is being measured.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    if unknown := set(ids) - EXERCISES.keys():
        raise ValueError(
            f"no exercise {', '.join(sorted(unknown))}; there are: {', '.join(EXERCISES)}"
        )
    rows = []
    for id in ids or EXERCISES:
        counts: Counter = Counter()
        for secret in range(secrets):
            progress(f"{id}, secret {secret + 1} of {secrets}")
            bench = _Bench(EXERCISES[id], f"bench-{secret}")
            counts.update(bench.of_right((right or {}).get(id, ())))
            counts.update(bench.of_mistakes())
            counts.update(bench.of_pairs(sample))
            counts.update(bench.of_unknown(sample))
        rows.append(Row(id, **counts))
    return rows


def total(rows: Sequence[Row]) -> Row:
    """Return the sums of all rows."""
    counts: Counter = Counter()
    for row in rows:
        counts.update({name: n for name, n in asdict(row).items() if name != "exercise"})
    return Row("all", **counts)


class _Bench:
    """One exercise on the hidden cases of one secret."""

    def __init__(self, exercise: Exercise, secret: str):
        self.exercise = exercise
        self.cases = self._drawn(secret)
        self.references = right_answers(exercise, self.cases)
        self.fresh = [
            (case, KnownAnswers(exercise, case))
            for n in range(FRESH)
            for case in self._drawn(f"{secret}-fresh-{n}")
        ]
        self.random = random.Random(secret)

    def _drawn(self, secret: str) -> Sequence[Case]:
        return self.exercise.cases(generator(self.exercise, hidden_kind(secret)))

    def judge(self, function: Function) -> tuple[Trial, Finding | None]:
        """Judge it as a grader does."""
        trial = Trial.run(self.exercise, Here(function), self.cases, self.references)
        return trial, diagnose(trial)

    def same(self, a: Function, b: Function, but: Sequence[Part] = ()) -> bool:
        """Whether two functions agree on cases on which neither was judged, but for some parts."""
        told = [k for k, part in enumerate(self.exercise.parts) if part not in but]
        with unwarned():
            return all(
                alike(_of(told, known.of(a)), _of(told, known.of(b))) for _, known in self.fresh
            )

    # --- banks ------------------------------------------------------------------------------

    def of_right(self, functions: Sequence[Function]) -> Iterator[str]:
        for function in (self.exercise.reference, *functions):
            yield "right"
            if self.judge(function)[1]:
                yield "false_fails"

    def of_mistakes(self) -> Iterator[str]:
        for mistake in self.exercise.mistakes:
            yield "mistakes"
            _, finding = self.judge(mistake.wrong)
            if finding is None:
                yield "false_passes"
            elif finding.name == mistake.name:
                yield "named"

    def of_pairs(self, sample: int) -> Iterator[str]:
        for pair in self._some(list(pairs(self.exercise.mistakes)), sample):
            alone = (self.exercise.reference, pair.first.wrong, pair.second.wrong)
            if any(self.same(pair.wrong, one) for one in alone):
                continue
            trial, finding = self.judge(pair.wrong)
            if all(answer.arrays is None for answer in trial.answers):
                continue  # never runs to its end
            yield "pairs"
            yield from self._called(pair, finding)

    def _called(self, pair: Pair, finding: Finding | None) -> Iterator[str]:
        if finding is None:
            yield "false_passes"
            return
        made, names = {pair.first.name, pair.second.name}, set(finding.name.split("+"))
        if names & made:
            yield "one_named"
            if names == made:
                yield "both_named"
            return
        named = self._named(finding)
        if not named:
            yield "unnamed"
        else:
            yield "same_numbers" if any(self.same(pair.wrong, f) for f in named) else "wrong_names"

    def of_unknown(self, sample: int) -> Iterator[str]:
        known = [mistake.wrong for mistake in self.exercise.mistakes]
        for wrong in self._some(list(_unknown_errors(self.exercise)), sample):
            if any(self.same(wrong, one) for one in (self.exercise.reference, *known)):
                continue
            trial, finding = self.judge(wrong)
            named = self._named(finding) if finding else []
            # what is said beside a right part is said of the others
            if any(self.same(wrong, f, but=trial.right_parts()) for f in named):
                continue  # it is that pair, or that mistake in one part
            yield "unknown"
            if finding is None:
                yield "false_passes"
            elif named:
                yield "wrong_names"

    def _named(self, finding: Finding) -> list[Function]:
        """The functions of a finding's name: of one known mistake, or of two."""
        by_name: dict[str, Mistake] = {m.name: m for m in self.exercise.mistakes}
        names = finding.name.split("+")
        if not all(name in by_name for name in names):
            return []
        if len(names) == 1:
            return [by_name[names[0]].wrong]
        return [pair.wrong for pair in pairs([by_name[name] for name in names])]

    def _some(self, things: list, sample: int) -> list:
        return self.random.sample(things, sample) if 0 < sample < len(things) else things


def _of(parts: Sequence[int], answer: Answer) -> Answer:
    """An answer with these parts alone, if it has parts."""
    whole = answer.raised or len(answer.parts) <= max(parts)
    return answer if whole else replace(answer, came=tuple(answer.parts[k] for k in parts))


# --- errors that nobody has listed ----------------------------------------------------------

_SPOILS: tuple[Function, ...] = (
    lambda a: 1.37 * a,
    lambda a: a + 0.1,
    lambda a: a**3,
    lambda a: np.clip(a, -0.3, 0.3),
    lambda a: np.cumsum(a, axis=0),
    lambda a: np.round(a, 1),
    lambda a: np.flip(a, axis=-1),
    lambda a: np.where(np.abs(a) > 0.5, a, 0),
    lambda a: a - a.mean(),
)


def _unknown_errors(exercise: Exercise) -> Iterator[Variant]:
    """Spoil what one piece of the program computes, in ways that are not on any list."""
    program = next(m.wrong.program for m in exercise.mistakes if isinstance(m.wrong, Variant))
    for (name, right), spoil in itertools.product(program.right.items(), _SPOILS):
        yield program.with_(**{name: _spoilt(right, spoil)})
    for spoil in _SPOILS:
        yield program.with_(returned=_spoilt(lambda answer: answer, spoil))


def _spoilt(piece: Function, spoil: Function) -> Function:
    def spoilt(value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return (
                type(value)(map(spoilt, value))
                if type(value) in (list, tuple)
                else tuple(map(spoilt, value))
            )
        return spoil(value) if isinstance(value, (np.ndarray, float)) and np.ndim(value) else value

    return lambda *arguments: spoilt(piece(*arguments))


# --- what is shown --------------------------------------------------------------------------


def as_table(rows: Sequence[Row]) -> Table:
    """Return the table, with the sums in its last row."""
    table = Table(title="How wrong answers are named")
    for heading in (
        *("exercise", "right", "false fails", "mistakes", "named", "pairs", "at least one named"),
        *("both named", "by a name that fits as well", "unnamed", "unknown errors"),
        *("wrong names", "false passes"),
    ):
        table.add_column(heading, justify="left" if heading == "exercise" else "right")
    for row in rows:
        _add(table, row)
    table.add_section()
    _add(table, total(rows))
    return table


def _add(table: Table, row: Row) -> None:
    table.add_row(
        *(row.exercise, str(row.right), str(row.false_fails), str(row.mistakes)),
        *(_share(row.named, row.mistakes), str(row.pairs), _share(row.one_named, row.pairs)),
        *(_share(row.both_named, row.pairs), str(row.same_numbers), str(row.unnamed)),
        *(str(row.unknown), str(row.wrong_names), str(row.false_passes)),
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "–"


def as_json(rows: Sequence[Row], **more: object) -> str:
    """Return the rows and their sums as JSON, with what else there is to say by name."""
    return json.dumps(
        {"exercises": [asdict(row) for row in rows], "all": asdict(total(rows)), **more}, indent=2
    )
