"""Three questions on one's own code, after a pass: `explain`.

=========  ===============================================================================
``asked``  the function: in a notebook the panel of `bplab.widgets.review`, elsewhere text
``sheet``  questions that earn points, and `explained`, which takes the answers down
``words``  what stands around them, and what came of it
=========  ===============================================================================
"""

from bplab.widgets.explain.asked import explain
from bplab.widgets.explain.sheet import QuestionSheet, explained

__all__ = ["QuestionSheet", "explain", "explained"]
