"""How an answer that is nearly right is off: what the pattern of its errors shows.

Rounding leaves numbers of few digits, clipping the same number many times, an epsilon the same
error everywhere. A cause is named only if the pattern shows it; else the message only says by how
much the answer is off. Finite differences are known by their noise, and are looked for before this:
see `numerical`.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from bplab.exercises.task import Slip, perhaps

Pairs = Sequence[tuple[np.ndarray, np.ndarray]]
Words = tuple[str, str, str]

TELLING = 4
"""At least this many numbers must show a pattern."""


def pattern(name: str, pairs: Pairs, right: Sequence[np.ndarray]) -> Words:
    """Say in which way an answer is not exact.

    Parameters
    ----------
    name : str
        The name of the part.
    pairs : sequence of pairs of ndarray
        The part's arrays in all cases, each with the right one. All entries are nearly right.
    right : sequence of ndarray of bool
        Which entries are right.

    Returns
    -------
    str, str, str
        A label, what is wrong, and what to do.
    """
    came, wanted, wrong = _in_rows(pairs, right)
    for look in (_rounded, _single, _cut, _added):
        if found := look(name, came, wanted, wrong):
            return found
    if found := _denominator(name, pairs):
        return found
    off = np.abs(came - wanted).max() / np.abs(wanted).max()
    return (
        "not-exact",
        f"{name} is nearly right, but not exact: {wrong.sum()} of {wrong.size} entries are off, by "
        f"{off:.1g} of the largest entry at most.",
        "The formula itself is exact to 15 digits. "
        + perhaps(
            (
                Slip("a number that is added or cut for safety's sake"),
                Slip("a constant with few digits"),
                Slip("a rounding"),
                Slip("a finite difference"),
                Slip("an array of float32"),
            )
        ),
    )


def _in_rows(
    pairs: Pairs, right: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return three flat arrays: what came, as float64, what was wanted, and what is wrong."""
    came, wanted = (np.concatenate([pair[i].ravel() for pair in pairs]) for i in (0, 1))
    wrong = ~np.concatenate([entries.ravel() for entries in right])
    return came.astype(np.float64), wanted, wrong


def _enough(numbers: np.ndarray) -> bool:
    return len(np.unique(numbers)) >= TELLING


def rounded(name: str, pairs: Pairs, right: Sequence[np.ndarray]) -> Words | None:
    """Say that every number is the right one rounded to few decimals, or cut off; else None.

    The numbers need not be near the right ones. For the parameters see `pattern`.
    """
    return _rounded(name, *_in_rows(pairs, right))


