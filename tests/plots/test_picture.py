"""Every figure: with a description, small, the same each time, and for those without HTML."""

import base64
import io
import re
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from bplab.activations import relu, sigmoid, tanh
from bplab.plots import (
    COLOURS,
    Picture,
    activation_curves,
    blank_figure,
    confusion_table,
    deep_network_diagram,
    descent_paths,
    digit_images,
    gradient_norms,
    jacobian_heatmap,
    loss_curves,
    network_diagram,
    node_graph,
    output_paths,
    small_png,
    softmax_curves,
    tangent_step,
    weight_images,
)
from bplab.plots import picture as picture_module


def drawing():
    figure = blank_figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.add_subplot()
    for k, colour in enumerate(COLOURS):
        axes.plot(np.linspace(0, 1, 50) ** (k + 1), color=colour)
    axes.plot([10], [0.9], "o", markersize=3, color="#CC79A7")  # seldom: a few pixels
    axes.set_title("Three powers and a dot")
    return Picture(figure, "Three powers of x, and a small dot.")


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def test_it_comes_with_html_and_as_a_picture_of_the_same_bytes():
    picture = drawing()
    png = picture._repr_png_()
    assert base64.b64encode(png).decode() in picture._repr_html_()
    assert 'alt="Three powers of x, and a small dot."' in picture._repr_html_()
    assert png == picture.png.getvalue()


def test_drawn_twice_it_is_the_same_to_the_byte():
    assert drawing()._repr_png_() == drawing()._repr_png_()


def test_few_colours_show_what_many_do(monkeypatch):
    kept = []
    monkeypatch.setattr(
        picture_module, "small_png", lambda image: kept.append(image.convert("RGB")) or b""
    )
    drawing()
    [drawn] = kept
    whole = io.BytesIO()
    drawn.save(whole, "png", optimize=True)
    few = small_png(drawn)
    assert len(few) < 0.6 * len(whole.getvalue())
    apart = np.abs(pixels(few) - np.asarray(drawn).astype(int)).max(axis=2)
    assert apart.max() <= 24  # of 255
    assert apart.mean() < 1
    # the dot has kept its colour
    dot = np.abs(pixels(few) - [0xCC, 0x79, 0xA7]).max(axis=2)
    assert (dot < 12).sum() >= 4


def test_what_covers_much_keeps_its_colour_beside_many_blends():
    tints = np.array([[232, 168, 117], [238, 191, 153], [250, 236, 224], [228, 228, 228]])
    others = np.array([[0, 114, 178], [213, 94, 0], [0, 158, 115], [34, 34, 34], [255, 255, 255]])
    colours = np.concatenate([tints, others])
    share = np.linspace(0, 1, 12)[:, None]  # as along the edge of a letter or line
    blends = [a * share + b * (1 - share) for a in colours for b in colours]
    drawn = np.concatenate([colours.repeat(2000, axis=0), *blends]).astype(np.uint8)[None]
    few = pixels(small_png(Image.fromarray(drawn)))[0]
    for k, colour in enumerate(colours):
        assert np.abs(few[2000 * k] - colour).max() <= 2


@pytest.fixture
def on_a_page(monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "section_1.ipynb")


def narrow(picture):
    """The drawing for narrow pages, and what the page is told of it."""
    [(told, data)] = re.findall(
        r'<picture><source ([^>]*) srcset="data:image/png;base64,([^"]*)"><img ',
        picture._repr_html_(),
    )
    return told, pixels(base64.b64decode(data))


def test_where_there_is_less_room_a_curve_is_drawn_anew_and_not_scaled_down(on_a_page):
    picture = drawing()
    told, small = narrow(picture)
    assert told == 'media="(max-width: 959px)" width="348"'
    assert small.shape == (340, 348, 3)
    assert pixels(picture.png.getvalue()).shape == (340, 640, 3)
    # the title's letters are as high as ever
    high = [
        np.flatnonzero((p[:30] < 120).all(axis=2).any(axis=1))
        for p in (small, pixels(picture.png.getvalue()))
    ]
    assert np.ptp(high[0]) == np.ptp(high[1]) > 8


def test_where_notebooks_are_built_it_is_drawn_once():
    assert "<source" not in drawing()._repr_html_()


