"""The picture of the step-size panel: the V curves, where the learner is, and has been."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from bplab.plots._picture import COLOURS, DASHES, MARKERS
from bplab.widgets._canvas import Canvas
from bplab.widgets._step_size_model import FLOOR, METHODS, Curves

INK = "#333333"
PLACES = ((8, 9, "left"), (10, -17, "left"), (-9, -4, "right"))
"""Where the name of a method stands beside its point, in points: no two may meet."""


COMPLEX_LEFT = 1e-9


class StepSizeFigure:
    """Errors against the step, both logarithmic; the heights change with the function only."""

    def __init__(self):
        figure = Figure(figsize=(7.6, 3.6))
        self._axes = axes = figure.add_axes((0.1, 0.15, 0.87, 0.74))
        axes.set(xscale="log", yscale="log", xlim=(3e-17, 5), ylim=(FLOOR / 4, 10))
        axes.set(xlabel="step h", ylabel="error / largest entry")
        axes.minorticks_off()
        _decades(axes.set_xticks, -16, 0)
        axes.grid(color="#e4e4e4", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title("← h too small: rounding", fontsize=9.5, loc="left", color=INK)
        axes.set_title("h too large: truncation →", fontsize=9.5, loc="right", color=INK)
        self._line = axes.axvline(1e-3, color=INK, linewidth=1)
        self._curves, self._points, self._been, self._names = {}, {}, {}, {}
        styles = zip(METHODS, COLOURS, DASHES, MARKERS, PLACES, strict=True)
        for method, colour, dash, marker, (right, up, side) in styles:
            (self._curves[method],) = axes.plot([], [], dash, color=colour, linewidth=1.6)
            (self._been[method],) = axes.plot(
                [], [], marker, color=colour, markersize=4, markerfacecolor="white"
            )
            (self._points[method],) = axes.plot(
                [], [], marker, color=colour, markersize=10, markeredgecolor="white"
            )
            self._names[method] = axes.annotate(
                *(method, (1e-3, 1)),
                xytext=(right, up),
                textcoords="offset points",
                ha=side,
                color=colour,
                weight="bold",
                bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0},
                annotation_clip=False,
            )
        groups = (self._curves, self._been, self._points, self._names)
        self._parts = [part for group in groups for part in group.values()]
        self.canvas = Canvas(figure, [self._line, *self._parts])

    def curves(self, curves: Curves) -> None:
        """Take other curves, and give the axes their heights."""
        for method, errors in curves.errors.items():
            self._curves[method].set_data(curves.steps, np.maximum(errors, FLOOR))
        highest = max(errors.max() for errors in curves.errors.values())
        top = int(np.ceil(np.log10(max(highest, 1)) + 0.3))
        self._axes.set_ylim(FLOOR / 4, 10.0**top)
        _decades(self._axes.set_yticks, -16, top)
        self._axes.minorticks_off()
        self.canvas.refresh()

    def draw(
        self,
        h: float,
        errors: Mapping[str, float],
        been: Sequence[tuple[float, Mapping[str, float]]],
        *,
        whole: bool,
    ) -> None:
        """Set what moves; `Canvas.show` then draws it.

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
        self._line.set_xdata([h, h])
        for method in METHODS:
            there = method in errors
            for group in (self._curves, self._been, self._points, self._names):
                group[method].set_visible(there)
            if not there:
                continue
            self._curves[method].set_visible(whole)
            height = max(errors[method], FLOOR)
            self._points[method].set_data([h], [height])
            self._names[method].xy = (h, height)
            if method == "complex":  # on the left of small steps there is no room
                left = h > COMPLEX_LEFT
                self._names[method].set(ha="right" if left else "left")
                self._names[method].xyann = PLACES[2][:2] if left else PLACES[0][:2]
            self._been[method].set_data(
                [step for step, _ in been], [max(e[method], FLOOR) for _, e in been]
            )


def _decades(set_ticks: Callable[..., None], low: int, high: int) -> None:
    """Ticks as plain numbers: powers in mathematical type take several times as long to draw."""
    decades = range(low, high + 1, 2)
    set_ticks([10.0**k for k in decades], [f"1e{k}" for k in decades])
