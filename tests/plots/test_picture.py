"""Every figure: with a description, small, the same each time, and for those without HTML."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from bplab.plots import COLOURS, Picture, blank_figure, small_png
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
    assert told == 'media="(max-width: 900px)" width="360"'
    assert small.shape == (340, 360, 3)
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
    inked = (small[:25] < 120).all(axis=2).any(axis=0)
    assert inked.any()
    assert not inked[:2].any()
    assert not inked[-2:].any()


def test_what_would_lose_its_sense_is_drawn_once(on_a_page):
    figure = blank_figure(figsize=(6.4, 3.4))
    figure.add_subplot().axis("off")  # a diagram
    assert "<source" not in Picture(figure, "Nothing.")._repr_html_()
    figure = blank_figure(figsize=(6.4, 3.4))
    figure.subplots(1, 2)
    assert "<source" not in Picture(figure, "Nothing.")._repr_html_()
    figure = blank_figure(figsize=(3.4, 3.4))
    figure.add_subplot()
    assert "<source" not in Picture(figure, "Nothing.")._repr_html_()
