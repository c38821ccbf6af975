"""Figures of one weight say in words what they show, and it is right."""

import re

import numpy as np
import pytest

from bplab.plots import chords, descent_paths, tangent_step


def R(w):
    return (w - 1) ** 2


def slope(w):
    return 2 * (w - 1)


def number(words, text):
    return float(re.search(rf"{words} (−?\d+(?:\.\d+)?)", text)[1].replace("−", "-"))


@pytest.mark.parametrize("weight", [3.0, -1.0])
def test_the_step_goes_against_the_slope(weight):
    alt = tangent_step(R, slope, weight, 0.25, span=(-2, 4)).alt
    assert number("slope", alt) == slope(weight)
    assert number("the step is", alt) == -0.25 * slope(weight)
    assert number("axis to w =", alt) == weight - 0.25 * slope(weight)
    assert number("where R is", alt) == pytest.approx(R(weight - 0.25 * slope(weight)))


def test_each_path_is_told_apart_in_words():
    rates = {"small": 0.1, "right past it": 0.8, "far": 1.3}
    alt = descent_paths(R, slope, 3.0, rates, steps=4, span=(-2, 4)).alt
    w = 1 + 2 * (1 - 2 * np.array([0.1, 0.8])) ** 4
    assert f"small: from one side, after 4 steps w is {w[0]:.3g};" in alt
    assert f"right past it: from side to side, after 4 steps w is {w[1]:.3g};" in alt
    assert "far: from side to side, step 1 leaves the picture." in alt


def test_a_rate_may_change_from_step_to_step():
    alt = descent_paths(R, slope, 3.0, {"both": [0.25, 0.5]}, steps=2, span=(-2, 4)).alt
    assert "both: from one side, after 2 steps w is 1." in alt


def test_what_cannot_be_drawn_is_named():
    with pytest.raises(ValueError, match="must hold 2, one a step; got 3"):
        descent_paths(R, slope, 3.0, {"a": [0.1, 0.1, 0.1]}, steps=2, span=(-2, 4))
    for rates in ({}, dict.fromkeys("abcd", 0.1)):
        with pytest.raises(ValueError, match=f"1 to 3 learning rates; got {len(rates)}"):
            descent_paths(R, slope, 3.0, rates, steps=2, span=(-2, 4))


def test_the_slopes_it_names_are_those_of_the_lines():
    picture = chords(lambda w: w**2, 3, (3, 1.5, -0.5), span=(0, 6))
    named = re.findall(r"h = (\S+) its slope is ([\d.]+?)(?:;|\.$)", picture.alt)
    slopes = {float(h): float(slope) for h, slope in named}
    assert slopes == {h: 6 + h for h in (3, 1.5, -0.5)}
    assert picture.png.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize("steps", [(), (1, 2, 3, 4)])
def test_too_few_or_too_many_steps_are_refused(steps):
    with pytest.raises(ValueError, match="1 to 3 numbers"):
        chords(abs, 1, steps, span=(0, 2))
