"""Translate an error of a learner's function: find its cause, and say which values are involved.

===============  ============================================================================
``scene``        the frame and the expression that failed, and the values of its parts
``values``       describe a value in words; work out the shapes of results
``operands``     what can be wrong with a single value that takes part
``operators``    errors in arithmetic, matrix products, comparisons and conditions
``elements``     errors with indices, stored elements, joined arrays, unpacking and loops
``calls``        calls of something that is not a function, wrong arguments, numpy's functions
``names``        errors with names, attributes and imports, and those whose class says it all
``translation``  from an error to its cause: ask each of the modules above in turn
===============  ============================================================================

A cause is named only where the failed expression, with the types and shapes in its frame, proves
it. The messages of errors come last, because they change from version to version. Nothing of the
learner's is run: names are looked up, and shapes are worked out. The causes and their words are in
``causes`` of the folder above.
"""

from bplab.learner.exceptions.translation import translated

__all__ = ["translated"]
