import base64
import json
import re
from xml.etree import ElementTree

import pytest

from bplab.widgets.kit.svg import SvgView, group, hatching, line, number, rect, short, text

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def view():
    view = SvgView(200, 100)
    view.draw(line(0, 0, 9, 9), group(text(5, 5, "a < b"), title='"1 & 2"', sets=("show", "x1")))
    view.show('a "drawing" & more', spoken={"slider": '"2" <'}, onload="name('<panel>')")
    return view


def test_it_has_a_name_a_size_and_no_tip_of_its_own(view):
    drawing = ElementTree.fromstring(view.svg())
    assert drawing.attrib["role"] == "img"
    assert drawing.attrib["aria-label"] == view.alt == 'a "drawing" & more'
    assert drawing.attrib["viewBox"] == "0 0 200 100"
    assert "max-width:100%" in drawing.attrib["style"]
    assert drawing.find(f"{SVG}title") is None
    assert float(drawing.attrib["font-size"]) >= 12


def test_shown_inline_with_the_script_of_the_panel(view):
    page = ElementTree.fromstring(re.sub(r"(<img[^>]*)>", r"\1/>", view.widget.value))
    drawing, dot = page
    assert drawing.tag == f"{SVG}svg"
    assert json.loads(page.attrib["data-spoken"]) == {"slider": '"2" <'}
    assert dot.attrib["onload"] == "name('<panel>')"
    assert dot.attrib["alt"] == ""  # an ornament: the drawing itself is named


def test_a_picture_without_a_script_loads_nothing(view):
    view.show("a drawing")
    (drawing,) = ElementTree.fromstring(view.widget.value)
    assert drawing.tag == f"{SVG}svg"


def test_parts_say_their_value_and_set_a_control(view):
    part = ElementTree.fromstring(view.svg()).find(f"{SVG}g")
    assert part.attrib["data-title"] == '"1 & 2"'
    assert part.find(f"{SVG}text").text == "a < b"
    assert part.attrib["data-control"] == "show"
    assert part.attrib["data-value"] == "x1"


def test_the_still_is_the_same_drawing_without_a_script(view):
    still = view.html()
    assert "onload" not in still
    assert 'alt="a &quot;drawing&quot; &amp; more"' in still
    data = re.search(r"data:image/svg\+xml;base64,([^\"]+)", still)[1]
    shown = ElementTree.fromstring(base64.b64decode(data).decode())
    whole = ElementTree.fromstring(view.svg())
    assert [part.tag for part in shown.iter()] == [part.tag for part in whole.iter()]
    assert "".join(shown.itertext()) == "".join(whole.itertext())
    assert not any(name.startswith("data-") for part in shown.iter() for name in part.attrib)


def test_names_of_parts_are_not_shared():
    assert SvgView(1, 1).id != SvgView(1, 1).id


def test_shapes_are_well_formed():
    parts = [
        rect(0, 1, 2, 3, fill="url(#h)", stroke_width=2),
        hatching("h", "#d55e00"),
        text(1, 2, "x", halo=True),
    ]
    rectangle, defs, words = ElementTree.fromstring(f"<g>{''.join(parts)}</g>")
    assert rectangle.attrib["stroke-width"] == "2"
    assert defs.find("pattern").attrib["id"] == "h"
    assert words.attrib["paint-order"] == "stroke"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-1.25, "−1.25"),
        (0.123456, "0.123"),
        (1234.5, "1.23e+03"),
        (0.00012345, "1.23e−4"),
        (-5e-10, "−5.00e−10"),
    ],
)
def test_numbers(value, shown):
    assert number(value) == shown


def test_short_numbers():
    assert short(-0.00012345) == "−1.2e−4"
    assert short(0.12345) == "0.123"
