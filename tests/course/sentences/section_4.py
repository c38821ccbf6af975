"""What the notebook says of its outputs."""

import re

import numpy as np

from bplab import deep
from bplab.activations import leaky_relu
from bplab.learner import Gradients
from bplab.widgets import activation
from bplab.widgets.playground.data import data_set
from bplab.widgets.playground.model import Run, Settings
from tests.course.sentences.reading import Outputs, key

MISTAKES = ("a-plus-1", "slope-at-value", "alpha-on-right", "always-one", "order-swapped")
LEARN = ("learns more slowly", "cannot be told from right here", "learns, even faster")


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts('mistakes_gallery("elu"')


def saturates_at(state: str) -> float:
    """Up to which x the panel shades an activation."""
    said = activation(state=state).canvas.alt
    return float(re.search(r"saturated up to x = (-\d\.\d)", said)[1])


def central_at_0(alpha: float, h: float) -> float:
    """The central difference of an ELU at 0, as the panel has it."""
    alt = activation(state=f"function=ELU,alpha={alpha},x=0,h={h}").canvas.alt
    return float(re.search(r"Central difference: .* = (\S+), and", alt)[1])


def saved(act: str, gamma: float, start: str = "random with biases -5") -> bool:
    """Whether 200 epochs of the playground bring R well below what one answer for all gets."""
    chosen = Settings(
        data="circle", noise=0.1, share=50, seed=0, features=None, units=(6,),
        activations=(act,), output="sigmoid", start=start,
    )  # fmt: skip
    run = Run(chosen, data_set("circle", 0), Gradients(deep.backward))
    Y = run.examples.Y[: run.examples.trained]
    run.advance(200, gamma)
    return bool(np.nanmin(run.losses) < 0.8 * np.square(Y - Y.mean(axis=0)).sum())


def start_and_end(out: Outputs) -> list[float]:
    """R(θ) at both ends of the trainings with unhappy starts, and the share that is right."""
    return out.numbers("PRESETS = {", r"R from (\d+) to ([\d.]+), ([\d.]+)% right")


SHOWN = {
    "Without a bend, D layers are one": lambda out: (
        out.numbers("biases = small_beta", r"it takes (\d+)") == [8]
        and out.numbers("biases = small_beta", r"difference: (\S+)")[0] < 1e-13
    ),
    "In the printed sigmoid at −1000 the denominator is": lambda out: (
        "sigmoid as printed\n  at -1000: 0.0 (overflow)\n" in out.under("FORMS = {")
    ),
    "**∞/∞ is wrong**: it gives NaN": lambda out: (
        re.search(r"the same times e\^x\n.*\n  at  1000: nan", out.under("FORMS = {"))
        and out.under("FORMS = {").count("nan (overflow, invalid value)\n") == 3
    ),
    "A half, for every step": lambda out: (
        out.numbers("for h in (1e-1, 1e-3", r"central (\S+)") == [0.5] * 3
    ),
    "so the checker *cannot tell*": lambda out: (
        "2 right, 0 wrong, 1 cannot tell" in out.under("for h in (1e-1, 1e-3")
    ),
    "At $\\alpha = 1$ they are the same": lambda out: (
        re.search(
            r"α = 1\.0: finite difference (\[.*?\])\n +a \+ 1 +\1\n +yours +\1\n",
            out.under("yours = a + elu_alpha"),
        )
        and not re.search(
            r"α = 0\.3: finite difference (\[.*?\])\n +a \+ 1 +\1",
            out.under("yours = a + elu_alpha"),
        )
    ),
    "tanh, at −2.2, though it is the steepest at 0; ELU at −2.3, the sigmoid at −2.9": lambda out: (
        [saturates_at("function=tanh"), saturates_at("function=ELU,alpha=0.5")] == [-2.2, -2.3]
        and saturates_at("function=sigmoid") == -2.9
    ),
    "The kink is gone at α = 1 only": lambda out: all(  # else the central difference is a mean
        (central_at_0(a, 1e-6) > 0.999) == (a == 1) for a in (0.01, 0.3, 0.5, 0.99, 1)
    ),
    "A derivative of at most ¼": lambda out: (
        "sigmoid: goes from 0.018 to 0.98, its derivative is largest at 0, with 0.25"
        in out.under("activation_curves(activations.sigmoid")
    ),
    "the sigmoid is slowest": lambda out: (
        max(ends := out.numbers("curves = {str(a)", r"to ([\d.]+), ")) == ends[0]
    ),
    "the hidden layer stays about as random as it was. Little but `beta` learns": lambda out: (
        out.numbers("PRESETS = {", r"saturated: (\d+)% of σ′ under 0.001")[0] > 90
        and start_and_end(out)[1] > 20
    ),
    "Z and σ′ are exactly 0": lambda out: (
        "dead ReLU: 100% of σ′ under 0.001" in out.under("PRESETS = {")
    ),
    "They find the best answer for all birds alike": lambda out: (
        start_and_end(out)[4] == out.numbers("PRESETS = {", r"R = ([\d.]+) at best")[0]
    ),
    "**Leaky**: 0.1 is a small slope, but it is not 0. The units come back": lambda out: (
        "leaky: 0% of σ′ under 0.001" in out.under("PRESETS = {") and start_and_end(out)[7] < 20
    ),
    '"a + 1" in place of "a + α", and α on the positive side': lambda out: (
        {"a-plus-1", "alpha-on-right"} < set(gallery(out))
    ),
    "The first learns as well as the right one": lambda out: gallery(out)["a-plus-1"].startswith(
        LEARN[1:]
    ),
    key("elu", *MISTAKES): lambda out: tuple(sorted(gallery(out))) == tuple(sorted(MISTAKES)),
    "Six ReLU units have learned a circle in 400 epochs": lambda out: (
        "In epoch 400: mean loss 0.0438 in training (99% right)" in out.under("playground(")
    ),
    "No γ does: γ times 0 is 0": lambda out: (
        not any(saved("relu", gamma) for gamma in (1e-3, 0.01, 0.1, 1))
    ),
    "Nor does the leak, which is only 0.01 here": lambda out: (
        not any(saved("leaky_relu", gamma) for gamma in (1e-3, 0.01, 0.1, 1))
        and leaky_relu(0.01)(np.array([-1.0]))[0] == -0.01
    ),
    "Sigmoid and tanh are saturated there": lambda out: (
        not saved("sigmoid", 0.01) and not saved("tanh", 0.01)
    ),
    'What helps is a better start: "random"': lambda out: saved("relu", 0.01, start="random"),
}

UNTESTED = {
    "The second fraction is $1 - a$, since": "how the formula comes about",
    "is an inner function to the power −1": "how the formula comes about",
    "The cure: take the exponential only of numbers that are **not positive**": (
        "tests/exercises/test_section_4.py"
    ),
}
