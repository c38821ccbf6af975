"""How many files one has to read to follow a move of a slider to its picture."""

import sys
import threading
from pathlib import Path

import pytest

import bplab
from bplab import widgets

PACKAGE = str(Path(bplab.__file__).parent)
DOOR = "languages/door.py"
"""Every text leaves through it; in English, as it came."""


def entered(act):
    """The modules of bplab of which a function is called in ``act``."""
    modules = set()

    def note(frame, event, argument):
        code = frame.f_code
        if event == "call" and code.co_name != "<module>" and code.co_filename.startswith(PACKAGE):
            modules.add(code.co_filename.removeprefix(f"{PACKAGE}/"))

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return modules - {DOOR}


@pytest.mark.parametrize(
    ("name", "control", "value", "most"),
    [
        ("learning_rate", "gamma", 0.01, 12),
        ("softmax", "t1", 2.0, 8),
        ("activation", "x", 2.0, 8),
        ("step_size", "h", 1e-4, 11),
        ("vanishing_gradients", "bias", 1.0, 12),
        ("backward_pass", "x1", 1.0, 12),
        ("loss_landscape", "start1", 1.0, 10),
        ("playground", "example", 3, 18),
        ("read_digit", "drawing", "60.20-140.20-90.180", 13),
    ],
)
def test_a_move_passes_through_few_modules(name, control, value, most):
    panel = getattr(widgets, name)()
    slider = panel.controls[control].widget
    before = panel.canvas.html()
    modules = entered(lambda: setattr(slider, "value", value))
    assert panel.canvas.html() != before
    assert f"widgets/{name}/figure.py" in modules
    assert len(modules) <= most, "\n".join(sorted(modules))
