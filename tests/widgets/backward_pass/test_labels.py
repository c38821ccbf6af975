"""What stands on the edges and in the units of the network: it has room, and hides nothing."""

from itertools import combinations, groupby, pairwise, product
from xml.etree import ElementTree

import numpy as np
import pytest

from bplab.widgets import backward_pass
from bplab.widgets.backward_pass.figure import BOX, SLIM
from tests.thorough import ALL
from tests.widgets.measured_text import SVG, meet, words_of

WIDTHS = (364, 880) if not ALL else (340, 430, 620, 880)
OFFERED = [(2, 3, 2), (2, 2, 2, 2), (2, 3, 2, 2), (2, 2, 2, 2, 2)]
FULL = (
    [(3, 3, 3), (1, 3, 1), (3, 3, 3, 3, 3)]
    if not ALL
    else [*product((1, 2, 3), repeat=3), (3, 3, 3, 3, 3)]
)


def weight_gradient(delta, below):
    """Wrong everywhere, and with a long number."""
    return np.full((delta.shape[1], below.shape[1] + 1), -1.234e-4)


MINE = [{}, {"weight_gradient": weight_gradient}][not ALL :]


class Drawing:
    """What is drawn at a step: labels and units by their boxes, edges by their ends."""

    def __init__(self, panel):
        self.labels, self.units, self.edges, self.texts = [], [], [], []
        for g in ElementTree.fromstring(panel.canvas.svg()).iter(f"{SVG}g"):
            name, box = g.get("data-value", ""), g.find(f"{SVG}rect")
            *_, line = [None, *g.iter(f"{SVG}line")]
            if box is None and line is not None and ("weight" in name or "bias" in name):
                ends = [(float(line.get(f"x{i}")), float(line.get(f"y{i}"))) for i in (1, 2)]
                self.edges.append(sorted(ends))
            elif box is not None and ("weight" in name or "unit" in name or "input" in name):
                x, y, width, height = (float(box.get(key)) for key in ("x", "y", "width", "height"))
                found = x, y, x + width, y + height
                (self.labels if "weight" in name else self.units).append(found)
                lines = [words_of(part) for part in g.iter(f"{SVG}text")]
                inside = [t for t in lines if y < (t.top + t.bottom) / 2 < y + height]
                self.texts += [(found, t) for t in inside if t.left < x + width]

    def crossings(self):
        for ((x1, a1), (x2, b1)), ((x3, a2), (x4, b2)) in combinations(self.edges, 2):
            # the point that lies the same share along both
            turned = np.array([[x2 - x1, x3 - x4], [b1 - a1, a2 - b2]])
            if abs(np.linalg.det(turned)) > 1e-6:
                share, other = np.linalg.solve(turned, [x3 - x1, a2 - a1])
                if 0.01 < share < 0.99 and 0.01 < other < 0.99:
                    yield x1 + share * (x2 - x1), a1 + share * (b1 - a1)


def drawings(sizes, **mine):
    panel = backward_pass(sizes=sizes, state="weights=B", **mine)
    for width in WIDTHS:
        panel.fit(width)
        for step in range(panel.controls["step"].widget.max + 1):
            panel.controls["step"].value = step
            yield (width, step, panel.step), Drawing(panel)


def labelled(sizes, step, drawn):
    """How many edges have something to say at a step: those that it uses, or all that are drawn."""
    if step.kind in ("layer", "send back", "weight gradient"):
        d = step.layer + (step.kind == "send back")
        return sizes[d] * sizes[d - 1]
    if step.kind in ("input", "all gradients"):
        columns = [
            len(list(column)) for _, column in groupby(sorted(left for left, *_ in drawn.units))
        ]
        return sum(one * other for one, other in pairwise(columns))
    return 0


@pytest.mark.one_in(2)
@pytest.mark.parametrize("mine", MINE, ids=len)
@pytest.mark.parametrize("sizes", OFFERED + FULL)
def test_every_edge_in_use_has_its_label_and_none_lies_on_another_a_unit_or_a_crossing(sizes, mine):
    for (*at, step), drawn in drawings(sizes, **mine):
        assert len(drawn.labels) == labelled(sizes, step, drawn), (at, step)
        for (left, _, right, _), text in drawn.texts:
            assert left < text.left < text.right < right, (at, text)
        for label, other in combinations(drawn.labels, 2):
            assert not meet(label, other, by=0), (at, step)
        for label, unit in product(drawn.labels, drawn.units):
            assert not meet(label, unit, by=0), (at, step)
        for (x, y), (left, top, right, bottom) in product(drawn.crossings(), drawn.labels):
            assert not (left < x < right and top < y < bottom), (at, step)


@pytest.mark.parametrize("sizes", OFFERED)
def test_where_there_is_little_room_the_layers_of_the_step_are_shown(sizes):
    panel = backward_pass(sizes=sizes)
    panel.fit(364)
    for step in range(1, panel.controls["step"].widget.max):
        panel.controls["step"].value = step
        d = panel.step.layer + (panel.step.kind in ("send back", "hidden delta"))
        drawn = Drawing(panel)
        assert len(drawn.units) == sizes[d - 1] + sizes[d]
        assert f"here: layers {d - 1} to {d} of 0 to {len(sizes) - 1}" in panel.canvas.svg()
    assert {right - left for left, _, right, _ in drawn.units} == {SLIM[0]}
    panel.fit(2000)
    if len(sizes) < 5:
        assert len(Drawing(panel).units) == sum(sizes)
    assert {right - left for left, _, right, _ in Drawing(panel).units} == {BOX[0]}


def test_what_is_marked_is_shown_whatever_the_room():
    panel = backward_pass(sizes=(2, 2, 2, 2, 2), state="step=0,show=output: unit f2")
    panel.fit(364)
    assert "here: layers 3 to 4 of 0 to 4" in panel.canvas.svg()
