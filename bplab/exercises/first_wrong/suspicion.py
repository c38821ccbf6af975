"""What a learner's function has reached, and which of its lines are suspected to be wrong.

The function is run on two cases, and its values are compared with the derivation. A value that is a
quantity of the derivation in both cases is good. One that is not, and that the answer is made of,
is bad. The first wrong place is where a bad value is made only of good ones.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from bplab.exercises.first_wrong.matching import Match, Vocabulary, is_plain
from bplab.exercises.first_wrong.quantities import quantities
from bplab.exercises.judging import Here, Trial, right_answers
from bplab.exercises.task import Case, Exercise, generator
from bplab.learner import Answer, EditKind, Kind, Place, Step, Trace, traced

__all__ = ["Reached", "Run", "Suspect", "Suspicion", "reached", "suspect"]

_SCALES = frozenset({str(EditKind.SIGN), str(EditKind.FACTOR)})

_PUT_IN = frozenset({str(EditKind.TERM), str(EditKind.SLOPE)})
"""Edits that may mend a line which holds a right quantity: they add something that is missing."""

CASES = 2
"""How many cases are looked at: two values may be equal in one case by chance."""

SAME = "hidden units in another order"
"""The name of a case with the same numbers as another one: it says nothing more."""

_MADE = re.compile(r"(\w+ *= *)?(\w+\.)?(empty|zeros|ones|full|eye|identity|arange)(_like)?\(")
"""The beginning of code that makes an array without any numbers of the case."""

_CHOSEN = re.compile(r"\w+\[\w+\]")
"""An array indexed by a name: by a mask, or by an array of indices."""


@dataclass(frozen=True)
class Reached:
    """A step of the derivation that a function has done right.

    Attributes
    ----------
    place : Place
    what : str
        The step's result in words: ``"the output delta"``.
    subgoal : str
        The step; empty for a quantity on the way to one.
    """

    place: Place
    what: str
    subgoal: str = ""


@dataclass(frozen=True)
class Suspect:
    """A place that may be wrong.

    Attributes
    ----------
    place : Place
    certain : bool
        Whether no right way has its value, although it is made of values that a right way has.
    """

    place: Place
    certain: bool = False


@dataclass(frozen=True)
class Suspicion:
    """What a comparison of a function's values with the derivation shows.

    Attributes
    ----------
    reached : tuple of Reached
        The right steps, in the order in which they are done.
    suspects : tuple of Suspect
        The most suspected first.
    order : tuple of int
        The lines in the order in which they are first run.
    origins : tuple of int
        The lines where a bad value is made only of good ones.
    """

    reached: tuple[Reached, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    order: tuple[int, ...] = ()
    origins: tuple[int, ...] = ()

    @classmethod
    def of(cls, runs: "Sequence[Run]") -> "Suspicion":
        """Return what some runs of one function show."""
        order = dict.fromkeys(step.place.line for run in runs[:1] for step in run.trace.steps)
        origins = tuple(dict.fromkeys(one.place.line for run in runs[:1] for one in _origins(run)))
        return cls(tuple(reached(runs)), tuple(_suspects(runs)), tuple(order), origins)

    def is_of_what_is_right(self, kind: str, line: int) -> bool:
        """Whether an edit changes a line that is right, and so must undo a mistake made elsewhere.

        False for edits that put in what may be missing from a right quantity.
        """
        return kind not in _PUT_IN and line in self.right

    @staticmethod
    def is_blind_to(kind: str) -> bool:
        """Whether the comparison cannot show such a mistake, as it ignores sign and factor."""
        return kind in _SCALES

    def deciding(self, kinds: Iterable[str]) -> Sequence[int]:
        """Return the line that decides among equally small edits; none if it cannot show them."""
        return () if all(map(self.is_blind_to, kinds)) else self.lines[:1]

    def when(self, first: int, last: int) -> list[int]:
        """Return the positions of a statement's lines in the order of running.

        A loop's head has none.
        """
        return [n for n, line in enumerate(self.order) if first <= line <= last]

    def is_wrong_before(self, first: int, last: int) -> bool:
        """Whether something is already wrong when a statement is first run."""
        before = self.order[: min(self.when(first, last), default=0)]
        return not set(before).isdisjoint(self.origins)

    @property
    def lines(self) -> tuple[int, ...]:
        """Return the suspected lines, the most suspected first, each once."""
        return tuple(dict.fromkeys(one.place.line for one in self.suspects))

    @property
    def right(self) -> frozenset[int]:
        """Return the lines whose value is a named quantity."""
        return frozenset(one.place.line for one in self.reached)


def suspect(trial: Trial) -> Suspicion | None:
    """Compare a function that is not right with the derivation; None if it cannot be read."""
    if not isinstance(trial.learner, Here):
        return None
    runs = []
    for case in _cases(trial):
        run = Run.of(trial.exercise, trial.learner, case)
        if run is None:
            return None
        runs.append(run)
    return Suspicion.of(runs)


def _cases(trial: Trial) -> list[Case]:
    """Return cases in which the function is wrong.

    The first is an ordinary one if there is one; then the second is of the same kind with other
    numbers, if there is such a case.
    """
    wrong = [case for i, case in enumerate(trial.cases) if not trial.right(i)]
    ordinary = [case for case in wrong if not case.special and case.name != SAME]
    if not ordinary:
        return wrong[:CASES]
    other = trial.exercise.cases(generator(trial.exercise, "beside"))
    alike = [case for case in other if case.name == ordinary[0].name]
    return [*ordinary[:1], *(alike or ordinary[1:])[: CASES - 1]]


# --- one run ------------------------------------------------------------------------------


class Run:
    """A run of a function on one case, and for each value whether the derivation has it.

    Attributes
    ----------
    trace : Trace
    matches : list of tuple of Match
        For each step, the quantities that its value equals.
    bad : list of bool
        For each step, whether no right way has its value.
    covered : bool
        Whether all quantities that a right way may compute are known.
    """

    def __init__(self, exercise: Exercise[Any], function: str, case: Case, trace: Trace):
        self.trace = trace
        self._function = function
        rate = getattr(case, "gamma", 1.0) if "gamma" in exercise.arguments else 1.0
        self._vocabulary = Vocabulary(quantities(exercise, case), rate)
        self._parts = len(exercise.parts)
        self._right = right_answers(exercise, [case])[0]
        self.covered = hasattr(getattr(case, "network", case), "delta") and not exercise.moves
        self.matches = [self._matched(step) for step in trace.steps]
        self.bad = [
            self._is_bad(step, m) for step, m in zip(trace.steps, self.matches, strict=True)
        ]

    @classmethod
    def of(cls, exercise: Exercise[Any], learner: Here, case: Case) -> "Run | None":
        """Run a learner's function on a case; None if its text cannot be read."""
        given = case.arguments(exercise.arguments)
        trace = traced(learner.function, given, exercise.forms(case))
        return None if trace is None else cls(exercise, learner.function.__name__, case, trace)

    def _matched(self, step: Step) -> tuple[Match, ...]:
        if step.value is None or is_plain(step.value):
            return ()
        return self._vocabulary.matches(step.value)

    def _is_bad(self, step: Step, matches: Sequence[Match]) -> bool:
        kind, value = step.place.kind, step.value
        if value is None or is_plain(value) or kind in (Kind.GIVEN, Kind.FILLED):
            return False
        if any(not match.quantity.fault for match in matches) or _MADE.match(step.place.text):
            return False
        if not step.place.names and not step.place.parts:
            return False  # a literal number
        if _CHOSEN.fullmatch(step.place.text):
            return False  # some entries of an array that is judged itself
        return not self._is_stack(value)

    def _is_stack(self, value: np.ndarray) -> bool:
        """Whether a value is the parts of the answer, stacked in one array."""
        for axis in {0, value.ndim - 1} if self._parts > 1 and value.ndim else ():
            if value.shape[axis] == self._parts and all(
                is_plain(one) or any(not m.quantity.fault for m in self._vocabulary.matches(one))
                for one in np.moveaxis(value, axis, 0)
            ):
                return True
        return False

    @property
    def ends(self) -> list[int]:
        """Return the indices of the last steps: what is returned, or what comes before an error."""
        steps = self.trace.steps
        if not steps:
            return []
        answer: Answer | None = self.trace.answer
        if answer is None or answer.raised is not None:
            used = {i for step in steps for i in step.inputs}
            return [i for i in range(len(steps)) if i not in used]
        return [i for i, step in enumerate(steps) if step.place.kind is Kind.RETURNED][-1:]

    def wrong_parts(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield each wrong array of the answer, with the right one."""
        arrays = (self.trace.answer and self.trace.answer.arrays) or ()
        for came, right in zip(arrays, self._right, strict=False):
            if came.shape != right.shape or not np.allclose(came, right, rtol=1e-9, atol=1e-12):
                yield came, right

    def finished(self, at: int) -> bool:
        """Whether a step is made only of what is given, and of quantities that are `FINISHED`."""
        steps = self.trace.steps
        left, place, seen = list(steps[at].inputs), steps[at].place, set()
        if place.function != self._function:
            return False  # a helper may have been called with the wrong arguments
        while left:
            one = left.pop()
            if one in seen:
                continue
            seen.add(one)
            step = steps[one]
            if step.place.kind is Kind.RETURNED:
                return False
            if step.place.kind is Kind.ASSIGNED and self._good(one):
                if not any(
                    m.factor == 1 and m.quantity.family.startswith(FINISHED)
                    for m in self.matches[one]
                ):
                    return False
            elif step.place.line != place.line and not (step.value is None or is_plain(step.value)):
                return False
            else:
                left += step.inputs
        return True

    def origins(self) -> list[int]:
        """Return the bad steps that the answer is made of, and that are made only of good ones."""
        steps, found, seen = self.trace.steps, [], set()
        left = list(self.ends)
        while left:
            at = left.pop()
            if at in seen:
                continue
            seen.add(at)
            if self._good(at):
                continue
            left += steps[at].inputs
            if self.bad[at] and not any(self._leads_to_bad[i] for i in steps[at].inputs):
                found.append(at)
        return sorted(found)

    def _good(self, at: int) -> bool:
        return any(not match.quantity.fault for match in self.matches[at])

    @cached_property
    def _leads_to_bad(self) -> list[bool]:
        """For each step, whether it is bad, or not good and made of such a step."""
        found: list[bool] = []
        for at, step in enumerate(self.trace.steps):
            bad = self.bad[at] or any(found[i] for i in step.inputs)
            found.append(bad and not self._good(at))
        return found


# --- what is reached ----------------------------------------------------------------------


def reached(runs: Sequence[Run]) -> Iterator[Reached]:
    """Yield the quantities that names hold in every case and every round, in order."""
    said = set()
    for place, named in _named(runs).items():
        for words, subgoal in named:
            if words not in said:
                said.add(words)
                yield Reached(place, words, subgoal)


def _named(runs: Sequence[Run]) -> dict[Place, list[tuple[str, str]]]:
    """Return, for each place, the one named quantity that it holds every time it is run."""
    found: dict[Place, set[tuple[str, str]]] = {}
    for run in runs:
        for step, matches in zip(run.trace.steps, run.matches, strict=True):
            if step.place.kind in (Kind.ASSIGNED, Kind.RETURNED, Kind.FILLED):
                names = {
                    (m.quantity.words, m.quantity.subgoal)
                    for m in matches
                    if m.factor == 1 and not m.quantity.fault and m.quantity.words
                }
                if step.place.kind is Kind.FILLED:
                    found[step.place] = names  # only the last value counts
                else:
                    found[step.place] = found.get(step.place, names) & names
    return {place: list(names) for place, names in found.items() if len(names) == 1}


# --- what is suspected --------------------------------------------------------------------

FINISHED = (
    *("output delta", "hidden delta", "inputs with ones", "gradient", "answer", "Jacobian"),
    "pre-activations",
)
"""The beginnings of the families of quantities that are complete: no factor or term is due to them.

If such a quantity is right, a wrong step after it is wrong by itself. For a residual that is not
known: its slope may have been forgotten where it was made, or where it is used.
"""


def _suspects(runs: Sequence[Run]) -> Iterator[Suspect]:
    """Yield places, the most suspected first."""
    if not runs:
        return
    yielded: set[Place] = set()
    for suspects in (
        _everywhere([list(_origins(run)) for run in runs]),
        *map(_origins, runs),
        *(_at_the_end(run) for run in runs),
        _others(runs[0]),
    ):
        for one in suspects:
            if one.place not in yielded:
                yielded.add(one.place)
                yield one


def _everywhere(found: Sequence[Sequence[Suspect]]) -> Iterator[Suspect]:
    """Yield the suspects of the first run whose places are suspected in all runs."""
    others = [{one.place: one for one in reversed(row)} for row in found]
    for one in found[0]:
        same = [other.get(one.place) for other in others]
        if all(same):
            yield replace(one, certain=all(o is not None and o.certain for o in same))


def _origins(run: Run) -> Iterator[Suspect]:
    """Yield the places where a bad value is made of good ones, and where an error was raised.

    A return is not yielded.
    """
    for at in run.origins():
        step = run.trace.steps[at]
        if step.place.kind is not Kind.RETURNED:
            certain = run.covered and (_is_known(run, at) or run.finished(at))
            yield Suspect(step.place, certain)
    raised = run.trace.answer and run.trace.answer.raised
    if raised and raised.where:
        line, _, text = raised.where.partition(": ")
        number = int(line.removeprefix("line "))
        yield Suspect(Place("", Kind.PART, number, 0, number, len(text), text))


def _at_the_end(run: Run) -> Iterator[Suspect]:
    """Yield the places where a wrong array that is returned was made."""
    steps = run.trace.steps
    for came, right in run.wrong_parts():
        born = [
            i
            for i, step in enumerate(steps)
            if step.value is not None
            and step.value.shape == came.shape
            and np.array_equal(step.value, came, equal_nan=True)
        ]
        yield from _scaled(run, came, right)
        if not born:
            continue
        if steps[born[0]].place.kind is Kind.FILLED:
            yield from _entries(run, steps[born[0]].place.name, came, right)
        yield from (Suspect(steps[i].place) for i in born)


def _scaled(run: Run, came: np.ndarray, right: np.ndarray) -> Iterator[Suspect]:
    """Yield the places where a factor comes in, if only one factor is wrong."""
    if came.shape != right.shape or not right.any():
        return
    factor = float(np.vdot(right, came) / np.vdot(right, right))
    if factor in (0, 1) or not np.allclose(came, factor * right, rtol=1e-9, atol=1e-12):
        return
    for step, matches in zip(run.trace.steps, run.matches, strict=True):
        named = [m for m in matches if m.quantity.subgoal and not m.quantity.fault]
        late = [m for m in named if m.quantity.family not in ("residual", "outputs of a layer")]
        if late and all(np.isclose(m.factor, factor) for m in late):
            yield Suspect(step.place)


def _entries(run: Run, name: str, came: np.ndarray, right: np.ndarray) -> Iterator[Suspect]:
    """Yield the places where wrong entries are stored, those first that store no right ones."""
    if came.shape != right.shape:
        return
    wrong = ~np.isclose(came, right, rtol=1e-9, atol=1e-12)
    counts: dict[Place, list[int]] = {}
    for step, after in pairwise(run.trace.steps):
        if step.place.kind is not Kind.ENTRY or after.place.name != name or not step.index:
            continue
        index = step.index
        if all(-n <= i < n for i, n in zip(index, wrong.shape, strict=False)):
            there = wrong[index[: wrong.ndim]]
            count = counts.setdefault(step.place, [0, 0])
            count[0] += int(np.any(there))
            count[1] += 1
    for place in sorted(counts, key=lambda p: -counts[p][0] / counts[p][1]):
        if counts[place][0]:
            yield Suspect(place)


def _others(run: Run) -> Iterator[Suspect]:
    """Yield all places, the last first, except variables of loops and arguments of helpers."""
    for step in reversed(run.trace.steps):
        if step.place.kind is not Kind.GIVEN:
            yield Suspect(step.place)


def _is_known(run: Run, i: int) -> bool:
    """Whether a bad value has exactly one known fault; see `Quantity`."""
    faults = {(m.quantity.words, m.quantity.fault) for m in run.matches[i] if m.quantity.fault}
    return len(faults) == 1
