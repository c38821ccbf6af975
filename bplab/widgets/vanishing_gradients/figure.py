"""The picture of the vanishing-gradients panel: norms layer by layer, and the setting before."""

from typing import TYPE_CHECKING

import numpy as np

from bplab.plots import BLUE, ORANGE, blank_figure
from bplab.widgets.kit.canvas import Canvas
from bplab.widgets.vanishing_gradients.model import DEPTHS, Norms

if TYPE_CHECKING:
    from matplotlib.lines import Line2D

INK = "#333333"
OUTPUT = DEPTHS[1] + 1.5  # where the output layer stands, however many hidden ones there are
DECADES = 4  # the axis ends at multiples of this many


class VanishingGradientsFigure:
    """Two rows of points on a logarithmic axis, which grows and shrinks by four decades.

    Full circles on a solid line are weight gradients, full squares on a dashed one are the
    deltas; the setting before is thin, small and hollow.
    """

    def __init__(self):
        figure = blank_figure(figsize=(8, 3.6))
        self._axes = axes = figure.add_axes((0.085, 0.14, 0.9, 0.7))
        layers = range(DEPTHS[0], DEPTHS[1] + 1)
        axes.set(yscale="log", xlim=(0.4, OUTPUT + 0.6), ylim=(1e-4, 1e4), xlabel="layer d")
        axes.minorticks_off()
        axes.set_xticks([*layers, OUTPUT], [*map(str, layers), "output"])
        axes.set_title(
            "norm of:  ● weight gradient   ■ delta (s, δ)   small and hollow: before   ✕ exactly 0",
            fontsize=9.5,
            loc="left",
            color=INK,
        )
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
        axes.axvline(DEPTHS[1] + 0.75, color="#c8c8c8", linewidth=1)
        axes.spines[["top", "right"]].set_visible(False)
        self._before = [self._row("o-", BLUE, before=True), self._row("s--", ORANGE, before=True)]
        self._now = [self._row("o-", BLUE), self._row("s--", ORANGE)]
        (self._zero,) = axes.plot([], [], "x", color=INK, markersize=9, markeredgewidth=2.5)
        self._title = axes.text(
            0, 1.12, "", fontsize=11, weight="bold", color=INK, transform=axes.transAxes
        )
        lines = [*self._before, *self._now]
        self._limits = (0.0, 0.0)
        self.view = Canvas(figure, [*lines, self._zero], seldom=[self._title])

    def _row(self, style: str, colour: str, *, before: bool = False) -> "Line2D":
        (line,) = self._axes.plot([], [], style, color=colour, linewidth=1 if before else 2.2)
        line.set(markersize=4.5 if before else 8, markeredgecolor=colour if before else "white")
        if before:
            line.set(markerfacecolor="white", alpha=0.7)
        return line

    def draw(self, title: str, now: Norms | None, before: Norms | None) -> None:
        """Set what moves; `Canvas.show` then draws it.

        Parameters
        ----------
        title : str
            Above the axes.
        now, before : Norms or None
            The present setting, and the one before.
        """
        if title != self._title.get_text():  # text takes longer than all else
            self._title.set_text(title)
            self.view.changed()
        nothing = np.empty(0)
        rows = {True: _rows(now), False: _rows(before)}
        heights = np.concatenate([h for pair in rows.values() for _, h in pair] or [np.ones(1)])
        self._frame(heights[np.isfinite(heights) & (heights > 0)])
        for shown, lines in ((True, self._now), (False, self._before)):
            for line, (x, y) in zip(
                lines, rows[shown] or [(np.empty(0), np.empty(0))] * 2, strict=True
            ):
                line.set_data(x, np.where(y > 0, y, np.nan))
        zero = [x[y == 0] for x, y in rows[True]] or [nothing]
        at = np.unique(np.concatenate(zero))
        self._zero.set_data(at, np.full(len(at), self._limits[0] * 3))

    def _frame(self, heights: np.ndarray) -> None:
        """Give the axis whole groups of decades, with all heights inside."""
        ends = np.log10([heights.min(), heights.max()]) if len(heights) else np.zeros(2)
        low = min(-DECADES, DECADES * np.floor((ends[0] - 0.3) / DECADES))
        high = max(DECADES, DECADES * np.ceil((ends[1] + 0.3) / DECADES))
        limits = (10.0**low, 10.0**high)
        if limits != self._limits:
            self._limits = limits
            self._axes.set_ylim(*limits)
            # plain numbers: powers in mathematical type would take most of the time
            decades = range(int(low), int(high) + 1, 2 if high - low <= 4 * DECADES else DECADES)
            self._axes.set_yticks([10.0**k for k in decades], [f"1e{k}" for k in decades])
            self._axes.minorticks_off()
            self.view.refresh()


def _rows(norms: Norms | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Places and heights of gradients and deltas; a gap keeps the output layer apart."""
    if norms is None:
        return []
    depth = norms.setting.depth
    x = np.array([*range(1, depth + 1), DEPTHS[1] + 0.75, OUTPUT])
    return [
        (x, np.array([*row, np.nan, output]))
        for row, output in ((norms.by_alpha, norms.by_beta), (norms.s, norms.delta))
    ]
