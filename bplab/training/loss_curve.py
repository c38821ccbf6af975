"""What to look for in a loss curve; shared by all that puts a training into words."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["jumps", "still_falling", "times", "updates_with_numbers"]

JUMP = 1.01  # a rise by more than 1 % is a jump, not rounding
FALLING = 0.01  # what the last tenth of the epochs still takes off the loss


def updates_with_numbers(losses: NDArray) -> int | None:
    """After how many updates the loss is no finite number for the first time; None if never."""
    finite = np.isfinite(losses)
    return None if finite.all() else int(np.argmin(finite))


def jumps(losses: NDArray) -> NDArray:
    """Epochs, counted from 0, in which the loss jumps up."""
    return np.flatnonzero(losses[1:] > JUMP * losses[:-1])


def still_falling(losses: NDArray) -> bool:
    """Whether the last tenth of the epochs has still taken something off the loss."""
    before = losses[-1 - max(1, (len(losses) - 1) // 10)]
    return bool(before - losses[-1] > FALLING * before)


def times(count: int, what: str) -> str:
    """Return ``"1 epoch"`` or ``"2 epochs"``."""
    return f"{count} {what}{'s' * (count != 1)}"
