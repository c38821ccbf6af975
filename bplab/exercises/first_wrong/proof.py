"""Which line is wrong, proven: with one or two small edits there, every answer is right.

Edits are tried on a small case that is wrong; those that make it right, on all other cases; and
those that pass, on new cases. The smallest edit counts. If an equally small edit in another line
does as well, the line that is suspected from the derivation decides. A line whose value is a
quantity of the derivation is not blamed, unless something may be missing from it.

If no edit makes all right, a right value is assigned after a statement, as if it had been computed
there. If every answer is then right, and the values that the statement uses are right, that
statement is the wrong one. The value must not be the wrong part of the answer itself, for with it
all is right whatever was wrong; unless nothing was ever stored in that part, or in its wrong
entries.

The result is a place. The edit itself is not shown to the learner.
"""

import gc
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice, takewhile
from time import process_time
from typing import Any

import numpy as np

from bplab.exercises.first_wrong.found import FirstWrong
from bplab.exercises.first_wrong.matching import Vocabulary, is_plain
from bplab.exercises.first_wrong.quantities import quantities
from bplab.exercises.first_wrong.suspicion import Suspicion
from bplab.exercises.first_wrong.values import distinct_values, is_all_that_is_wrong, values
from bplab.exercises.judging import Here, Trial, diagnose, right_answers, right_entries
from bplab.exercises.task import Case, Exercise, generator
from bplab.learner import (
    Edited,
    Editor,
    TimeIsUp,
    contained,
    quiet,
    size_of,
    time_limit,
    when_run,
)

__all__ = ["fresh_cases", "is_tried", "proof"]

SECONDS = 1.0
"""Processor time for which edits are tried."""

FREE = 0.8
"""Processor time, in seconds, that the check of a function and its comparison with the derivation
may take. If they take longer, edits get that much less: all together end within 2 seconds."""

MADE, ALONE, MISSING, BY_VALUE = 0.5, 0.6, 0.7, 0.8
"""Shares of `SECONDS` at which the stages end: making edits, trying them alone, trying those that
insert a statement, and putting in right values."""

MOST = 6_000
"""How many edits are made at most: compiling them takes time, too."""

PROMISING, SMALLEST, FEW = 16, 2, 6
"""How many edits, those that make the most right, are tried in pairs first; in how many of the
other wrong cases, the smallest, edits are ranked as well; and how many are taken from each."""

LIKELY, IN_PAIRS = 1.25, 2.0
"""Edits that cost more than the first number are paired later; more than the second, never."""


def proof(
    trial: Trial, suspicion: Suspicion | None = None, seconds: float = 0.0
) -> FirstWrong | None:
    """Find the wrong line; None if no small edit makes all right, or edits in many lines do.

    Parameters
    ----------
    trial : Trial
        The trial of a function of this process; for any other the result is None.
    suspicion : Suspicion, optional
        What a comparison with the derivation has shown.
    seconds : float
        Processor time spent before. What exceeds `FREE` is subtracted from the time for edits.
    """
    suspicion = suspicion or Suspicion()
    if not isinstance(trial.learner, Here):
        return None
    editor = Editor.of(trial.learner.functions())
    if editor is None:
        return None
    try:
        with time_limit(4 * SECONDS), contained(), quiet(io.StringIO()):
            found = _Search(trial, editor, suspicion, max(0.0, seconds - FREE)).found()
    except (TimeIsUp, KeyboardInterrupt):  # a learner who stops it sees what is known already
        return None
    return _chosen(trial, found, suspicion)


def is_tried(trial: Trial) -> bool:
    """Whether edits of a function are tried at all: only if it can be read, and only computes."""
    return isinstance(trial.learner, Here) and bool(Editor.of(trial.learner.functions()))


def _chosen(trial: Trial, found: Sequence[Edited], suspicion: Suspicion) -> FirstWrong | None:
    """Choose, among equally small edits, one that also makes new cases right."""
    by_lines: dict[tuple[int, ...], list[Edited]] = {}
    for one in found:
        by_lines.setdefault(one.lines, []).append(one)
    suspected = suspicion.lines
    first = suspicion.deciding(one.edit for one in found)
    if len(by_lines) > MANY and not any(line in row for row in by_lines for line in first):
        return None

    def rank(row: tuple[int, ...]) -> tuple[bool, list[float], list[float]]:
        copies = any(one.copies for one in by_lines[row])
        return not copies, _in_order(row[:1], suspected), _in_order(row, suspicion.order)

    standing = []
    for row in sorted(by_lines, key=rank)[:MANY]:
        stands = next((one for one in by_lines[row][:TRIED] if _stands(trial, one)), None)
        if stands is not None:
            standing.append(stands)
            if row[0] in first:
                break
    if not standing:
        return None
    best = standing[0].in_order(suspicion.order)
    others = tuple(one.lines[0] for one in standing[1:] if one.lines[0] != best.lines[0])
    return FirstWrong(
        *best.place,
        best.function,
        is_helper=best.in_helper,
        proven=True,
        by_value=best.has_values,
        edit=best.edit,
        edits=len(best.made),
        lines=best.lines,
        apart=best.apart,
        others=others,
        put_in=best.put_in,
        mended=None if best.has_values else best,
    )


