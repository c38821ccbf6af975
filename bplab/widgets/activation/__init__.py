"""The activation panel: value and derivative at one point, and differences that check them."""

from bplab.widgets.activation.panel import ActivationPanel, activation

__all__ = [
    "ActivationPanel",
    "activation",
]
