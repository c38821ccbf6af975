"""Questions on what becomes of the answer if the learner's code is changed; a run tells."""

from collections.abc import Sequence

import numpy as np

from bplab.exercises.explain.cases import described, tried_on
from bplab.exercises.explain.code import Code
from bplab.exercises.explain.edits import Edit
from bplab.exercises.explain.outcomes import Run, choices
from bplab.exercises.review.item import Item, item
from bplab.exercises.task import Case

__all__ = ["code_changed", "lines_swapped", "runs"]


def code_changed(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask what a change in one line does to the answer: a slice, a sign, a factor, ``+=``."""
    return _one_of(code, code.edits, rng, "code")


def lines_swapped(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask what becomes of the answer if two neighbouring lines change places."""
    return _one_of(code, code.swaps, rng, "order")


def _one_of(
    code: Code, possible: Sequence[Edit], rng: np.random.Generator, kind: str
) -> Item | None:
    if not possible or not code.only_computes:
        return None
    # first draw the kind of change, or factors would come up more often than slices
    name = rng.choice(sorted({edit.name for edit in possible}))
    some = [edit for edit in possible if edit.name == name]
    edit = some[rng.integers(len(some))]
    cases = tried_on(code.exercise, rng)
    found = runs(code, code.with_(edit.span, edit.by), cases)
    offered = choices(code, found, rng, edit.line) if found else None
    if offered is None:
        return None
    right, others = offered
    return item(
        rng,
        right,
        others,
        kind=kind,
        exercise=code.exercise.id,
        about=f"{kind}:{code.exercise.id}:{edit.name}:{edit.line}:{edit.span.begin}",
        question=f"What becomes of the answer if {edit.says}? (With {described(cases[0])}.)",
        code=code.lines,
        facts={"edit": edit, "cases": cases},
    )


def runs(code: Code, changed: Code, cases: Sequence[Case]) -> list[Run]:
    """Return the answers to each case, without the change and with it.

    Empty if some run of the code as it is gives no arrays, or the changed code neither gives arrays
    nor raises, for instance because it does not end.
    """
    found = []
    for case in cases:
        given = case.arguments(code.exercise.arguments)
        before, after = code.answer(given), changed.answer(given)
        if before is None or before.arrays is None or after is None:
            return []
        if after.raised is None and after.arrays is None:
            return []
        found.append(Run(before.arrays, after, changed.line_of(after)))
    return found
