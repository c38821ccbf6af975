import base64
import html
import re
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

import bplab
from bplab.widgets import read_digit
from bplab.widgets.kit.svg import INK
from bplab.widgets.read_digit.figure import share
from bplab.widgets.read_digit.pretrained import pretrained
from tests.widgets.reading import (
    leaves_nothing_behind,
    names_every_control,
    without_end,
    words,
)

SVG = "{http://www.w3.org/2000/svg}"
SEVEN = "50.30-150.22-115.100-90.180_75.105-145.98"
EIGHT = "100.100-70.60-100.20-130.60-100.100-65.145-100.185-135.145-100.100"


def parts(panel, tag):
    return [*ElementTree.fromstring(panel.canvas.svg()).iter(f"{SVG}{tag}")]


def texts(panel):
    return [part.text for part in parts(panel, "text")]


def own(images):
    return pretrained()(images)


def by_pixels(images, k):
    return pretrained().by_pixels(images, k)


def drawn(panel, text):
    """As the page does it."""
    panel.controls["drawing"].widget.value = text


class TestPanel:
    def test_a_drawing_is_read(self):
        panel = read_digit()
        assert panel.shown.answer == 3
        assert "It reads: a 3, 99 %." in words(panel)
        drawn(panel, SEVEN)
        assert panel.shown.answer == 7
        assert "It reads: a 7, > 99 %. Next comes a" in words(panel)
        np.testing.assert_array_equal(panel.shown.outputs, own(panel.shown.image[None])[0])
        drawn(panel, EIGHT)
        assert "It reads: an 8" in words(panel)
        assert "more ink here: an 8?" in texts(read_digit(gradient=True, state=panel.state))

    def test_what_stands_in_the_picture(self):
        panel = read_digit(state=f"drawing={SEVEN}")
        shown = panel.shown
        assert [share(f) for f in shown.outputs] == [t for t in texts(panel) if "%" in t]
        assert texts(panel).count("7") == 2  # its bar, and the answer in large
        inks = [p for p in parts(panel, "rect") if p.get("fill") == INK]
        assert [float(p.get("fill-opacity")) for p in inks] == pytest.approx(shown.image, abs=0.006)
        for name, value in zip(range(10), shown.outputs, strict=True):
            assert f"{name}: {share(value)}" in panel.canvas.alt

    def test_empty(self):
        panel = read_digit()
        panel.clear_button.click()
        assert panel.state == "drawing="
        assert panel.shown is None
        assert "Nothing is drawn: draw a digit in the frame." in words(panel)
        assert "Space puts it down or lifts it" in words(panel)
        assert not any("%" in text for text in texts(panel))
        assert read_digit(state="drawing=").canvas.alt == panel.canvas.alt

    def test_it_says_when_it_is_not_sure(self):
        panel = read_digit()
        assert "Not sure" not in words(panel)
        panel.preset_buttons["a face"].click()
        assert panel.shown.outputs.max() < 0.6
        assert "Not sure: no digit gets more than 60 %." in words(panel)

    def test_an_example_is_misread(self):
        panel = read_digit()
        panel.preset_buttons["4 or 9?"].click()
        assert panel.shown.answer == 9
        assert "“4 or 9?”" in panel.canvas.alt

    def test_state_there_and_back(self):
        panel = read_digit(gradient=True, state=f"drawing={SEVEN},digit=4")
        assert panel.state == f"drawing={SEVEN},digit=4"
        twin = read_digit(gradient=True, state=panel.state)
        assert twin.canvas.alt == panel.canvas.alt
        drawn(panel, EIGHT)
        panel.controls["digit"].value = "its answer"
        panel.reset_button.click()
        assert panel.state == twin.state
        with pytest.raises(ValueError, match="drawing must hold points"):
            read_digit(state="drawing=abc")
        with pytest.raises(ValueError, match="lie from 0 to 200"):
            panel.state = "drawing=201.7"

    @pytest.mark.parametrize("text", ["abc", "1.2-", "999.1", "1.2," * 9])
    def test_nonsense_from_the_page_is_said_and_the_panel_lives_on(self, text):
        panel = read_digit()
        drawn(panel, text)
        assert "not shown:" in words(panel)
        assert re.search("drawing must hold points|points of a drawing lie", words(panel))
        assert texts(panel) == ["nothing to show"]
        drawn(panel, SEVEN)
        assert "It reads: a 7" in words(panel)
        drawn(panel, text)
        panel.reset_button.click()
        assert "It reads: a 3" in words(panel)


