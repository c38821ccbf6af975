"""What the notebook says of its outputs."""

from bplab.data import digits
from bplab.widgets.read_digit.pretrained import LEARNED, pretrained
from tests.course.sentences.reading import Outputs


def bottoms(out: Outputs) -> list[float]:
    """The best steps of the V curve: forward, central."""
    return out.numbers("step_curve(found)", r"is best at a step of ([\d.e-]+)")


def right_of_those_held_back() -> int:
    """How many of the other 300 digits the panel's network reads."""
    X, _, digit = digits()
    assert len(X) - LEARNED == 300
    return int((pretrained()(X[LEARNED:]).argmax(axis=1) == digit[LEARNED:]).sum())


SHOWN = {
    "it reads 286": lambda out: right_of_those_held_back() == 286,
    "near h = 1e-7 for a forward difference": lambda out: bottoms(out)[0] == 1e-7,
    "near **h = 1e-5 for a central one**": lambda out: bottoms(out)[1] == 1e-5,
}

UNTESTED = {}
