"""What the cases in which an answer is right have in common, or those in which it is wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from bplab.errors import InputError
from bplab.exercises.judging.conditions import (
    Condition,
    at_least,
    at_most,
    beyond,
    candidates,
    reaches,
    thresholds,
    within,
)
from bplab.exercises.judging.trial import known_answers, unwarned
from bplab.exercises.task import FAR, Case, Exercise

DRAWS, VARIED, MOST = 3, 2, 4
"""How many more draws are tried, how many cases varied, and how many conditions named at most."""

SUPPORT = 2
"""If one of two conditions must hold, each must do so alone in at least this many cases."""

PAIRS = 4
"""How many pairs of conditions are tried, at most."""

NEAR = 1.01
"""The ratio to within which a limit is found."""

Ask = Callable[[Sequence[Case]], Sequence[bool]]


def set_apart(
    exercise: Exercise[Any], cases: Sequence[Case], right: Sequence[bool], ask: Ask
) -> str:
    """Say where an answer is right, if that is in less than half of the cases; else where wrong.

    What a dozen cases have in common may be chance. So the condition must fit other draws of the
    cases too. It is also put into cases without it, and taken out of cases with it, while all else
    stays the same: the answer must turn right or wrong each time. A condition that cannot be tried
    in this way is not named.

    Parameters
    ----------
    exercise : Exercise
    cases : sequence of Case
    right : sequence of bool
        For each case, whether the answer is right; both occur.
    ask : callable
        Takes further cases, and returns for each whether the answer is right.

    Returns
    -------
    str
        ``"only where N = 1"``: a condition that holds in all of these cases and in no other. Else
        two conditions, at least one of which holds in each of these cases, and neither in any
        other. An empty string if nothing of that kind is found.
    """
    few = 2 * sum(right) < len(right)
    seen = _Seen(exercise, ask, few)
    seen.add(cases, [r is few for r in right])
    further = _further(exercise, cases)
    for start in range(0, len(further), len(cases)):
        if not seen.may_be_decided():
            return ""  # more cases would not change that
        seen.ask(further[start : start + len(cases)])  # in small lots, as each may take its time
    if not seen.may_be_decided():
        return ""
    with unwarned():
        return seen.verdict()


@dataclass
class _Seen:
    """All cases tried so far, and which of them are chosen.

    Chosen are the cases to be described: the right ones if ``few`` is true, else the wrong ones.
    """

    exercise: Exercise[Any]
    of: Ask
    few: bool

    def __post_init__(self) -> None:
        self.cases: list[Case] = []
        self.chosen: list[bool] = []

    def add(self, cases: Sequence[Case], chosen: Sequence[bool]) -> None:
        self.cases += cases
        self.chosen += chosen

    def ask(self, cases: Sequence[Case]) -> list[bool]:
        """Try more cases, keep the results, and return for each whether it is chosen."""
        came = [r is self.few for r in self.of(cases)] if cases else []
        self.add(cases, came)
        return came

    def holds(self, condition: Condition) -> list[bool]:
        return [condition.holds(self.exercise, case) for case in self.cases]

    def may_be_decided(self) -> bool:
        """Whether some condition, or pair of them, may still hold in just the chosen cases."""
        every, plain = candidates(self.exercise, self.cases, self.chosen)
        return bool(
            every or thresholds(self.cases, self.chosen) or self._reaches() or self._pairs(plain)
        )

    def verdict(self) -> str:
        every, plain = candidates(self.exercise, self.cases, self.chosen)
        pairs = self._pairs(plain)
        limits = thresholds(self.cases, self.chosen)
        own, hosts = self._some(True), self._some(False)
        far = [*filter(None, (self._reach(*one) for one in self._reaches()))]
        singles = [*filter(None, (self._limit(*one) for one in limits)), *far, *every]
        tried = [one for one in singles if self._tried(one, own, hosts)]
        alone = [one for one in tried if self.holds(one) == self.chosen]
        if known := {one.says.partition(" ")[0] for one in far if one in alone}:
            # if the limit of an array is known, a rougher one is not named
            rough = {f"{name} has entries beyond ±{FAR:g}" for name in known}
            alone = [one for one in alone if one.says not in rough]
        if len({one.of_sizes for one in alone}) > 1:
            return ""  # sizes and something else: which of them decides was not seen
        if alone:
            return f"only where {_all_of(alone)}"
        for one, other in pairs[:PAIRS]:
            if self._either(one, other, hosts):
                return f"only where {one.says} or where {other.says}"
        return ""

    def _some(self, chosen: bool) -> list[Case]:
        """Return a few cases that are, or are not, chosen: the first and the last ordinary one.

        If none is ordinary, special ones are taken.
        """
        found = [case for case, c in zip(self.cases, self.chosen, strict=True) if c is chosen]
        ordinary = [case for case in found if not case.special] or found
        return [ordinary[0], *ordinary[1:][-1:]][:VARIED]

    def _tried(self, condition: Condition, own: Sequence[Case], hosts: Sequence[Case]) -> bool:
        """Whether the answer turns when a condition is taken out of cases, or put into others.

        False also if one of the two could not be tried.
        """
        return self._as_said(
            lambda case: condition.holds(self.exercise, case),
            [c for case in own for c in self._made(condition.taken(case))],
            [c for case in hosts for c in self._made(condition.put(case))],
        )

    def _as_said(
        self, holds: Callable[[Case], bool], without: Sequence[Case], within: Sequence[Case]
    ) -> bool:
        """Whether the cases in which something holds are just those that turn out to be chosen.

        False also if it holds in all of ``without``, or in none of ``within``.
        """
        off, on = [*map(holds, without)], [*map(holds, within)]
        return not all(off) and any(on) and self.ask([*without, *within]) == [*off, *on]

    def _made(self, cases: Iterable[Case | None]) -> Iterator[Case]:
        """Yield the cases that could be made, and that have a right answer."""
        for case in cases:
            with suppress(InputError):
                if case is not None and known_answers(self.exercise, case).right is not None:
                    yield case

    def _limit(self, letter: str, case: Case, beyond: int) -> Condition | None:
        """Find the size at which the answer turns, between that of a case and ``beyond``.

        None if it does not turn.
        """

        def same(size: int) -> bool:
            made = [*self._made([case.resized(**{letter: size})])]
            return bool(made) and self.ask(made)[0]

        size = case.measures[letter]
        if same(beyond):
            return None  # the size does not decide it
        while abs(size - beyond) > 1:
            between = (size + beyond) // 2
            if same(between):
                size = between
            else:
                beyond = between
        return at_least(letter, size) if size > beyond else at_most(letter, size)

    def _reaches(self) -> list[tuple[str, int, Case, float]]:
        return reaches(self.exercise, self.cases, self.chosen)

    def _reach(self, name: str, side: int, case: Case, far: float) -> Condition | None:
        """Find the limit at which the answer turns, between the reach of a case and ``far``.

        None if it does not turn.
        """

        def same(limit: float) -> bool:
            made = [*self._made([within(case, name, side, limit)])]
            return bool(made) and self.ask(made)[0]

        limit = known_answers(self.exercise, case).reaches[name][side]
        if same(far) or not same(limit):
            return None
        while limit > NEAR * far:
            between = float(np.sqrt(limit * far))
            if same(between):
                limit = between
            else:
                far = between
        return beyond(name, side, far, float(np.sqrt(limit * far)))

    def _pairs(self, plain: Sequence[Condition]) -> list[tuple[Condition, Condition]]:
        """Return the pairs of conditions of which at least one holds in just the chosen cases."""
        held = {one.says: self.holds(one) for one in plain}
        found = []
        for one, other in combinations(plain, 2):
            both = list(zip(held[one.says], held[other.says], strict=True))
            enough = min(sum(a and not b for a, b in both), sum(b and not a for a, b in both))
            if enough and [a or b for a, b in both] == self.chosen:
                found.append((one, other))
        return found

    def _either(self, one: Condition, other: Condition, hosts: Sequence[Case]) -> bool:
        """Whether each of two conditions is enough to turn the answer, and one is needed."""
        for a, b in ((one, other), (other, one)):
            held_a, held_b = self.holds(a), self.holds(b)
            own = [
                case for case, x, y in zip(self.cases, held_a, held_b, strict=True) if x and not y
            ]
            if len(own) < SUPPORT:
                return False
            if not self._as_said(
                lambda c: one.holds(self.exercise, c) or other.holds(self.exercise, c),
                [c for case in own[:VARIED] for c in self._made(a.taken(case))],
                [c for case in hosts for c in self._made(a.put(case))],
            ):
                return False
        return True


def _further(exercise: Exercise[Any], cases: Sequence[Case]) -> Sequence[Case]:
    """Return the same kinds of cases drawn again, and the first ordinary ones with one change."""
    known = known_answers(exercise, cases[0])
    if not known.further:
        ordinary = [case for case in cases if not case.special][:VARIED]
        varied = (varied for case in ordinary for varied in case.varied())
        known.further = (*_drawn_again(exercise), *varied)
    return known.further


@lru_cache(maxsize=8)
def _drawn_again(exercise: Exercise[Any]) -> tuple[Case, ...]:
    return tuple(c for n in range(DRAWS) for c in exercise.cases(np.random.default_rng(n)))


def _all_of(conditions: Sequence[Condition]) -> str:
    """Join conditions that hold in the same cases: nobody can tell which of them matters."""
    said = {one.says for one in conditions}
    found = sorted(
        one
        for one in said
        if not (one.startswith("one of") and one.replace("one of", "each of", 1) in said)
    )
    more = ", among other things" if len(found) > MOST else ""
    *first, last = found[:MOST]
    return f"{', '.join(first)} and {last}{more}" if first else f"{last}{more}"
