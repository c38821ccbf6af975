"""How much is tried: what shows that a change broke something, or everything.

`make test` runs the first, `make test-all` the second: it sets ``BPLAB_ALL=1``. What is tried in
both runs is the same in kind; with all there are more seeds, more examples, both isolations.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any
from zlib import crc32

import pytest

ALL = os.environ.get("BPLAB_ALL", "0") not in ("", "0")
"""Whether everything is tried."""

SEEDS = range(25 if ALL else 3)
"""Of cases that are drawn."""

EXAMPLES = 200 if ALL else 25
"""How many examples hypothesis draws for a test."""


def sampled(values: Iterable[Any], chosen: Callable[[Any], bool]) -> list[Any]:
    """Return parameters for a test: those that are not chosen are for `make test-all`."""
    return [value for value in values if ALL or chosen(value)]


def one_in(n: int, values: Iterable[Any]) -> list[Any]:
    """Return parameters for a test: one of each ``n``; the others are for `make test-all`."""
    return list(values)[:: 1 if ALL else n]


def one_of(name: str, values: Iterable[Any], **more: Any) -> Callable[[Any], Any]:
    """Parametrise a test: of rows that differ in this parameter only, `make test` tries one.

    Which one is told by the row's other parameters, so that each value has its turn somewhere.
    """
    parametrized = pytest.mark.parametrize(name, list(values), **more)
    return lambda test: pytest.mark.one_of(name)(parametrized(test))


def chosen(items: list[pytest.Item]) -> list[pytest.Item]:
    """Leave out what `make test-all` alone tries.

    That is what is ``thorough``; all but one of the rows that `one_of` makes alike; and of the rows
    of a test that is marked ``one_in(n)`` all but one of each ``n``. Which rows are left is told by
    their names, not by their places or by chance.
    """
    if ALL:
        return items
    alike, tests = defaultdict(list), defaultdict(list)
    for item in items:
        if not item.get_closest_marker("thorough"):
            alike[_row(item)].append(item)
    for rows in alike.values():
        item = min(rows, key=_by_name)
        tests[item.parent.nodeid, item.originalname].append(item)
    tried = set()
    for rows in tests.values():
        sparse = rows[0].get_closest_marker("one_in")
        few = -(-len(rows) // sparse.args[0]) if sparse else len(rows)
        tried.update(sorted(rows, key=_by_name)[:few])
    return [item for item in items if item in tried]


def _by_name(item: pytest.Item) -> int:
    return crc32(item.nodeid.encode())


def _row(item: pytest.Item) -> Hashable:
    """Return what a test has in common with those that differ in a value of `one_of` only."""
    names = {mark.args[0] for mark in item.iter_markers("one_of")}
    if not names:
        return item.nodeid
    others = (id(value) for name, value in item.callspec.params.items() if name not in names)
    return item.parent.nodeid, item.originalname, *others
