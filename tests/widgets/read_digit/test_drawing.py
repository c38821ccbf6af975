import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import digits
from bplab.widgets.read_digit.drawing import (
    DARK,
    LONGEST,
    MOST,
    SIDE,
    image_of,
    read_strokes,
    write_strokes,
)
from tests.widgets.read_digit.hands import HANDS, on_the_page

number = st.integers(0, SIDE)
stroke = st.lists(st.tuples(number, number), min_size=1, max_size=40)
drawing = st.lists(stroke, min_size=1, max_size=8)


def arrays(strokes):
    return [np.array(points) for points in strokes]


def shown(text):
    return image_of(read_strokes(text)).reshape(8, 8)


class TestText:
    @given(st.lists(stroke, max_size=8))
    def test_there_and_back(self, strokes):
        found = read_strokes(write_strokes(strokes))
        assert [points.tolist() for points in found] == [[list(p) for p in s] for s in strokes]

    @pytest.mark.parametrize(
        "text",
        [
            *("x", "1", "1.", "1.2-", "1.2__3.4", "1.2,3.4", "-1.5", "1.-5", "1.2.3", "1.2 3.4"),
            *("1e1.2", "1.2\n", "_", "0001.2", "١.2", None, 7),
        ],
    )
    def test_what_is_no_drawing_is_said(self, text):
        with pytest.raises(ValueError, match="drawing must hold points such as"):
            read_strokes(text)

    def test_points_outside_the_frame_are_refused(self):
        read_strokes(f"0.0-{SIDE}.{SIDE}")
        with pytest.raises(ValueError, match=f"lie from 0 to {SIDE}; one has {SIDE + 1}"):
            read_strokes(f"1.2-3.{SIDE + 1}")

    def test_a_drawing_without_an_end_is_refused_in_a_short_sentence(self):
        with pytest.raises(ValueError, match="at most 200,000 characters") as said:
            read_strokes("100.100-" * (LONGEST // 8) + "1.2")
        assert len(str(said.value)) < 300


class TestImage:
    def test_nothing_is_white(self):
        assert not image_of([]).any()

    @given(drawing)
    def test_pixels_count_sixteenths_and_there_is_ink(self, strokes):
        image = image_of(arrays(strokes))
        assert image.shape == (64,)
        assert (image * 16 == np.round(image * 16)).all()
        assert image.sum() > 0
        assert 0 <= image.min() <= image.max() <= 1

    @given(drawing, st.integers(0, 50), st.integers(0, 50))
    def test_where_it_lies_makes_no_difference(self, strokes, right, down):
        moved = [points + np.array([right, down]) for points in arrays(strokes)]
        np.testing.assert_array_equal(image_of(moved), image_of(arrays(strokes)))

    @given(drawing)
    def test_the_order_of_strokes_makes_no_difference(self, strokes):
        other = [points[::-1] for points in arrays(strokes)[::-1]]
        np.testing.assert_allclose(image_of(other), image_of(arrays(strokes)), atol=1 / 16)

    @pytest.mark.parametrize("by", [2, 3, 5])
    def test_how_large_it_is_makes_no_difference(self, by):
        small = arrays([[(0, 0), (20, 5), (8, 40)], [(5, 20), (18, 20)]])
        np.testing.assert_array_equal(image_of([by * s for s in small]), image_of(small))

    def test_a_dot_is_a_disc_in_the_middle(self):
        image = shown("31.170")
        np.testing.assert_array_equal(image, image[::-1])
        np.testing.assert_array_equal(image, image.T)
        assert image[3:5, 3:5].all()
        assert not image[[0, 1, 6, 7]].any()

    def test_an_upright_line_is_narrow_and_as_high_as_the_image(self):
        image = shown("90.20-90.190")
        assert image[:, 3:5].min() > 0.8
        assert not image[:, [0, 1, 6, 7]].any()

    def test_a_level_line_is_wide_and_not_stretched_to_the_full_height(self):
        image = shown("20.60-180.60")
        assert image[3:5, 2:6].all()
        assert not image[[0, 7]].any()

    def test_x_goes_to_the_right_and_y_down(self):
        image = shown("20.20-20.180-180.180")  # an L
        assert image[0, :4].sum() > 1 > image[0, 4:].sum()
        assert image[7].sum() > 2 * image[0].sum()

    @pytest.mark.parametrize("hand", HANDS)
    def test_all_digits_have_as_much_ink_as_those_of_the_data(self, hand):
        ink = digits().X.mean()
        assert ink == pytest.approx(DARK, abs=0.01)
        for strokes in HANDS[hand].values():
            assert image_of(on_the_page(strokes)).mean() == pytest.approx(ink, abs=0.03)

    def test_they_look_like_those_of_the_data(self):
        X, _, digit = digits()
        right = [
            digit[np.square(X - image_of(on_the_page(strokes))).sum(axis=1).argmin()] == k
            for hand in HANDS.values()
            for k, strokes in hand.items()
        ]
        assert np.mean(right) > 0.85  # of the nearest image

    def test_thousands_of_points_are_thinned_and_change_little(self):
        turn = np.linspace(0, 2 * np.pi, 40)
        many = np.linspace(0, 2 * np.pi, 30 * MOST)
        few, thick = (np.stack([np.cos(t), np.sin(t)], 1) * 90 + 100 for t in (turn, many))
        near = image_of([np.round(thick)]) - image_of([np.round(few)])
        assert abs(near).max() <= 3 / 16

    def test_any_number_of_dots_is_taken(self):
        image = image_of([np.array([[x, y]]) for x in range(0, 200, 3) for y in range(0, 200, 3)])
        assert image.sum() > 15
