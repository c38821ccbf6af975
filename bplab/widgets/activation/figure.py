"""The picture of the activation panel: value with tangent and chord, beside the derivative."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bplab.plots import BLUE, GREEN, ORANGE, blank_figure
from bplab.widgets.activation.model import LIMIT, SMALL, Curve, Point
from bplab.widgets.kit.canvas import Canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, SHADE = "#333333", (0, 0, 0, 0.09)  # the axes shine through
MARGIN = 0.12  # of the height, above and below the curves
CROSSES = 16  # of the places where a derivative is wrong, one in this many is marked


class ActivationFigure:
    """Two axes, whose heights change with the function and with nothing else.

    Left the value (solid), its tangent and the chord from x - h to x + h; right the derivative
    (dashed), and the slope of the chord beside it. Regions of a small slope are shaded and named.
    """

    def __init__(self):
        figure = blank_figure(figsize=(8.4, 3.4))
        self._left = figure.add_axes((0.055, 0.14, 0.425, 0.7))
        self._right = figure.add_axes((0.56, 0.14, 0.425, 0.7))
        self._title = figure.text(0.055, 0.94, "", fontsize=11, weight="bold", color=INK)
        for axes, words in (
            (self._left, "value a(x) ─ ●  tangent ╌  chord ■┈■"),
            (self._right, "derivative a′(x) ╌ ●  slope of the chord ◇"),
        ):
            axes.set_title(words, fontsize=9.5, loc="left", color=INK)
            axes.set(xlim=(-LIMIT, LIMIT), xlabel=f"x   (grey: |a′| < {SMALL:g})")
            axes.axhline(0, color="#c8c8c8", linewidth=1, zorder=0)
            axes.axvline(0, color="#c8c8c8", linewidth=1, zorder=0)
            axes.spines[["top", "right"]].set_visible(False)
        shades = [_shades(self._left), _shades(self._right)]
        self._shades = list(zip(*shades, strict=True))
        self._words = [
            axes.text(0, 0.97, "", ha="center", va="top", fontsize=8.5, color=INK, transform=mixed)
            for axes in (self._left, self._left)
            for mixed in (axes.get_xaxis_transform(),)
        ]
        line = self._left.plot
        (self._tangent,) = line([], [], "--", color=INK, linewidth=1.3)
        (self._value,) = line([], [], "-", color=BLUE, linewidth=2.5)
        (self._chord,) = line([], [], ":s", color=GREEN, linewidth=1.8, markersize=5)
        (self._at,) = line([], [], "o", color=BLUE, markersize=8, markeredgecolor="white")
        line = self._right.plot
        (self._slope,) = line([], [], "--", color=ORANGE, linewidth=2.2)
        (self._taken,) = line([], [], "o", color=ORANGE, markersize=5)
        (self._other,) = line([], [], "o", color=ORANGE, markersize=5, markerfacecolor="white")
        (self._wrong,) = line([], [], "x", color=INK, markersize=7, markeredgewidth=1.8)
        (self._slope_at,) = line([], [], "o", color=ORANGE, markersize=8, markeredgecolor="white")
        (self._central,) = line(
            [], [], "D", color=GREEN, markersize=7, markerfacecolor="none", markeredgewidth=2
        )
        self._said = self._right.text(0.99, 0.9, "✕ what differences say", color=INK, ha="right")
        self._said.set(transform=self._right.transAxes, fontsize=9, backgroundcolor="white")
        self._limits: tuple = ()
        self._curves = [self._value, self._slope, self._taken, self._other, self._wrong, self._said]
        self._points = [self._tangent, self._chord, self._at, self._slope_at, self._central]
        rectangles = [part for pair in shades for part in pair]
        self._drawn: tuple[str, Curve | None] = ("", None)
        seldom = [*rectangles, *self._words, *self._curves, self._title]
        self.view = Canvas(figure, self._points, seldom=seldom)

    def frame(self, values: NDArray, slopes: NDArray) -> None:
        """Give the axes the heights that these values and slopes need; slow if they change."""
        limits = tuple(_limits(heights) for heights in (values, slopes))
        if limits != self._limits:
            self._limits = limits
            self._left.set_ylim(*limits[0])
            self._right.set_ylim(*limits[1])
            self.view.refresh()

    def draw(self, title: str, curve: Curve | None, point: Point | None) -> None:
        """Set what moves; `Canvas.show` then draws it.

        Parameters
        ----------
        title : str
            Above the axes.
        curve : Curve or None
        point : Point or None
            Both None for an error: the axes stay empty.
        """
        if self._drawn[0] != title or self._drawn[1] is not curve:
            self._drawn = title, curve
            self._draw_curve(title, curve)
            self.view.changed()
        for artist in self._points:
            artist.set_visible(point is not None)
        if point is None:
            return
        x, h, a = point.x, point.h, point.value
        ends = np.array([-LIMIT, LIMIT])
        self._tangent.set_data(ends, a + point.slope * (ends - x))
        self._chord.set_data([x - h, x + h], [point.behind, point.ahead])
        self._at.set_data([x], [a])
        self._slope_at.set_data([x], [point.slope])
        self._central.set_data([x], [point.central])

    def _draw_curve(self, title: str, curve: Curve | None) -> None:
        self._title.set_text(title)
        for artist in self._curves:
            artist.set_visible(curve is not None)
        regions = curve.regions[:2] if curve else ()
        for i, word in enumerate(self._words):
            shown = i < len(regions)
            for part in (word, *self._shades[i]):
                part.set_visible(shown)
            if shown:
                left, right, said = regions[i]
                for rectangle in self._shades[i]:
                    rectangle.set(x=left, width=right - left)
                word.set(x=(left + right) / 2, text=said)
        if curve is None:
            return
        self._value.set_data(curve.x, curve.value)
        self._slope.set_data(*_broken(curve))
        self._sides(curve)
        places = np.flatnonzero(curve.wrong)
        places = places[:: max(1, min(CROSSES, len(places) // 3))]
        self._wrong.set_data(curve.x[places], curve.difference[places])
        self._said.set_visible(len(places) > 0)

    def _sides(self, curve: Curve) -> None:
        """Dots where the slope jumps: full what is taken, empty on the other side."""
        i = np.searchsorted(curve.x, curve.kinks)
        taken, before, after = curve.slope[i], curve.slope[i - 1], curve.slope[i + 1]
        other = np.where(abs(taken - before) <= abs(taken - after), after, before)
        self._taken.set_data(curve.x[i], taken)
        self._other.set_data(curve.x[i], other)


def _shades(axes: "Axes") -> list:
    from matplotlib.patches import Rectangle

    # not axvspan, which makes polygons before matplotlib 3.9
    over_all = axes.get_xaxis_transform()
    made = [
        Rectangle((0, 0), 0, 1, color=SHADE, linewidth=0, zorder=0, transform=over_all)
        for _ in range(2)
    ]
    return [axes.add_patch(one) for one in made]


def _broken(curve: Curve) -> tuple[NDArray, NDArray]:
    """The derivative, with a gap where it jumps: no line may join the two sides."""
    if not curve.kinks:
        return curve.x, curve.slope
    i = np.searchsorted(curve.x, curve.kinks)
    nearest_taken = abs(curve.slope[i] - curve.slope[i - 1]) <= abs(
        curve.slope[i] - curve.slope[i + 1]
    )
    gap = np.where(nearest_taken, i + 1, i)
    return np.insert(curve.x, gap, curve.x[i]), np.insert(curve.slope, gap, np.nan)


def _limits(heights: NDArray) -> tuple[float, float]:
    low, high = float(heights.min()), float(heights.max())
    room = MARGIN * (high - low or 1.0)
    return low - room, high + 2 * room  # words stand on top
