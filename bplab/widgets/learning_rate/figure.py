"""The picture of the learning-rate panel: the loss curves of this run and the previous one."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike, NDArray

from bplab.plots import BLUE, ORANGE
from bplab.widgets.kit.axes import LossAxes, Reach, frame
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import INK, Box, SvgView, heading, place, polyline, text, width_of

__all__ = ["LossFigure"]

HEIGHT = 320
LEFT, TOP, BOTTOM = 70, 38, 51  # space around the inside of the axes, in pixels
BESIDE, NARROW = 175, 16
"""Room on the right: for the labels of the curves, or, if narrow, with the labels on the curves."""

COLUMNS = 224
DARK = "#444444"


class LossFigure(Fitted):
    """Two loss curves on axes whose range never changes.

    The curves differ in colour, dash and width, and each has its label at its end.

    Parameters
    ----------
    epochs : int
        Length of the horizontal axis.
    start : float
        Loss before the first update. The logarithmic axis goes from 1/2,000 of it to 4 times it,
        rounded to whole powers of ten.

    Attributes
    ----------
    inside : Box
        The inside of the axes, in pixels.
    limits : (float, float)
        Lowest and highest loss of the axis.
    """

    widest = 700

    def __init__(self, epochs: int, start: float):
        self.width = self.widest
        self._reach = Reach.of(epochs, start or 1.0)
        self.limits = 10.0**self._reach.low, 10.0**self._reach.high
        self.view = SvgView(self.width, HEIGHT)
        self._drawn: tuple[Any, ...] = ("", None, None)
        self.lay_out()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        self.view.width = self.width
        beside = BESIDE if self.width > 2.5 * BESIDE else NARROW
        self.inside = Box(LEFT, TOP, self.width - LEFT - beside, HEIGHT - TOP - BOTTOM)
        self._axes = LossAxes(self.inside, self._reach, COLUMNS)
        self._frame = (
            self._axes.grid(gap=8)
            + self._ticks(self._reach)
            + frame(self.inside, "epoch", "loss R(θ)", left=14)
        )
        self.draw(*self._drawn)

    def draw(
        self,
        title: str,
        now: tuple[float, NDArray] | None,
        before: tuple[float, NDArray] | None,
    ) -> None:
        """Set the drawing; `SvgView.show` then sends it.

        Parameters
        ----------
        title : str
            The heading above the curves.
        now, before : (float, array_like of shape (epochs + 1,)) or None
            Learning rate and losses of this run and of the previous one.
        """
        self._drawn = title, now, before
        parts = [self._frame, heading(LEFT, TOP - 14, title, self.width - LEFT)]
        ends = []
        if before:
            parts.append(self._curve(before, stroke=ORANGE, stroke_width=2, stroke_dasharray="7 3"))
        if now:
            parts.append(self._curve(now, stroke=BLUE, stroke_width=3))
            style: dict[str, Any] = {"fill": BLUE, "font_weight": "bold"}
            ends.append((f"γ = {now[0]:g}", self._end(now), style))
        if before:  # dark grey, since orange is too pale for small text
            ends.append((f"before: γ = {before[0]:g}", self._end(before), {"fill": DARK}))
        self.view.draw(*parts, *self._labels(ends))

    def _labels(self, ends: Sequence[tuple[str, float, dict[str, Any]]]) -> list[str]:
        """Return the labels of the curves, at their ends."""
        box, taken, parts = self.inside, list[Box](), []
        beside = self.width - box.right > NARROW
        room = Box(0, box.y - 10, self.width, box.height + 18)
        downs = (0, 18, -18, 36, -36) if beside else (-16, 16, -34, 34, 52, -52)
        for words, y, style in ends:
            wide = width_of(words, bold="font_weight" in style)
            x = box.right + 7 if beside else box.right - wide
            spot = place((Box(x, y - 9 + down, wide, 17) for down in downs), taken, room)
            taken.append(spot)
            parts.append(text(spot.x, spot.y + 13, words, halo=not beside, **style))
        return parts

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return x and y of a curve's points in the drawing; see `LossAxes.points`."""
        return self._axes.points(losses)

    def _curve(self, run: tuple[float, NDArray], **style: Any) -> str:
        return polyline(*self.points(run[1]), **style)

    def _end(self, run: tuple[float, NDArray]) -> float:
        return float(self._axes.heights(run[1][-1]))

    def _ticks(self, reach: Reach) -> str:
        """Return small ticks between the powers of ten."""
        between = [m * 10.0**d for d in range(reach.low, reach.high) for m in range(2, 10)]
        ticks = "".join(f"M{LEFT},{y:.1f}h-3" for y in self._axes.heights(between))
        return f'<path d="{ticks}" stroke="{INK}" stroke-width="0.7"/>'