def _rounded(name: str, came: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> Words | None:
    if not _enough(came[wrong]):
        return None
    for digits in _decimals(came):
        if np.array_equal(np.round(wanted, digits), came):
            return (
                "rounded",
                f"{name} is nearly right, but rounded to {digits} decimals.",
                "Leave out the rounding. To see fewer digits, round what you print.",
            )
        if np.array_equal(np.trunc(wanted * 10**digits) / 10**digits, came):
            return (
                "cut-off",
                f"{name} is nearly right, but cut off after {digits} decimals.",
                "Leave out int or np.trunc. To see fewer digits, round what you print.",
            )
    return None


def cut_short(array: np.ndarray) -> bool:
    """Whether all numbers have been rounded: to some decimals, or to single precision."""
    return any(_decimals(array)) or bool(_held_in_single(array).all())


def _decimals(array: np.ndarray) -> Iterator[int]:
    """Yield each number of decimals to which all numbers have been rounded."""
    return (d for d in range(3, 15) if np.array_equal(np.round(array, d), array))


def _held_in_single(array: np.ndarray) -> np.ndarray:
    """Which numbers float32 can hold exactly."""
    return np.asarray(array.astype(np.float32).astype(np.float64) == array)


def _single(name: str, came: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> Words | None:
    """Say that the wrong numbers are exact in float32, and all are right to its precision."""
    held = _held_in_single(came)
    scale = np.abs(wanted).max()
    if not (held[wrong].all() and _enough(came[wrong]) and _near(came, wanted, 1e-6, scale)):
        return None
    return (
        "single-precision",
        f"{name} is right to the seven digits that float32 holds, and no further.",
        "Your function is given float64, which holds sixteen. "
        + perhaps((Slip("astype(np.float32) or dtype=np.float32"),)),
    )


def _near(a: np.ndarray, b: np.ndarray, rtol: float, scale: float) -> bool:
    return bool(np.allclose(a, b, rtol=rtol, atol=rtol * scale))


def _cut(name: str, came: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> Words | None:
    """Say that what lies beyond a bound comes back as the bound, while all the rest is right."""
    bounds = np.unique(came[wrong])
    low, high = came.min(), came.max()
    if not set(bounds) <= {low, high} or np.count_nonzero(wrong) < TELLING:
        return None
    beyond = np.where(came == low, wanted < low, wanted > high)
    if not beyond[wrong].all():
        return None
    where = " and ".join(_few_digits(bound) for bound in bounds)
    return (
        "clipped",
        f"{name} is nearly right, but cut off at {where}: what lies beyond comes back as that.",
        "Values beyond that are valid, too. "
        + perhaps((Slip("np.clip, np.maximum or np.minimum"),)),
    )


def _few_digits(x: float) -> str:
    """Write a number, near ±1 as a difference from it: ``1e-07``, ``1 − 1e-07``, ``−1 + 1e-07``."""
    beside = abs(x) - 1
    if not 0 < abs(beside) < 0.01:
        return f"{x:.4g}"
    return f"{'−1' if x < 0 else '1'} {'+' if (beside > 0) == (x > 0) else '−'} {abs(beside):.4g}"


def _added(name: str, came: np.ndarray, wanted: np.ndarray, wrong: np.ndarray) -> Words | None:
    """Say that all numbers are off by the same amount."""
    errors = came - wanted
    typical = float(np.median(errors))
    rounding = 4e-16 * max(1.0, np.abs(wanted).max())
    if abs(typical) < 100 * rounding or not _enough(wanted):
        return None
    if not np.allclose(errors, typical, rtol=1e-3, atol=4 * rounding):
        return None
    return (
        "epsilon-added",
        f"{name} is the right one {'plus' if typical > 0 else 'minus'} {abs(typical):.1g}, "
        "everywhere.",
        "The formula has no such number. "
        + perhaps((Slip("a small number that is added for safety's sake"),)),
    )


def _denominator(name: str, pairs: Pairs) -> Words | None:
    """Say that a small number seems to be added to a denominator.

    Evidence: 1/x is off by the same amount everywhere, as when it is added below the numerator 1.
    Or each row has one factor, always below 1, as when it is added to the sum by which the row is
    divided.
    """
    came, wanted = (np.concatenate([pair[i].ravel() for pair in pairs]) for i in (0, 1))
    large = np.abs(wanted) > 0.01 * np.abs(wanted).max()
    if not _enough(wanted[large]):
        return None
    off = 1 / came[large] - 1 / wanted[large]
    rounding = 4e-16 / np.abs(wanted[large])
    if abs(np.median(off)) > 100 * rounding.max() and np.all(
        np.abs(off - np.median(off)) <= 1e-3 * abs(np.median(off)) + 10 * rounding
    ):
        return _epsilon(name, f"about {np.median(off):.1g}")
    rows = [
        a[(clear := np.abs(b) > 1e-3)] / b[clear] - 1
        for left, right in pairs
        if left.ndim == 2
        for a, b in zip(left, right, strict=True)
    ]
    rows = [row for row in rows if len(row) > 1]
    if len(rows) < TELLING or any(pair[0].ndim != 2 for pair in pairs):
        return None
    factors = np.array([np.median(row) for row in rows])
    same = all(
        np.all(np.abs(row - factor) <= 1e-3 * abs(factor) + 1e-12)
        for row, factor in zip(rows, factors, strict=True)
    )
    alike = np.abs(factors).max() < 20 * np.abs(factors).min()
    if same and alike and np.all(factors < -1e-11) and len(np.unique(factors.round(14))) > 1:
        return _epsilon(name, "a small number")
    return None


def _epsilon(name: str, number: str) -> Words:
    return (
        "epsilon-added",
        f"{name} is nearly right, but not exact: it is as if {number} were added to what you "
        "divide by.",
        "Leave it out: where the exponentials are written so that they do not overflow, the "
        "denominator cannot be 0.",
    )
