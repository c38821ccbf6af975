"""Conditions that may decide whether an answer is right.

Each can be put into a case in which it does not hold, and taken out of one in which it does.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations
from typing import Any

import numpy as np

from bplab.exercises.judging.trial import known_answers, reach
from bplab.exercises.task import Case, Exercise


@dataclass(frozen=True)
class Condition(ABC):
    """Something that is true of some cases, in words that follow "where"."""

    says: str
    of_sizes = False

    @property
    def plain(self) -> bool:
        """Whether it can be named with another: one that nearly any two layers meet cannot."""
        return not self.says.startswith("one of")

    @abstractmethod
    def holds(self, exercise: Exercise[Any], case: Case) -> bool:
        """Whether it is true of a case."""

    @abstractmethod
    def put(self, case: Case) -> Iterator[Case | None]:
        """Yield versions of a case in which it is not true, changed only so that it is."""

    @abstractmethod
    def taken(self, case: Case) -> Iterator[Case | None]:
        """Yield versions of a case in which it is true, changed only so that it is not."""


@dataclass(frozen=True)
class _OfTrait(Condition):
    """A trait from `Case.traits`; ``like`` is a case that has it, ``other`` one that does not."""

    like: Case = field(repr=False, compare=False)
    other: Case = field(repr=False, compare=False)

    def holds(self, exercise: Exercise[Any], case: Case) -> bool:
        return self.says in known_answers(exercise, case).traits

    def put(self, case: Case) -> Iterator[Case | None]:
        return case.put(self.says, self.like)

    def taken(self, case: Case) -> Iterator[Case | None]:
        return case.taken(self.says, self.other)


@dataclass(frozen=True)
class _OfSizes(Condition):
    """A condition on one or several sizes.

    ``near`` and ``off`` map the sizes of a case to the small changes by which the condition holds,
    or does not hold.
    """

    rule: Callable[[dict[str, int]], bool] = field(repr=False, compare=False)
    near: Callable[[dict[str, int]], Sequence[dict[str, int]]] = field(repr=False, compare=False)
    off: Callable[[dict[str, int]], Sequence[dict[str, int]]] = field(repr=False, compare=False)
    compares: bool = False
    of_sizes = True

    @property
    def plain(self) -> bool:
        """See `Condition`; false for a condition that only says which of two sizes is larger."""
        return not self.compares

    def holds(self, exercise: Exercise[Any], case: Case) -> bool:
        return self.rule(case.measures)

    def put(self, case: Case) -> Iterator[Case | None]:
        return self._resized(case, self.near)

    def taken(self, case: Case) -> Iterator[Case | None]:
        return self._resized(case, self.off)

    def _resized(
        self, case: Case, to: Callable[[dict[str, int]], Sequence[dict[str, int]]]
    ) -> Iterator[Case | None]:
        sizes = case.measures
        for changed in to(sizes):
            if min(changed.values()) >= 1 and not changed.items() <= sizes.items():
                yield case.resized(**changed)


@dataclass(frozen=True)
class _OfReach(Condition):
    """An array has entries above a limit (side 1), below minus that (-1), or either (0)."""

    name: str
    side: int
    limit: float

    def holds(self, exercise: Exercise[Any], case: Case) -> bool:
        return known_answers(exercise, case).reaches[self.name][self.side] > self.limit

    def put(self, case: Case) -> Iterator[Case | None]:
        def scaled(array: np.ndarray) -> np.ndarray:
            return array * (BEYOND * self.limit / (reach(array)[self.side] or 1))

        yield case.with_array(self.name, scaled)

    def taken(self, case: Case) -> Iterator[Case | None]:
        yield within(case, self.name, self.side, self.limit / BEYOND)


BEYOND = 1.25
"""A number this many times a limit is certainly beyond it, however roughly the limit is known."""


def within(case: Case, name: str, side: int, limit: float) -> Case:
    """Return a case in which an array is clipped at a limit, on the side as in `_OfReach`."""
    low, high = {1: (None, limit), -1: (-limit, None), 0: (-limit, limit)}[side]
    return case.with_array(name, lambda array: np.clip(array, low, high).astype(array.dtype))


def reaches(
    exercise: Exercise[Any], cases: Sequence[Case], chosen: Sequence[bool]
) -> list[tuple[str, int, Case, float]]:
    """Return the arrays that reach further in all chosen cases than in any other.

    For each, return its name, the side, the chosen case in which it reaches least far, and how far
    it reaches at most in the other cases.
    """
    found = []
    far = [known_answers(exercise, case).reaches for case in cases]
    these = [(case, its) for case, its, c in zip(cases, far, chosen, strict=True) if c]
    others = [its for its, c in zip(far, chosen, strict=True) if not c]
    for name in exercise.arguments:
        for side in (0, 1, -1):
            case, its = min(these, key=lambda one: one[1][name][side])
            most = max(its[name][side] for its in others)
            if its[name][side] > BEYOND * most > 0:
                found.append((name, side, case, most))
    return found


def beyond(name: str, side: int, limit: float, near: float) -> Condition:
    """Return the condition that an array has entries beyond a limit.

    Its words give ``near``, to two digits, for the limit.
    """
    about = f"{float(f'{near:.2g}'):g}"
    where = {1: f"above about {about}", -1: f"below about −{about}", 0: f"beyond about ±{about}"}
    return _OfReach(f"{name} has entries {where[side]}", name, side, limit)


def at_most(letter: str, n: int) -> Condition:
    """Return the condition that a size is at most n."""
    return _OfSizes(
        f"{letter} {'≤' if n > 1 else '='} {n}",
        lambda sizes: sizes[letter] <= n,
        lambda sizes: [{letter: n}, {letter: n - 1}],
        lambda sizes: [{letter: n + 1}, {letter: n + 2}],
    )


def at_least(letter: str, n: int) -> Condition:
    """Return the condition that a size is at least n."""
    return _OfSizes(
        f"{letter} ≥ {n}",
        lambda sizes: sizes[letter] >= n,
        lambda sizes: [{letter: n}, {letter: n + 1}],
        lambda sizes: [{letter: n - 1}, {letter: n - 2}],
    )


def _equal(a: str, b: str) -> Condition:
    return _OfSizes(
        f"{a} = {b}",
        lambda sizes: sizes[a] == sizes[b],
        lambda sizes: [{a: sizes[b]}, {b: sizes[a]}],
        lambda sizes: [{a: sizes[b] + 1}, {b: sizes[a] + 1}],
    )


def _all_equal(letters: Sequence[str]) -> Condition:
    """Return the condition that several sizes are all equal."""
    return _OfSizes(
        " = ".join(letters),
        lambda sizes: len({sizes[letter] for letter in letters}) == 1,
        lambda sizes: [dict.fromkeys(letters, n) for n in (3, 5)],
        lambda sizes: [{letter: sizes[letter] + 1} for letter in letters],
    )


def _above(a: str, b: str) -> Condition:
    return _OfSizes(
        f"{a} > {b}",
        lambda sizes: sizes[a] > sizes[b],
        lambda sizes: [{a: sizes[b] + 1}, {b: sizes[a] - 1}],
        lambda sizes: [{a: sizes[b]}, {b: sizes[a]}],
        compares=True,
    )


def _not_below(a: str, b: str) -> Condition:
    return _OfSizes(
        f"{a} ≥ {b}",
        lambda sizes: sizes[a] >= sizes[b],
        lambda sizes: [{a: sizes[b]}, {b: sizes[a]}],
        lambda sizes: [{a: sizes[b] - 1}, {b: sizes[a] + 1}],
        compares=True,
    )


def candidates(
    exercise: Exercise[Any], cases: Sequence[Case], chosen: Sequence[bool]
) -> tuple[list[Condition], list[Condition]]:
    """Return the conditions that hold in some chosen cases, and in no other case.

    The first list has those that hold in all chosen cases, the second all that are plain.
    Conditions on how large a size is are not among them, except that it is 1: see `thresholds`.
    """
    these = [case for case, c in zip(cases, chosen, strict=True) if c]
    others = [case for case, c in zip(cases, chosen, strict=True) if not c]
    letters = list(cases[0].measures)
    found: list[Condition] = []
    for a, b in permutations(letters, 2):
        found += [_above(a, b), _not_below(a, b)]
    found += [_equal(a, b) for a, b in combinations(letters, 2)]
    for how_many in range(3, len(letters) + 1):
        found += [_all_equal(some) for some in combinations(letters, how_many)]
    ones = [at_most(letter, 1) for letter in letters]
    sizes_said = {condition.says for condition in (*found, *ones)}
    traits = [known_answers(exercise, case).traits for case in these]
    elsewhere = frozenset[str]().union(*(known_answers(exercise, c).traits for c in others))
    mine = sorted(frozenset.union(*traits) - elsewhere - sizes_said)
    said: list[Condition] = [
        _OfTrait(
            trait,
            next(case for case, has in zip(these, traits, strict=True) if trait in has),
            others[0],
        )
        for trait in mine
    ]

    def some(condition: Condition) -> bool:
        return any(condition.holds(exercise, case) for case in these) and not any(
            condition.holds(exercise, case) for case in others
        )

    found = [condition for condition in found if some(condition)]
    every = [
        condition
        for condition in (*found, *said)
        if all(condition.holds(exercise, case) for case in these)
    ]
    plain = [c for c in (*filter(some, ones), *found, *said) if c.plain]
    return every, sorted(plain, key=lambda condition: condition.says)


def thresholds(cases: Sequence[Case], chosen: Sequence[bool]) -> list[tuple[str, Case, int]]:
    """Return the sizes that are larger, or smaller, in all chosen cases than in any other.

    For each, return its letter, the chosen case that is nearest to the others, and the nearest size
    among the others.
    """
    these = [case for case, c in zip(cases, chosen, strict=True) if c]
    others = [case for case, c in zip(cases, chosen, strict=True) if not c]
    found = []
    for letter in cases[0].measures:
        own, theirs = ([case.measures[letter] for case in some] for some in (these, others))
        if min(own) > max(theirs):
            found.append((letter, these[own.index(min(own))], max(theirs)))
        elif max(own) < min(theirs):
            found.append((letter, these[own.index(max(own))], min(theirs)))
    return found
