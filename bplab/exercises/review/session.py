"""A session of a few questions: which exercise comes next, and which kind of question.

The exercise that has waited longest comes first. But two successive questions are on different
sections where possible: to see which idea is needed is half of the exercise.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from bplab.errors import InputError
from bplab.exercises.progress import progress
from bplab.exercises.registry import EXERCISES
from bplab.exercises.review import changes, shapes, spacing, which_step, worked
from bplab.exercises.review.changes import what_happens
from bplab.exercises.review.item import Item
from bplab.exercises.review.shapes import which_shape
from bplab.exercises.review.which_mistake import which_mistake, which_number
from bplab.exercises.review.which_step import which_step as find_step
from bplab.exercises.task import Exercise

__all__ = ["KINDS", "SECTIONS", "Questions", "Session", "begin_review"]

SECTIONS = tuple(dict.fromkeys(exercise.notebook for exercise in EXERCISES.values()))
"""The sections in the course's order."""

MOST = 100
"""The most questions in a session."""

TRIES = 200
"""How often numbers are drawn to make a question of a kind, before the next kind is tried."""

_OF_ALL = tuple(id for id in EXERCISES if id not in spacing.UNASKED)


@dataclass(frozen=True)
class Questions:
    """A kind of question: the exercises it is asked on, and the function that makes one."""

    exercises: Collection[str]
    make: Callable[[Exercise[Any], np.random.Generator], Item | None]


KINDS: dict[str, Questions] = {
    "step": Questions(which_step.EXERCISES, find_step),
    "mistake": Questions(_OF_ALL, which_mistake),
    "shape": Questions(shapes.EXERCISES, which_shape),
    "change": Questions(changes.EXERCISES, what_happens),
    "number": Questions(worked.EXERCISES, which_number),
}
"""The kinds of questions, by the names under which results are noted."""


@dataclass
class Session:
    """A series of questions, and the answers given.

    Attributes
    ----------
    exercises : tuple of str
        Ids of the exercises, in the order of the questions.
    kinds : mapping of str to Questions
    rng : Generator
    folder : Path or None
        The folder in which results are noted; None if they are not noted.
    answered : list of (Item, bool)
        Each question, and whether it was answered right.
    """

    exercises: tuple[str, ...]
    kinds: Mapping[str, Questions]
    rng: np.random.Generator
    folder: Path | None = None
    answered: list[tuple[Item, bool]] = field(default_factory=list)
    _kinds_before: list[str] = field(default_factory=list)

    def items(self) -> Iterator[Item]:
        """Yield the questions, each of them made when its turn comes."""
        for id in self.exercises:
            yield self._item(id)

    def note(self, item: Item, right: bool) -> None:
        """Record whether all of an item was answered right."""
        self.answered.append((item, right))
        if self.folder is not None:
            now = datetime.now().astimezone().isoformat(timespec="seconds")
            spacing.note(self.folder, item.exercise, spacing.Result(now, right, item.kind))

    def _item(self, id: str) -> Item:
        """Return a question on an exercise, if possible of a kind that was not asked lately."""
        exercise = EXERCISES[id]
        possible = [name for name, kind in self.kinds.items() if id in kind.exercises]
        order = [possible[i] for i in self.rng.permutation(len(possible))]
        order.sort(key=lambda name: self._kinds_before[-len(self.kinds) :].count(name))
        for name in order:
            for _ in range(TRIES):
                if item := self.kinds[name].make(exercise, self.rng):
                    self._kinds_before.append(name)
                    return item
        raise LookupError(f"no question on {id}")


def begin_review(
    *,
    section: str | None,
    before: str | None,
    items: int,
    now: bool,
    seed: int | None,
    kinds: Mapping[str, Questions],
) -> Session:
    """Choose the exercises of a session; see `bplab.review`.

    Returns
    -------
    Session
        It has no exercises if none is to be reviewed today. If nothing has passed at all, and
        neither ``section`` nor ``before`` is given, it is on section 0 and notes no results.

    Raises
    ------
    ValueError
        If there is no such section, or ``items`` or ``seed`` is not a whole number in its range.
    """
    for name, value in (("section", section), ("before", before)):
        if value is not None and value not in SECTIONS:
            raise InputError(f"{name} must be one of {', '.join(SECTIONS)}; got {value!r}")
    if not _is_whole(items) or not 1 <= items <= MOST:
        raise InputError(f"items must be a whole number from 1 to {MOST}; got {items!r}")
    if seed is not None and (not _is_whole(seed) or seed < 0):
        raise InputError(f"seed must be a whole number of at least 0; got {seed!r}")
    items = int(items)
    rng, state = np.random.default_rng(seed), progress()
    passed = {
        id: state.tries[id].passed
        for id in EXERCISES
        if id not in spacing.UNASKED and state.tries[id].passed and _meant(id, section, before)
    }
    if not passed and not state.passed and section is before is None:
        first = [id for id, exercise in EXERCISES.items() if exercise.notebook == SECTIONS[0]]
        return Session(tuple(first * items)[:items], kinds, np.random.default_rng(0))
    if not now and not spacing.due(state.folder, passed, datetime.now().astimezone().date()):
        return Session((), kinds, rng, state.folder)
    ids = list(passed)
    order = [ids[i] for i in rng.permutation(len(ids))]
    order.sort(key=lambda id: spacing.due_on(passed[id], spacing.results(state.folder, id)))
    return Session(interleaved(order, items), kinds, rng, state.folder)


def _is_whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def interleaved(exercises: Sequence[str], count: int) -> tuple[str, ...]:
    """Return ``count`` exercises, with successive ones from different sections where possible.

    Parameters
    ----------
    exercises : sequence of str
        Ids, the most urgent first. They are taken again when all have had their turn.
    count : int
    """
    taken: list[str] = []
    left = list(exercises)
    while exercises and len(taken) < count:
        last = EXERCISES[taken[-1]].notebook if taken else ""
        other = [id for id in left if EXERCISES[id].notebook != last]
        if not other:  # all that is left is from the last section: repeat one from another
            other = [id for id in exercises if EXERCISES[id].notebook != last] or left
        if not other:
            left = list(exercises)
            continue
        taken.append(other[0])
        if other[0] in left:
            left.remove(other[0])
    return tuple(taken)


def _meant(id: str, section: str | None, before: str | None) -> bool:
    of = EXERCISES[id].notebook
    earlier = before is None or SECTIONS.index(of) < SECTIONS.index(before)
    return earlier and section in (None, of)
