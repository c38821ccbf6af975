"""An error of a learner's function, translated: its cause, and what was there.

===============  ============================================================================
``scene``        the frame and the expression that failed, and what a part of it was
``values``       what a value is, in words; shapes that are reckoned
``operands``     one value that takes part, and what can be wrong with it
``operators``    arithmetic, matrix products, comparisons, conditions
``elements``     indices, places that something is put into, unpacking, loops
``calls``        what is no function, arguments that do not fit, numpy's functions
``names``        names, attributes, imports, and errors that say by their kind what they are
``translation``  from an error to its cause: each of these looks in turn
===============  ============================================================================

A cause is said only where the expression that failed, and the types and shapes in the frame, show
it. The texts of errors change from version to version: they are the last thing that is looked at.
Nothing of the learner's is run: names are looked up, and shapes are reckoned. The causes, with
their words, stand in ``causes`` of the folder above.
"""

from bplab.learner.exceptions.translation import translated

__all__ = ["translated"]
