"""Partial credit: what a wrong answer is worth."""

import math
from fractions import Fraction

import numpy as np

from bplab.exercises.judging.challenge import Attempt, second_lesson
from bplab.exercises.judging.diagnosis import numerical
from bplab.exercises.judging.trial import Finding, Learner, Trial
from bplab.exercises.task import Challenge

__all__ = ["NEAR", "challenge_credit", "credit", "points_for"]

HALF = Fraction(1, 2)

NEAR = 0.10
"""A challenge that is missed by no more than this share of the examples earns half."""


def credit(trial: Trial, finding: Finding | None) -> float:
    """Return the share of an exercise's points that an answer earns.

    The rule, for students as well:

    1. A right answer earns all points. An answer is right if it agrees with the reference to ten
       digits: to 1e-10 of an entry or 1e-12 of the largest one. An answer in float32 counts only if
       the function works in float32 from start to end; it may be off by eight times what that
       arithmetic loses, and no more. That loss is the largest error of the reference, and of the
       other usual ways of writing it, when they work in float32, on the rounded arguments and on
       those moved by one rounding.
    2. An exercise asks for one part or more, such as delta and the gradient. All parts count alike.
       A part that is right in every case earns its share of the points. Every part has its place:
       put None where one is not written. Too few parts, or too many, earn nothing, because nobody
       can tell which is which.
    3. A part that is right in every ordinary case and wrong only in special ones (the smallest
       sizes, such as one example or one output; a value on a kink; saturated units; integer
       arrays) earns half its share. A case in which your function raises an error is wrong.
    4. A function earns nothing if it is not written, if it changes its arguments, if it answers
       differently when it is called again or keeps an answer for the next question, or if it
       differentiates numerically where the formula is asked for. To change an argument is to change
       the numbers in an array, or to replace an array in a list. Adding to a list such as alphas,
       or reversing it, is allowed, since every function gets its own list.

    Numerical differentiation is proven as follows. With activations that are given, the answer
    changes with their values beside the given points. If the function has its own copy of an
    activation, a complex step through it is seen in the code; a difference that is right to ten
    digits is not seen. In section 4, exp, tanh, maximum and the like are given other values, and so
    are the functions of the notebook that it calls: the slope is numerical if it is the derivative
    of the new activation, which no formula knows. A complex step is also seen in the code, and a
    difference by its noise. Numerical slopes are not seen if they use no such function during the
    call: those from a table in another cell, or from an ``if`` of Python in an inner function.

    Points are rounded down to half points.

    Parameters
    ----------
    trial : Trial
    finding : Finding or None
        The finding of `diagnose`.

    Returns
    -------
    float
        From 0 to 1; 1 only if ``finding`` is None.
    """
    if finding is None:
        return 1.0
    if finding.forfeits:
        return 0.0
    count = len(trial.exercise.parts)
    share = sum((_part(trial, k) for k in range(count)), Fraction(0)) / count
    if share and numerical(trial):
        return 0.0
    return float(share)


def points_for(share: float, most: float) -> float:
    """Return how many points a share of them gives: rounded down to half points."""
    return most if share >= 1 else math.floor(2 * share * most) / 2


def _part(trial: Trial, k: int) -> Fraction:
    wrong = [case for i, case in enumerate(trial.cases) if not trial.part_right(k, i)]
    if not wrong:
        return Fraction(1)
    return HALF if all(case.special for case in wrong) else Fraction(0)


def challenge_credit(
    challenge: Challenge,
    learner: Learner,
    tried: Attempt,
    finding: Finding | None,
    rng: np.random.Generator,
    *,
    hidden: bool,
) -> float:
    """Return the share of a challenge's points that an attempt earns.

    The rule, for students as well: a function earns all points if it recognises the required share
    of the examples, half of them if it falls short by at most a tenth of the examples, and else
    nothing. In both cases it must have learned from what it was given: it is shown examples whose
    classes have other names, and must use these.

    Parameters
    ----------
    challenge : Challenge
    learner : Learner
        Is given the second lesson if `judge` did not get as far as that.
    tried, finding
        What `judge` returned.
    rng : Generator
        The generator that was passed to `judge`.
    hidden : bool
        Whether the split was a hidden one.
    """
    if finding is None:
        return 1.0
    near = challenge.enough(hidden=hidden) - NEAR
    if not finding.begun or tried.accuracy < near:
        return 0.0
    _, found = second_lesson(challenge, learner, tried, rng)
    return 0.0 if found else 0.5
