"""The playground: a network that learns while you watch, and change it, and go back."""

from bplab.widgets.playground.panel import Playground, playground

__all__ = [
    "Playground",
    "playground",
]
