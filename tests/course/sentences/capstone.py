"""What the notebook says of its outputs."""

import re

from tests.course.sentences.reading import Outputs


def shown_after_20(out: Outputs) -> dict[str, float]:
    """The loss after 20 epochs of batches, and of the whole set with two rates."""
    ends = re.findall(
        r"γ = ([\d.]+) goes from \S+ to ([\d.]+\d)", out.under('curves[f"{size} per batch')
    )
    return {gamma: float(end) for gamma, end in ends}


def bench(out: Outputs, row: int) -> list[float]:
    """The share and the loss in a row of part 8's table."""
    return out.numbers("settings = [", rf"(?m)^ +{row}  .* ([\d.]+)% +([\d.]+)$")


def by_epoch(out: Outputs, loss: str) -> list[float]:
    """The shares after 1, 2, 5, 10 and 20 epochs."""
    return out.numbers("after epoch ", rf"(?m)^{loss} +" + r" +".join([r"([\d.]+)%"] * 5))


SHOWN = {
    "64-32-16-10: 2,778 weights": lambda out: (
        out.numbers("few = train", r"(\d+) entries along") == [2778, 2778]
    ),
    "About one in ten, by chance": lambda out: (
        8 < out.numbers("named correctly: ", r"correctly: ([\d.]+)%")[0] < 12
    ),
    "which is the loss of a network that knows nothing": lambda out: (
        abs(out.numbers("named correctly: ", r"R per image: +([\d.]+)")[0] - 0.9) < 0.01
    ),
    "38 steps per epoch against one": lambda out: (
        -(-out.numbers("[len(rows) for rows in", r"^\[(\d+),")[0] // 32) == 38
    ),
    "at 0.002 it jumps": lambda out: (
        shown_after_20(out)["0.002"] > shown_after_20(out)["0.001"] > shown_after_20(out)["0.02"]
    ),
    "a point more or less is chance": lambda out: (
        max(bench(out, row)[0] for row in (1, 2, 3)) - min(bench(out, row)[0] for row in (1, 2, 3))
        <= 1.5
    ),
    "**Four sigmoid layers** have not begun": lambda out: (
        bench(out, 5)[0] < 15 and abs(bench(out, 5)[1] - 0.9) < 0.01
    ),
    "ReLU keeps it": lambda out: bench(out, 4)[0] > 90,
    "Too small, and 20 epochs are not enough": lambda out: bench(out, 6)[0] < 80,
    "Too large, and the first steps drive softmax into a corner": lambda out: (
        bench(out, 7)[0] < 15 and bench(out, 7)[1] > 0.9
    ),
    "Sooner.": lambda out: all(
        theirs > ours
        for ours, theirs in zip(
            by_epoch(out, "squared")[:3], by_epoch(out, "cross-entropy")[:3], strict=True
        )
    ),
    "In the end it is much the same": lambda out: (
        abs(by_epoch(out, "squared")[-1] - by_epoch(out, "cross-entropy")[-1]) < 1.5
    ),
    "The network slowly learns by heart a link that does not exist": lambda out: (
        out.numbers("mixed = Y.copy()", r"from 0\.9 to ([\d.]+)\n")[0] < 0.9
        and out.numbers("mixed = Y.copy()", r"validation set: ([\d.]+)%")[0] < 15
    ),
    "It seems that the network has hardly met these writers": lambda out: (
        out.numbers("answers == digit[-300:]", r"rows: ([\d.]+)%")[0]
        < out.numbers("answers == digit[test]", r"test set: ([\d.]+)%")[0] - 4
    ),
}

UNTESTED = {
    "Your drawing becomes 8 × 8 pixels": "tests/widgets",
    "The first layer's 32 units are all that it has of an image": "how the network is made",
    "Done choosing? Then train on all that is not for testing": "what to do",
    "The digits are by 13 people": "bplab/data/digits.md",
}
