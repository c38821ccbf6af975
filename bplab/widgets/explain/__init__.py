"""Three questions about the learner's own code, once it has passed: `explain`.

=========  ===============================================================================
``asked``  `explain`: in a notebook the panel of `bplab.widgets.review`, elsewhere text
``sheet``  the questions that earn points, and `explained`, which records the answers
``words``  the texts around the questions, and the summary at the end
=========  ===============================================================================
"""

from bplab.widgets.explain.asked import explain
from bplab.widgets.explain.sheet import QuestionSheet, explained

__all__ = ["QuestionSheet", "explain", "explained"]
