"""What the playground draws: the surface, the examples, the curves, and how little is sent."""

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from bplab.widgets import playground
from bplab.widgets.kit.axes import round_ticks, telling
from bplab.widgets.playground.data import classes_of
from bplab.widgets.playground.figure import (
    BEFORE,
    CHART,
    COLOURS,
    DRAWN,
    EDGE,
    GRID,
    PLANE,
    TINTS,
    Chart,
    Curves,
    rgb_of,
    shades,
)

SVG = "{http://www.w3.org/2000/svg}"
STATES = [
    "data=XOR,epoch=200",
    "data=penguins,across=3,up=1,epoch=50",
    "data=penguins,inputs=the two drawn,epoch=50,output=softmax",
    "data=spirals,layers=2,epoch=20,act1=relu,output=identity,gamma=0.0001",
]


def on_paper(panel):
    """The pixels that are shown, on white paper."""
    drawn = Image.open(io.BytesIO(panel.canvas.image)).convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    return np.asarray(Image.alpha_composite(paper, drawn).convert("RGB"))


def surface(panel):
    """The pixels that are shown, low y first, as the numbers of their colours."""
    pixels = on_paper(panel)[::-1]
    apart = np.abs(pixels[..., None, :] - 255 * rgb_of(np.arange(EDGE + 2))).max(axis=-1)
    assert apart.min(axis=-1).max() < 2  # but for rounding
    return apart.argmin(axis=-1)


def parts(panel, tag):
    return ElementTree.fromstring(panel.canvas.svg()).iter(f"{SVG}{tag}")


def points(polyline):
    return np.array([pair.split(",") for pair in polyline.attrib["points"].split()], float)


