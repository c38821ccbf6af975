"""Questions on a learner's own code, after a pass; their keys come from running variants of it.

==============  =============================================================================
``code``        the text of a function, and what comes when one like it runs
``edits``       small changes of a text: a slice, a sign, a factor, the order of lines
``cases``       what it is tried on
``outcomes``    what may come of a change, and which of it is true
``changed``     what becomes of the answer if the code is changed?
``given``       what becomes of it if the function is given something else?
``values``      which value, or which shape, has a name at a line?
``quantities``  which quantity of the paper is it?
``session``     which questions are asked, and whether they can be
==============  =============================================================================

What a question is, is in `bplab.exercises.review`; the text of functions that have passed is kept
by `bplab.exercises.mine`; the panel is in `bplab.widgets`.
"""

from bplab.exercises.explain.session import ON_CODE, OwnCode, begin_explain

__all__ = ["ON_CODE", "OwnCode", "begin_explain"]
