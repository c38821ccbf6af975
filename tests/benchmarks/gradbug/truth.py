"""Whether two functions give the same answers: what makes a known mistake's name true."""

from collections.abc import Callable, Iterable, Sequence
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
    names = {name for name, theirs in _known[exercise].items() if alike(exercise, came, theirs)}
    if alike(exercise, came, [tuple(-array for array in due) for due in right_arrays(exercise)]):
        names |= {"sign-flipped"} & _known[exercise].keys()  # it is said of any one part, too
    return frozenset(names)


def alike(exercise: str, program: Answers, known: Answers) -> bool:
    """Whether some wrong part of a program's answers is wrong as that of a known mistake is.

    In the ordinary cases, if it is wrong in one of them, else in all. Beside a part that is wrong
    in its own way another one may have a name of its own: each is looked at by itself.
    """
    right, rtol = right_arrays(exercise), _rtol(exercise)
    ordinary = [i for i, case in enumerate(cases(exercise)) if not case.special]

    def agree(one: Answers, other: Answers, k: int, told: Iterable[int]) -> bool:
        return all(
            _same(_part(exercise, one, k, i), _part(exercise, other, k, i), rtol) for i in told
        )

    for k in range(len(EXERCISES[exercise].parts)):
        for told in (ordinary, range(len(right))):
            if not agree(program, right, k, told):
                some = any(program[i] is not None for i in told)
                if some and agree(program, known, k, told):
                    return True
                break
    return False


def _rtol(exercise: str) -> float:
    return max(1e-9, EXERCISES[exercise].rtol)


def _part(exercise: str, of: Answers, k: int, i: int) -> Any:
    """The arrays of one part of the answer to a case; of one of another form all."""
    answer, case = of[i], cases(exercise)[i]
    counts = [len(part.arrays(case)) for part in EXERCISES[exercise].parts]
    if answer is None or len(answer) != sum(counts):
        return answer
    return answer[sum(counts[:k]) : sum(counts[: k + 1])]


def _same(a: Any, b: Any, rtol: float) -> bool:
    if a is None or b is None:
        return a is b
    return len(a) == len(b) and all(_near(p, q, rtol) for p, q in zip(a, b, strict=True))


def near_everywhere(a: Answers, b: Answers) -> bool:
    """Whether two programs give the same numbers in all cases."""
    return all(_same(x, y, 1e-9) for x, y in zip(a, b, strict=True))


def _near(a: np.ndarray, b: np.ndarray, rtol: float) -> bool:
    if a.shape != b.shape:
        return False
    finite = np.abs(b[np.isfinite(b)])
    bound = rtol * (float(finite.max(initial=0)) or 1)
    return bool(np.allclose(a, b, rtol=0, atol=bound, equal_nan=True))
