"""Axes in a drawing: where they are, their ticks, grid and names; loss curves on them."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.widgets.kit.svg import Box, line, text, turned

PALE = "#e4e4e4"


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


def telling(losses: NDArray, columns: int) -> NDArray:
    """Return the epochs of the lowest and the highest loss in each column, the first, the last.

    NaN counts as the highest.
    """
    last = len(losses) - 1
    if last <= 2 * columns:
        return np.arange(last + 1)
    width = -(-(last + 1) // columns)
    padded = np.full(width * -(-(last + 1) // width), losses[-1])
    padded[: last + 1] = losses
    rows = np.where(np.isnan(padded), np.inf, padded).reshape(-1, width)
    starts = np.arange(len(rows)) * width
    found = np.concatenate([starts + rows.argmin(axis=1), starts + rows.argmax(axis=1), [0, last]])
    return np.unique(np.minimum(found, last))


class Reach(NamedTuple):
    """Ends of the axes: the last epoch, and decades of the loss."""

    epochs: int
    low: int
    high: int

    @classmethod
    def of(cls, epochs: int, start: float) -> "Reach":
        """From a 2,000th of the loss at the start to four times as much, in whole decades."""
        low, high = np.log10(start / 2000), np.log10(start * 4)
        return cls(epochs, int(np.floor(low)), int(np.ceil(high)))


class LossAxes:
    """Loss, logarithmic, against epoch: where curves go, and the grid.

    Parameters
    ----------
    box : Box
        The inside of the axes.
    reach : Reach
    columns : int
        A curve is drawn by the lowest and the highest value in each: spikes stay.
    """

    def __init__(self, box: Box, reach: Reach, columns: int):
        self._box, self._reach, self._columns = box, reach, columns

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return where a curve goes: x and y in the drawing, as many as can be told apart."""
        losses = np.asarray(losses, float)
        epochs = telling(losses, self._columns)
        return self.across(epochs), self.heights(losses[epochs])

    def across(self, epochs: ArrayLike) -> NDArray:
        """Return where epochs are."""
        return self._box.x + self._box.width * np.asarray(epochs) / self._reach.epochs

    def heights(self, losses: ArrayLike) -> NDArray:
        """Return where losses are; they do not leave the axes; NaN is at the top."""
        _, low, high = self._reach
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (np.log10(losses) - low) / (high - low)
        share = np.clip(np.nan_to_num(share, nan=1.0), 0, 1)
        return self._box.bottom - self._box.height * share

    def grid(self, *, gap: float = 7) -> str:
        """Return lines and labels at decades and at round epochs; see `grid`."""
        epochs, low, high = self._reach
        decades = [10.0**k for k in range(low, high + 1)]
        steps = range(0, epochs + 1, round_step(epochs))
        across = zip(self.across(steps), map(str, steps), strict=True)
        up = zip(self.heights(decades), (f"{loss:g}" for loss in decades), strict=True)
        return grid(self._box, across, up, gap=gap)


def round_step(epochs: int) -> int:
    """A round number of which 4 to 8 fit in."""
    step = 10 ** max(0, len(str(epochs)) - 2)
    for factor in (1, 2, 5, 10, 20, 50, 100):
        if epochs / (factor * step) <= 7:
            return factor * step
    return epochs


def round_ticks(low: float, high: float) -> list[float]:
    """Return 3 to 7 round numbers between two."""
    span = (high - low) / 7
    power = 10.0 ** np.floor(np.log10(span))
    step = power * next(factor for factor in (1, 2, 5, 10, 20) if factor * power >= span)
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]
