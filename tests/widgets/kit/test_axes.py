import numpy as np
import pytest

from bplab.widgets.kit.axes import LossAxes, Reach
from bplab.widgets.kit.svg import Box

BOX = Box(50, 20, 300, 120)


@pytest.mark.parametrize("low", [-3, 0, 2])
def test_decades_are_equally_far_apart_from_the_lower_end_to_the_upper(low):
    axes = LossAxes(BOX, Reach(100, low, low + 3), 100)
    np.testing.assert_allclose(axes.heights(10.0 ** np.arange(low, low + 4)), [140, 100, 60, 20])


def test_a_loss_beyond_the_ends_is_on_them_and_nan_at_the_top():
    axes = LossAxes(BOX, Reach(100, -3, 1), 100)
    np.testing.assert_array_equal(
        axes.heights([0, 1e-9, 1e9, np.inf, np.nan]), [140, 140, *[20] * 3]
    )


def test_epochs_go_from_the_left_end_to_the_right():
    assert LossAxes(BOX, Reach(100, -3, 1), 100).across([0, 50, 100]).tolist() == [50, 200, 350]
