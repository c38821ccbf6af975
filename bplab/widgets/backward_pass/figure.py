"""The picture of the backward-pass panel: the network, with what the present step computes."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from bplab.plots import BLUE, ORANGE
from bplab.widgets.backward_pass.labels import apart
from bplab.widgets.backward_pass.learner import Mine, Opinion
from bplab.widgets.backward_pass.model import Pass, Step
from bplab.widgets.backward_pass.words import Element, Names, elements, formulas, title
from bplab.widgets.kit.fitted import Fitted
from bplab.widgets.kit.svg import (
    INK,
    SMALLEST,
    SvgView,
    group,
    heading,
    line,
    rect,
    short,
    size_for,
    text,
    width_of,
)

BOX, SLIM = (120, 62), (116, 62)
"""Width and height of a unit; the second is for pictures with little room."""

PITCH, TALLEST = 106, 250  # distance from one unit to the next below: least and greatest
ONE, FOOT = (30, 24), 34  # size of the 1 that biases multiply; room for it below the units
ASIDE = 14  # distance between the ends of two edges at a unit
ENTRY = 26  # how far below a unit's middle the edge from the 1 arrives
RIGHT = 72  # room for the targets beside the outputs
WIDE, THIN = 280, 20  # width of the gap whose edges carry terms; least width of other gaps
OTHERS = 90  # width that the other gaps get if there is room
ROUNDED = 6  # widths of labels are rounded up to multiples of this many pixels
ONE_NUMBER = (66, 17)  # least size that is kept for labels of one number, without terms

Edge = tuple[int, int, int]
"""The layer, the unit there, and the unit of the layer below; units are counted from 1."""
Size = tuple[float, float]


class Room(NamedTuple):
    """The part of a network that there is room for.

    The layers ``first`` to ``last`` are drawn. If ``terms`` is true, edges show products as well
    as their values, and targets stand beside the outputs; else targets stand above the outputs.
    """

    width: int
    first: int
    last: int
    terms: bool

    @property
    def box(self) -> tuple[int, int]:
        """Width and height of a unit."""
        return BOX if self.terms else SLIM


def room_for(sizes: Sequence[int], width: int, layer: int) -> Room:
    """Return the part of a network that there is room for; it has the edges that lead to a layer.

    Parameters
    ----------
    sizes : sequence of int
        The number of units of each layer.
    width : int
        Width of the picture, in pixels.
    layer : int
        The layer whose incoming edges must be drawn, from 1 on.
    """
    terms = width >= 2 * BOX[0] + WIDE + RIGHT + 8
    many = 2
    while terms and BOX[0] * (many + 1) + WIDE + THIN * (many - 1) + RIGHT + 8 <= width:
        many += 1
    many = min(many, len(sizes))
    first = min(max(layer - 1 - (many - 2) // 2, 0), len(sizes) - many)
    return Room(width, first, first + many - 1, terms)


class Layout(NamedTuple):
    """The layout of the network: the height below the head, and the places of all parts.

    ``units`` has the centre of each unit by (layer, unit), ``labels`` that of the label on each
    edge, and ``ones`` that of the 1 below each layer but the last. ``complete`` tells whether
    every label has found a place.
    """

    height: int
    box: tuple[int, int]
    units: dict[tuple[int, int], tuple[float, float]]
    labels: dict[Edge, tuple[float, float]]
    ones: dict[int, tuple[float, float]]
    sizes: tuple[int, ...]
    complete: bool = True

    def from_one(self, d: int, to: int) -> tuple[float, float, float, float]:
        """Return both ends of a bias's edge: from the 1 below layer d − 1 to unit ``to``."""
        (x1, y1), (x2, y2) = self.ones[d - 1], self.units[d, to]
        return x1 + ONE[0] / 2, y1, x2 - self.box[0] / 2, y2 + ENTRY

    def ends(self, edge: Edge) -> tuple[float, float, float, float]:
        """Return both ends of an edge, from left to right; edges end side by side at a unit."""
        d, to, of = edge
        (x1, y1), (x2, y2) = self.units[d - 1, of], self.units[d, to]
        y1 += ASIDE * (to - (self.sizes[d] + 1) / 2)
        y2 += ASIDE * (of - (self.sizes[d - 1] + 1) / 2)
        return x1 + self.box[0] / 2, y1, x2 - self.box[0] / 2, y2


