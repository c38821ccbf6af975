"""The picture of the activation panel: the value with tangent and chord, and the derivative."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots import BLUE, GREEN, ORANGE
from bplab.widgets.activation.model import LIMIT, SMALL, Curve, Point
from bplab.widgets.kit.axes import frame, grid, round_ticks
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import (
    INK,
    Box,
    SvgView,
    clip,
    group,
    heading,
    line,
    marks,
    number,
    place,
    polyline,
    rect,
    text,
    width_of,
)

__all__ = ["ActivationFigure"]

MARGIN = 0.12  # free space below the curves, as a share of their height; twice that above
CROSSES = 16  # one in this many wrong places of a derivative is marked; more if they are few
POINTS = 150  # points of a curve, as many as can be told apart
LEFT, RIGHT, TOP, BELOW = 46, 10, 52, 44
"""Space around the insides of the axes, in pixels."""
SHADE = {"fill": INK, "fill_opacity": 0.09}
TANGENT: dict[str, Any] = {"stroke": INK, "stroke_width": 1.6, "stroke_dasharray": "6 4"}
VALUE: dict[str, Any] = {"stroke": BLUE, "stroke_width": 3}
CHORD: dict[str, Any] = {"stroke": GREEN, "stroke_width": 2.2, "stroke_dasharray": "2 3"}
SLOPE: dict[str, Any] = {"stroke": ORANGE, "stroke_width": 2.8, "stroke_dasharray": "7 4"}


class Plot:
    """One of the two plots: the place and the range of its axes.

    Parameters
    ----------
    inside : Box
        The inside of the axes, in pixels.
    ends : (float, float)
        Lowest and highest value of the vertical axis.
    """

    def __init__(self, inside: Box, ends: tuple[float, float]):
        self.inside, self._ends = inside, ends

    def places(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return the places of points in the drawing."""
        box, (low, high) = self.inside, self._ends
        return (
            box.x + box.width * (np.asarray(x, float) + LIMIT) / (2 * LIMIT),
            box.bottom - box.height * (np.asarray(y, float) - low) / (high - low),
        )

    def axes(self) -> str:
        """Return the axes, with grid and names."""
        box = self.inside
        across, up = round_ticks(-LIMIT, LIMIT), round_ticks(*self._ends)
        xs, _ = self.places(across, np.zeros(len(across)))
        _, ys = self.places(np.zeros(len(up)), up)
        return grid(
            box,
            [(x, number(tick)) for x, tick in zip(xs, across, strict=True)],
            [(y, number(tick)) for y, tick in zip(ys, up, strict=True)],
        ) + frame(box, f"x   (grey: |a′| < {SMALL:g})", "", left=0, below=36)

    def shades(self, curve: Curve) -> list[str]:
        """Return shades for the regions where the slope is small."""
        box = self.inside
        parts = []
        for left, right, _ in curve.regions[:2]:
            xs, _ = self.places([left, right], [0, 0])
            parts.append(rect(xs[0], box.y, xs[1] - xs[0], box.height, **SHADE))
        return parts

    def line(self, x: ArrayLike, y: ArrayLike, **style: Any) -> str:
        """Return a line, with a gap where y is NaN."""
        x, y = np.asarray(x, float), np.asarray(y, float)
        there = np.isfinite(y)
        ends = np.flatnonzero(np.diff(there, prepend=False, append=False))
        parts = ends.reshape(-1, 2)
        return "".join(polyline(*self.places(x[a:b], y[a:b]), **style) for a, b in parts)

    def marks(self, x: ArrayLike, y: ArrayLike, shape: str, r: float, **style: Any) -> str:
        """Return marks at points."""
        return marks(zip(*self.places(x, y), strict=True), shape, r, **style)


