"""Whether two functions give the same answers: what makes a known mistake's name true."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bplab.exercises.registry import EXERCISES
from tests.benchmarks.gradbug.judge import TimeIsUp, answers, bounded, cases, right_arrays
from tests.benchmarks.gradbug.program import compiled

__all__ = ["Answers", "alike", "all_answers", "known_names", "near_everywhere"]

Answers = Sequence[tuple[np.ndarray, ...] | None]

_known: dict[str, dict[str, Answers]] = {}


def all_answers(exercise: str, of: str | Callable[..., Any]) -> Answers:
    """Return a program's answers to all cases, or those of a function; None for an error."""
    try:
        with bounded():
            return list(answers(exercise, compiled(of, exercise) if isinstance(of, str) else of))
    except (TimeIsUp, MemoryError):
        return [None] * len(cases(exercise))


def known_names(exercise: str, source: str) -> frozenset[str]:
    """Return the known mistakes whose wrong functions answer as this program does."""
    if exercise not in _known:
        mistakes = EXERCISES[exercise].mistakes
        _known[exercise] = {m.name: all_answers(exercise, m.wrong) for m in mistakes}
    came = all_answers(exercise, source)
    return frozenset(
        name for name, theirs in _known[exercise].items() if alike(exercise, came, theirs)
    )


def alike(exercise: str, program: Answers, known: Answers) -> bool:
    """Whether a program is wrong as a known mistake is, wherever it is wrong.

    In the ordinary cases, if it is wrong in one of them, else in all. Parts of it that are right in
    all of these do not count: what is said beside them is said of the others.
    """
    right = right_arrays(exercise)
    ordinary = [i for i, case in enumerate(cases(exercise)) if not case.special]
    told = ordinary if _wrong(program, right, ordinary) else [*range(len(right))]
    wrong = _wrong(program, right, told)
    if not wrong or all(program[i] is None for i in told):
        return False
    return all(_same(program[i], known[i], wrong, len(right[i])) for i in told)


def near_everywhere(a: Answers, b: Answers) -> bool:
    """Whether two programs give the same numbers in all cases."""
    return all(
        x is y
        or (x is not None and y is not None and len(x) == len(y) and all(map(_near, x, y)))
        for x, y in zip(a, b, strict=True)
    )


def _wrong(came: Answers, right: Answers, told: Sequence[int]) -> set[int]:
    """Which arrays of the answers are wrong in one of these cases, counted from the end."""
    found: set[int] = set()
    for i in told:
        due = right[i]
        if came[i] is None or len(came[i]) != len(due):
            return {-1 - n for n in range(max(len(r) for r in right))}
        for n, (a, b) in enumerate(zip(came[i], due, strict=True)):
            if not _near(a, b):
                found.add(n - len(due))
    return found


def _same(a: Any, b: Any, arrays: set[int], count: int) -> bool:
    if a is None or b is None:
        return a is b
    if len(a) != len(b):
        return False
    if len(a) != count:
        return all(map(_near, a, b))
    return all(_near(a[n], b[n]) for n in arrays if -n <= count)


def _near(a: np.ndarray, b: np.ndarray) -> bool:
    if a.shape != b.shape:
        return False
    finite = np.abs(b[np.isfinite(b)])
    bound = 1e-9 * (float(finite.max(initial=0)) or 1)
    return bool(np.allclose(a, b, rtol=0, atol=bound, equal_nan=True))
