"""Five minutes of questions about exercises that the learner has passed: `review`.

==========  ===============================================================================
``asked``   `review`: in a notebook a panel, elsewhere plain text
``panel``   the panel: a question, its choices as buttons, and the explanation
``curves``  questions about loss curves, which need trainings; all other questions are
            made in `bplab.exercises.review`
``words``   the texts around the questions
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
