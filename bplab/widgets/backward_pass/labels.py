"""Places for labels on edges that cross each other: on no crossing, and not on each other."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["apart"]

Line = tuple[float, float, float, float]
"""Both ends of an edge, from left to right: x1, y1, x2, y2."""
Point = tuple[float, float]

CLEAR = 5  # distance of a label from a unit, for the arrow's tip
ALONG, BESIDE = 15, (0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75)
"""The number of places along an edge; and their distances from it, in heights of a label."""
AIR = 1.0  # free space around a label
TRIES = 500
"""The number of places that are tried before the search is given up."""


def apart(lines: Sequence[Line], others: Sequence[Line], size: Point) -> list[Point] | None:
    """Return the centre of a label on or near each edge; None if there is no room for all labels.

    Parameters
    ----------
    lines : sequence of Line
        Edges between two columns of units.
    others : sequence of Line
        Edges without labels. Labels may cover them, but not their crossings with other edges.
    size : (float, float)
        Width and height of a label.
    """
    crossings = _crossings([*lines, *others])
    spots, worth, of = [], [], []
    for i, line in enumerate(lines):
        at = _places(line, size)
        at = at[~_covers(at, crossings, size)]
        spots.append(at)
        worth.append(_ugly(at, line, [*lines[:i], *lines[i + 1 :], *others], size))
        of.append(np.full(len(at), i))
    every, edge = np.concatenate(spots), np.concatenate(of)
    order = np.argsort(np.concatenate(worth), kind="stable")
    every, edge = every[order], edge[order]
    chosen = _chosen(edge, _meet(every, size), len(lines))
    return None if chosen is None else [(float(x), float(y)) for x, y in every[chosen]]


def _chosen(edge: NDArray, meet: NDArray, many: int) -> list[int] | None:
    """Return one place for each edge, with no two overlapping; None if none are found in time.

    The places of each edge are tried from the best on; the edge with the fewest is served first.
    """
    free = [_bits(row) for row in ~meet]
    own = [_bits(edge == i) for i in range(many)]
    left = TRIES

    def rest(open: int, waiting: frozenset[int]) -> dict[int, int] | None:
        nonlocal left
        if not waiting:
            return {}
        next = min(waiting, key=lambda i: ((open & own[i]).bit_count(), i))
        places = open & own[next]
        while places and left:
            left -= 1
            k = (places & -places).bit_length() - 1
            places &= places - 1
            found = rest(open & free[k], waiting - {next})
            if found is not None:
                return found | {next: k}
        return None

    found = rest((1 << len(edge)) - 1, frozenset(range(many)))
    return None if found is None else [found[i] for i in range(many)]


def _bits(row: NDArray) -> int:
    """Return a vector of truth values as the bits of a number, the first as the lowest bit."""
    return int.from_bytes(np.packbits(row, bitorder="little").tobytes(), "little")


def _places(line: Line, size: Point) -> NDArray:
    """Return places (n, 2) near an edge where a label covers no unit and no arrow's tip.

    There is none if the gap is too narrow.
    """
    x1, y1, x2, y2 = line
    ends = x1 + size[0] / 2 + CLEAR, x2 - size[0] / 2 - CLEAR
    if ends[0] > ends[1]:
        return np.empty((0, 2))
    x = np.repeat(np.linspace(*ends, ALONG), len(BESIDE))
    beside = np.tile(np.array(BESIDE) * (size[1] + 2 * AIR), ALONG)
    return np.column_stack([x, y1 + (y2 - y1) * (x - x1) / (x2 - x1) + beside])


def _ugly(spots: NDArray, line: Line, others: Sequence[Line], size: Point) -> NDArray:
    """Return how bad each place is: edges that pass, distance from its edge and from the middle."""
    x1, y1, x2, y2 = line
    x, y = spots.T
    beside = abs(y - y1 - (y2 - y1) * (x - x1) / (x2 - x1)) / size[1]
    return _passing(spots, others, size) + 2 * beside + abs(x - (x1 + x2) / 2) / (x2 - x1)


def _passing(spots: NDArray, lines: Sequence[Line], size: Point) -> NDArray:
    """Return how many edges would pass through a label at each place."""
    x1, y1, x2, y2 = np.array(lines).reshape(-1, 4).T
    left, right = (np.clip(spots[:, :1] + side * size[0] / 2, x1, x2) for side in (-1, 1))
    slope = (y2 - y1) / (x2 - x1)
    ends = y1 + slope * (left - x1), y1 + slope * (right - x1)
    y, half = spots[:, 1:], size[1] / 2
    return ((np.minimum(*ends) < y + half) & (np.maximum(*ends) > y - half)).sum(axis=1)


def _meet(spots: NDArray, size: Point) -> NDArray:
    """Return which pairs of labels would overlap, shape (n, n)."""
    apart = abs(spots[:, None] - spots[None])
    return (apart < np.array(size) + AIR).all(axis=2)


def _covers(spots: NDArray, points: NDArray, size: Point) -> NDArray:
    """Return for each place whether a label there would cover one of the points."""
    near = abs(spots[:, None] - points[None]) < np.array(size) / 2 + AIR
    return near.all(axis=2).any(axis=1)


def _crossings(lines: Sequence[Line]) -> NDArray:
    """Return the points (n, 2) where edges cross each other, without their ends."""
    found = []
    for (x1, a1, x2, b1), (x3, a2, x4, b2) in combinations(lines, 2):
        rise, other = (b1 - a1) / (x2 - x1), (b2 - a2) / (x4 - x3)
        if rise == other:
            continue
        x = ((a2 - other * x3) - (a1 - rise * x1)) / (rise - other)
        if max(x1, x3) < x < min(x2, x4):
            found.append((x, a1 + rise * (x - x1)))
    return np.array(found).reshape(-1, 2)
