"""Three questions on one's own code, after a pass: `explain`.

=========  ===============================================================================
``asked``  the function: in a notebook the panel of `bplab.widgets.review`, elsewhere text
``words``  what came of it
=========  ===============================================================================
"""

from bplab.widgets.explain.asked import explain

__all__ = ["explain"]
