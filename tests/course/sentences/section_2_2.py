"""What the notebook says of its outputs."""

import numpy as np

from bplab.activations import softmax
from bplab.gallery.verdict import Kind
from bplab.widgets.softmax.model import SoftmaxModel
from tests.course.sentences.reading import Outputs, falling, key

MISTAKES = (
    *("vanishes", "diagonal-only", "off-diagonal-sign", "jacobian-across-batch"),
    *("jacobian-from-T", "cross-entropy-shortcut"),
)
TRAINED = 'deltas = {"right"'
T2 = np.arange(-80, 81) / 10
"""The places of the panel's slider for t₂, and more."""


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts('mistakes_gallery("eq8"')


def ends(out: Outputs) -> list[float]:
    """R(θ) at both ends of three trainings: right, diagonal only, as printed."""
    return out.numbers(TRAINED, r"R\(θ\): ([\d.]+) → ([\d.]+)")


def pushed_the_wrong_way() -> list[set[int]]:
    """By the panel's t₂, the t that the diagonal pushes against what is right."""
    model = SoftmaxModel()
    found = []
    for t2 in T2:
        now = model.at([2, t2, -2], 0, 2)
        found.append(set(np.flatnonzero(now.delta * now.diagonal < 0)))
    return found


def a_sure_and_wrong_bird() -> tuple[float, float]:
    """The delta of its own species, which gets f = 0.001: squared error, and cross-entropy."""
    f = np.array([0.001, 0.998, 0.001])
    y = np.array([1.0, 0, 0])
    return float(softmax.pull_back(-2 * (y - f)[None], np.log(f)[None])[0, 0]), float((f - y)[0])


SHOWN = {
    "One edge left $t_1$ in section 2.1; now there are $K$": lambda out: (
        "from t 1 to every f" in out.under('output_paths("softmax", follow="beta")')
        and "from t 1 to its own f" in out.under('output_paths("elementwise", follow="beta")')
    ),
    "(And delta sums to zero": lambda out: (
        abs(sum(out.numbers("J[j, k] = -f[j] * f[k]", r"yours: +\[ *(\S+) +(\S+) +(\S+)\]"))) < 1e-6
    ),
    "The two lines should be equal": lambda out: (
        out.numbers("J[j, k] = -f[j] * f[k]", r"yours: +\[ *(\S+) +(\S+) +(\S+)\]")
        == out.numbers("J[j, k] = -f[j] * f[k]", r"differences: +\[ *(\S+) +(\S+) +(\S+)\]")
    ),
    "Zero, up to rounding: each column of the Jacobian sums to zero": lambda out: (
        out.numbers("by_printed = ", r"as printed: (\S+)")[0] < 1e-13
    ),
    "### A misprint, caught": lambda out: (
        "printed:\n21 entries: 0 right, 21 wrong" in out.under("by_printed = ")
        and "yours:\n21 entries: 21 right" in out.under("by_printed = ")
    ),
    "With the misprint the network never learns": lambda out: ends(out)[4] == ends(out)[5],
    "a gradient more than a third off": lambda out: (
        100 / 3 < out.numbers("diagonal = with_delta", r"off by (\d+)%")[0] < 50
    ),
    "and yet the loss falls, only more slowly": lambda out: (
        ends(out)[1] < ends(out)[3] < ends(out)[2] / 10
    ),
    "Everywhere but at t₂ = 2. Below it, t₂ is pushed down": lambda out: all(
        wrong == ({1} if t2 < 2 else {0} if t2 > 2 else set())
        for t2, wrong in zip(T2, pushed_the_wrong_way(), strict=True)
    ),
    "1: `vanishes`, the misprint": lambda out: gallery(out)["vanishes"].startswith(Kind.NEVER),
    "2: `jacobian-across-batch`": lambda out: (
        [name for name, said in gallery(out).items() if said.startswith(Kind.CLIMBS)]
        == ["jacobian-across-batch"]
    ),
    "3: `cross-entropy-shortcut`": lambda out: (
        [name for name, said in gallery(out).items() if said.startswith(Kind.FASTER)]
        == ["cross-entropy-shortcut"]
    ),
    key("eq8", *MISTAKES): lambda out: tuple(sorted(gallery(out))) == tuple(sorted(MISTAKES)),
    "Your softmax learns the penguins": lambda out: (
        min(out.numbers("theirs = train(", r"([\d.]+)% of the birds")) > 99
    ),
    "Softmax gets down faster": lambda out: falling(
        out.numbers("theirs = train(", r"R\(θ\) ends at (\S+);")[::-1]
    ),
    "F − Y is the delta of cross-entropy, not of the squared error": lambda out: (
        "cross-entropy:\n51 entries: 51 right" in out.under("shortcut = with_delta")
        and "squared error:\n51 entries: 0 right, 51 wrong" in out.under("shortcut = with_delta")
    ),
    "There the Jacobian is nearly zero, and so is the squared error's delta": lambda out: (
        abs(a_sure_and_wrong_bird()[0]) < 0.01
    ),
    "Cross-entropy's is nearly −1": lambda out: a_sure_and_wrong_bird()[1] == -0.999,
}

UNTESTED = {
    "every $t_k$ moves every $f_j$. All the paths add up": "how the formula comes about",
    "The sum runs over the outputs $j$": "a misprint, told in words",
}