def test_a_long_title_fits_the_narrow_drawing(on_a_page):
    figure = blank_figure(figsize=(6.4, 3.4), layout="constrained")
    title = "A title of more letters than a narrow page has room for, M"
    figure.add_subplot().set_title(title)
    _, small = narrow(Picture(figure, "Nothing."))
    inked = (small[:40] < 120).all(axis=2).any(axis=0)
    assert inked.any()
    assert not inked[:2].any()
    assert not inked[-2:].any()


def test_what_would_lose_its_sense_is_drawn_once(on_a_page):
    figure = blank_figure(figsize=(6.4, 3.4))
    figure.add_subplot().axis("off")  # a diagram
    assert "<source" not in Picture(figure, "Nothing.")._repr_html_()
    figure = blank_figure(figsize=(6.4, 3.4))
    for left in (0.1, 0.6):
        figure.add_axes((left, 0.1, 0.3, 0.8))  # placed by hand
    assert "<source" not in Picture(figure, "Nothing.")._repr_html_()
    figure = blank_figure(figsize=(3.4, 3.4))
    figure.add_subplot()
    assert "<source" not in Picture(figure, "Nothing.")._repr_html_()


def test_axes_side_by_side_are_stacked_where_there_is_less_room(on_a_page):
    figure = blank_figure(figsize=(8.4, 3.2), layout="constrained")
    for axes in (panels := figure.subplots(1, 3, sharey=True)):
        axes.fill_between([0, 1], 1, color=COLOURS[0])
    picture = Picture(figure, "Three squares.")
    _, small = narrow(picture)
    assert small.shape == (3 * 261, 348, 3)

    def runs(filled):
        """How many stretches of colour there are."""
        return np.count_nonzero(np.diff(filled.astype(int)) > 0)

    for shown, down, along in ((small, 3, 1), (pixels(picture.png.getvalue()), 1, 3)):
        filled = np.abs(shown - [0x00, 0x72, 0xB2]).max(axis=2) <= 2
        assert (runs(filled.any(axis=1)), runs(filled.any(axis=0))) == (down, along)
    assert [axes.get_subplotspec().get_gridspec().nrows for axes in panels] == [1, 1, 1]


def test_images_in_rows_get_as_many_a_row_as_there_is_room_for(on_a_page, drawn):
    digit_images(np.zeros((30, 64)), ["0"] * 30)
    places = [axes.get_subplotspec().get_gridspec().get_geometry() for axes in drawn[1].axes]
    assert set(places) == {(3, 10)}  # as it was before
    assert drawn.rows == [(3, 10), (6, 5)]


FIGURES = {
    "activations": lambda: activation_curves(relu, tanh, sigmoid),
    "softmax": softmax_curves,
    "losses": lambda: loss_curves({"right": [200, 9, 8, 7.5]}),
    "sizes of gradients": lambda: gradient_norms({"sigmoid": np.logspace(-3, 2, 9)}),
    "a step": lambda: tangent_step(
        lambda w: 6 * (w - 1) ** 2, lambda w: 12 * (w - 1), 2.5, 0.04, span=(-2, 4)
    ),
    "paths of descent": lambda: descent_paths(
        abs, np.sign, 3, {"a": 0.1, "b": 1, "c": 2}, steps=3, span=(-4, 4)
    ),
    "digits": lambda: digit_images(np.zeros((12, 64)), ["3: 12%, read 8"] * 12, columns=6),
    "weights": lambda: weight_images(np.ones((16, 65))),
    "network": network_diagram,
    "four columns": lambda: output_paths("softmax", follow="alpha"),
    "six columns": lambda: deep_network_diagram(3, (3, 3, 3), 2, follow=2),
    "nodes": lambda: node_graph([(), (), (), (0, 1, 2)], [*"wxyR"], [0.5] * 4, [-0.477] * 4),
    "Jacobian": lambda: jacobian_heatmap(np.eye(3) / 3 - 1 / 9, title="at t = 0"),
    "confusion": lambda: confusion_table(np.eye(10, dtype=int)),
}


