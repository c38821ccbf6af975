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
``counted``     questions that earn points, and the line with the answers to them
==============  =============================================================================

What a question is, is in `bplab.exercises.review`; the text of functions that have passed is kept
by `bplab.exercises.mine`; the panel is in `bplab.widgets`.
"""

from bplab.exercises.explain.code import Code, Seen
from bplab.exercises.explain.counted import (
    EXPLAIN,
    LETTERS,
    UNANSWERED,
    Answers,
    Sheet,
    answer_line,
    begin_counted,
    read_answers,
    sheet_of,
)
from bplab.exercises.explain.edits import Edit, Span
from bplab.exercises.explain.session import ON_CODE, OwnCode, begin_explain

__all__ = [
    "EXPLAIN",
    "LETTERS",
    "ON_CODE",
    "UNANSWERED",
    "Answers",
    "Code",
    "Edit",
    "OwnCode",
    "Seen",
    "Sheet",
    "Span",
    "answer_line",
    "begin_counted",
    "begin_explain",
    "read_answers",
    "sheet_of",
]
