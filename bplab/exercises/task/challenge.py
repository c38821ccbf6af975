"""Challenges: a function judged by what it achieves on data that it has not seen.

An `Exercise` has one right answer. A `Challenge` has none: a function is given examples to
learn from and inputs to answer for, and what counts is how many of its answers are right.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bplab.exercises.task.exercise import Task

__all__ = ["Challenge", "Split"]

LEEWAY = 0.02
"""How much lower the share may be on hidden splits: another split may be harder by chance."""

FEW, FEW_NEW = 400, 200
"""How many examples there are to learn from in the second, quick lesson, and how many inputs."""


@dataclass(frozen=True)
class Split:
    """Examples to learn from, and inputs held out with their classes.

    ``X`` (N, p) and ``Y`` (N, K), one-hot, are for learning; ``X_new`` (N_new, p) is what a
    function answers for, and ``classes`` (N_new,) what it should answer, which it never gets.
    """

    X: np.ndarray
    Y: np.ndarray
    X_new: np.ndarray
    classes: np.ndarray

    def arguments(self) -> dict[str, np.ndarray]:
        """Return fresh copies of what a function is given."""
        return {name: getattr(self, name).copy() for name in ("X", "Y", "X_new")}

    def renamed(self, rng: np.random.Generator) -> "Split":
        """Return a few of the examples with every class under another name.

        A function that learns from X and Y answers with the new names. One that has brought the
        answers along, in weights or in a table, answers with the old ones.
        """
        K = self.Y.shape[1]
        cycle = rng.permutation(K)
        names = np.empty(K, dtype=np.int64)
        names[cycle] = np.roll(cycle, 1)  # no class keeps its own
        Y = np.empty_like(self.Y[:FEW])
        Y[:, names] = self.Y[:FEW]
        return Split(self.X[:FEW], Y, self.X_new[:FEW_NEW], names[self.classes[:FEW_NEW]])


@dataclass(frozen=True, kw_only=True)
class Challenge(Task):
    """Classes to be recognised after learning from examples.

    Attributes
    ----------
    data : callable
        Returns inputs X (N, p) and one-hot targets Y (N, K).
    held_out : int
        How many examples are kept back to be recognised.
    wanted : float
        The share of answers that must be right.
    seconds : float
        How long a whole check may take.
    things : str
        What the examples are called, in the plural.
    """

    data: Callable[[], tuple[np.ndarray, np.ndarray]]
    held_out: int
    wanted: float = 0.95
    seconds: float = 60
    things: str = "examples"

    def split(self, rng: np.random.Generator) -> Split:
        """Shuffle the examples, and keep some of them back."""
        X, Y = self.data()
        order = rng.permutation(len(X))
        new, known = order[: self.held_out], order[self.held_out :]
        return Split(X[known], Y[known], X[new], Y[new].argmax(axis=1))

    def enough(self, *, hidden: bool) -> float:
        """The share of right answers that will do."""
        return self.wanted - LEEWAY * hidden
