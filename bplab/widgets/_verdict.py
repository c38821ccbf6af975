"""What a loss curve says about its learning rate, in one sentence."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

JUMP = 1.01  # a rise by more than 1 % is a jump, not rounding
LEARNT = 0.1  # of the loss at the start
FALLING = 0.01  # what the last tenth of the epochs still takes off the loss


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
    finite = np.isfinite(losses)
    if not finite.all():
        first = int(np.argmin(finite))
        return Verdict(
            True,
            True,
            f"diverged: after {_times(first, 'update')} the loss was no number any more.",
        )
    if end > start:
        return Verdict(
            False,
            True,
            f"too large: the loss rises from {start:.3g} to {end:.3g}; if it also rises with the "
            "smallest γ, the gradient is wrong.",
        )
    jumps = np.flatnonzero(losses[1:] > JUMP * losses[:-1])
    if jumps.size:
        worst = jumps[np.argmax(losses[jumps + 1] - losses[jumps])]
        return Verdict(
            False,
            True,
            f"too large: the loss jumps up {_times(jumps.size, 'time')}, at worst from "
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
    before = losses[-1 - max(1, epochs // 10)]
    if before - end > FALLING * before:
        return Verdict(
            False,
            False,
            f"learns slowly: after {_times(epochs, 'epoch')} the loss is still {end:.3g}, "
            f"{share} of its start, and falling.",
        )
    return Verdict(
        False,
        False,
        f"stands still: the loss stays at {end:.3g}, {share} of its start.",
    )


def _times(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