@lru_cache(maxsize=256)
def layout(
    sizes: tuple[int, ...], room: Room, wide: int | None, labels: tuple[Size, ...]
) -> Layout:
    """Return the layout of a network with these numbers of units, without the head.

    The edges that lead to layer ``wide`` get room for their terms; the others get less. ``labels``
    are the sizes of the labels in each gap, from left to right. Units are moved apart until every
    label has a place; if even the greatest distance is too small, some labels are left out.
    """
    pitches = range(PITCH, TALLEST + 1, 6)
    tried = (_laid_out(sizes, room, wide, labels, pitch) for pitch in pitches)
    return next((one for one in tried if one.complete), _laid_out(sizes, room, wide, labels, PITCH))


def _laid_out(
    sizes: tuple[int, ...], room: Room, wide: int | None, labels: tuple[Size, ...], pitch: int
) -> Layout:
    """Return the layout for this distance of units; a gap has all of its labels or none."""
    _, first, last, terms = room
    box = room.box
    height = 14 * (not terms) + pitch * max(sizes) + FOOT
    gaps = last - first
    left = room.width - 8 - RIGHT * terms - box[0] * (gaps + 1)
    gap = dict.fromkeys(range(first + 1, last + 1), left / gaps)
    if wide in gap and gaps > 1:
        other = min(OTHERS, (left - WIDE) / (gaps - 1))
        gap = dict.fromkeys(gap, other) | {wide: left - other * (gaps - 1)}
    x, units, ones = 4 + box[0] / 2, {}, {}
    for d in range(first, last + 1):
        x += gap[d] + box[0] if d > first else 0
        for m in range(1, sizes[d] + 1):
            down = pitch * ((max(sizes) - sizes[d]) / 2 + m - 1)
            units[d, m] = x, 22 + 14 * (not terms) + down + box[1] / 2
        if d < last:
            ones[d] = x, height + 16 - ONE[1] / 2 - 4
    found = Layout(height + 16, box, units, {}, ones, sizes)
    complete = True
    for d, size in zip(gap, labels, strict=True):
        if not size[0]:
            continue
        edges = [(d, to, of) for of in range(1, sizes[d - 1] + 1) for to in range(1, sizes[d] + 1)]
        biases = [found.from_one(d, to) for to in range(1, sizes[d] + 1)]
        middles = apart([found.ends(edge) for edge in edges], biases, size)
        if middles is None:
            complete = False
        else:
            found.labels.update(zip(edges, middles, strict=True))
    return found._replace(complete=complete)


CHIPS = ("forward pass", "residual", "output delta", "weight gradient", "send back", "hidden delta")
PALE = "#b4b4b4"
MIDDLE: dict[str, Any] = {"text_anchor": "middle"}


