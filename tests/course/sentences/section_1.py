"""What the notebook says of its outputs."""

import numpy as np

from bplab.data import penguins
from bplab.gallery.verdict import Kind
from bplab.losses import loss
from tests.course.sentences.reading import Outputs, key

MISTAKES = (
    *("weights-not-transposed", "bias-missing", "no-sigma", "assumes-tanh"),
    *("sigma-prime-for-sigma", "examples-reversed"),
)
LEARN = (Kind.SLOWER, Kind.SAME, Kind.FASTER)


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts("mistakes_gallery(")


def of_shares() -> float:
    """R(θ) where every bird gets the same answer, the shares of the species."""
    Y = penguins().Y
    return loss(Y, np.broadcast_to(Y.mean(axis=0), Y.shape))


SHOWN = {
    "Each row of `X` is an **example**, one bird": lambda out: (
        out.numbers("birds = penguins()", r"(\d+) penguins, (\d) measurements each, (\d) species")
        == [342, 4, 3]
    ),
    "The biases have shape (2,)": lambda out: (
        "shape: (3, 2)" in out.under("weights = units[:, 1:]")
    ),
    "Without the square, errors of opposite sign cancel": lambda out: (
        out.numbers("bad = np.array", r"square: +(-?[\d.]+)") == [1.62, 0]
    ),
    "Random weights guess": lambda out: (
        20 <= out.numbers("right = np.mean(", r"(\d+)% of the birds")[0] <= 50
    ),
    "Somebody's network stops at R(θ) ≈ 217": lambda out: (
        "it ends at 217," in gallery(out)["examples-reversed"]
    ),
    "would be at 217.6": lambda out: round(of_shares(), 1) == 217.6,
    "Most of the others learn": lambda out: (
        sum(said.startswith(LEARN) for said in gallery(out).values()) > (len(MISTAKES) - 1) / 2
    ),
    "and one curve is that of the right layer": lambda out: (
        [name for name, said in gallery(out).items() if "the two curves are one" in said]
        == ["assumes-tanh"]
    ),
    key("hidden", *MISTAKES): lambda out: tuple(sorted(gallery(out))) == tuple(sorted(MISTAKES)),
}

UNTESTED = {
    "We bring every column to mean 0 and standard deviation 1": "what the next cell does",
    "A **hidden unit** $m$ takes all $p$ inputs": "a definition",
    "We keep all weights of the layer in one matrix": "a definition",
    "Row i of Z belongs to another bird than row i of Y": "what the mistake is, not what it shows",
}
