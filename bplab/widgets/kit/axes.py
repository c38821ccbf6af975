"""Axes in a drawing: where they are, their ticks and grid, and their names."""

from collections.abc import Iterable
from typing import NamedTuple

from bplab.widgets.kit.svg import line, text, turned

__all__ = ["Box", "frame", "grid", "labels"]

PALE = "#e4e4e4"


class Box(NamedTuple):
    """A rectangle of the drawing: its left and upper end, and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right end."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower end."""
        return self.y + self.height


Ticks = Iterable[tuple[float, str]]
"""Places in the drawing, and what stands beside them."""


def grid(box: Box, across: Ticks, up: Ticks, *, gap: float = 7) -> str:
    """Return pale lines at ticks, and their labels."""
    across, up = [*across], [*up]
    lines = [line(box.x, y, box.right, y, stroke=PALE) for y, _ in up]
    lines += [line(x, box.y, x, box.bottom, stroke=PALE) for x, _ in across]
    return "".join(lines) + labels(box, across, up, gap=gap)


def labels(box: Box, across: Ticks, up: Ticks, *, gap: float = 7) -> str:
    """Return what stands at ticks: below the box, and on the left with a gap."""
    parts = [text(box.x - gap, y + 4, words, text_anchor="end") for y, words in up]
    parts += [text(x, box.bottom + 18, words, text_anchor="middle") for x, words in across]
    return "".join(parts)


def frame(box: Box, across: str, up: str, *, left: float, below: float = 40) -> str:
    """Return the two lines of the axes and their names, one so far below, one at ``x = left``."""
    return "".join(
        [
            line(box.x, box.y, box.x, box.bottom),
            line(box.x, box.bottom, box.right, box.bottom),
            text(box.x + box.width / 2, box.bottom + below, across, text_anchor="middle"),
            turned(left, box.y + box.height / 2, up),
        ]
    )
