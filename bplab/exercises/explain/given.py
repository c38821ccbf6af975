"""Questions on what becomes of the answer if the function is given something else; a run tells."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bplab.errors import listed
from bplab.exercises.explain.cases import described, tried_on
from bplab.exercises.explain.code import Code
from bplab.exercises.explain.outcomes import Run, choices
from bplab.exercises.review.item import Item, item
from bplab.exercises.task import Case

__all__ = ["given_otherwise"]

Array = np.ndarray
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Other:
    """Something else that a function is given.

    Attributes
    ----------
    says : str
        Its words, to follow "if it is given".
    names : tuple of str
        The arguments that are changed.
    change : callable
        Takes an array or a number of these arguments, and returns it changed.
    """

    says: str
    names: tuple[str, ...]
    change: Callable[[Array], Array]

    def of(self, given: Given) -> dict[str, Any]:
        """Return all arguments, with those in ``names`` changed."""
        return {
            name: _each(self.change, value) if name in self.names else value
            for name, value in given.items()
        }


def given_otherwise(code: Code, rng: np.random.Generator) -> Item | None:
    """Ask what becomes of the answer if, for example, an argument is doubled."""
    cases = tried_on(code.exercise, rng)
    given = cases[0].arguments(code.exercise.arguments)
    possible = list(others(given, cases[0]))
    if not possible:
        return None
    other = possible[rng.integers(len(possible))]
    found = []
    for case in cases:
        usual = case.arguments(code.exercise.arguments)
        before, after = code.answer(usual), code.answer(other.of(usual))
        if before is None or before.arrays is None or after is None:
            return None
        if after.raised is None and after.arrays is None:
            return None
        found.append(Run(before.arrays, after, code.line_of(after)))
    offered = choices(code, found, rng)
    if offered is None:
        return None
    right, wrong = offered
    return item(
        rng,
        right,
        wrong,
        kind="given",
        exercise=code.exercise.id,
        about=f"given:{code.exercise.id}:{other.says}",
        question=(
            f"What becomes of the answer if `{code.name}` is given {other.says}? "
            f"(With {described(cases[0])}.)"
        ),
        code=code.lines,
        facts={"other": other, "cases": cases},
    )


def others(given: Given, case: Case) -> Iterator[Other]:
    """Yield the other things that a function may be given."""
    numbers = [name for name, value in given.items() if _is_numbers(value)]
    for name in numbers:
        yield Other(f"`2 * {name}` in place of `{name}`", (name,), lambda array: 2 * array)
        yield Other(f"`-{name}` in place of `{name}`", (name,), lambda array: -array)
        if isinstance(given[name], Array):
            yield Other(f"zeros in place of `{name}`", (name,), np.zeros_like)
        if name in ("alpha", "beta", "weights") and np.ndim(given[name]) == 2:
            yield Other(f"`{name}` with biases of 0", (name,), _no_bias)
    rows = tuple(name for name in numbers if _rows(given[name]) == {case.sizes.get("N")})
    if rows and "order" not in given:  # `order` holds row numbers, which would no longer fit
        every = f"the rows of {listed(f'`{name}`' for name in rows)}"
        yield Other(f"every example twice ({every})", rows, _twice)
        yield Other(f"the examples in reverse order ({every})", rows, _reversed)
        yield Other(f"only the first example ({every})", rows, _first)


def _each(change: Callable[[Array], Array], value: Any) -> Any:
    """Change an array, a number, or each array of a sequence."""
    if type(value) in (list, tuple):
        return type(value)(_each(change, one) for one in value)
    return change(value)


def _is_numbers(value: Any) -> bool:
    if type(value) in (list, tuple):
        return bool(value) and all(map(_is_numbers, value))
    return isinstance(value, float) or (isinstance(value, Array) and value.dtype.kind == "f")


def _rows(value: Any) -> set[int]:
    every = value if type(value) in (list, tuple) else [value]
    return {len(one) if np.ndim(one) else 0 for one in every}


def _no_bias(array: Array) -> Array:
    changed = array.copy()
    changed[:, 0] = 0
    return changed


def _twice(array: Array) -> Array:
    return np.concatenate([array, array])


def _reversed(array: Array) -> Array:
    return array[::-1].copy()


def _first(array: Array) -> Array:
    return array[:1].copy()
