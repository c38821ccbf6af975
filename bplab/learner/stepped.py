"""What a learner's function has on its way, for a judge elsewhere.

What that should be is not known here, and nothing of an exercise: kernels that grade load it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.call import Form, TimeIsUp, time_limit
from bplab.learner.traced import Kind, Step, traced

__all__ = ["MADE_OF", "STEPS", "Stepped", "stepped"]

STEPS, NUMBERS, MADE_OF = 2_000, 40_000, 10_000
"""Of that many values it is told, with that many numbers all together, which are made of that
many others; if there are more, of the values of names alone."""

NAMES = 200
"""Of that many values of names."""


TEXT = 120
"""Characters of a place's text."""


class Stepped(NamedTuple):
    """A value that is there in a run, with its place, and the numbers of those it is made of."""

    function: str
    kind: str
    name: str
    line: int
    begin: int
    last: int
    end: int
    text: str
    has_names: bool
    has_parts: bool
    inputs: tuple[int, ...]
    entry: tuple[int, ...]
    value: np.ndarray | None


def stepped(
    function: Callable[..., Any],
    cases: Sequence[Mapping[str, Any]],
    forms: Sequence[Sequence[Form]],
    seconds: float,
) -> list[list[Stepped]]:
    """Call a function, and return what there is on the way, for each case.

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
    list of list of Stepped
        Nothing of a case that is too long to be told of as a whole.
    """
    found: list[list[Stepped]] = []
    try:
        with time_limit(4 * seconds):
            for given, form in zip(cases, forms, strict=True):
                trace = traced(function, given, form, seconds / len(cases))
                whole = trace is not None and trace.whole
                found.append(_few(trace.steps) if trace and whole else [])
    except TimeIsUp:
        pass
    return found + [[] for _ in cases[len(found) :]]


def _few(steps: Sequence[Step]) -> list[Stepped]:
    """All of them if these are few, else those of names, else none."""
    made_of = sum(len(one.inputs) for one in steps)
    if len(steps) <= STEPS and _numbers(steps) <= NUMBERS and made_of <= MADE_OF:
        return [_stepped(step, step.inputs) for step in steps]
    named = [one for one in steps if one.place.kind in (Kind.ASSIGNED, Kind.FILLED)]
    few = len(named) <= NAMES and _numbers(named) <= NUMBERS
    return [_stepped(step, ()) for step in named] if few else []


def _numbers(steps: Sequence[Step]) -> int:
    return sum(0 if one.value is None else one.value.size for one in steps)


def _stepped(step: Step, inputs: tuple[int, ...]) -> Stepped:
    p = step.place
    return Stepped(
        *(p.function, str(p.kind), p.name, p.line, p.begin, p.last, p.end, p.text[:TEXT]),
        *(bool(p.names), bool(p.parts), inputs, step.index, step.value),
    )
