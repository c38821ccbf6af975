"""Pictures written directly as SVG: text, lines, shapes. With few parts nothing is faster.

A part of a picture can show its formula when the mouse or the arrow keys come to it (``title``),
and can set a control of its panel when it is chosen (``sets``): see `page`. Colours are those for
white paper; in a page, those of its theme replace them: see `theme`.
"""

import base64
import html
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import ipywidgets

from bplab.languages import told

INK = "#222222"
SMALLEST = 11
"""Size of the smallest letters, in pixels."""
_NAMESPACE = "http://www.w3.org/2000/svg"
FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
# inline SVG that is put into a page fires no load event: this invisible picture does
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
_ids = itertools.count()
_LIVE = re.compile(r' (?:data-[a-z]+|cursor|pointer-events)="[^"]*"')
_GROUND = re.compile(r'<(?:path|rect|circle)\b[^>]* fill-opacity="0"[^>]*/>')
"""Patterns that find what parts say and do in a live panel, and the invisible areas to hit."""


class Box(NamedTuple):
    """A rectangle of the drawing: its left and upper edges, and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def shared(self, other: "Box") -> float:
        """The area that lies in both boxes."""
        wide = min(self.right, other.right) - max(self.x, other.x)
        high = min(self.bottom, other.bottom) - max(self.y, other.y)
        return wide * high if wide > 0 and high > 0 else 0.0


def place(candidates: Iterable[Box], taken: Sequence[Box], inside: Box) -> Box:
    """Return the first candidate that stays inside and overlaps nothing; else the least bad one.

    Parameters
    ----------
    candidates : iterable of Box
        The best one first.
    taken : sequence of Box
        Boxes that should not be overlapped.
    inside : Box
        The box that should not be left.

    Raises
    ------
    ValueError
        If there is no candidate.
    """
    least, best = math.inf, None
    for box in candidates:
        bad = box.width * box.height - box.shared(inside) + sum(map(box.shared, taken))
        if bad < least - 0.01:
            least, best = bad, box
        if least < 0.01:
            break
    if best is None:
        raise ValueError("there must be a candidate")
    return best


class SvgView:
    """A drawing shown inline in an `ipywidgets.HTML`; it satisfies `View`.

    Parameters
    ----------
    width, height : int
        In units of the drawing, which are pixels where the page is wide enough.

    Attributes
    ----------
    widget : ipywidgets.HTML
        What a panel shows.
    alt : str
        What the drawing shows now, in words.
    id : str
        Prefix for the ids of parts of the drawing: an id must be unique in a page.
    """

    def __init__(self, width: int, height: int):
        self.widget = ipywidgets.HTML()
        self.widget.add_class("bplab-picture")
        self.alt = ""
        self.id = f"bplab-svg-{next(_ids)}"
        self.width, self.height = width, height
        self._body = ""

    def draw(self, *parts: str) -> None:
        """Set the parts of the drawing; `show` then sends them."""
        self._body = "".join(parts)

    def show(
        self, alt: str, *, spoken: Mapping[str, str] = MappingProxyType({}), onload: str = ""
    ) -> None:
        """Send the drawing as it is now.

        Parameters
        ----------
        alt : str
            What the drawing shows, in words.
        spoken : mapping of str to str
            The spoken values of sliders, by a CSS class of each slider: see `page`.
        onload : str
            JavaScript that the page runs when the drawing is there; ``this`` is an ``<img>``
            beside it.
        """
        self.alt = alt
        dot = '<img alt="" width="1" height="1" style="position:absolute;left:0;bottom:0" '
        dot += f'onload="{html.escape(onload)}" src="{DOT}">'
        self.widget.value = (
            f'<div style="position:relative"{_spoken(spoken)}>{self.svg()}{dot if onload else ""}'
            "</div>"
        )

    def svg(self) -> str:
        """Return the drawing as SVG."""
        return document(self._body, self.width, self.height, self.alt)

    def html(self) -> str:
        """Return the drawing as an ``<img>`` that needs no kernel."""
        return still(self.svg(), self.width, self.height, self.alt)


def _spoken(values: Mapping[str, str]) -> str:
    """Return the spoken values of sliders as an attribute of a picture."""
    if not values:
        return ""
    said = json.dumps(dict(values), ensure_ascii=False, separators=(",", ":"))
    return f' data-spoken="{html.escape(said)}"'


def document(body: str, width: float, height: float, alt: str) -> str:
    """Return a complete SVG on white paper, with its description for screen readers."""
    # aria-label, not <title>: that would pop up wherever the mouse rests
    return (
        f'<svg xmlns="{_NAMESPACE}" role="img" aria-label="{html.escape(alt)}" '
        f'viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" font-family="{FONT}" font-size="13" '
        f'style="display:block;max-width:100%;height:auto">'
        f"{paper(width, height)}{body}</svg>"
    )


def paper(width: float, height: float) -> str:
    """Return a white background."""
    return f'<rect width="{width}" height="{height}" fill="white"/>'


def still(svg: str, width: float, height: float, alt: str) -> str:
    """Return an SVG as an ``<img>``.

    Sites that sanitise the HTML of notebooks remove inline SVG, but keep pictures. The parts that
    only serve the mouse or the keys are left out, since a picture does not respond to them.
    """
    data = base64.b64encode(lifeless(svg).encode()).decode("ascii")
    return (
        f'<img alt="{html.escape(alt)}" width="{width}" height="{height}" '
        f'style="display:block;max-width:100%;height:auto" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def lifeless(svg: str) -> str:
    """Return a drawing without what its parts say and do in a live panel."""
    return _GROUND.sub("", _LIVE.sub("", svg)).replace("<g></g>", "")


def text(x: float, y: float, words: str, *, halo: bool = False, **style: Any) -> str:
    """Return a line of text; with ``halo`` it stays readable on top of lines and hatching."""
    if halo:
        style |= {"stroke": "white", "stroke_width": 4, "paint_order": "stroke"}
        style |= {"stroke_linejoin": "round"}
    style = {"fill": INK, **style}
    return f'<text x="{x:.1f}" y="{y:.1f}"{_attributes(style)}>{html.escape(told(words))}</text>'


def heading(x: float, y: float, words: str, room: float) -> str:
    """Return a line of bold text, made smaller if there is too little room for it."""
    return text(x, y, words, font_size=size_for(words, room, 15, bold=True), font_weight="bold")


def size_for(words: str, room: float, size: float, *, bold: bool = False) -> float:
    """Return this size of letters, or a smaller one that fits, but none too small to read."""
    wide = width_of(words, size, bold=bold)
    return size if wide <= room else max(SMALLEST, math.floor(10 * size * room / wide) / 10)


def turned(x: float, y: float, words: str) -> str:
    """Return a line of text that runs upwards, centred here: the name of an axis."""
    return text(x, y, words, text_anchor="middle", transform=f"rotate(-90 {x:g} {y:g})")


def line(x1: float, y1: float, x2: float, y2: float, **style: Any) -> str:
    """Return a straight line."""
    style = {"stroke": INK, **style}
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"{_attributes(style)}/>'


def polyline(xs: Iterable[float], ys: Iterable[float], **style: Any) -> str:
    """Return a line through many points."""
    style = {"fill": "none", "stroke": INK, "stroke_linejoin": "round", **style}
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    return f'<polyline points="{points}"{_attributes(style)}/>'


def rect(x: float, y: float, width: float, height: float, **style: Any) -> str:
    """Return a rectangle."""
    style = {"fill": "none", **style}
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f"{_attributes(style)}/>"
    )


def marks(places: Iterable[tuple[float, float]], shape: str, r: float, **style: Any) -> str:
    """Return a mark at each place: a ``circle``, ``square``, ``triangle``, ``diamond``, ``cross``.

    Parameters
    ----------
    places : iterable of (float, float)
    shape : str
    r : float
        Half its size.
    """
    drawn = {
        "circle": f"m{-r:g},0a{r:g},{r:g} 0 1 0 {2 * r:g},0a{r:g},{r:g} 0 1 0 {-2 * r:g},0z",
        "square": f"m{-r:g},{-r:g}h{2 * r:g}v{2 * r:g}h{-2 * r:g}z",
        "triangle": f"m0,{-1.2 * r:g}l{1.15 * r:g},{2 * r:g}h{-2.3 * r:g}z",
        "diamond": f"m0,{-r:g}l{r:g},{r:g}l{-r:g},{r:g}l{-r:g},{-r:g}z",
        "cross": f"m{-r:g},{-r:g}l{2 * r:g},{2 * r:g}m0,{-2 * r:g}l{-2 * r:g},{2 * r:g}",
    }[shape]
    d = "".join(f"M{x:.1f},{y:.1f}{drawn}" for x, y in places)
    return f'<path d="{d}"{_attributes(style)}/>' if d else ""


def group(*parts: str, title: str = "", sets: tuple[str, str] | None = None, **style: Any) -> str:
    """Return parts that belong together.

    Parameters
    ----------
    *parts : str
    title : str
        What the page shows when the mouse or the arrow keys come to them.
    sets : (str, str), optional
        Name and value of the panel's control that a click or Enter on them sets.
    """
    if title:
        style["data_title"] = told(title)
    if sets:
        control, value = sets
        style |= {"data_control": control, "data_value": value, "cursor": "pointer"}
    return f"<g{_attributes(style)}>{''.join(parts)}</g>"


def clip(name: str, box: Box) -> str:
    """Return the definition of a clipping box; used as ``clip-path="url(#name)"``."""
    return f'<defs><clipPath id="{name}">{rect(*box)}</clipPath></defs>'


def hatching(name: str, colour: str, *, gap: float = 7, width: float = 2) -> str:
    """Return the definition of a fill of slanted lines; used as ``fill="url(#name)"``."""
    return (
        f'<defs><pattern id="{name}" width="{gap}" height="{gap}" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><rect width="{gap}" height="{gap}" fill="white"/>'
        f'<rect width="{width}" height="{gap}" fill="{colour}"/></pattern></defs>'
    )


_WIDTHS = {
    23: "′", 25: "⁽⁾", 28: "'ijl", 29: "IJ", 32: " ,.·", 34: "/:;\\|", 36: "f-", 39: "()[]t",
    41: "!₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹r", 46: '"', 50: "*_`‖", 53: "szk∂?", 56: "cL", 58: "Fk", 60: "vxyγP",
    61: "TYaoδθö", 64: "$0123456789ESbdeghnpquΣση{}β√µ", 66: "Kα", 69: "ABRVX∑Z", 75: "CHNU",
    79: "DGOQ&◇", 84: "#+<=>^~w−×≠≤≥→←✕✓∞", 87: "M●", 95: "%■", 100: "mW@…",
}  # fmt: skip
_ADVANCE = {char: width / 100 for width, chars in _WIDTHS.items() for char in chars}
_BOLD = 1.15


def width_of(words: str, size: float = 13, *, bold: bool = False) -> float:
    """Return how wide a line of text is at most, in units of the drawing.

    Widths are those of DejaVu Sans, the widest of the fonts that a drawing asks for.
    """
    wide = size * sum(_ADVANCE.get(char, 1.0) for char in told(words))
    return wide * _BOLD if bold else wide


def number(value: float, digits: int = 3) -> str:
    """Return a number with this many digits and a true minus sign; 0 has no sign."""
    if 0 < abs(value) < 1e-3:
        head, power = f"{value:.{digits - 1}e}".split("e")
        shown = f"{head}e{int(power)}"
    else:
        shown = f"{value + 0.0:.{digits}g}"  # -0.0 + 0.0 is 0.0
    return shown.replace("-", "−")


def short(value: float) -> str:
    """Return a number for a picture: two digits if it is below 0.001, else three."""
    return number(value, 2 if abs(value) < 1e-3 else 3)


def _attributes(style: dict[str, Any]) -> str:
    return "".join(
        f' {name.replace("_", "-")}="{html.escape(str(value))}"' for name, value in style.items()
    )


# contain: a new picture changes nothing else in the page, so the page is not laid out again;
# will-change: the browser keeps a layer of its own for it, painted only when it changes
_STYLE = f"""<style>
.bplab-layers {{ position: relative; display: block; max-width: 100%; overflow: hidden }}
.bplab-layers svg {{ font-family: {FONT}; font-size: 13px; display: block; width: 100% }}
.bplab-layers > .bplab-layer {{ position: absolute; inset: 0; contain: strict;
  will-change: transform; pointer-events: none }}
