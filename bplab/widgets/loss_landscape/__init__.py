"""The loss-landscape panel: gradient descent seen from above, on two weights of a network."""

from bplab.widgets.loss_landscape.panel import LossLandscapePanel, loss_landscape

__all__ = [
    "LossLandscapePanel",
    "loss_landscape",
]
