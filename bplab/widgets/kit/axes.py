"""Axes in a drawing, with ticks, grid and names; the places of loss curves on them."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.widgets.kit.svg import Box, line, text, turned

PALE = "#e4e4e4"


Ticks = Iterable[tuple[float, str]]
"""Places along one axis of the drawing, each with its label."""


def grid(box: Box, across: Ticks, up: Ticks, *, gap: float = 7) -> str:
    """Return pale lines at the ticks, and the ticks' labels."""
    across, up = [*across], [*up]
    lines = [line(box.x, y, box.right, y, stroke=PALE) for y, _ in up]
    lines += [line(x, box.y, x, box.bottom, stroke=PALE) for x, _ in across]
    return "".join(lines) + labels(box, across, up, gap=gap)


def labels(box: Box, across: Ticks, up: Ticks, *, gap: float = 7) -> str:
    """Return the labels of ticks: below the box, and to its left at a distance of ``gap``."""
    parts = [text(box.x - gap, y + 4, words, text_anchor="end") for y, words in up]
    parts += [text(x, box.bottom + 18, words, text_anchor="middle") for x, words in across]
    return "".join(parts)


def frame(box: Box, across: str, up: str, *, left: float, below: float = 40) -> str:
    """Return both axes and their names: one is ``below`` pixels under the box, one at ``left``."""
    return "".join(
        [
            line(box.x, box.y, box.x, box.bottom),
            line(box.x, box.bottom, box.right, box.bottom),
            text(box.x + box.width / 2, box.bottom + below, across, text_anchor="middle"),
            turned(left, box.y + box.height / 2, up),
        ]
    )


def telling(losses: NDArray, columns: int) -> NDArray:
    """Return the first and last epoch, and those of each column's lowest and highest loss.

    NaN counts as the highest loss.
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
    """Ends of the axes: the last epoch, and the loss's lowest and highest power of ten."""

    epochs: int
    low: int
    high: int

    @classmethod
    def of(cls, epochs: int, start: float) -> "Reach":
        """Return the reach from 1/2,000 of the starting loss to 4 times it, in whole decades."""
        low, high = np.log10(start / 2000), np.log10(start * 4)
        return cls(epochs, int(np.floor(low)), int(np.ceil(high)))


class LossAxes:
    """Axes for loss, on a logarithmic scale, against epoch: the places of curves, and the grid.

    Parameters
    ----------
    box : Box
        The inside of the axes.
    reach : Reach
    columns : int
        A curve goes through the lowest and the highest value of each column, so spikes stay.
    """

    def __init__(self, box: Box, reach: Reach, columns: int):
        self._box, self._reach, self._columns = box, reach, columns

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return x and y of a curve's points in the drawing, as many as can be told apart."""
        losses = np.asarray(losses, float)
        epochs = telling(losses, self._columns)
        return self.across(epochs), self.heights(losses[epochs])

    def across(self, epochs: ArrayLike) -> NDArray:
        """Return the x of epochs in the drawing."""
        return self._box.x + self._box.width * np.asarray(epochs) / self._reach.epochs

    def heights(self, losses: ArrayLike) -> NDArray:
        """Return the y of losses in the drawing, kept inside the axes; NaN is at the top."""
        _, low, high = self._reach
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (np.log10(losses) - low) / (high - low)
        share = np.clip(np.nan_to_num(share, nan=1.0), 0, 1)
        return self._box.bottom - self._box.height * share

    def grid(self, *, gap: float = 7) -> str:
        """Return lines and labels at powers of ten and at round epochs; see `grid`."""
        epochs, low, high = self._reach
        decades = [10.0**k for k in range(low, high + 1)]
        steps = range(0, epochs + 1, round_step(epochs))
        across = zip(self.across(steps), map(str, steps), strict=True)
        up = zip(self.heights(decades), (f"{loss:g}" for loss in decades), strict=True)
        return grid(self._box, across, up, gap=gap)


def round_step(epochs: int) -> int:
    """Return a round step between ticks, of which at most 7 fit into the epochs."""
    step = 10 ** max(0, len(str(epochs)) - 2)
    for factor in (1, 2, 5, 10, 20, 50, 100):
        if epochs / (factor * step) <= 7:
            return factor * step
    return epochs


def round_ticks(low: float, high: float) -> list[float]:
    """Return the round numbers from ``low`` to ``high`` at which ticks go: 8 at most."""
    span = (high - low) / 7
    power = 10.0 ** np.floor(np.log10(span))
    step = power * next(factor for factor in (1, 2, 5, 10, 20) if factor * power >= span)
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]
