"""The picture of the step-size panel: the V curves, where the learner is, and has been."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots import COLOURS
from bplab.widgets.kit.axes import frame, grid
from bplab.widgets.kit.svg import Box, SvgView, line, polyline, text
from bplab.widgets.step_size.model import FLOOR, METHODS, Curves

__all__ = ["StepSizeFigure"]

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 76, 740, 38, 306
INSIDE = Box(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP)
"""Of the axes, in pixels."""

LOW, HIGH = np.log10(3e-17), np.log10(5)
"""Decades of h at both ends."""

DASHES: tuple[dict[str, Any], ...] = ({}, {"stroke_dasharray": "8 4"}, {"stroke_dasharray": "2 4"})
PLACES = ((11, -12, "start"), (14, 25, "start"), (-13, 7, "end"))
"""Where the name of a method stands beside its point, in pixels: no two may meet."""

COMPLEX_LEFT = 1e-9


class StepSizeFigure:
    """Errors against the step, both logarithmic; the heights change with the function only.

    Attributes
    ----------
    view : SvgView
    top : int
        Decade of the error at the upper end.
    """

    def __init__(self):
        self.view = SvgView(WIDTH, HEIGHT)
        self.top = 1
        self._curves: dict[str, str] = {}
        self._frame = self._axes()

    def curves(self, curves: Curves) -> None:
        """Take other curves, and give the axes their heights."""
        highest = max(errors.max() for errors in curves.errors.values())
        self.top = int(np.ceil(np.log10(max(highest, 1)) + 0.3))
        self._frame = self._axes()
        self._curves = {
            method: polyline(
                *self.places(curves.steps, curves.errors[method]),
                stroke=colour,
                stroke_width=2.2,
                **dash,
            )
            for method, colour, dash in zip(METHODS, COLOURS, DASHES, strict=True)
            if method in curves.errors
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
            By method; without any only the step is shown.
        been : sequence of (float, mapping)
            Steps and errors where the learner has been.
        whole : bool
            Whether the curves are shown.
        """
        (x,), _ = self.places([h], [1])
        parts = [self._frame, line(x, TOP, x, BOTTOM)]
        there = [(k, method) for k, method in enumerate(METHODS) if method in errors]
        if whole:
            parts += [self._curves[method] for _, method in there]
        for k, method in there:
            trail = self.places([step for step, _ in been], [e[method] for _, e in been])
            parts.append(_markers(zip(*trail, strict=True), k, 2.8, "white", COLOURS[k]))
        names = []
        for k, method in there:
            _, (y,) = self.places([h], [errors[method]])
            parts.append(_markers([(x, y)], k, 7, COLOURS[k], "white"))
            # on the left of small steps there is no room
            right, down, side = PLACES[0 if method == "complex" and h <= COMPLEX_LEFT else k]
            style = {"fill": COLOURS[k], "font_weight": "bold", "text_anchor": side}
            names.append(text(x + right, y + down, method, halo=True, **style))
        self.view.draw(*parts, *names)

    def places(self, steps: ArrayLike, errors: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return where errors are in the drawing; an error of exactly zero is at the floor."""
        bottom = np.log10(FLOOR / 4)
        x = (np.log10(steps) - LOW) / (HIGH - LOW)
        y = (np.log10(np.maximum(errors, FLOOR)) - bottom) / (self.top - bottom)
        return LEFT + (RIGHT - LEFT) * x, BOTTOM - (BOTTOM - TOP) * y

    def _axes(self) -> str:
        """Lines, ticks and names."""
        across, up = range(-16, 1, 2), range(-16, self.top + 1, 2)
        xs, _ = self.places([10.0**k for k in across], np.ones(len(across)))
        _, ys = self.places(np.ones(len(up)), [10.0**k for k in up])
        return "".join(
            [
                grid(INSIDE, _decades(xs, across), _decades(ys, up)),
                frame(INSIDE, "step h", "error / largest entry", left=18),
                text(LEFT, TOP - 14, "← h too small: rounding"),
                text(RIGHT, TOP - 14, "h too large: truncation →", text_anchor="end"),
            ]
        )


def _decades(places: NDArray, decades: Iterable[int]) -> Iterable[tuple[float, str]]:
    return [(place, f"1e{k}") for place, k in zip(places, decades, strict=True)]


def _markers(
    places: Iterable[tuple[float, float]], k: int, r: float, fill: str, stroke: str
) -> str:
    """A circle, square or triangle at each place."""
    shape = (
        f"m{-r:g},0a{r:g},{r:g} 0 1 0 {2 * r:g},0a{r:g},{r:g} 0 1 0 {-2 * r:g},0z",
        f"m{-r:g},{-r:g}h{2 * r:g}v{2 * r:g}h{-2 * r:g}z",
        f"m0,{-1.2 * r:g}l{1.15 * r:g},{2 * r:g}h{-2.3 * r:g}z",
    )[k]
    d = "".join(f"M{x:.1f},{y:.1f}{shape}" for x, y in places)
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="1.2"/>'