def _in_order(lines: Sequence[int], order: Sequence[int]) -> list[float]:
    """Return the positions of lines in the order in which they are run, sorted."""
    return sorted(when_run(line, order) for line in lines)


MANY = 2
"""In how many lines an edit may do: if in more, one of them must be the most suspected line."""

TRIED = 3
"""How many edits of each line are tried on other cases."""


def _stands(trial: Trial, one: Edited) -> bool:
    """Whether an edit makes new cases right, and the check has nothing to say about the result."""
    exercise = trial.exercise
    if one.has_values:
        cases = fresh_cases(exercise)
        right = right_answers(exercise, cases)
        tries = _Tries(exercise, one.editor, cases, right)
        with suppress(TimeIsUp), time_limit(SECONDS), contained(), quiet(io.StringIO()):
            return all(tries.share(one, i) == 1 for i in range(len(cases)))
        return False
    function = one.build()
    if function is None:
        return False
    again = Trial.run(exercise, Here(function), fresh_cases(exercise))
    return again.all_right() and diagnose(again) is None


@lru_cache(maxsize=8)
def fresh_cases(exercise: Exercise[Any]) -> Sequence[Case]:
    """Return cases that play no part in the choice of an edit."""
    return exercise.cases(generator(exercise, "proof"))


OPEN, FILLED = "open ", 0.836429175
"""The prefix of the name of an array that is put in filled with one number, and that number: it
shows which entries are never written."""


class _Tries:
    """Cases on which edits are tried, with the right answer to each."""

    def __init__(
        self,
        exercise: Exercise[Any],
        editor: Editor,
        cases: Sequence[Case],
        right: Sequence[tuple[np.ndarray, ...]],
    ):
        self.exercise, self.cases, self.right = exercise, cases, right
        self.editor = editor
        self.given = [list(case.arguments(exercise.arguments).values()) for case in cases]
        self._values: dict[int, Mapping[str, np.ndarray]] = {}
        self._shares: list[dict[int, float]] = [{} for _ in cases]

    def values(self, i: int) -> Mapping[str, np.ndarray]:
        """Return the quantities of a case that may be put in, by name."""
        if i not in self._values:
            self._values[i] = values(self.exercise, self.cases[i])
        return self._values[i]

    def _value(self, which: str, i: int) -> np.ndarray:
        if which.startswith(OPEN):
            return np.full(self.editor.shapes[0][which.removeprefix(OPEN)], FILLED)
        return self.values(i)[which].copy()

    def share(self, one: Edited, i: int, elsewhere: bool = True) -> float:
        """Return the share of the answer to a case that is right; −1 if the function raises."""
        right = self.right[i]
        try:
            arrays = self._arrays(one, i, elsewhere)
        except Exception:
            return -1.0
        if arrays is None or len(arrays) != len(right):
            return 0.0
        came = hash(tuple((a.dtype.char, a.shape, a.tobytes()) for a in arrays))
        if came not in self._shares[i]:  # many edits give the same answer
            self._shares[i][came] = self._share_of(arrays, right)
        return self._shares[i][came]

    def _share_of(self, arrays: Sequence[np.ndarray], right: Sequence[np.ndarray]) -> float:
        pairs = zip(arrays, right, strict=True)
        shares = [_share(a, b, self.exercise.rtol) for a, b in pairs if a.shape == b.shape]
        return sum(0.1 + 0.9 * share for share in shares) / len(right) if shares else 0.05

    def wrong(self, i: int) -> list[int]:
        """Return which arrays of the answer to a case are wrong without an edit."""
        right = self.right[i]
        try:
            arrays = self._arrays(Edited(self.editor), i, True)
        except Exception:
            arrays = None
        if arrays is None or len(arrays) != len(right):
            return list(range(len(right)))
        return [
            n
            for n, (a, b) in enumerate(zip(arrays, right, strict=True))
            if a.shape != b.shape or not right_entries(a, b, self.exercise.rtol).all()
        ]

    def never_written(self, one: Edited, i: int) -> bool:
        """Whether all wrong entries still hold the number that ``one`` fills the array with."""
        try:
            now, put = (self._arrays(edited, i, False) for edited in (Edited(self.editor), one))
        except Exception:
            return False
        if not (now and put) or len(now) != len(put):
            return False
        rows = list(zip(now, put, self.right[i], strict=False))
        return all(a.shape == b.shape == c.shape for a, b, c in rows) and all(
            ((b == FILLED) | right_entries(a, c, self.exercise.rtol)).all() for a, b, c in rows
        )

    def answer(self, one: Edited, i: int) -> bytes:
        """Return the numbers of the answer to a case as bytes, for comparison."""
        try:
            arrays = self._arrays(one, i, False) or ()
        except Exception:
            return b""
        return b"".join(np.round(array, 9).tobytes() for array in arrays)

    def _arrays(self, one: Edited, i: int, elsewhere: bool) -> tuple[np.ndarray, ...] | None:
        if one.has_values:
            self.editor.value = lambda which: self._value(which, i)
        return one.arrays(self.given[i], self.exercise.forms(self.cases[i]), elsewhere)


