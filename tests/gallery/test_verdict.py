"""Verdicts on made-up curves, on both sides of every threshold."""

import numpy as np
import pytest

from bplab.gallery.verdict import Kind, judge, number, refused

RIGHT = np.geomspace(100, 1, 101)  # falls by 4.5 % an epoch


def bent(end, *, flat=30):
    """A curve from 100 to ``end`` that stands for the last ``flat`` epochs."""
    return np.concatenate([np.geomspace(100, end, 101 - flat), np.full(flat, float(end))])


def waves(end, high, low):
    curve = np.full(101, float(low))
    curve[0], curve[2::2], curve[-1] = 100, high, end
    return curve


@pytest.mark.parametrize(
    ("losses", "kind"),
    [
        (np.array([100, 120, np.inf]), Kind.BLOWS_UP),
        (np.array([100, 90, np.nan]), Kind.BLOWS_UP),
        (np.array([np.nan]), Kind.BLOWS_UP),
        (np.full(101, 100.0), Kind.NEVER),
        (np.linspace(100, 99.91, 101), Kind.NEVER),
        (np.linspace(100, 100.09, 101), Kind.NEVER),
        (np.linspace(100, 99.89, 101), Kind.HARDLY),
        (np.linspace(100, 100.11, 101), Kind.CLIMBS),
        (np.linspace(100, 500, 101), Kind.CLIMBS),
        (np.geomspace(100, 90.1, 101), Kind.HARDLY),
        (np.geomspace(100, 89.9, 101), Kind.SLOWER),
        (bent(89.9), Kind.WORSE),
        (waves(100, 150, 40), Kind.HARDLY),  # back where it began, after much movement
        (waves(150, 150, 40), Kind.BACK),  # half of its epochs are below the start
        (np.r_[100, np.full(24, 60), np.full(76, 150)], Kind.CLIMBS),
        (np.r_[100, np.full(25, 60), np.full(75, 150)], Kind.BACK),
        (waves(40, 60, 20), Kind.WORSE),
        (np.geomspace(100, 1.06, 101), Kind.SLOWER),
        (np.geomspace(100, 1.04, 101), Kind.SAME),
        (bent(1.04, flat=1), Kind.SAME),
        (np.geomspace(100, 0.96, 101), Kind.SAME),
        (np.geomspace(100, 0.94, 101), Kind.FASTER),
        (bent(2), Kind.WORSE),
        (RIGHT * np.r_[1, np.full(99, 1.4), 1], Kind.SAME),
        (RIGHT * np.r_[1, np.full(99, 1.6), 1], Kind.SLOWER),
        (RIGHT, Kind.SAME),
    ],
)
def test_the_verdict_on_a_curve(losses, kind):
    assert judge(losses, RIGHT).kind is kind


@pytest.mark.parametrize(
    ("losses", "words"),
    [
        (np.array([100, 120, np.inf]), "blows up: after 2 updates the loss is no longer finite."),
        (np.full(101, 100.0), "never learns: the loss stays at 100 in all 100 epochs."),
        (np.linspace(100, 500, 101), "climbs: the loss goes up, from 100 to 500;"),
        (
            waves(150, 150, 40),
            "up again: after 50 of 100 epochs the loss is below its start, but it gets from 100 to",
        ),
        (np.geomspace(100, 10, 101), "the loss is 10 and still falling; the right one is there"),
        (np.geomspace(100, 10, 101), "there after 50 epochs."),
        (bent(2), "learns, but to a worse end: it ends at 2, 2 times the right one's 1."),
        (np.geomspace(100, 0.5, 101), "faster: it ends at 0.5, the right one at 1; the curve does"),
        (np.geomspace(100, 1.04, 101), "here: it ends at 1.04, the right one at 1; the curve does"),
        (RIGHT, "the two curves are one; the curve does not give it away, only the check does."),
        (waves(40, 60, 20), "; on the way it jumps up 50 times; after 1 epoch it was down at 20."),
        (
            RIGHT * np.r_[np.ones(50), 2, np.ones(50)],
            "after 50 epochs its loss is 20, the right one's 10; in the end they are 1 and 1;",
        ),
    ],
)
def test_the_words_hold_the_numbers(losses, words):
    assert words in str(judge(losses, RIGHT))


def test_a_curve_that_starts_elsewhere_is_judged_by_its_own_start():
    assert judge(np.full(101, 300.0), RIGHT).kind is Kind.NEVER
    slow = judge(np.geomspace(300, 150, 101), RIGHT)
    assert slow.kind is Kind.SLOWER
    assert "the right one is there" not in str(slow)  # it never was as high


def test_a_refusal_says_when():
    assert str(refused("it returns nothing", 0)) == "does not run: it returns nothing."
    assert str(refused("it returns nothing", 1)) == (
        "does not run: after 1 update it returns nothing."
    )
    assert str(refused("it raises ValueError: on and …", 0)).endswith("on and …")


def test_a_loss_of_zero_can_be_compared():
    assert judge(np.array([4.0, 1.0, 0.5]), np.array([4.0, 1.0, 0.0])).kind is Kind.SLOWER
    assert judge(np.array([4.0, 1.0, 0.0]), np.array([4.0, 1.0, 0.0])).kind is Kind.SAME


@pytest.mark.parametrize(
    ("x", "text"), [(1012.3, "1012"), (236.4, "236"), (4.921, "4.92"), (0.00353, "0.00353")]
)
def test_numbers_are_short(x, text):
    assert number(x) == text
