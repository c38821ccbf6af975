import numpy as np
import pytest

from bplab.training import jumps, still_falling, times, updates_with_numbers


@pytest.mark.parametrize(
    ("losses", "updates"),
    [([3, 2, 1], None), ([3, np.inf], 1), ([3, 2, np.nan, 1], 2), ([np.nan], 0), ([3], None)],
)
def test_how_many_updates_the_loss_survives(losses, updates):
    assert updates_with_numbers(np.array(losses, float)) == updates


def test_a_rise_by_more_than_one_per_cent_is_a_jump():
    np.testing.assert_array_equal(jumps(np.array([100, 101, 103, 50, 50.4, 51])), [1, 4])
    assert jumps(np.array([3.0])).size == 0


@pytest.mark.parametrize(
    ("last_tenth", "falling"), [([50, 49.6], False), ([50, 49.4], True), ([50, 51], False)]
)
def test_falling_is_more_than_one_per_cent_in_the_last_tenth(last_tenth, falling):
    losses = np.r_[np.linspace(100, 50, 10), last_tenth[1:]]  # ten epochs
    assert still_falling(losses) is falling


def test_a_fall_before_the_last_tenth_does_not_count():
    assert not still_falling(np.r_[np.linspace(100, 50, 91), np.full(10, 50.0)])


def test_one_is_one():
    assert [times(n, "epoch") for n in (0, 1, 2)] == ["0 epochs", "1 epoch", "2 epochs"]
