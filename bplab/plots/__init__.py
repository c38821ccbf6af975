"""Still figures for the notebooks, each with its description for those who cannot see it.

Every figure function returns a `Picture`. At the end of a cell it shows itself: in JupyterLab, in
exported pages, and in notebooks that nobody runs. Colours come from the Okabe-Ito set, and colour
alone never carries a meaning. In a dark theme paper and ink change places.

==============  ==========================================================================
``picture``     `Picture`, and what all figures share: colours, markers, subscripts
``network``     networks drawn in columns, with the path that a gradient follows
``curves``      activations and their derivatives, losses, errors and sizes of gradients
``one_weight``  functions of one weight: chords, the tangent, paths of descent
``nodes``       graphs of single numbers, each computed from others
``tables``      matrices as tables of numbers
``data``        the data sets: penguins, digits, and the weights that read digits
==============  ==========================================================================
"""

from bplab.plots.curves import (
    activation_curves,
    gradient_norms,
    loss_curves,
    softmax_curves,
    step_curve,
)
from bplab.plots.data import digit_images, penguin_scatter, weight_images
from bplab.plots.network import deep_network_diagram, network_diagram, output_paths
from bplab.plots.nodes import node_graph
from bplab.plots.one_weight import chords, descent_paths, tangent_step
from bplab.plots.picture import (
    BLUE,
    COLOURS,
    DARK_THEMES,
    DASHES,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    Picture,
    blank_figure,
    small_png,
    sub,
)
from bplab.plots.tables import confusion_table, jacobian_heatmap

__all__ = [
    "BLUE",
    "COLOURS",
    "DARK_THEMES",
    "DASHES",
    "GREEN",
    "GREY",
    "MARKERS",
    "ORANGE",
    "Picture",
    "activation_curves",
    "blank_figure",
    "chords",
    "confusion_table",
    "deep_network_diagram",
    "descent_paths",
    "digit_images",
    "gradient_norms",
    "jacobian_heatmap",
    "loss_curves",
    "network_diagram",
    "node_graph",
    "output_paths",
    "penguin_scatter",
    "small_png",
    "softmax_curves",
    "step_curve",
    "sub",
    "tangent_step",
    "weight_images",
]
