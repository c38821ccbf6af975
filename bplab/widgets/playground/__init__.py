"""The playground: a network that learns while you watch; you can change it, and go back.

============  =============================================================================
``data``      the data sets: four in the plane, the penguins, or the learner's arrays
``model``     the run: a network trained step by step, with a way back to every epoch
``figure``    the picture: the plane with its examples, and the loss curves
``words``     the texts: the picture in words (alt text), the read-out, the table of both passes,
              and the presets that fail, with their questions
``formulas``  the formula of each number in that table, with its numbers filled in
``controls``  the controls, and the rows that they stand in
``player``    Play: picture after picture, as fast as the page takes them
``panel``     the panel, which puts all of these together
============  =============================================================================
"""

from bplab.widgets.playground.panel import Playground, playground

__all__ = [
    "Playground",
    "playground",
]
