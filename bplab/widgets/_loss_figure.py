"""The picture of the learning-rate panel: this run's loss curve, and the one before."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import ArrayLike

from bplab.plots._picture import BLUE, ORANGE
from bplab.widgets._canvas import Canvas

GAP = 0.08  # least distance of the two labels, as a share of the height


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
    """

    def __init__(self, epochs: int, start: float):
        start = start or 1.0
        self._low = int(np.floor(np.log10(start / 2000)))
        self._high = int(np.ceil(np.log10(start * 4)))
        figure = Figure(figsize=(7, 3.2))
        axes = figure.add_axes((0.11, 0.16, 0.64, 0.72))
        axes.set(xlim=(0, epochs), yscale="log", ylim=(10.0**self._low, 10.0**self._high))
        axes.set(xlabel="epoch", ylabel="loss R(θ)")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.grid(color="#e4e4e4", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        self._before = _Curve(
            axes.plot([], [], "--", color=ORANGE, linewidth=1.5)[0],
            # dark: orange is too pale for small text
            axes.text(1.015, 0, "", color="#444444", va="center", transform=axes.transAxes),
        )
        self._now = _Curve(
            axes.plot([], [], "-", color=BLUE, linewidth=2.5)[0],
            axes.text(
                1.015, 0, "", color=BLUE, va="center", weight="bold", transform=axes.transAxes
            ),
        )
        self._title = axes.text(0, 1.05, "", fontsize=11, transform=axes.transAxes)
        curves = (self._before, self._now)
        self.canvas = Canvas(figure, [self._title, *(part for c in curves for part in c.artists)])

    def draw(
        self,
        title: str,
        now: tuple[float, ArrayLike] | None,
        before: tuple[float, ArrayLike] | None,
    ) -> None:
        """Set what moves; `Canvas.show` then draws it.

        Parameters
        ----------
        title : str
            Above the curves.
        now, before : (float, array_like of shape (epochs + 1,)) or None
            Learning rate and losses of this run and of the one before.
        """
        self._title.set_text(title)
        height = self._now.set("γ", now, self._height)
        other = self._before.set("before: γ", before, self._height)
        if now and before and abs(height - other) < GAP:
            up = 1 if other >= height else -1
            if not 0 <= height + up * GAP <= 1:
                up = -up
            self._before.label.set_y(height + up * GAP)

    def _height(self, loss: float) -> float:
        """Where a loss is on the axis: 0 at the bottom, 1 at the top, which it does not leave."""
        if not loss > 0:
            return 0.0 if loss == 0 else 1.0  # NaN: it went up and out
        return float(np.clip((np.log10(loss) - self._low) / (self._high - self._low), 0, 1))


class _Curve:
    """A line and its label."""

    def __init__(self, line: Line2D, label: Text):
        self.line, self.label = line, label
        self.artists = (line, label)

    def set(self, name, run, height_of) -> float:
        """Show a run, or hide for None; return the label's height."""
        for artist in self.artists:
            artist.set_visible(run is not None)
        if run is None:
            return 0.0
        gamma, losses = run
        self.line.set_data(np.arange(len(losses)), losses)
        height = height_of(losses[-1])
        self.label.set_text(f"{name} = {gamma:g}")
        self.label.set_y(height)
        return height
