"""How wide text is, and where a label goes."""

import string

import pytest

from bplab.widgets.kit.svg import SMALLEST, Box, place, size_for, width_of
from tests.widgets.measured_text import wide

SHOWN = [
    "s₂⁽¹⁾ = −0.0758",
    "−0.161·(−0.735)",
    "∂R/∂α₃₁⁽²⁾ = 1.2e−4",
    "step 6 of 9: send back, to layer 1 ←",
    "mean loss, R(θ)/N ≠ ∞ Σ √ ✕ ✓",
    "← h too small: rounding",
    *string.ascii_letters,
    *string.digits,
    *string.punctuation,
]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("words", SHOWN)
def test_text_is_not_wider_than_it_is_said_to_be_and_not_much_narrower(words, bold):
    said, true = width_of(words, 13, bold=bold), wide(words, 13, bold=bold)
    few = len(words) == 1  # a bold i is wider than others; words even that out
    assert true <= said * (1.1 if few else 1.0) + 0.1
    assert said <= 1.25 * true


def test_letters_shrink_to_what_there_is_room_for_but_not_until_nobody_reads_them():
    words = "δ, whole Jacobian"
    assert size_for(words, 500, 13) == 13
    room = wide(words, 12)
    assert SMALLEST < size_for(words, room, 13) < 12.01
    assert wide(words, size_for(words, room, 13)) <= room
    assert size_for(words, 10, 13) == SMALLEST


class TestPlace:
    INSIDE = Box(0, 0, 100, 100)

    def test_the_first_that_meets_nothing(self):
        spots = [Box(x, 0, 20, 10) for x in (0, 15, 30, 45)]
        assert place(spots, [], self.INSIDE) == spots[0]
        assert place(spots, [Box(0, 0, 31, 10)], self.INSIDE) == spots[3]

    def test_inside_rather_than_outside(self):
        spots = [Box(90, 0, 20, 10), Box(70, 0, 20, 10)]
        assert place(spots, [], self.INSIDE) == spots[1]

    def test_if_all_meet_something_the_one_that_meets_least(self):
        spots = [Box(0, 0, 20, 10), Box(0, 7, 20, 10), Box(0, 3, 20, 10)]
        assert place(spots, [Box(0, 0, 100, 10)], self.INSIDE) == spots[1]
