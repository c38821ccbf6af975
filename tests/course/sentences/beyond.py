"""What the notebook says of its outputs."""

import re
from itertools import pairwise

from tests.course.sentences.reading import Outputs, falling

MARGINS = 'print("f of the right class, and delta'


def deltas(out: Outputs, column: int) -> list[float]:
    """Delta of the right class as the margin grows: the squared error's, then cross-entropy's."""
    rows = r"^ +(?:0|2|5|10|20) +\S+ +(\S+) +(\S+)$"
    found = out.under(MARGINS)
    return [float(row[column]) for row in re.findall(rows, found, re.MULTILINE)]


def apart(out: Outputs, code: str) -> list[float]:
    """By how much two ways differ, row by row."""
    return out.numbers(code, r"differs by (\S+?):?\s")


def with_torch(out: Outputs) -> bool:
    """Either there is none, and one sentence says so, or all ten agree."""
    said = out.under("import torch")
    if "not installed" in said:
        return said.count("\n") == 1
    return said.count(": equal") == 10 and "NOT" not in said


def as_by_hand(out: Outputs) -> bool:
    """The derivatives that Value finds are those of the half-worked step."""
    w, x, y = out.numbers("R = d * d", r"w (\S+), x (\S+), y (\S+)")
    by_hand = out.numbers("for node in (R, d, f, a)", r"due:\n\[(\S+), (\S+), (\S+),")
    return by_hand == [w, x, y]


SHOWN = {
    "The same numbers. `Affine.backward` does": lambda out: (
        len(apart(out, "library = {")) == 6 and max(apart(out, "library = {")) < 1e-14
    ),
    "A million million ways, and sending 80 times will do": lambda out: (
        out.numbers("doubled = [()", r"ways: (\S+); sent: (\d+) times") == [2**40, 80]
    ),
    "The numbers of the worked example": as_by_hand,
    "Every step of the backward pass, from two short functions": lambda out: (
        len(apart(out, "found = by_values(")) == 10
        and max(apart(out, "found = by_values(")) < 1e-14
    ),
    "All fifteen, but for rounding": lambda out: (
        len(apart(out, "def compare(")) == 15 and max(apart(out, "def compare(")) < 1e-14
    ),
    "Where PyTorch is installed, all ten": with_torch,
    "It does, also where targets are shares": lambda out: (
        re.search(
            r"^Value:\n(\[\[.*\n.*\]\])\nf - y:\n\1$", out.under("check_gradient("), re.MULTILINE
        )
        and "6 right, 0 wrong, 0 cannot tell" in out.under("check_gradient(")
    ),
    "With the squared error, delta vanishes where the network is most wrong": lambda out: (
        falling([abs(delta) for delta in deltas(out, 0)]) and abs(deltas(out, 0)[-1]) < 1e-7
    ),
    "With cross-entropy it goes to −1": lambda out: (
        all(b <= a for a, b in pairwise(deltas(out, 1))) and deltas(out, 1)[-1] == -1
    ),
    "By steps, f is rounded to 0, the loss is infinite, and delta is NaN": lambda out: (
        "by steps: loss inf  delta [nan nan]" in out.under("by_steps =")
        and "as a pair: loss 800.0  delta [ 1. -1.]" in out.under("by_steps =")
    ),
}

UNTESTED = {
    "a node that sends before everything has arrived sends too little": (
        "tests/exercises/test_beyond.py has functions that do"
    ),
    "One could walk down each way by itself, multiply, and add up at its end. That is right too": (
        "a function that does so passes in tests/exercises/test_beyond.py"
    ),
    "There is a second reason. Libraries have one function for the pair": "a fact, and a question",
}
