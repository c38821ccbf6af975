"""The softmax panel: outputs that share 1, their Jacobian, and what its diagonal would lose."""

from bplab.widgets.softmax.panel import SoftmaxPanel, softmax

__all__ = [
    "SoftmaxPanel",
    "softmax",
]
