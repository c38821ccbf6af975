"""What checkers say of a program: ours, and the rules of well-known ones, each behind one door.

A checker takes a program's exercise and function and returns what it `Told`. Those of others have
a rule and no cases: they get the course's visible cases, but for those on a kink, and what their
rule compares with, worked out by `oracle` in their own way.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bplab.exercises import CheckFailed, check
from bplab.exercises.first_wrong import first_wrong
from bplab.exercises.judging import Here, Trial
from bplab.exercises.registry import EXERCISES
from bplab.exercises.task import Case, visible_cases
from bplab.learner import handed
from tests.benchmarks.gradbug.judge import TimeIsUp, bounded
from tests.benchmarks.gradbug.oracle import by_autograd, central, expected

__all__ = ["ALONE", "CHECKERS", "OURS", "USUAL", "Checker", "Told", "told"]

OURS = "bplab check"
ALONE = "bplab, first wrong line alone"
SECONDS = 60
"""A check that has said nothing by then is counted as one that calls the program wrong."""


@dataclass(frozen=True)
class Told:
    """What a checker says of one program.

    Attributes
    ----------
    right : bool
    names : tuple of str
        What it calls the mistake.
    lines : tuple of int
        The lines that it says are wrong, counted in the program's text; the first counts.
    seconds : float
    words : str
        The whole message.
    """

    right: bool
    names: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    seconds: float = 0.0
    words: str = ""


Function = Callable[..., Any]
Checker = Callable[[str, Function], Told]


def told(checker: Checker, exercise: str, function: Function) -> Told:
    """Ask a checker, within bounds, and take the time."""
    start = time.perf_counter()
    try:
        with bounded(SECONDS):
            said = checker(exercise, function)
    except (TimeIsUp, MemoryError) as stopped:
        said = Told(False, words=type(stopped).__name__)
    seconds = time.perf_counter() - start
    return Told(said.right, said.names, said.lines, seconds, said.words)


# --- ours -----------------------------------------------------------------------------------

_LINE = re.compile(r"\b[Ii]n line (\d+)\b")
"""Of a message without a first wrong line: where an error came up."""


def ours(exercise: str, function: Function) -> Told:
    """``check`` of the course, as a learner calls it in a notebook."""
    try:
        check(exercise, function)
    except CheckFailed as failed:
        words = failed.english
        return Told(False, tuple(failed.mistake.split("+")), _lines(failed, words), words=words)
    return Told(True)


def _lines(failed: CheckFailed, words: str) -> tuple[int, ...]:
    """The first wrong line, if the error has one; else the first line that the message names."""
    first = getattr(failed, "first_wrong", None)
    if (line := getattr(first, "line", None)) is not None:
        return (int(line),)
    return tuple(int(n) for n in _LINE.findall(words)[:1])


def line_alone(exercise: str, function: Function) -> Told:
    """What finds the first wrong line, asked about every program, whether it has a name or not."""
    of = EXERCISES[exercise]
    trial = Trial.run(of, Here(function), visible_cases(of))
    if trial.all_right():
        return Told(True)
    found = first_wrong(trial)
    return Told(False, lines=() if found is None else (found.line,))


# --- rules of others ------------------------------------------------------------------------

Rule = Callable[[np.ndarray, np.ndarray], bool]
"""Takes what came and what it is compared with; returns whether that will do."""


def close(came: np.ndarray, due: np.ndarray) -> bool:
    """``np.allclose(came, due)``, as a cell of tests has it: shapes that broadcast pass."""
    return bool(np.allclose(came, due))


def cs231n(most: float) -> Rule:
    """The relative error of CS231n, ``max |a - b| / max(1e-8, |a| + |b|)``, at most so large."""

    def rule(came: np.ndarray, due: np.ndarray) -> bool:
        sizes = np.maximum(1e-8, np.abs(came) + np.abs(due))
        return bool(np.max(np.abs(came - due) / sizes, initial=0.0) <= most)

    return rule


def gradcheck(came: np.ndarray, due: np.ndarray) -> bool:
    """``torch.autograd.gradcheck``: the shape is right, and |a - n| ≤ 1e-5 + 1e-3 |n|."""
    return came.shape == due.shape and np.allclose(came, due, rtol=1e-3, atol=1e-5)


def norms(came: Sequence[np.ndarray], due: Sequence[np.ndarray]) -> bool:
    """deeplearning.ai: ``‖a - n‖ / (‖a‖ + ‖n‖)`` of everything in one vector; wrong above 2e-7."""
    a, n = (np.concatenate([np.ravel(part) for part in parts]) for parts in (came, due))
    difference = np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n))
    return not difference > 2e-7


@cache
def _cases(exercise: str) -> Sequence[Case]:
    return [case for case in visible_cases(EXERCISES[exercise]) if case.smooth]


@cache
def _due(exercise: str, h: float) -> Sequence[tuple[np.ndarray, ...]]:
    by = central(h) if h else by_autograd
    return [expected(exercise, case, by) for case in _cases(exercise)]


def _came(exercise: str, function: Function, count: int) -> Iterator[list[np.ndarray]]:
    """Yield the answers to the first cases; whatever goes wrong is an error, as in a cell."""
    of = EXERCISES[exercise]
    for case in _cases(exercise)[:count]:
        answer = function(*map(handed, case.arguments(of.arguments).values()))
        parts = [answer] if len(of.parts) == 1 else list(answer)
        if len(parts) != len(of.parts):
            raise ValueError("another number of parts")
        arrays: list[np.ndarray] = []
        for part, came in zip(of.parts, parts, strict=True):
            some = list(came) if part.layered else [came]
            if any(a is None for a in some):
                raise TypeError("nothing came")
            arrays += [np.asarray(a, dtype=float) for a in some]
        yield arrays


def _by(
    rule: Callable[[Any, Any], bool], h: float, *, whole: bool = False, count: int | None = None
) -> Checker:
    """A checker that has a rule: for each array, or for all arrays of a case at once."""

    def checker(exercise: str, function: Function) -> Told:
        due = _due(exercise, h)[:count]
        try:
            for came, right in zip(_came(exercise, function, count or len(due)), due, strict=True):
                pairs = [(came, right)] if whole else list(zip(came, right, strict=True))
                if not all(rule(a, b) for a, b in pairs):
                    return Told(False)
        except Exception as error:
            return Told(False, words=f"{type(error).__name__}: {error}")
        return Told(True)

    return checker


CHECKERS: dict[str, Checker] = {
    OURS: ours,
    ALONE: line_alone,
    "np.allclose, one case": _by(close, 0, count=1),
    "np.allclose, all cases": _by(close, 0),
    "CS231n, error ≤ 1e-2": _by(cs231n(1e-2), 1e-5),
    "CS231n, error ≤ 1e-7": _by(cs231n(1e-7), 1e-5),
    "PyTorch gradcheck": _by(gradcheck, 1e-6),
    "deeplearning.ai, norms": _by(norms, 1e-7, whole=True),
}
"""Every checker, by its name in the table."""

USUAL = tuple(name for name in CHECKERS if name != ALONE)
"""Those that are asked if nobody says which: the search for a line takes a second a program."""
