"""The intermediate values of a learner's function, for a judge in another process.

Nothing here knows an exercise or what these values should be, because kernels that grade load this
module.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from bplab.learner.call import Form, TimeIsUp, time_limit
from bplab.learner.traced import Kind, Step, traced

__all__ = ["MADE_OF", "STEPS", "Stepped", "stepped"]

STEPS, NUMBERS, MADE_OF = 2_000, 40_000, 10_000
"""Limits: values to report, numbers in all of them together, and links from a value to those that
it is made of. Beyond any of these, only the values of names are reported."""

NAMES = 200
"""How many values of names are reported, at most."""


TEXT = 120
"""How many characters of a place's text are reported, at most."""


class Stepped(NamedTuple):
    """A value in a run, with its place, and the numbers of the values that it is made of."""

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
    """Call a function, and return its intermediate values for each case.

    Parameters
    ----------
    function : callable
    cases : sequence of mapping
        The arguments of each case, in order.
    forms : sequence
        For each case, what each part of the answer should be.
    seconds : float
        How much processor time all cases together may take.

    Returns
    -------
    list of list of Stepped
        One list for each case; it is empty if the values are incomplete, or too many to report.
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
    """Return all values if these are few, otherwise those of names, otherwise none."""
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
