"""The picture of the vanishing-gradients panel: norms by layer, now and for the last setting."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots import BLUE, ORANGE
from bplab.widgets.kit.axes import frame, grid
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import (
    INK,
    Box,
    SvgView,
    group,
    heading,
    line,
    marks,
    number,
    polyline,
    text,
    width_of,
)
from bplab.widgets.vanishing_gradients.model import DEPTHS, Norms

__all__ = ["OUTPUT", "VanishingGradientsFigure"]

HEIGHT = 330
LEFT, RIGHT, BELOW = 58, 10, 50
"""Space around the inside of the axes, in pixels."""

OUTPUT = DEPTHS[1] + 1.5  # place of the output layer on the axis, for any number of hidden layers
DECADES = 4  # the axis ends at powers of ten that are multiples of this
MOST = 10  # squares in a formula, at most
LINE = 18  # pixels from one line of the key to the next
CIRCLE, SQUARE, CROSS = "circle", "square", "cross"
LOOK: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (CIRCLE, BLUE, {}),
    (SQUARE, ORANGE, {"stroke_dasharray": "7 4"}),
)
"""Shape, colour and dash: of weight gradients, and of deltas."""


class VanishingGradientsFigure(Fitted):
    """Two lines of points on a logarithmic axis, which grows and shrinks by four powers of ten.

    Full circles on a solid line are weight gradients; full squares on a dashed line are deltas.
    Those of the previous setting are small and hollow, on thin lines.

    Attributes
    ----------
    view : SvgView
    inside : Box
        The inside of the axes, in pixels.
    decades : (int, int)
        Both ends of the vertical axis, as powers of ten.
    """

    widest = 780

    def __init__(self):
        self.width, self.decades = self.widest, (-DECADES, DECADES)
        self.view = SvgView(self.width, HEIGHT)
        self._drawn: tuple[str, Norms | None, Norms | None] = ("", None, None)
        self._framed: tuple[int, int] | None = None
        self.lay_out()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        self.view.width = self.width
        self._key, lines = _key(self.width - LEFT - RIGHT)
        top = 28 + LINE * lines
        self.inside = Box(LEFT, top, self.width - LEFT - RIGHT, HEIGHT - top - BELOW)
        self._framed = None
        self.draw(*self._drawn)

    def draw(self, title: str, now: Norms | None, before: Norms | None) -> None:
        """Set the drawing; `SvgView.show` then sends it.

        Parameters
        ----------
        title : str
            The heading above the axes.
        now, before : Norms or None
            The norms for the present and for the previous setting.
        """
        self._drawn = title, now, before
        rows = {small: _rows(norms) for small, norms in ((False, now), (True, before))}
        heights = np.concatenate([h for pair in rows.values() for _, h in pair] or [np.ones(1)])
        self.decades = _decades(heights[np.isfinite(heights) & (heights > 0)])
        if self._framed != self.decades:
            self._framed, self._frame = self.decades, self._axes()
        parts = [self._frame, heading(LEFT, 16, title, self.width - LEFT)]
        for small in (True, False):
            for look, row in zip(LOOK, rows[small], strict=False):
                parts.append(self._row(row, *look, small=small))
        if now is not None:
            parts += self._points(now, rows[False])
        self.view.draw(*parts)

    def places(self, layers: ArrayLike, norms: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return the places of norms in the drawing; 0 is near the lower end."""
        box, (low, high) = self.inside, self.decades
        norms = np.asarray(norms, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            up = np.where(norms > 0, np.log10(norms), low + 0.04 * (high - low))
        x = (np.asarray(layers, float) - 0.4) / (OUTPUT + 0.2)
        return box.x + box.width * x, box.bottom - box.height * (up - low) / (high - low)

    def _row(
        self,
        row: tuple[NDArray, NDArray],
        shape: str,
        colour: str,
        dash: dict[str, Any],
        *,
        small: bool,
    ) -> str:
        """Return a line with its marks; it joins neither the output layer nor norms of 0."""
        x, y = self.places(*row)
        there = row[1] > 0
        ends = np.flatnonzero(np.diff(np.append(there[:-1], False), prepend=False))
        width = 1 if small else 2.2
        parts = [
            polyline(x[a:b], y[a:b], stroke=colour, stroke_width=width, **dash)
            for a, b in ends.reshape(-1, 2)
            if b - a > 1
        ]
        style = {"fill": "white", "stroke": colour} if small else {"fill": colour}
        places = zip(x[there], y[there], strict=True)
        parts.append(marks(places, shape, 3 if small else 5.5, **{"stroke": "white", **style}))
        return group(*parts, opacity=0.7 if small else 1)

    def _points(self, now: Norms, rows: Iterable[tuple[NDArray, NDArray]]) -> list[str]:
        """Return crosses where a norm is exactly 0, and spots around the points with formulas."""
        crossed, parts = set(), []
        for i, ((layers, norms), name) in enumerate(
            zip(rows, ("weight gradient", "delta"), strict=True)
        ):
            x, y = self.places(layers, norms)
            units = [both[i] for both in now.units]
            for layer, norm, of, across, up in zip(layers, norms, units, x, y, strict=True):
                if not norm:
                    crossed.add((float(across), float(up)))
                where = "output layer" if layer == OUTPUT else f"layer {layer:g}"
                said = (
                    f"{where}: ‖{_letters(name, layer)}‖ = √({_squares(of)}) = {number(norm, 4)}, "
                    f"norm of the {name}: a square for each unit"
                )
                spot = marks([(across, up)], CIRCLE, 9, fill="white", fill_opacity=0)
                parts.append(group(spot, title=said))
        return [marks(sorted(crossed), CROSS, 5, stroke=INK, stroke_width=2.5), *parts]

    def _axes(self) -> str:
        """Return the axes, with grid and names, and the key."""
        box, (low, high) = self.inside, self.decades
        layers = [*range(DEPTHS[0], DEPTHS[1] + 1), OUTPUT]
        up = range(low, high + 1, 2 if high - low <= 4 * DECADES else DECADES)
        xs, _ = self.places(layers, np.ones(len(layers)))
        _, ys = self.places(np.ones(len(up)), [10.0**k for k in up])
        output = "output" if xs[-1] - xs[-2] > width_of("output") / 2 + 12 else "out"
        names = [*map(str, layers[:-1]), output]
        (apart,), _ = self.places([DEPTHS[1] + 0.75], [1])
        return "".join(
            [
                grid(box, [], [(y, f"1e{k}") for y, k in zip(ys, up, strict=True)]),
                *(
                    text(x, box.bottom + 18, n, text_anchor="middle")
                    for x, n in zip(xs, names, strict=True)
                ),
                line(apart, box.y, apart, box.bottom, stroke="#c8c8c8"),
                frame(box, "layer d", "norm", left=14),
                self._key,
            ]
        )


def _key(width: float) -> tuple[str, int]:
    """Return the key to the marks, and the number of lines that it needs."""
    x, y, lines, parts = LEFT + 6.0, 28.0 + 6, 1, []
    for shape, style, words in (
        (CIRCLE, {"fill": BLUE}, "weight gradient"),
        (SQUARE, {"fill": ORANGE}, "delta (s, δ)"),
        (CIRCLE, {"fill": "white", "stroke": BLUE}, "before"),
        (CROSS, {"stroke": INK, "stroke_width": 2}, "exactly 0"),
    ):
        wide = width_of(words, 12) + 28
        if x + wide > LEFT + width and x > LEFT + 6:
            x, y, lines = LEFT + 6.0, y + LINE, lines + 1
        parts += [marks([(x, y)], shape, 4.5, **style), text(x + 9, y + 4, words, font_size=12)]
        x += wide
    return "".join(parts), lines


def _squares(sizes: NDArray) -> str:
    shown = " + ".join(f"{number(float(size), 4)}²" for size in sizes[:MOST])
    return shown if len(sizes) <= MOST else f"{shown} + … ({len(sizes) - MOST} more)"


def _letters(name: str, layer: float) -> str:
    if layer == OUTPUT:
        return "∂R/∂β" if name == "weight gradient" else "δ"
    raised = f"⁽{str(int(layer)).translate(_RAISED)}⁾"
    return f"∂R/∂α{raised}" if name == "weight gradient" else f"s{raised}"


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _decades(heights: NDArray) -> tuple[int, int]:
    """Return the ends of the axis as powers of ten: multiples of 4 with all heights between."""
    ends = np.log10([heights.min(), heights.max()]) if len(heights) else np.zeros(2)
    low = min(-DECADES, DECADES * np.floor((ends[0] - 0.3) / DECADES))
    high = max(DECADES, DECADES * np.ceil((ends[1] + 0.3) / DECADES))
    return int(low), int(high)


def _rows(norms: Norms | None) -> list[tuple[NDArray, NDArray]]:
    """Return layers and norms, for the weight gradients and for the deltas; the output is last."""
    if norms is None:
        return []
    x = np.array([*range(1, norms.setting.depth + 1), OUTPUT])
    return [
        (x, np.array([*row, output]))
        for row, output in ((norms.by_alpha, norms.by_beta), (norms.s, norms.delta))
    ]
