"""The picture of the playground: the class that the network finds in the plane, and loss curves."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots import BLUE, GREEN, GREY, ORANGE
from bplab.widgets.kit.axes import LossAxes, Reach, frame, labels, round_ticks
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.png import palette_png
from bplab.widgets.kit.svg import (
    INK,
    Box,
    LayeredView,
    group,
    line,
    marks,
    polyline,
    size_for,
    text,
    width_of,
)
from bplab.widgets.playground.data import Examples, classes_of

GRID = 80  # points of the surface along each axis
TINTS = (0.12, 0.26, 0.40, 0.54)  # opacities of a class's colour: the surer, the stronger
COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#E69F00")
EDGE = len(COLOURS) * len(TINTS)
"""The colour number of the line where the class changes; the next number is transparent white."""


def shades(F: NDArray, Y: NDArray) -> NDArray:
    """Return the colour number of each point of the grid, shape (GRID, GRID), low y first.

    Parameters
    ----------
    F : ndarray, shape (GRID · GRID, K)
        The network's outputs at the points; x changes fastest.
    Y : ndarray, shape (N, K)
        The targets; differences of outputs are measured by their range.
    """
    classes = classes_of(F, Y).reshape(GRID, GRID)
    span = (Y.max() - Y.min()) or 1.0
    if F.shape[1] == 1:
        lead = 2 * np.abs(F[:, 0] - (Y.min() + Y.max()) / 2)
    elif F.shape[1] == 2:
        lead = np.abs(F[:, 0] - F[:, 1])
    else:
        ordered = np.partition(F, -2, axis=1)
        lead = ordered[:, -1] - ordered[:, -2]
    with np.errstate(invalid="ignore"):  # outputs may be NaN
        sure = np.nan_to_num(np.clip(lead * (len(TINTS) / span), 0, len(TINTS) - 1e-9))
    found = classes % len(COLOURS) * len(TINTS) + sure.astype(np.intp).reshape(GRID, GRID)
    edge = np.zeros(classes.shape, bool)  # a line where the class changes, not colour alone
    edge[:-1] |= classes[:-1] != classes[1:]
    edge[:, :-1] |= classes[:, :-1] != classes[:, 1:]
    edge[:-1, :-1] |= classes[:-1, :-1] != classes[1:, 1:]
    found[edge] = EDGE
    return found.astype(np.uint8)


def surface_png(numbers: NDArray) -> bytes:
    """Return an array of colour numbers, low y first, as a PNG."""
    return palette_png(numbers[::-1], _PALETTE, _OPAQUE)


def rgb_of(numbers: NDArray) -> NDArray:
    """Return the colours of colour numbers on white paper: red, green and blue from 0 to 1."""
    colours = np.frombuffer(_PALETTE, np.uint8).reshape(-1, 3)[numbers] / 255
    opaque = np.frombuffer(_OPAQUE, np.uint8)[numbers, None] / 255
    return 1 - opaque * (1 - colours)


def dark(k: int) -> str:
    """Return a darker shade of a class's colour, for strokes on areas of that colour."""
    return "#" + bytes(round(0.6 * part) for part in _parts(COLOURS[k])).hex()


def _parts(colour: str) -> bytes:
    """Return red, green and blue of ``#rrggbb``."""
    return bytes.fromhex(colour.removeprefix("#"))


_PALETTE = b"".join([*(_parts(c) for c in COLOURS for _ in TINTS), b"\x76" * 3, b"\xff" * 3])
_OPAQUE = bytes(round(255 * share) for share in [*TINTS * len(COLOURS), 1, 0])
NOTHING = surface_png(np.full((1, 1), EDGE + 1, np.uint8))
"""A transparent surface."""


