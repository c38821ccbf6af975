"""What the notebook says of its outputs."""

import re

import numpy as np

from bplab.data import digits
from bplab.gradcheck import step_errors
from bplab.widgets.read_digit.pretrained import LEARNED, pretrained
from tests.course.sentences.reading import Outputs, falling

WAVY = (lambda w: np.sum(np.sin(100 * w)), np.array([0.6, -1.0, 2.0]))


def bottoms(out: Outputs) -> list[float]:
    """The best steps of the V curve: forward, central."""
    return out.numbers("step_curve(found)", r"is best at a step of ([\d.e-]+)")


def right_of_those_held_back() -> int:
    """How many of the other 300 digits the panel's network reads."""
    X, _, digit = digits()
    assert len(X) - LEARNED == 300
    return int((pretrained()(X[LEARNED:]).argmax(axis=1) == digit[LEARNED:]).sum())


def of_the_wavy_function(method: str, h: float) -> float:
    """The error of a numerical gradient with this step."""
    return step_errors(*WAVY, methods=(method,), steps=[h]).errors[method][0]


def best_of_the_wavy_function(method: str) -> float:
    steps = np.array([m * 10.0**-e for e in range(1, 17) for m in (1, 3)])
    return steps[step_errors(*WAVY, methods=(method,), steps=steps).errors[method].argmin()]


def by_ten(method: str, h: float) -> float:
    """How many times smaller the error of the notebook's f is for a step ten times smaller."""
    place = np.array([0.6, -1.0, 2.0])
    errors = step_errors(
        lambda w: np.sum((1 - 1 / (1 + np.exp(-0.2 - w / 2))) ** 2),
        place,
        methods=(method,),
        steps=[h, h / 10],
    ).errors[method]
    return errors[0] / errors[1]


def gaps(out: Outputs) -> list[str]:
    """The differences of the values whose digits disappear."""
    return re.findall(r"= (\S+)$", out.under("for h in (1e-5, 1e-12"), re.MULTILINE)


SHOWN = {
    "it reads 286": lambda out: right_of_those_held_back() == 286,
    "An integer array cuts off what it cannot hold": lambda out: (
        "after += 0.5: [1 2 3]" in out.under("whole[0] += 0.5")
    ),
    "and makes no second array": lambda out: "first: [99.  2.  3.]" in out.under("whole[0] += 0.5"),
    "f falls there. (You will meet −0.088723 again": lambda out: (
        out.numbers("behind = f(w - h)", r"(-0\.\d+)") == [-0.088723, -0.088723]
    ),
    "The first and the third are one formula in two forms": lambda out: (
        out.numbers('print("1:"', r"(\d) right") == [3, 0, 3]
    ),
    "From right to left both errors first fall, then rise again: a V": lambda out: all(
        1e-16 < h < 1e-1 for h in bottoms(out)
    ),
    "makes it ten times smaller (forward), or a hundred times (central)": lambda out: (
        9 < by_ten("forward", 1e-2) < 11 and 90 < by_ten("central", 1e-1) < 110
    ),
    "With the smallest step w + h *is* w, and nothing is left": lambda out: (
        gaps(out)[-1] == "0.0e+00" and gaps(out)[0] != "0.0e+00"
    ),
    "near h = 1e-7 for a forward difference": lambda out: bottoms(out)[0] == 1e-7,
    "near **h = 1e-5 for a central one**, which is then right to about ten digits": lambda out: (
        bottoms(out)[1] == 1e-5
        and 1e-11 < out.numbers("step_curve(found)", r"off by (\d+e-\d+)")[1] < 1e-9
    ),
    "Smaller: central near 3e-7": lambda out: (
        1e-7 <= best_of_the_wavy_function("central") <= 1e-6
        and of_the_wavy_function("central", 3e-7) < of_the_wavy_function("central", 1e-5) / 30
    ),
    "forward near 3e-9": lambda out: (
        1e-9 <= best_of_the_wavy_function("forward") <= 1e-8
        and of_the_wavy_function("forward", 3e-9) < of_the_wavy_function("forward", 1e-7) / 10
    ),
    "1e-5 gives six right digits, no longer ten": lambda out: (
        1e-7 < of_the_wavy_function("central", 1e-5) < 1e-6
    ),
    "The *complex* step has no left side": lambda out: (
        not falling([of_the_wavy_function("complex", h) for h in (1e-16, 1e-12, 1e-8)])
        and max(of_the_wavy_function("complex", h) for h in (1e-16, 1e-12, 1e-9)) < 1e-10
    ),
}

UNTESTED = {
    "`case` alone shows every shape": "tests/exercises/test_failing.py",
    "You will write all its equations": "tests/course/test_course.py",
    "by the chain rule; at w = 3 that is 4": "arithmetic",
    "(5, 2), (5,) and (3, 3).": "arithmetic",
    "gives a small hint; called again, it says more": "tests/exercises/test_hint.py",
    "has every notebook solved": "tests/course/test_course.py",
    "agree in the first 12 of their 16 digits leave 4 digits": "arithmetic",
}