class NetworkFigure(Fitted):
    """Units as boxes with their values, and edges with the terms that the step computes on them.

    Units that are not computed yet have a broken border and question marks; units that are
    computed now have a thick border and bold numbers. Edges in use are thick, and arrows point the
    way that numbers go. Where there is little room, only the layers of the step are drawn.
    """

    widest = 880

    def __init__(self):
        self.width = self.widest
        self.view = SvgView(880, 400)
        self._arrows = "".join(
            f'<defs><marker id="{self.view.id}-{name}" viewBox="0 0 10 10" refX="9" refY="5" '
            f'markerWidth="4.5" markerHeight="4.5" orient="auto"><path d="M0 0L10 5L0 10z" '
            f'fill="{colour}"/></marker></defs>'
            for name, colour in (("forward", BLUE), ("back", ORANGE))
        )
        self._drawn: tuple[Any, ...] | None = None

    def lay_out(self) -> None:
        """Draw again, for the present width."""
        if self._drawn is not None:
            self.draw(*self._drawn)

    def draw(
        self,
        network: Pass,
        steps: Sequence[Step],
        at: int,
        selected: Element | None,
        mine: Mine,
    ) -> None:
        """Set the drawing for step number ``at``; `SvgView.show` then sends it."""
        self._drawn = network, steps, at, selected, mine
        sketch = _Sketch(network, steps, at, selected, mine, self.view.id, self.width)
        head, height = sketch.head()
        self.view.width, self.view.height = self.width, height + sketch.layout.height
        first, last = sketch.room.first, sketch.room.last
        parts = {
            name: e
            for name, e in elements(network.sizes).items()
            if first + (e.kind != "unit") <= e.layer <= last
        }
        edges = [(name, e) for name, e in parts.items() if e.kind == "weight"]
        edges.sort(key=lambda named: sketch.uses(named[1]))  # those in use on top
        drawn = [sketch.one(d) for d in range(first + 1, last + 1)]
        drawn += [sketch.bias_edge(name, e) for name, e in parts.items() if e.kind == "bias"]
        drawn += [sketch.edge(name, e) for name, e in edges]
        for name, element in parts.items():
            if element.kind == "bias":
                drawn.append(sketch.bias(name, element))
            elif element.kind == "unit":
                drawn.append(sketch.unit(name, element))
        labels = [sketch.label(name, e) for name, e in edges]
        below = group(*drawn, *labels, transform=f"translate(0 {height})")
        self.view.draw(self._arrows, head, below)


