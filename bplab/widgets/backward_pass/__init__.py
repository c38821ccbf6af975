"""The backward-pass panel: one example travels through a network and back, a step at a time.

============  =============================================================================
``model``     one example through a small network, and back
``labels``    where labels on the edges stand: on no crossing, and not on each other
``learner``   the learner's own functions beside the reference
``figure``    the network, and on it what the step computes
``words``     the step in words: formulas with the numbers put in
``panel``     all of these together, and controls that follow the network
============  =============================================================================
"""

from bplab.widgets.backward_pass.panel import BackwardPassPanel, backward_pass

__all__ = [
    "BackwardPassPanel",
    "backward_pass",
]
