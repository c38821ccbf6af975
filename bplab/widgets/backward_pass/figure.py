"""The picture of the backward-pass panel: the network, and on it what the present step computes."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from bplab.plots import BLUE, ORANGE
from bplab.widgets.backward_pass.learner import Mine, Opinion
from bplab.widgets.backward_pass.model import Pass, Step
from bplab.widgets.backward_pass.words import Element, Names, elements, formulas, title
from bplab.widgets.kit.svg import INK, SvgView, group, line, rect, short, text

BOX = (106, 62)
"""Width and height of a unit."""

TOP, PITCH = 84, 106  # where the units begin; from one unit to the next below
ONE, FOOT = (30, 24), 34  # the 1 that biases multiply, and the room for it below the units
ENTRY = 20  # where the edge from the 1 meets its unit, below the middle
RIGHT = 66  # for the target, beside the outputs
WIDE = 244  # room for edges with their terms
LABEL, SMALL = (100, 34), (62, 18)  # room for a term with its value, and for one number
PLACES = 21  # to choose from, along an edge

Edge = tuple[int, int, int]
"""Layer, unit, and unit of the layer below, counted from 1."""
Size = tuple[int, int]


class Layout(NamedTuple):
    """Width and height of the picture, the middle of each unit by (layer, unit), and labels.

    ``labels`` has the middle of what stands on each edge, ``ones`` the middle of the 1 of each
    layer but the last.
    """

    width: int
    height: int
    units: dict[tuple[int, int], tuple[float, float]]
    labels: dict[Edge, tuple[float, float]]
    ones: list[tuple[float, float]]

    def from_one(self, d: int, to: int) -> tuple[float, float, float, float]:
        """Return both ends of a bias's edge, from the 1 of the layer below."""
        (x1, y1), (x2, y2) = self.ones[d - 1], self.units[d, to]
        return x1 + ONE[0] / 2, y1, x2 - BOX[0] / 2, y2 + ENTRY

    def ends(self, edge: Edge) -> tuple[float, float, float, float]:
        """Return both ends of an edge, from left to right."""
        d, to, of = edge
        (x1, y1), (x2, y2) = self.units[d - 1, of], self.units[d, to]
        return x1 + BOX[0] / 2, y1, x2 - BOX[0] / 2, y2


@lru_cache(maxsize=128)
def layout(sizes: tuple[int, ...], wide: int | None = None) -> Layout:
    """Return the layout of a network with these numbers of units.

    The edges that lead to layer ``wide`` get room for their terms, at the others' cost.
    """
    last = len(sizes) - 1
    width = 880 if last < 4 else 1060
    height = TOP + PITCH * max(sizes) + FOOT
    room = width - RIGHT - 8 - BOX[0] * (last + 1)
    gaps = [room / last] * last
    if wide is not None and gaps[0] < WIDE:
        gaps = [(room - WIDE) / (last - 1)] * last
        gaps[wide - 1] = WIDE
    lefts = [4 + BOX[0] * d + sum(gaps[:d]) for d in range(last + 1)]
    units = {
        (d, m): (
            lefts[d] + BOX[0] / 2,
            TOP + PITCH * (max(sizes) - size) / 2 + PITCH * (m - 1) + BOX[1] / 2 + 6,
        )
        for d, size in enumerate(sizes)
        for m in range(1, size + 1)
    }
    ones = [(left + BOX[0] / 2, height - ONE[1] / 2 - 4) for left in lefts[:-1]]
    found = Layout(width, height, units, {}, ones)
    for d, (below, size) in enumerate(pairwise(sizes), start=1):
        edges = [(d, to, of) for of in range(1, below + 1) for to in range(1, size + 1)]
        found.labels.update(_apart(edges, found, LABEL if d == wide else SMALL))
    return found


