"""Where the parts of the network stand in the backward-pass panel's picture."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

__all__ = ["BOX", "Layout", "layout"]

BOX = (106, 62)
"""Width and height of a unit."""

TOP, PITCH = 84, 106  # where the units begin; from one unit to the next below
RIGHT = 66  # for the target, beside the outputs
WIDE = 244  # room for edges with their terms
LABEL, SMALL = (100, 34), (62, 18)  # room for a term with its value, and for one number
PLACES = 21  # to choose from, along an edge

Edge = tuple[int, int, int]
"""Layer, unit, and unit of the layer below, counted from 1."""
Size = tuple[int, int]


class Layout(NamedTuple):
    """Width and height of the picture, the middle of each unit by (layer, unit), and labels.

    ``labels`` has the middle of what stands on each edge.
    """

    width: int
    height: int
    units: dict[tuple[int, int], tuple[float, float]]
    labels: dict[Edge, tuple[float, float]]

    def ends(self, edge: Edge) -> tuple[float, float, float, float]:
        """Return both ends of an edge, from left to right."""
        d, to, of = edge
        (x1, y1), (x2, y2) = self.units[d - 1, of], self.units[d, to]
        return x1 + BOX[0] / 2, y1, x2 - BOX[0] / 2, y2


@lru_cache(maxsize=128)
def layout(sizes: tuple[int, ...], wide: int | None = None) -> Layout:
    """Return the layout of a network with so many units in each layer.

    The edges that lead to layer ``wide`` get room for their terms, at the others' cost.
    """
    last = len(sizes) - 1
    width = 880 if last < 4 else 1060
    height = TOP + PITCH * max(sizes)
    room = width - RIGHT - 8 - BOX[0] * (last + 1)
    gaps = [room / last] * last
    if wide is not None and gaps[0] < WIDE:
        gaps = [(room - WIDE) / (last - 1)] * last
        gaps[wide - 1] = WIDE
    lefts = [4 + BOX[0] * d + sum(gaps[:d]) for d in range(last + 1)]
    units = {
        (d, m): (
            lefts[d] + BOX[0] / 2,
            TOP + PITCH * (max(sizes) - size) / 2 + PITCH * (m - 1) + BOX[1] / 2 + 6,
        )
        for d, size in enumerate(sizes)
        for m in range(1, size + 1)
    }
    found = Layout(width, height, units, {})
    for d, (below, size) in enumerate(pairwise(sizes), start=1):
        edges = [(d, to, of) for of in range(1, below + 1) for to in range(1, size + 1)]
        found.labels.update(_apart(edges, found, LABEL if d == wide else SMALL))
    return found


def _apart(edges: list[Edge], where: Layout, size: Size) -> dict[Edge, tuple[float, float]]:
    """Put a label on each edge, as far from each other as the edges allow."""
    places = {edge: _places(*where.ends(edge), size[0]) for edge in edges}
    best = {edge: spots[len(spots) // 2] for edge, spots in places.items()}
    for _ in range(8):
        for edge in edges:
            others = [best[other] for other in edges if other != edge]
            best[edge] = max(places[edge], key=lambda spot: _room(spot, others, size))
    return best


def _places(x1: float, y1: float, x2: float, y2: float, width: float) -> list[tuple[float, float]]:
    """Middles for a label along an edge, such that it covers neither unit, nor the arrow."""
    margin = min(0.5, (width / 2 + 6) / (x2 - x1))
    shares = [margin + i * (1 - 2 * margin) / (PLACES - 1) for i in range(PLACES)]
    return [(x1 + share * (x2 - x1), y1 + share * (y2 - y1)) for share in shares]


def _room(spot: tuple[float, float], others: list[tuple[float, float]], size: Size) -> float:
    """The distance to the nearest label in widths and heights of labels; beyond 1.2 all is well."""
    return min(
        (min(1.2, max(abs(spot[0] - x) / size[0], abs(spot[1] - y) / size[1])) for x, y in others),
        default=1.2,
    )
