"""What the page tells a panel: how much room there is, and what has been chosen in the picture."""

import html
import re

import pytest

from bplab.widgets import backward_pass, learning_rate, playground, softmax
from bplab.widgets.kit.svg import INK
from bplab.widgets.kit.theme import DARK, THEMED
from tests.widgets.test_room import PANELS


def field(panel):
    (found,) = (child for child in panel.children if "bplab-page" in child._dom_classes)
    return found


def test_room_and_choices_come_through_a_field_that_is_not_seen():
    panel = playground()
    assert field(panel).layout.display == "none"
    field(panel).value = "1700000000000 room 364"
    assert panel.canvas.width == 364
    field(panel).value = "1700000000001 example 31"
    assert panel.controls["example"].value == 31
    assert "Example 31 (" in panel.table.value
    panel = backward_pass()
    field(panel).value = "1700000000002 show output: unit f2"  # a value with blanks
    assert panel.controls["show"].value == "output: unit f2"


def test_what_no_panel_has_is_not_taken():
    panel = softmax()
    state = panel.state
    field(panel).value = "1 colour red"
    assert panel.state == state
    with pytest.raises(ValueError, match="t1 must be a number from -6 to 6"):
        panel.hear("t1", "77")
    panel.close()
    panel.hear("room", "364")  # a message that comes late


def test_every_example_that_is_drawn_can_be_chosen():
    panel = playground()
    chosen = re.findall(r'data-control="example" data-value="(\d+)"', panel.canvas.svg())
    assert [*map(int, chosen)] == [*range(len(panel.run.examples.X))]


@pytest.mark.parametrize("name", PANELS)
def test_each_colour_of_a_drawing_is_one_that_dark_themes_replace(name):
    import bplab.widgets

    panel = getattr(bplab.widgets, name.split()[0])(**PANELS[name])
    found = set(re.findall(r'(?:fill|stroke)="(white|#\w+)"', panel.canvas.svg()))
    assert INK in found
    assert found <= {*THEMED, *DARK}
    panel.close()


def test_what_folds_away_is_named_and_the_rest_stays():
    panel = playground()
    folded = {n for n, c in panel.controls.items() if "bplab-folds" in c.widget._dom_classes}
    assert {*panel.controls} - folded == set(panel.always)
    assert all("bplab-folds" in b._dom_classes for b in panel.preset_buttons.values())
    assert "bplab-folds" not in panel.play_button._dom_classes
    plain = learning_rate(epochs=2)
    assert "More controls" not in html.unescape(str(plain.children[0].children))
