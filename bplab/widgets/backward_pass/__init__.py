"""The backward-pass panel: one example travels through a network and back, a step at a time."""

from bplab.widgets.backward_pass.panel import BackwardPassPanel, backward_pass

__all__ = [
    "BackwardPassPanel",
    "backward_pass",
]
