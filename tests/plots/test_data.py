"""Images of digits are drawn as they are, and described by their captions."""

import io

import matplotlib.image
import numpy as np
import pytest

from bplab.data import digits
from bplab.plots import digit_images


def pixels(picture):
    return matplotlib.image.imread(io.BytesIO(picture.png.getvalue()))[..., :3]


def test_images_are_described_by_their_captions():
    X, _, digit = digits()
    picture = digit_images(X[:12], [str(d) for d in digit[:12]], title="The first twelve")
    assert picture.alt.startswith("The first twelve: 12 images of 8 by 8 pixels")
    assert "0; 1; 2; 3; 4; 5; 6; 7; 8; 9; 0; 1." in picture.alt


def test_ink_is_dark_and_paper_is_white():
    ink, paper = (pixels(digit_images(np.full((1, 64), v), [""], columns=1)) for v in (1.0, 0.0))
    assert np.median(ink) < 0.1
    assert np.median(paper) == 1


def test_an_image_stands_upright():
    half = np.zeros((8, 8))
    half[:4] = 1  # ink in the upper half
    rows = pixels(digit_images(half.reshape(1, 64), [""], columns=1)).mean(axis=(1, 2))
    upper, lower = np.array_split(rows, 2)
    assert upper.mean() < lower.mean()


@pytest.mark.parametrize(
    ("X", "captions", "message"),
    [
        (np.zeros((2, 8, 8)), ["", ""], r"X must have shape \(N, 64\)"),
        (np.zeros((2, 63)), ["", ""], r"X must have shape \(N, 64\)"),
        (np.zeros((0, 64)), [], r"N at least 1; got \(0, 64\)"),
        (np.zeros((2, 64)), [""], "one for each of 2 images; got 1"),
    ],
)
def test_images_that_are_none_are_refused(X, captions, message):
    with pytest.raises(ValueError, match=message):
        digit_images(X, captions)
