"""The step-size panel: which step h makes a numerical gradient best, and why."""

from bplab.widgets.step_size.panel import StepSizePanel, step_size

__all__ = [
    "StepSizePanel",
    "step_size",
]
