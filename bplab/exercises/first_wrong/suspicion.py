"""What a learner's function has reached, and which of its lines are suspected to be wrong.

It is run beside the derivation, on two cases: a value that is a quantity of it in both is good, and
one that is none is bad, if the answer is made of it. Where a bad value is made of good ones alone,
there is the first wrong place.
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
"""What may be wrong with a line that holds a right quantity: something of it is missing."""

CASES = 2
"""How many are looked at: what is the same in one alone may be so by chance."""

SAME = "hidden units in another order"
"""A case with the numbers of another one: it says nothing more."""

_MADE = re.compile(r"(\w+ *= *)?(\w+\.)?(empty|zeros|ones|full|eye|identity|arange)(_like)?\(")
"""What a text begins with that makes an array with nothing of a case in it."""

_CHOSEN = re.compile(r"\w+\[\w+\]")
"""An array by a mask, or by indices that are kept in another one."""


@dataclass(frozen=True)
class Reached:
    """A step of the derivation that a function has taken, and taken right.

    Attributes
    ----------
    place : Place
    what : str
        In words: ``"the output delta"``.
    subgoal : str
        Empty for what is on the way to one.
    """

    place: Place
    what: str
    subgoal: str = ""


@dataclass(frozen=True)
class Suspect:
    """A place whose value no right way has, or that may be wrong.

    Attributes
    ----------
    place : Place
    certain : bool
        Whether its value is none that a right way has, and is made of such as one has.
    """

    place: Place
    certain: bool = False


@dataclass(frozen=True)
class Suspicion:
    """What is seen when a function is run beside the derivation.

    Attributes
    ----------
    reached : tuple of Reached
        In the order in which it came.
    suspects : tuple of Suspect
        The most suspected first.
    order : tuple of int
        The lines in the order in which they are run first.
    origins : tuple of int
        The lines where a value that no right way has is made of such as one has.
    """

    reached: tuple[Reached, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    order: tuple[int, ...] = ()
    origins: tuple[int, ...] = ()

    @classmethod
    def of(cls, runs: "Sequence[Run]") -> "Suspicion":
        """Return what is seen in some runs of one function."""
        order = dict.fromkeys(step.place.line for run in runs[:1] for step in run.trace.steps)
        origins = tuple(dict.fromkeys(one.place.line for run in runs[:1] for one in _origins(run)))
        return cls(tuple(reached(runs)), tuple(_suspects(runs)), tuple(order), origins)

    def is_of_what_is_right(self, kind: str, line: int) -> bool:
        """Whether an edit changes a line that is right: then a later line undoes it.

        Not if it puts in what may be missing there.
        """
        return kind not in _PUT_IN and line in self.right

    @staticmethod
    def is_blind_to(kind: str) -> bool:
        """Whether nothing is seen of such a mistake: values are compared up to sign and factor."""
        return kind in _SCALES

    def deciding(self, kinds: Iterable[str]) -> Sequence[int]:
        """Return the line that decides among edits as small; none if nothing is seen of them."""
        return () if all(map(self.is_blind_to, kinds)) else self.lines[:1]

    def when(self, first: int, last: int) -> list[int]:
        """Return when the lines of a statement are run; of a loop's head that is not known."""
        return [n for n, line in enumerate(self.order) if first <= line <= last]

    def is_wrong_before(self, first: int, last: int) -> bool:
        """Whether a statement is run when something is wrong already."""
        before = self.order[: min(self.when(first, last), default=0)]
        return not set(before).isdisjoint(self.origins)

    @property
    def lines(self) -> tuple[int, ...]:
        """Return the lines that are suspected, in that order, each once."""
        return tuple(dict.fromkeys(one.place.line for one in self.suspects))

    @property
    def right(self) -> frozenset[int]:
        """Return the lines whose value is a quantity that has a name."""
        return frozenset(one.place.line for one in self.reached)


def suspect(trial: Trial) -> Suspicion | None:
    """Run a function that is not right beside the derivation; None if it cannot be read."""
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
    """Return cases in which it is wrong; of ordinary ones one more with numbers of its own."""
    wrong = [case for i, case in enumerate(trial.cases) if not trial.right(i)]
    ordinary = [case for case in wrong if not case.special and case.name != SAME]
    if not ordinary:
        return wrong[:CASES]
    other = trial.exercise.cases(generator(trial.exercise, "beside"))
    alike = [case for case in other if case.name == ordinary[0].name]
    return [*ordinary[:1], *(alike or ordinary[1:])[: CASES - 1]]


# --- one run ------------------------------------------------------------------------------


