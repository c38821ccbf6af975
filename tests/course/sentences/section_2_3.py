"""What the notebook says of its outputs."""

from tests.course.sentences.reading import Outputs, falling


def after(out: Outputs, column: int) -> list[float]:
    """A column of the table of part 6: after 20, 200 and 2,000 epochs."""
    return out.numbers("wrongly = ", rf"(?m)^ *\d+(?:\s+[\d.]+%?){{{column}}}\s+([\d.]+)")


SEEN, HELD_OUT, RIGHT, WRONG = range(4)

SHOWN = {
    "On the birds seen the loss falls all the time": lambda out: falling(after(out, SEEN)),
    "On held-out birds it falls, then **rises** to more than twice its lowest value": lambda out: (
        after(out, HELD_OUT)[0] > after(out, HELD_OUT)[1] < after(out, HELD_OUT)[2] / 2
        and 20 < out.numbers("wrongly = ", r"held-out birds after (\d+) epochs")[0] < 1000
    ),
    "After 200 epochs not one of the six wrong notes is learnt": lambda out: (
        after(out, WRONG)[1] == 0
    ),
    "After 2000 five of them are, by heart": lambda out: after(out, WRONG)[2] == 5,
    "and fewer held-out birds are named correctly": lambda out: (
        after(out, RIGHT)[2] < after(out, RIGHT)[1]
    ),
}

UNTESTED = {}
