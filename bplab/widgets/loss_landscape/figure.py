"""The picture of the loss landscape: contours of R with the path, and R along the path."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bplab.plots import BLUE, ORANGE, blank_figure
from bplab.widgets.kit.axes import frame, grid, round_ticks
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import (
    INK,
    Box,
    SvgView,
    clip,
    group,
    line,
    marks,
    number,
    polyline,
    rect,
    text,
    width_of,
)
from bplab.widgets.loss_landscape.model import REACH, Path, Surface

__all__ = ["LandscapeFigure"]

LEVELS = 12
ENDS = (10, 25, 50, 100, 200)  # where the axis of steps may end
FAR = 50 * REACH  # a path that leaves the plane is drawn no further than this
LEFT, RIGHT, TOP, BELOW = 54, 16, 28, 46
"""Space around the insides of the axes, in pixels."""
SIZE = 11.5  # letter size of the contours' labels
TRIED = 24  # places that are tried for a label along a contour
GAP = 7  # least distance, in pixels, of points of the path that the mouse can tell apart
BEFORE: dict[str, Any] = {"stroke": ORANGE, "stroke_width": 2, "stroke_dasharray": "6 3"}
NOW: dict[str, Any] = {"stroke": BLUE, "stroke_width": 2}


class Contour(NamedTuple):
    """A value of R, its lines (n, 2) in the drawing, and the box of its label, if it has one."""

    level: float
    lines: list[NDArray]
    label: Box | None


class LandscapeFigure(Fitted):
    """Contours with their values in one plot; R against step in the other, beside or below it.

    The path is solid, with a dot for each step, a ring at its start and a square at its end. The
    previous path is dashed.

    Attributes
    ----------
    view : SvgView
    plane, chart : Box
        The insides of both plots, in pixels.
    contours : list of Contour
    """

    widest = 840

    def __init__(self):
        self.width = self.widest
        self.view = SvgView(self.width, 400)
        self.contours: list[Contour] = []
        self._surface: Surface | None = None
        self._names = ("", "")
        self._paths: tuple[Path | None, Path | None] = (None, None)
        self._end = 0
        self.lay_out()

    def lay_out(self) -> None:
        """Place everything for the present width, and draw again what is shown."""
        across = LEFT + RIGHT
        if self.width >= 640:
            half = (self.width - 2 * across) / 2
            self.plane = Box(LEFT, TOP, half, 326)
            self.chart = Box(self.plane.right + RIGHT + LEFT + 8, TOP, half - 8, 326)
        else:
            self.plane = Box(LEFT, 8, self.width - across, 250)
            self.chart = Box(LEFT, self.plane.bottom + BELOW + TOP, self.width - across, 120)
        self.view.width, self.view.height = self.width, round(self.chart.bottom + BELOW)
        self._lay_surface()
        self._end = 0
        self.paths(*self._paths)

    def surface(self, surface: Surface | None, names: tuple[str, str]) -> None:
        """Draw the contours of a surface, unless they are drawn already."""
        if surface is self._surface and names == self._names:
            return
        self._surface, self._names = surface, names
        self._end = 0
        self._lay_surface()

    def _lay_surface(self) -> None:
        self.contours = [] if self._surface is None else self._contours(self._surface)
        box = self.plane
        ticks = round_ticks(-REACH, REACH)
        xs, ys = self.places(np.column_stack([ticks, ticks])).T
        shown = [number(tick) for tick in ticks]
        parts = [grid(box, zip(xs, shown, strict=True), zip(ys, shown, strict=True))]
        for i, contour in enumerate(self.contours):
            level = number(contour.level)
            wide: dict[str, Any] = {"stroke": "white", "stroke_width": 9, "stroke_opacity": 0}
            drawn = [polyline(*part.T, **wide) for part in contour.lines]
            drawn += [
                polyline(*part.T, stroke=INK, stroke_opacity=f"{0.9 - 0.04 * i:.2f}")
                for part in contour.lines
            ]
            parts.append(group(*drawn, title=f"on this line R = {level}"))
        for contour in self.contours:
            if contour.label is not None:
                x, y, width, height = contour.label
                parts.append(rect(x, y, width, height, fill="white", fill_opacity=0.85))
                style: dict[str, Any] = {"font_size": SIZE, "text_anchor": "middle"}
                parts.append(text(x + width / 2, y + height - 4, number(contour.level), **style))
        across, up = (f"weight {name}" for name in self._names)
        parts.append(frame(box, across, up, left=14, below=36))
        self._still = "".join(parts)

    def places(self, points: ArrayLike) -> NDArray:
        """Return the places (n, 2) in the drawing of pairs of weights (n, 2)."""
        box, points = self.plane, np.asarray(points, float)
        share = (points + REACH) / (2 * REACH)
        return np.column_stack(
            [box.x + box.width * share[:, 0], box.bottom - box.height * share[:, 1]]
        )

    def paths(self, now: Path | None, before: Path | None) -> None:
        """Set the path and the previous one; `SvgView.show` then sends the drawing."""
        self._paths = now, before
        longest = max(
            (len(path.losses) - 1 for path in (now, before) if path is not None), default=1
        )
        end = next((end for end in ENDS if end >= longest), longest)
        if end != self._end:
            self._end, self._axes = end, self._chart_axes(end)
        name = f"{self.view.id}-plane"
        parts = [self._still, self._axes, clip(name, self.plane)]
        inside, curves = [], []
        for path, style in ((before, BEFORE), (now, NOW)):
            if path is None:
                continue
            at = self.places(np.clip(np.nan_to_num(path.points, nan=FAR), -FAR, FAR))
            inside.append(polyline(*at.T, **style))
            curves.append(polyline(*self._heights(path.losses), **style))
            if path is now:
                inside.append(marks(at, "circle", 2.2, fill=BLUE))
                inside.append(marks(at[:1], "circle", 7, fill="none", stroke=BLUE, stroke_width=2))
                inside.append(marks(at[-1:], "square", 4.5, fill=BLUE))
                inside += self._steps(path, at)
        self.view.draw(*parts, group(*inside, clip_path=f"url(#{name})"), *curves)

    def _steps(self, path: Path, at: NDArray) -> Iterator[str]:
        """Yield spots at the points that can be told apart, with the formulas of the next step."""
        last = np.full(2, np.inf)
        for i, (gradient, place) in enumerate(zip(path.gradients, at, strict=False)):
            if np.abs(place - last).max() < GAP:
                continue
            last = place
            said = [f"step {i + 1}: R = {number(path.losses[i], 4)}"]
            for name, w, slope, new in zip(
                self._names, path.points[i], gradient, path.points[i + 1], strict=True
            ):
                shown = f"({number(slope)})" if slope < 0 else number(slope)
                said.append(
                    f"{name} − γ·∂R/∂{name} = {number(w)} − {path.gamma:g}·{shown} = {number(new)}"
                )
            spot = marks([place], "circle", 6, fill="white", fill_opacity=0)
            yield group(spot, title="\n".join(said))

    def _chart_axes(self, end: int) -> str:
        """Return the axes of the chart, with grid and names, and the key to its lines."""
        box = self.chart
        low, high = self._decades
        losses = [10.0**k for k in range(low, high + 1)]
        steps = [step for step in round_ticks(0, end) if step == int(step)]
        xs = box.x + box.width * np.array(steps) / end
        _, ys = self._heights(losses)
        parts = [
            grid(
                box,
                [(x, f"{step:g}") for x, step in zip(xs, steps, strict=True)],
                [(y, f"{loss:g}") for y, loss in zip(ys, losses, strict=True)],
            ),
            frame(box, "step", "loss R", left=box.x - LEFT + 14, below=36),
        ]
        x, y = box.x, box.y - 14
        for words, style in (("this path", NOW), ("the path before", BEFORE)):
            parts += [line(x, y, x + 24, y, **style), text(x + 29, y + 4, words, font_size=12)]
            x += 42 + width_of(words, 12)
        return "".join(parts)

    @property
    def _decades(self) -> tuple[int, int]:
        """The powers of ten between which R lies, over the whole plane."""
        if self._surface is None:
            return 0, 2
        R = self._surface.R
        low, high = (np.log10(max(float(end), 1e-12)) for end in (R.min(), R.max()))
        return int(np.floor(low)), int(np.ceil(high))

    def _heights(self, losses: ArrayLike) -> tuple[NDArray, NDArray]:
        """Return x and y in the chart of losses, one for each step; NaN is at the top."""
        box, (low, high) = self.chart, self._decades
        losses = np.asarray(losses, float)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (np.log10(losses) - low) / (high - low)
        share = np.clip(np.nan_to_num(share, nan=1.0), 0, 1)
        steps = np.arange(len(losses)) / max(self._end, 1)
        return box.x + box.width * steps, box.bottom - box.height * share

    def _contours(self, surface: Surface) -> list[Contour]:
        """Return lines of equal R; labels do not overlap, and cover few lines of other contours."""
        ticks, R = surface
        low, high = float(R.min()), float(R.max())
        levels = np.geomspace(low + 0.02 * (high - low) / LEVELS, high, LEVELS + 1)[:-1]
        found = blank_figure().add_subplot().contour(ticks, ticks, R, levels=np.unique(levels))
        lines = [[self.places(part) for part in parts if len(part) > 1] for parts in found.allsegs]
        taken: list[Box] = []
        contours = []
        for i, (level, parts) in enumerate(
            zip(np.asarray(found.levels).tolist(), lines, strict=True)
        ):
            others = [p for j, some in enumerate(lines) if j != i for p in some]
            label = self._label(parts, others, number(level), taken)
            if label is not None:
                taken.append(label)
            contours.append(Contour(level, parts, label))
        return contours

    def _label(
        self, parts: list[NDArray], others: list[NDArray], words: str, taken: list[Box]
    ) -> Box | None:
        """Return a label's box on its line: on no other label, on few other lines; None if none."""
        wide, high = width_of(words, SIZE) + 6, SIZE + 4
        points = np.concatenate(others) if others else np.zeros((0, 2))
        best = None
        for part in parts:
            size = np.ptp(part, axis=0)
            if max(size) < 2 * wide:  # it would hide the line
                continue
            for x, y in part[np.linspace(0, len(part) - 1, TRIED).astype(int)]:
                box = Box(float(x) - wide / 2, float(y) - high / 2, wide, high)
                if box.shared(self.plane) < wide * high - 0.01 or any(map(box.shared, taken)):
                    continue
                met = (np.abs(points - [x, y]) < [wide / 2 + 1, high / 2 + 1]).all(axis=1).sum()
                if best is None or met < best[0]:
                    best = met, box
        return None if best is None else best[1]
