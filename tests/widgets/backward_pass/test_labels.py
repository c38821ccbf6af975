"""What stands on the edges and in the units of the network: it has room, and hides nothing."""

from itertools import combinations
from xml.etree import ElementTree

import pytest

from bplab.widgets import backward_pass
from bplab.widgets.backward_pass.figure import BOX, SLIM
from tests.thorough import ALL
from tests.widgets.measured_text import SVG, meet, words_of

WIDTHS = (364, 880) if not ALL else (364, 620, 840, 880)
OFFERED = [(2, 3, 2), (2, 2, 2, 2), (2, 3, 2, 2), (2, 2, 2, 2, 2)]
FULL = [(3, 3, 3), (1, 3, 1)]


class Drawing:
    """What is drawn at a step: labels and units by their boxes, edges by their ends."""

    def __init__(self, panel):
        self.labels, self.units, self.edges, self.texts = [], [], [], []
        for g in ElementTree.fromstring(panel.canvas.svg()).iter(f"{SVG}g"):
            name, box = g.get("data-value", ""), g.find(f"{SVG}rect")
            if box is None and "weight" in name:
                *_, line = g.iter(f"{SVG}line")
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
        for ((x1, a1), (x2, b1)), ((x, a2), (_, b2)) in combinations(self.edges, 2):
            if abs(x - x1) < 1 and (a1 - a2) * (b1 - b2) < 0:
                share = (a1 - a2) / ((a1 - a2) - (b1 - b2))
                yield x1 + share * (x2 - x1), a1 + share * (b1 - a1)


def drawings(sizes):
    panel = backward_pass(sizes=sizes, state="weights=B")
    for width in WIDTHS:
        panel.fit(width)
        for step in range(panel.controls["step"].widget.max + 1):
            panel.controls["step"].value = step
            yield (width, step), Drawing(panel)


@pytest.mark.parametrize("sizes", OFFERED + FULL)
def test_text_stays_in_its_box_and_labels_apart_from_each_other_and_from_units(sizes):
    seen = 0
    for at, drawn in drawings(sizes):
        seen += len(drawn.labels)
        for (left, _, right, _), text in drawn.texts:
            assert left < text.left, (at, text)
            assert text.right < right, (at, text)
        for label, other in combinations(drawn.labels, 2):
            assert not meet(label, other), at
        for label in drawn.labels:
            assert not any(meet(label, unit) for unit in drawn.units), at
    assert seen > 20


@pytest.mark.parametrize("sizes", OFFERED)
def test_no_label_lies_where_edges_cross(sizes):
    for at, drawn in drawings(sizes):
        for x, y in drawn.crossings():
            for left, top, right, bottom in drawn.labels:
                assert not (left < x < right and top < y < bottom), at


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
