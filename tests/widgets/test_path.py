"""How many files one has to read to follow a move of a slider to its picture."""

import pytest

from bplab import widgets
from tests.passed import passed_through


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
        ("playground", "example", 3, 19),
        ("read_digit", "drawing", "60.20-140.20-90.180", 13),
    ],
)
def test_a_move_passes_through_few_modules(name, control, value, most):
    panel = getattr(widgets, name)()
    slider = panel.controls[control].widget
    before = panel.canvas.html()
    modules = passed_through(lambda: setattr(slider, "value", value))
    assert panel.canvas.html() != before
    assert f"widgets/{name}/figure.py" in modules
    assert len(modules) <= most, "\n".join(sorted(modules))
