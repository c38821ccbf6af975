"""The lines of a half-worked step, to be put in order: `parsons`.

============  =============================================================================
``panel``     the lines as buttons, the program that they make, and what came of running it;
              the puzzles are in `bplab.exercises.parsons`
``dragging``  what the page does with a line that is dragged
============  =============================================================================
"""

from bplab.widgets.parsons.panel import ParsonsPanel, parsons

__all__ = ["ParsonsPanel", "parsons"]