class _Known:
    """Which names of a function hold quantities of the derivation at the end of a run."""

    def __init__(self, tries: _Tries, i: int):
        self._given, self._editor = tries.given[i], tries.editor
        self._vocabulary = Vocabulary(quantities(tries.exercise, tries.cases[i]))

    def nearer(self, edits: Iterable[Edited], parts: bool) -> list[Edited]:
        """Return the edits that make more values right, the most first.

        The values are those of names; with ``parts``, those of sub-expressions.
        """
        before = self._good(Edited(self._editor), parts)
        found = [(self._good(one, parts) - before, one) for one in edits]
        found.sort(key=lambda row: (-len(row[0]), row[1].cost))
        return [one for good, one in found if good]

    def _good(self, one: Edited, parts: bool) -> frozenset[str]:
        """Return the names whose last value is a quantity that a right way has."""
        ends = one.ends(self._given, parts)
        return frozenset(name for name, value in ends.items() if self._is_good(value))

    def _is_good(self, value: Any) -> bool:
        if not isinstance(value, (np.ndarray, float)) or np.size(value) > MOST_NUMBERS:
            return False
        array = np.asarray(value)
        if array.dtype.kind != "f" or is_plain(array):
            return False
        return any(not match.quantity.fault for match in self._vocabulary.matches(array))


MOST_NUMBERS = 10_000
"""A value with more numbers is not looked at."""


def _share(came: np.ndarray, right: np.ndarray, rtol: float) -> float:
    """Return the share of an array that is right; at least a half if only one factor is wrong."""
    if not right.size:
        return 1.0
    share = np.count_nonzero(right_entries(came, right, rtol)) / right.size
    return max(share, 0.5) if share < 0.5 and _is_scaled(came, right) else share


def _is_scaled(came: np.ndarray, right: np.ndarray) -> bool:
    """Whether an array is the right one times a number; if it is small, times a simple number."""
    size = float(np.vdot(right, right))
    factor = float(np.vdot(right, came)) / size if size else 0.0
    if not factor or not np.isfinite(factor):
        return False
    if right.size < MANY_NUMBERS and abs(factor) not in SIMPLE:
        factor = min((by for s in SIMPLE for by in (s, -s)), key=lambda by: abs(by - factor))
    return bool(np.abs(came - factor * right).max() <= NEAR * abs(factor) * np.abs(right).max())


MANY_NUMBERS = 3
"""If one factor makes at least this many numbers right, that is not by chance."""