class TestWhy:
    def test_what_speaks_for_the_answer(self):
        panel = read_digit(gradient=True, state=f"drawing={SEVEN}")
        why = panel.shown.why
        assert why.digit == 7
        np.testing.assert_allclose(why.slopes, why.differences, atol=1e-9)
        assert "they agree with the gradient in all 64 pixels" in words(panel)
        row, column = divmod(int(why.slopes.argmax()), 8)
        assert f"more ink in row {row + 1}, column {column + 1} speaks most for a 7" in words(panel)
        assert "more ink here: a 7?" in texts(panel)
        # told by hatching too, not by colour alone; one more in the legend
        hatched = [r for r in parts(panel, "rect") if "url" in r.get("fill", "")]
        assert len(hatched) == (why.slopes <= 0).sum() + 1

    def test_of_another_digit(self):
        panel = read_digit(gradient=True)
        panel.controls["digit"].value = "5"
        assert panel.shown.answer == 3
        assert panel.shown.why.digit == 5
        assert "more ink here: a 5?" in texts(panel)
        np.testing.assert_array_equal(
            panel.shown.why.slopes, by_pixels(panel.shown.image[None], 5)[0]
        )

    def test_where_more_ink_speaks_for_it_more_ink_makes_it_likelier(self):
        panel = read_digit(gradient=True)
        image, slopes = panel.shown.image, panel.shown.why.slopes
        step = 1e-3 * slopes / abs(slopes).max()
        assert own((image + step)[None])[0, 3] > panel.shown.outputs[3]
        assert own((image - step)[None])[0, 3] < panel.shown.outputs[3]

    def test_without_a_gradient_there_is_none(self):
        for panel in (read_digit(), read_digit(gradient=False), read_digit(own)):
            assert panel.shown.why is None
            assert "digit" not in panel.controls
            assert "Why" not in words(panel)

    def test_the_learners_own(self):
        panel = read_digit(own, gradient=by_pixels)
        assert "they agree with your gradient in all 64 pixels" in words(panel)

        def wrong(images, k):
            slopes = by_pixels(images, k).copy()
            slopes[0, 36] *= -1
            return slopes

        panel = read_digit(own, gradient=wrong)
        assert "do not agree with your gradient in 1 of 64 pixels (✕), worst row 5" in words(panel)
        assert texts(panel).count("✕") == 1

    @pytest.mark.parametrize("drawing", [SEVEN, EIGHT])
    def test_a_network_in_single_precision(self, drawing):
        def coarse(images):
            return own(images).astype(np.float32)

        def said(sign):
            slopes = lambda images, k: sign * by_pixels(images, k)  # noqa: E731
            return words(read_digit(coarse, gradient=slopes, state=f"drawing={drawing}"))

        assert "in all 64 pixels, as far as its rounding shows." in said(1)
        assert "do not agree" in said(-1)

    def test_slopes_that_rounding_hides_are_neither_right_nor_wrong(self):
        panel = read_digit(
            lambda images: own(images).astype(np.float16),
            gradient=lambda images, k: 3 * by_pixels(images, k),
            state=f"drawing={SEVEN}",
        )
        assert "its rounding hides every slope" in words(panel)

    def test_no_slope_at_all(self):
        panel = read_digit(
            lambda images: np.tile(np.eye(10)[4], (len(images), 1)),
            gradient=lambda images, k: 0 * images,
        )
        assert "no pixel makes a 4 more or less likely here" in words(panel)
        assert "they agree" in words(panel)


