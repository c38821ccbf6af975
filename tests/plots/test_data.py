"""Images of digits are drawn as they are, and described by their captions."""

import io

import matplotlib.colors
import matplotlib.image
import numpy as np
import pytest

from bplab.data import digits
from bplab.plots import BLUE, ORANGE, digit_images, weight_images


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


class TestWeights:
    def at(self, picture, colour, share):
        """How many pixels of the picture have this colour, in this share of its height."""
        seen = pixels(picture)
        begin, end = (round(len(seen) * s) for s in share)
        wanted = np.array(matplotlib.colors.to_rgb(colour))
        return int((abs(seen[begin:end] - wanted).max(axis=-1) < 0.1).sum())

    def test_positive_weights_are_full_and_upright(self):
        alpha = np.zeros((1, 65))
        alpha[0, 1:9] = 1  # the first row of pixels
        picture = weight_images(alpha, columns=1)
        assert self.at(picture, BLUE, (0, 0.5)) > 100
        assert self.at(picture, BLUE, (0.5, 1)) == 0
        assert "for each hidden unit, 1 in all" in picture.alt
        assert "12% of the weights are positive" in picture.alt

    def test_negative_weights_are_empty(self):
        full, empty = (weight_images(np.full((1, 65), w), columns=1) for w in (1.0, -1.0))
        assert self.at(full, ORANGE, (0, 1)) == self.at(empty, BLUE, (0, 1)) == 0
        assert 0 < self.at(empty, ORANGE, (0, 1)) < 0.7 * self.at(full, BLUE, (0, 1))

    def test_the_bias_is_not_drawn_and_a_unit_without_weights_is(self):
        alpha = np.zeros((3, 65))
        alpha[:, 0] = 7
        assert self.at(weight_images(alpha), BLUE, (0, 1)) == 0

    @pytest.mark.parametrize("shape", [(0, 65), (3, 64), (65,)])
    def test_other_shapes_are_refused(self, shape):
        with pytest.raises(ValueError, match=r"alpha must have shape \(M, 65\)"):
            weight_images(np.zeros(shape))
