"""The picture of the learning-rate panel: this run's loss curve, and the one before."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots._picture import BLUE, ORANGE
from bplab.widgets._curve import heights, round_step, telling
from bplab.widgets._svg import INK, SvgView, line, polyline, text, turned

__all__ = ["LossFigure"]

WIDTH, HEIGHT = 700, 320
LEFT, RIGHT, TOP, BOTTOM = 77, 525, 38, 269
"""The inside of the axes, in pixels."""

GAP = 18  # least distance of the two labels
COLUMNS = 224  # a curve is drawn by the lowest and the highest value in each: spikes stay
PALE, DARK = "#e4e4e4", "#444444"


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
        start = start or 1.0
        self._epochs = epochs
        self._low = int(np.floor(np.log10(start / 2000)))
        self._high = int(np.ceil(np.log10(start * 4)))
        self.limits = 10.0**self._low, 10.0**self._high
        self.view = SvgView(WIDTH, HEIGHT)
        self._frame = self._axes()

    def draw(
        self,
        title: str,
        now: tuple[float, ArrayLike] | None,
        before: tuple[float, ArrayLike] | None,
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
        ends = {}
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
            style = {"fill": BLUE, "font_weight": "bold"}
            parts.append(text(RIGHT + 7, ends["now"] + 4, f"γ = {now[0]:g}", **style))
        self.view.draw(*parts)

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return where a curve goes: x and y in the drawing, as many as can be told apart."""
        losses = np.asarray(losses, float)
        epochs = telling(losses, COLUMNS)
        x = LEFT + (RIGHT - LEFT) * epochs / self._epochs
        return x, self._height(losses[epochs])

    def _curve(self, run: tuple[float, ArrayLike], **style: object) -> str:
        return polyline(*self.points(run[1]), **style)

    def _end(self, run: tuple[float, ArrayLike]) -> float:
        return float(self._height(np.asarray(run[1], float)[-1:])[0])

    def _height(self, losses: NDArray) -> NDArray:
        """Where losses are in the drawing; they do not leave the axes, no number is at the top."""
        return BOTTOM - (BOTTOM - TOP) * heights(losses, self._low, self._high)

    def _axes(self) -> str:
        """Lines, ticks and names."""
        parts = []
        for decade in range(self._low, self._high + 1):
            y = float(self._height(np.array([10.0**decade]))[0])
            parts.append(line(LEFT, y, RIGHT, y, stroke=PALE))
            parts.append(text(LEFT - 8, y + 4, f"{10.0**decade:g}", text_anchor="end"))
        between = [m * 10.0**d for d in range(self._low, self._high) for m in range(2, 10)]
        ticks = "".join(f"M{LEFT},{y:.1f}h-3" for y in self._height(np.array(between)))
        parts.append(f'<path d="{ticks}" stroke="{INK}" stroke-width="0.7"/>')
        step = round_step(self._epochs)
        for epoch in range(0, self._epochs + 1, step):
            x = LEFT + (RIGHT - LEFT) * epoch / self._epochs
            parts.append(line(x, TOP, x, BOTTOM, stroke=PALE))
            parts.append(text(x, BOTTOM + 18, f"{epoch}", text_anchor="middle"))
        parts += [
            line(LEFT, TOP, LEFT, BOTTOM),
            line(LEFT, BOTTOM, RIGHT, BOTTOM),
            text((LEFT + RIGHT) / 2, BOTTOM + 40, "epoch", text_anchor="middle"),
            turned(20, (TOP + BOTTOM) / 2, "loss R(θ)"),
        ]
        return "".join(parts)
