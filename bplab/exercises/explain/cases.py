"""The cases that a function is run on: networks of the same sizes, with different numbers.

No two sizes in a case are equal. What is found in all of the cases holds for their sizes, and is
not due to particular numbers.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from bplab.exercises.task import Case, Exercise, generator

__all__ = ["CASES", "described", "tried_on"]

CASES = 4
"""How many networks each question is tried on."""

SIZES = (2, 4, 6, 8)
"""Sizes that differ by 2 or more, so that M + 1 is not one of the others."""

SIZED = frozenset({"N", "p", "M", "K", "M_D", "M_{D-1}"})


def tried_on(exercise: Exercise[Any], rng: np.random.Generator) -> tuple[Case, ...]:
    """Return ordinary cases of the same sizes; sizes and numbers are drawn each time."""
    first = _drawn(exercise, "first")
    letters = [letter for letter in first.measures if letter in SIZED]
    sizes = dict(zip(letters, map(int, rng.permutation(SIZES)), strict=False))
    run = int(rng.integers(RUNS))
    return of_size(exercise, sizes, [f"{run}.{i}" for i in range(CASES)])


RUNS = 12
"""How many different draws of numbers there are."""


def of_size(
    exercise: Exercise[Any], sizes: Mapping[str, int], names: list[str]
) -> tuple[Case, ...]:
    """Return a case for each name, all with these sizes if the exercise's cases can have them."""
    cases = [_drawn(exercise, name) for name in names]
    if exercise.notebook == "capstone":
        return tuple(case for case in cases if case.measures == cases[0].measures)
    resized = [_widened(case.resized(**sizes)) for case in cases]
    return tuple(case for case in resized if case is not None) or tuple(cases)


def _widened(case: Case | None) -> Case | None:
    """Give hidden layers widths that differ from all other sizes."""
    widened = getattr(case, "widened", None)
    return widened((10, 12)) if widened else case


@lru_cache(maxsize=2048)
def _drawn(exercise: Exercise[Any], name: str) -> Case:
    cases = exercise.cases(generator(exercise, f"explain:{name}"))
    return next(case for case in cases if not case.special)


def described(case: Case) -> str:
    """Return the words for a case: its sizes and its setting."""
    sizes = ", ".join(f"{letter} = {size}" for letter, size in case.sizes.items())
    return ", ".join(filter(None, (sizes, case.setting)))
