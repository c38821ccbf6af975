"""Classes drawn at random: answers and accidents as a real class hands them in.

Each student answers each exercise on their own: right in one of several ways, with one mistake or
two, or not at all. Some of their notebooks are damaged, or end the kernel.
"""

import inspect
from collections.abc import Iterator

import numpy as np

from bplab.grading.demo import STUDENTS
from tests.exercises import right_variants
from tests.exercises.judging import two_mistakes
from tests.grading.hostile.accidents import ACCIDENTS
from tests.grading.hostile.notebook import (
    FUNCTIONS,
    POINTS,
    added,
    as_bytes,
    handed_in,
    right_answers,
)

__all__ = ["drawn"]

HAPPENS = (
    *("cell-os-exit", "function-os-exit", "cell-warns", "function-recursion", "tests-deleted"),
    *("cells-twice", "solution-syntax-error", "format-3", "function-writes-stderr"),
)
"""Accidents that take no time limit to end."""

# what some of the answers below use
HELPERS = """
def ones_before(a):
    return np.hstack([np.ones((len(a), 1)), a])
"""


def drawn(students: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Draw a class: the same one for the same seed.

    Parameters
    ----------
    students : int
    seed : int

    Yields
    ------
    student : str
        Id.
    file : bytes
        The notebook that is handed in.
    """
    rng = np.random.default_rng(seed)
    for i in range(students):
        if rng.random() < 0.12:
            name = str(rng.choice(HAPPENS))
            yield f"{name}-{i:03d}", ACCIDENTS[name].submission()
        else:
            yield f"student-{i:03d}", as_bytes(handed_in(_answers(rng), added(HELPERS)))


def _answers(rng: np.random.Generator) -> dict[str, str]:
    """Everything that is not worth points as in the solved notebook, the rest drawn."""
    answers = dict(right_answers())
    able = rng.beta(3, 2)
    for id in POINTS:
        luck = rng.random()
        if luck < able:
            others = [_source(id, function) for function in right_variants.RIGHT[id]]
            answers[id] = str(rng.choice([answers[id], *others]))
        elif luck > 0.95:
            del answers[id]  # the starter stays
        else:
            answers[id] = str(rng.choice(_wrong(id)))
    return answers


def _wrong(id: str) -> list[str]:
    one = [code for student in STUDENTS if (code := student.answers.get(id))]
    two = [_source(id, function) for of, function, *_ in two_mistakes.WRITTEN if of == id]
    return [*one, *two]


def _source(id: str, function) -> str:
    return f"{inspect.getsource(function)}\n\n{FUNCTIONS[id]} = {function.__name__}"
