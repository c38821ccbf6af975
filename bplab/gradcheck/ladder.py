r"""Derivatives of any function with an error bar that can be trusted.

One step is never trusted. For every entry the function is evaluated at a ladder of steps, each a
quarter of the one before, and for each rung there is

- :math:`C` the central difference, and :math:`D = (16 C_{k+1} - C_k)/15`, which cancels its
  leading error;
- :math:`J` the right slope less the left one, which shrinks with the step where the function is
  smooth and stays where there is a kink.

The error bar of a rung adds what rounding does, what the extrapolation changed, what is left of
J at step zero, and every disagreement with a finer rung that is more than rounding. The rung with
the smallest bar is taken. A function that does not answer to a step at all says nothing there.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from bplab.gradcheck.probe import Probe, scale

EPS = np.finfo(np.float64).eps
STEPS = 2.0 ** -np.arange(7, 23, 2)
"""Steps of the ladder, relative to max(1, |w|)."""
SIGMAS = 4  # an error by rounding is at most this many standard deviations


Move = Callable[[float], tuple[float, float]]
"""Takes a step; returns the function's value there, and how far it really moved."""


class Derivative(NamedTuple):
    """Numerical derivatives, one an entry or direction.

    ``value`` and ``error`` are the derivatives and their error bars (infinite where nothing can
    be said); ``curvature`` is the size of the second derivative; ``silent`` tells where the
    function never answered to a step.
    """

    value: np.ndarray
    error: np.ndarray
    curvature: np.ndarray
    silent: np.ndarray


class Ladder:
    """The ladder of a function at its parameters; value and rounding are looked at once.

    Attributes
    ----------
    probe : Probe
    here : float
        The function's value at the parameters.
    """

    def __init__(self, probe: Probe):
        self.probe, self.here = probe, probe.here()
        self._sigma = rounding(probe, self.here)

    def by_entry(self, places: Sequence[tuple[int, tuple[int, ...]]] | None = None) -> Derivative:
        """Derivatives with respect to some or all parameters, in the order of ``entries()``."""
        places = list(self.probe.entries()) if places is None else places
        lines = (self._line(b, index) for b, index in places)
        return _derivatives(lines, len(places), self.here, self._sigma)

    def at(self, b: int, index: tuple[int, ...]) -> Derivative:
        """Derivative with respect to one entry."""
        return _derivatives([self._line(b, index)], 1, self.here, self._sigma)

    def by_direction(self, direction: list[np.ndarray]) -> Derivative:
        """Derivative along one direction, whose largest entry should be about max(1, |w|)."""
        line = (STEPS, lambda h: (self.probe.along(direction, h), h))
        return _derivatives([line], 1, self.here, self._sigma)

    def _line(self, b: int, index: tuple[int, ...]) -> tuple[np.ndarray, Move]:
        steps = scale(self.probe.blocks[b][index]) * STEPS
        return steps, lambda h: self.probe.moved(b, index, h)


def rounding(probe: Probe, here: float) -> float:
    """Standard deviation of the function's rounding errors.

    From fourth differences at steps so small that nothing else is left in them. Several sizes of
    step, since a function may be rounded more coarsely inside than in its value.
    """
    rng = np.random.default_rng(0)
    worst = float(EPS / 4 * abs(here))
    for step in 2.0 ** -np.arange(32, 51, 6).repeat(2):
        direction = probe.direction(rng)
        values = [probe.along(direction, step * k) for k in range(-4, 5)]
        # a fourth difference of independent errors has 70 times their variance
        worst = max(worst, float(np.sqrt(np.mean(np.diff(values, n=4) ** 2) / 70)))
    return worst


def _derivatives(
    lines: Iterable[tuple[np.ndarray, Move]], count: int, here: float, sigma: float
) -> Derivative:
    ahead, behind, run = (np.empty((len(STEPS), count)) for _ in range(3))
    for j, (steps, move) in enumerate(lines):
        for k, h in enumerate(steps):
            ahead[k, j], forth = move(h)
            behind[k, j], back = move(-h)
            run[k, j] = (forth - back) / 2
    C = (ahead - behind) / (2 * run)
    J = ((ahead - here) - (here - behind)) / run
    noise = SIGMAS * sigma / run
    quiet = (ahead == here) & (behind == here)

    value = (16 * C[1:] - C[:-1]) / 15
    error = np.empty_like(value)
    for k in range(1, len(STEPS)):
        finer = slice(k, None)
        shrunk = run[finer] / run[k]
        gap = np.abs(C[finer] - value[k - 1])
        bend = np.abs(J[finer] - J[k] * shrunk)
        error[k - 1] = (
            noise[k]
            + np.abs(C[k] - C[k - 1])
            + np.abs(4 * J[k] - J[k - 1]) / 3
            + np.maximum(gap - noise[finer], 0).max(axis=0)
            + np.maximum(bend - 2 * noise[finer], 0).max(axis=0)
            + 2 * (gap * shrunk).max(axis=0)
        )
    error[quiet[1:] | quiet[:-1]] = np.inf

    best, entry = error.argmin(axis=0), np.arange(count)
    curvature = np.abs(J[best + 1, entry] / run[best + 1, entry])
    known = np.isfinite(error[best, entry])
    return Derivative(
        np.where(known, value[best, entry], 0.0),
        error[best, entry],
        curvature,
        quiet.all(axis=0),
    )
