"""The playground's loss curves: of this run, and of the one before."""

from typing import NamedTuple

from numpy.typing import ArrayLike, NDArray

from bplab.plots.picture import BLUE, GREY, ORANGE
from bplab.widgets.kit.axes import Box, frame
from bplab.widgets.kit.curve import LossAxes, Reach
from bplab.widgets.kit.svg import line, polyline, text

__all__ = ["Chart", "Curves"]

COLUMNS = 90
DASH = {"stroke_dasharray": "8 4"}
TRAINING = {"stroke": BLUE, "stroke_width": 3}
TEST = {"stroke": ORANGE, "stroke_width": 2.4, **DASH}
BEFORE = {"stroke": "#a0a0a0", "stroke_width": 1.6}


class Curves(NamedTuple):
    """Mean losses an example, of training and of test examples, for each epoch from 0 on."""

    training: ArrayLike
    test: ArrayLike


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
            self._axes = LossAxes(box, reach, COLUMNS)
            ghost = (
                [] if before is None else [*zip(before, (BEFORE, {**BEFORE, **DASH}), strict=True)]
            )
            self.still = self._frame() + "".join(self._curve(c, style) for c, style in ghost)
        x = self._axes.across(epoch)
        here = f'<path d="M{x:.1f},{box.y}v{box.height}" stroke="{GREY}" stroke-dasharray="2 3"/>'
        self.moving = here + self._curve(now.training, TRAINING) + self._curve(now.test, TEST)

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return where a curve goes; see `LossAxes.points`."""
        return self._axes.points(losses)

    def _curve(self, losses: ArrayLike, style: dict) -> str:
        return polyline(*self.points(losses), **style)

    def _frame(self) -> str:
        """Lines, ticks, names, and what the curves are."""
        box = self._box
        parts = [
            self._axes.grid(),
            frame(box, "epoch", "mean loss of an example, R(θ)/N", left=box.x - 52, below=38),
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
    return Reach.of(end, max(float(now.training[0]), 1e-6))