.bplab-layer > *, .bplab-layer [role=img] {{ position: absolute; inset: 0; padding: 0;
  contain: strict }}
.bplab-layer svg {{ position: absolute; inset: 0; height: 100% }}
.bplab-layer img {{ position: absolute; max-width: none; image-rendering: pixelated }}
</style>"""


class LayeredView:
    """A drawing whose moving layer lies between two that stand still; it satisfies `View`.

    Parameters
    ----------
    width, height : int
        In units of the drawing, which are pixels where the page is wide enough.
    window : Box
        Where the image is.
    note : str
        A sentence below the drawing.

    Attributes
    ----------
    widget : ipywidgets.VBox
        What a panel shows.
    layers : list of ipywidgets.HTML
        The widgets of the three layers: below, moving, above.
    below, moving, above : str
        SVG of the three layers; those that stand still are sent only when they have changed.
    image : bytes
        PNG under the moving layer's SVG, stretched to fill the window.
    alt : str
        What the drawing shows now, in words.
    """

    def __init__(self, width: int, height: int, window: Box, note: str = ""):
        self.width, self.height, self.window = width, height, window
        self.below = self.moving = self.above = self.alt = ""
        self.image = b""
        self._note = f'<div style="line-height:1.4">{html.escape(told(note))}</div>'
        self.layers = [ipywidgets.HTML(layout={"margin": "0"}) for _ in range(3)]
        for layer in self.layers[1:]:
            layer.add_class("bplab-layer")
        size = {"width": f"{width}px", "margin": "0"}
        self._layers = ipywidgets.Box(self.layers, layout=size)
        self._layers.add_class("bplab-layers")
        self.widget = ipywidgets.VBox([self._layers, ipywidgets.HTML(self._note)])
        self.widget.add_class("bplab-picture")

    def resize(self, width: int, height: int, window: Box) -> None:
        """Change the size; the caller must then draw the layers again."""
        self.width, self.height, self.window = width, height, window
        self._layers.layout.width = f"{width}px"

    def show(
        self, alt: str, *, spoken: Mapping[str, str] = MappingProxyType({}), onload: str = ""
    ) -> None:
        """Send what has changed.

        Parameters
        ----------
        alt : str
            What the drawing shows, in words.
        spoken : mapping of str to str
            The spoken values of sliders, by a CSS class of each slider: see `page`.
        onload : str
            JavaScript that the page runs when the moving layer is there; ``this`` is its image.
        """
        self.alt = alt
        below, moving, above = self.layers
        below.value = _STYLE + self._svg(paper(self.width, self.height) + self.below)
        above.value = self._svg(self.above)
        x, y, width, height = self.window
        place = (
            f"left:{x / self.width:.3%};top:{y / self.height:.3%};"
            f"width:{width / self.width:.3%};height:{height / self.height:.3%}"
        )
        script = f' onload="{html.escape(onload)}"' if onload else ""
        moving.value = (
            f'<div role="img" aria-label="{html.escape(alt)}"{_spoken(spoken)}>'
            f'<img alt="" decoding="sync" '
            f'style="{place}"{script} src="{self._data()}">{self._svg(self.moving)}</div>'
        )

    def svg(self) -> str:
        """Return the whole drawing as one SVG."""
        x, y, width, height = self.window
        image = (
            f'<image x="{x}" y="{y}" width="{width}" height="{height}" preserveAspectRatio="none" '
            f'style="image-rendering:pixelated" href="{self._data()}"/>'
        )
        body = f"{self.below}{image}{self.moving}{self.above}"
        return document(body, self.width, self.height, self.alt)

    def html(self) -> str:
        """Return the drawing as an ``<img>`` that needs no kernel, and the sentence below."""
        return still(self.svg(), self.width, self.height, self.alt) + self._note

    def _data(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.image).decode('ascii')}"

    def _svg(self, body: str) -> str:
        """Return a layer that screen readers skip: they read the drawing's description instead."""
        return f'<svg aria-hidden="true" viewBox="0 0 {self.width} {self.height}">{body}</svg>'
