"""The lines of a half-worked step, to be put in order: `parsons`.

============  =============================================================================
``panel``     the lines as buttons, the program made of them, and the outcome of running it;
              the puzzles are in `bplab.exercises.parsons`
``dragging``  the script in the page that lets lines be dragged
============  =============================================================================
"""

from bplab.widgets.parsons.panel import ParsonsPanel, parsons

__all__ = ["ParsonsPanel", "parsons"]
