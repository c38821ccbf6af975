"""What a learner's function answers with small edits of its code, for a judge in another process.

Nothing here knows an exercise or which answer is right, because kernels that grade load this
module.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from time import process_time
from typing import Any

import numpy as np

from bplab.learner.call import (
    Form,
    TimeIsUp,
    contained,
    copied,
    own_functions,
    quiet,
    time_limit,
)
from bplab.learner.edited import Edited, Editor

__all__ = ["Behind", "Tried", "tried"]

EDITS = 5_000
"""How many edits are tried, at most."""

STATEMENTS = 200
"""After how many statements values may be put in, at most; the first ones count."""

NUMBERS = 1_000_000
"""Numbers in all answers together, at most: 8 MB."""

Made = int | Sequence[int]
"""The number of an edit; or, for a right value, the numbers of the statement and of the value."""


@dataclass(frozen=True)
class Behind:
    """The lines of a statement after which a value may be put in.

    ``answers`` says whether it is in the function that is called, not in a helper; ``only_made``
    whether the statement makes an array into which nothing is ever put.
    """

    first: int
    last: int
    answers: bool
    only_made: bool


@dataclass(frozen=True)
class Tried:
    """The outcome of `tried`.

    Attributes
    ----------
    places : list of (float, str, tuple of int, str)
        For each variant that was run: the size of its edits, the function that they are in, their
        lines there, and what the first of them changes. Empty values for the unedited function.
    answers : list of ndarray
        One array for each case. It has a row for each variant, with the entries of all arrays of
        its answer; NaN where there is no answer of the right shapes.
    behind : tuple of Behind
        The statements after which values may be put in.
    """

    places: list[tuple[float, str, tuple[int, ...], str]]
    answers: list[np.ndarray]
    behind: tuple[Behind, ...] = ()


def tried(
    function: Callable[..., Any],
    cases: Sequence[Mapping[str, Any]],
    forms: Sequence[Sequence[Form]],
    shapes: Sequence[Sequence[tuple[int, ...]]],
    which: Sequence[Sequence[Made]] | None,
    seconds: float,
    values: Sequence[Sequence[Any]] = (),
    origins: Sequence[int] = (),
) -> Tried:
    """Call a function with edits of its code; the edits are numbered, the smallest first.

    Parameters
    ----------
    function : callable
    cases : sequence of mapping
        The arguments of each case, in order. The first case decides which edits there are.
    forms, shapes : sequence
        For each case: what each part of the answer should be, and the shapes of all its arrays.
    which : sequence of sequence, or None
        The variants. Each names what is made together: edits, or a statement of `Tried.behind` with
        the value to be put in after it. An empty one is the function as it is. None stands for each
        edit alone.
    seconds : float
        How much processor time it may take; variants after that have no answer.
    values : sequence of sequence
        For each case, the values that may be put in; a number means the same quantity in each case.
    origins : sequence of int
        Suspicious lines. A value that is put in counts for the first of these lines that its
        statement contains.

    Returns
    -------
    Tried
        The variants that were run in time, with their answers.
    """
    until = process_time() + seconds
    given = [[copied(value) for value in case.values()] for case in cases]
    sizes = [sum(int(np.prod(shape)) for shape in row) for row in shapes]
    found: list[Edited] = []
    rows: list[list[np.ndarray]] = [[] for _ in cases]
    numbered = None
    try:
        with time_limit(4 * seconds), contained(), quiet(io.StringIO()):
            if (numbered := _numbered(function, given[0])) is None:
                return Tried([], [np.empty((0, size)) for size in sizes])
            numbered.values, numbered.origins = values, origins
            most = min(EDITS, NUMBERS // max(1, sum(sizes)))
            every = numbered.alone() if which is None else which
            for some in islice(every, most):
                if process_time() > until:
                    break
                one = numbered.together(some)
                row = []
                for i in range(len(cases)):
                    numbered.case = i
                    row.append(_row(one, given[i], forms[i], shapes[i], i > 0))
                found.append(one)
                for i, answer in enumerate(row):
                    rows[i].append(answer)
    except TimeIsUp:
        pass
    return Tried(
        [_place(one) for one in found],
        [
            np.array(row) if row else np.empty((0, size))
            for row, size in zip(rows, sizes, strict=True)
        ],
        tuple(numbered.behind()) if numbered else (),
    )


_last: list[tuple[Any, list[bytes], "_Numbered"]] = []
"""The function of the latest call, its arguments and its edits, kept for the next call."""


def _numbered(function: Callable[..., Any], given: Sequence[Any]) -> "_Numbered | None":
    """Return the edits of a function for these arguments; None if it cannot be read."""
    key = [np.asarray(one).tobytes() for value in given for one in _arrays(value)]
    if not _last or _last[0][0] is not function or _last[0][1] != key:
        editor = Editor.of(own_functions(function))
        if editor is None:
            return None
        _last[:] = [(function, key, _Numbered(editor, given))]
    return _last[0][2]


def _arrays(value: Any) -> list[np.ndarray]:
    several = value if isinstance(value, (list, tuple)) else [value]
    return [one for one in several if isinstance(one, np.ndarray)]


class _Numbered:
    """The edits of a function, and right values that may be put in; all of them have numbers.

    Edits that add a statement come last, and are made only when they are asked for.
    """

    def __init__(self, editor: Editor, given: Sequence[Any]):
        self._editor = editor
        self.values: Sequence[Sequence[Any]] = ()
        self.origins: Sequence[int] = ()
        self._writes = list(islice(editor.writes(), STATEMENTS))
        self._has_missing = False
        self.case = 0
        editor.value = lambda which: np.array(self.values[self.case][int(which)], float)
        self.edits: list[Edited] = sorted(editor.edits(given), key=lambda one: one.cost)

    def alone(self) -> Iterator[tuple[int]]:
        """Yield the number of each edit, in a tuple of its own."""
        n = 0
        while n < len(self.edits) or self._with_missing():
            yield (n,)
            n += 1

    def _with_missing(self) -> bool:
        """Make the edits that add a statement; return whether that has added any."""
        if self._has_missing:
            return False
        self._has_missing, before = True, len(self.edits)
        self.edits += sorted(self._editor.missing(), key=lambda one: one.cost)
        return len(self.edits) > before

    def behind(self) -> Iterator[Behind]:
        for n, write, _ in self._writes:
            yield Behind(write.first, write.last, n == 0, write.is_only_made)

    def together(self, some: Sequence[Made]) -> Edited:
        """Return the function with edits made together."""
        made = tuple(edit for one in some for edit in self._one(one).made)
        return Edited(self._editor, made)

    def _one(self, which: Made) -> Edited:
        if isinstance(which, int):
            if which >= len(self.edits):
                self._with_missing()
            return self.edits[which]
        at, value = which
        _, write, with_value = self._writes[at]
        inside = (line for line in self.origins if write.first <= line <= write.last)
        return with_value(str(value), next(inside, 0))


def _place(one: Edited) -> tuple[float, str, tuple[int, ...], str]:
    if not one.made:
        return 0.0, "", (), ""
    several = len({n for n, _ in one.made}) > 1  # lines of two functions, perhaps of two cells
    return float(one.cost), one.function, () if several else one.lines, one.edit


def _row(
    one: Edited,
    given: Sequence[Any],
    forms: Sequence[Form],
    shapes: Sequence[tuple[int, ...]],
    elsewhere: bool,
) -> np.ndarray:
    """Return the entries of all arrays of an answer in one vector; NaN if it has other shapes."""
    nothing = np.full(sum(int(np.prod(shape)) for shape in shapes), np.nan)
    try:
        arrays = one.arrays(given, forms, elsewhere)
    except Exception:
        return nothing
    if arrays is None or [array.shape for array in arrays] != [tuple(shape) for shape in shapes]:
        return nothing
    return np.concatenate([np.ravel(array).astype(float) for array in arrays])
