"""What the notebook says of its outputs."""

import re

import numpy as np

from bplab.data import penguins
from bplab.gallery.verdict import Kind
from bplab.widgets import learning_rate, loss_landscape
from tests.course.sentences.reading import Outputs, falling, key

MISTAKES = (
    *("ascends", "gamma-missing", "averaged-over-N"),
    *("bias-not-updated", "only-beta-updated", "beta-updated-too-early"),
)
SEEN, HELD_OUT, RIGHT, WRONG = range(4)


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts('mistakes_gallery("eq13"')


def after(out: Outputs, column: int) -> list[float]:
    """A column of the table of part 6: after 20, 200 and 2,000 epochs."""
    return out.numbers("wrongly = ", rf"(?m)^ *\d+(?:\s+[\d.]+%?){{{column}}}\s+([\d.]+)")


def at_rate(gamma: float, **birds: np.ndarray) -> str:
    """What the panel of learning rates says."""
    return learning_rate(gamma=gamma, **birds).canvas.alt


def twice() -> dict[str, np.ndarray]:
    """Every bird two times."""
    birds = penguins()
    X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
    return {"X": np.vstack([X, X]), "Y": np.vstack([birds.Y, birds.Y])}


def in_the_valley(gamma: float) -> str:
    """What the panel of the valley says."""
    state = f"first=α₁₁,second=α₂₀,start1=-3,start2=3,gamma={gamma},steps=60"
    return loss_landscape(state=state).canvas.alt


SHOWN = {
    "The first step goes too far": lambda out: (
        out.numbers("decaying = ", r"rates:\s\[([\d.]+) +([\d.]+)")[0] > 1 / 6
    ),
    "From the second on, the rate is below 1/6, and the path gets nearer": lambda out: (
        out.numbers("decaying = ", r"rates:\s\[[\d.]+ +([\d.]+)")[0] < 1 / 6
        and "γ from 0.18 down: from side to side, after 8 steps w is 1." in out.under("decaying = ")
        and "γ = 0.18: from side to side, step 5 leaves the picture" in out.under("decaying = ")
    ),
    "`[0]` is alpha, and all 16 are wrong": lambda out: (
        "26 entries: 10 right, 16 wrong,\n0 cannot tell" in out.under("def hasty_pass")
        and "wrong: [1]" not in out.under("def hasty_pass")
    ),
    "What differs is rounding": lambda out: (
        max(out.numbers("for _ in range(300)", r"largest difference in \w+: +(\S+)")) < 1e-12
    ),
    "0.02 for 684 birds is 0.04 for 342, and jumps": lambda out: (
        "jumps up" in at_rate(0.02, **twice()) and "jumps up" in at_rate(0.0398)
    ),
    "Half the rate gives the very same weights as before": lambda out: (
        out.numbers("halved = train", r"alpha differs by (\S+)")[0] < 1e-12
    ),
    "Six copies of one unit": lambda out: (
        len(set(re.findall(r"[^\[\]\n]{20,}(?=\])", out.under("symmetric = train")))) == 1
        and out.under("symmetric = train").count("-0.036  0.522") == 6
    ),
    "On the birds seen the loss falls all the time": lambda out: falling(after(out, SEEN)),
    "On held-out birds it falls, then **rises** to more than twice its lowest value": lambda out: (
        after(out, HELD_OUT)[0] > after(out, HELD_OUT)[1] < after(out, HELD_OUT)[2] / 2
        and 20 < out.numbers("wrongly = ", r"held-out birds after (\d+) epochs")[0] < 1000
    ),
    "After 200 epochs not one of the six wrong notes is learned": lambda out: (
        after(out, WRONG)[1] == 0
    ),
    "After 2000 five of them are, by heart": lambda out: after(out, WRONG)[2] == 5,
    "and fewer held-out birds are named correctly": lambda out: (
        after(out, RIGHT)[2] < after(out, RIGHT)[1]
    ),
    "A friend's loss falls smoothly, but so slowly": lambda out: (
        gallery(out)["averaged-over-N"].startswith(Kind.SLOWER)
        and "jumps" not in gallery(out)["averaged-over-N"]
    ),
    "What curves do not show is beta updated too early": lambda out: (
        [name for name, said in gallery(out).items() if said.startswith(Kind.SAME)]
        == ["beta-updated-too-early"]
    ),
    key("eq13", *MISTAKES): lambda out: tuple(sorted(gallery(out))) == tuple(sorted(MISTAKES)),
    "0.02: one key further, at 0.0251, it jumps": lambda out: (
        "without a jump" in at_rate(0.02) and "jumps up" in at_rate(0.0251)
    ),
    "With every bird twice it is half of that, 0.01": lambda out: (
        "without a jump" in at_rate(0.01, **twice()) and "jumps up" in at_rate(0.0126, **twice())
    ),
    "it first turns back at 0.0398": lambda out: (
        "turns back" in in_the_valley(0.0398) and "turn" not in in_the_valley(0.0316)
    ),
    "zigzags all the way at 0.0631": lambda out: (
        "59 of 60 steps turn back" in in_the_valley(0.0631)
    ),
    "and leaves at 0.158": lambda out: (
        "the path leaves" in in_the_valley(0.158) and "leaves" not in in_the_valley(0.126)
    ),
}

UNTESTED = {
    "Very near to $w$, the curve is nearly its tangent": "a definition",
    "is opposite to that of the slope, R falls": "how the formula comes about",
    "a square is never negative": "how the formula comes about",
    "always the same factor": "how the formula comes about",
    "So the training loss does not tell you when to stop": "what follows from the sentences before",
    "Here is the loss over **two** weights": "what the cell does",
}
