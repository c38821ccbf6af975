"""Stills of panels as PNG: beside a drawing's HTML, with all its letters, always the same."""

import base64
import io
import re
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image

from bplab.course.stills import add_png, png_of
from bplab.widgets import (
    activation,
    backward_pass,
    learning_rate,
    loss_landscape,
    playground,
    read_digit,
    softmax,
    step_size,
    vanishing_gradients,
)

DRAWN = {
    "activation": lambda: activation(state="function=ELU"),
    "backward_pass": lambda: backward_pass(sizes=(2, 2, 3, 1), state="step=11"),
    "learning_rate": lambda: learning_rate(epochs=20),
    "loss_landscape": lambda: loss_landscape(state="steps=9"),
    "playground": lambda: playground(state="epoch=20"),
    "read_digit": lambda: read_digit(gradient=True),
    "softmax": lambda: softmax(state="t1=2,t2=2,t3=-2,target=3"),
    "step_size": lambda: step_size(lambda p: np.sum(np.sin(p)), np.ones(2)),
    "vanishing_gradients": vanishing_gradients,
}
"""Panels that are drawn of lines."""


@cache
def drawing(name):
    panel = DRAWN[name]()
    svg = panel.canvas.svg()
    panel.close()
    return svg


@pytest.mark.parametrize("name", DRAWN)
def test_all_its_characters_are_among_the_letters(name):
    svg = drawing(name)
    said = re.sub(r"<title>.*?</title>", "", svg)
    for attributes, words in re.findall(r"<text ([^>]*)>([^<]*)</text>", said):
        weight = "bold" if 'font-weight="bold"' in attributes else "normal"
        known = get_font(
            findfont(FontProperties(family="DejaVu Sans", weight=weight))
        ).get_charmap()
        assert {ord(c) for c in words} <= known.keys(), words


@pytest.mark.parametrize("name", DRAWN)
def test_it_has_the_size_in_which_the_drawing_is_shown(name):
    width, height = re.search(r'width="(\d+)" height="(\d+)"', drawing(name)).groups()
    assert Image.open(io.BytesIO(png_of(drawing(name)))).size == (int(width), int(height))


def test_it_is_the_same_to_the_byte_in_another_program():
    code = "import sys; from bplab.course.stills import png_of; "
    code += "sys.stdout.buffer.write(png_of(sys.stdin.buffer.read().decode()))"
    svg = drawing("softmax")
    again = subprocess.run(
        [sys.executable, "-c", code], input=svg.encode(), capture_output=True, check=True
    )
    assert again.stdout == png_of(svg)


def test_it_is_put_beside_the_html_of_a_drawing():
    panel = softmax()
    data = panel._repr_mimebundle_()
    html = data["text/html"]
    assert "image/png" not in data
    add_png(data)
    assert base64.b64decode(data["image/png"]) == png_of(panel.canvas.svg())
    assert data["text/html"] == html
    panel.close()


def test_what_has_a_picture_keeps_it_and_what_has_none_gets_none():
    panel = loss_landscape(state="steps=1")
    has = panel._repr_mimebundle_() | {"image/png": "its own"}
    for data in (has, {"text/html": "<b>no picture</b>"}, {"text/plain": ""}):
        before = dict(data)
        add_png(data)
        assert data == before
    panel.close()


def test_a_learners_kernel_needs_nothing_for_it():
    code = "import sys; sys.modules['resvg_py'] = None\nfrom bplab.widgets import softmax\n"
    code += "assert 'text/html' in softmax()._repr_mimebundle_()\n"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
