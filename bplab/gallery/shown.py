"""One mistake in training, as the gallery shows it."""

from dataclasses import dataclass

import numpy as np

from bplab.exercises import Mistake
from bplab.gallery.verdict import Verdict

__all__ = ["Shown"]


@dataclass(frozen=True)
class Shown:
    """One mistake in training: its losses (epochs run + 1,), and the verdict on them."""

    mistake: Mistake
    losses: np.ndarray
    verdict: Verdict
