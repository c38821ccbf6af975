r"""How finely a function answers: the size of its rounding errors, found from its values.

That it computes in float64 is not assumed: a function may answer in single precision, round to six
digits, look up a table, or stop an iteration early. It is evaluated along random directions, in
windows of equal steps from :math:`2^{-50}` to :math:`2^{-8}`. It *answers* if its value changes.

- At small steps, fourth differences of a smooth function hold nothing but rounding. Rounding does
  not shrink with the steps, so a window counts only if the next finer one shows about as much; near
  a kink or a pole it shows less.
- If the function does not answer in the finest windows, bisection finds the place of its first
  answer in the next ones: a plateau ends with a *jump*, a flat side at a kink does not.
- In the widest windows, a difference counts that stands out from both its neighbours while these
  agree. Neither a curve nor a kink looks like that.
- All values together may show a grid: few bits, or multiples of one number.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bplab.gradcheck.probe import Probe

EPS = np.finfo(np.float64).eps
SIGMAS = 4  # an error by rounding is at most this many standard deviations
WINDOWS = (50, 44, 38, 32, 26, 20, 14, 8)  # steps of 2^-50 and so on
FINER = 6  # how often the steps are halved in a test that rounding stays the same
DECIMALS = 13  # the most decimals that a grid of decimal numbers may have
WIDER = (5, 2)  # windows to add where the others show nothing but a few plateaus
WIDE = 8  # steps of 2^-8 and more are too wide for fourth differences
PLATEAUS = 6  # with no more values than this, a function seems to have plateaus
HALF = 4  # steps to each side in a window
WIDEST_HALF = 6  # the same in a wide window
SHRINKS = 8  # what shrinks by more than this from a window to the next finer one is not rounding
BISECTIONS = 40
APART = 12  # times their rounding: values that spread more show the function itself
GROWS = 4  # values of a smooth function spread this much more in a window 64 times as wide
FORM = 100  # times the rounding of the finest steps: more may be the function's own form
COARSE = 1e3 * EPS  # rounding, relative to f, that is worth a note
LEAST_STEP = 1e4 * EPS  # relative to f: the finest grid that is worth a note
KINDS = {11: "half precision (float16)", 24: "single precision (float32)"}
"""Bits in the mantissas of shorter floats; a few random values need nearly all of them."""


class Resolution(NamedTuple):
    """How finely a function answers.

    ``noise`` is the standard deviation of its rounding errors; ``least`` is the same, measured in
    the finest steps in which the function is smooth; ``size`` is its largest absolute value nearby;
    ``note`` says in words what is coarser than float64, and is empty if nothing is; ``unit`` is the
    distance from one to the next larger number, in the precision of its values.
    """

    noise: float
    least: float
    size: float
    note: str
    unit: float = EPS
    grain: float = 0.0


def resolution(probe: Probe, here: float) -> Resolution:
    """Find the resolution of a function around its parameters, from 68 evaluations or more."""
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
        """Whether finer steps along the same line show as much; near a kink they do not."""
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
        return _in_steps(step, noise, size, probe)
    most, kind = next((k for k in KINDS.items() if k[0] - 3 < bits <= k[0]), (0, ""))
    if kind and len(seen) > 2:
        noise = max(noise, 0.3 * 2.0**-bits * size)
        return Resolution(noise, noise, size, f"f answers in {kind}", 2.0 ** (1 - most), noise)
    points = sum(map(len, windows.values()))
    if len(seen) < points / 2 and _grid(seen):
        # at equal steps the values of a parabola are on a grid, too; those between are not
        between = [_between(probe, lines[e], e, rng) for e in answering or windows]
        step = _grid(np.unique(np.concatenate([seen, *between])))
    if step:
        return _in_steps(step, noise, size, probe)
    if noise > COARSE * size:
        why = (
            "as with single precision inside, or a loop that stops early"
            if 2**-28 < noise / size < 2**-21
            else "errors of its own, or an oscillation faster than the steps"
        )
        wavers = f"f wavers by about {noise * probe.unit:.1g} from step to step: {why}"
        return Resolution(noise, least, size, wavers)
    return Resolution(noise, least, size, "")


def _in_steps(step: float, noise: float, size: float, probe: Probe) -> Resolution:
    noise = max(noise, 0.3 * step)
    note = f"f answers in steps of {step * probe.unit:.3g}"
    return Resolution(noise, noise, size, note, grain=noise)


def _window(probe: Probe, here: float, along: list[np.ndarray], e: int) -> np.ndarray:
    """Return values at equal steps of 2^-e along a direction; ``here`` is in the middle."""
    half = WIDEST_HALF if e <= WIDE else HALF
    values = []
    for k in range(-half, half + 1):
        moved = [w + k * 2.0**-e * d for w, d in zip(probe.blocks, along, strict=True)]
        values.append(probe.within(moved) if k else here)
        if np.isnan(values[-1]):
            break
    return np.array(values)


def _between(probe: Probe, along: list[np.ndarray], e: int, rng: np.random.Generator) -> np.ndarray:
    """Return the finite values at random steps within a window."""
    steps = rng.uniform(-HALF, HALF, HALF) * 2.0**-e
    values = [
        probe.within([w + t * d for w, d in zip(probe.blocks, along, strict=True)]) for t in steps
    ]
    return np.array([value for value in values if np.isfinite(value)])


def _rounding(
    windows: dict[int, np.ndarray], least: float, stays: Callable[[int, float], bool]
) -> float:
    """Return the standard deviation of rounding, from the windows that others confirm."""
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
    """Return the rounding in the finest window whose values spread far more than that."""
    for e, values in windows.items():
        level = max(least, _level(fourth, values))
        if e > WIDE and len(np.unique(values)) == len(values) and np.ptp(values) > APART * level:
            return level
    return np.inf


def _first_jump(probe: Probe, here: float, rng: np.random.Generator, e: int) -> float:
    """Return by how much the function first changes along a direction; about 0 at a kink."""
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
    """Return a direction in which a step moves the function about as much as one of one entry."""
    return [d / np.sqrt(probe.size) for d in probe.direction(rng)]


def _level(measure: Callable[[np.ndarray], float], values: np.ndarray) -> float:
    return min(measure(values), measure(_smooth_in_the_middle(values)))


def _smooth_in_the_middle(values: np.ndarray) -> np.ndarray:
    """Return the values without a peak in the middle, such as a pole at the parameters."""
    middle = len(values) // 2
    smooth = values.copy()
    smooth[middle] = (values[middle - 1] + values[middle + 1]) / 2
    return smooth


def fourth(values: np.ndarray) -> float:
    """Return the rounding by fourth differences of values, which have 70 times its variance."""
    return float(np.sqrt(np.mean(np.diff(values, n=4) ** 2) / 70))


def _jump(values: np.ndarray) -> float:
    """Return the rounding by the difference that stands out most from two agreeing neighbours."""
    change = np.diff(values)
    apart = np.abs(change[1:-1] - (change[:-2] + change[2:]) / 2)
    return float(np.maximum(apart - np.abs(change[2:] - change[:-2]), 0).max()) / 2


def _bits(values: np.ndarray) -> int:
    """Return how many bits the mantissas of all values need."""
    mantissas = (np.abs(np.frexp(values[values != 0])[0]) * 2.0**53).astype(np.int64)
    if not len(mantissas):
        return 0
    return 53 - int(np.log2((mantissas & -mantissas).min()))


def _decimal(values: np.ndarray) -> float:
    """Return the step of values that are rounded to a number of decimals; 0 if they are not."""
    for decimals in range(DECIMALS):
        if np.array_equal(np.round(values, decimals), values):
            return _worth_a_word(10.0**-decimals, values)
    return 0.0


def _binary(values: np.ndarray, bits: int) -> float:
    """Return the step of a grid of few bits, as a bisection gives it; 0 if there is none.

    Shorter floats are on a grid, too: the finest one that their digits allow. That does not count.
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
    """Return the step if it is far larger than rounding in float64, and there are enough values."""
    coarse = step > LEAST_STEP * float(np.abs(values).max())
    return step if coarse and len(values) >= PLATEAUS else 0.0


def _grid(values: np.ndarray) -> float:
    """Return the number of which all differences are multiples; 0 if none is worth a note."""
    gaps = np.diff(values)
    if len(gaps) < 2:
        return 0.0
    step = float(gaps.min())
    if step <= LEAST_STEP * float(np.abs(values).max()):
        return 0.0
    times = gaps[gaps < 100 * step] / step
    return step if np.abs(times - np.round(times)).max() < 0.02 and len(times) > 1 else 0.0
