"""Gradient descent: the update, training of one network or of many, batches.

=============  ===========================================================================
``descent``    equations (12) and (13), starting weights, `train` and `train_many`, and what
               their curves of losses show
``batches``    one walk through all examples, a few at a time
``workspace``  the fast path: forward and backward pass in memory that is used again
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
