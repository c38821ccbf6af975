"""The question which loss curve belongs to a known mistake; every curve is a real training."""

from functools import cache
from typing import Any

import numpy as np

from bplab.exercises import Choice, Exercise, Item, Mistake, Picture
from bplab.gallery import TRAININGS, Kind, Shown, trained
from bplab.plots import BLUE, GREY
from bplab.widgets.kit.axes import LossAxes, Reach, frame
from bplab.widgets.kit.svg import Box, document, number, polyline, text

__all__ = ["EXERCISES", "which_curve"]

EXERCISES = tuple(TRAININGS)

UNTOLD = frozenset({Kind.DOES_NOT_RUN, Kind.FASTER, Kind.BACK})
"""Verdicts that nobody can foresee by thinking."""

OFFERED = 3
LETTERS = "ABC"
TRAINED = 9
"""The most mistakes that are trained for one question: each training takes a tenth of a second."""

WIDTH, HEIGHT = 238, 180
INSIDE = Box(52, 26, 172, 112)
COLUMNS = 90


def which_curve(exercise: Exercise[Any], rng: np.random.Generator) -> Item | None:
    """Ask which of three loss curves belongs to a mistake; None if too few kinds are found.

    The verdicts on the three curves differ, so that the answer can be found by thinking.

    Parameters
    ----------
    exercise : Exercise
        One of `EXERCISES`.
    rng : Generator
    """
    found: dict[Kind, Shown] = {}
    for i in rng.permutation(len(exercise.mistakes))[:TRAINED]:
        right, shown = _training(exercise, exercise.mistakes[i])
        if shown.verdict.kind not in UNTOLD and len(shown.losses) > 1:
            found.setdefault(shown.verdict.kind, shown)
        if len(found) == OFFERED:
            break
    else:
        return None
    shown_here = list(found.values())
    asked = int(rng.integers(OFFERED))
    mistake = shown_here[asked].mistake
    choices = [
        Choice(
            f"Curve {letter}",
            f"It {shown.verdict} "
            + (mistake.hint if i == asked else f"Another mistake is made: “{shown.mistake.says}”"),
        )
        for i, (letter, shown) in enumerate(zip(LETTERS, shown_here, strict=True))
    ]
    reach = Reach.of(len(right) - 1, float(right[0]))
    return Item(
        kind="curve",
        exercise=exercise.id,
        about=f"curve:{exercise.id}:{mistake.name}",
        question=(
            f"A network is trained with a wrong {exercise.function} ({exercise.equation}): "
            f"“{mistake.says}” Which is its loss curve? The dashed one is the right function's."
        ),
        choices=tuple(choices),
        right=asked,
        pictures=tuple(
            _picture(letter, shown.losses, right, reach)
            for letter, shown in zip(LETTERS, shown_here, strict=True)
        ),
        facts={
            "mistake": mistake.name,
            "curves": [shown.losses for shown in shown_here],
            "names": [shown.mistake.name for shown in shown_here],
        },
    )


@cache
def _training(exercise: Exercise[Any], mistake: Mistake) -> tuple[np.ndarray, Shown]:
    right, (shown,) = trained(exercise, [mistake])
    return right, shown


def _picture(letter: str, losses: np.ndarray, right: np.ndarray, reach: Reach) -> Picture:
    axes = LossAxes(INSIDE, reach, COLUMNS)
    alt = f"Curve {letter}: {_in_words(losses)} The right function's: {_in_words(right)}"
    drawn = [
        axes.grid(),
        frame(INSIDE, "epoch", "loss", left=12, below=36),
        text(INSIDE.x, 16, f"Curve {letter}", font_weight="bold"),
        polyline(*axes.points(right), stroke=GREY, stroke_width=1.8, stroke_dasharray="5 3"),
        polyline(*axes.points(losses), stroke=BLUE, stroke_width=2.4),
    ]
    return Picture(document("".join(drawn), WIDTH, HEIGHT, alt), alt)


def _in_words(losses: np.ndarray) -> str:
    """Return a description of a curve by its numbers, for readers who do not see it."""
    finite = losses[np.isfinite(losses)]
    said = f"the loss goes from {number(finite[0])} to {number(finite[-1])}"
    low, high = float(finite.min()), float(finite.max())
    if low < min(finite[0], finite[-1]):
        said += f", with {number(low)} as its lowest"
    if high > max(finite[0], finite[-1]):
        said += f", with {number(high)} as its highest"
    return said + (", and is then no longer finite." if len(finite) < len(losses) else ".")
