"""The picture of the playground: what the network says in the plane, and the loss curves."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bplab.widgets.kit.axes import Box, frame, labels
from bplab.widgets.kit.curve import round_ticks
from bplab.widgets.kit.layered_picture import LayeredView
from bplab.widgets.kit.svg import INK, text
from bplab.widgets.playground.chart import Chart, Curves
from bplab.widgets.playground.data import Examples
from bplab.widgets.playground.markers import class_key, markers
from bplab.widgets.playground.surface import GRID, NOTHING, shades, surface_png

__all__ = ["KEY", "PlaygroundFigure"]

WIDTH, HEIGHT = 820, 430
PLANE = Box(64, 62, 4 * GRID, 4 * GRID)  # whole pixels for each point of the surface
CHART = Box(476, 62, 330, 4 * GRID)
KEY = (
    "Solid markers are training examples, strokes are test examples; the ring is around the one "
    "whose numbers are in the table. The darker a colour, the surer the network."
)


class PlaygroundFigure:
    """The plane on the left, the loss curves on the right.

    Classes differ in colour and in marker; solid markers are training examples, strokes test
    examples. Curves differ in colour and dash.

    Attributes
    ----------
    view : LayeredView
    grid : ndarray, shape (GRID · GRID, p)
        Inputs for which `surface` wants outputs.
    axes : (int, int) or None
        Features along and up.
    limits : list of (float, float)
        The ends of both.
    curves : Chart
    """

    def __init__(self):
        self.view = LayeredView(WIDTH, HEIGHT, PLANE, KEY)
        self.curves = Chart(CHART)
        self.grid = np.zeros((GRID * GRID, 2))
        self.limits = [(0.0, 1.0), (0.0, 1.0)]
        self._plane = ""
        self._examples: Examples | None = None
        self.axes: tuple[int, int] | None = None
        self.clear()

    def plane(self, found: Examples, axes: tuple[int, int], chosen: int) -> None:
        """Show examples along two of their features; what they are drawn on follows.

        Parameters
        ----------
        found : Examples
        axes : (int, int)
            Columns of X along and up.
        chosen : int
            The example with a ring around it.
        """
        x, y = found.X[:, axes[0]], found.X[:, axes[1]]
        before, self._examples = self._examples, found
        if self.axes != axes or before is None or not _same(before, found):
            self.axes = axes
            self.limits = [_limits(values) for values in (x, y)]
            self._lay_grid(found, axes)
            names = [found.features[j] for j in axes]
            self._plane = self._plane_axes(names) + markers(*self.places(x, y), found)
            self._plane += class_key(PLANE.x, PLANE.y - 16, PLANE.width, found.classes)
        ((x,), (y,)) = self.places(x[[chosen]], y[[chosen]])
        ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9.7" fill="none" stroke='
        self.view.above = (
            f'{self._plane}{ring}"white" stroke-width="5.5"/>{ring}"{INK}" stroke-width="2.7"/>'
        )

    def surface(self, F: NDArray) -> None:
        """Colour the plane by the outputs (GRID · GRID, K) for the points of ``grid``."""
        self.view.image = surface_png(shades(F, self._examples.Y))

    def chart(self, now: Curves, before: Curves | None, epoch: int) -> None:
        """Show loss curves, and the epoch whose weights are in place."""
        self.curves.draw(now, before, epoch)

    def finish(self, title: str) -> None:
        """Put together what has been drawn, with a line above; `LayeredView.show` then sends it."""
        above = text(0, 16, title, font_size=14, font_weight="bold")
        self.view.below = self.curves.still
        self.view.moving = above + self.curves.moving

    def clear(self) -> None:
        """Show that there is nothing to show."""
        self.axes = self._examples = None
        self._plane = self.view.above = ""
        self.view.image = NOTHING
        self.curves.clear()
        self.finish("nothing to show")

    def places(self, x: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
        """Return where values of the two features are in the drawing."""
        (left, right), (low, high) = self.limits
        return (
            PLANE.x + PLANE.width * (x - left) / (right - left),
            PLANE.y + PLANE.height * (high - y) / (high - low),
        )

    def _lay_grid(self, found: Examples, axes: tuple[int, int]) -> None:
        """Lay points over the plane; features that are not drawn are at their mean."""
        along, up = (np.linspace(*ends, 2 * GRID + 1)[1::2] for ends in self.limits)
        self.grid = np.tile(found.X[: found.trained].mean(axis=0), (GRID * GRID, 1))
        self.grid[:, axes[0]] = np.tile(along, GRID)
        self.grid[:, axes[1]] = np.repeat(up, GRID)

    def _plane_axes(self, names: Sequence[str]) -> str:
        """Lines, ticks and names."""
        along, up = (np.array(round_ticks(*ends)) for ends in self.limits)
        xs, _ = self.places(along, along)
        _, ys = self.places(up, up)
        ticks = [f"M{x:.1f},{PLANE.bottom}v4" for x in xs] + [f"M{PLANE.x},{y:.1f}h-4" for y in ys]
        across = zip(xs, map(_tick, along), strict=True)
        return (
            f'<path d="{"".join(ticks)}" stroke="{INK}"/>'
            + frame(PLANE, *names, left=14, below=38)
            + labels(PLANE, across, zip(ys, map(_tick, up), strict=True))
        )


def _tick(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def _same(one: Examples, other: Examples) -> bool:
    """Whether two sets of examples look the same."""
    names = one[3:] == other[3:]
    return names and np.array_equal(one.X, other.X) and np.array_equal(one.labels, other.labels)


def _limits(values: NDArray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin
