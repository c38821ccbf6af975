"""Questions made of an exercise's known mistakes: on which one it is, or which number is right.

The mistakes are run on a small network. The wrong choices are the names of other mistakes, or the
numbers that they give. No two of these numbers may look the same.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bplab.exercises.review.item import (
    Array,
    Choice,
    Item,
    Table,
    item,
    place,
    shown,
    visibly_other,
)
from bplab.exercises.review.small import Values, answer, arguments, given, names, setting
from bplab.exercises.review.worked import worked
from bplab.exercises.task import Exercise, Mistake

__all__ = ["which_mistake", "which_number"]

OFFERED = 4
AND = "-and-"
"""Part of the name of two mistakes at once; such small numbers do not show both."""

LARGEST = 200
"""The largest number that is asked for."""

ENOUGH = 12, 40
"""How many of the mistakes, maybe a hundred, are run to find other names, or other numbers."""

Answered = tuple[Mistake, list[Array]]
Gap = tuple[str, str, str]


def which_mistake(exercise: Exercise[Any], rng: np.random.Generator) -> Item | None:
    """Ask which known mistake an answer comes from; None if these numbers show too few.

    Parameters
    ----------
    exercise : Exercise
    rng : Generator
    """
    values = arguments(exercise, rng, by_hand=False)
    right = values and answer(exercise, exercise.reference, values)
    if not values or not right:
        return None
    found = _different(exercise, values, right, rng)
    if len(found) < OFFERED:
        return None
    (mistake, wrong), *others = found
    called = names(exercise, values)
    somebody = tuple(
        Table(f"{name} of theirs", array) for name, array in zip(called, wrong, strict=True)
    )
    return item(
        rng,
        Choice(mistake.says, _is_so(mistake, _gap(called, wrong, right))),
        [Choice(m.says, _is_not_so(_gap(called, would_be, wrong))) for m, would_be in others],
        kind="mistake",
        exercise=exercise.id,
        about=f"mistake:{exercise.id}:{mistake.name}",
        question=(
            f"Somebody's {exercise.function} ({exercise.equation}) gives the last "
            f"{'array' if len(wrong) == 1 else 'arrays'} of these. {setting(exercise, values)} "
            "What does check say to them?"
        ),
        tables=(*given(exercise, values), *somebody),
        facts={
            "values": values,
            "somebody": wrong,
            "mistake": mistake.name,
            "offered": {m.says: m.name for m, _ in found},
        },
    )


def which_number(exercise: Exercise[Any], rng: np.random.Generator) -> Item | None:
    """Ask for one entry of the right answer, worked out by hand; None if these numbers do not suit.

    The wrong choices are the numbers that known mistakes give there.

    Parameters
    ----------
    exercise : Exercise
    rng : Generator
    """
    values = arguments(exercise, rng, by_hand=True)
    right = values and answer(exercise, exercise.reference, values)
    if not values or not right:
        return None
    called = names(exercise, values)
    part = int(rng.integers(len(right)))
    array = right[part]
    if not array.size:
        return None
    index = tuple(int(rng.integers(n)) for n in array.shape)
    value = array[index]
    taken, others = [value], list[Choice]()
    for mistake, wrong in _different(exercise, values, right, rng, shapes=True):
        there = wrong[part][index]
        if there != round(there, 2) or not all(_reads_otherwise(there, other) for other in taken):
            continue
        taken.append(there)
        because = f"{shown(there)} is what comes of a known mistake: “{mistake.says}” "
        others.append(Choice(shown(there), f"{because}{mistake.hint}"))
        if len(others) == OFFERED - 1:
            break
    if len(others) < OFFERED - 1 or not value or abs(value) > LARGEST:
        return None
    where, how = place(called[part], index), worked(exercise, values, part, index)
    if not how:
        return None
    return item(
        rng,
        Choice(shown(value), how),
        others,
        kind="number",
        exercise=exercise.id,
        about=f"number:{exercise.id}:{where}",
        question=(
            f"Work it out by hand: what should {exercise.function} ({exercise.equation}) have in "
            f"{where}? {setting(exercise, values)}"
        ),
        tables=given(exercise, values),
        facts={"values": values, "part": part, "index": index, "value": float(value)},
    )


def _is_so(mistake: Mistake, gap: Gap) -> str:
    where, theirs, right = gap
    return f"In theirs {where} is {theirs}; it should be {right}. {mistake.hint}"


def _is_not_so(gap: Gap) -> str:
    where, would_be, theirs = gap
    return f"With that mistake {where} would be {would_be}; in theirs it is {theirs}."


def _different(
    exercise: Exercise[Any],
    values: Values,
    right: Sequence[Array],
    rng: np.random.Generator,
    *,
    shapes: bool = False,
) -> list[Answered]:
    """Return mistakes in random order, with answers that visibly differ from the right one.

    Without ``shapes``, the answers of the `OFFERED` mistakes also differ from each other, and the
    first has the right answer's shapes. With ``shapes``, all have these shapes.
    """
    found: list[Answered] = []
    for i in rng.permutation(len(exercise.mistakes))[: ENOUGH[shapes]]:
        mistake = exercise.mistakes[i]
        if AND in mistake.name:
            continue
        wrong = answer(exercise, mistake.wrong, values)
        if (
            wrong is None
            or len(wrong) != len(right)
            or not all(np.isfinite(a).all() for a in wrong)
        ):
            continue
        if (shapes or not found) and [a.shape for a in wrong] != [a.shape for a in right]:
            continue
        if any(m.says == mistake.says for m, _ in found):
            continue
        if shapes:
            if _other(wrong, right):
                found.append((mistake, wrong))
        elif all(_other(wrong, seen) for seen in (right, *(w for _, w in found))):
            found.append((mistake, wrong))
            if len(found) == OFFERED:
                break
    return found


def _other(a: Sequence[Array], b: Sequence[Array]) -> bool:
    return any(visibly_other(x, y) for x, y in zip(a, b, strict=True))


def _reads_otherwise(a: float, b: float) -> bool:
    return visibly_other(np.array(a), np.array(b)) and shown(a) != shown(b)


def _gap(called: Sequence[str], these: Sequence[Array], those: Sequence[Array]) -> Gap:
    """Return where two answers differ most, and the number there in each; or their shapes."""
    for name, a, b in zip(called, these, those, strict=True):
        if a.shape != b.shape:
            return f"the shape of {name}", str(a.shape), str(b.shape)
    gaps = [np.abs(a - b).max(initial=0) for a, b in zip(these, those, strict=True)]
    part = int(np.argmax(gaps))
    a, b = these[part], those[part]
    index = tuple(map(int, np.unravel_index(np.abs(a - b).argmax(), a.shape)))
    return place(called[part], index), shown(a[index]), shown(b[index])