DRAWN = 400  # examples, at most
R = 4.2  # half the size of a solid marker, in pixels
SOLID = (
    f"m{-R},0a{R},{R} 0 1 0 {2 * R},0a{R},{R} 0 1 0 {-2 * R},0z",
    "m-3.8,-3.8h7.6v7.6h-7.6z",
    "m0,-4.8l4.8,8.6h-9.6z",
    "m0,-5.2l5.2,5.2l-5.2,5.2l-5.2,-5.2z",
    "m0,4.8l4.8,-8.6h-9.6z",
    "m0,-5l4.8,3.5l-1.8,5.5h-6l-1.8,-5.5z",
)
STROKES = (
    "m-4.8,0h9.6m-4.8,-4.8v9.6",
    "m-3.8,-3.8l7.6,7.6m0,-7.6l-7.6,7.6",
    "m0,0v5m0,-5l-4.3,-2.5m4.3,2.5l4.3,-2.5",
    "m0,0v-5m0,5l-4.3,2.5m4.3,-2.5l4.3,2.5",
    "m0,0h-5m5,0l2.5,-4.3m-2.5,4.3l2.5,4.3",
    "m0,0h5m-5,0l-2.5,-4.3m2.5,4.3l-2.5,4.3",
)
KINDS = len(SOLID)
"""The number of kinds of markers; further classes use them again."""


def markers(x: NDArray, y: NDArray, found: Examples) -> str:
    """Return markers for the examples at these places of a drawing, for only some if many."""
    parts = []
    for k, test, here in drawn(found):
        parts.append(_path(zip(x[here], y[here], strict=True), k, test))
    return "".join(parts)


def choices(x: NDArray, y: NDArray, found: Examples) -> str:
    """Return invisible spots over the markers, by which mouse and keys choose an example."""
    parts = []
    for i in _some(len(found.X)):
        kind = "training" if i < found.trained else "test"
        values = ", ".join(f"{value:.3g}" for value in found.X[i]).replace("-", "−")
        said = f"example {i} ({kind}, {found.classes[found.labels[i]]}): x = ({values})"
        spot = marks([(x[i], y[i])], "square", R, fill="white", fill_opacity=0)
        parts.append(group(spot, title=said, sets=("example", str(i)), pointer_events="all"))
    return "".join(parts)


def drawn(found: Examples) -> Iterable[tuple[int, bool, NDArray]]:
    """Yield for each kind of marker, and for training and test, which examples are drawn by it."""
    index = np.arange(len(found.X))
    some = np.isin(index, _some(len(index)))
    for k in range(KINDS):
        for test in (False, True):
            here = some & (found.labels % KINDS == k) & ((index >= found.trained) == test)
            if here.any():
                yield k, test, here


