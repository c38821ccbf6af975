"""The derivation's quantities as values that may be put into a learner's function, by name.

One name means the same quantity in every case: the family, which of these, and times what.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bplab.exercises.first_wrong.quantities import quantities
from bplab.exercises.task import Case, Exercise

__all__ = ["values"]

FACTORS = (1.0, -0.5, 0.5, -1.0)
"""Times the residual, and still a way to the answer: its 2 and its sign may come late."""

WITHOUT_WORDS = frozenset({"inputs with ones", "outputs of a layer", "diagonal"})
"""Families that have no words, and are steps all the same."""


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
