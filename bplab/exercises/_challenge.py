"""Challenges: a function judged by what it achieves on data that it has not seen.

An `Exercise` has one right answer. A `Challenge` has none: a function is given examples to
learn from and inputs to answer for, and what counts is how many of its answers are right.
"""

import io
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.exercises._answer import quiet
from bplab.exercises._exercise import Task
from bplab.scores import accuracy

__all__ = ["Attempt", "Challenge", "Split"]

LEEWAY = 0.02
"""So much less will do on hidden splits: another split may be harder by chance."""

FEW, FEW_NEW = 400, 200
"""Examples of the second, quick lesson, and its questions."""


@dataclass(frozen=True)
class Split:
    """Examples to learn from, and inputs held out with their classes.

    ``X`` (N, p) and ``Y`` (N, K), one-hot, are for learning; ``X_new`` (N_new, p) is what a
    function answers for, and ``classes`` (N_new,) what it should answer, which it never gets.
    """

    X: NDArray
    Y: NDArray
    X_new: NDArray
    classes: NDArray

    def renamed(self, rng: np.random.Generator) -> "Split":
        """Return a few of the examples with every class under another name.

        Whoever learns from X and Y uses the new names. Whoever has brought the answers along,
        in weights or in a table, uses the old ones.
        """
        K = self.Y.shape[1]
        cycle = rng.permutation(K)
        names = np.empty(K, dtype=np.int64)
        names[cycle] = np.roll(cycle, 1)  # no class keeps its own
        Y = np.empty_like(self.Y[:FEW])
        Y[:, names] = self.Y[:FEW]
        return Split(self.X[:FEW], Y, self.X_new[:FEW_NEW], names[self.classes[:FEW_NEW]])


@dataclass(frozen=True)
class Attempt:
    """What came of one lesson: a value, or the error that was raised, or neither in time."""

    split: Split
    seconds: float
    value: Any = None
    raised: Exception | None = None
    in_time: bool = True
    changed: str = ""  # the argument it wrote to

    @property
    def accuracy(self) -> float:
        """Share of right answers; only of a value that has been found to be usable."""
        return accuracy(self.split.classes, np.asarray(self.value))


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
        The share that must be right.
    seconds : float
        The time for all of a check.
    things : str
        What the examples are called, in the plural.
    """

    data: Callable[[], tuple[NDArray, NDArray]]
    held_out: int
    wanted: float = 0.95
    seconds: float = 60
    things: str = "examples"

    def split(self, rng: np.random.Generator) -> Split:
        """Shuffle the data, and keep some of them back."""
        X, Y = self.data()
        order = rng.permutation(len(X))
        new, known = order[: self.held_out], order[self.held_out :]
        return Split(X[known], Y[known], X[new], Y[new].argmax(axis=1))

    def enough(self, *, hidden: bool) -> float:
        """The share of right answers that will do."""
        return self.wanted - LEEWAY * hidden


def attempt(function: Callable[..., Any], split: Split, seconds: float) -> Attempt:
    """Give a lesson: call the function on copies, and stop it when its time is up."""
    given = {"X": split.X.copy(), "Y": split.Y.copy(), "X_new": split.X_new.copy()}
    start = time.perf_counter()
    value, raised, in_time = None, None, True
    try:
        # quiet, for nbgrader counts any warning that is printed as a failure
        with quiet(io.StringIO()), _time_limit(seconds):
            value = function(*given.values())
    except _TimeIsUp:
        in_time = False
    except Exception as error:
        raised = error
    taken = time.perf_counter() - start
    changed = next((n for n, a in given.items() if not np.array_equal(a, getattr(split, n))), "")
    return Attempt(split, taken, value, raised, in_time and taken <= seconds, changed)


class _TimeIsUp(BaseException):
    """No Exception: code that catches those must not keep going."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _TimeIsUp after so many seconds, where the system can: elsewhere let it end."""
    main = threading.current_thread() is threading.main_thread()
    if not (main and hasattr(signal, "setitimer")):
        yield
        return

    def ring(*_: object) -> None:
        raise _TimeIsUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
