"""What a review question is: tables of numbers, a question, and choices, one of them right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

__all__ = [
    "Choice",
    "Item",
    "Picture",
    "Table",
    "item",
    "place",
    "same",
    "shown",
    "spot",
    "visibly_other",
]

Array = np.ndarray

DIGITS = 3
"""Decimals shown: numbers that do not differ in these look the same to the learner."""


@dataclass(frozen=True)
class Choice:
    """One answer that is offered, and what a learner who chooses it is told."""

    text: str
    because: str


@dataclass(frozen=True)
class Table:
    """Numbers with a name, such as ``Z``: a single number, a vector or a matrix."""

    name: str
    values: Array


@dataclass(frozen=True)
class Picture:
    """A small drawing as SVG, and what it shows in words."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Item:
    """One question.

    Attributes
    ----------
    kind : str
        ``"step"``, ``"mistake"``, ``"shape"``, ``"change"``, ``"number"`` or ``"curve"``; those of
        `explain` are ``"code"``, ``"order"``, ``"given"``, ``"value"``, ``"axes"`` and
        ``"quantity"``.
    exercise : str
        Id of the exercise that it is on.
    about : str
        Names the question without its numbers: items that differ here are different questions.
    question : str
    choices : tuple of Choice
    right : int
        Index of the right one.
    tables : tuple of Table
    pictures : tuple of Picture
    code : tuple of str
        Lines of the learner's code, numbered from 1.
    facts : mapping
        What the question was made from; the right answer can be found again from these.
    then : Item, optional
        The next question about the same numbers.
    """

    kind: str
    exercise: str
    about: str
    question: str
    choices: tuple[Choice, ...]
    right: int
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    code: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    then: "Item | None" = None

    @property
    def answer(self) -> Choice:
        """The right choice."""
        return self.choices[self.right]


def item(
    rng: np.random.Generator, right: Choice, others: Sequence[Choice], **described: Any
) -> Item:
    """Return an item with its choices in random order."""
    order = rng.permutation(1 + len(others))
    all_of_them = [right, *others]
    return Item(
        choices=tuple(all_of_them[i] for i in order),
        right=int(np.flatnonzero(order == 0)[0]),
        **described,
    )


def shown(value: float) -> str:
    """Return a number as tables and sentences write it, with a true minus."""
    if not np.isfinite(value):
        return "NaN" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    digits = DIGITS if abs(value) < 1000 else 1
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"
    return "0" if text in ("-0", "") else text.replace("-", "−")


def same(a: Array, b: Array) -> bool:
    """Whether two arrays are the same numbers, but for rounding."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape:
        return False
    if np.isfinite(b).all():  # the same as `numpy.allclose`, three times as fast
        return bool((np.abs(a - b) <= 1e-9 + 1e-9 * np.abs(b)).all())
    return np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


def visibly_other(a: Array, b: Array) -> bool:
    """Whether a learner can see that two arrays differ: in shape, or in an entry by a hundredth."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape or (np.isfinite(a) != np.isfinite(b)).any():
        return True
    finite = np.isfinite(a)
    apart, large = np.abs(a[finite] - b[finite]), np.maximum(np.abs(a), np.abs(b))[finite]
    return bool((apart > 0.01 * np.maximum(1, large)).any())


def place(name: str, index: tuple[int, ...]) -> str:
    """Return the place of a number, counted from 1: ``"grad_beta, row 2, column 1"``."""
    return f"{name}, {found}" if (found := spot(index)) else name


def spot(index: tuple[int, ...]) -> str:
    """Return a place counted from 1: ``"row 2, column 1"``; empty for a single number."""
    match [i + 1 for i in index]:
        case [entry]:
            return f"entry {entry}"
        case [row, column]:
            return f"row {row}, column {column}"
        case [example, row, column]:
            return f"example {example}, row {row}, column {column}"
    return ""
