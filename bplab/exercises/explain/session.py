"""A session of questions on a learner's own code: which are asked, and why there may be none."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from bplab.errors import InputError
from bplab.exercises.explain.changed import code_changed, lines_swapped
from bplab.exercises.explain.code import Code
from bplab.exercises.explain.given import given_otherwise
from bplab.exercises.explain.quantities import which_quantity
from bplab.exercises.explain.values import which_axes, which_value
from bplab.exercises.mine import own
from bplab.exercises.progress import note_explained, progress_folder, tries_of
from bplab.exercises.registry import TASKS
from bplab.exercises.review.item import Item
from bplab.exercises.review.session import Session
from bplab.exercises.task import Exercise

__all__ = ["ON_CODE", "OwnCode", "begin_explain", "draw", "own_code"]

ON_CODE: dict[str, Callable[[Code, np.random.Generator], Item | None]] = {
    "code": code_changed,
    "order": lines_swapped,
    "given": given_otherwise,
    "value": which_value,
    "axes": which_axes,
    "quantity": which_quantity,
}
"""The kinds of questions on code, by the names that their items have."""

TRIES = 12
"""How often a kind is tried before it is given up."""


@dataclass
class OwnCode(Session):
    """Questions on one function, made in advance; when all are answered right, that is noted.

    Attributes
    ----------
    made : tuple of Item
    """

    made: tuple[Item, ...] = field(default=(), kw_only=True)

    def items(self) -> Iterator[Item]:
        """Yield the questions."""
        yield from self.made

    def note(self, item: Item, right: bool) -> None:
        """Record an answer."""
        self.answered.append((item, right))
        if len(self.answered) == len(self.made) and self.all_right:
            note_explained(TASKS[item.exercise])

    @property
    def all_right(self) -> bool:
        """Whether every answer so far is right."""
        return all(right for _, right in self.answered)


def begin_explain(id: str, *, items: int = 3, seed: int | None = None) -> OwnCode | str:
    """Make the questions on a learner's own function; see `bplab.explain`.

    Returns
    -------
    OwnCode or str
        A sentence if nothing can be asked; it says why, and what to do if something can be done.

    Raises
    ------
    ValueError
        If there is no such exercise, or ``items`` is not a whole number of at least 1.
    """
    if isinstance(items, bool) or not isinstance(items, int) or items < 1:
        raise InputError(f"items must be a whole number of at least 1; got {items!r}")
    code = own_code(id)
    if isinstance(code, str):
        return code
    rng = np.random.default_rng(seed)
    made = draw(code, rng, items)
    if not made:
        return f"Your {code.exercise.function} has nothing in it that could be asked about."
    return OwnCode((code.exercise.id,) * len(made), {}, rng, progress_folder(), made=tuple(made))


def own_code(id: str) -> Code | str:
    """Return the learner's function that was kept when it passed, or a sentence if there is none.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    task = TASKS.find(id)
    call = f'check("{task.id}", {task.function})'
    if not isinstance(task, Exercise):
        return f"{task.id} may be done in many ways: there are no questions on its code."
    if os.environ.get("NBGRADER_EXECUTION") == "autograde":
        return "Nothing is asked while work is graded."
    kept = own(task.id)
    if kept.function is None and kept.why:
        return f"Your {task.function} {kept.why}. Run {call} in {task.notebook} again."
    if kept.function is None and tries_of(task).passed:
        return (
            f"The text of your {task.function} is not kept here. Run {call} in {task.notebook} "
            "again: if its text cannot be kept, that is said."
        )
    if kept.function is None:
        return f'First {call} has to pass. Then explain("{task.id}") asks about your own code.'
    return Code(task, kept.name, kept.source)


def draw(code: Code, rng: np.random.Generator, count: int) -> list[Item]:
    """Return ``count`` different questions of as many kinds as possible, or fewer if need be.

    Parameters
    ----------
    code : Code
    rng : Generator
    count : int
    """
    made: dict[str, Item] = {}
    first, *rest = ON_CODE
    kinds = [first, *(rest[i] for i in rng.permutation(len(rest)))]
    while kinds and len(made) < count:
        for kind in kinds[:]:
            if len(made) == count:
                break
            tried = (ON_CODE[kind](code, rng) for _ in range(TRIES))
            found = next((one for one in tried if one and one.about not in made), None)
            if found is None:
                kinds.remove(kind)
            else:
                made[found.about] = found
    return list(made.values())