def _some(count: int) -> range:
    """Return the numbers of the examples that are drawn: only some if there are many."""
    return range(0, count, -(-count // DRAWN))


def class_key(x: float, y: float, width: float, classes: Iterable[str]) -> str:
    """Return the key to the markers, in a line that wraps where it is full."""
    parts, across = [], x
    for k, name in list(enumerate(classes))[:KINDS]:
        needed = 30 + width_of(name, 12)
        if across > x and across + needed > x + width:
            across, y = x, y + 15
        parts.append(_path([(across + 5, y)], k, False))
        parts.append(_path([(across + 18, y)], k, True))
        parts.append(text(across + 27, y + 4, name, font_size=12))
        across += needed + 8
    return "".join(parts)


def _path(places: Iterable[tuple[float, float]], k: int, test: bool) -> str:
    shape = (STROKES if test else SOLID)[k]
    d = "".join(f"M{x:.1f},{y:.1f}{shape}" for x, y in places)
    if test:
        return f'<path d="{d}" fill="none" stroke="{dark(k)}" stroke-width="1.8"/>'
    return f'<path d="{d}" fill="{COLOURS[k]}" stroke="white" stroke-width="0.8"/>'


COLUMNS = 90
DASH: dict[str, Any] = {"stroke_dasharray": "8 4"}
TRAINING: dict[str, Any] = {"stroke": BLUE, "stroke_width": 3}
TEST: dict[str, Any] = {"stroke": ORANGE, "stroke_width": 2.4, **DASH}
BEFORE: dict[str, Any] = {"stroke": "#a0a0a0", "stroke_width": 1.6}


class Curves(NamedTuple):
    """Mean loss per example, for training and for test examples, for each epoch from 0 on."""

    training: NDArray
    test: NDArray


class Chart:
    """Loss, on a logarithmic scale, against epoch; curves differ in colour and dash.

    Parameters
    ----------
    box : Box
        The inside of the axes.

    Attributes
    ----------
    still, moving : str
        SVG of the axes and the previous run, which change seldom; and of this run.
    reach : Reach or None
        The ends of the axes; None while nothing is shown.
    """

    def __init__(self, box: Box):
        self._box = box
        self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self.still = self.moving = ""
        self.reach: Reach | None = None
        self._before: Curves | None = None

    def draw(self, now: Curves, before: Curves | None, epoch: int) -> None:
        """Show loss curves, and the epoch whose weights are in place."""
        box, reach = self._box, _reach(now, before)
        if reach != self.reach or before is not self._before:
            self.reach, self._before = reach, before
            self._axes = LossAxes(box, reach, COLUMNS)
            ghost = (
                [] if before is None else [*zip(before, (BEFORE, {**BEFORE, **DASH}), strict=True)]
            )
            self.still = self._frame() + "".join(self._curve(c, style) for c, style in ghost)
        x = self._axes.across(epoch)
        here = f'<path d="M{x:.1f},{box.y}v{box.height}" stroke="{GREY}" stroke-dasharray="2 3"/>'
        self.moving = here + self._curve(now.training, TRAINING) + self._curve(now.test, TEST)

    def points(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return x and y of a curve's points in the drawing; see `LossAxes.points`."""
        return self._axes.points(losses)

    def _curve(self, losses: ArrayLike, style: dict) -> str:
        return polyline(*self.points(losses), **style)

    def _frame(self) -> str:
        """Return the axes, with grid and names, and the key to the curves."""
        box = self._box
        parts = [
            self._axes.grid(),
            frame(box, "epoch", "mean loss, R(θ)/N", left=box.x - 54, below=38),
        ]
        names = {"training": TRAINING, "test": TEST}
        if self._before is not None:
            names["the run before"] = BEFORE
        across, y = box.x, box.y - 16
        for name, style in names.items():
            parts.append(line(across, y, across + 28, y, **style))
            parts.append(text(across + 34, y + 4, name, font_size=12))
            across += 50 + width_of(name, 12)
        return "".join(parts)


def _reach(now: Curves, before: Curves | None) -> Reach:
    """Return the ends of the axes, which only change when a curve has become twice as long."""
    longest = max(len(curves.training) for curves in (now, before) if curves is not None) - 1
    end = 100
    while end < longest:
        end *= 2
    return Reach.of(end, max(float(now.training[0]), 1e-6))


WIDEST, BESIDE = 820, 640  # widths: the largest, and the least for both plots side by side
PLANE = Box(64, 62, 4 * GRID, 4 * GRID)  # whole pixels for each point of the surface
CHART = Box(476, 62, 330, 4 * GRID)
BELOW = 48  # room below axes
KEY = (
    "Solid markers are training examples, strokes are test examples; the ring is around the one "
    "whose numbers are in the table. The stronger a colour, the surer the network."
)


class PlaygroundFigure(Fitted):
    """The plane, with the loss curves beside or below it.

    Classes differ in colour and in marker; solid markers are training examples, strokes are test
    examples. Curves differ in colour and dash.

    Attributes
    ----------
    view : LayeredView
    grid : ndarray, shape (GRID · GRID, p)
        Inputs whose outputs `surface` needs.
    axes : (int, int) or None
        Columns of the features drawn across and up.
    limits : list of (float, float)
        The ends of both axes.
    curves : Chart
    """

    widest = WIDEST

    def __init__(self):
        self.width, self.inside = WIDEST, PLANE
        self.view = LayeredView(WIDEST, round(CHART.bottom + BELOW), PLANE, KEY)
        self.curves = Chart(CHART)
        self._title = ""
        self._drawn: tuple[Curves, Curves | None, int] | None = None
        self._shown: tuple[Examples, tuple[int, int], int] | None = None
        self.grid = np.zeros((GRID * GRID, 2))
        self.limits = [(0.0, 1.0), (0.0, 1.0)]
        self._plane = ""
        self._examples: Examples | None = None
        self.axes: tuple[int, int] | None = None
        self.clear()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        if self.width >= BESIDE:
            left = CHART.x - (WIDEST - self.width) // 2
            self.inside = PLANE._replace(width=(left - CHART.x) + PLANE.width)
            chart = CHART._replace(x=left, width=self.width - left - 14)
        else:
            across = self.width - 52 - 12
            self.inside = Box(52, 62, across, 3 * GRID)
            chart = Box(66, self.inside.bottom + BELOW + 28, self.width - 66 - 14, 130)
        self.view.resize(self.width, round(chart.bottom + BELOW), self.inside)
        self.curves = Chart(chart)
        shown, drawn, self.axes = self._shown, self._drawn, None
        if shown is not None and drawn is not None:
            self.plane(*shown)
            self.chart(*drawn)
        self.finish(self._title)

    def plane(self, found: Examples, axes: tuple[int, int], chosen: int) -> None:
        """Show examples by two of their features; axes and ``grid`` change with them.

        Parameters
        ----------
        found : Examples
        axes : (int, int)
            Columns of X drawn across and up.
        chosen : int
            The number of the example that gets a ring around it.
        """
        x, y = found.X[:, axes[0]], found.X[:, axes[1]]
        self._shown = found, axes, chosen
        before, self._examples = self._examples, found
        box = self.inside
        if self.axes != axes or before is None or not _same(before, found):
            self.axes = axes
            self.limits = [_limits(values) for values in (x, y)]
            self._lay_grid(found, axes)
            names = [found.features[j] for j in axes]
            self._plane = self._plane_axes(names) + markers(*self.places(x, y), found)
            self._plane += choices(*self.places(x, y), found)
            self._plane += class_key(box.x, box.y - 16, box.width, found.classes)
        ((x,), (y,)) = self.places(x[[chosen]], y[[chosen]])
        ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9.7" fill="none" stroke='
        self._ring = f'{ring}"white" stroke-width="5.5"/>{ring}"{INK}" stroke-width="2.7"/>'
        self.view.above = self._plane

    def surface(self, F: NDArray, Y: NDArray) -> None:
        """Colour the plane by the outputs F (GRID · GRID, K) at the points of ``grid``.

        Y (N, K) are the targets; differences of outputs are measured by their range.
        """
        self.view.image = surface_png(shades(F, Y))

    def chart(self, now: Curves, before: Curves | None, epoch: int) -> None:
        """Show loss curves, and the epoch whose weights are in place."""
        self._drawn = now, before, epoch
        self.curves.draw(now, before, epoch)

    def finish(self, title: str) -> None:
        """Put the layers together, with a title line above; `LayeredView.show` then sends them."""
        self._title = title
        lines = [title]
        if width_of(title, 14, bold=True) > self.width:
            head, _, rest = title.partition(", ")
            lines = [head, rest]
        above = "".join(
            text(
                0,
                14 + 15 * i,
                words,
                font_size=size_for(words, self.width, 14, bold=True),
                font_weight="bold",
            )
            for i, words in enumerate(lines)
        )
        self.view.below = self.curves.still
        self.view.moving = above + self.curves.moving + self._ring

    def clear(self) -> None:
        """Show nothing but a title that says so."""
        self.axes = self._examples = self._shown = self._drawn = None
        self._plane = self._ring = self.view.above = ""
        self.view.image = NOTHING
        self.curves.clear()
        self.finish("nothing to show")

    def places(self, x: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
        """Return the places in the drawing of values of the two features."""
        (left, right), (low, high) = self.limits
        box = self.inside
        return (
            box.x + box.width * (x - left) / (right - left),
            box.y + box.height * (high - y) / (high - low),
        )

    def _lay_grid(self, found: Examples, axes: tuple[int, int]) -> None:
        """Lay points over the plane; features that are not drawn have their training mean."""
        along, up = (np.linspace(*ends, 2 * GRID + 1)[1::2] for ends in self.limits)
        self.grid = np.tile(found.X[: found.trained].mean(axis=0), (GRID * GRID, 1))
        self.grid[:, axes[0]] = np.tile(along, GRID)
        self.grid[:, axes[1]] = np.repeat(up, GRID)

    def _plane_axes(self, names: Sequence[str]) -> str:
        """Return axes, ticks and names."""
        along, up = (np.array(round_ticks(*ends)) for ends in self.limits)
        xs, _ = self.places(along, along)
        _, ys = self.places(up, up)
        box = self.inside
        ticks = [f"M{x:.1f},{box.bottom}v4" for x in xs] + [f"M{box.x},{y:.1f}h-4" for y in ys]
        across = zip(xs, map(_tick, along), strict=True)
        return (
            f'<path d="{"".join(ticks)}" stroke="{INK}"/>'
            + frame(box, *names, left=12, below=38)
            + labels(box, across, zip(ys, map(_tick, up), strict=True))
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
