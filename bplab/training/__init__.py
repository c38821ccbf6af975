"""Gradient descent: the update, training of one network or of many, batches.

=============  ===========================================================================
``descent``    equations (12) and (13), starting weights, `train` and `train_many`
``batches``    one walk through all examples, a few at a time
``workspace``  forward and backward pass of a training loop, in memory that is reused
``in_place``   activations and their derivatives, written into arrays that are given
``arguments``  what a training may be given, and the errors for everything else
``loss_curve`` how a curve of losses ends
=============  ===========================================================================
"""

from bplab.training.batches import BatchGradients, one_epoch
from bplab.training.descent import (
    GradientFunction,
    Training,
    initial_weights,
    one_pass,
    train,
    train_many,
    update,
)

__all__ = [
    "BatchGradients",
    "GradientFunction",
    "Training",
    "initial_weights",
    "one_epoch",
    "one_pass",
    "train",
    "train_many",
    "update",
]
