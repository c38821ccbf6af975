"""What stands in a drawing, and how large it is: measured with the font, not as panels do it."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import matplotlib
from PIL import ImageFont

SVG = "{http://www.w3.org/2000/svg}"


class Words(NamedTuple):
    """A line of text and its box."""

    words: str
    size: float
    left: float
    top: float
    right: float
    bottom: float


@cache
def font(bold):
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", name)), 1000)


def wide(words, size, *, bold=False):
    return font(bold).getlength(words) * size / 1000


def words_of(part):
    """The box of a text, which is not turned, where its element puts it."""
    size = float(part.get("font-size", 13))
    width = wide(part.text, size, bold=part.get("font-weight") == "bold")
    share = {"start": 0, "middle": 0.5, "end": 1}[part.get("text-anchor", "start")]
    left, y = float(part.get("x")) - share * width, float(part.get("y"))
    return Words(part.text, size, left, y - 0.76 * size, left + width, y + 0.24 * size)


def all_words(svg):
    """All lines of text that are not turned, moved as the groups around them say."""

    def inside(element, x, y):
        for part in element:
            moved = re.match(r"translate\((\S+) (\S+)\)", part.get("transform", ""))
            dx, dy = map(float, moved.groups()) if moved else (0.0, 0.0)
            if part.tag == f"{SVG}text" and "rotate" not in part.get("transform", ""):
                at = words_of(part)
                yield at._replace(
                    left=at.left + x, right=at.right + x, top=at.top + y, bottom=at.bottom + y
                )
            yield from inside(part, x + dx, y + dy)

    return list(inside(ElementTree.fromstring(svg), 0.0, 0.0))


def meet(one, other, by=0.5):
    """Whether two boxes (left, top, right, bottom) share more than this much both ways."""
    return all(
        min(one[side + 2], other[side + 2]) - max(one[side], other[side]) > by for side in (0, 1)
    )
