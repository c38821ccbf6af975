"""What a loss curve says about its learning rate, in one sentence."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.training import jumps, still_falling, times, updates_with_numbers

LEARNT = 0.1  # of the loss at the start


class Verdict(NamedTuple):
    """Whether the training diverged, whether γ was too large, and a sentence with numbers."""

    diverged: bool
    too_large: bool
    sentence: str


def judge(losses: NDArray) -> Verdict:
    """Judge a training by its losses.

    Parameters
    ----------
    losses : ndarray, shape (epochs run + 1,)
        R(θ) before the first update and after each one; the last may be infinite or NaN.

    Returns
    -------
    Verdict
    """
    start, end, epochs = losses[0], losses[-1], len(losses) - 1
    updates = updates_with_numbers(losses)
    if updates is not None:
        return Verdict(
            True,
            True,
            f"diverged: after {times(updates, 'update')} the loss was no number any more.",
        )
    if end > start:
        return Verdict(
            False,
            True,
            f"too large: the loss rises from {start:.3g} to {end:.3g}; if it also rises with the "
            "smallest γ, the gradient is wrong.",
        )
    up = jumps(losses)
    if up.size:
        worst = up[np.argmax(losses[up + 1] - losses[up])]
        return Verdict(
            False,
            True,
            f"too large: the loss jumps up {times(up.size, 'time')}, at worst from "
            f"{losses[worst]:.3g} to {losses[worst + 1]:.3g} in epoch {worst + 1}, and ends at "
            f"{end:.3g}.",
        )
    share = f"{end / start:.0%}" if start else "100%"
    if start and end <= LEARNT * start:
        return Verdict(
            False,
            False,
            f"learns well: the loss falls from {start:.3g} to {end:.3g} without a jump.",
        )
    if still_falling(losses):
        return Verdict(
            False,
            False,
            f"learns slowly: after {times(epochs, 'epoch')} the loss is still {end:.3g}, "
            f"{share} of its start, and falling.",
        )
    return Verdict(
        False,
        False,
        f"stands still: the loss stays at {end:.3g}, {share} of its start.",
    )
