"""The picture of the learning-rate panel: this run's loss curve, and the one before."""

from typing import Any

from numpy.typing import ArrayLike, NDArray

from bplab.plots import BLUE, ORANGE
from bplab.widgets.kit.axes import LossAxes, Reach, frame
from bplab.widgets.kit.svg import INK, Box, SvgView, polyline, text

__all__ = ["LossFigure"]

WIDTH, HEIGHT = 700, 320
LEFT, RIGHT, TOP, BOTTOM = 77, 525, 38, 269
INSIDE = Box(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP)
"""Of the axes, in pixels."""

GAP = 18  # least distance of the two labels
COLUMNS = 224
DARK = "#444444"


class LossFigure:
    """Two loss curves on axes that never change.

    They differ in colour, in dash, in width, and each has its label at its end.

    Parameters
    ----------
    epochs : int
        Length of the axis.
    start : float
        Loss before the first update: the logarithmic axis goes from a 2,000th of it to four times
        as much, rounded to whole decades.

    Attributes
    ----------
    limits : (float, float)
        Lowest and highest loss of the axis.
    """

    def __init__(self, epochs: int, start: float):
        reach = Reach.of(epochs, start or 1.0)
        self.limits = 10.0**reach.low, 10.0**reach.high
        self.view = SvgView(WIDTH, HEIGHT)
        self._axes = LossAxes(INSIDE, reach, COLUMNS)
        self._frame = (
            self._axes.grid(gap=8)
            + self._ticks(reach)
            + frame(INSIDE, "epoch", "loss R(θ)", left=20)
        )

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
            Above the curves.
        now, before : (float, array_like of shape (epochs + 1,)) or None
            Learning rate and losses of this run and of the one before.
        """
        parts = [self._frame, text(LEFT, TOP - 14, title, font_size=15)]
        ends: dict[str, float] = {}
        if before:
            ends["before"] = self._end(before)
            parts.append(self._curve(before, stroke=ORANGE, stroke_width=2, stroke_dasharray="7 3"))
        if now:
            ends["now"] = self._end(now)
            parts.append(self._curve(now, stroke=BLUE, stroke_width=3))
        if now and before and abs(ends["now"] - ends["before"]) < GAP:
            down = GAP if ends["before"] > ends["now"] else -GAP
            if not TOP <= ends["now"] + down <= BOTTOM:
                down = -down
            ends["before"] = ends["now"] + down
        if before:  # dark: orange is too pale for small text
            parts.append(
                text(RIGHT + 7, ends["before"] + 4, f"before: γ = {before[0]:g}", fill=DARK)
            )
        if now:
            style: dict[str, Any] = {"fill": BLUE, "font_weight": "bold"}
            parts.append(text(RIGHT + 7, ends["now"] + 4, f"γ = {now[0]:g}", **style))
        self.view.draw(*parts)

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return where a curve goes; see `LossAxes.points`."""
        return self._axes.points(losses)

    def _curve(self, run: tuple[float, NDArray], **style: Any) -> str:
        return polyline(*self.points(run[1]), **style)

    def _end(self, run: tuple[float, NDArray]) -> float:
        return float(self._axes.heights(run[1][-1]))

    def _ticks(self, reach: Reach) -> str:
        """Small ones between the decades."""
        between = [m * 10.0**d for d in range(reach.low, reach.high) for m in range(2, 10)]
        ticks = "".join(f"M{LEFT},{y:.1f}h-3" for y in self._axes.heights(between))
        return f'<path d="{ticks}" stroke="{INK}" stroke-width="0.7"/>'
