"""The derivation's quantities as values that may be put into a learner's function, by name.

A name means the same quantity in every case: its family, which one of the family, and its factor.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bplab.exercises.first_wrong.quantities import quantities
from bplab.exercises.task import Case, Exercise

__all__ = ["distinct_values", "is_all_that_is_wrong", "values"]

FACTORS = (1.0, -0.5, 0.5, -1.0)
"""Factors of the residual or delta on a right way: the 2 and the sign may come late."""

WITHOUT_WORDS = frozenset({"inputs with ones", "outputs of a layer", "diagonal"})
"""Families that have no words but are steps all the same."""


def values(exercise: Exercise[Any], case: Case) -> Mapping[str, np.ndarray]:
    """Return the quantities of a case by name, each once."""
    found: dict[str, np.ndarray] = {}
    counts: dict[str, int] = {}
    step = exercise.notebook == "section_4"
    for one in quantities(exercise, case):
        if one.fault or one.family.startswith("given") or not one.array.ndim:
            continue
        if not (one.words or step or one.family in WITHOUT_WORDS):
            continue
        key = f"{one.family}/{one.words}/{one.array.ndim}"
        counts[key] = counts.get(key, -1) + 1
        late = one.family in ("residual", "output delta")
        for factor in FACTORS if late else FACTORS[:1]:
            found[f"{key}/{counts[key]}/{factor:g}"] = factor * np.asarray(one.array, float)
    return found


def distinct_values(named: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """Return the values without those that have the same numbers as an earlier one."""
    found: dict[tuple[tuple[int, ...], bytes], str] = {}
    for which, value in named.items():
        found.setdefault((value.shape, np.round(value, 12).tobytes()), which)
    return {which: named[which] for which in found.values()}


def is_all_that_is_wrong(
    value: np.ndarray, right: Sequence[np.ndarray], wrong: Iterable[int]
) -> bool:
    """Whether a value is a right array of the answer, and all wrong arrays should equal it."""
    same = [value.shape == one.shape and bool(np.allclose(value, one)) for one in right]
    return any(same) and all(same[n] for n in wrong)