@pytest.mark.parametrize("state", STATES)
def test_the_surface_has_the_class_that_the_network_finds(state):
    panel = playground(state=state)
    found, run = panel.figure, panel.run
    numbers = surface(panel)
    assert numbers.shape == (GRID, GRID)
    edge = numbers == EDGE
    assert 0 < edge.mean() < 0.2
    classes = classes_of(run.outputs(found.grid), run.examples.Y).reshape(GRID, GRID)
    assert (numbers // len(TINTS) == classes)[~edge].all()
    # with all features the examples lie elsewhere than the plane
    if run.examples.X.shape[1] > 2:
        return
    x, y = found.places(*run.examples.X[:, found.axes].T)
    columns = ((x - PLANE.x) * GRID / PLANE.width).astype(int)
    rows = ((PLANE.y + PLANE.height - y) * GRID / PLANE.height).astype(int)
    here = numbers[rows, columns]
    right = classes_of(run.outputs(run.examples.X), run.examples.Y)
    assert (here // len(TINTS) == right)[here != EDGE].mean() > 0.98  # a pixel has a size


def test_the_surer_the_darker():
    numbers = surface(playground(state="data=XOR,epoch=300"))
    shown = np.unique(numbers[numbers != EDGE])
    assert shown.tolist() == [*range(len(TINTS)), *range(len(TINTS), 2 * len(TINTS))]
    brightness = rgb_of(np.arange(len(TINTS))).sum(axis=1)
    assert (np.diff(brightness) < 0).all()


def test_outputs_that_are_no_numbers_are_drawn():
    panel = playground(state="output=identity,gamma=1,epoch=200")
    assert panel.run.diverged
    assert surface(panel).shape == (GRID, GRID)
    F = np.full((GRID * GRID, 2), np.nan)
    assert shades(F, panel.run.examples.Y).max() <= EDGE


def test_markers_say_class_and_use_by_shape_and_colour():
    panel = playground(state="data=penguins")
    found = panel.run.examples
    shapes = set()
    for path in parts(panel, "path"):
        if path.attrib.get("stroke") == "white":
            shapes.add((path.attrib["fill"], re.sub("M[^a-z]+", "", path.attrib["d"])[:20]))
    assert {colour for colour, _ in shapes} == set(COLOURS[:3])
    assert len({shape for _, shape in shapes}) == 3
    drawn = [p.attrib["d"].count("M") for p in parts(panel, "path") if "stroke-width" in p.attrib]
    assert sum(drawn) == len(found.X) + 2 * len(found.classes)  # and the key


def test_many_examples_are_thinned():
    rng = np.random.default_rng(0)
    panel = playground(X=rng.normal(size=(1001, 3)), Y=rng.integers(0, 2, 1001))
    drawn = [p.attrib["d"].count("M") for p in parts(panel, "path") if "stroke-width" in p.attrib]
    assert DRAWN / 2 < sum(drawn) <= DRAWN + 4


def test_the_ring_is_around_the_chosen_example():
    panel = playground(state="data=XOR,example=12")
    (x,), (y,) = panel.figure.places(*panel.run.examples.X[[12]].T)
    for ring in parts(panel, "circle"):
        assert float(ring.attrib["cx"]) == pytest.approx(x, abs=0.06)
        assert float(ring.attrib["cy"]) == pytest.approx(y, abs=0.06)


def test_curves_end_where_the_losses_do():
    panel = playground(state="data=XOR,epoch=80")
    panel.again_button.click()
    panel.step(40)
    run, n = panel.run, panel.run.examples.trained
    curves = [*parts(panel, "polyline")]
    assert [c.attrib["stroke"] == BEFORE["stroke"] for c in curves] == [True, True, False, False]
    dashed = ["stroke-dasharray" in c.attrib for c in curves]
    assert dashed == [False, True, False, True]
    decades = panel.figure.curves.reach[1:]
    means = panel.previous.training, np.array(run.losses) / n
    for curve, mean, end in zip(curves[::2], means, (80, 40), strict=True):
        x, y = points(curve)[-1]
        assert x == pytest.approx(CHART.x + CHART.width * end / 100, abs=0.06)
        share = (np.log10(mean[-1]) - decades[0]) / (decades[1] - decades[0])
        assert y == pytest.approx(CHART.y + CHART.height * (1 - share), abs=0.06)


def test_the_axis_of_epochs_doubles():
    chart = Chart(CHART)
    ends = []
    for last in (0, 100, 101, 350, 5000):
        chart.draw(Curves([1.0] * (last + 1), [1.0] * (last + 1)), None, last)
        ends.append(chart.reach.epochs)
    assert ends == [100, 100, 200, 400, 6400]


def test_few_points_and_no_spike_is_lost():
    chart = Chart(CHART)
    losses = np.full(20_001, 0.1)
    losses[7777], losses[12345] = 2.0, 0.01
    chart.draw(Curves(losses, losses), None, 0)
    x, y = chart.points(losses)
    assert len(x) <= 200
    assert x[-1] == CHART.x + CHART.width * 20_000 / chart.reach.epochs
    assert y.min() == chart.points([2.0])[1]
    assert y.max() == chart.points([0.01])[1]
    bad = np.full(1000, np.nan)
    bad[:999] = 1
    assert telling(bad, 10).tolist()[-1] == 999


def test_what_stands_still_is_not_sent_again():
    panel = playground(state="data=XOR,epoch=20")
    sent = []
    for k, layer in enumerate(panel.canvas.layers):
        layer.observe(lambda change, k=k: sent.append((k, change["new"])), "value")
    for _ in range(6):
        assert panel._frame(False)
    assert [k for k, _ in sent] == [1] * 6
    assert all(len(value) < 9_000 and "onload" not in value for _, value in sent)
    assert len({value for _, value in sent}) == 6
    sent.clear()
    panel.controls["example"].value = 5  # the ring is with what moves
    assert {k for k, _ in sent} == {1}


def test_a_long_run_is_small_to_send_too():
    panel = playground(state="data=XOR,epoch=3000")
    panel._frame(False)
    assert len(panel.canvas.layers[1].value) < 9_000


def test_nothing_to_show():
    panel = playground(lambda *a: None)
    assert panel.run is None
    svg = panel.canvas.svg()
    assert "nothing to show" in svg
    assert not [*parts(panel, "polyline")]
    assert (on_paper(panel) == 255).all()
    assert base64.b64encode(panel.canvas.image).decode() in panel.canvas.layers[1].value


@pytest.mark.parametrize(
    ("ends", "ticks"),
    [
        ((-1.1, 1.1), [-1, -0.5, 0, 0.5, 1]),
        ((0.0, 1e-6), [0, 2e-7, 4e-7, 6e-7, 8e-7, 1e-6]),
        ((997.0, 1003.4), [997, 998, 999, 1000, 1001, 1002, 1003]),
    ],
)
def test_ticks_are_round(ends, ticks):
    assert round_ticks(*ends) == pytest.approx(ticks)
