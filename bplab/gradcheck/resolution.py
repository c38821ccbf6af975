r"""How finely a function answers: the size of its rounding errors, found from its answers.

Nothing is taken from float64: a function may answer in single precision, round to six digits,
look up a table, or stop early inside. Along random directions it is evaluated in windows of
equal steps, from :math:`2^{-50}` to :math:`2^{-8}`.

- Nothing is left of a smooth function in a fourth difference at small steps but rounding. As
  rounding does not shrink with the steps, a window is believed only where the next finer one
  shows about as much: a kink does not, and nor does a pole.
- Where a window is the first in which the function answers at all, the place of its first answer
  is bisected: a plateau ends with a *jump*, a flat side at a kink does not.
- In the widest windows a difference is looked for that stands out from both its neighbours, while
  these agree. Neither a curve nor a kink looks like that.
- All values together show a grid: few bits, or multiples of one number.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bplab.gradcheck.probe import Probe

EPS = np.finfo(np.float64).eps
SIGMAS = 4  # an error by rounding is at most this many standard deviations
WINDOWS = (50, 44, 38, 32, 26, 20, 14, 8)  # steps of 2^-50 and so on
FINER = 6  # halvings of the steps in which rounding must stay what it is
DECIMALS = 13
WIDER = (5, 2)  # looked at where the others show nothing but a few plateaus
WIDE = 8  # steps of 2^-8 and more are too wide for fourth differences
PLATEAUS = 6
HALF = 4  # steps to each side in a window
WIDEST_HALF = 6  # and in a wide one
SHRINKS = 8  # jumps that shrink by more from a window to the next finer one are no rounding
BISECTIONS = 40
APART = 12  # times their rounding: values that spread more show the function itself
GROWS = 4  # at least, from a window to one of 64 times its width, where it is smooth
FORM = 100  # times the rounding of the finest steps: what is more may be the function's own form
COARSE = 1e3 * EPS  # rounding, relative to f, that is worth a note
LEAST_STEP = 1e4 * EPS  # relative to f, of a grid
KINDS = {11: "half precision (float16)", 24: "single precision (float32)"}
"""Bits of floats of fewer digits; a few random values need them all, or nearly."""


class Resolution(NamedTuple):
    """How finely a function answers.

    ``noise`` is the standard deviation of its rounding errors, ``least`` the same as the finest
    steps show it that the function answers smoothly; ``size`` its largest value nearby; ``note``
    says in words what is coarser than float64, and is empty where nothing is; ``unit`` is the
    distance from one to the next larger number, in the precision of its answers.
    """

    noise: float
    least: float
    size: float
    note: str
    unit: float = EPS


def resolution(probe: Probe, here: float) -> Resolution:
    """Find the resolution of a function around its parameters, from 68 evaluations."""
    rng = np.random.default_rng(0)
    lines = {e: _along(probe, rng) for e in WINDOWS}
    windows = {e: _window(probe, here, lines[e], e) for e in WINDOWS}
    if len(np.unique(windows[WIDE])) <= PLATEAUS:
        lines |= {e: _along(probe, rng) for e in WIDER}
        windows |= {e: _window(probe, here, lines[e], e) for e in WIDER}
    windows = {e: values for e, values in windows.items() if np.isfinite(values).all()}
    seen = np.unique(np.concatenate([[here], *windows.values()]))
    size = float(np.abs(seen).max())

    def stays(e: int, level: float) -> bool:
        """Whether as much is seen along the same line with finer steps; of a kink it is not."""
        if e <= WIDE or level <= COARSE * size:
            return True
        return level <= SHRINKS * _level(fourth, _window(probe, here, lines[e], e + FINER))

    noise = _rounding(windows, float(EPS / 4 * abs(here)), stays)
    least = _smooth_level(windows, float(EPS / 4 * abs(here)))
    silent = [e for e, values in windows.items() if not np.diff(values).any()]
    answering = [e for e in windows if silent and e < min(silent)]
    for e in answering[:2]:
        noise = max(noise, 0.3 * _first_jump(probe, here, rng, e))
    least = least if least < noise / FORM else noise
    bits = _bits(seen)
    few = bits <= max(KINDS)
    if step := _binary(seen, bits) if few else _decimal(seen * probe.unit) / probe.unit:
        noise = max(noise, 0.3 * step)
        return Resolution(noise, noise, size, f"f answers in steps of {step * probe.unit:.3g}")
    most, kind = next((k for k in KINDS.items() if k[0] - 3 < bits <= k[0]), (0, ""))
    if kind and len(seen) > 2:
        noise = max(noise, 0.3 * 2.0**-bits * size)
        return Resolution(noise, noise, size, f"f answers in {kind}", 2.0 ** (1 - most))
    points = sum(map(len, windows.values()))
    if len(seen) < points / 2 and _grid(seen):
        # a parabola is on a grid at equal steps, too: those between are not
        between = [_between(probe, lines[e], e, rng) for e in answering or windows]
        step = _grid(np.unique(np.concatenate([seen, *between])))
    if step:
        noise = max(noise, 0.3 * step)
        return Resolution(noise, noise, size, f"f answers in steps of {step * probe.unit:.3g}")
    if noise > COARSE * size:
        why = (
            "as with single precision inside, or a loop that stops early"
            if 2**-28 < noise / size < 2**-21
            else "errors of its own, or an oscillation faster than the steps"
        )
        wavers = f"f wavers by about {noise * probe.unit:.1g} from step to step: {why}"
        return Resolution(noise, least, size, wavers)
    return Resolution(noise, least, size, "")


def _window(probe: Probe, here: float, along: list[np.ndarray], e: int) -> np.ndarray:
    """Values at equal steps of 2^-e along a direction; ``here`` is in the middle."""
    half = WIDEST_HALF if e <= WIDE else HALF
    values = []
    for k in range(-half, half + 1):
        moved = [w + k * 2.0**-e * d for w, d in zip(probe.blocks, along, strict=True)]
        values.append(probe.within(moved) if k else here)
        if np.isnan(values[-1]):
            break
    return np.array(values)


def _between(probe: Probe, along: list[np.ndarray], e: int, rng: np.random.Generator) -> np.ndarray:
    """Finite values at unequal steps within a window."""
    steps = rng.uniform(-HALF, HALF, HALF) * 2.0**-e
    values = [
        probe.within([w + t * d for w, d in zip(probe.blocks, along, strict=True)]) for t in steps
    ]
    return np.array([value for value in values if np.isfinite(value)])


def _rounding(
    windows: dict[int, np.ndarray], least: float, stays: Callable[[int, float], bool]
) -> float:
    """The standard deviation of rounding, from every window that others confirm."""
    found, finer = least, None
    for e, values in windows.items():
        measure = _jump if e <= WIDE else fourth
        level = _level(measure, values)
        before = level if finer is None else _level(measure, finer)
        # near a pole the values spread far, and hardly less in finer windows
        pole = finer is not None and APART * level < np.ptp(values) < GROWS * np.ptp(finer)
        confirmed = before / SHRINKS <= level <= SHRINKS * max(before, found) and not pole
        if confirmed and (level <= found or stays(e, level)):
            found = max(found, level)
        finer = values
    return found


def _smooth_level(windows: dict[int, np.ndarray], least: float) -> float:
    """The rounding in the finest window in which the values spread far beyond it."""
    for e, values in windows.items():
        level = max(least, _level(fourth, values))
        if e > WIDE and len(np.unique(values)) == len(values) and np.ptp(values) > APART * level:
            return level
    return np.inf


def _first_jump(probe: Probe, here: float, rng: np.random.Generator, e: int) -> float:
    """By how much the function's first answer along a direction differs; ~0 beyond a kink."""
    along = _along(probe, rng)
    far, change = HALF * 2.0**-e, 0.0
    near = 0.0
    for _ in range(BISECTIONS):
        middle = (near + far) / 2 if change else far
        there = probe.within([w + middle * d for w, d in zip(probe.blocks, along, strict=True)])
        if np.isnan(there) or (there == here and not change):
            break
        if there == here:
            near = middle
        else:
            far, change = middle, abs(there - here)
    return change


