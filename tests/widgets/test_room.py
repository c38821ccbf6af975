"""Pictures are drawn for the room that there is: letters stay large, and nothing is cut off."""

import re
from itertools import combinations

import pytest

from bplab import widgets
from bplab.widgets.kit.fitted import NARROWEST
from bplab.widgets.kit.svg import SMALLEST
from tests.widgets.measured_text import all_words, meet

PANELS = {
    "activation": {"state": "function=ELU,x=-2"},
    "backward_pass": {"state": "step=6"},
    "learning_rate": {"state": "gamma=0.00123", "epochs": 20},
    "loss_landscape": {"epochs": 20},
    "playground": {"state": "data=penguins,epoch=1234,gamma=0.0001"},
    "read_digit": {"gradient": True},
    "softmax": {"state": "t1=2,t2=1,t3=-2,target=3"},
    "softmax of 4": {"K": 4},
    "step_size": {"h": 1e-9},
    "vanishing_gradients": {"state": "depth=12,sigma=tanh,scale=1,bias=-2"},
}
ROOMS = (NARROWEST, 364, 480, 620, 2000)


@pytest.fixture(params=PANELS, scope="module")
def panel(request):
    """One panel for all that is asked of it: of the tests the last one resets it."""
    panel = getattr(widgets, request.param.split()[0])(**PANELS[request.param])
    if control := {"learning_rate": "gamma"}.get(request.param):
        panel.controls[control].value = 0.00126  # nearly the same: labels come close
    yield panel
    panel.close()


def test_letters_are_large_and_all_inside_and_on_no_other(panel):
    for room in ROOMS:
        panel.fit(room)
        view = panel.canvas
        assert view.width == min(room, panel.figure.widest)
        shown = all_words(view.svg())
        assert len(shown) > 4
        for words in shown:
            assert words.size >= SMALLEST, words
            assert words.left >= -1, words
            assert words.right <= view.width + 1, words
            assert 0 <= words.top <= words.bottom <= view.height, words
        boxes = [(*words[2:], words.words) for words in shown]
        met = [(a[4], b[4]) for a, b in combinations(boxes, 2) if meet(a, b, by=2)]
        assert met == [], room


def test_the_picture_alone_is_new_where_there_is_other_room(panel):
    readout, alt, state = panel.readout.value, panel.canvas.alt, panel.state
    wide = panel.canvas.svg()
    said = [getattr(panel, name, None) for name in ("previous", "run", "norms", "path", "shown")]
    panel.hear("room", "364")
    narrow = panel.canvas.svg()
    other = narrow != wide  # of drawings pytest would look for the differences for minutes
    assert other
    assert (panel.readout.value, panel.canvas.alt, panel.state) == (readout, alt, state)
    now = [getattr(panel, name, None) for name in ("previous", "run", "norms", "path", "shown")]
    assert all(a is b for a, b in zip(now, said, strict=True))
    panel.hear("room", "9999")
    same = panel.canvas.svg() == wide
    assert same


def test_a_description_holds_whether_plots_stand_beside_or_below_each_other(panel):
    assert not re.search(r"\b(left|right)[:,]", panel.canvas.alt, re.IGNORECASE)


def test_a_move_is_drawn_for_the_same_room(panel):
    panel.fit(364)
    panel.reset()
    assert panel.canvas.width == 364
    assert 'width="364"' in panel.canvas.html() or "read_digit" in type(panel).__module__


@pytest.mark.parametrize("fails", ["activation", "learning_rate", "playground", "softmax"])
def test_an_error_is_fitted_too(fails):
    panel = getattr(widgets, fails)(lambda *_: None)
    panel.fit(364)
    assert panel.canvas.width == 364
    assert "press" in panel.canvas.alt.lower() or "Nothing" in panel.canvas.alt
    panel.close()
