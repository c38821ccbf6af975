"""Stills as PNG: they show what a browser shows of the same drawing, and follow its theme."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image

from bplab.course.stills import png_of
from bplab.plots import COLOURS, Picture, blank_figure
from tests.course.test_stills import DRAWN, drawing

pytestmark = pytest.mark.xdist_group("browser")

SIDE = 12


@pytest.fixture(scope="module")
def page(browser, browser_context_args):
    """One page, whose content each test sets."""
    page = browser.new_page(**browser_context_args)
    yield page
    page.close()


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", DRAWN)
def test_it_is_what_a_browser_draws_with_the_same_letters(name, page):
    svg = drawing(name)
    assert svg.count("system-ui") == 1
    page.set_content(
        f"<style>{face('normal')}{face('bold')} body {{ margin: 0 }}</style>"
        f"{svg.replace('system-ui', 'Letters')}"
    )
    assert page.evaluate("document.fonts.load('13px Letters').then(faces => faces.length)") == 1
    assert page.evaluate("document.fonts.load('bold 13px Letters').then(f => f.length)") == 1
    theirs = pixels(page.locator("svg").screenshot())
    ours = pixels(png_of(svg))
    assert ours.shape == theirs.shape
    # the edges of letters and lines are shaded otherwise: what is compared is a square's mean
    rows, columns = (length // SIDE for length in ours.shape[:2])
    apart = (ours - theirs)[: rows * SIDE, : columns * SIDE]
    apart = apart.reshape(rows, SIDE, columns, SIDE, 3).mean(axis=(1, 3))
    assert np.abs(apart).max() <= 16  # of 255


@pytest.mark.parametrize("host", ['data-jp-theme-light="false"', 'class="vscode-dark"'])
def test_in_a_dark_theme_paper_is_dark_ink_is_light_and_colours_keep_their_hue(page, host):
    figure = blank_figure(figsize=(4, 2))
    colours = ["#000000", *COLOURS]
    for k, colour in enumerate(colours):
        figure.text(0.1 + 0.2 * k, 0.3, "█", color=colour, fontsize=40)
    picture = Picture(figure, "Four squares.")
    drawn = pixels(picture._repr_png_())

    def shown(body):
        page.set_content(f'<body {body} style="margin: 0">{picture._repr_html_()}</body>')
        return pixels(page.get_by_alt_text("Four squares.").screenshot())

    assert (shown('data-jp-theme-light="true"') == drawn).all()
    dark = shown(host)
    paper = np.median(dark[(drawn == 255).all(axis=2)], axis=0)
    assert np.abs(paper - 0x11).max() <= 2
    for colour in colours:
        wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        square = (np.abs(drawn - wanted).max(axis=2) <= 2).nonzero()
        assert len(square[0]) > 100
        now = np.median(dark[square], axis=0)
        assert contrast(now, paper) >= 4.5
        if colour != "#000000":
            assert list(np.argsort(now)) == list(np.argsort(wanted))


def contrast(one, other):
    """As WCAG 2 counts it."""
    light = []
    for colour in (one, other):
        share = np.asarray(colour) / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        light.append(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return max(light) / min(light)


def face(weight):
    path = Path(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f"@font-face {{ font-family: Letters; font-weight: {weight}; "
        f"src: url(data:font/ttf;base64,{data}) }}"
    )


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
