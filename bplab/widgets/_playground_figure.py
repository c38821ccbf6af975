"""The picture of the playground: what the network says in the plane, and the loss curves."""

import html
import io
from typing import NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from bplab.plots._picture import BLUE, GREEN, GREY, ORANGE
from bplab.widgets._canvas import Canvas
from bplab.widgets._playground_data import Examples, classes_of

__all__ = ["Curves", "PlaygroundFigure"]

GRID = 90  # points of the surface along each axis
TINTS = (0.12, 0.26, 0.40, 0.54)  # of a class's colour, the surer the darker
DRAWN = 400  # examples
COLOURS = (BLUE, ORANGE, GREEN, "#CC79A7", "#56B4E9", "#E69F00")
SOLID = ("o", "s", "^", "D", "v", "p")  # training examples, a class each
STROKES = ("+", "x", "1", "2", "3", "4")  # test examples
INK, EDGE, WHITE = "#222222", "#606060", 0xFFFFFFFF
KEY = (
    "Solid markers are training examples, strokes are test examples; the ring is around the one "
    "whose numbers are in the table. The darker a colour, the surer the network."
)


class Curves(NamedTuple):
    """Mean losses an example, of training and of test examples, for each epoch from 0 on."""

    training: ArrayLike
    test: ArrayLike


class _Surface(Artist):
    """An array of colours over the inside of its axes: faster than an image, which is resampled.

    Attributes
    ----------
    shades : ndarray, shape (n, n)
        Red, green, blue and opacity as whole numbers of 32 bits; low y first.
    """

    def __init__(self, axes: Axes):
        super().__init__()
        self._bounds = axes.bbox
        self.set_figure(axes.figure)
        self.shades = np.full((1, 1), WHITE, np.uint32)

    def draw(self, renderer: RendererAgg) -> None:
        pixels = np.asarray(renderer.buffer_rgba()).view(np.uint32)[:, :, 0]
        box, n = self._bounds, len(self.shades)
        left, right = int(np.ceil(box.x0)) + 1, int(box.x1) - 1
        top, bottom = len(pixels) - int(box.y1) + 1, len(pixels) - int(np.ceil(box.y0)) - 1
        columns = np.arange(right - left) * n // (right - left)
        rows = np.arange(bottom - top)[::-1] * n // (bottom - top)
        pixels[top:bottom, left:right] = self.shades[rows][:, columns]


class _LineCanvas(Canvas):
    """A canvas with a line of text above it that changes as often as the picture.

    It stands in the page, since drawing it would take longer than all the rest. While the picture
    moves it has few colours, and is small to send.
    """

    line = ""

    def show(self, alt: str, *, onload: str = "") -> None:
        """Draw it as it is now, and send it; see `Canvas.show`."""
        self._paint()
        self.alt = alt
        stream = io.BytesIO()
        few = Image.fromarray(self._pixels()).quantize(palette=_PALETTE, dither=0)
        few.save(stream, "png", compress_level=1)
        self.widget.value = self._img(stream.getvalue(), onload)

    def _img(self, png: bytes, onload: str) -> str:
        return (
            f'<div class="bplab-line" style="font-weight:bold">{html.escape(self.line)}</div>'
            f'{super()._img(png, onload)}<div style="line-height:1.4">{html.escape(KEY)}</div>'
        )