class TestLearner:
    def test_outputs_whose_sum_is_no_number_print_no_warning(self, recwarn):
        panel = read_digit(lambda images: np.full((len(images), 10), 1e308))
        assert "No probabilities: Your outputs sum to " in words(panel)
        assert not [said for said in recwarn if issubclass(said.category, RuntimeWarning)]

    def test_outputs_that_are_no_probabilities(self):
        panel = read_digit(lambda images: 3 * own(images))
        assert "No probabilities: Your outputs sum to 3, the smallest is" in words(panel)
        panel = read_digit(lambda images: images[:, :10] - 0.5)
        assert "No probabilities" in words(panel)

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (lambda images: bplab.todo(), "not written"),
            (lambda images: images @ images, "ValueError: matmul"),
            (lambda images: images.sort(), "Your network writes into the images.*Work on a copy"),
            (lambda images: None, "returns nothing"),
            (lambda images: own(images).argmax(axis=1), r"has shape \(1,\).*the ten outputs"),
            (lambda images: own(images)[0], r"has shape \(10,\); right is \(1, 10\)"),
            (lambda images: own(images).T, r"has shape \(10, 1\)"),
            (lambda images: own(images).astype(str), "must hold real numbers"),
            (lambda images: own(images) * np.nan, "not finite"),
        ],
    )
    def test_a_bad_network_is_named_and_the_panel_lives_on(self, bad, message):
        function = bad
        panel = read_digit(lambda images: function(images))
        assert panel.shown is None
        assert re.search(message, words(panel))
        assert re.search(message, panel.canvas.alt)
        assert texts(panel) == ["nothing to show"]
        function = own
        panel.reset_button.click()
        assert "It reads: a 3" in words(panel)

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (lambda images, k: bplab.todo(), "not written"),
            (lambda images, k: None, "returns nothing"),
            (lambda images, k: by_pixels(images, k)[0], r"Your gradient has shape \(64,\)"),
            (lambda images, k: by_pixels(images, k)[:, :10], "a derivative for each of the 64"),
            (lambda images: images, "TypeError"),
        ],
    )
    def test_a_bad_gradient_is_named(self, bad, message):
        assert re.search(message, words(read_digit(own, gradient=bad)))

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"network": 3}, "network must be a function network"),
            ({"network": own(np.zeros((1, 64)))}, "given without calling it; got ndarray"),
            ({"gradient": 3}, "gradient must be a function gradient"),
            ({"network": own, "gradient": True}, "gradient=True is for the network that comes"),
            ({"state": 3}, "state must be a string"),
        ],
    )
    def test_bad_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            read_digit(**arguments)

    def test_a_slow_network_is_given_up(self, monkeypatch):
        monkeypatch.setattr(sys.modules["bplab.widgets.read_digit.model"], "SECONDS", 0)
        assert "Your network is slow" in words(read_digit(own))

    def test_a_network_without_an_end_is_stopped(self, monkeypatch):
        monkeypatch.setattr(sys.modules["bplab.widgets.read_digit.model"], "SECONDS", 0.02)
        assert "still running after 0.02 seconds" in words(read_digit(without_end))


@pytest.mark.parametrize(
    ("output", "said"),
    [
        *[(0, "0 %"), (0.004, "< 1 %"), (0.5, "50 %"), (0.994, "> 99 %"), (1, "100 %")],
        *[(-0.5, "−0.5"), (2, "2")],
    ],
)
def test_share(output, said):
    assert share(output) == said


@pytest.mark.parametrize("gradient", [None, True])
def test_manners(gradient):
    panel = read_digit(gradient=gradient)
    names_every_control(panel)
    bundle = panel._repr_mimebundle_()
    assert bundle["text/plain"] == panel.canvas.alt
    assert "onload" not in bundle["text/html"]
    leaves_nothing_behind(lambda: read_digit(gradient=gradient))


def test_the_still_shows_drawing_and_answer():
    panel = read_digit(state=f"drawing={SEVEN}")
    still = panel._repr_mimebundle_()["text/html"]
    alt = html.unescape(re.search(r'<img alt="([^"]+)"', still)[1])
    assert alt == panel.canvas.alt
    svg = base64.b64decode(re.search(r"base64,([^\"]+)", still)[1]).decode()
    lines = ElementTree.fromstring(svg).iter(f"{SVG}polyline")
    points = [line.get("points") for line in lines]
    assert points[0].startswith("50.0,30.0 150.0,22.0")
    assert len(points) == 2
