"""The picture of the step-size panel: the V curves, and the steps that the learner has tried."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots import COLOURS
from bplab.widgets.kit.axes import frame, grid
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import Box, SvgView, line, marks, place, polyline, text, width_of
from bplab.widgets.step_size.model import FLOOR, METHODS, Curves

__all__ = ["StepSizeFigure"]

HEIGHT = 360
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 38, 54
"""Space around the inside of the axes, in pixels."""

LOW, HIGH = np.log10(3e-17), np.log10(5)
"""Logarithm of h at both ends of the axis."""

DASHES: tuple[dict[str, Any], ...] = ({}, {"stroke_dasharray": "8 4"}, {"stroke_dasharray": "2 4"})
SHAPES = ("circle", "square", "triangle")
APART = 12  # pixels between a point and its name
ENDS = {
    "left": ("← h too small: rounding", "← rounding"),
    "right": ("h too large: truncation →", "truncation →"),
}
"""The words above the axes, and a shorter form of them."""


class StepSizeFigure(Fitted):
    """Errors against the step, both logarithmic; only another function changes the axes.

    Attributes
    ----------
    view : SvgView
    inside : Box
        The inside of the axes, in pixels.
    top : int
        Power of ten of the error at the upper end.
    """

    widest = 760

    def __init__(self):
        self.width, self.top = self.widest, 1
        self.view = SvgView(self.width, HEIGHT)
        self._shown: Curves | None = None
        self._drawn: tuple[Any, ...] | None = None
        self._frame_axes()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        self.view.width = self.width
        self._frame_axes()
        if self._drawn is not None:
            *what, whole = self._drawn
            self.draw(*what, whole=whole)

    def curves(self, curves: Curves) -> None:
        """Take new curves, and give the vertical axis the range that they need."""
        highest = max(errors.max() for errors in curves.errors.values())
        self.top = int(np.ceil(np.log10(max(highest, 1)) + 0.3))
        self._shown = curves
        self._frame_axes()

    def _frame_axes(self) -> None:
        """Set the parts that stand still: axes and curves."""
        self.inside = Box(LEFT, TOP, self.width - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
        self._frame = self._axes()
        self._curves = {
            method: polyline(
                *self.places(self._shown.steps, self._shown.errors[method]),
                stroke=colour,
                stroke_width=2.2,
                **dash,
            )
            for method, colour, dash in zip(METHODS, COLOURS, DASHES, strict=True)
            if self._shown is not None and method in self._shown.errors
        }

    def draw(
        self,
        h: float,
        errors: Mapping[str, float],
        been: Sequence[tuple[float, Mapping[str, float]]],
        *,
        whole: bool,
    ) -> None:
        """Set the drawing; `SvgView.show` then sends it.

        Parameters
        ----------
        h : float
        errors : mapping of str to float
            The errors by method; if it is empty, only the step is shown.
        been : sequence of (float, mapping)
            The steps that the learner has tried, with their errors.
        whole : bool
            Whether the curves are shown.
        """
        self._drawn = h, errors, been, whole
        (x,), _ = self.places([h], [1])
        parts = [self._frame, line(x, TOP, x, self.inside.bottom)]
        there = [(k, method) for k, method in enumerate(METHODS) if method in errors]
        if whole:
            parts += [self._curves[method] for _, method in there]
        for k, method in there:
            trail = self.places([step for step, _ in been], [e[method] for _, e in been])
            parts.append(_marks(zip(*trail, strict=True), k, 2.8, "white", COLOURS[k]))
        points = {m: (x, float(self.places([h], [errors[m]])[1][0])) for _, m in there}
        for k, method in there:
            parts.append(_marks([points[method]], k, 7, COLOURS[k], "white"))
        self.view.draw(*parts, *self._names(points))

    def _names(self, points: Mapping[str, tuple[float, float]]) -> list[str]:
        """Return the names of the methods, each next to its point."""
        taken = [Box(x - 8, y - 8, 16, 16) for x, y in points.values()]
        parts = []
        for method, (x, y) in points.items():
            size = width_of(method, bold=True), 16
            spots = (
                Box(x + right * APART - (size[0] if right < 0 else 0), y - 8 + down, *size)
                for down in (-14, 16, 0, -28, 30, -42, 44)
                for right in (1, -1)
            )
            spot = place(spots, taken, self.inside)
            taken.append(spot)
            colour = COLOURS[METHODS.index(method)]
            style = {"fill": colour, "font_weight": "bold"}
            parts.append(text(spot.x, spot.y + 12, method, halo=True, **style))
        return parts

    def places(self, steps: ArrayLike, errors: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return the places of errors in the drawing; an error of exactly 0 is at the floor."""
        bottom = np.log10(FLOOR / 4)
        x = (np.log10(steps) - LOW) / (HIGH - LOW)
        y = (np.log10(np.maximum(errors, FLOOR)) - bottom) / (self.top - bottom)
        box = self.inside
        return box.x + box.width * x, box.bottom - box.height * y

    def _axes(self) -> str:
        """Return the axes, with grid and names."""
        box = self.inside
        apart = 2 if box.width > 9 * width_of("1e-16") + 9 * APART else 4
        across, up = range(-16, 1, apart), range(-16, self.top + 1, 2)
        xs, _ = self.places([10.0**k for k in across], np.ones(len(across)))
        _, ys = self.places(np.ones(len(up)), [10.0**k for k in up])
        room = box.width - APART
        short = sum(width_of(long) for long, _ in ENDS.values()) > room
        left, right = (words[short] for words in ENDS.values())
        return "".join(
            [
                grid(box, _decades(xs, across), _decades(ys, up)),
                frame(box, "step h", "error / largest entry", left=14),
                text(box.x, TOP - 14, left),
                text(box.right, TOP - 14, right, text_anchor="end"),
            ]
        )


def _decades(places: NDArray, decades: Iterable[int]) -> Iterable[tuple[float, str]]:
    return [(place, f"1e{k}") for place, k in zip(places, decades, strict=True)]


def _marks(places: Iterable[tuple[float, float]], k: int, r: float, fill: str, stroke: str) -> str:
    """Return a circle, square or triangle at each place."""
    return marks(places, SHAPES[k], r, fill=fill, stroke=stroke, stroke_width=1.2)
