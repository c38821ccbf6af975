"""The softmax panel: outputs that sum to 1, their Jacobian, and why its diagonal is not enough."""

from bplab.widgets.softmax.panel import SoftmaxPanel, softmax

__all__ = [
    "SoftmaxPanel",
    "softmax",
]
