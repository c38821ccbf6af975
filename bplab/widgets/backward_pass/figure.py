"""The picture of the backward-pass panel: the network, and on it what the present step computes."""

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
"""Width and height of a unit, and where there is little room."""

PITCH, TALLEST = 106, 250  # from one unit to the next below, at least and at most
ONE, FOOT = (30, 24), 34  # the 1 that biases multiply, and the room for it below the units
ASIDE = 14  # from the end of one edge at a unit to the next
ENTRY = 26  # where the edge from the 1 meets its unit, below the middle
RIGHT = 72  # for the target, beside the outputs
WIDE, THIN = 280, 20  # room for edges with their terms, and at least for others
OTHERS = 90  # what these get, where there is more
ROUNDED = 6  # widths of labels are taken in steps of that many pixels
ONE_NUMBER = (66, 17)  # the label that units keep room for where only one gap is shown

Edge = tuple[int, int, int]
"""Layer, unit, and unit of the layer below, counted from 1."""
Size = tuple[float, float]


class Room(NamedTuple):
    """What of a network there is room for.

    The layers ``first`` to ``last`` are drawn; ``terms`` tells whether products stand on the edges,
    beside their values, and targets beside the outputs, else above them.
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
    """Return what there is room for, the edges to this layer among it.

    Parameters
    ----------
    sizes : sequence of int
    width : int
        Of the picture.
    layer : int
        From 1.
    """
    terms = width >= 2 * BOX[0] + WIDE + RIGHT + 8
    many = 2
    while terms and BOX[0] * (many + 1) + WIDE + THIN * (many - 1) + RIGHT + 8 <= width:
        many += 1
    many = min(many, len(sizes))
    first = min(max(layer - 1 - (many - 2) // 2, 0), len(sizes) - many)
    return Room(width, first, first + many - 1, terms)


class Layout(NamedTuple):
    """Height of the picture below its head, the middle of each unit by (layer, unit), and labels.

    ``labels`` has the middle of what stands on each edge, ``ones`` the middle of the 1 below
    each layer but the last; ``complete`` tells whether every label has its place.
    """

    height: int
    box: tuple[int, int]
    units: dict[tuple[int, int], tuple[float, float]]
    labels: dict[Edge, tuple[float, float]]
    ones: dict[int, tuple[float, float]]
    sizes: tuple[int, ...]
    complete: bool = True

    def from_one(self, d: int, to: int) -> tuple[float, float, float, float]:
        """Return both ends of a bias's edge, from the 1 of the layer below."""
        (x1, y1), (x2, y2) = self.ones[d - 1], self.units[d, to]
        return x1 + ONE[0] / 2, y1, x2 - self.box[0] / 2, y2 + ENTRY

    def ends(self, edge: Edge) -> tuple[float, float, float, float]:
        """Return both ends of an edge, from left to right: at a unit each has its own place."""
        d, to, of = edge
        (x1, y1), (x2, y2) = self.units[d - 1, of], self.units[d, to]
        y1 += ASIDE * (to - (self.sizes[d] + 1) / 2)
        y2 += ASIDE * (of - (self.sizes[d - 1] + 1) / 2)
        return x1 + self.box[0] / 2, y1, x2 - self.box[0] / 2, y2


@lru_cache(maxsize=256)
def layout(
    sizes: tuple[int, ...], room: Room, wide: int | None, labels: tuple[Size, ...]
) -> Layout:
    """Return the layout of a network with these numbers of units, its head left out.

    The edges that lead to layer ``wide`` get room for their terms, at the others' cost. ``labels``
    are the sizes of what stands on edges, by gaps from left to right. Units are so far from each
    other that every label has its place; where that is too far, labels are left out.
    """
    pitches = range(PITCH, TALLEST + 1, 6)
    tried = (_laid_out(sizes, room, wide, labels, pitch) for pitch in pitches)
    return next((one for one in tried if one.complete), _laid_out(sizes, room, wide, labels, PITCH))


