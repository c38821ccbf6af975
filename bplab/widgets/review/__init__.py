"""Five minutes on what has passed: `review`.

==========  ===============================================================================
``asked``   the function: in a notebook a panel, elsewhere plain text
``panel``   question, buttons, explanation
``curves``  questions about loss curves, which need trainings; the others are made in
            `bplab.exercises.review`
``words``   what stands around the questions
==========  ===============================================================================
"""

from bplab.widgets.review.asked import Said, ask, in_notebook, posed, review
from bplab.widgets.review.panel import STYLE, ReviewPanel, question_html, shown_html

__all__ = [
    "STYLE",
    "ReviewPanel",
    "Said",
    "ask",
    "in_notebook",
    "posed",
    "question_html",
    "review",
    "shown_html",
]
