"""Questions on a learner's own code, after it has passed; running variants gives the answers.

==============  =============================================================================
``code``        the text of a learner's function; running it, or a changed text
``edits``       small changes of a text: a slice, a sign, a factor, the order of lines
``cases``       the cases that the function and its variants are run on
``outcomes``    what a change may do to the answer, and which of these statements are true
``changed``     question: what becomes of the answer if the code is changed?
``given``       question: what becomes of it if the function is given something else?
``values``      question: which value, or which shape, does a name have at a line?
``quantities``  question: which quantity of the paper is a name, or a part of a line?
``session``     draws the questions, or says why there are none
``counted``     questions that earn points, and the line with the answers to them
==============  =============================================================================

A question is an `Item` of `bplab.exercises.review`. `bplab.exercises.mine` keeps the text of
functions that have passed. The panel is in `bplab.widgets`.
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