def _apart(edges: list[Edge], where: Layout, size: Size) -> dict[Edge, tuple[float, float]]:
    """Put a label on each edge, as far from each other as the edges allow."""
    places = {edge: _places(*where.ends(edge), size[0]) for edge in edges}
    best = {edge: spots[len(spots) // 2] for edge, spots in places.items()}
    for _ in range(8):
        for edge in edges:
            others = [best[other] for other in edges if other != edge]
            best[edge] = max(places[edge], key=lambda spot: _room(spot, others, size))
    return best


def _places(x1: float, y1: float, x2: float, y2: float, width: float) -> list[tuple[float, float]]:
    """Middles for a label along an edge, such that it covers neither unit, nor the arrow."""
    margin = min(0.5, (width / 2 + 6) / (x2 - x1))
    shares = [margin + i * (1 - 2 * margin) / (PLACES - 1) for i in range(PLACES)]
    return [(x1 + share * (x2 - x1), y1 + share * (y2 - y1)) for share in shares]


def _room(spot: tuple[float, float], others: list[tuple[float, float]], size: Size) -> float:
    """The distance to the nearest label in widths and heights of labels; beyond 1.2 all is well."""
    return min(
        (min(1.2, max(abs(spot[0] - x) / size[0], abs(spot[1] - y) / size[1])) for x, y in others),
        default=1.2,
    )


CHIPS = ("forward pass", "residual", "output delta", "weight gradient", "send back", "hidden delta")
PALE = "#b4b4b4"
MIDDLE: dict[str, Any] = {"text_anchor": "middle"}


class NetworkFigure:
    """Units as boxes with their values, edges with the term that the step computes on them.

    What is not computed yet has a broken border and question marks; what is computed now has a
    thick border and bold numbers; edges in use are thick, and their arrows point the way.
    """

    def __init__(self):
        self.view = SvgView(880, 400)
        self._arrows = "".join(
            f'<defs><marker id="{self.view.id}-{name}" viewBox="0 0 10 10" refX="9" refY="5" '
            f'markerWidth="4.5" markerHeight="4.5" orient="auto"><path d="M0 0L10 5L0 10z" '
            f'fill="{colour}"/></marker></defs>'
            for name, colour in (("forward", BLUE), ("back", ORANGE))
        )

    def draw(
        self,
        network: Pass,
        steps: Sequence[Step],
        at: int,
        selected: Element | None,
        mine: Mine,
    ) -> None:
        """Set the drawing for step number ``at``; `SvgView.show` then sends it."""
        sketch = _Sketch(network, steps, at, mine, self.view.id)
        self.view.width, self.view.height = sketch.layout.width, sketch.layout.height
        parts = elements(network.sizes)
        edges = [(name, e) for name, e in parts.items() if e.kind == "weight"]
        edges.sort(key=lambda named: sketch.uses(named[1]))  # those in use on top
        drawn = [sketch.one(d) for d in range(1, len(network.sizes))]
        drawn += [
            sketch.bias_edge(name, e, e == selected)
            for name, e in parts.items()
            if e.kind == "bias"
        ]
        drawn += [sketch.edge(name, e, e == selected) for name, e in edges]
        for name, element in parts.items():
            if element.kind == "bias":
                drawn.append(sketch.bias(name, element, element == selected))
            elif element.kind == "unit":
                drawn.append(sketch.unit(name, element, element == selected))
        labels = [sketch.label(name, e, e == selected) for name, e in edges]
        self.view.draw(self._arrows, sketch.head(), *drawn, *labels)


class _Sketch:
    """The parts of one drawing."""

    def __init__(self, network: Pass, steps: Sequence[Step], at: int, mine: Mine, id: str):
        self.n, self.step, self.at, self.id = network, steps[at], at, id
        self.names = Names(network.depth)
        self.layout: Layout = layout(network.sizes, self._wide())
        self.opinions = mine.at(self.step)
        self._last = len(steps) - 1
        self._when = {step: i for i, step in enumerate(steps)}
        self._title = title(self.step, network)

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

    def head(self) -> str:
        """The names of the steps, of which one is now; the layers with their activations."""
        now = "forward pass" if self.step.kind in ("input", "layer") else self.step.kind
        parts, x = [], 4.0
        for chip in CHIPS:
            width = 18 + 7.2 * len(chip)
            here = chip == now
            parts.append(rect(x, 4, width, 24, rx=12, fill=INK if here else "white", stroke=INK))
            style: dict[str, Any] = {"fill": "white", "font_weight": "bold"} if here else {}
            parts.append(text(x + width / 2, 20.5, chip, font_size=12, **MIDDLE, **style))
            x += width + 8
        way = {"layer": " →", "send back": " ←"}.get(self.step.kind, "")
        words = f"step {self.at} of {self._last}: {self._title}{way}"
        parts.append(text(4, 50, words, font_size=15, font_weight="bold"))
        for d in range(len(self.n.sizes)):
            x, _ = self.layout.units[d, 1]
            y = min(y for (layer, _), (_, y) in self.layout.units.items() if layer == d)
            name = "input"
            if d > self.n.depth:
                name = f"output: {self.n.g.name}"
            elif d:
                name = f"layer {d}: {self.n.sigmas[d - 1].name}"
            parts.append(text(x, y - BOX[1] / 2 - 9, name, font_size=12, **MIDDLE))
        return "".join(parts)

    # ---- units

    def unit(self, name: str, element: Element, selected: bool) -> str:
        """A box with the values that are known."""
        d, m = element.layer, element.to
        x, y = self.layout.units[d, m]
        left, top = x - BOX[0] / 2, y - BOX[1] / 2
        rows = self._rows(d, m)
        fresh = any(new for _, new in rows)
        border: dict[str, Any] = {"stroke": INK, "stroke_width": 3 if fresh else 1.2}
        if any("?" in words for words, _ in rows):
            border["stroke_dasharray"] = "5 4"
        parts = [rect(left, top, *BOX, rx=8, fill="white", **border)]
        if selected:
            parts.append(_frame(left, top, *BOX))
        for i, (words, new) in enumerate(rows):
            weight: dict[str, Any] = {"font_weight": "bold"} if new else {}
            line_at = y + 5 + 18 * (i - (len(rows) - 1) / 2)
            parts.append(text(x, line_at, words, **MIDDLE, **weight))
        if d > self.n.depth:
            y_k = short(self.n.y[m - 1])
            parts.append(text(x + BOX[0] / 2 + 8, y + 4, f"y{self.names.z(0, m)[1:]} = {y_k}"))
        return group(*parts, title=self._tip(element), sets=("show", name))

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
            if self.done("output delta", d):
                rows.append((delta, kind == "output delta"))
            elif self.done("residual", d):
                rows.append((f"−2(y−f) {short(n.residual[m - 1])}", True))
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

    def edge(self, name: str, element: Element, selected: bool) -> str:
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
        if selected:
            parts.append(line(x1, y1, x2, y2, stroke_width=12, stroke_opacity=0.25))
        parts.append(line(x1, y1, x2, y2, **style))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def label(self, name: str, element: Element, selected: bool) -> str:
        """What the step computes on an edge: its term, and the product."""
        d, to, of = element[1:]
        w = self.n.weights[d - 1][to - 1, of]
        z, kind = self.n.z[d - 1][of - 1], self.step.kind
        term, value = "", None
        if kind == "all gradients":
            value = self.n.gradient[d - 1][to - 1, of]
        elif kind == "input" or (selected and not self.uses(element)):
            value = w
        elif not self.uses(element):
            return ""
        elif kind == "layer":
            term, value = _product(w, z), w * z
        elif kind == "send back":
            s = self.n.delta[d - 1][to - 1]
            term, value = _product(s, w), s * w
        else:
            s = self.n.delta[d - 1][to - 1]
            term, value = _product(s, z), self.n.gradient[d - 1][to - 1, of]
            term = self._verdict_on_edge(to, of) or term
        x, y = self.layout.labels[d, to, of]
        lines = [f"= {short(value)}" if term else short(value)]
        if term:
            lines.insert(0, term)
        room: dict[str, Any] = {"fill": "white", "fill_opacity": 0.88}
        width = 8 + 6.9 * max(map(len, lines))
        parts = [rect(x - width / 2, y - 8 * len(lines), width, 16 * len(lines), rx=3, **room)]
        for i, words in enumerate(lines):
            weight: dict[str, Any] = {"font_weight": "bold"} if i == len(lines) - 1 else {}
            at = y + 4.5 + 15 * (i - (len(lines) - 1) / 2)
            parts.append(text(x, at, words, font_size=12, **MIDDLE, **weight))
        return group(*parts, title=self._tip(element), sets=("show", name))

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

    def bias_edge(self, name: str, element: Element, selected: bool) -> str:
        """The line from the 1 to the unit."""
        ends = self.layout.from_one(element.layer, element.to)
        kind, here = self.step.kind, self.step.layer == element.layer
        style: dict[str, Any] = {"stroke": PALE, "stroke_width": 1.2, "stroke_dasharray": "5 4"}
        if here and kind == "layer":
            style |= {"stroke": BLUE, "stroke_width": 2.4}
        elif here and kind == "weight gradient":
            style |= {"stroke": INK, "stroke_width": 2.4}
        parts = [line(*ends, stroke="white", stroke_width=14, stroke_opacity=0)]
        if selected:
            parts.append(line(*ends, stroke_width=12, stroke_opacity=0.25))
        parts.append(line(*ends, **style))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def bias(self, name: str, element: Element, selected: bool) -> str:
        """What stands below a unit: its bias, or what the step makes of it."""
        d, m = element.layer, element.to
        x, y = self.layout.units[d, m]
        y += BOX[1] / 2
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
        elif selected:
            words = f"bias {short(b)}"
        parts = []
        if selected:
            parts.append(_frame(x - BOX[0] / 2 + 8, y + 4, BOX[0] - 16, 16))
        weight: dict[str, Any] = {"font_weight": "bold"} if strong else {}
        parts.append(text(x, y + 20, words or "bias", font_size=12, halo=True, **MIDDLE, **weight))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def _verdict_on_edge(self, to: int, of: int) -> str:
        if not self.opinions:
            return ""
        place = (to - 1, of)
        said = _verdict([(o, o.value[place], o.wrong[place]) for o in self.opinions])
        return "" if said == "✓" else said

    def _tip(self, element: Element) -> str:
        return "\n".join(formulas(element, self.n))


def _verdict(opinions: list[tuple[Opinion, float, np.bool_]]) -> str:
    """✓, or what the first function that is wrong gives."""
    for _, value, wrong in opinions:
        if wrong:
            return f"✕ yours {short(value)}"
    return "✓"


def _product(first: float, second: float) -> str:
    shown = short(second)
    return f"{short(first)}·({shown})" if shown.startswith("−") else f"{short(first)}·{shown}"


def _frame(x: float, y: float, width: float, height: float) -> str:
    """A dotted frame around what the learner has chosen."""
    style = {"stroke": INK, "stroke_width": 2, "stroke_dasharray": "2 3"}
    return rect(x - 5, y - 5, width + 10, height + 10, rx=10, **style)
