"""Whether a function finds the slope of its value even when the value is a new activation.

A function of section 4 is run where exp, tanh, maximum and the like have other values. Its value is
then a new activation, whose derivative no formula knows, but differences find it. Here it is known
from the values themselves: each x is given three times, as it is, a little above and a little
below.
"""

from collections.abc import Sequence

import numpy as np

from bplab.exercises.judging.trial import Trial, all_near, right_answers
from bplab.exercises.task import Case
from bplab.learner import Answer

STEP = 1e-4
"""How far above and below each x is given again."""

TELLING = 0.05
"""The least distance between the new derivative and the formula's that tells anything.

It is relative to the largest slope of the formula.
"""

NEAR = 0.1
"""How near to the new derivative an answer must be, relative to that distance or its median."""

ENOUGH = 12
"""How many entries must tell, a sixth of them on each side; nine in ten of them must be near."""

FEW = 4
"""How many different slopes there may be where the differences are rounded."""


def differentiates(trial: Trial, case: Case) -> bool:
    """Whether the slope is also the derivative of the value when functions have other values."""
    both = case.either_side(STEP)
    if both is None:
        return False
    moved, direction = both
    (right,) = right_answers(trial.exercise, [moved])
    for which in ("smooth", "straight", "own"):
        answer = trial.learner.answer_with_other_values(trial.exercise, moved, which)
        if answer is not None and _follows(answer, right, direction):
            # a wrong activation has a derivative, too: unchanged, it must be the right one
            (unchanged,) = trial.learner.answers(trial.exercise, [moved])
            return all_near(unchanged.arrays, right, 1e-5)  # differences are not exact
    return False


def _follows(answer: Answer, right: Sequence[np.ndarray], direction: np.ndarray) -> bool:
    came = answer.arrays
    if came is None or [a.shape for a in came] != [a.shape for a in right]:
        return False
    value, slope = (np.asarray(array, dtype=float) for array in came)
    if not (np.isfinite(value).all() and np.isfinite(slope).all()):
        return False
    _, above, below = np.split(value, 3)
    new = (above - below) / (2 * STEP)
    ours, formula = (_along(np.split(array, 3)[0], direction) for array in (slope, right[1]))
    return _near(ours, new, formula, TELLING * np.abs(formula).max()) or _steps(ours, new, formula)


def _near(ours: np.ndarray, new: np.ndarray, formula: np.ndarray, least: float) -> bool:
    """Whether the slopes are the new derivative, on both sides of what a formula gives."""
    gap = new - formula
    tells = np.abs(gap) > least
    sides = np.count_nonzero(gap[tells] > 0), np.count_nonzero(gap[tells] < 0)
    if sum(sides) < ENOUGH or 6 * min(sides) < sum(sides):
        return False
    far = np.abs(gap[tells])
    near = np.abs(ours - new)[tells] <= NEAR * np.maximum(far, np.median(far))
    return bool(near.mean() >= 0.9)


def _steps(ours: np.ndarray, new: np.ndarray, formula: np.ndarray) -> bool:
    """Whether the slopes are the new derivative rounded, or one of two numbers chosen by it.

    On a straight piece, where a formula gives one slope, there are then few different slopes. In
    the order of the new derivative, they change from one number to the next only a few times.
    """
    for slope in np.unique(formula):
        among = formula == slope
        order = np.argsort(new[among])
        numbers, which = np.unique(ours[among][order], return_inverse=True)
        if len(numbers) > FEW or among.sum() < 2 * ENOUGH:
            continue
        rarer = among.sum() - np.bincount(which).max()
        if rarer >= ENOUGH / 2 and np.count_nonzero(np.diff(which)) < FEW:
            return True
    return False


def _along(slope: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return the derivative along a direction: from a Jacobian (N, K, K), or entry by entry."""
    if slope.ndim == 3:
        along: np.ndarray = np.einsum("nkl,nl->nk", slope, direction)
        return along
    return slope * direction
