"""The playground: a network that learns while you watch, and change it, and go back.

============  =============================================================================
``data``      four sets in the plane, the penguins, or the learner's arrays
``model``     the run: trained step by step, with a way back to every epoch
``figure``    the plane with its examples, and the loss curves
``words``     the picture in words (alt text), read-out, table of both passes, failures to be
              predicted
``formulas``  of each number in that table, with its numbers filled in
``controls``  the controls, and where they stand
``player``    picture after picture, as fast as the page takes them
``panel``     all of these together
============  =============================================================================
"""

from bplab.widgets.playground.panel import Playground, playground

__all__ = [
    "Playground",
    "playground",
]
