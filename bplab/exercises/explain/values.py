"""Questions on the value, or the shape, that a learner's name has at a line; a run tells."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bplab.errors import listed
from bplab.exercises.explain.cases import described, tried_on
from bplab.exercises.explain.code import Code, Seen
from bplab.exercises.review import small
from bplab.exercises.review.item import Choice, Item, item, shown, visibly_other
from bplab.exercises.task import Case

__all__ = ["called", "once", "which_axes", "which_value"]

Array = np.ndarray

OFFERED = 4
WIDEST = 4
"""The most numbers in a row that is offered."""

CHANGED = 6
"""How many changes of the code are tried to get plausible wrong values."""


# --- values -------------------------------------------------------------------------------


def which_value(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask for the value of a name, or of a part of a line, for given numbers."""
    exercise = code.exercise
    values = small.arguments(exercise, rng, by_hand=True)
    values = values or small.arguments(exercise, rng, by_hand=False)
    if values is None:
        return None
    if "x" in exercise.arguments:  # a layer's, of one example
        values = {**values, "x": values["x"][None]}
    answer, seen = code.watched(values)
    if answer is None or answer.arrays is None:
        return None
    there = [one for one in once(seen) if _worth_asking(one, values)]
    if not there:
        return None
    asked = there[rng.integers(len(there))]
    row = int(rng.integers(len(asked.value))) if asked.value.ndim == 2 else None
    right = _row(asked.value, row)
    others: list[tuple[Array, str]] = []
    for value, why in _others(code, rng, values, seen, asked, row):
        known = [right, *(other for other, _ in others)]
        if value.shape != right.shape or _written(value) in map(_written, known):
            continue
        if all(visibly_other(value, one) for one in known):
            others.append((value, why))
    others = others[: OFFERED - 1]
    if len(others) < OFFERED - 1:
        return None
    setting, question = small.setting(exercise, values), f"What is {_wanted(asked, row, code)}?"
    return item(
        rng,
        Choice(_written(right), f"When it ran, {called(asked)} was {_whole(asked.value)}."),
        [Choice(_written(value), why) for value, why in others],
        kind="value",
        exercise=exercise.id,
        about=f"value:{exercise.id}:{asked.line}:{asked.what}",
        question=f"{setting} {question}".lstrip(),
        tables=small.given(exercise, values),
        code=code.lines,
        facts={"values": values, "asked": asked, "row": row},
    )


def once(seen: Sequence[Seen]) -> list[Seen]:
    """Return the values that can be asked for: those that name, line and rounds identify."""
    count = Counter(one.key for one in seen)
    lines = Counter((one.what, one.line) for one in seen)
    return [
        one
        for one in seen
        if count[one.key] == 1 and (one.rounds or lines[one.what, one.line] == 1)
    ]


def _worth_asking(one: Seen, values: Mapping[str, Any]) -> bool:
    """Whether there is something to be worked out, and not too much."""
    value = one.value
    if value.ndim > 2 or value.shape[-1:] > (WIDEST,) or not np.isfinite(value).all():
        return False
    named = one.what.isidentifier()
    return bool(value.any()) and (named or value.ndim > 0) and not _is_given(value, values)


def _is_given(value: Array, values: Mapping[str, Any]) -> bool:
    return any(value is not other and np.array_equal(value, other) for other in _arrays(values))


def _arrays(values: Mapping[str, Any]) -> Iterator[Array]:
    for value in values.values():
        yield from (
            one
            for one in (value if isinstance(value, tuple) else (value,))
            if isinstance(one, np.ndarray)
        )


def _row(value: Array, row: int | None) -> Array:
    return value if row is None else value[row]


def _others(
    code: Code,
    rng: np.random.Generator,
    values: Mapping[str, Any],
    seen: Sequence[Seen],
    asked: Seen,
    row: int | None,
) -> Iterator[tuple[Array, str]]:
    """Yield other values to offer, each with a sentence that says what it is."""
    if code.only_computes:
        possible = [edit for edit in code.edits if edit.line <= asked.line]
        for i in rng.permutation(len(possible))[:CHANGED]:
            edit = possible[i]
            _, changed = code.with_(edit.span, edit.by).watched(values)
            for one in once(changed):
                if one.key == asked.key and one.value.shape == asked.value.shape:
                    yield _row(one.value, row), f"It would be so if {edit.says}."
    if row is not None:
        for i in rng.permutation(len(asked.value)):
            yield asked.value[i], f"That is row {i + 1} of it."
    yield -_row(asked.value, row), "Its numbers are right, but not their signs."
    for i in rng.permutation(len(seen)):
        one = seen[i]
        if one.value.ndim == asked.value.ndim and (row is None or row < len(one.value)):
            where = "" if row is None else f", row {row + 1}"
            yield _row(one.value, row), f"That is {called(one)}{where}."
    yield 2 * _row(asked.value, row), "That is twice as much."
    yield _row(asked.value, row) / 2, "That is half of it."