class ActivationFigure(Fitted):
    """Two plots, side by side or one below the other; only another function changes their range.

    One shows the value (solid), its tangent, and the chord from x - h to x + h. The other shows the
    derivative (dashed) and, as a mark, the slope of the chord. Regions where the slope is small are
    shaded and named.

    Attributes
    ----------
    view : SvgView
    value, slope : Plot
    """

    widest = 840

    def __init__(self):
        self.width = self.widest
        self.view = SvgView(self.width, 340)
        self._ends = (-1.0, 1.0), (-1.0, 1.0)
        self._drawn: tuple[str, Curve | None, Point | None] = ("", None, None)
        self._curve: tuple[str, Curve | None] = ("", None)
        self._still: tuple[str, str] | None = None
        self.lay_out()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        across = LEFT + RIGHT
        if self.width >= 640:
            half = self.width / 2 - across
            left = Box(LEFT, TOP, half, 236)
            right = Box(left.right + across, TOP, half, 236)
        else:
            left = Box(LEFT, TOP, self.width - across, 150)
            right = Box(LEFT, left.bottom + BELOW + 26, self.width - across, 150)
        self.view.width, self.view.height = self.width, round(right.bottom + BELOW)
        self.value, self.slope = (
            Plot(box, ends) for box, ends in zip((left, right), self._ends, strict=True)
        )
        self._still = None
        self.draw(*self._drawn)

    def frame(self, values: NDArray, slopes: NDArray) -> None:
        """Give the vertical axes the range that these values and slopes need."""
        ends = _limits(values), _limits(slopes)
        if ends != self._ends:
            self._ends = ends
            self.lay_out()

    def draw(self, title: str, curve: Curve | None, point: Point | None) -> None:
        """Set the drawing; `SvgView.show` then sends it.

        Parameters
        ----------
        title : str
            The heading above the axes.
        curve : Curve or None
        point : Point or None
            Both are None if there is an error: the axes then stay empty.
        """
        self._drawn = title, curve, point
        if self._still is None or self._curve[0] != title or self._curve[1] is not curve:
            self._curve, self._still = (title, curve), self._draw_curve(title, curve)
        below, above = self._still
        parts = [below]
        if point is not None:
            parts += self._point(point)
        self.view.draw(*parts, above)

    def _point(self, point: Point) -> list[str]:
        x, h, a = point.x, point.h, point.value
        ends = np.array([-LIMIT, LIMIT])
        value, slope = self.value, self.slope
        inside = [
            value.line(ends, a + point.slope * (ends - x), **TANGENT),
            value.line([x - h, x + h], [point.behind, point.ahead], **CHORD),
            value.marks([x - h, x + h], [point.behind, point.ahead], "square", 3.5, fill=GREEN),
        ]
        ring: dict[str, Any] = {"fill": "none", "stroke": GREEN, "stroke_width": 2.5}
        return [
            group(*inside, clip_path=f"url(#{self.view.id}-value)"),
            value.marks([x], [a], "circle", 5.5, fill=BLUE, stroke="white"),
            slope.marks([x], [point.slope], "circle", 5.5, fill=ORANGE, stroke="white"),
            slope.marks([x], [point.central], "diamond", 7, **ring),
        ]

    def _draw_curve(self, title: str, curve: Curve | None) -> tuple[str, str]:
        """Return the parts that stand still: those below the point, and those on top of it."""
        value, slope, view = self.value, self.slope, self.view
        below = [clip(f"{view.id}-value", value.inside), clip(f"{view.id}-slope", slope.inside)]
        below += [heading(LEFT, 16, title, self.width - LEFT), self._keys()]
        if curve is not None:
            below += [*value.shades(curve), *slope.shades(curve)]
        below += [value.axes(), slope.axes()]
        if curve is None:
            return "".join(below), ""
        some = _some(curve)
        drawn = slope.line(*_broken(curve, some), **SLOPE)
        below.append(value.line(curve.x[some], curve.value[some], **VALUE))
        below.append(group(drawn, clip_path=f"url(#{view.id}-slope)"))
        return "".join([*below, self._sides(curve), self._wrong(curve)]), self._words(curve)

    def _keys(self) -> str:
        """Return the keys to the lines, above each plot."""
        parts = []
        for plot, items in (
            (self.value, [("value a(x)", VALUE), ("tangent", TANGENT), ("chord", CHORD)]),
            (self.slope, [("derivative a′(x)", SLOPE), ("slope of the chord", None)]),
        ):
            x, y = plot.inside.x, plot.inside.y - 12
            for words, style in items:
                if style is None:
                    ring: dict[str, Any] = {"fill": "none", "stroke": GREEN, "stroke_width": 2}
                    parts.append(marks([(x + 6, y)], "diamond", 5, **ring))
                    x -= 10
                else:
                    parts.append(line(x, y, x + 22, y, **style))
                parts.append(text(x + 27, y + 4, words, font_size=12))
                x += 38 + width_of(words, 12)
        return "".join(parts)

    def _words(self, curve: Curve) -> str:
        """Return the names of the regions, at the top and so that they do not overlap."""
        box, taken, parts = self.value.inside, list[Box](), []
        for left, right, said in curve.regions[:2]:
            xs, _ = self.value.places([left, right], [0, 0])
            size = width_of(said, 12), 15
            x = float(np.clip(xs.mean() - size[0] / 2, box.x + 2, box.right - size[0] - 2))
            spot = place((Box(x, box.y + 2 + 15 * k, *size) for k in range(4)), taken, box)
            taken.append(spot)
            parts.append(text(spot.x, spot.y + 12, said, font_size=12, halo=True))
        return "".join(parts)

    def _sides(self, curve: Curve) -> str:
        """Return dots where the slope jumps: full at the value that is used, empty at the other."""
        if not curve.kinks:
            return ""
        i = np.searchsorted(curve.x, curve.kinks)
        taken, before, after = curve.slope[i], curve.slope[i - 1], curve.slope[i + 1]
        other = np.where(abs(taken - before) <= abs(taken - after), after, before)
        empty: dict[str, Any] = {"fill": "white", "stroke": ORANGE, "stroke_width": 1.5}
        return self.slope.marks(curve.x[i], taken, "circle", 3.5, fill=ORANGE) + self.slope.marks(
            curve.x[i], other, "circle", 3.5, **empty
        )

    def _wrong(self, curve: Curve) -> str:
        """Return crosses where the derivative does not agree with differences of the value."""
        places = np.flatnonzero(curve.wrong)
        if not len(places):
            return ""
        places = places[:: max(1, min(CROSSES, len(places) // 3))]
        box = self.slope.inside
        return self.slope.marks(
            curve.x[places], curve.difference[places], "cross", 4, stroke=INK, stroke_width=2
        ) + text(box.right, box.y + 14, "✕ what differences say", text_anchor="end", halo=True)


def _some(curve: Curve) -> NDArray:
    """Return the points of a curve to draw: as many as can be told apart, and those at kinks."""
    every = max(1, len(curve.x) // POINTS)
    there = np.arange(len(curve.x)) % every == 0
    there[-1] = True
    for i in np.searchsorted(curve.x, curve.kinks):
        there[max(i - 1, 0) : i + 2] = True
    return np.flatnonzero(there)


def _broken(curve: Curve, some: NDArray) -> tuple[NDArray, NDArray]:
    """Return the derivative, with a gap where it jumps, since no line may join the two sides."""
    x, slope = curve.x[some], curve.slope[some]
    if not curve.kinks:
        return x, slope
    i = np.searchsorted(x, curve.kinks)
    nearest_taken = abs(slope[i] - slope[i - 1]) <= abs(slope[i] - slope[i + 1])
    gap = np.where(nearest_taken, i + 1, i)
    return np.insert(x, gap, x[i]), np.insert(slope, gap, np.nan)


def _limits(heights: NDArray) -> tuple[float, float]:
    low, high = float(heights.min()), float(heights.max())
    room = MARGIN * (high - low or 1.0)
    return low - room, high + 2 * room  # words stand on top
