"""What the notebook says of its outputs."""

from tests.course.sentences.reading import Outputs


def bottoms(out: Outputs) -> list[float]:
    """The best steps of the V curve: forward, central."""
    return out.numbers("step_curve(found)", r"is best at a step of ([\d.e-]+)")


SHOWN = {
    "near h = 1e-7 for a forward difference": lambda out: bottoms(out)[0] == 1e-7,
    "near **h = 1e-5 for a central one**": lambda out: bottoms(out)[1] == 1e-5,
}

UNTESTED = {}
