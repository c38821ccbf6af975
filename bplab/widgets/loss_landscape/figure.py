"""The picture of the loss landscape: contours of R, the path on them, and R along the path."""

from typing import TYPE_CHECKING, Any

import numpy as np

from bplab.plots import BLUE, ORANGE, blank_figure
from bplab.widgets.kit.canvas import Canvas
from bplab.widgets.loss_landscape.model import REACH, Path, Surface

if TYPE_CHECKING:
    from matplotlib.contour import ContourSet

__all__ = ["LandscapeFigure"]

LEVELS = 12
ENDS = (10, 25, 50, 100, 200)  # of the axis of steps
FAR = 50 * REACH  # a path that leaves is drawn no further


class LandscapeFigure:
    """Contours with their values on the left; on the right R against step.

    The path is solid with a dot a step, a ring at its start and a square at its end; the path
    before is dashed.
    """

    def __init__(self):
        figure = blank_figure(figsize=(8.2, 4.3))
        self._plane = plane = figure.add_axes((0.075, 0.12, 0.43, 0.83))
        self._chart = chart = figure.add_axes((0.6, 0.12, 0.385, 0.83))
        plane.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH))
        chart.set(yscale="log", xlabel="step", ylabel="loss R")
        chart.yaxis.set_major_formatter("{x:g}")
        chart.grid(color="#e4e4e4", linewidth=0.8)
        chart.spines[["top", "right"]].set_visible(False)
        self._contours: ContourSet | None = None
        self._shown: Surface | None = None
        before: dict[str, Any] = {"color": ORANGE, "linestyle": (0, (4, 2)), "linewidth": 1.4}
        now: dict[str, Any] = {"color": BLUE, "linewidth": 1.4}
        dots: dict[str, Any] = {"marker": "o", "markersize": 3.2}
        self._before = plane.plot([], [], **before)[0], chart.plot([], [], **before)[0]
        self._now = plane.plot([], [], **now, **dots)[0], chart.plot([], [], **now, **dots)[0]
        marks: dict[str, Any] = {"color": BLUE, "linestyle": "none", "markeredgewidth": 2}
        self._start = plane.plot([], [], "o", markersize=12, markerfacecolor="none", **marks)[0]
        self._end = plane.plot([], [], "s", markersize=7, **marks)[0]
        self._before[1].set_label("the path before")
        self._now[1].set_label("this path")
        chart.legend(loc="upper right", frameon=False, fontsize=8.5)
        moving = [*self._before, *self._now, self._start, self._end]
        self.view = Canvas(figure, moving, scale=1.25)

    def surface(self, surface: Surface | None, names: tuple[str, str]) -> None:
        """Draw the contours, if they are others than those that stand there."""
        if surface is self._shown:
            return
        self._shown = surface
        if self._contours is not None:
            self._contours.remove()  # with its labels
            self._contours = None
        self._plane.set(xlabel=f"weight {names[0]}", ylabel=f"weight {names[1]}")
        if surface is not None:
            low, high = float(surface.R.min()), float(surface.R.max())
            levels = np.geomspace(low + 0.02 * (high - low) / LEVELS, high, LEVELS + 1)[:-1]
            lines = self._plane.contour(
                surface.ticks,
                surface.ticks,
                surface.R,
                levels=np.unique(levels),
                colors=[str(grey) for grey in np.linspace(0.25, 0.72, LEVELS)],
                linewidths=1,
            )
            lines.clabel(fmt="%.3g", fontsize=8)
            self._contours = lines
            decades = np.log10(max(low, 1e-12)), np.log10(max(high, 1e-12))
            self._chart.set_ylim(10.0 ** np.floor(decades[0]), 10.0 ** np.ceil(decades[1]))
        self.view.refresh()

    def paths(self, now: Path | None, before: Path | None) -> None:
        """Set the path and the one before."""
        longest = max(
            (len(path.losses) - 1 for path in (now, before) if path is not None), default=1
        )
        end = next((end for end in ENDS if end >= longest), longest)
        if self._chart.get_xlim() != (0, end):
            self._chart.set_xlim(0, end)
            self.view.refresh()
        for (line, curve), path in ((self._now, now), (self._before, before)):
            if path is None:
                line.set_data([], [])
                curve.set_data([], [])
                continue
            line.set_data(*np.clip(np.nan_to_num(path.points, nan=FAR), -FAR, FAR).T)
            curve.set_data(np.arange(len(path.losses)), path.losses)
        for mark, place in ((self._start, 0), (self._end, -1)):
            mark.set_data(*([], []) if now is None else now.points[[place]].T)
