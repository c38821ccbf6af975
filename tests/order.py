"""Which tests run when, and which on one worker, where `make test` has several.

A module's tests are one worker's, so that what they share is made once; so are those of a group or
a folder which share what is dearer: a browser, a graded class, what all known mistakes answer.
`make test-all` has modules that are too long for that. What waits for kernels, servers and time
limits has something beside it that computes.
"""

from collections import Counter
from itertools import chain, zip_longest
from pathlib import Path

import pytest
from xdist.scheduler import LoadGroupScheduling

TESTS = Path(__file__).parent
WAITING = ("browser", "grading", "course", "cli", "benchmarks")
"""Folders of tests that start other programs; the longest first."""
TOGETHER = ("tests/exercises/judging",)
"""Folders whose modules share what is dear."""


def unit(scope: str) -> str:
    """Return what is handed out together: a group as it is, of a test's name module or folder."""
    module = scope.partition("::")[0]
    return next((folder for folder in TOGETHER if module.startswith(f"{folder}/")), module)


class ByModule(LoadGroupScheduling):
    """Hands out units, in the order in which their first tests come."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(super()._split_scope(nodeid))


def ordered(items: list[pytest.Item]) -> list[pytest.Item]:
    """Put what waits and what computes in turns, in each the longest first.

    How long a module computes is told by its number of tests, near enough; the last ones are
    short, so that no worker ends long after the others.
    """
    sizes = Counter(item.path for item in items)
    waiting = {path: rank for path in sizes if (rank := _rank(path)) is not None}
    modules = [
        sorted(waiting, key=lambda path: waiting[path]),
        sorted(sizes.keys() - waiting.keys(), key=lambda path: (-sizes[path], path)),
    ]
    in_turns = [path for path in chain(*zip_longest(*modules)) if path is not None]
    place = {path: i for i, path in enumerate(in_turns)}
    return sorted(items, key=lambda item: place[item.path])


def _rank(path: Path) -> int | None:
    folder = path.relative_to(TESTS).parts[0]
    return WAITING.index(folder) if folder in WAITING else None
