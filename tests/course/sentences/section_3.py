"""What the notebook says of its outputs."""

import re

from bplab.gallery.verdict import Kind
from bplab.widgets import backward_pass, vanishing_gradients
from tests.course.sentences.reading import Outputs, key

MISTAKES = (
    *("sign-each-layer", "weights-left-out", "sigma-of-layer-below"),
    *("back-sent-down", "s-by-division", "own-weights"),
)


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts('mistakes_gallery("eq17"')


def gradients_that_are_not_0(x1: float) -> tuple[int, set[str]]:
    """How many gradients the panel's last step shows, and which are not 0; layer 2 has ReLU."""
    panel = backward_pass(sizes=(2, 2, 3, 1), state=f"sigma2=ReLU,x1={x1},step=13")
    shown = re.findall(r"∂R/∂(\S+) = (\S+?)[;.](?:\s|$)", panel.canvas.alt)
    return len(shown), {name for name, value in shown if value != "0"}


def factor(sigma: str, scale: float) -> float:
    """By what s changes per layer, as the panel says."""
    panel = vanishing_gradients(state=f"depth=10,sigma={sigma},scale={scale},bias=0")
    return float(re.search(r"by a factor of ([\d.e-]+) a layer", panel.canvas.alt)[1])


def flat_units(sigma: str, scale: float) -> float:
    """The share of units with |σ′| < 0.05 in the last row of the panel's table."""
    panel = vanishing_gradients(state=f"depth=10,sigma={sigma},scale={scale},bias=0")
    return float(panel.norms.small.mean())


def times_smaller(out: Outputs) -> list[float]:
    """How much smaller the gradient is in layer 1: sigmoid, ReLU."""
    return out.numbers("deep_alphas, deep_beta", r"([\d,]+) times smaller")


SHOWN = {
    "It runs, and layer 1 plays no part": lambda out: (
        out.numbers("printed = printed_pass", r"output moves by (\S+)") == [0]
        and out.numbers("printed = printed_pass", r"printed differ by (\S+)")[0] > 0.1
    ),
    "3 · 2 = 6 paths": lambda out: "6 paths" in out.under("follow=2)"),
    "It works, and it is hopeless": lambda out: (
        re.search(r"18 paths add up to (\S+)\nfinite difference: +\1\n", out.under("along.append("))
        and "10,000,000,000,000,000,000 paths" in out.under("for D in (1, 2, 3, 10)")
    ),
    "Two layers are done, and you wrote nothing": lambda out: (
        out.numbers("by_last = mine.", r"(\d+) entries: (\d+) right") == [75, 75]
    ),
    "One, the output's bias": lambda out: gradients_that_are_not_0(0.8) == (19, {"β₀₁"}),
    "From x₁ = 3 on": lambda out: (
        len(gradients_that_are_not_0(2.9)[1]) == 1
        and len(gradients_that_are_not_0(3)[1]) == len(gradients_that_are_not_0(5)[1]) == 11
        and sum("⁽¹⁾" in name for name in gradients_that_are_not_0(3)[1]) == 6
    ),
    "A unit that is off has $z = 0$: 0/0": lambda out: (
        out.numbers("exists = np.isfinite", r"it exists for (\d+)%.*without any NaN: (\d+)")
        == [50, 0]
    ),
    "with sigmoid units layer 1 hardly moves": lambda out: times_smaller(out)[0] > 10_000,
    "ReLU keeps far more of it": lambda out: times_smaller(out)[1] < 10,
    "With tanh yes, near 1.8": lambda out: 0.95 <= factor("tanh", 1.8) <= 1.05,
    "With sigmoid there is none": lambda out: (
        max(factor("sigmoid", 10 ** (k / 20)) for k in range(-20, 21)) < 0.8
    ),
    "from 0.21 at scale 1 the factor gets to 0.73 at 10": lambda out: (
        [factor("sigmoid", 1), factor("sigmoid", 10)] == [0.21, 0.73]
    ),
    "Larger weights also push units to where σ′ is smaller still": lambda out: (
        flat_units("sigmoid", 10) > flat_units("sigmoid", 1) + 0.3
        and flat_units("tanh", 10) > flat_units("tanh", 1) + 0.3
    ),
    "With ReLU in layer 1 the loss is NaN after a single update": lambda out: gallery(out)[
        "s-by-division"
    ].startswith("blows up: after 1 update"),
    "looks better than the right one": lambda out: (
        [name for name, said in gallery(out).items() if said.startswith(Kind.FASTER)]
        == ["back-sent-down"]
    ),
    key("eq17", *MISTAKES): lambda out: tuple(sorted(gallery(out))) == tuple(sorted(MISTAKES)),
}

UNTESTED = {
    "So take it apart, into two tools that fit every layer": "what is to be done",
    "It comes from that of the layer above by one matrix product": "how the formula comes about",
}