class Drawn(list):
    """The figures that were drawn, and their rows and columns, widths and letters at that time."""

    def __init__(self):
        self.rows, self.letters = [], []

    def add(self, figure):
        self.append(figure)
        self.rows += [
            place.get_gridspec().get_geometry()
            for axes in figure.axes[:1]
            if (place := axes.get_subplotspec())
        ]
        scale = min(1, picture_module.NARROW / (100 * figure.get_figwidth()))
        said = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
        self.letters.append(min(t.get_fontsize() for t in said) * 100 / 72 * scale)
        return b""


@pytest.fixture
def drawn(monkeypatch):
    drawn = Drawn()
    monkeypatch.setattr(picture_module, "_drawn", drawn.add)
    return drawn


@pytest.mark.parametrize("name", FIGURES)
def test_no_letter_is_smaller_than_11_pixels_on_a_narrow_page(on_a_page, drawn, name):
    FIGURES[name]()
    assert len(drawn) == 2
    assert drawn.letters[1] >= 11


@pytest.fixture
def laid_out(monkeypatch):
    """By picture, wide and then narrow: its size, what is written but at ticks, and where."""
    found = []

    def lay_out(figure):
        figure.draw_without_rendering()
        both = [axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)]
        ticks = {label for axis in both for label in axis.get_ticklabels(which="both")}
        texts = [t for t in set(figure.findobj(Text)) - ticks if t.get_text().strip()]
        found.append((figure.bbox.size, [(t.get_text(), t.get_window_extent()) for t in texts]))
        return b""

    monkeypatch.setattr(picture_module, "_drawn", lay_out)
    return found


@pytest.mark.one_in(5)
@pytest.mark.parametrize("name", FIGURES)
def test_what_is_written_stays_in_the_picture(on_a_page, laid_out, name):
    FIGURES[name]()
    assert len(laid_out) == 2
    for (width, height), texts in laid_out:
        for said, box in texts:
            assert box.x0 > -1, said
            assert box.y0 > -1, said
            assert box.x1 < width + 1, said
            assert box.y1 < height + 1, said


def last_line(text):
    """Where it is; a line above it that is empty covers nothing."""
    box = text.get_window_extent()
    lines = text.get_text().count("\n") + 1
    return Bbox.from_extents(box.x0, box.y0, box.x1, box.y0 + box.height / lines)


@pytest.fixture
def pictured(monkeypatch):
    """Of each figure as it was drawn: where the legend is, the curves, and the labels of ticks."""
    draw, seen = picture_module._drawn, []

    def drawn(figure):
        png = draw(figure)
        [axes] = figure.axes
        curves = [line.get_transform().transform(line.get_xydata()) for line in axes.lines]
        boxes = [last_line(label) for label in axes.get_xticklabels() if label.get_text()]
        seen.append((axes.get_legend().get_window_extent(), curves, boxes))
        return png

    monkeypatch.setattr(picture_module, "_drawn", drawn)
    monkeypatch.setattr(picture_module, "small_png", lambda picture: b"")
    return seen


STARTS = {
    "saturated": 220 / (1 + np.arange(301) / 20) + 15,
    "dead ReLU": np.full(301, 220.0),
    "the same start, leaky": 300 * np.exp(-np.arange(301) / 90) + 2,
}
"""Three losses that leave no corner of a narrow picture free."""


def test_a_legend_lies_over_no_curve(on_a_page, pictured):
    loss_curves(STARTS, title="Two unhappy starts, and a cure for one")
    assert len(pictured) == 2
    for legend, curves, _ in pictured:
        for points in curves:
            between = np.linspace(points[:-1], points[1:], 9).reshape(-1, 2)
            assert legend.count_contains(between) == 0


def test_the_output_stands_apart_from_the_last_layers_number(on_a_page, pictured):
    gradient_norms({"sigmoid": np.logspace(-3, 2, 9)})
    for _, _, boxes in pictured:
        assert len(boxes) == 9
        assert not any(a.overlaps(b.expanded(1.4, 1)) for a, b in pairwise(boxes))


def test_epochs_are_whole_numbers(on_a_page, drawn):
    loss_curves({"32 per batch": np.geomspace(1, 0.01, 21)})
    assert all(tick == round(tick) for tick in drawn[0].axes[0].get_xticks())
