"""The backward-pass panel: one example travels through a network and back, a step at a time.

============  =============================================================================
``model``     the numbers: one example through a small network, and back
``labels``    places for the labels on edges: on no crossing, and not on each other
``learner``   the learner's own functions, compared with the reference
``figure``    the picture: the network, with what the present step computes
``words``     the texts: formulas with the numbers put in, comments, verdicts
``panel``     the panel, which puts these together; controls that follow the network
============  =============================================================================
"""

from bplab.widgets.backward_pass.panel import BackwardPassPanel, backward_pass

__all__ = [
    "BackwardPassPanel",
    "backward_pass",
]
