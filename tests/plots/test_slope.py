"""The figure of section 0 says in words which slopes its lines have, and they are right."""

import re

import pytest

from bplab.plots import chords


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