def _along(probe: Probe, rng: np.random.Generator) -> list[np.ndarray]:
    """A direction in which a step moves the function about as much as a step of one entry."""
    return [d / np.sqrt(probe.size) for d in probe.direction(rng)]


def _level(measure: Callable[[np.ndarray], float], values: np.ndarray) -> float:
    return min(measure(values), measure(_smooth_in_the_middle(values)))


def _smooth_in_the_middle(values: np.ndarray) -> np.ndarray:
    """The same values without a peak, a pole for example, at the parameters themselves."""
    middle = len(values) // 2
    smooth = values.copy()
    smooth[middle] = (values[middle - 1] + values[middle + 1]) / 2
    return smooth


def fourth(values: np.ndarray) -> float:
    """Return rounding by fourth differences, which have 70 times its variance."""
    return float(np.sqrt(np.mean(np.diff(values, n=4) ** 2) / 70))


def _jump(values: np.ndarray) -> float:
    """Rounding by the difference that stands out most from two neighbours that agree."""
    change = np.diff(values)
    apart = np.abs(change[1:-1] - (change[:-2] + change[2:]) / 2)
    return float(np.maximum(apart - np.abs(change[2:] - change[:-2]), 0).max()) / 2


def _bits(values: np.ndarray) -> int:
    """How many bits the mantissas of all values need."""
    mantissas = (np.abs(np.frexp(values[values != 0])[0]) * 2.0**53).astype(np.int64)
    if not len(mantissas):
        return 0
    return 53 - int(np.log2((mantissas & -mantissas).min()))


def _decimal(values: np.ndarray) -> float:
    """The step of values that are rounded to some decimals; 0 where none are."""
    for decimals in range(DECIMALS):
        if np.array_equal(np.round(values, decimals), values):
            return _worth_a_word(10.0**-decimals, values)
    return 0.0


def _binary(values: np.ndarray, bits: int) -> float:
    """The step of a grid of few bits, as of a search by halves; 0 where there is none.

    Floats of fewer digits are on a grid, too: the finest that their digits allow.
    """
    _, powers = np.frexp(values[values != 0])
    if len(powers) < PLATEAUS:
        return 0.0
    least = int(powers.min()) - max(KINDS)
    gaps = np.ldexp(np.diff(values), -least)
    if gaps.max() > 2.0**62:
        return 0.0
    step = int(np.gcd.reduce(gaps.astype(np.int64)))
    finest = 2 ** (int(powers.max()) - next(k for k in KINDS if bits <= k) - least)
    return _worth_a_word(float(np.ldexp(step, least)), values) if step > 2 * finest else 0.0


def _worth_a_word(step: float, values: np.ndarray) -> float:
    """The step, if rounding in float64 is far smaller and enough values are on it."""
    coarse = step > LEAST_STEP * float(np.abs(values).max())
    return step if coarse and len(values) >= PLATEAUS else 0.0


def _grid(values: np.ndarray) -> float:
    """The number of which all differences are multiples; 0 if there is none worth a word."""
    gaps = np.diff(values)
    if len(gaps) < 2:
        return 0.0
    step = float(gaps.min())
    if step <= LEAST_STEP * float(np.abs(values).max()):
        return 0.0
    times = gaps[gaps < 100 * step] / step
    return step if np.abs(times - np.round(times)).max() < 0.02 and len(times) > 1 else 0.0
