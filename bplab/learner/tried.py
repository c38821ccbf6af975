"""What a learner's function answers with each small edit of its code, for a judge elsewhere.

Which answer is right is not known here, and nothing of an exercise: kernels that grade load it.
"""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np

from bplab.learner.call import (
    Answer,
    Form,
    TimeIsUp,
    as_parts,
    contained,
    copied,
    own_functions,
    quiet,
    time_limit,
)
from bplab.learner.edited import Edited, Editor, is_readable

__all__ = ["Tried", "tried"]

EDITS = 5_000
"""Edits that are tried, at most."""

NUMBERS = 1_000_000
"""Numbers in all answers together, at most: 8 MB."""


@dataclass(frozen=True)
class Tried:
    """What came of it.

    Attributes
    ----------
    places : list of (float, str, tuple of int)
        Of each edit that gives an answer: how large it is, the function, and its lines there.
    answers : list of ndarray
        For each case the answers, one row for each edit: all its arrays, one after the other; NaN
        where there is none of these shapes.
    """

    places: list[tuple[float, str, tuple[int, ...]]]
    answers: list[np.ndarray]


def tried(
    function: Callable[..., Any],
    cases: Sequence[Mapping[str, Any]],
    forms: Sequence[Sequence[Form]],
    shapes: Sequence[Sequence[tuple[int, ...]]],
    which: Sequence[int] | None,
    seconds: float,
) -> Tried:
    """Call a function with each of its edits.

    Parameters
    ----------
    function : callable
    cases : sequence of mapping
        The arguments of each case, in order. The edits are those of the first.
    forms, shapes : sequence
        For each case: what each part of the answer should be, and the shapes of all its arrays.
    which : sequence of int or None
        The numbers of the edits that are called on all cases; None for all edits, on the first
        case alone.
    seconds : float
        How long it may take, of a processor; edits that come later have no answer.
    """
    until = process_time() + seconds
    given = [[copied(value) for value in case.values()] for case in cases]
    sizes = [sum(int(np.prod(shape)) for shape in row) for row in shapes]
    editor = Editor.of(own_functions(function))
    if editor is None:
        return Tried([], [np.empty((0, size)) for size in sizes])
    found: list[Edited] = []
    rows: list[list[np.ndarray]] = [[] for _ in cases]
    try:
        with time_limit(4 * seconds), contained(), quiet(io.StringIO()):
            both = [*editor.edits(given[0]), *editor.missing()]
            every = sorted(both, key=lambda one: one.cost)
            most = min(EDITS, NUMBERS // max(1, sizes[0]))
            numbers = range(min(len(every), most)) if which is None else which
            for number in numbers:
                if process_time() > until:
                    break
                one = every[number]
                asked = range(1) if which is None else range(len(cases))
                row = [_row(one, given[i], forms[i], shapes[i], i > 0) for i in asked]
                found.append(one)
                for i in asked:
                    rows[i].append(row[i])
    except TimeIsUp:
        pass
    return Tried(
        [(one.cost, one.function, one.lines) for one in found],
        [
            np.array(row) if row else np.empty((0, size))
            for row, size in zip(rows, sizes, strict=True)
        ],
    )


def _row(
    one: Edited,
    given: Sequence[Any],
    forms: Sequence[Form],
    shapes: Sequence[tuple[int, ...]],
    elsewhere: bool,
) -> np.ndarray:
    """All arrays of an answer, one after the other."""
    nothing = np.full(sum(int(np.prod(shape)) for shape in shapes), np.nan)
    try:
        value = one.call(given, elsewhere=elsewhere)
        if not is_readable(value):
            return nothing
        answer = Answer(as_parts(value, forms))
    except Exception:
        return nothing
    arrays = answer.arrays
    if arrays is None or len(answer.parts) != len(forms):
        return nothing
    if [array.shape for array in arrays] != [tuple(shape) for shape in shapes]:
        return nothing
    return np.concatenate([np.ravel(array).astype(float) for array in arrays])
