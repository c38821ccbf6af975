"""One place in the code that is wrong: if it is written in another way, every answer is right.

That is proven, not guessed: the function is called again with the place rewritten, and a finding is
made only if the verdict is then that it is right.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import process_time

from bplab.errors import listed
from bplab.exercises.judging.trial import Finding, Here, Trial, answer
from bplab.learner import Mend, Mended, mended

_WITH_INDEX = "With the right one every answer is right: write the equation's index beside it."

_SAYS: dict[Mend, tuple[str, str, str]] = {
    Mend.CLIP: (
        "clipped",
        "In {where}, {text} cuts off numbers that have to stay as they are.",
        "Without it every answer is right. What lies beyond the bounds is as good as any other "
        "number.",
    ),
    Mend.SQUEEZE: (
        "squeezed",
        "In {where}, {text} takes away axes of length 1, and one of them is needed.",
        "With one example, one output or one unit a matrix is a matrix still, with one row or one "
        "column. Leave squeeze out, or name the one axis that is to go: every answer is right "
        "then.",
    ),
    Mend.ORDER: (
        "rearranged",
        "In {where}, {text} puts numbers in the places of others.",
        "With each in its own place every answer is right: a number belongs to one example and one "
        "unit.",
    ),
    Mend.ROUND: (
        "rounded",
        "In {where}, {text} rounds numbers, or cuts off their decimals.",
        "Without it every answer is right.",
    ),
    Mend.DIVIDE: (
        "whole-division",
        "In {where}, {text} divides with //, which cuts off the decimals.",
        "With a plain / every answer is right.",
    ),
    Mend.STARS: (
        "stars",
        "In {where}, {text} has one star where two are due, or two where one is.",
        "x * 2 is twice x, and x ** 2 its square. With the other one every answer is right.",
    ),
    Mend.BRACKETS: (
        "brackets",
        "In {where}, {text} needs brackets: without them a product or a power is "
        "worked out before a sum or a minus.",
        "With brackets around a sum in it every answer is right.",
    ),
    Mend.SMALL: (
        "epsilon-added",
        "In {where}, {text} contains a small number that is not in the formula.",
        "Without it every answer is right. It is hardly seen, and the answer is not exact with it.",
    ),
    Mend.LIST: (
        "list-repeated",
        "In {where}, {text} multiplies a list, which repeats it: times 2 it comes twice, times −2 "
        "it is empty.",
        "Only an array is multiplied entry by entry: make one of the list, with np.array(…).",
    ),
    Mend.PART: (
        "part-for-whole",
        "In {where}, {text} takes one for all of them.",
        "With all of it every answer is right: what is taken of one belongs to that one alone.",
    ),
    Mend.GIVEN: (
        "argument-overwritten",
        "In {where}, {text} gives an argument of your function another value.",
        "With the value that it was given every answer is right.",
    ),
    Mend.INDEX: (
        "index-off",
        "In {where}, {text} is another entry than the one that belongs there.",
        f"One of its indices is off. {_WITH_INDEX}",
    ),
}

PLACED = frozenset(name for name, _, _ in _SAYS.values())
"""The names of the findings made here: each message gives the line."""

SECONDS = 0.8
"""Processor time for which places are tried: nested loops may be slow."""

_OF_ERRORS = (Mend.SQUEEZE, Mend.LIST)
"""The mends that are tried if the function raises: their place may be far from the failing line."""


def one_place(trial: Trial, diagnose: Callable[[Trial], Finding | None]) -> Finding | None:
    """Say which place is wrong, if every answer is right with that place rewritten.

    If there is none, a list that is emptied by a negative factor is named: nobody means that.
    """
    if not isinstance(trial.learner, Here):
        return None
    first = next(i for i in range(len(trial.cases)) if not trial.right(i))
    until = process_time() + SECONDS
    proven: list[Mended] = []
    emptied: list[Mended] = []
    mends = _OF_ERRORS if trial.answers[first].raised else Mend
    for one in mended(trial.learner.functions(), mends):
        if proven and one.mend is not proven[0].mend:
            break
        if process_time() > until:
            proven = []  # an index that was not tried might do as well
            break
        right_there = _right_at(trial, first, one)
        for text, line, is_empty in one.repeated:
            one = replace(one, text=text, lines=(line,))
            emptied += [one] * is_empty
        if right_there and _all_right(trial, one, diagnose):
            proven.append(one)
            if one.mend is not Mend.INDEX:
                break
    return _said(trial, proven or emptied) if proven or emptied else None


def _right_at(trial: Trial, i: int, one: Mended) -> bool:
    came = answer(trial.exercise, one.function, trial.cases[i])
    learner, case, right = Here(one.function), [trial.cases[i]], [trial.references[i]]
    return Trial(trial.exercise, learner, case, [came], right, []).all_right()


def _all_right(trial: Trial, one: Mended, diagnose: Callable[[Trial], Finding | None]) -> bool:
    again = Trial.run(trial.exercise, Here(one.function), trial.cases, trial.references)
    return again.all_right() and diagnose(again) is None


def _said(trial: Trial, places: Sequence[Mended]) -> Finding:
    """Say what is wrong with a place, or with several indices any of which may be the wrong one."""
    name, says, hint = _SAYS[places[0].mend]
    texts = list(dict.fromkeys(one.text for one in places))
    lines = sorted({line for one in places for line in one.lines})
    where = f"line {lines[0]}" if len(lines) == 1 else f"lines {listed(map(str, lines))}"
    if len(texts) > 1:
        says = "In {where}, these do not belong to each other: {text}."
        hint = f"An index of one of them is off. {_WITH_INDEX}"
    if name == "index-off" and any(" - " in text for text in texts):
        hint = f"{hint} Python takes −1 for the last entry, so no error need show it."
    says = says.format(where=where, text="; ".join(texts))
    return Finding(name, says, hint, "code", trial.seen())
