"""Ways in which a training fails, to be predicted before they are seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.widgets.kit.verdict import judge

__all__ = ["PREDICTIONS", "PRESETS", "WAIT", "Preset", "outcome"]

WAIT = 200  # epochs until a preset shows what it is about

FALLS, STOPS, STANDS, JUMPS, GROWS = PREDICTIONS = (
    "falls towards 0",
    "falls, then stops far above 0",
    "hardly changes",
    "jumps up and down",
    "grows without end",
)


class Preset(NamedTuple):
    """A state of the playground, the question that goes before it, and why it is so."""

    state: str
    question: str
    why: str


_SAME = (
    "data=circle,noise=0.1,share=50,seed=0,inputs=all features,layers=1,units1=6,act1=tanh,"
    "output=sigmoid,start=random,gamma=0.01,epoch=0"
)


def _state(**changes: str) -> str:
    pairs = dict(pair.split("=") for pair in _SAME.split(","))
    return ",".join(f"{name}={value}" for name, value in {**pairs, **changes}.items())


PRESETS = {
    "diverges": Preset(
        _state(output="identity"),
        "The output function is the identity, so nothing bounds f, and the gradient is summed over "
        "100 examples: each step overshoots a little. What will the loss do?",
        "δ = −2(y − f) grows with the error. A step that overshoots makes the error larger, which "
        "makes the next step larger still. Press the preset again and try γ = 0.001.",
    ),
    "saturates": Preset(
        _state(start="random times 30", act1="sigmoid"),
        "The weights start 30 times as large as usual, so the arguments of all sigmoids are large. "
        "What will the loss do?",
        "Where the argument is large the sigmoid is flat: g'(t) and σ'(a) are nearly 0, and with "
        "them δ and s, however wrong the outputs are.",
    ),
    "symmetric start": Preset(
        _state(start="all equal"),
        "All weights start at 0.5: the six hidden units are copies of each other. A circle needs "
        "at least three different ones. What will the loss do?",
        "Units with equal weights have equal s, hence equal gradients, and stay equal: the network "
        "has one hidden unit, whose border is one straight line.",
    ),
    "dead ReLU": Preset(
        _state(act1="relu", start="random with biases -5"),
        "The hidden units are ReLU, and their biases start at −5: no input makes a unit's argument "
        "positive. What will the loss do?",
        "σ'(a) = 0 for every example, so s = 0: the gradient by alpha is exactly 0, at any γ. Only "
        "the bias of the output is left to learn the mean.",
    ),
    "too small a step": Preset(
        _state(gamma="1e-05"),
        "Nothing is wrong with the network or the gradient, but γ is 0.00001. What will the loss "
        "do within 200 epochs?",
        "The direction is right and the step too short: raise γ a hundredfold while it plays, and "
        "the same run learns.",
    ),
}


def outcome(losses: NDArray) -> str | None:
    """Return which of the `PREDICTIONS` came true, as soon as there are epochs enough to tell."""
    losses = losses[: WAIT + 1]
    if len(losses) <= WAIT and np.isfinite(losses[-1]):
        return None
    verdict = judge(losses)
    start, end = losses[0], losses[-1]
    if verdict.diverged:
        return GROWS
    if verdict.too_large:
        return JUMPS
    if end >= 0.9 * start:
        return STANDS
    quarter = losses[-1 - max(1, len(losses) // 4)]
    return FALLS if end <= 0.1 * start or quarter - end > 0.1 * quarter else STOPS
