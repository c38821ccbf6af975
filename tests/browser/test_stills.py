"""Stills of panels as PNG: they show what a browser shows of the same drawing."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image

from bplab.course.stills import png_of
from tests.course.test_stills import DRAWN, drawing

pytestmark = pytest.mark.xdist_group("browser")

SIDE = 12


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


def face(weight):
    path = Path(findfont(FontProperties(family="DejaVu Sans", weight=weight)))
    data = base64.b64encode(path.read_bytes()).decode()
    return (
        f"@font-face {{ font-family: Letters; font-weight: {weight}; "
        f"src: url(data:font/ttf;base64,{data}) }}"
    )


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
