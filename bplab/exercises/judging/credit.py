"""Partial credit: what an answer is worth that is not right."""

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

    1. A right answer earns all points. Right is what agrees with the reference to ten digits, to
       1e-10 of an entry or 1e-12 of the largest one. In float32 come only answers of a function
       that works in float32 from start to end; they may be off by eight times what that
       arithmetic loses, and no more. What it loses is the most that the reference, and the other
       usual ways of writing it, are off when they work in float32, on the rounded arguments and on
       these moved by one rounding.
    2. What an exercise asks for has one part or more, such as delta and the gradient. All parts
       count alike. A part that is right in every case earns its share of the points. Every part
       has its place: put None where one is not written. Too few parts, or too many, earn nothing,
       for which is which cannot be told.
    3. A part that is right in every ordinary case and wrong only in special ones (the smallest
       sizes, such as one example or one output; a value on a kink; saturated units; integer
       arrays) earns half its share. A case in which your function raises an error is wrong.
    4. Nothing is earned by a function that is not written, that changes its arguments (the numbers
       in an array, or a new array at the place of a given one in a list; adding to a list such as
       alphas or turning it round is allowed, since every function gets a list of its own), that
       answers differently when it is called again or keeps an answer for the next question, or that
       differentiates numerically where the formula is asked for. With activations that are given
       this is proven: the answer changes with their values beside the given points. If the function
       has a copy of an activation, a complex step through it is seen in the code; a difference that
       is right to ten digits is not. In section 4 exp, tanh, maximum and the like are given other
       values, and so are the functions of the notebook that it calls: the slope is numerical if it
       is the derivative of the new activation, which no formula knows. A complex step is seen in
       the code, too, and a difference by its noise. Not seen is what is not made of such functions
       when it is called: a table from another cell, or an ``if`` of Python in a function that is
       defined within.

    Points are rounded down to half points.

    Parameters
    ----------
    trial : Trial
    finding : Finding or None
        What `diagnose` makes of it.

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
    """Return what a share of the points comes to: rounded down to halves."""
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

    The rule, for students as well: all points if the wanted share of the examples is recognised;
    half of them if at most a tenth of the examples is missing to it; else nothing. In both cases
    the function must have learned from what it was given: it is shown examples under other
    names, and has to use these.

    Parameters
    ----------
    challenge : Challenge
    learner : Learner
        It is given the second lesson, if it did not come to that yet.
    tried, finding
        What `judge` returned.
    rng : Generator
        The one that `judge` had.
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
