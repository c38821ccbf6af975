"""How many examples the fast path takes at a time, so that what it works on stays in the cache.

A pass goes through the arrays of each layer about ten times. Where those of all examples are
larger than the cache of a core, each of these times fetches them from further away; blocks of
examples whose arrays fit are worked on from the data to the gradient before the next one comes.
A block costs its calls, and its products read all weights again: blocks are taken if they save
more than that.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

__all__ = ["cache_size", "examples_a_block"]

COMMON = 2**19
"""Bytes of the second-level cache where the system does not tell them."""

SHARE = 0.5
"""How much of it a block's arrays may fill: products put parts of theirs there as well."""

# nanoseconds, measured on machines of 2026; only their proportions decide
SAVED = 0.14  # for each byte that is worked on in the cache
CALLS = 6000  # for each layer of a block
WEIGHTS = 0.45  # for each byte of weights that a block reads again, and adds to the gradient


@cache
def cache_size() -> int:
    """Return the bytes of a core's second-level cache, as Linux tells them; else a common size."""
    try:
        told = Path("/sys/devices/system/cpu/cpu0/cache/index2/size").read_text().strip()
        return max(COMMON, int(told.removesuffix("K")) * 1024)
    except (OSError, ValueError):
        return COMMON


def examples_a_block(weights: Sequence[np.ndarray], N: int) -> int:
    """Return how many of ``N`` examples to work on at a time; ``N`` if all at once.

    Parameters
    ----------
    weights : sequence of ndarray, shapes (M_1, p+1) … (K, M_D+1)
        Of one network, from the input on.
    N : int
        How many examples there are.
    """
    units = [len(w) for w in weights]
    itemsize = np.result_type(*weights).itemsize
    # of each layer its values and derivatives, and the difference of the last one's to Y
    worked_on = itemsize * (2 * sum(units) + units[-1])
    data = itemsize * (weights[0].shape[1] + units[-1])
    n = int(SHARE * cache_size() / (worked_on + data))
    saved = SAVED * worked_on * n
    costs = CALLS * len(weights) + WEIGHTS * itemsize * sum(w.size for w in weights)
    return n if n < N and saved > costs else N
