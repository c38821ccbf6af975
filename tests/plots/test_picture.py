"""Every figure: with a description, small, the same each time, and for those without HTML."""

import base64
import io
import re

import numpy as np
import pytest
from matplotlib.text import Text
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
    jacobian_heatmap,
    network_diagram,
    node_graph,
    output_paths,
    small_png,
    softmax_curves,
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
    "paths of descent": lambda: descent_paths(
        abs, np.sign, 3, {"a": 0.1, "b": 1, "c": 2}, steps=3, span=(-4, 4)
    ),
    "digits": lambda: digit_images(np.zeros((12, 64)), ["3: 12%, read 8"] * 12, columns=6),
    "weights": lambda: weight_images(np.ones((16, 65))),
    "network": network_diagram,
    "four columns": lambda: output_paths("softmax", follow="alpha"),
    "six columns": lambda: deep_network_diagram(3, (3, 3, 3), 2, follow=2),
    "nodes": lambda: node_graph([(), (), (), (0, 1, 2)], [*"wxyR"], [0.5] * 4, [-0.477] * 4),
    "Jacobian": lambda: jacobian_heatmap(np.eye(3)),
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