class Run:
    """A function on one case, and of each value whether the derivation has it.

    Attributes
    ----------
    trace : Trace
    matches : list of tuple of Match
        Of each step.
    bad : list of bool
        Of each step, whether no right way has its value.
    covered : bool
        Whether all that the derivation has on its way is known.
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
        """Run it; None if its text cannot be read."""
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
            return False  # a number that is written there
        if _CHOSEN.fullmatch(step.place.text):
            return False  # some entries of what has been looked at
        return not self._is_stack(value)

    def _is_stack(self, value: np.ndarray) -> bool:
        """Whether it is what the parts of the answer are put into, one behind the other."""
        for axis in {0, value.ndim - 1} if self._parts > 1 and value.ndim else ():
            if value.shape[axis] == self._parts and all(
                is_plain(one) or any(not m.quantity.fault for m in self._vocabulary.matches(one))
                for one in np.moveaxis(value, axis, 0)
            ):
                return True
        return False

    @property
    def ends(self) -> list[int]:
        """Return the last steps: what is returned; or what came just before an error."""
        steps = self.trace.steps
        if not steps:
            return []
        answer: Answer | None = self.trace.answer
        if answer is None or answer.raised is not None:
            used = {i for step in steps for i in step.inputs}
            return [i for i in range(len(steps)) if i not in used]
        return [i for i, step in enumerate(steps) if step.place.kind is Kind.RETURNED][-1:]

    def wrong_parts(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what came and what is right, where arrays of the answer are wrong."""
        arrays = (self.trace.answer and self.trace.answer.arrays) or ()
        for came, right in zip(arrays, self._right, strict=False):
            if came.shape != right.shape or not np.allclose(came, right, rtol=1e-9, atol=1e-12):
                yield came, right

    def finished(self, at: int) -> bool:
        """Whether a step is made of what is given, and of what needs nothing more."""
        steps = self.trace.steps
        left, place, seen = list(steps[at].inputs), steps[at].place, set()
        if place.function != self._function:
            return False  # whoever calls a helper may have called it with the wrong thing
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
        """Return the bad steps that the end is made of, and that are made of good ones alone."""
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
        """Of each step, whether it is bad, or is neither and made of one that is."""
        found: list[bool] = []
        for at, step in enumerate(self.trace.steps):
            bad = self.bad[at] or any(found[i] for i in step.inputs)
            found.append(bad and not self._good(at))
        return found


# --- what is reached ----------------------------------------------------------------------


def reached(runs: Sequence[Run]) -> Iterator[Reached]:
    """Yield the quantities that names are, in every case and every round, as they come."""
    said = set()
    for place, named in _named(runs).items():
        for words, subgoal in named:
            if words not in said:
                said.add(words)
                yield Reached(place, words, subgoal)


def _named(runs: Sequence[Run]) -> dict[Place, list[tuple[str, str]]]:
    """Return for each place what it is: one name, the same wherever it comes up."""
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
                    found[step.place] = names  # in the end
                else:
                    found[step.place] = found.get(step.place, names) & names
    return {place: list(names) for place, names in found.items() if len(names) == 1}


# --- what is suspected --------------------------------------------------------------------

FINISHED = (
    *("output delta", "hidden delta", "inputs with ones", "gradient", "answer", "Jacobian"),
    "pre-activations",
)
"""What the families of quantities begin with to which nothing has to be added or multiplied.

What comes next is then wrong by itself: of a residual nobody knows whether its slope was forgotten
where it was made, or where it is used.
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
    """Yield those of the first run whose places are suspected in all of them."""
    others = [{one.place: one for one in reversed(row)} for row in found]
    for one in found[0]:
        same = [other.get(one.place) for other in others]
        if all(same):
            yield replace(one, certain=all(o is not None and o.certain for o in same))


def _origins(run: Run) -> Iterator[Suspect]:
    """Yield where a bad value is made of good ones; not what is returned, if it only comes so."""
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
    """Yield where what is returned was made, if nothing on the way is bad."""
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
    """Yield where a factor comes in, if all that is wrong is one."""
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
    """Yield where the entries are stored that are wrong, those first that store no right one."""
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
    """Yield all other places, the last first."""
    for step in reversed(run.trace.steps):
        if step.place.kind is not Kind.GIVEN:
            yield Suspect(step.place)


def _is_known(run: Run, i: int) -> bool:
    """Whether a bad value is one of the known faults."""
    faults = {(m.quantity.words, m.quantity.fault) for m in run.matches[i] if m.quantity.fault}
    return len(faults) == 1