class PlaygroundFigure:
    """The plane on the left, the loss curves on the right.

    Classes differ in colour and in marker; solid markers are training examples, strokes test
    examples. Curves differ in colour and dash.
    """

    def __init__(self):
        figure = Figure(figsize=(8.2, 4.1))
        self._plane = plane = figure.add_axes((0.085, 0.125, 0.385, 0.79))
        self._chart = chart = figure.add_axes((0.57, 0.125, 0.405, 0.79))
        for axes in (plane, chart):
            axes.spines[["top", "right"]].set_visible(False)
        chart.set(yscale="log", xlabel="epoch", ylabel="mean loss of an example, R(θ)/N")
        chart.yaxis.set_major_formatter("{x:g}")
        chart.yaxis.minorticks_off()
        chart.grid(color="#e4e4e4", linewidth=0.8)
        train = {"linestyle": "-", "linewidth": 2.2}
        test = {"linestyle": (0, (4, 2)), "linewidth": 1.8}
        ghost = {"color": "#a0a0a0"}
        self._lines = [
            chart.plot([], [], **style)[0]
            for style in (
                {**train, **ghost, "linewidth": 1.2, "label": "the run before"},
                {**test, **ghost, "linewidth": 1.2},
                {**train, "color": BLUE, "label": "training"},
                {**test, "color": ORANGE, "label": "test"},
            )
        ]
        self._now = chart.plot([], [], color=GREY, linewidth=1, linestyle=":")[0]
        chart.legend(loc="lower left", frameon=False, fontsize=8.5, handlelength=2.6)
        self._points = [plane.plot([], [])[0] for _ in range(2 * len(SOLID))]
        self._chosen = plane.plot([], [], "o", ms=14, mfc="none", mec=INK, mew=2)[0]
        self._ring = plane.plot([], [], "o", ms=14, mfc="none", mec="w", mew=4)[0]
        self._legend = None
        self._surface = _Surface(plane)
        moving = [self._surface, *self._points, self._ring, self._chosen, self._now, *self._lines]
        self._reach: tuple = ()
        self._axes: tuple[int, int] | None = None
        self._examples: Examples | None = None
        self.grid = np.zeros((GRID * GRID, 2))
        self.canvas = _LineCanvas(figure, moving, scale=1.25)

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
        for ring in (self._ring, self._chosen):
            ring.set_data([x[chosen]], [y[chosen]])
        before, self._examples = self._examples, found
        if self._axes == axes and before is not None and _same(before, found):
            return
        self._axes = axes
        limits = [_limits(values) for values in (x, y)]
        self._plane.set(xlim=limits[0], ylim=limits[1])
        self._plane.set(xlabel=found.features[axes[0]], ylabel=found.features[axes[1]])
        self._draw_points(x, y, found)
        along, up = (np.linspace(*ends, 2 * GRID + 1)[1::2] for ends in limits)
        mean = found.X[: found.trained].mean(axis=0)
        self.grid = np.tile(mean, (GRID * GRID, 1))
        self.grid[:, axes[0]] = np.tile(along, GRID)
        self.grid[:, axes[1]] = np.repeat(up, GRID)
        self.canvas.refresh()

    def surface(self, F: NDArray) -> None:
        """Colour the plane by the outputs (GRID · GRID, K) for the points of ``grid``."""
        Y = self._examples.Y
        classes = classes_of(F, Y).reshape(GRID, GRID)
        span = (Y.max() - Y.min()) or 1.0
        if F.shape[1] == 1:
            lead = 2 * np.abs(F[:, 0] - (Y.min() + Y.max()) / 2)
        else:
            ordered = np.partition(F, -2, axis=1)
            lead = ordered[:, -1] - ordered[:, -2]
        sure = np.clip(lead / span * len(TINTS), 0, len(TINTS) - 1e-9).astype(np.intp)
        shades = _SHADES[classes % len(COLOURS), sure.reshape(GRID, GRID)]
        edge = np.zeros(classes.shape, bool)  # a line where the class changes, not colour alone
        edge[:-1] |= classes[:-1] != classes[1:]
        edge[:, :-1] |= classes[:, :-1] != classes[:, 1:]
        shades[edge] = _rgba(EDGE)
        self._surface.shades = shades

    def chart(self, now: Curves, before: Curves | None, epoch: int) -> None:
        """Show loss curves, and the epoch whose weights are in place."""
        longest = max(len(c.training) for c in (now, before) if c is not None) - 1
        end = 100
        while end < longest:
            end *= 2
        start = max(float(now.training[0]), 1e-6)
        reach = end, int(np.floor(np.log10(start / 2000))), int(np.ceil(np.log10(start * 4)))
        if reach != self._reach:
            self._reach = reach
            self._chart.set(xlim=(0, end), ylim=(10.0 ** reach[1], 10.0 ** reach[2]))
            self.canvas.refresh()
        curves = [] if before is None else [*before]
        for line in self._lines[:2]:
            line.set_visible(before is not None)
        for line, losses in zip(self._lines[2 - len(curves) :], [*curves, *now], strict=True):
            _trace(line, losses, 10.0 ** reach[2])
        self._now.set_data([epoch, epoch], [10.0 ** reach[1], 10.0 ** reach[2]])

    def clear(self) -> None:
        """Show that there is nothing to show."""
        self._surface.shades = np.full((1, 1), WHITE, np.uint32)
        for line in (*self._points, self._ring, self._chosen, self._now, *self._lines):
            line.set_data([], [])
        self.canvas.line = "nothing to show"
        self._axes = None

    def _draw_points(self, x: NDArray, y: NDArray, found: Examples) -> None:
        step = -(-len(x) // DRAWN)
        index = np.arange(len(x))
        drawn = index % step == 0
        handles = []
        for k in range(len(SOLID)):
            for line, part, test in (
                (self._points[2 * k], index < found.trained, False),
                (self._points[2 * k + 1], index >= found.trained, True),
            ):
                here = drawn & part & (found.labels % len(SOLID) == k)
                line.set_data(x[here], y[here])
                _style(line, k, test)
                if not test and k < len(found.classes):
                    name = found.classes[k]
                    handles += [(_key(k, False), ""), (_key(k, True), name)]
        if self._legend is not None:
            self._legend.remove()
        self._legend = self._plane.legend(
            *zip(*handles, strict=True),
            loc="lower left",
            bbox_to_anchor=(-0.02, 1.0),
            ncols=len(handles),
            frameon=False,
            fontsize=8.5,
            handlelength=0.8,
            handletextpad=0.35,
            columnspacing=0.5,
            borderpad=0.1,
        )


def _same(one: Examples, other: Examples) -> bool:
    """Whether two sets of examples look the same."""
    names = one[3:] == other[3:]
    return names and np.array_equal(one.X, other.X) and np.array_equal(one.labels, other.labels)


def _style(line: Line2D, k: int, test: bool) -> None:
    """Give a line the look of a class's training or test examples."""
    line.set(linestyle="none", color=COLOURS[k])
    if test:
        line.set(marker=STROKES[k], markersize=7, markeredgewidth=1.8, markeredgecolor=_dark(k))
    else:
        line.set(marker=SOLID[k], markersize=5.5, markeredgewidth=0.8, markeredgecolor="w")


def _key(k: int, test: bool) -> Line2D:
    line = Line2D([], [])
    _style(line, k, test)
    return line


def _dark(k: int) -> tuple[float, ...]:
    return tuple(0.6 * part for part in to_rgb(COLOURS[k]))


def _trace(line: Line2D, losses: ArrayLike, top: float) -> None:
    """Draw a curve with at most about 400 points, its last one too; no number goes to the top."""
    step = max(1, len(losses) // 400)
    epochs = np.arange(0, len(losses), step)
    values = np.asarray(losses[::step], float)
    if epochs[-1] != len(losses) - 1:
        epochs, values = np.append(epochs, len(losses) - 1), np.append(values, losses[-1])
    line.set_data(epochs, np.where(np.isfinite(values), np.maximum(values, 1e-300), 10 * top))


def _limits(values: NDArray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _rgba(colour, share: float = 1.0) -> int:
    """A colour over white as a whole number of 32 bits, in the order of the buffer's bytes."""
    parts = [round(255 * (1 - share + share * part)) for part in to_rgb(colour)]
    return int(np.array([*parts, 255], np.uint8).view(np.uint32)[0])


def _palette() -> Image.Image:
    """Every colour that the picture is made of, and some between, for smooth edges."""
    shares = (*TINTS, 0.75, 1.0)
    found = {_rgba(colour, share) for colour in (*COLOURS, INK) for share in shares}
    found |= {_rgba(dark, share) for dark in map(_dark, range(len(COLOURS))) for share in (0.7, 1)}
    found |= {_rgba((grey,) * 3) for grey in np.linspace(0, 1, 29)} | {_rgba(EDGE)}
    parts = np.array(sorted(found), np.uint32).view(np.uint8).reshape(-1, 4)[:, :3]
    image = Image.new("P", (1, 1))
    image.putpalette(parts.tobytes())
    return image


_SHADES = np.array([[_rgba(colour, share) for share in TINTS] for colour in COLOURS], np.uint32)
_PALETTE = _palette()
