"""Questions on which quantity of the paper a name is; its value is compared with all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bplab.exercises.explain.cases import described, tried_on
from bplab.exercises.explain.code import Code, Key, Seen
from bplab.exercises.explain.values import called, once
from bplab.exercises.quantities import named
from bplab.exercises.review.item import Choice, Item, item, same, shown, spot, visibly_other
from bplab.exercises.task import Case, Exercise

__all__ = ["which_quantity"]

Array = np.ndarray
Quantities = Mapping[str, Array]

OFFERED = 4

SAYS_IT = frozenset(
    {
        *("A", "Z", "T", "F", "a", "z", "t", "f", "delta", "s", "residual", "back", "sent_back"),
        *("by_alpha", "by_beta", "grad_alpha", "grad_beta"),
    }
)
"""Names that give away which quantity they are."""


def which_quantity(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask which quantity a name or a part of a line is: the residual, delta, s."""
    cases = tried_on(code.exercise, rng)
    known = [_asked(code.exercise, case) for case in cases]
    if not known[0]:
        return None
    first = _run(code, cases[0]) or {}
    asked_of = {
        key: one
        for key, one in first.items()
        if not _is_named(code, one) and any(same(q, one.value) for q in known[0].values())
    }
    if not asked_of:  # then the other cases need not be run
        return None
    runs = [first]
    for case in cases[1:]:
        if (run := _run(code, case)) is None:
            return None
        runs.append(run)
    found = {}
    for key, one in asked_of.items():
        if not all(key in run for run in runs):
            continue
        if name := _one_of(known, [run[key].value for run in runs]):
            found[key] = one, name
    if not found:
        return None
    keys = list(found)
    asked, right = found[keys[rng.integers(len(keys))]]
    others = _likely(known[0], asked, right, rng)
    alike = any(known[0][name].ndim == asked.value.ndim for name in others)
    if len(others) < OFFERED - 1 or not alike:
        return None
    shape = f"It has shape {asked.value.shape}" if asked.value.ndim else "It is a single number"
    return item(
        rng,
        Choice(right, f"It was compared with that on {len(cases)} cases: equal in every entry."),
        [Choice(name, _apart(asked.value, known[0][name], shape)) for name in others],
        kind="quantity",
        exercise=code.exercise.id,
        about=f"quantity:{code.exercise.id}:{asked.line}:{asked.what}",
        question=f"What is {called(asked)}? (Compared with {described(cases[0])}.)",
        code=code.lines,
        facts={"cases": cases, "asked": asked},
    )


def _run(code: Code, case: Case) -> dict[Key, Seen] | None:
    """Return the values that occur when the code runs on a case; None if it gives no arrays."""
    answer, seen = code.watched(case.arguments(code.exercise.arguments))
    if answer is None or answer.arrays is None:
        return None
    return {one.key: one for one in once(seen)}


def _asked(exercise: Exercise[Any], case: Case) -> Quantities:
    """Return the quantities that may occur on the way to an answer, by their names in questions."""
    return {one.asked: one.array for one in named(exercise, case) if one.asked}


def _one_of(known: Sequence[Quantities], values: Sequence[Array]) -> str:
    """Return the quantity that is equal in every case; empty if none is, or another comes near."""
    equal = [
        name
        for name in known[0]
        if all(same(of[name], value) for of, value in zip(known, values, strict=True))
    ]
    near = [
        name
        for name in known[0]
        if any(not visibly_other(of[name], v) for of, v in zip(known, values, strict=True))
    ]
    return equal[0] if len(equal) == 1 and near == equal else ""


def _is_named(code: Code, one: Seen) -> bool:
    """Whether its own name, or the name to which its line assigns it, gives it away."""
    if one.what in SAYS_IT:
        return True
    begins, _, rest = code.lines[one.line - 1].strip().partition("=")
    return begins.strip() in SAYS_IT and rest.partition("#")[0].strip() == one.what


def _likely(known: Quantities, asked: Seen, right: str, rng: np.random.Generator) -> list[str]:
    """Other quantities, those of the same shape first."""
    names = [name for name in known if name != right]
    names = [names[i] for i in rng.permutation(len(names))]
    shape = asked.value.shape
    names.sort(key=lambda name: (known[name].shape != shape, known[name].ndim != len(shape)))
    return names[: OFFERED - 1]


def _apart(value: Array, other: Array, shape: str) -> str:
    """Return a sentence on how a value differs from a quantity."""
    if value.shape != other.shape:
        return f"{shape}, that has {other.shape}."
    index = tuple(map(int, np.unravel_index(np.abs(value - other).argmax(), value.shape)))
    one, two = shown(float(value[index])), shown(float(other[index]))
    place = spot(index)
    return f"In one case it is {one}{f' in {place}' if index else ''}, and that is {two}."
