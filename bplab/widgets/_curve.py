"""Loss curves in a drawing: which epochs tell something, and where ticks stand."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["heights", "round_step", "round_ticks", "telling"]


def telling(losses: NDArray, columns: int) -> NDArray:
    """Return the epochs of the lowest and the highest loss in each column, the first, the last.

    No number counts as the highest.
    """
    last = len(losses) - 1
    if last <= 2 * columns:
        return np.arange(last + 1)
    width = -(-(last + 1) // columns)
    padded = np.full(width * -(-(last + 1) // width), losses[-1])
    padded[: last + 1] = losses
    rows = np.where(np.isnan(padded), np.inf, padded).reshape(-1, width)
    starts = np.arange(len(rows)) * width
    found = np.concatenate([starts + rows.argmin(axis=1), starts + rows.argmax(axis=1), [0, last]])
    return np.unique(np.minimum(found, last))


def heights(losses: NDArray, low: int, high: int) -> NDArray:
    """Return where losses are from decade ``low`` (0) to ``high`` (1); no number is at the top."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (np.log10(losses) - low) / (high - low)
    return np.clip(np.nan_to_num(share, nan=1.0), 0, 1)


def round_step(epochs: int) -> int:
    """A round number of which 4 to 8 fit in."""
    step = 10 ** max(0, len(str(epochs)) - 2)
    for factor in (1, 2, 5, 10, 20, 50, 100):
        if epochs / (factor * step) <= 7:
            return factor * step
    return epochs


def round_ticks(low: float, high: float) -> list[float]:
    """Return 3 to 7 round numbers between two."""
    span = (high - low) / 7
    power = 10.0 ** np.floor(np.log10(span))
    step = power * next(factor for factor in (1, 2, 5, 10, 20) if factor * power >= span)
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]