class _Sketch:
    """The parts of one drawing."""

    def __init__(
        self,
        network: Pass,
        steps: Sequence[Step],
        at: int,
        selected: Element | None,
        mine: Mine,
        id: str,
        width: int,
    ):
        self.n, self.step, self.at, self.id = network, steps[at], at, id
        self.selected, self.width = selected, width
        self.names = Names(network.depth)
        self.opinions = mine.at(self.step)
        self._last = len(steps) - 1
        self._when = {step: i for i, step in enumerate(steps)}
        self._title = title(self.step, network)
        wide = self._wide()
        here = max(1, selected.layer) if selected else network.depth + 1 if at else 1
        self.room = room_for(network.sizes, width, wide or here)
        self._labels = self._on_edges()
        gaps = range(self.room.first + 1, self.room.last + 1)
        label_sizes = tuple(self._size(d) for d in gaps)
        self.layout: Layout = layout(network.sizes, self.room, wide, label_sizes)

    def _wide(self) -> int | None:
        """Return the layer whose incoming edges the step uses, or used last; None if none."""
        kind, d = self.step
        if kind in ("input", "all gradients"):
            return None
        return d + 1 if kind in ("send back", "hidden delta") else d

    def done(self, kind: str, layer: int) -> bool:
        """Whether a step is done, or is the present one."""
        return self._when[Step(kind, layer)] <= self.at

    def uses(self, weight: Element) -> bool:
        """Whether the present step computes something on this edge."""
        kind, d = self.step
        layer = d + 1 if kind == "send back" else d
        return kind in ("layer", "send back", "weight gradient") and weight.layer == layer

    # ---- above the network

    def head(self) -> tuple[str, int]:
        """Return the kinds of steps and the present step's title, and the height of both."""
        now = "forward pass" if self.step.kind in ("input", "layer") else self.step.kind
        parts, x, y = [], 4.0, 4
        for chip in CHIPS:
            width = 16 + width_of(chip, 12, bold=True)
            if x + width > self.width:
                x, y = 4.0, y + 28
            here = chip == now
            parts.append(rect(x, y, width, 24, rx=12, fill=INK if here else "white", stroke=INK))
            style: dict[str, Any] = {"fill": "white", "font_weight": "bold"} if here else {}
            parts.append(text(x + width / 2, y + 16.5, chip, font_size=12, **MIDDLE, **style))
            x += width + 8
        way = {"layer": " →", "send back": " ←"}.get(self.step.kind, "")
        words = f"step {self.at} of {self._last}: {self._title}{way}"
        y += 46
        parts.append(heading(4, y, words, self.width - 8))
        if self.room.last - self.room.first < self.n.depth + 1:
            y += 18
            shown = f"here: layers {self.room.first} to {self.room.last} of 0 to {self.n.depth + 1}"
            parts.append(text(4, y, shown, font_size=12))
        return "".join(parts), y + 8

    # ---- units

    def unit(self, name: str, element: Element) -> str:
        """Return a box with those of the unit's values that are known."""
        d, m = element.layer, element.to
        x, y = self.layout.units[d, m]
        left, top = x - self.room.box[0] / 2, y - self.room.box[1] / 2
        rows = self._rows(d, m)
        fresh = any(new for _, new in rows)
        border: dict[str, Any] = {"stroke": INK, "stroke_width": 3 if fresh else 1.2}
        if any("?" in words for words, _ in rows):
            border["stroke_dasharray"] = "5 4"
        parts = [rect(left, top, *self.room.box, rx=8, fill="white", **border)]
        if element == self.selected:
            parts.append(_frame(left, top, *self.room.box))
        for i, (words, new) in enumerate(rows):
            line_at = y + 5 + 18 * (i - (len(rows) - 1) / 2)
            parts.append(_within(x, line_at, words, self.room.box[0] - 10, 13, bold=new))
        above = top - 9
        if d > self.n.depth:
            target = f"y{self.names.z(0, m)[1:]} = {short(self.n.y[m - 1])}"
            if self.room.terms:
                parts.append(text(x + self.room.box[0] / 2 + 8, y + 4, target))
            else:
                parts.append(text(x, top - 6, target, font_size=12, **MIDDLE))
                above -= 14
        if m == 1:
            parts.append(_within(x, above, self._layer(d), self.room.box[0] + 2 * THIN, 12))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def _layer(self, d: int) -> str:
        """Return the name of a layer, with its activation."""
        if d > self.n.depth:
            return f"output: {self.n.g.name}"
        return f"layer {d}: {self.n.sigmas[d - 1].name}" if d else "input"

    def _rows(self, d: int, m: int) -> list[tuple[str, bool]]:
        """Return the lines in a unit's box, each with whether the present step computes it."""
        n, names, kind = self.n, self.names, self.step.kind
        z = n.z[d][m - 1]
        if d == 0:
            return [(f"{names.z(0, m)} = {short(z)}", kind == "input")]
        now = self.step.layer == d
        if not self.done("layer", d):
            return [(f"{names.a(d, m)} = ?", False), (f"{names.z(d, m)} = ?", False)]
        new = now and kind == "layer"
        rows = [
            (f"{names.a(d, m)} = {short(n.a[d - 1][m - 1])}", new),
            (f"{names.z(d, m)} = {short(z)}", new),
        ]
        delta = f"{names.delta(d, m)} = {short(n.delta[d - 1][m - 1])}"
        if d > n.depth:
            residual = "−2(y−f)" if self.room.terms else "∂R/∂f"
            if self.done("output delta", d):
                rows.append((delta, kind == "output delta"))
            elif self.done("residual", d):
                rows.append((f"{residual} {short(n.residual[m - 1])}", True))
        elif self.done("hidden delta", d):
            rows.append((delta, now and kind == "hidden delta"))
        elif self.done("send back", d):
            rows.append((f"Σ = {short(n.sent[d - 1][m - 1])}", True))
        return rows

    def _mark(self, index: int) -> str:
        """Return the mark for the learner's value of a delta of this step: see `_verdict`."""
        if not self.opinions:
            return ""
        return _verdict([(o, o.value[index], o.wrong[index]) for o in self.opinions])

    # ---- edges

    def edge(self, name: str, element: Element) -> str:
        """Return an edge; if the step uses it, it is thick, with an arrow the way numbers go."""
        x1, y1, x2, y2 = self.layout.ends(element[1:])
        used, kind = self.uses(element), self.step.kind
        style = {"stroke": PALE, "stroke_width": 1.2}
        if used and kind == "layer":
            arrow = f"url(#{self.id}-forward)"
            style = {"stroke": BLUE, "stroke_width": 3, "marker_end": arrow}
        elif used and kind == "send back":
            arrow = f"url(#{self.id}-back)"
            style = {"stroke": ORANGE, "stroke_width": 3, "marker_end": arrow}
            x1, y1, x2, y2 = x2, y2, x1, y1
        elif used:
            style = {"stroke": INK, "stroke_width": 3}
        parts = [line(x1, y1, x2, y2, stroke="white", stroke_width=14, stroke_opacity=0)]
        if element == self.selected:
            parts.append(line(x1, y1, x2, y2, stroke_width=12, stroke_opacity=0.25))
        parts.append(line(x1, y1, x2, y2, **style))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def label(self, name: str, element: Element) -> str:
        """Return the label of an edge: the term that the step computes on it, and its value."""
        edge = element[1:]
        lines = self._labels.get(edge)
        if not lines or edge not in self.layout.labels:
            return ""
        x, y = self.layout.labels[edge]
        width, height = self._measured(lines)
        room: dict[str, Any] = {"fill": "white", "fill_opacity": 0.88}
        parts = [rect(x - width / 2, y - height / 2, width, height, rx=3, **room)]
        for i, words in enumerate(lines):
            at = y + 4.5 + 15 * (i - (len(lines) - 1) / 2)
            parts.append(_within(x, at, words, width, _letters(lines), bold=i == len(lines) - 1))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def _on_edges(self) -> dict[Edge, list[str]]:
        """Return the lines of the labels, for the edges that have one."""
        found = {}
        for element in elements(self.n.sizes).values():
            shown = self.room.first < element.layer <= self.room.last
            if element.kind == "weight" and shown and (lines := self._on_edge(element)):
                found[element[1:]] = lines
        return found

    def _on_edge(self, element: Element) -> list[str]:
        d, to, of = element[1:]
        w = self.n.weights[d - 1][to - 1, of]
        z, kind = self.n.z[d - 1][of - 1], self.step.kind
        if kind == "all gradients":
            return [short(self.n.gradient[d - 1][to - 1, of])]
        if kind == "input" or (element == self.selected and not self.uses(element)):
            return [short(w)]
        if not self.uses(element):
            return []
        s = self.n.delta[d - 1][to - 1]
        if kind == "layer":
            term, value = _product(w, z), w * z
        elif kind == "send back":
            term, value = _product(s, w), s * w
        else:
            term, value = _product(s, z), self.n.gradient[d - 1][to - 1, of]
            if wrong := self._verdict_on_edge(to, of):
                return [wrong, f"= {short(value)}"] if self.room.terms else [wrong]
        return [term, f"= {short(value)}"] if self.room.terms else [short(value)]

    def _measured(self, lines: list[str]) -> Size:
        """Return width and height of a label."""
        last = len(lines) - 1
        widths = [width_of(words, _letters(lines), bold=i == last) for i, words in enumerate(lines)]
        return max(widths) + 6, 16 * len(lines) + 1

    def _size(self, d: int) -> Size:
        """Return the size of the largest label before a layer, rounded up to reuse layouts."""
        sizes = [self._measured(lines) for edge, lines in self._labels.items() if edge[0] == d]
        sizes.append((0, 0) if self.room.terms else ONE_NUMBER)  # no step moves the units
        width, height = (max(ends) for ends in zip(*sizes, strict=True))
        return ROUNDED * -(-width // ROUNDED), height

    def one(self, d: int) -> str:
        """Return the 1 that the biases of layer ``d`` multiply; it is below layer d − 1."""
        x, y = self.layout.ones[d - 1]
        left, top = x - ONE[0] / 2, y - ONE[1] / 2
        where = "the outputs" if d > self.n.depth else f"layer {d}"
        parts = [
            rect(left, top, *ONE, fill="#f0f0f0", stroke=INK, stroke_width=1.2),
            text(x, y + 5, "1", **MIDDLE),
        ]
        return group(*parts, title=f"always 1: the weights of its edges are the biases of {where}")

    def bias_edge(self, name: str, element: Element) -> str:
        """Return the edge from the 1 to a unit."""
        ends = self.layout.from_one(element.layer, element.to)
        kind, here = self.step.kind, self.step.layer == element.layer
        style: dict[str, Any] = {"stroke": PALE, "stroke_width": 1.2, "stroke_dasharray": "5 4"}
        if here and kind == "layer":
            style |= {"stroke": BLUE, "stroke_width": 2.4}
        elif here and kind == "weight gradient":
            style |= {"stroke": INK, "stroke_width": 2.4}
        parts = [line(*ends, stroke="white", stroke_width=14, stroke_opacity=0)]
        if element == self.selected:
            parts.append(line(*ends, stroke_width=12, stroke_opacity=0.25))
        parts.append(line(*ends, **style))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def bias(self, name: str, element: Element) -> str:
        """Return the text below a unit: its bias, the bias's gradient, or a mark for the learner's.

        What stands there depends on the step.
        """
        d, m = element.layer, element.to
        x, y = self.layout.units[d, m]
        y += self.room.box[1] / 2
        kind, here = self.step.kind, self.step.layer == d
        b, gradient = self.n.weights[d - 1][m - 1, 0], self.n.gradient[d - 1][m - 1, 0]
        words, strong = "", False
        if kind == "input" or (kind == "layer" and here):
            words, strong = f"bias {short(b)}", here
        elif kind == "weight gradient" and here:
            words, strong = self._verdict_on_edge(m, 0) or f"bias: {short(gradient)}", True
        elif kind == "all gradients":
            words = f"bias: {short(gradient)}"
        elif kind == "send back" and self.step.layer + 1 == d:
            words = "bias: nothing back"
        elif here and kind.endswith("delta"):
            words = self._mark(m - 1)
        elif element == self.selected:
            words = f"bias {short(b)}"
        parts = []
        if element == self.selected:
            parts.append(_frame(x - self.room.box[0] / 2 + 8, y + 4, self.room.box[0] - 16, 16))
        words = words or "bias"
        parts.append(_within(x, y + 20, words, self.room.box[0], 12, bold=strong, halo=True))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def _verdict_on_edge(self, to: int, of: int) -> str:
        if not self.opinions:
            return ""
        place = (to - 1, of)
        said = _verdict([(o, o.value[place], o.wrong[place]) for o in self.opinions])
        if said == "✓":
            return ""
        return said if self.room.terms or not of else said.replace("yours ", "")

    def _tip(self, element: Element) -> str:
        return "\n".join(formulas(element, self.n))


def _letters(lines: list[str]) -> int:
    """Return the size of letters on an edge: small for one number, which then fits narrow gaps."""
    return 12 if len(lines) > 1 else SMALLEST


def _verdict(opinions: list[tuple[Opinion, float, np.bool_]]) -> str:
    """Return ✓, or a cross with the value of the first of the learner's functions that is wrong."""
    for _, value, wrong in opinions:
        if wrong:
            return f"✕ yours {short(value)}"
    return "✓"


def _product(first: float, second: float) -> str:
    shown = short(second)
    return f"{short(first)}·({shown})" if shown.startswith("−") else f"{short(first)}·{shown}"


def _within(
    x: float, y: float, words: str, room: float, size: float, *, bold: bool = False, **how: Any
) -> str:
    """Return a line of text centred at x, smaller where there is not enough room."""
    weight: dict[str, Any] = {"font_weight": "bold"} if bold else {}
    return text(
        x, y, words, font_size=size_for(words, room, size, bold=bold), **MIDDLE, **weight, **how
    )


def _frame(x: float, y: float, width: float, height: float) -> str:
    """Return a dotted frame around the part that the learner has chosen."""
    style = {"stroke": INK, "stroke_width": 2, "stroke_dasharray": "2 3"}
    return rect(x - 5, y - 5, width + 10, height + 10, rx=10, **style)
