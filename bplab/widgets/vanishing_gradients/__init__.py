"""The vanishing-gradients panel: what depth, activation and weights do to each layer's gradient."""

from bplab.widgets.vanishing_gradients.panel import (
    PRESETS,
    VanishingGradientsPanel,
    vanishing_gradients,
)

__all__ = [
    "PRESETS",
    "VanishingGradientsPanel",
    "vanishing_gradients",
]
