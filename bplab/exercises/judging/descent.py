"""Wrong steps of gradient descent: what the numbers show about the rate, or about a weight decay.

Only what holds for every number in every case is said: the step has a factor that is one number
times a power of gamma, or a multiple of the weights is subtracted besides. Many steps in succession
must be those of the reference at another rate, or nothing is said.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Run", "Step", "run_words", "step_words"]

Words = tuple[str, str, str]

TELLING = 3
"""More than this many different numbers, and rates, must agree, as one number is chosen."""

LONG = 1e4
ITERATIONS = 8
EXACT = 1e-7
POWERS = (1.0, 0.0, 0.5, 2.0, 3.0, -1.0, -0.5, -2.0, 1.5, 0.25)
"""Exponents of gamma that are tried as the factor of a step."""


class Step(NamedTuple):
    """One step: its rate, the weights before it, and what was and what should be subtracted."""

    gamma: float
    start: np.ndarray
    came: np.ndarray
    right: np.ndarray

    @property
    def hides_weights(self) -> bool:
        """Whether the step is so much longer than the weights that few of their digits remain."""
        return bool(np.abs(self.right).max() > LONG * np.abs(self.start).max())


def step_words(which: str, steps: Sequence[Step]) -> Words | None:
    """Say how the rate of wrong steps is off, or which decay they have.

    Parameters
    ----------
    which : str
        What these steps are called at the beginning of a sentence: ``"Your step"``.
    steps : sequence of Step
        The steps in all cases, including those in which nothing is wrong.

    Returns
    -------
    (str, str, str) or None
        A label, what is wrong, and what to do; None unless one explanation holds in every case.
    """
    moving = [step for step in steps if step.right.any()]
    if len({step.gamma for step in moving}) <= TELLING or not _enough(s.right for s in moving):
        return None
    if any(step.came.any() for step in steps if not step.right.any()):
        return _decay(which, steps)
    factors = _multiples([(step.came, step.right) for step in moving])
    if factors is None:
        return _decay(which, steps)
    law = _law(factors, np.array([step.gamma for step in moving]))
    return law and law.words(which)


class Run(NamedTuple):
    """Many steps: the rate that was given, and the weights that came, in one flat array.

    ``right(rate)`` returns the weights after the right steps at any rate, in the same way.
    """

    gamma: float
    came: np.ndarray
    right: Callable[[float], np.ndarray]


def run_words(which: str, runs: Sequence[Run]) -> Words | None:
    """Say how the rate of many wrong steps depends on gamma; see `step_words`.

    Evidence: the law is taken from the cases in which a rate is found, and gives every number of
    every case.
    """
    found: list[tuple[float, float]] = []
    failed = 0
    for run in sorted(runs, key=lambda run: run.came.size):  # the quickest first
        if (rate := _rate_that_fits(run)) is not None:
            found.append((rate, run.gamma))
        else:
            failed += 1
        if len(found) > TELLING + 1 or failed > len(found) + 1:
            break
    if len({gamma for _, gamma in found}) <= TELLING:
        return None
    rates, gamma = np.array(found).T
    law = _law(rates / gamma, gamma)
    if law is None or not all(_is_near(run, law.rate(run.gamma)) for run in runs):
        return None
    return law.words(which)


def _rate_that_fits(run: Run) -> float | None:
    """Return the rate at which the right steps end where these did; None if there is none."""
    rate, nudge = run.gamma, 1e-6 * run.gamma
    for _ in range(ITERATIONS):
        at = run.right(rate)
        slope = (run.right(rate + nudge) - at) / nudge
        if not (np.isfinite(slope).all() and slope.any()):
            return None
        moved = float(np.vdot(slope, run.came - at) / np.vdot(slope, slope))
        rate += moved
        if abs(moved) < 1e-12 * run.gamma:
            break
    return rate if _is_near(run, rate) else None


def _is_near(run: Run, rate: float) -> bool:
    """Whether the right steps at this rate end there, relative to the distance that they went."""
    way = np.abs(run.came - run.right(0.0)).max()
    return bool(np.abs(run.came - run.right(rate)).max() <= EXACT * way)


class _Law(NamedTuple):
    """The rate is c times a power of gamma."""

    c: float
    power: float

    def rate(self, gamma: float) -> float:
        return float(self.c * gamma**self.power)

    def words(self, which: str) -> Words | None:
        if self.power == 1:
            if abs(self.c - 1) < EXACT:
                return None
            uphill = ", and goes uphill" if self.c < 0 else ""
            return (
                "step-scaled",
                f"{which} is {abs(self.c):.4g} times as long as it should be{uphill}.",
                "The update has no factor but gamma: the weights, minus gamma times the gradient.",
            )
        if self.power == 0:
            return (
                "gamma-constant",
                f"{which} always has the rate {self.c:.4g}, whatever gamma is.",
                "Your function is given gamma: use that one.",
            )
        times = "" if abs(self.c - 1) < EXACT else f", times {self.c:.4g}"
        return (
            "gamma-power",
            f"{which} has gamma to the power {self.power:g}{times}, where gamma itself is due.",
            "One factor gamma stands between the gradient and the weights, and no function of it.",
        )


def _law(factors: np.ndarray, gamma: np.ndarray) -> _Law | None:
    """Evidence: all numbers of all cases, minus the one that is chosen, at different rates."""
    for power in POWERS:
        if (c := _one_number(factors * gamma ** (1 - power))) is not None:
            return _Law(c, power)
    return None


def _decay(which: str, steps: Sequence[Step]) -> Words | None:
    """Evidence: the errors, minus one for the share that is chosen, are that share of the weights.

    In a step that is very much longer than the weights, a share of the weights is lost in rounding.
    """
    steps = [step for step in steps if not step.hides_weights] or steps
    for what, of in _SHRUNK:
        beside = [(step.came - step.right, of(step.start)) for step in steps]
        if any(off.any() for off, weights in beside if not weights.any()):
            continue
        there = [(step, pair) for step, pair in zip(steps, beside, strict=True) if pair[1].any()]
        shares = _multiples([pair for _, pair in there])
        distinct = 1 if "sign" in what else TELLING
        if shares is None or not _enough((w for _, (_, w) in there), distinct):
            continue
        gamma = np.array([step.gamma for step, _ in there])
        for share, rate in (
            (_one_number(shares / gamma), "gamma times "),
            (_one_number(shares), ""),
        ):
            if share is not None and share != 0:
                done = "subtracts" if share > 0 else "adds"
                return (
                    "weight-decay",
                    f"{which} is right, but also {done} {rate}"
                    f"{'' if abs(share - 1) < EXACT else f'{abs(share):.4g} times '}{what}.",
                    "Weight decay is a term of other losses, and R(θ) has none: the step is gamma "
                    "times the gradient.",
                )
    return None


def _no_bias(weights: np.ndarray) -> np.ndarray:
    return np.column_stack([np.zeros(len(weights)), weights[:, 1:]])


_SHRUNK: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("each weight", lambda w: w),
    ("each weight but the biases", _no_bias),
    ("the sign of each weight", np.sign),
    ("the sign of each weight but the biases", lambda w: _no_bias(np.sign(w))),
)
"""What may be subtracted in proportion: in words, and as a function of the weights."""


def _multiples(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray | None:
    """Return the factor between the two arrays of each pair; None if some pair has no factor."""
    found = np.array([np.vdot(b, a) / np.vdot(b, b) for a, b in pairs])
    for c, (a, b) in zip(found, pairs, strict=True):
        if not np.abs(a - c * b).max() <= EXACT * abs(c) * np.abs(b).max():
            return None
    return found


def _one_number(values: np.ndarray) -> float | None:
    """Return the number that all of these equal; None if they differ."""
    first = float(values[0])
    return first if np.allclose(values, first, rtol=EXACT, atol=0) else None


def _enough(arrays: Iterator[np.ndarray], wanted: int = TELLING) -> bool:
    """Whether there are more than ``wanted`` different numbers, without zero."""
    return len({f"{x:.9e}" for array in arrays for x in array.flat if x}) > wanted