SIMPLE, NEAR = (0.5, 1.0, 2.0), 1e-4


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause garbage collection: it doubles the time, and none of the many trees is garbage."""
    was = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was:
            gc.enable()


class _Search:
    """The search for the edits of a function that make it right in all cases of a trial."""

    def __init__(self, trial: Trial, editor: Editor, suspicion: Suspicion, spent: float):
        self._editor, self._suspicion = editor, suspicion
        cases = trial.cases
        self._tries = _Tries(trial.exercise, editor, cases, trial.references)
        wrong = [i for i in range(len(cases)) if not trial.right(i)]
        sizes = [size_of(given, np.inf) for given in self._tries.given]
        enough = 2 * min((sizes[i] for i in wrong if not cases[i].special), default=0)
        # the first ordinary case that is small enough: it tells axes apart, the smallest may not
        wrong.sort(key=lambda i: (cases[i].special, 0 if sizes[i] <= enough else sizes[i]))
        self._first = wrong[0] if wrong else 0
        others = sorted(range(len(cases)), key=lambda i: sizes[i])  # a wrong edit soon fails
        self._others = [i for i in others if i != self._first]
        self._small = [i for i in self._others if i in wrong][:SMALLEST]
        self._until = process_time() + SECONDS - spent

    def found(self) -> list[Edited]:
        """Return the smallest edits that make all right; pairs if no single edit does."""
        every = self._made(self._editor.edits(self._tries.given[self._first]), MADE)
        self._before = self._share(Edited(self._editor))
        self._better: list[tuple[float, Edited]] = []
        self._shares: dict[Edited, float] = {}
        return (
            self._alone_in_turn(every, ALONE)
            or self._alone_in_turn(self._made(self._editor.missing(), ALONE), MISSING)
            or self._by_value()
            or self._pairs(every)
        )

    def _made(self, edits: Iterable[Edited], share_of_time: float) -> list[Edited]:
        """Return the edits that can be made in time, the smallest first."""
        with _uncollected():
            in_time = self._in_time(edits, share_of_time)
            every = sorted(islice(in_time, MOST), key=lambda e: e.cost)
            _ = every and every[0].is_switched  # this compiles them all
        return every

    def _alone_in_turn(self, every: Sequence[Edited], share_of_time: float) -> list[Edited]:
        """Try edits alone; those that change a right line come last."""
        beside = [one for one in every if self._is_of_what_is_right(one)]
        wrong = [one for one in every if not self._is_of_what_is_right(one)]
        return self._alone(wrong, share_of_time) or self._alone(beside, share_of_time)

    def _alone(self, edits: Sequence[Edited], share_of_time: float) -> list[Edited]:
        """Return the smallest of the edits that make all right."""
        found: list[Edited] = []
        for one in edits:
            if (found and one.cost > found[0].cost) or self._is_late(share_of_time):
                break
            share = self._shares[one] = self._share(one)
            if share == 1 and self._right_elsewhere(one):
                found.append(one)
            elif share > self._before:
                self._better.append((share, one))
        return found

    def _is_of_what_is_right(self, one: Edited) -> bool:
        return self._suspicion.is_of_what_is_right(one.edit, one.lines[0])

    def _by_value(self) -> list[Edited]:
        """Put right values into the function in turn; return the first place where one does."""
        right_values = distinct_values(self._tries.values(self._first))
        right, wrong = self._tries.right[self._first], self._tries.wrong(self._first)
        origins = self._suspicion.origins
        left_out = {
            write.name
            for n, write, with_value in self._editor.writes()
            if n == 0 and write.makes and write.name in self._editor.shapes[0]
            if self._tries.never_written(with_value(f"{OPEN}{write.name}", 0), self._first)
        }
        found: list[tuple[list[int], Edited]] = []
        for n, write, with_value in self._editor.writes():
            if self._suspicion.is_wrong_before(write.first, write.last):
                continue
            at = next((line for line in origins if write.first <= line <= write.last), 0)
            shape = self._editor.shapes[n].get(write.name)
            filled = not write.is_only_made and write.name not in left_out
            for which, value in right_values.items():
                if self._is_late(BY_VALUE):
                    break
                if n == 0 and filled and is_all_that_is_wrong(value, right, wrong):
                    continue
                one = with_value(which, at)
                share = self._share(one)
                if share == 1 and self._right_elsewhere(one):
                    found.append((self._suspicion.when(write.first, write.last), one))
                    break
                if share > self._before or (at and at == origins[0] and shape == value.shape):
                    self._better.append((share, one))
        return [min(found, key=lambda f: f[0])[1]] if found else []

    def _pairs(self, every: Sequence[Edited]) -> list[Edited]:
        """Try two edits at once: first with promising ones, then any two, the smallest first."""
        small = [one for one in every if one.cost <= IN_PAIRS]
        # an edit that raises alone also raises in a pair, unless the function raises without it
        raises = {one for one in small if self._shares.get(one, 0.0) < 0 <= self._before}
        goes = [one for one in small if one not in raises]
        likely = [one for one in goes if one.cost <= LIKELY]
        promising: dict[Edited, None] = {}
        for first in self._promising(goes):
            if first not in promising:
                promising[first] = None
                if found := self._second(first, likely):
                    return found
        for seconds in (
            [one for one in goes if one.cost > LIKELY],
            [one for one in small if one in raises],
        ):
            for first in promising:
                if found := self._second(first, seconds):
                    return found
        return self._any_two(goes)

    def _promising(self, small: Sequence[Edited]) -> Iterator[Edited]:
        """Yield edits that make more of the answer right, or a value where it is first wrong."""
        better = sorted(
            (one for one in self._better if one[1].cost <= IN_PAIRS or one[1].has_values),
            key=lambda found: (-found[0], found[1].cost, found[1].size),
        )
        best = self._once_each((one for _, one in better), PROMISING, self._first)
        yield from best[:FEW]
        for i in self._small:
            if not self._is_late():
                yield from self._once_each(self._better_in(i, small), FEW, i, self._first)
        if self._is_late():
            return
        known = _Known(self._tries, self._first)
        origins = self._suspicion.origins[:1] or self._suspicion.lines[:1]
        there = [one for one in small if one.lines[0] in origins]
        nearer = known.nearer(self._in_time(there), parts=False) or known.nearer(
            self._in_time(there), parts=True
        )
        nearer = [one for one in nearer[:PROMISING] if self._share(one) >= 0]
        yield from self._once_each(nearer, PROMISING, self._first)
        yield from best[FEW:]

    def _better_in(self, i: int, small: Sequence[Edited]) -> list[Edited]:
        """Return the edits that make more of the answer to another case right, the best first."""
        before = self._tries.share(Edited(self._editor), i)
        likely = self._in_time(one for one in small if one.cost <= LIKELY)
        shares = [(self._tries.share(one, i), one) for one in likely]
        better = [found for found in shares if found[0] > before]
        better.sort(key=lambda found: (-found[0], found[1].cost, found[1].size))
        return [one for _, one in better]

    def _once_each(self, edits: Iterable[Edited], most: int, *cases: int) -> list[Edited]:
        """Return up to ``most`` edits, without those whose answers to these cases came before."""
        found: dict[tuple[bytes, ...], Edited] = {}
        for one in edits:
            if len(found) == most:
                break
            found.setdefault(tuple(self._tries.answer(one, i) for i in cases), one)
        return list(found.values())

    def _second(self, first: Edited, seconds: Sequence[Edited]) -> list[Edited]:
        """Return the smallest edits that, together with a first one, make all right.

        Where two lines are changed, two edits in one line that are as small will do better.
        """
        pairs = [(second, first.and_(second)) for second in seconds]
        compiled = [pair for pair in pairs if not pair[1].is_switched]
        found = self._smallest([pair for pair in pairs if pair[1].is_switched])
        if not found:
            return self._smallest(compiled)
        if len(found[0].lines) == 1:
            return found
        within = [
            pair for pair in compiled if len(pair[1].lines) == 1 and pair[1].cost <= found[0].cost
        ]
        return self._smallest(within) or found

    def _smallest(self, pairs: Sequence[tuple[Edited, Edited]]) -> list[Edited]:
        """Return the smallest of pairs, each with its second edit, that make all right."""
        found: list[Edited] = []
        for second, both in pairs:
            if (found and both.cost > found[0].cost) or self._is_late():
                break
            if self._share(both) == 1 and self._right_elsewhere(both):
                if self._share(second) == 1 and self._right_elsewhere(second):
                    return [second]  # there was no time to try it alone
                found.append(both)
        return found

    def _any_two(self, small: Sequence[Edited]) -> list[Edited]:
        """Return the first two edits that together make all right; small ones are tried first."""
        told = [one for one in small if one.is_switched]
        for most in sorted({one.cost for one in told}):
            for n, second in enumerate(told):
                if second.cost > most:
                    break
                for first in told[:n]:
                    if self._is_late():
                        return []
                    if max(first.cost, second.cost) == most and first.lines != second.lines:
                        both = first.and_(second)
                        if self._share(both) == 1 and self._right_elsewhere(both):
                            return [both]
        return []

    def _in_time(self, edits: Iterable[Edited], share_of_time: float = 1.0) -> Iterator[Edited]:
        """Yield edits for as long as there is time."""
        return takewhile(lambda _: not self._is_late(share_of_time), edits)

    def _is_late(self, share_of_time: float = 1.0) -> bool:
        return process_time() > self._until - (1 - share_of_time) * SECONDS

    def _share(self, one: Edited) -> float:
        return self._tries.share(one, self._first, elsewhere=False)

    def _right_elsewhere(self, one: Edited) -> bool:
        return all(self._tries.share(one, i) == 1 for i in self._others)
