"""The picture of the backward-pass panel: the network, and on it what the present step computes."""

from collections.abc import Sequence

import numpy as np

from bplab.plots.picture import BLUE, ORANGE
from bplab.widgets.backward_pass.layout import BOX, Layout, layout
from bplab.widgets.backward_pass.learner import Mine, Opinion
from bplab.widgets.backward_pass.model import Pass, Step
from bplab.widgets.backward_pass.words import Element, Names, elements, formulas, title
from bplab.widgets.kit.svg import INK, SvgView, group, line, rect, short, text

__all__ = ["NetworkFigure"]

CHIPS = ("forward pass", "residual", "output delta", "weight gradient", "send back", "hidden delta")
PALE = "#b4b4b4"
MIDDLE = {"text_anchor": "middle"}


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
        drawn = [sketch.edge(name, e, e == selected) for name, e in edges]
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
            style = {"fill": "white", "font_weight": "bold"} if here else {}
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
        border = {"stroke": INK, "stroke_width": 3 if fresh else 1.2}
        if any("?" in words for words, _ in rows):
            border["stroke_dasharray"] = "5 4"
        parts = [rect(left, top, *BOX, rx=8, fill="white", **border)]
        if selected:
            parts.append(_frame(left, top, *BOX))
        for i, (words, new) in enumerate(rows):
            weight = {"font_weight": "bold"} if new else {}
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
        room = {"fill": "white", "fill_opacity": 0.88}
        width = 8 + 6.9 * max(map(len, lines))
        parts = [rect(x - width / 2, y - 8 * len(lines), width, 16 * len(lines), rx=3, **room)]
        for i, words in enumerate(lines):
            weight = {"font_weight": "bold"} if i == len(lines) - 1 else {}
            at = y + 4.5 + 15 * (i - (len(lines) - 1) / 2)
            parts.append(text(x, at, words, font_size=12, **MIDDLE, **weight))
        return group(*parts, title=self._tip(element), sets=("show", name))

    def bias(self, name: str, element: Element, selected: bool) -> str:
        """The edge from the 1, short, below its unit."""
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
        style = {"stroke": INK, "stroke_width": 3} if strong else {"stroke": PALE}
        parts = [line(x, y, x, y + 9, **style)]
        if selected:
            parts.append(_frame(x - BOX[0] / 2 + 8, y + 4, BOX[0] - 16, 16))
        weight = {"font_weight": "bold"} if strong else {}
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
