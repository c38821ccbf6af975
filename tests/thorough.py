"""How much is tried: what shows that a change broke something, or everything.

`make test` runs the first, `make test-all` the second: it sets ``BPLAB_ALL=1``. What is tried in
both runs is the same in kind; with all there are more seeds, more examples, both isolations.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any

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
