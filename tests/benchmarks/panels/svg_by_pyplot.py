"""A drawing in the few kinds of SVG that panels write, drawn by matplotlib."""

import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

__all__ = ["draw_svg"]

DPI = 100
POINTS = 72 / DPI
"""The size of a pixel of the drawing in matplotlib's points."""

ALIGN = {"start": "left", "middle": "center", "end": "right"}


def draw_svg(svg: str) -> None:
    """Make a figure by pyplot that shows an SVG of lines, rectangles, circles, marks and texts.

    Hatched fills are hatched, an arrow is a triangle at the end of its line; of marks the first
    bend tells which they are.
    """
    root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", svg, count=1))
    width, height = float(root.get("width")), float(root.get("height"))
    figure = plt.figure(figsize=(width / DPI, height / DPI), dpi=DPI)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    for part in _parts(root):
        _DRAW[part.tag](axes, part)


def _parts(element: ElementTree.Element, down: float = 0) -> Iterator[ElementTree.Element]:
    for child in element:
        if child.tag in _DRAW:
            for name in ("y", "y1", "y2", "cy"):
                if down and name in child.attrib:
                    child.set(name, str(float(child.attrib[name]) + down))
            yield child
        elif child.tag == "g":
            moved = re.match(r"translate\(0 (\S+)\)", child.get("transform", ""))
            yield from _parts(child, down + float(moved[1]) if moved else down)


def _numbers(part: ElementTree.Element, *names: str) -> list[float]:
    return [float(part.get(name, 0)) for name in names]


def _stroke(part: ElementTree.Element) -> dict[str, Any]:
    dashes = part.get("stroke-dasharray")
    (width,) = _numbers(part, "stroke-width") if part.get("stroke-width") else (1.0,)
    return {
        "linewidth": width * POINTS,
        "linestyle": (0, [float(n) for n in re.split("[ ,]+", dashes)]) if dashes else "-",
        "alpha": float(part.get("stroke-opacity", 1)),
    }


def _shape(part: ElementTree.Element) -> dict[str, Any]:
    fill, edge = part.get("fill", "black"), part.get("stroke", "none")
    look = {**_stroke(part), "facecolor": fill, "edgecolor": edge}
    look["alpha"] = float(part.get("fill-opacity", 1))
    if fill.startswith("url("):
        look |= {"facecolor": "none", "hatch": "////"}
    return look


def _text(axes: Axes, part: ElementTree.Element) -> None:
    (size,) = _numbers(part, "font-size") if part.get("font-size") else (13.0,)
    axes.text(
        *_numbers(part, "x", "y"),
        part.text or "",
        fontsize=size * POINTS,
        weight=part.get("font-weight") or "normal",
        color=part.get("fill", "black"),
        ha=ALIGN[part.get("text-anchor", "start")],
        va="baseline",
    )


def _line(axes: Axes, part: ElementTree.Element) -> None:
    x1, y1, x2, y2 = _numbers(part, "x1", "y1", "x2", "y2")
    look = _stroke(part)
    if part.get("marker-end"):
        angle = math.degrees(math.atan2(y1 - y2, x2 - x1)) - 90
        look |= {"marker": (3, 0, angle), "markevery": [1], "markersize": 8}
    axes.add_line(Line2D([x1, x2], [y1, y2], color=part.get("stroke", "black"), **look))


def _rect(axes: Axes, part: ElementTree.Element) -> None:
    x, y, width, height = _numbers(part, "x", "y", "width", "height")
    axes.add_patch(Rectangle((x, y), width, height, **_shape(part)))


def _circle(axes: Axes, part: ElementTree.Element) -> None:
    x, y, radius = _numbers(part, "cx", "cy", "r")
    axes.add_patch(Circle((x, y), radius, **_shape(part)))


def _polyline(axes: Axes, part: ElementTree.Element) -> None:
    pairs = [pair.split(",") for pair in part.get("points", "").split()]
    xs, ys = zip(*(map(float, pair) for pair in pairs), strict=True)
    axes.add_line(Line2D(xs, ys, color=part.get("stroke", "black"), **_stroke(part)))


def _marks(axes: Axes, part: ElementTree.Element) -> None:
    places = re.findall(r"M([\d.-]+),([\d.-]+)m(-?[\d.]+)", part.get("d", ""))
    if places and float(part.get("fill-opacity", 1)):
        xs, ys, sizes = zip(*(map(float, place) for place in places), strict=True)
        axes.plot(xs, ys, "o", color=part.get("fill", "black"), markersize=abs(sizes[0]) * 1.4)


_DRAW = {
    "text": _text,
    "line": _line,
    "rect": _rect,
    "circle": _circle,
    "polyline": _polyline,
    "path": _marks,
}
