"""What the names of a learner's function hold on the way, for a judge elsewhere.

What that should be is not known here, and nothing of an exercise: kernels that grade load it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.call import Form, TimeIsUp, time_limit
from bplab.learner.traced import Kind, traced

__all__ = ["STEPS", "Named", "stepped"]

STEPS, NUMBERS = 200, 20_000
"""Of that many values of names it is told, with that many numbers all together."""


class Named(NamedTuple):
    """A value that a name has behind a statement, which ends in this line and column."""

    function: str
    name: str
    line: int
    last: int
    end: int
    filled: bool
    value: np.ndarray


def stepped(
    function: Callable[..., Any],
    cases: Sequence[Mapping[str, Any]],
    forms: Sequence[Sequence[Form]],
    seconds: float,
) -> list[list[Named]]:
    """Call a function, and return what its names hold, for each case.

    Parameters
    ----------
    function : callable
    cases : sequence of mapping
        The arguments of each case, in order.
    forms : sequence
        For each case what each part of the answer should be.
    seconds : float
        Of a processor: for so long.

    Returns
    -------
    list of list of Named
        Nothing of a case that is too long to be told of as a whole.
    """
    found: list[list[Named]] = []
    try:
        with time_limit(4 * seconds):
            for given, form in zip(cases, forms, strict=True):
                trace = traced(function, given, form, seconds / len(cases))
                whole = trace is not None and trace.whole
                found.append(_named(trace.steps) if trace and whole else [])
    except TimeIsUp:
        pass
    return found + [[] for _ in cases[len(found) :]]


def _named(steps: Sequence[Any]) -> list[Named]:
    named = [
        Named(p.function, p.name, p.line, p.last, p.end, p.kind is Kind.FILLED, step.value)
        for step in steps
        if (p := step.place).name and p.kind in (Kind.ASSIGNED, Kind.FILLED)
    ]
    few = len(named) <= STEPS and sum(one.value.size for one in named) <= NUMBERS
    return named if few else []
