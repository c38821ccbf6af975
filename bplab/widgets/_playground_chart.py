"""The playground's loss curves: of this run, and of the one before."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots._picture import BLUE, GREY, ORANGE
from bplab.widgets._curve import heights, round_step, telling
from bplab.widgets._layers import Box
from bplab.widgets._svg import line, polyline, text, turned

__all__ = ["Chart", "Curves"]

COLUMNS = 90  # a curve is drawn by the lowest and the highest value in each: spikes stay
PALE, DASH = "#e4e4e4", {"stroke_dasharray": "8 4"}
TRAINING = {"stroke": BLUE, "stroke_width": 3}
TEST = {"stroke": ORANGE, "stroke_width": 2.4, **DASH}
BEFORE = {"stroke": "#a0a0a0", "stroke_width": 1.6}


class Curves(NamedTuple):
    """Mean losses an example, of training and of test examples, for each epoch from 0 on."""

    training: ArrayLike
    test: ArrayLike


class Reach(NamedTuple):
    """Ends of the axes: the last epoch, and decades of the loss."""

    epochs: int
    low: int
    high: int


class Chart:
    """Loss against epoch, logarithmic; curves differ in colour and dash.

    Parameters
    ----------
    box : Box
        The inside of the axes.

    Attributes
    ----------
    still, moving : str
        SVG of the axes with the run before, which change seldom, and of this run.
    reach : Reach
    """

    def __init__(self, box: Box):
        self._box = box
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self.still = self.moving = ""
        self.reach: Reach | None = None
        self._before: Curves | None = None

    def draw(self, now: Curves, before: Curves | None, epoch: int) -> None:
        """Show loss curves, and the epoch whose weights are in place."""
        box, reach = self._box, _reach(now, before)
        if reach != self.reach or before is not self._before:
            self.reach, self._before = reach, before
            ghost = (
                [] if before is None else [*zip(before, (BEFORE, {**BEFORE, **DASH}), strict=True)]
            )
            self.still = self._axes() + "".join(self._curve(c, style) for c, style in ghost)
        x = box.x + box.width * epoch / reach.epochs
        here = f'<path d="M{x:.1f},{box.y}v{box.height}" stroke="{GREY}" stroke-dasharray="2 3"/>'
        self.moving = here + self._curve(now.training, TRAINING) + self._curve(now.test, TEST)

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return where a curve goes: x and y in the drawing, as many as can be told apart."""
        losses = np.asarray(losses, float)
        epochs = telling(losses, COLUMNS)
        x = self._box.x + self._box.width * epochs / self.reach.epochs
        return x, self._height(losses[epochs])

    def _curve(self, losses: ArrayLike, style: dict) -> str:
        return polyline(*self.points(losses), **style)

    def _height(self, losses: NDArray) -> NDArray:
        """Where losses are; they do not leave the axes."""
        box = self._box
        return box.y + box.height * (1 - heights(losses, self.reach.low, self.reach.high))

    def _axes(self) -> str:
        """Lines, ticks, names, and what the curves are."""
        box, (epochs, low, high) = self._box, self.reach
        bottom, parts = box.y + box.height, []
        for decade in range(low, high + 1):
            (y,) = self._height(np.array([10.0**decade]))
            parts.append(line(box.x, y, box.x + box.width, y, stroke=PALE))
            parts.append(text(box.x - 7, y + 4, f"{10.0**decade:g}", text_anchor="end"))
        for epoch in range(0, epochs + 1, round_step(epochs)):
            x = box.x + box.width * epoch / epochs
            parts.append(line(x, box.y, x, bottom, stroke=PALE))
            parts.append(text(x, bottom + 18, f"{epoch}", text_anchor="middle"))
        parts += [
            line(box.x, box.y, box.x, bottom),
            line(box.x, bottom, box.x + box.width, bottom),
            text(box.x + box.width / 2, bottom + 38, "epoch", text_anchor="middle"),
            turned(box.x - 52, box.y + box.height / 2, "mean loss of an example, R(θ)/N"),
        ]
        names = {"training": TRAINING, "test": TEST}
        if self._before is not None:
            names["the run before"] = BEFORE
        across, y = box.x, box.y - 16
        for name, style in names.items():
            parts.append(line(across, y, across + 28, y, **style))
            parts.append(text(across + 34, y + 4, name, font_size=12))
            across += 56 + 6.6 * len(name)
        return "".join(parts)


def _reach(now: Curves, before: Curves | None) -> Reach:
    """The axes for these curves: they change when a curve has become twice as long, no sooner."""
    longest = max(len(curves.training) for curves in (now, before) if curves is not None) - 1
    end = 100
    while end < longest:
        end *= 2
    start = max(float(now.training[0]), 1e-6)
    return Reach(end, int(np.floor(np.log10(start / 2000))), int(np.ceil(np.log10(start * 4))))
