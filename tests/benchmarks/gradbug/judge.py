"""Whether a program is right: judged by derivatives, not by `check`.

The cases are the course's, drawn from a secret of the benchmark's own; what is right for them is
worked out in `oracle`. A program is right if every array of its answers has the shape and the
numbers due, in all cases, and if it leaves what it is given as it was.
"""

import contextlib
import io
import signal
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from bplab.exercises.registry import EXERCISES
from bplab.exercises.task import Case, Exercise, generator, hidden_kind
from bplab.learner import handed
from tests.benchmarks.gradbug.oracle import expected

__all__ = ["answers", "bounded", "cases", "flat", "is_right", "judged", "right_arrays", "shows"]

SECRET = hidden_kind("gradbug")
SECONDS = 10
"""A program that takes longer has no end: the longest of the right ones takes a tenth."""


@cache
def cases(id: str) -> Sequence[Case]:
    """Return the cases on which the benchmark judges an exercise: the ordinary ones come first."""
    drawn = EXERCISES[id].cases(generator(EXERCISES[id], SECRET))
    return sorted(drawn, key=lambda case: case.special)


@cache
def right_arrays(id: str) -> Sequence[tuple[np.ndarray, ...]]:
    """Return the right answer to each of the cases."""
    return [expected(id, case) for case in cases(id)]


class TimeIsUp(BaseException):
    """No `except Exception` of a program's stops it."""


@contextlib.contextmanager
def bounded(seconds: int = SECONDS) -> Iterator[None]:
    """Run what is inside quietly, and stop it after a while, by an alarm."""

    def stop(*_: object) -> None:
        raise TimeIsUp

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(action="ignore"),
            np.errstate(all="ignore"),
        ):
            yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def flat(exercise: Exercise[Any], answer: Any) -> tuple[np.ndarray, ...] | None:
    """Return an answer's arrays, part by part and layer by layer; None if it has another form."""
    try:
        parts = list(answer) if len(exercise.parts) > 1 else [answer]
        if len(parts) != len(exercise.parts):
            return None
        found: list[np.ndarray] = []
        for part, of in zip(exercise.parts, parts, strict=True):
            found += [np.asarray(a, dtype=float) for a in (list(of) if part.layered else [of])]
        return tuple(found)
    except (TypeError, ValueError):
        return None


def _near(a: np.ndarray, b: np.ndarray, rtol: float) -> bool:
    return a.shape == b.shape and bool(
        (np.abs(a - b) <= rtol * (np.abs(b).max(initial=0) or 1)).all()
    )


def answers(
    id: str, function: Callable[..., Any], of: Sequence[Case] | None = None
) -> Iterator[tuple[np.ndarray, ...] | None]:
    """Yield the answers to these cases, flat; None for an error, or for changed arguments."""
    exercise = EXERCISES[id]
    for case in cases(id) if of is None else of:
        given = case.arguments(exercise.arguments)
        kept = case.arguments(exercise.arguments)
        try:
            answer = flat(exercise, function(*map(handed, given.values())))
        except Exception:
            answer = None
        yield answer if _unchanged(given, kept) else None


def _unchanged(given: dict[str, Any], kept: dict[str, Any]) -> bool:
    def same(a: Any, b: Any) -> bool:
        if isinstance(b, np.ndarray):
            return np.array_equal(a, b, equal_nan=True)
        return not isinstance(b, (list, tuple)) or all(map(same, a, b))

    return all(same(given[name], kept[name]) for name in kept)


def judged(id: str, function: Callable[..., Any]) -> Iterator[bool]:
    """Yield of each case whether it is answered rightly."""
    rtol = max(1e-9, EXERCISES[id].rtol)
    for answer, right in zip(answers(id, function), right_arrays(id), strict=True):
        yield (
            answer is not None
            and len(answer) == len(right)
            and all(_near(a, b, rtol) for a, b in zip(answer, right, strict=True))
        )


def is_right(id: str, function: Callable[..., Any]) -> bool:
    """Whether every case is answered rightly; the first that is not ends it."""
    return all(judged(id, function))


def shows(id: str, function: Callable[..., Any]) -> str:
    """Return where a program is wrong: "ordinary", "corner", "raises"; empty if it is right."""
    try:
        with bounded():
            found = list(judged(id, function))
            raising = [answer is None for answer in answers(id, function)]
    except TimeIsUp:
        return "no end"
    except MemoryError:
        return "memory"
    if all(found):
        return ""
    ordinary = [i for i, case in enumerate(cases(id)) if not case.special]
    if all(raising[i] for i in ordinary):
        return "raises"
    return "corner" if all(found[i] for i in ordinary) else "ordinary"