def _wanted(asked: Seen, row: int | None, code: Code) -> str:
    """The value as a question asks for it: "`delta` after line 3 for example 2"."""
    if row is None:
        return called(asked)
    if _by_example(code, asked):
        return f"{called(asked)} for example {row + 1}"
    return f"row {row + 1} of {called(asked)}"


def _by_example(code: Code, asked: Seen) -> bool:
    """Whether its rows are the examples: in a case whose sizes all differ, it has N rows."""
    case = tried_on(code.exercise, np.random.default_rng(0))[0]
    _, seen = code.watched(case.arguments(code.exercise.arguments))
    shapes = [one.value.shape for one in seen if (one.what, one.line) == (asked.what, asked.line)]
    return bool(shapes) and shapes[0][:1] == (case.sizes.get("N"),)


def called(asked: Seen) -> str:
    """The words for a value in questions and explanations."""
    found = f"`{asked.what}` in line {asked.line}"
    if asked.what.isidentifier():
        found = f"`{asked.what}` after line {asked.line}"
    if not asked.rounds:
        return found
    rounds = listed(f"`{name}` = {number}" for name, number in asked.rounds)
    return f"{found}, with {rounds}"


def _written(value: Array) -> str:
    if value.size == 1:
        return shown(float(value.item()))
    return f"({', '.join(shown(float(entry)) for entry in value)})"


def _whole(value: Array) -> str:
    return "; ".join(map(_written, value)) if value.ndim == 2 else _written(value)


# --- shapes -------------------------------------------------------------------------------


def which_axes(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask for the shape of a name, or of a part of a line."""
    cases = tried_on(code.exercise, rng)[:2]
    watched = [code.watched(case.arguments(code.exercise.arguments)) for case in cases]
    if any(answer is None or answer.arrays is None for answer, _ in watched):
        return None
    seen = once(watched[0][1])
    there = [one for one in seen if one.value.ndim and not one.rounds]
    again = {(one.what, one.line): one.value.shape for one in once(watched[-1][1])}
    there = [one for one in there if again.get((one.what, one.line)) == one.value.shape]
    if not there:
        return None
    asked = there[rng.integers(len(there))]
    shape = asked.value.shape
    others: dict[tuple[int, ...], str] = {}
    for other, why in _other_shapes(asked, seen, rng):
        if other != shape and 0 not in other:
            others.setdefault(other, why)
    if len(others) < OFFERED - 1:
        return None
    return item(
        rng,
        Choice(str(shape), f"It had this shape when it ran: {_counted(shape, cases[0])}"),
        [Choice(str(one), why) for one, why in list(others.items())[: OFFERED - 1]],
        kind="axes",
        exercise=code.exercise.id,
        about=f"axes:{code.exercise.id}:{asked.line}:{asked.what}",
        question=f"What is the shape of {called(asked)}? (With {described(cases[0])}.)",
        code=code.lines,
        facts={"cases": cases, "asked": asked},
    )


def _other_shapes(
    asked: Seen, seen: Sequence[Seen], rng: np.random.Generator
) -> Iterator[tuple[tuple[int, ...], str]]:
    shape = asked.value.shape
    axes = f"It has {len(shape)} {'axis' if len(shape) == 1 else 'axes'}."
    last = f"The last axis has {shape[-1]}."
    near = [
        (shape[::-1], "The axes are in the other order."),
        ((*shape[:-1], shape[-1] + 1), last),
        ((*shape[:-1], shape[-1] - 1), last),
        (shape[1:], axes),
        (shape[:-1], axes),
        ((shape[0], *shape), axes),
    ]
    yield from (near[i] for i in rng.permutation(2))
    for i in rng.permutation(len(seen)):
        if seen[i].value.ndim:
            yield seen[i].value.shape, f"That is the shape of {called(seen[i])}."
    yield from (near[i] for i in 2 + rng.permutation(len(near) - 2))


def _counted(shape: tuple[int, ...], case: Case) -> str:
    """Return which letter each size of a shape is, where the case has such a size."""
    said = []
    for size in dict.fromkeys(shape):
        for letter, known in case.measures.items():
            if size - known in (0, 1) and size > 1:
                said.append(f"{size} = {letter}{' + 1' * (size - known)}")
                break
    return f"{', '.join(said)}." if said else f"{shape}."
