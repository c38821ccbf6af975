r"""The derivative of a function along one line, as exactly as its values allow.

A line in the space of all parameters is worth more evaluations than one entry, because it stands
for thousands of entries. The steps are halved from wide to fine, and the central differences go
through Richardson's scheme, whose column j is free of error terms up to :math:`h^{2j}`. Where a
function is smooth, wide steps are then as exact as fine ones, and rounding hides little.

The error bar of a place in the scheme is a sum: rounding, the change from the last column and row,
any disagreement with finer steps beyond their rounding, and the difference of the right and the
left slope at step zero, which shows a kink. The place with the smallest error bar is taken.
"""

from collections.abc import Callable

import numpy as np

from bplab.gradcheck.resolution import SIGMAS

STEPS = 2.0 ** -np.arange(1, 21)
"""Steps for a line on which a step of 1 moves parameters by about their size."""
FINER = 2.0**-12 * STEPS
COLUMNS = 6
LEAST = 6 * SIGMAS / float(STEPS[3])
"""Every error bar is at least this many times the noise: rounding hides slopes and small kinks."""
SURE = 1e-8  # of the derivative: with an error bar this small, no finer steps are needed


def along(
    at: Callable[[float], float], here: float, noise: float, steps: np.ndarray | None = None
) -> tuple[float, float]:
    """Return the derivative at 0 of a function of one number, and its error bar.

    Parameters
    ----------
    at : callable
        The function; NaN outside of its domain.
    here : float
        Its value at 0.
    noise : float
        Standard deviation of its rounding errors.
    steps : ndarray, optional
        The steps, each half of the one before; without them, `STEPS` and finer ones if needed.

    Returns
    -------
    value, error : float
        The error is infinite where the derivative is not known.
    """

    def by(steps: np.ndarray) -> tuple[float, float]:
        ahead, behind = (np.array([at(sign * h) for h in steps]) for sign in (1, -1))
        return _extrapolated(steps, ahead, behind, here, noise)

    value, error = by(STEPS if steps is None else steps)
    if steps is None and error > SURE * abs(value):
        # the function may change within the finest step
        value, error = min((value, error), by(FINER), key=lambda d: d[1])
    return value, error


@np.errstate(all="ignore")  # steps that leave the domain are NaN
def _extrapolated(
    steps: np.ndarray, ahead: np.ndarray, behind: np.ndarray, here: float, noise: float
) -> tuple[float, float]:
    """Return the best value of the scheme, and its error bar."""
    rounding = SIGMAS * noise / steps
    kink = _kink((ahead - here) / steps - (here - behind) / steps, rounding)
    quiet = (ahead == here) & (behind == here)

    column = (ahead - behind) / (2 * steps)
    value, error = 0.0, np.inf
    for j in range(1, min(COLUMNS, len(steps) - 2) + 1):
        before, column = column, (4**j * column[1:] - column[:-1]) / (4**j - 1)
        if j == 1:
            plain = column
        changed = np.abs(column - before[1:])[1:]
        changed = np.maximum(changed, np.abs(np.diff(column)))
        rows = slice(j + 1, None)
        bars = changed + 2 * rounding[rows] + kink[rows]
        bars[~np.isfinite(bars) | quiet[rows]] = np.inf
        k = int(bars.argmin())
        found = float(column[k + 1])
        otherwise = np.abs(plain[j + k :] - found) - 2 * rounding[j + k + 1 :]
        bar = float(bars[k] + np.fmax.reduce(otherwise, initial=0.0))
        if bar < error:
            value, error = found, bar
    return value, error


def _kink(bend: np.ndarray, rounding: np.ndarray) -> np.ndarray:
    """Return the right slope minus the left one, extrapolated to step zero from every step.

    For a smooth function it holds odd powers of the step, which are eliminated. Of the values at
    this step and all finer ones, the least is taken: each of them shows a kink in full.
    """
    for power in (1, 3, 5):
        bend = (2**power * bend[1:] - bend[:-1]) / (2**power - 1)
    left = np.abs(bend) + 4 * rounding[3:]
    return np.append(np.full(3, np.inf), np.fmin.accumulate(left[::-1])[::-1])
