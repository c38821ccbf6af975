"""The activation panel: value, derivative, and the differences that check it, at one point."""

from bplab.widgets.activation.panel import ActivationPanel, activation

__all__ = [
    "ActivationPanel",
    "activation",
]
