"""Still figures for the notebooks, each with its description for those who cannot see it.

Every function returns a `Picture`: shown by itself at the end of a cell, in JupyterLab, in
exported pages and in notebooks that nobody runs. Colours come from the Okabe-Ito set and never
carry a meaning alone.
"""

from bplab.plots.activations import activation_curves, softmax_curves
from bplab.plots.curves import loss_curves, step_curve
from bplab.plots.data import penguin_scatter
from bplab.plots.deep_network import deep_network_diagram, gradient_norms
from bplab.plots.descent import descent_paths, tangent_step
from bplab.plots.digits import confusion_table, digit_images
from bplab.plots.network import network_diagram
from bplab.plots.picture import Picture
from bplab.plots.slope import chords
from bplab.plots.softmax import jacobian_heatmap, output_paths

__all__ = [
    "Picture",
    "activation_curves",
    "chords",
    "confusion_table",
    "deep_network_diagram",
    "descent_paths",
    "digit_images",
    "gradient_norms",
    "jacobian_heatmap",
    "loss_curves",
    "network_diagram",
    "output_paths",
    "penguin_scatter",
    "softmax_curves",
    "step_curve",
    "tangent_step",
]
