"""Which line is wrong, proven: with one small edit there, or two, every answer is right.

Edits are tried on the smallest case that is wrong, those that are right there on all the others,
and what passes them on cases that nobody has seen. The smallest edit counts: where another one as
small is right in another line, the line that is suspected beside the derivation decides.

What is found is a place. The edit itself is not for the learner's eyes.
"""

import io
from collections.abc import Iterable, Sequence
from functools import lru_cache
from time import process_time
from typing import Any

import numpy as np

from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.judging import Here, Trial, diagnose, right_entries
from bplab.exercises.task import Case, Exercise, generator
from bplab.learner import (
    Answer,
    Edited,
    EditKind,
    Editor,
    TimeIsUp,
    as_parts,
    contained,
    is_readable,
    quiet,
    size_of,
    time_limit,
)

__all__ = ["proof"]

SECONDS = 1.0
"""Of a processor: for that long edits are tried."""

SINGLES, PAIRS = 5_000, 1_500
"""How many edits are tried alone, and how many in pairs."""

PROMISING = 8
"""How many edits are tried together with others: those that make the most of an answer right."""

IN_PAIRS = 1.5
"""What costs more is not tried together with another: a step left out here, and put in there."""


def proof(trial: Trial, suspected: Sequence[int] = ()) -> FirstWrong | None:
    """Find which line is wrong; None if no small edit makes all right, or it may be any of many.

    Parameters
    ----------
    trial : Trial
        Of a function of this process; of another one nobody can tell.
    suspected : sequence of int
        Lines that are suspected, the most suspected first.
    """
    if not isinstance(trial.learner, Here):
        return None
    editor = Editor.of(trial.learner.functions())
    if editor is None:
        return None
    try:
        with time_limit(4 * SECONDS), contained(), quiet(io.StringIO()):
            found = _Search(trial, editor).found()
    except (TimeIsUp, KeyboardInterrupt):  # who does not want to wait sees what there is
        return None
    return _chosen(trial, found, suspected)


def _chosen(trial: Trial, found: Sequence[Edited], suspected: Sequence[int]) -> FirstWrong | None:
    """Choose among edits that are as small, and see whether they stand on other cases."""
    by_lines: dict[tuple[int, ...], list[Edited]] = {}
    for one in found:
        by_lines.setdefault(one.lines, []).append(one)
    first = [line for line in suspected[:1] if any(line in lines for lines in by_lines)]
    if all(one.edit in _SCALES for one in found):
        first = []  # values are compared beside the derivation up to sign and factor
    if len(by_lines) > MANY and not first:
        return None
    order = sorted(by_lines, key=lambda lines: (lines[0] not in first, lines))
    standing = []
    for lines in order[:MANY]:
        stands = next((one for one in by_lines[lines][:TRIED] if _stands(trial, one)), None)
        if stands is not None:
            standing.append(stands)
            if lines[0] in first:
                break
    if not standing:
        return None
    best = standing[0]
    others = tuple(one.lines[0] for one in standing[1:] if one.lines[0] != best.lines[0])
    return FirstWrong(
        *best.place,
        best.function,
        is_helper=best.in_helper,
        proven=True,
        edit=best.edit,
        lines=best.lines,
        others=others,
    )


_SCALES = frozenset({str(EditKind.SIGN), str(EditKind.FACTOR)})

MANY = 2
"""In that many lines an edit may do: of more nothing is said, unless one of them is suspected."""

TRIED = 3
"""That many edits of a line are tried on other cases."""


def _stands(trial: Trial, one: Edited) -> bool:
    """Whether all is right with it on cases that it was not chosen by, and nothing is found."""
    function, exercise = one.build(), trial.exercise
    if function is None:
        return False
    again = Trial.run(exercise, Here(function), _fresh(exercise))
    return again.all_right() and diagnose(again) is None


@lru_cache(maxsize=8)
def _fresh(exercise: Exercise[Any]) -> Sequence[Case]:
    return exercise.cases(generator(exercise, "proof"))


class _Search:
    """The edits of a function that make it right on all cases of a trial."""

    def __init__(self, trial: Trial, editor: Editor):
        self._trial, self._editor = trial, editor
        exercise, cases = trial.exercise, trial.cases
        self._given = [list(case.arguments(exercise.arguments).values()) for case in cases]
        wrong = [i for i in range(len(cases)) if not trial.right(i)]
        wrong.sort(key=lambda i: (cases[i].special, size_of(self._given[i], np.inf)))
        self._cases = [*wrong, *(i for i in range(len(cases)) if i not in wrong)]
        self._until = process_time() + SECONDS

    def found(self) -> list[Edited]:
        """Return all that are as small as the smallest; of two edits, if one will not do."""
        first = self._given[self._cases[0]]
        every = sorted(self._editor.edits(first), key=lambda one: one.cost)
        before = self._share(Edited(self._editor), self._cases[0])
        better: list[tuple[float, Edited]] = []
        found: list[Edited] = []
        for one in every[:SINGLES]:
            if found and one.cost > found[0].cost:
                return found
            if self._is_late():
                return []
            share = self._share(one, self._cases[0])
            if share == 1 and self._right_elsewhere(one):
                found.append(one)
            elif share > before:
                better.append((share, one))
        return found or self._pairs(better, every)

    def _pairs(
        self, better: Iterable[tuple[float, Edited]], every: Sequence[Edited]
    ) -> list[Edited]:
        small = [one for one in every if one.cost <= IN_PAIRS]
        promising = sorted(
            ((share, one) for share, one in better if one.cost <= IN_PAIRS),
            key=lambda found: (-found[0], found[1].cost),
        )
        tries = 0
        for _, first in promising[:PROMISING]:
            found: list[Edited] = []
            for second in small:
                if first.cost + second.cost > IN_PAIRS + 1:
                    break
                tries += 1
                if self._is_late() or tries > PAIRS:
                    return []
                both = first.and_(second)
                if self._share(both, self._cases[0]) == 1 and self._right_elsewhere(both):
                    found.append(both)
            if found:
                least = min(one.cost for one in found)
                return [one for one in found if one.cost == least]
        return []

    def _is_late(self) -> bool:
        return process_time() > self._until

    def _right_elsewhere(self, one: Edited) -> bool:
        return all(self._share(one, i) == 1 for i in self._cases[1:])

    def _share(self, one: Edited, i: int) -> float:
        """Return how much of the answer to a case is right; −1 if there is none."""
        exercise, right = self._trial.exercise, self._trial.references[i]
        try:
            value = one.call(self._given[i], elsewhere=i != self._cases[0])
            if not is_readable(value):
                return 0.0
            answer = Answer(as_parts(value, exercise.forms(self._trial.cases[i])))
        except Exception:
            return -1.0
        arrays = answer.arrays
        if arrays is None or len(arrays) != len(right):
            return 0.0
        if len(answer.parts) != len(exercise.parts):
            return 0.0
        shares = [
            float(right_entries(a, b, exercise.rtol).mean()) if b.size else 1.0
            for a, b in zip(arrays, right, strict=True)
            if a.shape == b.shape
        ]
        return sum(0.1 + 0.9 * share for share in shares) / len(right) if shares else 0.05
