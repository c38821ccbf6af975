"""Whether what a function calls a derivative is that of its value, whatever the value has become.

A function of section 4 is run where exp, tanh, maximum and the like have other values. Its value is
then a new activation. A formula does not know the derivative of that; differences find it. It is
known from the values themselves: each x comes three times, as it is, a little above and below.
"""

from collections.abc import Sequence

import numpy as np

from bplab.exercises.judging.trial import Trial, all_near, right_answers
from bplab.exercises.task import Case
from bplab.learner import Answer

STEP = 1e-4
"""How far above and below each x comes once more."""

TELLING = 0.05
"""So far, of the largest slope, the new derivative must be from the formula's to tell anything."""

NEAR = 0.1
"""How near to the new derivative, relative to that distance or the usual one, an answer must be."""

ENOUGH = 12
"""Entries that must tell, a sixth of them on each side; nine of ten must be near."""

FEW = 4
"""No more slopes than these come where differences are rounded."""


def differentiates(trial: Trial, case: Case) -> bool:
    """Whether the slope is found to be the derivative of other values, too."""
    both = case.either_side(STEP)
    if both is None:
        return False
    moved, direction = both
    (right,) = right_answers(trial.exercise, [moved])
    for which in ("smooth", "straight", "own"):
        answer = trial.learner.answer_with_other_values(trial.exercise, moved, which)
        if answer is not None and _follows(answer, right, direction):
            # any wrong activation has a derivative, too: as it is, it must be the right one
            (unchanged,) = trial.learner.answers(trial.exercise, [moved])
            return all_near(unchanged.arrays, right, 1e-5)  # but for what differences leave
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
    """Whether what came is the new derivative, on both sides of what a formula gives."""
    gap = new - formula
    tells = np.abs(gap) > least
    sides = np.count_nonzero(gap[tells] > 0), np.count_nonzero(gap[tells] < 0)
    if sum(sides) < ENOUGH or 6 * min(sides) < sum(sides):
        return False
    far = np.abs(gap[tells])
    near = np.abs(ours - new)[tells] <= NEAR * np.maximum(far, np.median(far))
    return bool(near.mean() >= 0.9)


def _steps(ours: np.ndarray, new: np.ndarray, formula: np.ndarray) -> bool:
    """Whether what came is the new derivative rounded, or one of two numbers that it decides on.

    Where a formula gives one slope, that of a straight piece, there are few numbers then, and the
    new derivatives come in their order, one number after the other.
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
    """The derivative along a direction: of a Jacobian (N, K, K), or entry by entry."""
    if slope.ndim == 3:
        along: np.ndarray = np.einsum("nkl,nl->nk", slope, direction)
        return along
    return slope * direction