def _laid_out(
    sizes: tuple[int, ...], room: Room, wide: int | None, labels: tuple[Size, ...], pitch: int
) -> Layout:
    """Return it with units that far from each other; labels only where there is room for all."""
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
    """Units as boxes with their values, edges with the term that the step computes on them.

    What is not computed yet has a broken border and question marks; what is computed now has a
    thick border and bold numbers; edges in use are thick, and their arrows point the way. Where
    there is little room only the layers of the step are drawn.
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
        """Draw for the present width."""
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
        """The layer whose edges are used, or were last."""
        kind, d = self.step
        if kind in ("input", "all gradients"):
            return None
        return d + 1 if kind in ("send back", "hidden delta") else d

    def done(self, kind: str, layer: int) -> bool:
        """Whether a step has been."""
        return self._when[Step(kind, layer)] <= self.at

    def uses(self, weight: Element) -> bool:
        """Whether the present step computes something on this edge."""
        kind, d = self.step
        layer = d + 1 if kind == "send back" else d
        return kind in ("layer", "send back", "weight gradient") and weight.layer == layer

    # ---- above the network

    def head(self) -> tuple[str, int]:
        """The names of the steps, of which one is now, and of what is shown; how high that is."""
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
        """A box with the values that are known."""
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
        """What a layer is called, with its activation."""
        if d > self.n.depth:
            return f"output: {self.n.g.name}"
        return f"layer {d}: {self.n.sigmas[d - 1].name}" if d else "input"

    def _rows(self, d: int, m: int) -> list[tuple[str, bool]]:
        """What stands in a unit, line by line, and whether the step has computed it."""
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
        """What the learner's functions give for a delta of this step."""
        if not self.opinions:
            return ""
        return _verdict([(o, o.value[index], o.wrong[index]) for o in self.opinions])

    # ---- edges

    def edge(self, name: str, element: Element) -> str:
        """A line, thick if the step uses it, with an arrow the way that numbers go."""
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
        """What the step computes on an edge: its term, and the product."""
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
        """What stands on the edges, line by line."""
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
        """Width and height of a label."""
        last = len(lines) - 1
        widths = [width_of(words, _letters(lines), bold=i == last) for i, words in enumerate(lines)]
        return max(widths) + 6, 16 * len(lines) + 1

    def _size(self, d: int) -> Size:
        """What the largest label before a layer needs, rounded up: layouts are kept."""
        sizes = [self._measured(lines) for edge, lines in self._labels.items() if edge[0] == d]
        sizes.append((0, 0) if self.room.terms else ONE_NUMBER)  # no step moves the units
        width, height = (max(ends) for ends in zip(*sizes, strict=True))
        return ROUNDED * -(-width // ROUNDED), height

    def one(self, d: int) -> str:
        """The 1 that the biases of layer ``d`` multiply, below the layer before."""
        x, y = self.layout.ones[d - 1]
        left, top = x - ONE[0] / 2, y - ONE[1] / 2
        where = "the outputs" if d > self.n.depth else f"layer {d}"
        parts = [
            rect(left, top, *ONE, fill="#f0f0f0", stroke=INK, stroke_width=1.2),
            text(x, y + 5, "1", **MIDDLE),
        ]
        return group(*parts, title=f"always 1: the weights of its edges are the biases of {where}")

    def bias_edge(self, name: str, element: Element) -> str:
        """The line from the 1 to the unit."""
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
        """What stands below a unit: its bias, or what the step makes of it."""
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
    """How large letters on edges are: a number alone stands also in narrow gaps."""
    return 12 if len(lines) > 1 else SMALLEST


def _verdict(opinions: list[tuple[Opinion, float, np.bool_]]) -> str:
    """✓, or what the first function that is wrong gives."""
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
    """Return a line of text around x, smaller where there is not room enough."""
    weight: dict[str, Any] = {"font_weight": "bold"} if bold else {}
    return text(
        x, y, words, font_size=size_for(words, room, size, bold=bold), **MIDDLE, **weight, **how
    )


def _frame(x: float, y: float, width: float, height: float) -> str:
    """A dotted frame around what the learner has chosen."""
    style = {"stroke": INK, "stroke_width": 2, "stroke_dasharray": "2 3"}
    return rect(x - 5, y - 5, width + 10, height + 10, rx=10, **style)
