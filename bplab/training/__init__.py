"""Gradient descent: the update, training of one network or of many, batches.

=============  ===========================================================================
``descent``    equations (12) and (13), starting weights, `train` and `train_many`, and
               verdicts on their loss curves
``batches``    one epoch in batches: an update after every few examples
``workspace``  the fast path: both passes in arrays that are allocated once
=============  ===========================================================================
"""

from bplab.training.batches import BatchGradients, one_epoch
from bplab.training.descent import (
    GradientFunction,
    RateVerdict,
    Training,
    check_gamma,
    checked_network,
    initial_weights,
    judge_rate,
    jumps,
    one_pass,
    still_falling,
    times,
    train,
    train_many,
    update,
    updates_with_numbers,
)
from bplab.training.workspace import Workspace

__all__ = [
    "BatchGradients",
    "GradientFunction",
    "RateVerdict",
    "Training",
    "Workspace",
    "check_gamma",
    "checked_network",
    "initial_weights",
    "judge_rate",
    "jumps",
    "one_epoch",
    "one_pass",
    "still_falling",
    "times",
    "train",
    "train_many",
    "update",
    "updates_with_numbers",
]
